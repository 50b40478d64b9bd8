"""Each fault does what its name says, as often as it was told, and only where it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from sync.sandbox.faults import Fault, Faults

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

SELLERS = "/sellers/v1/marketplaceParticipations"
REPORTS = "/reports/2021-06-30/reports"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("ebay", "slow"),
        Fault("amazon", ""),
        Fault("amazon", "slow", count=0),
        Fault("amazon", "slow", probability=0),
        Fault("amazon", "slow", probability=1.5),
    ],
)
def test_an_impossible_fault_is_refused(fault: Fault) -> None:
    with pytest.raises(ValueError, match=r"vendor|count|probability"):
        Faults().add(fault)


def test_a_fault_strikes_only_its_vendor_path_and_method_and_only_so_often() -> None:
    faults = Faults()
    faults.add(Fault("walmart", "slow", count=2, match="/orders", method="post"))
    assert faults.take("amazon", "POST", "/v3/orders") is None
    assert faults.take("walmart", "POST", "/v3/items") is None
    assert faults.take("walmart", "GET", "/v3/orders") is None
    assert [faults.take("walmart", "POST", "/v3/orders/1/cancel") is not None for _ in range(3)] == [
        True,
        True,
        False,
    ]
    assert faults.active() == []


def test_a_chance_is_drawn_from_the_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault("amazon", "slow", count=None, probability=0.3))
        return [faults.take("amazon", "GET", "/") is not None for _ in range(200)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90


def test_clearing_removes_one_vendor_s_faults_or_all() -> None:
    faults = Faults()
    faults.add(Fault("amazon", "slow"))
    faults.add(Fault("netsuite", "slow"))
    assert faults.clear("amazon") == 1
    assert [f.vendor for f in faults.active()] == ["netsuite"]
    assert faults.clear() == 1


def test_a_connection_that_is_cut_gives_no_answer_and_the_next_call_works(seller: Seller) -> None:
    seller.goes_wrong("cut_connection")
    with pytest.raises(httpx.TransportError):
        seller.get(SELLERS)
    assert seller.get(SELLERS).status_code == 200


def test_a_lost_answer_has_taken_effect(seller: Seller) -> None:
    body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["ATVPDKIKX0DER"]}
    seller.goes_wrong("lost_answer", method="POST", match="/reports")
    with pytest.raises(httpx.TransportError):
        seller.post(REPORTS, body)
    found = seller.get(REPORTS, reportTypes="GET_MERCHANT_LISTINGS_ALL_DATA").json()["reports"]
    assert [r["processingStatus"] for r in found] == ["IN_QUEUE"]


@pytest.mark.proves("A13")
def test_a_storm_throttles_as_often_as_it_was_told(seller: Seller) -> None:
    seller.goes_wrong("throttle", count=3)
    assert [seller.get(SELLERS).status_code for _ in range(5)] == [429, 429, 429, 200, 200]


@pytest.mark.proves("A11")
def test_an_expired_token_stays_dead_until_the_next_login(seller: Seller) -> None:
    seller.goes_wrong("expired_token")
    assert [seller.get(SELLERS).status_code for _ in range(2)] == [403, 403]
    seller.log_in()
    assert seller.get(SELLERS).status_code == 200


@pytest.mark.proves("A01", "A02", "A03", "A04")
@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("server_error_html", 503, b"<html>"),
        ("empty_500", 500, b""),
        ("forbidden_message", 403, b'{"message":"Forbidden"}'),
        ("leading_newlines", 200, b"\n\n"),
    ],
)
def test_answers_from_before_the_api_are_not_its_envelope(seller: Seller, name: str, status: int, body: bytes) -> None:
    seller.goes_wrong(name)
    answer = seller.get(SELLERS)
    assert answer.status_code == status
    assert answer.content.startswith(body)


@pytest.mark.proves("A07")
def test_a_rate_header_can_be_no_number(seller: Seller) -> None:
    seller.goes_wrong("rate_header_garbage")
    assert seller.get(SELLERS).headers["x-amzn-ratelimit-limit"] == "string"


def test_a_slow_answer_takes_as_long_as_it_was_told(seller: Seller) -> None:
    seller.goes_wrong("slow", options={"seconds": "2"})
    with pytest.raises(httpx.ReadTimeout):
        seller.http.get(seller.url + SELLERS, timeout=httpx.Timeout(60, read=0.1))
    assert seller.get(SELLERS).status_code == 200
