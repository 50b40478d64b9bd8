"""Control: settlement lines name an order that the mirror does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.reach import reach_of
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "Hint", "LineOrderUnknown", "hint_of"]

Hint = Literal["order", "shipment", "other_shop", "refund"]

#: An order may be placed so long before it is shipped, or before it is refunded, and so before the first day read.
_SHIPPED_WITHIN, _REFUNDED_WITHIN = timedelta(days=30), timedelta(days=180)
_INBOUND = re.compile(r"FBA[0-9A-Z]{6,}", re.IGNORECASE)
_OTHER_SHOP = re.compile(r"S\d{2}-\d{7}-\d{7}")

# A settlement may pay for several marketplaces of one seller: an order of any channel of the vendor is known, and so is
# what it ships for another shop, which its lines name by the seller's own number.
# Who is known is left out before anything is added up: what is left is little.
_UNKNOWN = """
WITH unknown AS (
    SELECT l.* FROM settlement_lines l ANTI JOIN orders o
        ON o.order_key = l.order_key AND o.order_id = l.order_id
        AND split_part(o.channel, '.', 1) = split_part(l.channel, '.', 1)
    ANTI JOIN multichannel_orders m
        ON m.order_id = l.merchant_order_id AND split_part(m.channel, '.', 1) = split_part(l.channel, '.', 1)
    WHERE l.order_key IS NOT NULL
)
SELECT channel, order_id, sum(amount) AS amount, any_value(currency) AS currency, count(*) AS lines,
    min(posted_date) AS first_posted, max(posted_date) AS last_posted, any_value(marketplace) AS marketplace,
    min(settlement_id) AS settlement_id, count(DISTINCT settlement_id) AS batches,
    min(file_line) AS file_line, list(DISTINCT sku ORDER BY sku) FILTER (WHERE sku IS NOT NULL) AS skus,
    bool_or(transaction_type IN ('Order', 'Sale')) AS sold
FROM unknown GROUP BY channel, order_key, order_id
ORDER BY channel, first_posted, order_id
"""
_CAUSES: Mapping[Hint, tuple[str, str]] = {
    "order": (
        "settled orders of {0} that are not in the mirror",
        "Pull the orders again (`tieout pull {1}`); if the order does not come, look it up in the channel",
    ),
    "refund": (
        "refunds of {0} for orders that are not in the mirror",
        "Pull the orders again (`tieout pull {1}`); an order before the first day read has to be looked up by hand",
    ),
    "shipment": (
        "fees of {0} on inbound shipments: the number is no order's",
        "Nothing is missing: the fee belongs to a shipment into the marketplace's warehouse; waive it",
    ),
    "other_shop": (
        "orders of other shops that {0} ships (multi-channel fulfilment)",
        "Pull amazon.multichannel to see for which order; what is not found belongs to another shop, waive it",
    ),
}


@dataclass(frozen=True, slots=True)
class _Group:
    """The lines of one number that no order answers to."""

    channel: str
    order_id: str
    amount: Decimal
    currency: str
    lines: int
    first_posted: date
    last_posted: date
    marketplace: str | None
    settlement_id: str
    settlements: int
    file_line: int
    skus: list[str] | None
    sold: bool

    @property
    def hint(self) -> Hint:
        return hint_of(self.order_id, self.marketplace, sold=self.sold)


def hint_of(order_id: str, marketplace: str | None, *, sold: bool) -> Hint:
    """Return what a number without an order most likely is.

    Amazon names inbound shipments (FBA19CD9HGQ8) in the order column of fees, and orders of other shops that it
    ships under the marketplace `Non-Amazon`, numbered S01-….
    """
    if _INBOUND.fullmatch(order_id):
        return "shipment"
    if _OTHER_SHOP.fullmatch(order_id) or (marketplace or "").casefold().startswith("non-amazon"):
        return "other_shop"
    return "order" if sold else "refund"


@dataclass(frozen=True, slots=True)
class LineOrderUnknown:
    """One finding an order number; what may be older than the first day that orders were read from waits."""

    name: str = "line_order_unknown"
    title: str = "settled, order unknown"
    #: The settlement's own controls hold its money.
    counts_money: bool = False
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the numbers of settlement lines that no order of the vendor's channels has."""
        findings: list[Finding] = []
        waits: dict[str, int] = {}
        waiting: set[str] = set()
        for row in evidence.cursor.execute(_UNKNOWN).fetchall():
            group = _Group(*row)
            live_from = go_live(evidence, self.name, group.channel)
            if live_from is not None and group.first_posted < live_from.date():
                continue
            reason = _unread(evidence, group)
            if reason:
                waits[reason] = waits.get(reason, 0) + 1
                waiting.add(group.order_id)
            else:
                findings.append(self._finding(group))
        return Judgement(findings, sum(waits.values()), "; ".join(waits) or None, frozenset(waiting))

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: the order has to be pulled, or it is none."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _finding(self, group: _Group) -> Finding:
        hint = group.hint
        cause, remedy = _CAUSES[hint]
        vendor, _, account = group.channel.partition(".")
        remedy = remedy.format(group.channel, f"{vendor}.orders@{account}")
        money = f"{amount_text(group.amount, group.currency)} {group.currency}"
        return Finding(
            discrepancy_id=f"{self.name}|{group.channel}|{group.order_id}",
            control=self.name,
            channel=group.channel,
            subject=group.order_id,
            title=f"Settlement {group.settlement_id} pays {money} for {group.order_id}, no order of the mirror",
            severity="med" if hint in ("order", "refund") else "low",
            cause_id=f"unknown_order|{group.channel}|{hint}",
            cause=cause.format(group.channel),
            blocked_by=remedy,
            channel_amount=group.amount,
            erp_amount=None,
            amount=abs(group.amount),
            currency=group.currency,
            occurred_at=datetime.combine(group.first_posted, time(), tzinfo=UTC),
            detail={
                "hint": hint,
                "settlement_id": group.settlement_id,
                "settlements": group.settlements,
                "file_line": group.file_line,
                "lines": group.lines,
                "skus": list(group.skus or ()),
                "marketplace": group.marketplace or "",
                "from": group.first_posted.isoformat(),
                "to": group.last_posted.isoformat(),
                "remedy": remedy,
            },
        )


def _unread(evidence: Evidence, group: _Group) -> str | None:
    """Return what has to be read before the number can be judged, None where it can be now."""
    if group.hint in ("shipment", "other_shop"):
        return None
    read = reach_of(evidence, group.channel, "orders")
    if read.since is None or not read.is_read:
        return f"orders of {group.channel}, never read to the end yet"
    if not read.reaches(datetime.combine(group.last_posted, time(), tzinfo=UTC)):
        return f"orders of {group.channel}, last seen {read.until:%Y-%m-%d %H:%M} UTC"
    before = _SHIPPED_WITHIN if group.sold else _REFUNDED_WITHIN
    if group.first_posted - before < read.since.date():
        return f"orders of {group.channel} placed before {read.since:%Y-%m-%d}, which were never read"
    return None


CONTROL = LineOrderUnknown()
