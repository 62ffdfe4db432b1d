"""Keys may lie on another machine, and whoever looks one up waits: nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from testing.api_company import Company
from testing.sign_in import signed_in


async def test_no_key_is_looked_up_where_others_are_answered(
    app: FastAPI, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await company.opens()
    await here.locks()
    one = await here.gains("Sal Slow")
    await one.is_shortlisted()
    await here.slate_of(one)
    await one.is_advanced()
    receipt = await company.partner.does(f"{one.path}/set-legal-hold", {"on": True, "why": "Counsel asked for it."})
    await company.partner.reads(one.path, at_least=receipt["version"])
    cookie = (await signed_in(company.http, company.partner.token)).header
    keys, looked_up, held_up = app.state.services.keys, set[str](), set[str]()
    asked_for = ""

    def watched(look_up: Any) -> Any:
        def looked(*which: str) -> Any:
            looked_up.add(asked_for)
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                return look_up(*which)
            held_up.add(asked_for)
            return look_up(*which)

        return looked

    for name in ("find", "make"):
        monkeypatch.setattr(keys, name, watched(getattr(keys, name)))
    pages = [path.removeprefix("/v1") for path in (one.path, here.path, f"{here.path}/edit-rubric")]
    sealed = [
        *(one.path + end for end in ("", "/timeline", "/export")),
        *(here.path + end for end in ("", "/timeline", "/rubric", "/drafts", "/drafts.jsonl")),
        *pages,
    ]
    for asked_for in sealed:
        headers = cookie if asked_for in pages else {"Authorization": f"Bearer {company.partner.token}"}
        answer: httpx.Response = await company.http.get(asked_for, headers=headers)
        assert answer.status_code == 200, f"{asked_for}: {answer.text}"
    asked_for = "/v1/humans"
    await company.recruiter.asks(asked_for, {"name": "Sid Slow", "email": "sid.slow@example.com"})
    assert {one.path, f"{one.path}/timeline", f"{one.path}/export", pages[0], "/v1/humans"} <= looked_up
    assert held_up == set()
