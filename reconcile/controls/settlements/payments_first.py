"""Payments of invoices that a deposit takes along: they are booked before it, or it cannot take them.

A deposit that is posted before a payment would leave the account alike, but the payment would wait there for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import Stop
from reconcile.controls.settlements.invoiced import InvoicedOrder
from reconcile.mapping.posting import ChannelBooks

__all__ = ["orders_to_pay", "payments_stop", "unpaid_cause"]

_PAYMENTS = """
SELECT b.order_id, b.number, i.status, min(coalesce(p.number, p.transaction_id)),
    coalesce(bool_or(EXISTS (
        SELECT 1 FROM document_links t JOIN transactions d ON d.transaction_id = t.next_id
        WHERE t.previous_id = p.transaction_id AND d.transaction_type = 'Deposit' AND d.status IS DISTINCT FROM 'V'
            AND NOT EXISTS (SELECT 1 FROM transactions v WHERE v.external_id = d.external_id || '-R'))), FALSE),
    coalesce(bool_or(1 < (
        SELECT count(DISTINCT x.other_reference) FROM document_links y
        JOIN transactions x ON x.transaction_id = y.previous_id WHERE y.next_id = p.transaction_id)), FALSE)
FROM temp.settled_bills b
JOIN transactions i ON i.transaction_id = b.transaction_id
LEFT JOIN document_links k ON k.previous_id = i.transaction_id
LEFT JOIN transactions p ON p.transaction_id = k.next_id AND p.transaction_type = 'CustPymt'
    AND p.status IS DISTINCT FROM 'V'
WHERE b.channel = $1 AND b.order_id IN (SELECT unnest($2::VARCHAR[]))
GROUP BY b.order_id, b.number, i.transaction_id, i.status ORDER BY b.number
"""


@dataclass(frozen=True, slots=True)
class _Invoice:
    """One invoice; the payment is None where none is applied to it."""

    order_id: str
    number: str
    status: str | None
    payment: str | None
    is_deposited: bool
    pays_others: bool

    @property
    def is_unpaid(self) -> bool:
        return self.status == "A" and self.payment is None


def payments_stop(evidence: Evidence, books: ChannelBooks, orders: Sequence[InvoicedOrder]) -> Stop | None:
    """Return why a deposit cannot take the payments of the invoices of orders along; None under other models."""
    if not _takes_along(books) or not orders:
        return None
    invoices = _invoices(evidence, books, orders)
    if waiting := [i for i in invoices if i.is_unpaid]:
        such = f"such as {waiting[0].number}"
        return (
            unpaid_cause(books.channel),
            f"invoices of {books.channel} that settlements pay are open, {such}: their payments are booked first",
            "Push their payments, planned with it (control invoice_unpaid); the deposit then takes them along",
        )
    for one in invoices:
        if one.is_deposited or one.pays_others:
            astray = "whose money is in another deposit" if one.is_deposited else "which pays more orders than one"
            return (
                f"invoice|{books.channel}|{one.number}",
                f"invoice {one.number} of order {one.order_id} is paid by {one.payment}, {astray}",
                f"Mend {one.payment} in NetSuite, or say with `tieout waive` that the part is posted by hand",
            )
    return None


def unpaid_cause(channel: str) -> str:
    """Return the cause that holds parts of a channel back until payments are booked."""
    return f"agree|{channel}|invoices unpaid"


def orders_to_pay(evidence: Evidence, books: ChannelBooks, orders: Sequence[InvoicedOrder]) -> tuple[str, ...]:
    """Return the numbers of the orders whose invoices wait for a payment that the deposit would take along."""
    if not _takes_along(books) or not orders:
        return ()
    return tuple(dict.fromkeys(i.order_id for i in _invoices(evidence, books, orders) if i.is_unpaid))


def _takes_along(books: ChannelBooks) -> bool:
    settles = books.routing.settle_invoices if books.routing is not None else "none"
    return books.policy.model == "deposit" and settles == "undeposited"


def _invoices(evidence: Evidence, books: ChannelBooks, orders: Sequence[InvoicedOrder]) -> list[_Invoice]:
    rows = evidence.cursor.execute(_PAYMENTS, [books.channel, [o.order_id for o in orders]]).fetchall()
    return [_Invoice(*row) for row in rows]
