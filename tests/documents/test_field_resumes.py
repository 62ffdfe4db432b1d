"""Résumés as people have them, after public reports of what was refused or misread; and more of each kind."""

import base64
import gzip
import json
import quopri

import pytest

from documents.decoding import Unreadable
from documents.document_reader import read_document
from domain.evidence.resume import Resume

CHINESE = """王小明
电话\uff1a13800000000
工作经历
二零二零年至今在某某科技有限公司担任高级软件工程师\uff0c负责支付系统的架构设计与开发\uff0c带领八人团队完成核心账务系统重构。
教育背景
二零一二年至二零一六年某某大学计算机科学与技术专业本科。
"""
JAPANESE = """山田花子
職務経歴
株式会社某某にて決済システムの設計と開発を担当し、八名のチームを率いて基幹会計システムの刷新を完了した。
学歴
某某大学工学部情報工学科卒業
"""
THAI = "สมชาย ใจดี\nทำงานเป็นวิศวกรซอฟต์แวร์อาวุโสรับผิดชอบการออกแบบระบบชำระเงินและนำทีมแปดคน\n"
ARROW = """Ada Lin
Support analyst --> team lead --> head of support
Led eight people through the rebuild of a ledger and moved all payments to instant rails in two years.
"""
BROKEN = """Ada Lin
Experience
I am con\ufb01dent in o\ufb03ce work\ufb02ows and \ufb01nance, and led the manage-
ment of a depart-
ment of twelve people for six years in two cities of the north.
"""
SUMMARY = "Led a rebuild of the ledger with eight people and moved all payments to instant rails in two years"
OTHER_NAMES = {
    "basics": {"name": "Ada Lin", "summary": SUMMARY},
    "certifications": [{"name": "Licensed actuary", "issuer": "Example Board"}],
    "Experience": [{"company": "Example", "title": "Lead"}],
}


def read(data: str | bytes, name: str = "cv.txt") -> Resume:
    text = read_document("resume", data.encode() if isinstance(data, str) else data, name).text
    assert isinstance(text, Resume)
    return text


@pytest.mark.parametrize("text", [CHINESE, JAPANESE, THAI, CHINESE.replace("\n", "\r\n")])
def test_where_words_have_no_spaces_between_them_characters_count(text: str) -> None:
    assert read(text).text.split() == text.split()


def test_a_few_characters_are_no_resume() -> None:
    with pytest.raises(Unreadable, match="too few words"):
        read("王小明\n工作经历\n软件工程师")


@pytest.mark.parametrize("quote", ["confident", "office workflows", "finance, and led the management of a department"])
def test_ligatures_and_hyphens_do_not_stand_between_a_quote_and_its_source(quote: str) -> None:
    resume = read(BROKEN)
    found = resume.locate(quote)
    assert found is not None
    assert resume.text[slice(*found)] in BROKEN


def test_sections_under_other_names_are_kept_and_can_be_quoted() -> None:
    resume = read(json.dumps(OTHER_NAMES), "cv.json")
    assert [section.name for section in resume.sections] == ["basics", "certificates", "work"]
    for quote in ("Licensed actuary, Example Board", "Example, Lead", SUMMARY):
        assert resume.locate(quote) is not None


@pytest.mark.parametrize(
    ("key", "section"),
    [("workExperience", "work"), ("Berufserfahrung", "work"), ("side_projects", "projects"), ("patents", "patents")],
)
def test_a_section_has_the_name_it_is_known_by_or_its_own(key: str, section: str) -> None:
    resume = read(json.dumps({"basics": {"summary": SUMMARY}, key: ["Built the harbour's tide tables"]}), "cv.json")
    found = resume.locate("Built the harbour's tide tables")
    assert found is not None
    assert resume.section_at(found[0]) == section


@pytest.mark.parametrize("place", ["name", "key", "nested"])
def test_half_a_character_is_told_in_a_sentence(place: str) -> None:
    basics = f'{{"name": "Ada Lin", "summary": "{SUMMARY}"'
    data = {
        "name": f'{{"basics": {basics}, "label": "\\ud83d"}}}}',
        "key": f'{{"basics": {basics}}}, "\\ud83dworks": ["words"]}}',
        "nested": f'{{"basics": {basics}}}, "work": [{{"highlights": ["\\ude00 led"]}}]}}',
    }[place]
    with pytest.raises(Unreadable, match="half a character"):
        read(data, "cv.json")


@pytest.mark.parametrize("text", [ARROW, f"{SUMMARY}\n{ARROW}", ARROW.replace("-->", "-->\n")])
def test_an_arrow_makes_no_subtitles(text: str) -> None:
    assert read(text).text.split() == text.split()


def test_subtitles_are_no_resume() -> None:
    with pytest.raises(Unreadable, match="is not a résumé"):
        read(f"1\n00:00:01,000 --> 00:00:04,000\n{SUMMARY}\n", "call.srt")


INSIDE = f"<p>Ada Lin</p><h2>Experience</h2><p>{SUMMARY}</p><h2>Education</h2>"
PAGES = {
    "as Word saves it": f"<html xmlns:o='x'><style>.MsoNormal {{color:red}} #y {{color:blue}}</style>{INSIDE}</html>",
    "after a comment": f"<!-- made by a job board --><!-- twice -->\n<html><body>{INSIDE}</body></html>",
    "without its frame": f"<div>{INSIDE}</div>",
    "a table alone": f"<table><tr><td>{INSIDE}</td></tr></table>",
    "its style first": f"<meta charset='utf-8'><style>.a{{color:black}}</style>{INSIDE}",
    "a paragraph first": INSIDE,
}


@pytest.mark.parametrize("name", ["cv.doc", "cv.html", "cv"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_read_whatever_it_begins_with_and_is_called(page: str, encoding: str, name: str) -> None:
    resume = read(PAGES[page].encode(encoding), name)
    assert [section.name for section in resume.sections] == ["basics", "work", "education"]
    assert resume.locate(SUMMARY) is not None


LETTER = "Руководила перестройкой учёта и перевела все платежи на новые рельсы за два года с восемью людьми. "  # noqa: RUF001
ENVELOPE = "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: {}\r\n{}\r\n"
PARTS = 'multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b"'


def web_archive(page: bytes, charset: str, coding: str = "quoted-printable") -> bytes:
    encoded = base64.encodebytes(page) if coding == "base64" else quopri.encodestring(page)
    part = f'--b\r\nContent-Type: text/html; charset="{charset}"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n'
    style = "--b\r\nContent-Type: text/css\r\n\r\np {color: red}\r\n"
    return ENVELOPE.format(PARTS, "").encode() + part.encode() + encoded + f"\r\n{style}--b--\r\n".encode()


@pytest.mark.parametrize("coding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_of_a_web_archive_the_page_is_read(charset: str, coding: str) -> None:
    resume = read(web_archive(f"<html><p>{LETTER * 2}</p></html>".encode(charset), charset, coding), "cv.doc")
    assert resume.text == (LETTER * 2).strip()


def test_of_a_mail_the_text_is_read_and_the_headers_are_not() -> None:
    mail = (
        ENVELOPE.format("text/plain; charset=utf-8", "Subject: Application\r\n") + f"Ada Lin\nExperience\n{SUMMARY}\n"
    )
    assert read(mail, "cv.eml").text == f"Ada Lin\n\nExperience\n{SUMMARY}"
    attached = f"--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\n{SUMMARY}\n--b--\n"
    with pytest.raises(Unreadable, match="a mail with files attached"):
        read(ENVELOPE.format(PARTS, "") + attached, "cv.eml")


@pytest.mark.parametrize("broken", ["nothing in it", "an encoding there is not", "parts in parts"])
def test_a_web_archive_that_cannot_be_read_is_told_in_a_sentence(broken: str) -> None:
    levels = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(3_000))
    data = {
        "nothing in it": ENVELOPE.format(PARTS, "").encode(),
        "an encoding there is not": web_archive(b"<p>Ada Lin</p>", "x-no-such"),
        "parts in parts": ENVELOPE.format("multipart/mixed; boundary=b0", "").encode() + levels.encode(),
    }[broken]
    with pytest.raises(Unreadable, match=r"cut off or damaged|shows no words"):
        read(data, "cv.mhtml")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (base64.encodebytes(ARROW.encode() * 2), "Base64"),
        (b"data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4 " * 30), "Base64"),
        (gzip.compress(ARROW.encode()), "an archive"),
        (b"Rar!\x1a\x07\x00" + b"x" * 100, "an archive"),
        (b'<?xml version="1.0"?><w:wordDocument xmlns:w="x"/>', "is XML"),
    ],
)
def test_an_envelope_is_no_text_to_quote(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data)


@pytest.mark.parametrize("wrap", ["[{}]", '{{"resume": {}}}', '{{"id": "7", "data": {}, "source": "a job board"}}'])
def test_a_resume_inside_something_else_is_read_and_so_is_that(wrap: str) -> None:
    resume = read(wrap.format(json.dumps({"basics": {"name": "Ada Lin", "summary": SUMMARY}})), "cv.json")
    assert resume.locate(SUMMARY) is not None
    assert ("a job board" in wrap) == ("a job board" in resume.text)


def test_what_stands_under_one_key_twice_is_kept_twice() -> None:
    basics = json.dumps({"name": "Ada Lin", "summary": SUMMARY})
    text = read(f'{{"basics": {basics}, "work": [{{"name": "One"}}], "work": [{{"name": "Two"}}]}}', "cv.json").text
    assert text.endswith("One\nTwo")


@pytest.mark.parametrize("begins", ["[Ada Lin](https://example.org)", "[ Ada Lin ]", "{ Ada Lin }"])
def test_a_bracket_makes_no_json(begins: str) -> None:
    assert read(f"{begins}\nExperience\n{SUMMARY}\n").text.startswith(begins)


HEADINGS = {
    "Spanish": ("Experiencia laboral", "FORMACIÓN ACADÉMICA", "Idiomas:"),
    "French": ("Expériences professionnelles", "Formation", "LANGUES"),
    "German": ("Berufserfahrung", "Ausbildung & Studium", "Sprachkenntnisse"),
    "Portuguese": ("Experiência profissional", "FORMAÇÃO ACADÊMICA", "Línguas"),
    "Italian": ("Esperienze professionali", "Istruzione e formazione", "- Lingue -"),
    "Dutch": ("Werkervaring", "OPLEIDINGEN", "Talenkennis"),
    "Chinese": ("工作经历", "教育背景\uff1a", "【语言能力】"),
    "Czech": ("Pracovní zkušenosti", "Vzdělání", "Jazykové znalosti"),
    "Polish": ("Doświadczenie zawodowe", "Wykształcenie", "Języki obce"),
    "Japanese": ("職務経歴", "学歴", "語学"),
}


@pytest.mark.parametrize("language", HEADINGS)
def test_headings_are_known_in_the_languages_of_resumes(language: str) -> None:
    text = "Ada Lin\n" + "".join(f"{heading}\n{SUMMARY}\n" for heading in HEADINGS[language])
    assert [section.name for section in read(text).sections] == ["basics", "work", "education", "languages"]


RICH = r"{{\rtf1{}\deff0{{\fonttbl{}}}{}}}"
ENGLISH_FONT, RUSSIAN_FONT = r"{\f0 Arial;}", r"{\f1\fcharset204 Arial;}"


def escaped(words: str, encoding: str) -> str:
    return "".join(rf"\'{byte:02x}" for byte in words.encode(encoding))


@pytest.mark.parametrize(
    ("says", "fonts", "words", "right"),
    [
        (r"\ansi\ansicpg1251", ENGLISH_FONT, escaped("Руководила", "cp1251"), "Руководила"),
        (r"\ansi\ansicpg1252", ENGLISH_FONT + RUSSIAN_FONT, rf"\f1 {escaped('Дело', 'cp1251')}\f0 ", "Дело"),
        (r"\ansi\ansicpg1252", ENGLISH_FONT + RUSSIAN_FONT, escaped("Größe", "cp1252"), "Größe"),
        (r"\mac", ENGLISH_FONT, escaped("café", "mac_roman"), "café"),
        (r"\pc", ENGLISH_FONT, escaped("café", "cp437"), "café"),
        (r"\ansi\ansicpg1252", ENGLISH_FONT, "Jiří", "Jiří"),
        (r"\ansi", ENGLISH_FONT, r"\u-10179?\u-8704?", "\U0001f600"),
        (r"\ansi", ENGLISH_FONT, r"caf\u233\'e9", "café"),
        (r"\ansi", ENGLISH_FONT, r"\u-10179? half", "\ufffd half"),
        (r"\ansi", ENGLISH_FONT, r"{\header Ada Lin\par}body ", "Ada Lin\nbody"),
        (r"\ansi", ENGLISH_FONT, r"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt In a box\par}}}", "In a box"),
    ],
)
def test_rich_text_has_the_letters_that_were_written(says: str, fonts: str, words: str, right: str) -> None:
    text = read(RICH.format(says, fonts, rf"{words} {SUMMARY}"), "cv.rtf").text
    assert text.startswith(right)
    assert text.endswith(SUMMARY)


def test_rich_text_that_is_not_plain_is_in_the_encoding_it_names() -> None:
    document = RICH.format(r"\ansi\ansicpg1251", ENGLISH_FONT, LETTER * 2).encode("cp1251")
    assert read(document, "cv.rtf").text == (LETTER * 2).strip()
