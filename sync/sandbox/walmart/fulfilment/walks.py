"""Where the readers of the bulk list of stock are."""

from __future__ import annotations

import base64
from hashlib import sha256

from sync.sandbox.walmart.front.refusals import INVENTORY, Refused

__all__ = ["InventoryWalks"]


class InventoryWalks:
    """Cursors of the bulk list: each is good once, in order; sent again, skipped or twice at once it is unknown."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[list[str], int, int]] = {}
        self._count = 0

    def issue(self, skus: list[str], place: int, limit: int) -> str:
        """Return the cursor of the page that begins at `place`."""
        self._count += 1
        key = sha256(f"{self._count} {place} {len(skus)}".encode()).hexdigest()[:36]
        cursor = base64.b64encode(f"{key} {place}".encode()).decode()
        self._open[cursor] = (skus, place, limit)
        return cursor

    def take(self, cursor: str, limit: int) -> tuple[list[str], int]:
        """Return the SKUs of the walk and where the page begins; the cursor is used up.

        Raises:
            Refused: 404 for a cursor that is unknown, used, or asked for with another limit.
        """
        skus, place, issued_for = self._open.pop(cursor, ([], -1, 0))
        if place < 0 or issued_for != limit:
            raise Refused(404, "CONTENT_NOT_FOUND", "The cursor is not valid any more", "nextCursor", INVENTORY)
        return skus, place
