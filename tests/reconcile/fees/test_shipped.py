"""The fulfilment tables that ship: what they give for the examples that were published with them, and on which days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from factories import World

from reconcile.controls import Evidence, control_named
from reconcile.fees.packages import read_package
from reconcile.fees.rises import adoptions
from reconcile.fees.schedule import FEE_SCHEDULE, check_decision
from reconcile.fees.shipped import shipped_bands, shipped_tables
from reconcile.fees.unit_fees import unit_fees
from reconcile.mapping.setup import apply_decisions, export_decisions
from sync.errors import BadInput
from sync.ops.decisions import Decision
from sync.ops.findings import Finding

from .conftest import sold

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MUG = {"length": "10", "width": "6", "height": "2", "length_unit": "in", "weight": "1.4", "weight_unit": "lb"}


def decided(**by_table: str) -> dict[str, Decision]:
    """Return confirmations of tables of amazon.US until a day."""
    made = {}
    for table, until in by_table.items():
        subject = f"confirm|amazon.US|{table.replace('_', ' ', 1).replace('_', '-')}"
        value = {"until": until} if until else {}
        made[subject] = Decision(1, FEE_SCHEDULE, subject, value, NOW, NOW, "ann", "")
    return made


def fee_of(channel: str, sides: str, weight: str, day: str, price: str) -> tuple[str | None, bool]:
    """Return (fee of one unit by the shipped tables, whether the publisher's days have ended before)."""
    (length, width, height), (heavy, unit) = sides.split(), weight.split()
    package = read_package(
        channel, "A", {**MUG, "length": length, "width": width, "height": height, "weight": heavy, "weight_unit": unit}
    )
    on = date.fromisoformat(day)
    fees = unit_fees([package], [b for b in shipped_bands({}, []) if b.channel == channel])
    found = [f for f in fees if f.valid_from <= on <= f.valid_to and f.price_from <= Decimal(price) < f.price_below]
    assert len(found) <= 1
    fee = found[0] if found else None
    ended = fee is not None and fee.ended is not None and on > fee.ended
    return (str(fee.amount) if fee and fee.amount is not None else None, ended)


@pytest.mark.parametrize("subject", ["confirm|amazon.US|FBA 1999", "confirm|walmart.US|FBA 2024-04-15"])
def test_only_a_table_that_ships_can_be_confirmed(subject: str) -> None:
    with pytest.raises(BadInput, match="no such table ships"):
        check_decision(subject, {})


@pytest.mark.parametrize(
    ("channel", "sides", "weight", "day", "price", "fee", "ended"),
    [
        # Amazon's own examples of the card of 2024: a case for a telephone, a cot.
        ("amazon.US", "13.8 9 0.7", "2.88 oz", "2024-06-01", "20", "3.15", False),
        ("amazon.US", "24 7.5 6", "7.90 lb", "2025-06-01", "40", "12.27", False),
        ("amazon.US", "24 7.5 6", "7.90 lb", "2025-06-01", "9.99", "11.50", False),
        # Walmart's own example of a basket: 8.63 lb by its size, a quarter pound of packing, begun pounds.
        ("walmart.US", "12 10 10", "6 lb", "2026-06-01", "25", "7.75", False),
        ("walmart.US", "12 10 10", "0.75 lb", "2026-06-01", "25", "3.45", False),  # light: its size does not count
        ("walmart.US", "12 10 10", "0.76 lb", "2026-06-01", "25", "4.95", False),
        ("walmart.US", "49 10 10", "6 lb", "2026-06-01", "25", None, False),  # oversize does not ship
        ("walmart.US", "12 10 10", "6 lb", "2026-06-01", "9.99", None, False),
        # The limits of weights and prices belong to the lower row.
        ("amazon.US", "10 6 2", "1.5 lb", "2026-03-01", "50", "5.42", False),
        ("amazon.US", "10 6 2", "1.51 lb", "2026-03-01", "50.01", "5.83", False),
        ("amazon.US", "10 6 2", "1.5 lb", "2026-03-01", "9.99", "4.60", False),
        ("amazon.US", "10 6 2", "3.01 lb", "2026-03-01", "20", "7.05", False),
        # 3.5 percent on top from April on, to the cent; nothing of the holidays ships, the older table stays.
        ("amazon.US", "10 6 2", "1.5 lb", "2026-04-17", "20", "5.61", False),
        ("amazon.US", "10 6 2", "1.5 lb", "2026-10-15", "20", "5.61", True),
        ("amazon.US", "10 6 2", "1.5 lb", "2024-04-14", "20", None, False),
    ],
)
def test_the_shipped_tables_give_what_was_published(
    channel: str, sides: str, weight: str, day: str, price: str, fee: str | None, ended: bool
) -> None:
    assert fee_of(channel, sides, weight, day, price) == (fee, ended)


def test_a_confirmed_table_is_trusted_on_its_publishers_days_or_until_the_day_that_was_said() -> None:
    def trusted(confirmed: dict[str, Decision]) -> list[tuple[str, str]]:
        held = {(b.valid_from, b.valid_to) for b in shipped_bands(confirmed, []) if b.confirmed}
        return sorted((str(start), str(end)) for start, end in held)

    assert trusted({}) == []
    assert trusted(decided(FBA_2026_04_17="")) == [("2026-04-17", "2026-10-14")]
    assert trusted(decided(FBA_2026_04_17="2026-12-31")) == [("2026-04-17", "2026-12-31")]
    assert trusted(decided(FBA_2024_04_15="2024-04-14")) == []


def test_every_shipped_row_is_of_a_table_and_no_row_is_reached_by_none() -> None:
    names = [t.name for t in shipped_tables()]
    assert len(names) == len(set(names))
    days = [(t.channel, t.valid_from, t.valid_to) for t in shipped_tables()]
    for (channel, _, end), (other, start, _) in pairwise(days):
        assert channel != other or start == end + timedelta(days=1)
    assert all(not b.confirmed and b.amount > 0 for t in shipped_tables() for b in t.bands)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.decide(FEE_SCHEDULE, "category|amazon.US|*", category="office")
    for sku in ("MUG", "CUP"):
        made.decide(FEE_SCHEDULE, f"package|amazon.US|{sku}", **MUG)
    lines = [("MUG", "5.90"), ("CUP", "5.90"), ("CUP", "5.61"), ("MUG", "6.40")]
    made.put_all(
        *(
            sold("price 20.00", f"fulfilment -{fee}", sku=sku, number=str(n), order_id=f"O-{n}", day=date(2026, 11, 2))
            for n, (sku, fee) in enumerate(lines)
        )
    )
    yield made
    made.store.close()


def judged(world: World) -> list[Finding]:
    with world.store.database.reading() as cursor:
        return list(control_named("fee_differs").judge(Evidence(world.store, cursor, world.clock.now())).findings)


ROW = "large standard 1.25-1.5 lb, price 10 to under 50.01"


def test_a_table_that_nobody_confirmed_claims_no_money_and_names_its_row_once(world: World) -> None:
    (found,) = judged(world)
    assert found.subject == f"{ROW} (FBA 2026-04-17)"
    assert found.title == (
        f"3 units of {ROW} were charged 5.90 mostly, the table FBA 2026-04-17, which ended on 2026-10-14, says 5.61:"
        " confirm or import"
    )
    assert (found.amount, found.severity, found.detail["difference"]) == (0, "low", "1.37")
    assert (found.detail["units_as_the_table"], found.detail["skus"]) == (1, ["CUP", "MUG"])


def test_what_is_adopted_is_the_schedule_and_what_differs_from_it_is_claimed(world: World) -> None:
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        with pytest.raises(BadInput, match="no fulfilment fee"):
            adoptions(evidence, "amazon.US", "PEN")
        chosen = adoptions(evidence, "amazon.US", ROW)
    assert chosen == {f"adopt|amazon.US|{ROW}": {"amount": "5.90", "from": "2026-11-02"}}
    for subject, value in chosen.items():
        world.decide(FEE_SCHEDULE, subject, **value)
    assert [(f.subject, f.amount) for f in judged(world)] == [
        ("O-2/1/fulfilment/2", Decimal("0.29")),
        ("O-3/1/fulfilment/3", Decimal("0.50")),
    ]
    text = export_decisions(world.store)
    other = World()
    assert apply_decisions(other.store, text, by="ann").decided == 4
    other.store.close()


def test_a_row_whose_units_are_charged_several_fees_is_not_adopted_but_its_sizes_are_doubted(world: World) -> None:
    others = ("7.00", "7.10")
    world.put_all(
        *(sold("price 20.00", f"fulfilment -{f}", sku="CUP", number=f"9{n}", order_id=f"P-{n}", day=date(2026, 11, 3))
          for n, f in enumerate(others))
    )  # fmt: skip
    (found,) = judged(world)
    assert str(found.blocked_by).startswith("Check the sizes of its SKUs")
    with world.store.database.reading() as cursor, pytest.raises(BadInput, match="several fees"):
        adoptions(Evidence(world.store, cursor, world.clock.now()), "amazon.US", found.subject)


def test_a_confirmed_table_claims_each_charge_and_a_table_of_ones_own_takes_its_days(world: World) -> None:
    world.decide(FEE_SCHEDULE, "confirm|amazon.US|FBA 2026-04-17", until="2026-12-31")
    assert sorted(f.amount for f in judged(world)) == [Decimal("0.29"), Decimal("0.29"), Decimal("0.79")]
    own = {"size_tier": "all", "length_unit": "in", "weight_unit": "lb", "amount": "6.40", "valid_from": "2026-11-01"}
    world.decide(FEE_SCHEDULE, "table|amazon.US|mine", rows=[own])
    assert sorted(f.amount for f in judged(world)) == [Decimal("0.50"), Decimal("0.50"), Decimal("0.79")]
