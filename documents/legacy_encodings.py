# ruff: noqa: RUF001  letters of many alphabets, each where it belongs
"""Legacy encodings: what bytes that are no Unicode say, if only one reading of them makes sense.

A reading makes sense if its letters are those of one language, and stand as letters do. Where several readings do, the
commonest words of the languages decide, and where they do not, nothing does: a name with wrong letters is worse than
a question.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class _Language(NamedTuple):
    encodings: tuple[str, ...]
    letters: frozenset[str]
    words: frozenset[str]


def _language(encodings: str, letters: str, words: str) -> _Language:
    both = letters + "".join(letter.upper() for letter in letters if len(letter.upper()) == 1)
    return _Language(tuple(encodings.split()), frozenset(both), frozenset(words.split()))


_WESTERN = "cp1252 mac_roman"
_CENTRAL = "cp1250 iso8859_2"
_CYRILLIC = "cp1251 koi8_r cp866 iso8859_5"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_ENGLISH = "the and of to in was for with that is on at we i it so did yes"
_LANGUAGES = (
    _language(_WESTERN, "éèïöüêçñ", _ENGLISH),
    _language(_WESTERN, "éèêëàâæçîïôœùûüÿ«»", "le la les de des et un une du en est que pour dans avec je nous sur"),
    _language(_WESTERN, "äöüßéà", "der die das und in den von zu mit ist für auf nicht ich wir ein eine im dem"),
    _language(_WESTERN, "áéíñóúü¿¡ºª", "el la los las de y en que un una por con para del se es su al como"),
    _language(_WESTERN, "áâãàçéêíóôõúüºª", "o a os as de e em que um uma do da no na para com por não se"),
    _language(_WESTERN, "àèéìíîòóùú", "il la le lo di e in che un una per con del della sono ho è non si"),
    _language(_WESTERN, "æøåéèêóôòâü", "og i at er en et det af på for med til som har jeg vi ikke den av"),
    _language(_WESTERN, "åäöéüà", "och i att det som en på är av för med jag vi har den inte ett ja on se että oli"),
    _language(_WESTERN, "éëïèöüáóúêíàç", "de het een en van in is dat op te met voor ik wij zijn niet aan"),
    _language(_WESTERN, "áðéíóúýþæö", "og að í á er sem var ég við til með ekki um hann hún það en"),
    _language(_WESTERN, "àçèéíïòóúü·", "el la els les de i en que un una per amb del és no va"),
    _language(_CENTRAL, "áčďéěíňóřšťúůýž", "a v na se je že s z do o jsem jsme to pro za po jako i by tak ve"),
    _language(_CENTRAL, "áäčďéíĺľňóôŕšťúýž", "a v na sa je že s z do o som sme to pre za po ako aj by tak vo"),
    _language(_CENTRAL, "ąćęłńóśźż", "w i na z do się nie to jest że o po za od jak oraz dla przez"),
    _language(_CENTRAL, "áéíóöőúüű", "a az és egy hogy nem is de van volt meg ez azt én mi vagy"),
    _language(_CENTRAL + " iso8859_16", "ăâîșțşţ", "și şi de la în a cu pe un o am din pentru nu că este care"),
    _language(_CENTRAL, "čćđšž", "i u je na se da za od su sam smo s o kao iz ne što in v za pri"),
    _language("cp1254", "çğıöşüâîûİ", "ve bir bu ile da de için olarak çok ben biz daha en var ama ne gibi"),
    _language("cp1257", "ąčęėįšųūžāēģīķļņõäöü", "ir ar un par kā no ja on see ei kui ta oli bet kad yra aš mes"),
    _language(_CYRILLIC, _RUSSIAN + "№", "и в не на что я с как это мы вы да но по к у за от из он был"),
    _language(
        "cp1251 koi8_u iso8859_5",
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяʼ№",
        "і в не на що я з як це ми ви та але по до за від із він є у",
    ),
    _language(
        "cp1251 iso8859_5",
        "абвгдежзийклмнопрстуфхцчшщъьюя№",
        "и в не на че аз с как това ние вие да но по към за от из той е се",
    ),
    _language(
        "cp1251 iso8859_5", "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ", "и у не на да је се са смо сам за од а што као во со"
    ),
    _language(
        "cp1253",
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        "και το η ο να του της με για που στο από είναι τα δεν θα σε",
    ),
    _language("cp1255 iso8859_8", "אבגדהוזחטיךכלםמןנסעףפץצקרשת", "של את על לא זה אני הוא עם גם כי היה אנחנו מה כן אבל"),
    _language(
        "cp1256 iso8859_6",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچژگک،؛؟",
        "في من على أن إلى لا ما هذا كان مع هو التي عن نحن",
    ),
)
_MIXED = _language("cp1252", "áàâäãåæçéèêëíìîïñóòôöõøœúùûüýÿßš«»", "")
"""English, with names from anywhere in the west."""

_SIGNS = frozenset("\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u2039\u203a«»€£§°©®™·\u00a0\u00ad")
_NOT_BEFORE_A_LETTER = frozenset("£€§©®™·")
_NOT_BEHIND_A_LETTER = frozenset("£€§")
_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]")
_TWICE = re.compile("[\x00-\x7f]*[\u00c2-\u00f4][^\x00-\x7f]")
"""How a text begins whose letters were encoded twice: what makes one letter of several bytes."""
_BORROWED = frozenset(
    re.findall(
        r"\S+",
        "à café cafés naïve naïvely naïveté résumé résumés cliché clichés fiancé fiancée façade façades déjà "
        "protégé protégés entrée élite décor début crème brûlée exposé touché soirée née passé sauté attaché "
        "communiqué",
    )
)
_TWO_LETTERS = re.compile(r"[^\W\d_\x00-\x7f]{2}")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_STRANGERS = 0.02
"""How many of the letters may be another language's: a name in the text."""
_ENOUGH_ENGLISH = 0.1
"""Of the words."""
_FEWEST_WORDS = 2
"""So many of the commonest words must be there: less may be anything."""
_SAMPLE = 60_000
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_FEWEST_SIGNS = 8
_ENOUGH_LETTERS, _ENOUGH_KINDS = 5, 4
_COMMON_HANGUL = frozenset("이다는을를에의가은하고지한기도로사어요니습서")
_COMMON_SIMPLIFIED = frozenset(
    "工作经历教育背景大学公司责任负项目系统技能本科专业管理开设计团队年月至今毕科责级"
    "的一是不了在人有我他这中大来上国个到说们为子和你地出会时要就可以也后对生能而那得于着下自之年过发作里"
)
_COMMON_TRADITIONAL = frozenset(
    "工作經歷教育背景大學公司責任負項目系統技能本科專業管理開設計團隊年月至今畢科責級"
    "的一是不了在人有我他這中大來上國個到說們為子和你地出會時要就可以也後對生能而那得於著下自之年過發作裡"
)


def legacy_text(data: bytes) -> str | None:
    """Return what these bytes say, if that is sure; None if it is not."""
    wide = set(_east_asian(data))
    if len(wide) == 1:
        return wide.pop()
    readings = list(_readings(data))
    if not readings:
        mixed = _decoded(data, "cp1252")
        english = mixed is not None and _share(mixed, frozenset(_ENGLISH.split())) > _ENOUGH_ENGLISH
        return mixed if mixed is not None and english and _makes_sense(mixed, _MIXED) else None
    if _is_english_with_names(readings):
        # Whoever writes in English writes names of other languages too: each of these readings may have them right.
        if (borrowed := next((text for text, _ in readings if _is_borrowed(text)), None)) is not None:
            return borrowed
        only = readings[0][0]
        usual = readings[0][1] is _LANGUAGES[0] or only == _decoded(data, "cp1252")
        return only if len({text for text, _ in readings}) == 1 and (usual or _is_telling(readings)) else None
    scores: dict[str, int] = {}
    for text, language in readings:
        scores[text] = max(scores.get(text, 0), _hits(text, language.words))
    if len(scores) == 1 and _is_telling(readings):
        return readings[0][0]
    (best, most), *others = sorted(scores.items(), key=lambda each: -each[1])
    return best if most >= _FEWEST_WORDS and all(most >= 3 * hits for _, hits in others) else None


def once_decoded(text: str) -> str:
    """Return what a text says whose letters were taken for Western ones once, and written as UTF-8 again ("JÃ¶rg")."""
    if not _TWICE.match(text):
        return text
    try:
        return b"".join(map(_western_byte, text)).decode("utf-8")
    except UnicodeError:
        return text


def _western_byte(letter: str) -> bytes:
    return letter.encode("latin-1" if "\x80" <= letter <= "\x9f" else "cp1252")


def _is_english_with_names(readings: list[tuple[str, _Language]]) -> bool:
    english = frozenset(_ENGLISH.split())
    return all(_share(text, english) > _ENOUGH_ENGLISH for text, _ in readings)


def _is_borrowed(text: str) -> bool:
    """Whether all words with letters outside ASCII are such as English has taken from French."""
    foreign = {word for word in _WORD.findall(text[:_SAMPLE].casefold()) if not word.isascii()}
    return bool(foreign) and foreign <= _BORROWED


def _is_telling(readings: list[tuple[str, _Language]]) -> bool:
    """Whether so many different letters, all of one language written in Latin, can be no chance."""
    outside = [one for one in _OUTSIDE_ASCII.findall(readings[0][0][:_SAMPLE]) if one.isalpha()]
    latin = all(min(language.letters) < "\u0250" for _, language in readings)
    return latin and len(outside) >= _ENOUGH_LETTERS and len(set(outside)) >= _ENOUGH_KINDS


def _readings(data: bytes) -> Iterator[tuple[str, _Language]]:
    decoded: dict[str, str | None] = {}
    for language in _LANGUAGES:
        for encoding in language.encodings:
            if encoding not in decoded:
                decoded[encoding] = _decoded(data, encoding)
            text = decoded[encoding]
            if text is not None and _makes_sense(text, language):
                yield text, language


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _makes_sense(text: str, language: _Language) -> bool:
    latin = min(language.letters) < "\u0250"
    strangers = letters = 0
    for found in _OUTSIDE_ASCII.finditer(text[:_SAMPLE]):
        character = found.group()
        before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        if character not in language.letters:
            if character == "\u2019" or (character in _SIGNS and _may_stand(character, before, after)):
                continue
            if not character.isalpha() and (before.isalpha() or after.isalpha()):
                return False  # no sign stands in a word
            strangers += 1
        elif not latin and ((before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())):
            return False  # no word is written in two scripts
        elif character.isupper() and before.islower():
            strangers += 1  # no word goes on with a capital
        letters += 1
    if not latin and letters and not _TWO_LETTERS.search(text):
        return False  # no text has letters of another script that all stand alone
    return strangers <= letters * _MOST_STRANGERS and not ("\u203a" in text and "\u2039" not in text)


def _may_stand(sign: str, before: str, after: str) -> bool:
    """Whether a sign stands where signs do: never inside a word, and some not at its edge."""
    if before.isalpha() and after.isalpha():
        return False
    at_its_beginning = after.isalpha() and sign in _NOT_BEFORE_A_LETTER
    return not (at_its_beginning or (before.isalpha() and sign in _NOT_BEHIND_A_LETTER))


def _hits(text: str, words: frozenset[str]) -> int:
    return sum(word in words for word in _WORD.findall(text[:_SAMPLE].casefold()))


def _share(text: str, words: frozenset[str]) -> float:
    return _hits(text, words) / max(1, len(_WORD.findall(text[:_SAMPLE])))


def _east_asian(data: bytes) -> Iterator[str]:
    """Readings as Japanese, Korean or Chinese in which what is written most is most of what there is."""
    for encoding in ("cp932", "euc_jp", "cp949", "gb18030", "big5"):
        text = _decoded(data, encoding)
        if text is None:
            continue
        sample = text[:_SAMPLE]
        outside = len(_OUTSIDE_ASCII.findall(sample))
        if outside < _FEWEST_SIGNS:
            continue
        han = _HAN.findall(sample)
        if encoding in ("cp932", "euc_jp"):
            sure = len(_KANA.findall(sample)) * 4 > outside and not re.search("[\uff61-\uff9f]{3}", sample)
        elif encoding == "cp949":
            hangul = _HANGUL.findall(sample)
            sure = len(hangul) * 10 > outside * 8 and sum(one in _COMMON_HANGUL for one in hangul) * 6 > len(hangul)
        else:
            common = _COMMON_SIMPLIFIED if encoding == "gb18030" else _COMMON_TRADITIONAL
            hits = sum(one in common for one in han)
            sure = len(han) * 10 > outside * 7 and hits > 3 and hits * 6 > len(han)
        if sure:
            yield text
