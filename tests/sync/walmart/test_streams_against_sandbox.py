"""The streams beside orders and settlements over real HTTP: what they read, and what a fault on the way costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from sync.errors import ContractBroken
from sync.records import (
    ChannelLocation,
    ChannelReturn,
    ChannelReturnLine,
    ChannelShipment,
    ChannelShipmentLine,
    ChannelStock,
    Listing,
    Order,
    Settlement,
    SettlementSummary,
    SettlementSummaryAmount,
)
from sync.sandbox.server import Running, Sandbox
from sync.streams import Batch

from .seller import NOW, Connected

STREAMS = ("returns", "shipments", "summaries", "locations", "listings", "stock", "wfs_stock", "feeds")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=150, limits=True).start() as running:
        yield running


def keys(batches: list[Batch]) -> set[str]:
    return {repr(d.record) for b in batches for d in b.documents}


@pytest.mark.proves("W25")
async def test_a_refused_returns_window_is_an_error_and_covers_nothing(connected: Connected) -> None:
    connected.fault("W25", match="/returns")
    batches: list[Batch] = []

    with pytest.raises(Exception, match="must both be given"):
        batches += await connected.pull("walmart.returns@US")

    assert not [b for b in batches if b.covered]
    assert len(await connected.documents("walmart.returns@US")) > 0


@pytest.mark.parametrize("stream", [s for s in STREAMS if s != "summaries"])
async def test_an_error_in_a_good_answer_is_never_taken_for_success(connected: Connected, stream: str) -> None:
    # WFS stock goes on with its older path, so both must answer so.
    connected.fault("error_200", count=9)

    with pytest.raises(ContractBroken):
        await connected.pull(f"walmart.{stream}@US")


@pytest.mark.parametrize("fault", ["lost_answer", "truncated_gzip", "page_repeated"])
@pytest.mark.parametrize("stream", STREAMS)
async def test_a_fault_on_the_way_costs_no_record(connected: Connected, stream: str, fault: str) -> None:
    name = f"walmart.{stream}@US"
    expected = keys(await connected.pull(name))
    connected.fault(fault)

    try:
        read = keys(await connected.pull(name))
    except ContractBroken:
        # Half a document is no answer: the pull stops, covers nothing, and the next one reads everything.
        assert fault == "truncated_gzip"
        read = keys(await connected.pull(name))

    assert expected <= read


@pytest.mark.parametrize("fault", ["null_object", "W32"])
@pytest.mark.parametrize("stream", STREAMS)
async def test_a_bent_answer_is_read_or_quarantined_and_never_breaks_the_run(
    connected: Connected, stream: str, fault: str
) -> None:
    expected = len(keys(await connected.pull(f"walmart.{stream}@US")))
    connected.fault(fault)

    batches = await connected.pull(f"walmart.{stream}@US")

    read, bad = len(keys(batches)), sum(len(b.quarantined) for b in batches)
    assert read + bad >= expected
    assert batches[-1].covered is not None


async def test_returns_come_with_their_units_and_money(connected: Connected) -> None:
    found = await connected.documents("walmart.returns@US")

    assert len({r.return_id for r, _ in found if isinstance(r, ChannelReturn)}) == len(found) > 1
    for record, lines in found:
        assert isinstance(record, ChannelReturn)
        assert record.status != "unknown", record.vendor_status
        amounts = [x.refund_amount for x in lines if isinstance(x, ChannelReturnLine) and x.refund_amount]
        assert record.refund_total == sum(amounts, Decimal(0))
        assert record.order_id
        assert record.alternate_id


@pytest.mark.proves("W24")
async def test_returns_of_both_fulfilments_are_told_apart(connected: Connected) -> None:
    orders = {r.order_id: r for r, _ in await connected.documents("walmart.orders@US") if isinstance(r, Order)}
    found = [r for r, _ in await connected.documents("walmart.returns@US") if isinstance(r, ChannelReturn)]

    assert {r.fulfilled_by for r in found} <= {"seller", "channel"}
    known = [r for r in found if r.order_id in orders]
    assert known
    assert all(r.fulfilled_by == orders[str(r.order_id)].fulfilled_by for r in known)


async def test_parcels_are_those_of_walmarts_own_orders(connected: Connected) -> None:
    orders = {r.order_id: (r, ls) for r, ls in await connected.documents("walmart.orders@US") if isinstance(r, Order)}
    parcels = await connected.documents("walmart.shipments@US")

    assert parcels
    for parcel, lines in parcels:
        assert isinstance(parcel, ChannelShipment)
        order, order_lines = orders[parcel.order_id]
        assert order.fulfilled_by == "channel"
        units = sum(x.quantity for x in lines if isinstance(x, ChannelShipmentLine))
        assert 0 < units <= sum(x.quantity for x in order_lines)  # type: ignore[union-attr]
        assert parcel.shipped_at >= order.ordered_at


async def test_the_statement_closes_to_the_cent_and_holds_every_figure(connected: Connected) -> None:
    ((summary, amounts),) = await connected.documents("walmart.summaries@US")

    assert isinstance(summary, SettlementSummary)
    assert summary.source == "statement"
    by_path = {a.category: a.amount for a in amounts if isinstance(a, SettlementSummaryAmount)}
    assert by_path["accountSummary/closingBalance"] == summary.closing == summary.total
    assert by_path["accountSummary/openingBalance"] == summary.opening


async def test_items_stock_and_places_fit_together(connected: Connected) -> None:
    items = [r for r, _ in await connected.documents("walmart.listings@US") if isinstance(r, Listing)]
    stock = [r for r, _ in await connected.documents("walmart.stock@US") if isinstance(r, ChannelStock)]
    wfs = [r for r, _ in await connected.documents("walmart.wfs_stock@US") if isinstance(r, ChannelStock)]
    places = {
        r.location_id for r, _ in await connected.documents("walmart.locations@US") if isinstance(r, ChannelLocation)
    }

    assert {s.location_id for s in stock} <= places
    assert {s.sku for s in wfs} == {i.sku for i in items if i.fulfilled_by == "channel"}
    assert {s.sku for s in stock} == {i.sku for i in items if i.fulfilled_by == "seller"}
    assert all(i.price and i.currency == "USD" for i in items)
    # What was sent is not what lies there.
    assert any(s.offered != s.available + s.reserved or s.offered == s.available for s in stock)


@pytest.mark.proves("W23")
async def test_a_sku_that_the_list_of_stock_leaves_out_is_asked_for_alone(connected: Connected) -> None:
    expected = keys(await connected.pull("walmart.stock@US"))
    connected.fault("W23", match="/inventories")

    assert keys(await connected.pull("walmart.stock@US")) == expected
    assert connected.asked("getNodeInventory") == [200]


@pytest.mark.proves("W27")
async def test_a_report_whose_zip_is_refused_comes_as_json(connected: Connected) -> None:
    plain = [
        (r, lines) for r, lines in await connected.documents("walmart.settlements@US") if isinstance(r, Settlement)
    ]
    connected.fault("W27", count=1, match="/reconFile")

    again = [
        (r, lines) for r, lines in await connected.documents("walmart.settlements@US") if isinstance(r, Settlement)
    ]

    assert [(r.settlement_id, r.total, r.line_count) for r, _ in again] == [
        (r.settlement_id, r.total, r.line_count) for r, _ in plain
    ]
    assert any("(JSON)" in r.document_name for r, _ in again)
    assert sum(x.amount for x in again[0][1]) == plain[0][0].total  # type: ignore[union-attr]


@pytest.mark.proves("W26", "W36")
async def test_a_report_that_comes_in_part_only_is_stored_and_read_whole_the_next_time(connected: Connected) -> None:
    expected = keys(await connected.pull("walmart.settlements@US"))
    connected.fault("W36", count=1, match="reconFile")
    batches = await connected.pull("walmart.settlements@US")
    (bad,) = [q for b in batches for q in b.quarantined]
    cursor = dict(batches[-1].cursor)

    assert "ZIP" in bad.reason
    states = cursor["states"]
    assert isinstance(states, dict)
    assert states[bad.key] == "stored"
    rest = await connected.pull("walmart.settlements@US", cursor)
    assert keys(batches) | keys(rest) == expected
    assert dict(rest[-1].cursor)["states"][bad.key] == "done"  # type: ignore[index]


@pytest.mark.proves("W29", "W31", "W37")
@pytest.mark.parametrize("fault", ["W29", "W31", "W37"])
async def test_odd_reports_are_read_to_the_last_row_and_still_add_up(connected: Connected, fault: str) -> None:
    expected = len(await connected.documents("walmart.settlements@US"))
    connected.fault(fault, count=1, match="/reconFile")

    found = await connected.documents("walmart.settlements@US")

    assert len(found) == expected
    for record, lines in found:
        assert isinstance(record, Settlement)
        assert sum(x.amount for x in lines) == record.total  # type: ignore[union-attr]


@pytest.mark.proves("W28")
async def test_spoiled_order_numbers_stay_as_they_are_and_the_sum_holds(connected: Connected) -> None:
    connected.fault("W28", count=1, match="/reconFile")

    found = await connected.documents("walmart.settlements@US")

    spoiled = [x for _, lines in found for x in lines if "E+" in (x.order_id or "")]  # type: ignore[union-attr]
    assert spoiled
    assert all(sum(x.amount for x in lines) == r.total for r, lines in found)  # type: ignore[union-attr]


@pytest.mark.proves("W30")
async def test_a_report_that_is_not_there_yet_comes_later(connected: Connected) -> None:
    connected.fault("W30", match="availableReconFiles")
    first = await connected.pull("walmart.settlements@US")
    later = await connected.pull("walmart.settlements@US", dict(first[-1].cursor))

    assert len(keys(later) - keys(first)) == 1


async def test_a_second_look_at_reports_finds_nothing_new(connected: Connected) -> None:
    first = await connected.pull("walmart.settlements@US")
    connected.running.clock.advance(timedelta(days=1, hours=1).total_seconds())

    again = await connected.pull("walmart.settlements@US", dict(first[-1].cursor))

    assert keys(again) - keys(first) == set()
    assert len(connected.asked("getReconFile")) > len(keys(first))


@pytest.mark.proves("W38")
async def test_charges_per_unit_are_read_with_the_other_basis(connected: Connected) -> None:
    connected.place(quantity=3)
    connected.running.clock.advance(60)
    plain = {r.order_id: lines for r, lines in await connected.documents("walmart.orders@US") if isinstance(r, Order)}
    connected.fault("W38", count=50, match="/orders")
    bent = {r.order_id: lines for r, lines in await connected.documents("walmart.orders@US") if isinstance(r, Order)}

    differing = [
        (x, y)
        for order_id, lines in plain.items()
        for x, y in zip(lines, bent.get(order_id, []), strict=False)
        if x.item_price != y.item_price  # type: ignore[union-attr]
    ]

    assert differing
    assert all(abs(x.item_price - y.item_price * x.quantity) < Decimal("0.05") for x, y in differing)  # type: ignore[union-attr]


async def test_within_its_limits_walmart_refuses_nothing(connected: Connected) -> None:
    for stream in (*STREAMS, "promotions"):
        await connected.pull(f"walmart.{stream}@US")

    assert [r for r in connected.calls.records if r.status == 429] == []
