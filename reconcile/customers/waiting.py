"""What the last comparison found of one record of the list of customers: its candidates, and the buyer behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconcile.customers.buyer import Buyer, buyer_of
from reconcile.fixes.orders.read_orders import read_orders
from sync.store.store import Store

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Candidates", "buyer_of_finding", "candidates_of"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who a buyer or a customer may be, best first; `keep` says for each whom the comparison would keep."""

    key: str
    #: The buyer's channel, empty for a customer.
    channel: str = ""
    ids: tuple[str, ...] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_buyer(self) -> bool:
        """Tell whether it is a buyer whose orders wait."""
        return bool(self.channel)


def candidates_of(store: Store, key: str) -> Candidates:
    """Return the open candidates of a buyer (external id) or of a customer (id); none where nothing is open."""
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT control, channel, detail FROM discrepancies WHERE state <> 'resolved'"
            " AND ((control = 'customer_unclear' AND subject = $1) OR (control = 'customer_duplicate'"
            " AND list_contains(string_split(subject, '|'), $1))) ORDER BY discrepancy_id",
            [key],
        ).fetchall()
    found = [(str(control), str(channel), json.loads(detail)) for control, channel, detail in rows]
    for control, channel, detail in found:
        if control == "customer_unclear":
            return Candidates(key, channel, tuple(detail["candidates"]), {}, detail)
    pairs = sorted((d for _, _, d in found), key=lambda d: -int(d["percent"]))
    keep = {d["other"] if d["keep"] == key else d["keep"]: d["keep"] for d in pairs}
    return Candidates(key, "", tuple(keep), keep, pairs[0] if pairs else {})


def buyer_of_finding(evidence: Evidence, candidates: Candidates) -> Buyer | None:
    """Return the buyer of the first order that waits, None where none does any more."""
    orders = [(candidates.channel, str(o)) for o in candidates.detail.get("order_ids", ())]
    found = read_orders(evidence, orders) if orders else {}
    return next((buyer_of(found[key]) for key in orders if key in found), None)
