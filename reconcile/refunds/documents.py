"""The ERP's documents of orders with refunds or returns, with the lines that a way back is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.refunds.credited import Credit

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["ErpDocument", "ErpLine", "OrderDocuments", "read_documents"]

#: Letters of documents that count for nothing: a cancelled order or authorization.
_CANCELLED = {("SalesOrd", "C"), ("RtnAuth", "C"), ("CustCred", "V"), ("CashRfnd", "V"), ("CustRfnd", "V")}
_DOCUMENTS = """
SELECT channel, order_id, transaction_id, transaction_type, number, status, external_id, other_reference, customer_id,
    currency, abs(coalesce(total, 0)), transaction_date, made_from
FROM temp.{0} WHERE (channel, order_id) IN (SELECT channel, order_id FROM temp.{1})
ORDER BY channel, order_id, transaction_date, transaction_id
"""
_LINES = """
SELECT l.transaction_id, l.line_id, l.item_id, abs(coalesce(l.quantity, 0)), abs(coalesce(l.amount, 0)),
    l.quantity_moved, l.quantity_billed, l.is_closed
FROM transaction_lines l WHERE l.item_id IS NOT NULL AND NOT l.is_main AND NOT l.is_tax AND l.transaction_id IN (
    SELECT transaction_id FROM temp.{0} WHERE (channel, order_id) IN (SELECT channel, order_id FROM temp.{1})
        AND transaction_type IN ('SalesOrd', 'CustInvc', 'CashSale', 'RtnAuth', 'ItemRcpt', 'CustCred', 'CashRfnd'))
ORDER BY l.transaction_id, l.position
"""


@dataclass(frozen=True, slots=True)
class ErpLine:
    """One line of goods; quantities and amounts are positive. `moved`: units received, `billed`: units credited.

    Both are None where the ERP does not show them.
    """

    line_id: str
    item_id: str
    quantity: Decimal
    amount: Decimal
    moved: Decimal | None
    billed: Decimal | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class ErpDocument:
    """One document; `total` is positive, in `currency`; `made_from` is the order's document that it came from."""

    transaction_id: str
    kind: str
    number: str | None
    status: str | None
    external_id: str | None
    other_reference: str | None
    customer_id: str | None
    currency: str | None
    total: Decimal
    made_on: date
    made_from: str | None
    lines: tuple[ErpLine, ...] = ()

    @property
    def label(self) -> str:
        """Return the number that people know it by."""
        return self.number or self.transaction_id

    def units(self, item_id: str) -> Decimal:
        """Return how many units of an item it holds, without closed lines."""
        return sum((x.quantity for x in self.lines if x.item_id == item_id and not x.is_closed), Decimal(0))


@dataclass(frozen=True, slots=True)
class OrderDocuments:
    """The documents of one order that are not cancelled, oldest first."""

    all: tuple[ErpDocument, ...] = ()

    def of(self, *kinds: str) -> list[ErpDocument]:
        """Return the documents of these type codes."""
        return [d for d in self.all if d.kind in kinds]

    @property
    def bills(self) -> list[ErpDocument]:
        """Return invoices and cash sales."""
        return self.of("CustInvc", "CashSale")

    @property
    def credits(self) -> list[Credit]:
        """Return the credit memos and cash refunds."""
        return [
            Credit(d.transaction_id, d.label, d.external_id, d.total, d.made_on)
            for d in self.of("CustCred", "CashRfnd")
        ]

    def refund_of(self, credit_id: str) -> ErpDocument | None:
        """Return the customer refund that pays a credit memo out."""
        return next((d for d in self.of("CustRfnd") if d.made_from == credit_id), None)

    def named(self, external_id: str) -> ErpDocument | None:
        """Return the document of an external id of ours."""
        return next((d for d in self.all if d.external_id == external_id), None)


def read_documents(evidence: Evidence, linked: str, orders: str) -> dict[tuple[str, str], OrderDocuments]:
    """Return the linked documents of the orders in temp table `orders`.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check(linked, orders)
    lines: dict[str, list[ErpLine]] = {}
    for transaction_id, *values in evidence.cursor.execute(_LINES.format(linked, orders)).fetchall():
        lines.setdefault(transaction_id, []).append(ErpLine(*values))
    found: dict[tuple[str, str], list[ErpDocument]] = {}
    for channel, order_id, *values in evidence.cursor.execute(_DOCUMENTS.format(linked, orders)).fetchall():
        document = ErpDocument(*values)
        if (document.kind, document.status) not in _CANCELLED:
            own = replace(document, lines=tuple(lines.get(document.transaction_id, ())))
            found.setdefault((channel, order_id), []).append(own)
    return {key: OrderDocuments(_sorted(held)) for key, held in found.items()}


def _sorted(documents: Sequence[ErpDocument]) -> tuple[ErpDocument, ...]:
    return tuple(sorted(documents, key=lambda d: (d.made_on, d.transaction_id)))


def _check(*names: str) -> None:
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no table's name")
