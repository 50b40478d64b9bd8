"""Amazon orders (orders 2026-01-01) as records: `decode_order` turns one order of an answer into a document.

Money: a line's `proceeds.breakdowns` hold line totals by type (ITEM, SHIPPING, GIFT_WRAP, COD_FEE, OTHER, TAX,
DISCOUNT); TAX and DISCOUNT say by `detailedBreakdowns` what they belong to. ITEM is before tax where the breakdowns
add up to `proceedsTotal` with TAX; where they only add up without it, the prices hold the tax, and it is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec
from pydantic import ValidationError

from sync.amazon.calls import order_call
from sync.amazon.marketplaces import Marketplace, marketplace_by_id
from sync.amazon.orders.proceeds import LineMoney, MoneyUnclear, line_money
from sync.amazon.orders.shapes import ItemShape, OrderShape, PackageShape, read_quickly
from sync.errors import ContractBroken
from sync.quick_records import quick_maker
from sync.quick_shapes import Refused
from sync.records import Order, OrderLine
from sync.streams import Document, Quarantined
from sync.transport import VendorClient, read_json

__all__ = ["decode_order", "read_order"]

# FulfillmentStatus of orders 2026-01-01.
_STATUS = {
    "PENDING_AVAILABILITY": "pending",
    "PENDING": "pending",
    "UNSHIPPED": "open",
    "PARTIALLY_SHIPPED": "partly_shipped",
    "SHIPPED": "shipped",
    "CANCELLED": "cancelled",
    "UNFULFILLABLE": "cancelled",
}
_FULFILLED_BY = {"AMAZON": "channel", "MERCHANT": "seller"}
_ASSOCIATION = {"REPLACEMENT_ORIGINAL_ID": "replacement", "EXCHANGE_ORIGINAL_ID": "exchange"}
_PROGRAM = {"PREORDER": "preorder", "AMAZON_BUSINESS": "business"}
_NOTHING = Decimal(0)
_made_document, _made_order, _made_line = quick_maker(Document), quick_maker(Order), quick_maker(OrderLine)


class _Unreadable(ValueError):
    """An order says something that no record can be made from; the text is for a person."""


def decode_order(raw: object, marketplace: Marketplace, ordinal: int = 0) -> Document | Quarantined:
    """Return the order's document, or why it cannot be read.

    Args:
        raw: one element of `orders` (searchOrders) or `order` (getOrder), numbers as Decimal; or its JSON as it came.
        marketplace: where the order was asked for; the order's own marketplace decides when it names a known one.
        ordinal: its place in the page.

    Raises:
        ValueError: what came is no JSON.
    """
    if isinstance(raw, msgspec.Raw):
        try:
            return _document(read_quickly(raw), marketplace, ordinal)
        except (Refused, _Unreadable, MoneyUnclear):
            # Rare, and to be said as of any other order.
            raw = read_json(bytes(raw))
    key = str(raw.get("orderId") or f"#{ordinal}") if isinstance(raw, Mapping) else f"#{ordinal}"
    try:
        shape = OrderShape.model_validate(raw)
        return _document(shape, marketplace, ordinal)
    except ValidationError as error:
        return Quarantined(key, _why(error), ordinal)
    except (_Unreadable, MoneyUnclear) as error:
        return Quarantined(key, str(error), ordinal)


async def read_order(client: VendorClient, order_id: str, marketplace: Marketplace) -> Document | Quarantined:
    """Return one order as it stands now (getOrder), or why it cannot be read.

    Raises:
        VendorError: Rejected for an order that Amazon does not know; ContractBroken where the answer holds no order.
    """
    reply = await client.send(order_call(order_id))
    body = reply.json()
    if not isinstance(body, Mapping) or "order" not in body:
        raise ContractBroken(reply.seen(detail="the answer holds no order"))
    return decode_order(body["order"], marketplace)


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"]) or "order"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{more}"


def _document(shape: OrderShape, asked: Marketplace, ordinal: int) -> Document:
    named = marketplace_by_id(shape.sales_channel.marketplace_id or "")
    channel = (named or asked).channel
    money = [line_money(item) for item in shape.order_items]
    currency = _currency(shape, money) or (named or asked).currency
    status = _status(shape)
    lines = tuple(
        _line(shape, item, amounts, channel, position, status)
        for position, (item, amounts) in enumerate(zip(shape.order_items, money, strict=True), start=1)
    )
    _refuse_duplicates(lines)
    return _made_document(_order(shape, money, channel, currency, status), lines, ordinal)


def _currency(shape: OrderShape, money: Sequence[LineMoney]) -> str | None:
    grand = shape.proceeds.grand_total if shape.proceeds else None
    found = {m.currency for m in money if m.currency} | ({grand.currency_code} if grand else set())
    if len(found) > 1:
        raise _Unreadable(f"the order mixes currencies: {', '.join(sorted(found))}")
    return next(iter(found), None)


def _refuse_duplicates(lines: Sequence[OrderLine]) -> None:
    if len(lines) < 2:
        return
    seen: set[str] = set()
    for line in lines:
        if line.line_id in seen:
            raise _Unreadable(f"line {line.line_id} occurs twice")
        seen.add(line.line_id)


def _status(shape: OrderShape) -> str:
    status = _STATUS.get(shape.fulfillment.fulfillment_status, "unknown")
    if status != "shipped" or not shape.packages:
        return status
    arrived = [p.package_status and p.package_status.status == "DELIVERED" for p in shape.packages]
    return "delivered" if all(arrived) else status


def _fulfilled_by(shape: OrderShape, status: str) -> str:
    said = shape.fulfillment.fulfilled_by
    if said is None and status in {"pending", "cancelled"}:
        # Nothing is done with such an order yet, or any more; it will say so when there is.
        return "seller"
    found = _FULFILLED_BY.get(said or "")
    if found is None:
        raise _Unreadable(f"fulfillment.fulfilledBy is {said!r}: whether the seller ships it is not known")
    return found


def _order_type(shape: OrderShape) -> str:
    if (shape.sales_channel.channel_name or "").upper() == "NON_AMAZON":
        return "multi_channel"  # sold somewhere else, only shipped by Amazon: no marketplace money
    if not shape.associated_orders and not shape.programs:
        return "standard"
    kinds = [_ASSOCIATION.get(a.association_type or "") for a in shape.associated_orders]
    kinds += [_PROGRAM.get(program) for program in sorted(shape.programs, reverse=True)]
    return next((kind for kind in kinds if kind), "standard")


def _order(shape: OrderShape, money: Sequence[LineMoney], channel: str, currency: str, status: str) -> Order:
    address = shape.recipient.delivery_address if shape.recipient else None
    grand = shape.proceeds.grand_total if shape.proceeds else None
    tax, shipping, discount = (sum(amounts, _NOTHING) for amounts in _by_kind(money))
    second = [t for t in (address.address_line2, address.address_line3) if t] if address else []
    window, arrival = shape.fulfillment.ship_by_window, shape.fulfillment.deliver_by_window
    return _made_order(
        channel=channel,
        order_id=shape.order_id,
        alternate_id=_alias(shape) if shape.order_aliases else None,
        ordered_at=shape.created_time,
        updated_at=shape.last_updated_time,
        status=status,
        vendor_status=shape.fulfillment.fulfillment_status,
        fulfilled_by=_fulfilled_by(shape, status),
        order_type=_order_type(shape),
        currency=currency,
        total=grand.amount if grand else sum((m.before_tax for m in money), tax),
        tax=tax,
        shipping=shipping,
        discount=discount,
        buyer_name=shape.buyer.buyer_name if shape.buyer else None,
        buyer_email=shape.buyer.buyer_email if shape.buyer else None,
        ship_name=(address.name or address.company_name) if address else None,
        ship_address1=address.address_line1 if address else None,
        ship_address2=", ".join(second) or None,
        ship_city=address.city if address else None,
        ship_region=(address.state_or_region or address.district_or_county) if address else None,
        ship_postal_code=address.postal_code if address else None,
        ship_country=address.country_code if address else None,
        ship_phone=address.phone if address else None,
        service_level=shape.fulfillment.fulfillment_service_level,
        ship_by=window.latest_date_time if window else None,
        acknowledged_at=None,
        deliver_by=arrival.latest_date_time if arrival else None,
        original_id=_original(shape) if shape.associated_orders else None,
    )


def _alias(shape: OrderShape) -> str | None:
    return next((a.alias_id for a in shape.order_aliases if a.alias_type == "SELLER_ORDER_ID"), None)


def _original(shape: OrderShape) -> str | None:
    return next((a.order_id for a in shape.associated_orders if a.association_type in _ASSOCIATION), None)


def _by_kind(money: Sequence[LineMoney]) -> tuple[list[Decimal], list[Decimal], list[Decimal]]:
    """Return the lines' taxes, shipping charges and discounts."""
    return [m.tax for m in money], [m.shipping for m in money], [m.discount for m in money]


def _line(
    shape: OrderShape, item: ItemShape, money: LineMoney, channel: str, position: int, order_status: str
) -> OrderLine:
    if item.quantity_ordered < 0:
        raise _Unreadable(f"line {item.order_item_id}: the quantity {item.quantity_ordered} is negative")
    shipped = (item.fulfillment.quantity_fulfilled if item.fulfillment else None) or 0
    cancelled = _cancelled(item, shipped, order_status)
    parcels = _sent(shape.packages, item.order_item_id) if shape.packages else ()
    return _made_line(
        channel=channel,
        order_id=shape.order_id,
        line_id=item.order_item_id,
        position=position,
        sku=item.product.seller_sku or "",
        product_id=item.product.asin,
        title=item.product.title,
        quantity=item.quantity_ordered,
        quantity_shipped=shipped,
        quantity_cancelled=cancelled,
        item_price=money.item,
        item_tax=money.item_tax,
        shipping_price=money.shipping,
        shipping_tax=money.shipping_tax,
        gift_price=money.gift,
        gift_tax=money.gift_tax,
        discount=money.discount,
        discount_tax=money.discount_tax,
        status=_line_status(item.quantity_ordered, shipped, cancelled, order_status),
        tracking_number=_joined([p.tracking_number for p in parcels]) if parcels else None,
        carrier=_joined([p.carrier for p in parcels]) if parcels else None,
        cancel_requested=_cancel_requested(item, shipped, cancelled),
    )


def _cancel_requested(item: ItemShape, shipped: int, cancelled: int) -> bool:
    asked = item.cancellation is not None and item.cancellation.cancellation_request is not None
    return asked and shipped + cancelled < item.quantity_ordered


def _cancelled(item: ItemShape, shipped: int, order_status: str) -> int:
    """Return how many units will never ship: all that are not shipped, when the line or the order was cancelled."""
    executed = item.cancellation is not None and item.cancellation.cancellation_execution is not None
    left = item.fulfillment.quantity_unfulfilled if item.fulfillment else None
    if order_status == "cancelled" or executed:
        return max(item.quantity_ordered - shipped, 0)
    return max(item.quantity_ordered - shipped - left, 0) if left is not None else 0


def _line_status(ordered: int, shipped: int, cancelled: int, order_status: str) -> str:
    if order_status in {"pending", "unknown"}:
        return order_status
    if (cancelled and cancelled >= ordered) or order_status == "cancelled":
        return "cancelled"
    if shipped and shipped + cancelled >= ordered:
        return "delivered" if order_status == "delivered" else "shipped"
    return "partly_shipped" if shipped else "open"


def _sent(parcels: Sequence[PackageShape], line_id: str) -> list[PackageShape]:
    """Return the parcels that hold units of a line, without those that were cancelled."""
    return [
        p
        for p in parcels
        if not (p.package_status and p.package_status.status == "CANCELLED")
        and any(i.order_item_id == line_id for i in p.package_items)
    ]


def _joined(texts: Iterable[str | None]) -> str | None:
    found = [t for t in texts if t]
    return ", ".join(dict.fromkeys(found)) or None
