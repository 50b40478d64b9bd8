"""Records of the ERP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = [
    "Account",
    "Customer",
    "CustomerAddress",
    "Deletion",
    "DocumentLink",
    "ErpCurrency",
    "ErpParcel",
    "ErpParcels",
    "Item",
    "ItemComponent",
    "ItemStock",
    "Location",
    "Period",
    "Segment",
    "Subsidiary",
    "Transaction",
    "TransactionLine",
]


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
    """One ledger account.

    `special_type` is set on the accounts that the ERP itself posts to (`UndepFunds`: undeposited funds), however they
    are called and numbered; `currency` where the account is kept in one.
    """

    account_id: str
    number: str | None
    name: str
    account_type: str
    inactive: bool
    special_type: str | None = None
    currency: str | None = None


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
    #: By when (orders) or on which day goods leave; None also where the account does not show it, as all that follows.
    ship_date: date | None = None
    #: Id of the way of shipping.
    ship_method: str | None = None
    #: The document's own address, in the ERP's spelling: personal data, as of orders.
    ship_name: str | None = None
    ship_address1: str | None = None
    ship_address2: str | None = None
    ship_city: str | None = None
    ship_region: str | None = None
    ship_postal_code: str | None = None
    ship_country: str | None = None
    ship_phone: str | None = None


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
    #: Units fulfilled (of a sale) or received (of a return) by documents made from this line.
    quantity_moved: Decimal | None = None
    #: Units billed or credited by documents made from this line.
    quantity_billed: Decimal | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class ItemComponent:
    """One member of a kit or assembly."""

    item_id: str
    position: int
    component_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ItemStock:
    """Units of one ERP item at one location."""

    item_id: str
    location_id: str
    on_hand: Decimal | None
    available: Decimal | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerAddress:
    """One address of an ERP customer."""

    customer_id: str
    address_id: str
    position: int
    label: str | None
    name: str | None
    address1: str | None
    address2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    phone: str | None
    default_shipping: bool
    default_billing: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """One department or class, by which the ERP's lines are sorted."""

    #: department or class
    kind: str
    segment_id: str
    name: str
    inactive: bool


@dataclass(frozen=True, slots=True)
class ErpCurrency:
    """One currency of the ERP; `exchange_rate` is to the base currency."""

    currency_id: str
    code: str
    name: str
    is_base: bool
    exchange_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """One document made from another: order to fulfilment, order to invoice, return to receipt."""

    previous_id: str
    next_id: str
    link_type: str


@dataclass(frozen=True, slots=True)
class ErpParcels:
    """The parcels of one ERP fulfilment as they stand together; lines: `ErpParcel`.

    Packages that somebody exchanges in the ERP leave no trace there: only the whole set tells that a number has gone.
    """

    transaction_id: str
    parcel_count: int


@dataclass(frozen=True, slots=True)
class ErpParcel:
    """One tracking number of an ERP fulfilment."""

    transaction_id: str
    tracking_number: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """Something that was deleted in the ERP: the mirror's current row of it goes, its history stays.

    `entity` is the mirrored table (transactions, items, customers), empty for what is not mirrored.
    """

    entity: str
    record_id: str
    record_type: str
    deleted_at: datetime
