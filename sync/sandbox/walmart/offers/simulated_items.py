"""Levers of the vendor's own dynamic sandbox for items and returns (`/v1/simulations`, contract §2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from zlib import crc32

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.refusals import ITEMS, RETURNS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, number
from sync.sandbox.walmart.fulfilment.return_json import write_return
from sync.sandbox.walmart.offers.catalogue import Offer
from sync.sandbox.walmart.offers.prices import price_of
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.walmart.orders.lifecycle import LineRefused
from sync.sandbox.walmart.vocabulary import SIMULATED_RETURN_REASONS

__all__ = ["create_items", "create_return", "get_item", "list_items", "update_item", "update_return"]

_CONDITIONS = {"NEW": "New", "REFURBISHED": "Restored", "USED": "Pre-Owned: Good"}


def create_items(account: Account, call: Call) -> Answer:
    """Answer `POST /v1/simulations/items`: the items as an array."""
    rows = read_json(call.body, ITEMS).get("items")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _bad("items must be a list of at least one object", "items")
    for row in rows:
        _checked(row)
    return json_answer([_write(account, _put(account, row)) for row in rows])


def list_items(account: Account, _call: Call) -> Answer:
    """Answer `GET /v1/simulations/items`: all items of the seller."""
    return json_answer([_write(account, offer) for offer in account.catalogue])


def get_item(account: Account, call: Call) -> Answer:
    """Answer `GET /v1/simulations/items/{sku}`."""
    return json_answer(_write(account, _offer(account, call)))


def update_item(account: Account, call: Call) -> Answer:
    """Answer `PUT /v1/simulations/items/{sku}`: the item as it is then."""
    offer = _offer(account, call)
    row = _write(account, offer) | dict(read_json(call.body, ITEMS)) | {"sku": offer.sku}
    _checked(row)
    return json_answer(_write(account, _put(account, row)))


def _checked(row: Mapping[str, object]) -> None:
    for name in ("sku", "productName", "productType"):
        value = row.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > 200:
            raise _bad(f"{name} is missing or blank", name)
    if row.get("condition", "NEW") not in _CONDITIONS:
        raise _bad("condition must be NEW, REFURBISHED or USED", "condition")
    price_of(row.get("price"))


def _put(account: Account, row: Mapping[str, object]) -> Offer:
    sku, known = str(row["sku"]), account.catalogue.get(str(row["sku"]))
    gtin = known.listing.gtin if known and known.listing.gtin else f"{crc32(sku.encode()):014d}"
    condition = _CONDITIONS[str(row.get("condition", "NEW"))]
    return account.catalogue.add(
        sku, str(row["productName"]), str(row["productType"]), price_of(row["price"]), gtin, condition
    )


def _write(account: Account, offer: Offer) -> dict[str, object]:
    amount, currency = account.world.price_of(CHANNEL, offer.sku, account.clock.now())
    words = {shown: word for word, shown in _CONDITIONS.items()}
    return {
        "sku": offer.sku,
        "productName": offer.listing.title,
        "productType": offer.listing.product.category,
        "condition": words.get(offer.condition, "NEW"),
        "price": {"amount": number(amount), "currency": currency},
    }


def _offer(account: Account, call: Call) -> Offer:
    offer = account.catalogue.get(call.parameters["sku"])
    if offer is None:
        raise Refused(404, "CONTENT_NOT_FOUND", "The item was not found", "sku", ITEMS)
    return offer


def create_return(account: Account, call: Call) -> Answer:
    """Answer `POST /v1/simulations/returns`: the return order, its date in epoch milliseconds."""
    body = read_json(call.body, RETURNS)
    state = account.orders.get(str(body.get("purchaseOrderId", "")))
    line = state.lines.get(str(body.get("lineNumber", ""))) if state else None
    if state is None or line is None:
        raise _bad("purchaseOrderId or lineNumber is not known", "purchaseOrderId", RETURNS)
    reason, units = body.get("returnReason"), _whole(body, "qty")
    if reason not in SIMULATED_RETURN_REASONS:
        raise _bad("returnReason is not valid", "returnReason", RETURNS)
    try:
        return_id = account.returns.simulate(state, line, units, str(reason))
    except LineRefused as refused:
        raise _bad(str(refused), "qty", RETURNS) from None
    return _answer(account, return_id)


def update_return(account: Account, call: Call) -> Answer:
    """Answer `PUT /v1/simulations/returns`: the goods arrive (DELIVERED), money is given (REFUND_ISSUED)."""
    body = read_json(call.body, RETURNS)
    made = account.returns.get(str(body.get("returnOrderId", "")))
    if made is None or _whole(body, "lineNumber") != 1:
        raise _bad("returnOrderId or lineNumber is not known", "returnOrderId", RETURNS)
    if body.get("status", "DELIVERED") != "DELIVERED" or body.get("eventTag", "REFUND_ISSUED") != "REFUND_ISSUED":
        raise _bad("status must be DELIVERED, eventTag REFUND_ISSUED", "status", RETURNS)
    if body.get("status") == "DELIVERED":
        account.returns.receive(made.return_id)
    if body.get("eventTag") == "REFUND_ISSUED":
        try:
            account.returns.refund(made, _whole(body, "qty"))
        except LineRefused as refused:
            raise _bad(str(refused), "qty", RETURNS) from None
    return _answer(account, made.return_id)


def _answer(account: Account, return_id: str) -> Answer:
    made = account.returns.get(return_id)
    if made is None:
        raise Refused(500, "SYSTEM_ERROR", "The return order was not kept", None, RETURNS)
    return json_answer(write_return(made, epoch_date=True))


def _whole(body: Mapping[str, object], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 1:
        raise _bad(f"{name} must be a whole number above zero", name, RETURNS)
    return int(value)


def _bad(text: str, name: str, service: str = ITEMS) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, name, service)
