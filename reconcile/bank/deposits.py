"""Deposits that people keyed in the ERP: what stands on its bank accounts where no statement was imported.

A statement is the better witness: where one of a currency reaches a day, no deposit of that day and currency counts, so
that the same money never pays twice. A document of Tieout's own is no witness of itself and never counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from reconcile.bank.match import Booking, Expected, names_marketplace
from reconcile.controls.control import Evidence

__all__ = ["ACCOUNT", "ErpDeposit", "see_deposits"]

#: What the name of an account begins with whose bookings are the ERP's deposits.
ACCOUNT = "NetSuite "
# A document's amounts are in its own currency, its ledger's in the books': where a line has both, the ledger tells the
# side (as `posted_documents` reads them).
# Deposits first: they are few, and what is made of all lines is not needed where there are none.
_ARE_THERE = "SELECT 1 FROM transactions WHERE transaction_type = 'Deposit' LIMIT 1"
_DEPOSITS = """
WITH deposits AS MATERIALIZED (
    SELECT transaction_id, exchange_rate FROM transactions
    WHERE transaction_type = 'Deposit'
        AND NOT contains(coalesce(external_id, ''), '-SETTLE-') AND NOT contains(coalesce(number, ''), '-SETTLE-')
        AND NOT contains(coalesce(external_id, ''), '-PAYOUT-') AND NOT contains(coalesce(number, ''), '-PAYOUT-')
),
entries AS (
    SELECT t.transaction_id, coalesce(a.number || ' ', '') || a.name AS account,
        coalesce(l.debit, 0) - coalesce(l.credit, 0) AS ledger, l.amount, coalesce(t.exchange_rate, 1) = 1 AS is_home
    FROM deposits t JOIN transaction_lines l ON l.transaction_id = t.transaction_id
    JOIN accounts a ON a.account_id = l.account_id
    WHERE a.account_type = 'Bank'
),
banked AS (
    SELECT transaction_id, account, sum(CASE WHEN ledger = 0 THEN 0
        WHEN amount IS NOT NULL THEN sign(ledger) * abs(amount) WHEN is_home THEN ledger END) AS amount
    FROM entries GROUP BY ALL
),
said AS (
    SELECT l.transaction_id, string_agg(DISTINCT concat_ws(' ', l.memo, c.company_name, c.entity_id), ' ') AS words
    FROM transaction_lines l LEFT JOIN customers c ON c.customer_id = l.customer_id
    WHERE l.transaction_id IN (SELECT transaction_id FROM banked) GROUP BY l.transaction_id
)
SELECT t.transaction_id, coalesce(t.number, t.transaction_id), b.account, b.amount, t.currency, t.transaction_date,
    concat_ws(' ', t.memo, t.other_reference, s.words)
FROM banked b JOIN transactions t ON t.transaction_id = b.transaction_id
LEFT JOIN said s ON s.transaction_id = b.transaction_id
WHERE b.amount <> 0 AND t.currency IS NOT NULL
ORDER BY t.transaction_date, t.transaction_id, b.account
"""


@dataclass(frozen=True, slots=True)
class ErpDeposit:
    """A deposit as a booking of the bank, and the document that it is."""

    booking: Booking
    transaction_id: str
    number: str


def see_deposits(
    evidence: Evidence, payouts: Iterable[Expected], reached: Mapping[str, tuple[date, date]]
) -> dict[str, ErpDeposit]:
    """Return the deposits that may be payouts, by the booking's key: those that name a marketplace or have its amount.

    `reached` maps a currency to the first and last day of its statements.
    """
    if evidence.cursor.execute(_ARE_THERE).fetchone() is None:
        return {}
    amounts = {(p.amount, p.currency) for p in payouts}
    found = {}
    for transaction_id, number, account, amount, currency, day, text in evidence.cursor.execute(_DEPOSITS).fetchall():
        first, last = reached.get(currency, (date.max, date.min))
        if first <= day <= last:
            continue
        booking = Booking(f"{ACCOUNT}{account}|{number}", amount, currency, day, " ".join(text.split()))
        if names_marketplace(text) or (amount, currency) in amounts:
            found[booking.key] = ErpDeposit(booking, transaction_id, number)
    return found
