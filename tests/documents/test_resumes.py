import json
from pathlib import Path

import pytest

from documents.decoding import LARGEST_BYTES, Unreadable
from documents.resumes import read_resume
from domain.evidence.resume import Resume

SAMPLES = Path(__file__).parents[2] / "samples" / "resumes"

JSON_RESUME = {
    "$schema": "https://example.org/schema.json",
    "basics": {
        "name": "Maya Okonkwo",
        "label": "Product manager",
        "image": "https://example.org/me.png",
        "summary": "Runs discovery with caseworkers before a line of code is written.",
        "location": {"city": "Seattle", "region": "Washington"},
    },
    "work": [
        {
            "name": "Benefits Portal",
            "position": "Product lead",
            "startDate": "2021-06",
            "highlights": ["Cut the form from 40 questions to 12 after testing with 31 applicants", "Ran a team of 9"],
        }
    ],
    "skills": [{"name": "Research", "keywords": ["interviews", "diary studies"]}],
    "meta": {"lastModified": "2026-01-01"},
}

TEXT = """MAYA OKONKWO
Seattle \u00b7 maya@example.org

## Experience
Product lead, Benefits Portal, 2021 to now
  \u2022 Cut the form from 40 questions to 12 after testing
    with 31 applicants

SKILLS & TOOLS:
Interviews, diary studies, SQL
*** Education ***
University of Washington
"""


def section(resume: Resume, name: str) -> str:
    return next(resume.text[part.start : part.end] for part in resume.sections if part.name == name)


def test_json_resume_keeps_every_word_but_those_for_machines() -> None:
    resume = read_resume(json.dumps(JSON_RESUME).encode(), "maya.json")
    assert [part.name for part in resume.sections] == ["basics", "work", "skills"]
    assert section(resume, "work") == (
        "Benefits Portal, Product lead, 2021-06\n"
        "Cut the form from 40 questions to 12 after testing with 31 applicants\nRan a team of 9"
    )
    assert section(resume, "skills") == "Research\ninterviews, diary studies"
    assert section(resume, "basics").startswith("Maya Okonkwo, Product manager\n")
    assert "Seattle, Washington" in resume.text
    assert "example.org" not in resume.text
    assert "2026" not in resume.text


def test_text_with_headings_as_people_write_them() -> None:
    resume = read_resume(TEXT.replace("\n", "\r\n").encode("cp1252"), "maya.doc.txt")
    assert [part.name for part in resume.sections] == ["basics", "work", "skills", "education"]
    assert section(resume, "education") == "*** Education ***\nUniversity of Washington"
    assert section(resume, "work").startswith("## Experience\nProduct lead")
    found = resume.locate("after testing with 31 applicants")
    assert found is not None
    assert resume.section_at(found[0]) == "work"


def test_text_without_headings_is_one_section() -> None:
    resume = read_resume(("I led a benefits portal and talked to thirty applicants. " * 4).encode(), "maya.txt")
    assert [part.name for part in resume.sections] == ["basics"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b" " * (LARGEST_BYTES + 1), "larger than 5 MB"),
        (b"%PDF-1.4", "is a PDF"),
        (b"\x00\x01\x02", "not text"),
        (json.dumps(JSON_RESUME).encode()[:-40], "cut off"),
        (b"[" * 100_000, "cut off or damaged"),
        (b'{"work":' + b"[" * 900 + b'"x"' + b"]" * 900 + b"}", "nested too deeply|too few words"),
        (b'{"work": ' + b"9" * 5_000 + b"}", "cut off or damaged"),
        (b'{"work":[[]]}', "too few words"),
        (b'{"work":[{"position":" "},[[]],{}]}', "too few words"),
        (b'{"work":["\\ud800 of the permits office, for five years and more"]}', "half a character"),
        (b"\xe2\x80\x8b\xe2\x80\x8b", "too few words"),
        (b"[1, 2]", "not JSON Resume"),
        (b'{"jobs": [1]}', "not JSON Resume"),
        (b'{"basics": {"name": "Maya"}}', "too few words"),
        (b"Maya Okonkwo, please see attached.", "too few words"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nMaya: Hello", "is not a r"),
        (b"<html><body>Maya</body></html>", "is not a r"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refused:
        read_resume(data, "C:\\CVs\\maya.json")
    assert refused.value.sentence.startswith("maya.json ")


SIDE_BY_SIDE = """MAYA OKONKWO                      CONTACT
Product manager                   Seattle, Washington
EXPERIENCE                        maya@example.org
Cut the form from forty           SKILLS
questions to twelve, and          Interviews
watched thirty-one people         Diary studies
fill it in
"""

DATED = """MAYA OKONKWO
EXPERIENCE
Benefits Portal, product lead     2021 - now
County Library, analyst           2018 - 2021
City Archive, clerk               2016 - 2018
School Office, assistant          2015 - 2016
Corner Bakery, at the counter     2014 - 2015
"""


def test_of_two_columns_the_left_one_is_read_first() -> None:
    resume = read_resume(SIDE_BY_SIDE.encode(), "maya.txt")
    assert "Cut the form from forty\nquestions to twelve, and\nwatched thirty-one people\nfill it in" in resume.text
    assert resume.text.endswith("SKILLS\nInterviews\nDiary studies")
    assert [section.name for section in resume.sections] == ["basics", "work", "basics", "skills"]


def test_dates_on_the_right_stay_with_what_they_belong_to() -> None:
    assert "County Library, analyst 2018 - 2021" in read_resume(DATED.encode(), "maya.txt").text


def test_lines_set_in_stay_where_they_are() -> None:
    parts = [f"{job}\n    Did the books of the {job}\n    Skills\n    Counted twice" for job in ("bakery", "harbour")]
    text = "MAYA OKONKWO\n\n" + "\n\n".join([*parts, *parts])
    assert "bakery\nDid the books" in read_resume(text.encode(), "maya.txt").text.replace("\n ", "\n")


def test_an_unusual_heading_in_capitals_names_its_own_section() -> None:
    resume = read_resume(
        f"RUTH ABARA\n{'word ' * 20}\n\nWHAT I DO NOW\nPermits\n\nUSA\n\nSCHOOL\nAA, Business\nBA, NOT YET\n".encode(),
        "r.txt",
    )
    assert [part.name for part in resume.sections] == ["basics", "what i do now", "usa", "education"]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[a-z]*")), ids=lambda path: path.name)
def test_the_samples_read(path: Path) -> None:
    assert len(read_resume(path.read_bytes(), path.name).sections) >= 2
