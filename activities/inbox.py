"""Somebody's inbox from outside: a line is put into it, and a message that it ordered goes out, by mail or chat."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from activities.chat import Chat
from activities.digest_composer import DigestComposer
from activities.entities import TAKEN, EntityActivities
from activities.letter_context import ContextReader
from activities.letter_writer import mailbox, reader
from activities.registry import carries
from activities.smtp_delivery import SmtpDelivery, attempt
from domain.entity.effects import DeliverMessage, EntityMessage, Notify
from domain.notifications.notification import notification_of
from domain.person.inbox import Hear, SettleMessage
from mail.smtp import OutgoingMail
from workflows.contract import EffectOrder, EffectResult, Reply, stream_of

RECEIVED_BEFORE = "refused: already_done"


class InboxActivities:
    """The activities `notify` and `deliver_message`."""

    def __init__(
        self,
        library: ContextReader,
        composer: DigestComposer,
        post: SmtpDelivery,
        chat: Chat,
        entities: EntityActivities,
    ) -> None:
        self._library, self._composer, self._post, self._chat = library, composer, post, chat
        self._entities = entities

    @carries(Notify)
    async def notify(self, order: EffectOrder, effect: Notify) -> EffectResult:
        """Puts a line into somebody's inbox, once. Somebody who is not here, or has no inbox, is a person's task."""
        async with attempt():
            reader(await self._library.people.several([effect.person]), effect.person)
            requisition = await self._library.requisition_behind(order, effect.about)
            team = requisition.team
            assert team is not None, "a search that is read was opened"
            notification = notification_of(order.id, order.stream, order.decided_at, effect, team, requisition.id)
            answer = await self._entities.deliver(
                order,
                EntityMessage(
                    stream=stream_of("person", effect.person),
                    command=Hear.name,
                    payload={"line": notification.model_dump(mode="json")},
                ),
            )
            if answer not in (TAKEN, RECEIVED_BEFORE):
                raise ApplicationError("this person has no inbox", type="nobody_hears", non_retryable=True)
        return EffectResult(note=answer)

    @carries(DeliverMessage)
    async def deliver_message(self, order: EffectOrder, effect: DeliverMessage) -> EffectResult:
        """Sends one message of somebody's inbox, once; or says that nothing of it is owed any more."""
        async with attempt():
            person = reader(await self._library.people.several([effect.person]), effect.person)
            composed = await self._composer.compose(person, effect.lines, order.decided_at)
            note = "nothing of it is still to be told"
            if composed.letter is not None:
                message = OutgoingMail(
                    key=order.id,
                    at=order.decided_at,
                    to=mailbox(person),
                    subject=composed.letter.subject,
                    text=composed.letter.text,
                    signed=composed.signed,
                )
                by_chat = effect.channel == "chat" and self._chat.reaches(person)
                note = await (self._chat.send(message, person) if by_chat else self._post.send(message))
        withheld = composed.letter is None
        if not (withheld or composed.over):
            return EffectResult(note=note)
        settled = SettleMessage(number=effect.number, withheld=withheld, over=composed.over)
        return EffectResult(note=note, reply=Reply(command=settled.name, payload=settled.model_dump(mode="json")))
