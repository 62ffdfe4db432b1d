"""Pictures of bars: as long as their numbers say, and named for those who do not see them."""

import re

from markupsafe import Markup

from api.pages.reports.charts import PERCENT, Band, Bar, bands, bars, counting, drawn

COUNT = counting("candidates")


def rects(picture: Markup) -> list[tuple[str, float, float]]:
    """Colour, beginning and width of every bar."""
    found = re.findall(r'<rect class="(c\d)" x="([\d.]+)%" width="([\d.]+)%"', picture)
    return [(colour, float(begins), float(wide)) for colour, begins, wide in found]


def test_bars_are_as_long_as_their_numbers_say() -> None:
    picture = drawn(bars([Bar("added", 8), Bar("hired", 2)], COUNT), "Of 8 who were added, 2 were hired.")
    assert rects(picture) == [("c0", 0, 100), ("c0", 0, 25)]
    assert 'role="img" aria-label="Of 8 who were added, 2 were hired."' in picture
    assert "legend" not in picture


def test_shares_are_of_a_hundred_and_kinds_have_their_colours() -> None:
    picture = drawn(bars([Bar("May", 50, "answers"), Bar("May", 25, "cards")], PERCENT, most=100), "")
    assert rects(picture) == [("c0", 0, 50), ("c1", 0, 25)]
    assert picture.count("<span>May</span>") == 1
    assert "25 %" in picture
    assert [kind in picture for kind in (" answers</span>", " cards</span>")] == [True, True]


def test_stacked_bars_begin_where_those_before_them_end() -> None:
    rows = [Bar("rubric", 1, "edited"), Bar("rubric", 3, "sent"), Bar("brief", 2, "sent")]
    assert rects(drawn(bars(rows, COUNT, kinds=("sent", "edited"), stacked=True), "")) == [
        ("c1", 0, 25),
        ("c0", 25, 75),
        ("c0", 0, 50),
    ]


def test_a_mark_above_its_band_is_right_of_it() -> None:
    (_, begins, wide), (_, mark, _) = rects(
        drawn(bands([Band("USD", 90, 120, 140)], ("the band", "median"), PERCENT), "")
    )
    assert begins == 0
    assert begins + wide < mark


def test_what_people_wrote_is_no_markup() -> None:
    picture = drawn(bars([Bar("<b>", 1, "<i>"), Bar("x", 1, "y")], COUNT), 'A "name"')
    assert "<b>" not in picture
    assert "<i>" not in picture
    assert 'aria-label="A &#34;name&#34;"' in picture
