"""Writes to Amazon one by one: stock, prices, listings, and what no intent may say."""

from __future__ import annotations

from typing import Any

import pytest

from sync.amazon import Shops, handlers, preview_listing
from sync.amazon.push.offer_targets import OfferTarget
from sync.errors import Rejected, Transient
from sync.outbox.handlers import Found
from tests.sync.amazon.scripted import Scripted

from .answers import (
    ACCEPTED,
    INVALID,
    ITEMS,
    PRICE,
    PUT,
    STOCK,
    handler,
    offer,
    parcel,
    shipment,
)


@pytest.mark.parametrize(
    ("kind", "intent"),
    [
        ("stock.set", {**STOCK, "quantity": -1}),
        ("stock.set", {**STOCK, "quantity": "7"}),
        ("stock.set", {**STOCK, "price": "1.00"}),
        ("stock.set", {**STOCK, "channel": "walmart.US"}),
        ("price.set", {**PRICE, "price": 19.9}),
        ("price.set", {**PRICE, "price": "0"}),
        ("price.set", {**PRICE, "price": "19.905"}),
        ("price.set", {**PRICE, "currency": "EUR"}),
        ("price.set", {**PRICE, "channel": "amazon.XX"}),
        ("shipment.confirm", shipment() | {"parcels": []}),
        ("shipment.confirm", shipment({**parcel(), "lines": []})),
        ("shipment.confirm", shipment({**parcel(), "shipped_at": "2026-11-19T10:00:00"})),
        ("listing.put", {**PUT, "attributes": {}}),
        ("listing.put", {**PUT, "attributes": {"purchasable_offer": [{"value_with_tax": 19.9}]}}),
        ("listing.delete", {"channel": "amazon.US"}),
    ],
)
def test_an_intent_that_is_not_complete_is_refused_before_anything_is_sent(
    vendor: Scripted, kind: str, intent: dict[str, Any]
) -> None:
    with pytest.raises(Rejected, match="nothing was sent"):
        handler(vendor, kind).render(intent)
    assert vendor.asked == []


def test_no_handler_moves_money(vendor: Scripted) -> None:
    kinds = [h.kind for h in handlers({"amazon.US": vendor.client}, clock=vendor.clock)]

    assert kinds == ["shipment.confirm", "stock.set", "price.set", "listing.put", "listing.delete"]


async def test_a_channel_that_is_not_configured_is_named(vendor: Scripted) -> None:
    with pytest.raises(Rejected, match=r"amazon.FR"):
        await handler(vendor, "stock.set").look({**STOCK, "channel": "amazon.FR"})


@pytest.mark.proves("A37")
@pytest.mark.parametrize(("kind", "intent"), [("stock.set", STOCK), ("price.set", PRICE)])
async def test_invalid_with_200_is_a_refusal_with_all_issues_in_words(
    vendor: Scripted, kind: str, intent: dict[str, Any]
) -> None:
    vendor.on("PATCH", f"{ITEMS}/MUG", INVALID)

    with pytest.raises(Rejected) as caught:
        await handler(vendor, kind).send(intent)

    assert "90220: 'size' is required [size]; 99022: no price" in str(caught.value)
    assert caught.value.reply.status == 200


@pytest.mark.proves("A38")
async def test_a_sku_with_any_sign_goes_whole_into_the_path(vendor: Scripted) -> None:
    sku = "a/b %25+c ü"
    path = f"{ITEMS}/a%2Fb%20%2525%2Bc%20%C3%BC"
    vendor.on("PATCH", path, {**ACCEPTED, "sku": sku})
    vendor.on("GET", path, offer(sku))
    stock = handler(vendor, "stock.set")

    sent = await stock.send({**STOCK, "sku": sku})

    assert (await stock.read_back(sent.target_id))["sku"] == sku
    assert OfferTarget.parse(sent.target_id).sku == sku


@pytest.mark.proves("A39")
async def test_a_price_never_carries_a_quantity_nor_a_quantity_a_price(vendor: Scripted) -> None:
    vendor.on("PATCH", f"{ITEMS}/MUG", ACCEPTED)
    await handler(vendor, "price.set").send(PRICE)
    await handler(vendor, "stock.set").send(STOCK)

    price, stock = [a.json["patches"] for a in vendor.requests("PATCH", f"{ITEMS}/MUG")]
    assert [p["path"] for p in price] == ["/attributes/purchasable_offer"]
    assert [(p["op"], p["path"]) for p in stock] == [("merge", "/attributes/fulfillment_availability")]
    assert b'"value_with_tax":19.90' in vendor.requests("PATCH", f"{ITEMS}/MUG")[0].body


async def test_an_offer_that_is_as_wanted_is_found_and_another_is_not(vendor: Scripted) -> None:
    vendor.on("GET", f"{ITEMS}/MUG", offer())

    assert isinstance(await handler(vendor, "stock.set").look(STOCK), Found)
    assert isinstance(await handler(vendor, "price.set").look(PRICE), Found)
    assert await handler(vendor, "stock.set").look({**STOCK, "quantity": 8}) is None
    assert await handler(vendor, "price.set").look({**PRICE, "price": "19.91"}) is None


async def test_a_listing_that_is_not_there_cannot_be_priced(vendor: Scripted) -> None:
    with pytest.raises(Rejected, match="no listing MUG"):
        await handler(vendor, "price.set").look(PRICE)


async def test_a_listing_is_put_compared_and_deleted(vendor: Scripted) -> None:
    put, delete = handler(vendor, "listing.put"), handler(vendor, "listing.delete")
    gone = {"channel": "amazon.US", "sku": "MUG"}
    vendor.on("PUT", f"{ITEMS}/MUG", ACCEPTED)
    vendor.on("DELETE", f"{ITEMS}/MUG", ACCEPTED)
    assert await put.look(PUT) is None
    assert isinstance(await delete.look(gone), Found)

    sent = await put.send(PUT)
    there = {"sku": "MUG", "attributes": {"item_name": [{"value": "Mug", "language_tag": "en_US"}], "extra": [1]}}
    vendor.on("GET", f"{ITEMS}/MUG", there)
    assert put.compare(PUT, await put.read_back(sent.target_id)) == []
    other = {**PUT, "attributes": {"item_name": [{"value": "Cup"}]}}
    assert [d["field"] for d in put.compare(other, await put.read_back(sent.target_id))] == ["item_name"]
    assert await delete.look(gone) is None
    assert (await delete.send(gone)).status == 200


@pytest.mark.parametrize("answer", [INVALID, {**ACCEPTED, "status": "VALID"}])
async def test_a_preview_says_what_amazon_would_say_and_changes_nothing(
    vendor: Scripted, answer: dict[str, Any]
) -> None:
    vendor.on("PUT", f"{ITEMS}/MUG", answer)
    shops = Shops.of({"amazon.US": vendor.client}, "A1")

    found = await preview_listing(shops, PUT)

    assert (found.status, len(found.issues)) == (answer["status"], len(answer["issues"]))
    assert vendor.asked[0].query["mode"] == "VALIDATION_PREVIEW"


@pytest.mark.parametrize(
    ("kind", "intent", "method"),
    [("stock.set", STOCK, "PATCH"), ("listing.put", PUT, "PUT"), ("listing.delete", None, "DELETE")],
)
async def test_a_change_that_does_not_show_yet_is_waited_for_and_in_the_end_is_drift(
    vendor: Scripted, kind: str, intent: dict[str, Any] | None, method: str
) -> None:
    intent = intent or {"channel": "amazon.US", "sku": "MUG"}
    vendor.on(method, f"{ITEMS}/MUG", ACCEPTED)
    vendor.on("GET", f"{ITEMS}/MUG", offer(quantity=6))
    push = handler(vendor, kind)
    sent = await push.send(intent)

    with pytest.raises(Transient, match="does not show the change yet") as caught:
        await push.read_back(sent.target_id)
    assert caught.value.wait_s == 30.0

    vendor.clock.advance(16 * 60)
    assert push.compare(intent, await push.read_back(sent.target_id)) != []
