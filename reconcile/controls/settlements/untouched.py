"""Whether what has changed in the ERP can matter to the documents of settlements: nearly nothing does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reconcile.controls.control import Evidence

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["leaves_settlements"]

#: Names of what we post, and credit: they are looked for among all documents.
_OURS = re.compile(r"-SETTLE-|-PAYOUT-|-DEFER-|-(?:CM|RFD)-")
#: What a settlement is posted as, or made from; any other document of an order is none of its business.
_KINDS = frozenset(("Journal", "Deposit", "CashSale", "CashRfnd", "CustPymt"))
# What a settlement pays, where it does: a sale that no settlement names yet is none of its business.
_PAID = """
SELECT count(*) FROM settlement_lines WHERE order_key IN (SELECT unnest($1::BIGINT[]))
"""
_PAYMENTS = """
SELECT count(*) FROM transactions
WHERE transaction_type = 'CustPymt' AND transaction_id IN (SELECT unnest($1::VARCHAR[]))
"""
_SETTLED = """
SELECT count(*) FROM transactions
WHERE transaction_type = 'Deposit' AND (contains(external_id, '-SETTLE-') OR contains(number, '-SETTLE-'))
"""


def leaves_settlements(evidence: Evidence, scope: Scope) -> bool:
    """Tell whether no changed document is, or was, one that settlements are posted as or made from.

    Where deposits post settlements, any link between documents may tell what is in them.
    """
    if any(c.entity.table == "settlements" for c in scope.changed):
        return False
    documents = scope.versions("transactions", "transaction_type, external_id, number")
    if any(kind in _KINDS or _OURS.search(f"{name or ''}|{number or ''}") for kind, name, number in documents):
        return False
    sold = _sold(scope)
    if None in sold or (sold and evidence.cursor.execute(_PAID, [sorted(filter(None, sold))]).fetchone() != (0,)):
        return False
    linked = sorted({end for link in scope.versions("document_links", "previous_id, next_id") for end in link})
    if linked and evidence.cursor.execute(_PAYMENTS, [linked]).fetchone() != (0,):
        return False
    (deposits,) = evidence.cursor.execute(_SETTLED).fetchone() or (0,)
    return not deposits


def _sold(scope: Scope) -> set[int | None]:
    """Return the orders of changed invoices, and of sales orders that are new or named otherwise than before.

    None is among them for an invoice that names no order: what it bills does.
    """
    rows = scope.versions("transactions", "transaction_type, transaction_id, external_id, external_key, other_key")
    keys = {other for kind, *_, other in rows if kind == "CustInvc"}
    named: dict[str, list[str | None]] = {}
    for kind, transaction_id, name, _, _ in rows:
        if kind == "SalesOrd":
            named.setdefault(transaction_id, []).append(name)
    moved = {one for one, names in named.items() if len(names) == 1 or len(set(names)) > 1}
    return keys | {key for _, transaction_id, _, key, _ in rows if transaction_id in moved and key is not None}
