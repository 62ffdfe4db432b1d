"""A mail as it came from a mail server → its words, and what its headers say. Runs in the process of `reader_process`.

Its plain text is read before its page, which in a mail says the same with more around it. Files that came with it stay
in the original, and are named.
"""

import email
import email.errors
import email.header
import email.policy
import re
from email.message import EmailMessage, Message
from email.utils import getaddresses, parseaddr

from documents.decoding import Unreadable, shown
from documents.extracts import lines_of
from documents.html_pages import read_html
from domain.core.source_text import normalised
from domain.evidence.received_mail import Bounced, ReceivedMail

MEDIA_TYPE = "message/rfc822"

_SENT_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_MOST_PARTS = 200
_MOST_LEVELS = 30
_MOST_ADDRESSES = 100
_MOST_ANSWERED = 40
_LONGEST_LINE = 500
_LONGEST_TEXT = 200_000


def read_received(data: bytes, file: str) -> ReceivedMail:
    """Read a mail; raises Unreadable for one that is damaged, or made of too many parts."""
    damaged = Unreadable(f"{file} is no mail that can be read.")
    if data.count(b"boundary=") > _MOST_LEVELS:
        raise damaged
    try:
        message = email.message_from_bytes(data, EmailMessage, policy=email.policy.compat32)
        if not message.keys():
            raise damaged
        parts = [part for _, part in zip(range(_MOST_PARTS), message.walk(), strict=False)]
        text, sender = _words(parts, file), _header(message, "from")
        return ReceivedMail(
            text=normalised(text[:_LONGEST_TEXT]),
            subject=_header(message, "subject"),
            sender=parseaddr(sender)[1].lower()[:254],
            sender_name=parseaddr(sender)[0][:120],
            to=tuple(dict.fromkeys(_addresses(message)))[:_MOST_ADDRESSES],
            message_id=next(iter(_MESSAGE_ID.findall(_header(message, "message-id"))), ""),
            answers=_answers(message),
            by_itself=_by_itself(message),
            bounced=_bounced(message, parts),
            attachments=tuple(_attached(parts)),
        )
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError, AssertionError):
        raise damaged from None


def _words(parts: list[Message], file: str) -> str:
    """The first text that is no attachment; else the first page; nothing of a mail that has neither."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and not part.get_filename() and not part.is_multipart():
                words = _text_of(part, kind, file)
                if words.strip():
                    return words
    return ""


def _text_of(part: Message, kind: str, file: str) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    if kind == "text/html":
        try:
            return "\n".join(
                f"\n{line.text}" if line.apart else line.text
                for line in read_html(content, file, part.get_content_charset()).lines
            )
        except Unreadable:
            return ""
    try:
        text = content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return "\n".join(f"\n{line.text}" if line.apart else line.text for line in lines_of(text))


def _header(message: Message, name: str) -> str:
    """A header in words, on one line."""
    said = message.get(name)
    if said is None:
        return ""
    try:
        decoded = str(email.header.make_header(email.header.decode_header(str(said)[: 4 * _LONGEST_LINE])))
    except (LookupError, ValueError, email.errors.MessageError):
        decoded = str(said)
    decoded = decoded.encode("utf-8", "replace").decode()
    return normalised(" ".join(decoded.split()))[:_LONGEST_LINE].replace("\n", " ").strip()


def _addresses(message: Message) -> list[str]:
    said = [str(value)[:10_000] for name in _SENT_TO for value in message.get_all(name, [])]
    return [address.lower()[:254] for _, address in getaddresses(said) if "@" in address]


def _answers(message: Message) -> tuple[str, ...]:
    """What it refers to, the nearest first."""
    direct = _MESSAGE_ID.findall(str(message.get("in-reply-to", ""))[:4_000])
    before = _MESSAGE_ID.findall(str(message.get("references", ""))[-8_000:])
    return tuple(dict.fromkeys((*direct, *reversed(before))))[:_MOST_ANSWERED]


def _by_itself(message: Message) -> bool:
    """Whether no person wrote it (RFC 3834)."""
    said = str(message.get("auto-submitted", "no")).partition(";")[0].strip().lower()
    listed = str(message.get("precedence", "")).strip().lower() in ("bulk", "junk", "list", "auto_reply")
    return said != "no" or listed or message.get("x-autoreply") is not None


def _bounced(message: Message, parts: list[Message]) -> Bounced | None:
    """What a report says of a mail that could not be delivered; None for what is no report."""
    if message.get_content_type() != "multipart/report":
        return None
    report = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if report is None:
        return None
    blocks = report.get_payload()
    fields = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
    actions = [str(block["action"]).strip().lower() for block in fields if block["action"]]
    status = next((str(block["status"]).strip()[:20] for block in fields if block["status"]), "")
    original = next(
        (part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")), None
    )
    return Bounced(message_id=_original_id(original), status=status, failed="failed" in actions)


def _original_id(part: Message | None) -> str | None:
    """The Message-ID of the mail that a report is about."""
    if part is None:
        return None
    held = part.get_payload()
    inner = held[0] if isinstance(held, list) and held else None
    said = str(inner.get("message-id", "")) if isinstance(inner, Message) else ""
    if not said:
        content = part.get_payload(decode=True)
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else str(held or "")
        found = re.search(r"^message-id:\s*(<[^<>\s]{1,250}>)", text[:20_000], re.I | re.M)
        said = found[1] if found else ""
    return next(iter(_MESSAGE_ID.findall(said)), None)


def _attached(parts: list[Message]) -> list[str]:
    names = [part.get_filename() for part in parts]
    return [shown(name) for name in names if name][:20]
