"""Causes: discrepancies grouped by what is behind them, so that one decision frees many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconcile.controls import all_controls
from reconcile.past import stand_at
from sync.store.store import Store

__all__ = ["Cause", "causes"]

_GROUPED = """
WITH marked AS (
    SELECT discrepancy_id, mark, until FROM discrepancy_marks
    QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
),
standing AS (
    SELECT d.* FROM discrepancies d LEFT JOIN marked m ON m.discrepancy_id = d.discrepancy_id
    WHERE d.state <> 'resolved' AND NOT coalesce(m.mark <> 'lifted' AND (m.until IS NULL OR m.until > $1), false)
)
SELECT cause_id, currency, any_value(cause), list(DISTINCT control ORDER BY control),
    list(DISTINCT channel ORDER BY channel), count(*), count(*) FILTER (WHERE blocked_by IS NOT NULL),
    coalesce(sum(amount) FILTER (WHERE control NOT IN (SELECT unnest($2::VARCHAR[]))), 0),
    min(occurred_at), min(deadline)
FROM standing GROUP BY cause_id, currency ORDER BY cause_id, currency
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """What several discrepancies share. `money` is at stake by currency, each amount counted in one control only."""

    cause_id: str
    cause: str
    controls: tuple[str, ...]
    channels: tuple[str, ...]
    count: int
    blocked: int
    money: tuple[tuple[str, Decimal], ...]
    oldest: datetime
    deadline: datetime | None


def causes(store: Store, at: datetime | None = None) -> list[Cause]:
    """Return the causes of all discrepancies that stand and are not waived, the one behind most of them first.

    `at`: of those that stood at a moment.
    """
    echoing = [c.name for c in all_controls() if not c.counts_money]
    found: dict[str, Cause] = {}
    with store.database.reading() as cursor:
        if at is not None:
            stand_at(cursor, store, at)
        rows = cursor.execute(_GROUPED, [at or store.clock.now(), echoing]).fetchall()
    for cause_id, currency, text, controls, channels, count, blocked, amount, oldest, deadline in rows:
        money = ((currency, amount),) if amount else ()
        one = Cause(cause_id, text, tuple(controls), tuple(channels), count, blocked, money, oldest, deadline)
        held = found.get(cause_id)
        found[cause_id] = one if held is None else _joined(held, one)
    return sorted(found.values(), key=lambda c: (-c.count, c.cause_id))


def _joined(left: Cause, right: Cause) -> Cause:
    deadlines = [d for d in (left.deadline, right.deadline) if d is not None]
    return Cause(
        left.cause_id,
        left.cause,
        tuple(sorted({*left.controls, *right.controls})),
        tuple(sorted({*left.channels, *right.channels})),
        left.count + right.count,
        left.blocked + right.blocked,
        left.money + right.money,
        min(left.oldest, right.oldest),
        min(deadlines, default=None),
    )
