"""A person's word on which payouts a booking pays, and which document has a payout in the books already."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reconcile.bank.seen import BANK_MATCH, BankSeen, see_bank
from reconcile.controls.control import Evidence
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["BOOKED_BY", "decide_booked", "decide_match"]

#: Kind of the decisions; subject is channel|settlement, value {"document": the ERP's number or id; "" for none}.
BOOKED_BY = "payout_booked"


def decide_match(store: Store, booking: str, payouts: Sequence[str], *, by: str, reason: str = "") -> None:
    """Store that a booking (`account|line`) pays these payouts (`channel/settlement`); none: it pays no payout.

    Raises:
        BadInput: one of them is unknown, a payout is paid already, or amounts of one currency do not add up.
    """
    with store.database.reading() as cursor:
        seen = see_bank(Evidence(store, cursor, store.clock.now()))
    if booking not in seen.bookings:
        raise BadInput("there is no such booking", value=booking, remedy="See `tieout bank list`")
    for payout in payouts:
        if payout not in seen.payouts:
            raise BadInput("there is no such payout", value=payout, remedy="See `tieout bank payouts`")
        _refuse_taken(seen, booking, payout)
    _refuse_other_money(seen, booking, payouts)
    store.decisions.decide(BANK_MATCH, booking, {"payouts": sorted(payouts)}, by=by, reason=reason)


def decide_booked(store: Store, payout: str, document: str | None, *, by: str, reason: str = "") -> None:
    """Store which document of the ERP posts a payout (`channel/settlement`) into the bank's account; None: none does.

    Raises:
        BadInput: the payout or the document is unknown.
    """
    channel, _, settlement_id = payout.partition("/")
    with store.database.reading() as cursor:
        known = cursor.execute(
            "SELECT 1 FROM settlements WHERE channel = $1 AND settlement_id = $2", [channel, settlement_id]
        ).fetchone()
        found = cursor.execute(
            "SELECT 1 FROM transactions WHERE transaction_id = $1 OR number = $1", [document or ""]
        ).fetchone()
    if known is None:
        raise BadInput("there is no such payout", value=payout, remedy="See `tieout bank payouts`")
    if document is not None and found is None:
        raise BadInput("NetSuite has no such document", value=document, remedy="Pull NetSuite, or correct the number")
    store.decisions.decide(BOOKED_BY, f"{channel}|{settlement_id}", {"document": document or ""}, by=by, reason=reason)


def _refuse_taken(seen: BankSeen, booking: str, payout: str) -> None:
    found = seen.matches.of_payout(payout)
    # Bookings that share a payout are parts of it, by a person's word only.
    if found is not None and found.how != "decided" and booking not in found.bookings:
        raise BadInput(
            f"the payout is paid by {', '.join(found.bookings)} already ({found.why})",
            value=payout,
            remedy="Set that booking aside first, if it is wrong",
        )


def _refuse_other_money(seen: BankSeen, booking: str, payouts: Sequence[str]) -> None:
    line, named = seen.bookings[booking], [seen.payouts[p] for p in payouts]
    if not named or any(p.currency != line.currency for p in named):
        return
    shared = {b for p in payouts if (m := seen.matches.of_payout(p)) and m.how == "decided" for b in m.bookings}
    paid = sum((seen.bookings[b].amount for b in shared | {booking}), Decimal(0))
    owed = sum((p.amount for p in named), Decimal(0))
    if len(named) > 1 and paid != owed:
        raise BadInput(
            f"the payouts add to {owed} {line.currency}, the booking is {paid}",
            value=booking,
            remedy="Name the payouts that add to the booking; a fee of the bank is a booking of its own",
        )
    if len(named) == 1 and abs(paid) > abs(owed):
        raise BadInput(
            f"the payout is {owed} {line.currency}, its bookings would add to {paid}",
            value=booking,
            remedy="Name the other payouts that the booking pays as well",
        )
