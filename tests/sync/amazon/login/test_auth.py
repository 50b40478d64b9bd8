from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from sync.amazon.calls import order_call, search_orders_call, settlement_reports_call
from sync.errors import ContractBroken, Credentials, Transient, VendorError

REFUSED = {"error": "invalid_client", "error_description": "Client authentication failed", "request_id": "r-1"}


@pytest.mark.proves("A10")
async def test_a_refused_refresh_token_is_named_in_lwas_own_words(amazon: Any) -> None:
    amazon.fake.instead["token"] = [JSONResponse(REFUSED, 400)]

    with pytest.raises(Credentials, match="invalid_client: Client authentication failed") as caught:
        await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))

    assert caught.value.reply.operation == "token"
    assert "refresh token" in caught.value.hint
    assert amazon.fake.requests == []


async def test_nothing_is_sent_after_two_refused_logins(amazon: Any) -> None:
    amazon.fake.instead["token"] = [JSONResponse(REFUSED, 400) for _ in range(5)]
    for _ in range(4):
        with pytest.raises(Credentials):
            await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))

    assert len(amazon.fake.instead["token"]) == 3


@pytest.mark.parametrize(
    "body",
    [{}, {"access_token": ""}, {"access_token": "x"}, {"access_token": "x", "expires_in": 0}, {"expires_in": 60}, []],
)
async def test_an_answer_without_a_usable_token_is_not_taken_for_one(amazon: Any, body: object) -> None:
    amazon.fake.instead["token"] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="no access token"):
        await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))


async def test_an_html_page_of_the_token_service_is_passing(amazon: Any) -> None:
    amazon.fake.instead["token"] = [Response("<html>busy</html>", 503) for _ in range(9)]

    with pytest.raises(Transient):
        await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))


@pytest.mark.proves("A09")
async def test_a_token_is_renewed_by_its_own_life_before_it_ends(amazon: Any) -> None:
    call = settlement_reports_call("ATVPDKIKX0DER", created_since=None)
    await amazon.client.send(call)
    amazon.clock.advance(3500)
    await amazon.client.send(call)
    assert amazon.fake.token_calls == 1

    amazon.clock.advance(60)
    await amazon.client.send(call)
    assert amazon.fake.token_calls == 2


@pytest.mark.proves("A11")
async def test_a_token_that_amazon_refuses_is_renewed_once_and_the_call_repeated(amazon: Any) -> None:
    call = settlement_reports_call("ATVPDKIKX0DER", created_since=None)
    await amazon.client.send(call)
    amazon.fake.access = "Atza|changed-by-amazon"

    reply = await amazon.client.send(call)

    assert reply.status == 200
    assert amazon.fake.token_calls == 2


@pytest.mark.proves("A11")
async def test_a_role_that_is_missing_costs_one_new_token_and_then_stops(amazon: Any) -> None:
    body = {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""}]}
    amazon.fake.instead["/reports"] = [JSONResponse(body, 403) for _ in range(5)]

    with pytest.raises(Credentials, match="role for this operation"):
        await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))

    assert amazon.fake.token_calls == 2
    assert len(amazon.fake.instead["/reports"]) == 3


@pytest.mark.proves("A08")
async def test_twenty_calls_at_once_share_one_token_call(amazon: Any, hours: Any) -> None:
    call = search_orders_call("ATVPDKIKX0DER", updated_from=hours(5), updated_to=hours(4))
    await asyncio.gather(*(amazon.client.send(call) for _ in range(20)))
    assert amazon.fake.token_calls == 1

    amazon.fake.access = "Atza|changed-by-amazon"
    await asyncio.gather(*(amazon.client.send(call) for _ in range(20)))
    assert amazon.fake.token_calls == 2


async def test_no_secret_is_left_in_the_call_log_or_in_an_error(amazon: Any) -> None:
    leaky = {**REFUSED, "error_description": "refused very-secret-client and Atzr|very-secret-refresh"}
    amazon.fake.instead["token"] = [JSONResponse(leaky, 400)]
    with pytest.raises(Credentials) as caught:
        await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))
    await amazon.client.send(settlement_reports_call("ATVPDKIKX0DER", created_since=None))

    seen = f"{caught.value} {caught.value.reply} {amazon.calls.records}"
    assert "very-secret" not in seen
    assert "Atza|" not in seen


async def test_an_unknown_path_is_not_taken_for_a_wrong_password(amazon: Any) -> None:
    with pytest.raises(VendorError) as caught:
        await amazon.client.send(order_call("113-0000001-0000001"))

    assert not isinstance(caught.value, Credentials)
