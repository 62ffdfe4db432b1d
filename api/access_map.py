"""The access registry as one page an auditor can read: permissions, routes, and what each field shows.

`python -m api.access_map` (or `make map`) writes `docs/access.md` from the registry, the routes and the classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fastapi import FastAPI

from api.access import BY_COMMAND, every_route, needed
from api.app import create_app
from api.scim.wire import PREFIX
from domain.access.permissions import GRANTS, Grant, Permission, Relation
from domain.core.messages import Event
from domain.registry import COMMANDS, DECIDERS
from domain.registry.visibility import PERMISSIONS, Shows, shown_by, shows
from settings import ROOT, Settings

PAGE = ROOT / "docs" / "access.md"

_HEAD = """\
# Who may do and read what

Made by `make map` from the access registry (`domain/access/permissions.py`), the routes and the classes themselves; a
test keeps it true. `tests/api/test_access.py` tries every route with everybody, on what is theirs and what is others'.

A reader stands in relations to a thing, and a permission is given to relations. Nobody has a permission on what they
are nothing to: knowing an id is no relation. A colleague who is the candidate has none on their own candidacy, whatever
else they are. A route that names no permission keeps the API from starting.
"""


def page(app: FastAPI) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, "## Relations", "", "| relation | who |", "| --- | --- |"]
    parts += [f"| {_name(one)} | {one.value} |" for one in Relation]
    parts += [
        "",
        "## Permissions",
        "",
        "Restricted is a candidate whose erasure was granted and is put off by the law: the last column says who still"
        " reads.",
        "",
        "| permission | opens | for | restricted |",
        "| --- | --- | --- | --- |",
    ]
    parts += [_permission(grant) for grant in GRANTS.values()]
    parts += ["", "## Routes", "", "| route | needs |", "| --- | --- |", *_routes(app)]
    parts += ["", "## Commands", "", "| command | roles |", "| --- | --- |", *_commands()]
    parts += ["", "## What events show", "", *_events()]
    return "\n".join(parts) + "\n"


def _permission(grant: Grant) -> str:
    to = [_name(one) for one in grant.to] + [f"{_name(one)} {condition.value}" for one, condition in grant.on]
    all_of_them = f"; each {grant.of_all.value}" if grant.of_all else ""
    restricted = ", ".join(_name(one) for one in grant.restricted if one in grant.to) or "nobody"
    still = restricted if grant.permission.startswith("candidate.") else ""
    return f"| `{grant.permission.value}` | {grant.opens} | {', '.join(to)}{all_of_them} | {still} |"


def _routes(app: FastAPI) -> Iterator[str]:
    paths = [(one.path, one) for one in (*every_route(app.routes), *every_route(app.state.pages.routes))]
    paths += [(f"{PREFIX}{one.path}", one) for one in every_route(app.state.scim.routes)]
    for path, route in sorted(paths, key=lambda one: one[0]):
        what = needed(route.endpoint)
        if what == BY_COMMAND and not path.endswith("{command}"):
            continue  # one for each command, told below
        methods = ", ".join(sorted(set(route.methods or ()) - {"HEAD"}))
        yield f"| `{methods} {path}` | {_needs(what)} |"


def _needs(what: tuple[Permission, ...] | str) -> str:
    if isinstance(what, str):
        return "a role of the command"
    return ", ".join(f"`{one.value}`" for one in what) or "nothing: it tells nobody anything"


def _commands() -> Iterator[str]:
    for entity, commands in COMMANDS.items():
        for name, command in sorted(commands.items()):
            yield f"| `{entity} {name.replace('_', '-')}` | {', '.join(command.who)} |"


def _events() -> Iterator[str]:
    for entity, permissions in PERMISSIONS.items():
        kinds = {kind for chapter in DECIDERS[entity].chapters for kind in chapter.evolving}
        yield f"### Of a {entity}"
        yield ""
        yield "; ".join(f"{shown.value}: `{permissions[shown].value}`" for shown in Shows) + "."
        yield ""
        yield "| event | fields that are more than an overview |"
        yield "| --- | --- |"
        for kind in sorted(kinds, key=lambda one: one.type):
            yield f"| `{kind.type}` | {_fields(kind)} |"
        yield ""


def _fields(kind: type[Event]) -> str:
    whole = shown_by(kind)
    if whole is not Shows.OVERVIEW:
        return f"as a whole: {whole.value}"
    told = [(name, shows(kind, name)) for name in kind.model_fields]
    return _list(f"`{name}`: {what.value}" for name, what in told if what is not Shows.OVERVIEW)


def _list(words: Iterable[str]) -> str:
    return "; ".join(words) or "none"


def _name(relation: Relation) -> str:
    return relation.name.lower().replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(create_app(Settings())), encoding="utf-8")
