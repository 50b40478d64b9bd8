"""A cash sale or cash refund of a settlement, said once more as the other kind: same items, customer and account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.controls.settlements.posted_documents import PostedDocument

__all__ = ["given_back_intent", "goods_stop"]

# The mirror counts what comes back negative; a document's own amounts are those of its kind.
_LINES = """
SELECT l.is_main, l.item_id, l.account_id,
    CASE WHEN t.transaction_type = 'CashRfnd' THEN -l.quantity ELSE l.quantity END,
    CASE WHEN t.transaction_type = 'CashRfnd' THEN -l.amount ELSE l.amount END,
    l.memo, l.department_id, l.class_id, l.location_id, coalesce(l.debit, 0) <> coalesce(l.credit, 0)
FROM transaction_lines l JOIN transactions t ON t.transaction_id = l.transaction_id
WHERE l.transaction_id = $1 ORDER BY l.position, l.line_id
"""


@dataclass(frozen=True, slots=True)
class _Line:
    is_main: bool
    item_id: str | None
    account_id: str | None
    quantity: Decimal | None
    amount: Decimal | None
    memo: str | None
    department_id: str | None
    class_id: str | None
    location_id: str | None
    is_posted: bool

    def goods(self, currency: str) -> Mapping[str, Any]:
        """Return the line as an intent has it."""
        return {
            "item_id": self.item_id,
            "quantity": format((self.quantity or Decimal(1)).normalize(), "f"),
            "amount": amount_text(self.amount or Decimal(0), currency),
            "description": self.memo,
            "department_id": self.department_id,
            "class_id": self.class_id,
            "location_id": self.location_id,
        }


def _lines(evidence: Evidence, document: PostedDocument) -> list[_Line]:
    return [_Line(*row) for row in evidence.cursor.execute(_LINES, [document.transaction_id]).fetchall()]


def goods_stop(evidence: Evidence, document: PostedDocument) -> Stop | None:
    """Return why a sale of items cannot be said again as its opposite: it holds more than items, or nobody's."""
    others = [x for x in _lines(evidence, document) if not x.is_main and x.is_posted and x.item_id is None]
    remedy = f"Take {document.number} back in NetSuite; the part is due again after the next pull"
    if others:
        cause = f"{document.number} posts more than its items: tax, shipping or cost of goods"
        return (f"reverse|{document.number}", cause, remedy)
    if _customer(evidence, document) is None:
        return (f"reverse|{document.number}", f"the mirror has no customer of {document.number}", remedy)
    return None


def given_back_intent(evidence: Evidence, document: PostedDocument) -> dict[str, Any]:
    """Return customer, account and items of the document that takes this one back."""
    lines = _lines(evidence, document)
    return {
        "customer": {"id": _customer(evidence, document)},
        "account_id": next((x.account_id for x in lines if x.is_main), None),
        "lines": [x.goods(document.currency or "") for x in lines if not x.is_main and x.item_id is not None],
    }


def _customer(evidence: Evidence, document: PostedDocument) -> str | None:
    row = evidence.cursor.execute(
        "SELECT customer_id FROM transactions WHERE transaction_id = $1", [document.transaction_id]
    ).fetchone()
    return str(row[0]) if row and row[0] else None
