"""SKUs that stand for no item: one discrepancy each, with what it blocks; a decision frees it all."""

from __future__ import annotations

import json

import pytest
from factories import World, item, line, order, usd

from reconcile.cycle import run_cycle


def sold(world: World, *skus: str) -> None:
    for n, sku in enumerate(skus):
        number = f"113-7702233-118010{n}"
        world.put(order(number), line(number, sku=sku))


def blocked(world: World) -> list[str]:
    return [f["subject"] for f in world.findings("order_missing") if f["state"] == "blocked"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"item_id": "999"}, "is mapped to item 999, which NetSuite does not have"),
        ({"item_id": "502"}, "is mapped to OLD-MUG, which is inactive in NetSuite"),
        ({"item_id": "501", "quantity": "0"}, "is mapped to ACM-MUG-16 with a quantity that is no positive number"),
        ({"item_id": "501", "quantity": "six"}, "is mapped to ACM-MUG-16 with a quantity that is no positive number"),
    ],
)
def test_a_decision_that_leads_nowhere_blocks_and_says_why(
    world: World, value: dict[str, object], problem: str
) -> None:
    world.put(item("502", "OLD-MUG", inactive=True)).decide("sku", "amazon.US|B0C7", **value)
    sold(world, "B0C7")
    run_cycle(world.store)
    assert world.one("sku_unmapped")["title"] == f"SKU B0C7 {problem}"


def test_two_items_that_differ_in_case_only_are_not_guessed_between(world: World) -> None:
    world.put(item("502", "acm-mug-16"))
    sold(world, "ACM-MUG-16")
    run_cycle(world.store)
    assert world.one("sku_unmapped")["title"] == "SKU ACM-MUG-16 names 2 items: 501, 502"


def test_a_sku_is_one_discrepancy_with_the_orders_and_the_value_that_it_blocks(world: World) -> None:
    sold(world, "B0C7", "B0C7", "B0D8", "ACM-MUG-16")
    run_cycle(world.store)
    first, second = world.findings("sku_unmapped")
    assert (first["subject"], first["amount"], json.loads(first["detail"])["orders"]) == ("B0C7", usd("63.96"), 2)
    assert (second["subject"], second["amount"]) == ("B0D8", usd("31.98"))


def test_a_decision_frees_every_order_that_the_sku_blocked_at_the_next_cycle(world: World) -> None:
    sold(world, "B0C7", "B0C7", "B0D8")
    run_cycle(world.store)
    assert len(blocked(world)) == 3
    world.decide("sku", "amazon.US|B0C7", item_id="501", quantity="1")
    run_cycle(world.store)
    assert blocked(world) == ["113-7702233-1180102"]
    assert [f["subject"] for f in world.findings("sku_unmapped")] == ["B0D8"]


def test_a_decision_for_all_channels_holds_until_a_channel_has_its_own(world: World) -> None:
    world.decide("sku", "*|B0C7", item_id="501").decide("sku", "amazon.US|B0C7", item_id="999")
    sold(world, "B0C7")
    run_cycle(world.store)
    assert blocked(world) == ["113-7702233-1180100"]


def test_a_decision_beats_an_item_of_the_same_name(world: World) -> None:
    world.decide("sku", "amazon.US|ACM-MUG-16", item_id="999")
    sold(world, "ACM-MUG-16")
    run_cycle(world.store)
    assert "item 999" in world.one("order_missing")["cause"]


def test_a_withdrawn_decision_blocks_again(world: World) -> None:
    world.decide("sku", "amazon.US|B0C7", item_id="501")
    sold(world, "B0C7")
    run_cycle(world.store)
    assert blocked(world) == []
    world.store.decisions.withdraw("sku", "amazon.US|B0C7", by="ann")
    run_cycle(world.store)
    assert blocked(world) == ["113-7702233-1180100"]
