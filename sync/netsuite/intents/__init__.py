"""What is to be written, in our words: the shape of an operation's `intent`, checked before anything is sent."""

from __future__ import annotations

from sync.netsuite.intents.customers import CustomerChanges, CustomerIntent, CustomerUpdateIntent
from sync.netsuite.intents.fields import (
    Address,
    CustomerReference,
    GoodsLine,
    Intent,
    Source,
    SourceLine,
    read_intent,
)
from sync.netsuite.intents.goods import (
    AdjustmentLine,
    FulfillmentIntent,
    InventoryAdjustmentIntent,
    ItemChanges,
    ItemReceiptIntent,
    ItemUpdateIntent,
    Parcel,
    ReceiptLine,
)
from sync.netsuite.intents.journals import JournalIntent, JournalLine, JournalReverseIntent, VoidIntent
from sync.netsuite.intents.payments import (
    CashBack,
    CustomerPaymentIntent,
    CustomerRefundIntent,
    DepositIntent,
    DepositOther,
    Undeposited,
)
from sync.netsuite.intents.returns import (
    Application,
    CashRefundIntent,
    CreditLine,
    CreditMemoIntent,
    ReturnAuthorizationIntent,
)
from sync.netsuite.intents.sales import (
    BilledLine,
    CashSaleIntent,
    CloseLinesIntent,
    InvoiceIntent,
    LineTax,
    OrderLineChange,
    SalesOrderIntent,
    SalesOrderLine,
    SalesOrderUpdateIntent,
)

__all__ = [
    "Address",
    "AdjustmentLine",
    "Application",
    "BilledLine",
    "CashBack",
    "CashRefundIntent",
    "CashSaleIntent",
    "CloseLinesIntent",
    "CreditLine",
    "CreditMemoIntent",
    "CustomerChanges",
    "CustomerIntent",
    "CustomerPaymentIntent",
    "CustomerReference",
    "CustomerRefundIntent",
    "CustomerUpdateIntent",
    "DepositIntent",
    "DepositOther",
    "FulfillmentIntent",
    "GoodsLine",
    "Intent",
    "InventoryAdjustmentIntent",
    "InvoiceIntent",
    "ItemChanges",
    "ItemReceiptIntent",
    "ItemUpdateIntent",
    "JournalIntent",
    "JournalLine",
    "JournalReverseIntent",
    "LineTax",
    "OrderLineChange",
    "Parcel",
    "ReceiptLine",
    "ReturnAuthorizationIntent",
    "SalesOrderIntent",
    "SalesOrderLine",
    "SalesOrderUpdateIntent",
    "Source",
    "SourceLine",
    "Undeposited",
    "VoidIntent",
    "read_intent",
]
