"""Customers that stand for a whole marketplace, or a part of it: they are no people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.mapping.routing import routing_of
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["marketplace_customers"]


def marketplace_customers(evidence: Evidence) -> frozenset[str]:
    """Return the ids of all customers that a routing books a channel's orders on."""
    return evidence.once("marketplace customers", lambda: _read(evidence))


def _read(evidence: Evidence) -> frozenset[str]:
    found: set[str] = set()
    patterns: list[str] = []
    for channel in evidence.decisions("routing"):
        try:
            routing = routing_of(channel, evidence.decisions("routing"))
        except BadInput:
            # A routing that cannot be used books nothing; its own control says so.
            continue
        if routing is not None:
            found |= {*routing.customer_ids, *([routing.customer_id] if routing.customer_id else [])}
            patterns += [routing.customer_pattern] if routing.customer_pattern else []
    for pattern in patterns:
        rows = evidence.cursor.execute(
            "SELECT customer_id FROM customers WHERE starts_with(external_id, $1)", [pattern.partition("{")[0]]
        ).fetchall()
        found |= {str(r[0]) for r in rows}
    return frozenset(found)
