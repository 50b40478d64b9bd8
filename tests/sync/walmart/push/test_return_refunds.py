"""Money for what came back, over real HTTP: given once, whatever the answer, and only where nobody gives it already."""

from __future__ import annotations

from typing import Any

import pytest

from sync.errors import InDoubt, Rejected, Transient
from sync.records import ChannelReturn
from sync.sandbox.world.goods_levers import send_back
from sync.sandbox.world.levers import deliver, ship
from sync.walmart.calls import return_refund_call
from sync.walmart.push.returns import PayReturn
from tests.sync.walmart.scripted import answered, client_over
from tests.sync.walmart.seller import Connected


async def paid(connected: Connected, intent: dict[str, Any]) -> None:
    """Look, send, read back and look again: the whole way of one payment."""
    handler = connected.handler("return.refund")
    assert await handler.look(intent) is None
    sent = await handler.send(intent)
    assert list(handler.compare(intent, await handler.read_back(sent.target_id))) == []
    assert await handler.look(intent) is not None


async def sent_back(connected: Connected, units: int) -> str:
    """Let a buyer of three units give some of them back; return the number of the return, of which nothing is paid."""
    world = connected.running.world
    for _ in range(9):
        order_id = connected.place(3)
        ship(world, connected.clock.now(), channel="walmart.US", order_id=order_id)
        await connected.clock.sleep(60)
        deliver(world, connected.clock.now(), channel="walmart.US", order_id=order_id)
        await connected.clock.sleep(60)
        send_back(world, connected.clock.now(), channel="walmart.US", order_id=order_id, line_id="1", quantity=units)
        await connected.clock.sleep(60)
        known = [r for r, _ in await connected.documents("walmart.returns@US") if isinstance(r, ChannelReturn)]
        (return_id,) = {r.return_id for r in known if r.order_id == order_id}
        # Heavy goods are outside the returns programme.
        if not (await connected.handler("return.refund").read_back(return_id))["lines"]["1"]["outside"]:
            return return_id
    raise AssertionError("nothing but freight was bought")


def repayment(return_id: str, units: int) -> dict[str, Any]:
    return {"return_id": return_id, "lines": [{"line_id": "1", "quantity": units}]}


@pytest.mark.parametrize("fault", ["lost_answer", "W11"])
async def test_a_return_whose_refund_got_no_clear_answer_is_paid_once(connected: Connected, fault: str) -> None:
    """The answer is lost after the money was given, or comes as a 500: looked up, and never given again."""
    handler, return_id = connected.handler("return.refund"), await sent_back(connected, 2)
    intent = repayment(return_id, 2)
    assert await handler.look(intent) is None
    connected.fault(fault, match="/refund")
    with pytest.raises(InDoubt):
        await handler.send(intent)
    found = await handler.look(intent)
    assert found is not None
    assert list(handler.compare(intent, found.record)) == []
    again = await handler.send(intent)
    assert (again.status, found.record["lines"]["1"]["refunded"]) == (None, 2), "nothing was sent a second time"
    assert len(connected.asked("issueRefund")) == 1


@pytest.mark.parametrize(
    ("parts", "refunded", "outcome"),
    [
        # Walmart's own example: two of three units are closed and still to be paid.
        ([("COMPLETED", "REFUND_INITIATED", 2), ("COMPLETED", "REFUND_COMPLETED", 1)], 1, Transient),
        ([("COMPLETED", "REFUND_ON_THE_MOON", 3)], 0, Rejected),
        ([("DELIVERED", "REFUND_INITIATED", 3)], 0, None),
        ([("DELIVERED", None, 3)], 0, None),
        ([("COMPLETED", "REFUND_COMPLETED", 3)], None, "paid"),
        ([], 3, "paid"),
    ],
)
async def test_what_walmart_says_of_the_money_of_a_return_decides_whether_it_is_given(
    parts: list[tuple[str, str | None, int]], refunded: int | None, outcome: Any
) -> None:
    units = [{"status": s, "currentRefundStatus": r, "quantity": {"measurementValue": n}} for s, r, n in parts]
    line = {"returnOrderLineNumber": 1, "quantity": {"measurementValue": 3}, "refundedQty": refunded}
    answer = {"returnOrders": [{"returnOrderId": "9", "returnOrderLines": [line | {"currentTrackingStatuses": units}]}]}
    async with client_over(lambda _: answered(answer)) as client:
        handler = PayReturn(client)
        if isinstance(outcome, type):
            for act in (handler.look, handler.send):
                with pytest.raises(outcome, match="nothing was sent"):
                    await act(repayment("9", 3))
        else:
            assert (await handler.look(repayment("9", 3)) is not None) == (outcome == "paid")


async def test_units_of_a_return_are_paid_in_parts_and_what_another_tool_paid_is_left_out(connected: Connected) -> None:
    handler, return_id = connected.handler("return.refund"), await sent_back(connected, 3)
    await paid(connected, repayment(return_id, 1))
    # Another tool pays the second unit between our look and our call.
    await connected.client.send(return_refund_call(return_id, {
        "customerOrderId": (await handler.read_back(return_id))["alternate_id"],
        "refundLines": [{"returnOrderLineNumber": 1, "quantity": {"unitOfMeasure": "EA", "measurementValue": 1}}],
    }))  # fmt: skip
    assert (await handler.send(repayment(return_id, 2))).status is None, "it is paid already"
    await paid(connected, repayment(return_id, 3))
    assert (await handler.read_back(return_id))["lines"]["1"]["refunded"] == 3
    with pytest.raises(Rejected, match="has 3 units only"):
        await handler.look(repayment(return_id, 4))
