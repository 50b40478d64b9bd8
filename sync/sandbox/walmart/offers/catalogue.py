"""The seller's offers as Walmart keeps them: life cycle, promotions, lag time; price and quantity live in the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zlib import crc32

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.world.model import Listing, Product, World

__all__ = ["RETIREMENT", "Catalogue", "Offer", "Promotion"]

#: "It can take up to 48 hours for items to be retired": here always so long.
RETIREMENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A price for a time. `kind` is REDUCED or CLEARANCE; amounts in USD."""

    promo_id: str
    kind: str
    price: Decimal
    comparison: Decimal | None
    starts_at: datetime
    ends_at: datetime
    display: str = "CART"


@dataclass(slots=True)
class Offer:
    """One SKU of the seller."""

    listing: Listing
    condition: str = "New"
    retired_at: datetime | None = None
    deleted: bool = False
    lag_days: int = 1
    promotions: list[Promotion] = field(default_factory=list)
    #: When a simulation or an item feed changed the offer last.
    created_at: datetime | None = None

    @property
    def sku(self) -> str:
        return self.listing.sku

    @property
    def by_walmart(self) -> bool:
        """Say whether Walmart keeps and sends it (WFS): the seller cannot set its quantity."""
        return self.listing.fulfilled_by == "channel"

    @property
    def wpid(self) -> str:
        """Return Walmart's own id of the product: 12 letters and digits."""
        letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        number = crc32(self.sku.encode()) * 2_654_435_761 + crc32(self.sku[::-1].encode())
        return "".join(letters[number // 36**i % 36] for i in range(12))

    @property
    def item_id(self) -> str:
        """Return the number at the end of the product's page address."""
        return str(10_000_000 + crc32(self.sku.encode()) % 90_000_000)

    def lifecycle(self, now: datetime) -> str:
        """Return ACTIVE or RETIRED."""
        return "RETIRED" if self.retired_at is not None and self.retired_at + RETIREMENT <= now else "ACTIVE"

    def published(self, now: datetime) -> str:
        """Return PUBLISHED or UNPUBLISHED."""
        return "UNPUBLISHED" if self.lifecycle(now) == "RETIRED" else "PUBLISHED"


class Catalogue:
    """All offers of the channel; a listing that the world gains later is an offer too."""

    def __init__(self, world: World, clock: SandboxClock) -> None:
        self._world, self._clock = world, clock
        self._offers: dict[str, Offer] = {}

    def get(self, sku: str) -> Offer | None:
        """Return the offer of a SKU; None when there is none, or it was deleted."""
        self._refresh()
        offer = self._offers.get(sku)
        return None if offer is None or offer.deleted else offer

    def __iter__(self) -> Iterator[Offer]:
        """Yield all offers in the order in which they were made."""
        self._refresh()
        return iter([offer for offer in self._offers.values() if not offer.deleted])

    def find(self, id_type: str, value: str) -> Offer | None:
        """Return the offer that another product id names (GTIN, UPC, EAN, ISBN, ITEM_ID, SKU)."""
        if id_type == "SKU":
            return self.get(value)
        for offer in self:
            gtin = (offer.listing.gtin or "").lstrip("0")
            if id_type == "ITEM_ID" and offer.item_id == value:
                return offer
            if id_type != "ITEM_ID" and gtin and gtin == value.lstrip("0"):
                return offer
        return None

    def add(self, sku: str, title: str, category: str, price: Decimal, gtin: str, condition: str = "New") -> Offer:
        """Offer a new product, or change title, price and condition of an offer that is there; return it."""
        now, known = self._clock.now(), self.get(sku)
        if known is not None:
            known.listing = replace(known.listing, title=title)
            self._world.offer(known.listing)
            known.condition, known.created_at, known.retired_at = condition, now, None
            self._world.set_price(CHANNEL, sku, price, "USD", now)
            return known
        product = Product(
            product_id=900_000 + len(self._offers),
            number=sku,
            title=title,
            title_de=title,
            price_usd=price,
            price_eur=price,
            asin="",
            upc=gtin[-12:],
            weight_lb=Decimal(1),
            category=category,
        )
        listing = Listing(CHANNEL, sku, product, price, "USD", title, "seller", gtin=gtin)
        self._world.offer(listing)
        self._world.set_price(CHANNEL, sku, price, "USD", now)
        self._world.list_quantity(CHANNEL, sku, 0, now)
        offer = self._offers[sku] = Offer(listing, condition, created_at=now)
        return offer

    def _refresh(self) -> None:
        for listing in self._world.listings:
            if listing.channel == CHANNEL and listing.sku not in self._offers:
                self._offers[listing.sku] = Offer(listing)
