"""The field tables of the record types that this account serves (CONTRACT §4; names from Oracle's REST API Browser)."""

from __future__ import annotations

from sync.sandbox.netsuite.record_types import RecordType, SublistSpec, parse_fields

__all__ = ["ADDRESS_FIELDS", "RECORD_TYPES", "TAX_FIELDS", "find_type"]

_STAMPS = "createdDate:t~ lastModifiedDate:t~"
_DIMENSIONS = "department:R(department) class:R(classification) location:R(location)"

_SALES_BODY = f"""
entity:R(customer)! tranDate:d tranId:s externalId:s otherRefNum:s memo:s subsidiary:R(subsidiary) {_DIMENSIONS}
currency:R(currency) exchangeRate:n shippingCost:n discountRate:n discountTotal:n~ subtotal:n~ taxTotal:n~ total:n~
shippingAddress:A billingAddress:A shipDate:d status:E(status)~ source:s email:s customForm:s toBeEmailed:b
toBePrinted:b shipMethod:R(shipItem) salesChannel:R(salesChannel) taxDetailsOverride:b linkedTrackingNumbers:s {_STAMPS}
"""
_SALES_LINE = f"""
item:R(item)! quantity:n rate:n amount:n price:E(pricelevel) description:s line:i lineUniqueKey:s~ {_DIMENSIONS}
inventoryLocation:R(location) isClosed:b taxDetailsReference:s quantityFulfilled:n~ quantityBilled:n~
isTaxable:b
"""
_TAX_LINE = "taxDetailsReference:s taxBasis:n taxRate:n taxAmount:n taxCode:R(taxCode) taxType:R(taxType)"

_ADDRESS = parse_fields(
    "addressee:s attention:s addr1:s addr2:s addr3:s city:s state:s zip:s country:E(country) addrPhone:s override:b"
)

#: Body fields and sublists that exist only with SuiteTax: REST has no legacy tax.
TAX_FIELDS = frozenset({"taxdetailsoverride", "taxdetails"})


def _sales(**sublists: str) -> dict[str, SublistSpec]:
    found = {
        "item": SublistSpec("item", parse_fields(_SALES_LINE), keyed=True),
        "taxdetails": SublistSpec("taxDetails", parse_fields(_TAX_LINE)),
    }
    return found | {name.lower(): SublistSpec(name, parse_fields(text)) for name, text in sublists.items()}


_ITEM = f"""
itemId:s! displayName:s upcCode:s mpn:s externalId:s description:s salesDescription:s purchaseDescription:s isInactive:b
subsidiary:R(subsidiary) {_DIMENSIONS} incomeAccount:R(account) cogsAccount:R(account) assetAccount:R(account) cost:n
averageCost:n basePrice:n weight:n weightUnit:E(weightunit) taxSchedule:R(taxSchedule) customForm:s {_STAMPS}
"""

_TRANSACTIONS = [
    RecordType(
        "salesOrder",
        "transaction",
        "transaction",
        parse_fields(
            _SALES_BODY + "orderStatus:E(orderStatus) shipComplete:b paymentMethod:R(paymentMethod) shipGroup:s"
        ),
        _sales(),
        "SalesOrd",
        number_prefix="SO",
        title="tranId",
    ),
    RecordType(
        "cashSale",
        "transaction",
        "transaction",
        parse_fields(
            _SALES_BODY + "postingPeriod:R(accountingPeriod) paymentMethod:R(paymentMethod) account:R(account)"
            " undepFunds:b cleared:b createdFrom:R(transaction)"
        ),
        _sales(),
        "CashSale",
        number_prefix="CS",
        title="tranId",
    ),
    RecordType(
        "invoice",
        "transaction",
        "transaction",
        parse_fields(
            _SALES_BODY + "postingPeriod:R(accountingPeriod) account:R(account) createdFrom:R(transaction) dueDate:d"
            " terms:R(term) amountPaid:n~ amountRemaining:n~"
        ),
        _sales(),
        "CustInvc",
        number_prefix="INV",
        title="tranId",
    ),
    RecordType(
        "itemFulfillment",
        "transaction",
        "transaction",
        parse_fields(
            f"createdFrom:R(transaction) entity:R(customer)~ tranDate:d tranId:s externalId:s memo:s"
            f" shipMethod:R(shipItem) shipStatus:E(shipStatus) pickedDate:d packedDate:d shippedDate:d shippingCost:n"
            f" inventoryLocation:R(location) postingPeriod:R(accountingPeriod)"
            f" subsidiary:R(subsidiary)~ currency:R(currency)~ exchangeRate:n~"
            f" shippingAddress:A status:E(status)~ customForm:s {_DIMENSIONS} {_STAMPS}"
        ),
        {
            "item": SublistSpec(
                "item",
                parse_fields(
                    "orderLine:i itemReceive:b item:R(item)~ quantity:n quantityRemaining:n~ location:R(location)"
                    " line:i~ kitMemberOf:i~ description:s"
                ),
                keyed=True,
            ),
            "package": SublistSpec(
                "package",
                parse_fields("packageTrackingNumber:s packageWeight:n packageDescr:s packageCartonNumber:i"),
            ),
        },
        "ItemShip",
        number_prefix="IF",
        creatable=False,
        title="tranId",
    ),
    RecordType(
        "journalEntry",
        "transaction",
        "transaction",
        parse_fields(
            f"tranDate:d tranId:s externalId:s memo:s subsidiary:R(subsidiary)! currency:R(currency) exchangeRate:n"
            f" postingPeriod:R(accountingPeriod) approved:b approvalStatus:E(approvalStatus) reversalDate:d"
            f" reversalDefer:b isReversal:b customForm:s status:E(status)~ {_DIMENSIONS} {_STAMPS}"
        ),
        {
            "line": SublistSpec(
                "line",
                parse_fields(
                    f"account:R(account)! debit:n credit:n memo:s entity:R(customer) line:i eliminate:b {_DIMENSIONS}"
                ),
                keyed=True,
            )
        },
        "Journal",
        number_prefix="JE",
        title="tranId",
    ),
]

_LISTS = [
    RecordType(
        "customer",
        "entity",
        "entity",
        parse_fields(
            "entityId:s externalId:s isPerson:b companyName:s firstName:s lastName:s email:s phone:s comments:s"
            " subsidiary:R(subsidiary)! currency:R(currency) category:R(customerCategory) terms:R(term) taxable:b"
            " receivablesAccount:R(account) isInactive:b balance:n~ dateCreated:t~ lastModifiedDate:t~ customForm:s"
        ),
        {
            "addressbook": SublistSpec(
                "addressBook",
                parse_fields("addressBookAddress:A defaultShipping:b defaultBilling:b label:s"),
            )
        },
        title="entityId",
    ),
    RecordType("inventoryItem", "item", "item", parse_fields(_ITEM), item_type="InvtPart", title="itemId"),
    RecordType(
        "kitItem",
        "item",
        "item",
        parse_fields(_ITEM),
        {"member": SublistSpec("member", parse_fields("item:R(item)! quantity:n memberUnit:s"))},
        item_type="Kit",
        title="itemId",
    ),
    RecordType(
        "account",
        "list",
        "account",
        parse_fields(
            f"acctNumber:s acctName:s! acctType:E(acctType)! currency:R(currency) subsidiary:R(subsidiary)"
            f" parent:R(account) isInactive:b eliminate:b description:s externalId:s {_STAMPS}"
        ),
        title="acctName",
    ),
    RecordType(
        "subsidiary",
        "list",
        "subsidiary",
        parse_fields(
            f"name:s! parent:R(subsidiary) currency:R(currency)! country:E(country) isElimination:b isInactive:b"
            f" legalName:s externalId:s {_STAMPS}"
        ),
    ),
    RecordType(
        "location",
        "list",
        "location",
        parse_fields(
            f"name:s! subsidiary:R(subsidiary) parent:R(location) locationType:E(locationType)"
            f" makeInventoryAvailable:b isInactive:b useBins:b externalId:s {_STAMPS}"
        ),
    ),
    RecordType(
        "accountingPeriod",
        "list",
        "accountingperiod",
        parse_fields(
            f"periodName:s! startDate:d! endDate:d! parent:R(accountingPeriod) closed:b allLocked:b arLocked:b"
            f" apLocked:b payrollLocked:b allowNonGLChanges:b isAdjust:b isPosting:b isQuarter:b isYear:b"
            f" isInactive:b closedOnDate:t externalId:s {_STAMPS}"
        ),
        creatable=False,
        title="periodName",
    ),
    RecordType(
        "currency",
        "list",
        "currency",
        parse_fields(f"name:s! symbol:s! exchangeRate:n! isBaseCurrency:b isInactive:b externalId:s {_STAMPS}"),
    ),
    RecordType(
        "department",
        "list",
        "department",
        parse_fields(f"name:s! parent:R(department) subsidiary:R(subsidiary) isInactive:b externalId:s {_STAMPS}"),
    ),
    RecordType(
        "classification",
        "list",
        "classification",
        parse_fields(f"name:s! parent:R(classification) subsidiary:R(subsidiary) isInactive:b externalId:s {_STAMPS}"),
    ),
]

#: Every record type by lower-case name.
RECORD_TYPES = {kind.name.lower(): kind for kind in [*_TRANSACTIONS, *_LISTS]}

#: Fields of an address, which NetSuite nests as a record of its own.
ADDRESS_FIELDS = _ADDRESS


def find_type(name: str) -> RecordType | None:
    """Return the record type of that name, in any case; None where there is none."""
    return RECORD_TYPES.get(name.lower())
