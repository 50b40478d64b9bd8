"""What an order is booked as: a sales order or a cash sale, with every cent of it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text, units_text
from reconcile.customers.match import CustomerMatch
from reconcile.fixes.orders.sales_lines import Charge, order_charges
from reconcile.mapping.routing import Routing, prefix_of
from reconcile.mapping.skus import Resolution
from sync.ops.decisions import Decision
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine

__all__ = [
    "COUNTRY_CODES",
    "REPLACEMENTS",
    "Ordered",
    "SaleCase",
    "address_of",
    "booking_day",
    "document_kind",
    "intent_line",
    "sale_charges",
    "sale_identity",
    "sale_operation",
]

#: Orders that go out in place of another one: goods without revenue.
REPLACEMENTS = frozenset({"replacement", "exchange"})
#: Three letters, as Walmart writes a country, to the two that the ERP takes.
COUNTRY_CODES = {"USA": "US", "DEU": "DE", "CAN": "CA"}
_WORDS = {"sales_order": "Sales order", "cash_sale": "Cash sale"}
_AMOUNTS = ("item_price item_tax shipping_price shipping_tax gift_price gift_tax discount discount_tax").split()


@dataclass(frozen=True, slots=True)
class SaleCase:
    """One order to book, with everything that its document is made of; `day` dates it."""

    discrepancy_id: str
    order: Order
    lines: Sequence[OrderLine]
    routing: Routing
    skus: Mapping[tuple[str, str], Resolution]
    day: date


def sale_identity(channel: str, order_id: str) -> str:
    """Return the external id of an order's document: `AMZ-113-…`, `WMT-…`."""
    return f"{prefix_of(channel)}-{order_id}"


def document_kind(routing: Routing, fulfilled_by: str, order_type: str) -> Literal["sales_order", "cash_sale"]:
    """Return what such an order is booked as; a replacement brings no money, so it is never a cash sale."""
    return "sales_order" if order_type in REPLACEMENTS else routing.document_for(fulfilled_by)


class Ordered(Protocol):
    """What dates the document of an order."""

    @property
    def channel(self) -> str: ...

    @property
    def order_id(self) -> str: ...

    @property
    def ordered_at(self) -> datetime: ...


def booking_day(order: Ordered, routing: Routing, decided: Mapping[str, Decision]) -> date:
    """Return the day of an order's document: the seller's calendar day of the order.

    Decision kind `posting_date`, subject the external id or `channel|YYYY-MM`, puts documents on another day.
    """
    day = order.ordered_at.astimezone(ZoneInfo(routing.time_zone)).date()
    if not decided:
        return day
    for subject in (sale_identity(order.channel, order.order_id), f"{order.channel}|{day:%Y-%m}"):
        if subject in decided:
            return date.fromisoformat(str(decided[subject].value["date"]))
    return day


def sale_charges(
    order: Order, lines: Sequence[OrderLine], routing: Routing, skus: Mapping[tuple[str, str], Resolution]
) -> list[Charge]:
    """Return the charges of an order's document; those of a replacement are zero, whatever its lines show."""
    if order.order_type in REPLACEMENTS:
        nothing: dict[str, Any] = dict.fromkeys(_AMOUNTS, Decimal(0))
        lines = [replace(line, **nothing) for line in lines]
        order = replace(order, total=Decimal(0), tax=Decimal(0), shipping=Decimal(0), discount=Decimal(0))
    return order_charges(order, lines, routing, skus)


def sale_operation(
    case: SaleCase, customer: Mapping[str, str], depends: tuple[str, ...], match: CustomerMatch
) -> PlannedOperation:
    """Return the creation of an order's document."""
    order = case.order
    charges = sale_charges(order, case.lines, case.routing, case.skus)
    total = sum((c.net + (c.tax or 0) for c in charges), Decimal(0))
    kind = document_kind(case.routing, order.fulfilled_by, order.order_type)
    own = _of_sales_order(order, case.routing) if kind == "sales_order" else _of_cash_sale(case.routing)
    intent = _intent(case, charges, customer) | own
    return PlannedOperation(
        identity=str(intent["external_id"]),
        vendor="netsuite",
        kind=f"{kind}.create",
        channel=order.channel,
        discrepancy_id=case.discrepancy_id,
        depends_on=depends,
        summary=f"{_WORDS[kind]} for {order.order_id}, {amount_text(total, order.currency)} {order.currency}",
        intent=intent,
        believed={"exists": False},
        diff=_diff(intent, kind, total, order, match),
        amount=total,
        currency=order.currency,
        period=f"{case.day:%Y-%m}",
    )


def _intent(case: SaleCase, charges: Sequence[Charge], customer: Mapping[str, str]) -> dict[str, Any]:
    order, routing = case.order, case.routing
    by_channel = order.fulfilled_by == "channel"
    return {
        "external_id": sale_identity(order.channel, order.order_id),
        "other_reference": order.order_id,
        "customer": dict(customer),
        "date": case.day.isoformat(),
        "subsidiary_id": routing.subsidiary_id,
        "location_id": (routing.channel_location_id if by_channel else None) or routing.location_id,
        "department_id": routing.department_id,
        "class_id": routing.class_id,
        "currency": order.currency,
        "memo": _memo(order),
        "sales_channel_id": routing.sales_channel_id,
        "payment_method_id": routing.payment_method_id,
        "ship_method": routing.method_for(order.service_level),
        "address": address_of(order),
        "lines": [intent_line(c, order.currency, routing) for c in charges if not c.is_shipping_cost],
        "shipping_cost": next((amount_text(c.net, order.currency) for c in charges if c.is_shipping_cost), None),
    }


def _of_sales_order(order: Order, routing: Routing) -> dict[str, Any]:
    by = order.ship_by.astimezone(ZoneInfo(routing.time_zone)).date().isoformat() if order.ship_by else None
    return {"ship_by": by, "status": routing.order_status, "ship_complete": routing.ship_complete}


def _of_cash_sale(routing: Routing) -> dict[str, Any]:
    if routing.cash_account_id is not None:
        return {"account_id": routing.cash_account_id}
    return {"to_undeposited_funds": True}


def _memo(order: Order) -> str:
    memo = f"{order.channel} {order.order_id}"
    if order.order_type not in REPLACEMENTS:
        return memo
    return f"{memo}, {order.order_type} of {order.original_id}" if order.original_id else f"{memo}, {order.order_type}"


def intent_line(charge: Charge, currency: str, routing: Routing) -> dict[str, Any]:
    """Return a charge as a line of an intent."""
    rate = charge.net / charge.quantity
    exact = rate == rate.quantize(Decimal("1e-6")) and rate * charge.quantity == charge.net
    return {
        "item_id": charge.item_id,
        "quantity": units_text(charge.quantity),
        "rate": amount_text(rate, currency) if exact else None,
        "amount": amount_text(charge.net, currency),
        "description": charge.description,
        "line_ref": charge.line_ref,
        "tax_amount": amount_text(charge.tax, currency) if charge.tax else None,
        # What the marketplace remits, or what stands on a line of its own, must not be computed a second time.
        "is_tax_exempt": True if routing.tax_policy in ("facilitator", "exempt") or routing.tax_item_id else None,
    }


def _diff(
    intent: Mapping[str, Any], kind: str, total: Decimal, order: Order, match: CustomerMatch
) -> list[dict[str, Any]]:
    who = match.customer_id or "new customer"
    why = f" ({match.how}{': ' + match.evidence[0] if match.evidence else ''})"
    shown: dict[str, Any] = {
        "customer": who + why,
        "date": intent["date"],
        "total": f"{amount_text(total, order.currency)} {order.currency}",
        "channel total": f"{amount_text(order.total, order.currency)} {order.currency}",
    }
    names = ("subsidiary_id", "location_id", "shipping_cost", "ship_by")
    shown |= {k: intent[k] for k in names if intent.get(k)}
    if kind == "cash_sale":
        shown["money to"] = intent.get("account_id") or "undeposited funds"
    if order.order_type != "standard":
        shown["memo"] = intent["memo"]
    for n, line in enumerate(intent["lines"], 1):
        shown[f"line {n}"] = f"{line['quantity']} × {line['description']} = {line['amount']}"
    return [{"field": name, "now": None, "then": value} for name, value in shown.items()]


def address_of(order: Order) -> dict[str, str] | None:
    """Return the order's address as an intent, None where the channel shows none."""
    country = COUNTRY_CODES.get(order.ship_country or "", order.ship_country)
    values = {
        "name": order.ship_name or order.buyer_name,
        "address1": order.ship_address1,
        "address2": order.ship_address2,
        "city": order.ship_city,
        "region": order.ship_region,
        "postal_code": order.ship_postal_code,
        "country": country,
        "phone": order.ship_phone if (order.ship_phone or "").strip("0+- ") else None,
    }
    return {k: v for k, v in values.items() if v} if order.ship_address1 or order.ship_postal_code else None
