"""What the mirror knows of a part's cash sales: where each one's money is, and which settlements pay its order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.settlement.groups import GroupKey
from reconcile.settlement.identity import read_name
from reconcile.settlement.paid_in_parts import payers
from sync.money import total_of

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.settlements.unposted import UnpostedPart

__all__ = [
    "PRICE",
    "TAXED",
    "Holder",
    "OrderPaid",
    "PartKey",
    "Sale",
    "in_several_parts",
    "only",
    "order_payments",
    "part_payments",
    "payments_of",
    "sales_of",
]

#: Settlement and month (YYYY-MM).
PartKey = tuple[str, str]
#: What a buyer paid for an order, without and with tax that the document holds too.
PRICE = frozenset({"sales", "shipping", "gift_wrap", "promotions"})
TAXED = PRICE | {"tax", "marketplace_tax_withheld"}

# A deposit that was voided by a journal has put its money back on the account, and still holds the sale as deposited.
# $5 is a deposit that is looked at as if it held no sale, $6 tells whether its sales were held and let go.
_DOCUMENTS = """
WITH named AS (
    SELECT DISTINCT order_id FROM settlement_lines WHERE channel = $1 AND settlement_id = $2 AND order_id IS NOT NULL
),
{of_orders},
sales AS (
    SELECT t.transaction_id, coalesce(t.number, t.transaction_id) AS number, o.order_id, abs(t.total) AS total,
        t.transaction_date
    FROM of_orders o JOIN transactions t ON t.transaction_id = o.transaction_id
    WHERE t.transaction_type = '{kind}' AND t.status IS DISTINCT FROM 'V' AND t.currency = $4
        AND EXISTS (SELECT 1 FROM transaction_lines l WHERE l.transaction_id = t.transaction_id AND l.account_id = $3)
),
deposits AS (
    SELECT k.previous_id AS sale_id, d.transaction_id, coalesce(d.number, d.transaction_id) AS number,
        coalesce(d.external_id, '') AS name,
        EXISTS (SELECT 1 FROM transactions v WHERE v.external_id = d.external_id || '-R') AS is_voided
    FROM document_links k JOIN transactions d ON d.transaction_id = k.next_id
    WHERE d.transaction_type = 'Deposit' AND d.status IS DISTINCT FROM 'V'
        AND k.previous_id IN (SELECT transaction_id FROM sales)
)
SELECT s.transaction_id, s.number, s.order_id, s.total,
    count(d.sale_id) FILTER (WHERE $6 OR d.transaction_id IS DISTINCT FROM $5) > 0,
    count(d.sale_id) FILTER (WHERE NOT $6 AND d.transaction_id = $5) > 0,
    min({{'document_id': d.transaction_id, 'number': d.number, 'external_id': d.name}})
        FILTER (WHERE NOT d.is_voided AND d.transaction_id IS DISTINCT FROM $5)
FROM sales s LEFT JOIN deposits d ON d.sale_id = s.transaction_id
GROUP BY s.transaction_id, s.number, s.order_id, s.total, s.transaction_date
ORDER BY {order}
"""
_SALES = _DOCUMENTS.format(
    kind="CashSale",
    of_orders="""of_orders AS (
    SELECT t.transaction_id, n.order_id FROM transactions t JOIN named n ON n.order_id = t.other_reference
    WHERE t.transaction_type = 'CashSale'
)""",
    order="s.transaction_id",
)
# A payment of invoices of several orders belongs to none of them; the others stand in the order of their days.
_PAYMENTS = _DOCUMENTS.format(
    kind="CustPymt",
    of_orders="""billed AS (
    SELECT i.transaction_id, n.order_id FROM transactions i JOIN named n ON n.order_id = i.other_reference
    WHERE i.transaction_type = 'CustInvc'
),
of_orders AS (
    SELECT k.next_id AS transaction_id, min(b.order_id) AS order_id
    FROM document_links k LEFT JOIN billed b ON b.transaction_id = k.previous_id
    WHERE k.next_id IN (SELECT p.next_id FROM document_links p JOIN billed ON billed.transaction_id = p.previous_id)
    GROUP BY k.next_id HAVING count(*) = count(b.order_id) AND count(DISTINCT b.order_id) = 1
)""",
    order="s.transaction_date, length(s.transaction_id), s.transaction_id",
)
_PAID = """
SELECT order_id, settlement_id, strftime(posted_date, '%Y-%m'), transaction_type, amount_type, amount_description,
    fulfilled_by, sum(amount), sum(quantity), min(posted_date)
FROM settlement_lines
WHERE channel = $1 AND currency = $2 AND order_id IN (SELECT unnest($3::VARCHAR[]))
    AND transaction_type NOT ILIKE '%refund%' {where}
GROUP BY ALL ORDER BY ALL
"""
_HERE = "AND settlement_id = $4 AND strftime(posted_date, '%Y-%m') = $5"
_SEVERAL = """
SELECT order_id FROM settlement_lines
WHERE channel = $1 AND order_id IS NOT NULL AND amount > 0 AND transaction_type NOT ILIKE '%refund%'
GROUP BY order_id HAVING count(DISTINCT settlement_id || '|' || strftime(posted_date, '%Y-%m')) > 1
"""
_ORDERED = """
SELECT order_id, CAST(sum(quantity - quantity_cancelled) AS BIGINT) FROM order_lines
WHERE channel = $1 AND order_id IN (SELECT unnest($2::VARCHAR[])) GROUP BY order_id
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A deposit, by the ERP's id and number and by its external id (empty without one)."""

    document_id: str
    number: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A cash sale of an order, or a payment of its invoices, posted to undeposited funds."""

    document_id: str
    number: str
    order_id: str
    total: Decimal
    #: A deposit has taken it up at some time, and may have let it go.
    was_deposited: bool
    #: The deposit that is looked at has taken it up.
    is_held_here: bool
    #: Another deposit that holds it.
    held_by: Holder | None

    @property
    def is_held_by_another(self) -> bool:
        """Return whether a deposit holds it that is none of a settlement of ours."""
        return self.held_by is not None and read_name(self.held_by.external_id) is None


@dataclass(slots=True)
class OrderPaid:
    """What settlements paid for one order so far: sums by kind of each part, and units."""

    parts: dict[PartKey, dict[GroupKey, Decimal]] = field(default_factory=dict)
    days: dict[PartKey, date] = field(default_factory=dict)
    units: dict[tuple[str, str, str], int] = field(default_factory=dict)
    #: Units that the channel's order has, None where the mirror lacks it.
    ordered: int | None = None

    def amounts(self, place: Callable[[GroupKey], str], categories: frozenset[str]) -> list[tuple[PartKey, Decimal]]:
        """Return what each part pays in some categories, in order of time, only where it is above zero."""
        sums = {key: total_of(only(groups, place, categories).values()) for key, groups in self.parts.items()}
        return sorted(((k, a) for k, a in sums.items() if a > 0), key=lambda one: (self.days[one[0]], one[0]))

    def payers(
        self, place: Callable[[GroupKey], str], total: Decimal
    ) -> tuple[tuple[PartKey, ...], frozenset[str]] | None:
        """Return the parts that pay a document of this total and the categories it holds; None for another amount."""
        plain, taxed = self.amounts(place, PRICE), self.amounts(place, TAXED)
        for paid, categories in ((plain, PRICE), (taxed, TAXED)):
            if (found := payers(paid, total, is_open=False)) is not None:
                return found, categories
        # With tax beside the price nobody knows which of the two the document holds, until it is paid whole.
        open_now = payers(plain, total, is_open=self._is_open(place)) if plain == taxed else None
        return None if open_now is None else (open_now, PRICE)

    def _is_open(self, place: Callable[[GroupKey], str]) -> bool:
        paid = [units for kind, units in self.units.items() if place((*kind, None, "")) in PRICE]
        return bool(paid) and self.ordered is not None and max(paid) < self.ordered


def only(
    sums: Mapping[GroupKey, Decimal], place: Callable[[GroupKey], str], categories: frozenset[str]
) -> dict[GroupKey, Decimal]:
    """Return the sums that are of some categories."""
    return {key: amount for key, amount in sums.items() if place(key) in categories}


def sales_of(
    evidence: Evidence, part: UnpostedPart, account_id: str | None, holder: str | None, *, is_voided: bool
) -> list[Sale]:
    """Return the cash sales of a settlement's orders that were posted to an account, in order of their ids."""
    return _documents(evidence, part, _SALES, (account_id, holder, is_voided))


def payments_of(
    evidence: Evidence, part: UnpostedPart, account_id: str | None, holder: str | None, *, is_voided: bool
) -> list[Sale]:
    """Return the payments of invoices of a settlement's orders that were posted to an account, by day."""
    return _documents(evidence, part, _PAYMENTS, (account_id, holder, is_voided))


def _documents(
    evidence: Evidence, part: UnpostedPart, query: str, asked: tuple[str | None, str | None, bool]
) -> list[Sale]:
    settlement, (account_id, holder, is_voided) = part.settlement, asked
    values = [part.books.channel, settlement.settlement_id, account_id, settlement.currency, holder, is_voided]
    found = []
    for *said, by in evidence.cursor.execute(query, values).fetchall():
        document_id, number, order_id, total, was_deposited, is_held_here = said
        held_by = Holder(**by) if by else None
        found.append(Sale(document_id, number, order_id, total, was_deposited, is_held_here, held_by))
    return found


def part_payments(evidence: Evidence, part: UnpostedPart, orders: Sequence[str]) -> Mapping[str, OrderPaid]:
    """Return what the part's own settlement and month pay for orders."""
    return _payments(evidence, part, orders, _HERE, [part.settlement.settlement_id, part.journal.period])


def order_payments(evidence: Evidence, part: UnpostedPart, orders: Sequence[str]) -> Mapping[str, OrderPaid]:
    """Return what all settlements of the channel pay for orders, with the units that were ordered."""
    found = _payments(evidence, part, orders, "", [])
    for order_id, units in evidence.cursor.execute(_ORDERED, [part.books.channel, list(orders)]).fetchall():
        if order_id in found:
            found[order_id].ordered = units
    return found


def in_several_parts(evidence: Evidence, channel: str) -> Collection[str]:
    """Return the orders of a channel that more than one settlement or month brings money for."""
    return evidence.once(
        f"orders in several parts {channel}",
        lambda: frozenset(r[0] for r in evidence.cursor.execute(_SEVERAL, [channel]).fetchall()),
    )


def _payments(
    evidence: Evidence, part: UnpostedPart, orders: Sequence[str], where: str, asked: Sequence[str]
) -> dict[str, OrderPaid]:
    if not orders:
        return {}
    values = [part.books.channel, part.settlement.currency, list(orders), *asked]
    found: dict[str, OrderPaid] = {}
    for order_id, number, month, kind, amount_type, text, fulfilled, amount, units, day in evidence.cursor.execute(
        _PAID.format(where=where), values
    ).fetchall():
        one, key = found.setdefault(order_id, OrderPaid()), (number, month)
        one.parts.setdefault(key, {})[kind, amount_type, text, fulfilled, month] = amount
        one.days[key] = min(day, one.days.get(key, day))
        if units is not None:
            one.units[kind, amount_type, text] = one.units.get((kind, amount_type, text), 0) + int(units)
    return found
