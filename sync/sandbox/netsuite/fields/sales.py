"""Field tables of orders, bills, credits, fulfilments and receipts (CONTRACT §4)."""

from __future__ import annotations

from sync.sandbox.netsuite.fields.types import RecordType, SublistSpec, parse_fields

__all__ = ["DIMENSIONS", "SALES", "STAMPS", "apply_sublist"]

STAMPS = "createdDate:t~ lastModifiedDate:t~"
DIMENSIONS = "department:R(department) class:R(classification) location:R(location)"

_BODY = f"""
entity:R(customer)! tranDate:d tranId:s externalId:s otherRefNum:s memo:s subsidiary:R(subsidiary) {DIMENSIONS}
currency:R(currency) exchangeRate:n shippingCost:n discountRate:n discountTotal:n~ subtotal:n~ taxTotal:n~ total:n~
shippingAddress:A billingAddress:A shipDate:d status:E(status)~ source:s email:s customForm:s toBeEmailed:b
toBePrinted:b shipMethod:R(shipItem) salesChannel:R(salesChannel) taxDetailsOverride:b linkedTrackingNumbers:s
discountItem:R(item) createdFrom:R(transaction) {STAMPS}
"""
_LINE = f"""
item:R(item)! quantity:n rate:n amount:n price:E(pricelevel) description:s line:i lineUniqueKey:s~ {DIMENSIONS}
inventoryLocation:R(location) isClosed:b taxDetailsReference:s taxCode:R(taxCode) isTaxable:b isDropShipment:b
quantityFulfilled:n~ quantityBilled:n~ quantityreceived:n~ quantityBackOrdered:n~ quantityCommitted:n~
quantityAvailable:n~ orderLine:i
"""
_TAX_LINE = "taxDetailsReference:s taxBasis:n taxRate:n taxAmount:n taxCode:R(taxCode) taxType:R(taxType)"
_POSTED = "postingPeriod:R(accountingPeriod) account:R(account)"
_PAID = "paymentMethod:R(paymentMethod) undepFunds:b cleared:b"
_APPLY = "doc:R(transaction)! line:i apply:b amount:n applyDate:d~ due:n~ refNum:s~ total:n~ currency:s~"


def _sales(**sublists: SublistSpec) -> dict[str, SublistSpec]:
    found = {
        "item": SublistSpec("item", parse_fields(_LINE), key=("line",)),
        "taxdetails": SublistSpec("taxDetails", parse_fields(_TAX_LINE)),
    }
    return found | sublists


def apply_sublist() -> SublistSpec:
    """Return the sublist that says which documents a credit or payment is applied to."""
    return SublistSpec("apply", parse_fields(_APPLY), key=("doc",))


def _kind(
    name: str, code: str, prefix: str, body: str, sublists: dict[str, SublistSpec], *, creatable: bool = True
) -> RecordType:
    return RecordType(
        name,
        "transaction",
        "transaction",
        parse_fields(body),
        sublists,
        code,
        number_prefix=prefix,
        title="tranId",
        creatable=creatable,
    )


_SHIP_BODY = f"""
createdFrom:R(transaction) entity:R(customer)~ tranDate:d tranId:s externalId:s memo:s shipMethod:R(shipItem)
shipStatus:E(shipStatus) pickedDate:d packedDate:d shippedDate:d shippingCost:n inventoryLocation:R(location)
postingPeriod:R(accountingPeriod) subsidiary:R(subsidiary)~ currency:R(currency)~ exchangeRate:n~ shippingAddress:A
status:E(status)~ customForm:s transferLocation:R(location)~ {DIMENSIONS} {STAMPS}
"""
_SHIP_LINE = """
orderLine:i orderDoc:R(transaction)~ itemReceive:b item:R(item)~ quantity:n quantityRemaining:n~ location:R(location)
line:i~ kitMemberOf:i~ description:s
"""
_RECEIPT_BODY = f"""
createdFrom:R(transaction) entity:R(customer)~ tranDate:d tranId:s externalId:s memo:s
inboundShipment:R(inboundShipment) itemFulfillment:R(itemFulfillment)~ postingPeriod:R(accountingPeriod)
subsidiary:R(subsidiary)~ currency:R(currency)~
exchangeRate:n landedCostPerLine:b status:E(status)~ customForm:s {DIMENSIONS} {STAMPS}
"""
_PACKAGE = "packageTrackingNumber:s packageWeight:n packageDescr:s packageCartonNumber:i"


def _packages() -> dict[str, SublistSpec]:
    names = ("package", "packageUps", "packageFedEx", "packageUsps")
    return {name.lower(): SublistSpec(name, parse_fields(_package_fields(name))) for name in names}


def _package_fields(sublist: str) -> str:
    """Return the columns of a carrier's sublist: its names end with the carrier's."""
    ending = sublist.removeprefix("package")
    return " ".join(token.replace(":", f"{ending}:", 1) for token in _PACKAGE.split())


SALES = [
    _kind(
        "salesOrder",
        "SalesOrd",
        "SO",
        _BODY + "orderStatus:E(orderStatus) shipComplete:b paymentMethod:R(paymentMethod) shipGroup:s",
        _sales(),
    ),
    _kind("cashSale", "CashSale", "CS", f"{_BODY} {_POSTED} {_PAID}", _sales()),
    _kind(
        "invoice",
        "CustInvc",
        "INV",
        f"{_BODY} {_POSTED} dueDate:d terms:R(term) amountPaid:n~ amountRemaining:n~",
        _sales(),
    ),
    _kind("returnAuthorization", "RtnAuth", "RMA", _BODY + "orderStatus:E(returnStatus)", _sales()),
    _kind(
        "creditMemo",
        "CustCred",
        "CM",
        f"{_BODY} {_POSTED} applied:n~ unapplied:n~ amountRemaining:n~ amountPaid:n~",
        _sales(apply=apply_sublist()),
    ),
    _kind("cashRefund", "CashRfnd", "CR", f"{_BODY} {_POSTED} {_PAID}", _sales()),
    _kind(
        "transferOrder",
        "TrnfrOrd",
        "TO",
        f"tranDate:d tranId:s externalId:s memo:s subsidiary:R(subsidiary)! {DIMENSIONS} transferLocation:R(location)!"
        f" currency:R(currency) exchangeRate:n orderStatus:E(transferStatus) shipDate:d shipMethod:R(shipItem)"
        f" shippingAddress:A status:E(status)~ total:n~ customForm:s {STAMPS}",
        {"item": SublistSpec("item", parse_fields(_LINE), key=("line",))},
    ),
    _kind(
        "itemFulfillment",
        "ItemShip",
        "IF",
        _SHIP_BODY,
        {"item": SublistSpec("item", parse_fields(_SHIP_LINE), key=("orderLine",))} | _packages(),
        creatable=False,
    ),
    _kind(
        "itemReceipt",
        "ItemRcpt",
        "IR",
        _RECEIPT_BODY,
        {"item": SublistSpec("item", parse_fields(_SHIP_LINE + "restock:b"), key=("orderLine",))},
        creatable=False,
    ),
]
