"""Field tables of customers, items and the company's lists (CONTRACT §4)."""

from __future__ import annotations

from sync.sandbox.netsuite.fields.sales import DIMENSIONS, STAMPS
from sync.sandbox.netsuite.fields.types import RecordType, SublistSpec, parse_fields

__all__ = ["LISTS"]

_ITEM = f"""
itemId:s! displayName:s upcCode:s mpn:s externalId:s description:s salesDescription:s purchaseDescription:s isInactive:b
subsidiary:R(subsidiary) {DIMENSIONS} incomeAccount:R(account) cogsAccount:R(account) assetAccount:R(account) cost:n
averageCost:n lastPurchasePrice:n basePrice:n weight:n weightUnit:E(weightunit) taxSchedule:R(taxSchedule)
isFulfillable:b customForm:s {STAMPS}
"""
_STOCK = "item:R(item)! quantity:n memberUnit:s"
#: An item's price levels: `/inventoryItem/12/price/currencypage=1,pricelevel=1,quantity=10`.
_PRICE = SublistSpec(
    "price",
    parse_fields("currencyPage:i priceLevel:E(pricelevel) quantity:n price:n"),
    key=("currencyPage", "priceLevel", "quantity"),
)
_LOCATIONS = SublistSpec(
    "locations",
    parse_fields(
        "location:R(location) quantityOnHand:n quantityAvailable:n quantityCommitted:n quantityBackOrdered:n"
        " averageCostMli:n onHandValueMli:n"
    ),
    key=("location",),
    computed=True,
)
_VENDORS = SublistSpec("itemVendor", parse_fields("vendor:R(vendor) vendorCode:s purchasePrice:n preferredVendor:b"))
_MEMBERS = SublistSpec("member", parse_fields(_STOCK))


def _item(name: str, kind: str, *sublists: SublistSpec, more: str = "") -> RecordType:
    found = {sublist.name.lower(): sublist for sublist in (_PRICE, *sublists)}
    return RecordType(name, "item", "item", parse_fields(f"{_ITEM} {more}"), found, item_type=kind, title="itemId")


def _list(name: str, body: str, title: str = "name", *, creatable: bool = True) -> RecordType:
    fields = parse_fields(f"{body} externalId:s {STAMPS}")
    return RecordType(name, "list", name.lower(), fields, title=title, creatable=creatable)


_CUSTOMER = RecordType(
    "customer",
    "entity",
    "entity",
    parse_fields(
        "entityId:s externalId:s isPerson:b companyName:s firstName:s lastName:s email:s phone:s comments:s"
        " subsidiary:R(subsidiary)! currency:R(currency) category:R(customerCategory) terms:R(term) taxable:b"
        " entityStatus:R(entityStatus) receivablesAccount:R(account) isInactive:b balance:n~ dateCreated:t~"
        " lastModifiedDate:t~ customForm:s"
    ),
    {
        "addressbook": SublistSpec(
            "addressBook", parse_fields("addressBookAddress:A defaultShipping:b defaultBilling:b label:s")
        ),
        "currencylist": SublistSpec("currencyList", parse_fields("currency:R(currency)!"), key=("currency",)),
    },
    title="entityId",
)
LISTS = [
    _CUSTOMER,
    _item("inventoryItem", "InvtPart", _LOCATIONS, _VENDORS),
    _item("lotNumberedInventoryItem", "InvtPart", _LOCATIONS, _VENDORS),
    _item("assemblyItem", "Assembly", _LOCATIONS, _MEMBERS),
    _item("kitItem", "Kit", _MEMBERS),
    _item("nonInventorySaleItem", "NonInvtPart"),
    _item("serviceSaleItem", "Service"),
    _item("otherChargeSaleItem", "OthCharge"),
    _item("discountItem", "Discount", more="account:R(account) rate:n nonPosting:b"),
    _item("paymentItem", "Payment", more="account:R(account) undepFunds:b paymentMethod:R(paymentMethod)"),
    _item("shipItem", "ShipItem", more="account:R(account)"),
    _list(
        "account",
        "acctNumber:s acctName:s! acctType:E(acctType)! currency:R(currency) subsidiary:R(subsidiary)"
        " parent:R(account) isInactive:b eliminate:b description:s",
        "acctName",
    ),
    _list(
        "subsidiary",
        "name:s! parent:R(subsidiary) currency:R(currency)! country:E(country) isElimination:b isInactive:b"
        " legalName:s fiscalCalendar:R(fiscalCalendar)",
    ),
    _list(
        "location",
        "name:s! subsidiary:R(subsidiary) parent:R(location) locationType:E(locationType) makeInventoryAvailable:b"
        " isInactive:b useBins:b",
    ),
    _list(
        "accountingPeriod",
        "periodName:s! startDate:d! endDate:d! parent:R(accountingPeriod) closed:b allLocked:b arLocked:b apLocked:b"
        " payrollLocked:b allowNonGLChanges:b isAdjust:b isPosting:b isQuarter:b isYear:b isInactive:b closedOnDate:t",
        "periodName",
        creatable=False,
    ),
    _list("currency", "name:s! symbol:s! exchangeRate:n! isBaseCurrency:b isInactive:b"),
    _list("department", "name:s! parent:R(department) subsidiary:R(subsidiary) isInactive:b"),
    _list("classification", "name:s! parent:R(classification) subsidiary:R(subsidiary) isInactive:b"),
]
