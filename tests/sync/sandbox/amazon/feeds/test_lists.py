"""getFeeds: pages, filters, how long feeds are kept, and how many may come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sync.sandbox.amazon.catalog_shop import DE, FEEDS, US, CatalogShop, open_shop, patching, set_quantity

ENDED = 61


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def create(shop: CatalogShop, **changes: Any) -> Any:
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [US], "inputFeedDocumentId": "x"} | changes
    return shop.call("POST", f"{FEEDS}/feeds", body)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "feedTypes or nextToken"),
        ({"feedTypes": ",".join(f"T{n}" for n in range(11))}, "at most 10"),
        ({"feedTypes": "JSON_LISTINGS_FEED", "pageSize": 101}, "between 1 and 100"),
        ({"feedTypes": "JSON_LISTINGS_FEED", "processingStatuses": "SOON"}, "invalid value"),
        ({"nextToken": "abc"}, "invalid"),
    ],
)
def test_a_list_that_breaks_a_rule_is_400(shop: CatalogShop, query: dict[str, Any], said: str) -> None:
    answer = shop.get(f"{FEEDS}/feeds", **query)
    assert (answer.status_code, said in answer.text) == (400, True)


@pytest.mark.proves("A18")
@pytest.mark.parametrize("more", [{"pageSize": 2}, {"feedTypes": "JSON_LISTINGS_FEED"}, {"marketplaceIds": US}])
def test_a_token_beside_any_other_parameter_is_400(shop: CatalogShop, more: dict[str, Any]) -> None:
    for _ in range(2):
        shop.submit(b"x", kind="POST_PRODUCT_DATA")
    token = shop.get(f"{FEEDS}/feeds", feedTypes="POST_PRODUCT_DATA", pageSize=1).json()["nextToken"]
    assert shop.get(f"{FEEDS}/feeds", nextToken=token).status_code == 200
    answer = shop.get(f"{FEEDS}/feeds", nextToken=token, **more)
    assert (answer.status_code, "cannot be combined" in answer.text) == (400, True)


def test_feeds_are_listed_newest_first_by_type_and_status_for_90_days(shop: CatalogShop) -> None:
    feed_id = shop.submit(b"x", kind="POST_FLAT_FILE_LISTINGS_DATA")
    shop.later(ENDED)

    def listed(**query: str) -> list[str]:
        query = {"feedTypes": "POST_FLAT_FILE_LISTINGS_DATA,POST_PRODUCT_DATA", "pageSize": "100", **query}
        return [feed["feedId"] for feed in shop.get(f"{FEEDS}/feeds", **query).json()["feeds"]]

    assert listed()[0] == feed_id
    assert feed_id in listed(processingStatuses="FATAL")
    assert feed_id not in listed(processingStatuses="DONE,IN_QUEUE")
    assert feed_id not in listed(marketplaceIds=DE)
    shop.later(90 * 86_400)
    assert listed() == []
    assert shop.get(f"{FEEDS}/feeds/{feed_id}").status_code == 404


def test_a_sixth_listings_feed_in_five_minutes_is_429(shop: CatalogShop) -> None:
    document = shop.upload(shop.messages(patching("X", set_quantity(1))))
    shop.limits.enabled = True
    try:
        seen = [create(shop, inputFeedDocumentId=document).status_code for _ in range(6)]
        shop.later(301)
        seen.append(create(shop, inputFeedDocumentId=document).status_code)
    finally:
        shop.limits.enabled = False
    assert seen == [202] * 5 + [429, 202]
