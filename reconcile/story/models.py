"""What a story is made of. Texts may hold words of buyers and vendors: they are data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from reconcile.story.words import document_kind
from sync.money import total_of

__all__ = [
    "Actor",
    "Candidate",
    "Document",
    "Event",
    "Link",
    "OrderFacts",
    "Parcel",
    "ReturnFacts",
    "Settled",
    "Story",
    "StoryLine",
    "StoryMoney",
    "Sum",
    "Turn",
    "Wrong",
]

Actor = Literal["buyer", "warehouse", "finance", "marketplace", "Tieout"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a text may mean; `why` says which of its ids the text is."""

    kind: Literal["order", "settlement", "document", "shipping"]
    channel: str
    subject: str
    at: datetime
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """A record that belongs to the story; `section` is discrepancies, settlements, bank, documents or returns."""

    section: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `amount` is signed as the seller sees it."""

    at: datetime
    system: str
    text: str
    amount: Decimal | None = None
    currency: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Who acts next, what they do, and until when."""

    who: Actor
    what: str
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """One open discrepancy of the story's subject; `who` says whose turn it is and for what."""

    discrepancy_id: str
    title: str
    cause: str
    state: str
    amount: Decimal
    currency: str
    who: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class Settled:
    """The lines of an order of one settlement, type, SKU and day, added up; `amount` is as the seller sees it."""

    settlement_id: str
    transaction_type: str
    amount_type: str
    amount_description: str
    posted_date: date
    sku: str | None
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order as its channel has it now."""

    channel: str
    order_id: str
    alternate_id: str | None
    original_id: str | None
    key: int
    version: int
    status: str
    vendor_status: str
    fulfilled_by: str
    order_type: str
    currency: str
    total: Decimal
    tax: Decimal
    shipping: Decimal
    discount: Decimal
    ordered_at: datetime
    updated_at: datetime
    ship_by: datetime | None
    deliver_by: datetime | None
    acknowledged_at: datetime | None
    country: str | None

    @property
    def by_seller(self) -> bool:
        """Return whether the seller ships it himself."""
        return self.fulfilled_by == "seller"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of an order; `source` is the system that names it."""

    number: str
    carrier: str | None
    source: str
    shipped_at: datetime | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """One return of an order, as its channel has it now; `refund` is positive."""

    channel: str
    return_id: str
    status: str
    vendor_status: str
    fulfilled_by: str
    kind: str
    rma: str | None
    tracking: str | None
    requested_at: datetime
    updated_at: datetime
    currency: str | None
    refund: Decimal | None
    #: (order line or None, SKU, units, units received, refund or None).
    lines: tuple[tuple[str | None, str, int, int, Decimal | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the ERP and how it belongs to the order: `depth` 0 names it, above it was made from another."""

    transaction_id: str
    number: str | None
    #: The ERP's type code: SalesOrd, CustInvc …
    code: str
    #: Where it stands, in words.
    status: str | None
    total: Decimal | None
    currency: str | None
    at: datetime
    external_id: str | None
    depth: int
    made_from: str | None
    #: Of the mirror's row.
    version: int

    @property
    def kind(self) -> str:
        """Return what people call its type."""
        return document_kind(self.code)

    @property
    def name(self) -> str:
        """Return what people call it: `invoice INV12`."""
        return f"{self.kind} {self.number or self.transaction_id}"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """What became of one line of the order: units, and refunds in the order's currency (positive, None: unknown)."""

    line_id: str
    sku: str
    title: str | None
    status: str
    ordered: int
    shipped: int
    cancelled: int
    returned: int
    #: Asked back but not received yet.
    return_open: int
    price: Decimal
    tax: Decimal
    shipping: Decimal
    gift: Decimal
    #: Positive number that reduces what the buyer pays.
    discount: Decimal
    refunded: Decimal | None
    #: Units of the line's SKU by the ERP's order; None: no order or no such item.
    erp_ordered: Decimal | None = None
    erp_moved: Decimal | None = None
    erp_billed: Decimal | None = None
    cancel_requested: bool = False
    delivered_at: datetime | None = None

    @property
    def has_left(self) -> bool:
        """Tell whether the ERP has sent all that it holds of the line, whatever the channel knows of it."""
        return bool(self.erp_ordered) and (self.erp_moved or Decimal(0)) >= (self.erp_ordered or Decimal(0))


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount and the parts that it is made of, signed as the seller sees them."""

    label: str
    amount: Decimal
    currency: str
    parts: tuple[tuple[str, Decimal], ...] = ()
    note: str = ""

    @property
    def adds_up(self) -> bool:
        """Return whether the parts, where there are any, add to the amount exactly."""
        return not self.parts or total_of(a for _, a in self.parts) == self.amount


@dataclass(frozen=True, slots=True)
class StoryMoney:
    """Amounts signed as the seller sees them, in `currency`.

    `charged` is what the buyer pays (an order) or the payout (a settlement); `settled` the sum of all its settlement
    lines, None where there is none; `parts` that sum by category, in display order: they add to it exactly.
    `paid_out` and `unpaid` split `settled` by whether its settlement was paid; `held` is what the marketplace's ledger
    keeps back (None: the ledger says nothing). `sums` are the same for display, each with its parts.
    """

    currency: str
    charged: Decimal
    fees: Decimal
    refunded: Decimal
    settled: Decimal | None
    parts: tuple[tuple[str, Decimal], ...]
    settlements: tuple[str, ...]
    paid_out: Decimal | None = None
    unpaid: Decimal | None = None
    held: Decimal | None = None
    held_until: datetime | None = None
    sums: tuple[Sum, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything known about one order, settlement or document."""

    kind: str
    channel: str
    subject: str
    #: Which id of it was asked for.
    why: str
    #: (system, where it stands there).
    where: tuple[tuple[str, str], ...]
    #: In time order.
    events: tuple[Event, ...]
    money: StoryMoney
    wrong: tuple[Wrong, ...]
    #: Plain text for colleagues: no address, no e-mail.
    answer: str
    #: Polite sentences for the customer; empty where no customer is meant.
    customer_answer: str = ""
    #: Which state the customer's answer speaks of, and in which language.
    answer_state: str = ""
    language: str = ""
    lines: tuple[StoryLine, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    returns: tuple[ReturnFacts, ...] = ()
    documents: tuple[Document, ...] = ()
    #: Who acts next, the nearest deadline first.
    turns: tuple[Turn, ...] = ()
    links: tuple[Link, ...] = ()
    #: What else the asked text may mean, newest first.
    others: tuple[Candidate, ...] = field(default=())
