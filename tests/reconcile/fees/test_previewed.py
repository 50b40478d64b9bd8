"""Charges held against the channel's own fee preview: what proves nothing first, then faults, sizes and letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import World
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.controls import Evidence, Judgement, control_named
from reconcile.fees.letters import Letter, letter_of
from reconcile.fees.schedule import FEE_SCHEDULE
from reconcile.seen_at import evidence_at
from sync.clock import ManualClock
from sync.records import FeePreview, FeePreviewOther
from sync.streams import Document

from .conftest import sold

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
#: The day of the charges.
DAY = date(2026, 11, 2)
SMALL, LARGE = ("9", "7", "6", "7.5"), ("19", "7", "6", "7.5")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def preview(days: int, fee: str | None = "5.00", sku: str = "MUG", **changes: Any) -> Document:
    """A reading so many days after the charges, with the fees abroad or announced in `others`."""
    longest, median, shortest, weight = changes.pop("size", SMALL)
    channel, others = changes.pop("channel", "amazon.US"), changes.pop("others", ())
    values: dict[str, Any] = {
        "seen_at": datetime(DAY.year, DAY.month, DAY.day, 3, tzinfo=UTC) + timedelta(days=days),
        "product_id": "B01", "fulfilled_by": "channel", "currency": "USD", "price": Decimal("20.00"),
        "longest": Decimal(longest), "median": Decimal(median), "shortest": Decimal(shortest), "length_unit": "in",
        "weight": Decimal(weight), "weight_unit": "lb", "size_tier": "Large standard-size",
        "fulfilment_fee": None if fee is None else Decimal(fee), "referral_fee": Decimal("3.00"), "total_fee": None,
    }  # fmt: skip
    lines = [FeePreviewOther(channel, sku, n, "abroad", "FR", Decimal(x)) for n, x in enumerate(others, 1)]
    return Document(FeePreview(channel=channel, sku=sku, **values | changes), lines)


def put(world: World, *documents: Document) -> World:
    for document in documents:
        world.put_all(document)  # each reading comes alone, as from the vendor
    return world


def charge(world: World, fee: str, sku: str = "MUG", units: int = 1, price: str = "20.00", **more: Any) -> World:
    number = f"{sku}{more.get('day', DAY)}{fee}"
    return world.put_all(
        sold(f"price {price}", f"fulfilment -{fee}", sku=sku, units=units, number=number, order_id=f"O-{number}",
             **{"day": DAY, **more})
    )  # fmt: skip


def judged(world: World, control: str = "fee_differs") -> Judgement:
    with world.store.database.reading() as cursor:
        return control_named(control).judge(Evidence(world.store, cursor, world.clock.now()))


def written(world: World) -> Letter:
    with world.store.database.reading() as cursor:
        return letter_of(Evidence(world.store, cursor, world.clock.now()), "amazon.US", "MUG")


def titles(world: World, control: str = "fee_differs") -> list[str]:
    return [f.title for f in judged(world, control).findings if "referral" not in f.title.lower()]


#: Readings around a charge of 6.00, and whether they prove that 5.00 was expected: (days after it, fee) each.
AROUND: tuple[tuple[tuple[tuple[int, str | None], ...], bool, int], ...] = (
    (((1, "5.00"), (5, "5.00")), False, 1),  # seen after the charge only
    (((0, "5.00"), (5, "5.00")), False, 1),  # on its day: before or after, nobody knows
    (((-1, "5.00"), (3, "5.00")), False, 1),  # what is told may be three days old: it waits for the next one
    (((-1, "5.00"), (4, "5.00")), True, 0),
    (((-1, "5.00"), (2, "6.00"), (4, "6.00")), False, 0),  # it rose in between, and is what was charged
    (((-1, "5.00"), (2, "7.00"), (9, "7.00")), False, 1),  # neither, and nobody knows when it rose
    (((-1, "5.00"), (1, None), (4, "5.00")), False, 1),  # nothing was estimated in between
    (((-5, "5.00"), (4, "5.00")), False, 1),  # more than a week without a reading
    (((-5, "5.00"), (-1, "5.00"), (4, "5.00"), (5, "8.00")), True, 0),  # later changes do not matter
)


def test_only_a_preview_that_was_in_force_on_the_day_proves_anything(world: World) -> None:
    for n, (readings, _, _) in enumerate(AROUND):
        put(world, *(preview(days, fee, sku=f"S{n}") for days, fee in readings))
        charge(world, "6.00", sku=f"S{n}")
    found = judged(world)
    assert sorted(str(f.detail["sku"]) for f in found.findings) == [f"S{n}" for n, a in enumerate(AROUND) if a[1]]
    waiting = sum(a[2] for a in AROUND)
    assert f"fee previews of amazon.US before and after charges of {waiting} SKUs" in str(found.waiting_for)


def test_another_price_a_unit_abroad_and_a_decision_are_no_fault(world: World) -> None:
    both = {"others": ["6.50", "5.80"]}
    for sku, more in (("CHEAP", {}), ("ABROAD", both), ("KNOWN", {}), ("MCF", {}), ("EURO", {"currency": "EUR"})):
        put(world, preview(-1, sku=sku, **more), preview(4, sku=sku, **more))
    charge(world, "6.00", sku="CHEAP", price="9.99")
    charge(world, "6.00", sku="ABROAD")
    charge(world, "6.00", sku="KNOWN")
    charge(world, "6.00", sku="EURO")
    world.put_all(sold("fulfilment -9.00", sku="MCF", day=DAY, number="m", order_id="m"))
    world.decide(FEE_SCHEDULE, "per_unit|amazon.US|KNOWN", amount="6.00")
    assert titles(world) == []
    charge(world, "6.51", sku="ABROAD", day=DAY)  # more than the dearest
    assert [f.detail["expected"] for f in judged(world).findings] == ["6.50"]


def test_where_no_table_applies_the_preview_is_the_schedule(world: World) -> None:
    german: dict[str, Any] = {"channel": "amazon.DE", "currency": "EUR", "price": Decimal("23.80")}
    put(world, preview(-1, **german), preview(4, **german))
    charge(
        world, "6.00", channel="amazon.DE", currency="EUR", price="21.00"
    )  # another price, which may cost another fee
    assert titles(world) == []
    world.put_all(
        sold("price 20.00", "tax 3.80", "fulfilment -6.00", channel="amazon.DE", currency="EUR", number="2",
             order_id="O-2", day=DAY)
    )  # fmt: skip
    (found,) = judged(world).findings
    assert (found.channel, found.currency, found.amount) == ("amazon.DE", "EUR", 1)
    assert "size and weight" not in str(judged(world).waiting_for)


def test_a_fault_says_what_was_expected_when_and_until_when_to_ask_and_is_no_rise(world: World) -> None:
    put(world, *(preview(days) for days in range(-7, 13, 2)))
    for days in (-5, -4, -3):
        charge(world, "5.00", day=DAY + timedelta(days=days))
    charge(world, "12.00", units=2, price="40.00")
    charge(world, "6.00", day=DAY + timedelta(days=1))
    (found,) = judged(world).findings
    assert found.title == (
        "3 units of MUG were charged 6.00 USD to fulfil, the channel's own fee preview says 5.00: 3.00 USD too much"
    )
    assert (found.amount, found.deadline) == (3, datetime(2027, 1, 31, tzinfo=UTC))
    assert found.detail["fee_preview"] == [
        "2026-10-26 to 2026-11-13: 9 x 7 x 6 in, 7.5 lb (Large standard-size), 5.00 USD a unit"
    ]
    assert titles(world, "fee_changed") == []
    letter = written(world)
    assert (letter.units, letter.amount, letter.until) == (3, 3, date(2026, 11, 3))
    for said in (
        "Your own fee preview expected 5.00 USD a unit before and after each of these charges (read from 2026-10-26 to",
        "2026-11-13). Charged were 6.00 USD.",
        "Charged too much: 3 units, 3.00 USD. Please give it back.",
        "Ask until 2027-01-31",
        "2026-11-02  2 x 6.00 instead of 5.00: 2.00",
    ):
        assert said in letter.text
    assert [(x.units, x.difference, x.evidence) for x in letter.lines] == [
        (n, n, "fee preview: 5.00 USD a unit, read from 2026-10-26 to 2026-11-13") for n in (2, 1)
    ]
    world.decide("dispute", "amazon.US|fulfilment|MUG", case="7", until="2026-11-02")
    assert [f.detail["units"] for f in judged(world).findings] == [1]


def test_where_most_skus_are_charged_otherwise_it_is_a_table_that_the_previews_do_not_show(world: World) -> None:
    for n in range(5):
        put(world, preview(-1, sku=f"S{n}"), preview(4, sku=f"S{n}"))
        charge(world, "5.20" if n < 3 else "5.00", sku=f"S{n}")
    (found,) = judged(world).findings
    assert found.title == (
        "3 SKUs of amazon.US are charged otherwise than their fee previews say from 2026-11-02 on, 0.60 USD in all:"
        " the previews do not show a table that is in force"
    )
    assert (found.amount, found.detail["skus"]) == (0, ["S0", "S1", "S2"])
    charge(put(world, preview(-1, sku="S6"), preview(4, sku="S6")), "5.00", sku="S6")
    charge(put(world, preview(-1, sku="S7"), preview(4, sku="S7")), "5.00", sku="S7")
    assert [f.amount for f in judged(world).findings] == [Decimal("0.20")] * 3  # the fewer: each is a fault


def test_as_of_a_moment_only_what_had_been_read_by_then_counts(world: World) -> None:
    charge(put(world, preview(-1)), "6.00")
    world.clock.advance(10)
    then = world.clock.now()
    world.clock.advance(10)
    put(world, preview(4))
    for at, count in ((then, 0), (None, 1)):
        with evidence_at(world.store, at) as evidence:
            assert len(control_named("fee_differs").judge(evidence).findings) == count


def test_too_little_is_shown_and_claims_nothing(world: World) -> None:
    put(world, preview(-1), preview(4))
    charge(world, "4.00")
    (found,) = judged(world).findings
    assert (found.amount, found.severity, found.deadline) == (0, "low", None)
    assert "1.00 USD too little" in found.title


def test_a_size_that_costs_no_more_or_that_nobody_measured_is_no_difference(world: World) -> None:
    put(world, preview(-1, sku="SAME"), preview(-1, sku="NOBODY", size=LARGE), preview(-1, sku="SMALLER"))
    put(world, preview(-1, sku="KILO", size=LARGE, channel="amazon.DE"))
    for sku, length in (("SAME", "9.1"), ("SMALLER", "19"), ("KILO", "9")):
        ours = {"length": length, "width": "7", "height": "6", "length_unit": "in", "weight": "7.5"}
        world.decide(FEE_SCHEDULE, f"package|*|{sku}", weight_unit="lb", **ours)
    found = judged(world, "size_differs")
    assert found.findings == []
    assert found.waiting_for == "a fulfilment table of amazon.DE for the sizes of 1 SKUs"


def test_a_size_in_a_dearer_tier_says_both_sizes_what_they_cost_and_what_to_ask_for(world: World) -> None:
    put(world, preview(-9), *(preview(days, "12.15", size=LARGE) for days in (-3, 4)))
    charge(world, "5.00", day=DAY - timedelta(days=5))
    charge(world, "12.15")
    ours = {"length": "9", "width": "7", "height": "6", "length_unit": "in", "weight": "7.5", "weight_unit": "lb"}
    world.decide(FEE_SCHEDULE, "package|*|MUG", **ours)
    (found,) = judged(world, "size_differs").findings
    assert found.title.startswith("amazon.US measured MUG as 19 x 7 x 6 in, 7.5 lb, you as 9 x 7 x 6 in, 7.5 lb: ")
    assert "large standard" in found.title
    assert (found.detail["units"], found.detail["told_since"]) == (1, "2026-10-30")
    assert found.detail["measured_by_you"] == "9 x 7 x 6 in, 7.5 lb"
    assert found.amount == Decimal("12.15") - Decimal(str(found.detail["fee_of_your_size"]))
    letter = written(world)
    assert letter.text.startswith("Please measure SKU MUG again and correct its size tier.")
    assert "Our own measures: 9 x 7 x 6 in, 7.5 lb." in letter.text
    assert "2026-10-30 to 2026-11-06: 19 x 7 x 6 in, 7.5 lb (Large standard-size), 12.15 USD a unit" in letter.text
    # Charged for a third unit at the old fee, what follows the new size is a rise too: one letter says both.
    charge(world, "10.00", units=2, price="40.00", day=DAY - timedelta(days=6))
    rise = written(world)
    assert "Fee of one unit: 5.00 USD until 2026-10-28, 12.15 USD since 2026-11-02." in rise.text
    assert "Your fee preview of it:" in rise.text
    assert (rise.units, rise.amount) == (1, Decimal("7.15"))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2000)), min_size=1, max_size=12), st.integers(1, 2000))
def test_what_is_claimed_is_the_sum_of_what_units_cost_too_much_to_the_cent(
    charges: list[tuple[int, int]], fee: int
) -> None:
    world = World(ManualClock(NOW))
    expected = Decimal(fee).scaleb(-2)
    put(world, preview(-1, str(expected)), preview(4, str(expected)))
    world.put_all(
        *(
            sold(f"price {20 * u}.00", f"fulfilment -{Decimal(c * u).scaleb(-2)}", units=u, number=f"{n}",
                 order_id=f"{n}", day=DAY)
            for n, (u, c) in enumerate(charges)
        )
    )  # fmt: skip
    found = judged(world).findings
    claimed = sum(f.amount for f in found)
    over = sum((Decimal(u * max(c - fee, 0)).scaleb(-2) for u, c in charges), Decimal(0))
    under = sum((Decimal(u * min(c - fee, 0)).scaleb(-2) for u, c in charges), Decimal(0))
    assert claimed == over
    assert sum(Decimal(str(f.detail["difference"])) for f in found) == over + under
    world.store.close()
