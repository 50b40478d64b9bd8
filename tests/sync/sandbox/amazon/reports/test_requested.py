"""Reports that are asked for: their states, their schedules, their columns, and that they tell of one world."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sync.sandbox.amazon.reports.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.sandbox.amazon.conftest import Seller

ROOT = "/reports/2021-06-30"
REPORTS = f"{ROOT}/reports"
SCHEDULES = f"{ROOT}/schedules"
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
STOCK = "GET_AFN_INVENTORY_DATA"
SPAN = {"dataStartTime": "2026-08-01T00:00:00Z", "dataEndTime": "2026-11-20T00:00:00Z"}


def ask(seller: Seller, kind: str, market: str = US, **more: Any) -> str:
    answer = seller.post(REPORTS, {"reportType": kind, "marketplaceIds": [market], **more})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reportId"])


def status(seller: Seller, report_id: str) -> str:
    return str(seller.get(f"{REPORTS}/{report_id}").json()["processingStatus"])


def rows(seller: Seller, kind: str, market: str = US, **more: Any) -> list[dict[str, str]]:
    """Ask for a report, wait until it is done and return its rows."""
    report_id = ask(seller, kind, market, **(SPAN | more))
    seller.clock.advance(45)
    report = seller.get(f"{REPORTS}/{report_id}").json()
    assert report["processingStatus"] == "DONE"
    url = seller.get(f"{ROOT}/documents/{report['reportDocumentId']}").json()["url"]
    lines = [line.split("\t") for line in seller.http.get(url).content.decode("cp1252").split("\n")]
    assert {len(line) for line in lines[:-1]} == {len(lines[0])}
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:-1]]


@pytest.mark.parametrize(
    "body",
    [
        {"reportType": STOCK, "marketplaceIds": [US], "dataStartTime": "yesterday"},
        {
            "reportType": STOCK,
            "marketplaceIds": [US],
            "dataStartTime": "2026-11-02T00:00:00Z",
            "dataEndTime": "2026-11-01T00:00:00Z",
        },
    ],
)
def test_a_report_over_an_impossible_span_is_400(seller: Seller, body: dict[str, Any]) -> None:
    assert seller.post(REPORTS, body).status_code == 400


@pytest.mark.proves("A30")
def test_a_report_without_data_is_cancelled_and_has_no_document(seller: Seller) -> None:
    empty = ask(
        seller, "GET_FBA_REIMBURSEMENTS_DATA", dataStartTime="2020-01-01T00:00:00Z", dataEndTime="2020-01-02T00:00:00Z"
    )
    seller.goes_wrong("A30")
    told_to = ask(seller, STOCK)
    seller.clock.advance(45)
    for report_id in (empty, told_to):
        report = seller.get(f"{REPORTS}/{report_id}").json()
        assert (report["processingStatus"], "reportDocumentId" in report) == ("CANCELLED", False)


def test_a_report_can_end_fatal(seller: Seller) -> None:
    seller.goes_wrong("report_fatal")
    report_id = ask(seller, STOCK)
    seller.clock.advance(45)
    assert status(seller, report_id) == "FATAL"


def test_only_a_queued_report_can_be_cancelled(seller: Seller) -> None:
    first, second = ask(seller, STOCK), ask(seller, STOCK)
    assert seller.call("DELETE", f"{REPORTS}/{first}").status_code == 200
    seller.clock.advance(15)
    assert (status(seller, first), status(seller, second)) == ("CANCELLED", "IN_PROGRESS")
    assert seller.call("DELETE", f"{REPORTS}/{second}").status_code == 400
    assert seller.call("DELETE", f"{REPORTS}/1").status_code == 404


@pytest.mark.proves("A32")
def test_a_report_can_be_listed_twice(seller: Seller) -> None:
    kind = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    seller.goes_wrong("A32")
    ids = [r["reportId"] for r in seller.get(REPORTS, reportTypes=kind).json()["reports"]]
    assert ids[0] == ids[1]
    assert len(set(ids)) == len(ids) - 1


@pytest.mark.parametrize(
    "body",
    [
        {"reportType": STOCK, "marketplaceIds": [US], "period": "PT7M"},
        {"reportType": STOCK, "marketplaceIds": [US]},
        {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", "marketplaceIds": [US], "period": "P1D"},
        {"reportType": STOCK, "marketplaceIds": [US], "period": "P1D", "nextReportCreationTime": "soon"},
    ],
)
def test_a_schedule_that_cannot_be_is_400(seller: Seller, body: dict[str, Any]) -> None:
    assert seller.post(SCHEDULES, body).status_code == 400


def test_an_unknown_schedule_is_404(seller: Seller) -> None:
    assert seller.get(f"{SCHEDULES}/1").status_code == 404
    assert seller.call("DELETE", f"{SCHEDULES}/1").status_code == 404
    assert seller.get(SCHEDULES).status_code == 400


def test_a_schedule_makes_a_report_each_time_its_hour_comes(seller: Seller) -> None:
    body = {"reportType": STOCK, "marketplaceIds": [US], "period": "PT15M"}
    schedule_id = seller.post(SCHEDULES, body).json()["reportScheduleId"]
    seller.clock.advance(31 * 60)
    found = seller.get(REPORTS, reportTypes=STOCK).json()["reports"]
    assert [r["createdTime"] for r in found] == ["2026-11-20T09:30:00Z", "2026-11-20T09:15:00Z"]
    assert {r["reportScheduleId"] for r in found} == {schedule_id}
    assert seller.get(f"{SCHEDULES}/{schedule_id}").json()["nextReportCreationTime"] == "2026-11-20T09:45:00Z"
    assert seller.call("DELETE", f"{SCHEDULES}/{schedule_id}").status_code == 200
    seller.clock.advance(3000)
    seller.log_in()
    assert len(seller.get(REPORTS, reportTypes=STOCK).json()["reports"]) == 2


def test_a_new_schedule_replaces_that_of_the_same_report(seller: Seller) -> None:
    body = {"reportType": STOCK, "marketplaceIds": [US], "period": "PT15M"}
    first = seller.post(SCHEDULES, body).json()["reportScheduleId"]
    second = seller.post(SCHEDULES, body | {"period": "P1D"}).json()["reportScheduleId"]
    listed = seller.get(SCHEDULES, reportTypes=STOCK).json()["reportSchedules"]
    assert [s["reportScheduleId"] for s in listed] == [second]
    assert first != second


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_type_has_rows_in_both_marketplaces(seller: Seller, kind: str) -> None:
    for market in (US, DE):
        assert rows(seller, kind, market)


def test_columns_are_those_of_the_recorded_reports(seller: Seller, shared: Path) -> None:
    recorded = {
        "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": "eolabs_GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL.txt",
        "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": "peddler_GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA.txt",
        "GET_MERCHANT_LISTINGS_ALL_DATA": "peddler_GET_MERCHANT_LISTINGS_ALL_DATA.txt",
    }
    for kind, name in recorded.items():
        head = (shared / "vendors/amazon/reports" / name).read_bytes().split(b"\n")[0].decode("cp1252")
        assert list(rows(seller, kind)[0]) == head.strip("\r").split("\t")


def test_shipments_are_the_parcels_that_amazon_has_sent(seller: Seller) -> None:
    shipped = rows(seller, "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL")
    units: Counter[str] = Counter()
    for row in shipped:
        units[row["amazon-order-id"]] += int(row["quantity-shipped"])
        assert row["shipment-date"].endswith("-08:00")
    for order_id, count in units.items():
        order = seller.world.order("amazon.US", order_id)
        assert order is not None
        assert order.fulfilled_by == "channel"
        assert count <= sum(line.quantity for line in order.lines)
    whole = next(o for o in seller.world.orders("amazon.US") if units[o.order_id] == sum(x.quantity for x in o.lines))
    prices = [Decimal(r["item-price"]) for r in shipped if r["amazon-order-id"] == whole.order_id]
    assert sum(prices) == sum(line.item_price for line in whole.lines)


def test_returns_are_split_by_who_takes_them_back(seller: Seller) -> None:
    by_amazon = {r["order-id"] for r in rows(seller, "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA")}
    by_seller = {r["Order ID"] for r in rows(seller, "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE")}
    assert by_amazon
    assert by_seller
    assert not by_amazon & by_seller
    refunded = [r for r in rows(seller, "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE") if r["Refunded Amount"]]
    assert refunded
    assert all(Decimal(r["Refunded Amount"]) <= Decimal(r["Order Amount"]) for r in refunded)


def test_reimbursements_are_the_money_of_the_settlements(seller: Seller) -> None:
    paid = rows(seller, "GET_FBA_REIMBURSEMENTS_DATA")
    posted = [
        line.amount
        for settlement in [
            *seller.world.settlements_of("amazon.US"),
            seller.world.open_period("amazon.US", seller.clock.now()),
        ]
        for line in settlement.lines
        if line.amount_type == "FBA Inventory Reimbursement"
        and "2026-08-01" <= line.posted_at.isoformat() < "2026-11-20"
    ]
    assert sorted(Decimal(r["amount-total"]) for r in paid) == sorted(posted)


@pytest.mark.proves("A23")
def test_blank_cells_of_the_inventory_report_are_two_nul_bytes(seller: Seller) -> None:
    assert {r["store"] for r in rows(seller, "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA")} == {"\0\0"}


def test_inventory_and_ledger_agree_about_what_lies_there(seller: Seller) -> None:
    span = {"dataEndTime": "2026-11-20T09:02:00Z"}
    seller.clock.advance(300)
    whole = {r["sku"]: r for r in rows(seller, "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA")}
    ending: Counter[str] = Counter()
    for row in rows(seller, "GET_LEDGER_SUMMARY_VIEW_DATA", **span):
        moved = sum(int(row[c]) for c in row if c in EVENTS)
        assert int(row["StartingWarehouseBalance"]) + moved == int(row["EndingWarehouseBalance"])
        ending[row["MSKU"]] += int(row["EndingWarehouseBalance"])
    assert {sku: int(r["afn-warehouse-quantity"]) for sku, r in whole.items()} == dict(ending)
    detail = rows(seller, "GET_LEDGER_DETAIL_VIEW_DATA")
    shipped = [r for r in detail if r["EventType"] == "Shipments"]
    assert shipped
    assert all(int(r["Quantity"]) < 0 for r in shipped)


EVENTS = (
    "Receipts CustomerShipments CustomerReturns VendorReturns WarehouseTransferIn/Out Found Lost Damaged Disposed "
    "OtherEvents UnknownEvents"
).split()


def test_listings_show_the_quantity_that_is_offered_now(own_seller: Seller) -> None:
    listing = next(x for x in own_seller.world.listings if x.channel == "amazon.US" and x.fulfilled_by == "seller")
    own_seller.world.list_quantity("amazon.US", listing.sku, 3, own_seller.clock.now())
    shown = {r["seller-sku"]: r["quantity"] for r in rows(own_seller, "GET_MERCHANT_LISTINGS_ALL_DATA")}
    assert shown[listing.sku] == "3"
