"""Settlement reports: found, not requested, kept 90 days, behind addresses that die after five minutes."""

from __future__ import annotations

import gzip
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

REPORTS = "/reports/2021-06-30/reports"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"


def settlements(seller: Seller, market: str) -> list[dict[str, Any]]:
    body = seller.get(REPORTS, reportTypes=V2, marketplaceIds=market, pageSize="100").json()
    return list(body["reports"])


def document(seller: Seller, document_id: str, **query: str) -> tuple[dict[str, Any], httpx.Response]:
    described = seller.get(f"/reports/2021-06-30/documents/{document_id}", **query).json()
    return described, seller.http.get(described["url"])


def text_of(described: dict[str, Any], answer: httpx.Response) -> list[list[str]]:
    body = answer.content
    if described.get("compressionAlgorithm") == "GZIP":
        body = gzip.decompress(body)
    return [line.split("\t") for line in body.decode("cp1252").splitlines()]


@pytest.mark.proves("A29")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"reportType": V2, "marketplaceIds": [US]}, "report type 1118 is not allowed"),
        ({"reportType": "GET_FLAT_FILE_SETTLEMENT_REPORT_DATA", "marketplaceIds": [US]}, "1118"),
        ({"reportType": "GET_NOTHING", "marketplaceIds": [US]}, "not valid"),
        ({"reportType": LISTINGS}, "required"),
        ({"reportType": LISTINGS, "marketplaceIds": ["X"]}, "not one of the seller's"),
        ([], "JSON object"),
    ],
)
def test_a_report_that_cannot_be_requested_is_400(seller: Seller, body: Any, said: str) -> None:
    answer = seller.post(REPORTS, body)
    assert answer.status_code == 400
    assert said in answer.json()["errors"][0]["message"]


@pytest.mark.proves("A18")
@pytest.mark.parametrize(
    "query",
    [
        {"nextToken": "x", "pageSize": "10"},
        {"nextToken": "x", "reportTypes": V2},
        {"pageSize": "10"},
        {"reportTypes": V2, "pageSize": "101"},
        {"reportTypes": V2, "processingStatuses": "READY"},
        {"nextToken": "x"},
    ],
)
def test_a_search_for_reports_that_breaks_a_rule_is_400(seller: Seller, query: dict[str, str]) -> None:
    assert seller.get(REPORTS, **query).status_code == 400


@pytest.mark.parametrize("path", [f"{REPORTS}/1", "/reports/2021-06-30/documents/amzn1.spdoc.none"])
def test_an_unknown_report_or_document_is_404(seller: Seller, path: str) -> None:
    answer = seller.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "NotFound")


@pytest.mark.proves("A22")
def test_an_address_is_dead_after_five_minutes(seller: Seller) -> None:
    newest = settlements(seller, US)[0]
    described, answer = document(seller, newest["reportDocumentId"])
    assert answer.status_code == 200
    seller.clock.advance(299)
    assert seller.http.get(described["url"]).status_code == 200
    seller.clock.advance(1)
    late = seller.http.get(described["url"])
    assert (late.status_code, late.headers["content-type"]) == (403, "application/xml")
    assert "<Message>Request has expired</Message>" in late.text


def test_an_altered_address_is_refused(seller: Seller) -> None:
    described, _ = document(seller, settlements(seller, US)[0]["reportDocumentId"])
    altered = described["url"].replace("X-Amz-Expires=300", "X-Amz-Expires=900")
    assert "SignatureDoesNotMatch" in seller.http.get(altered).text


@pytest.mark.proves("A31")
def test_reports_older_than_ninety_days_are_gone(seller: Seller) -> None:
    found = settlements(seller, US)
    horizon = seller.clock.now() - timedelta(days=90)
    kept = [s for s in seller.world.settlements_of("amazon.US") if s.available_at > horizon]
    assert len(kept) < len(seller.world.settlements_of("amazon.US"))
    assert sorted(r["reportId"] for r in found) == sorted(s.report_id for s in kept)
    assert [r["createdTime"] for r in found] == sorted((r["createdTime"] for r in found), reverse=True)


def test_report_pages_hold_every_report_once(seller: Seller) -> None:
    answer = seller.get(REPORTS, reportTypes=V2, pageSize="5").json()
    found = list(answer["reports"])
    while "nextToken" in answer:
        answer = seller.get(REPORTS, nextToken=answer["nextToken"]).json()
        found += answer["reports"]
    both = settlements(seller, US) + settlements(seller, DE)
    assert sorted(r["reportId"] for r in found) == sorted(r["reportId"] for r in both)
    assert len({r["reportId"] for r in found}) == len(found)


@pytest.mark.proves("A40", "A41")
@pytest.mark.parametrize(("market", "channel"), [(US, "amazon.US"), (DE, "amazon.DE")])
def test_a_settlement_document_adds_up_to_its_summary_line(seller: Seller, market: str, channel: str) -> None:
    seller.limits.enabled = False
    by_report = {s.report_id: s for s in seller.world.settlements_of(channel)}
    for report in settlements(seller, market):
        rows = text_of(*document(seller, report["reportDocumentId"]))
        head, summary, lines = rows[0], rows[1], rows[2:]

        def value(row: list[str], column: str, head: list[str] = head) -> str:
            return row[head.index(column)]

        def money(text: str) -> Decimal:
            return Decimal(text.replace(",", "."))

        settlement = by_report[report["reportId"]]
        assert money(value(summary, "total-amount")) == settlement.total
        assert sum(money(value(row, "amount")) for row in lines) == settlement.total
        assert len(lines) == len(settlement.lines)
        assert {value(row, "currency") for row in lines} == {""}
        assert all(len(row) == len(head) for row in rows)


@pytest.mark.proves("A26", "A48")
def test_german_documents_write_commas_dots_and_umlauts_in_cp1252(seller: Seller) -> None:
    described, answer = document(seller, settlements(seller, DE)[0]["reportDocumentId"])
    rows = text_of(described, answer)
    assert answer.headers["content-type"] == "text/plain; charset=Cp1252"
    assert "," in rows[2][14]
    assert "." not in rows[2][14]
    assert rows[2][16][2] == rows[2][16][5] == "."
    assert rows[1][5] == "EUR"
    assert any("Gutschein für" in row[23] for row in rows)


@pytest.mark.proves("A45")
def test_the_oldest_german_document_has_twenty_three_columns(seller: Seller) -> None:
    found = settlements(seller, DE)
    assert len(text_of(*document(seller, found[-1]["reportDocumentId"]))[0]) == 23
    assert len(text_of(*document(seller, found[0]["reportDocumentId"]))[0]) == 24


@pytest.mark.proves("A24", "A25")
def test_gzip_is_not_announced_unless_it_is_asked_for(seller: Seller) -> None:
    ids = [r["reportDocumentId"] for m in (US, DE) for r in settlements(seller, m)]
    described = [seller.get(f"/reports/2021-06-30/documents/{i}").json() for i in ids]
    zipped = next(d for d in described if d.get("compressionAlgorithm") == "GZIP")
    assert any("compressionAlgorithm" not in d for d in described)
    plain = seller.http.get(zipped["url"])
    assert (plain.headers["content-encoding"], plain.content[:2]) == ("identity", b"\x1f\x8b")
    path = f"/reports/2021-06-30/documents/{zipped['reportDocumentId']}"
    named = seller.get(path, enableContentEncodingUrlHeader="True").json()
    announced = seller.http.get(named["url"])
    assert announced.headers["content-encoding"] == "gzip"
    assert announced.content == gzip.decompress(plain.content)


def test_a_requested_listings_report_is_queued_then_done(seller: Seller) -> None:
    created = seller.post(REPORTS, {"reportType": LISTINGS, "marketplaceIds": [US]})
    assert created.status_code == 202
    path = f"{REPORTS}/{created.json()['reportId']}"
    seen = []
    for seconds in (0, 15, 30):
        seller.clock.advance(seconds)
        report = seller.get(path).json()
        seen.append(report["processingStatus"])
    assert seen == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    rows = text_of(*document(seller, report["reportDocumentId"]))
    assert len(rows[0]) == 27
    assert "AMZ-ACM-BTL-24" in {row[rows[0].index("seller-sku")] for row in rows}


def test_an_injected_half_document_is_half(seller: Seller) -> None:
    described, whole = document(seller, settlements(seller, US)[0]["reportDocumentId"])
    seller.goes_wrong("truncated_document", match="tortuga")
    assert len(seller.http.get(described["url"]).content) == len(whole.content) // 2


@pytest.mark.proves("A22")
def test_an_address_can_be_handed_out_dead(seller: Seller) -> None:
    newest = settlements(seller, US)[0]["reportDocumentId"]
    seller.goes_wrong("expired_url", match="/documents/")
    assert document(seller, newest)[1].status_code == 403
    assert document(seller, newest)[1].status_code == 200


def test_a_repeated_page_of_reports_loses_none(seller: Seller) -> None:
    first = seller.get(REPORTS, reportTypes=V2, pageSize="3").json()
    seller.goes_wrong("page_repeated")
    again = seller.get(REPORTS, nextToken=first["nextToken"]).json()
    assert again["reports"] == first["reports"]
    second = seller.get(REPORTS, nextToken=again["nextToken"]).json()
    assert second["reports"][0]["createdTime"] <= first["reports"][-1]["createdTime"]
    assert second["reports"][0] not in first["reports"]
