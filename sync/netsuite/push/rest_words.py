"""Records of the REST service in our words, for changes: what a PATCH may touch, SuiteQL does not show in full.

A GET opens the record for editing and may be refused for locked ones (faults 12, 13); so would be the change itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sync.errors import Rejected, VendorReply
from sync.netsuite.bodies import item_record, tax_position
from sync.netsuite.push.reading import Desk

__all__ = ["read_customer_fields", "read_item_fields", "read_order_fields"]

_ORDER = {"memo": "memo", "other_reference": "otherRefNum", "ship_by": "shipDate", "shipping_cost": "shippingCost"}
_ORDER_REFS = {"ship_method": "shipMethod", "location_id": "location", "department_id": "department",
               "class_id": "class", "customer_id": "entity", "sales_channel_id": "salesChannel",
               "payment_method_id": "paymentMethod", "subsidiary_id": "subsidiary"}  # fmt: skip
_ORDER_STATES = {"A": "pending_approval", "B": "pending_fulfillment"}
_ADDRESS = {"name": "addressee", "address1": "addr1", "address2": "addr2", "city": "city", "region": "state",
            "postal_code": "zip", "phone": "addrPhone"}  # fmt: skip
_CUSTOMER = {"external_id": "externalId", "first_name": "firstName", "last_name": "lastName",
             "company_name": "companyName", "email": "email", "phone": "phone", "inactive": "isInactive"}  # fmt: skip
_ITEM = {"external_id": "externalId", "display_name": "displayName", "upc": "upcCode", "manufacturer_number": "mpn",
         "weight": "weight", "inactive": "isInactive"}  # fmt: skip


async def read_order_fields(desk: Desk, order_id: str, *, record: str = "salesOrder") -> dict[str, Any]:
    """Return an order, or an authorization to return, with the fields that can be changed and its lines by id."""
    document = await desk.client.get(record, order_id, expand=True)
    status = _id(document.get("orderStatus")) or _id(document.get("status"))
    return {
        "id": order_id,
        **_values(document, _ORDER),
        "ship_complete": document.get("shipComplete") is True,
        **{name: _id(document.get(field)) for name, field in _ORDER_REFS.items()},
        "status": _ORDER_STATES.get(status or "", status),
        **_address(document.get("shippingAddress")),
        **_taxes(document.get("taxDetails")),
        "lines": [_line(entry) for entry in _items(document.get("item"))],
    }


async def read_customer_fields(desk: Desk, customer_id: str) -> dict[str, Any]:
    """Return the fields of a customer that can be changed, and the addresses of the address book."""
    document = await desk.client.get("customer", customer_id, expand=True)
    book = [entry.get("addressBookAddress") for entry in _items(document.get("addressBook"))]
    addresses = [{**_values(a, _ADDRESS), "country": _code(a.get("country"))} for a in book if isinstance(a, Mapping)]
    return {"id": customer_id, **_values(document, _CUSTOMER), "addresses": addresses}


async def read_item_fields(desk: Desk, item_id: str) -> dict[str, Any]:
    """Return the fields of an item that can be changed.

    Raises:
        Rejected: there is no such item.
        BadInput: it is of a type that we do not write.
    """
    page = await desk.client.suiteql("SELECT i.id AS id, i.itemtype AS itemtype FROM item i WHERE i.id = ?", [item_id])
    if not page.items:
        raise Rejected(VendorReply("netsuite", "get item", status=404, detail=f"there is no item {item_id}"))
    record = item_record(str(page.items[0].get("itemtype")))
    document = await desk.client.get(record, item_id)
    description = document.get("description" if record == "kitItem" else "salesDescription")
    return {"id": item_id, **_values(document, _ITEM), "description": _text(description)}


def _line(entry: Mapping[str, object]) -> dict[str, Any]:
    # An authorization has received what an order has fulfilled; the spelling of the field varies (contract 4).
    moved = next((entry[n] for n in ("quantityFulfilled", "quantityReceived", "quantityreceived") if n in entry), None)
    return {
        "line_id": str(entry.get("line", "")),
        "item_id": _id(entry.get("item")),
        **_values(entry, {"quantity": "quantity", "rate": "rate", "amount": "amount", "description": "description"}),
        "location_id": _id(entry.get("location")),
        "moved": _text(moved) or "0",
        "billed": _text(entry.get("quantityBilled")) or "0",
        "closed": entry.get("isClosed") is True,
    }


def _taxes(sublist: object) -> dict[str, Any]:
    """Return the taxes of the lines that we wrote, as `tax.1`; others have no name of ours."""
    found = {}
    for entry in _items(sublist):
        reference = entry.get("taxDetailsReference")
        position = tax_position(_id(reference) if isinstance(reference, Mapping) else reference)
        if position is not None:
            found[f"tax.{position}"] = _text(entry.get("taxAmount"))
    return found


def _address(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    flat = {f"address.{name}": text for name, text in _values(value, _ADDRESS).items()}
    country = value.get("country")
    return {**flat, "address.country": country if isinstance(country, str) else _id(country)}


def _values(document: Mapping[str, object], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: _text(document.get(theirs)) for ours, theirs in names.items()}


def _text(value: object) -> object:
    return format(value, "f") if isinstance(value, Decimal) else value


def _id(value: object) -> str | None:
    return str(value["id"]) if isinstance(value, Mapping) and "id" in value else None


def _code(value: object) -> str | None:
    """Return a code that is shown as text or as a reference."""
    return value if isinstance(value, str) else _id(value)


def _items(sublist: object) -> Sequence[Mapping[str, object]]:
    found = sublist.get("items") if isinstance(sublist, Mapping) else None
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
