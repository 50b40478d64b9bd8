"""One order's JSON as the faults bend it: hidden phones, charges per unit, words that no document names."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync.sandbox.walmart.account import Call
from sync.sandbox.walmart.front.wire import number

__all__ = ["bend_order"]


def bend_order(order: dict[str, Any], call: Call) -> dict[str, Any]:
    """Return the order as the fault of this call (W33, W38, unknown_enum) changes it."""
    lines = order["orderLines"]["orderLine"]
    if call.struck_by("W33"):
        order["shippingInfo"]["phone"] = "0000000000"
    if call.struck_by("W38"):
        for line in lines:
            _per_unit(line)
    if call.struck_by("unknown_enum"):
        order["shippingInfo"]["methodCode"] = "Drone"
        for part in lines[0]["orderLineStatuses"]["orderLineStatus"]:
            part["status"] = "AwaitingPickup"
            if part["trackingInfo"]:
                part["trackingInfo"]["carrierName"] = {"carrier": "FED_EX", "otherCarrier": None}
    return order


def _per_unit(line: dict[str, Any]) -> None:
    """Divide a line's charges by its quantity, as some clients read the vendor."""
    units = Decimal(line["orderLineQuantity"]["amount"])
    for charge in line["charges"]["charge"]:
        for money in (charge["chargeAmount"], (charge["tax"] or {}).get("taxAmount")):
            if money is not None:
                share = (Decimal(money["amount"]) / units).quantize(Decimal("0.01"), ROUND_HALF_UP)
                money["amount"] = number(share)
