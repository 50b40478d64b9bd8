"""Login with Amazon, tokens and rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

ORDERS = "/orders/2026-01-01/orders"
ORDER = f"{ORDERS}/113-0000000-0000000"


@pytest.mark.proves("A10")
@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "profile"}, 400, "invalid_scope"),
    ],
)
def test_a_bad_login_is_refused_in_logins_own_form(
    seller: Seller, changes: dict[str, str], status: int, error: str
) -> None:
    answer = seller.log_in(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "errors" not in answer.json()
    assert answer.headers["x-amzn-errortype"].startswith("OA2")


def test_a_login_gives_a_token_for_an_hour_that_no_cache_may_keep(seller: Seller) -> None:
    answer = seller.log_in()
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["access_token"][:5]) == ("bearer", 3600, "Atza|")
    assert body["refresh_token"].startswith("Atzr|")
    assert "no-store" in answer.headers["cache-control"]


def test_a_grantless_login_names_its_scope_and_no_refresh_token(seller: Seller) -> None:
    body = seller.log_in(grant_type="client_credentials", scope="sellingpartnerapi::notifications").json()
    assert body["scope"] == "sellingpartnerapi::notifications"
    assert "refresh_token" not in body


@pytest.mark.proves("A11")
@pytest.mark.parametrize("token", ["", "Atza|made-up"])
def test_a_missing_or_wrong_token_is_403_without_the_rate_header(seller: Seller, token: str) -> None:
    seller.token = token
    answer = seller.get(ORDER)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")
    assert "x-amzn-ratelimit-limit" not in answer.headers
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_a_token_dies_after_an_hour_and_says_so(seller: Seller) -> None:
    seller.clock.advance(3599)
    assert seller.get(ORDER).status_code == 404
    seller.clock.advance(1)
    answer = seller.get(ORDER)
    assert answer.status_code == 403
    assert "expired" in answer.json()["errors"][0]["details"]


def test_a_path_that_is_not_routed_is_403_before_any_of_amazons_headers(seller: Seller) -> None:
    answer = seller.get("/orders/v9/orders")
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert "x-amzn-requestid" not in answer.headers


def test_the_root_tells_the_time_without_a_token(seller: Seller) -> None:
    seller.token = ""
    assert seller.get("/").json() == {"timestamp": "2026-11-20T09:00:00Z"}


@pytest.mark.proves("A14", "A16")
def test_orders_can_be_searched_twenty_times_at_once_and_then_every_three_minutes(seller: Seller) -> None:
    query = {"createdAfter": "2026-11-19T00:00:00Z", "maxResultsPerPage": "1"}
    answers = [seller.get(ORDERS, **query) for _ in range(21)]
    assert [a.status_code for a in answers] == [200] * 20 + [429]
    assert answers[0].headers["x-amzn-ratelimit-limit"] == "0.0056"
    last = answers[-1]
    assert last.json()["errors"][0]["code"] == "QuotaExceeded"
    assert "retry-after" not in last.headers
    assert "x-amzn-ratelimit-limit" not in last.headers
    seller.clock.advance(178)
    assert seller.get(ORDERS, **query).status_code == 429
    seller.clock.advance(1)
    assert seller.get(ORDERS, **query).status_code == 200


@pytest.mark.proves("A17")
def test_one_operation_s_limit_does_not_slow_another(seller: Seller) -> None:
    for _ in range(20):
        seller.get(ORDERS, createdAfter="2026-11-19T00:00:00Z", maxResultsPerPage="1")
    assert seller.get(ORDER).status_code == 404


@pytest.mark.proves("A15")
def test_a_document_s_address_is_given_fifteen_times_at_once_and_then_every_minute(seller: Seller) -> None:
    path = "/reports/2021-06-30/documents/none"
    assert [seller.get(path).status_code for _ in range(16)] == [404] * 15 + [429]
    seller.clock.advance(59)
    assert seller.get(path).status_code == 429
    seller.clock.advance(1)
    assert seller.get(path).status_code == 404


def test_limits_that_are_off_let_everything_through(seller: Seller) -> None:
    seller.limits.enabled = False
    answers = [seller.get(ORDERS, createdAfter="2026-11-19T23:00:00Z") for _ in range(25)]
    assert {a.status_code for a in answers} == {200}
