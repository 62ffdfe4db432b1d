"""A browser in a few words, from what it says of itself: enough to know one's own phone in a list, and no more."""

from __future__ import annotations

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
"""Marks in a browser's header, and whose they are. Most say that they are those further down as well."""

SYSTEMS = (("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("CrOS", "ChromeOS"), ("Mac OS X", "a Mac"), ("Linux", "Linux"))  # fmt: skip


def browser_of(header: str) -> str:
    """`Firefox on Linux`, from a User-Agent header; nothing of the header itself."""
    browser = next((name for mark, name in BROWSERS if mark in header), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in header), None)
    return f"{browser} on {system}" if system else browser
