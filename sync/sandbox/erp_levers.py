"""The levers of the company's own people: what they do in NetSuite by hand, beside every connector."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sync.sandbox.lever import Controls, Lever
from sync.sandbox.lever_fields import Fields
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["ERP_LEVERS"]

_SALES = ("salesOrder", "cashSale", "invoice")
_PAYMENT_METHOD = {"id": "7"}


def find_document(books: NetSuiteBooks, name: str, kinds: tuple[str, ...] = _SALES) -> Stored:
    """Return the document of some kinds that a name means: internal id, number, external id, or the channel's order.

    Raises:
        ValueError: if there is none; of several the oldest is taken.
    """
    wanted = {f"AMZ-{name}", f"WMT-{name}", name}
    for kind in kinds:
        for stored in books.records(kind):
            known = {stored.text(field) for field in (stored.kind.title, "externalId", "otherRefNum")}
            if wanted & {str(stored.id), *known}:
                return stored
    raise ValueError(f"NetSuite has no {' or '.join(kinds)} {name[:60]!r}")


def _said(source: Stored, wanted: Mapping[str, int] | None, sublist: str) -> list[dict[str, object]]:
    """Return the rows of a transform's body: the units by line number, every other line left out."""
    if wanted is None:
        return []
    numbers = [str(row["line"]) for row in source.rows("item")]
    if unknown := sorted(set(wanted) - set(numbers)):
        raise ValueError(f"{source.title} has no line {unknown[0]}; its lines are {', '.join(numbers)}")
    rows: list[dict[str, object]] = []
    for number in numbers:
        units = wanted.get(number, 0)
        if sublist == "goods":
            row: dict[str, object] = {"orderLine": int(number), "itemReceive": units > 0}
            rows.append(row | ({"quantity": units} if units else {}))
        else:
            rows.append({"orderLine": int(number), "quantity": units})
    return rows


def _transform(books: NetSuiteBooks, source: Stored, target: str, body: Mapping[str, object]) -> Stored:
    """Make a document from another; a refusal of NetSuite's is the lever's."""
    try:
        return books.get(target, books.transform(source.kind.name, source.id, target, body))
    except Refused as error:
        raise ValueError(str(error)) from error


def _shown(*documents: Stored) -> dict[str, object]:
    rows = [{"record": d.kind.name, "id": d.id, "number": d.text("tranId")} for d in documents]
    return {"id": rows[0]["id"], "number": rows[0]["number"], "documents": rows}


def _fulfil(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    books = controls.books
    order = find_document(books, fields.text("document"), ("salesOrder",))
    number = fields.optional_text("tracking_number")
    body: dict[str, object] = {"shipStatus": {"id": fields.text("status", "C")}}
    if rows := _said(order, fields.quantities("lines"), "goods"):
        body["item"] = {"items": rows}
    if number is not None:
        package = {"packageTrackingNumber": number, "packageWeight": Decimal(1)}
        body["package"] = {"items": [package | {"packageDescr": fields.text("carrier", "UPS")}]}
    method = _ship_method(books, fields.optional_text("ship_method"))
    return _shown(_transform(books, order, "itemFulfillment", body | method))


def _ship_method(books: NetSuiteBooks, name: str | None) -> dict[str, object]:
    if name is None:
        return {}
    known = {str(s.text("itemId")): s.id for s in books.records("shipItem")}
    if name not in known:
        raise ValueError(f"ship_method must be one of {', '.join(known)}")
    return {"shipMethod": {"id": str(known[name])}}


def _invoice(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    order = find_document(controls.books, fields.text("document"), ("salesOrder",))
    rows = _said(order, fields.quantities("lines"), "money")
    return _shown(_transform(controls.books, order, "invoice", {"item": {"items": rows}} if rows else {}))


def _close(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    order = find_document(controls.books, fields.text("document"), ("salesOrder", "returnAuthorization"))
    wanted = fields.quantities("lines")
    rows = [
        {"line": row["line"], "isClosed": True}
        for row in order.rows("item")
        if wanted is None or str(row["line"]) in wanted
    ]
    _update(controls.books, order, {"item": {"items": rows}})
    return _shown(controls.books.get(order.kind.name, order.id))


def _credit(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    """Credit goods of a bill, or an amount of it, and give the money back unless told not to."""
    del now
    books = controls.books
    source = find_document(books, fields.text("document"), ("invoice", "cashSale", "returnAuthorization", "salesOrder"))
    amount, pays = fields.optional_text("amount"), fields.text("refund", "yes")
    if pays not in ("yes", "no"):
        raise ValueError("refund must be yes or no")
    body: dict[str, object] = {}
    if rows := _said(source, fields.quantities("lines"), "money"):
        body["item"] = {"items": rows}
    if amount is not None:
        value = fields.money("amount")
        if not value.is_finite() or value <= 0:
            raise ValueError("amount must be above 0")
        body["item"] = {"items": _part_of(source, value)}
    if source.kind.name == "salesOrder":
        source = _transform(books, source, "returnAuthorization", {"item": body["item"]} if "item" in body else {})
        body = {}
    is_cash = source.kind.name == "cashSale" or _sold_for_cash(books, source)
    made = _transform(books, source, "cashRefund" if is_cash else "creditMemo", body)
    if is_cash or pays == "no":
        return _shown(made)
    account = {"id": str(chart.accounts(books).undeposited)}
    refund = _transform(books, made, "customerRefund", {"account": account, "paymentMethod": _PAYMENT_METHOD})
    return _shown(made, refund)


def _part_of(source: Stored, amount: Decimal) -> list[dict[str, object]]:
    """Return rows that credit an amount of the first line and nothing else."""
    rows: list[dict[str, object]] = [{"orderLine": row["line"], "quantity": 0} for row in source.rows("item")]
    rows[0] |= {"quantity": 1, "amount": amount}
    return rows


def _sold_for_cash(books: NetSuiteBooks, source: Stored) -> bool:
    sold = books.look("transaction", source.ref("createdFrom"))
    return source.kind.name == "returnAuthorization" and sold is not None and sold.kind.name == "cashSale"


def _return(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    """Authorize a return and, unless told not to, take the goods in."""
    del now
    source = find_document(controls.books, fields.text("document"))
    rows = _said(source, fields.quantities("lines"), "money")
    made = _transform(controls.books, source, "returnAuthorization", {"item": {"items": rows}} if rows else {})
    if fields.text("receive", "yes") == "no":
        return _shown(made)
    restock = fields.text("restock", "yes") == "yes"
    goods: list[dict[str, object]] = [{"orderLine": row["line"], "restock": restock} for row in made.rows("item")]
    return _shown(made, _transform(controls.books, made, "itemReceipt", {"item": {"items": goods}}))


def _edit(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    stored = _record(controls.books, fields)
    _update(controls.books, stored, fields.body("changes"))
    changed = controls.books.get(stored.kind.name, stored.id)
    return _shown(changed) | {"modified": changed.modified}


def _delete(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    stored = _record(controls.books, fields)
    try:
        controls.books.delete(stored.kind.name, stored.id)
    except Refused as error:
        raise ValueError(str(error)) from error
    return _shown(stored)


def _record(books: NetSuiteBooks, fields: Fields) -> Stored:
    """Return the record that `record` and `document` name."""
    record = fields.text("record")
    try:
        kind = books.shelves.kind(record)
    except Refused:
        raise ValueError(f"there is no record type {record[:40]!r}") from None
    return find_document(books, fields.text("document"), (kind.name,))


def _update(books: NetSuiteBooks, stored: Stored, body: Mapping[str, object]) -> None:
    try:
        books.update(stored.kind.name, stored.id, body)
    except Refused as error:
        raise ValueError(str(error)) from error


_HOW = "a document is named by id, number, external id or the channel's order"
ERP_LEVERS = (
    Lever(
        "erp-fulfil",
        f"Someone fulfils a sales order in NetSuite ({_HOW}), all that is left unless `lines` says {{line: units}}.",
        ("document", "lines", "tracking_number", "carrier", "ship_method", "status"),
        _fulfil,
    ),
    Lever("erp-invoice", "Someone bills a sales order in NetSuite.", ("document", "lines"), _invoice),
    Lever("erp-close", "Someone closes an order in NetSuite, or lines of it.", ("document", "lines"), _close),
    Lever(
        "erp-return",
        "Someone authorizes a return in NetSuite and takes the goods in (receive, restock: yes or no).",
        ("document", "lines", "receive", "restock"),
        _return,
    ),
    Lever(
        "erp-credit",
        "Someone credits a sale in NetSuite, whole, by lines or by an amount, and pays it back (refund: yes or no).",
        ("document", "lines", "amount", "refund"),
        _credit,
    ),
    Lever("erp-edit", "Someone changes fields of a record in NetSuite.", ("record", "document", "changes"), _edit),
    Lever("erp-delete", "Someone deletes a record in NetSuite.", ("record", "document"), _delete),
)
