"""Pages over a list that goes on changing: the first call fixes the order, its tokens walk through it.

So whatever is there from the first page to the last is shown exactly once, at any page size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync.sandbox.amazon.front.cursors import Cursors
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.clock import SandboxClock

__all__ = ["Page", "Snapshots"]

#: Walks that are remembered; the oldest is forgotten first, its tokens are then as good as expired.
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of one page, how many there are in all, and the tokens of its neighbours."""

    keys: tuple[Any, ...]
    total: int
    next_token: str | None
    previous_token: str | None

    def pagination(self) -> dict[str, str]:
        """Return the tokens as the `pagination` object shows them; empty where there is one page only."""
        tokens = {"nextToken": self.next_token, "previousToken": self.previous_token}
        return {name: token for name, token in tokens.items() if token is not None}


class Snapshots:
    """The walks of one operation; a token is good for `life` after it was written."""

    def __init__(self, clock: SandboxClock, cursors: Cursors, operation: str, life: timedelta) -> None:
        self._clock, self._cursors, self._operation, self._life = clock, cursors, operation, life
        self._walks: dict[int, tuple[Any, ...]] = {}
        self._number = 0

    def first(self, keys: Sequence[Any], size: int) -> Page:
        """Return the first page of a new walk over `keys`."""
        self._number += 1
        self._walks[self._number] = tuple(keys)
        if len(self._walks) > _KEPT:
            del self._walks[min(self._walks)]
        return self._page(self._number, 0, size)

    def follow(self, token: str, *, repeat: bool = False) -> Page:
        """Return the page that a token stands for; `repeat` serves the page before it once more.

        Raises:
            Refused: 400 when the token is not of this operation, was altered, or is too old.
        """
        state = self._cursors.read(token, self._clock.now())
        if state.get("of") != self._operation:
            raise bad_input("The pagination token is invalid.")
        walk, offset, size = int(state["walk"]), int(state["offset"]), int(state["size"])
        if self._clock.now() - datetime.fromisoformat(state["at"]) > self._life or walk not in self._walks:
            raise bad_input("The pagination token has expired.")
        return self._page(walk, max(0, offset - size) if repeat else offset, size)

    def _page(self, walk: int, offset: int, size: int) -> Page:
        keys = self._walks[walk]
        after, before = offset + size, max(0, offset - size)
        return Page(
            keys=keys[offset:after],
            total=len(keys),
            next_token=self._token(walk, after, size) if after < len(keys) else None,
            previous_token=self._token(walk, before, size) if offset > 0 else None,
        )

    def _token(self, walk: int, offset: int, size: int) -> str:
        state = {"of": self._operation, "walk": walk, "offset": offset, "size": size}
        return self._cursors.write(state, self._clock.now())
