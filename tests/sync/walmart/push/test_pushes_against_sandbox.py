"""Every write over real HTTP: sent, read back, looked for again, and what each trouble on the way comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sync.errors import InDoubt, Rejected
from sync.outbox.drain import drain
from sync.outbox.handlers import Handler
from sync.outbox.operations import Operation, PlannedOperation
from sync.records import ChannelReturn, ChannelReturnLine, Listing, Order, OrderLine
from sync.sandbox.world.levers import ask_to_cancel
from sync.store.store import Store
from tests.sync.walmart.seller import NOW, Connected


def parcel(number: str, *lines: tuple[str, int], **more: object) -> dict[str, Any]:
    return {
        "carrier": "ups",
        "tracking_number": number,
        "shipped_at": NOW,
        "lines": [{"line_id": n, "quantity": units} for n, units in lines],
        **more,
    }


def shipment(order_id: str, *parcels: Mapping[str, Any], **more: object) -> dict[str, Any]:
    return {"order_id": order_id, "document_number": "SO-77", "parcels": list(parcels), **more}


def cancellation(order_id: str, units: int = 1, reason: str = "out_of_stock") -> dict[str, Any]:
    return {"order_id": order_id, "lines": [{"line_id": "1", "quantity": units, "reason": reason}]}


def refund(order_id: str, reference: str, amount: str | None = "1.00") -> dict[str, Any]:
    line: dict[str, Any] = {"line_id": "1", "reason": "DamagedItem"}
    return {
        "order_id": order_id,
        "reference": reference,
        "lines": [line if amount is None else line | {"amounts": [{"of": "item", "amount": amount}]}],
    }


async def agreed(connected: Connected, handler: Handler, intent: Mapping[str, Any]) -> None:
    """Look, send, read back, compare, and look again: the whole way of one write."""
    assert await handler.look(intent) is None
    sent = await handler.send(intent)
    assert list(handler.compare(intent, await connected.finished(handler, sent))) == []
    found = await handler.look(intent)
    assert found is not None
    assert list(handler.compare(intent, found.record)) == []


async def shipped(connected: Connected, quantity: int = 1) -> str:
    order_id = connected.place(quantity)
    await connected.handler("shipment.confirm").send(shipment(order_id, parcel(f"1Z{order_id}", ("1", quantity))))
    return order_id


async def seller_skus(connected: Connected) -> list[str]:
    found = [r for r, _ in await connected.documents("walmart.listings@US") if isinstance(r, Listing)]
    return [x.sku for x in found if x.fulfilled_by == "seller" and x.status == "active"]


async def test_a_shipment_is_confirmed_in_two_parcels(connected: Connected) -> None:
    intent = shipment(connected.place(3), parcel("1ZA", ("1", 2)), parcel("1ZB", ("1", 1)))
    await agreed(connected, connected.handler("shipment.confirm"), intent)


@pytest.mark.proves("W34", "W38")
async def test_only_the_units_that_are_missing_are_sent(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), connected.place(3)
    await handler.send(shipment(order_id, parcel("1ZA", ("1", 2))))
    intent = shipment(order_id, parcel("1ZA", ("1", 2)), parcel("1ZC", ("1", 1)))

    await agreed(connected, handler, intent)

    line = (await handler.read_back(order_id))["lines"]["1"]
    assert (line["shipped"], line["open"]) == (3, 0)


@pytest.mark.proves("W16")
async def test_a_carrier_that_walmart_does_not_list_goes_out_as_text_with_its_address(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), connected.place()
    with pytest.raises(Rejected, match="needs a tracking_url"):
        await handler.look(shipment(order_id, parcel("T1", ("1", 1), carrier="Bob's Vans")))

    await agreed(
        connected,
        handler,
        shipment(order_id, parcel("T1", ("1", 1), carrier="Bob's Vans", tracking_url="https://bob.example/T1")),
    )


@pytest.mark.proves("W13")
async def test_units_that_left_under_another_number_are_never_sent_again(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), await shipped(connected)
    other = shipment(order_id, parcel("1ZOTHER", ("1", 1)))

    found = await handler.look(other)

    assert found is not None
    assert [d["field"] for d in handler.compare(other, found.record)] == ["line 1 in 1ZOTHER"]


@pytest.mark.proves("W13")
async def test_a_refusal_of_what_was_taken_counts_as_done(connected: Connected) -> None:
    intent = shipment(connected.place(), parcel("1ZD", ("1", 1)))
    connected.fault("W13", match="/shipping")

    await agreed(connected, connected.handler("shipment.confirm"), intent)


@pytest.mark.proves("W14")
async def test_a_call_of_several_lines_that_is_refused_is_repeated_line_by_line(connected: Connected) -> None:
    handler = connected.handler("shipment.confirm")
    open_orders = [
        (r, lines)
        for r, lines in await connected.documents("walmart.orders@US")
        if isinstance(r, Order)
        and r.status == "open"
        and r.fulfilled_by == "seller"
        and len(lines) > 1
        # Nobody ships what its buyer wants cancelled.
        and not any(isinstance(x, OrderLine) and x.cancel_requested for x in lines)
    ]
    if not open_orders:
        order_id, numbers = connected.place(2), ["1"]
        intent = shipment(order_id, parcel("1ZE", ("1", 1)), parcel("1ZF", ("1", 1)))
    else:
        record, lines = open_orders[0]
        order_id, numbers = record.order_id, [x.line_id for x in lines]  # type: ignore[union-attr]
        intent = shipment(order_id, parcel("1ZE", *((x.line_id, x.quantity) for x in lines)))  # type: ignore[union-attr]
    connected.fault("W15", match="/shipping")

    await agreed(connected, handler, intent)

    assert len(connected.asked("shipOrders")) >= 1 + len(numbers)


@pytest.mark.proves("W15")
async def test_a_refused_method_is_said_in_walmarts_words(connected: Connected) -> None:
    intent = shipment(connected.place(), parcel("1ZG", ("1", 1)))
    connected.fault("W15", match="/shipping")

    with pytest.raises(Rejected, match="Method code is not supported"):
        await connected.handler("shipment.confirm").send(intent)


@pytest.mark.proves("W17")
async def test_a_buyer_who_asked_to_cancel_is_a_decision(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), connected.place()
    connected.fault("W17", match="/shipping")
    intent = shipment(order_id, parcel("1ZH", ("1", 1)))
    with pytest.raises(Rejected, match="cancellation request"):
        await handler.send(intent)

    with pytest.raises(Rejected, match="asked to cancel") as refused:
        await handler.look(intent)
    assert "despite_cancel_request" in refused.value.hint

    await agreed(connected, handler, intent | {"despite_cancel_request": True})


@pytest.mark.proves("W17")
async def test_a_buyers_wish_is_followed_as_such_and_never_invented(connected: Connected) -> None:
    handler, order_id = connected.handler("order.cancel"), connected.place()
    with pytest.raises(Rejected, match="has not asked"):
        await handler.look(cancellation(order_id, reason="buyer_asked"))
    ask_to_cancel(connected.running.world, connected.clock.now(), channel="walmart.US", order_id=order_id)

    await agreed(connected, handler, cancellation(order_id, reason="buyer_asked"))


@pytest.mark.proves("W18")
async def test_what_walmart_cancelled_is_not_shipped(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), connected.place()
    connected.fault("W18", match="/shipping")
    with pytest.raises(Rejected):
        await handler.send(shipment(order_id, parcel("1ZI", ("1", 1))))

    with pytest.raises(Rejected, match="cancelled at Walmart"):
        await handler.look(shipment(order_id, parcel("1ZI", ("1", 1))))


async def test_tracking_is_corrected_without_shipping_twice(connected: Connected) -> None:
    handler, order_id = connected.handler("shipment.confirm"), await shipped(connected)

    await agreed(connected, handler, shipment(order_id, parcel("1ZNEW", ("1", 1)), corrects_tracking=True))


async def test_part_of_a_line_is_cancelled_and_the_rest_shipped(connected: Connected) -> None:
    order_id = connected.place(3)

    await agreed(connected, connected.handler("order.cancel"), cancellation(order_id, 1))
    await agreed(connected, connected.handler("shipment.confirm"), shipment(order_id, parcel("1ZJ", ("1", 2))))


async def test_what_has_left_cannot_be_cancelled(connected: Connected) -> None:
    handler, order_id = connected.handler("order.cancel"), await shipped(connected)

    found = await handler.look(cancellation(order_id))

    assert found is not None
    assert [d["now"] for d in handler.compare(cancellation(order_id), found.record)] == [0]


@pytest.mark.proves("W24", "W39")
@pytest.mark.parametrize("kind", ["shipment.confirm", "order.cancel", "order.refund", "order.acknowledge"])
async def test_an_order_that_walmart_fulfils_is_only_read(connected: Connected, kind: str) -> None:
    order_id = connected.place(fulfilled_by="channel")
    intents = {
        "shipment.confirm": shipment(order_id, parcel("1ZK", ("1", 1))),
        "order.cancel": cancellation(order_id),
        "order.refund": refund(order_id, "RF-1"),
        "order.acknowledge": {"order_id": order_id},
    }

    with pytest.raises(Rejected, match="fulfilled by Walmart"):
        await connected.handler(kind).look(intents[kind])

    assert {r.method for r in connected.calls.records if r.operation != "token"} == {"GET"}


@pytest.mark.proves("W39")
async def test_a_line_that_has_not_left_is_not_refunded(connected: Connected) -> None:
    with pytest.raises(Rejected, match="has not left"):
        await connected.handler("order.refund").look(refund(connected.place(), "RF-2"))

    assert connected.asked("refundOrders") == []


async def test_more_than_was_charged_is_never_refunded(connected: Connected) -> None:
    with pytest.raises(Rejected, match="more than was charged"):
        await connected.handler("order.refund").look(refund(await shipped(connected), "RF-3", "9999.00"))


async def test_a_partial_refund_is_found_by_its_reference_and_another_is_not(connected: Connected) -> None:
    handler, order_id = connected.handler("order.refund"), await shipped(connected)

    await agreed(connected, handler, refund(order_id, "RF-4"))

    assert await handler.look(refund(order_id, "RF-5")) is None


async def test_a_line_is_refunded_in_full(connected: Connected) -> None:
    await agreed(connected, connected.handler("order.refund"), refund(await shipped(connected), "RF-6", None))


@pytest.mark.parametrize(
    ("kind", "path"),
    [("shipment.confirm", "/shipping"), ("order.cancel", "/cancel"), ("order.refund", "/refund")],
)
@pytest.mark.parametrize("fault", ["lost_answer", pytest.param("W11", marks=pytest.mark.proves("W11"))])
async def test_a_write_without_a_clear_answer_is_found_by_looking(
    connected: Connected, kind: str, path: str, fault: str
) -> None:
    handler = connected.handler(kind)
    order_id = await shipped(connected) if kind == "order.refund" else connected.place()
    intent = {
        "shipment.confirm": shipment(order_id, parcel("1ZL", ("1", 1))),
        "order.cancel": cancellation(order_id),
        "order.refund": refund(order_id, "RF-7"),
    }[kind]
    connected.fault(fault, match=path)

    with pytest.raises(InDoubt):
        await handler.send(intent)

    found = await handler.look(intent)
    assert found is not None
    assert list(handler.compare(intent, found.record)) == []


@pytest.mark.proves("W12")
async def test_an_acknowledgement_of_what_is_further_counts_as_done(connected: Connected) -> None:
    connected.fault("W12", match="/acknowledge")
    await agreed(connected, connected.handler("order.acknowledge"), {"order_id": connected.place()})


async def test_what_came_back_is_paid_back_once(connected: Connected) -> None:
    handler = connected.handler("return.refund")
    for record, lines in await connected.documents("walmart.returns@US"):
        assert isinstance(record, ChannelReturn)
        (line,) = [x for x in lines if isinstance(x, ChannelReturnLine)][:1]
        intent = {
            "return_id": record.return_id,
            "lines": [{"line_id": line.line_id, "quantity": line.quantity}],
        }
        if record.fulfilled_by == "channel" and record.status != "completed":
            with pytest.raises(Rejected, match="Walmart fulfils"):
                await handler.look(intent)
        elif await handler.look(intent) is None:
            sent = await handler.send(intent)
            assert list(handler.compare(intent, await handler.read_back(sent.target_id))) == []
        else:
            assert (await handler.send(intent)).status is None
    with pytest.raises(Rejected, match="no line 99"):
        await handler.look({"return_id": record.return_id, "lines": [{"line_id": "99", "quantity": 1}]})


@pytest.mark.parametrize(
    ("kind", "intent", "why"),
    [
        ("price.set", {"sku": "A", "price": "1.234"}, "more than two decimals"),
        ("price.set", {"sku": "A", "price": "-1"}, "not positive"),
        ("price.set", {"sku": "A", "price": 1.5}, "price"),
        ("stock.set", {"sku": "A", "quantity": -1}, "quantity"),
        ("stock.set", {"sku": "A", "quantity": 1, "currentPrice": 2}, "currentPrice"),
        ("order.cancel", cancellation("1", reason="because"), "not one of"),
        ("order.refund", refund("1", "no spaces allowed"), "reference"),
        ("shipment.confirm", shipment("1", parcel("1Z", ("1", 1), method="Balloon")), "not one of"),
        ("shipment.confirm", shipment("1", parcel("1Z", ("1", 0))), "quantity"),
        ("shipment.confirm", shipment("1", parcel("1Z", ("1", 1)), document_number="x" * 31), "document_number"),
    ],
)
async def test_a_bad_intent_is_refused_before_anything_is_sent(
    connected: Connected, kind: str, intent: dict[str, Any], why: str
) -> None:
    with pytest.raises(Rejected, match=f"nothing was sent: .*{why}"):
        await connected.handler(kind).send(intent)

    assert connected.calls.records == []


async def test_full_and_partial_refunds_never_share_a_call(connected: Connected) -> None:
    intent = refund("1", "RF-9")
    intent["lines"] = [*intent["lines"], {"line_id": "2", "reason": "Others"}]

    with pytest.raises(Rejected, match="never both"):
        connected.handler("order.refund").render(intent)


def as_planned(o: Operation) -> PlannedOperation:
    return PlannedOperation(o.identity, o.vendor, o.kind, o.channel, o.discrepancy_id, (), o.summary, o.intent)


@pytest.mark.proves("W21", "W22")
async def test_the_outbox_ends_every_operation_whatever_happens_on_the_way(connected: Connected) -> None:
    store = Store.in_memory(connected.clock)
    handlers = {("walmart", h.kind): h for h in connected.all_handlers}
    skus = (await seller_skus(connected))[:8]
    one, two, three = connected.place(), connected.place(), connected.place(fulfilled_by="channel")
    sent = parcel("1ZDRAIN", ("1", 1)) | {"shipped_at": NOW.isoformat()}
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        *((f"stock {sku}", "stock.set", {"sku": sku, "quantity": 62}) for sku in skus),
        ("bad stock", "stock.set", {"sku": skus[0], "quantity": -1}),
        ("parcel", "shipment.confirm", shipment(one, sent)),
        ("cancel", "order.cancel", cancellation(two)),
        ("WFS", "order.acknowledge", {"order_id": three}),
    ]
    plan = store.outbox.stage(
        "plan", [PlannedOperation(n, "walmart", k, "walmart.US", n, (), n, i) for n, k, i in wanted], by="ann"
    )
    store.outbox.approve(plan, by="ann")
    connected.fault("lost_answer", match="/shipping")
    connected.fault("W11", match="/cancel")
    connected.fault("W22", match="/feeds", method="POST")

    for _ in range(8):
        await drain(store.outbox, handlers, clock=connected.clock, rederive=as_planned)
        connected.running.clock.advance(timedelta(minutes=5).total_seconds())

    states = {o.identity: o.state for o in store.outbox.operations()}
    assert {name for name, state in states.items() if state != "done"} == {"bad stock", "WFS"}
    assert states["bad stock"] == states["WFS"] == "failed"
    assert [s for s in connected.asked("submitFeed inventory") if s == 200] == []
    assert len(connected.asked("submitFeed inventory")) == 1
    store.close()
