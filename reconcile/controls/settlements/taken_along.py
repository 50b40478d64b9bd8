"""Which cash sales the documents of a settlement pay: those that are posted, and those that are due."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.posted_documents import known_names, posted_documents
from reconcile.controls.settlements.settlement_parts import settlement_parts
from reconcile.controls.settlements.unposted import unposted_part
from reconcile.fixes.settlements.cash_sales import PaidSales, paid_sales
from reconcile.settlement.identity import current_name

__all__ = ["taken_along"]


def taken_along(evidence: Evidence, channel: str, settlement_id: str) -> Mapping[str, PaidSales]:
    """Return external id of a journal's first version → the cash sales that its document pays, only where there are.

    A document that is posted otherwise than as a deposit pays none, whatever would be posted now; of a deposit that the
    mirror has not read the links of yet nothing is said.
    """
    known = known_names(evidence)
    found: dict[str, PaidSales] = {}
    for parts in settlement_parts(evidence, [(channel, settlement_id)]):
        names = {j.external_id: current_name(j.external_id, known) for j in parts.journals}
        posted = posted_documents(evidence, [name for name in names.values() if name in known])
        for journal in parts.journals:
            document = posted.get(names[journal.external_id])
            if document is not None and document.transaction_type != "Deposit":
                continue
            part = unposted_part(evidence, parts, journal, names[journal.external_id])
            model, holder = ("deposit", document.transaction_id) if document else (None, None)
            taken = paid_sales(evidence, part, model=model, holder=holder)
            is_unread = document is not None and taken.stop is not None and taken.stop[0].startswith("links|")
            if (taken.paid or taken.stop) and not is_unread:
                found[journal.external_id] = taken
    return found
