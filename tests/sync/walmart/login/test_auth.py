from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from sync.errors import ContractBroken, Credentials, Transient
from sync.walmart.calls import order_call, recon_dates_call


@pytest.mark.proves("W03")
async def test_bad_credentials_are_a_400_and_are_not_tried_for_ever(walmart: Any, refused: Any) -> None:
    walmart.fake.instead["/v3/token"] = [Response("Bad Request", 400) for _ in range(9)]
    for _ in range(4):
        with pytest.raises(Credentials, match="client id and client secret"):
            await walmart.client.send(recon_dates_call())

    assert len(walmart.fake.instead["/v3/token"]) == 7
    assert walmart.fake.requests == []


async def test_a_token_service_that_is_down_is_passing(walmart: Any) -> None:
    walmart.fake.instead["/v3/token"] = [Response("<html>", 502) for _ in range(9)]

    with pytest.raises(Transient):
        await walmart.client.send(recon_dates_call())


@pytest.mark.parametrize("body", [{}, {"access_token": None, "expires_in": 900}, {"access_token": "x"}, "text"])
async def test_an_answer_without_a_usable_token_is_not_taken_for_one(walmart: Any, body: object) -> None:
    walmart.fake.instead["/v3/token"] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="no access token"):
        await walmart.client.send(recon_dates_call())


@pytest.mark.proves("W01", "W02")
@pytest.mark.parametrize(
    ("code", "status"),
    [("UNAUTHORIZED.GMP_GATEWAY_API", 401), ("INVALID_TOKEN.GMP_GATEWAY_API", 400), ("FORBIDDEN", 403)],
)
async def test_an_expired_token_is_renewed_once_and_the_call_repeated(
    walmart: Any, refused: Any, code: str, status: int
) -> None:
    await walmart.client.send(recon_dates_call())
    walmart.fake.instead["/v3/report/reconreport/availableReconFiles"] = [refused(code, "no", status)]

    assert (await walmart.client.send(recon_dates_call())).status == 200
    assert walmart.fake.token_calls == 2


@pytest.mark.proves("W04")
async def test_a_token_refused_again_stops_the_vendor(walmart: Any, refused: Any) -> None:
    walmart.fake.instead["/v3/report/reconreport/availableReconFiles"] = [
        refused("UNAUTHORIZED", "no", 401) for _ in range(9)
    ]

    with pytest.raises(Credentials):
        await walmart.client.send(recon_dates_call())
    assert walmart.fake.token_calls == 2


async def test_a_bad_request_costs_no_new_token(walmart: Any) -> None:
    with pytest.raises(Exception, match="CONTENT_NOT_FOUND"):
        await walmart.client.send(order_call("7"))

    assert walmart.fake.token_calls == 1


async def test_a_token_is_renewed_a_minute_before_it_ends(walmart: Any) -> None:
    await walmart.client.send(recon_dates_call())
    walmart.clock.advance(830)
    await walmart.client.send(recon_dates_call())
    assert walmart.fake.token_calls == 1
    walmart.clock.advance(15)
    await walmart.client.send(recon_dates_call())
    assert walmart.fake.token_calls == 2


async def test_twenty_calls_at_once_share_one_token(walmart: Any) -> None:
    await asyncio.gather(*(walmart.client.send(recon_dates_call()) for _ in range(20)))

    assert walmart.fake.token_calls == 1


async def test_every_call_has_its_headers_and_its_own_correlation_id(walmart: Any) -> None:
    await walmart.client.send(recon_dates_call())
    await walmart.client.send(recon_dates_call())

    token, first, second = walmart.fake.headers
    basic = "Basic " + base64.b64encode(b"client-7:very-secret-client").decode()
    for headers in (token, first, second):
        assert headers["wm_svc.name"] == "Walmart Marketplace"
        assert headers["authorization"] == basic
    assert len({h["wm_qos.correlation_id"] for h in (token, first, second)}) == 3
    assert token["content-type"] == "application/x-www-form-urlencoded"
    assert first["wm_sec.access_token"] == "secret-token-1"
    assert "wm_sec.access_token" not in token


async def test_no_secret_is_left_in_the_call_log_or_in_an_error(walmart: Any, refused: Any) -> None:
    walmart.fake.instead["/v3/token"] = [refused("INVALID_REQUEST", "very-secret-client is unknown", 400)]
    with pytest.raises(Credentials) as caught:
        await walmart.client.send(recon_dates_call())
    await walmart.client.send(recon_dates_call())

    seen = f"{caught.value} {caught.value.reply} {walmart.calls.records}"
    assert "secret-token" not in seen
    assert base64.b64encode(b"client-7:very-secret-client").decode() not in seen
