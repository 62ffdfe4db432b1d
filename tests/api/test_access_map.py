"""The auditor's page says what is so."""

from __future__ import annotations

from api.access_map import PAGE, page
from api.app import create_app
from settings import Settings


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(create_app(Settings())), "make map writes it anew"
