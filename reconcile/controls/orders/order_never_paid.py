"""Control: an order was shipped long ago, and no settlement has a line of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from reconcile.amounts import amount_text
from reconcile.controls.control import EXACT, Edge, Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.reach import reach_of
from reconcile.fixes.derived import Derived, for_a_person
from sync.errors import BadInput
from sync.ops.findings import Finding

__all__ = ["CONTROL", "OrderNeverPaid", "patience_of"]

#: Two settlement periods and a week.
_PERIODS, _MORE = 2, timedelta(days=7)
_USUAL_PERIOD = timedelta(days=14)
_REMEDY = "Look the order up in the channel's payments; if it was paid nowhere, ask the marketplace for it"

# Without a parcel's own time, an order was shipped between the day it was placed and its last change: to be paid it
# has time from the later one, and may have been paid from the earlier one on. An order that the ledger knows is on
# its way: its settlement is open, or its money is deferred.
# Nearly all are settled in their own channel: that is asked on few columns first, and all else of those that are left.
_UNPAID = """
CREATE OR REPLACE TEMP TABLE never_paid AS
WITH asked AS MATERIALIZED (
    SELECT o.order_key, o.channel, o.order_id FROM orders o JOIN temp.paid_bounds b ON b.channel = o.channel
    WHERE o.status IN ('shipped', 'delivered') AND o.total <> 0 AND o.order_type <> 'replacement'
),
elsewhere AS MATERIALIZED (
    SELECT a.* FROM asked a ANTI JOIN settlement_lines l
        ON l.order_key = a.order_key AND l.order_id = a.order_id AND l.channel = a.channel
),
unsettled AS MATERIALIZED (
    SELECT e.* FROM elsewhere e ANTI JOIN settlement_lines l
        ON l.order_key = e.order_key AND l.order_id = e.order_id
        AND split_part(l.channel, '.', 1) = split_part(e.channel, '.', 1)
),
sent AS (
    SELECT channel, order_key, max(shipped_at) AS shipped_at FROM channel_shipments
    WHERE order_key IN (SELECT order_key FROM unsettled) GROUP BY ALL
),
shipped AS (
    SELECT o.*, coalesce(p.shipped_at, o.updated_at) AS shipped_at,
        coalesce(p.shipped_at, o.ordered_at) AS shipped_from, b.first_start, b.patience, b.read_until, b.judged_at
    FROM unsettled u
    JOIN orders o ON o.order_key = u.order_key AND o.channel = u.channel AND o.order_id = u.order_id
    JOIN temp.paid_bounds b ON b.channel = o.channel
    LEFT JOIN sent p ON p.channel = o.channel AND p.order_key = o.order_key
    WHERE coalesce(p.shipped_at, o.updated_at) >= coalesce(b.live_from, TIMESTAMPTZ '-infinity')
)
SELECT channel, order_id, order_key, status, fulfilled_by, currency, total, tax, ordered_at, shipped_at, shipped_from,
    first_start, patience, read_until, judged_at, greatest(ordered_at, shipped_at) + patience AS due_at
FROM shipped
"""
_DUE = """
SELECT u.channel, u.order_id, u.status, u.fulfilled_by, u.currency, u.total, u.tax, u.ordered_at, u.shipped_at,
    CASE
        WHEN u.shipped_from < u.first_start THEN 'first'
        WHEN u.shipped_at + u.patience > u.read_until THEN 'unread'
        WHEN EXISTS (SELECT 1 FROM channel_transactions t WHERE t.order_key = u.order_key AND t.order_id = u.order_id
            AND (t.matures_at IS NULL OR t.matures_at >= u.judged_at - u.patience) AND t.total <> 0) THEN 'ledger'
        WHEN EXISTS (SELECT 1 FROM temp.paid_gaps g WHERE g.channel = u.channel AND g.starts < u.shipped_at + u.patience
            AND g.ends > u.shipped_from) THEN 'gap'
        ELSE ''
    END AS waits
FROM temp.never_paid u WHERE u.due_at < u.judged_at
ORDER BY u.channel, u.shipped_at, u.order_id
"""
_FOLLOWING = "SELECT min(due_at) FROM temp.never_paid WHERE due_at >= judged_at"
_WAITS = {
    "first": "shipped before the first settlement of {0} that is known",
    "unread": "the settlements of {0} to be read further",
    "ledger": "the ledger of {0} knows the order; its settlement is not closed",
    "gap": "a settlement of {0} that is missing in the chain",
}


@dataclass(frozen=True, slots=True)
class OrderNeverPaid:
    """One finding an order; cancelled, replaced and free orders are left out."""

    name: str = "order_never_paid"
    title: str = "shipped, never paid"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders shipped longer ago than the policy's days without a line in any settlement.

        Raises:
            BadInput: a decision on the days cannot be used.
        """
        days, edges = _set_bounds(evidence)
        evidence.cursor.execute(_UNPAID)
        found = evidence.cursor.execute(_DUE)
        names = [d[0] for d in found.description]
        findings, waits = [], dict[str, int]()
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
        for row in rows:
            if row["waits"]:
                reason = _WAITS[row["waits"]].format(row["channel"])
                waits[reason] = waits.get(reason, 0) + 1
            else:
                findings.append(self._finding(evidence, row, days[row["channel"]]))
        _note_how_long(evidence, edges, {row["waits"] for row in rows})
        waiting = frozenset(row["order_id"] for row in rows if row["waits"])
        return Judgement(findings, sum(waits.values()), "; ".join(waits) or None, waiting)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: a person asks the marketplace."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda _: _REMEDY)

    def _finding(self, evidence: Evidence, row: Mapping[str, Any], patience: timedelta) -> Finding:
        waits_long = evidence.has_come(row["shipped_at"] + timedelta(days=2 * patience.days + 1))
        total: Decimal = row["total"]
        return Finding(
            discrepancy_id=f"{self.name}|{row['channel']}|{row['order_id']}",
            control=self.name,
            channel=row["channel"],
            subject=row["order_id"],
            title=f"Order {row['order_id']} over {amount_text(total, row['currency'])} {row['currency']}, shipped"
            f" {row['shipped_at']:%Y-%m-%d}, is in no settlement",
            severity="high" if waits_long else "med",
            cause_id=f"never_paid|{row['channel']}|{row['fulfilled_by']}",
            cause=f"orders of {row['channel']} shipped more than {patience.days} days ago and not paid",
            blocked_by=_REMEDY,
            channel_amount=Decimal(0),
            erp_amount=None,
            amount=abs(total),
            currency=row["currency"],
            occurred_at=row["shipped_at"],
            detail={
                "status": row["status"],
                "fulfilled_by": row["fulfilled_by"],
                "ordered_at": row["ordered_at"].isoformat(),
                "tax": amount_text(row["tax"], row["currency"]),
                "days": patience.days,
            },
        )


def patience_of(evidence: Evidence, channel: str, period: timedelta = _USUAL_PERIOD) -> timedelta:
    """Return how long an order of a channel may go unpaid: two settlement periods and a week, or what was decided.

    Decision kind `policy`, subject `order_never_paid|channel` or `order_never_paid`, value {"days": 45}.

    Raises:
        BadInput: the decision's days are no number from 1 to 999.
    """
    decided = evidence.decisions("policy")
    held = decided.get(f"order_never_paid|{channel}") or decided.get("order_never_paid")
    if held is None:
        return _PERIODS * timedelta(days=max(1, round(period / timedelta(days=1)))) + _MORE
    days = str(held.value.get("days", ""))
    if not (days.isascii() and days.isdigit() and 0 < int(days) < 1000):
        raise BadInput(
            "the policy of orders that were never paid cannot be used",
            remedy='Decide it again with {"days": 35}',
            value=str(dict(held.value)),
        )
    return timedelta(days=int(days))


def _set_bounds(evidence: Evidence) -> tuple[dict[str, timedelta], list[Edge]]:
    """Make the temporary table of what is judged in each channel; returns the days by channel, and what is read."""
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE paid_bounds (channel VARCHAR, first_start TIMESTAMPTZ, read_until TIMESTAMPTZ,"
        " patience INTERVAL, judged_at TIMESTAMPTZ, live_from TIMESTAMPTZ)"
    )
    days: dict[str, timedelta] = {}
    edges: list[Edge] = []
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE paid_gaps (channel VARCHAR, starts TIMESTAMPTZ, ends TIMESTAMPTZ)"
    )
    for chain in evidence.settled():
        channel = chain.channel
        days[channel] = patience_of(evidence, channel, chain.period)
        reach = reach_of(evidence, channel, "settlements")
        edges += [*reach.edges, evidence.settled_until(chain)]
        read: datetime = max(chain.until, reach.bound or chain.until)
        evidence.cursor.execute(
            "INSERT INTO temp.paid_bounds VALUES ($1, $2, $3, $4, $5, $6)",
            [channel, chain.first, read, days[channel], evidence.now, go_live(evidence, "order_never_paid", channel)],
        )
        for gap in chain.gaps:
            evidence.cursor.execute("INSERT INTO temp.paid_gaps VALUES ($1, $2, $3)", [channel, *gap])
    return days, edges


def _note_how_long(evidence: Evidence, edges: Sequence[Edge], waits: set[str]) -> None:
    """Note until when the same is found: until the next order is due, or who waits for more to be read need not."""
    for edge in edges:
        edge.stands_before(EXACT if "unread" in waits else None)
    (due,) = evidence.cursor.execute(_FOLLOWING).fetchone() or (None,)
    evidence.stands_before(EXACT if "ledger" in waits else due)


CONTROL = OrderNeverPaid()
