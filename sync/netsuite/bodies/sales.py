"""Bodies of orders, cash sales and invoices."""

from __future__ import annotations

from collections.abc import Sequence

from sync.netsuite.bodies.fields import (
    Body,
    Context,
    address,
    customer,
    goods,
    items,
    money_head,
    present,
    ref,
    tax_changes,
    tax_references,
)
from sync.netsuite.bodies.taken import SourceRow, taken_lines
from sync.netsuite.intents import (
    CashSaleIntent,
    CloseLinesIntent,
    InvoiceIntent,
    OrderLineChange,
    SalesOrderIntent,
    SalesOrderUpdateIntent,
)
from sync.netsuite.intents.sales import Sale

__all__ = ["cash_sale_body", "close_lines_body", "invoice_body", "sales_order_body", "sales_order_changes_body"]

_ORDER_STATUS = {"pending_approval": "A", "pending_fulfillment": "B"}


def sales_order_body(intent: SalesOrderIntent, context: Context) -> Body:
    """Return the body of a sales order.

    Raises:
        BadInput: a line carries tax in an account without SuiteTax.
    """
    return present(
        {
            "externalId": intent.external_id,
            "entity": customer(intent.customer),
            "tranDate": intent.date.isoformat(),
            "otherRefNum": intent.other_reference,
            "orderStatus": {"id": _ORDER_STATUS[intent.status]},
            "subsidiary": ref(intent.subsidiary_id),
            "location": ref(intent.location_id),
            "department": ref(intent.department_id),
            "class": ref(intent.class_id),
            "currency": context.currency(intent.currency),
            "memo": intent.memo,
            "salesChannel": ref(intent.sales_channel_id),
            "paymentMethod": ref(intent.payment_method_id),
            "shipComplete": intent.ship_complete,
            "shipMethod": ref(intent.ship_method),
            "shipDate": intent.ship_by.isoformat() if intent.ship_by else None,
            "shippingAddress": address(intent.address),
            "shippingCost": intent.shipping_cost,
            "discountItem": ref(intent.discount_item_id) if intent.discount_amount else None,
            "discountRate": -intent.discount_amount if intent.discount_amount else None,
            **goods(intent.lines, context),
        }
    )


def cash_sale_body(intent: CashSaleIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return the body of a cash sale: its own, or what a transform of an order takes over (contract §5.5)."""
    return present(
        {
            **_sale(intent, context, rows),
            "paymentMethod": ref(intent.payment_method_id),
            # Spelling of the field in REST: assumed (contract §4).
            "undepFunds": intent.to_undeposited_funds,
            "account": ref(intent.account_id),
        }
    )


def invoice_body(intent: InvoiceIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return the body of an invoice: its own, or what a transform of an order takes over."""
    return present(
        {
            **_sale(intent, context, rows),
            "dueDate": intent.due_date.isoformat() if intent.due_date else None,
            "terms": ref(intent.terms_id),
            "account": ref(intent.account_id),
        }
    )


def sales_order_changes_body(intent: SalesOrderUpdateIntent, context: Context) -> Body:
    """Return the changed fields; lines by their key, which PATCH merges (contract §2.3)."""
    body = present(
        {
            "otherRefNum": intent.other_reference,
            "memo": intent.memo,
            "shipDate": intent.ship_by.isoformat() if intent.ship_by else None,
            "shipMethod": ref(intent.ship_method),
            "location": ref(intent.location_id),
            "department": ref(intent.department_id),
            "class": ref(intent.class_id),
            "shippingCost": intent.shipping_cost,
            "shippingAddress": address(intent.address),
            "orderStatus": ref(_ORDER_STATUS[intent.status]) if intent.status else None,
            "item": items([*map(_line_change, intent.lines), *tax_references(intent.taxes)]),
        }
    )
    if intent.replace_lines:
        body |= present(goods(intent.replace_lines, context))
    return body | tax_changes(intent.taxes, context.tax)


def close_lines_body(intent: CloseLinesIntent, context: Context) -> Body:
    """Return the lines to close, by their key."""
    return {"item": {"items": [{"line": int(line), "isClosed": True} for line in intent.line_ids]}}


def _sale(intent: Sale, context: Context, rows: Sequence[SourceRow] | None) -> Body:
    lines: Body = {}
    if intent.source is None:
        lines = goods(intent.lines, context)
    elif intent.source_lines:
        lines = {"item": items(taken_lines(intent.source_lines, rows, leave="quantity"))}
    return {
        **money_head(intent, context),
        "entity": customer(intent.customer) if intent.customer else None,
        "otherRefNum": intent.other_reference,
        "salesChannel": ref(intent.sales_channel_id),
        "shipMethod": ref(intent.ship_method),
        "shippingAddress": address(intent.address),
        "shippingCost": intent.shipping_cost,
        "discountItem": ref(intent.discount_item_id) if intent.discount_amount else None,
        "discountRate": -intent.discount_amount if intent.discount_amount else None,
        **lines,
    }


def _line_change(line: OrderLineChange) -> Body:
    return present(
        {
            "line": int(line.line_id),
            "quantity": line.quantity,
            "rate": line.rate,
            "amount": line.amount,
            "description": line.description,
            "location": ref(line.location_id),
        }
    )
