from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.records import Order, OrderLine
from sync.streams import Document, Quarantined
from sync.walmart import decode_order

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def raw(order: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return order(1, NOW)


def read(raw: object, **options: Any) -> Document:
    document = decode_order(raw, "walmart.US", **{"ship_node": "SellerFulfilled", **options})
    assert isinstance(document, Document), document
    return document


def order_of(raw: object, **options: Any) -> Order:
    record = read(raw, **options).record
    assert isinstance(record, Order)
    return record


def line_of(raw: object, **options: Any) -> OrderLine:
    line = read(raw, **options).lines[0]
    assert isinstance(line, OrderLine)
    return line


def set_statuses(raw: dict[str, Any], *pairs: tuple[str, str]) -> None:
    raw["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"] = [
        {"status": status, "statusQuantity": {"unitOfMeasurement": "EACH", "amount": units}} for status, units in pairs
    ]


def charge(kind: str, name: str, amount: str, tax: str | None = None, currency: str = "USD") -> dict[str, Any]:
    held = {"taxName": "Tax1", "taxAmount": {"currency": currency, "amount": Decimal(tax)}} if tax else None
    return {
        "chargeType": kind,
        "chargeName": name,
        "chargeAmount": {"currency": currency, "amount": Decimal(amount)},
        "tax": held,
    }


def set_charges(raw: dict[str, Any], *charges: dict[str, Any]) -> None:
    raw["orderLines"]["orderLine"][0]["charges"] = {"charge": list(charges)}


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("purchaseOrderId", None, "purchaseOrderId"),
        ("orderDate", None, "orderDate"),
        ("orderDate", "2026-11-20", "orderDate"),
        ("orderDate", True, "orderDate"),
        ("orderDate", 10**20, "orderDate"),
        ("orderLines", "none", "orderLines"),
        ("orderLines.orderLine.0.lineNumber", None, "lineNumber"),
        ("orderLines.orderLine.0.item.sku", None, "sku"),
        ("orderLines.orderLine.0.orderLineQuantity.amount", "1.5", "no number of units"),
        ("orderLines.orderLine.0.orderLineQuantity.amount", "-1", "no number of units"),
        ("orderLines.orderLine.0.orderLineQuantity.amount", "many", "amount"),
        ("orderLines.orderLine.0.charges.charge.0.chargeAmount", None, "chargeAmount"),
        ("orderLines.orderLine.0.charges.charge.0.tax.taxAmount.currency", "CAD", "mixes currencies"),
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

    found = decode_order(raw, "walmart.US", ship_node="SellerFulfilled", ordinal=7)

    assert isinstance(found, Quarantined)
    assert reason in found.reason
    assert (found.key, found.ordinal) == (raw["purchaseOrderId"] or "#7", 7)


@pytest.mark.parametrize("raw_order", [None, "order", 7, [], {}])
def test_something_that_is_no_order_is_quarantined(raw_order: object) -> None:
    assert isinstance(decode_order(raw_order, "walmart.US", ship_node="WFSFulfilled"), Quarantined)


def test_a_line_number_that_occurs_twice_is_refused(raw: dict[str, Any]) -> None:
    raw["orderLines"]["orderLine"] *= 2

    assert isinstance(decode_order(raw, "walmart.US", ship_node="SellerFulfilled"), Quarantined)


@pytest.mark.proves("W34")
@pytest.mark.parametrize(
    ("pairs", "status", "shipped", "cancelled"),
    [
        ((), "unknown", 0, 0),
        ((("Created", "2"),), "open", 0, 0),
        ((("Acknowledged", "2"),), "open", 0, 0),
        ((("Created", "1"), ("Acknowledged", "1")), "open", 0, 0),
        ((("Acknowledged", "1"), ("Shipped", "1")), "partly_shipped", 1, 0),
        ((("Acknowledged", "1"), ("Cancelled", "1")), "open", 0, 1),
        ((("Shipped", "2"),), "shipped", 2, 0),
        ((("Shipped", "1"), ("Cancelled", "1")), "shipped", 1, 1),
        ((("Shipped", "1"), ("Delivered", "1")), "shipped", 2, 0),
        ((("Delivered", "2"),), "delivered", 2, 0),
        ((("Delivered", "1"), ("Refund", "1")), "delivered", 2, 0),
        ((("Shipped", "1"), ("Refund", "1")), "shipped", 2, 0),
        ((("Refund", "2"),), "refunded", 2, 0),
        ((("Refund", "1"), ("Cancelled", "1")), "refunded", 1, 1),
        ((("Cancelled", "2"),), "cancelled", 0, 2),
        ((("Teleported", "2"),), "unknown", 0, 0),
        ((("Shipped", "1"), ("Teleported", "1")), "unknown", 1, 0),
    ],
)
def test_quantities_decide_the_status(
    raw: dict[str, Any], pairs: tuple[tuple[str, str], ...], status: str, shipped: int, cancelled: int
) -> None:
    set_statuses(raw, *pairs)

    line, order = line_of(raw), order_of(raw)

    assert (line.status, line.quantity_shipped, line.quantity_cancelled) == (status, shipped, cancelled)
    assert order.status == status
    assert order.vendor_status == (", ".join(name for name, _ in pairs) or "none")
    # The line's one date tells of the delivery only where nothing else can have happened to it since.
    assert line.delivered_at == (order.updated_at if {name for name, _ in pairs} == {"Delivered"} else None)


@pytest.mark.parametrize(
    ("pairs", "acknowledged"),
    [
        ((("Created", "2"),), False),
        ((("Created", "1"), ("Acknowledged", "1")), False),
        ((("Acknowledged", "2"),), True),
        ((("Shipped", "2"),), True),
        ((("Cancelled", "2"),), False),
    ],
)
def test_an_order_is_acknowledged_when_no_unit_waits_for_it(
    raw: dict[str, Any], pairs: tuple[tuple[str, str], ...], acknowledged: bool
) -> None:
    set_statuses(raw, *pairs)

    assert order_of(raw).acknowledged_at == (NOW if acknowledged else None)


def test_each_charge_goes_to_its_column(raw: dict[str, Any]) -> None:
    set_charges(
        raw,
        charge("PRODUCT", "ItemPrice", "31.96", "2.64"),
        charge("PRODUCT", "SubscriptionDiscount", "-1.60", "-0.13"),
        charge("SHIPPING", "Shipping", "5.99", "0.49"),
    )

    line, order = line_of(raw), order_of(raw)

    assert (line.item_price, line.item_tax) == (Decimal("31.96"), Decimal("2.64"))
    assert (line.shipping_price, line.shipping_tax) == (Decimal("5.99"), Decimal("0.49"))
    assert (line.discount, line.discount_tax) == (Decimal("1.60"), Decimal("0.13"))
    assert (order.tax, order.shipping, order.discount) == (Decimal("3.00"), Decimal("5.99"), Decimal("1.60"))
    assert order.total == Decimal("39.35")


@pytest.mark.parametrize(
    ("charges", "item", "discount"),
    [
        ([charge("PRODUCT", "SubscriptionDiscount", "9.00")], "9.00", "0"),
        ([charge("PRODUCT", "ItemPrice", "10.00"), charge("PRODUCT", "SubscriptionDiscount", "1.00")], "10.00", "1.00"),
        ([charge("PRODUCT", "SubscriptionDiscount", "-1.00")], "0", "1.00"),
    ],
)
def test_a_subscription_discount_is_told_from_a_discounted_price(
    raw: dict[str, Any], charges: list[dict[str, Any]], item: str, discount: str
) -> None:
    set_charges(raw, *charges)

    assert (line_of(raw).item_price, line_of(raw).discount) == (Decimal(item), Decimal(discount))


def test_the_tax_under_its_other_name_is_not_counted_twice(raw: dict[str, Any]) -> None:
    both = charge("PRODUCT", "ItemPrice", "10.00", "0.80")
    both["taxAndOtherFees"] = both["tax"]
    set_charges(raw, both)
    assert line_of(raw).item_tax == Decimal("0.80")

    both["tax"] = None
    assert line_of(raw).item_tax == Decimal("0.80")


@pytest.mark.proves("W38")
def test_a_charge_is_the_lines_unless_the_setting_says_the_units(raw: dict[str, Any]) -> None:
    set_charges(raw, charge("PRODUCT", "ItemPrice", "7.99", "0.66"))

    assert line_of(raw).item_price == Decimal("7.99")
    assert line_of(raw, charge_basis="unit").item_price == Decimal("15.98")
    assert line_of(raw, charge_basis="unit").item_tax == Decimal("1.32")


@pytest.mark.proves("W38")
@pytest.mark.parametrize(
    ("stated", "setting", "price"),
    [
        ("7.99", "unit", "7.99"),
        ("15.98", "line", "15.98"),
        ("15.98", "unit", "15.98"),
        # Neither reading adds up: the line's own stands, and the difference is for a person.
        ("9.99", "unit", "7.99"),
        ("9.99", "line", "7.99"),
    ],
)
def test_the_orders_own_total_decides_whether_a_charge_is_for_the_line_or_for_one_unit(
    raw: dict[str, Any], stated: str, setting: str, price: str
) -> None:
    set_charges(raw, charge("PRODUCT", "ItemPrice", "7.99"))
    raw["orderSummary"] = {"totalAmount": {"currencyAmount": Decimal(stated), "currencyUnit": "USD"}}
    assert line_of(raw, charge_basis=setting).item_price == Decimal(price)
    assert order_of(raw, charge_basis=setting).total == Decimal(stated)


def test_a_replacement_names_the_customer_order_that_it_is_for(raw: dict[str, Any]) -> None:
    raw |= {"orderType": "REPLACEMENT", "originalCustomerOrderID": "200099988877766"}
    assert (order_of(raw).order_type, order_of(raw).original_id) == ("replacement", "200099988877766")


@pytest.mark.parametrize("stated", ["30.00", "0.00"])
def test_a_stated_total_is_believed(raw: dict[str, Any], stated: str) -> None:
    raw["orderSummary"] = {"totalAmount": {"currencyAmount": Decimal(stated), "currencyUnit": "USD"}}

    assert order_of(raw).total == Decimal(stated)


@pytest.mark.proves("W32")
def test_nulls_and_single_elements_stand_where_lists_are_documented(raw: dict[str, Any]) -> None:
    line = raw["orderLines"]["orderLine"][0]
    line["orderLineStatuses"]["orderLineStatus"] = line["orderLineStatuses"]["orderLineStatus"][0]
    line["charges"]["charge"] = line["charges"]["charge"][0]
    raw["orderLines"]["orderLine"] = line
    assert line_of(raw).item_price == Decimal(25)

    line |= {"charges": None, "orderLineStatuses": None, "statusDate": None}
    raw |= {"shippingInfo": None, "shipNode": None, "orderSummary": None, "orderType": None}
    order = order_of(raw)
    assert (order.status, order.currency, order.total, order.ship_name) == ("unknown", "USD", Decimal(0), None)

    raw["orderLines"] = None
    assert read(raw).lines == ()


@pytest.mark.parametrize(
    ("node", "asked", "ours"),
    [
        ("SellerFulfilled", "WFSFulfilled", "seller"),
        ("WFSFulfilled", "SellerFulfilled", "channel"),
        ("3PLFulfilled", "SellerFulfilled", "seller"),
        (None, "SellerFulfilled", "seller"),
        (None, "WFSFulfilled", "channel"),
        ("NewFulfilled", "WFSFulfilled", "channel"),
    ],
)
def test_the_order_itself_says_who_ships_it(raw: dict[str, Any], node: str | None, asked: str, ours: str) -> None:
    raw["shipNode"] = {"type": node}

    assert order_of(raw, ship_node=asked).fulfilled_by == ours


@pytest.mark.proves("W33", "W35")
def test_who_and_where_is_taken_over_as_data(raw: dict[str, Any]) -> None:
    raw["orderType"] = "REPLACEMENT"
    set_statuses(raw, ("Shipped", "2"))
    entry = raw["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][0]
    entry["trackingInfo"] = {"carrierName": {"otherCarrier": "FED_EX"}, "trackingNumber": "T-1"}

    order, line = order_of(raw), line_of(raw)

    assert order.ship_phone is None, "the filler of zeros is no phone number"
    assert (order.ship_country, order.ship_region, order.order_type) == ("US", "TX", "replacement")
    assert order.buyer_email == "abc@relay.walmart.com"
    assert (line.carrier, line.tracking_number) == ("FED_EX", "T-1")
    assert order.alternate_id == "2000000000001"


@pytest.mark.parametrize(
    "when", [1763629200123, "1763629200123", "2025-11-20T09:00:00.123Z", "2025-11-20T10:00:00.123+01:00"]
)
def test_times_are_epoch_milliseconds_or_iso(raw: dict[str, Any], when: object) -> None:
    raw["orderDate"] = when

    assert order_of(raw).ordered_at == datetime(2025, 11, 20, 9, 0, 0, 123000, tzinfo=UTC)
