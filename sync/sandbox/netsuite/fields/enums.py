"""Letters and words: status letters of transactions and the values of select fields (CONTRACT §3.2, §4)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COUNTRIES", "ENUMS", "STATUS_NAMES", "TYPE_NAMES", "status_display"]

#: `transaction.type` → what people call it.
TYPE_NAMES = {
    "SalesOrd": "Sales Order",
    "CashSale": "Cash Sale",
    "CustInvc": "Invoice",
    "ItemShip": "Item Fulfillment",
    "Journal": "Journal",
    "RtnAuth": "Return Authorization",
    "ItemRcpt": "Item Receipt",
    "CustCred": "Credit Memo",
    "CustRfnd": "Customer Refund",
    "CashRfnd": "Cash Refund",
    "CustPymt": "Payment",
    "Deposit": "Deposit",
    "InvAdjst": "Inventory Adjustment",
    "TrnfrOrd": "Transfer Order",
}

#: Types without a state of their own show this letter (assumed).
_STATELESS = {"Y": "Undefined"}

STATUS_NAMES: Mapping[str, Mapping[str, str]] = {
    "SalesOrd": {
        "A": "Pending Approval",
        "B": "Pending Fulfillment",
        "C": "Cancelled",
        "D": "Partially Fulfilled",
        "E": "Pending Billing/Partially Fulfilled",
        "F": "Pending Billing",
        "G": "Billed",
        "H": "Closed",
    },
    "CashSale": {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"},
    "CustInvc": {"A": "Open", "B": "Paid In Full"},
    "ItemShip": {"A": "Picked", "B": "Packed", "C": "Shipped"},
    "Journal": {"A": "Pending Approval", "B": "Approved for Posting"},
    "RtnAuth": {
        "A": "Pending Approval",
        "B": "Pending Receipt",
        "C": "Cancelled",
        "D": "Partially Received",
        "E": "Pending Refund/Partially Received",
        "F": "Pending Refund",
        "G": "Refunded",
        "H": "Closed",
    },
    "CustCred": {"A": "Open", "B": "Fully Applied"},
    "CustPymt": {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"},
    "TrnfrOrd": {
        "A": "Pending Approval",
        "B": "Pending Fulfillment",
        "C": "Rejected",
        "D": "Partially Fulfilled",
        "E": "Pending Receipt/Partially Fulfilled",
        "F": "Pending Receipt",
        "G": "Received",
        "H": "Closed",
    },
    "ItemRcpt": _STATELESS,
    "CashRfnd": _STATELESS,
    "CustRfnd": _STATELESS,
    "Deposit": _STATELESS,
    "InvAdjst": _STATELESS,
}

_ACCOUNT_TYPES = {
    "Bank": "Bank",
    "AcctRec": "Accounts Receivable",
    "OthCurrAsset": "Other Current Asset",
    "FixedAsset": "Fixed Asset",
    "OthAsset": "Other Asset",
    "AcctPay": "Accounts Payable",
    "CredCard": "Credit Card",
    "OthCurrLiab": "Other Current Liability",
    "LongTermLiab": "Long Term Liability",
    "Equity": "Equity",
    "Income": "Income",
    "COGS": "Cost of Goods Sold",
    "Expense": "Expense",
    "OthIncome": "Other Income",
    "OthExpense": "Other Expense",
    "DeferExpense": "Deferred Expense",
    "DeferRevenue": "Deferred Revenue",
    "UnbilledRec": "Unbilled Receivable",
    "NonPosting": "Non Posting",
    "Stat": "Statistical",
}

#: Enum name → id → words. A name that is absent here takes any id (countries, weight units, price levels …).
ENUMS: Mapping[str, Mapping[str, str]] = {
    "acctType": _ACCOUNT_TYPES,
    "orderStatus": STATUS_NAMES["SalesOrd"],
    "returnStatus": STATUS_NAMES["RtnAuth"],
    "transferStatus": STATUS_NAMES["TrnfrOrd"],
    "shipStatus": STATUS_NAMES["ItemShip"],
    "approvalStatus": {"1": "Pending Approval", "2": "Approved", "3": "Rejected", "11": "Custom Approval"},
}

#: The countries that an address may name (ISO 3166, two letters).
COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
        "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
        "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
        "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
        "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
        "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
        "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
    ).split()
)


def status_display(type_code: str, letter: str) -> str:
    """Return the display text of a status, `Sales Order : Pending Fulfillment`."""
    return f"{TYPE_NAMES[type_code]} : {STATUS_NAMES[type_code][letter]}"
