"""Calls with typed answers: the account, tokens for personal data, one order, the catalog, product types."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from sync.amazon import (
    LoginWithAmazon,
    RestrictedLogin,
    catalog_item,
    participations,
    product_type,
    product_types,
    read_order,
    restricted_token,
    search_catalog,
    seller_account,
)
from sync.amazon.calls import order_call
from sync.amazon.notification_calls import NOTIFICATIONS_SCOPE, destinations_call
from sync.errors import BadInput, ContractBroken
from sync.streams import Document

from .scripted import BASE, NOW, US, Scripted

ADDRESS = "/orders/v0/orders/113-1/address"
TOKENS = "/tokens/2021-03-01/restrictedDataToken"
CATALOG = "/catalog/2022-04-01/items"
SHOP = {
    "marketplace": {"id": "ATVPDKIKX0DER", "countryCode": "US", "defaultCurrencyCode": "USD"},
    "participation": {"isParticipating": True, "hasSuspendedListings": False},
    "storeName": "Acme",
}


async def test_the_account_and_its_marketplaces_are_read(vendor: Scripted) -> None:
    vendor.on("GET", "/sellers/v1/marketplaceParticipations", {"payload": [SHOP]})
    vendor.on(
        "GET",
        "/sellers/v1/account",
        {
            "payload": {
                "businessType": "PRIVATE_LIMITED",
                "sellingPlan": "PROFESSIONAL",
                "business": {"name": "Acme GmbH"},
                "marketplaceParticipationList": [SHOP],
            }
        },
    )

    (shop,) = await participations(vendor.client)
    account = await seller_account(vendor.client)

    assert (shop.country, shop.currency, shop.is_participating) == ("US", "USD", True)
    assert (account.business_name, account.participations) == ("Acme GmbH", (shop,))


@pytest.mark.parametrize("body", [{}, {"payload": None}, []])
async def test_an_account_that_is_none_is_a_broken_contract(vendor: Scripted, body: Any) -> None:
    vendor.on("GET", "/sellers/v1/account", json.dumps(body).encode())

    with pytest.raises(ContractBroken):
        await seller_account(vendor.client)


@pytest.mark.proves("A12")
async def test_a_restricted_token_is_used_for_its_own_paths_only(vendor: Scripted) -> None:
    vendor.on("POST", TOKENS, {"restrictedDataToken": "Atz.sprdt|x", "expiresIn": 3600})
    vendor.on("GET", ADDRESS, {"payload": {}})
    vendor.on("GET", "/orders/2026-01-01/orders/113-1", {"order": {}})
    token = await restricted_token(vendor.client, [("GET", ADDRESS, ["shippingAddress"])])
    login = RestrictedLogin(vendor.login, token.value, token.resources, clock=vendor.clock, good_for_s=token.good_for_s)
    client = vendor.client_with(login)
    address = order_call("113-1")
    address = type(address)("getOrderAddress", "GET", ADDRESS)

    await client.send(address)
    await client.send(order_call("113-1"))
    vendor.clock.advance(3601)
    await client.send(address)

    used = [a.headers["x-amz-access-token"] for a in vendor.asked[1:]]
    assert used == ["Atz.sprdt|x", "Atza|1", "Atza|2"]
    assert "sprdt" not in repr(login) + repr(token) + str(vendor.calls.records)


async def test_a_restricted_token_needs_its_resources(vendor: Scripted) -> None:
    with pytest.raises(BadInput):
        await restricted_token(vendor.client, [])
    vendor.on("POST", TOKENS, {"restrictedDataToken": ""})
    with pytest.raises(ContractBroken):
        await restricted_token(vendor.client, [("GET", ADDRESS, [])])


async def test_a_grantless_login_asks_with_a_scope_and_no_seller(vendor: Scripted) -> None:
    login = LoginWithAmazon(
        client_id="c",
        client_secret=SecretStr("s"),
        refresh_token=None,
        scope=NOTIFICATIONS_SCOPE,
        clock=vendor.clock,
        token_url=f"{BASE}/auth/o2/token",
    )
    vendor.on("GET", "/notifications/v1/destinations", {"payload": []})

    await vendor.client_with(login).send(destinations_call())

    assert vendor.tokens == [
        {"grant_type": "client_credentials", "scope": NOTIFICATIONS_SCOPE, "client_id": "c", "client_secret": "s"}
    ]


@pytest.mark.parametrize(("refresh", "scope"), [(None, None), (SecretStr("r"), "x")])
def test_a_login_is_a_sellers_or_the_applications(refresh: SecretStr | None, scope: str | None) -> None:
    with pytest.raises(ValueError, match="either a refresh token or a scope"):
        LoginWithAmazon(
            client_id="c",
            client_secret=SecretStr("s"),
            refresh_token=refresh,
            scope=scope,
            clock=Scripted().clock,
        )


async def test_one_order_is_read_as_the_stream_would(vendor: Scripted, order: Any) -> None:
    vendor.on("GET", "/orders/2026-01-01/orders/113-1", {"order": order(1, NOW)})

    assert isinstance(await read_order(vendor.client, "113-1", US), Document)

    vendor.on("GET", "/orders/2026-01-01/orders/113-1", {})
    with pytest.raises(ContractBroken):
        await read_order(vendor.client, "113-1", US)


def item(asin: str) -> dict[str, Any]:
    shop = US.marketplace_id
    return {
        "asin": asin,
        "summaries": [{"marketplaceId": "X"}, {"marketplaceId": shop, "itemName": "Mug", "brand": "Acme"}],
        "productTypes": [{"marketplaceId": shop, "productType": "MUG"}],
        "identifiers": [{"marketplaceId": shop, "identifiers": [{"identifierType": "EAN", "identifier": "4"}]}],
    }


async def test_the_catalog_is_read_by_asin_and_searched_page_by_page(vendor: Scripted) -> None:
    vendor.on("GET", f"{CATALOG}/B0", item("B0"))
    vendor.on("GET", CATALOG, {"items": [item("B0")], "pagination": {"nextToken": "p"}}, {"items": [item("B1")]})

    found = await catalog_item(vendor.client, US, "B0")

    assert (found.title, found.product_type, found.identifiers) == ("Mug", "MUG", (("EAN", "4"),))
    assert [i.asin for i in await search_catalog(vendor.client, US, identifiers=["4"])] == ["B0", "B1"]


async def test_catalog_pages_without_end_are_noticed(vendor: Scripted) -> None:
    vendor.on("GET", CATALOG, {"items": [item("B0")], "pagination": {"nextToken": "p"}})

    with pytest.raises(ContractBroken, match="no end"):
        await search_catalog(vendor.client, US, keywords=["mug"])


async def test_a_product_types_rules_come_as_data(vendor: Scripted) -> None:
    definition = {
        "schema": {"link": {"resource": f"{BASE}/schema.json", "verb": "GET"}, "checksum": "x"},
        "requirements": "LISTING",
        "productType": "MUG",
        "productTypeVersion": {"version": "v1", "latest": True},
        "propertyGroups": {"offer": {"title": "Offer", "propertyNames": ["purchasable_offer"]}},
    }
    vendor.on("GET", "/definitions/2020-09-01/productTypes/MUG", definition)
    vendor.on("GET", "/definitions/2020-09-01/productTypes", {"productTypes": [{"name": "MUG"}, {}]})
    schema = {"required": ["item_name", "brand"], "properties": {"item_name": {"type": "array"}}}
    vendor.on("GET", "/schema.json", schema)

    rules = await product_type(vendor.client, US, "MUG")

    assert (rules.required, rules.groups) == (("item_name", "brand"), {"Offer": ("purchasable_offer",)})
    assert await product_types(vendor.client, US) == ["MUG"]
    vendor.on("GET", "/schema.json", b"<html>")
    with pytest.raises(ContractBroken, match="not JSON"):
        await product_type(vendor.client, US, "MUG")


def test_the_login_needs_no_network_to_be_made() -> None:
    assert isinstance(Scripted().login, httpx.Auth)
