"""`return.refund`: pays back what came back in a return (POST /v3/returns/{id}/refund)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.errors import ContractBroken, Transient, VendorReply
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import VendorClient
from sync.walmart.calls import return_call, return_refund_call
from sync.walmart.intents import RefundReturn, checked, refused_here
from sync.walmart.pages import mapping_of, member_of, rows_of
from sync.walmart.push.order_state import read_order

__all__ = ["PayReturn"]

#: Goods outside the returns programme: these are refunded through the order.
_OUTSIDE = ("HAZMAT", "OTHER", "FREIGHT")
_PAID = frozenset({"REFUND_COMPLETED", "REFUND_ISSUED", "REFUNDED"})
_UNPAID = frozenset({"", "NOT_REFUNDED", "REFUND_NOT_INITIATED"})
#: When a refund that Walmart is working on is looked at again.
_PAID_LATE_S = 900.0


@dataclass(frozen=True, slots=True)
class PayReturn:
    """Refunds lines of a return; the intent is `intents.RefundReturn` with the units that are paid back in all.

    A record is `return_id`, `alternate_id`, `order_ids` and `lines`: number → `quantity`, `refunded`, `paying` (units
    that Walmart has closed and not paid yet), `unknown` (a state of a refund that nobody has told us), `outside`.
    """

    client: VendorClient
    kind: str = "return.refund"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request; the buyer's order number is filled in when it is sent."""
        wanted = checked(RefundReturn, intent)
        call = return_refund_call(wanted.return_id, _body("…", {x.line_id: x.quantity for x in wanted.lines}))
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the return if these units are paid back, None if some are not.

        Raises:
            Rejected: Walmart fulfils it, the goods are outside the programme, or there are not so many units.
            Transient: Walmart is about to pay some of them; nobody knows yet for whom.
            VendorError: Walmart could not be asked.
        """
        wanted = checked(RefundReturn, intent)
        record = await self.read_back(wanted.return_id)
        unpaid = _unpaid(wanted, record)
        if not unpaid:
            return Found(wanted.return_id, record)
        _require_settled(wanted, unpaid, record)
        for order_id in record["order_ids"]:
            order = await read_order(self.client, order_id)
            if order["fulfilled_by"] != "seller":
                raise refused_here(
                    "issueRefund",
                    f"return {wanted.return_id} belongs to an order that Walmart fulfils",
                    "Walmart refunds its own returns; there is nothing to do",
                    "WFS",
                )
        for line in wanted.lines:
            _require_payable(wanted, line.line_id, line.quantity, record["lines"][line.line_id])
        return None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Pay back what is not paid yet.

        Raises:
            InDoubt: no clear answer.
            Transient: Walmart is about to pay some of the units.
            VendorError: a refusal.
        """
        wanted = checked(RefundReturn, intent)
        record = await self.read_back(wanted.return_id)
        units = _unpaid(wanted, record)
        if not units:
            return Sent(wanted.return_id)
        _require_settled(wanted, units, record)
        reply = await self.client.send(return_refund_call(wanted.return_id, _body(record["alternate_id"], units)))
        return Sent(wanted.return_id, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the return as Walmart now has it.

        Raises:
            Rejected: there is none of this number.
            ContractBroken: the answer cannot be read.
            VendorError: Walmart could not be asked.
        """
        reply = await self.client.send(return_call(target_id))
        rows = rows_of(reply, mapping_of(reply), "returnOrders", what="returns")
        raw = next((r for r in rows if str(member_of(r, "returnOrderId")) == target_id), None)
        if not isinstance(raw, Mapping):
            raise refused_here("issueRefund", f"Walmart knows no return {target_id}")
        lines = raw.get("returnOrderLines")
        lines = [lines] if isinstance(lines, Mapping) else lines
        if not isinstance(lines, list):
            raise ContractBroken(reply.seen(detail=f"return {target_id} holds no lines"))
        orders = dict.fromkeys(str(v) for x in lines if (v := member_of(x, "purchaseOrderId")))
        return {
            "return_id": target_id,
            "alternate_id": str(raw.get("customerOrderId") or ""),
            "order_ids": list(orders),
            "lines": {str(member_of(x, "returnOrderLineNumber")): _line(x) for x in lines},
        }

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return each line of which fewer units are paid back."""
        unpaid = _unpaid(checked(RefundReturn, intent), record)
        wanted = {x.line_id: x.quantity for x in checked(RefundReturn, intent).lines}
        return [
            {"field": f"line {n} refunded", "sent": wanted[n], "now": wanted[n] - units} for n, units in unpaid.items()
        ]


def _line(raw: object) -> dict[str, Any]:
    quantity = _number(member_of(raw, "quantity", "measurementValue"))
    parts = member_of(raw, "currentTrackingStatuses")
    units = {"paid": 0, "paying": 0}
    unknown = None
    for part in parts if isinstance(parts, list) else []:
        state = _money_state(part)
        if state in units:
            units[state] += _number(member_of(part, "quantity", "measurementValue"))
        elif state is not None:
            unknown = state
    refunded = max(_number(member_of(raw, "refundedQty")), min(units["paid"], quantity))
    kinds = str(member_of(raw, "exceptionItemType") or "").upper()
    outside = bool(member_of(raw, "isReturnForException")) and any(word in kinds for word in _OUTSIDE)
    paying = min(units["paying"], quantity - refunded)
    return {"quantity": quantity, "refunded": refunded, "paying": paying, "unknown": unknown, "outside": outside}


def _money_state(part: object) -> str | None:
    """Return paid, paying, None for nothing yet, or Walmart's own word where it is new to us.

    REFUND_INITIATED is said of units whose money nobody has given, and of a return that is completed, whose money is
    on its way (contract 2.5: the example of three units, of which refundedQty counts the completed one only).
    """
    said = str(member_of(part, "currentRefundStatus") or "").upper()
    if said in _PAID:
        return "paid"
    if said in _UNPAID:
        return None
    if said == "REFUND_INITIATED":
        return "paying" if str(member_of(part, "status") or "").upper() == "COMPLETED" else None
    return said


def _require_settled(wanted: RefundReturn, unpaid: Mapping[str, int], record: Mapping[str, Any]) -> None:
    """Refuse to give money that Walmart is about to give, or of which nobody knows whether it has."""
    for line_id in unpaid:
        now = record["lines"][line_id]
        where = f"line {line_id} of return {wanted.return_id}"
        if now["unknown"]:
            raise refused_here(
                "issueRefund",
                f"the refund of {where} is {now['unknown']}, which is not known",
                "Look at the return in Seller Center; the program must learn this status",
            )
        if now["paying"]:
            seen = f"nothing was sent: Walmart is paying {now['paying']} units of {where}"
            raise Transient(VendorReply("walmart", "issueRefund", detail=seen), wait_s=_PAID_LATE_S)


def _number(value: object) -> int:
    try:
        return int(str(value)) if value is not None else 0
    except ValueError:
        return 0


def _unpaid(wanted: RefundReturn, record: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in wanted.lines:
        now = record["lines"].get(line.line_id)
        if now is None:
            raise refused_here("issueRefund", f"return {wanted.return_id} has no line {line.line_id}")
        if line.quantity > now["refunded"]:
            found[line.line_id] = line.quantity - now["refunded"]
    return found


def _require_payable(wanted: RefundReturn, line_id: str, units: int, now: Mapping[str, Any]) -> None:
    if now["outside"]:
        raise refused_here(
            "issueRefund",
            f"line {line_id} of return {wanted.return_id} is outside the returns programme",
            "Refund it through the order (order.refund)",
            "EXCEPTION",
        )
    if units > now["quantity"]:
        raise refused_here(
            "issueRefund", f"line {line_id} of return {wanted.return_id} has {now['quantity']} units only"
        )


def _body(alternate_id: str, units: Mapping[str, int]) -> dict[str, object]:
    lines = [
        {
            "returnOrderLineNumber": int(line_id) if line_id.isdecimal() else line_id,
            "quantity": {"unitOfMeasure": "EA", "measurementValue": n},
        }
        for line_id, n in units.items()
    ]
    return {"customerOrderId": alternate_id, "refundLines": lines}
