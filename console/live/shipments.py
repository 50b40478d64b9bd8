"""The list of shipments: which discrepancies stand behind its rows."""

from __future__ import annotations

from sync.joined import parts_of
from sync.store.store import Store

__all__ = ["SHIPPING", "discrepancies_of", "split_key"]

SHIPPING = (
    "shipment_unconfirmed",
    "shipment_differs",
    "fulfilment_missing",
    "multichannel_unfulfilled",
    "multichannel_unsent",
    "invoice_missing",
    "invoice_unpaid",
)


def split_key(key: str) -> tuple[str, str, str]:
    """Return (channel, order id, fulfilment or parcel) of a row."""
    channel, order_id, record = parts_of(key, "/", 3)
    return channel, order_id, record


def discrepancies_of(store: Store, key: str) -> list[str]:
    """Return the open discrepancies of a row (`channel/order/fulfilment or parcel`), confirmations first."""
    channel, order_id, _ = split_key(key)
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT discrepancy_id, control FROM discrepancies WHERE channel = $1 AND subject = $2"
            " AND state <> 'resolved' AND control IN (SELECT unnest($3::VARCHAR[]))",
            [channel, order_id, list(SHIPPING)],
        ).fetchall()
    return [r[0] for r in sorted(rows, key=lambda r: SHIPPING.index(r[1]))]
