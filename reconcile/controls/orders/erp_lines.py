"""The lines of chosen ERP documents: what was sold, what of it has moved, what is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence

__all__ = ["NOT_GOODS", "ErpLine", "read_erp_lines"]

#: Item types that nobody delivers: kits and assemblies are goods, fees, discounts and services are not.
NOT_GOODS = "('OthCharge', 'Discount', 'Payment', 'ShipItem', 'Service', 'Markup', 'Subtotal', 'Description')"
_READ = f"""
SELECT l.transaction_id, l.line_id, l.item_id, coalesce(i.name, l.item_id), coalesce(l.quantity, 0),
    coalesce(l.quantity_moved, 0), coalesce(l.quantity_billed, 0), coalesce(l.amount, 0), l.is_closed,
    coalesce(i.item_type NOT IN {NOT_GOODS}, l.item_id IS NOT NULL) AS is_goods, coalesce(l.memo, '')
FROM transaction_lines l LEFT JOIN items i ON i.item_id = l.item_id
WHERE l.transaction_id IN (SELECT unnest($1::VARCHAR[])) AND NOT l.is_main AND NOT l.is_tax
    AND (l.item_id IS NOT NULL OR l.amount <> 0)
ORDER BY l.transaction_id, l.position, l.line_id
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class ErpLine:
    """One line of a document, in the ERP's units; a line without an item is the document's shipping or discount."""

    transaction_id: str
    line_id: str
    item_id: str | None
    item: str
    quantity: Decimal
    moved: Decimal
    billed: Decimal
    amount: Decimal
    is_closed: bool
    is_goods: bool
    memo: str = ""

    @property
    def used(self) -> Decimal:
        """Return the units that nobody can take away any more."""
        return max(self.moved, self.billed)

    @property
    def left(self) -> Decimal:
        """Return the units that are still to be delivered; none of a closed line."""
        return Decimal(0) if self.is_closed else max(self.quantity - self.used, Decimal(0))

    @property
    def given_up(self) -> Decimal:
        """Return the units that will never be delivered, because the line is closed."""
        return max(self.quantity - self.used, Decimal(0)) if self.is_closed else Decimal(0)

    @property
    def stands(self) -> Decimal:
        """Return the units that the document delivers: all, or of a closed line what has moved."""
        return self.used if self.is_closed else self.quantity


def read_erp_lines(evidence: Evidence, transaction_ids: Iterable[str]) -> dict[str, list[ErpLine]]:
    """Return the lines of the documents by document, in their order; cost of goods and tax are left out."""
    found: dict[str, list[ErpLine]] = {i: [] for i in transaction_ids}
    for row in evidence.cursor.execute(_READ, [list(found)]).fetchall():
        line = ErpLine(*row)
        found[line.transaction_id].append(line)
    return found
