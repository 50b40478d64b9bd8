"""Money between a marketplace and the seller, as its ledger and its transfers tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = [
    "ChannelBalance",
    "ChannelTransaction",
    "ChannelTransactionAmount",
    "Payout",
    "Reimbursement",
    "SettlementSummary",
    "SettlementSummaryAmount",
]


@dataclass(frozen=True, slots=True)
class SettlementSummary:
    """What the marketplace's own ledger says of one settlement, beside the report: a second witness of the same money.

    Amazon finances 2024-06-19 listSummary; Walmart's payment statement (there `settlement_id` is the cycle's
    scheduled date). Signs are the seller's view: + is money in.
    """

    channel: str
    settlement_id: str
    #: finances or statement
    source: str
    currency: str
    period_start: datetime | None
    period_end: datetime | None
    opening: Decimal | None
    closing: Decimal | None
    total: Decimal
    #: open or closed
    state: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class SettlementSummaryAmount:
    """One amount of a summary, by the vendor's own category path (`Sales/ProductCharges`)."""

    channel: str
    settlement_id: str
    source: str
    position: int
    category: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ChannelTransaction:
    """One event of the marketplace's ledger as it is posted, before any settlement closes.

    `total` is from the seller's side; `state` is deferred (not paid out before `matures_at`), released or
    deferred_released.
    """

    channel: str
    transaction_id: str
    transaction_type: str
    state: str
    settlement_id: str | None
    order_id: str | None
    posted_at: datetime
    matures_at: datetime | None
    description: str | None
    marketplace: str | None
    currency: str
    total: Decimal
    #: The marketplace's own id of a refund, the same as in the settlement that pays it.
    refund_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelTransactionAmount:
    """One leaf of a ledger event's breakdown tree; the leaves add to its total."""

    channel: str
    transaction_id: str
    position: int
    #: Path of the breakdown, `Sales/ProductCharges/Principal`.
    category: str
    sku: str | None
    order_line_id: str | None
    quantity: int | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ChannelBalance:
    """What the marketplace holds for the seller now; one row a currency and kind (available, deferred, reserve)."""

    channel: str
    kind: str
    currency: str
    amount: Decimal
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way from the marketplace to a bank account; `amount` is positive towards the seller."""

    channel: str
    payout_id: str
    settlement_id: str | None
    #: expected, initiated, paid, failed, unknown
    state: str
    vendor_state: str
    currency: str
    amount: Decimal
    method: str | None
    account_tail: str | None
    #: The bank's reference, by which a deposit is found.
    trace_id: str | None
    expected_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """What the marketplace gives for stock that it lost or damaged: money, units, or both."""

    channel: str
    reimbursement_id: str
    #: One reimbursement can name several SKUs.
    sku: str
    approved_at: datetime
    case_id: str | None
    order_id: str | None
    reason: str
    condition: str | None
    currency: str
    amount_per_unit: Decimal
    total: Decimal
    quantity_cash: int
    quantity_inventory: int
    original_reimbursement_id: str | None
