"""Control: several sales documents of the ERP name one order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.orders.booked import find_booked, horizon_of, set_live_from
from reconcile.fixes.derived import Derived, for_a_person
from reconcile.fixes.orders.read_orders import Key
from reconcile.mapping.standings import standing_of
from sync.ops.findings import Finding

__all__ = ["CONTROL", "OrderDuplicated"]

_FIND = """
WITH twice AS (
    SELECT order_key, channel, order_id FROM temp.{booked}
    WHERE NOT (transaction_type = 'SalesOrd' AND status = 'C') GROUP BY ALL HAVING count(*) > 1
)
SELECT b.channel, b.order_id, b.transaction_id, b.transaction_type, b.status,
    coalesce(b.number, b.transaction_id) AS number, b.total, b.created_at, o.total AS ordered, o.currency, o.ordered_at,
    greatest(o.updated_at, max(b.updated_at) OVER (PARTITION BY b.channel, b.order_id)) AS changed_at,
    EXISTS (SELECT 1 FROM transaction_lines l WHERE l.transaction_id = b.transaction_id AND l.quantity_moved > 0)
        AS has_moved
FROM twice JOIN temp.{booked} b USING (order_key, channel, order_id)
JOIN temp.live_channels c ON c.channel = b.channel
JOIN orders o ON o.order_key = b.order_key AND o.channel = b.channel AND o.order_id = b.order_id
WHERE o.ordered_at >= coalesce(c.live_from, TIMESTAMPTZ '-infinity')
ORDER BY b.channel, b.order_id, b.created_at NULLS FIRST, length(b.transaction_id), b.transaction_id
"""


@dataclass(frozen=True, slots=True)
class _Document:
    number: str
    word: str
    total: Decimal
    created_at: datetime | None
    #: Goods or money have moved with it: it is not simply closed.
    is_used: bool

    def described(self, currency: str) -> str:
        made = f", made {self.created_at:%Y-%m-%d %H:%M}" if self.created_at else ""
        return f"{self.number} ({self.word}, {amount_text(self.total, currency)} {currency}{made})"


@dataclass(frozen=True, slots=True)
class OrderDuplicated:
    """One finding an order; what was given up (cancelled, or closed before anything moved) counts as nothing."""

    name: str = "order_duplicated"
    title: str = "booked more than once in NetSuite"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders that more than one document stands for, with the documents that are too many."""
        return self._judge(evidence, None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: which of two documents is right is for a person to say."""
        return for_a_person(self._judge(evidence, wanted.keys()).findings, wanted, lambda f: str(f.blocked_by))

    def _judge(self, evidence: Evidence, only: Collection[Key] | None) -> Judgement:
        booked = find_booked(evidence, only)
        waits = set_live_from(evidence, self.name, booked)
        found = evidence.cursor.execute(_FIND.format(booked=booked))
        names = [d[0] for d in found.description]
        by_order: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for values in found.fetchall():
            row = dict(zip(names, values, strict=True))
            by_order.setdefault((row["channel"], row["order_id"]), []).append(row)
        findings = []
        for (channel, _), rows in by_order.items():
            documents = _standing(rows)
            if len(documents) < 2:
                continue
            horizon = horizon_of(evidence, channel)
            if not horizon.reaches(rows[0]["changed_at"]):
                waits.add(horizon.waits_for())
            else:
                findings.append(self._finding(rows[0], documents))
        return Judgement(findings, waits.count, waits.reasons)

    def _finding(self, row: Mapping[str, Any], documents: Sequence[_Document]) -> Finding:
        kept, *extra = sorted(documents, key=lambda d: not d.is_used)
        currency = str(row["currency"])
        at_stake = sum((d.total for d in extra), Decimal(0))
        return Finding(
            discrepancy_id=f"{self.name}|{row['channel']}|{row['order_id']}",
            control=self.name,
            channel=row["channel"],
            subject=row["order_id"],
            title=f"Order {row['order_id']} is {len(documents)} documents in NetSuite",
            severity="high",
            cause_id=f"duplicated|{row['channel']}",
            cause=f"orders of {row['channel']} are booked more than once in NetSuite",
            blocked_by=_remedy(kept, extra, currency),
            channel_amount=row["ordered"],
            erp_amount=sum((d.total for d in documents), Decimal(0)),
            amount=abs(at_stake),
            currency=currency,
            occurred_at=extra[0].created_at or row["ordered_at"],
            detail={
                "documents": [d.described(currency) for d in documents],
                "too_many": [d.number for d in extra],
            },
        )


def _standing(rows: Sequence[Mapping[str, Any]]) -> list[_Document]:
    """Return the documents that count, the oldest first."""
    found = []
    for row in rows:
        standing = standing_of(row["transaction_type"], row["status"])
        is_used = bool(row["has_moved"]) or standing.stage in ("moving", "moved", "done")
        if standing.stage in ("closed", "cancelled") and not is_used:
            continue
        found.append(_Document(row["number"], standing.word, row["total"] or Decimal(0), row["created_at"], is_used))
    return found


def _remedy(kept: _Document, extra: Sequence[_Document], currency: str) -> str:
    unused = [d.described(currency) for d in extra if not d.is_used]
    used = [d.described(currency) for d in extra if d.is_used]
    parts = [f"Keep {kept.number} ({kept.word})"]
    if unused:
        parts.append(f"close {', '.join(unused)} in NetSuite: nothing has moved with it")
    if used:
        parts.append(f"take back {', '.join(used)}: goods or money have moved with it")
    return "; ".join(parts)


CONTROL = OrderDuplicated()
