"""What shipping, cancel and refund calls say, read strictly: shape first, then the rules that exist only in prose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sync.sandbox.walmart.front.refusals import ORDERS, Refused
from sync.sandbox.walmart.orders.lifecycle import RefundCharge, Tracking
from sync.sandbox.walmart.vocabulary import CANCEL_REASONS, CARRIERS, METHOD_CODES, REFUND_REASONS, UNITS

__all__ = ["Cancellation", "LineRefund", "ShipLine", "read_cancel", "read_json", "read_refund", "read_ship"]

#: Epoch milliseconds of 2001-09-09; anything below was written in seconds.
_FIRST_MS = 1_000_000_000_000
_ADDRESS = ("address1", "city", "state", "postalCode", "country")


@dataclass(frozen=True, slots=True)
class ShipLine:
    """One parcel of one line."""

    number: str
    quantity: int
    tracking: Tracking
    override: bool
    seller_order_id: str | None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Units of one line that are not going to be sent."""

    number: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class LineRefund:
    """Money to give back for one line; without charges: everything (isFullRefund)."""

    number: str
    charges: tuple[RefundCharge, ...]
    full: bool
    reason: str


def bad(text: str, field: str) -> Refused:
    """Return the refusal of a body."""
    return Refused(400, "INVALID_REQUEST_CONTENT", text, field, ORDERS)


def read_json(body: bytes, service: str = ORDERS) -> Mapping[str, object]:
    """Return the object that a body holds, numbers as Decimal; `service` names who refuses.

    Raises:
        Refused: 400 MALFORMED_REQUEST_CONTENT when it is not one.
    """
    try:
        value = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refused(400, "MALFORMED_REQUEST_CONTENT", "The body is not a JSON object", "body", service)
    return value


def read_ship(body: Mapping[str, object]) -> tuple[list[ShipLine], bool]:
    """Return the parcels of a shipping call, and whether it only replaces tracking (PARTIAL_UPDATE).

    Raises:
        Refused: 400 INVALID_REQUEST_CONTENT that names the field.
    """
    shipment = _object(body, "orderShipment")
    mode = shipment.get("processMode")
    if mode not in (None, "PARTIAL_UPDATE"):
        raise bad("processMode is not valid", "processMode")
    found = []
    for line in _lines(shipment):
        number = _text(line, "lineNumber")
        seller_order = line.get("sellerOrderId")
        if seller_order is not None and (not isinstance(seller_order, str) or len(seller_order) > 30):
            raise bad("sellerOrderId must be at most 30 characters", "sellerOrderId")
        for status in _statuses(line, "Shipped"):
            found.append(
                ShipLine(
                    number,
                    _quantity(status),
                    _tracking(_object(status, "trackingInfo"), number),
                    line.get("intentToCancelOverride") is True,
                    seller_order,
                )
            )
            _check_parcel(status)
    return found, mode == "PARTIAL_UPDATE"


def read_cancel(body: Mapping[str, object]) -> list[Cancellation]:
    """Return the units that a cancel call names.

    Raises:
        Refused: 400 INVALID_REQUEST_CONTENT that names the field.
    """
    found = []
    for line in _lines(_object(body, "orderCancellation")):
        number = _text(line, "lineNumber")
        for status in _statuses(line, "Cancelled"):
            reason = _text(status, "cancellationReason")
            if reason not in CANCEL_REASONS:
                raise bad(f"cancellationReason is not valid for line: {number}", "cancellationReason")
            found.append(Cancellation(number, _quantity(status), reason))
    return found


def read_refund(body: Mapping[str, object], po: str) -> list[LineRefund]:
    """Return what a refund call gives back. Amounts on the wire are negative, here positive.

    Raises:
        Refused: 400 INVALID_REQUEST_CONTENT that names the field.
    """
    refund = _object(body, "orderRefund")
    if _text(refund, "purchaseOrderId") != po:
        raise bad("purchaseOrderId of the body is not that of the path", "purchaseOrderId")
    found = [_line_refund(line) for line in _lines(refund)]
    if len({line.full for line in found}) > 1:
        raise bad("All lines of a refund must share one mode of isFullRefund", "isFullRefund")
    return found


def _line_refund(line: Mapping[str, object]) -> LineRefund:
    number, full = _text(line, "lineNumber"), line.get("isFullRefund") is True
    charges: list[RefundCharge] = []
    for refund in _list(_object(line, "refunds"), "refund"):
        comments = refund.get("refundComments")
        for row in _list(_object(refund, "refundCharges"), "refundCharge"):
            charges.append(_refund_charge(row, number, comments if isinstance(comments, str) else None))
    return LineRefund(number, () if full else tuple(charges), full, charges[0].reason)


def _refund_charge(row: Mapping[str, object], number: str, comments: str | None) -> RefundCharge:
    reason = _text(row, "refundReason")
    if reason not in REFUND_REASONS:
        raise bad(f"refundReason is not valid for line: {number}", "refundReason")
    charge = _object(row, "charge")
    kind = _text(charge, "chargeType")
    _text(charge, "chargeName")
    if kind not in ("PRODUCT", "SHIPPING"):
        raise bad(f"chargeType is not valid for line: {number}", "chargeType")
    amount = _amount(_object(charge, "chargeAmount"), number)
    tax = Decimal(0)
    if charge.get("tax") is not None:
        taxed = _object(charge, "tax")
        _text(taxed, "taxName")
        tax = _amount(_object(taxed, "taxAmount"), number)
    if amount + tax == 0:
        raise bad(f"Refund amount is zero for line: {number}", "chargeAmount")
    return RefundCharge(kind, amount, tax, reason, comments)


def _amount(money: Mapping[str, object], number: str) -> Decimal:
    """Return the amount with its sign turned: the wire has refunds below zero."""
    value = money.get("amount")
    if money.get("currency") != "USD":
        raise bad(f"currency is not valid for line: {number}", "currency")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise bad(f"amount must be a number for line: {number}", "amount")
    amount = Decimal(value)
    if amount > 0:
        raise bad(f"Refund amount must be negative for line: {number}", "amount")
    if amount != round(amount, 2):
        raise bad(f"amount has more than 2 decimals for line: {number}", "amount")
    return -amount


def _tracking(info: Mapping[str, object], number: str) -> Tracking:
    method = _text(info, "methodCode")
    if method not in METHOD_CODES:
        raise bad(f"Method code is not supported in line number {number}", "methodCode")
    at = info.get("shipDateTime")
    if isinstance(at, bool) or not isinstance(at, int) or not _FIRST_MS <= at < 10 * _FIRST_MS:
        raise bad(f"shipDateTime must be epoch milliseconds in line number {number}", "shipDateTime")
    names = _object(info, "carrierName")
    carrier, other = names.get("carrier"), names.get("otherCarrier")
    url = info.get("trackingURL")
    if (carrier is None) == (other is None):
        raise bad(f"carrierName needs either carrier or otherCarrier in line number {number}", "carrierName")
    if carrier is not None and carrier not in CARRIERS:
        raise bad(f"Carrier is not supported in line number {number}", "carrier")
    if other is not None and not (isinstance(url, str) and url.startswith(("https://", "http://"))):
        raise bad(f"trackingURL is required with otherCarrier in line number {number}", "trackingURL")
    return Tracking(
        shipped_at=datetime.fromtimestamp(at / 1000, UTC),
        carrier=str(carrier) if carrier is not None else None,
        other_carrier=str(other) if other is not None else None,
        method=method,
        number=_text(info, "trackingNumber"),
        url=url if isinstance(url, str) else None,
    )


def _check_parcel(status: Mapping[str, object]) -> None:
    """Check the optional parts of a parcel: each has members that it cannot be without."""
    if status.get("asn") is not None:
        _text(_object(status, "asn"), "packageASN")
    if status.get("returnCenterAddress") is not None:
        address = _object(status, "returnCenterAddress")
        for name in _ADDRESS:
            _text(address, name)


def _statuses(line: Mapping[str, object], wanted: str) -> list[Mapping[str, object]]:
    rows = _list(_object(line, "orderLineStatuses"), "orderLineStatus")
    for row in rows:
        if _text(row, "status") != wanted:
            raise bad(f"status must be {wanted}", "status")
    return rows


def _quantity(status: Mapping[str, object]) -> int:
    quantity = _object(status, "statusQuantity")
    if quantity.get("unitOfMeasurement") not in UNITS:
        raise bad("unitOfMeasurement must be EACH or EA", "unitOfMeasurement")
    text = quantity.get("amount")
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or int(text[:9]) < 1 or len(text) > 9:
        raise bad("amount must be a whole number above zero, as a string", "amount")
    return int(text)


def _lines(holder: Mapping[str, object]) -> list[Mapping[str, object]]:
    return _list(_object(holder, "orderLines"), "orderLine")


def _object(holder: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise bad(f"{name} is missing or not an object", name)
    return value


def _list(holder: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    value = holder.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(x, dict) for x in value):
        raise bad(f"{name} must be a list of at least one object", name)
    return value


def _text(holder: Mapping[str, object], name: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip():
        raise bad(f"{name} is missing or blank", name)
    return value
