"""The records that connectors hand to the mirror, in the words of the glossary.

One frozen dataclass per mirrored entity; its fields are the typed columns of the entity's table, in order
(`sync/mirror/schema/*.sql`; a test holds the two together). Amounts are Decimal with their currency beside them,
times are aware datetimes in UTC. No vendor's field name appears here.
"""

from __future__ import annotations

from sync.records.bank import BankLine
from sync.records.erp import (
    Account,
    Customer,
    CustomerAddress,
    Deletion,
    DocumentLink,
    ErpCurrency,
    ErpParcel,
    ErpParcels,
    Item,
    ItemComponent,
    ItemStock,
    Location,
    Period,
    Segment,
    Subsidiary,
    Transaction,
    TransactionLine,
)
from sync.records.fee_previews import (
    FeePreview,
    FeePreviewOther,
)
from sync.records.fulfilment import (
    ChannelRefund,
    ChannelReturn,
    ChannelReturnLine,
    ChannelShipment,
    ChannelShipmentLine,
    MultichannelLine,
    MultichannelOrder,
)
from sync.records.offers import (
    ChannelLocation,
    ChannelStock,
    Feed,
    FeedResult,
    Listing,
    ListingIssue,
    Promotion,
    StockMovement,
)
from sync.records.orders import (
    Order,
    OrderLine,
)
from sync.records.payouts import (
    ChannelBalance,
    ChannelTransaction,
    ChannelTransactionAmount,
    Payout,
    Reimbursement,
    SettlementSummary,
    SettlementSummaryAmount,
)
from sync.records.settlements import (
    Settlement,
    SettlementLine,
)

__all__ = [
    "Account",
    "BankLine",
    "ChannelBalance",
    "ChannelLocation",
    "ChannelRefund",
    "ChannelReturn",
    "ChannelReturnLine",
    "ChannelShipment",
    "ChannelShipmentLine",
    "ChannelStock",
    "ChannelTransaction",
    "ChannelTransactionAmount",
    "Customer",
    "CustomerAddress",
    "Deletion",
    "DocumentLink",
    "ErpCurrency",
    "ErpParcel",
    "ErpParcels",
    "FeePreview",
    "FeePreviewOther",
    "Feed",
    "FeedResult",
    "Item",
    "ItemComponent",
    "ItemStock",
    "Line",
    "Listing",
    "ListingIssue",
    "Location",
    "MultichannelLine",
    "MultichannelOrder",
    "Order",
    "OrderLine",
    "Payout",
    "Period",
    "Promotion",
    "Record",
    "Reimbursement",
    "Segment",
    "Settlement",
    "SettlementLine",
    "SettlementSummary",
    "SettlementSummaryAmount",
    "StockMovement",
    "Subsidiary",
    "Transaction",
    "TransactionLine",
]

Record = (
    BankLine
    | Order
    | Settlement
    | ChannelBalance
    | ChannelTransaction
    | Payout
    | Reimbursement
    | SettlementSummary
    | ChannelLocation
    | ChannelStock
    | Feed
    | FeePreview
    | Listing
    | Promotion
    | StockMovement
    | ChannelRefund
    | ChannelReturn
    | ChannelShipment
    | MultichannelOrder
    | Account
    | Customer
    | Deletion
    | DocumentLink
    | ErpCurrency
    | ErpParcels
    | Item
    | ItemStock
    | Location
    | Period
    | Segment
    | Subsidiary
    | Transaction
)
Line = (
    OrderLine
    | SettlementLine
    | TransactionLine
    | SettlementSummaryAmount
    | ChannelTransactionAmount
    | ListingIssue
    | FeedResult
    | FeePreviewOther
    | ChannelShipmentLine
    | MultichannelLine
    | ChannelReturnLine
    | ItemComponent
    | CustomerAddress
    | ErpParcel
)
