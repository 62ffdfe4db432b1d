"""Whether two names are one person's."""

from __future__ import annotations

import pytest

from domain.core.name_matching import same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lin", "ada lin"),
        ("Ada Lin", "Lin, Ada"),
        ("Zoë Håkansson", "Zoe Hakansson"),
        ("Ada Lin", "A. Lin"),
        ("Ada Lin", "Ada"),
        ("Ada Lin (she/her)", "Ada Lin"),
        ("Renee Pettway", "Renée Petway"),
        ("Ada Lin", "Ms Lin"),
        ("Dr. Ada Lin", "Lin, Ada"),
        ("李小龙", "李小龙"),
        ("🎉", "🎉 "),
    ],
)
def test_one_persons_names_agree(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lin", "Ben Lin"),
        ("Ada Lin", "B. Lin"),
        ("Ms Lin", "Ms Okafor"),
        ("Maria Okafor", "Mario Okafor"),
        ("Ada Lin", "Mara Okafor"),
        ("李小龙", "王芳"),
        ("🎉", "Ada Lin"),
    ],
)
def test_two_peoples_names_do_not(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert not same_name(other, one)
