"""Whatever is sent to the catalogue side, the answer is one of its own: never a 500, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.sandbox.amazon.catalog_shop import FEEDS, ITEMS, US, CatalogShop, open_shop

NAMES = [
    "purchasable_offer",
    "fulfillment_availability",
    "condition_type",
    "item_name",
    "list_price",
    "fake",
    "",
    "a/b",
]
FIELDS = [
    "value",
    "currency",
    "our_price",
    "audience",
    "fulfillment_channel_code",
    "quantity",
    "marketplace_id",
    "language_tag",
    "schedule",
    "value_with_tax",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["USD", "EUR", "ALL", "B2B", "DEFAULT", "AMAZON_NA", "new_new", US, "en_US", "", "\x00", "\ud800"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)),
    max_leaves=8,
)
PATCHES = st.lists(
    st.one_of(
        VALUES,
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["add", "replace", "merge", "delete", "test", 7]),
                "path": st.sampled_from([f"/attributes/{name}" for name in NAMES] + ["/", ""]),
            },
            optional={"value": st.one_of(VALUES, st.lists(VALUES, max_size=2))},
        ),
    ),
    max_size=3,
)
TYPES = st.sampled_from(["PRODUCT", "KITCHEN", "", 5, None])
ATTRIBUTES = st.one_of(VALUES, st.dictionaries(st.sampled_from(NAMES), st.one_of(VALUES, st.lists(VALUES)), max_size=4))


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


@settings(max_examples=60, deadline=None)
@given(kind=TYPES, patches=PATCHES, fault=st.sampled_from(["", "", "", "A39"]))
def test_any_patch_is_answered(shop: CatalogShop, kind: Any, patches: Any, fault: str) -> None:
    listing = shop.sellers_own()
    before = shop.item(listing.sku).json()
    if fault:
        shop.goes_wrong(fault, method="PATCH")
    answer = shop.call("PATCH", f"{ITEMS}/{listing.sku}", {"productType": kind, "patches": patches}, marketplaceIds=US)
    assert answer.status_code in (200, 400)
    shop.later(21)
    after = shop.item(listing.sku)
    assert after.status_code == 200
    if answer.status_code == 400 or answer.json()["status"] == "INVALID":
        assert after.json() == before


@settings(max_examples=40, deadline=None)
@given(kind=TYPES, attributes=ATTRIBUTES, requirements=st.sampled_from(["LISTING", "LISTING_OFFER_ONLY", 4, None]))
def test_any_whole_submission_is_answered(shop: CatalogShop, kind: Any, attributes: Any, requirements: Any) -> None:
    body = {"productType": kind, "attributes": attributes, "requirements": requirements}
    answer = shop.call("PUT", f"{ITEMS}/NEVER-LISTED", body, marketplaceIds=US)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json()["status"] == "INVALID"


@settings(max_examples=30, deadline=None)
@given(
    messages=st.lists(
        st.one_of(
            VALUES,
            st.fixed_dictionaries(
                {"sku": st.sampled_from(["ACM-FRP-08", "NOPE", "", 5])},
                optional={
                    "operationType": st.sampled_from(["UPDATE", "PARTIAL_UPDATE", "PATCH", "DELETE", "", None, []]),
                    "productType": TYPES,
                    "patches": st.one_of(PATCHES, VALUES),
                    "attributes": ATTRIBUTES,
                    "requirements": VALUES,
                },
            ),
        ),
        max_size=4,
    )
)
def test_any_feed_ends_with_a_report(shop: CatalogShop, messages: list[Any]) -> None:
    numbered = [
        {"messageId": n, **message} if isinstance(message, dict) else message
        for n, message in enumerate(messages, start=1)
    ]
    document = json.loads(shop.messages().decode()) | {"messages": numbered}
    feed_id = shop.submit(json.dumps(document).encode())
    shop.later(61)
    status = shop.get(f"{FEEDS}/feeds/{feed_id}").json()["processingStatus"]
    assert status in ("DONE", "FATAL")
    summary = shop.report(feed_id)["summary"]
    assert summary["messagesAccepted"] + summary["messagesInvalid"] == summary["messagesProcessed"]
    assert summary["messagesProcessed"] == (len(messages) if status == "DONE" else 0)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"productType": "PRODUCT", "patches": [{"op": "replace", "path": "/attributes/list_price", "value": '
        b'[{"currency": "USD", "value": 1e-999999999}]}]}',
        b'{"productType": "\\ud800", "patches": []}',
        b'{"productType": "PRODUCT", "patches": [' + b"[" * 3000 + b"]" * 3000 + b"]}",
    ],
    ids=["number", "surrogate", "depth"],
)
def test_what_json_allows_and_nobody_can_keep_is_400(shop: CatalogShop, raw: bytes) -> None:
    answer = shop.call("PATCH", f"{ITEMS}/{shop.sellers_own().sku}", raw=raw, marketplaceIds=US)
    assert answer.status_code == 400


@pytest.mark.parametrize("where", [[["ATVPDKIKX0DER"]], [{}], [None], "ATVPDKIKX0DER", {"a": 1}])
def test_marketplaces_that_are_none_are_400(shop: CatalogShop, where: Any) -> None:
    document = shop.upload(b"x")
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": where, "inputFeedDocumentId": document}
    assert shop.call("POST", f"{FEEDS}/feeds", body).status_code == 400
