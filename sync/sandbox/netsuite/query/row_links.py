"""Rows around a transaction: the chain of documents, addresses, tracking numbers (CONTRACT §3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync.sandbox.netsuite.records import chain
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored

__all__ = ["address_key", "address_row", "customer_addresses", "link_rows", "tracking_rows", "transaction_addresses"]

Row = dict[str, object]

#: What made from what is called in the chain; what is not named here is a bill.
_LINKS = {
    "itemFulfillment": "ShipRcpt",
    "itemReceipt": "ShipRcpt",
    "returnAuthorization": "SaleRet",
    "customerPayment": "Payment",
    "customerRefund": "Payment",
}
_APPLIED, _DEPOSITED, _BILLED = "Payment", "DepAppl", "OrdBill"
#: A hundred rows of a kind at most hang on one record, so their keys follow from its id.
_PER_RECORD = 100


def link_rows(books: Books, stored: Stored) -> dict[str, list[Row]]:
    """Return the rows that link a document with those that it hangs on, as a whole and line by line."""
    links: list[Row] = []
    lines: list[Row] = []
    source = stored.ref("createdFrom")
    if source is not None:
        kind = _LINKS.get(stored.kind.name, _BILLED)
        links.append(_link(source, stored.id, kind))
        origin = books.look("transaction", source)
        lines = list(_line_links(origin, stored, kind)) if origin is not None else []
    for doc in chain.applications(stored):
        if doc != source:
            links.append(_link(doc, stored.id, _APPLIED))
    for row in stored.lines.get("payment", ()):
        if isinstance(row.get("id"), int):
            links.append(_link(row["id"], stored.id, _DEPOSITED))
    return {"nexttransactionlink": links, "nexttransactionlinelink": lines, "previoustransactionlinelink": lines}


def _link(before: object, after: int, kind: str) -> Row:
    return {"previousdoc": before, "nextdoc": after, "linktype": kind}


def _line_links(origin: Stored, stored: Stored, kind: str) -> Iterator[Row]:
    numbers = {row.get("line") for row in origin.lines.get("item", ())}
    for row in stored.lines.get("item", ()):
        if row.get("orderLine") in numbers:
            places: Row = {"previousline": row.get("orderLine"), "nextline": row.get("line")}
            yield _link(origin.id, stored.id, kind) | places


def address_key(record_id: int, place: int) -> int:
    """Return the `nkey` of an address: 1 and 2 are a transaction's shipping and billing, a customer's count from 1."""
    return record_id * _PER_RECORD + place


def address_row(address: Mapping[str, object], key: int, owner: int, modified: object) -> Row:
    """Return an address as `entityaddress` and `transactionshippingaddress` have it."""
    row: Row = {name.lower(): value for name, value in address.items()}
    row["override"] = address.get("override") in (True, "True", "true", "T")
    text = [address.get(name) for name in ("addressee", "addr1", "addr2", "city", "state", "zip", "country")]
    return row | {
        "nkey": key,
        "recordowner": owner,
        "lastmodifieddate": modified,
        "dropdownstate": address.get("state"),
        "addrtext": "\n".join(str(part) for part in text if part),
    }


def transaction_addresses(stored: Stored) -> dict[str, list[Row]]:
    """Return the rows of a transaction's own addresses."""
    found: dict[str, list[Row]] = {}
    for place, name in ((1, "shippingAddress"), (2, "billingAddress")):
        address = stored.fields.get(name)
        if isinstance(address, dict):
            row = address_row(address, address_key(stored.id, place), stored.id, stored.modified)
            found[f"transaction{name.lower()}"] = [row]
    return found


def customer_addresses(stored: Stored) -> tuple[list[Row], Row]:
    """Return a customer's address rows, and its columns that name the default ones."""
    rows: list[Row] = []
    defaults: Row = {}
    for place, line in enumerate(stored.lines.get("addressBook", ()), start=1):
        address = line.get("addressBookAddress")
        key = address_key(stored.id, place)
        if isinstance(address, dict):
            rows.append(address_row(address, key, stored.id, stored.modified))
            for column, name in (
                ("defaultshippingaddress", "defaultShipping"),
                ("defaultbillingaddress", "defaultBilling"),
            ):
                if line.get(name) is True:
                    defaults[column] = key
    return rows, defaults


def tracking_rows(stored: Stored) -> dict[str, list[Row]]:
    """Return a fulfilment's parcels: tracking numbers, which of them belong to it, and the shipment."""
    numbers: list[Row] = []
    parts: list[Line] = []
    for name in ("package", "packageUps", "packageFedEx", "packageUsps"):
        ending = name.removeprefix("package")
        for row in stored.lines.get(name, ()):
            parts.append({"weight": row.get(f"packageWeight{ending}")})
            number = row.get(f"packageTrackingNumber{ending}")
            if number is not None:
                numbers.append({"id": stored.id * _PER_RECORD + len(numbers) + 1, "trackingnumber": number})
    shipments: list[Row] = [
        {
            "id": stored.id * _PER_RECORD + place,
            "doc": stored.id,
            "weight": part.get("weight"),
            "shippingmethod": stored.fields.get("shipMethod"),
            "destinationaddress": address_key(stored.id, 1) if "shippingAddress" in stored.fields else None,
        }
        for place, part in enumerate(parts, start=1)
    ]
    maps: list[Row] = [{"transaction": stored.id, "trackingnumber": row["id"]} for row in numbers]
    return {"trackingnumber": numbers, "trackingnumbermap": maps, "transactionshipment": shipments}
