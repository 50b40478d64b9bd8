"""Where a channel's documents go in the ERP: decision kind `routing`, one a channel."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = ["Routing", "prefix_of", "routing_of"]

_PREFIXES = {"amazon": "AMZ", "walmart": "WMT"}


class Routing(BaseModel):
    """One channel's routing; ids are the ERP's internal ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subsidiary_id: str
    #: Where the seller ships from.
    location_id: str | None = None
    #: Where the marketplace ships from (FBA, WFS).
    channel_location_id: str | None = None
    department_id: str | None = None
    class_id: str | None = None
    #: per_buyer: match or create a customer for every buyer; marketplace: all orders on `customer_id`; sharded: all
    #: orders on one of several customers of the marketplace (one with more than 10,000 open documents is slow).
    customer_policy: Literal["per_buyer", "marketplace", "sharded"] = "per_buyer"
    #: The marketplace's own customer; where it is set, what the marketplace ships is always booked on it.
    customer_id: str | None = None
    #: sharded: the customers' ids, or the external id that they have: "AMZ-US-{month}" (2026-11) or "AMZ-US-{shard}".
    customer_ids: tuple[str, ...] = ()
    customer_pattern: str | None = None
    #: hash: by order number, spread evenly; month: by the month of the order.
    shard_by: Literal["hash", "month"] = "hash"
    #: How many customers `{shard}` counts, from 1.
    shards: int = 1
    #: automatic: NetSuite numbers customers by itself; unique: it names them by their name, and namesakes need a mark.
    customer_names: Literal["automatic", "unique"] = "automatic"
    #: facilitator: the marketplace remits the tax, it stays out; separate: the channel names the tax beside the
    #: price; included: the price holds tax at `tax_rate` percent; gross: tax is booked within the amounts; exempt:
    #: nothing is taxed, and an order that names a tax is not booked.
    tax_policy: Literal["facilitator", "separate", "included", "gross", "exempt"]
    tax_rate: Decimal | None = None
    #: What an order is booked as that the seller ships, and one that the marketplace ships (FBA, WFS).
    document: Literal["sales_order", "cash_sale"] = "sales_order"
    channel_document: Literal["sales_order", "cash_sale"] = "sales_order"
    #: When a sales order is billed; a cash sale is its own bill.
    billing: Literal["on_fulfilment", "none"] = "on_fulfilment"
    #: What a new sales order waits for.
    order_status: Literal["pending_fulfillment", "pending_approval"] = "pending_fulfillment"
    #: Orders that were sold elsewhere and only shipped by the marketplace bring no marketplace money. link: their
    #: parcels are fulfilled in the sales order of where they were sold, what cannot be linked waits for a person; ask:
    #: each waits for a person; ignore: nothing is done for them here.
    multi_channel: Literal["link", "ask", "ignore"] = "link"
    #: A replacement is never revenue. ask: one that shows a price waits for a person; zero: its price is left out.
    priced_replacements: Literal["ask", "zero"] = "ask"
    #: What Walmart is told when the ERP has closed an order that was not shipped and no buyer asked for it.
    cancel_reason: Literal["out_of_stock", "wrong_price", "bad_address"] = "out_of_stock"
    #: Sales channel and payment method of the documents.
    sales_channel_id: str | None = None
    payment_method_id: str | None = None
    #: Where a cash sale's money goes, undeposited funds without it (what the posting model `deposit` takes up).
    cash_account_id: str | None = None
    #: Whether a sales order may only leave as a whole; None leaves it to the ERP's own setting.
    ship_complete: bool | None = None
    #: The ERP's way of shipping, by its id: of the channel's service levels that are named, and of all others.
    ship_methods: dict[str, str] = Field(default_factory=dict)
    ship_method: str | None = None
    #: Without an item, shipping is the document's shipping cost, and discounts and gift wrap change the line's amount.
    shipping_item_id: str | None = None
    discount_item_id: str | None = None
    gift_wrap_item_id: str | None = None
    #: Books the document's tax as a line of its own; without it the tax stands beside each line (SuiteTax only).
    tax_item_id: str | None = None
    #: Whose calendar dates the documents.
    time_zone: str = "UTC"
    #: Overrides the account key `clearing`.
    clearing_account_id: str | None = None
    #: Where the money of invoices goes that a settlement pays: onto the clearing account, or into undeposited funds.
    #: Then the settlement's price lines must be placed on that account too, or sales are booked twice.
    settle_invoices: Literal["none", "clearing", "undeposited"] = "none"
    #: first: all lines of a fulfilment are told with its first parcel; spread: its units over all its parcels.
    parcels: Literal["first", "spread"] = "first"
    #: A warehouse of somebody else (3PL) tells the channel: what the channel says was sent is fulfilled in the ERP.
    fulfil_from_channel: bool = False

    @model_validator(mode="after")
    def _is_complete(self) -> Routing:
        if self.customer_policy == "marketplace" and not self.customer_id:
            raise ValueError("customer_policy marketplace needs customer_id")
        if self.customer_policy == "sharded":
            self._check_shards()
        if self.tax_policy == "included" and self.tax_rate is None:
            raise ValueError("tax_policy included needs tax_rate in percent, such as 19")
        if self.tax_rate is not None and not 0 <= self.tax_rate < 100:
            raise ValueError("tax_rate is a percentage from 0 to below 100")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{self.time_zone!r} is no time zone, such as America/Los_Angeles") from error
        return self

    def _check_shards(self) -> None:
        if bool(self.customer_ids) == bool(self.customer_pattern):
            raise ValueError("customer_policy sharded needs customer_ids or customer_pattern, not both")
        if len(set(self.customer_ids)) != len(self.customer_ids):
            raise ValueError("customer_ids names a customer twice")
        pattern = self.customer_pattern
        if pattern is not None and not re.fullmatch(r"[A-Za-z0-9_-]{3,200}\{(month|shard)\}", pattern):
            raise ValueError(
                "customer_pattern is an external id that ends in {month} or {shard}, such as AMZ-US-{month}"
            )
        if pattern is not None and pattern.endswith("{shard}") and self.shards < 2:
            raise ValueError("customer_pattern with {shard} needs shards, 2 or more")

    @property
    def holds_tax(self) -> bool:
        """Return whether the channel's documents hold what buyers paid in tax beside the prices."""
        return self.tax_policy not in ("facilitator", "exempt")

    def document_for(self, fulfilled_by: str) -> Literal["sales_order", "cash_sale"]:
        """Return what orders fulfilled this way are booked as."""
        return self.channel_document if fulfilled_by == "channel" else self.document

    def method_for(self, service_level: str | None) -> str | None:
        """Return the ERP's way of shipping of a service level of the channel; capitals do not count."""
        named = {level.lower(): method for level, method in self.ship_methods.items()}
        return named.get((service_level or "").lower(), self.ship_method)

    @property
    def has_one_customer(self) -> bool:
        """Tell whether the buyers of this channel are no customers of their own."""
        return self.customer_policy != "per_buyer"

    def books_on_marketplace(self, fulfilled_by: str) -> bool:
        """Tell whether an order fulfilled this way is booked on a customer of the marketplace, not of the buyer."""
        return self.has_one_customer or (fulfilled_by == "channel" and self.customer_id is not None)

    def customer_for(self, fulfilled_by: str, order_id: str, day: date) -> dict[str, str] | None:
        """Return the marketplace's customer of an order as {"id"} or {"external_id"}, None where each buyer is one.

        `day` is the order's in the routing's time zone. The answer is the same for an order for ever, as long as the
        routing is; a customer added to `customer_ids` takes orders over only from itself on (highest random weight).
        """
        if self.customer_policy != "sharded":
            return {"id": self.customer_id or ""} if self.books_on_marketplace(fulfilled_by) else None
        if self.customer_pattern is not None:
            shard = f"{_number(order_id) % self.shards + 1:02d}"
            return {"external_id": self.customer_pattern.format(month=f"{day:%Y-%m}", shard=shard)}
        if self.shard_by == "month":
            return {"id": self.customer_ids[(day.year * 12 + day.month) % len(self.customer_ids)]}
        return {"id": max(self.customer_ids, key=lambda customer: (_number(f"{customer}|{order_id}"), customer))}


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def routing_of(channel: str, decisions: Mapping[str, Decision]) -> Routing | None:
    """Return the channel's routing, None where nobody has decided it.

    Raises:
        BadInput: the decision holds a field that is wrong or missing.
    """
    held = decisions.get(channel)
    if held is None:
        return None
    try:
        return Routing.model_validate(dict(held.value))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"])
        raise BadInput(
            f"the routing of {channel} cannot be used: {first['msg']}",
            column=field or None,
            remedy="Decide the routing of this channel again",
        ) from error


def prefix_of(channel: str) -> str:
    """Return what our external ids of this channel start with: AMZ or WMT.

    Raises:
        BadInput: the vendor has no prefix; its documents could not be told apart.
    """
    vendor = channel.partition(".")[0]
    if vendor not in _PREFIXES:
        raise BadInput(f"{channel} is no channel of a known vendor", remedy="Use amazon.* or walmart.*")
    return _PREFIXES[vendor]
