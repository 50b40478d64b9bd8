"""Kinds of the sales side: customers, orders, cash sales, invoices, fulfilments, payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.netsuite.bodies import (
    cash_sale_body,
    customer_body,
    fulfillment_body,
    invoice_body,
    payment_body,
    sales_order_body,
)
from sync.netsuite.compare import (
    Difference,
    compare_document,
    compare_fields,
    compare_movement,
    compare_payment,
    compare_sales_order,
)
from sync.netsuite.intents import (
    CashSaleIntent,
    CustomerIntent,
    CustomerPaymentIntent,
    FulfillmentIntent,
    InvoiceIntent,
    SalesOrderIntent,
)
from sync.netsuite.push.kinds import Kind
from sync.netsuite.words import document_words, movement_words, sales_order_words

__all__ = [
    "CASH_SALE",
    "CUSTOMER",
    "CUSTOMER_PAYMENT",
    "FULFILLMENT",
    "INVOICE",
    "SALES_ORDER",
]

_CUSTOMER_FIELDS = ("external_id", "first_name", "last_name", "company_name", "email", "phone")


def _compare_customer(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    return compare_fields(intent, record, _CUSTOMER_FIELDS)


CUSTOMER = Kind(
    "customer.create", "customer", "", CustomerIntent, lambda i, c, _: customer_body(i, c), _compare_customer
)
SALES_ORDER = Kind(
    "sales_order.create",
    "salesOrder",
    "SalesOrd",
    SalesOrderIntent,
    lambda i, c, _: sales_order_body(i, c),
    compare_sales_order,
    sales_order_words,
    reference=("other_reference", "otherrefnum"),
)
CASH_SALE = Kind(
    "cash_sale.create",
    "cashSale",
    "CashSale",
    CashSaleIntent,
    cash_sale_body,
    compare_document,
    document_words,
    source=lambda i: i.source,
    named=lambda i: i.source_lines,
    reference=("other_reference", "otherrefnum"),
)
INVOICE = Kind(
    "invoice.create",
    "invoice",
    "CustInvc",
    InvoiceIntent,
    invoice_body,
    compare_document,
    document_words,
    source=lambda i: i.source,
    named=lambda i: i.source_lines,
)
FULFILLMENT = Kind(
    "fulfillment.create",
    "itemFulfillment",
    "ItemShip",
    FulfillmentIntent,
    fulfillment_body,
    compare_movement,
    movement_words,
    source=lambda i: i.source,
    named=lambda i: i.lines,
)
CUSTOMER_PAYMENT = Kind(
    "customer_payment.create",
    "customerPayment",
    "CustPymt",
    CustomerPaymentIntent,
    lambda i, c, _: payment_body(i, c),
    compare_payment,
    document_words,
    source=lambda i: i.source,
)
