"""The money of an order or settlement on its way: settled lines, the marketplace's ledger, payouts, the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.amounts import amount_text
from reconcile.bank.seen import see_bank
from reconcile.controls.control import Evidence
from reconcile.story.models import Event, OrderFacts, Settled
from sync.mirror.places import Place, at_versions

__all__ = [
    "Banked", "Held", "OnItsWay", "Paid", "bank_of", "held_amounts", "money_on_its_way", "payouts_of", "settled_lines",
    "settlement_events",
]  # fmt: skip

_SETTLED = """
SELECT settlement_id, transaction_type, amount_type, amount_description, posted_date, sku, currency, amount
FROM settlement_lines WHERE version = $1 AND channel = $2 AND order_key = $3 AND order_id = $4
UNION ALL
SELECT settlement_id, transaction_type, amount_type, amount_description, posted_date, sku, currency, amount
FROM settlement_lines WHERE version = $1 AND channel = $2 AND merchant_order_id = $4
    AND NOT coalesce(order_key = $3 AND order_id = $4, false)
"""
_DEPOSITS = "SELECT settlement_id, deposit_at FROM settlements WHERE channel = $1 AND list_contains($2, settlement_id)"
_TRANSFERS = "SELECT settlement_id, state, paid_at FROM payouts WHERE channel = $1 AND list_contains($2, settlement_id)"
#: States of a transfer that has left the marketplace.
_SENT = frozenset({"paid", "initiated"})
_LEDGER = "posted_at, transaction_id, state, transaction_type, matures_at, total, currency, channel, order_id"


@dataclass(frozen=True, slots=True)
class Paid:
    """How a settlement was paid out: `at` None where it is not, `is_known` False where nobody says when it will be."""

    settlement_id: str
    at: datetime | None
    is_known: bool
    failed: bool
    #: What the transfers themselves say, empty where none is known.
    states: str


@dataclass(frozen=True, slots=True)
class Banked:
    """The bank's side of settlements: what happened, the key of a booking and its day, by settlement."""

    events: tuple[Event, ...]
    keys: Mapping[str, str]
    booked: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Held:
    """What the marketplace's ledger keeps back of an order: nothing is known where there are no events."""

    events: tuple[Event, ...]
    amount: Decimal | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """An order's money from the settlement to the bank."""

    settled: Sequence[Settled]
    settlements: Sequence[str]
    banked: Banked
    paid: dict[str, Paid]
    held: Held
    events: tuple[Event, ...]


def money_on_its_way(evidence: Evidence, order: OrderFacts, places: Mapping[Place, Sequence[int]]) -> OnItsWay:
    """Return what was settled of an order, paid out, booked by the bank and kept back by the marketplace."""
    settled = settled_lines(evidence.cursor, order, places)
    settlements = sorted({s.settlement_id for s in settled})
    banked = bank_of(evidence, order.channel, settlements)
    paid = payouts_of(evidence.cursor, order.channel, settlements, evidence.at, banked.booked)
    held = held_amounts(evidence.cursor, order, places)
    events = (*held.events, *settlement_events(order.channel, settled, paid), *banked.events)
    return OnItsWay(settled, settlements, banked, paid, held, events)


def settled_lines(
    cursor: duckdb.DuckDBPyConnection, order: OrderFacts, places: Mapping[Place, Sequence[int]]
) -> list[Settled]:
    """Return the order's settlement lines summed by settlement, type, SKU and day."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for version in places.get(Place.SETTLED, ()):
        asked = [version, order.channel, order.key, order.order_id]
        for *kind, amount in cursor.execute(_SETTLED, asked).fetchall():
            sums[tuple(kind)] = sums.get(tuple(kind), Decimal(0)) + amount
    found = [Settled(*[*kind, amount]) for kind, amount in sums.items()]
    return sorted(found, key=lambda s: (s.settlement_id, s.posted_date, s.transaction_type, s.amount_type))


def payouts_of(
    cursor: duckdb.DuckDBPyConnection,
    channel: str,
    settlements: Sequence[str],
    now: datetime,
    booked: Mapping[str, datetime],
) -> dict[str, Paid]:
    """Return how each settlement was paid out, as far as `now`; what the bank has `booked` was."""
    if not settlements:
        return {}
    asked = [channel, list(settlements)]
    transfers: dict[str, list[tuple[str, datetime | None]]] = {}
    for number, state, paid_at in cursor.execute(_TRANSFERS, asked).fetchall():
        transfers.setdefault(number, []).append((state, paid_at))
    found = {}
    for number, deposit in cursor.execute(_DEPOSITS, asked).fetchall():
        states = sorted({state for state, _ in transfers.get(number, ())})
        sent = [at for state, at in transfers.get(number, ()) if at is not None and state in _SENT]
        failed = "failed" in states and not set(states) & _SENT
        at = booked.get(number) or max(sent, default=None) or deposit
        is_paid = number in booked or (at is not None and at <= now and not failed)
        found[number] = Paid(number, at if is_paid else None, bool(deposit or states), failed, ", ".join(states))
    return found


def settlement_events(channel: str, settled: Sequence[Settled], paid: dict[str, Paid]) -> list[Event]:
    """Return an order's settlement lines summed by day and kind, and the payouts that they were part of."""
    sums: dict[tuple[date, str, str, str], Decimal] = {}
    for s in settled:
        key = (s.posted_date, s.settlement_id, s.transaction_type, s.currency)
        sums[key] = sums.get(key, Decimal(0)) + s.amount
    events, totals = [], dict[tuple[str, str], Decimal]()
    for (day, settlement_id, kind, currency), amount in sorted(sums.items()):
        at = datetime.combine(day, time(), UTC)
        said = f"{kind or 'other'} settled, net {amount_text(amount, currency)} {currency}"
        events.append(Event(at, channel, said, amount, currency, settlement_id))
        totals[settlement_id, currency] = totals.get((settlement_id, currency), Decimal(0)) + amount
    for (settlement_id, currency), amount in totals.items():
        payout = paid.get(settlement_id)
        if payout is not None and payout.at is not None:
            said = f"paid out in settlement {settlement_id}: {amount_text(amount, currency)} {currency} of it"
            events.append(Event(payout.at, channel, said, amount, currency, settlement_id))
    return events


def held_amounts(cursor: duckdb.DuckDBPyConnection, order: OrderFacts, places: Mapping[Place, Sequence[int]]) -> Held:
    """Return what the marketplace's ledger keeps back of the order, and until when."""
    known = at_versions(cursor, _LEDGER, "channel_transactions", places.get(Place.LEDGER_OF, ()))
    rows = sorted(row for row in known if row[7:] == (order.channel, order.order_id))
    if not rows:
        return Held((), None, None)
    kept = [row for row in rows if row[2] == "deferred" and row[6] == order.currency]
    events = [
        Event(
            posted,
            order.channel,
            f"{kind} posted, {state.replace('_', ' ')}, {amount_text(total, currency)} {currency}"
            + (f" until {matures:%Y-%m-%d}" if state == "deferred" and matures else ""),
            total,
            currency,
        )
        for posted, _, state, kind, matures, total, currency, *_ in rows
    ]
    until = max((row[4] for row in kept if row[4]), default=None)
    return Held(tuple(events), sum((row[5] for row in kept), Decimal(0)), until)


def bank_of(evidence: Evidence, channel: str, settlements: Sequence[str]) -> Banked:
    """Return the bookings that pay these settlements."""
    has_bookings = evidence.cursor.execute(
        "SELECT 1 FROM bank_lines UNION ALL SELECT 1 FROM transactions WHERE transaction_type = 'Deposit' LIMIT 1"
    ).fetchone()
    if not settlements or has_bookings is None:
        return Banked((), {}, {})
    seen = see_bank(evidence)
    events, keys, booked = [], dict[str, str](), dict[str, datetime]()
    for settlement_id in settlements:
        found = seen.matches.of_payout(f"{channel}/{settlement_id}")
        for key in found.bookings if found else ():
            booking = seen.bookings[key]
            said = f"{amount_text(booking.amount, booking.currency)} {booking.currency} booked for {settlement_id}"
            at = datetime.combine(booking.day, time(), UTC)
            events.append(Event(at, "bank", said, booking.amount, booking.currency, key))
            keys[settlement_id], booked[settlement_id] = key, at
    return Banked(tuple(events), keys, booked)
