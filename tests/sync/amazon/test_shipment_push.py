"""Parcels of orders: confirmed, edited, and never doubled."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from sync.errors import Rejected
from sync.outbox.handlers import Found

from .pushes import (
    CONFIRM,
    ORDER,
    handler,
    order,
    package,
    parcel,
    shipment,
)
from .scripted import Scripted, refused


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
