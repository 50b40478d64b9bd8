"""Fulfilment fees that rose: what explains a rise first, then what is found, filed and adopted, and the case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from factories import World, settled

from reconcile.controls import Evidence, control_named
from reconcile.fees.letters import letter_of, write_letter
from reconcile.fees.questioned import DISPUTE
from reconcile.fees.rises import adoptions, rises_of
from reconcile.fees.schedule import FEE_SCHEDULE
from sync.errors import BadInput
from sync.ops.findings import Finding
from sync.streams import Document

START = date(2026, 10, 16)


def charged(
    *levels: tuple[str, str], sku: str = "MUG", channel: str = "amazon.US", price: str = "20.00", number: str = "1"
) -> Document:
    """Return a settlement with one order of one unit for each (days after the first one, fee)."""
    amazon = channel.startswith("amazon.")
    words = ("Order|ItemPrice|Principal", "Order|ItemFees|FBAPerUnitFulfillmentFee")
    if not amazon:
        words = ("Sale|Product Price|Purchase", "Adjustment|WFS Fee/Reimbursement|WFS Fulfillment fee")
    rows, orders = list[str](), list[str]()
    for n, (day, fee) in enumerate(levels):
        on = START + timedelta(days=int(day))
        rows += [f"{on} {words[0]} {price}", f"{on} {words[1]} -{fee}"]
        orders += [f"{sku}-{number}-{n}"] * 2
    head, lines = settled(f"{sku}{number}", rows, channel=channel)
    named = [
        replace(line, order_id=order, sku=sku, order_line_id="1", quantity=1)
        for line, order in zip(lines, orders, strict=True)
    ]
    return Document(replace(head, total=sum((x.amount for x in named), Decimal(0))), named)


OLD = (("0", "5.00"), ("1", "5.00"), ("2", "5.00"))


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def judged(world: World) -> list[Finding]:
    with world.store.database.reading() as cursor:
        return list(control_named("fee_changed").judge(Evidence(world.store, cursor, world.clock.now())).findings)


#: What a SKU was charged on which days, and the fees that are a rise.
LEVELS: tuple[tuple[tuple[tuple[str, str], ...], list[str]], ...] = (
    ((("0", "5.00"), ("1", "5.00"), ("5", "6.00")), []),  # two units are no level
    (OLD, []),
    ((*OLD, ("5", "4.00")), []),  # cheaper is no complaint
    ((*OLD, ("5", "6.00")), ["6.00"]),
    ((*OLD, ("5", "6.00"), ("6", "5.00"), ("7", "6.00")), ["6.00"]),  # one finding, both units
    ((*OLD, ("5", "6.00"), ("6", "7.00")), ["6.00", "7.00"]),
    # One odd unit makes no level: what follows is compared with what was charged before it.
    ((*OLD, ("4", "9.00"), ("5", "6.00")), ["9.00", "6.00"]),
)


def test_a_higher_fee_than_most_units_had_before_is_a_rise(world: World) -> None:
    world.put_all(*(charged(*levels, channel=f"amazon.{n}") for n, (levels, _) in enumerate(LEVELS)))
    found = judged(world)
    for n, (_, wanted) in enumerate(LEVELS):
        assert [f.detail["after"] for f in found if f.channel == f"amazon.{n}"] == wanted


def test_a_new_table_another_price_and_a_decision_explain_a_rise(world: World) -> None:
    before = [(str(int(day) - 10), fee) for day, fee in OLD]
    world.put_all(
        charged(*before, ("1", "6.00"), sku="PEAK"),  # Amazon's holiday fees begin on 2026-10-15
        charged(*OLD, sku="CHEAP", price="9.99"),
        charged(("5", "6.00"), sku="CHEAP", number="2"),  # 20.00: another range of the table
        charged(*OLD, ("5", "6.00"), sku="KNOWN"),
    )
    world.decide(FEE_SCHEDULE, "per_unit|amazon.US|KNOWN", amount="6.00", **{"from": "2026-10-21"})
    assert judged(world) == []
    world.decide(FEE_SCHEDULE, "per_unit|amazon.US|KNOWN", amount="6.00", **{"from": "2026-10-22"})
    assert [f.detail["sku"] for f in judged(world)] == ["KNOWN"]


def test_a_rise_says_before_and_after_units_money_and_until_when_to_ask(world: World) -> None:
    world.put_all(charged(*OLD, ("5", "6.25"), ("6", "6.25")))
    (found,) = judged(world)
    assert found.title == "Fulfilment fee of MUG rose from 5.00 to 6.25 USD on 2026-10-21: 2 units, 2.50 USD more"
    assert (found.amount, found.channel_amount, found.erp_amount) == (Decimal("2.50"), -Decimal("12.50"), -10)
    assert (found.deadline, found.severity) == (datetime(2027, 1, 19, tzinfo=UTC), "med")
    assert (found.detail["units_before"], found.detail["last_day_before"]) == (3, "2026-10-18")
    assert str(found.blocked_by).startswith("Ask for a new measurement and the money until 2027-01-19")


def test_what_is_in_a_case_leaves_and_what_is_charged_later_comes_back(world: World) -> None:
    world.put_all(charged(*OLD, ("5", "6.00"), ("9", "6.00")))
    world.decide(DISPUTE, "amazon.US|fulfilment|MUG", case="77", until="2026-10-21")
    assert [(f.detail["units"], f.amount) for f in judged(world)] == [(1, 1)]
    world.decide(DISPUTE, "amazon.US|fulfilment|MUG", case="77", until="2026-10-25")
    assert judged(world) == []


def test_skus_that_rise_together_are_one_finding_that_claims_no_money_and_are_adopted_at_once(world: World) -> None:
    world.put_all(
        *(charged(*OLD, (str(5 + n), "6.00"), sku=sku) for n, sku in enumerate(("CUP", "MUG", "PEN"))),
        charged(*OLD, ("8", "5.00"), sku="CAP"),
    )
    (found,) = judged(world)
    assert found.title == (
        "Fulfilment fees of 3 SKUs of amazon.US rose together from 2026-10-21 on, 3.00 USD more:"
        " it looks like a new table"
    )
    assert (found.amount, found.subject) == (0, "new table/2026-10-21/USD")
    with world.store.database.reading() as cursor:
        chosen = adoptions(Evidence(world.store, cursor, world.clock.now()), "amazon.US", found.subject)
    assert chosen["per_unit|amazon.US|MUG"] == {
        "amount": "6.00", "from": "2026-10-22", "price_from": "10", "price_below": "50.01"
    }  # fmt: skip
    for subject, value in chosen.items():
        world.decide(FEE_SCHEDULE, subject, **value)
    assert judged(world) == []


def test_the_case_for_amazon_asks_for_a_measurement_and_names_every_charge(world: World) -> None:
    world.put_all(charged(*OLD, ("5", "6.25"), ("6", "6.25")))
    sized = {"length": "4", "width": "4", "height": "5", "length_unit": "in", "weight": "12", "weight_unit": "oz"}
    world.decide(FEE_SCHEDULE, "package|*|MUG", **sized)
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        with pytest.raises(BadInput, match="no fulfilment fee of PEN rose"):
            letter_of(evidence, "amazon.US", "PEN")
        text = letter_of(evidence, "amazon.US", "MUG").text
    for said in (
        "Please measure SKU MUG again",
        "5.00 USD until 2026-10-18",
        "6.25 USD since 2026-10-21",
        "2 units, 2.50 USD",
        "4 x 4 x 5 in, 12 oz",
        "MUG-1-3  2026-10-21  1 x 6.25 instead of 5.00: 1.25",
    ):
        assert said in text


def test_the_packet_for_walmart_has_a_row_for_every_charge_and_its_last_day(world: World, tmp_path: Path) -> None:
    out = tmp_path / "case.xlsx"
    world.put_all(charged(*OLD, ("5", "6.25"), ("6", "6.25"), channel="walmart.US"))
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        assert [r.units for r in rises_of(evidence)] == [2]
        write_letter(letter_of(evidence, "walmart.US", "MUG"), out)
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    first = dict(zip(head, rows[0], strict=True))
    assert (first["Purchase Order #"], first["Fee charged"], first["Fee expected"]) == ("MUG-1-3", 6.25, 5)
    assert first["Difference"] == 1.25
    assert "2026-10-18" in str(first["Evidence"])
    assert len([r for r in rows if r[0] and str(r[0]).startswith("MUG")]) == 2
