"""A payout that changed currencies on its way: what clearing holds, what the bank booked, and the difference."""

from __future__ import annotations

from decimal import Decimal

from reconcile.bank.seen import see_bank
from reconcile.controls.control import Evidence
from reconcile.controls.settlements.posted_documents import known_names, posted_documents
from reconcile.fixes.rates import books_currency, rate_between
from reconcile.mapping.posting import channel_books
from reconcile.settlement.conversion import PayoutChain, payout_chain
from reconcile.settlement.identity import prefix, read_name, reversal_of

__all__ = ["see_payout_chain"]


def see_payout_chain(evidence: Evidence, payout: str) -> PayoutChain | None:
    """Return the chain of a payout (`channel/settlement`) that the bank booked in another currency.

    What is owed is at the rate of the posted journals, and before they are posted at the ERP's rate of the mirror; what
    arrived is at the ERP's rate of the bank's currency. None: the bank booked the payout's own currency, no booking
    pays it alone, or a rate is not known.
    """
    seen = see_bank(evidence)
    found, expected = seen.matches.of_payout(payout), seen.payouts.get(payout)
    if found is None or expected is None or found.rate is None or len(found.payouts) != 1:
        return None
    books = channel_books(evidence, expected.channel)
    home = books_currency(evidence, books.dimensions.subsidiary_id)
    bookings = [seen.bookings[key] for key in found.bookings]
    currencies = {b.currency for b in bookings}
    if home is None or len(currencies) != 1:
        return None
    bank_currency = currencies.pop()
    settled_rate = _posted_rate(evidence, payout) if expected.currency != home else None
    if settled_rate is None:
        settled_rate = rate_between(evidence, expected.currency, home)
    bank_rate = rate_between(evidence, bank_currency, home)
    if settled_rate is None or bank_rate is None:
        return None
    banked = sum((b.amount for b in bookings), Decimal(0))
    return payout_chain((expected.amount, expected.currency, settled_rate), (banked, bank_currency, bank_rate), home)


def _posted_rate(evidence: Evidence, payout: str) -> Decimal | None:
    """Return the one rate at which a settlement's journals stand; None where they have none, or several."""
    channel, _, settlement_id = payout.partition("/")
    known = known_names(evidence)
    names = [
        name
        for name in known
        if (n := read_name(name))
        and (n.prefix, n.settlement_id, n.is_reversal) == (prefix(channel), settlement_id, False)
        and reversal_of(name) not in known
    ]
    rates = {d.exchange_rate for d in posted_documents(evidence, names).values() if d.exchange_rate}
    return rates.pop() if len(rates) == 1 else None
