"""Amazon takes a change of a listing on at once and shows it a minute later: what was sent is waited for.

What is awaited lives in memory. After a restart the offer is taken as it stands, which by then it has become.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sync.clock import Clock
from sync.errors import Transient, VendorReply

__all__ = ["Settling"]

#: Longer than this a change does not take (public knowledge: minutes); then it is drift.
_PATIENCE_S = timedelta(minutes=15).total_seconds()
_WAIT_S = 30.0

Agrees = Callable[[Mapping[str, Any]], bool]


@dataclass(slots=True)
class Settling:
    """The changes that were accepted and may not be visible yet, by target."""

    clock: Clock
    _awaited: dict[str, tuple[Agrees, float]] = field(default_factory=dict)

    def accepted(self, target_id: str, agrees: Agrees) -> None:
        """Await that the target's record `agrees`."""
        self._awaited[target_id] = (agrees, self.clock.monotonic() + _PATIENCE_S)

    def not_yet(self, target_id: str, record: Mapping[str, Any]) -> Transient | None:
        """Return why the record is not to be believed yet, None when it is as sent or has had its time."""
        held = self._awaited.get(target_id)
        if held is None:
            return None
        agrees, until = held
        if agrees(record) or self.clock.monotonic() >= until:
            del self._awaited[target_id]
            return None
        seen = VendorReply("amazon", "getListingsItem", 200, detail=f"{target_id} does not show the change yet")
        return Transient(seen, "Amazon has accepted it and works on it", wait_s=_WAIT_S)
