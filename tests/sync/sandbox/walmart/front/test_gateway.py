"""The door: tokens, headers, envelopes, limits, media types."""

from __future__ import annotations

import base64
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.walmart.front.rates import PER_MINUTE


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def token_call(seller: Any, authorization: str, form: dict[str, str] | None = None, **headers: str) -> Any:
    sent = {k: v for k, v in seller.headers.items() if k != "WM_SEC.ACCESS_TOKEN"} | {"Authorization": authorization}
    sent |= headers
    return seller.http.post("/v3/token", data=form or {"grant_type": "client_credentials"}, headers=sent)


@pytest.mark.parametrize(
    "authorization", [basic("id-1:wrong"), basic("id-1"), "Bearer x", "Basic ###", basic("ä:ö"), ""]
)
def test_wrong_credentials_are_answered_400_not_401(seller: Any, authorization: str) -> None:
    reply = token_call(seller, authorization)
    assert reply.status_code == 400
    assert "access_token" not in reply.text


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password"},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
    ],
)
def test_other_grants_are_refused(seller: Any, form: dict[str, str]) -> None:
    assert token_call(seller, basic("id-1:secret-1"), form, **{"WM_PARTNER.ID": "1"}).status_code == 400


def test_a_token_lives_900_seconds(seller: Any) -> None:
    body = token_call(seller, basic("id-1:secret-1")).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    seller.login()
    seller.clock.advance(899.9)
    assert seller.get("/v3/token/detail").status_code == 200
    seller.clock.advance(0.1)
    reply = seller.get("/v3/token/detail")
    assert reply.status_code == 401
    assert reply.json()["errors"]["error"][0]["code"] == "UNAUTHORIZED.GMP_GATEWAY_API"


def test_token_detail_says_when_it_ends_in_milliseconds_as_text(seller: Any) -> None:
    detail = seller.get("/v3/token/detail").json()
    assert (detail["issued_at"], detail["expire_at"]) == ("1795165200000", "1795166100000")
    assert detail["scopes"]["orders"] == "full_access"


@pytest.mark.parametrize("authorization", ["", "Bearer {token}", basic("id-1:secret-1")])
def test_only_the_walmart_header_carries_the_token(seller: Any, authorization: str) -> None:
    token = seller.headers.pop("WM_SEC.ACCESS_TOKEN")
    sent = {"Authorization": authorization.format(token=token)} if authorization else {}
    assert seller.get("/v3/orders", **sent).status_code == 401
    seller.headers["WM_SEC.ACCESS_TOKEN"] = token
    assert seller.get("/v3/orders").status_code == 200


@pytest.mark.parametrize("name", ["WM_SVC.NAME", "WM_QOS.CORRELATION_ID"])
@pytest.mark.parametrize("blank", [True, False])
def test_a_missing_header_is_named(seller: Any, name: str, blank: bool) -> None:
    if blank:
        seller.headers[name] = ""
    else:
        del seller.headers[name]
    reply = seller.get("/v3/orders")
    error = reply.json()["errors"]["error"][0]
    assert reply.status_code == 400
    assert (error["code"], error["field"]) == ("INVALID_REQUEST_HEADER.GMP_GATEWAY_API", name)
    assert error["description"] == f"{name} set blank or null"


@pytest.mark.parametrize(
    ("envelope", "path"),
    [
        ("E1", ("errors", "error", 0, "code")),
        ("E2", ("error", 0, "code")),
        ("E3", ("errors", 0, "code")),
        ("E4", ("code",)),
    ],
)
def test_a_refusal_comes_in_the_envelope_that_is_asked_for(seller: Any, envelope: str, path: tuple[Any, ...]) -> None:
    found: Any = seller.get("/v3/orders?limit=0", X_Sandbox_Envelope=envelope).json()
    for step in path:
        found = found[step]
    assert found == "INVALID_REQUEST_PARAM.GMP_ORDER_API"


def test_problem_json_has_its_own_media_type(seller: Any) -> None:
    reply = seller.get("/v3/orders?limit=0", X_Sandbox_Envelope="E5")
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.json()["status"], reply.json()["title"]) == (400, "INVALID_REQUEST_PARAM")


def test_an_envelope_can_be_set_with_the_fault(seller: Any) -> None:
    seller.fault("W19", envelope="E3")
    assert seller.get("/v3/orders").json()["errors"][0]["code"] == "INVALID_REQUEST.GMP_ORDER_API"


def test_unknown_paths_and_methods(seller: Any) -> None:
    gone = seller.get("/v3/order")
    assert (gone.status_code, gone.json()["errors"]["error"][0]["code"]) == (404, "URI_NOT_FOUND.GMP_GATEWAY_API")
    wrong = seller.post("/v3/orders")
    assert wrong.status_code == 405
    assert wrong.json()["errors"]["error"][0]["code"] == "METHOD_NOT_ALLOWED.GMP_GATEWAY_API"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/v3/orders", "application/xml", 406),
        ("/v3/orders", "text/csv", 406),
        ("/v3/orders", "*/*", 200),
        ("/v3/orders", "application/xml, application/json;q=0.5", 200),
        ("/v3/report/reconreport/reconFile?reportDate=11162026&reportVersion=v1", "*/*", 406),
        ("/v3/report/reconreport/reconFile?reportDate=11162026&reportVersion=v1", "text/csv", 406),
        ("/v3/report/reconreport/reconFile?reportDate=11162026&reportVersion=v1", "application/octet-stream", 200),
    ],
)
def test_accept_decides(seller: Any, path: str, accept: str, status: int) -> None:
    assert seller.get(path, Accept=accept).status_code == status


@pytest.mark.parametrize("media", ["application/xml", "text/plain", None])
def test_a_body_must_say_that_it_is_json(seller: Any, media: str | None) -> None:
    headers = seller.headers | ({"Content-Type": media} if media else {})
    reply = seller.http.post("/v3/orders/1003/shipping", content=b"<x/>", headers=headers)
    assert reply.status_code == 415
    assert reply.json()["errors"]["error"][0]["code"] == "UNSUPPORTED_MEDIA_TYPE.GMP_GATEWAY_API"


def test_every_answer_says_what_is_left(seller: Any) -> None:
    for reply in (seller.get("/v3/orders"), seller.get("/v3/orders?limit=0"), seller.get("/nowhere")):
        assert int(reply.headers["x-current-token-count"]) >= 0
        assert int(reply.headers["x-next-replenish-time"]) >= 1795165200000


def test_the_61st_call_in_a_minute_is_refused_and_says_when_to_come_back(seller: Any) -> None:
    statuses = [seller.post("/v3/orders/1002/acknowledge").status_code for _ in range(60)]
    assert statuses == [200] * 60
    reply = seller.post("/v3/orders/1002/acknowledge")
    assert reply.status_code == 429
    assert reply.json()["errors"]["error"][0]["code"] == "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API"
    assert reply.headers["retry-after"] == "1"
    assert reply.headers["x-current-token-count"] == "0"
    wait_ms = int(reply.headers["x-next-replenish-time"]) - 1795165200000
    seller.clock.advance(wait_ms / 1000)
    assert seller.post("/v3/orders/1002/acknowledge").status_code == 200
    assert seller.post("/v3/orders/1002/acknowledge").status_code == 429


def test_operations_do_not_share_a_bucket(seller: Any) -> None:
    for _ in range(15):
        assert seller.get("/v3/report/payment/statement").status_code == 200
    assert seller.get("/v3/report/payment/statement").status_code == 429
    assert seller.get("/v3/settings/partnerprofile").status_code == 200


def test_limits_can_be_switched_off(seller: Any) -> None:
    seller.app.state.limits.enabled = False
    assert {seller.get("/v3/report/payment/statement").status_code for _ in range(20)} == {200}


@pytest.mark.parametrize(("operation", "limit"), [("getOrders", 5000), ("shipping", 60), ("paymentStatement", 15)])
def test_limits_are_the_published_ones(operation: str, limit: int) -> None:
    assert PER_MINUTE[operation] == limit


def test_a_token_can_be_shortened_by_a_setting(seller: Any) -> None:
    from sync.sandbox.walmart.front.tokens import Tokens

    short = Tokens(seller.clock, {"client_id": "a", "client_secret": "b", "token_life_s": "5"})
    headers = {"authorization": basic("a:b")}
    value = str(short.issue(headers, "grant_type=client_credentials")["access_token"])
    assert short.valid(value)
    seller.clock.advance(timedelta(seconds=5).total_seconds())
    assert not short.valid(value)


def test_a_delegated_login_gets_a_refresh_token(seller: Any) -> None:
    from sync.sandbox.walmart.front.tokens import Tokens

    tokens = Tokens(seller.clock, {"client_id": "a", "client_secret": "b", "authorization_code": "C1"})
    headers = {"authorization": basic("a:b"), "wm_partner.id": "1"}
    first = tokens.issue(headers, "grant_type=authorization_code&code=C1&redirect_uri=x")
    again = tokens.issue(headers, f"grant_type=refresh_token&refresh_token={first['refresh_token']}")
    assert tokens.valid(str(again["access_token"]))
    assert "refresh_token" not in again


def test_all_limits_can_be_multiplied() -> None:
    from sync.sandbox.walmart.front.rates import limits_of

    tenth = limits_of(lambda: 0.0, enabled=True, factor=Decimal("0.1"))
    assert [tenth.allow("putPrice") for _ in range(11)] == [True] * 10 + [False]
    assert [tenth.allow("feed promo") for _ in range(2)] == [True, False]
