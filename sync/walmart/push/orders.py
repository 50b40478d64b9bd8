"""`order.cancel` and `order.refund`: what the seller will not send, and money that goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import VendorClient
from sync.walmart.calls import cancel_call, refund_call
from sync.walmart.intents import CancelOrder, RefundAmount, RefundLine, RefundOrder, checked, refused_here
from sync.walmart.push.order_state import lines_of, read_order, require_line, require_seller
from sync.walmart.vocabulary import CANCEL_REASONS

__all__ = ["CancelLines", "RefundLines"]


@dataclass(frozen=True, slots=True)
class CancelLines:
    """Cancels units that have not left; the intent is `intents.CancelOrder`.

    The intent names how many units of a line are cancelled in all, so that a repeat changes nothing.
    """

    client: VendorClient
    kind: str = "order.cancel"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request for all lines; what is cancelled already is left out when it is sent."""
        wanted = checked(CancelOrder, intent)
        call = cancel_call(wanted.order_id, _cancellation(wanted, {x.line_id: x.quantity for x in wanted.lines}))
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the order if these units are cancelled, or have left so that they cannot be; None if it is to do.

        Raises:
            Rejected: WFS, an unknown line, or a buyer's wish that the buyer never had.
            VendorError: Walmart could not be asked.
        """
        wanted = checked(CancelOrder, intent)
        record = await read_order(self.client, wanted.order_id)
        missing = _uncancelled(wanted, record)
        if not missing:
            return Found(wanted.order_id, record)
        require_seller(record, "cancelOrders")
        for line in wanted.lines:
            if line.reason == "buyer_asked" and not lines_of(record)[line.line_id]["asked_to_cancel"]:
                raise refused_here(
                    "cancelOrders",
                    f"the buyer has not asked to cancel line {line.line_id} of order {wanted.order_id}",
                    "Choose another reason",
                )
        short = [n for n, units in missing.items() if lines_of(record)[n]["open"] < units]
        return Found(wanted.order_id, record) if short else None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Cancel what is not cancelled yet.

        Raises:
            InDoubt: no clear answer.
            VendorError: a refusal.
        """
        wanted = checked(CancelOrder, intent)
        missing = _uncancelled(wanted, await read_order(self.client, wanted.order_id))
        if not missing:
            return Sent(wanted.order_id)
        reply = await self.client.send(cancel_call(wanted.order_id, _cancellation(wanted, missing)))
        return Sent(wanted.order_id, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the order as Walmart now has it.

        Raises:
            VendorError: Walmart could not be asked, or its answer cannot be read.
        """
        return await read_order(self.client, target_id)

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return each line of which fewer units are cancelled."""
        found = []
        for line in checked(CancelOrder, intent).lines:
            now = lines_of(record).get(line.line_id, {}).get("cancelled", 0)
            if now < line.quantity:
                found.append({"field": f"line {line.line_id} cancelled", "sent": line.quantity, "now": now})
        return found


def _uncancelled(wanted: CancelOrder, record: Mapping[str, Any]) -> dict[str, int]:
    left = {x.line_id: x.quantity - require_line(record, x.line_id, "cancelOrders")["cancelled"] for x in wanted.lines}
    return {line_id: units for line_id, units in left.items() if units > 0}


def _cancellation(wanted: CancelOrder, units: Mapping[str, int]) -> dict[str, object]:
    lines = []
    for line in wanted.lines:
        if line.line_id not in units:
            continue
        status = {
            "status": "Cancelled",
            "cancellationReason": CANCEL_REASONS[line.reason],
            "statusQuantity": {"unitOfMeasurement": "EACH", "amount": str(units[line.line_id])},
        }
        lines.append({"lineNumber": line.line_id, "orderLineStatuses": {"orderLineStatus": [status]}})
    return {"orderCancellation": {"orderLines": {"orderLine": lines}}}


@dataclass(frozen=True, slots=True)
class RefundLines:
    """Gives money back for lines that have left; the intent is `intents.RefundOrder`.

    A refund may rightly be repeated, so ours is told by its `reference`, which is sent as the comment and comes back
    with the order's line. Walmart shows the last refund of a line only.
    """

    client: VendorClient
    kind: str = "order.refund"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request."""
        wanted = checked(RefundOrder, intent)
        call = refund_call(wanted.order_id, _refund(wanted))
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the order if this refund is there on every line, None if it is to be made.

        Raises:
            Rejected: WFS, a line that has not left, or more than was charged: nothing is sent.
            VendorError: Walmart could not be asked.
        """
        wanted = checked(RefundOrder, intent)
        record = await read_order(self.client, wanted.order_id)
        lines = {x.line_id: require_line(record, x.line_id, "refundOrders") for x in wanted.lines}
        if all(_is_there(wanted, x, lines[x.line_id]) for x in wanted.lines):
            return Found(wanted.order_id, record)
        require_seller(record, "refundOrders")
        for line in wanted.lines:
            _require_refundable(line, lines[line.line_id])
        return None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Make the refund, once.

        Raises:
            InDoubt: no clear answer.
            VendorError: a refusal.
        """
        wanted = checked(RefundOrder, intent)
        full = any(line.amounts is None for line in wanted.lines)
        record = await read_order(self.client, wanted.order_id) if full else None
        reply = await self.client.send(refund_call(wanted.order_id, _refund(wanted, record)))
        return Sent(wanted.order_id, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the order as Walmart now has it.

        Raises:
            VendorError: Walmart could not be asked, or its answer cannot be read.
        """
        return await read_order(self.client, target_id)

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return each line without this refund, and each amount of it that differs."""
        wanted = checked(RefundOrder, intent)
        found: list[Mapping[str, Any]] = []
        for line in wanted.lines:
            now = lines_of(record).get(line.line_id, {})
            if not _is_there(wanted, line, now):
                found.append({"field": f"line {line.line_id} refund", "sent": wanted.reference, "now": None})
                continue
            for part in line.amounts or []:
                amount = Decimal(now["refund"]["amounts"].get(part.of, "0"))
                if amount != Decimal(part.amount):
                    field = f"line {line.line_id} refund of {part.of}"
                    found.append({"field": field, "sent": part.amount, "now": format(amount, "f")})
        return found


def _is_there(wanted: RefundOrder, line: RefundLine, now: Mapping[str, Any]) -> bool:
    """Say whether a line shows this refund: by its reference, or because all of it has gone back."""
    if line.amounts is None and 0 < now.get("shipped", 0) <= now.get("refunded", 0):
        return True
    refund = now.get("refund")
    return isinstance(refund, Mapping) and wanted.reference in str(refund["comment"]).split()


def _require_refundable(line: RefundLine, now: Mapping[str, Any]) -> None:
    if not now["shipped"]:
        raise refused_here(
            "refundOrders",
            f"line {line.line_id} has not left",
            "Cancel it instead: only what has left is refunded",
            "NOT_SHIPPED",
        )
    for part in line.amounts or []:
        for amount, name in ((part.amount, part.of), (part.tax, f"{part.of}_tax")):
            most = Decimal(now["charged"].get(name, "0"))
            if Decimal(amount) > most:
                raise refused_here(
                    "refundOrders", f"line {line.line_id}: {amount} {name} is more than was charged, {most}"
                )


def _all_of(line: RefundLine, record: Mapping[str, Any] | None) -> list[RefundAmount]:
    """Return what was charged for a line; nothing is known of it before the order was read."""
    charged = lines_of(record).get(line.line_id, {}).get("charged", {}) if record else {}
    return [
        RefundAmount(of=kind, amount=charged[kind], tax=charged.get(f"{kind}_tax", "0"))
        for kind in ("item", "shipping")
        if Decimal(charged.get(kind, "0")) > 0
    ]


def _refund(wanted: RefundOrder, record: Mapping[str, Any] | None = None) -> dict[str, object]:
    lines = []
    for line in wanted.lines:
        charges = [
            {"refundReason": line.reason, "charge": _charge(part.of, Decimal(part.amount), Decimal(part.tax), wanted)}
            for part in (line.amounts if line.amounts is not None else _all_of(line, record))
        ]
        refund: dict[str, object] = {"refundComments": wanted.reference}
        refund["refundCharges"] = {"refundCharge": charges}
        lines.append(
            {"lineNumber": line.line_id, "isFullRefund": line.amounts is None, "refunds": {"refund": [refund]}}
        )
    return {"orderRefund": {"purchaseOrderId": wanted.order_id, "orderLines": {"orderLine": lines}}}


def _charge(kind: str, amount: Decimal, tax: Decimal, wanted: RefundOrder) -> dict[str, object]:
    name = "ItemPrice" if kind == "item" else "Shipping"
    charge: dict[str, object] = {
        "chargeType": "PRODUCT" if kind == "item" else "SHIPPING",
        "chargeName": name,
        # Walmart wants money that goes back as a negative amount.
        "chargeAmount": {"currency": wanted.currency, "amount": -amount},
    }
    if tax:
        charge["tax"] = {"taxName": f"{name} Tax", "taxAmount": {"currency": wanted.currency, "amount": -tax}}
    return charge
