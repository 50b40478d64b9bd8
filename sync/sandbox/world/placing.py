"""Someone buys something now: an order that the world did not have when it was built."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.world.build import CHANNELS
from sync.sandbox.world.levers import changed_address
from sync.sandbox.world.model import Buyer, Listing, SalesLine, SalesOrder, StatusChange, World
from sync.sandbox.world.names import german_buyer, us_buyer
from sync.sandbox.world.orders import new_order
from sync.sandbox.world.taxes import net_and_vat, us_tax

__all__ = ["KINDS", "BuyerWish", "OrderDetails", "place_order"]

KINDS = ("standard", "business", "gift", "multi-channel", "preorder", "replacement")
_MOST_LINES = 500
_RELEASED_IN = timedelta(days=21)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class BuyerWish:
    """What is said about the buyer; what is not said is drawn. `address` holds fields of an address by name."""

    name: str | None = None
    email: str | None = None
    company: str | None = None
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What is special about an order.

    `lines` go over the listings in turn; `price` is that of a unit (None: as listed), and the last `free_lines` lines
    cost nothing. A replacement names the order that it replaces.
    """

    kind: str = "standard"
    lines: int = 1
    price: Decimal | None = None
    free_lines: int = 0
    replaces: str | None = None
    buyer: BuyerWish = BuyerWish()


@dataclass(frozen=True, slots=True)
class _Wish:
    channel: str
    sku: str | None
    quantity: int
    fulfilled_by: str
    details: OrderDetails


def place_order(
    world: World,
    now: datetime,
    *,
    channel: str,
    sku: str | None,
    quantity: int,
    fulfilled_by: str,
    details: OrderDetails | None = None,
) -> SalesOrder:
    """Put a new order into the world and return it; it is paid already, and nothing has been shipped.

    `fulfilled_by` is seller, channel, or at Walmart 3pl. Without `sku` a listing that it suits is drawn. The same world
    and the same orders before it give the same order.

    Raises:
        ValueError: if channel, SKU, fulfilment, kind or replaced order is unknown, or a number is out of range.
    """
    wish = _Wish(channel, sku, quantity, fulfilled_by, details or OrderDetails())
    _check(world, now, wish)
    number = len(world.all_orders())
    rng = random.Random(f"{world.seed}-placed-{number}")
    basket = [(_priced(world, x, now, wish.details.price), wish.quantity) for x in _listings(world, rng, wish)]
    if wish.details.kind == "multi-channel" and basket[0][0].fulfilled_by != "channel":
        raise ValueError(f"{basket[0][0].sku} does not lie in the channel's warehouses")
    buyer = _buyer(rng, number, wish)
    placed = now.replace(microsecond=0)
    who = "3pl" if wish.fulfilled_by == "3pl" else basket[0][0].fulfilled_by
    order = new_order(rng, CHANNELS[wish.channel], buyer, basket, placed, fulfilled_by=who)
    order.timeline.append(StatusChange(placed, "open"))
    order.ship_by = placed + timedelta(days=2)
    for line in order.lines[len(order.lines) - wish.details.free_lines :]:
        _make_free(line)
    _be_of_kind(order, wish, _original(world, wish))
    world.add(order)
    return order


def _check(world: World, now: datetime, wish: _Wish) -> None:
    if wish.channel not in CHANNELS:
        raise ValueError(f"channel must be one of {', '.join(CHANNELS)}")
    if wish.quantity < 1:
        raise ValueError("quantity must be 1 or more")
    _check_details(world, now, wish)


def _check_details(world: World, now: datetime, wish: _Wish) -> None:
    said, amazon = wish.details, wish.channel.startswith("amazon")
    if not 1 <= said.lines <= _MOST_LINES:
        raise ValueError(f"lines must be 1 to {_MOST_LINES}")
    if not 0 <= said.free_lines <= said.lines:
        raise ValueError(f"free_lines must be 0 to {said.lines}")
    if said.price is not None and not (said.price.is_finite() and said.price >= 0):
        raise ValueError("price must be 0 or more")
    if said.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if said.kind in ("gift", "multi-channel") and not amazon:
        raise ValueError(f"{wish.channel} has no {said.kind} orders")
    if said.kind == "multi-channel" and wish.fulfilled_by != "channel":
        raise ValueError("a multi-channel order is fulfilled by the channel: fulfilled_by must be channel")
    if wish.fulfilled_by == "3pl" and amazon:
        raise ValueError("fulfilled_by must be seller or channel")
    if (said.kind == "replacement") != (said.replaces is not None):
        raise ValueError("a replacement, and nothing else, says which order it replaces")
    if said.replaces is not None:
        known = world.order(wish.channel, said.replaces)
        if known is None or known.ordered_at > now:
            raise ValueError(f"{wish.channel} has no order {said.replaces}")


def _listings(world: World, rng: random.Random, wish: _Wish) -> Sequence[Listing]:
    """Return a listing a line: the named one, or those that the fulfilment suits in turn from a drawn one on."""
    if wish.sku is not None:
        found = world.listing(wish.channel, wish.sku)
        if found is None:
            raise ValueError(f"{wish.channel} has no listing {wish.sku}")
        return [found] * wish.details.lines
    who = "seller" if wish.fulfilled_by == "3pl" else wish.fulfilled_by
    suitable = [x for x in world.listings if x.channel == wish.channel and x.fulfilled_by == who]
    if not suitable:
        raise ValueError("fulfilled_by must be seller or channel")
    first = suitable.index(rng.choice(suitable))
    return [suitable[(first + place) % len(suitable)] for place in range(wish.details.lines)]


def _priced(world: World, listing: Listing, now: datetime, price: Decimal | None) -> Listing:
    shown, _ = world.price_of(listing.channel, listing.sku, now)
    return replace(listing, price=shown if price is None else price)


def _buyer(rng: random.Random, number: int, wish: _Wish) -> Buyer:
    make = german_buyer if wish.channel == "amazon.DE" else us_buyer
    drawn, said = make(rng, 900_000 + number, CHANNELS[wish.channel].relay_domain), wish.details.buyer
    name = said.name or drawn.name
    address = changed_address(replace(drawn.address, name=name), said.address)
    company = said.company or drawn.company
    if wish.details.kind == "business" and company is None:
        company = "North Fork Supply, Inc."
    return replace(drawn, name=name, email=said.email or drawn.email, company=company, address=address)


def _make_free(line: SalesLine) -> None:
    for name in ("unit_price", "item_price", "item_tax", "shipping", "shipping_tax", "gift_wrap", "gift_wrap_tax"):
        setattr(line, name, _NOTHING)
    line.discount = line.discount_tax = _NOTHING
    line.promotion_id = None


def _wrap(order: SalesOrder, line: SalesLine) -> None:
    price = Decimal("3.99")
    if order.currency == "EUR":
        line.gift_wrap, line.gift_wrap_tax = net_and_vat(price)
    else:
        line.gift_wrap, line.gift_wrap_tax = price, us_tax(price, order.buyer.address.region)


def _original(world: World, wish: _Wish) -> str | None:
    """Return what the channel calls the order that is replaced: Walmart by the customer's order number."""
    known = world.order(wish.channel, wish.details.replaces or "")
    return None if known is None else known.alternate_id or known.order_id


def _be_of_kind(order: SalesOrder, wish: _Wish, replaced: str | None) -> None:
    match wish.details.kind:
        case "replacement":
            order.order_type, order.original_id = "replacement", replaced
            for line in order.lines:
                _make_free(line)
        case "preorder":
            order.order_type = "preorder"
            order.ship_by = order.ordered_at + _RELEASED_IN
            order.deliver_by = order.ship_by + timedelta(days=4)
        case "gift":
            for line in order.lines:
                if not line.gift_wrap:
                    _wrap(order, line)
                line.gift_message = "All the best, see you on Sunday!"
        case "multi-channel":
            order.order_type = "multi_channel"
            order.order_id = "S01-" + order.order_id.partition("-")[2]
            order.is_prime = False
            for line in order.lines:
                _make_free(line)
