"""Settlements that would sell again what invoices have sold: held back for ours, told for other people's.

`invoiced` sets the price lines of invoiced orders apart; here is what keeps such a part from being posted, with the
decision that helps. Invoices that others made are not ours to judge without `settle_invoices`: a company may clear
them in its own way for years.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import go_live
from reconcile.controls.posting_days import Offer, Stop, propose
from reconcile.controls.settlements.invoiced import InvoicedOrder, has_invoices, invoiced_orders, payments_key
from reconcile.controls.settlements.settlement_parts import SettlementParts
from reconcile.documents import make_edges
from reconcile.fixes.invoices.invoice_payments import INVOICE_PAYMENT
from reconcile.mapping.accounts import account_subject
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.settlement import Journal, LedgerAccount
from reconcile.settlement.accounts import load_accounts
from reconcile.settlement.categories import PRICE

__all__ = ["InvoicesBeside", "invoices_beside", "invoices_stop", "undecided_stop"]

_REMEDY = "Decide settle_invoices of {0}: `clearing` or `undeposited`, where a settlement's payments of them go"
# Where the money of payments went: the account of their main line.
_PAID_INTO = """
SELECT b.number, coalesce(p.number, p.transaction_id), l.account_id,
    coalesce(trim(coalesce(a.number, '') || ' ' || a.name), l.account_id)
FROM temp.settled_bills b
JOIN temp.document_edges e ON e.previous_id = b.transaction_id
JOIN transactions p ON p.transaction_id = e.next_id AND p.transaction_type = 'CustPymt'
    AND p.status IS DISTINCT FROM 'V'
JOIN transaction_lines l ON l.transaction_id = p.transaction_id AND l.is_main AND l.account_id IS NOT NULL
LEFT JOIN accounts a ON a.account_id = l.account_id
WHERE b.channel = $1 AND b.order_id IN (SELECT unnest($2::VARCHAR[]))
ORDER BY 1, 2
"""
_OTHERS = """
SELECT count(DISTINCT b.order_id), count(DISTINCT b.transaction_id), min(b.number)
FROM temp.settled_bills b
WHERE b.channel = $1 AND NOT b.is_ours AND EXISTS (
    SELECT 1 FROM settlement_lines l
    JOIN temp.invoiced_kinds k ON k.channel = l.channel AND k.transaction_type = l.transaction_type
        AND k.amount_type = l.amount_type AND k.amount_description = l.amount_description AND NOT k.is_tax
    JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
    WHERE l.order_key = b.order_key AND l.channel = b.channel AND l.order_id = b.order_id
        AND ($2 = '' OR l.settlement_id = $2) AND ($3 IS NULL OR s.period_end >= $3))
"""
_OURS = """
SELECT count(*), min(o.number) FROM temp.invoiced_orders o
WHERE o.channel = $1 AND EXISTS (
    SELECT 1 FROM settlement_lines l JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
    WHERE l.order_key = o.order_key AND l.channel = o.channel AND l.order_id = o.order_id
        AND ($2 IS NULL OR s.period_end >= $2))
"""
_NEITHER = """
SELECT l.transaction_type, l.amount_type, l.amount_description, sum(l.amount) FROM settlement_lines l
WHERE l.channel = $1 AND l.settlement_id = $2 AND strftime(l.posted_date, '%Y-%m') = $3
    AND (l.order_id IS NULL OR l.order_id NOT IN (SELECT unnest($4::VARCHAR[])))
    AND NOT EXISTS (
        SELECT 1 FROM transactions t JOIN transaction_lines m ON m.transaction_id = t.transaction_id AND m.is_main
        WHERE t.transaction_type = 'CashSale' AND t.status IS DISTINCT FROM 'V' AND m.account_id = $5
            AND l.order_key IN (t.external_key, t.other_key))
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class InvoicesBeside:
    """Invoices by others of orders that settlements sell too."""

    channel: str
    orders: int
    invoices: int
    number: str

    @property
    def text(self) -> str:
        """Return it in words, with what would help."""
        orders = "1 order" if self.orders == 1 else f"{self.orders} orders"
        named = f"{self.number} and {self.invoices - 1} more" if self.invoices > 1 else self.number
        return (
            f"{orders} of {self.channel} that settlements book as income {'was' if self.orders == 1 else 'were'}"
            f" invoiced in NetSuite by others: {named}. Where both stand, all is sold twice: decide settle_invoices"
            f" of {self.channel}, then settlements pay these invoices and sell what has none"
        )


def invoices_beside(evidence: Evidence, channel: str, settlement_id: str = "") -> InvoicesBeside | None:
    """Return the invoices by others of orders in a channel's settlements, or in one; None: there are none to tell of.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    if _settles(channel_books(evidence, channel)) or not has_invoices(evidence):
        return None
    since = go_live(evidence, "settlement_not_posted", channel)
    row = evidence.cursor.execute(_OTHERS, [channel, settlement_id, since]).fetchone()
    return InvoicesBeside(channel, *row) if row is not None and row[0] else None


def undecided_stop(evidence: Evidence, channel: str) -> Stop | None:
    """Return that settlements of a channel pay orders that our invoices have sold, and nobody has said how.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    books = channel_books(evidence, channel)
    if books.routing is None or _settles(books) or not has_invoices(evidence):
        return None
    since = go_live(evidence, "settlement_not_posted", channel)
    row = evidence.cursor.execute(_OURS, [channel, since]).fetchone()
    return _undecided(books, *row) if row is not None and row[0] else None


def invoices_stop(evidence: Evidence, parts: SettlementParts, journal: Journal) -> Stop | None:
    """Return why a month part would sell what invoices have sold, or not earn what none has; what mends it is offered.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    books, settlement = parts.books, parts.settlement
    if books.routing is None:
        return None
    orders = invoiced_orders(evidence, books.channel, settlement.settlement_id, journal.period)
    if not _settles(books):
        if not orders:
            return None
        propose(evidence, _settling(evidence, books, orders))
        return _undecided(books, len(orders), orders[0].number)
    as_it_came = evidence.decisions(INVOICE_PAYMENT)
    judged = [order for order in orders if f"{books.channel}|{order.order_id}" not in as_it_came]
    return (
        next((stop for order in judged if (stop := _misfit(books.channel, order)) is not None), None)
        or (_paid_elsewhere(evidence, books, orders) if orders else None)
        or _unearned(evidence, parts, journal)
    )


def _settles(books: ChannelBooks) -> bool:
    return books.routing is not None and books.routing.settle_invoices != "none"


def _undecided(books: ChannelBooks, count: int, number: str) -> Stop:
    orders = "1 order" if count == 1 else f"{count} orders"
    cause = f"{orders} of {books.channel} would be sold twice: our invoices (such as {number}) have sold them"
    return (f"agree|{books.channel}|invoices", cause, _REMEDY.format(books.channel))


def _settling(evidence: Evidence, books: ChannelBooks, orders: Collection[InvoicedOrder]) -> Offer:
    """Return the decision where payments go: where they went already, else as settlements are posted."""
    key = payments_key(books)
    went = {account_id for _, _, account_id, _ in _payments(evidence, books.channel, orders)}
    for one in ("clearing", "undeposited"):
        account = books.accounts.find(books.channel, one)
        if account is not None and went == {account.account_id}:
            key = one
    account = books.accounts.find(books.channel, key)
    held = evidence.decisions("routing")[books.channel].value
    label = account.label if account is not None else key
    words = f"settlements of {books.channel} pay its invoices, onto {label}"
    because = f"our invoices have sold orders that settlements of {books.channel} pay"
    return Offer("routing", books.channel, {**held, "settle_invoices": key}, words, because)


def _payments(evidence: Evidence, channel: str, orders: Collection[InvoicedOrder]) -> list[tuple[str, str, str, str]]:
    make_edges(evidence)
    return evidence.cursor.execute(_PAID_INTO, [channel, [o.order_id for o in orders]]).fetchall()


def _misfit(channel: str, order: InvoicedOrder) -> Stop | None:
    named = f"invoice {order.number} of order {order.order_id}"
    if not order.is_same_currency:
        return (
            f"invoice currency|{channel}|{order.order_id}",
            f"{named} is in {order.currency}, the settlement pays {order.paid_in}",
            f"Make the invoice anew in {order.paid_in}",
        )
    if order.fits:
        return None
    billed, paid = amount_text(order.billed, order.currency), amount_text(order.paid, order.paid_in)
    return (
        f"paid differs|{channel}|{order.order_id}",
        f"settlements pay {paid} {order.paid_in} for {order.order_id}, its invoices ({order.number}) are {billed}",
        "Invoice the rest of the order, or correct the invoice; or take the payment as it came, where invoice_unpaid"
        " offers it",
    )


def _paid_elsewhere(evidence: Evidence, books: ChannelBooks, orders: Collection[InvoicedOrder]) -> Stop | None:
    """Return the first payment that went to another account than the settlement takes it from."""
    target = books.accounts.find(books.channel, payments_key(books))
    for number, payment, account_id, label in _payments(evidence, books.channel, orders):
        if target is not None and account_id != target.account_id:
            return (
                f"paid elsewhere|{books.channel}|{number}",
                f"payment {payment} of {number} went to {label}, settlements take it from {target.label}",
                f"Move {payment} to {target.label} in NetSuite, or decide settle_invoices of {books.channel} anew",
            )
    return None


def _unearned(evidence: Evidence, parts: SettlementParts, journal: Journal) -> Stop | None:
    """Return that price lines of orders without an invoice are booked on the account of payments, never as income.

    What a cash sale has earned, whose money waits on that account, leaves it rightly.
    """
    books, channel = parts.books, parts.books.channel
    target = books.accounts.find(channel, payments_key(books))
    kinds = {
        group.line_type: parts.classified.of(group).account_key
        for group in parts.groups
        if group.month == journal.period and group.paid_on is None and parts.classified.of(group).category in PRICE
    }
    here = {kind: key for kind, key in kinds.items() if _is_on(books, key, target)}
    if not here or target is None:
        return None
    amounts = _neither(evidence, parts, journal.period, list(here), target.account_id)
    keys = sorted({here[kind] for kind in amounts})
    if not keys:
        return None
    for key in keys:
        if (earned := _shipped(evidence, channel, key)) is not None:
            words = f"{key} of {channel} on {earned.label}"
            value = {"account_id": str(earned.account_id)}
            propose(
                evidence, Offer("account", account_subject(channel, key), value, words, "orders without an invoice")
            )
    currency = parts.settlement.currency
    amount = amount_text(sum(amounts.values(), Decimal(0)), currency)
    cause = (
        f"orders of {channel} without an invoice ({amount} {currency}) are never earned: {', '.join(keys)} on"
        f" {target.label}"
    )
    remedy = f"Decide income accounts of {', '.join(keys)}: what invoices have sold leaves {target.label} by itself"
    return (f"agree|{channel}|unearned", cause, remedy)


def _neither(
    evidence: Evidence,
    parts: SettlementParts,
    month: str,
    kinds: Sequence[tuple[str, str, str]],
    account_id: str | None,
) -> Mapping[tuple[str, str, str], Decimal]:
    """Return the sums by type of a part's lines whose orders neither an invoice nor a cash sale on the account sold."""
    settlement = parts.settlement
    invoiced = [o.order_id for o in invoiced_orders(evidence, settlement.channel, settlement.settlement_id, month)]
    asked = [settlement.channel, settlement.settlement_id, month, invoiced, account_id]
    wanted = set(kinds)
    return {
        (kind, amount_type, text): amount
        for kind, amount_type, text, amount in evidence.cursor.execute(_NEITHER, asked).fetchall()
        if (kind, amount_type, text) in wanted
    }


def _is_on(books: ChannelBooks, key: str, target: LedgerAccount | None) -> bool:
    stands = books.accounts.find(books.channel, key)
    return stands is not None and target is not None and stands.account_id == target.account_id is not None


def _shipped(evidence: Evidence, channel: str, key: str) -> LedgerAccount | None:
    """Return the account of a key that ships with the program, where the ERP has it and it is income."""
    shipped = load_accounts().find(channel, key)
    if shipped is None:
        return None
    row = evidence.cursor.execute(
        "SELECT number, name, account_id FROM accounts WHERE number = $1 AND NOT inactive"
        " AND account_type IN ('Income', 'OthIncome') ORDER BY account_id",
        [shipped.number],
    ).fetchone()
    return LedgerAccount(*row) if row is not None else None
