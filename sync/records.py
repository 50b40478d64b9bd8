"""The records that connectors hand to the mirror, in the words of the glossary.

One frozen dataclass per mirrored entity; its fields are the typed columns of the entity's table, in order
(`sync/mirror/schema/*.sql`; a test holds the two together). Amounts are Decimal with their currency beside them,
times are aware datetimes in UTC. No vendor's field name appears here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = [
    "Account",
    "Customer",
    "Item",
    "Line",
    "Location",
    "Order",
    "OrderLine",
    "Period",
    "Record",
    "Settlement",
    "SettlementLine",
    "Subsidiary",
    "Transaction",
    "TransactionLine",
]


@dataclass(frozen=True, slots=True)
class Order:
    """One marketplace order. `channel` is `amazon.US`, `amazon.DE`, `walmart.US` …"""

    channel: str
    order_id: str
    #: Walmart's customer order id, Amazon's alias; None where there is none.
    alternate_id: str | None
    ordered_at: datetime
    updated_at: datetime
    #: pending, open, partly_shipped, shipped, delivered, cancelled, refunded, unknown
    status: str
    vendor_status: str
    #: seller (MFN, seller-fulfilled) or channel (FBA, WFS)
    fulfilled_by: str
    #: standard, replacement, preorder, business …
    order_type: str
    currency: str
    #: What the buyer pays: goods + shipping + gift wrap + tax - discounts.
    total: Decimal
    tax: Decimal
    shipping: Decimal
    discount: Decimal
    buyer_name: str | None
    buyer_email: str | None
    ship_name: str | None
    ship_address1: str | None
    ship_address2: str | None
    ship_city: str | None
    ship_region: str | None
    ship_postal_code: str | None
    ship_country: str | None
    ship_phone: str | None
    service_level: str | None
    ship_by: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; amounts are line totals (not per unit), before tax unless named so."""

    channel: str
    order_id: str
    line_id: str
    position: int
    sku: str
    product_id: str | None
    title: str | None
    quantity: int
    quantity_shipped: int
    quantity_cancelled: int
    item_price: Decimal
    item_tax: Decimal
    shipping_price: Decimal
    shipping_tax: Decimal
    gift_price: Decimal
    gift_tax: Decimal
    #: Positive number that reduces what the buyer pays.
    discount: Decimal
    discount_tax: Decimal
    status: str
    tracking_number: str | None
    carrier: str | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payout report of a channel. `total` is what the marketplace says it pays (negative: it charges)."""

    channel: str
    settlement_id: str
    #: amazon-v2, amazon-v1, walmart-v1
    format: str
    #: sha256 of the bytes as received, hexadecimal
    document_hash: str
    #: File name, report id or report date: what a person would look for.
    document_name: str
    currency: str
    period_start: datetime
    period_end: datetime
    deposit_at: datetime | None
    total: Decimal
    #: Number of amount lines.
    line_count: int
    encoding: str


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One amount of a settlement. Identity is (channel, settlement, ordinal): equal lines are real money."""

    channel: str
    settlement_id: str
    #: Counts amounts from 1 in file order.
    ordinal: int
    #: Line number in the file, from 1; one V1 line can hold several amounts.
    file_line: int
    byte_offset: int
    transaction_type: str
    amount_type: str
    amount_description: str
    amount: Decimal
    currency: str
    order_id: str | None
    merchant_order_id: str | None
    adjustment_id: str | None
    shipment_id: str | None
    marketplace: str | None
    fulfilled_by: str | None
    posted_at: datetime | None
    #: The date that decides the accounting month, in the report's own time zone.
    posted_date: date
    order_line_id: str | None
    sku: str | None
    quantity: int | None
    promotion_id: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One ERP item; `name` is the item number that people know."""

    item_id: str
    name: str
    display_name: str | None
    item_type: str
    upc: str | None
    inactive: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Customer:
    """One ERP customer."""

    customer_id: str
    entity_id: str
    external_id: str | None
    company_name: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    inactive: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """One ledger account."""

    account_id: str
    number: str | None
    name: str
    account_type: str
    inactive: bool


@dataclass(frozen=True, slots=True)
class Subsidiary:
    """One ERP subsidiary; `currency` is its base currency code where the ERP shows it."""

    subsidiary_id: str
    name: str
    currency: str | None
    country: str | None
    inactive: bool


@dataclass(frozen=True, slots=True)
class Location:
    """One ERP location."""

    location_id: str
    name: str
    subsidiary_id: str | None
    inactive: bool


@dataclass(frozen=True, slots=True)
class Period:
    """One accounting period (months, quarters and years all appear)."""

    period_id: str
    name: str
    start_date: date
    end_date: date
    closed: bool
    all_locked: bool
    is_quarter: bool
    is_year: bool
    is_adjustment: bool


@dataclass(frozen=True, slots=True)
class Transaction:
    """One ERP transaction. `total` is positive on sales documents, in `currency`."""

    transaction_id: str
    number: str | None
    #: The ERP's type code: SalesOrd, CashSale, Journal …
    transaction_type: str
    record_type: str
    #: Status letter (SalesOrd: A pending approval … H closed).
    status: str | None
    transaction_date: date
    period_id: str | None
    customer_id: str | None
    external_id: str | None
    other_reference: str | None
    currency: str | None
    exchange_rate: Decimal | None
    total: Decimal | None
    memo: str | None
    created_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """One line of a transaction. `quantity` and `amount` are signed as a person reads them (sales positive)."""

    transaction_id: str
    line_id: str
    position: int
    is_main: bool
    is_tax: bool
    item_id: str | None
    account_id: str | None
    quantity: Decimal | None
    rate: Decimal | None
    amount: Decimal | None
    debit: Decimal | None
    credit: Decimal | None
    subsidiary_id: str | None
    department_id: str | None
    class_id: str | None
    location_id: str | None
    customer_id: str | None
    memo: str | None
    created_from: str | None


Record = Order | Settlement | Item | Customer | Account | Subsidiary | Location | Period | Transaction
Line = OrderLine | SettlementLine | TransactionLine
