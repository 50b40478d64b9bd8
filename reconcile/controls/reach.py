"""From when to when one channel's streams of a kind were read, without the ERP's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconcile.controls.control import Edge, Evidence
from reconcile.controls.horizon import channel_streams, known_streams

__all__ = ["Reach", "reach_of"]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a channel's streams of one kind cover."""

    is_known: bool
    since: datetime | None
    edges: tuple[Edge, ...]

    @property
    def bound(self) -> datetime | None:
        """Return `until` for a statement; its reader notes at the edges how long the answer holds."""
        ends = [e.bound for e in self.edges]
        return None if None in ends else min(e for e in ends if e is not None)

    @property
    def until(self) -> datetime | None:
        """Return the end of the stream that ends first, None before the first full read."""
        ends = [e.value for e in self.edges]
        return None if None in ends else min(e for e in ends if e is not None)

    @property
    def is_read(self) -> bool:
        """Tell whether all streams have been read to the end at least once."""
        for edge in self.edges:
            edge.stands_before(None)
        return self.bound is not None

    def reaches(self, moment: datetime) -> bool:
        """Tell whether all streams have been read up to a moment; it holds longer than `until`."""
        return self.edges != () and not [e for e in self.edges if not e.reaches(moment)]


def reach_of(evidence: Evidence, channel: str, kind: str) -> Reach:
    """Return the reach of a kind (`orders`, `payouts`, `ledger`) of a channel, of the stream that ends first."""
    return evidence.once(f"reach {channel} {kind}", lambda: _read(evidence, channel, kind))


def _read(evidence: Evidence, channel: str, kind: str) -> Reach:
    streams = channel_streams(evidence, channel, kind)
    known = known_streams(evidence)
    return Reach(
        any(s in known for s in streams),
        min((since for s in streams if (since := evidence.since(s)) is not None), default=None),
        tuple(evidence.until(s) for s in streams),
    )
