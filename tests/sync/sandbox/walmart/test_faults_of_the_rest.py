"""Faults of orders, feeds, stock, returns and reports by name; and right answers that arrive bent."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from decimal import Decimal
from typing import Any

import httpx
import pytest

REPORT = "/v3/reports/reportRequests?reportType=ITEM&reportVersion=v1"
FILE = "/v3/report/reconreport/reconFile?reportDate=11162026&reportVersion=v1"
OCTETS = {"Accept": "application/octet-stream"}
STOCK = {"InventoryHeader": {"version": "1.4"}}


def rows(reply: Any) -> list[dict[str, str]]:
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    lines = archive.read(archive.namelist()[0]).decode().splitlines()
    return list(csv.DictReader(io.StringIO("\n".join([lines[0], *lines[2:]]))))


def stock_feed(*skus: str) -> dict[str, Any]:
    return STOCK | {"Inventory": [{"sku": sku, "quantity": {"unit": "EACH", "amount": 4}} for sku in skus]}


def test_a_fault_header_that_names_nothing_is_refused(seller: Any) -> None:
    reply = seller.get("/v3/orders", X_Sandbox_Fault="W99")
    assert seller.code(reply) == (400, "INVALID_REQUEST_HEADER")


def test_a_fault_header_carries_its_options(seller: Any) -> None:
    reply = seller.get("/v3/orders", X_Sandbox_Fault="W05-s;retry_after=no")
    assert reply.status_code == 429
    assert "retry-after" not in reply.headers


@pytest.mark.proves("W06")
def test_w06_status_and_download_of_reports_are_spent(seller: Any) -> None:
    made = seller.post(REPORT, {}).json()["requestId"]
    for url in (f"/v3/reports/reportRequests/{made}", f"/v3/reports/downloadReport?requestId={made}"):
        seller.fault("W06")
        reply = seller.get(url)
        assert seller.code(reply) == (429, "REQUEST_THRESHOLD_VIOLATED")
        assert reply.headers["retry-after"] == "180"


@pytest.mark.proves("W06")
def test_w06_the_twenty_first_poll_of_an_hour_is_refused(seller: Any) -> None:
    url = f"/v3/reports/reportRequests/{seller.post(REPORT, {}).json()['requestId']}"
    assert [seller.get(url).status_code for _ in range(21)] == [200] * 20 + [429]


@pytest.mark.proves("W12")
def test_w12_acknowledge_is_refused_though_the_order_is_taken_in(seller: Any) -> None:
    seller.fault("W12")
    assert "higher status" in seller.post("/v3/orders/1003/acknowledge").text
    assert seller.statuses("1003") == [("Acknowledged", "2")]


@pytest.mark.proves("W13")
def test_w13_shipping_is_refused_though_the_parcel_is_taken(seller: Any, bodies: Any) -> None:
    seller.fault("W13")
    assert "is in SHIPPED status" in seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2")).text
    assert seller.statuses("1003") == [("Shipped", "2")]


@pytest.mark.proves("W16")
def test_w16_the_carrier_is_refused(seller: Any, bodies: Any) -> None:
    seller.fault("W16")
    assert "Carrier is not supported" in seller.post("/v3/orders/1003/shipping", bodies.parcel()).text
    assert seller.statuses("1003") == [("Created", "2")]


@pytest.mark.proves("W21")
def test_w21_a_processed_feed_holds_items_that_failed(seller: Any) -> None:
    seller.fault("W21")
    feed = seller.post("/v3/feeds?feedType=inventory", stock_feed("MUG", "PEN")).json()["feedId"]
    seller.clock.advance(600)
    status = seller.get(f"/v3/feeds/{feed}?includeDetails=true").json()
    assert (status["feedStatus"], status["itemsSucceeded"], status["itemsFailed"]) == ("PROCESSED", 1, 1)
    details = status["itemDetails"]["itemIngestionStatus"]
    assert [d["ingestionStatus"] for d in details] == ["SUCCESS", "DATA_ERROR"]
    assert details[1]["ingestionErrors"]["ingestionError"][0]["code"] == "ERR_EXT_DATA_0101211"


@pytest.mark.proves("W21")
def test_w21_a_feed_fails_as_a_whole(seller: Any) -> None:
    before = seller.get("/v3/inventory?sku=MUG").json()
    seller.fault("W21-error")
    feed = seller.post("/v3/feeds?feedType=inventory", stock_feed("MUG")).json()["feedId"]
    seller.clock.advance(600)
    status = seller.get(f"/v3/feeds/{feed}").json()
    assert (status["feedStatus"], status["itemsFailed"]) == ("ERROR", 1)
    assert status["ingestionErrors"]["ingestionError"][0]["type"] == "SYSTEM_ERROR"
    assert seller.get("/v3/inventory?sku=MUG").json() == before


@pytest.mark.proves("W22")
def test_w22_a_feed_is_taken_but_its_answer_is_lost(seller: Any) -> None:
    seller.fault("W22")
    with pytest.raises(httpx.TransportError):
        seller.post("/v3/feeds?feedType=inventory", stock_feed("MUG"))
    listed = seller.get("/v3/feeds").json()["results"]["feed"]
    assert [(f["feedType"], f["itemsReceived"]) for f in listed] == [("inventory", 1)]


@pytest.mark.proves("W23")
def test_w23_a_short_page_with_a_cursor_leaves_out_a_sku(trader: Any) -> None:
    trader.fault("W23")
    page = trader.get("/v3/inventories?limit=5").json()
    assert len(page["elements"]["inventories"]) == 4
    assert page["meta"]["nextCursor"]


@pytest.mark.proves("W24")
def test_w24_an_order_turns_out_to_be_walmarts(seller: Any) -> None:
    seller.fault("W24")
    assert "WFS" in seller.post("/v3/orders/1003/acknowledge").text
    assert seller.statuses("1003") == [("Created", "2")]


@pytest.mark.proves("W25")
def test_w25_one_date_of_a_pair_is_not_enough(seller: Any) -> None:
    for name in ("returnCreationStartDate", "returnLastModifiedEndDate"):
        assert seller.code(seller.get(f"/v3/returns?{name}=2026-11-01")) == (400, "INVALID_REQUEST_PARAM")
    seller.fault("W25")
    both = "/v3/returns?returnCreationStartDate=2026-11-01&returnCreationEndDate=2026-11-02"
    assert seller.code(seller.get(both)) == (400, "INVALID_REQUEST_PARAM")
    assert seller.get(both).status_code == 200


@pytest.mark.proves("W30")
def test_w30_the_newest_report_is_late_and_cancelled_orders_are_in_none(trader: Any) -> None:
    url = "/v3/report/reconreport/availableReconFiles?reportVersion=v1"
    dates = set(trader.get(url).json()["availableApReportDates"])
    trader.fault("W30")
    assert dates - set(trader.get(url).json()["availableApReportDates"]) == {"11162026"}
    cancelled = {o.order_id for o in trader.world.orders("walmart.US") if all(x.quantity_cancelled for x in o.lines)}
    assert cancelled
    assert not cancelled & {row["Purchase Order #"] for row in rows(trader.get(FILE, **OCTETS))}


@pytest.mark.proves("W31")
def test_w31_an_incentive_explains_a_lower_commission_and_the_file_still_foots(trader: Any) -> None:
    trader.fault("W31")
    found = rows(trader.get(FILE, **OCTETS))
    total = Decimal(found[0]["Total Payable"])
    assert sum((Decimal(r["Amount"]) for r in found[1:]), Decimal(0)) == total
    helped = [r for r in found if r["Commission Incentive Program"]]
    assert helped
    for row in helped:
        assert Decimal(row["Amount"]) - Decimal(row["Original Commission"]) == Decimal(row["Commission Saving"]) > 0


@pytest.mark.proves("W32")
def test_w32_a_list_of_one_object_arrives_as_the_object(seller: Any) -> None:
    seller.fault("W32")
    order = seller.get("/v3/orders/1003").json()["order"]
    assert order["orderLines"]["orderLine"]["lineNumber"] == "1"
    assert order["paymentTypes"] is None


@pytest.mark.proves("W33")
def test_w33_all_phones_are_zeros_and_the_mail_is_a_relay(trader: Any) -> None:
    url = "/v3/orders?limit=200&createdStartDate=2026-06-01"
    plain = [o["shippingInfo"]["phone"] for o in trader.get(url).json()["list"]["elements"]["order"]]
    assert set(plain) - {"0000000000"}
    trader.fault("W33")
    orders = trader.get(url).json()["list"]["elements"]["order"]
    assert {o["shippingInfo"]["phone"] for o in orders} == {"0000000000"}
    assert {o["customerEmailId"].partition("@")[2] for o in orders} == {"relay.walmart.com"}


@pytest.mark.proves("W34")
def test_w34_a_line_is_split_over_several_statuses(seller: Any, bodies: Any) -> None:
    seller.fault("W34", match="/v3/orders/1002")
    seller.get("/v3/orders/1002")
    assert seller.post("/v3/orders/1002/cancel", bodies.cancellation()).status_code == 200
    assert sorted(seller.statuses("1002")) == [("Cancelled", "1"), ("Created", "1"), ("Shipped", "1")]


@pytest.mark.proves("W35")
@pytest.mark.parametrize(("options", "kind"), [({}, "REPLACEMENT"), ({"kind": "preorder"}, "PREORDER")])
def test_w35_replacements_are_seen_only_when_asked_for(seller: Any, options: dict[str, str], kind: str) -> None:
    seller.headers["WM_SANDBOX"] = "v2"
    seller.fault("W35", **options)
    line = {"item": {"sku": "MUG"}, "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "1"}}
    reply = seller.post("/v1/simulations/orders", {"orderLines": {"orderLine": [line]}})
    po = reply.json()["purchaseOrderId"]
    assert (po in seller.pos("/v3/orders")) == (kind == "PREORDER")
    assert seller.pos(f"/v3/orders?replacementInfo=true&orderType={kind}") == [po]
    found = seller.get(f"/v3/orders/{po}?replacementInfo=true").json()["order"]
    assert found["orderType"] == kind


V2 = {"wm_sandbox": "v2"}


@pytest.mark.proves("W37")
def test_w37_tax_and_withheld_tax_cancel_only_together(trader: Any) -> None:
    trader.fault("W37")
    found = rows(trader.get(FILE, **OCTETS))
    kinds = [row["Amount Type"] for row in found]
    first = next(i for i, kind in enumerate(kinds) if "withheld" in kind)
    assert all("withheld" in kind for kind in kinds[first:])
    amounts = {k: sum(Decimal(r["Amount"]) for r in found[1:] if r["Amount Type"] == k) for k in set(kinds)}
    assert amounts["Product tax"] == -amounts["Product tax withheld"] != 0
    assert sum((Decimal(r["Amount"]) for r in found[1:]), Decimal(0)) == Decimal(found[0]["Total Payable"])


@pytest.mark.proves("W38")
def test_w38_charges_may_be_per_unit(seller: Any) -> None:
    def price() -> Decimal:
        line = seller.order("1002")["orderLines"]["orderLine"][0]
        return Decimal(str(line["charges"]["charge"][0]["chargeAmount"]["amount"]))

    assert price() == Decimal(30)
    seller.fault("W38")
    assert price() == Decimal(10)


@pytest.mark.proves("W39")
def test_w39_a_refund_before_shipping_is_refused(seller: Any, bodies: Any) -> None:
    assert "not in SHIPPED status" in seller.post("/v3/orders/1003/refund", bodies.refund("1003")).text
    seller.fault("W39")
    assert seller.post("/v3/orders/1001/refund", bodies.refund("1001")).status_code == 400
    assert seller.post("/v3/orders/1001/refund", bodies.refund("1001")).status_code == 200


def test_one_order_may_come_unwrapped(seller: Any) -> None:
    seller.fault("schema_shape")
    assert seller.get("/v3/orders/1003").json()["purchaseOrderId"] == "1003"


def test_unknown_words_stand_in_a_right_order(seller: Any) -> None:
    seller.fault("unknown_enum")
    order = seller.order("1001")
    part = order["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][0]
    assert (part["status"], order["shippingInfo"]["methodCode"]) == ("AwaitingPickup", "Drone")


def test_an_object_may_be_null(seller: Any) -> None:
    seller.fault("null_object")
    orders = seller.get("/v3/orders").json()["list"]["elements"]["order"]
    assert orders[0]["shippingInfo"] is None
    assert orders[1]["shippingInfo"] is not None


def test_status_200_may_hold_an_error(seller: Any) -> None:
    seller.fault("error_200")
    reply = seller.get("/v3/orders")
    assert (reply.status_code, list(reply.json())) == (200, ["errors"])


def test_gzip_may_be_cut(seller: Any) -> None:
    seller.fault("truncated_gzip")
    with seller.http.stream("GET", "/v3/orders", headers=seller.headers) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers["content-encoding"] == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(raw)
    assert zlib.decompressobj(31).decompress(raw)


def test_json_may_be_cut_or_in_another_charset(seller: Any) -> None:
    seller.fault("truncated_json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(seller.get("/v3/orders").content)
    seller.fault("wrong_charset")
    with pytest.raises(UnicodeDecodeError):
        seller.get("/v3/orders").content.decode()


def test_an_address_may_be_too_old(seller: Any) -> None:
    made = seller.post(REPORT, {}).json()["requestId"]
    seller.clock.advance(300)
    seller.fault("expired_url")
    url = seller.get(f"/v3/reports/downloadReport?requestId={made}").json()["downloadURL"]
    path = httpx.URL(url).raw_path.decode()
    reply = seller.http.get(path)
    assert reply.status_code == 403
    assert "Request has expired" in reply.text


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/v3/orders/9", {"list"}),
        ("/v3/inventories/NOTHING", {"sku", "nodes"}),
        ("/v3/feeds/NOTHING", {"errors"}),
        ("/v3/reports/downloadReport?requestId=1", {"status", "message"}),
    ],
)
def test_errors_may_stand_inside_an_answer_of_200(seller: Any, path: str, wanted: set[str]) -> None:
    reply = seller.get(path, X_Sandbox_Envelope="E6")
    assert (reply.status_code, set(reply.json())) == (200, wanted)


def test_the_cdn_answers_html_and_406_without_a_body(seller: Any) -> None:
    reply = seller.get("/v3/orders/9", X_Sandbox_Envelope="E7")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html")
    reply = seller.get(FILE, X_Sandbox_Envelope="E7")
    assert (reply.status_code, reply.content) == (406, b"")
