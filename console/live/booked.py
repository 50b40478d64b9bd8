"""Which document of NetSuite may book a payout already: what the bank's list asks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from console.desk import Choice, Form, FormField
from console.live.finance import is_booking
from console.present.amounts import money
from reconcile.bank.decide import BOOKED_BY
from reconcile.bank.seen import see_bank
from reconcile.seen_at import evidence_at
from sync.store.store import Store

__all__ = ["booked_form"]

#: Documents of so many days before and after a payout is due are offered.
_DAYS = timedelta(days=20)
# Of one document the line nearest to the payout counts; what Tieout posted itself is no other's.
_DOCUMENTS = """
SELECT coalesce(t.number, t.transaction_id), t.transaction_date, t.record_type,
    arg_min(a.name, abs(abs(l.amount) - $1)), arg_min(l.amount, abs(abs(l.amount) - $1))
FROM transaction_lines l JOIN transactions t ON t.transaction_id = l.transaction_id
JOIN accounts a ON a.account_id = l.account_id AND a.account_type = 'Bank'
WHERE t.currency = $2 AND t.transaction_date BETWEEN $3 AND $4
    AND NOT contains(coalesce(t.external_id, ''), '-PAYOUT-')
GROUP BY ALL ORDER BY min(abs(abs(l.amount) - $1)), t.transaction_date LIMIT 40
"""


def booked_form(store: Store, payout: str) -> Form | None:
    """Return the documents that post money into an account of the bank near the payout; None for a booking."""
    if is_booking(payout):
        return None
    with evidence_at(store) as evidence:
        one = see_bank(evidence).payouts.get(payout)
        if one is None:
            return None
        days = (one.due - _DAYS, one.due + _DAYS)
        rows = evidence.cursor.execute(_DOCUMENTS, [abs(one.amount), one.currency, *days]).fetchall()
        held = evidence.decisions(BOOKED_BY).get(payout.replace("/", "|", 1))
    choices = [
        Choice(str(number), f"{number} of {day}", f"{kind}, {account}: {money(Decimal(amount), one.currency)}")
        for number, day, kind, account, amount in rows
    ]
    now = str(held.value.get("document") or "") if held else ""
    return Form(
        f"Which document books {payout}, {money(one.amount, one.currency)} {one.currency}, already?",
        (
            FormField("document", "Document", now, (Choice("", "none: Tieout posts it"), *choices), required=False),
            FormField("number", "Or its number", required=False, hint="where it is not among these"),
        ),
        "A payout that a document books already is not posted again.",
    )
