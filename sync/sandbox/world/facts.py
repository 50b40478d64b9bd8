"""The facts of the sandbox world, in nobody's field names: orders, what happened to them, and settlements.

Amounts are Decimal in the order's or settlement's currency. Line amounts are line totals before tax, with the tax
beside them; `unit_price` is what the shop shows for one unit (with VAT in Germany). Times are aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

__all__ = [
    "Address",
    "Buyer",
    "LedgerLine",
    "Listing",
    "Measure",
    "Product",
    "Refund",
    "SalesLine",
    "SalesOrder",
    "Settlement",
    "Shipment",
    "StatusChange",
    "Truth",
]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes. `region` is the US state's two letters, or the German state."""

    name: str
    line1: str
    line2: str | None
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """A person or firm that buys; `email` is the channel's relay address."""

    buyer_id: str
    name: str
    email: str
    company: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Measure:
    """What a channel measured of a packed unit: sides in inches, the longest first; in force from `since` on.

    One that is not shown is charged by and told to nobody.
    """

    since: datetime
    sides: tuple[Decimal, Decimal, Decimal]
    pounds: Decimal
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    """What Acme Goods sells. `number` is the item name that the company uses in its books."""

    product_id: int
    number: str
    title: str
    title_de: str
    price_usd: Decimal
    price_eur: Decimal
    asin: str
    upc: str
    weight_lb: Decimal
    category: str
    is_bundle: bool = False
    #: What channels measured after the first time, oldest first, by channel.
    measures: dict[str, list[Measure]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A product offered on a channel under the channel's SKU. `fulfilled_by` is `seller` or `channel`."""

    channel: str
    sku: str
    product: Product
    price: Decimal
    currency: str
    title: str
    fulfilled_by: str
    asin: str | None = None
    gtin: str | None = None


@dataclass(slots=True)
class SalesLine:
    """One line of an order. Discounts are positive numbers that reduce what the buyer pays.

    `line_id` is Amazon's order item id, or Walmart's line number.
    """

    line_id: str
    position: int
    listing: Listing
    quantity: int
    unit_price: Decimal
    item_price: Decimal
    item_tax: Decimal = ZERO
    shipping: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    gift_wrap: Decimal = ZERO
    gift_wrap_tax: Decimal = ZERO
    discount: Decimal = ZERO
    discount_tax: Decimal = ZERO
    promotion_id: str | None = None
    gift_message: str | None = None
    quantity_cancelled: int = 0
    cancel_reason: str | None = None
    #: When the buyer asked the seller to cancel this line.
    cancel_requested_at: datetime | None = None

    @property
    def sku(self) -> str:
        return self.listing.sku

    @property
    def tax(self) -> Decimal:
        """Return all tax of the line, after the discount's tax."""
        return self.item_tax + self.shipping_tax + self.gift_wrap_tax - self.discount_tax

    @property
    def total(self) -> Decimal:
        """Return what the buyer pays for the line, with tax."""
        return self.item_price + self.shipping + self.gift_wrap - self.discount + self.tax


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The order has `status` from `at` on.

    Status is one of pending, open, acknowledged, partly_shipped, shipped, delivered, cancelled, and of what is shipped
    for another shop unfulfillable.
    """

    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel; `quantities` maps line_id to units."""

    shipment_id: str
    at: datetime
    carrier: str
    service: str
    tracking_number: str
    quantities: dict[str, int]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for units of one line; amounts are positive. `kind` is `return` or `keep it`."""

    refund_id: str
    at: datetime
    line_id: str
    quantity: int
    item_price: Decimal
    item_tax: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    kind: str
    reason: str


@dataclass(slots=True)
class SalesOrder:
    """One order of a channel, with everything that has happened and is going to happen to it.

    `order_id` is Amazon's order id or Walmart's purchase order id; `alternate_id` Walmart's customer order id.
    Read status, shipments and refunds through the methods that take `now`: the lists hold the future too.
    """

    channel: str
    order_id: str
    alternate_id: str | None
    ordered_at: datetime
    buyer: Buyer
    currency: str
    fulfilled_by: str
    service: str
    ship_by: datetime
    deliver_by: datetime
    lines: list[SalesLine]
    timeline: list[StatusChange]
    shipments: list[Shipment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    is_business: bool = False
    is_prime: bool = False
    #: standard, replacement (of `original_id`), preorder, or multi_channel: Amazon ships what another shop sold.
    order_type: str = "standard"
    original_id: str | None = None
    #: Set when a vendor app changed the order through its own API.
    touched_at: datetime | None = None
    #: When the buyer's address, a date or the arrival of a parcel was changed after the order was placed.
    revised_at: datetime | None = None

    @property
    def total(self) -> Decimal:
        """Return what the buyer pays in all, with tax."""
        return sum((line.total for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """Return all tax of the order."""
        return sum((line.tax for line in self.lines), ZERO)

    def line(self, line_id: str) -> SalesLine:
        """Return one line by its id.

        Raises:
            KeyError: if the order has no such line.
        """
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)

    def status_at(self, now: datetime) -> str:
        """Return the status at a moment (`pending` before the first change)."""
        status = "pending"
        for change in self.timeline:
            if change.at > now:
                break
            status = change.status
        return status

    def shipped_at(self, now: datetime) -> list[Shipment]:
        """Return the shipments that have left by `now`."""
        return [s for s in self.shipments if s.at <= now]

    def refunded_at(self, now: datetime) -> list[Refund]:
        """Return the refunds given by `now`."""
        return [r for r in self.refunds if r.at <= now]

    def quantity_shipped(self, line_id: str, now: datetime) -> int:
        """Return units of one line that have left by `now`."""
        return sum(s.quantities.get(line_id, 0) for s in self.shipments if s.at <= now)

    def updated_at(self, now: datetime) -> datetime:
        """Return when the order last changed, as seen at `now`."""
        moments = [self.ordered_at]
        moments += [c.at for c in self.timeline if c.at <= now]
        moments += [s.at for s in self.shipments if s.at <= now]
        moments += [r.at for r in self.refunds if r.at <= now]
        if self.touched_at is not None and self.touched_at <= now:
            moments.append(self.touched_at)
        return max(moments)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One amount of a settlement, signed from the seller's side (+ is money in).

    Amazon: `transaction_type`/`amount_type`/`description` are the report's three texts. Walmart: transaction_type is
    Transaction Type, description is Transaction Description, amount_type is Amount Type; `entry_key` ties the amounts
    of one sale together (Transaction Key) and `rate` is the commission in percent.
    """

    transaction_type: str
    amount_type: str
    description: str
    amount: Decimal
    posted_at: datetime
    order_id: str | None = None
    alternate_id: str | None = None
    merchant_order_id: str | None = None
    adjustment_id: str | None = None
    shipment_id: str | None = None
    marketplace: str | None = None
    #: `seller`, `channel` or None for account level amounts
    fulfilled_by: str | None = None
    line_id: str | None = None
    adjustment_line_id: str | None = None
    sku: str | None = None
    quantity: int | None = None
    promotion_id: str | None = None
    entry_key: str | None = None
    rate: Decimal | None = None
    reason: str | None = None
    #: Amazon pays a sale out only from here on: delivery + 7 days. None where nothing is deferred.
    deferred_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payout of a channel: the lines add to `total` exactly. Period end is exclusive."""

    channel: str
    settlement_id: str
    currency: str
    start: datetime
    end: datetime
    deposit_at: datetime
    #: From when on the channel shows the report.
    available_at: datetime
    total: Decimal
    lines: tuple[LedgerLine, ...]
    #: Reserve released at the start and withheld at the end, positive numbers (Amazon).
    opening_reserve: Decimal = ZERO
    closing_reserve: Decimal = ZERO
    #: Amazon: report id and document id.
    report_id: str = ""
    document_id: str = ""


@dataclass(slots=True)
class Truth:
    """What was broken on purpose, by name, so that a test can ask whether it was found.

    Keys of `cases`: missing_orders, blocked_orders (of those), unmapped_skus, total_differs, cancelled_still_open,
    booked_twice, adopted_by_other_reference, adopted_by_number, unposted_settlements, unknown_fee_lines: values are
    `channel/id`, such as `amazon.US/113-…`. duplicate_customer: e-mail addresses. journal_differs: external ids.

    Likewise by order: shipments_unconfirmed with late_shipments, split_shipments and unknown_carriers (of those),
    tracking_differs, channel_as_sales_order, fulfilment_missing (of those), invoice_missing, refund_only_in_erp,
    unacknowledged, cancel_requested, changed_after_booking. returns_unbooked: `channel/return id`; refunds_unbooked
    with keep_it_refunds and partial_refunds (of those): `channel/refund id`. shipped_elsewhere: orders that Amazon
    ships for another shop; shipped_for_unknown_shops: `channel/shipping order`.

    In the bank, by settlement: payout_not_in_bank, payout_short, payouts_in_one (two for each).
    """

    cases: dict[str, list[str]] = field(default_factory=dict)

    def note(self, case: str, key: str) -> None:
        """Add one broken thing."""
        self.cases.setdefault(case, []).append(key)

    def of(self, case: str) -> list[str]:
        """Return what was broken under a name, in the order of breaking."""
        return list(self.cases.get(case, ()))
