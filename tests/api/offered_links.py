"""Which commands a page leads to, and whether the page that is led to has the form or says that it is not possible."""

from __future__ import annotations

import re
from html import unescape

from api.pages.tasks.next_actions import OWN_PAGES
from domain.registry import COMMANDS

_LINK = re.compile(r'<a\b[^>]*\bhref="(/(requisition|candidate)s/[A-Z]-\w+/([a-z-]+)(?:\?[^"]*)?)"')
_OWN = {path: command for command, path in OWN_PAGES.items()} | {"debrief": None}


def commands_led_to(html: str) -> dict[str, str]:
    """The addresses of forms that a page's links lead to, each with its command."""
    found: dict[str, str] = {}
    for href, entity, end in _LINK.findall(html):
        if (name := end.replace("-", "_")) in COMMANDS[entity] and end not in _OWN:
            found[unescape(href)] = name
    return found


def is_there(html: str) -> bool:
    """Whether a form is on the page, with something to send; or which of several calls is meant is asked first."""
    return ('<form class="ask"' in html and 'class="send' in html) or "In which call?" in html
