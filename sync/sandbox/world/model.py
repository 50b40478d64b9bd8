"""The sandbox world as the vendor apps ask it: orders, stock, returns and money, each as it stands at a moment.

What is decided already but lies beyond the moment is not shown. Whoever changes an order says so with `World.touch`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.changes import ChangeIndex
from sync.sandbox.world.channel_rules import rules_of
from sync.sandbox.world.facts import (
    Address,
    Buyer,
    LedgerLine,
    Listing,
    Product,
    Refund,
    SalesLine,
    SalesOrder,
    Settlement,
    Shipment,
    StatusChange,
    Truth,
)
from sync.sandbox.world.ledger import Ledger
from sync.sandbox.world.outbound import FulfillmentBook
from sync.sandbox.world.payouts import Payout, payouts_of
from sync.sandbox.world.returning import CustomerReturn, Reimbursement, ReturnDesk, reimbursements_in
from sync.sandbox.world.shelf import Shelf
from sync.sandbox.world.stock import Stock, StockMovement, StockRoom
from sync.sandbox.world.stock_plan import plan_movements
from sync.sandbox.world.warehouses import Warehouse, warehouses_of

__all__ = [
    "Address",
    "Buyer",
    "CustomerReturn",
    "LedgerLine",
    "Listing",
    "Payout",
    "Product",
    "Refund",
    "Reimbursement",
    "SalesLine",
    "SalesOrder",
    "Settlement",
    "Shipment",
    "StatusChange",
    "Stock",
    "StockMovement",
    "Truth",
    "Warehouse",
    "World",
]


class World:
    """Everything that has happened to Acme Goods up to now, and what is already decided to happen next."""

    def __init__(
        self,
        *,
        seed: int,
        now: datetime,
        products: list[Product],
        listings: list[Listing],
        orders: list[SalesOrder],
        settlements: list[Settlement],
        truth: Truth,
    ) -> None:
        self.seed, self.now = seed, now
        self.products, self.listings = products, listings
        self.settlements, self.truth = settlements, truth
        self._orders: dict[str, list[SalesOrder]] = {}
        self._by_id: dict[tuple[str, str], SalesOrder] = {}
        self._by_alternate: dict[tuple[str, str], list[SalesOrder]] = {}
        self._listings = {(x.channel, x.sku): x for x in listings}
        #: What was offered from the beginning: later offers must not change what was drawn from these.
        self._first_listings = tuple(listings)
        self._watchers: list[Callable[[SalesOrder], None]] = []
        self._changes: dict[str, ChangeIndex] = {}
        self._ledgers: dict[str, Ledger] = {}
        self._desks: dict[str, ReturnDesk] = {}
        self._rooms: dict[str, StockRoom] = {}
        self._shelves: dict[str, Shelf] = {}
        #: Orders of other shops that the channels ship from the seller's stock.
        self.outbound = FulfillmentBook(self)
        #: By channel and place in its chain of settlements.
        self._reimbursed: dict[tuple[str, int], list[Reimbursement]] = {}
        for order in sorted(orders, key=lambda o: (o.ordered_at, o.order_id)):
            self.add(order)
        #: What the channels were going to ship when the world was built: (channel, order id, SKU, when, units).
        self._decided = [
            (order.channel, order.order_id, order.line(line_id).sku, shipment.at, units)
            for order in orders
            if order.fulfilled_by == "channel"
            for shipment in order.shipments
            for line_id, units in shipment.quantities.items()
        ]

    # ------------------------------------------------------------------ orders

    def channels(self) -> list[str]:
        """Return the names of the channels that have listings, sorted."""
        return sorted({listing.channel for listing in self.listings})

    def add(self, order: SalesOrder) -> None:
        """Put an order into the world (it is kept in order of `ordered_at`).

        Raises:
            ValueError: if the channel already has an order of this id.
        """
        key = (order.channel, order.order_id)
        if key in self._by_id:
            raise ValueError(f"{order.channel} already has order {order.order_id}")
        self._by_id[key] = order
        if order.alternate_id:
            self._by_alternate.setdefault((order.channel, order.alternate_id), []).append(order)
        rows = self._orders.setdefault(order.channel, [])
        rows.insert(bisect_right(rows, order.ordered_at, key=lambda o: o.ordered_at), order)
        self._note(order)

    def touch(self, order: SalesOrder, at: datetime) -> None:
        """Say that an order was changed at `at`: lists by update, money, stock and returns look at it anew."""
        order.touched_at = at
        self._note(order)

    def watch(self, watcher: Callable[[SalesOrder], None]) -> None:
        """Call `watcher` with every order that is added or touched from now on."""
        self._watchers.append(watcher)

    def _note(self, order: SalesOrder) -> None:
        for kept in (self._changes, self._ledgers, self._desks, self._rooms):
            if (part := kept.get(order.channel)) is not None:
                part.note(order)
        for watcher in self._watchers:
            watcher(order)

    def orders(self, channel: str, now: datetime | None = None) -> list[SalesOrder]:
        """Return the channel's orders by time of order; with `now`, only those placed by then."""
        rows = self._orders.get(channel, [])
        return list(rows if now is None else rows[: bisect_right(rows, now, key=lambda o: o.ordered_at)])

    def all_orders(self) -> list[SalesOrder]:
        """Return the orders of all channels by time of order."""
        return sorted((o for rows in self._orders.values() for o in rows), key=lambda o: (o.ordered_at, o.order_id))

    def order(self, channel: str, order_id: str) -> SalesOrder | None:
        """Return one order by the channel's id (Amazon order id, Walmart purchase order id)."""
        return self._by_id.get((channel, order_id))

    def orders_by_alternate(self, channel: str, alternate_id: str) -> list[SalesOrder]:
        """Return the orders of one Walmart customer order id."""
        return list(self._by_alternate.get((channel, alternate_id), ()))

    def changed(self, channel: str, after: datetime, before: datetime, now: datetime) -> list[SalesOrder]:
        """Return orders whose last change as seen at `now` is in [after, before], oldest change first."""
        return list(self.changes(channel).between(after, before, now))

    def changes(self, channel: str) -> ChangeIndex:
        """Return the channel's orders sorted by last change: what a list by update walks page by page."""
        if channel not in self._changes:
            self._changes[channel] = ChangeIndex(self._orders.setdefault(channel, []))
        return self._changes[channel]

    # ------------------------------------------------------------------ offers

    def listing(self, channel: str, sku: str) -> Listing | None:
        """Return what a channel's SKU stands for."""
        return self._listings.get((channel, sku))

    def offer(self, listing: Listing) -> None:
        """Put a listing into the world, in place of one of the same SKU, and its product where it is new."""
        if all(product.asin != listing.product.asin for product in self.products):
            self.products.append(listing.product)
        self.listings[:] = [x for x in self.listings if (x.channel, x.sku) != (listing.channel, listing.sku)]
        self.listings.append(listing)
        self._listings[listing.channel, listing.sku] = listing
        if listing.fulfilled_by == "channel":
            self.stock_room(listing.channel).keep(listing.sku)

    def withdraw(self, listing: Listing) -> None:
        """Take a listing off the market; what was sold under its SKU still knows it."""
        if listing in self.listings:
            self.listings.remove(listing)

    def listed(self, channel: str, sku: str, warehouse_id: str | None, now: datetime) -> int:
        """Return the seller's units on offer, as the channel shows them (None: from the default warehouse).

        Raises:
            ValueError: if the listing or the warehouse is unknown.
        """
        return self.shelf(channel).listed(sku, warehouse_id, now)

    def list_quantity(
        self, channel: str, sku: str, quantity: int, at: datetime, warehouse_id: str | None = None
    ) -> None:
        """Offer so many units from `at` on.

        Raises:
            ValueError: if listing or warehouse is unknown, the goods are the channel's, or the quantity is negative.
        """
        self.shelf(channel).list_quantity(sku, quantity, at, warehouse_id)

    def price_of(self, channel: str, sku: str, now: datetime) -> tuple[Decimal, str]:
        """Return the price of one unit as the channel shows it, and its currency.

        Raises:
            ValueError: if the channel has no such listing.
        """
        return self.shelf(channel).price_of(sku, now)

    def set_price(self, channel: str, sku: str, price: Decimal, currency: str, at: datetime) -> None:
        """Ask this price from `at` on.

        Raises:
            ValueError: if the listing is unknown, the currency is another one, or the price not above zero.
        """
        self.shelf(channel).set_price(sku, price, currency, at)

    # ------------------------------------------------------------------ goods

    def warehouses(self, channel: str) -> list[Warehouse]:
        """Return where the channel's orders leave from; the first is the seller's default warehouse."""
        return warehouses_of(channel)

    def stock_at(self, channel: str, now: datetime) -> list[Stock]:
        """Return what lies in the channel's own warehouses, by SKU and warehouse."""
        return self.stock_room(channel).stock_at(now)

    def movements(
        self, channel: str, after: datetime, before: datetime, now: datetime | None = None
    ) -> list[StockMovement]:
        """Return the movements of that stock in [after, before), oldest first; with `now`, none beyond it."""
        return self.stock_room(channel).movements(after, before, before if now is None else now)

    def returns_of(self, channel: str, now: datetime) -> list[CustomerReturn]:
        """Return the returns requested by `now`, as they stand then, oldest first."""
        return self.return_desk(channel).at(now)

    # ------------------------------------------------------------------ money

    def settlements_of(self, channel: str, now: datetime | None = None) -> list[Settlement]:
        """Return the channel's settlements by period; with `now`, those that it shows by then, newly closed ones too.

        Without `now`: those that the world was built with.
        """
        if now is None:
            return sorted((s for s in self.settlements if s.channel == channel), key=lambda s: s.start)
        return [s for s in self.ledger(channel).closed(now) if s.available_at <= now]

    def closed_periods(self, channel: str, now: datetime) -> list[Settlement]:
        """Return the settlements whose period is over, those as well whose report is not shown yet."""
        return self.ledger(channel).closed(now)

    def open_period(self, channel: str, now: datetime) -> Settlement:
        """Return what has been posted since the last period ended; with `closed_periods` that is every line once."""
        return self.ledger(channel).open(now)

    def payouts_of(self, channel: str, now: datetime) -> list[Payout]:
        """Return the transfers to the seller's bank, oldest first, the expected ones last."""
        return payouts_of(channel, self.ledger(channel), now)

    def reimbursements_of(self, channel: str, now: datetime) -> list[Reimbursement]:
        """Return what the channel paid by `now` for goods that it lost or broke: the money of the ledger's lines."""
        ledger = self.ledger(channel)
        built = len(self.settlements_of(channel))
        found: list[Reimbursement] = []
        for index, settlement in enumerate([*ledger.closed(now), ledger.open(now)]):
            if index < built and settlement.end <= now:
                # What the world was built with never changes: its lines are looked through once.
                kept = self._reimbursed.get((channel, index))
                if kept is None:
                    kept = self._reimbursed[channel, index] = reimbursements_in(settlement)
                found += kept
            else:
                found += reimbursements_in(settlement)
        return sorted(found, key=lambda r: r.approved_at)

    # ------------------------------------------------------------------ the parts, for the levers

    def ledger(self, channel: str) -> Ledger:
        """Return the channel's ledger."""
        if channel not in self._ledgers:
            rules = rules_of(self.seed, channel, [x for x in self._first_listings if x.channel == channel])
            orders = self._orders.setdefault(channel, [])
            self._ledgers[channel] = Ledger(rules, self.settlements_of(channel), self.now, lambda: orders)
        return self._ledgers[channel]

    def return_desk(self, channel: str) -> ReturnDesk:
        """Return what keeps the channel's returns."""
        if channel not in self._desks:
            orders = self._orders.setdefault(channel, [])
            self._desks[channel] = ReturnDesk(
                self.seed,
                channel,
                self.now,
                warehouses_of(channel),
                lambda: orders,
                lambda order_id: self.order(channel, order_id),
                lambda order_id: self.stock_room(channel).warehouse_of(order_id),
            )
        return self._desks[channel]

    def stock_room(self, channel: str) -> StockRoom:
        """Return what keeps the stock of the channel's own warehouses."""
        if channel not in self._rooms:
            skus = [x.sku for x in self._first_listings if x.channel == channel and x.fulfilled_by == "channel"]
            places = warehouses_of(channel)
            own = [w.warehouse_id for w in places if w.kind == "channel"]
            room = self._rooms[channel] = StockRoom(
                channel,
                places,
                skus,
                lambda ship_from: plan_movements(
                    self.seed,
                    channel,
                    self.now,
                    skus,
                    own,
                    ((sku, ship_from(o), at, units) for c, o, sku, at, units in self._decided if c == channel),
                ),
                lambda now: self.orders(channel, now),
                lambda: self.return_desk(channel).all(),
                lambda now: self.reimbursements_of(channel, now),
            )
            for listing in self.listings:
                if listing.channel == channel and listing.fulfilled_by == "channel":
                    room.keep(listing.sku)
        return self._rooms[channel]

    def shelf(self, channel: str) -> Shelf:
        """Return what keeps the channel's offers."""
        if channel not in self._shelves:
            self._shelves[channel] = Shelf(
                self.seed,
                channel,
                self.now,
                warehouses_of(channel),
                lambda sku: self.listing(channel, sku),
                lambda now: self.orders(channel, now),
            )
        return self._shelves[channel]
