"""Answers that are not what they should be: headers, tokens, shapes of bodies, bytes of documents."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sync.sandbox.amazon.front.fault_names import AMAZON_FAULTS, FAULTS

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

SELLERS = "/sellers/v1/marketplaceParticipations"
ORDERS = "/orders/2026-01-01/orders"
REPORTS = "/reports/2021-06-30/reports"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
DE = "A1PA6795UKMFR9"


def addressed(seller: Seller, **query: str) -> tuple[dict[str, Any], str]:
    """Return the answer of getReportDocument for the newest German settlement, and its address."""
    newest = seller.get(REPORTS, reportTypes=V2, marketplaceIds=DE).json()["reports"][0]
    described = seller.get(f"/reports/2021-06-30/documents/{newest['reportDocumentId']}", **query).json()
    return described, described["url"]


def plain(answer: httpx.Response) -> bytes:
    body = answer.content
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_every_fault_says_what_it_does() -> None:
    assert all(text and text == text.strip() for text in FAULTS.values())
    assert len(set(AMAZON_FAULTS)) == len(AMAZON_FAULTS)


@pytest.mark.proves("A05")
def test_headers_can_come_in_capitals(seller: Seller) -> None:
    seller.goes_wrong("A05")
    names = [name for name, _ in seller.get(SELLERS).headers.raw]
    assert b"X-AMZN-RATELIMIT-LIMIT" in names


@pytest.mark.proves("A06")
def test_the_rate_header_can_be_missing(seller: Seller) -> None:
    seller.goes_wrong("A06")
    assert "x-amzn-ratelimit-limit" not in seller.get(SELLERS).headers
    assert "x-amzn-ratelimit-limit" in seller.get(SELLERS).headers


@pytest.mark.proves("A08")
def test_a_login_can_end_the_tokens_of_those_who_raced_it(seller: Seller) -> None:
    old = seller.token
    seller.goes_wrong("A08")
    seller.log_in()
    assert seller.call("GET", SELLERS, token=old).status_code == 403
    assert seller.get(SELLERS).status_code == 200


@pytest.mark.proves("A09")
def test_a_token_can_live_a_minute_and_says_so(seller: Seller) -> None:
    seller.goes_wrong("A09")
    assert seller.log_in().json()["expires_in"] == 60
    seller.clock.advance(59)
    assert seller.get(SELLERS).status_code == 200
    seller.clock.advance(1)
    assert seller.get(SELLERS).status_code == 403


@pytest.mark.proves("A10")
def test_a_refused_login_has_its_own_form(seller: Seller) -> None:
    seller.goes_wrong("A10")
    answer = seller.log_in()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert {"error_description", "request_id"} <= answer.json().keys()


def search(seller: Seller) -> httpx.Response:
    return seller.get(ORDERS, createdAfter="2026-11-15T00:00:00Z", includedData="FULFILLMENT,PROCEEDS")


def test_a_status_can_be_a_word_that_nobody_knows(seller: Seller) -> None:
    seller.goes_wrong("unknown_enum")
    statuses = [o["fulfillment"]["fulfillmentStatus"] for o in search(seller).json()["orders"]]
    assert statuses.count("NEVER_SEEN_BEFORE") == 1


def test_objects_can_have_new_fields(seller: Seller) -> None:
    seller.goes_wrong("new_field")
    body = search(seller).json()
    assert body["fieldOfTomorrow"] == body["orders"][0]["fieldOfTomorrow"] == "new"


def test_an_object_can_be_null_and_a_list_its_single_element(seller: Seller) -> None:
    seller.goes_wrong("null_object")
    assert search(seller).json()["orders"][0] is None
    seller.goes_wrong("single_element")
    assert isinstance(search(seller).json()["orders"], dict)


def test_a_200_can_hold_an_error_or_half_of_its_json(seller: Seller) -> None:
    seller.goes_wrong("error_in_200")
    answer = search(seller)
    assert (answer.status_code, list(answer.json())) == (200, ["errors"])
    seller.goes_wrong("not_json")
    half = search(seller)
    assert half.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        half.json()


def test_a_fault_of_documents_waits_for_the_next_download(seller: Seller) -> None:
    seller.goes_wrong("byte_order_mark")
    _, url = addressed(seller)
    assert seller.faults.active()
    assert plain(seller.http.get(url)).startswith(b"\xef\xbb\xbf")
    assert not seller.faults.active()


@pytest.mark.proves("A23")
def test_empty_cells_can_be_two_nul_bytes(seller: Seller) -> None:
    _, url = addressed(seller)
    seller.goes_wrong("A23")
    row = plain(seller.http.get(url)).split(b"\n")[2].split(b"\t")
    assert b"\0\0" in row
    assert b"" not in row


@pytest.mark.proves("A24")
def test_gzip_hides_behind_identity(seller: Seller) -> None:
    _, url = addressed(seller)
    seller.goes_wrong("A24")
    answer = seller.http.get(url)
    assert answer.headers["content-encoding"] == "identity"
    assert answer.content.startswith(b"\x1f\x8b")


@pytest.mark.proves("A25")
def test_declared_gzip_is_unpacked_by_the_client_once(seller: Seller) -> None:
    described, url = addressed(seller)
    whole = plain(seller.http.get(url))
    seller.goes_wrong("A25")
    answer = seller.http.get(url)
    assert (answer.headers["content-encoding"], answer.content) == ("gzip", whole)
    assert described["reportDocumentId"]


@pytest.mark.proves("A26", "A27", "A28")
def test_the_same_umlauts_come_in_three_encodings(seller: Seller) -> None:
    _, url = addressed(seller)
    normal = seller.http.get(url)
    assert normal.headers["content-type"] == "text/plain; charset=Cp1252"
    text = plain(normal).decode("cp1252")
    assert "ü" in text
    seller.goes_wrong("A27")
    utf8 = seller.http.get(url)
    assert utf8.headers["content-type"] == "text/plain; charset=UTF-8"
    assert plain(utf8).decode("utf-8") == text
    seller.goes_wrong("A28")
    assert plain(seller.http.get(url)).decode("utf-8") == "\ufeff" + text


def test_a_document_can_lie_about_its_charset(seller: Seller) -> None:
    _, url = addressed(seller)
    seller.goes_wrong("wrong_charset")
    answer = seller.http.get(url)
    assert answer.headers["content-type"] == "text/plain; charset=Cp1252"
    assert plain(answer)[:2] in (b"\xff\xfe", b"\xfe\xff")


def test_half_of_the_gzip_bytes_cannot_be_unpacked(seller: Seller) -> None:
    _, url = addressed(seller)
    seller.goes_wrong("truncated_gzip")
    with pytest.raises(EOFError):
        gzip.decompress(seller.http.get(url).content)


def test_a_document_can_have_a_new_column(seller: Seller) -> None:
    _, url = addressed(seller)
    seller.goes_wrong("new_column")
    lines = plain(seller.http.get(url)).decode("cp1252").splitlines()
    assert lines[0].endswith("\tcolumn-of-tomorrow")
    assert lines[-1].endswith("\tnew")
