"""Web archives (MHTML, as browsers and Word save pages) and mails → the lines of the page, or of the text, in them."""

import email
import email.policy
import re
from email.message import EmailMessage

from documents.decoding import LARGEST_BYTES, Unreadable
from documents.extracts import Extract, lines_of
from documents.html_pages import read_html

_HEADER = re.compile(rb"[\w-]{1,40}:")
_MIME = re.compile(rb"^MIME-Version:", re.I | re.M)
_TYPE = re.compile(rb"^Content-Type:\s*(?:multipart/|text/)", re.I | re.M)
_HEADERS_WITHIN = 4_000
_MOST_LEVELS = 30
MEDIA_TYPE = "message/rfc822"


def is_mail(data: bytes) -> bool:
    """Whether a file begins with the headers of a mail, or of a web archive."""
    begins = data[:_HEADERS_WITHIN].lstrip(b"\r\n\t ")
    return bool(_HEADER.match(begins) and _MIME.search(begins) and _TYPE.search(begins))


def read_mail(data: bytes, file: str) -> Extract:
    """Read the page or text in it; raises Unreadable for one that is too large, has files attached, or no words."""
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the text alone.")
    damaged = Unreadable(f"{file} is cut off or damaged: the page in it cannot be read. Save it as PDF.")
    if data.count(b"boundary=") > _MOST_LEVELS:
        raise damaged
    try:
        message = email.message_from_bytes(data.lstrip(b"\r\n\t "), EmailMessage, policy=email.policy.default)
        parts = [part for part in message.walk() if not part.is_multipart()]
        if any(part.get_content_disposition() == "attachment" for part in parts):
            raise Unreadable(f"{file} is a mail with files attached. Save those and upload them.")
        page = next((part for part in parts if part.get_content_type() == "text/html"), None)
        if page is not None:
            content = page.get_payload(decode=True)
            assert isinstance(content, bytes), "a part that is not made of others"
            return read_html(content, file, page.get_content_charset())
        text = next((part for part in parts if part.get_content_type() == "text/plain"), None)
        lines = lines_of(str(text.get_content())) if text is not None else ()
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        raise damaged from None
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a PDF.")
    return Extract(MEDIA_TYPE, lines)
