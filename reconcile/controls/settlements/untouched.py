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
_KINDS = frozenset(("Journal", "Deposit", "CashSale", "CashRfnd"))
#: What sells an order that a settlement pays, names its order, or says where the money of its invoice went.
_SELLING = frozenset(("CustInvc", "CustPymt", "SalesOrd"))
# The scope's mirror has the settlement lines of its orders alone, and all their documents.
_INVOICED = """
SELECT EXISTS (SELECT 1 FROM settlement_lines WHERE order_id IS NOT NULL)
    AND ($1 OR EXISTS (SELECT 1 FROM transactions WHERE transaction_type = 'CustInvc'))
"""
_PAYMENTS = """
SELECT EXISTS (SELECT 1 FROM transactions
    WHERE transaction_type = 'CustPymt' AND transaction_id IN (SELECT unnest($1::VARCHAR[])))
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
    kinds = {kind for kind, *_ in documents}
    if kinds & _SELLING:
        # An invoice that was deleted is in the changes alone.
        (invoiced,) = scope.evidence.cursor.execute(_INVOICED, ["CustInvc" in kinds]).fetchone() or (False,)
        if invoiced:
            return False
    linked = sorted({end for link in scope.versions("document_links", "previous_id, next_id") for end in link})
    if linked and evidence.cursor.execute(_PAYMENTS, [linked]).fetchone() != (False,):
        return False
    (deposits,) = evidence.cursor.execute(_SETTLED).fetchone() or (0,)
    return not deposits
