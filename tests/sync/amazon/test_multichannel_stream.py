"""Orders that Amazon ships for other shops as a stream: read whole, again while open, from any page on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from sync.amazon.outbound.orders import decode_outbound_order
from sync.amazon.outbound.stream import MultichannelStream
from sync.amazon.pages import Unreadable
from sync.errors import ContractBroken, Rejected, VendorError
from sync.records import ChannelShipment, ChannelShipmentLine, MultichannelLine, MultichannelOrder

from .scripted import NOW, US, Scripted, documents, quarantined, refused

ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
SINCE = NOW - timedelta(days=20)


def head(order_id: str, status: str = "Complete", **more: Any) -> dict[str, Any]:
    return {
        "sellerFulfillmentOrderId": order_id,
        "marketplaceId": US.marketplace_id,
        "displayableOrderId": "1790012345678",
        "displayableOrderDate": "2026-11-18T08:00:00Z",
        "displayableOrderComment": "Thank you",
        "shippingSpeedCategory": "Standard",
        "destinationAddress": {"name": "Ada Park", "countryCode": "US"},
        "receivedDate": "2026-11-18T09:00:00Z",
        "fulfillmentOrderStatus": status,
        "statusUpdatedDate": "2026-11-19T09:00:00Z",
    } | more


def item(**more: Any) -> dict[str, Any]:
    own = {"sellerSku": "MUG", "sellerFulfillmentOrderItemId": "a", "quantity": 3}
    return own | {"cancelledQuantity": 0, "unfulfillableQuantity": 1} | more


def shipment(
    name: str = "D1", status: str = "SHIPPED", packages: tuple[int, ...] = (7,), **more: Any
) -> dict[str, Any]:
    return {
        "amazonShipmentId": name,
        "fulfillmentCenterId": "PHX7",
        "fulfillmentShipmentStatus": status,
        "shippingDate": "2026-11-19T08:00:00Z",
        "fulfillmentShipmentItem": [
            {"sellerSku": "MUG", "sellerFulfillmentOrderItemId": "a", "quantity": 1, "packageNumber": n}
            for n in packages
        ],
        "fulfillmentShipmentPackage": [
            {"packageNumber": n, "carrierCode": "UPS", "trackingNumber": f"1Z{n}"} for n in packages
        ],
    } | more


def whole(order_id: str = "M1", status: str = "Complete", *shipments: Any, **more: Any) -> dict[str, Any]:
    payload = {"fulfillmentOrder": head(order_id, status), "fulfillmentOrderItems": [item()], "returnItems": []}
    return payload | {"returnAuthorizations": [], "fulfillmentShipments": list(shipments)} | more


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "holds no order"),
        (whole(fulfillmentOrder=head("M1", displayableOrderId=" ")), "displayableOrderId is missing"),
        (whole(fulfillmentOrder=head("M1", receivedDate="soon")), "receivedDate is no time"),
        (whole(fulfillmentOrderItems=[item(quantity="3")]), "quantity is no number of units"),
        (whole("M1", "Complete", shipment(status="EATEN")), "unknown status EATEN"),
    ],
)
def test_what_is_not_as_the_model_says_is_refused(payload: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decode_outbound_order(payload, US)


def test_an_order_is_its_lines_and_a_record_for_each_package_that_has_left() -> None:
    asked = [
        {"featureName": n, "featureFulfillmentPolicy": p} for n, p in (("BLOCK_AMZL", "Required"), ("X", "NotRequired"))
    ]
    first = whole("M1", "CompletePartialled", shipment(packages=(7, 8)), shipment("D2", "PENDING"))
    order, *parcels = decode_outbound_order(
        first | {"fulfillmentOrder": head("M1", "CompletePartialled", featureConstraints=asked)}, US
    )
    record = order.record
    assert isinstance(record, MultichannelOrder)
    assert (record.order_id, record.display_id, record.status, record.features) == (
        "M1", "1790012345678", "partly_shipped", "BLOCK_AMZL",
    )  # fmt: skip
    assert order.lines == (MultichannelLine("amazon.US", "M1", "a", 1, "MUG", 3, 0, 1),)
    sent = [p.record for p in parcels]
    assert all(isinstance(p, ChannelShipment) and p.order_id == "M1" and p.carrier == "UPS" for p in sent)
    assert [(p.shipment_id, p.tracking_number) for p in sent if isinstance(p, ChannelShipment)] == [
        ("M1/D1.7", "1Z7"), ("M1/D1.8", "1Z8"),
    ]  # fmt: skip
    assert [x.quantity for p in parcels for x in p.lines if isinstance(x, ChannelShipmentLine)] == [1, 1]


def test_packages_that_no_item_names_are_one_parcel_with_all_numbers() -> None:
    loose = shipment(packages=(7, 8), fulfillmentShipmentItem=[item(quantity=2)])
    _, parcel = decode_outbound_order(whole("M1", "Weighed", loose), US)
    assert isinstance(parcel.record, ChannelShipment)
    assert (parcel.record.shipment_id, parcel.record.tracking_number) == ("M1/D1", "1Z7, 1Z8")


def test_an_unknown_status_stays_as_it_is() -> None:
    record = decode_outbound_order(whole("M1", "Weighed"), US)[0].record
    assert isinstance(record, MultichannelOrder)
    assert (record.status, record.vendor_status) == ("unknown", "Weighed")


def listed(*heads: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"payload": {"fulfillmentOrders": list(heads), **({"nextToken": token} if token else {})}}


def serve(vendor: Scripted, *orders: dict[str, Any]) -> None:
    for order in orders:
        number = order["fulfillmentOrder"]["sellerFulfillmentOrderId"]
        vendor.on("GET", f"{ORDERS}/{number}", {"payload": order})


def stream(vendor: Scripted) -> MultichannelStream:
    return MultichannelStream(vendor.client, US, vendor.clock, SINCE)


def numbers(vendor: Scripted) -> list[str]:
    """What was read whole, in order."""
    return [a.path.rpartition("/")[2] for a in vendor.asked if a.path != ORDERS]


async def test_pages_without_end_are_a_broken_contract_and_a_list_that_is_none_too() -> None:
    vendor = Scripted()
    serve(vendor, whole("M1"))
    vendor.on("GET", ORDERS, listed(head("M1"), token="t"))
    with pytest.raises(ContractBroken, match="again and again"):
        await vendor.pull(stream(vendor))
    vendor.on("GET", ORDERS, {"payload": {"fulfillmentOrders": 7}})
    with pytest.raises(ContractBroken, match="no list"):
        await vendor.pull(stream(vendor))


async def test_one_that_cannot_be_read_or_is_gone_is_set_aside_and_the_others_go_on() -> None:
    vendor = Scripted()
    vendor.on("GET", ORDERS, listed(head("BAD"), head("GONE"), head("DE", marketplaceId="A1PA6795UKMFR9"), head("M1")))
    serve(vendor, whole("BAD", "Complete", shipment(status="EATEN")), whole("M1", "Complete", shipment()))
    batches = await vendor.pull(stream(vendor))
    bad, gone = quarantined(batches)
    assert ("unknown status EATEN" in bad, "does not show it" in gone) == (True, True)
    assert [type(d.record).__name__ for d in documents(batches)] == ["MultichannelOrder", "ChannelShipment"]
    assert batches[-1].cursor["open"] == ["BAD"]
    covered = batches[-1].covered
    assert covered is not None
    assert (covered.start, covered.end) == (SINCE, NOW)


@pytest.mark.parametrize("status", [403, 409], ids=["the gateway knows no such login", "conflict"])
async def test_a_refusal_that_is_not_about_the_order_ends_the_pull_and_forgets_nothing(status: int) -> None:
    vendor = Scripted()
    vendor.on("GET", ORDERS, listed(head("M1")))
    vendor.on("GET", f"{ORDERS}/M1", Response(b"", status))
    with pytest.raises(VendorError):
        await vendor.pull(stream(vendor))


async def test_an_open_order_is_read_again_until_it_ends_though_no_list_names_it() -> None:
    vendor = Scripted()
    vendor.on("GET", ORDERS, listed(head("M1"), head("M2")), listed())
    serve(vendor, whole("M1", "Processing"), whole("M2"))
    first = await vendor.pull(stream(vendor))
    serve(vendor, whole("M1", "Complete", shipment()))
    second = await vendor.pull(stream(vendor), first[-1].cursor)
    third = await vendor.pull(stream(vendor), second[-1].cursor)
    assert (numbers(vendor), third[-1].cursor["open"]) == (["M1", "M2", "M1"], [])
    since = [a.query["queryStartDate"] for a in vendor.requests("GET", ORDERS)]
    assert since == ["2026-10-31T09:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"]


async def test_a_reading_goes_on_at_the_page_where_it_ended_and_a_refused_token_costs_one_new_start() -> None:
    vendor = Scripted()
    vendor.on("GET", ORDERS, listed(head("M1"), token="t2"), refused("InvalidInput", "bad token"), listed(head("M1")))
    serve(vendor, whole("M1"), whole("M2"))
    whole_pull = await vendor.pull(stream(vendor))
    at_page_two = next(b.cursor for b in whole_pull if (b.cursor.get("list") or {}).get("token"))  # type: ignore[attr-defined]
    assert numbers(vendor) == ["M1"]
    vendor.on("GET", ORDERS, listed(head("M2")))
    await vendor.pull(stream(vendor), at_page_two)
    assert (vendor.asked[-2].query, numbers(vendor)[-1]) == ({"nextToken": "t2"}, "M2")
    vendor.on("GET", ORDERS, refused("InvalidInput", "bad date"))
    with pytest.raises(Rejected):
        await vendor.pull(stream(vendor))
