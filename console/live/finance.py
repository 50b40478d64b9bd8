"""The lists of finance, worked out from the decisions in force: bridge, bank, ties, unknown line types, closes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from console.present.amounts import totals
from console.views.rows import Row
from reconcile.bank.match import Match, names_marketplace
from reconcile.bank.seen import BankSeen, see_bank
from reconcile.bridge import Bridge, bridge_currencies, see_bridge
from reconcile.controls.settlements.ties import Tie, see_ties
from reconcile.line_types import unmapped_line_types
from reconcile.seen_at import evidence_at
from reconcile.settlement import category
from sync.money import total_of
from sync.store.store import Store

__all__ = ["RELEASED", "bank_rows", "bridge_rows", "is_booking", "line_type_rows", "tie_signs", "ties_of"]

#: What stands in place of a settlement's number where no settlement holds the money yet.
RELEASED, DEFERRED = "released, not settled", "deferred"
_SIGNS = {"tied": "=", "differs": "!", "missing": "?", "waits": "~", "absent": "."}
_WORSE = "!?~=."
#: What a payout's channel begins with; the name of a bank account is a person's own.
_VENDORS = ("amazon", "walmart")
_RANKS = {"suggested": 0, "open": 1, "other": 2, "set aside": 3, "matched": 4}
_NO_PAYOUT = {"set aside": "no marketplace's payout", "other": "names no marketplace"}


def tie_signs(tie: Tie) -> str:
    """Return one sign each for report, ledger, payout and bank; the marketplace's sum and events are one witness."""
    signs = {w.name: _SIGNS[w.state] for w in tie.witnesses}
    ledger = min((signs["summary"], signs["ledger"]), key=_WORSE.index)
    return signs["lines"] + ledger + signs["payout"] + signs["bank"]


def ties_of(store: Store, at: datetime | None) -> str:
    """Return settlement → signs as the JSON that the list of settlements joins."""
    with evidence_at(store, at) as evidence:
        found = see_ties(evidence)
    return json.dumps([{"settlement": f"{t.channel}/{t.settlement_id}", "ties": tie_signs(t)} for t in found])


def bridge_rows(store: Store, at: datetime | None) -> list[Row]:
    """Return the bridge of every channel and currency, oldest settlement first, and what is open after it."""
    with evidence_at(store, at) as evidence:
        channels = evidence.cursor.execute("SELECT DISTINCT channel FROM settlements ORDER BY channel").fetchall()
        bridges = [
            see_bridge(evidence, channel, currency)
            for (channel,) in channels
            for currency in bridge_currencies(evidence, channel)
        ]
    return [row for bridge in bridges for row in _bridge_rows(bridge)]


def _bridge_rows(bridge: Bridge) -> Iterator[Row]:
    where = f"{bridge.channel}/{bridge.currency}"
    for place, step in enumerate(bridge.steps):
        bank = f"{', '.join(step.bookings)}{f' at {step.rate}' if step.rate else ''}" or None
        values = (
            bridge.channel, bridge.currency, step.settlement_id, step.period_start.date(), step.period_end.date(),
            step.opening, total_of(step.activity.values()), step.payout, step.closing, step.break_amount, bank,
            step.broken, place,
        )  # fmt: skip
        yield Row(f"{where}/{step.settlement_id}", values)
    open_after = bridge.after
    ledger = ((RELEASED, open_after.released, open_after.released_events),
              (DEFERRED, open_after.deferred, open_after.deferred_events))  # fmt: skip
    for number, (name, amount, events) in enumerate(ledger):
        if events:
            rest = (None, None, None, amount, None, None, None, f"{events} events", None, len(bridge.steps) + number)
            yield Row(f"{where}/{name}", (bridge.channel, bridge.currency, name, *rest))


def is_booking(key: str) -> bool:
    """Tell whether a row of the bank's list is a booking (`account|line`), else it is a payout (`channel/number`)."""
    head = key.partition("/")[0]
    return "|" in key and ("|" in head or head.partition(".")[0] not in _VENDORS)


def bank_rows(store: Store, at: datetime | None) -> list[Row]:
    """Return every booking and every payout with its state, what it is matched with, and why."""
    with evidence_at(store, at) as evidence:
        seen = see_bank(evidence)
    return [*_booking_rows(seen), *_payout_rows(seen)]


def _booking_rows(seen: BankSeen) -> Iterator[Row]:
    matched = {b: m for m in seen.matches.matched for b in m.bookings}
    likely = {b: m for m in seen.matches.suggested for b in m.bookings}
    for key, booking in seen.bookings.items():
        state, shown = _state(matched.get(key), likely.get(key))
        if key in seen.set_aside:
            state = "set aside"
        elif state == "open" and not names_marketplace(booking.text):
            state = "other"
        why = shown.why if shown else _NO_PAYOUT.get(state)
        against = ", ".join(shown.payouts) if shown else None
        values = ("booking", booking.day, booking.amount, booking.currency, state, against, booking.text, why, key)
        yield Row(key, (*values, _RANKS[state]))


def _payout_rows(seen: BankSeen) -> Iterator[Row]:
    matched = {p: m for m in seen.matches.matched for p in m.payouts}
    likely = {p: m for m in seen.matches.suggested for p in m.payouts}
    for key, payout in seen.payouts.items():
        state, shown = _state(matched.get(key), likely.get(key))
        why = shown.why if shown else None
        against = ", ".join(shown.bookings) if shown else None
        text = " ".join(payout.references)
        values = ("payout", payout.due, payout.amount, payout.currency, state, against, text, why, key)
        yield Row(key, (*values, _RANKS[state]))


def _state(matched: Match | None, likely: Match | None) -> tuple[str, Match | None]:
    return ("matched", matched) if matched else ("suggested", likely) if likely else ("open", None)


def line_type_rows(store: Store) -> list[Row]:
    """Return the line types without an account, with the proposal for each."""
    rows = []
    for found in unmapped_line_types(store):
        label = category(found.proposed_category).label if found.proposed_category else None
        proposed = f"{label} → {found.proposed_account_key}" if label else None
        score = Decimal(found.nearest[0].score) if found.nearest else None
        amount = totals((value, currency) for currency, value in found.amounts)
        values = (
            found.vendor, found.name, amount, found.lines, len(found.settlements), found.first_seen, proposed, score,
            found.reason,
        )  # fmt: skip
        rows.append(Row(found.subject, values))
    return rows
