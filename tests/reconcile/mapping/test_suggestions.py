"""Suggestions for an unmapped SKU: ranked with evidence, nothing where nothing is alike."""

from __future__ import annotations

import pytest
from factories import World, item, line, order

from reconcile.mapping.suggestions import Suggestion, normal_sku, suggest_items


def suggest(world: World, sku: str, **changes: object) -> list[Suggestion]:
    world.put(order(), line(sku=sku, **changes))
    with world.store.database.reading() as cursor:
        return suggest_items(cursor, "amazon.US", sku)


def test_nothing_alike_gives_nothing(world: World) -> None:
    assert suggest(world, "ZZZ-999-QQ", title=None) == []


def test_an_inactive_item_is_never_suggested(world: World) -> None:
    world.put(item(inactive=True, updated_at=None))
    assert suggest(world, "AMZ-ACM-MUG-16") == []


def test_items_with_neither_title_nor_likeness_do_not_break_the_ranking(world: World) -> None:
    world.put(item("502", "XY", display_name=None))
    assert [s.item_id for s in suggest(world, "Q", title="Something else")] == []


@pytest.mark.parametrize("sku", ["AMZ-ACM-MUG-16", "acm_mug_16", "ACM-MUG-16-DE", "WM_ACM_MUG_16", "ACM-MUG-16-FBA"])
def test_what_sellers_add_for_a_channel_does_not_hide_the_item(world: World, sku: str) -> None:
    world.put(item("502", "ACM-MUG-12")).put(item("503", "ACM-PAN-16"))
    best = suggest(world, sku, title=None)[0]
    assert (best.item_id, best.score) == ("501", 97.0)
    assert "the same number as ACM-MUG-16" in best.evidence[0]


def test_a_upc_is_the_strongest_evidence_with_or_without_leading_zeros(world: World) -> None:
    world.put(item("502", "OTHER-NAME", upc="812345678901", display_name="Nothing alike"))
    best = suggest(world, "PAN10-CASTIRON", product_id="00812345678901", title=None)[0]
    assert (best.item_id, best.evidence[0]) == ("502", "UPC 812345678901")


def test_a_title_finds_what_the_number_does_not(world: World) -> None:
    world.put(item("502", "ACM-PAN-10", display_name="Cast Iron Skillet 10 in"))
    world.put(item("503", "ACM-PAN-12", display_name="Cast Iron Skillet 12 in"))
    found = suggest(world, "PAN10-CASTIRON", title="Cast Iron Skillet 10 in")
    assert [s.item_id for s in found[:2]] == ["502", "503"]
    assert found[0].evidence[0].startswith("title 100 % alike")


def test_only_the_start_of_a_huge_title_is_compared(world: World) -> None:
    world.put(item("502", "ACM-PAN-10", display_name="Cast Iron Skillet 10 in"))
    start = "Cast Iron Skillet 10 in".ljust(500)
    plain = suggest(world, "PAN10-CASTIRON", title=start)
    assert plain != []
    assert suggest(world, "PAN10-CASTIRON-B", title=start + "zebra " * 20_000)[0].evidence[0] == plain[0].evidence[0]


@pytest.mark.parametrize(
    ("text", "normal"), [("WM_ACM_YGA_06", "acmyga06"), ("FBA", "fba"), ("", ""), ("ACM-BTL-24", "acmbtl24")]
)
def test_normal_forms_of_skus(text: str, normal: str) -> None:
    assert normal_sku(text) == normal
