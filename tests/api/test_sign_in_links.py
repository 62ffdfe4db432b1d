"""Getting in by mail: what is asked, what is answered, what the mail opens, and what goes wrong on the way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from api.app import create_app
from domain.access.roles import Role
from local.mailbox import CaughtMail, messages
from ops.administration import NotDone, Operator
from settings import Settings
from store.sign_in_links import SignInLinks
from store.users import User, Users
from testing.api_clients import eventually
from testing.api_company import Company, joins
from tests.api.conftest import Process, serving

ON_ITS_WAY = "If this address is a colleague's, a mail is on its way."
WRONG = "This code is wrong, or over."


@dataclass(frozen=True)
class Asked:
    """What a browser has after it asked for a mail, and the mail."""

    ask: str
    mail: CaughtMail

    @property
    def path(self) -> str:
        return re.findall(r"http://\S+?(/sign-in/link/\S+)", self.mail.text)[0]

    @property
    def code(self) -> str:
        return re.findall(r"\b\d{3} \d{3}\b", self.mail.text)[0]


@pytest.fixture
async def ines(company: Company) -> str:
    """The mail address of somebody new."""
    await company.pool.execute("DELETE FROM people WHERE email LIKE 'ines%'")
    email = f"ines{time.monotonic_ns()}@example.org"
    await joins(company, email.partition("@")[0], [])
    return email


async def asks(company: Company, email: str, after: str = "/board") -> httpx.Response:
    answer = await company.http.post("/sign-in/mail", data={"_mail": email, "_after": after})
    company.http.cookies.clear()
    return answer


async def mailed(company: Company, running: Settings, email: str, after: str = "/board") -> Asked:
    known = {mail.number for mail in messages(running.mailbox_folder, to=email)}
    answer = await asks(company, email, after)
    assert answer.status_code == 200
    ask = re.findall(r'name="_ask" value="([^"]+)"', answer.text)[0]

    async def arrived() -> CaughtMail | None:
        new = (mail for mail in messages(running.mailbox_folder, to=email) if mail.number not in known)
        return next(new, None)

    return Asked(ask, await eventually(arrived, "no mail came"))


async def types(company: Company, asked: Asked, code: str) -> httpx.Response:
    answer = await company.http.post("/sign-in/code", data={"_ask": asked.ask, "_code": code, "_after": "/"})
    company.http.cookies.clear()
    return answer


async def follows(company: Company, path: str) -> httpx.Response:
    answer = await company.http.post(path)
    company.http.cookies.clear()
    return answer


def other_than(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"


async def test_the_link_of_the_mail_signs_in_by_a_button_once(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    assert asked.mail.subject == "Sign in to Tandem"
    for _ in range(3):  # as what scans mail does
        page = await company.http.get(asked.path)
        assert page.status_code == 200
        assert ines in page.text
        assert "set-cookie" not in page.headers
    answer = await follows(company, asked.path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert ines in (await company.http.get("/me", headers=cookie)).text
    for again in (await follows(company, asked.path), await company.http.get(asked.path)):
        assert again.status_code == 410
        assert "This link is over" in again.text
    assert (await types(company, asked, asked.code)).status_code == 401


async def test_nobody_else_reads_the_link_in_the_local_mailbox(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    secret, number = asked.path.rpartition("/")[2], asked.mail.number
    for voice in (company.recruiter, company.partner, company.recruiting_lead):
        for query in ({}, {"to": ines}):
            answer = await voice.get("/v1/mailbox", limit=200, **query)
            assert answer.status_code == 200
            assert secret not in answer.text
        assert (await voice.get(f"/v1/mailbox/{number}")).status_code == 404
    assert secret in (await company.ops.get(f"/v1/mailbox/{number}")).text, "an administrator of the laptop's stack may"


async def test_the_code_signs_in_where_it_was_asked_for_and_nowhere_else(
    company: Company, running: Settings, ines: str
) -> None:
    asked, other = [await mailed(company, running, ines) for _ in range(2)]
    if other.code != asked.code:
        assert WRONG in (await types(company, other, asked.code)).text
    answer = await types(company, asked, asked.code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert (await follows(company, asked.path)).status_code == 410


async def test_a_form_that_was_filled_in_comes_back_by_the_code(company: Company, running: Settings) -> None:
    asked = await mailed(company, running, await company.mail_of(company.recruiter.id))
    form = {"_ask": asked.ask, "_code": asked.code, "_to": "/open", "_by": company.recruiter.id, "title": "Clerk"}
    answer = await company.http.post("/sign-in/code", data=form)
    company.http.cookies.clear()
    assert (answer.status_code, answer.headers["location"]) == (307, "/open")


async def test_after_five_wrong_codes_a_new_mail_is_needed(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    for _ in range(5):
        answer = await types(company, asked, other_than(asked.code))
        assert answer.status_code in (401, 429)
        assert "set-cookie" not in answer.headers
    assert (await types(company, asked, asked.code)).status_code in (401, 429)
    assert (await follows(company, asked.path)).status_code == 410


async def test_a_link_whose_time_has_passed_says_so(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    await company.pool.execute("UPDATE sign_in_links SET expires_at = now() WHERE used_at IS NULL")
    assert (await company.http.get(asked.path)).status_code == 410
    assert (await follows(company, asked.path)).status_code == 410
    assert (await types(company, asked, asked.code)).status_code == 401


async def test_whoever_left_is_not_let_in(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    known = next(one for one in await company.ops.reads("/v1/people") if one["email"] == ines)
    gone = {key: value for key, value in known.items() if key != "id"} | {"active": False}
    await company.ops.send("PUT", f"/v1/people/{known['id']}", json=gone)
    assert (await follows(company, asked.path)).status_code == 410
    assert (await types(company, asked, asked.code)).status_code == 401


def _without_secret(page: str) -> str:
    return re.sub(r'name="_ask" value="[^"]+"', "", page)


ADDRESSES = ("nobody@example.org", "", "no address", "x" * 300 + "@example.org", "\0@example.org", "a@b\r\nBcc: c@d")


@pytest.mark.parametrize("email", ADDRESSES)
async def test_whoever_asks_is_answered_the_same(company: Company, running: Settings, ines: str, email: str) -> None:
    theirs = await asks(company, email)
    ours = (await mailed(company, running, ines), await asks(company, ines))[1]
    assert ON_ITS_WAY in ours.text
    assert (theirs.status_code, _without_secret(theirs.text)) == (ours.status_code, _without_secret(ours.text))
    asked = Asked(re.findall(r'name="_ask" value="([^"]+)"', theirs.text)[0], messages(running.mailbox_folder)[0])
    assert WRONG in (await types(company, asked, "123456")).text
    assert not any(email and mail.to == email for mail in messages(running.mailbox_folder))


async def test_a_link_leads_nowhere_else(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines, after="//evil.example")
    assert (await follows(company, asked.path)).headers["location"] == "/"
    foreign = await company.http.post(asked.path, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


async def test_asking_again_ends_nobodys_link(company: Company, running: Settings, ines: str) -> None:
    asked = await mailed(company, running, ines)
    for _ in range(8):
        assert (await asks(company, ines)).status_code == 200
    assert (await follows(company, asked.path)).status_code == 303


async def test_a_mail_server_that_is_away_is_said_and_there_is_a_way_on(running: Settings, company: Company) -> None:
    away = running.model_copy(update={"smtp_port": 9})
    async with serving(create_app(away)) as http:
        answers = [
            await http.post("/sign-in/mail", data={"_mail": email, "_after": "/board"})
            for email in ("recruiter@example.org", "nobody@example.org")
        ]
        for answer, email in zip(answers, ("recruiter@example.org", "nobody@example.org"), strict=True):
            assert answer.status_code == 503
            assert "Mail does not go out just now. Try again in a few minutes, or sign in with a token" in answer.text
            assert f'value="{email}"' in answer.text
            assert 'value="/board"' in answer.text


async def test_no_secret_is_logged(company: Company, running: Settings, ines: str, api_process: Process) -> None:
    known = {mail.number for mail in messages(running.mailbox_folder)}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.api_port}", trust_env=False) as http:
        answer = await http.post("/sign-in/mail", data={"_mail": ines})

        async def arrived() -> CaughtMail | None:
            return next((one for one in messages(running.mailbox_folder, to=ines) if one.number not in known), None)

        asked = Asked("", await eventually(arrived, "no mail came"))
        await http.get(asked.path)
        assert (await http.post(asked.path)).status_code == 303
    said = api_process.log.read_text()
    assert all(json.loads(line) for line in said.splitlines())
    ask = re.findall(r'name="_ask" value="([^"]+)"', answer.text)[0]
    for secret in (asked.path.rpartition("/")[2], asked.code, asked.code.replace(" ", ""), ask, ines):
        assert secret not in said


FIRST = {"name": "Fay First", "email": "fay@example.org", "zone": "Europe/Berlin"}


@pytest.fixture
async def first(company: Company) -> AsyncIterator[str]:
    """The way in for the first administrator, of a company that has none until the test is over."""
    rows = await company.pool.fetch(
        "UPDATE people SET active = false WHERE active AND 'O' = ANY(standing) RETURNING id"
    )
    yield f"/first/{await SignInLinks(company.pool).first()}"
    await company.pool.execute("DELETE FROM people WHERE email LIKE 'fay%'")
    await company.pool.execute("UPDATE people SET active = true WHERE id = ANY($1)", [row["id"] for row in rows])


async def test_the_first_administrator_is_in_and_administers(company: Company, first: str) -> None:
    page = await company.http.get(first)
    assert page.status_code == 200
    assert "Your time zone" in page.text
    answer = await company.http.post(first, data=FIRST)
    company.http.cookies.clear()
    assert (answer.status_code, answer.headers["location"]) == (303, "/ops/company")
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    people = await company.http.get("/ops/people", headers=cookie)
    assert people.status_code == 200
    assert "Fay First" in people.text
    for again in (await company.http.get(first), await company.http.post(first, data=FIRST | {"email": "fay2@b.org"})):
        assert again.status_code == 410
        assert "This link is over" in again.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Your name: "),
        ({"email": "fay"}, "Your mail address: "),
        ({"zone": "Berlin"}, "Your time zone: There is no time zone called"),
        ({"zone": ""}, "Your time zone: "),
    ],
)
async def test_what_is_typed_wrongly_is_said_and_uses_nothing(
    company: Company, first: str, wrong: dict[str, str], said: str
) -> None:
    answer = await company.http.post(first, data=FIRST | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Fay First"' in answer.text or "name" in wrong
    assert (await company.http.get(first)).status_code == 200


async def test_a_newer_link_ends_the_older(company: Company, first: str) -> None:
    newer = f"/first/{await SignInLinks(company.pool).first()}"
    assert (await company.http.post(first, data=FIRST)).status_code == 410
    assert (await company.http.get(newer)).status_code == 200


async def test_somebody_who_is_here_becomes_the_first_administrator(company: Company, first: str) -> None:
    known = await joins_as(company, "fay@example.org")
    answer = await company.http.post(first, data=FIRST | {"email": "FAY@example.org"})
    company.http.cookies.clear()
    assert answer.status_code == 303
    person = await Users(company.pool).by_address("fay@example.org")
    assert person is not None
    assert (person.id, person.name, person.standing) == (known, "Fay First", {Role.OPS, Role.LEAD})


async def joins_as(company: Company, email: str) -> str:
    person = User(id="P-FAYFAY0", name="Fay", email=email, zone="UTC", standing=frozenset({Role.LEAD}))
    await Users(company.pool).put(person)
    return person.id


async def test_whoever_operates_the_machine_prints_links(company: Company, running: Settings) -> None:
    operator = Operator(running)
    assert await operator.first_link() is None
    link = await operator.sign_in_link(company.manager.id)
    assert link.startswith(f"{running.base_url}/sign-in/link/")
    assert [(await follows(company, link.removeprefix(running.base_url))).status_code for _ in range(2)] == [303, 410]
    with pytest.raises(NotDone, match="Nobody is called P-NOBODY00"):
        await operator.sign_in_link("P-NOBODY00")


async def test_every_start_prints_a_new_link_until_there_is_an_administrator(
    company: Company, running: Settings, first: str
) -> None:
    links = [str(await Operator(running).first_link()).removeprefix(running.base_url) for _ in range(2)]
    assert [(await company.http.get(path)).status_code for path in (first, *links)] == [410, 410, 200]
