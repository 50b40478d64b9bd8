"""Reports and statement: one ledger that always foots."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

FILE = "/v3/report/reconreport/reconFile"
PAGES = "/v3/report/reconreport/reconFileJson"
OCTETS = {"Accept": "application/octet-stream"}


def dates(seller: Any) -> list[str]:
    reply = seller.get("/v3/report/reconreport/availableReconFiles?reportVersion=v1")
    assert reply.status_code == 200
    found: list[str] = reply.json()["availableApReportDates"]
    return found


def text_of(seller: Any, date: str, version: str = "&reportVersion=v1") -> str:
    reply = seller.get(f"{FILE}?reportDate={date}{version}", **OCTETS)
    assert reply.status_code == 200, reply.text
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    assert archive.testzip() is None
    (name,) = archive.namelist()
    return archive.read(name).decode()


def table(text: str) -> tuple[str, list[dict[str, str]]]:
    """Return the second line and the rows below the header."""
    lines = text.splitlines()
    return lines[1], list(csv.DictReader(io.StringIO("\n".join([lines[0], *lines[2:]]))))


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("reportDate=2026-11-16&reportVersion=v1", 400, "INVALID_REQUEST_PARAM"),
        ("reportVersion=v1", 400, "INVALID_REQUEST_PARAM"),
        ("reportDate=11172026&reportVersion=v1", 404, "CONTENT_NOT_FOUND"),
        ("reportDate=11162026&reportVersion=v2", 404, "INVALID_REPORT_VERSION"),
    ],
)
def test_a_report_that_cannot_be_had(trader: Any, query: str, status: int, code: str) -> None:
    reply = trader.get(f"{FILE}?{query}", **OCTETS)
    assert reply.status_code == status
    assert f"{code}.GMP_REPORT_API" in reply.text
    assert ("<errors>" in reply.text) == (status == 400)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("offset=0&noOfRecords=1001", "INVALID_REQUEST_PARAM"),
        ("offset=0&noOfRecords=0", "INVALID_REQUEST_PARAM"),
        ("offset=1&noOfRecords=10", "INVALID_OFFSET"),
        ("offset=-1&noOfRecords=10", "INVALID_OFFSET"),
        ("noOfRecords=10", "INVALID_OFFSET"),
    ],
)
def test_json_pages_that_cannot_be_had(trader: Any, query: str, code: str) -> None:
    reply = trader.get(f"{PAGES}?reportDate=11162026&{query}")
    assert reply.status_code == 400
    assert reply.json()["errors"]["error"][0]["code"] == f"{code}.GMP_REPORT_API"


def test_a_report_is_not_there_before_its_period_is_published(seller: Any) -> None:
    assert dates(seller) == ["11162026"]
    seller.wait(timedelta(days=10, minutes=-1))
    assert dates(seller) == ["11162026"]
    seller.wait(timedelta(minutes=1))
    assert sorted(dates(seller)) == ["11162026", "11302026"]


def test_report_dates_come_in_no_order(trader: Any) -> None:
    found = dates(trader)
    assert len(found) == 8
    assert found != sorted(found, key=lambda d: datetime.strptime(d, "%m%d%Y"))  # noqa: DTZ007


def test_every_report_adds_to_its_total_payable(trader: Any) -> None:
    for date in dates(trader):
        count, rows = table(text_of(trader, date))
        (summary,) = [r for r in rows if r["Transaction Type"] == "PaymentSummary"]
        details = [r for r in rows if r is not summary]
        assert sum(Decimal(r["Amount"]) for r in details) == Decimal(summary["Total Payable"])
        assert count == f"Number of Lines in file {len(rows)}"
        assert len(details) > 20
        assert summary["Amount"] == ""
        assert {r["Total Payable"] for r in details} == {""}


def test_a_report_holds_sales_refunds_adjustments_and_fees(trader: Any) -> None:
    rows = [row for date in dates(trader) for row in table(text_of(trader, date))[1]]
    assert {"Sale", "Refund", "Adjustment", "Service Fee", "", "PaymentSummary"} <= {
        r["Transaction Type"] for r in rows
    }
    sales = {(r["Transaction Key"], r["Amount Type"]): r for r in rows if r["Transaction Type"] == "Sale"}
    for (key, kind), row in sales.items():
        if kind == "Product Price":
            commission = -(Decimal(row["Amount"]) * Decimal(row["Commission Rate"]) / 100)
            assert abs(Decimal(sales[key, "Commission on Product"]["Amount"]) - commission) <= Decimal("0.005")
            assert row["Partner Item Id"]
            assert row["Purchase Order #"]


def test_the_same_report_is_the_same_bytes(trader: Any) -> None:
    first, second = (trader.get(f"{FILE}?reportDate=11162026&reportVersion=v1", **OCTETS) for _ in range(2))
    assert first.content == second.content
    assert first.content[:2] == b"PK"
    assert first.headers["content-disposition"] == (
        'attachment; filename="10000000354_2026-11-16T00:00:00.000+0000.zip"'
    )


def test_json_pages_hold_the_rows_of_the_file(trader: Any) -> None:
    _, rows = table(text_of(trader, "11162026"))
    wanted = [{k: v for k, v in row.items() if v} for row in rows]
    found, offset = [], 0
    while offset != -1:
        body = trader.get(f"{PAGES}?reportDate=11162026&offset={offset}&noOfRecords=50").json()
        assert body["totalRecords"] == len(body["reportData"]) <= 50
        assert body["description"].startswith(f"Number of Lines in file {len(rows)} ")
        found += body["reportData"]
        offset = body["nextOffset"]
    assert found == wanted


def test_json_offsets_are_bytes_of_the_file(trader: Any) -> None:
    raw = text_of(trader, "11162026").encode()
    body = trader.get(f"{PAGES}?reportDate=11162026&offset=0&noOfRecords=1").json()
    at = body["nextOffset"]
    assert raw[:at].endswith(b"\r\n")
    assert raw[at:].split(b"\r\n")[0].startswith(b'"""""",')


def test_without_a_version_the_layout_is_the_legacy_one(trader: Any) -> None:
    text = text_of(trader, "11162026", version="")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert "Walmart.com PO #" in rows[0]
    assert {r["Transaction Type"] for r in rows} >= {"SALE", "ADJMNT"}
    _, modern = table(text_of(trader, "11162026"))
    total = next(r["Total Payable"] for r in modern if r["Total Payable"])
    assert sum(Decimal(r["Payable to Partner from Sale"]) for r in rows) == Decimal(total)


def statement(seller: Any) -> dict[str, Any]:
    body = seller.get("/v3/report/payment/statement")
    assert body.status_code == 200
    return {k: v for k, v in _decimals(body.text)["payload"].items() if k in ("accountSummary", "transactionDetails")}


def _decimals(text: str) -> Any:
    import json

    return json.loads(text, parse_float=Decimal)


def check_statement(found: dict[str, Any]) -> None:
    account, details = found["accountSummary"], found["transactionDetails"]
    sale, wfs = details["saleAggregate"], details["wfs"]
    assert sale["netPayable"] == sum(
        Decimal(sale[k])
        for k in ("productPrice", "shipping", "netTaxCollected", "netTaxWithheld", "netComm", "wfsShipping")
    )
    assert sale["netComm"] == sale["totalBaseCommission"] + sale["commissionSavings"]
    assert account["orderActivity"] == sum(
        details[k]["netPayable"] for k in ("saleAggregate", "refundDetails", "adjustmentAggregate")
    )
    assert account["walmartFulfillmentServices"] == wfs["netPayable"]
    assert wfs["netPayable"] == sum(v for k, v in wfs.items() if k != "netPayable")
    assert account["closingBalance"] == sum(
        account[k]
        for k in (
            "openingBalance",
            "orderActivity",
            "walmartFulfillmentServices",
            "otherActivities",
            "reserve",
            "paidToYou",
        )
    )


def test_the_statement_foots(trader: Any) -> None:
    found = statement(trader)
    check_statement(found)
    assert found["accountSummary"]["orderActivity"] > 0


def test_balances_chain_over_periods_that_the_clock_closes(trader: Any) -> None:
    end = datetime.fromisoformat("2026-11-30T00:00:00+00:00")
    trader.wait(end - trader.clock.now() - timedelta(seconds=1))
    before = statement(trader)["accountSummary"]
    check_statement(statement(trader))
    trader.wait(timedelta(seconds=1))
    after = statement(trader)["accountSummary"]
    assert after["openingBalance"] == before["closingBalance"]
    assert (after["paidToYou"], after["orderActivity"]) == (0, 0)
    trader.wait(timedelta(days=1))
    paid = statement(trader)["accountSummary"]
    assert paid["paidToYou"] == -after["openingBalance"]
    _, rows = table(text_of(trader, "11302026"))
    assert Decimal(rows[0]["Total Payable"]) == after["openingBalance"]


def test_what_the_seller_ships_and_refunds_is_in_the_next_report(seller: Any, bodies: Any) -> None:
    seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="2"))
    seller.post("/v3/orders/1002/refund", bodies.refund("1002", amount=-4, tax=-0.32))
    seller.post("/v3/orders/1002/cancel", bodies.cancellation(line="2"))
    seller.wait(timedelta(days=10))
    _, rows = table(text_of(seller, "11302026"))
    mine = [(r["Transaction Type"], r["Amount Type"], r["Amount"]) for r in rows if r["Purchase Order #"] == "1002"]
    assert mine == [
        ("Sale", "Product Price", "20.00"),
        ("Sale", "Product tax", "1.60"),
        ("Sale", "Product tax withheld", "-1.60"),
        ("Sale", "Commission on Product", "-3.00"),
        ("Refund", "Product Price", "-4.00"),
        ("Refund", "Product tax", "-0.32"),
        ("Refund", "Product tax withheld", "0.32"),
        ("Refund", "Commission on Product", "0.60"),
    ]
    total = sum(Decimal(r["Amount"]) for r in rows if r["Amount"])
    assert total == Decimal(rows[0]["Total Payable"])
