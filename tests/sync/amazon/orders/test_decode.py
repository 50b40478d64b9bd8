from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.amazon import decode_order, marketplace_of
from sync.records import Order, OrderLine
from sync.streams import Document, Quarantined

US, DE = marketplace_of("US"), marketplace_of("DE")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def breakdown(kind: str, amount: str, currency: str = "USD", **parts: str) -> dict[str, Any]:
    details = [{"subtype": k, "value": money(v, currency)} for k, v in parts.items()]
    return {"type": kind, "subtotal": money(amount, currency), "detailedBreakdowns": details}


@pytest.fixture
def raw(order: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return order(1, NOW)


def with_proceeds(raw: dict[str, Any], *breakdowns: dict[str, Any], total: dict[str, str] | None = None) -> OrderLine:
    raw["orderItems"][0]["proceeds"] = {"breakdowns": list(breakdowns), "proceedsTotal": total}
    return lines_of(raw)[0]


def read(raw: object) -> Document:
    document = decode_order(raw, US)
    assert isinstance(document, Document), document
    return document


def order_of(raw: object) -> Order:
    record = read(raw).record
    assert isinstance(record, Order)
    return record


def lines_of(raw: object) -> list[OrderLine]:
    lines = list(read(raw).lines)
    assert all(isinstance(line, OrderLine) for line in lines)
    return lines  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("orderId", None, "orderId"),
        ("createdTime", "2026-11-01", "createdTime"),
        ("createdTime", "2026-11-01T08:00:00", "createdTime"),
        ("lastUpdatedTime", None, "lastUpdatedTime"),
        ("salesChannel", None, "salesChannel"),
        ("fulfillment", None, "fulfillment"),
        ("fulfillment", {"fulfillmentStatus": "SHIPPED"}, "whether the seller ships it"),
        ("fulfillment", {"fulfillmentStatus": "SHIPPED", "fulfilledBy": "ROBOT"}, "'ROBOT'"),
        ("orderItems", "none", "orderItems"),
        ("orderItems.0.quantityOrdered", -1, "negative"),
        ("orderItems.0.quantityOrdered", "two", "quantityOrdered"),
        ("orderItems.0.orderItemId", None, "orderItemId"),
        ("orderItems.0.product", None, "product"),
        ("orderItems.0.proceeds.breakdowns.0.subtotal.amount", "25,00", "amount"),
        ("orderItems.0.proceeds.breakdowns.0.subtotal.amount", "NaN", "amount"),
        ("orderItems.0.proceeds.breakdowns.0.subtotal.currencyCode", "EUR", "mixes currencies"),
        ("orderItems.0.proceeds.breakdowns.0.type", "MYSTERY", "unknown type 'MYSTERY'"),
        ("proceeds.grandTotal.currencyCode", "CAD", "mixes currencies"),
    ],
)
def test_an_order_that_cannot_be_read_says_why_and_keeps_its_key(
    raw: dict[str, Any], path: str, value: object, reason: str
) -> None:
    *parents, last = path.split(".")
    place: Any = raw
    for step in parents:
        place = place[int(step)] if step.isdecimal() else place[step]
    place[last] = value

    found = decode_order(raw, US, 7)

    assert isinstance(found, Quarantined)
    assert reason in found.reason
    assert found.key == (raw["orderId"] or "#7")
    assert found.ordinal == 7


@pytest.mark.parametrize("raw_order", [None, "order", 7, [], [{}]])
def test_something_that_is_no_order_is_quarantined(raw_order: object) -> None:
    assert isinstance(decode_order(raw_order, US, 3), Quarantined)


def test_a_line_that_occurs_twice_is_refused(raw: dict[str, Any]) -> None:
    raw["orderItems"] = raw["orderItems"] * 2

    found = decode_order(raw, US)

    assert isinstance(found, Quarantined)
    assert "occurs twice" in found.reason


@pytest.mark.parametrize(
    ("vendor", "ours"),
    [
        ("PENDING_AVAILABILITY", "pending"),
        ("PENDING", "pending"),
        ("UNSHIPPED", "open"),
        ("PARTIALLY_SHIPPED", "partly_shipped"),
        ("SHIPPED", "shipped"),
        ("CANCELLED", "cancelled"),
        ("UNFULFILLABLE", "cancelled"),
        ("BEAMED_UP", "unknown"),
    ],
)
def test_a_status_is_translated_and_a_new_one_is_kept(raw: dict[str, Any], vendor: str, ours: str) -> None:
    raw["fulfillment"]["fulfillmentStatus"] = vendor

    order = order_of(raw)

    assert (order.status, order.vendor_status) == (ours, vendor)


def test_an_order_whose_parcels_have_all_arrived_is_delivered(raw: dict[str, Any]) -> None:
    raw["fulfillment"]["fulfillmentStatus"] = "SHIPPED"
    parcel = {"trackingNumber": "1Z1", "carrier": "UPS", "packageItems": [{"orderItemId": "101", "quantity": 1}]}
    raw["packages"] = [
        {**parcel, "packageStatus": {"status": "DELIVERED"}},
        {**parcel, "trackingNumber": "1Z2", "packageStatus": {"status": "IN_TRANSIT"}},
    ]
    raw["orderItems"][0]["orderItemId"] = "101"
    assert order_of(raw).status == "shipped"

    raw["packages"][1]["packageStatus"]["status"] = "DELIVERED"
    assert order_of(raw).status == "delivered"
    assert lines_of(raw)[0].tracking_number == "1Z1, 1Z2"
    assert lines_of(raw)[0].carrier == "UPS"


def test_a_pending_order_has_no_prices_yet(raw: dict[str, Any]) -> None:
    raw["fulfillment"] = {"fulfillmentStatus": "PENDING"}
    del raw["proceeds"]
    del raw["orderItems"][0]["proceeds"]

    order = order_of(raw)

    assert (order.status, order.total, order.currency, order.fulfilled_by) == ("pending", Decimal(0), "USD", "seller")
    assert lines_of(raw)[0].item_price == 0


def test_lists_may_be_null_or_a_single_element_and_unknown_members_are_ignored(raw: dict[str, Any]) -> None:
    raw |= {"packages": None, "orderAliases": None, "programs": None, "surprise": {"a": 1}}
    raw["orderItems"] = raw["orderItems"][0]

    assert [line.sku for line in lines_of(raw)] == ["MUG-BLUE"]


def test_each_kind_of_money_goes_to_its_column(raw: dict[str, Any]) -> None:
    line = with_proceeds(
        raw,
        breakdown("ITEM", "40.00"),
        breakdown("SHIPPING", "5.00"),
        breakdown("GIFT_WRAP", "3.00"),
        breakdown("COD_FEE", "1.00"),
        breakdown("TAX", "4.30", ITEM="4.00", SHIPPING="0.50", GIFT_WRAP="0.30", DISCOUNT="-0.50"),
        breakdown("DISCOUNT", "-5.00", ITEM="-5.00"),
        total=money("48.30"),
    )

    assert (line.item_price, line.shipping_price, line.gift_price) == (
        Decimal("40.00"),
        Decimal("6.00"),
        Decimal("3.00"),
    )
    assert (line.item_tax, line.shipping_tax, line.gift_tax) == (Decimal("4.00"), Decimal("0.50"), Decimal("0.30"))
    assert (line.discount, line.discount_tax) == (Decimal("5.00"), Decimal("0.50"))
    raw["proceeds"] = None
    order = order_of(raw)
    assert (order.tax, order.shipping, order.discount) == (Decimal("4.30"), Decimal("6.00"), Decimal("5.00"))
    assert order.total == Decimal("48.30")


def test_a_tax_that_its_details_do_not_explain_belongs_to_the_goods(raw: dict[str, Any]) -> None:
    line = with_proceeds(raw, breakdown("ITEM", "40.00"), breakdown("TAX", "4.00", SHIPPING="1.00"))

    assert (line.item_tax, line.shipping_tax) == (Decimal("3.00"), Decimal("1.00"))


def test_value_added_tax_is_taken_out_of_prices_that_hold_it(raw: dict[str, Any]) -> None:
    line = with_proceeds(
        raw,
        breakdown("ITEM", "119.00"),
        breakdown("SHIPPING", "11.90"),
        breakdown("TAX", "20.90", ITEM="19.00", SHIPPING="1.90"),
        total=money("130.90"),
    )

    assert (line.item_price, line.item_tax) == (Decimal("100.00"), Decimal("19.00"))
    assert (line.shipping_price, line.shipping_tax) == (Decimal("10.00"), Decimal("1.90"))


def test_an_unknown_kind_of_money_that_is_zero_does_no_harm(raw: dict[str, Any]) -> None:
    assert with_proceeds(raw, breakdown("ITEM", "1.00"), breakdown("MYSTERY", "0.00")).item_price == Decimal("1.00")


@pytest.mark.proves("A70")
def test_amounts_keep_every_digit(raw: dict[str, Any]) -> None:
    line = with_proceeds(raw, breakdown("ITEM", "1234567890123.4567"))

    assert str(line.item_price) == "1234567890123.4567"


def test_units_that_will_never_ship_count_as_cancelled(raw: dict[str, Any]) -> None:
    item = raw["orderItems"][0]
    item |= {"quantityOrdered": 5, "fulfillment": {"quantityFulfilled": 2, "quantityUnfulfilled": 1}}
    line = lines_of(raw)[0]
    assert (line.quantity_shipped, line.quantity_cancelled, line.status) == (2, 2, "partly_shipped")

    item["cancellation"] = {"cancellationExecution": {"cancelledBy": "BUYER"}}
    line = lines_of(raw)[0]
    assert (line.quantity_cancelled, line.status) == (3, "shipped")

    item["fulfillment"] = None
    line = lines_of(raw)[0]
    assert (line.quantity_cancelled, line.status) == (5, "cancelled")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "standard"),
        ({"programs": ["PRIME"]}, "standard"),
        ({"programs": ["PRIME", "PREORDER"]}, "preorder"),
        ({"programs": ["AMAZON_BUSINESS"]}, "business"),
        ({"salesChannel": {"channelName": "NON_AMAZON"}, "programs": ["PRIME"]}, "multi_channel"),
        ({"associatedOrders": [{"orderId": "1", "associationType": "REPLACEMENT_ORIGINAL_ID"}]}, "replacement"),
        ({"associatedOrders": {"orderId": "1", "associationType": "EXCHANGE_ORIGINAL_ID"}}, "exchange"),
    ],
)
def test_the_kind_of_order_is_kept(raw: dict[str, Any], more: dict[str, Any], kind: str) -> None:
    assert order_of(raw | more).order_type == kind


def test_the_orders_own_marketplace_names_the_channel(raw: dict[str, Any]) -> None:
    raw["salesChannel"]["marketplaceId"] = DE.marketplace_id
    assert order_of(raw).channel == "amazon.DE"

    raw["salesChannel"]["marketplaceId"] = "NEWLAND"
    assert order_of(raw).channel == "amazon.US"


def test_who_and_where_is_taken_over_as_data(raw: dict[str, Any]) -> None:
    raw |= {
        "orderAliases": [
            {"aliasId": "S-1", "aliasType": "OTHER"},
            {"aliasId": "S-2", "aliasType": "SELLER_ORDER_ID"},
        ],
        "buyer": {"buyerName": "[bold]O'Neil[/]", "buyerEmail": "x@marketplace.amazon.com"},
        "recipient": {
            "deliveryAddress": {
                "companyName": "Müller GmbH",
                "addressLine1": "Hauptstr. 1",
                "addressLine2": "",
                "addressLine3": "Hof 2",
                "city": "Köln",
                "districtOrCounty": "NRW",
                "postalCode": "50667",
                "countryCode": "DE",
                "phone": "+49 221",
            }
        },
    }
    raw["fulfillment"] |= {
        "fulfilledBy": "AMAZON",
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": {"latestDateTime": "2026-11-22T00:59:59+01:00"},
    }

    order = order_of(raw)

    assert order.alternate_id == "S-2"
    assert order.buyer_name == "[bold]O'Neil[/]"
    assert (order.ship_name, order.ship_address2, order.ship_region) == ("Müller GmbH", "Hof 2", "NRW")
    assert (order.fulfilled_by, order.service_level) == ("channel", "STANDARD")
    assert order.ship_by == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
