"""A booking or a payout: what it is matched with and why, what else is near, what people decided."""

from __future__ import annotations

from datetime import UTC, datetime

from console.blocks import Block, Detail, Facts, Jump, Passage, Timeline, TimelineEntry
from console.live.finance import is_booking
from console.live.text import pairs
from console.present.amounts import money
from console.present.text import cell
from reconcile.bank.match import Booking, Expected, Match
from reconcile.bank.seen import BANK_MATCH, BankSeen, see_bank
from reconcile.controls.control import Evidence
from reconcile.controls.payouts.payouts_unposted import find_payouts
from reconcile.fixes.payouts.payouts import exchange_of
from reconcile.seen_at import evidence_at
from reconcile.settlement.identity import payout_name
from sync.store.store import Store

__all__ = ["near_payouts", "read"]

_NEAR = 8


def read(store: Store, key: str, tab: str, as_of: datetime | None) -> Detail | None:
    """Return one tab: match, near or history."""
    with evidence_at(store, as_of) as evidence:
        seen = see_bank(evidence)
        books = () if is_booking(key) else _in_the_books(evidence, seen, key)
    one = seen.bookings.get(key) if is_booking(key) else seen.payouts.get(key)
    if one is None:
        return None
    match tab:
        case "near":
            blocks = _near(seen, one)
        case "history":
            blocks = (_history(store, key),)
        case _:
            blocks = (*_match(seen, one), *books)
    return Detail(key, blocks, _jumps(seen, key))


def near_payouts(seen: BankSeen, booking: Booking) -> list[Expected]:
    """Return the payouts that no booking pays, the nearest in amount and day first."""
    of_currency = [p for p in seen.unmatched_payouts() if p.currency == booking.currency]
    others = [p for p in seen.unmatched_payouts() if p.currency != booking.currency]
    of_currency.sort(key=lambda p: (abs(p.amount - booking.amount), abs((p.due - booking.day).days), p.key))
    return of_currency + sorted(others, key=lambda p: (abs((p.due - booking.day).days), p.key))


def _in_the_books(evidence: Evidence, seen: BankSeen, key: str) -> tuple[Block, ...]:
    """Return what is still to be posted of a confirmed payout, or what stands in the way; nothing where all is done."""
    payout = seen.payouts.get(key)
    if payout is None:
        return ()
    wanted = {(payout.channel, payout_name(payout.channel, key.removeprefix(f"{payout.channel}/")))}
    blocks: list[Block] = []
    for one in find_payouts(evidence, wanted).payouts:
        if one.stop is not None:
            blocks.append(Passage("Not in the books", f"{cell(one.stop[1])}. {cell(one.stop[2])}"))
        else:
            legs = ", ".join(leg.external_id for leg in one.due)
            rows = (("to post", legs), ("day", str(one.day)), *exchange_of(one).items())
            blocks.append(Facts("Not in the books: f on its discrepancy posts it", rows))
    return tuple(blocks)


def _match(seen: BankSeen, one: Booking | Expected) -> tuple[Block, ...]:
    found = next((m for m in seen.matches.matched if one.key in (*m.bookings, *m.payouts)), None)
    likely = next((m for m in seen.matches.suggested if one.key in (*m.bookings, *m.payouts)), None)
    head = _facts(one)
    if found is not None:
        return (head, *_pairing(seen, found, "Matched"))
    if one.key in seen.set_aside:
        return (head, Passage("Set aside", "A person said that it is no marketplace's payout. i takes it back."))
    if likely is not None:
        return (head, *_pairing(seen, likely, "Suggested"), Passage("", "a accepts it, m chooses other payouts."))
    if is_booking(one.key):
        text = "m matches it with payouts, i sets it aside."
    else:
        text = f"No booking pays it: {seen.unbooked(one.key)}. ] shows the bookings that are near it."
    return (head, Passage("Open", text))


def _facts(one: Booking | Expected) -> Facts:
    amount = f"{money(one.amount, one.currency)} {one.currency}"
    if isinstance(one, Booking):
        return Facts("Booking", pairs(day=str(one.day), amount=amount, text=one.text))
    return Facts("Payout", pairs(due=str(one.due), amount=amount, references=", ".join(one.references)))


def _pairing(seen: BankSeen, match: Match, title: str) -> tuple[Block, ...]:
    bookings = [seen.bookings[b] for b in match.bookings if b in seen.bookings]
    payouts = [seen.payouts[p] for p in match.payouts if p in seen.payouts]
    rows = [("payout", f"{p.due}  {money(p.amount, p.currency)} {p.currency}  {p.key}") for p in payouts]
    rows += [("bank", f"{b.day}  {money(b.amount, b.currency)} {b.currency}  {b.key}") for b in bookings]
    rate = [("rate", str(match.rate))] if match.rate else []
    return (Facts(title, (*rows, *rate, ("because", match.why))),)


def _near(seen: BankSeen, one: Booking | Expected) -> tuple[Block, ...]:
    near: list[Expected] | list[Booking]
    if isinstance(one, Booking):
        near = near_payouts(seen, one)
        rows = [(str(p.due), f"{money(p.amount, p.currency)} {p.currency}  {p.key}") for p in near[:_NEAR]]
    else:
        near = sorted(
            seen.unmatched_bookings(), key=lambda b: (abs(b.amount - one.amount), abs((b.day - one.due).days), b.key)
        )
        rows = [(str(b.day), f"{money(b.amount, b.currency)} {b.currency}  {b.key}") for b in near[:_NEAR]]
    if not rows:
        return (Passage("Near", "Nothing that is open is near it."),)
    return (Facts("Open, the nearest first", tuple(rows)),)


def _history(store: Store, key: str) -> Timeline:
    entries = []
    for d in store.decisions.history(BANK_MATCH, key):
        payouts = [str(p) for p in d.value.get("payouts", [])]
        what = "taken back" if d.withdrawn else f"pays {', '.join(payouts)}" if payouts else "set aside"
        entries.append(
            TimelineEntry(d.decided_at.astimezone(UTC), "tieout", f"{d.decided_by}: {what} {d.reason}".strip())
        )
    return Timeline(tuple(entries))


def _jumps(seen: BankSeen, key: str) -> tuple[Jump, ...]:
    if not is_booking(key):
        return (Jump("settlements", key=key),)
    found = next((m for m in (*seen.matches.matched, *seen.matches.suggested) if key in m.bookings), None)
    return tuple(Jump("settlements", key=p) for p in found.payouts) if found else ()
