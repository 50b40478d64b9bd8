"""Faults by name: each wrong in the vendor's own way, once, and then gone."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import httpx
import pytest

from sync.sandbox.faults import GENERIC_FAULTS
from sync.sandbox.walmart.front.fault_answers import FAULTS

FILE = "/v3/report/reconreport/reconFile?reportDate=11162026&reportVersion=v1"
OCTETS = {"Accept": "application/octet-stream"}


def code(reply: Any) -> str:
    found: str = reply.json()["errors"]["error"][0]["code"]
    return found


@pytest.mark.proves("W01")
@pytest.mark.parametrize("name", ["expired_token", "W01"])
def test_w01_the_token_dies_with_401(seller: Any, name: str) -> None:
    seller.fault(name)
    reply = seller.get("/v3/orders")
    assert (reply.status_code, code(reply)) == (401, "UNAUTHORIZED.GMP_GATEWAY_API")
    assert seller.get("/v3/orders").status_code == 401
    seller.login()
    assert seller.get("/v3/orders").status_code == 200


@pytest.mark.proves("W02")
def test_w02_the_token_dies_with_400(seller: Any) -> None:
    seller.fault("W02")
    reply = seller.get("/v3/orders")
    assert (reply.status_code, code(reply)) == (400, "INVALID_TOKEN.GMP_GATEWAY_API")
    seller.login()
    assert seller.get("/v3/orders").status_code == 200


@pytest.mark.proves("W03")
def test_w03_the_token_call_refuses_with_400(seller: Any) -> None:
    seller.fault("W03", match="/v3/token")
    with pytest.raises(AssertionError, match="Client Secret"):
        seller.login()
    seller.login()


@pytest.mark.proves("W04")
@pytest.mark.parametrize("status", [401, 403])
def test_w04_a_right_token_is_refused_now_and_then(seller: Any, status: int) -> None:
    seller.fault("W04", status=str(status))
    assert seller.get("/v3/orders").status_code == status
    assert seller.get("/v3/orders").status_code == 200


@pytest.mark.proves("W05")
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("throttle", "1795165201000"),
        ("W05", "1795165201000"),
        ("W05-ms", "1795165201000"),
        ("W05-s", "1795165201"),
        ("W05-iso", "2026-11-20T09:00:01.000Z"),
    ],
)
@pytest.mark.parametrize("retry_after", [True, False])
def test_w05_throttling_names_the_time_in_many_forms(seller: Any, name: str, form: str, retry_after: bool) -> None:
    seller.fault(name, **({} if retry_after else {"retry_after": "no"}))
    reply = seller.get("/v3/orders")
    assert (reply.status_code, code(reply)) == (429, "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API")
    assert reply.headers["x-current-token-count"] == "0"
    assert reply.headers["x-next-replenish-time"] == form
    assert ("retry-after" in reply.headers) == retry_after
    assert seller.get("/v3/orders").status_code == 200


@pytest.mark.proves("W07")
def test_w07_no_orders_is_404(seller: Any) -> None:
    seller.fault("W07")
    reply = seller.get("/v3/orders")
    assert (reply.status_code, code(reply)) == (404, "CONTENT_NOT_FOUND.GMP_ORDER_API")
    assert seller.pos("/v3/orders")


@pytest.mark.proves("W08")
@pytest.mark.parametrize("name", ["page_repeated", "W08"])
def test_w08_the_first_page_comes_again_with_the_same_cursor(seller: Any, name: str) -> None:
    first = seller.get("/v3/orders?limit=1").json()["list"]
    seller.fault(name)
    again = seller.get("/v3/orders" + first["meta"]["nextCursor"]).json()["list"]
    assert again == first


@pytest.mark.proves("W09")
def test_w09_an_order_is_on_two_pages(seller: Any) -> None:
    first = seller.get("/v3/orders?limit=2").json()["list"]
    seller.fault("W09")
    assert seller.pos("/v3/orders" + first["meta"]["nextCursor"]) == ["1002", "1003"]


@pytest.mark.proves("W10")
def test_w10_a_window_is_wanted(seller: Any) -> None:
    seller.fault("W10")
    reply = seller.get("/v3/orders")
    assert reply.status_code == 400
    assert "fromDate or toDate is missing" in reply.text
    seller.fault("W10")
    assert seller.get("/v3/orders?createdStartDate=2026-11-01").status_code == 200


@pytest.mark.proves("W11")
def test_w11_acknowledge_fails_though_it_took_effect(seller: Any) -> None:
    seller.fault("W11")
    reply = seller.post("/v3/orders/1003/acknowledge")
    assert (reply.status_code, code(reply)) == (500, "SYSTEM_ERROR.GMP_ORDER_API")
    assert seller.statuses("1003") == [("Acknowledged", "2")]


@pytest.mark.proves("W12")
def test_w12_acknowledge_after_shipping_names_the_higher_status(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2"))
    assert "Some or all qty in higher status" in seller.post("/v3/orders/1003/acknowledge").text


@pytest.mark.proves("W13")
def test_w13_a_repeated_parcel_is_refused(seller: Any, bodies: Any) -> None:
    texts = []
    for quantity in ("2", "2", "3"):
        texts.append(seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity=quantity)).text)
    assert "is in SHIPPED status" in texts[1]
    assert "Qty OverShipped" in texts[2]


@pytest.mark.proves("W14")
def test_w14_a_parcel_of_several_lines_fails_as_a_whole(seller: Any, bodies: Any) -> None:
    body = bodies.parcel(line="1", quantity="3")
    lines = body["orderShipment"]["orderLines"]["orderLine"]
    lines += bodies.parcel(line="2")["orderShipment"]["orderLines"]["orderLine"]
    seller.fault("W14")
    assert seller.post("/v3/orders/1002/shipping", body).status_code == 400
    assert seller.statuses("1002") == [("Created", "3")]
    assert seller.post("/v3/orders/1002/shipping", body).status_code == 200


@pytest.mark.proves("W15")
def test_w15_the_method_code_is_refused(seller: Any, bodies: Any) -> None:
    seller.fault("W15")
    assert "Method code is not supported in line number 1" in (
        seller.post("/v3/orders/1003/shipping", bodies.parcel()).text
    )
    assert seller.statuses("1003") == [("Created", "2")]


@pytest.mark.proves("W16")
def test_w16_carrier_and_time_are_checked(seller: Any, bodies: Any) -> None:
    for changes in ({"carrierName": {"carrier": "FED_EX"}}, {"shipDateTime": 1795165200}):
        assert seller.post("/v3/orders/1003/shipping", bodies.parcel(**changes)).status_code == 400


@pytest.mark.proves("W17")
def test_w17_the_buyer_wants_to_cancel(seller: Any, bodies: Any) -> None:
    seller.fault("W17")
    assert "cancellation request" in seller.post("/v3/orders/1003/shipping", bodies.parcel()).text
    assert seller.order("1003")["orderLines"]["orderLine"][0]["intentToCancel"] == "true"
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel()).status_code == 400
    override = bodies.parcel(intentToCancelOverride=True)
    assert seller.post("/v3/orders/1003/shipping", override).status_code == 200
    cancel = bodies.cancellation(reason="CUSTOMER_REQUESTED_SELLER_TO_CANCEL")
    assert seller.post("/v3/orders/1003/cancel", cancel).status_code == 200


@pytest.mark.proves("W18")
def test_w18_walmart_cancelled_first(seller: Any, bodies: Any) -> None:
    seller.fault("W18")
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel()).status_code == 400
    assert seller.statuses("1003") == [("Cancelled", "2")]


@pytest.mark.proves("W19")
def test_w19_a_refusal_without_a_reason(seller: Any) -> None:
    seller.fault("W19")
    reply = seller.get("/v3/orders")
    assert (reply.status_code, code(reply)) == (400, "INVALID_REQUEST.GMP_ORDER_API")


@pytest.mark.proves("W20")
@pytest.mark.parametrize("name", ["server_error_html", "W20"])
def test_w20_the_cdn_answers_html(seller: Any, name: str) -> None:
    seller.fault(name)
    reply = seller.post("/v3/orders/1003/acknowledge")
    assert (reply.status_code, reply.headers["content-type"]) == (503, "text/html")
    assert seller.statuses("1003") == [("Created", "2")]


def test_an_empty_500_has_no_effect(seller: Any) -> None:
    seller.fault("empty_500")
    reply = seller.post("/v3/orders/1003/acknowledge")
    assert (reply.status_code, reply.content) == (500, b"")
    assert seller.statuses("1003") == [("Created", "2")]


def test_a_lost_answer_took_effect(seller: Any) -> None:
    seller.fault("lost_answer")
    with pytest.raises(httpx.TransportError):
        seller.post("/v3/orders/1003/acknowledge")
    assert seller.statuses("1003") == [("Acknowledged", "2")]


def test_a_cut_connection_had_no_effect(seller: Any) -> None:
    seller.fault("cut_connection")
    with pytest.raises(httpx.TransportError):
        seller.post("/v3/orders/1003/acknowledge")
    assert seller.statuses("1003") == [("Created", "2")]


def test_a_slow_answer_is_an_answer(seller: Any) -> None:
    seller.fault("slow", seconds="0.01")
    assert seller.get("/v3/orders").elapsed.total_seconds() >= 0.01


@pytest.mark.proves("W24")
def test_w24_wfs_orders_are_apart_and_read_only(seller: Any) -> None:
    assert "1005" not in seller.pos("/v3/orders")
    assert seller.post("/v3/orders/1005/acknowledge").status_code == 400


@pytest.mark.proves("W26")
def test_w26_json_pages_beyond_the_first_are_refused(trader: Any) -> None:
    url = "/v3/report/reconreport/reconFileJson?reportDate=11162026&noOfRecords=5&offset="
    following = trader.get(f"{url}0").json()["nextOffset"]
    trader.fault("W26")
    reply = trader.get(f"{url}{following}")
    assert (reply.status_code, code(reply)) == (400, "INVALID_OFFSET.GMP_REPORT_API")


@pytest.mark.proves("W27")
def test_w27_an_error_instead_of_the_zip(trader: Any) -> None:
    trader.fault("W27")
    reply = trader.get(FILE, **OCTETS)
    assert (reply.status_code, reply.json()["status"]) == (200, "ERROR")


def rows(reply: Any) -> list[dict[str, str]]:
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    lines = archive.read(archive.namelist()[0]).decode().splitlines()
    return list(csv.DictReader(io.StringIO("\n".join([lines[0], *lines[2:]]))))


@pytest.mark.proves("W28")
def test_w28_order_numbers_went_through_a_spreadsheet(trader: Any) -> None:
    trader.fault("W28")
    numbers = {row["Purchase Order #"] for row in rows(trader.get(FILE, **OCTETS))} - {""}
    assert numbers
    assert all("E+14" in n for n in numbers)


@pytest.mark.proves("W29")
def test_w29_an_unknown_type_and_a_new_column_change_no_amount(trader: Any) -> None:
    plain = rows(trader.get(FILE, **OCTETS))
    trader.fault("W29")
    bent = rows(trader.get(FILE, **OCTETS))
    assert [r["Amount"] for r in bent] == [r["Amount"] for r in plain]
    assert (bent[-1]["Transaction Type"], bent[-1]["Amount Type"]) == ("", "Marketplace Growth Fee")
    assert set(bent[0]) - set(plain[0]) == {"Marketplace Growth Credit"}


@pytest.mark.proves("W36")
def test_w36_half_a_file(trader: Any) -> None:
    whole = trader.get(FILE, **OCTETS).content
    trader.fault("W36")
    half = trader.get(FILE, **OCTETS).content
    assert half == whole[: len(whole) // 2]


def test_a_fault_can_be_asked_for_by_header(seller: Any) -> None:
    assert seller.get("/v3/orders", X_Sandbox_Fault="throttle").status_code == 429
    assert seller.get("/v3/orders").status_code == 200


def test_every_fault_of_the_table_is_tested() -> None:
    from pathlib import Path

    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in (*FAULTS, *GENERIC_FAULTS) if f'"{name}"' not in text] == []
