"""Reading a stretch of time page by page: windows without a gap, a token for the next page, a restart at any page.

The cursor holds the window and the token of the next page. A token that has grown too old, that Amazon refuses, or that
comes back costs one new start of its window; an empty page with a token goes on (finances do that).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.amazon.pages import Read, page_of, stored_time
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Window
from sync.transport import Call, Reply, VendorClient

__all__ = ["WindowRules", "read_windows"]

#: Amazon refuses an end that is less than two minutes old; clocks differ.
_SETTLED = timedelta(minutes=2, seconds=30)


@dataclass(frozen=True, slots=True)
class WindowRules:
    """How one API wants to be read by time.

    `overlap` is read again by each pull, `longest` is the longest window, `oldest` how far back the vendor goes,
    `token_life` after which a token is not tried any more.
    """

    overlap: timedelta
    longest: timedelta
    oldest: timedelta
    token_life: timedelta = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the reading of one window stands; `token` None: at its first page."""

    window: Window
    token: str | None = None
    token_at: datetime | None = None

    def cursor(self, covered: datetime | None) -> dict[str, object]:
        open_window = {
            "start": self.window.start.isoformat(),
            "end": self.window.end.isoformat(),
            "token": self.token,
            "token_at": self.token_at.isoformat() if self.token_at else None,
        }
        return {"until": covered.isoformat() if covered else None, "window": open_window}


async def read_windows(
    client: VendorClient,
    clock: Clock,
    rules: WindowRules,
    cursor: Mapping[str, object] | None,
    *,
    since: datetime,
    until: datetime,
    ask: Callable[[Window, str | None], Call],
    read: Callable[[Reply], Read],
) -> AsyncIterator[Batch]:
    """Yield every page from `cursor` (None: from `since`) up to `until`, oldest window first.

    `ask` returns the call for a window's first page (token None) or a further one, `read` decodes its answer.

    Raises:
        VendorError: a class of `sync.errors`; ContractBroken when pages repeat without end.
    """
    now = clock.now()
    covered = stored_time(cursor, "until")
    end = min(until, now - _SETTLED).replace(microsecond=0)
    walk = _resumed(cursor, now, rules) or _next(covered, end, now, rules, since)
    while walk is not None:
        async for batch in _one_window(client, clock, walk, covered, ask, read):
            yield batch
        covered = walk.window.end
        following = min(covered + rules.longest, end)
        walk = _Walk(Window(covered, following)) if following > covered else None


def _resumed(cursor: Mapping[str, object] | None, now: datetime, rules: WindowRules) -> _Walk | None:
    held = cursor.get("window") if cursor else None
    if not isinstance(held, Mapping):
        return None
    start, end = stored_time(held, "start"), stored_time(held, "end")
    if start is None or end is None:
        return None
    token, token_at = held.get("token"), stored_time(held, "token_at")
    if isinstance(token, str) and token_at is not None and now - token_at < rules.token_life:
        return _Walk(Window(start, end), token, token_at)
    return _Walk(Window(start, end))


def _next(covered: datetime | None, end: datetime, now: datetime, rules: WindowRules, since: datetime) -> _Walk | None:
    if covered is not None and covered >= end:
        return None
    start = max(covered - rules.overlap if covered else since, now - rules.oldest).replace(microsecond=0)
    stop = min(start + rules.longest, end)
    return _Walk(Window(start, stop)) if stop > start else None


async def _one_window(
    client: VendorClient,
    clock: Clock,
    walk: _Walk,
    covered: datetime | None,
    ask: Callable[[Window, str | None], Call],
    read: Callable[[Reply], Read],
) -> AsyncIterator[Batch]:
    used: set[str] = set()
    may_restart = True
    while True:
        try:
            reply = await client.send(ask(walk.window, walk.token))
        except Rejected:
            if walk.token is None or not may_restart:
                raise
            walk, may_restart, used = _Walk(walk.window), False, set()
            continue
        page = read(reply)
        if walk.token:
            used.add(walk.token)
        if page.token in used:
            if not may_restart:
                raise ContractBroken(reply.seen(detail="the same page comes again and again"))
            walk, may_restart, used = _Walk(walk.window), False, set()
            continue
        raw = page_of(reply) if page.documents or page.quarantined else None
        if page.token is None:
            last = {"until": walk.window.end.isoformat(), "window": None}
            yield Batch(raw, page.documents, last, page.quarantined, covered=walk.window)
            return
        walk = _Walk(walk.window, page.token, clock.now())
        yield Batch(raw, page.documents, walk.cursor(covered), page.quarantined)
