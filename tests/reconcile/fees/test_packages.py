"""Fulfilment fees by size tier and weight: refused files first, then tiers, weights, days, and what is not judged.

The figures of these tables are made up for the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from factories import World
from hypothesis import given
from hypothesis import strategies as st

from reconcile.controls import Evidence, control_named
from reconcile.fees.packages import TABLE, read_bands, read_package, read_packages, table_rows
from reconcile.fees.schedule import FEE_SCHEDULE, sku_fees
from reconcile.fees.unit_fees import unit_fees
from reconcile.mapping.setup import apply_decisions, export_decisions
from sync.errors import BadInput

from .conftest import sell

HEAD = "sku,length,width,height,length_unit,weight,weight_unit\n"
COLUMNS = ",".join(TABLE) + "\n"
#: small: 15 x 12 x 0.75 in and 16 oz; large: 18 x 14 x 8 in, as heavy as it is large, 0.10 for each begun half pound.
ROWS = """small,15,12,0.75,,in,0,4,oz,,3.00,,,,,test
small,15,12,0.75,,in,4,16,oz,,3.50,,,,,test
large,18,14,8,,in,0,1,lb,139,4.00,,,,2026-10-31,test
large,18,14,8,,in,0,1,lb,139,5.00,,,2026-11-01,,test
large,18,14,8,60,in,1,20,lb,139,5.00,0.5,0.10,,,test
"""


def value(sides: str, weight: str) -> dict[str, str]:
    (length, width, height, unit), (amount, of) = sides.split(), weight.split()
    sized = {"length": length, "width": width, "height": height, "length_unit": unit}
    return {**sized, "weight": amount, "weight_unit": of}


def fee_of(sides: str, weight: str, day: date = date(2026, 11, 5)) -> Decimal | None:
    package = read_package("*", "MUG", value(sides, weight))
    found = unit_fees([package], read_bands("amazon.US", table_rows(COLUMNS + ROWS, file="t.csv"), "t"))
    (fee,) = [f for f in found if f.valid_from <= day <= f.valid_to]
    return fee.amount


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sku,length\nA,1\n", "missing: width"),
        (HEAD.replace("sku", "asin"), "unknown: asin"),
        (HEAD + "A,1,2,0,in,3,lb\n", "height is a number above zero"),
        (HEAD + "A,1,2,3,ft,3,lb\n", "length_unit is one of cm, in"),
        (HEAD + "A,1,2,3,in,heavy,lb\n", "weight is a number from 0 on"),
        (HEAD + "A,1,2,3,in,3,lb\nA,1,2,3,in,4,lb\n", "this SKU stands twice"),
    ],
)
def test_measures_that_cannot_be_read_are_refused_with_their_line(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_packages(text, file="d.csv")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("small,15,12,0.75,,in,0,4,oz,,,,,,,test", "the row has no amount"),
        ("small,15,12,0.75,,in,0,4,stone,,1,,,,,test", "weight_unit is one of"),
        ("small,15,12,0.75,,in,0,4,oz,0,1,,,,,test", "divisors are above zero"),
        ("small,15,12,0.75,,in,0,4,oz,,1,0.5,,,,test", "step and per_step go together"),
        ("small,15,12,0.75,,in,0,4,oz,,1,,,tomorrow,,test", "valid_from is a day"),
        (",15,12,0.75,,in,0,4,oz,,1,,,,,test", "no row of a fee table"),
    ],
)
def test_rows_of_a_table_that_cannot_be_used_are_refused(row: str, problem: str) -> None:
    with pytest.raises(BadInput) as caught:
        table_rows(COLUMNS + row + "\n", file="t.csv")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("sides", "weight", "fee"),
    [
        ("15 12 0.75 in", "4 oz", "3.00"),  # limits belong to their row
        ("0.75 15 12 in", "4 oz", "3.00"),  # whichever side is named first
        ("38.1 30.48 1.905 cm", "113.398 g", "3.00"),
        ("15 12 0.75 in", "4.01 oz", "3.50"),
        ("15 12 0.75 in", "16.1 oz", "5.10"),  # too heavy for the small tier
        ("15 12 0.76 in", "4 oz", "5.00"),  # too thick for it
        ("10 10 2.78 in", "0.5 lb", "5.20"),  # 2.0 lb by its size: two begun half pounds above one
        ("10 10 2.79 in", "0.5 lb", "5.30"),
        ("18 14 8 in", "20.01 lb", None),
        ("18 14 8.1 in", "2 lb", None),
    ],
)
def test_the_first_row_that_a_package_fits_decides(sides: str, weight: str, fee: str | None) -> None:
    assert fee_of(sides, weight) == (Decimal(fee) if fee else None)


def test_a_row_holds_on_its_days_only() -> None:
    assert fee_of("15 12 0.76 in", "4 oz", date(2026, 10, 31)) == Decimal("4.00")
    assert fee_of("15 12 0.76 in", "4 oz", date(2026, 11, 1)) == Decimal("5.00")


@given(st.decimals("0.01", "19.9", places=2), st.decimals("0.01", "19.9", places=2))
def test_a_heavier_package_never_costs_less(one: Decimal, other: Decimal) -> None:
    fees = [fee_of("16 12 1 in", f"{weight} lb") for weight in sorted((one, other))]
    assert None not in fees
    assert fees == sorted(fees, key=lambda f: f or 0)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.decide(FEE_SCHEDULE, "table|amazon.US|fulfilment", rows=table_rows(COLUMNS + ROWS, file="t.csv"))
    yield made
    made.store.close()


def judged(world: World) -> tuple[list[tuple[str, Decimal, str]], int, str | None]:
    with world.store.database.reading() as cursor:
        judgement = control_named("fee_differs").judge(Evidence(world.store, cursor, world.clock.now()))
    found = [(f.subject, f.amount, str(f.detail["schedule"])) for f in judgement.findings]
    return found, judgement.waiting, judgement.waiting_for


def measure(world: World, sku: str, sides: str, weight: str, channel: str = "*") -> World:
    return world.decide(FEE_SCHEDULE, f"package|{channel}|{sku}", **value(sides, weight))


def test_what_nobody_measured_and_what_fits_no_row_waits_and_is_counted(world: World) -> None:
    world.decide(FEE_SCHEDULE, "category|amazon.US|*", category="office")
    for n, sku in enumerate(("NEW", "PIANO", "MUG")):
        sell(world, "price 20.00", "fulfilment -99.00", sku=sku, number=str(n), order_id=f"O-{sku}")
    measure(measure(world, "PIANO", "60 50 40 in", "400 lb"), "MUG", "4 4 4 in", "12 oz")
    found, waiting, reason = judged(world)
    assert [(subject, amount) for subject, amount, _ in found] == [("O-MUG/1/fulfilment/2", Decimal("95.00"))]
    assert (waiting, reason) == (2, "size and weight of 2 SKUs of amazon.US")


def test_the_table_in_force_when_it_was_charged_is_held_against_it(world: World) -> None:
    world.decide(FEE_SCHEDULE, "category|amazon.US|*", category="office")
    measure(world, "MUG", "4 4 4 in", "12 oz")
    sell(world, "price 20.00", "fulfilment -4.00", number="1", order_id="OCT")
    sell(world, "price 20.00", "fulfilment -4.00", number="2", order_id="NOV", day=date(2026, 11, 2))
    assert judged(world) == ([("NOV/1/fulfilment/2", Decimal("1.00"), "large, test")], 0, None)


def test_a_fee_that_somebody_decided_of_a_sku_precedes_the_table_on_its_days(world: World) -> None:
    measure(world, "MUG", "4 4 4 in", "12 oz")
    world.decide(FEE_SCHEDULE, "per_unit|amazon.US|MUG", amount="7.00", **{"from": "2026-11-10", "until": "2026-11-20"})
    with world.store.database.reading() as cursor:
        decided = Evidence(world.store, cursor, world.clock.now()).decisions(FEE_SCHEDULE)
    days = sorted((f.valid_from, f.valid_to, f.amount) for f in sku_fees(decided) if f.channel == "amazon.US")
    assert [(a, str(start), str(end)) for start, end, a in days] == [
        (Decimal("4.00"), "1990-01-01", "2026-10-31"),
        (Decimal("5.00"), "2026-11-01", "2026-11-09"),
        (Decimal("7.00"), "2026-11-10", "2026-11-20"),
        (Decimal("5.00"), "2026-11-21", "2999-12-31"),
    ]


def test_tables_and_measures_are_part_of_the_setup_as_text(world: World) -> None:
    text = export_decisions(measure(world, "MUG", "4 4 4 in", "12 oz").store)
    other = World()
    assert apply_decisions(other.store, text, by="ann").decided == 2
    assert export_decisions(other.store) == text
    other.store.close()
