"""The company's books: what is in them, what is missing, and that what is said to be broken is broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.clock import SandboxClock
from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.world import World, build_world
from sync.sandbox.world.erp import fill_books
from sync.sandbox.world.erp_orders import external_id
from sync.sandbox.world.erp_settlements import account_number, book_number, month_parts
from sync.sandbox.world.model import SalesOrder
from sync.sandbox.world.scenario import Scenario, load_scenario

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Company:
    """The world with its books, and the sales documents by the order they are for."""

    world: World
    books: NetSuiteBooks
    documents: dict[str, list[Any]]

    def documents_of(self, key: str) -> list[Any]:
        return self.documents.get(key.split("/")[1], [])


def build(scenario: Scenario, now: datetime = NOW, **named: int) -> Company:
    world = build_world(seed=7, now=now, **named)
    books = NetSuiteBooks(SandboxClock(now, ticks=lambda: 0.0), AccountSettings(), 7)
    fill_books(world, books, scenario)
    documents: dict[str, list[Any]] = {}
    for stored in [*books.records("salesOrder"), *books.records("cashSale")]:
        external = stored.text("externalId")
        named = {stored.text("otherRefNum"), stored.text("tranId"), external[4:] if external else None}
        for name in named - {None}:
            documents.setdefault(str(name), []).append(stored)
    return Company(world, books, documents)


@pytest.fixture(scope="module")
def company() -> Company:
    return build(load_scenario())


def order_of(company: Company, key: str) -> SalesOrder:
    channel, order_id = key.split("/")
    order = company.world.order(channel, order_id)
    assert order is not None
    return order


def expected_total(order: SalesOrder) -> Decimal:
    """Return what the books should say: without the tax that a US marketplace remits itself."""
    return order.total if order.currency == "EUR" else order.total - order.tax


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[broken]\nmissing_order = 3", "missing_order is not one of"),
        ("[broken]\nmissing_orders = -1", "whole number"),
        ("[broken]\nmissing_orders = 'many'", "whole number"),
        ("[broken]\nmissing_orders = true", "whole number"),
    ],
)
def test_a_scenario_with_a_wrong_count_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_scenario(text)


def test_books_are_filled_once_only(company: Company) -> None:
    with pytest.raises(ValueError, match="already"):
        fill_books(company.world, company.books, load_scenario())


def test_a_month_of_a_settlement_that_cancels_out_account_by_account_is_not_posted() -> None:
    company = build(load_scenario(), datetime(2026, 11, 30, 17, 51, tzinfo=UTC), size=300)
    parts = [
        (settlement.channel, lines)
        for channel in company.world.channels()
        for settlement in company.world.settlements_of(channel)
        for lines in month_parts(settlement).values()
    ]

    def cancels_out(channel: str, lines: list[Any]) -> bool:
        sums: Counter[str] = Counter()
        for line in lines:
            sums[account_number(channel, line)] += line.amount  # type: ignore[assignment]
        return not any(sums.values())

    assert any(cancels_out(*part) for part in parts)
    assert all(stored.rows("line") for stored in company.books.records("journalEntry"))


def test_a_world_in_which_nothing_is_broken_misses_nothing() -> None:
    whole = build(Scenario(**dict.fromkeys((field.name for field in fields(Scenario)), 0)))
    assert set(whole.world.truth.cases) == {"unknown_fee_lines"}
    due = [o for o in whole.world.all_orders() if o.status_at(NOW) in ("open", "acknowledged", "shipped", "delivered")]
    seller = [o for o in due if o.fulfilled_by == "seller"]
    assert [o.order_id for o in seller if o.order_id not in whole.documents] == []


def test_the_scenario_s_counts_are_met(company: Company) -> None:
    counts = {name: len(keys) for name, keys in company.world.truth.cases.items()}
    assert counts == {
        "missing_orders": 75,
        "blocked_orders": 25,
        "unmapped_skus": 6,
        "total_differs": 1,
        "cancelled_still_open": 2,
        "booked_twice": 1,
        "adopted_by_other_reference": 40,
        "adopted_by_number": 40,
        "duplicate_customer": 4,
        "shipments_unconfirmed": 6,
        "split_shipments": 1,
        "late_shipments": 1,
        "unknown_carriers": 1,
        "tracking_differs": 2,
        "channel_as_sales_order": 6,
        "fulfilment_missing": 3,
        "invoice_missing": 3,
        "returns_unbooked": 5,
        "refunds_unbooked": 4,
        "keep_it_refunds": 1,
        "partial_refunds": 1,
        "refund_only_in_erp": 1,
        "unacknowledged": 2,
        "cancel_requested": 2,
        "changed_after_booking": 2,
        "shipped_elsewhere": 2,
        "shipped_for_unknown_shops": 1,
        "unposted_settlements": 6,
        "journal_differs": 1,
        "unknown_fee_lines": 1,
    }


def test_exactly_the_missing_orders_are_missing(company: Company) -> None:
    now = company.world.now
    absent = set()
    for order in company.world.all_orders():
        status = order.status_at(now)
        due = status not in ("pending", "cancelled") and (
            order.fulfilled_by == "seller" or status in ("shipped", "delivered")
        )
        if due and order.order_id not in company.documents:
            absent.add(f"{order.channel}/{order.order_id}")
    assert absent == set(company.world.truth.of("missing_orders"))


def test_missing_orders_are_recent_seller_fulfilled_and_on_every_channel(company: Company) -> None:
    orders = [order_of(company, key) for key in company.world.truth.of("missing_orders")]
    assert {o.fulfilled_by for o in orders} == {"seller"}
    assert min(o.ordered_at for o in orders) >= NOW - timedelta(days=20)
    assert {o.channel for o in orders} == set(company.world.channels())


def test_every_unmapped_sku_blocks_several_orders_and_no_item_answers_to_it(company: Company) -> None:
    names = {str(i.text("itemId")) for kind in ("inventoryItem", "kitItem") for i in company.books.records(kind)}
    blocked = [order_of(company, key) for key in company.world.truth.of("blocked_orders")]
    held = Counter(f"{o.channel}/{line.sku}" for o in blocked for line in o.lines)
    for key in company.world.truth.of("unmapped_skus"):
        assert key.split("/")[1] not in names
        assert held[key] >= 2
    free = set(company.world.truth.of("missing_orders")) - set(company.world.truth.of("blocked_orders"))
    assert all(line.sku in names for key in free for line in order_of(company, key).lines)


def test_every_other_document_has_the_channel_s_total(company: Company) -> None:
    differs = set(company.world.truth.of("total_differs"))
    wrong = set()
    for order in company.world.all_orders():
        for stored in company.documents.get(order.order_id, ()):
            if stored.number("total") != expected_total(order):
                wrong.add(f"{order.channel}/{order.order_id}")
    assert wrong == differs


def test_adopted_orders_have_no_external_id_and_are_named_one_way_only(company: Company) -> None:
    for key in company.world.truth.of("adopted_by_other_reference"):
        (stored,) = company.documents_of(key)
        order_id = key.split("/")[1]
        assert (stored.text("externalId"), stored.text("otherRefNum")) == (None, order_id)
        assert stored.text("tranId") != order_id
    for key in company.world.truth.of("adopted_by_number"):
        (stored,) = company.documents_of(key)
        assert (stored.text("externalId"), stored.text("otherRefNum")) == (None, None)
        assert stored.text("tranId") == key.split("/")[1]


def test_all_other_documents_carry_the_external_id(company: Company) -> None:
    adopted = {
        key.split("/")[1]
        for case in ("adopted_by_other_reference", "adopted_by_number")
        for key in company.world.truth.of(case)
    }
    for order in company.world.all_orders():
        found = company.documents.get(order.order_id, [])
        if found and order.order_id not in adopted:
            assert external_id(order) in {stored.text("externalId") for stored in found}


def test_an_order_is_there_twice_and_a_cancelled_one_is_still_open(company: Company) -> None:
    (twice,) = company.world.truth.of("booked_twice")
    assert len(company.documents_of(twice)) == 2
    for key in company.world.truth.of("cancelled_still_open"):
        (stored,) = company.documents_of(key)
        assert stored.fields["status"] == "B"
        assert order_of(company, key).status_at(NOW) == "cancelled"


def test_journals_balance_and_add_to_what_the_settlement_says(company: Company) -> None:
    posted = {str(j.text("externalId")): j for j in company.books.records("journalEntry")}
    numbers = {a.id: a.text("acctNumber") for a in company.books.records("account")}
    spoiled = set(company.world.truth.of("journal_differs"))
    unposted = set(company.world.truth.of("unposted_settlements"))
    seen = 0
    for channel in company.world.channels():
        prefix = "WMT" if channel.startswith("walmart") else "AMZ"
        for settlement in company.world.settlements_of(channel):
            for (year, month), lines in month_parts(settlement).items():
                name = f"{prefix}-SETTLE-{book_number(settlement)}-{year}{month:02d}"
                if f"{channel}/{book_number(settlement)}" in unposted:
                    assert name not in posted
                    continue
                rows = posted[name].rows("line")
                net = Counter[str]()
                for row in rows:
                    net[str(numbers[row["account"]])] += row.get("credit", 0) - row.get("debit", 0)
                assert sum(net.values()) == 0
                wanted = Counter[str]()
                for line in lines:
                    wanted[account_number(channel, line)] += line.amount
                    wanted["1160" if channel.startswith("walmart") else "1150"] -= line.amount
                same = {k: v for k, v in net.items() if v} == {k: v for k, v in wanted.items() if v}
                assert same == (name not in spoiled)
                seen += 1
    assert seen == len(posted) > 20


def test_the_last_two_months_are_open_and_those_before_are_closed(company: Company) -> None:
    months = [p for p in company.books.records("accountingPeriod") if p.fields.get("isPosting")]
    closed = {str(p.text("periodName")): p.fields["closed"] for p in months}
    assert (closed["Sep 2026"], closed["Oct 2026"], closed["Nov 2026"]) == (True, False, False)
    assert closed["Jan 2025"] is True


def test_the_chart_and_the_subsidiaries_are_those_of_two_companies(company: Company) -> None:
    names = {s.text("name") for s in company.books.records("subsidiary")}
    assert names == {"Acme Goods Inc.", "Acme Goods GmbH"}
    numbers = {a.text("acctNumber") for a in company.books.records("account")}
    assert {"1150", "1155", "1160", "4000", "4100", "6110", "6120", "6200", "2200"} <= numbers
    german = {line.listing.channel for o in company.world.orders("amazon.DE") for line in o.lines}
    assert german == {"amazon.DE"}


def test_the_same_seed_breaks_the_same_things() -> None:
    assert build(load_scenario()).world.truth.cases == build(load_scenario()).world.truth.cases


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_are_as_broken_as_the_scenario_says(seed: int) -> None:
    moment = NOW + timedelta(days=41 * seed)
    world = build_world(seed=seed, now=moment)
    books = NetSuiteBooks(SandboxClock(moment, ticks=lambda: 0.0), AccountSettings(), seed)
    fill_books(world, books, load_scenario())
    counts = [len(world.truth.of(case)) for case in ("missing_orders", "blocked_orders", "unmapped_skus")]
    assert counts == [75, 25, 6]
    goods = ("shipments_unconfirmed", "split_shipments", "late_shipments", "tracking_differs", "fulfilment_missing")
    assert [len(world.truth.of(case)) for case in goods] == [6, 1, 1, 2, 3]
    money = ("invoice_missing", "returns_unbooked", "refunds_unbooked", "keep_it_refunds", "partial_refunds")
    assert [len(world.truth.of(case)) for case in money] == [3, 5, 4, 1, 1]
    wishes = ("unacknowledged", "cancel_requested", "changed_after_booking", "duplicate_customer")
    assert [len(world.truth.of(case)) for case in wishes] == [2, 2, 2, 4]
