"""Saved views: one's own, opened from chips above a list; and the columns one chose."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from store.queries import Reads
from store.saved_views import MOST
from store.views import CandidateView
from testing.api_clients import Voice, problem, taken
from testing.api_company import Applicant, Company, Requisition, joins
from testing.sign_in import signed_in
from tests.api.test_leaving import leaves


@pytest.fixture(scope="module")
async def here(company: Company) -> Requisition:
    """A requisition with two candidates, one of them tagged."""
    return await company.opens(title="Well digger")


@pytest.fixture(scope="module")
async def tagged(company: Company, here: Requisition) -> Applicant:
    """Who would relocate, and stands beside somebody who was not asked."""
    await here.gains("Percival Stone")
    would = await here.gains("Wilhelmina Vale")
    await company.recruiter.does(f"{would.path}/tag-candidate", {"on": ["Would relocate"]})
    return would


class Desk:
    """The pages as a signed-in user sees them."""

    def __init__(self, http: httpx.AsyncClient, header: dict[str, str]) -> None:
        self._http, self._header = http, header

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self._http.get(path, headers=self._header | headers)

    async def shows(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, path
        return answer.text.partition('id="main"')[2]

    async def sends(self, path: str, **fields: Any) -> str:
        """Sends a form; where it leads."""
        answer = await self._http.post(path, data=fields, headers=self._header)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


async def desk_of(company: Company, who: Voice) -> Desk:
    return Desk(company.http, (await signed_in(company.http, who.token)).header)


async def saved(who: Voice, page: str, name: str, **asks: str) -> dict[str, Any]:
    """A view that was saved over the API."""
    body = {"page": page, "name": name, "asks": asks}
    view: dict[str, Any] = taken(await who.send("POST", "/v1/me/views", json=body))
    return view


def chips(page: str) -> list[tuple[str, bool]]:
    """The views above a list by name, and whether each is the one that is open."""
    row = page.partition('aria-label="Views of this list"')[2].partition("</nav>")[0]
    return [
        (re.sub("<span.*", "", name), "aria-current" in tag)
        for tag, name in re.findall(r'<a class="chip"(.*?)>(.*?)</a>', row)
    ]


def offered(page: str, name: str) -> dict[str, str]:
    """The options of a filter, by their words."""
    select = page.partition(f'<select name="{name}"')[2].partition("</select>")[0]
    return {words: value for value, words in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', select)}


async def test_a_view_is_saved_under_a_name_opened_renamed_and_removed(company: Company, here: Requisition) -> None:
    desk = await desk_of(company, company.recruiter)
    assert chips(await desk.shows("/board")) == [("All", True)]
    form = {"page": "board", "_next": "/board", "ask.by": "recruiter", "columns": ["phase", "move"]}
    href = await desk.sends("/views", **form, name="By recruiter")
    opened = await desk.shows(href)
    assert chips(opened) == [("All", False), ("By recruiter", True)]
    assert "Well digger" in opened
    assert "nobody yet" not in opened, "the column of candidates was left out"
    assert chips(await desk.shows("/board?by=team")) == [("All", False), ("By recruiter", False)]
    everything = re.search(r'<a class="chip" href="([^"]*)"', opened)
    assert everything is not None
    assert chips(await desk.shows(html.unescape(everything[1]))) == [("All", True), ("By recruiter", False)]

    [view] = await company.recruiter.reads("/v1/me/views")
    assert (view["asks"], view["columns"]) == ({"by": "recruiter"}, ["phase", "move"])
    await desk.sends(f"/views/{view['id']}", name="Mine", opens_first="true", _next="/board")
    first = await desk.get("/board")
    assert (first.status_code, first.headers["location"]) == (303, href)
    assert chips(await desk.shows("/board?by=phase")) == [("All", True), ("Mine", False)]
    assert chips(await desk.shows(href)) == [("All", False), ("Mine", True)]
    await desk.sends(f"/views/{view['id']}", do="remove", _next="/board")
    assert chips(await desk.shows("/board")) == [("All", True)]


async def test_of_two_views_one_opens_first_and_a_name_given_again_is_the_newer_view(company: Company) -> None:
    who = await joins(company, "views_two", ["R"])
    one = taken(
        await who.send("POST", "/v1/me/views", json={"page": "applicants", "name": "A", "asks": {"running": "no"}})
    )
    two = taken(await who.send("POST", "/v1/me/views", json={"page": "applicants", "name": "B"}))
    for view in (one, two):
        taken(await who.send("PUT", f"/v1/me/views/{view['id']}", json={"name": view["name"], "opens_first": True}))
    assert [(v["name"], v["opens_first"]) for v in await who.reads("/v1/me/views")] == [("A", False), ("B", True)]
    again = await saved(who, "applicants", "a", running="yes")
    assert again["id"] == one["id"]
    assert (again["name"], again["asks"]) == ("a", {"running": "yes"})
    problem(await who.send("PUT", f"/v1/me/views/{two['id']}", json={"name": "A"}), 409, "name_taken")


async def test_a_view_is_one_s_own(company: Company) -> None:
    mine, other = company.recruiter, await joins(company, "views_other", ["R"])
    view = await saved(mine, "board", "For me alone")
    assert await other.reads("/v1/me/views") == []
    problem(await other.send("PUT", f"/v1/me/views/{view['id']}", json={"name": "Taken"}), 404, "not_found")
    problem(await other.send("DELETE", f"/v1/me/views/{view['id']}"), 404, "not_found")
    assert "For me alone" not in await (await desk_of(company, other)).shows("/board")
    assert (await mine.send("DELETE", f"/v1/me/views/{view['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"page": "applicants", "name": "x", "asks": {"q": "Wilhelmina Vale"}}, "asks.q"),
        ({"page": "applicants", "name": "x", "asks": {"tag": "Wilhelmina"}}, "asks.tag"),
        ({"page": "board", "name": "x", "asks": {"team": "Wilhelmina Vale"}}, "asks.team"),
        ({"page": "board", "name": "x", "asks": {"offset": "100"}}, "asks.offset"),
        ({"page": "pipeline", "name": "x", "asks": {"sort": "worth"}}, "asks.sort"),
        ({"page": "board", "name": "x", "columns": ["salary"]}, "columns"),
        ({"page": "board", "name": "two\nlines"}, "name"),
        ({"page": "board", "name": " "}, "name"),
        ({"page": "board", "name": "x" * 61}, "name"),
    ],
)
async def test_a_view_keeps_only_what_its_list_offers(company: Company, body: dict[str, Any], field: str) -> None:
    said = problem(await company.recruiter.send("POST", "/v1/me/views", json=body), 422, "invalid")
    assert said["field"] == field


async def test_nobody_has_more_views_of_a_list_than_can_be_looked_over(company: Company) -> None:
    who = await joins(company, "views_many", ["R"])
    for number in range(MOST):
        await saved(who, "board", f"View {number}")
    problem(await who.send("POST", "/v1/me/views", json={"page": "board", "name": "One more"}), 409, "no_room")
    await saved(who, "board", "View 3")
    await saved(who, "applicants", "One more")


async def test_columns_are_chosen_kept_in_the_address_and_remembered(
    company: Company, tagged: Applicant, here: Requisition
) -> None:
    desk = await desk_of(company, company.recruiter)
    pipeline = f"{here.path.removeprefix('/v1')}/pipeline"
    heads = re.compile(r'<th scope="col">([^<]*)</th>')
    whole = heads.findall(await desk.shows(f"{pipeline}?view=table"))
    assert whole == ["Candidate", "Tags", "Stage", "For", "Came", "Waiting for"]
    href = await desk.sends(
        "/views/columns",
        **{"page": "pipeline", "_next": pipeline, "ask.view": "table", "columns": ["waiting", "stage"]},
    )
    assert heads.findall(await desk.shows(href)) == ["Candidate", "Stage", "Waiting for"]
    assert heads.findall(await desk.shows(f"{pipeline}?view=table")) == ["Candidate", "Stage", "Waiting for"]
    assert heads.findall(await desk.shows(f"{pipeline}?view=table&columns=")) == ["Candidate"]
    await desk.sends(
        "/views/columns", page="pipeline", _next=pipeline, columns=["tags", "stage", "for", "came", "waiting"]
    )
    assert heads.findall(await desk.shows(f"{pipeline}?view=table")) == whole


async def test_who_has_a_tag_is_found_and_a_view_of_them_holds_no_word_of_it(
    company: Company, here: Requisition, tagged: Applicant
) -> None:
    desk = await desk_of(company, company.recruiter)
    every = await desk.shows(f"/applicants?requisition={here.id}")
    assert "Percival Stone" in every
    assert '<span class="badge">Would relocate</span>' in every
    tag = offered(every, "tag")["Would relocate"]
    pipeline = f"{here.path.removeprefix('/v1')}/pipeline"
    for path in (f"/applicants?tag={tag}", f"{pipeline}?view=table&tag={tag}", f"{pipeline}?view=board&tag={tag}"):
        found = await desk.shows(path)
        assert "Wilhelmina Vale" in found
        assert "Percival Stone" not in found
    by_word = await company.recruiter.reads("/v1/applicants", tag="would RELOCATE")
    assert [one["name"] for one in by_word["applicants"]] == ["Wilhelmina Vale"]
    assert [each["tags"] for one in by_word["applicants"] for each in one["candidacies"]] == [["Would relocate"]]

    href = await desk.sends(
        "/views", **{"page": "applicants", "name": "Movers", "_next": "/applicants", "ask.tag": tag}
    )
    assert "Wilhelmina Vale" in await desk.shows(href)
    rows = await company.pool.fetch("SELECT saved_views::text AS said FROM saved_views")
    assert not [row["said"] for row in rows if "relocate" in row["said"].casefold()]
    await company.recruiter.does(f"{tagged.path}/tag-candidate", {"off": ["Would relocate"]})
    gone = await desk.shows(href)
    assert "Nobody of that kind." in gone
    assert "a tag nobody has any more" in gone


async def test_only_the_tags_of_those_on_the_page_are_opened_unless_all_are_wanted(
    company: Company, here: Requisition, tagged: Applicant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await company.recruiter.does(f"{tagged.path}/tag-candidate", {"on": ["Sings bass"]})
    await here.gains("Rufus Plain", source="referral", referrer=company.manager.id)
    desk = await desk_of(company, company.recruiter)
    with monkeypatch.context() as alone:
        opened: list[str] = []
        several = Reads.several

        async def noted(self: Reads, candidates: Iterable[str]) -> dict[str, CandidateView]:
            opened.extend(wanted := list(candidates))
            return await several(self, wanted)

        alone.setattr(Reads, "several", noted)
        page = await desk.shows(f"/applicants?requisition={here.id}&source=referral")
    assert "Rufus Plain" in page
    assert tagged.id not in opened
    assert 'name="tag"' not in page, "nobody on this page has one"
    every = re.search(r'<a href="([^"]*)">All tags</a>', page)
    assert every is not None
    page = await desk.shows(html.unescape(every[1]))
    assert "Wilhelmina Vale" not in page, "the list stays as it was narrowed"
    assert "Sings bass" in offered(page, "tag")
    assert "All tags" not in page
    await company.recruiter.does(f"{tagged.path}/tag-candidate", {"off": ["Sings bass"]})


async def test_search_words_are_no_part_of_what_is_saved(company: Company, here: Requisition) -> None:
    desk = await desk_of(company, company.recruiter)
    page = await desk.shows("/applicants?q=Wilhelmina&running=yes")
    form = page.partition('action="/views"')[2].partition("</form>")[0]
    assert 'name="ask.running" value="yes"' in form
    assert "Wilhelmina" not in form


async def test_what_somebody_saved_goes_when_they_leave(company: Company) -> None:
    who = await joins(company, "views_leaver", ["R"])
    await saved(who, "board", "Mine")
    await (await desk_of(company, who)).sends("/views/columns", page="board", _next="/board", columns=["phase"])
    kept = """
        SELECT (SELECT count(*) FROM saved_views WHERE person = $1)
            + (SELECT count(*) FROM chosen_columns WHERE person = $1)
    """
    assert await company.pool.fetchval(kept, who.id) == 2
    await leaves(company, who)
    assert await company.pool.fetchval(kept, who.id) == 0
