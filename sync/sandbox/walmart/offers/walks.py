"""Where the readers of the item list are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sync.sandbox.walmart.front.refusals import ITEMS, Refused

__all__ = ["CURSOR_LIFE", "ItemWalks"]

CURSOR_LIFE = timedelta(minutes=2)


@dataclass(slots=True)
class _Walk:
    started_at: datetime
    skus: list[str]
    place: int = 0


class ItemWalks:
    """Walks through the item list: one cursor for all pages of a walk, the place is kept here."""

    def __init__(self) -> None:
        self._walks: dict[str, _Walk] = {}

    def start(self, skus: list[str], now: datetime) -> str:
        """Begin a walk and return its cursor."""
        self._walks = {c: w for c, w in self._walks.items() if now - w.started_at <= CURSOR_LIFE}
        cursor = sha256(f"{now.isoformat()} {len(self._walks)} {len(skus)}".encode()).hexdigest()[:32]
        self._walks[cursor] = _Walk(now, skus)
        return cursor

    def next(self, cursor: str, limit: int, now: datetime) -> tuple[list[str], int]:
        """Return the next SKUs of a walk, and how many it holds in all.

        Raises:
            Refused: 400 for a cursor that is unknown or older than two minutes.
        """
        walk = self._walks.get(cursor)
        if walk is None or now - walk.started_at > CURSOR_LIFE:
            raise Refused(400, "INVALID_REQUEST_PARAM", "Invalid Cursor", "nextCursor", ITEMS)
        page = walk.skus[walk.place : walk.place + limit]
        walk.place += len(page)
        return page, len(walk.skus)
