"""A row of Shipments as what can be acted on: the open discrepancy of its fulfilment or parcel."""

from __future__ import annotations

from dataclasses import replace

from console.desk import ActionRequest
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["SHIPPING", "discrepancies_of", "of_discrepancies"]

SHIPPING = ("shipment_unconfirmed", "shipment_differs", "fulfilment_missing", "invoice_missing", "invoice_unpaid")


def discrepancies_of(store: Store, key: str) -> list[str]:
    """Return the open discrepancies of a row (`channel/order/fulfilment or parcel`), confirmations first."""
    channel, _, rest = key.partition("/")
    order_id = rest.partition("/")[0]
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT discrepancy_id, control FROM discrepancies WHERE channel = $1 AND subject = $2"
            " AND state <> 'resolved' AND control IN (SELECT unnest($3::VARCHAR[]))",
            [channel, order_id, list(SHIPPING)],
        ).fetchall()
    return [r[0] for r in sorted(rows, key=lambda r: SHIPPING.index(r[1]))]


def of_discrepancies(store: Store, request: ActionRequest) -> ActionRequest:
    """Return the request on the discrepancies behind its rows; one of another section stays as it is.

    Raises:
        BadInput: both sides agree about all of them.
    """
    if request.section != "shipments":
        return request
    ids = dict.fromkeys(one for key in request.keys for one in discrepancies_of(store, key))
    if not ids:
        raise BadInput("both sides agree about this shipment", remedy="Nothing is to be done")
    return replace(request, section="discrepancies", keys=tuple(ids))
