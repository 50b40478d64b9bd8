"""The payment statement: the running cycle in the vendor's members, from the same ledger as the report (§3.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sync.money import total_of
from sync.sandbox.walmart.front.wire import number
from sync.sandbox.walmart.settlements.ledger import Cycle
from sync.sandbox.world.model import LedgerLine

__all__ = ["write_statement"]

_ORDER_TYPES = ("Sale", "Refund")
_WFS_MEMBERS = {
    "WFS Fulfillment fee": "wfsFullfillmentFee",  # sic
    "WFS StorageFee": "wfsStorageFee",
    "WFS InventoryRemovalOrder": "inventoryRemovalOrder",
    "WFS RC_InventoryDisposalFee": "inventoryDisposalOrder",
    "WFS PrepServiceFee": "wfsPrepServiceFee",
    "WFS LostInventory": "wfsAdjustment",
    "WFS FoundInventory": "wfsAdjustment",
    "WFS DamageInWarehouse": "wfsAdjustment",
}


def write_statement(cycle: Cycle, partner_id: str, now: datetime) -> dict[str, object]:
    """Return the body of `GET /v3/report/payment/statement`.

    Foots by construction: orderActivity = sale + refund + adjustment netPayable, and closingBalance =
    openingBalance + orderActivity + walmartFulfillmentServices + otherActivities + reserve + paidToYou.
    """
    groups = _grouped(cycle.lines)
    details = {
        "saleAggregate": _aggregate(groups["sale"]),
        "refundDetails": _aggregate(groups["refund"]),
        "adjustmentAggregate": _adjustments(groups["adjustment"]),
        "wfs": _wfs(groups["wfs"]),
        "partnerTxns": {"netPayable": _sum(groups["other"])},
    }
    account = {
        "openingBalance": number(cycle.opening),
        "orderActivity": _sum([*groups["sale"], *groups["refund"], *groups["adjustment"]]),
        "walmartFulfillmentServices": _sum(groups["wfs"]),
        "otherActivities": _sum(groups["other"]),
        "reserve": 0,
        "paidToYou": number(cycle.paid),
        "closingBalance": number(cycle.closing),
        "scheduledSettlementDate": f"{cycle.deposit_at:%Y-%m-%d}",
        "paymentProcessor": "Payoneer",
        "settleCycle": "Bi-weekly",
        "reserveToDate": 0,
        "lastUpdatedDate": f"{now:%Y-%m-%d}",
        "holdAmt": 0,
        "holdDates": " ",
    }
    return {
        "statusCode": 200,
        "status": "OK",
        "error": "",
        "partnerId": partner_id,
        "payload": {
            "outstandingMCABalance": 0,
            "sellerInfo": {
                "storeFrontUrl": "https%3A%2F%2Fwww.walmart.com%2Fseller%2F100009",
                "sellerStatus": "ACTIVE",
                "paymentStatus": "ACTIVE",
                "tenure": 1673,
            },
            "accountSummary": account,
            "transactionDetails": details,
        },
    }


def _grouped(lines: tuple[LedgerLine, ...]) -> dict[str, list[LedgerLine]]:
    groups: dict[str, list[LedgerLine]] = {"sale": [], "refund": [], "adjustment": [], "wfs": [], "other": []}
    for line in lines:
        groups[_group(line)].append(line)
    return groups


def _group(line: LedgerLine) -> str:
    if line.description.strip('" ').startswith("WFS "):
        return "wfs"
    if line.transaction_type in _ORDER_TYPES:
        return line.transaction_type.lower()
    return "adjustment" if line.transaction_type in ("Adjustment", "Dispute Settlement") else "other"


def _sum(lines: list[LedgerLine]) -> Decimal:
    return number(total_of(line.amount for line in lines))


def _aggregate(lines: list[LedgerLine]) -> dict[str, Decimal | int]:
    def of(*kinds: str) -> Decimal:
        return _sum([line for line in lines if line.amount_type in kinds])

    return {
        "productPrice": of("Product Price"),
        "shipping": of("Shipping"),
        "netTaxCollected": of("Product tax", "Shipping tax"),
        "productTaxCollected": of("Product tax"),
        "shippingTaxCollected": of("Shipping tax"),
        "netTaxWithheld": of("Product tax withheld", "Shipping tax withheld"),
        "productTaxWithheld": of("Product tax withheld"),
        "shippingTaxWithheld": of("Shipping tax withheld"),
        "netFeeCollected": 0,
        "netFeeWithheld": 0,
        "netComm": of("Commission on Product", "Commission on Shipping"),
        "netPayable": _sum(lines),
        "aboveCap": 0,
        "wfsShipping": 0,
        "wfsShipppingTax": 0,  # sic
        "totalBaseCommission": of("Commission on Product", "Commission on Shipping"),
        "commissionSavings": 0,
    }


def _members(lines: list[LedgerLine], name_of: Callable[[LedgerLine], str]) -> dict[str, Decimal]:
    rows: dict[str, list[LedgerLine]] = {}
    for line in lines:
        rows.setdefault(name_of(line), []).append(line)
    return {"netPayable": _sum(lines)} | {name: _sum(rows[name]) for name in sorted(rows)}


def _adjustments(lines: list[LedgerLine]) -> dict[str, Decimal]:
    def name_of(line: LedgerLine) -> str:
        if line.transaction_type == "Dispute Settlement":
            return "disputeSettlement"
        return "returnShipServCharge" if "Return" in line.description else "fwdShippingServiceFee"

    return _members(lines, name_of)


def _wfs(lines: list[LedgerLine]) -> dict[str, Decimal]:
    return _members(lines, lambda line: _WFS_MEMBERS.get(line.description.strip('" '), "wfsFee"))
