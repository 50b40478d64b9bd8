"""From when to when one channel's streams of a kind were read, without the ERP's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import channel_streams, known_streams

__all__ = ["Reach", "reach_of"]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a channel's streams of one kind cover; `until` is None before the first full read."""

    is_known: bool
    since: datetime | None
    until: datetime | None


def reach_of(evidence: Evidence, channel: str, kind: str) -> Reach:
    """Return the reach of a kind (`orders`, `payouts`, `ledger`) of a channel, of the stream that ends first."""
    return evidence.once(f"reach {channel} {kind}", lambda: _read(evidence, channel, kind))


def _read(evidence: Evidence, channel: str, kind: str) -> Reach:
    streams = channel_streams(evidence, channel, kind)
    row = evidence.cursor.execute(
        "SELECT min(window_start) FROM coverage WHERE stream IN (SELECT unnest($1::VARCHAR[]))", [streams]
    ).fetchone()
    ends = [evidence.store.mirror.covered_until(s, evidence.cursor) for s in streams]
    known = known_streams(evidence)
    return Reach(
        any(s in known for s in streams),
        row[0].astimezone(UTC) if row and row[0] else None,
        None if None in ends else min(e for e in ends if e is not None),
    )
