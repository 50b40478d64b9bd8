"""The write that gives a customer what a channel knows better: empty fields get a value, addresses are added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from reconcile.customers.enrichment import Enrichment
from reconcile.mapping.routing import prefix_of
from sync.outbox.operations import PlannedOperation

__all__ = ["changed", "enrichment_operation"]


def enrichment_operation(found: Enrichment, channel: str, discrepancy_id: str) -> PlannedOperation:
    """Return the change of one customer; the same values give the same identity."""
    intent: dict[str, object] = {
        "id": found.customer_id,
        "set": dict(sorted(found.values.items())),
        "believed": dict(sorted(found.now.items())),
    }
    if found.address is not None:
        intent["add_address"] = dict(found.address)
    digest = hashlib.sha256(json.dumps(intent, sort_keys=True).encode()).hexdigest()[:10]
    return PlannedOperation(
        identity=f"{prefix_of(found.channel)}-CUSTOMER-{found.customer_id}-{digest}",
        vendor="netsuite",
        kind="customer.update",
        channel=channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Customer {found.entity_id}: {' and '.join(changed(found))}",
        intent=intent,
        believed={"exists": True, **found.now},
        diff=_diff(found),
    )


def changed(found: Enrichment) -> Sequence[str]:
    """Return what is changed, in words."""
    words = [name.replace("_", " ") for name in sorted(found.values)]
    return [*words, "one more address"] if found.address is not None else words


def _diff(found: Enrichment) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"field": name, "now": found.now.get(name), "then": value} for name, value in sorted(found.values.items())
    ]
    if found.address is not None:
        rows.append({"field": "address added", "now": None, "then": ", ".join(found.address.values())})
    return rows
