"""What a release wrote and later ones must read: events, effects, carried states, policies and journals, as JSON.

`stored/RELEASE.json.xz` was written by the release's own code (`samples`, when `tests.replay.record` recorded it). The
recorded histories hold the same, as the release wrote it in its daily life, and are all there is of 0.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import settings
from domain.core.messages import Effect, Event, Record
from store.policy_file import load_policy
from testing.people import POLICY
from tests.replay.lives import Life, Moment
from tests.replay.recording import read_json, write_json
from workflows.contract import Carried, EffectOrder, Receipt, Taken, update_id
from workflows.entity import REMEMBERED_FOR

STORED = Path(__file__).parent / "stored"

SHIPPED = load_policy(settings.ROOT / "deploy/sla/default.yaml")

Json = dict[str, Any]


@dataclass
class Stored:
    """What a release wrote.

    `events` are samples of each kind (kind, schema, payload) with every field given, and not given, at least once;
    `effects` the same; `carried` what runs hand on, beside the stream it belongs to; `journals` streams with their rows
    (seq, kind, schema, at, by, payload) and the state they fold to.
    """

    events: list[Json] = field(default_factory=list)
    effects: list[Json] = field(default_factory=list)
    carried: list[Json] = field(default_factory=list)
    policies: list[Json] = field(default_factory=list)
    journals: list[Json] = field(default_factory=list)

    @classmethod
    def read(cls, release: str) -> Stored:
        """What `write` wrote for this release."""
        return cls(**read_json(_file(release)))

    def write(self, release: str) -> None:
        """Keeps it as what this release writes."""
        STORED.mkdir(exist_ok=True)
        write_json(_file(release), asdict(self))


def _file(release: str) -> Path:
    return STORED / f"{release}.json.xz"


def stored_releases() -> list[str]:
    """Every release of which there are samples."""
    return sorted(path.name.removesuffix(".json.xz") for path in STORED.glob("*.json.xz"))


def samples(every: Sequence[Life], chosen: Sequence[Life]) -> Stored:
    """What this build writes in these lives; `chosen` are those that are kept whole."""
    moments = [moment for life in every for moment in life.moments]
    return Stored(
        events=[
            event.stored._asdict()
            for event in _of_each_kind(record.event for moment in moments for record in moment.outcome.records)
        ],
        effects=[
            effect.stored._asdict()
            for effect in _of_each_kind(effect for moment in moments for _, effect in moment.outcome.effects)
        ],
        carried=[
            {"stream": life.stream, "carried": _carried(life, moment).model_dump(mode="json")}
            for life in chosen[:20]
            for moment in life.moments[:: max(1, len(life.moments) // 3)]
        ],
        policies=[policy.model_dump(mode="json") for policy in (SHIPPED, POLICY, POLICY.but(day=timedelta(seconds=6)))],
        journals=[
            {
                "stream": life.stream,
                "events": [_row(record) for moment in life.moments for record in moment.outcome.records],
                "state": life.moments[-1].outcome.state.model_dump(mode="json"),
            }
            for life in chosen
        ],
    )


def _row(record: Record) -> Json:
    return {
        "seq": record.seq,
        "at": record.at.isoformat(),
        "by": record.by,
        **record.event.stored._asdict(),
    }


def _carried(life: Life, moment: Moment) -> Carried:
    """What a run would hand on just after a moment, with all that came of it still to be done."""
    actor, now, outcome = moment.call.actor, moment.call.now, moment.outcome
    receipt = Receipt(stream=life.stream, version=outcome.state.version, fingerprint="a body", at=now)
    return Carried(
        state=outcome.state.model_dump(mode="json"),
        outbox=tuple(outcome.records),
        undone=tuple(EffectOrder.of(effect_id, life.stream, now, effect) for effect_id, effect in outcome.effects),
        taken={update_id(actor.id, moment.command.name, "key"): Taken(receipt=receipt, until=now + REMEMBERED_FOR)},
    )


def _of_each_kind(values: Iterable[Event | Effect]) -> Iterator[Event | Effect]:
    """As few values as show every kind with each of its fields given, and not given, and each matter spoken of."""
    by_kind: dict[str, dict[str, Event | Effect]] = {}
    for value in values:
        found = by_kind.setdefault(value.type, {})
        for shown in _shown(value):
            found.setdefault(shown, value)
    for _, found in sorted(by_kind.items()):
        some = next(iter(found.values()))
        for name, about in type(some).model_fields.items():
            if about.is_required():
                continue
            without = some.model_dump(exclude={name})
            if f"{name} not given" not in found:
                found[f"{name} not given"] = type(some).model_validate(without)
            if f"{name} given" not in found:
                given = not about.default if isinstance(about.default, bool) else "P-SOMEBODY"
                if int in get_args(about.annotation):
                    given = 95
                found[f"{name} given"] = type(some).model_validate(without | {name: given})
        yield from {id(value): value for value in found.values()}.values()


def _shown(value: Event | Effect) -> Iterator[str]:
    for name, about in type(value).model_fields.items():
        default = about.get_default(call_default_factory=True)
        yield f"{name} given" if about.is_required() or getattr(value, name) != default else f"{name} not given"
    for what in ("matter", "job", "command"):
        yield f"{what}: {getattr(value, what, '')}"
