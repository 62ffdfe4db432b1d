# ruff: noqa: RUF001  letters of many alphabets, each where it belongs
"""Bytes that are no Unicode are read in the one encoding in which they make sense, or refused; never in another."""

from contextlib import suppress
from pathlib import Path

import pytest

from documents.decoding import Unreadable, decoded

FIELD = Path(__file__).parent / "field"

SURE = [
    ("cp1250", "Jiří Dvořák\nZkušenosti\nVedl jsem tým osmi lidí při přestavbě účetního systému."),
    ("cp1250", "Zażółć gęślą jaźń. Prowadziłem zespół ośmiu osób i wdrożyłem nowy system płatności."),
    ("cp1250", "Vezettem egy nyolc fős csapatot, és átépítettük a könyvelési rendszert. Örömmel jövők."),
    ("cp1254", "Ayşe Yılmaz: Merhaba, bu projeyi biz başlattık ve çok güzel geçti.\nOğuz: Evet, ne kadar sürdü?"),
    ("cp1254", "Yılmaz Şahin\nDeneyim\nSekiz kişilik bir ekibi yönettim ve sistemi baştan kurdum."),
    ("cp1252", "Søren Jørgensen: Vi begyndte på projektet i vinter, og det gik godt."),
    ("cp1252", "François: Nous avons commencé le projet l\u2019été dernier, après la réunion à Nîmes."),
    ("cp1252", "Ada Lin: We met Zoë, Søren and Muñoz at the launch, and it was fine."),
    ("cp1252", "¿Cuándo empezó? El año pasado, con María Muñoz y la señora Ibáñez."),
    ("cp1252", "Ada Lin: I\u2019ve led it \u2013 and it was \u201chard\u201d\u2026 for \u20ac2."),
    ("cp1252", "Ada Lin\nRésumé\nLed the rebuild of a ledger and the café in it."),
    ("mac_roman", "François: Nous avons commencé le projet l\u2019été dernier, après la réunion à Nîmes."),
    ("koi8_r", "Анна: Здравствуйте, мы начали проект.\nЮлия: Да, мы начали зимой.\n"),
    ("cp1253", "Άννα: Καλημέρα, ξεκινήσαμε το έργο και πήγε καλά.\nΝίκος: Από πότε είναι;"),
    ("cp1255", "דנה: שלום, אני התחלתי את הפרויקט.\nיוסי: כן, זה היה של החברה."),
    ("cp1256", "سارة: مرحبا، نحن بدأنا المشروع في الشتاء.\nعلي: نعم، كان هذا من الشركة."),
    ("euc_jp", "田中: はい、そうです。プロジェクトを始めました。\n鈴木: わかりました。\n"),
    ("cp949", "김: 네, 우리가 프로젝트를 시작했습니다.\n이: 좋습니다."),
    ("gb18030", "王芳: 你好, 我们在三个月里做了这个项目, 我是负责人。\n李: 好的。"),
    ("big5", "王芳: 你好, 我們在三個月裡做了這個專案, 我是負責人。\n李: 好的。"),
    ("utf-16-le", "Ada Lin: I led it.\nMara: Good."),
    ("utf-16-be", "Ada Lin: I led it.\nMara: Good."),
]


@pytest.mark.parametrize(("encoding", "text"), SURE)
def test_what_makes_sense_in_one_encoding_is_read_in_it(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding), "cv.txt") == text


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, text in SURE if "utf" not in encoding])
@pytest.mark.parametrize("words", range(1, 8))
def test_less_of_it_is_read_so_or_refused(encoding: str, text: str, words: int) -> None:
    part = " ".join(text.split()[:words])
    with suppress(Unreadable):
        assert decoded(part.encode(encoding), "cv.txt") == part


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Jørgen"), ("cp1250", "Dvořák"), ("cp1251", "Юля")])
def test_one_name_is_too_little_to_tell(encoding: str, name: str) -> None:
    with pytest.raises(Unreadable, match="Save it as UTF-8"):
        decoded(name.encode(encoding), "cv.txt")


ENGLISH = "Led a rebuild of the ledger with eight people, and it was on time for all of the team in the north."


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1250", "Petr Kučera"), ("cp1250", "Łukasz Nowak"), ("cp1250", "Tomáš Hala"), ("cp1250", "Michał Wójcik"),
        ("iso8859_2", "Kučera"), ("iso8859_16", "Ștefan Popescu"), ("cp1254", "İpek Lin"), ("cp1257", "Kārlis Lin"),
        ("cp1252", "Hélène Dubé"), ("cp850", "Müller"), ("cp437", "Müller"), ("cp850", "Renée"), ("cp1252", "Søren"),
        ("cp1252", "René Müller"), ("mac_roman", "José Nuñez"), ("cp1252", "Zoë"), ("cp1250", "Šarić"),
        ("cp1252", "Élise"), ("cp1252", "Ørsted"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}\n{}", "{1}\n{0}: yes.", "{0}\n\n{1} {1}\n{1}"])
def test_a_name_in_english_has_its_letters_or_is_asked_about(form: str, encoding: str, name: str) -> None:
    text = form.format(name, ENGLISH)
    with suppress(Unreadable):
        assert decoded(text.encode(encoding), "cv.txt") == text


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "René Müller"), ("cp1252", "A naïve café, à la carte"), ("mac_roman", "Zoé"), ("cp1252", "Déjà vu")],
)
def test_a_name_that_is_the_same_in_all_encodings_is_read(encoding: str, name: str) -> None:
    text = f"{name}\n{ENGLISH}"
    assert decoded(text.encode(encoding), "cv.txt") == text


@pytest.mark.parametrize(
    "text", ["Jörg Müller: größer", "It\u2019s \u201cmine\u201d \u2013 yes", "Jiří Dvořák", "Анна: да", "李雅: 好的"]
)
def test_what_was_encoded_twice_is_decoded_twice(text: str) -> None:
    western = "".join(
        bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1") for byte in text.encode()
    )
    assert decoded(western.encode(), "cv.txt") == text
    assert decoded(text.encode(), "cv.txt") == text
    mixed = f"{western} – café"
    assert decoded(mixed.encode(), "cv.txt") == mixed


RESUMES = [
    ("gbk", "王小明\n工作经历\n二零二零年至今在某某科技有限公司担任高级软件工程师, 负责支付系统的架构设计与开发。"),
    ("big5", "王小明\n工作經歷\n二零二零年至今在某某科技有限公司擔任資深軟體工程師, 負責支付系統的架構設計與開發。"),
]


@pytest.mark.parametrize(("encoding", "text"), RESUMES)
def test_a_chinese_resume_is_read_in_its_encoding(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding), "cv.txt") == text


def test_a_czech_resume_has_its_own_letters() -> None:
    text = decoded((FIELD / "r05-czech-cp1250.txt").read_bytes(), "cv.txt")
    assert "Jiří Dvořák" in text
    assert "Zkušenosti" in text


def test_the_envelope_of_a_form_is_no_text() -> None:
    with pytest.raises(Unreadable, match="Send the file itself as the body"):
        decoded((FIELD / "r11-multipart-envelope.bin").read_bytes(), "cv.txt")
