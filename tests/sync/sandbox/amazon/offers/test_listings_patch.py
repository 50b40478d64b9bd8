"""Patches on attributes: each operation touches what it names, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sandbox.amazon.offers.listings_patch import applied, elements_of, parse_patches

US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
OFFER = {"currency": "USD", "audience": "ALL", "our_price": [1], "minimum_seller_allowed_price": [0]}
BEFORE: dict[str, Any] = {
    "fulfillment_availability": [
        {"fulfillment_channel_code": "DEFAULT", "quantity": 7, "restock_date": "soon", "marketplace_id": US}
    ],
    "purchasable_offer": [{**OFFER, "marketplace_id": US}],
}


def after(op: str, attribute: str, value: Any) -> dict[str, Any]:
    return applied(BEFORE, parse_patches([{"op": op, "path": f"/attributes/{attribute}", "value": value}]), US)


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (
            "replace",
            [{"currency": "USD", "our_price": [2]}],
            [{"currency": "USD", "audience": "ALL", "our_price": [2]}],
        ),
        ("add", [{"currency": "USD", "our_price": [2]}], [{"currency": "USD", "audience": "ALL", "our_price": [2]}]),
        ("merge", [{"currency": "USD", "our_price": [2]}], [{**OFFER, "our_price": [2]}]),
        (
            "add",
            [{"currency": "USD", "audience": "B2B", "our_price": [2]}],
            [OFFER, {"currency": "USD", "audience": "B2B", "our_price": [2]}],
        ),
        ("delete", [{"currency": "USD"}], []),
        ("delete", [{"currency": "EUR"}], [OFFER]),
        ("delete", None, []),
        ("replace", [{"currency": "EUR", "our_price": [2], "marketplace_id": DE}], []),
    ],
)
def test_an_operation_on_an_offer(op: str, value: Any, expected: list[dict[str, Any]]) -> None:
    result = after(op, "purchasable_offer", value)
    assert result.get("purchasable_offer", []) == [{**row, "marketplace_id": US} for row in expected]


def test_a_merge_into_nothing_adds() -> None:
    result = after("merge", "condition_type", [{"value": "new_new"}])
    assert result["condition_type"] == [{"value": "new_new", "marketplace_id": US}]


def test_patches_are_applied_in_their_order() -> None:
    patches = parse_patches(
        [
            {"op": "delete", "path": "/attributes/fulfillment_availability"},
            {
                "op": "merge",
                "path": "/attributes/fulfillment_availability",
                "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 1}],
            },
        ]
    )
    assert applied(BEFORE, patches, US)["fulfillment_availability"] == [
        {"fulfillment_channel_code": "DEFAULT", "quantity": 1, "marketplace_id": US}
    ]


def test_elements_of_another_marketplace_are_left_out() -> None:
    assert elements_of("color", [{"value": "rot", "marketplace_id": DE}, {"value": "red"}], US) == [
        {"value": "red", "marketplace_id": US}
    ]


VALUES = st.one_of(
    st.none(),
    st.lists(
        st.fixed_dictionaries(
            {"currency": st.sampled_from(["USD", "EUR"])},
            optional={"our_price": st.just([3]), "audience": st.sampled_from(["ALL", "B2B"])},
        ),
        max_size=3,
    ),
)


@pytest.mark.proves("A39")
@settings(max_examples=150, deadline=None)
@given(op=st.sampled_from(["add", "replace", "merge", "delete"]), value=VALUES)
def test_no_patch_of_the_price_ever_touches_the_quantity(op: str, value: Any) -> None:
    if value is None and op != "delete":
        value = []
    kept = deepcopy(BEFORE)
    result = after(op, "purchasable_offer", value)
    assert result["fulfillment_availability"] == BEFORE["fulfillment_availability"]
    assert kept == BEFORE
