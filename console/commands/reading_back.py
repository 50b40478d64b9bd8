"""Which streams show what a push has written: it is read back before both sides are compared again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.workspace import Workspace

__all__ = ["streams_to_read"]

_ERP = "netsuite"
#: What every push reads: customers and documents.
_ALWAYS = ("netsuite.customers", "netsuite.transactions")
_WRITTEN = """
SELECT DISTINCT vendor, kind, channel FROM operations
WHERE updated_at >= $1 AND state IN ('done', 'answered') ORDER BY ALL
"""


def streams_to_read(workspace: Workspace, since: datetime) -> list[str]:
    """Return the streams to pull after a push: the ERP's, tracking numbers after a fulfilment, orders of a channel."""
    found = dict.fromkeys(_ALWAYS)
    with workspace.store.database.reading() as cursor:
        rows = cursor.execute(_WRITTEN, [since]).fetchall()
    for vendor, kind, channel in rows:
        if kind == "fulfillment.create":
            found["netsuite.parcels"] = None
        elif kind == "shipment.confirm" and vendor != _ERP:
            found[f"{vendor}.orders@{channel.partition('.')[2]}"] = None
    return list(found)
