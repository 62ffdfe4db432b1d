"""Users and groups as the company's provider provisions them: their names there, and who is in which group.

Every user is shown to it, those an administrator added as well, so that it finds them and need not make them anew; none
of those whom it deleted, as long as they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import asyncpg

from store.audit import Act, Entry, Kind, append
from store.users import ChangedMeanwhile, User


class NameTaken(Exception):
    """Another user, or group, has this name at the provider."""


@dataclass(frozen=True)
class ProvisionedUser:
    """A user, what the provider calls them, and the groups they are in, by id with their names."""

    user: User
    user_name: str
    external_id: str | None
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ProvisionedGroup:
    """A group of the provider's, and who is in it."""

    id: str
    name: str
    external_id: str | None
    members: frozenset[str]


@dataclass(frozen=True)
class Wanted:
    """Which are asked for: all, or those of this name, or this id at the provider; from the one `after` so many."""

    by: Literal["name", "external_id", "id"] | None = None
    value: str = ""
    after: int = 0
    most: int = 100


_USERS = """
    people p LEFT JOIN provisioned_users v ON v.person = p.id
    WHERE (p.active OR v.deleted_at IS NULL)
"""
_BY = {
    "name": "lower(coalesce(v.user_name, p.email)) = lower($1)",
    "external_id": "v.external_id = $1",
    "id": "p.id = $1",
    None: "$1 = ''",
}
_GROUP_BY = {"name": "lower(name) = lower($1)", "external_id": "external_id = $1", "id": "id = $1", None: "$1 = ''"}


class Provisioning:
    """What the provider has told of users and groups."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def users(self, wanted: Wanted) -> tuple[int, list[ProvisionedUser]]:
        """How many there are of those asked for, and those of this page, by id."""
        which = f"{_USERS} AND {_BY[wanted.by]}"
        # nosemgrep: sql-from-values  # one of this module's own conditions
        total = await self._pool.fetchval(f"SELECT count(*) FROM {which}", wanted.value)
        # nosemgrep: sql-from-values  # one of this module's own conditions
        rows = await self._pool.fetch(
            f"""
            SELECT p.*, coalesce(v.user_name, p.email) AS user_name, v.external_id, ARRAY(
                SELECT ARRAY[g.id, g.name] FROM provisioned_members m JOIN provisioned_groups g ON g.id = m.group_id
                WHERE m.person = p.id ORDER BY g.name
            ) AS groups
            FROM {which} ORDER BY p.id OFFSET $2 LIMIT $3
            """,
            *(wanted.value, wanted.after, wanted.most),
        )
        return total, [
            ProvisionedUser(
                User(**{name: row[name] for name in User.model_fields}),
                row["user_name"],
                row["external_id"],
                tuple((id, name) for id, name in row["groups"]),
            )
            for row in rows
        ]

    async def user(self, person: str) -> ProvisionedUser | None:
        """A user by their id; None for one who is not shown."""
        _, found = await self.users(Wanted("id", person))
        return found[0] if found else None

    async def deleted(self, external_id: str) -> str | None:
        """The user whom the provider deleted under its id for them, if they are gone."""
        found: str | None = await self._pool.fetchval(
            """
            SELECT v.person FROM provisioned_users v JOIN people p ON p.id = v.person
            WHERE v.external_id = $1 AND v.deleted_at IS NOT NULL AND NOT p.active
            """,
            external_id,
        )
        return found

    async def call(self, person: str, user_name: str, external_id: str | None) -> None:
        """Says what the provider calls a user. Raises NameTaken."""
        others = f"SELECT true FROM {_USERS} AND {_BY['name']} AND p.id <> $2"
        if await self._pool.fetchval(others, user_name, person):
            raise NameTaken(user_name)
        try:
            await self._pool.execute(
                """
                INSERT INTO provisioned_users (person, user_name, external_id) VALUES ($1, $2, $3)
                ON CONFLICT (person) DO UPDATE
                SET user_name = EXCLUDED.user_name, external_id = EXCLUDED.external_id, deleted_at = NULL
                """,
                *(person, user_name, external_id),
            )
        except asyncpg.UniqueViolationError:
            raise NameTaken(user_name) from None

    async def forget(self, person: str) -> None:
        """Takes back what a user was called who was not made after all."""
        await self._pool.execute("DELETE FROM provisioned_users WHERE person = $1", person)

    async def delete(self, known: ProvisionedUser) -> None:
        """Shows a user to the provider no more, and takes them out of its groups."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO provisioned_users (person, user_name, external_id, deleted_at) VALUES ($1, $2, $3, now())
                ON CONFLICT (person) DO UPDATE SET deleted_at = now()
                """,
                *(known.user.id, known.user_name, known.external_id),
            )
            await connection.execute("DELETE FROM provisioned_members WHERE person = $1", known.user.id)

    async def groups(self, wanted: Wanted) -> tuple[int, list[ProvisionedGroup]]:
        """How many there are of those asked for, and those of this page, by id."""
        # nosemgrep: sql-from-values  # one of this module's own conditions
        total = await self._pool.fetchval(
            f"SELECT count(*) FROM provisioned_groups WHERE {_GROUP_BY[wanted.by]}", wanted.value
        )
        # nosemgrep: sql-from-values  # one of this module's own conditions
        rows = await self._pool.fetch(
            f"""
            SELECT g.id, g.name, g.external_id, ARRAY(
                SELECT person FROM provisioned_members m WHERE m.group_id = g.id
            ) AS members
            FROM (
                SELECT * FROM provisioned_groups WHERE {_GROUP_BY[wanted.by]} ORDER BY id OFFSET $2 LIMIT $3
            ) g ORDER BY g.id
            """,
            *(wanted.value, wanted.after, wanted.most),
        )
        return total, [
            ProvisionedGroup(row["id"], row["name"], row["external_id"], frozenset(row["members"])) for row in rows
        ]

    async def group(self, id: str) -> ProvisionedGroup | None:
        """A group by its id."""
        _, found = await self.groups(Wanted("id", id))
        return found[0] if found else None

    async def put_group(
        self, id: str, name: str, external_id: str | None, people: Iterable[str], was: ProvisionedGroup | None = None
    ) -> None:
        """Adds a group, or replaces what is known of it; of people who are not known nothing is kept.

        Raises NameTaken, and ChangedMeanwhile where its members are no longer those that they `was` known by.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    """
                    INSERT INTO provisioned_groups (id, name, external_id) VALUES ($1, $2, $3)
                    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, external_id = EXCLUDED.external_id
                    """,
                    *(id, name, external_id),
                )
                await _still(connection, id, was)
                await connection.execute("DELETE FROM provisioned_members WHERE group_id = $1", id)
                await connection.execute(
                    """
                    INSERT INTO provisioned_members (group_id, person)
                    SELECT $1, p.id FROM people p WHERE p.id = ANY($2)
                    """,
                    *(id, list(people)),
                )
                await append(connection, [Entry(Act.GROUP_CHANGED, Kind.GROUP, id)])
        except asyncpg.UniqueViolationError:
            raise NameTaken(name) from None

    async def delete_group(self, was: ProvisionedGroup) -> None:
        """Forgets a group. Raises ChangedMeanwhile."""
        id = was.id
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM provisioned_groups WHERE id = $1 FOR UPDATE", id)
            await _still(connection, id, was)
            await connection.execute("DELETE FROM provisioned_groups WHERE id = $1", id)
            await append(connection, [Entry(Act.GROUP_CHANGED, Kind.GROUP, id)])

    async def group_names(self, people: Iterable[str]) -> dict[str, frozenset[str]]:
        """The names of the groups that each of these people is in."""
        rows = await self._pool.fetch(
            """
            SELECT m.person, array_agg(g.name) AS names
            FROM provisioned_members m JOIN provisioned_groups g ON g.id = m.group_id
            WHERE m.person = ANY($1) GROUP BY m.person
            """,
            list(people),
        )
        return {row["person"]: frozenset(row["names"]) for row in rows}


async def _still(connection: asyncpg.Connection, id: str, was: ProvisionedGroup | None) -> None:
    """Raises ChangedMeanwhile where a group, whose row is held, has other members than it had."""
    rows = await connection.fetch("SELECT person FROM provisioned_members WHERE group_id = $1", id)
    if was is not None and was.members != {row["person"] for row in rows}:
        raise ChangedMeanwhile(id)
