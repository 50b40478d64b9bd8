"""Request bodies of the record service, made from checked intents: pure, so that a plan can show what will be sent.

Field names: contract §4 and the record list of the vendor's reference. Amounts stay Decimals and are written digit by
digit; references are `{"id": …}` or `{"externalId": …}`.
"""

from __future__ import annotations

from sync.netsuite.bodies.customers import customer_body, customer_changes_body
from sync.netsuite.bodies.fields import Body, Context, Currency, TaxEngine, tax_position
from sync.netsuite.bodies.goods import adjustment_body, fulfillment_body, item_changes_body, item_record, receipt_body
from sync.netsuite.bodies.journals import journal_body
from sync.netsuite.bodies.payments import deposit_body, payment_body, refund_body
from sync.netsuite.bodies.returns import cash_refund_body, credit_memo_body, return_body
from sync.netsuite.bodies.sales import (
    cash_sale_body,
    close_lines_body,
    invoice_body,
    sales_order_body,
    sales_order_changes_body,
)
from sync.netsuite.bodies.taken import LineProblem, SourceRow, read_rows

__all__ = [
    "Body",
    "Context",
    "Currency",
    "LineProblem",
    "SourceRow",
    "TaxEngine",
    "adjustment_body",
    "cash_refund_body",
    "cash_sale_body",
    "close_lines_body",
    "credit_memo_body",
    "customer_body",
    "customer_changes_body",
    "deposit_body",
    "fulfillment_body",
    "invoice_body",
    "item_changes_body",
    "item_record",
    "journal_body",
    "payment_body",
    "read_rows",
    "receipt_body",
    "refund_body",
    "return_body",
    "sales_order_body",
    "sales_order_changes_body",
    "tax_position",
]
