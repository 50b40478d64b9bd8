"""What is wrong with goods that have left or come back: tracking, fulfilments, bills, returns, refunds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import timedelta

from sync.sandbox.world.broken import Breakage, Key, in_turn, is_mapped, key_of, note_orders, unmapped_in, vendor_of
from sync.sandbox.world.goods_levers import refund, send_back
from sync.sandbox.world.model import CustomerReturn, Refund, SalesOrder, World
from sync.sandbox.world.scenario import Scenario

__all__ = ["DOCUMENTED_DAYS", "break_goods"]

#: Seller-fulfilled orders of so many days have their fulfilments and invoices; of older ones the books keep the status.
DOCUMENTED_DAYS = 25
_DAY, _YESTERDAY = timedelta(days=1), timedelta(hours=26, minutes=11, seconds=7)


def break_goods(world: World, scenario: Scenario, broken: Breakage, taken: set[Key], sent_back: set[Key]) -> None:
    """Choose among booked orders; `taken` are those that are broken otherwise, `sent_back` those with returns."""
    rng = random.Random(f"{world.seed}-goods")
    unmapped = unmapped_in(world)
    since = world.now - timedelta(days=DOCUMENTED_DAYS - 1)
    gone = [
        order
        for order in world.all_orders()
        if order.ordered_at > since
        and order.status_at(world.now) in ("shipped", "delivered")
        and is_mapped(order, unmapped)
        and key_of(order) not in sent_back
    ]
    rng.shuffle(gone)

    def take(case: str, count: int, fits: Callable[[SalesOrder], bool]) -> set[Key]:
        rows = in_turn(o for o in gone if key_of(o) not in taken and fits(o))[:count]
        taken.update(key_of(o) for o in rows)
        return note_orders(world, case, rows)

    def of_seller(order: SalesOrder) -> bool:
        return order.fulfilled_by == "seller"

    broken.tracking_differs = take("tracking_differs", scenario.tracking_differs, of_seller)
    broken.unbilled = take("invoice_missing", scenario.invoice_missing, of_seller)
    broken.only_credited = take(
        "refund_only_in_erp",
        scenario.refund_only_in_erp,
        lambda o: of_seller(o) and o.channel.startswith("walmart") and o.status_at(world.now) == "delivered",
    )
    broken.as_sales_order = take("channel_as_sales_order", scenario.channel_as_sales_order, lambda o: not of_seller(o))
    keyed = [o for o in gone if key_of(o) in broken.as_sales_order]
    broken.unfulfilled = note_orders(world, "fulfilment_missing", in_turn(keyed)[: scenario.fulfilment_missing])
    _returns(rng, world, scenario.returns_unbooked, broken, taken)
    _refunds(rng, world, scenario.refunds_unbooked, broken, taken)


def _returns(rng: random.Random, world: World, count: int, broken: Breakage, taken: set[Key]) -> None:
    """Choose returns that arrived and await their money, in turn good and damaged; buyers make what is lacking."""
    waiting = [
        r
        for channel in world.channels()
        for r in world.returns_of(channel, world.now)
        if r.kind == "return" and r.received_at is not None and r.refund_id is None and _key(r) not in taken
    ]
    rng.shuffle(waiting)
    chosen: list[CustomerReturn] = []
    for place in range(count):
        sellable, vendor = place % 2 == 0, ("walmart", "walmart", "amazon", "amazon")[place % 4]
        suits = [r for r in waiting if (r.disposition == "SELLABLE") == sellable]
        found = next((r for r in suits if vendor_of(r.channel) == vendor), suits[0] if suits else None)
        if found is not None:
            waiting.remove(found)
        else:
            found = _sent_back(world, rng, taken, "NO_LONGER_WANTED" if sellable else "DAMAGED")
        if found is not None:
            chosen.append(found)
            taken.add(_key(found))
    for back in chosen:
        broken.returns.add((back.channel, back.return_id))
        world.truth.note("returns_unbooked", f"{back.channel}/{back.return_id}")


def _key(back: CustomerReturn) -> Key:
    return back.channel, back.order_id


def _sent_back(world: World, rng: random.Random, taken: set[Key], reason: str) -> CustomerReturn | None:
    """Let a buyer send a line back, six days ago; it arrived two days later."""
    order = _kept(world, rng, taken, units=1)
    if order is None:
        return None
    line, at, touched = order.lines[0], world.now - 5 * _DAY - _YESTERDAY, order.touched_at
    made = send_back(
        world,
        at,
        channel=order.channel,
        order_id=order.order_id,
        line_id=line.line_id,
        quantity=line.quantity,
        reason=reason,
        received_in_s=2 * _DAY.total_seconds(),
    )
    # Channels do not count a return among the changes of an order.
    order.touched_at = touched
    return made


def _kept(world: World, rng: random.Random, taken: set[Key], *, units: int) -> SalesOrder | None:
    """Return a booked order of the seller, delivered more than a week ago, of which nothing came back.

    Its first line has so many units, or more where no order has that.
    """
    unmapped = unmapped_in(world)
    back = {(r.channel, r.order_id) for c in world.channels() for r in world.returns_of(c, world.now)}
    rows = [
        order
        for order in world.all_orders()
        if order.fulfilled_by == "seller"
        and order.status_at(world.now - 8 * _DAY) == "delivered"
        and order.ordered_at > world.now - 60 * _DAY
        and key_of(order) not in taken | back
        and not order.refunds
        and is_mapped(order, unmapped)
        and order.lines[0].quantity >= units
    ]
    rows = [o for o in rows if o.lines[0].quantity == units] or rows
    # What Walmart gives back is seen at once; Amazon tells of it in reports that take their time.
    rows = [o for o in rows if o.channel.startswith("walmart")] or rows
    return rng.choice(rows) if rows else None


def _refunds(rng: random.Random, world: World, count: int, broken: Breakage, taken: set[Key]) -> None:
    """Choose refunds of the last weeks; the first is of goods that the buyer keeps, the second of part of a line."""
    chosen: list[tuple[SalesOrder, Refund]] = []
    if count:
        chosen += _keep_it(world, rng, taken)
    if count > 1:
        chosen += _partial(world, rng, taken)
    of_returns = [
        (order, given)
        for order, given in _given(world, taken)
        if given.kind == "return" and (order, given) not in chosen
    ]
    rng.shuffle(of_returns)
    for vendor in ("amazon", "walmart") * count:
        own = [x for x in of_returns if vendor_of(x[0].channel) == vendor and key_of(x[0]) not in taken]
        if len(chosen) < count and own:
            chosen.append(own[0])
            taken.add(key_of(own[0][0]))
    for order, given in chosen:
        broken.refunds.add((order.channel, given.refund_id))
        world.truth.note("refunds_unbooked", f"{order.channel}/{given.refund_id}")


def _given(world: World, taken: set[Key]) -> Iterable[tuple[SalesOrder, Refund]]:
    """Yield the refunds of the last 40 days of orders that are booked and not broken otherwise."""
    for order in world.all_orders():
        if key_of(order) in taken or order.status_at(world.now) != "delivered":
            continue
        for given in order.refunded_at(world.now):
            if given.at > world.now - 40 * _DAY:
                yield order, given


def _keep_it(world: World, rng: random.Random, taken: set[Key]) -> list[tuple[SalesOrder, Refund]]:
    found = [x for x in _given(world, taken) if x[1].kind == "keep it"]
    if found:
        chosen = rng.choice(found)
    else:
        order = _kept(world, rng, taken, units=1)
        if order is None:
            return []
        chosen = order, _give(world, order, order.lines[0].quantity, "keep it")
    taken.add(key_of(chosen[0]))
    world.truth.note("keep_it_refunds", f"{chosen[0].channel}/{chosen[1].refund_id}")
    return [chosen]


def _partial(world: World, rng: random.Random, taken: set[Key]) -> list[tuple[SalesOrder, Refund]]:
    """Let the channel give back two of three units (or one of two, where nobody bought three)."""
    order = _kept(world, rng, taken, units=3) or _kept(world, rng, taken, units=2)
    if order is None:
        return []
    given = _give(world, order, 2 if order.lines[0].quantity > 2 else 1, "return")
    taken.add(key_of(order))
    world.truth.note("partial_refunds", f"{order.channel}/{given.refund_id}")
    return [(order, given)]


def _give(world: World, order: SalesOrder, units: int, kind: str) -> Refund:
    """Give money back yesterday: no settlement has closed since."""
    at, line = world.now - _YESTERDAY, order.lines[0]
    return refund(
        world, at, channel=order.channel, order_id=order.order_id, line_id=line.line_id, quantity=units, kind=kind
    )
