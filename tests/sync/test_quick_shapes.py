"""Reading without the model says the very same as the model, or leaves the document to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sync.amazon as amazon
import sync.amazon.orders.shapes
import sync.walmart as walmart
import sync.walmart.orders.shapes
from sync.quick_shapes import Refused
from sync.transport import write_json

US = amazon.marketplace_of("US")
USD = {"currencyCode": "USD"}
AMAZON: dict[str, Any] = {
    "orderId": "113-0000001-0000001",
    "createdTime": "2026-11-01T08:00:00Z",
    "lastUpdatedTime": "2026-11-02T08:00:00.250Z",
    "programs": ["PRIME"],
    "orderAliases": [{"aliasId": "X-1", "aliasType": "SELLER_ORDER_ID"}],
    "associatedOrders": [{"orderId": "113-0000000-0000001", "associationType": "REPLACEMENT_ORIGINAL_ID"}],
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
    "buyer": {"buyerName": "A", "buyerEmail": "a@b.example"},
    "recipient": {"deliveryAddress": {"name": "A", "addressLine1": "1 Main St", "city": "Austin"}},
    "fulfillment": {
        "fulfillmentStatus": "SHIPPED",
        "fulfilledBy": "MERCHANT",
        "shipByWindow": {"latestDateTime": "2026-11-03T08:00:00Z"},
    },
    "proceeds": {"grandTotal": {"amount": "27.00", **USD}},
    "orderItems": [
        {
            "orderItemId": "101",
            "quantityOrdered": 2,
            "product": {"asin": "B0TEST0001", "sellerSku": "MUG-BLUE", "title": "Mug, blue"},
            "cancellation": {"cancellationRequest": {"requester": "BUYER", "share": 0.5}},
            "proceeds": {
                "proceedsTotal": {"amount": "27.00", **USD},
                "breakdowns": [
                    {"type": "ITEM", "subtotal": {"amount": "25.00", **USD}},
                    {
                        "type": "TAX",
                        "subtotal": {"amount": "2.00", **USD},
                        "detailedBreakdowns": [{"subtype": "ITEM", "value": {"amount": "2.00", **USD}}],
                    },
                ],
            },
            "fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 1},
        }
    ],
    "packages": [
        {"carrier": "UPS", "trackingNumber": "1Z", "packageItems": [{"orderItemId": "101"}], "packageStatus": None}
    ],
}
WALMART: dict[str, Any] = {
    "purchaseOrderId": "1000000000001",
    "customerOrderId": "2000000000001",
    "customerEmailId": "abc@relay.walmart.com",
    "orderType": "REGULAR",
    "orderDate": 1792000000000,
    "shippingInfo": {
        "phone": "0000000000",
        "estimatedDeliveryDate": 1792400000000,
        "estimatedShipDate": "2026-11-21T09:00:00Z",
        "methodCode": "Standard",
        "postalAddress": {"name": "Test Buyer", "address1": "1 Main St", "address2": None, "country": "USA"},
    },
    "orderSummary": {"totalAmount": {"currencyAmount": 27.0, "currencyUnit": "USD"}},
    "shipNode": {"type": "SellerFulfilled"},
    "orderLines": {
        "orderLine": [
            {
                "lineNumber": "1",
                "item": {"productName": "Mug, blue", "sku": "MUG-BLUE"},
                "charges": {
                    "charge": [
                        {
                            "chargeType": "PRODUCT",
                            "chargeName": "ItemPrice",
                            "chargeAmount": {"currency": "USD", "amount": 25.00},
                            "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": 2.00}},
                        }
                    ]
                },
                "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "2"},
                "statusDate": 1792100000000,
                "intentToCancel": "false",
                "orderLineStatuses": {
                    "orderLineStatus": [
                        {
                            "status": "Shipped",
                            "statusQuantity": {"unitOfMeasurement": "EACH", "amount": "2"},
                            "trackingInfo": {
                                "shipDateTime": 1792100000000,
                                "carrierName": {"otherCarrier": None, "carrier": "UPS"},
                                "trackingNumber": "1Z",
                            },
                        }
                    ]
                },
                "refund": None,
            }
        ]
    },
}


def of_amazon(raw: object) -> object:
    return amazon.decode_order(raw, US, 4)


def of_walmart(raw: object) -> object:
    return walmart.decode_order(raw, "walmart.US", ship_node="SellerFulfilled", ordinal=4)


Decode = Callable[[object], object]
BOTH = pytest.mark.parametrize(
    ("plain", "decode"), [(AMAZON, of_amazon), (WALMART, of_walmart)], ids=["amazon", "walmart"]
)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(1_700_000_000_000, 10**22),
    st.decimals(-100, 100, places=2),
    st.sampled_from([[], {}, [None], "", " ", "x", "NaN", "Infinity", "1_000", " 2 ", "١", "1e3", "-0", "2.50", "2.0"]),
    st.sampled_from(
        [
            "2026-11-01",
            "2026-11-01T08:00:00",
            "2026-11-01T08:00:00+02:00",
            "2026-11-01T080000.0Z",
            "2026-W44-7T08:00:00Z",
            "2026-11-01T08:00:00.9999999Z",
            "2026-11-01T24:00:00Z",
            "2026-11-01t08:00:00z",
            "1792000000000",
        ]
    ),
    st.text(max_size=3),
)


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every part of a document."""
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [*([at] if at else []), *(path for key, part in inside for path in places(part, (*at, key)))]


def holder(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def changed(document: Any, path: tuple[Any, ...], how: str, value: object) -> None:
    """Bend one part of a document; a part that is gone already is left."""
    try:
        place, key = holder(document, path), path[-1]
        match how:
            case "replace":
                place[key] = value
            case "remove":
                del place[key]
            case "first":
                place[key] = place[key][0]
            case "twice":
                place[key] = [*place[key], *place[key]]
            case "number":
                number = Decimal(place[key])
                if number.is_finite():  # what is no number at all cannot be written as JSON
                    place[key] = number
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError):
        return


@BOTH
def test_an_ordinary_order_needs_no_model(plain: dict[str, Any], decode: Decode) -> None:
    module = sync.amazon.orders.shapes if plain is AMAZON else sync.walmart.orders.shapes
    found = module.read_quickly(msgspec.Raw(json.dumps(plain).encode()))
    assert len(found.packages if plain is AMAZON else found.order_lines.order_line) == 1
    bent = {**plain, "orderItems": {}, "orderLines": []}
    with pytest.raises(Refused):
        module.read_quickly(msgspec.Raw(json.dumps(bent).encode()))


@BOTH
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_read_as_json_an_order_is_what_it_is_when_the_model_reads_it(
    plain: dict[str, Any], decode: Decode, data: st.DataObject
) -> None:
    bent = copy.deepcopy(plain)
    for _ in range(data.draw(st.integers(0, 2))):
        how = data.draw(st.sampled_from(["replace", "replace", "remove", "first", "twice", "number"]))
        changed(bent, data.draw(st.sampled_from(places(plain))), how, data.draw(ODD))
    body = json.dumps(bent, default=float).encode() if data.draw(st.booleans()) else written(bent)
    by_the_model = decode(json.loads(body, parse_float=Decimal))
    assert decode(msgspec.Raw(body)) == by_the_model


def written(document: object) -> bytes:
    """Return the document as a vendor writes it whose numbers keep their digits."""
    return write_json(json.loads(json.dumps(document, default=str), parse_float=Decimal))
