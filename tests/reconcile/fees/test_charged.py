"""What the schedule gives for a charge, to the cent: bands, minimum, tax, promotions, shipping, roundings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from factories import World, line, order
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.controls import Evidence
from reconcile.fees import charged
from reconcile.fees.charged import Charge, find_differing, uncategorised
from reconcile.fees.schedule import FEE_SCHEDULE, fee_rows, sku_fees
from sync.money import round_to_minor
from sync.records import Listing

from .conftest import sell, sold


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def found(world: World) -> list[Charge]:
    with world.store.database.reading() as cursor:
        decided = Evidence(world.store, cursor, world.clock.now()).decisions(FEE_SCHEDULE)
        return find_differing(cursor, fee_rows(decided), sku_fees(decided))


def categorised(world: World, category: str, channel: str = "amazon.US", sku: str = "MUG") -> World:
    return world.decide(FEE_SCHEDULE, f"category|{channel}|{sku}", category=category)


#: Category, units, price of all, fee of all.
TABLE = [
    ("office", 1, "19.99", "3.00"),
    ("office", 1, "1.00", "0.30"),  # the minimum
    ("office", 3, "3.00", "0.90"),  # of each unit
    ("clothing_accessories", 1, "15.00", "0.75"),  # a band's end belongs to it
    ("clothing_accessories", 1, "15.01", "1.50"),
    ("clothing_accessories", 1, "20.01", "3.40"),
    ("clothing_accessories", 2, "30.00", "1.50"),  # the unit's price decides
    ("furniture", 1, "300.00", "40.00"),  # 15 % of 200 and 10 % of the rest
    ("furniture", 2, "600.00", "80.00"),
    ("watches", 1, "1500.00", "240.00"),
    ("grocery_gourmet", 1, "1.00", "0.08"),  # without a minimum
]


def test_the_fee_of_a_category_agrees_exactly_and_a_cent_more_or_less_differs(world: World) -> None:
    documents, wrong = [], []
    for row, (category, units, price, fee) in enumerate(TABLE):
        categorised(world, category, sku=f"S{row}")
        for off in (Decimal("0.00"), Decimal("0.01"), Decimal("-0.01")):
            named = {"number": f"{row}/{off}", "order_id": f"{row}/{off}", "sku": f"S{row}", "units": units}
            documents.append(sold(f"price {price}", f"referral -{Decimal(fee) + off}", **named))
            wrong += [(f"{row}/{off}", Decimal(fee), off)] if off else []
    charges = found(world.put_all(*documents))
    assert sorted((c.order_id, c.expected, c.difference) for c in charges) == sorted(wrong)


def test_promotions_lower_the_base_and_only_tax_that_is_not_withheld_raises_it(world: World) -> None:
    world.decide(FEE_SCHEDULE, "rate|amazon.DE|all", rate="15")
    categorised(categorised(world, "office"), "all", "amazon.DE")
    sell(world, "price 20.00", "promotion -5.00", "tax 1.60", "withheld -1.60", "referral -2.25")
    sell(world, "price 29.41", "tax 5.59", "referral -5.25", number="2", channel="amazon.DE", currency="EUR")
    assert found(world) == []


def test_a_fee_on_goods_and_shipping_together_is_right_too_and_on_shipping_alone_is_not(world: World) -> None:
    categorised(world, "office")
    sell(world, "price 20.00", "shipping 4.00", "referral -3.60")
    sell(world, "price 20.00", "shipping 4.00", "referral -0.60", number="2")
    assert [c.settlement_id for c in found(world)] == ["2"]


def test_a_line_charged_in_parts_may_differ_by_a_cent_for_each_further_rounding(world: World) -> None:
    categorised(world, "office")
    thirds = ("price 3.33", "price 3.33", "price 3.33")  # 15 % is 0.4995, three times 0.50
    sell(world, *thirds, "referral -0.50", "referral -0.50", "referral -0.50")
    sell(world, *thirds, "referral -0.51", "referral -0.51", "referral -0.51", number="2", order_id="O-2")
    assert [(c.order_id, c.difference) for c in found(world)] == [("O-2", Decimal("0.03"))]


def test_a_sku_gets_its_category_by_itself_by_its_product_type_or_by_the_rest_in_this_order(world: World) -> None:
    for n, sku in enumerate(("OWN", "TYPED", "REST")):
        sell(world, "price 100.00", "referral -99.00", sku=sku, number=str(n), order_id=sku)
        world.put(
            Listing(
                "amazon.US", sku, None, None, None, None if sku == "REST" else "TIRE", "active", "ACTIVE", "seller",
                "USD", None, None, None, None,
            )
        )  # fmt: skip
    world.decide(FEE_SCHEDULE, "product_type|amazon.US|TIRE", category="tires")
    categorised(categorised(world, "computers", sku="OWN"), "office", sku="*")
    assert {c.sku: (c.category, c.expected) for c in found(world)} == {
        "OWN": ("computers", Decimal(8)),
        "TYPED": ("tires", Decimal(10)),
        "REST": ("office", Decimal(15)),
    }


def test_without_a_category_only_what_no_rate_gives_is_questioned_and_the_sku_is_counted(world: World) -> None:
    for n, fee in enumerate(("15.00", "8.00", "12.00", "13.37")):
        sell(world, "price 100.00", f"referral -{fee}", number=str(n), order_id=f"O-{n}")
    (charge,) = found(world)
    assert (charge.category, charge.charged, charge.expected) == (None, Decimal("13.37"), Decimal("12.00"))
    with world.store.database.reading() as cursor:
        find_differing(cursor, fee_rows({}), [])
        assert uncategorised(cursor) == [("amazon.US", 1)]


def test_a_channel_or_a_day_without_a_schedule_says_nothing(world: World) -> None:
    sell(world, "price 100.00", "referral -77.00", channel="amazon.FR", currency="EUR")
    sell(world, "price 100.00", "referral -77.00", number="2", day=date(2019, 5, 1))
    assert found(world) == []


def test_without_a_quantity_the_order_tells_it_or_only_a_rate_of_one_band_is_judged(world: World) -> None:
    categorised(categorised(world, "clothing_accessories"), "office", sku="PEN")
    world.put_all(
        sold("price 30.00", "referral -9.99", units=0),
        sold("price 30.00", "referral -1.50", units=0, number="2", order_id="O-2"),
        sold("price 30.00", "referral -9.99", units=0, number="3", order_id="O-3", sku="PEN"),
        sold("price 30.00", "referral -9.99", units=0, number="4", order_id="O-4", sku="NOBODY"),
    )
    assert [c.order_id for c in found(world)] == ["O-3"]
    for order_id in ("O-1", "O-2"):
        world.put(order(order_id), line(order_id, sku="MUG", quantity_shipped=2))
    assert [(c.order_id, c.expected) for c in found(world)] == [("O-1", Decimal("1.50")), ("O-3", Decimal("4.50"))]


def test_the_rate_of_the_day_of_the_sale_decides(world: World) -> None:
    categorised(world, "office")
    world.decide(FEE_SCHEDULE, "rate|amazon.US|office", rate="10", **{"from": "2026-11-01"})
    sell(world, "price 100.00", "referral -10.00", day=date(2026, 11, 1))
    sell(world, "price 100.00", "referral -15.00", number="2", day=date(2026, 10, 31))
    sell(world, "price 100.00", "referral -15.00", number="3", day=date(2026, 11, 1))
    assert [(c.settlement_id, c.expected) for c in found(world)] == [("3", Decimal(10))]


@pytest.mark.parametrize("channel", ["amazon.US", "walmart.US"])
def test_fulfilment_fees_are_held_against_the_decided_fee_of_a_unit_only(world: World, channel: str) -> None:
    sell(world, "price 30.00", "fulfilment -9.92", units=2, channel=channel)
    assert found(world) == []
    world.decide(FEE_SCHEDULE, f"per_unit|{channel}|MUG", amount="4.96")
    assert found(world) == []
    world.decide(FEE_SCHEDULE, f"per_unit|{channel}|MUG", amount="4.95", **{"from": "2026-01-01"})
    (charge,) = found(world)
    assert (charge.fee, charge.expected, charge.difference) == ("fulfilment", Decimal("9.90"), Decimal("0.02"))


def test_yen_have_no_cents(world: World) -> None:
    world.decide(FEE_SCHEDULE, "rate|amazon.JP|all", rate="8")
    categorised(world, "all", "amazon.JP")
    sell(world, "price 999", "referral -80", channel="amazon.JP", currency="JPY")
    assert found(world) == []


@settings(max_examples=12, deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.integers(1, 50_000), st.integers(1, 4), st.integers(-2, 2)), min_size=1, max_size=12
    ),
    rate=st.integers(1, 4500),
)  # fmt: skip
def test_exactly_the_lines_charged_otherwise_are_found_for_any_prices_and_rate(
    lines: list[tuple[int, int, int]], rate: int
) -> None:
    world = categorised(World().decide(FEE_SCHEDULE, "rate|amazon.US|any", rate=str(Decimal(rate) / 100)), "any")
    wrong, documents = {}, []
    for n, (cents, units, off) in enumerate(lines):
        price = Decimal(cents) / 100
        charged = round_to_minor(price * rate / 10_000, "USD") + Decimal(off) / 100
        amounts = (f"price {price}", f"referral {-charged}")
        documents.append(sold(*amounts, units=units, number=str(n), order_id=f"O-{n}"))
        if off:
            wrong[f"O-{n}"] = Decimal(off) / 100
    assert {c.order_id: c.difference for c in found(world.put_all(*documents))} == wrong
    world.store.close()


def test_no_charge_is_compared_with_every_line_of_every_order(world: World) -> None:
    with world.store.database.reading() as cursor:
        find_differing(cursor, [], [])
        counting = charged._DATED.format(units=charged._UNITS, ordered=charged._ORDERED)
        statement = counting.partition(";")[2].replace("CREATE OR REPLACE TEMP VIEW fee_dated AS", "EXPLAIN")
        plan = cursor.execute(statement).fetchall()[0][1]
    assert "order_lines" in plan
    assert "BLOCKWISE_NL_JOIN" not in plan


@settings(max_examples=8, deadline=None)
@given(
    rates=st.lists(st.integers(1, 3), min_size=2, max_size=5),
    lines=st.lists(st.tuples(st.integers(100, 5_000), st.integers(1, 4)), min_size=1, max_size=6),
)
def test_without_a_category_any_rate_may_give_the_fee_and_of_those_equally_near_the_first_is_named(
    rates: list[int], lines: list[tuple[int, int]]
) -> None:
    world = World()
    for n, rate in enumerate(rates):
        world.decide(FEE_SCHEDULE, f"rate|amazon.XX|c{n}", rate=str(10 * rate))
    documents, expected = [], {}
    for n, (euros, tenths) in enumerate(lines):
        documents.append(
            sold(
                f"price {euros}.00",
                f"referral -{Decimal(euros * tenths) / 10}",
                number=str(n),
                order_id=f"O-{n}",
                channel="amazon.XX",
            )
        )
        if tenths not in rates:
            expected[f"O-{n}"] = min((abs(tenths - rate), f"c{place}") for place, rate in enumerate(rates))[1]
    charges = found(world.put_all(*documents))
    assert {c.order_id: c.nearest for c in charges} == expected
    world.store.close()
