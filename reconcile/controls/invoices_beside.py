"""Invoices of ours for orders that a settlement pays: what they have sold, the settlement must not sell again.

An invoice has earned the sale, and its buyer owes the money until a payment is booked. A settlement pays it (routing
field `settle_invoices`), either over the clearing account, where the price lines of the whole channel go too, or over
undeposited funds, from where a deposit takes the payments along and books what has no invoice as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import Offer, Stop, propose
from reconcile.mapping.posting import ChannelBooks
from reconcile.settlement.identity import prefix

__all__ = ["invoices_stop"]

#: Account keys of what buyers paid for an order.
_ACCOUNTS = ("sales", "shipping_income", "gift_wrap_income", "promotions")
#: Categories of what a buyer paid for an order.
_PRICE = frozenset({"sales", "shipping", "gift_wrap", "promotions"})
#: The ERP's types of accounts whose credits earn.
_INCOME = ["Income", "OthIncome"]
_EARNING = """
SELECT min(trim(coalesce(number, '') || ' ' || name)) FROM accounts
WHERE account_id IN (SELECT unnest($1::VARCHAR[])) AND account_type IN (SELECT unnest($2::VARCHAR[]))
"""
# An invoice is ours by its own name, or by that of the sales order that it bills.
_INVOICES = """
WITH named AS (
    SELECT DISTINCT order_id, order_key FROM settlement_lines
    WHERE channel = $1 AND settlement_id = $2 AND order_id IS NOT NULL AND strftime(posted_date, '%Y-%m') = $3
),
bills AS (
    SELECT l.transaction_id, n.order_id FROM named n
    JOIN transactions s ON s.external_key = n.order_key AND s.external_id = $4 || '-' || n.order_id
    JOIN transaction_lines l ON l.created_from = s.transaction_id
    UNION
    SELECT i.transaction_id, n.order_id FROM named n
    JOIN transactions i ON i.other_key = n.order_key AND i.other_reference = n.order_id
    WHERE starts_with(i.external_id, $4 || '-INV-')
)
SELECT b.order_id, coalesce(i.number, i.transaction_id), i.status, min(coalesce(p.number, p.transaction_id)),
    min(trim(coalesce(a.number, '') || ' ' || a.name)), min(l.account_id),
    coalesce(bool_or(EXISTS (
        SELECT 1 FROM document_links t JOIN transactions d ON d.transaction_id = t.next_id
        WHERE t.previous_id = p.transaction_id AND d.transaction_type = 'Deposit'
            AND NOT EXISTS (SELECT 1 FROM transactions v WHERE v.external_id = d.external_id || '-R'))), FALSE),
    coalesce(bool_or(1 < (
        SELECT count(DISTINCT x.other_reference) FROM document_links y
        JOIN transactions x ON x.transaction_id = y.previous_id WHERE y.next_id = p.transaction_id)), FALSE)
FROM bills b
JOIN transactions i ON i.transaction_id = b.transaction_id AND i.transaction_type = 'CustInvc'
    AND i.status IS DISTINCT FROM 'V'
LEFT JOIN document_links k ON k.previous_id = i.transaction_id
LEFT JOIN transactions p ON p.transaction_id = k.next_id AND p.transaction_type = 'CustPymt'
LEFT JOIN transaction_lines l ON l.transaction_id = p.transaction_id AND l.is_main
LEFT JOIN accounts a ON a.account_id = l.account_id
GROUP BY b.order_id, i.transaction_id, i.number, i.status ORDER BY 2
"""
_LINES = """
SELECT order_id, transaction_type, amount_type, amount_description, sum(amount) FROM settlement_lines
WHERE channel = $1 AND settlement_id = $2 AND strftime(posted_date, '%Y-%m') = $3
    AND order_id IN (SELECT unnest($4::VARCHAR[])) AND transaction_type NOT ILIKE '%refund%'
GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class _Invoice:
    """One invoice of an order; the payment is None where none is applied to it."""

    order_id: str
    number: str
    status: str | None
    payment: str | None
    account: str | None
    account_id: str | None
    #: The payment is in a deposit that stands.
    is_deposited: bool
    pays_others: bool

    @property
    def is_open(self) -> bool:
        return self.status == "A" and self.payment is None


def invoices_stop(
    evidence: Evidence, books: ChannelBooks, settlement_id: str, month: str, keys: Mapping[str, str]
) -> Stop | None:
    """Return why a month part (YYYY-MM) would sell again what invoices of ours have sold, None where it does not.

    `keys` maps the account keys of its lines to the ids of their accounts. Where the channel's invoices settle over
    other accounts than income nothing is sold twice (`disagreement_stop` sees to it that they agree).
    """
    settles = books.routing.settle_invoices if books.routing is not None else "none"
    priced = {key: keys[key] for key in _ACCOUNTS if key in keys}
    if not priced or settles == "clearing" or (settles == "undeposited" and books.policy.model != "deposit"):
        return None
    earning = evidence.cursor.execute(_EARNING, [sorted(set(priced.values())), _INCOME]).fetchone()
    if earning is None or earning[0] is None:
        return None
    invoices = _priced(evidence, books, settlement_id, month)
    if not invoices:
        return None
    if settles == "none":
        return _sold_twice(evidence, books, invoices, earning[0])
    return _unpaid(books, invoices) or _paid_elsewhere(books, invoices)


def _priced(evidence: Evidence, books: ChannelBooks, settlement_id: str, month: str) -> list[_Invoice]:
    """Return the invoices of orders that the part pays a price for."""
    asked = [books.channel, settlement_id, month]
    found = [_Invoice(*row) for row in evidence.cursor.execute(_INVOICES, [*asked, prefix(books.channel)]).fetchall()]
    if not found:
        return []
    vendor = books.channel.partition(".")[0]
    paid: dict[str, Decimal] = {}
    orders = sorted({i.order_id for i in found})
    for order_id, *kind, amount in evidence.cursor.execute(_LINES, [*asked, orders]).fetchall():
        if books.rules.place(vendor, *kind).category in _PRICE:
            paid[order_id] = paid.get(order_id, Decimal(0)) + amount
    return [i for i in found if paid.get(i.order_id)]


def _counted(invoices: list[_Invoice]) -> str:
    one = len(invoices) == 1
    return f"{len(invoices)} invoice{'' if one else 's'} (such as {invoices[0].number})"


def _sold_twice(evidence: Evidence, books: ChannelBooks, invoices: list[_Invoice], income: str) -> Stop:
    channel = books.channel
    undeposited = books.accounts.find(channel, "undeposited")
    can_wait = undeposited is not None and undeposited.is_usable
    if can_wait:
        for offer in _offers(evidence, books):
            propose(evidence, offer)
    cause = f"{_counted(invoices)} of {channel} would be sold twice: the settlement books their price on {income}"
    wide = "clearing, where invoices or cash sales book every order of the channel"
    narrow = "undeposited, with the posting model deposit, which takes their payments along and books the rest itself"
    remedy = f"Decide settle_invoices in the routing of {channel}: {f'{narrow}; or ' if can_wait else ''}{wide}"
    return (f"agree|{channel}|invoices", cause, remedy)


def _offers(evidence: Evidence, books: ChannelBooks) -> list[Offer]:
    """Return the decisions that let deposits take the payments of invoices along; nothing that is posted moves."""
    channel = books.channel
    routing = evidence.decisions("routing").get(channel)
    policies = evidence.decisions("policy")
    policy = policies.get(f"settlements|{channel}") or policies.get("settlements")
    because = "its invoices have earned the sales, and wait for their money"
    offers = []
    if books.policy.model != "deposit":
        kept = {name: value for name, value in policy.value.items() if name != "auto"} if policy else {}
        words = f"settlements of {channel} are posted as deposits"
        offers.append(Offer("policy", f"settlements|{channel}", {**kept, "model": "deposit"}, words, because))
    if routing is not None:
        value = {**routing.value, "settle_invoices": "undeposited"}
        words = f"settlements of {channel} pay its invoices, over undeposited funds"
        offers.append(Offer("routing", channel, value, words, because))
    return offers


def _unpaid(books: ChannelBooks, invoices: list[_Invoice]) -> Stop | None:
    waiting = [i for i in invoices if i.is_open]
    if not waiting:
        return None
    such = f"such as {waiting[0].number}"
    cause = f"invoices of {books.channel} that settlements pay are open, {such}: their payments are booked first"
    remedy = "Plan and push what the control invoice_unpaid finds; the deposit then takes the payments along"
    return (f"agree|{books.channel}|invoices unpaid", cause, remedy)


def _paid_elsewhere(books: ChannelBooks, invoices: list[_Invoice]) -> Stop | None:
    undeposited = books.accounts.find(books.channel, "undeposited")
    waits_on = undeposited.account_id if undeposited is not None else None
    for one in invoices:
        if one.payment is not None and (said := _astray(one, waits_on)):
            return (
                f"invoice|{books.channel}|{one.number}",
                f"invoice {one.number} of order {one.order_id} is paid by {one.payment}, {said}",
                f"Mend {one.payment} in NetSuite, or say with `tieout waive` that the part is posted by hand",
            )
    return None


def _astray(one: _Invoice, waits_on: str | None) -> str | None:
    """Return why a deposit cannot take the payment of an invoice along."""
    if one.account_id != waits_on:
        return f"whose money is on {one.account or 'another account'}"
    if one.is_deposited:
        return "whose money is in another deposit"
    return "which pays more orders than one" if one.pays_others else None
