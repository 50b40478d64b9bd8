"""A return order in the vendor's words: ISO dates, numbers for quantities, its own shape of money (contract §2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.walmart.front.wire import epoch_ms, number
from sync.sandbox.walmart.fulfilment.return_book import ReturnOrder

__all__ = ["write_return"]

RETURN_WITHIN = timedelta(days=30)


def write_return(made: ReturnOrder, *, replacement_info: bool = False, epoch_date: bool = False) -> dict[str, object]:
    """Return the return order; `epoch_date` writes returnOrderDate as the simulation does."""
    back, order = made.back, made.order
    first, _, last = order.buyer.name.partition(" ")
    price, tax = made.money(back.quantity)
    head: dict[str, object] = {
        "returnOrderId": back.return_id,
        "customerEmailId": order.buyer.email,
        "customerName": {"firstName": first, "lastName": last},
        "customerOrderId": order.alternate_id or order.order_id,
        "refundMode": "POST_DELIVERY",
        "returnOrderDate": epoch_ms(back.requested_at) if epoch_date else _stamp(back.requested_at),
        "returnByDate": _stamp(back.requested_at + RETURN_WITHIN),
        "totalRefundAmount": _money(price + tax),
        "returnLineGroups": [_group(made)],
        "returnOrderLines": [_line(made, price, tax, replacement_info)],
        "returnChannel": {"channelName": "ONLINE"},
    }
    if replacement_info or epoch_date:
        head["returnType"] = "REPLACEMENT" if back.kind == "replacement" else "REFUND"
        head["replacementCustomerOrderId"] = None
    if epoch_date:
        head["purchaseOrderId"] = order.order_id
    return head


def _group(made: ReturnOrder) -> dict[str, object]:
    back = made.back
    expected = back.kind != "keep it"
    carrier = {
        "carrierId": "11",
        "carrierName": back.carrier.upper(),
        "serviceType": f"{back.carrier} Ground",
        "trackingNo": back.tracking_number,
    }
    label = {"labelImageURL": f"https://i5.walmartimages.com/asr/{back.return_id}.png", "carrierInfoList": [carrier]}
    return {
        "groupNo": 1,
        "returnLines": [{"returnOrderLineNumber": 1}],
        "labels": [label] if expected and back.tracking_number else [],
        "returnExpectedFlag": expected,
    }


def _line(made: ReturnOrder, price: Decimal, tax: Decimal, replacement_info: bool) -> dict[str, object]:
    back, line, (unit, unit_tax) = made.back, made.line, made.money(1)
    row: dict[str, object] = {
        "returnOrderLineNumber": 1,
        "salesOrderLineNumber": int(line.line_id),
        "sellerOrderId": None,
        "returnReason": back.reason,
        "returnDescription": back.comment,
        "purchaseOrderId": back.order_id,
        "purchaseOrderLineNumber": int(line.line_id),
        "isReturnForException": made.exception is not None,
        "exceptionItemType": made.exception,
        "item": {
            "sku": line.sku,
            "condition": "New",
            "productName": line.listing.title,
            "itemWeight": {"unitOfMeasure": "POUND", "measurementValue": number(line.listing.product.weight_lb)},
        },
        "charges": [_charge(unit, unit_tax)],
        "unitPrice": _money(unit),
        "chargeTotals": [
            {"name": name, "value": _money(amount)}
            for name, amount in (
                ("lineUnitPrice", unit),
                ("lineProductTaxes", tax),
                ("lineTotalTaxes", tax),
                ("lineSubTotal", price),
                ("lineTotal", price + tax),
            )
        ],
        "cancellableQty": 0,
        "quantity": _units(back.quantity),
        "returnExpectedFlag": back.kind != "keep it",
        "isFastReplacement": False,
        "isKeepIt": back.kind == "keep it",
        "lastItem": back.quantity == line.quantity,
        "refundedQty": made.refunded,
        "rechargeableQty": 0,
        "refundCoveredBy": "seller - keep it" if back.kind == "keep it" else "seller",
        "returnTrackingDetail": _tracking(made),
        "status": made.status,
        "statusTime": _stamp(made.changed_at),
        "currentDeliveryStatus": "DELIVERED" if back.received_at else "NOT_SHIPPED",
        "currentRefundStatus": _refund_status(made),
        "currentTrackingStatuses": _statuses(made),
        "refundChannels": [{"refundChannelName": "ONLINE", "quantity": _units(back.quantity)}],
    }
    if replacement_info:
        row |= {"rechargeReason": None, "returnCancellationReason": None}
    return row


def _charge(unit: Decimal, unit_tax: Decimal) -> dict[str, object]:
    tax = {"taxName": "Tax1", "excessTax": _money(Decimal(0)), "taxPerUnit": _money(unit_tax)}
    return {
        "chargeCategory": "PRODUCT",
        "chargeName": "ItemPrice",
        "chargePerUnit": _money(unit),
        "isDiscount": False,
        "isBillable": True,
        "tax": [tax] if unit_tax else [],
        "excessCharge": _money(Decimal(0)),
        "references": [{"name": "isAdjustment", "value": "false"}],
    }


def _refund_status(made: ReturnOrder) -> str:
    return "REFUND_COMPLETED" if made.refunded >= made.back.quantity else "REFUND_INITIATED"


def _statuses(made: ReturnOrder) -> list[dict[str, object]]:
    """Return one entry for the units whose money was given and one for the others (MLMQ)."""

    def entry(units: int, refund: str, status: str) -> dict[str, object]:
        return {
            "status": status,
            "statusTime": _stamp(made.changed_at),
            "currentRefundStatus": refund,
            "quantity": _units(units),
        }

    waiting = made.back.quantity - made.refunded
    open_status = "DELIVERED" if made.back.received_at else "INITIATED"
    rows = [entry(waiting, "REFUND_INITIATED", open_status)] if waiting > 0 else []
    return rows + ([entry(made.refunded, "REFUND_COMPLETED", "COMPLETED")] if made.refunded else [])


def _tracking(made: ReturnOrder) -> list[dict[str, object]]:
    back = made.back
    steps = [("RETURN_INITIATED", "Return initiated for MARKET_PLACE", back.requested_at)]
    if back.received_at is not None:
        steps.append(("RETURN_DELIVERED", "A MARKET_PLACE Return delivered", back.received_at))
    if made.refunded_at is not None:
        steps.append(("REFUND_ISSUED", "Refund issued for MARKET_PLACE", made.refunded_at))
    rows = [
        {
            "sequenceNo": index,
            "eventTag": tag,
            "eventDescription": text,
            "eventTime": _stamp(at),
            "references": [{"name": "ReturnDate", "value": _stamp(back.requested_at)}],
        }
        for index, (tag, text, at) in enumerate(steps)
    ]
    return rows[::-1]


def _units(units: int) -> dict[str, object]:
    return {"unitOfMeasure": "EACH", "measurementValue": units}


def _money(amount: Decimal) -> dict[str, object]:
    return {"currencyAmount": number(amount), "currencyUnit": "USD"}


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
