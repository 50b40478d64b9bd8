"""Levers of the vendor's own dynamic sandbox for orders: place one, deliver one (`/v1/simulations`, §2.9)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.refusals import ORDERS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.walmart.orders.lifecycle import LineRefused
from sync.sandbox.world.model import Address, Buyer, SalesLine, SalesOrder, StatusChange

__all__ = ["deliver", "place_order"]


def place_order(account: Account, call: Call) -> Answer:
    """Answer `POST /v1/simulations/orders` with 201 and the purchase order id; SKUs must be listed."""
    body = read_json(call.body)
    rows = _rows(body)
    now = account.clock.now().replace(microsecond=0)
    rng = random.Random(f"{account.world.seed} simulation {len(account.world.orders(CHANNEL))}")
    order = SalesOrder(
        channel=CHANNEL,
        order_id=f"10{rng.randint(8_000_000_000_000, 8_999_999_999_999)}",
        alternate_id=f"2000{rng.randint(10**10, 10**11 - 1)}",
        ordered_at=now,
        buyer=_buyer(body, rng),
        currency="USD",
        fulfilled_by="seller",
        service="STANDARD",
        ship_by=now + timedelta(days=2),
        deliver_by=now + timedelta(days=7),
        lines=[_line(account, row, position) for position, row in enumerate(rows, start=1)],
        timeline=[StatusChange(now, "open")],
        order_type=call.option("kind", "replacement") if call.struck_by("W35") else "standard",
    )
    account.world.add(order)
    return json_answer({"purchaseOrderId": order.order_id}, 201)


def deliver(account: Account, call: Call) -> Answer:
    """Answer `POST /v1/simulations/orders/{po}/deliver`: shipped lines arrive now."""
    state = account.orders.get(call.parameters["po"])
    if state is None:
        raise Refused(404, "CONTENT_NOT_FOUND", "Purchase order was not found", "purchaseOrderId", ORDERS)
    now, kept = account.clock.now(), state.snapshot()
    try:
        for row in _rows(read_json(call.body)):
            number = str(row.get("lineNumber", ""))
            if number not in state.lines:
                raise LineRefused(f"Line: {number[:20]} of PO {state.po} does not exist")
            state.lines[number].deliver(now, state.po)
    except LineRefused as refused:
        state.restore(kept)
        raise Refused(400, "INVALID_REQUEST_CONTENT", str(refused), "orderLines", ORDERS) from None
    account.orders.touched(state)
    return json_answer({"success": True, "message": "Order successfully delivered."})


def _rows(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    holder = body.get("orderLines")
    rows = holder.get("orderLine") if isinstance(holder, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refused(400, "INVALID_REQUEST_CONTENT", "orderLine must be a list of objects", "orderLine", ORDERS)
    return rows


def _line(account: Account, row: Mapping[str, object], position: int) -> SalesLine:
    item, quantity = row.get("item"), row.get("orderLineQuantity")
    sku = item.get("sku") if isinstance(item, dict) else None
    units = quantity.get("amount") if isinstance(quantity, dict) else None
    listing = account.world.listing(CHANNEL, sku) if isinstance(sku, str) else None
    if listing is None:
        raise Refused(400, "INVALID_REQUEST_CONTENT", "sku is not listed", "sku", ORDERS)
    if not isinstance(units, str) or not units.isdecimal() or not 1 <= int(units[:6]) <= 99_999:
        raise Refused(400, "INVALID_REQUEST_CONTENT", "amount must be a whole number as a string", "amount", ORDERS)
    unit_price, _ = account.world.price_of(CHANNEL, listing.sku, account.clock.now())
    price = unit_price * int(units)
    return SalesLine(
        line_id=str(position),
        position=position,
        listing=listing,
        quantity=int(units),
        unit_price=unit_price,
        item_price=price,
        item_tax=(price * Decimal("0.0725")).quantize(Decimal("0.01")),
    )


def _buyer(body: Mapping[str, object], rng: random.Random) -> Buyer:
    info = body.get("shippingInfo")
    info = info if isinstance(info, dict) else {}
    given = info.get("postalAddress")
    given = given if isinstance(given, dict) else {}

    def text(name: str, default: str) -> str:
        value = given.get(name)
        return value if isinstance(value, str) and value else default

    address = Address(
        name=text("name", "Test Buyer"),
        line1=text("address1", "860 W California Ave"),
        line2=text("address2", "") or None,
        city=text("city", "Sunnyvale"),
        region=text("state", "CA"),
        postal_code=text("postalCode", "94086"),
        country="US",
        phone=str(info.get("phone") or "0000000000"),
    )
    relay = f"{rng.getrandbits(124):032X}@relay.walmart.com"
    return Buyer(f"{rng.getrandbits(64):016x}", address.name, relay, None, address)
