"""Those who use Tandem and their teams, as an administrator keeps them. How they work, their own entity says."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import asyncpg

from domain.access.roles import Role
from domain.core.ids import PersonId
from domain.core.messages import Value
from domain.time.calendars import Calendar
from domain.time.zones import Zone
from store.audit import Act, Entry, Kind, append, team_id


class User(Value):
    """A user of Tandem. `standing` is what they may in the whole company: R opens requisitions, L leads, P, O.

    `chat` is their handle there.
    """

    id: PersonId
    name: str
    email: str
    team: str | None = None
    zone: Zone
    standing: frozenset[Role] = frozenset()
    active: bool = True
    chat: str | None = None


class CompanyTeam(Value):
    """A team that hires, and the user who leads it."""

    name: str
    lead: PersonId


class AddressTaken(Exception):
    """Somebody else has this mail address."""


class NoSuchTeam(Exception):
    """A person cannot be in a team that is not there."""


class ChangedMeanwhile(Exception):
    """Somebody else changed this user since they were read."""


class Users:
    """The company's people and teams."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def put(self, person: User, was: User | None = None) -> None:
        """Adds somebody, or replaces what is known of them; sessions, tokens and links of whoever is made inactive end.

        So does what began while they left, once they are taken back. Their saved views are forgotten.

        A link that went to another address than theirs ends as well.
        What was made of what they were, says what that `was`: whatever another does meanwhile is not undone.
        Raises AddressTaken, NoSuchTeam, ChangedMeanwhile.
        """
        try:
            await self._put(person, was)
        except asyncpg.UniqueViolationError:
            raise AddressTaken(person.email) from None
        except asyncpg.ForeignKeyViolationError:
            raise NoSuchTeam(person.team) from None

    async def add(self, person: User) -> bool:
        """Adds somebody who is not there; False where their id or their address is known."""
        async with self._pool.acquire() as connection, connection.transaction():
            added: bool | None = await connection.fetchval(
                """
                INSERT INTO people (id, name, email, team, zone, standing, active, chat)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING true
                """,
                *(person.id, person.name, person.email, person.team, person.zone),
                *(sorted(person.standing), person.active, person.chat),
            )
            if added:
                await append(connection, [Entry(Act.USER_ADDED, Kind.USER, person.id)])
        return bool(added)

    async def move(self, person: str, email: str) -> None:
        """Says that somebody who works here has another address, and nothing else of them: what an administrator
        changes meanwhile stays. Links that went to the one before end. Raises AddressTaken."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                moved = await connection.fetchval(
                    "UPDATE people SET email = $2 WHERE id = $1 AND active RETURNING true", person, email
                )
                if moved:
                    await connection.execute(
                        "UPDATE sign_in_links SET expires_at = now() WHERE person = $1 AND expires_at > now()", person
                    )
                    await append(connection, [Entry(Act.USER_CHANGED, Kind.USER, person)])
        except asyncpg.UniqueViolationError:
            raise AddressTaken(email) from None

    async def _put(self, person: User, was: User | None) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            # Whoever begins a session of theirs in this moment is waited for, or waits.
            row = await connection.fetchrow("SELECT * FROM people WHERE id = $1 FOR UPDATE", person.id)
            before = User(**row) if row else None
            if was is not None and was != before:
                raise ChangedMeanwhile(person.id)
            ends = not (person.active and (before is None or before.active))
            await connection.execute(
                """
                WITH ended AS (
                    UPDATE sessions SET ended_at = now() WHERE person = $1 AND ended_at IS NULL AND $9
                ), revoked AS (
                    UPDATE tokens SET revoked_at = now() WHERE actor = $1 AND revoked_at IS NULL AND $9
                ), unlinked AS (
                    UPDATE sign_in_links SET expires_at = now() WHERE person = $1 AND expires_at > now() AND (
                        $9 OR EXISTS (SELECT FROM people WHERE id = $1 AND lower(email) <> lower($3))
                    )
                ), unsaved AS (
                    DELETE FROM saved_views WHERE person = $1 AND $9
                ), unchosen AS (
                    DELETE FROM chosen_columns WHERE person = $1 AND $9
                )
                INSERT INTO people (id, name, email, team, zone, standing, active, chat)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email, team = EXCLUDED.team,
                    zone = EXCLUDED.zone, standing = EXCLUDED.standing, active = EXCLUDED.active, chat = EXCLUDED.chat
                """,
                *(person.id, person.name, person.email, person.team, person.zone),
                *(sorted(person.standing), person.active, person.chat, ends),
            )
            act = Act.USER_CHANGED if before is not None else Act.USER_ADDED
            if before is not None and before.active and not person.active:
                act = Act.USER_LEFT
            await append(connection, [Entry(act, Kind.USER, person.id)])

    async def get(self, person_id: str) -> User | None:
        """Somebody by their id."""
        return (await self.several([person_id])).get(person_id)

    async def by_address(self, email: str) -> User | None:
        """Somebody by their mail address."""
        row = await self._pool.fetchrow("SELECT * FROM people WHERE lower(email) = lower($1)", email)
        return User(**row) if row else None

    async def several(self, person_ids: Iterable[str]) -> dict[str, User]:
        """Those of these people who are known."""
        rows = await self._pool.fetch("SELECT * FROM people WHERE id = ANY($1)", list(person_ids))
        return {row["id"]: User(**row) for row in rows}

    async def everybody(self) -> list[User]:
        """All people by name, those who left included."""
        return [User(**row) for row in await self._pool.fetch("SELECT * FROM people ORDER BY name, id")]

    async def colleagues(self) -> list[tuple[str, str]]:
        """Id and name of everybody who did not leave, by name."""
        return [tuple(row) for row in await self._pool.fetch("SELECT id, name FROM people WHERE active ORDER BY name")]

    async def put_team(self, team: CompanyTeam) -> None:
        """Adds a team, or gives it another lead."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO teams (name, lead) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET lead = EXCLUDED.lead",
                *(team.name, team.lead),
            )
            await append(connection, [Entry(Act.TEAM_CHANGED, Kind.TEAM, team_id(team.name), team.lead)])

    async def teams(self) -> list[CompanyTeam]:
        """All teams by name."""
        return [CompanyTeam(**row) for row in await self._pool.fetch("SELECT name, lead FROM teams ORDER BY name")]

    async def calendars(self, person_ids: Iterable[str]) -> dict[str, Calendar]:
        """The working calendars of those of these people who have one, as last known."""
        rows = await self._pool.fetch(
            "SELECT person, view->'calendar' AS calendar FROM person_views WHERE person = ANY($1)", list(person_ids)
        )
        return {row["person"]: calendar_in(row["calendar"]) for row in rows}


@lru_cache(maxsize=1_024)
def calendar_in(words: str) -> Calendar:
    """The calendar that is written so in JSON: one object each, whose working time is laid out once, not a page."""
    return Calendar.model_validate_json(words)
