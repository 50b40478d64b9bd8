"""Bodies of fulfilments, receipts, stock adjustments and items."""

from __future__ import annotations

from collections.abc import Sequence

from sync.errors import BadInput
from sync.netsuite.bodies.fields import Body, Context, items, own_head, present, ref
from sync.netsuite.bodies.taken import SourceRow, taken_lines
from sync.netsuite.intents import (
    AdjustmentLine,
    FulfillmentIntent,
    InventoryAdjustmentIntent,
    ItemReceiptIntent,
    ItemUpdateIntent,
    Parcel,
)

__all__ = ["adjustment_body", "fulfillment_body", "item_changes_body", "item_record", "receipt_body"]

_SHIP_STATUS = {"picked": "A", "packed": "B", "shipped": "C"}
#: Item type code of SuiteQL to the record service's name (contract §4).
_ITEM_RECORDS = {"InvtPart": "inventoryItem", "Kit": "kitItem", "Assembly": "assemblyItem"}


def fulfillment_body(intent: FulfillmentIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return what a fulfilment takes from its order: `itemReceive` false for every line that stays (contract §2.5)."""
    day = intent.shipped_on.isoformat() if intent.shipped_on else None
    return present(
        {
            **own_head(intent),
            "inventoryLocation": ref(intent.location_id),
            "shipStatus": ref(_SHIP_STATUS[intent.status]),
            "shippedDate": day if intent.status == "shipped" else None,
            "shipMethod": ref(intent.ship_method),
            "shippingCost": intent.shipping_cost,
            "item": items(taken_lines(intent.lines, rows, leave="itemReceive")),
            "package": items([_parcel(parcel) for parcel in intent.parcels]),
        }
    )


def receipt_body(intent: ItemReceiptIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return what a receipt takes in; more than is left is refused or capped (fault 31)."""
    lines = taken_lines(intent.lines, rows, leave="itemReceive", cap=intent.when_over == "cap")
    return present({**own_head(intent), "location": ref(intent.location_id), "item": items(lines)})


def adjustment_body(intent: InventoryAdjustmentIntent, context: Context) -> Body:
    """Return the body of an inventory adjustment: a quantity by which each stock changes."""
    return present(
        {
            **own_head(intent),
            "account": ref(intent.account_id),
            "subsidiary": ref(intent.subsidiary_id),
            "adjLocation": ref(intent.location_id),
            "department": ref(intent.department_id),
            "class": ref(intent.class_id),
            "inventory": items([_adjusted(line) for line in intent.lines]),
        }
    )


def item_record(item_type: str) -> str:
    """Return the record service's name of an item of this type.

    Raises:
        BadInput: we do not write items of this type.
    """
    if item_type not in _ITEM_RECORDS:
        raise BadInput(
            "items of this type are not written over REST by Tieout",
            remedy=f"Change it in NetSuite; types that can be written are {', '.join(_ITEM_RECORDS)}",
            value=item_type,
        )
    return _ITEM_RECORDS[item_type]


def item_changes_body(intent: ItemUpdateIntent, context: Context) -> Body:
    """Return the changed fields of an item."""
    changes = intent.set
    # A kit has one description; stocked items have one for sales.
    description = "description" if item_record(intent.item_type) == "kitItem" else "salesDescription"
    return present(
        {
            "externalId": changes.external_id,
            "displayName": changes.display_name,
            description: changes.description,
            "upcCode": changes.upc,
            "mpn": changes.manufacturer_number,
            "weight": changes.weight,
            "isInactive": changes.inactive,
        }
    )


def _parcel(parcel: Parcel) -> Body:
    return present(
        {
            "packageTrackingNumber": parcel.tracking_number,
            "packageWeight": parcel.weight,
            "packageDescr": parcel.description,
        }
    )


def _adjusted(line: AdjustmentLine) -> Body:
    return present(
        {
            "item": ref(line.item_id),
            "location": ref(line.location_id),
            "adjustQtyBy": line.quantity,
            "unitCost": line.unit_cost,
            "memo": line.memo,
            "department": ref(line.department_id),
            "class": ref(line.class_id),
        }
    )
