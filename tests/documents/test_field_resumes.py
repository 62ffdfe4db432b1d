"""Résumés as people have them, after public reports of what was refused or misread; and more of each kind."""

import json

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
