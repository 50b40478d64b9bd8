"""An order in the vendor's words: epoch milliseconds, quantities as strings, explicit nulls (contract §2.1)."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from uuid import UUID
from zlib import crc32

from sync.sandbox.walmart.front.wire import epoch_ms, number
from sync.sandbox.walmart.orders.book import METHOD_OF_SERVICE, OrderState
from sync.sandbox.walmart.orders.lifecycle import LineState, Part, RefundCharge, Tracking
from sync.sandbox.walmart.vocabulary import CARRIERS_NOT_IN_ANSWERS
from sync.sandbox.world.model import SalesLine, SalesOrder

__all__ = ["node_type", "order_type", "program_of", "write_order"]

_PROGRAMS = {"SECOND_DAY": "TWO_DAY", "EXPEDITED": "ONE_DAY"}
_TYPES = {"standard": "REGULAR", "replacement": "REPLACEMENT", "preorder": "PREORDER"}

#: 84 % of the phone numbers that one large seller received were zeros (contract §2.1).
_HIDDEN_PHONE, _HIDDEN_PERCENT = "0000000000", 84


def order_type(order: SalesOrder) -> str:
    """Return REGULAR, REPLACEMENT or PREORDER."""
    return _TYPES.get(order.order_type, "REGULAR")


def program_of(order: SalesOrder) -> str | None:
    """Return the shipping program, TWO_DAY or ONE_DAY; None for standard delivery."""
    return _PROGRAMS.get(order.service)


def node_type(order: SalesOrder) -> str:
    """Return who sends the order: SellerFulfilled, WFSFulfilled or 3PLFulfilled."""
    return {"channel": "WFSFulfilled", "3pl": "3PLFulfilled"}.get(order.fulfilled_by, "SellerFulfilled")


def write_order(state: OrderState, *, product_info: bool = False, replacement_info: bool = False) -> dict[str, object]:
    """Return the order as the vendor writes it; amounts are line totals, in USD."""
    order = state.order
    head: dict[str, object] = {
        "purchaseOrderId": order.order_id,
        "customerOrderId": order.alternate_id or order.order_id,
        "customerEmailId": order.buyer.email,
    }
    if replacement_info:
        head["orderType"] = order_type(order)
        head["originalCustomerOrderID"] = order.original_id
    return head | {
        "orderDate": epoch_ms(order.ordered_at),
        "buyerId": str(UUID(bytes=sha256(order.buyer.buyer_id.encode()).digest()[:16], version=4)),
        "mart": "WALMART_US",
        "isGuest": False,
        "shippingInfo": _shipping_info(order),
        "orderLines": {
            "orderLine": [_line(order, order.line(n), line, product_info) for n, line in state.lines.items()]
        },
        "paymentTypes": None,
        "orderSummary": _summary(order),
        "pickupPersons": None,
        "shipNode": _ship_node(state),
    }


def _shipping_info(order: SalesOrder) -> dict[str, object]:
    address = order.buyer.address
    hidden = crc32(order.order_id.encode()) % 100 < _HIDDEN_PERCENT
    return {
        "phone": _HIDDEN_PHONE if hidden else address.phone,
        "estimatedDeliveryDate": epoch_ms(order.deliver_by),
        "estimatedShipDate": epoch_ms(order.ship_by),
        "methodCode": METHOD_OF_SERVICE.get(order.service, "Standard"),
        "postalAddress": {
            "name": address.name,
            "address1": address.line1,
            "address2": address.line2,
            "city": address.city,
            "state": address.region,
            "postalCode": address.postal_code,
            "country": "USA",
            "addressType": "OFFICE" if order.is_business else "RESIDENTIAL",
        },
    }


def _summary(order: SalesOrder) -> dict[str, object]:
    def money(amount: Decimal) -> dict[str, object]:
        return {"currencyAmount": number(amount), "currencyUnit": order.currency}

    goods = sum((x.item_price - x.discount for x in order.lines), Decimal(0))
    shipping = sum((x.shipping for x in order.lines), Decimal(0))
    return {
        "totalAmount": money(order.total),
        "orderSubTotals": [
            {"subTotalType": "PRODUCT", "totalAmount": money(goods)},
            {"subTotalType": "SHIPPING", "totalAmount": money(shipping)},
            {"subTotalType": "TAX", "totalAmount": money(order.tax)},
        ],
    }


def _ship_node(state: OrderState) -> dict[str, object]:
    if state.fulfilled_by_walmart:
        return {"type": "WFSFulfilled", "name": "Walmart WFS", "id": "8601000"}
    if state.order.fulfilled_by == "3pl":
        return {"type": "3PLFulfilled", "name": "Lakeside Logistics", "id": "84955660770217990"}
    return {"type": "SellerFulfilled", "name": "Acme Goods Main", "id": "84955660770217985"}


def _line(order: SalesOrder, fact: SalesLine, line: LineState, product_info: bool) -> dict[str, object]:
    program = program_of(order)
    return {
        "lineNumber": line.number,
        "item": _item(fact, product_info),
        "charges": {"charge": _charges(fact, order.currency)},
        "orderLineQuantity": _quantity(line.ordered),
        "statusDate": epoch_ms(line.changed_at),
        "orderLineStatuses": {"orderLineStatus": [_part(part) for part in line.parts]},
        "returnOrderId": None,
        "refund": _refund(line, order.currency),
        "originalCarrierMethod": None,
        "referenceLineId": None,
        "fulfillment": {
            "fulfillmentOption": "S2H",
            "shipMethod": METHOD_OF_SERVICE.get(order.service, "Standard").upper(),
            "storeId": None,
            "pickUpDateTime": epoch_ms(order.deliver_by),
            "pickUpBy": None,
            "shippingProgramType": program,
        },
        "serialNumbers": [],
        "intentToCancel": "true" if line.intent_to_cancel else None,
        "configId": None,
        "sellerOrderId": line.seller_order_id,
    }


def _item(fact: SalesLine, product_info: bool) -> dict[str, object]:
    item: dict[str, object] = {
        "productName": fact.listing.title,
        "sku": fact.sku,
        "condition": "New",
    }
    if product_info:
        item["imageUrl"] = f"https://i5.walmartimages.com/asr/{fact.listing.product.upc}.jpeg"
        item["weight"] = {"value": str(fact.listing.product.weight_lb), "unit": "Pounds"}
    return item


def _quantity(units: int) -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": str(units)}


def _charge(kind: str, name: str, amount: Decimal, tax: Decimal, tax_name: str, currency: str) -> dict[str, object]:
    taxed = None if tax == 0 else {"taxName": tax_name, "taxAmount": {"currency": currency, "amount": number(tax)}}
    return {
        "chargeType": kind,
        "chargeName": name,
        "chargeAmount": {"currency": currency, "amount": number(amount)},
        "tax": taxed,
        "taxAndOtherFees": taxed,
    }


def _charges(fact: SalesLine, currency: str) -> list[dict[str, object]]:
    rows = [_charge("PRODUCT", "ItemPrice", fact.item_price, fact.item_tax, "Tax1", currency)]
    if fact.discount:
        rows.append(_charge("PRODUCT", "SubscriptionDiscount", -fact.discount, -fact.discount_tax, "Tax1", currency))
    if fact.shipping or fact.shipping_tax:
        rows.append(_charge("SHIPPING", "Shipping", fact.shipping, fact.shipping_tax, "Tax2", currency))
    return rows


def _part(part: Part) -> dict[str, object]:
    return {
        "status": part.status,
        "subSellerId": None,
        "statusQuantity": _quantity(part.quantity),
        "cancellationReason": part.reason,
        "trackingInfo": _tracking(part.tracking),
        "returnCenterAddress": None,
    }


def _tracking(tracking: Tracking | None) -> dict[str, object] | None:
    if tracking is None:
        return None
    carrier, other = tracking.carrier, tracking.other_carrier
    if carrier in CARRIERS_NOT_IN_ANSWERS:
        # Two carriers are taken in requests but are no documented value of an answer.
        carrier, other = None, carrier
    return {
        "shipDateTime": epoch_ms(tracking.shipped_at),
        "carrierName": {"otherCarrier": other, "carrier": carrier},
        "methodCode": tracking.method,
        "trackingNumber": tracking.number,
        "trackingURL": tracking.url,
    }


def _refund(line: LineState, currency: str) -> dict[str, object] | None:
    if not line.refunds:
        return None

    def charge(given: RefundCharge) -> dict[str, object]:
        name, tax_name = ("ItemPrice", "Item Price Tax") if given.kind == "PRODUCT" else ("Shipping", "Shipping Tax")
        return {
            "refundReason": given.reason,
            "charge": _charge(given.kind, name, -given.amount, -given.tax, tax_name, currency),
        }

    return {
        "refundId": None,
        "refundComments": line.refunds[-1].comments,
        "refundCharges": {"refundCharge": [charge(given) for given in line.refunds]},
    }
