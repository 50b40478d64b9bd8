"""Deposits that people keyed in the ERP: what stands on its bank accounts where no statement was imported.

A statement is the better witness: where one of a currency reaches a day, no deposit of that day and currency counts, so
that the same money never pays twice. A document of Tieout's own is no witness of itself and never counts.

A deposit that was taken back is none. NetSuite voids a document directly (its lines become zero) or, where the account
prefers so, by a reversing journal, which it offers for checks, payments and refunds: a deposit is taken back by a
journal that somebody keys (N/transaction, "Voiding Transactions"). The mirror has no link between the two: a journal
counts as one where it takes the same amount from the same account and names the deposit's number; one that names no
deposit is said as a doubt.
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
# Documents first: they are few, and what is made of all lines is not needed where there is no deposit.
_ARE_THERE = "SELECT 1 FROM transactions WHERE transaction_type = 'Deposit' LIMIT 1"
_DEPOSITS = """
WITH documents AS MATERIALIZED (
    SELECT transaction_id, transaction_type, exchange_rate, currency, number, memo FROM transactions
    WHERE transaction_type IN ('Deposit', 'Journal')
        AND NOT contains(coalesce(external_id, ''), '-SETTLE-') AND NOT contains(coalesce(number, ''), '-SETTLE-')
        AND NOT contains(coalesce(external_id, ''), '-PAYOUT-') AND NOT contains(coalesce(number, ''), '-PAYOUT-')
),
entries AS (
    SELECT t.transaction_id, coalesce(a.number || ' ', '') || a.name AS account,
        coalesce(l.debit, 0) - coalesce(l.credit, 0) AS ledger, l.amount, coalesce(t.exchange_rate, 1) = 1 AS is_home,
        t.transaction_type, a.account_id, t.currency, concat_ws(' ', t.number, t.memo, l.memo) AS words
    FROM documents t JOIN transaction_lines l ON l.transaction_id = t.transaction_id
    JOIN accounts a ON a.account_id = l.account_id
    WHERE a.account_type = 'Bank'
),
sided AS (
    SELECT transaction_type, transaction_id, account_id, account, currency, string_agg(DISTINCT words, ' ') AS words,
        sum(CASE WHEN ledger = 0 THEN 0 WHEN amount IS NOT NULL THEN sign(ledger) * abs(amount)
            WHEN is_home THEN ledger END) AS amount
    FROM entries GROUP BY ALL
),
banked AS (SELECT * EXCLUDE (words) FROM sided WHERE transaction_type = 'Deposit'),
journals AS (SELECT * FROM sided WHERE transaction_type = 'Journal' AND amount <> 0),
taken_back AS (
    SELECT d.transaction_id, d.account_id,
        coalesce(sum(j.amount) FILTER (WHERE names_it), 0) AS by_name,
        min(coalesce(t.number, t.transaction_id)) FILTER (WHERE NOT names_it AND j.amount = -d.amount
            AND t.transaction_date BETWEEN own.transaction_date AND own.transaction_date + 60) AS perhaps_by
    FROM banked d JOIN transactions own ON own.transaction_id = d.transaction_id
    JOIN journals j ON j.account_id = d.account_id AND j.currency = d.currency AND abs(j.amount) = abs(d.amount)
    JOIN transactions t ON t.transaction_id = j.transaction_id,
    LATERAL (SELECT CASE WHEN contains(j.words, own.number) THEN regexp_matches(
        j.words, '(^|[^A-Za-z0-9])' || regexp_escape(own.number) || '([^A-Za-z0-9]|$)') ELSE false END AS names_it)
    GROUP BY ALL
),
said AS (
    SELECT l.transaction_id, string_agg(DISTINCT concat_ws(' ', l.memo, c.company_name, c.entity_id), ' ') AS words
    FROM transaction_lines l LEFT JOIN customers c ON c.customer_id = l.customer_id
    WHERE l.transaction_id IN (SELECT transaction_id FROM banked) GROUP BY l.transaction_id
)
SELECT t.transaction_id, coalesce(t.number, t.transaction_id), b.account, b.amount, t.currency, t.transaction_date,
    concat_ws(' ', t.memo, t.other_reference, s.words), coalesce(r.perhaps_by, '')
FROM banked b JOIN transactions t ON t.transaction_id = b.transaction_id
LEFT JOIN said s ON s.transaction_id = b.transaction_id
LEFT JOIN taken_back r ON r.transaction_id = b.transaction_id AND r.account_id = b.account_id
WHERE b.amount <> 0 AND t.currency IS NOT NULL AND coalesce(r.by_name, 0) <> -b.amount
ORDER BY t.transaction_date, t.transaction_id, b.account
"""


@dataclass(frozen=True, slots=True)
class ErpDeposit:
    """A deposit as a booking of the bank, and the document that it is."""

    booking: Booking
    transaction_id: str
    number: str
    #: A journal that takes as much from the account and does not say for what; empty for none.
    perhaps_taken_back_by: str = ""


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
    rows = evidence.cursor.execute(_DEPOSITS).fetchall()
    for transaction_id, number, account, amount, currency, day, text, perhaps in rows:
        first, last = reached.get(currency, (date.max, date.min))
        if first <= day <= last:
            continue
        booking = Booking(f"{ACCOUNT}{account}|{number}", amount, currency, day, " ".join(text.split()))
        if names_marketplace(text) or (amount, currency) in amounts:
            found[booking.key] = ErpDeposit(booking, transaction_id, number, perhaps)
    return found
