"""What happened to an order or settlement, in each system's own words, and what is open about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

import duckdb

from reconcile.amounts import amount_text

__all__ = [
    "Documents",
    "Event",
    "Wrong",
    "channel_events",
    "document_events",
    "our_events",
    "settlement_events",
    "what_is_wrong",
]

_DOCUMENT = {
    "SalesOrd": "sales order",
    "CashSale": "cash sale",
    "CustInvc": "invoice",
    "ItemShip": "fulfilment",
    "RtnAuth": "return authorisation",
    "CustCred": "credit memo",
    "CustRfnd": "refund",
    "Journal": "journal",
}
_STANDING = {
    "A": "Pending Approval",
    "B": "Pending Fulfillment",
    "C": "Cancelled",
    "D": "Partially Fulfilled",
    "E": "Pending Billing, Partially Fulfilled",
    "F": "Pending Billing",
    "G": "Billed",
    "H": "Closed",
}
# Documents that name the order, and those that were made from them.
_DOCUMENTS = """
WITH named AS (
    SELECT * FROM transactions
    WHERE (external_key = $1 AND external_id IN ($2, 'AMZ-' || $2, 'WMT-' || $2))
        OR (other_key = $1 AND other_reference IN ($2, 'AMZ-' || $2, 'WMT-' || $2))
        OR (number_key = $1 AND number IN ($2, 'AMZ-' || $2, 'WMT-' || $2))
        OR ($3 IS NOT NULL AND (other_reference = $3 OR number = $3))
),
followed AS (
    SELECT DISTINCT t.* FROM transaction_lines l JOIN named n ON l.created_from = n.transaction_id
    JOIN transactions t ON t.transaction_id = l.transaction_id
)
SELECT transaction_id, number, transaction_type, status, total, currency, coalesce(created_at, updated_at), external_id
FROM (SELECT * FROM named UNION SELECT * FROM followed) ORDER BY 7, 1
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `amount` is signed as the seller sees it."""

    at: datetime
    system: str
    text: str
    amount: Decimal | None = None
    currency: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """One open discrepancy of the story's subject; `who` says whose turn it is."""

    discrepancy_id: str
    title: str
    cause: str
    state: str
    amount: Decimal
    currency: str
    who: str


@dataclass(frozen=True, slots=True)
class Documents:
    """The ERP's documents of an order: how each stands, and when each was made."""

    standing: tuple[str, ...]
    events: tuple[Event, ...]


def channel_events(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str, key: int) -> list[Event]:
    """Return the order's own life: placed, acknowledged, every change of status that was seen."""
    rows = cursor.execute(
        "SELECT ordered_at, updated_at, status, vendor_status, total, currency, acknowledged_at"
        " FROM orders_versions WHERE order_key = $1 AND channel = $2 AND order_id = $3 ORDER BY version",
        [key, channel, order_id],
    ).fetchall()
    if not rows:
        return []
    ordered, _, _, _, _, currency, _ = rows[0]
    total, acknowledged = rows[-1][4], rows[-1][6]
    said = f"ordered, {amount_text(total, currency)} {currency}"
    events = [Event(ordered, channel, said, total, currency, order_id)]
    if acknowledged:
        events.append(Event(acknowledged, channel, "acknowledged"))
    before = None
    for _, updated, status, vendor_status, _, _, _ in rows:
        if status != before:
            events.append(Event(updated, channel, f"{status} ({vendor_status})"))
        before = status
    tracked = cursor.execute(
        "SELECT tracking_number, any_value(carrier) FROM order_lines WHERE order_key = $1 AND channel = $2"
        " AND order_id = $3 AND tracking_number IS NOT NULL GROUP BY 1 ORDER BY 1",
        [key, channel, order_id],
    ).fetchall()
    last = rows[-1][1]
    events += [Event(last, channel, f"parcel {number}", reference=carrier) for number, carrier in tracked]
    return events


def document_events(cursor: duckdb.DuckDBPyConnection, order_id: str, key: int, alternate_id: str | None) -> Documents:
    """Return the documents that name the order by any reference, and what was made from them."""
    standing, events = [], []
    for row in cursor.execute(_DOCUMENTS, [key, order_id, alternate_id]).fetchall():
        number_id, number, kind, status, total, currency, at, external_id = row
        money = f", {amount_text(total, currency)} {currency}" if total is not None and currency else ""
        name = f"{_DOCUMENT.get(kind, kind)} {number or number_id}"
        stands = _STANDING.get(status, status) if kind == "SalesOrd" else status
        standing.append(f"{name}{f' ({stands})' if stands else ''}{money}")
        events.append(Event(at, "NetSuite", f"{name} made{money}", total, currency, external_id))
    return Documents(tuple(standing), tuple(events))


def settlement_events(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str, key: int) -> list[Event]:
    """Return the order's settlement lines summed by day and kind, and the payouts that they were part of."""
    rows = cursor.execute(
        """
        SELECT l.settlement_id, l.transaction_type, l.posted_date, sum(l.amount), any_value(l.currency),
            any_value(s.deposit_at)
        FROM settlement_lines l JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
        WHERE l.channel = $1 AND ((l.order_key = $2 AND l.order_id = $3) OR l.merchant_order_id = $3)
        GROUP BY 1, 2, 3 ORDER BY 3, 1, 2
        """,
        [channel, key, order_id],
    ).fetchall()
    events = []
    payouts: dict[str, tuple[datetime, Decimal, str]] = {}
    for settlement_id, kind, day, amount, currency, deposit in rows:
        at = datetime.combine(day, time(), UTC)
        said = f"{kind} settled, net {amount_text(amount, currency)} {currency}"
        events.append(Event(at, channel, said, amount, currency, settlement_id))
        if deposit:
            held = payouts.get(settlement_id, (deposit, Decimal(0), currency))
            payouts[settlement_id] = (deposit, held[1] + amount, currency)
    for settlement_id, (at, amount, currency) in payouts.items():
        said = f"paid out in settlement {settlement_id}: {amount_text(amount, currency)} {currency} of it"
        events.append(Event(at, channel, said, amount, currency, settlement_id))
    return events


def our_events(cursor: duckdb.DuckDBPyConnection, channel: str, subject: str, part: str | None = None) -> list[Event]:
    """Return what Tieout found of a subject, or of subjects that hold `part`, and what was sent for it."""
    mine = "channel = $1 AND (subject = $2 OR contains(subject, $3))"
    served = f"o.discrepancy_id IN (SELECT discrepancy_id FROM discrepancies WHERE {mine})"  # noqa: S608 - our text
    asked = [channel, subject, part]
    found = cursor.execute(
        f"SELECT first_seen, title, resolved_at FROM discrepancies WHERE {mine} ORDER BY first_seen",  # noqa: S608
        asked,
    ).fetchall()
    events = [Event(seen, "Tieout", f"found: {title}") for seen, title, _ in found]
    events += [Event(done, "Tieout", f"resolved: {title}") for _, title, done in found if done]
    approved = cursor.execute(
        f"SELECT approved_at, summary, approved_by, identity FROM operations o WHERE {served}"  # noqa: S608
        " AND approved_at IS NOT NULL ORDER BY approved_at, ordinal",
        asked,
    ).fetchall()
    events += [Event(at, "Tieout", f"{said}: approved by {by}", reference=name) for at, said, by, name in approved]
    steps = cursor.execute(
        f"SELECT a.recorded_at, o.summary, a.step, a.outcome, o.identity FROM attempts a JOIN operations o"  # noqa: S608
        f" ON o.operation_id = a.operation_id WHERE {served} ORDER BY a.recorded_at, a.attempt",
        asked,
    ).fetchall()
    return events + [Event(at, "Tieout", f"{said}: {step}, {end}", reference=n) for at, said, step, end, n in steps]


def what_is_wrong(
    cursor: duckdb.DuckDBPyConnection, channel: str, subject: str, part: str | None = None
) -> tuple[Wrong, ...]:
    """Return the open discrepancies of a subject, or of subjects that hold `part`, the most severe first."""
    rows = cursor.execute(
        "SELECT discrepancy_id, title, cause, state, amount, currency, blocked_by FROM discrepancies"
        " WHERE channel = $1 AND (subject = $2 OR contains(subject, $3)) AND state <> 'resolved'"
        " ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'med' THEN 1 ELSE 2 END, discrepancy_id",
        [channel, subject, part],
    ).fetchall()
    ids: Sequence[str] = [r[0] for r in rows]
    failed = dict(
        cursor.execute(
            "SELECT discrepancy_id, any_value(error) FROM operations WHERE state = 'failed'"
            " AND discrepancy_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY 1",
            [list(ids)],
        ).fetchall()
    )
    found = []
    for key, title, cause, state, amount, currency, blocked_by in rows:
        who = _whose_turn(state, blocked_by, failed.get(key))
        found.append(Wrong(key, title, cause, state, amount, currency, who))
    return tuple(found)


def _whose_turn(state: str, blocked_by: str | None, failure: str | None) -> str:
    if failure:
        return f"you: the write failed ({failure})"
    if blocked_by:
        return f"you: {blocked_by}"
    return {"planned": "you: approve the plan", "pushing": "Tieout: it is being sent"}.get(state, "you: plan the fix")
