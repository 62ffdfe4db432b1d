"""Recognisable words in every field that takes words: found by the shape of each command, so a new field has its own.

A canary is a stem that no language has, and three letters that say where it was planted.
"""

from __future__ import annotations

import itertools
import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.core.messages import Command
from domain.registry import COMMANDS
from local.api_client import Api, Refusal
from local.demo.play import Play, Player
from local.demo.script import document

Json = Any

SECRET = "zqxjkvwq"
"""What must lie nowhere in the clear."""

DIGITS = "83027461905"
"""The same for a telephone number; two digits follow."""

OPEN = "vjqzkxwq"
"""What may: names of jobs, places and users, and what is written of the job."""

CONTROL = "qkzvxjwq"
"""What is planted to be found, in each place and as each place may write it."""

CANARY = re.compile(rf"(?i:{SECRET}|{OPEN})[a-z]{{3}}|{DIGITS}\d\d")
"""A planted word."""

_NOT_WORDS = {"enum", "const", "format", "pattern"}
_SPACE = r"\s+(?:(?:\d+\s+)?[\d:.,]+ --> [\d:.,]+\s+(?:[\w .]+: )?)?"
"""Between two words of a transcript, which may be the end of a subtitle."""

CODE = ", as a code"
"""Where a canary stands in place of a name that is to be found."""

_NAMED_FREELY = (".notice_version",)
"""What is called as the company likes, and may have any length."""

_SPOKEN = re.compile(r"^(?:<v [^>\n]+>|[A-Z][\w.' -]{1,40}: )[^<\n]+", re.M)
"""What somebody says in a transcript, with their name before it."""

_INTO_QUOTE = 5
"""By so many of its first words a quote is recognised where it was said."""


@dataclass
class Canary:
    """A planted word: the field it was planted in, whom that was about, and whether it was taken."""

    field: str
    about: set[str]
    taken: bool = False


class Canaries:
    """All that were planted, by their words."""

    def __init__(self) -> None:
        self.planted: dict[str, Canary] = {}
        self.answers: dict[str, set[str]] = {}
        """What each command of each entity was answered: `taken`, or the code of a refusal."""
        self.addresses: dict[str, str] = {}
        self.uploads: dict[str, list[bytes]] = {}
        """The mail address of each applicant, and what was uploaded about them or about a requisition."""
        self._suffixes = ("".join(three) for three in itertools.product(string.ascii_lowercase, repeat=3))
        self._numbers = (f"{number:02}" for number in range(100))
        self._quotes = {quote: self.word(SECRET, "a quote") for quote in sorted(_quotes())}

    def word(self, stem: str, field: str, *about: str) -> str:
        """A new canary."""
        word = stem + next(self._numbers if stem == DIGITS else self._suffixes)
        self.planted[word] = Canary(field, set(about))
        return word

    def marked(self, text: str, *about: str) -> str:
        """`text` with a canary within each quote of the story that begins in it."""
        for quote, word in self._quotes.items():
            first, *others = quote.split()[:_INTO_QUOTE]
            written = _SPACE.join(re.escape(other).replace("\\&", "&(?:amp;)?") for other in others)
            pattern = re.compile(rf"({re.escape(first)})({_SPACE}{written})")
            text, found = pattern.subn(rf"\1 {word}\2", text)
            if found:
                self.planted[word].about.update(about)
        return text

    def into(self, command: type[Command], body: Json, about: set[str], fill: bool, codes: bool = False) -> Json:
        """`body` with a canary in each text of it; with `fill`, in each that is left out, too.

        With `codes` also where a text is the name of something that must be there, so that it is refused.
        """
        schema = command.model_json_schema()
        planting = _Planting(self, command.name, about, schema.get("$defs", {}), fill, codes)
        return planting.into(schema, body, "")

    def taken(self, body: Json) -> None:
        """Says that a command, or a document, with these words was taken."""
        for word in CANARY.findall(json.dumps(body, default=str)):
            self.planted[word.lower()].taken = True

    def of(self, *subjects: str) -> set[str]:
        """The words that must not lie in the clear, were taken, and are about one of these."""
        return {
            word
            for word, canary in self.planted.items()
            if word.startswith((SECRET, DIGITS)) and canary.taken and canary.about & set(subjects)
        }

    def named(self, words: set[str]) -> list[str]:
        """Where these were planted."""
        return sorted({self.planted[word].field if word in self.planted else word for word in words})


@dataclass(frozen=True)
class _Planting:
    canaries: Canaries
    command: str
    about: set[str]
    defs: Mapping[str, Json]
    fill: bool
    codes: bool

    def into(self, schema: Json, value: Json, place: str) -> Json:
        schema = self._resolved(schema)
        if "anyOf" in schema or "oneOf" in schema:
            return self.into(self._branch(schema, value), value, place)
        if isinstance(value, dict):
            return self._object(schema, value, place)
        if isinstance(value, list):
            items = schema.get("prefixItems", [schema.get("items", {})] * len(value))
            return [self.into(kind, one, f"{place}[]") for kind, one in zip(items, value, strict=False)]
        return self._text(schema, value, place) if isinstance(value, str) else value

    def _object(self, schema: Json, value: Json, place: str) -> Json:
        if "document" in value and "words" in value:  # a quote stands in its document, canary and all
            return value | {"words": self.canaries.marked(value["words"], *self.about)}
        if _names_a_label(value) and not self.codes:  # it stands in its document, too
            named = {name: one for name, one in value.items() if name != "speaker"}
            return {"speaker": value["speaker"]} | self._object(schema, named, place)
        fields, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        made = {
            name: self.into(fields.get(name, others), one, f"{place}.{name if name in fields else '*'}")
            for name, one in value.items()
        }
        for name in fields.keys() - {name for name, one in value.items() if one is not None} if self.fill else ():
            below = f"{place}.{name}"
            kind = next((one for one in self._kinds(fields[name]) if _takes_words(one, below)), None)
            if kind is not None:
                made[name] = self._text(kind, "On Tuesday she told the vendor why.", below)
        return made

    def _text(self, schema: Json, value: str, place: str) -> str:
        personal = bool(schema.get("x-personal"))
        words = _takes_words(schema, place)
        if _NOT_WORDS & schema.keys() or not (words or self.codes):
            return value
        stem = OPEN if words and not personal else SECRET
        word = self.canaries.word(stem, f"{self.command}{place}{'' if words else CODE}", *self.about)
        planted = f"{value} {word}"
        return planted if len(planted) <= schema.get("maxLength", len(planted)) else word

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self.defs[schema["$ref"].rpartition("/")[2]]
        return schema

    def _kinds(self, schema: Json) -> Iterator[Json]:
        schema = self._resolved(schema)
        for one in schema.get("anyOf", schema.get("oneOf", [])):
            yield from self._kinds(one)
        yield schema

    def _branch(self, schema: Json, value: Json) -> Json:
        kinds = [one for one in self._kinds(schema) if "anyOf" not in one and "oneOf" not in one]
        fitting = {dict: "object", list: "array", str: "string"}.get(type(value))
        known = [one for one in kinds if one.get("type") == fitting]
        if isinstance(value, dict):
            known.sort(key=lambda one: -len(one.get("properties", {}).keys() & value.keys()))
            known = [one for one in known if _says(one, value)] or known
        return known[0] if known else {}


def fields_with_words(command: type[Command]) -> Iterator[tuple[str, bool]]:
    """Each field of a command that takes words, but quotes and labels, and whether what is written there is personal.

    Those stand in a document.
    """
    schema = command.model_json_schema()
    return _fields(schema, schema.get("$defs", {}), "", ())


def _fields(schema: Json, defs: Mapping[str, Json], place: str, within: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in within:
            yield from _fields(defs[name], defs, place, (*within, name))
        return
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _fields(one, defs, place, within)
    parts = schema.get("properties", {})
    if not {"document", "words"} <= parts.keys():
        for name, one in parts.items():
            if name != "speaker" or not _names_a_label(parts):
                yield from _fields(one, defs, f"{place}.{name}", within)
    for kind, below in (("additionalProperties", ".*"), ("items", "[]")):
        if isinstance(schema.get(kind), dict):
            yield from _fields(schema[kind], defs, f"{place}{below}", within)
    for one in schema.get("prefixItems", ()):
        yield from _fields(one, defs, f"{place}[]", within)
    if schema.get("type") == "string" and _takes_words(schema, place):
        yield place, bool(schema.get("x-personal"))


def _names_a_label(fields: Mapping[str, Any]) -> bool:
    return {"speaker", "who"} <= fields.keys()


def _takes_words(schema: Json, place: str) -> bool:
    free = bool({"x-personal", "minLength", "maxLength"} & schema.keys()) or place.endswith(_NAMED_FREELY)
    return free and schema.get("type") == "string" and not _NOT_WORDS & schema.keys()


def _says(schema: Json, value: Json) -> bool:
    fields = schema.get("properties", {})
    return all(value.get(name, one["const"]) == one["const"] for name, one in fields.items() if "const" in one)


class PlantingApi(Api):
    """Speaks to the API as somebody who leaves a canary wherever words are taken, and in the key of each request."""

    def __init__(self, base_url: str, token: str | None, patience: float, canaries: Canaries) -> None:
        super().__init__(base_url, token, patience)
        self.canaries = canaries

    async def give(self, path: str, body: Any, key: str | None = None, expected_version: int | None = None) -> Any:
        """First with every text there may be; where that is refused, with those that were given."""
        if path == "/v1/humans":
            return await self._introduce(body)
        try:
            return await self.once(path, body, fill=True)
        except Refusal:
            return await self.once(path, body, fill=False)

    async def once(self, path: str, body: Any, fill: bool) -> Any:
        """With every text there may be, or with those that were given."""
        entity, command, about = command_at(path, body)
        planted = self.canaries.into(command, body, about, fill)
        return await self._plant(path, f"{entity}-{command.name}", planted, about)

    async def refused(self, path: str, body: Any) -> bool:
        """Whether this is refused where each code in it is a canary; it is not given where there is none."""
        entity, command, about = command_at(path, body)
        planted = self.canaries.into(command, body, about, fill=True, codes=True)
        if not any(self.canaries.planted[word].field.endswith(CODE) for word in CANARY.findall(json.dumps(planted))):
            return True
        try:
            await self._plant(path, f"{entity}-{command.name}", planted, about)
        except Refusal:
            return True
        return False

    async def upload(self, content: bytes, kind: str, about: str, name: str) -> dict[str, str]:
        """With canaries in the text, in the file's name and in what it says of its kind."""
        said = self.canaries.word(SECRET, f"a {kind}", about)
        called = self.canaries.word(SECRET, f"the name of a {kind}", about)
        typed = self.canaries.word(SECRET, f"the type of a {kind}", about)
        aside = self.canaries.word(SECRET, f"what of a {kind} is in its file alone", about)
        text = _with_line(self.canaries.marked(content.decode(), about), said, aside, name)
        asked = {"kind": kind, "about": about, "name": f"{called} {name}"}
        headers = {"Content-Type": f'text/plain; name="{typed}"'}
        stored: dict[str, str] = await self._again(
            "POST", "/v1/documents", params=asked, content=text.encode(), headers=headers
        )
        self.canaries.taken(text)
        self.canaries.uploads.setdefault(about, []).append(text.encode())
        return stored

    async def _introduce(self, body: Any) -> Any:
        name, mail = (self.canaries.word(SECRET, f"an applicant's {what}") for what in ("name", "address"))
        phone = self.canaries.word(DIGITS, "an applicant's phone")
        planted = {"name": f"{body['name']} {name.title()}", "email": f"{mail}.{body['email']}", "phone": f"+49{phone}"}
        answer = await self._again("POST", "/v1/humans", json=planted)
        for word in (name, mail, phone):
            self.canaries.planted[word].about.add(answer["id"])
        self.canaries.taken(planted)
        self.canaries.addresses[answer["id"]] = planted["email"]
        return answer

    async def _plant(self, path: str, name: str, body: Json, about: set[str]) -> Any:
        key = f"For {self.canaries.word(SECRET, f'the key of {name}', *about)}"
        answers = self.canaries.answers.setdefault(name, set())
        try:
            answer = await self._again("POST", path, json=body, headers={"Idempotency-Key": key})
        except Refusal as refused:
            answers.add(refused.code)
            raise
        answers.add("taken")
        self.canaries.taken(body)
        return answer


def command_at(path: str, body: Json) -> tuple[str, type[Command], set[str]]:
    """The command that is given at `path`, to which entity, and whom it is about: under whose key its words go."""
    _, plural, *rest = path.strip("/").split("/")
    entity = {"requisitions": "requisition", "candidates": "candidate", "people": "person"}[plural]
    if not rest:
        return entity, COMMANDS[entity]["open"], set()
    about = {rest[0]}
    if entity == "requisition":
        about |= {one for name in ("candidate_id", "person") if isinstance(one := body.get(name), str)}
    return entity, COMMANDS[entity][rest[1].replace("-", "_")], about


class PlantedPlay(Play):
    """The demo's story, in which everybody plants canaries. Nothing of it has to be kept by law."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.canaries = Canaries()
        self.script.story["requisition"]["jurisdiction"] = "DE"

    async def join(self, key: str) -> Player:
        """See Play."""
        player = await super().join(key)
        await player.api.__aexit__(None, None, None)
        api = PlantingApi(player.api.base_url, player.token, 60, self.canaries)
        self.company[key] = Player(player.id, player.name, api, player.token, player.memory)
        return self.company[key]


def _with_line(text: str, word: str, aside: str, name: str) -> str:
    """`text` with a line more that has `word`; `aside` stands where no reader looks, if its format has such a place."""
    line = f"On Tuesday she told the vendor about {word} and he signed it."
    if name.endswith(".json"):
        resume = json.loads(text)
        resume["basics"]["summary"] += f" {line}"
        resume["meta"] = {"canonical": f"https://example.com/{aside}"}
        return json.dumps(resume)
    if name.endswith(".vtt"):
        text = f"{text.rstrip()}\n\nNOTE exported by {aside}\n"
    spoken = list(_SPOKEN.finditer(text))
    if not spoken:
        return f"{text.rstrip()}\n{line}\n"
    # In a turn that there is: a speaker of one line would be asked about, and nothing be recorded before.
    return f"{text[: spoken[-1].end()]} {line}{text[spoken[-1].end() :]}"


def _quotes() -> set[str]:
    """All that the story quotes."""
    return {
        words
        for name in ("story.json", "rubric.json")
        for key, words in _pairs(json.loads(document(name).read_text()))
        if key in ("quote", "passage") and len(words.split()) > _INTO_QUOTE
    }


def _pairs(value: Json) -> Iterator[tuple[str, str]]:
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(one, str):
            yield str(key), one
        yield from _pairs(one)
