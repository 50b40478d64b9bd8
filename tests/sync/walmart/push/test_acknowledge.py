from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from sync.errors import BadInput, ContractBroken, InDoubt, Rejected
from sync.outbox.handlers import Handler
from sync.walmart import AcknowledgeOrder, handlers

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PO = "1000000000001"
INTENT = {"order_id": PO}
ACKNOWLEDGE = f"/v3/orders/{PO}/acknowledge"


@pytest.fixture
def handler(walmart: Any, order: Any) -> Handler:
    walmart.fake.orders = [order(1, NOW)]
    return handlers(walmart.client, clock=walmart.clock)[0]


def set_statuses(walmart: Any, *pairs: tuple[str, str]) -> None:
    line = walmart.fake.orders[0]["orderLines"]["orderLine"][0]
    line["orderLineStatuses"]["orderLineStatus"] = [
        {"status": status, "statusQuantity": {"unitOfMeasurement": "EACH", "amount": units}} for status, units in pairs
    ]


@pytest.mark.parametrize("intent", [{}, {"order_id": ""}, {"order_id": 7}])
def test_an_intent_without_an_order_is_refused(walmart: Any, intent: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="names no order"):
        AcknowledgeOrder(walmart.client).render(intent)


def test_data_is_never_a_path(walmart: Any) -> None:
    path = AcknowledgeOrder(walmart.client).render({"order_id": "../../v3/x?y#z"}).path

    assert path == "/v3/orders/..%2F..%2Fv3%2Fx%3Fy%23z/acknowledge"


async def test_an_order_that_walmart_does_not_know_is_refused(walmart: Any, handler: Handler) -> None:
    with pytest.raises(Rejected, match="CONTENT_NOT_FOUND"):
        await handler.look({"order_id": "999"})


async def test_an_order_that_walmart_fulfils_is_never_acknowledged(walmart: Any, handler: Handler) -> None:
    walmart.fake.orders[0]["shipNode"] = {"type": "WFSFulfilled"}

    with pytest.raises(Rejected, match="fulfilled by Walmart"):
        await handler.look(INTENT)


async def test_an_answer_that_holds_no_order_is_a_broken_contract(walmart: Any, handler: Handler) -> None:
    walmart.fake.instead[f"/v3/orders/{PO}"] = [JSONResponse({"order": None})]

    with pytest.raises(ContractBroken, match="cannot be read"):
        await handler.look(INTENT)


async def test_a_500_leaves_it_in_doubt_and_is_not_repeated(walmart: Any, handler: Handler) -> None:
    walmart.fake.instead[ACKNOWLEDGE] = [Response("<html>", 500), Response("<html>", 500)]

    with pytest.raises(InDoubt):
        await handler.send(INTENT)

    assert len(walmart.fake.instead[ACKNOWLEDGE]) == 1


@pytest.mark.proves("W11")
async def test_a_500_that_took_effect_is_found_by_looking(walmart: Any, handler: Handler) -> None:
    walmart.fake.instead[ACKNOWLEDGE] = [Response("", 500)]
    with pytest.raises(InDoubt):
        await handler.send(INTENT)
    set_statuses(walmart, ("Acknowledged", "2"))

    found = await handler.look(INTENT)

    assert found is not None
    assert list(handler.compare(INTENT, found.record)) == []


async def test_a_refusal_for_another_reason_is_a_refusal(walmart: Any, handler: Handler, refused: Any) -> None:
    walmart.fake.instead[ACKNOWLEDGE] = [refused("INVALID_REQUEST_CONTENT.GMP_ORDER_API", "no such line", 400)]

    with pytest.raises(Rejected, match="no such line"):
        await handler.send(INTENT)


@pytest.mark.proves("W12")
async def test_an_order_that_is_further_already_counts_as_done(walmart: Any, handler: Handler) -> None:
    set_statuses(walmart, ("Shipped", "2"))

    sent = await handler.send(INTENT)

    assert (sent.target_id, sent.status) == (PO, 400)


async def test_units_that_still_wait_are_shown_after_such_a_refusal(walmart: Any, handler: Handler) -> None:
    set_statuses(walmart, ("Created", "1"), ("Shipped", "1"))
    assert await handler.look(INTENT) is None
    sent = await handler.send(INTENT)

    differs = handler.compare(INTENT, await handler.read_back(sent.target_id))

    assert [d["field"] for d in differs] == ["acknowledged"]


async def test_an_order_that_was_cancelled_meanwhile_differs(walmart: Any, handler: Handler) -> None:
    set_statuses(walmart, ("Cancelled", "2"))

    found = await handler.look(INTENT)

    assert found is not None
    assert list(handler.compare(INTENT, found.record)) == [{"field": "status", "sent": "open", "now": "cancelled"}]


async def test_an_order_is_acknowledged_once_and_read_back(walmart: Any, handler: Handler) -> None:
    assert await handler.look(INTENT) is None
    sent = await handler.send(INTENT)
    record = await handler.read_back(sent.target_id)

    assert (sent.target_id, sent.status) == (PO, 200)
    assert record == {"order_id": PO, "status": "open", "fulfilled_by": "seller", "acknowledged": True}
    assert list(handler.compare(INTENT, record)) == []
    found = await handler.look(INTENT)
    assert found is not None
    assert found.target_id == PO


async def test_the_schemas_bare_order_is_read_like_the_wrapped_one(walmart: Any, handler: Handler, order: Any) -> None:
    walmart.fake.instead[f"/v3/orders/{PO}"] = [JSONResponse(order(1, NOW))]

    assert (await handler.read_back(PO))["order_id"] == PO


def test_the_request_that_people_review_is_the_one_that_is_sent(walmart: Any, handler: Handler) -> None:
    rendered = handler.render(INTENT)

    assert (rendered.method, rendered.path, rendered.body) == ("POST", ACKNOWLEDGE, None)
    assert handler.kind == "order.acknowledge"
