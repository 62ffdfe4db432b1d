"""Rate limits: how often one address may be wrong, may ask for mail, and how much one caller may ask for.

Whoever is right is never refused for somebody else's wrong tries: what was shown is looked at first, and only what does
not hold is counted against the address it came from. Counted in this process alone, in no more than `REMEMBERED`
places; whoever was not heard of for longest is forgotten first.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from contextlib import suppress

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.problems import Refused
from api.services import services
from settings import Settings
from store.audit import NOBODY, Act, AuditAway, Entry, Kind

REMEMBERED = 20_000


class BoundedStorage(Storage):
    """Counts in memory, for at most `most` keys at a time."""

    def __init__(self, most: int = REMEMBERED) -> None:
        super().__init__()
        self._most = most
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing of its own."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts `amount` more, in a window that ends `expiry` seconds after its first."""
        count, ends_at = self._held(key) or (0, time.monotonic() + expiry)
        self._counts[key] = (count + amount, ends_at)
        self._counts.move_to_end(key)
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """What was counted in the window that is open."""
        return (self._held(key) or (0, 0.0))[0]

    def get_expiry(self, key: str) -> float:
        """When the window that is open ends, on the wall clock."""
        held = self._held(key)
        return time.time() + (held[1] - time.monotonic() if held else 0.0)

    def check(self) -> bool:
        """It is always there."""
        return True

    def reset(self) -> int:
        """Forgets everything."""
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forgets one key."""
        self._counts.pop(key, None)

    def _held(self, key: str) -> tuple[int, float] | None:
        held = self._counts.get(key)
        return held if held and held[1] > time.monotonic() else None


class RateLimits:
    """The limits of one process."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(BoundedStorage())
        self._wrong = RateLimitItemPerMinute(settings.wrong_tries)
        self._mails = RateLimitItemPerMinute(settings.mails_asked, 10)
        self._calls = RateLimitItemPerMinute(settings.requests_per_second * 60)

    def wrong(self, request: Request) -> None:
        """Counts and records a token, a code or a link that does not hold. Raises Refused where there were too many of
        this address."""
        with suppress(AuditAway):  # nobody was let in, and the log says that nothing is written
            services(request).audit.note(Entry(Act.SIGN_IN_FAILED, Kind.SESSION, actor=NOBODY, how="sign-in"))
        self._hit(self._wrong, "wrong", address_of(request), "Too many tries that were wrong came from here.")

    def mail(self, request: Request) -> None:
        """Counts a mail that is asked for. Raises Refused where too many were from this address."""
        self._hit(self._mails, "mail", address_of(request), "Too many mails were asked for from here.")

    def call(self, caller: str) -> None:
        """Counts a request of a caller. Raises Refused where they ask for too much."""
        self._hit(self._calls, "call", caller, "These are too many requests.")

    def _hit(self, item: RateLimitItem, what: str, who: str, sentence: str) -> None:
        if self._limiter.hit(item, what, who):
            return
        wait = max(math.ceil(self._limiter.get_window_stats(item, what, who).reset_time - time.time()), 1)
        raise Refused(
            429,
            "too_many",
            sentence,
            f"The same again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )


def limits_of(request: Request) -> RateLimits:
    """This process's limits."""
    limits: RateLimits = request.app.state.limits
    return limits


def address_of(request: Request) -> str:
    """Where a request came from: one address, or of IPv6 the network that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
