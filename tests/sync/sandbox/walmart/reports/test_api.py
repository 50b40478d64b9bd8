"""On-request reports: asked for, looked after, fetched from another host without Walmart's headers."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

URL = "/v3/reports/reportRequests"


def ask(seller: Any, kind: str = "ITEM", version: str = "v1", **body: Any) -> httpx.Response:
    reply: httpx.Response = seller.post(f"{URL}?reportType={kind}&reportVersion={version}", body)
    return reply


def address(seller: Any, request_id: str) -> str:
    """Return path and query of a report's address, after checking that its host is another one."""
    reply = seller.get(f"/v3/reports/downloadReport?requestId={request_id}")
    assert reply.status_code == 200, reply.text
    url = httpx.URL(reply.json()["downloadURL"])
    assert url.host == "localhost" != seller.http.base_url.host
    assert url.port == seller.http.base_url.port
    return url.raw_path.decode()


def rows(seller: Any, kind: str) -> list[dict[str, str]]:
    made = ask(seller, kind).json()["requestId"]
    seller.wait(timedelta(minutes=5))
    archive = zipfile.ZipFile(io.BytesIO(seller.http.get(address(seller, made)).content))
    assert archive.namelist() == [f"{kind}.csv"]
    return list(csv.DictReader(io.StringIO(archive.read(f"{kind}.csv").decode())))


@pytest.mark.parametrize(
    ("kind", "version", "body", "title"),
    [
        ("NOTHING", "v1", {}, "INVALID_REPORT_TYPE"),
        ("ITEM", "v7", {}, "INVALID_REPORT_VERSION"),
        ("INVENTORY", "v2", {}, "INVALID_REPORT_VERSION"),
        ("ITEM", "v1", {"dataStartTime": "2026-11-02", "dataEndTime": "2026-11-01"}, "INVALID_DATE_RANGE"),
        ("ITEM", "v1", {"dataStartTime": "soon"}, "INVALID_DATE"),
        ("ITEM", "v1", {"dateGranularity": "YEARLY"}, "INVALID_DATE_GRANULARITY"),
        ("ITEM_PERFORMANCE", "v3", {}, "MISSING_REQUIRED_FIELD"),
    ],
)
def test_wrong_requests_are_refused_as_problem_json(
    seller: Any, kind: str, version: str, body: dict[str, Any], title: str
) -> None:
    reply = ask(seller, kind, version, **body)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")
    assert (reply.json()["title"], reply.json()["code"]) == (title, "REPORTS-400-001")


def test_a_content_type_is_wanted_also_for_an_empty_object(seller: Any) -> None:
    reply = seller.http.post(f"{URL}?reportType=ITEM&reportVersion=v1", headers=seller.headers, content=b"{}")
    assert seller.code(reply) == (415, "UNSUPPORTED_MEDIA_TYPE")
    headers = seller.headers | {"Content-Type": "application/json"}
    reply = seller.http.post(f"{URL}?reportType=ITEM&reportVersion=v1", headers=headers, content=b"{}")
    assert reply.status_code == 200


def test_a_report_becomes_ready_with_the_clock(seller: Any) -> None:
    made = ask(seller).json()
    seen = [made["requestStatus"]]
    for seconds in (30, 270):
        seller.clock.advance(seconds)
        seen.append(seller.get(f"{URL}/{made['requestId']}").json()["requestStatus"])
    assert seen == ["RECEIVED", "INPROGRESS", "READY"]


def test_a_report_that_is_not_ready_has_no_address(seller: Any) -> None:
    made = ask(seller).json()["requestId"]
    assert seller.get(f"/v3/reports/downloadReport?requestId={made}").status_code == 400
    assert seller.code(seller.get("/v3/reports/downloadReport?requestId=1")) == (404, "CONTENT_NOT_FOUND")


def test_a_type_without_data_here_ends_as_error(seller: Any) -> None:
    made = ask(seller, "SEM_SEARCH_TERMS").json()["requestId"]
    seller.clock.advance(300)
    assert seller.get(f"{URL}/{made}").json()["requestStatus"] == "ERROR"


@pytest.mark.parametrize("header", ["WM_SEC.ACCESS_TOKEN", "WM_SVC.NAME", "Authorization"])
def test_the_file_host_refuses_walmarts_headers(seller: Any, header: str) -> None:
    made = ask(seller).json()["requestId"]
    seller.clock.advance(300)
    path = address(seller, made)
    reply = seller.http.get(path, headers={header: "leaked"})
    assert (reply.status_code, header.lower() in reply.text) == (400, True)
    assert seller.http.get(path).content[:2] == b"PK"


def test_an_address_is_signed_and_dies_after_ten_minutes(seller: Any) -> None:
    made = ask(seller).json()["requestId"]
    seller.clock.advance(300)
    path = address(seller, made)
    assert seller.http.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 403
    seller.clock.advance(601)
    assert "expired" in seller.http.get(path).text


@pytest.mark.proves("W36")
def test_a_file_may_arrive_in_part(seller: Any) -> None:
    made = ask(seller).json()["requestId"]
    seller.clock.advance(300)
    path = address(seller, made)
    seller.fault("W36", match="/report-files/")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(seller.http.get(path).content))


def test_reports_hold_what_the_other_operations_say(merchant: Any) -> None:
    listed = [x.sku for x in merchant.world.listings if x.channel == "walmart.US"]
    assert [row["SKU"] for row in rows(merchant, "ITEM")] == listed
    stock = {(r["SKU"], r["Ship Node"]): int(r["Quantity"]) for r in rows(merchant, "INVENTORY")}
    own = next(sku for sku, node in stock if node != "WFS")
    for node in merchant.get(f"/v3/inventories/{quote(own, safe='')}").json()["nodes"]:
        assert stock[own, node["shipNode"]] == node["availToSellQty"]["amount"]
    assert {r["Quantity"] for r in rows(merchant, "CANCELLATION")}
    assert rows(merchant, "WFS_CUSTOMER_RETURNS")


def test_the_wfs_settlement_has_the_opposite_sign(trader: Any) -> None:
    fees = [row for row in rows(trader, "SETTLEMENT") if row["Transaction Type"] == "FulfillmentFee"]
    assert fees
    assert all(Decimal(row["Net Payable"]) > 0 for row in fees)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 12))
def test_any_page_size_gives_every_request_once(trader: Any, limit: int) -> None:
    made = [ask(trader, "BUYBOX").json()["requestId"] for _ in range(3)]
    found: list[str] = []
    path = f"{URL}?reportType=BUYBOX&limit={limit}"
    while path:
        page = trader.get(path).json()
        found += [r["requestId"] for r in page["requests"]]
        path = page.get("nextCursor", "")
    assert found[:3] == made[::-1]
    assert len(found) == len(set(found)) == page["totalCount"]


def test_requests_are_listed_for_thirty_days_and_by_status(seller: Any) -> None:
    ask(seller)
    assert seller.get(f"{URL}?reportType=ITEM&requestStatus=READY").json()["totalCount"] == 0
    seller.wait(timedelta(minutes=5))
    assert seller.get(f"{URL}?reportType=ITEM&requestStatus=READY").json()["totalCount"] == 1
    late = quote("2026-11-20T09:00:01Z", safe="")
    assert seller.get(f"{URL}?reportType=ITEM&requestSubmissionStartDate={late}").json()["totalCount"] == 0
    seller.wait(timedelta(days=30))
    assert seller.get(f"{URL}?reportType=ITEM").json()["totalCount"] == 0
    assert seller.get(f"{URL}?reportType=LOST").status_code == 400
