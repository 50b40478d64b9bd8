"""The seven order operations (OpenAPI of order management, 2026-09)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.refusals import ORDERS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.orders.bent_orders import bend_order
from sync.sandbox.walmart.orders.bodies import LineRefund, ShipLine, read_cancel, read_json, read_refund, read_ship
from sync.sandbox.walmart.orders.book import OrderState
from sync.sandbox.walmart.orders.lifecycle import LineRefused, LineState, RefundCharge, Tracking
from sync.sandbox.walmart.orders.order_json import write_order
from sync.sandbox.walmart.orders.query import OrderQuery, read_query
from sync.sandbox.world.model import Refund, Shipment

__all__ = ["acknowledge", "cancel", "get_order", "list_orders", "list_released", "refund", "ship"]

#: More orders than this in one query are refused (an older document says 20,000).
MOST_ORDERS = 10_000


def list_orders(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/orders`: one page, oldest order first; 404 CONTENT_NOT_FOUND for none."""
    return _list(account, call, released=False)


def list_released(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/orders/released`: orders with Created lines that the seller has to send."""
    return _list(account, call, released=True)


def _list(account: Account, call: Call, *, released: bool) -> Answer:
    now = account.clock.now()
    query = read_query(call.query, now, released=released)
    if call.struck_by("page_repeated", "W08"):
        query = replace(query, after=None, shown=0)
    found = account.orders.select(query.key, lambda state: query.matches(state, now))
    if len(found) > MOST_ORDERS:
        raise Refused(400, "INVALID_REQUEST_PARAM", f"The query holds more than {MOST_ORDERS} orders", None, ORDERS)
    first = 0 if query.after is None else bisect_right(found, query.after, key=lambda state: state.place)
    page = found[first : first + query.limit]
    left = len(found) - first
    if not page or call.struck_by("W07"):
        raise Refused(404, "CONTENT_NOT_FOUND", "No orders found for the given search criteria", None, ORDERS)
    if call.struck_by("W09") and first:
        page = [found[first - 1], *page]
    total = query.total if query.total is not None else len(found)
    body = {
        "list": {
            "meta": {
                "totalCount": total,
                "limit": query.limit,
                "nextCursor": _next(query, page, left, total),
            },
            "elements": {"order": [_write(s, query, call) for s in page]},
        }
    }
    return json_answer(body)


def _next(query: OrderQuery, page: list[OrderState], left: int, total: int) -> str | None:
    if left <= query.limit:
        return None
    return query.cursor(page[-1].place, query.shown + len(page), total)


def _write(state: OrderState, query: OrderQuery, call: Call) -> dict[str, object]:
    flags = {"product_info": query.wants("productInfo"), "replacement_info": query.wants("replacementInfo")}
    return bend_order(write_order(state, **flags), call)


def get_order(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/orders/{purchaseOrderId}` with the order inside `order`."""
    state = _state(account, call)
    if call.struck_by("W34"):
        _ship_behind_the_seller(account, state)
    asked = query_values(call.query)
    body = write_order(
        state,
        product_info=asked.get("productInfo") == "true",
        replacement_info=asked.get("replacementInfo") == "true",
    )
    body = bend_order(body, call)
    return json_answer(body if call.struck_by("schema_shape") else {"order": body})


def acknowledge(account: Account, call: Call) -> Answer:
    """Answer `POST …/acknowledge`: all lines of the order become Acknowledged, or the call is refused as a whole."""
    answer = _change(account, call, lambda state, now: _each(state, lambda line: line.acknowledge(now, state.po)))
    if call.struck_by("W12"):
        raise _refused(f"Some or all qty in higher status for PO {call.parameters['po']}")
    return answer


def ship(account: Account, call: Call) -> Answer:
    """Answer `POST …/shipping`: units become Shipped; one refused line refuses the whole call (W14)."""
    parcels, retrack = read_ship(read_json(call.body))
    if call.struck_by("W14") and len(parcels) > 1:
        raise _refused("Shipping several lines failed")
    if call.struck_by("W15"):
        raise _refused(f"Method code is not supported in line number {parcels[0].number}")
    if call.struck_by("W16"):
        raise _refused(f"Carrier is not supported in line number {parcels[0].number}")

    def change(state: OrderState, now: datetime) -> None:
        for index, parcel in enumerate(parcels):
            line = _line_of(state, parcel.number)
            line.seller_order_id = parcel.seller_order_id or line.seller_order_id
            if retrack:
                line.retrack(parcel.tracking, now, state.po)
                continue
            line.ship(parcel.quantity, parcel.tracking, now, state.po, override=parcel.override)
            state.sent.append(_shipment(state, parcel, index, now))
        if not retrack:
            state.expect_delivery(now)

    answer = _change(account, call, change)
    if call.struck_by("W13"):
        raise _refused(f"Line: {parcels[0].number} of PO {call.parameters['po']} is in SHIPPED status")
    return answer


def cancel(account: Account, call: Call) -> Answer:
    """Answer `POST …/cancel`: units become Cancelled; one refused line refuses the whole call."""
    wanted = read_cancel(read_json(call.body))

    def change(state: OrderState, now: datetime) -> None:
        for row in wanted:
            _line_of(state, row.number).cancel(row.quantity, row.reason, now, state.po)

    return _change(account, call, change)


def refund(account: Account, call: Call) -> Answer:
    """Answer `POST …/refund`: money goes back for shipped lines; one refused line refuses the whole call."""
    wanted = read_refund(read_json(call.body), call.parameters["po"])
    if call.struck_by("W39"):
        raise _refused(f"Line: {wanted[0].number} of PO {call.parameters['po']} is not in SHIPPED status")

    def change(state: OrderState, now: datetime) -> None:
        for index, row in enumerate(wanted):
            line = _line_of(state, row.number)
            charges = list(row.charges) if not row.full else _all_charges(line, row)
            if not charges:
                raise LineRefused(f"Line: {row.number} of PO {state.po} is already refunded")
            line.refund(charges, now, state.po)
            state.given.append(_refund_of(state, line, charges, index, now))

    return _change(account, call, change)


def _all_charges(line: LineState, row: LineRefund) -> list[RefundCharge]:
    left = {kind: line.refundable(kind) for kind in line.charges}
    return [
        RefundCharge(kind, charge.amount, charge.tax, row.reason)
        for kind, charge in left.items()
        if charge.amount or charge.tax
    ]


def _refund_of(state: OrderState, line: LineState, charges: list[RefundCharge], index: int, now: datetime) -> Refund:
    """Return the refund as the ledger sees it."""

    def total(kind: str, what: Callable[[RefundCharge], Decimal]) -> Decimal:
        return sum((what(c) for c in charges if c.kind == kind), Decimal(0))

    return Refund(
        refund_id=f"R{state.po}-{len(state.given) + index}",
        at=now,
        line_id=line.number,
        quantity=line.quantity("Shipped", "Delivered", "Refund"),
        item_price=total("PRODUCT", lambda c: c.amount),
        item_tax=total("PRODUCT", lambda c: c.tax),
        shipping=total("SHIPPING", lambda c: c.amount),
        shipping_tax=total("SHIPPING", lambda c: c.tax),
        kind="keep it",
        reason=charges[0].reason,
    )


def _shipment(state: OrderState, parcel: ShipLine, index: int, now: datetime) -> Shipment:
    return Shipment(
        shipment_id=f"S{state.po}-{len(state.sent) + index}",
        at=now,
        carrier=parcel.tracking.carrier or str(parcel.tracking.other_carrier),
        service=parcel.tracking.method,
        tracking_number=parcel.tracking.number,
        quantities={parcel.number: parcel.quantity},
    )


def _change(account: Account, call: Call, change: Callable[[OrderState, datetime], None]) -> Answer:
    """Apply a change to an order of the seller, all of it or nothing, and answer with the order."""
    state = _state(account, call)
    if state.fulfilled_by_walmart or call.struck_by("W24"):
        raise _refused(f"PO {state.po} is fulfilled by Walmart (WFS) and cannot be changed by the seller")
    if call.struck_by("W17"):
        _each(state, _ask_to_cancel)
    if call.struck_by("W18"):
        state.cancel_open(account.clock.now())
        account.orders.touched(state)
    if call.struck_by("W34"):
        _ship_behind_the_seller(account, state)
    kept = state.snapshot()
    try:
        change(state, account.clock.now())
    except LineRefused as refused:
        state.restore(kept)
        raise _refused(str(refused)) from None
    except Refused:
        state.restore(kept)
        raise
    account.orders.touched(state)
    return json_answer({"order": write_order(state)})


def _ship_behind_the_seller(account: Account, state: OrderState) -> None:
    """Send one unit of each open line of several units, as another tool of the seller would."""
    now = account.clock.now()
    for line in state.lines.values():
        if line.open and line.ordered > 1:
            number = f"1ZOTHER{state.po}{line.number}"
            tracking = Tracking(now, "UPS", None, "Standard", number, "https://www.ups.com/track")
            line.ship(1, tracking, now, state.po, override=True)
            parcel = ShipLine(line.number, 1, tracking, override=True, seller_order_id=None)
            state.sent.append(_shipment(state, parcel, 0, now))
    account.orders.touched(state)


def _ask_to_cancel(line: LineState) -> None:
    line.intent_to_cancel = True


def _each(state: OrderState, do: Callable[[LineState], None]) -> None:
    for line in state.lines.values():
        do(line)


def _state(account: Account, call: Call) -> OrderState:
    po = call.parameters["po"]
    state = account.orders.get(po)
    if state is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"Purchase order {po[:40]} was not found", "purchaseOrderId", ORDERS)
    return state


def _line_of(state: OrderState, number: str) -> LineState:
    if number not in state.lines:
        raise LineRefused(f"Line: {number[:20]} of PO {state.po} does not exist")
    return state.lines[number]


def _refused(text: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, None, ORDERS)
