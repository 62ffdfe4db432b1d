"""Templates of requisitions: made of one, named, retired, and counted by what was opened from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from domain.core.messages import Value
from domain.requisition.template import RequisitionTemplate
from store.audit import Act, Entry, Kind, append


class TemplateLine(Value):
    """One template: what it is called, of which requisition and by whom it was made, and how often it was used.

    Times in UTC. One that is retired is offered to nobody.
    """

    id: str
    name: str
    title: str
    requisition: str
    made_by: str
    made_at: datetime
    retired_by: str | None
    retired_at: datetime | None
    uses: int


class KeptTemplate(TemplateLine):
    """The same with all that it fills in."""

    content: RequisitionTemplate


_LINE = """
    t.id, t.name, t.content ->> 'title' AS title, t.requisition, t.made_by, t.made_at, t.retired_by, t.retired_at,
    (SELECT count(*) FROM requisition_template_uses u WHERE u.template = t.id) AS uses
"""


class RequisitionTemplates:
    """Keeps the templates of requisitions."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self) -> list[TemplateLine]:
        """Every template: those in use first, by name."""
        rows = await self._pool.fetch(
            f"SELECT {_LINE} FROM requisition_templates t ORDER BY t.retired_at IS NOT NULL, lower(t.name), t.id"
        )
        return [TemplateLine(**row) for row in rows]

    async def read(self, id: str) -> KeptTemplate | None:
        """One template; None if there is none with this id."""
        row = await self._pool.fetchrow(
            f"SELECT {_LINE}, t.content FROM requisition_templates t WHERE t.id = $1",
            id,
        )
        return _kept(row) if row else None

    async def make(self, id: str, name: str, content: RequisitionTemplate, requisition: str, by: str) -> KeptTemplate:
        """Keeps a template under this id; what was kept under it before stays as it is."""
        async with self._pool.acquire() as connection, connection.transaction():
            made = await connection.fetchval(
                """
                INSERT INTO requisition_templates (id, name, content, requisition, made_by)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING RETURNING id
                """,
                *(id, name, content.model_dump_json(), requisition, by),
            )
            if made:
                await append(connection, [Entry(Act.TEMPLATE_MADE, Kind.TEMPLATE, id, requisition)])
        found = await self.read(id)
        assert found is not None, "it was just kept"
        return found

    async def rename(self, id: str, name: str) -> None:
        """Calls a template this from now on."""
        async with self._pool.acquire() as connection, connection.transaction():
            changed = await connection.fetchval(
                "UPDATE requisition_templates SET name = $2 WHERE id = $1 AND name <> $2 RETURNING id", id, name
            )
            if changed:
                await append(connection, [Entry(Act.TEMPLATE_RENAMED, Kind.TEMPLATE, id)])

    async def retire(self, id: str, retired: bool, by: str) -> None:
        """Offers a template to nobody any more, or again."""
        async with self._pool.acquire() as connection, connection.transaction():
            changed = await connection.fetchval(
                """
                UPDATE requisition_templates
                SET retired_at = CASE WHEN $2 THEN now() END, retired_by = CASE WHEN $2 THEN $3 END
                WHERE id = $1 AND (retired_at IS NOT NULL) <> $2 RETURNING id
                """,
                *(id, retired, by),
            )
            if changed:
                act = Act.TEMPLATE_RETIRED if retired else Act.TEMPLATE_RESTORED
                await append(connection, [Entry(act, Kind.TEMPLATE, id)])

    async def used(self, id: str, requisition: str, by: str) -> None:
        """Notes that a requisition was opened from a template; the first that is noted of it stays."""
        await self._pool.execute(
            """
            INSERT INTO requisition_template_uses (requisition, template, used_by)
            SELECT $1, id, $3 FROM requisition_templates WHERE id = $2 ON CONFLICT (requisition) DO NOTHING
            """,
            *(requisition, id, by),
        )

    async def begun_from(self, requisition: str) -> KeptTemplate | None:
        """The template that a requisition was opened from; None where it was opened from none."""
        row = await self._pool.fetchrow(
            f"""
            SELECT {_LINE}, t.content FROM requisition_templates t
            JOIN requisition_template_uses used ON used.template = t.id WHERE used.requisition = $1
            """,
            requisition,
        )
        return _kept(row) if row else None


def _kept(row: Any) -> KeptTemplate:
    return KeptTemplate(**{**row, "content": RequisitionTemplate.model_validate_json(row["content"])})
