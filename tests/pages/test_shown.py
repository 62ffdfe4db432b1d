"""Every page with the demo's data, as each of its people sees it: accessible by day and night, as wide as a phone."""

from __future__ import annotations

import pytest

from local.demo.play import Play
from tests.pages.site import Site, accessible, fits


@pytest.mark.timeout(300)
async def test_first(site: Site, demo: Play) -> None:
    page = await site.visit(demo.mara.token, "/board")
    await accessible(page)
    phone = await site.visit(demo.mara.token, f"/requisitions/{demo.search}", phone=True, dark=True)
    await accessible(phone)
    await fits(phone)
