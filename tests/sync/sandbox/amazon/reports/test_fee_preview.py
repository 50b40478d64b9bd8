"""The fee preview and the lever behind it: what is refused, and that it says what the settlements charge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sync.sandbox.amazon.reports.fee_preview import (
    AMERICAN_COLUMNS,
    EUROPEAN_COLUMNS,
    FEE_PREVIEW,
    write_fee_preview,
)
from sync.sandbox.amazon.reports.table import Span
from sync.sandbox.world.build import build_world
from sync.sandbox.world.levers import ship
from sync.sandbox.world.measures import remeasure
from sync.sandbox.world.model import World
from sync.sandbox.world.placing import place_order

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SKU = "ACM-KET-17-WHT"
REPORTS = "/reports/2021-06-30/reports"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=300)


def previewed(world: World, at: datetime, channel: str = "amazon.US") -> dict[str, dict[str, str]]:
    body = write_fee_preview(world, [channel], Span(at, at, at))
    assert body is not None
    head, *rows = [line.split("\t") for line in body.decode("cp1252").splitlines()]
    assert head == (AMERICAN_COLUMNS if channel == "amazon.US" else EUROPEAN_COLUMNS)
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_a_short_span_and_a_second_report_within_hours_end_fatal(seller: Seller) -> None:
    def ends(hours: int) -> str:
        start, now = seller.clock.now() - timedelta(hours=hours), seller.clock.now()
        body = {"reportType": FEE_PREVIEW, "marketplaceIds": ["ATVPDKIKX0DER"]}
        span = {"dataStartTime": start.isoformat(), "dataEndTime": now.isoformat()}
        report_id = seller.post(REPORTS, body | span).json()["reportId"]
        seller.clock.advance(90)
        return str(seller.get(f"{REPORTS}/{report_id}").json()["processingStatus"])

    assert [ends(71), ends(73), ends(73)] == ["FATAL", "DONE", "FATAL"]
    seller.clock.advance(4 * 3600)
    seller.log_in()
    assert ends(73) == "DONE"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sku": "ACM-KET-17-BLK"}, "no unit"),  # the seller sends it
        ({"sku": "NONE"}, "no unit"),
        ({"channel": "walmart.US", "sku": "ACM-MUG-16-WFS"}, "no unit"),
        ({"since": NOW - timedelta(seconds=1)}, "past"),
        ({"pounds": Decimal(-1)}, "above 0"),
        ({"sides": (Decimal(1), Decimal(0), Decimal(1))}, "above 0"),
    ],
)
def test_what_cannot_be_measured_is_refused(world: World, changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        remeasure(world, NOW, **{"channel": "amazon.US", "sku": SKU, **changed})  # type: ignore[arg-type]


def test_what_was_never_in_a_warehouse_has_no_estimate(world: World) -> None:
    known = world.listing("amazon.DE", "ACM-FRP-03")
    assert known is not None
    world.offer(replace(known, sku="NEW"))
    row = previewed(world, NOW, "amazon.DE")["NEW"]
    assert (row["longest-side"], row["unit-of-weight"], row["estimated-fee-total"]) == ("", "", "--")
    assert row["expected-domestic-fulfilment-fee-per-unit"] == row["expected-efn-fulfilment-fee-per-unit-fr"] == "--"


def test_from_its_day_on_a_new_measure_is_charged_and_shown_unless_it_is_hidden() -> None:
    world = build_world(seed=7, now=NOW, size=300)
    since, later = NOW + timedelta(days=2), NOW + timedelta(days=9)

    def charged(at: datetime, sku: str) -> Decimal:
        order = place_order(world, at, channel="amazon.US", sku=sku, quantity=2, fulfilled_by="channel")
        ship(world, at, channel="amazon.US", order_id=order.order_id)
        (fee,) = (
            x.amount
            for x in world.ledger("amazon.US").open(at + timedelta(hours=1)).lines
            if x.order_id == order.order_id and x.description == "FBAPerUnitFulfillmentFee"
        )
        return -fee / 2

    shown = {at: previewed(world, at)[SKU]["expected-fulfillment-fee-per-unit"] for at in (NOW, later)}
    assert set(shown.values()) == {"7.80"}
    assert charged(NOW - timedelta(hours=2), SKU) == Decimal("7.80")
    _, made = remeasure(world, NOW, channel="amazon.US", sku=SKU, since=since)
    assert (made.sides[0], previewed(world, NOW)[SKU]["longest-side"]) == (19, "9.00")
    row = previewed(world, later)[SKU]
    assert (row["expected-fulfillment-fee-per-unit"], row["product-size-tier"]) == ("12.15", "Large bulky")
    assert charged(since + timedelta(hours=1), SKU) == Decimal("12.15")

    remeasure(world, NOW, channel="amazon.US", sku="ACM-FRP-03", is_shown=False)
    before = previewed(world, later)["ACM-FRP-03"]
    assert before["product-size-tier"] == "Large standard-size"
    fee = Decimal(before["expected-fulfillment-fee-per-unit"])
    assert charged(NOW + timedelta(hours=1), "ACM-FRP-03") == fee + Decimal("4.35")


def test_the_report_says_what_settled_orders_were_charged(world: World) -> None:
    rows = previewed(world, NOW)
    fees = {
        (line.sku, -line.amount / line.quantity)
        for s in world.settlements_of("amazon.US")
        for line in s.lines
        if line.description == "FBAPerUnitFulfillmentFee" and line.sku and line.quantity
    }
    assert len(fees) > 10
    assert {(sku, Decimal(rows[sku]["expected-fulfillment-fee-per-unit"])) for sku, _ in fees} == fees
