"""The channels' view against the company's books, from the world alone: only what is counted as broken differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.sandbox.clock import SandboxClock
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.postings.transaction import postings
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.world import World, amazon_ledger, build_world, walmart_settlements
from sync.sandbox.world.erp import fill_books
from sync.sandbox.world.facts import LedgerLine, SalesOrder
from sync.sandbox.world.scenario import load_scenario

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DOCUMENTED = timedelta(days=25)
Document = Any


class Company:
    """A world with its books; documents by the order that they, or what they were made from, are for."""

    def __init__(self, world: World, books: NetSuiteBooks) -> None:
        self.world, self.books = world, books
        self.names: dict[str, list[Document]] = defaultdict(list)
        for kind in ("salesOrder", "cashSale", "creditMemo"):
            for stored in books.records(kind):
                external = stored.text("externalId")
                if stored.ref("createdFrom") is None:
                    for name in {stored.text("otherRefNum"), stored.text("tranId"), (external or "")[4:]}:
                        self.names[str(name)].append(stored)

    def chain(self, order: SalesOrder) -> list[Document]:
        """Return the documents of an order, those that it names first."""
        found = list(self.names.get(order.order_id, ()))
        for stored in found:
            found += [f for f in self.books.followers(stored.id) if f not in found]
        return found

    def of(self, order: SalesOrder, *kinds: str) -> list[Document]:
        return [d for d in self.chain(order) if d.kind.name in kinds]

    def truth(self, *cases: str) -> set[str]:
        return {key for case in cases for key in self.world.truth.of(case)}

    def booked(self) -> Iterator[SalesOrder]:
        """Yield the orders that a sales document names and that are not cancelled on the channel."""
        for order in self.world.all_orders():
            if order.status_at(NOW) not in ("pending", "cancelled") and order.order_id in self.names:
                yield order

    def documented(self) -> Iterator[SalesOrder]:
        """Yield those whose goods leave by fulfilments: sales orders of the last weeks."""
        for order in self.booked():
            if self.of(order, "salesOrder") and order.ordered_at > NOW - DOCUMENTED:
                yield order


def key(order: SalesOrder) -> str:
    return f"{order.channel}/{order.order_id}"


def company_of(seed: int, now: datetime) -> Company:
    world = build_world(seed=seed, now=now)
    books = NetSuiteBooks(SandboxClock(now, ticks=lambda: 0.0), AccountSettings(), seed)
    fill_books(world, books, load_scenario())
    return Company(world, books)


@pytest.fixture(scope="module")
def company() -> Company:
    return company_of(7, NOW)


def parcels(documents: Iterable[Document]) -> Counter[str]:
    numbers = Counter[str]()
    for stored in documents:
        for row in stored.rows("package"):
            numbers[str(row["packageTrackingNumber"])] += 1
    return numbers


def quantity(documents: Iterable[Document]) -> Decimal:
    return sum((row["quantity"] for d in documents for row in d.rows("item")), Decimal(0))


# ---------------------------------------------------------------- goods that leave


def test_only_counted_orders_have_other_parcels_than_the_channel(company: Company) -> None:
    differs, judged = set(), 0
    for order in company.documented():
        judged += 1
        said = Counter(s.tracking_number for s in order.shipped_at(NOW))
        if parcels(company.of(order, "itemFulfillment")) != said:
            differs.add(key(order))
    assert differs == company.truth("shipments_unconfirmed", "tracking_differs", "fulfilment_missing")
    assert judged > 150


def test_what_the_channel_does_not_know_has_left_the_warehouse_with_tracking(company: Company) -> None:
    for name in company.truth("shipments_unconfirmed"):
        order = company.world.order(*name.split("/"))
        assert order is not None
        assert order.status_at(NOW) in ("open", "acknowledged")
        assert not order.shipped_at(NOW)
        done = company.of(order, "itemFulfillment")
        assert quantity(done) == sum(line.quantity for line in order.lines)
        assert all(d.fields["shipStatus"] == "C" and parcels([d]) for d in done)
        assert (order.ship_by < NOW) == (name in company.truth("late_shipments"))
        assert (len(done) == 2) == (name in company.truth("split_shipments"))
        odd = [t for t in parcels(done) if t.startswith("RDGL-")]
        assert bool(odd) == (name in company.truth("unknown_carriers"))
    marketplaces = {name.split(".")[0] for name in company.truth("shipments_unconfirmed")}
    assert marketplaces == {"amazon", "walmart"}


def test_a_parcel_holds_the_units_that_the_channel_was_told(company: Company) -> None:
    seen = 0
    for order in company.documented():
        for shipment in order.shipped_at(NOW):
            (made,) = [d for d in company.of(order, "itemFulfillment") if shipment.tracking_number in parcels([d])] or [
                None
            ]
            if made is not None:
                assert quantity([made]) == sum(shipment.quantities.values())
                assert made.created < shipment.at or order.fulfilled_by == "channel"
                seen += 1
    assert seen > 150


def test_only_counted_orders_are_shipped_and_not_billed(company: Company) -> None:
    unbilled = set()
    for order in company.documented():
        (sold, *_) = company.of(order, "salesOrder")
        goods = sold.rows("item")[: len(order.lines)]
        if any(row["quantityFulfilled"] > row["quantityBilled"] for row in goods):
            unbilled.add(key(order))
        bills = company.of(order, "invoice")
        if sold.fields["status"] == "G":
            assert sum((b.number("total") for b in bills), Decimal(0)) == sold.number("total")
        assert all(row["quantityBilled"] <= row["quantityFulfilled"] for row in goods)
    assert unbilled == company.truth("invoice_missing")


def test_older_sales_orders_are_billed_without_documents(company: Company) -> None:
    old = [o for o in company.booked() if o.ordered_at <= NOW - DOCUMENTED and o.fulfilled_by == "seller"]
    assert len(old) > 500
    for order in old:
        assert not company.of(order, "itemFulfillment", "invoice")
        assert {d.fields["status"] for d in company.of(order, "salesOrder")} <= {"G", "B", "D"}


def test_marketplace_goods_leave_by_cash_sale_but_for_a_few_sales_orders(company: Company) -> None:
    keyed = {key(o) for o in company.booked() if o.fulfilled_by == "channel" and company.of(o, "salesOrder")}
    assert keyed == company.truth("channel_as_sales_order")
    assert company.truth("fulfilment_missing") < keyed
    for name in keyed:
        order = company.world.order(*name.split("/"))
        assert order is not None
        (sold,) = company.of(order, "salesOrder")
        assert sold.fields["status"] == ("B" if name in company.truth("fulfilment_missing") else "G")
        place = company.books.get("location", sold.fields["location"])
        assert place.fields["name"] in ("Amazon FBA US", "Amazon FBA DE", "Walmart WFS")


# ---------------------------------------------------------------- goods and money that come back


def test_only_counted_returns_that_arrived_have_no_receipt(company: Company) -> None:
    unbooked, received = set(), 0
    booked = {key(o): o for o in company.booked()}
    for channel in company.world.channels():
        for back in company.world.returns_of(channel, NOW):
            order = booked.get(f"{channel}/{back.order_id}")
            if order is None or back.received_at is None:
                continue
            received += 1
            receipts = company.of(order, "itemReceipt")
            if quantity(receipts) != back.quantity:
                unbooked.add(f"{channel}/{back.return_id}")
                assert not company.of(order, "returnAuthorization")
                continue
            assert all(r["restock"] is (back.disposition == "SELLABLE") for d in receipts for r in d.rows("item"))
    assert unbooked == company.truth("returns_unbooked")
    assert received > 60
    kinds = {
        r.disposition == "SELLABLE"
        for c in company.world.channels()
        for r in company.world.returns_of(c, NOW)
        if f"{c}/{r.return_id}" in unbooked
    }
    assert kinds == {True, False}


def test_every_return_that_is_booked_belongs_to_a_booked_order(company: Company) -> None:
    booked = {key(o) for o in company.booked()}
    for channel in company.world.channels():
        for back in company.world.returns_of(channel, NOW):
            assert f"{channel}/{back.order_id}" in booked


def money_back(order: SalesOrder) -> Decimal:
    """Return what the channel's own ledger gave back: with VAT in Germany, without the tax of a US marketplace."""
    ledger = walmart_settlements if order.channel.startswith("walmart") else amazon_ledger
    return -sum((line.amount for line in ledger.order_entries(order, NOW) if _is_money_back(order, line)), Decimal(0))


def _is_money_back(order: SalesOrder, line: LedgerLine) -> bool:
    if line.transaction_type != "Refund":
        return False
    kind = (line.amount_type, line.description) if order.channel.startswith("amazon") else (line.amount_type, "")
    if kind[0] in ("Product Price", "Shipping"):
        return True
    is_tax = "Tax" in kind[1]
    return kind[0] in ("ItemPrice", "Promotion") and (order.currency == "EUR" or not is_tax)


def test_only_counted_refunds_are_not_credited_to_the_cent(company: Company) -> None:
    differs, given = set(), 0
    for order in company.booked():
        wanted = money_back(order)
        given += bool(wanted)
        made = company.of(order, "creditMemo", "cashRefund")
        credited = sum((d.number("total") for d in made), Decimal(0))
        if credited == wanted:
            paid = sum((d.number("total") for d in company.of(order, "customerRefund", "cashRefund")), Decimal(0))
            assert paid == wanted
            continue
        if wanted:
            assert credited == 0
            differs |= {f"{order.channel}/{r.refund_id}" for r in order.refunded_at(NOW)}
        else:
            differs.add(key(order))
    assert differs == company.truth("refunds_unbooked", "refund_only_in_erp")
    assert given > 60


def test_of_the_uncredited_refunds_one_is_kept_and_one_is_of_part_of_a_line(company: Company) -> None:
    refunds = {
        f"{o.channel}/{r.refund_id}": (r, o.line(r.line_id)) for o in company.booked() for r in o.refunded_at(NOW)
    }
    (kept,) = company.truth("keep_it_refunds")
    (part,) = company.truth("partial_refunds")
    assert {kept, part} < company.truth("refunds_unbooked")
    assert refunds[kept][0].kind == "keep it"
    assert (refunds[part][0].quantity, refunds[part][1].quantity) == (2, 3)


def test_what_is_credited_without_the_channel_s_word_was_delivered(company: Company) -> None:
    for name in company.truth("refund_only_in_erp"):
        order = company.world.order(*name.split("/"))
        assert order is not None
        assert order.status_at(NOW) == "delivered"
        assert not order.refunds
        (credit,) = company.of(order, "creditMemo")
        assert credit.fields["status"] == "B"
        assert [d.number("total") for d in company.of(order, "customerRefund")] == [credit.number("total")]


# ---------------------------------------------------------------- open orders


def test_only_counted_walmart_orders_are_booked_and_not_acknowledged(company: Company) -> None:
    waiting = {
        key(o)
        for o in company.booked()
        if o.channel == "walmart.US" and o.fulfilled_by == "seller" and o.status_at(NOW) == "open"
    }
    assert waiting == company.truth("unacknowledged")


def test_only_counted_buyers_ask_to_cancel_one_on_each_marketplace(company: Company) -> None:
    asking = {
        key(o)
        for o in company.world.all_orders()
        if any(x.cancel_requested_at is not None and x.cancel_requested_at <= NOW for x in o.lines)
    }
    assert asking == company.truth("cancel_requested")
    assert {name.split(".")[0] for name in asking} == {"amazon", "walmart"}


def test_only_counted_orders_say_something_else_than_was_keyed(company: Company) -> None:
    differs = set()
    for order in company.documented():
        (sold, *_) = company.of(order, "salesOrder")
        zone = ZoneInfo("Europe/Berlin" if order.channel == "amazon.DE" else "America/Los_Angeles")
        address, keyed = order.buyer.address, sold.fields["shippingAddress"]
        same_place = (address.line1, address.line2, address.city, address.postal_code) == tuple(
            keyed.get(name) for name in ("addr1", "addr2", "city", "zip")
        )
        if not same_place or sold.fields["shipDate"] != order.ship_by.astimezone(zone).date():
            differs.add(key(order))
            assert sold.created < order.updated_at(NOW)
    assert differs == company.truth("changed_after_booking")


# ---------------------------------------------------------------- customers and the books as a whole


def test_only_counted_customers_are_there_twice(company: Company) -> None:
    people = [c for c in company.books.records("customer") if c.text("phone")]
    doubles = set()
    for one, other in combinations(people, 2):
        same = {name for name in ("email", "phone") if one.text(name) == other.text(name)}
        if same:
            doubles.add(one.text("email"))
            assert "phone" in same
    assert doubles == company.truth("duplicate_customer")


def test_the_second_records_differ_each_in_its_own_way(company: Company) -> None:
    twins = [c for c in company.books.records("customer") if str(c.text("entityId")).endswith("-1")]
    first = {c.text("phone"): c for c in company.books.records("customer") if c not in twins}
    ways = []
    for twin in twins:
        known = first[twin.text("phone")]
        names = [name for name in ("firstName", "lastName", "email") if twin.text(name) != known.text(name)]
        here, there = (c.rows("addressBook")[0]["addressBookAddress"]["addr1"] for c in (twin, known))
        ways.append((*names, *(["street"] if here != there else [])))
    assert sorted(ways) == [(), ("email",), ("email", "street"), ("lastName", "email")]


def test_every_document_of_the_books_balances(company: Company) -> None:
    kinds = "itemFulfillment invoice itemReceipt creditMemo customerRefund cashRefund cashSale".split()
    for kind in kinds:
        for stored in company.books.records(kind):
            rows = [row.ledger for row in postings(company.books, stored) if row.ledger is not None]
            assert sum(rows, Decimal(0)) == 0, (kind, stored.id)


@pytest.mark.parametrize(("seed", "days"), [(3, 10), (11, 27)])
def test_another_world_differs_in_counted_things_only(seed: int, days: int) -> None:
    now = NOW + timedelta(days=days)
    company = company_of(seed, now)
    unbilled, uncredited = set(), set()
    for order in company.world.all_orders():
        if order.status_at(now) in ("pending", "cancelled") or order.order_id not in company.names:
            continue
        sold = company.of(order, "salesOrder")
        if sold and order.ordered_at > now - DOCUMENTED:
            rows = sold[0].rows("item")[: len(order.lines)]
            if any(row["quantityFulfilled"] > row["quantityBilled"] for row in rows):
                unbilled.add(key(order))
        credited = sum((d.number("total") for d in company.of(order, "creditMemo", "cashRefund")), Decimal(0))
        ledger = walmart_settlements if order.channel.startswith("walmart") else amazon_ledger
        given = [x.amount for x in ledger.order_entries(order, now) if _is_money_back(order, x)]
        if credited != -sum(given, Decimal(0)):
            refunds = {f"{order.channel}/{r.refund_id}" for r in order.refunded_at(now)}
            uncredited |= refunds or {key(order)}
    assert unbilled == company.truth("invoice_missing")
    assert uncredited == company.truth("refunds_unbooked", "refund_only_in_erp")
