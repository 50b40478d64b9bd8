"""Parcels of orders: confirmed, edited, and never doubled."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from sync.errors import Rejected
from sync.outbox.handlers import Found
from tests.sync.amazon.scripted import Scripted, refused

from .answers import (
    CONFIRM,
    ORDER,
    handler,
    order,
    package,
    parcel,
    shipment,
)


async def test_every_parcel_is_confirmed_with_its_own_tracking_number(vendor: Scripted) -> None:
    vendor.on("POST", CONFIRM, Response(status_code=204))
    vendor.on("GET", ORDER, order(package("1", "1Z1", 1), package("2", "1Z2", 1), left=0, status="SHIPPED"))
    intent = shipment(parcel("1", "1Z1", 1), {**parcel("2", "1Z2", 1), "carrier_code": "Other", "carrier": "Bike"})
    ship = handler(vendor, "shipment.confirm")

    sent = await ship.send(intent)
    record = await ship.read_back(sent.target_id)

    first, second = [a.json for a in vendor.requests("POST", CONFIRM)]
    assert first == {
        "marketplaceId": "ATVPDKIKX0DER",
        "packageDetail": {
            "packageReferenceId": "1",
            "carrierCode": "UPS",
            "shippingMethod": "Ground",
            "trackingNumber": "1Z1",
            "shipDate": "2026-11-19T10:00:00Z",
            "orderItems": [{"orderItemId": "11301", "quantity": 1}],
        },
    }
    assert second["packageDetail"]["carrierName"] == "Bike"
    assert ship.compare(intent, record) == []
    assert ship.render(intent).body == [first, second]


async def test_a_lost_confirmation_is_repeated_because_a_repeat_edits(vendor: Scripted) -> None:
    vendor.on("POST", CONFIRM, Response("", 503), Response(status_code=204))

    assert (await handler(vendor, "shipment.confirm").send(shipment())).status == 204
    assert len(vendor.requests("POST", CONFIRM)) == 2


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (order(), False),
        (order(package(), left=0), True),
        (order(package("1", "1Z9"), left=0), False),
        (order(package("9", "1Z9"), left=0), True),
        (order(package("9", "1Z9"), left=1), False),
        (order({**package(), "packageStatus": {"status": "CANCELLED"}}), False),
    ],
)
async def test_looking_finds_what_is_done_and_what_somebody_else_did(
    vendor: Scripted, state: dict[str, Any], found: bool
) -> None:
    vendor.on("GET", ORDER, state)

    assert isinstance(await handler(vendor, "shipment.confirm").look(shipment()), Found) is found


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (order(by="AMAZON"), "fulfilled by Amazon"),
        (order(status="CANCELLED"), "has been cancelled"),
        (refused("NotFound", "no such order", 404), "no such order"),
    ],
)
async def test_an_order_that_must_not_be_confirmed_is_refused(vendor: Scripted, state: Any, why: str) -> None:
    vendor.on("GET", ORDER, state)

    with pytest.raises(Rejected, match=why):
        await handler(vendor, "shipment.confirm").look(shipment())


def two_lines(reference: str, number: str) -> dict[str, Any]:
    lines = [{"line_id": "11301", "quantity": 1}, {"line_id": "11302", "quantity": 2}]
    return {**parcel(reference, number, 1), "lines": lines}


async def test_a_refused_line_is_left_out_of_its_parcel_and_named_and_the_other_parcels_go_on(
    vendor: Scripted,
) -> None:
    bad, good = refused("InvalidInput", "the order item is not open", 400), Response(status_code=204)
    # As a whole, then without the first line, then without the second; then the other parcel.
    vendor.on("POST", CONFIRM, bad, bad, good, good)

    with pytest.raises(Rejected, match="line 11302 in 1Z1 was refused; everything else is confirmed"):
        await handler(vendor, "shipment.confirm").send(shipment(two_lines("1", "1Z1"), parcel("2", "1Z2", 1)))

    told = [a.json["packageDetail"] for a in vendor.requests("POST", CONFIRM)]
    assert [(p["trackingNumber"], [i["orderItemId"] for i in p["orderItems"]]) for p in told] == [
        ("1Z1", ["11301", "11302"]),
        ("1Z1", ["11302"]),
        ("1Z1", ["11301"]),
        ("1Z2", ["11301"]),
    ]


async def test_a_parcel_that_is_refused_whatever_it_holds_is_named_as_a_whole(vendor: Scripted) -> None:
    bad = refused("InvalidInput", "the ship date is in the future", 400)
    vendor.on("POST", CONFIRM, bad, bad, bad)

    with pytest.raises(Rejected, match="parcel 1Z1 was refused"):
        await handler(vendor, "shipment.confirm").send(shipment(two_lines("1", "1Z1")))
