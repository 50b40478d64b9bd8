"""What happened to an order or settlement, in each system's own words, and what is open about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

import duckdb

from reconcile.amounts import amount_text
from sync.mirror.keys import reference_key

__all__ = [
    "Documents",
    "Event",
    "Settled",
    "Wrong",
    "channel_events",
    "document_events",
    "our_events",
    "settled_lines",
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
# A condition on one column is answered from the column's own sums; conditions joined by OR read whole tables.
_DOCUMENT_COLUMNS = (
    "transaction_id, number, transaction_type, status, total, currency, coalesce(created_at, updated_at), external_id"
)
_REFERENCES = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
_NAMED = " UNION ALL ".join(
    f"SELECT {_DOCUMENT_COLUMNS} FROM transactions"  # noqa: S608 - our names
    f" WHERE {key} = $1 AND {column} IN ($2, 'AMZ-' || $2, 'WMT-' || $2)"
    for key, column in _REFERENCES
)
_NAMED_TOO = " UNION ALL ".join(
    f"SELECT {_DOCUMENT_COLUMNS} FROM transactions WHERE {key} = $1 AND {column} = $2"  # noqa: S608 - our names
    for key, column in _REFERENCES[1:]
)
_FOLLOWED = f"""
SELECT {_DOCUMENT_COLUMNS} FROM transactions WHERE transaction_id IN (
    SELECT transaction_id FROM transaction_lines WHERE created_from IN (SELECT unnest($1::VARCHAR[]))
)
"""  # noqa: S608 - our names
_SETTLED = """
WITH mine AS (
    SELECT settlement_id, transaction_type, amount_type, amount_description, posted_date, currency, amount
    FROM settlement_lines WHERE order_key = $2 AND channel = $1 AND order_id = $3
    UNION ALL
    SELECT settlement_id, transaction_type, amount_type, amount_description, posted_date, currency, amount
    FROM settlement_lines WHERE merchant_order_id = $3 AND channel = $1
        AND NOT coalesce(order_key = $2 AND order_id = $3, false)
)
SELECT settlement_id, transaction_type, amount_type, amount_description, posted_date, any_value(currency), sum(amount)
FROM mine GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
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
class Settled:
    """The lines of an order of one settlement, type and day, added up; `amount` is signed as the seller sees it."""

    settlement_id: str
    transaction_type: str
    amount_type: str
    amount_description: str
    posted_date: date
    currency: str
    amount: Decimal


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
    named = cursor.execute(_NAMED, [key, order_id]).fetchall()
    if alternate_id is not None:
        named += cursor.execute(_NAMED_TOO, [reference_key(alternate_id), alternate_id]).fetchall()
    rows = {row[0]: row for row in named}
    if rows:
        rows |= {row[0]: row for row in cursor.execute(_FOLLOWED, [list(rows)]).fetchall()}
    for row in sorted(rows.values(), key=lambda r: (r[6], r[0])):
        number_id, number, kind, status, total, currency, at, external_id = row
        money = f", {amount_text(total, currency)} {currency}" if total is not None and currency else ""
        name = f"{_DOCUMENT.get(kind, kind)} {number or number_id}"
        stands = _STANDING.get(status, status) if kind == "SalesOrd" else status
        standing.append(f"{name}{f' ({stands})' if stands else ''}{money}")
        events.append(Event(at, "NetSuite", f"{name} made{money}", total, currency, external_id))
    return Documents(tuple(standing), tuple(events))


def settled_lines(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str, key: int) -> list[Settled]:
    """Return the order's settlement lines summed by settlement, type and day."""
    return [Settled(*row) for row in cursor.execute(_SETTLED, [channel, key, order_id]).fetchall()]


def settlement_events(cursor: duckdb.DuckDBPyConnection, channel: str, settled: Sequence[Settled]) -> list[Event]:
    """Return an order's settlement lines summed by day and kind, and the payouts that they were part of."""
    if not settled:
        return []
    deposits = dict(
        cursor.execute(
            "SELECT settlement_id, deposit_at FROM settlements WHERE channel = $1"
            " AND settlement_id IN (SELECT unnest($2::VARCHAR[]))",
            [channel, sorted({s.settlement_id for s in settled})],
        ).fetchall()
    )
    sums: dict[tuple[date, str, str], tuple[Decimal, str]] = {}
    for s in settled:
        at_key = (s.posted_date, s.settlement_id, s.transaction_type)
        sums[at_key] = (sums.get(at_key, (Decimal(0), ""))[0] + s.amount, s.currency)
    events = []
    payouts: dict[str, tuple[datetime, Decimal, str]] = {}
    for (day, settlement_id, kind), (amount, currency) in sorted(sums.items()):
        if settlement_id not in deposits:
            continue
        deposit = deposits[settlement_id]
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
    where, asked = _mine(channel, subject, part)
    found = cursor.execute(
        f"SELECT first_seen, title, resolved_at, discrepancy_id FROM discrepancies WHERE {where}"  # noqa: S608
        " ORDER BY first_seen",
        asked,
    ).fetchall()
    if not found:
        return []
    ids = [row[3] for row in found]
    events = [Event(seen, "Tieout", f"found: {title}") for seen, title, _, _ in found]
    events += [Event(done, "Tieout", f"resolved: {title}") for _, title, done, _ in found if done]
    approved = cursor.execute(
        "SELECT approved_at, summary, approved_by, identity FROM operations"
        " WHERE discrepancy_id IN (SELECT unnest($1::VARCHAR[])) AND approved_at IS NOT NULL"
        " ORDER BY approved_at, ordinal",
        [ids],
    ).fetchall()
    events += [Event(at, "Tieout", f"{said}: approved by {by}", reference=name) for at, said, by, name in approved]
    steps = cursor.execute(
        "SELECT a.recorded_at, o.summary, a.step, a.outcome, o.identity FROM attempts a JOIN operations o"
        " ON o.operation_id = a.operation_id WHERE o.discrepancy_id IN (SELECT unnest($1::VARCHAR[]))"
        " ORDER BY a.recorded_at, a.attempt",
        [ids],
    ).fetchall()
    return events + [Event(at, "Tieout", f"{said}: {step}, {end}", reference=n) for at, said, step, end, n in steps]


def what_is_wrong(
    cursor: duckdb.DuckDBPyConnection, channel: str, subject: str, part: str | None = None
) -> tuple[Wrong, ...]:
    """Return the open discrepancies of a subject, or of subjects that hold `part`, the most severe first."""
    where, asked = _mine(channel, subject, part)
    still_open = f"FROM discrepancies WHERE {where} AND state <> 'resolved'"
    by_severity = "ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'med' THEN 1 ELSE 2 END, discrepancy_id"
    rows = cursor.execute(
        f"SELECT discrepancy_id, title, cause, state, amount, currency, blocked_by {still_open} {by_severity}",
        asked,
    ).fetchall()
    if not rows:
        return ()
    failed = dict(
        cursor.execute(
            "SELECT discrepancy_id, any_value(error) FROM operations WHERE state = 'failed'"
            " AND discrepancy_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY 1",
            [[r[0] for r in rows]],
        ).fetchall()
    )
    found = []
    for key, title, cause, state, amount, currency, blocked_by in rows:
        who = _whose_turn(state, blocked_by, failed.get(key))
        found.append(Wrong(key, title, cause, state, amount, currency, who))
    return tuple(found)


def _mine(channel: str, subject: str, part: str | None) -> tuple[str, list[str]]:
    """Return the condition on `discrepancies` and its parameters."""
    if part is None:
        return "subject = $2 AND channel = $1", [channel, subject]
    return "channel = $1 AND (subject = $2 OR contains(subject, $3))", [channel, subject, part]


def _whose_turn(state: str, blocked_by: str | None, failure: str | None) -> str:
    if failure:
        return f"you: the write failed ({failure})"
    if blocked_by:
        return f"you: {blocked_by}"
    return {"planned": "you: approve the plan", "pushing": "Tieout: it is being sent"}.get(state, "you: plan the fix")
