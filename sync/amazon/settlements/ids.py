"""Ids of settlements, as one stream meets them and another asks about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["SettlementIds"]


@dataclass(frozen=True, slots=True)
class SettlementIds:
    """Settlements that the ledger or a payout named since the program started, by channel."""

    _held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, channel: str, settlement_id: str) -> None:
        """Remember a settlement of a channel."""
        self._held[channel].add(settlement_id)

    def of(self, channel: str) -> set[str]:
        """Return the settlements of a channel that were met."""
        return set(self._held.get(channel, ()))
