"""An entity takes what this installation signed, for this entity and now; nothing is left of what it does not take."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.access.team import Actor
from privacy.command_keys import CommandKeys
from privacy.master_key import in_file
from testing.signing import SIGNING
from tests.workflows import toy_server
from tests.workflows.toy_entity import AddAmounts, OpenLedger
from tests.workflows.toy_server import World
from tests.workflows.update_client import ANYBODY, Clerk, of
from workflows import client as giving
from workflows.client import give
from workflows.command_signatures import KeyRing, Sent, Signature, SigningKey, SigningKeys, check_with
from workflows.contract import OTHER_BUILD, SIGN_ANEW, UNSIGNED, Envelope, stream_of

STRANGERS = SigningKeys(lambda: KeyRing((SigningKey(b"somebody" * 4),)))
SECRET = b"a secret" * 4


@pytest.fixture(autouse=True)
def checked() -> Iterator[None]:
    check_with(SIGNING)
    yield
    check_with(None)


@dataclass(frozen=True)
class Made:
    """An update as whoever reaches Temporal makes one: all of it can be chosen."""

    clerk: Clerk
    sent: Sent
    signature: Signature | None

    async def arrives(self, **changed: Any) -> ApplicationError:
        """The refusal, when it comes with something `changed` since it was signed."""
        sent = replace(self.sent, **changed)
        args = [*map(RawValue, sent.payloads), *([self.signature] if self.signature else [])]
        handle = self.clerk.client.get_workflow_handle(sent.stream)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(sent.command, args=args, id=sent.update_id)
        assert isinstance(refused.value.cause, ApplicationError)
        return refused.value.cause


def made(clerk: Clerk, by: SigningKeys | None = SIGNING, ago: timedelta = timedelta(0), **changes: Any) -> Made:
    sent = Sent(clerk.stream, AddAmounts.name, "an/update", said(clerk, **changes))
    return Made(clerk, sent, by.sign(sent, datetime.now(UTC) - ago) if by else None)


def said(clerk: Clerk, actor: Actor = ANYBODY, amount: int = 1) -> list[Any]:
    envelope = Envelope(actor=actor, fingerprint="a body")
    converter = clerk.client.data_converter.payload_converter
    return list(converter.to_payloads([envelope, AddAmounts(amounts=(amount,)).model_dump(mode="json")]))


@pytest.fixture
async def clerk(real_world: World) -> AsyncIterator[Clerk]:
    """Of a ledger in which nothing may happen during the test."""
    clerk = await real_world.ledger()
    before = await clerk.history()
    yield clerk
    assert list(await clerk.history()) == list(before)
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2


async def test_what_nobody_signed_is_of_another_build(clerk: Clerk) -> None:
    refused = await made(clerk, None).arrives()
    # So 0.3.0, which does not sign, gives it again, or tells its caller to: it reads these.
    assert (refused.type, set(refused.details[0])) == (OTHER_BUILD, {"sentence", "accepted", "field"})


async def test_a_signature_is_of_this_actor_body_command_entity_and_id(clerk: Clerk, real_world: World) -> None:
    mine = made(clerk)
    boss = Actor(id="P-THEBOSS", standing=ANYBODY.standing)
    other = await real_world.ledger()
    for changed in (
        {"payloads": said(clerk, amount=1000)},
        {"payloads": said(clerk, actor=boss)},
        {"payloads": list(reversed(mine.sent.payloads))},
        {"stream": other.stream},
        {"update_id": "another/update"},
        {"command": "close_ledger"},
    ):
        assert (await mine.arrives(**changed)).type == UNSIGNED, changed
    later = Made(clerk, mine.sent, mine.signature.but(at=datetime.now(UTC)) if mine.signature else None)
    assert (await later.arrives()).type == UNSIGNED


async def test_what_is_no_signature_is_none(clerk: Clerk) -> None:
    mine = made(clerk)
    nonsense = Made(clerk, mine.sent, "of course I am the boss")  # type: ignore[arg-type]
    assert (await nonsense.arrives()).type == UNSIGNED
    assert mine.signature is not None
    assert (await Made(clerk, mine.sent, mine.signature.but(mac="not a ⚿ mac")).arrives()).type == UNSIGNED


@pytest.mark.parametrize("ago", [timedelta(hours=24, minutes=1), timedelta(minutes=-11)])
async def test_one_of_another_time_is_to_be_signed_anew(clerk: Clerk, ago: timedelta) -> None:
    assert (await made(clerk, ago=ago).arrives()).type == SIGN_ANEW


async def test_one_of_an_unknown_key_is_to_be_signed_anew_and_whoever_cannot_is_told_to_ask_again(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await made(clerk, STRANGERS).arrives()).type == SIGN_ANEW
    with monkeypatch.context() as impatient:
        impatient.setattr(giving, "GIVEN_AGAIN_FOR", timedelta(seconds=0.5))
        clerk.signing = STRANGERS
        with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
            await clerk.give(AddAmounts(amounts=(1,)))
    clerk.signing = SIGNING


async def test_a_life_that_a_stranger_begins_is_none(real_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving, "GIVEN_AGAIN_FOR", timedelta(seconds=0.5))
    stream = stream_of("ledger", "L-FORGED")
    envelope, body = Envelope(actor=ANYBODY, fingerprint=""), OpenLedger(ledger="L-FORGED").model_dump(mode="json")
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await give(real_world.client, STRANGERS, stream, OpenLedger.name, body, envelope, "forged", start=True)
    assert real_world.journal.written(stream) == []
    history = await real_world.client.get_workflow_handle(stream).fetch_history()
    assert of("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", history.events) == []


async def test_a_history_is_replayed_when_its_key_is_gone(real_world: World) -> None:
    clerk = await real_world.ledger()
    await clerk.give(AddAmounts(amounts=(1,)))
    check_with(STRANGERS)
    await toy_server.replay(await clerk.runs())


async def test_keys_are_rotated_while_commands_are_given(real_world: World, tmp_path: Path) -> None:
    masters = in_file(tmp_path / "master.key")
    masters.make()

    def of_a_process() -> SigningKeys:
        return SigningKeys(CommandKeys(in_file(tmp_path / "master.key").secrets, lambda: SECRET))

    clerk = await real_world.ledger()
    clerk.signing = of_a_process()
    check_with(of_a_process())
    (before,) = clerk.signing.ring.keys
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2

    new = masters.next(masters.all()[0].id.hex())
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 3
    ahead = Clerk(clerk.client, clerk.ledger, clerk.journal)
    ahead.signing = of_a_process()  # it signs with the new key, which the worker may not have seen yet
    assert (await ahead.give(AddAmounts(amounts=(1,)), key="ahead")).version == 4
    masters.keep_only(new)
    check_with(of_a_process())  # it knows the new key alone, and some may still sign with the old one
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 5
    clerk.signing = SigningKeys(lambda: KeyRing((before,)))
    assert (await made(clerk, clerk.signing).arrives()).type == SIGN_ANEW


def test_the_file_is_looked_at_twice_a_second_at_most(tmp_path: Path) -> None:
    looked, now = [], [0.0]

    def read() -> KeyRing:
        looked.append(now[0])
        return KeyRing((SigningKey(SECRET),))

    keys = SigningKeys(read, clock=lambda: now[0])
    for tenths in range(21):
        now[0] = tenths / 10
        assert keys.ring
    assert looked == [0.0, 0.5, 1.0, 1.5, 2.0]


async def test_before_its_first_rotation_an_installation_of_0_3_0_takes_what_that_sends(
    real_world: World, tmp_path: Path
) -> None:
    masters, now = in_file(tmp_path / "master.key"), [0.0]
    keys = SigningKeys(CommandKeys(masters.secrets, lambda: SECRET), clock=lambda: now[0])
    clerk = await real_world.ledger()
    check_with(keys)
    unsigned = made(clerk, None)
    args = list(map(RawValue, unsigned.sent.payloads))
    await clerk.handle.execute_update(AddAmounts.name, args=args, id="P-ANYBODY/of/0.3.0")
    clerk.signing = keys
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 3
    assert (await made(clerk, STRANGERS).arrives()).type == SIGN_ANEW

    masters.next(None)
    now[0] += 1
    assert (await unsigned.arrives(update_id="P-ANYBODY/still/0.3.0")).type == OTHER_BUILD
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 4
    (tmp_path / "master.key").unlink()  # it is not mounted just now
    now[0] += 1
    assert (await unsigned.arrives(update_id="P-ANYBODY/still/0.3.0")).type == OTHER_BUILD
    await real_world.journal.reaches(clerk.stream, 4)
