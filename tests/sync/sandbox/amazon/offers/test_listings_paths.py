"""A SKU in the path: any text, one encoded segment."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.sync.sandbox.amazon.catalog_shop import SELLER, US, CatalogShop, offer_only, open_shop, put, set_quantity

ODD_SKUS = ("A/B", "50%OFF", "two words", "a+b", "Öl & Essig", "100%25", "x?y#z", "/", "[@click=app.quit]x[/]")


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


@pytest.mark.proves("A38")
@pytest.mark.parametrize("sku", ODD_SKUS)
def test_any_sku_is_one_encoded_segment_of_the_path(shop: CatalogShop, sku: str) -> None:
    assert put(shop, sku, offer_only(shop, 20, 3)).json() | {"submissionId": ""} == {
        "sku": sku,
        "status": "ACCEPTED",
        "submissionId": "",
        "issues": [],
    }
    shop.later(21)
    assert shop.item(sku).json()["sku"] == sku
    assert shop.patch(sku, set_quantity(4)).json()["status"] == "ACCEPTED"
    shop.later(21)
    assert shop.quantity(sku) == 4


@pytest.mark.proves("A38")
@pytest.mark.parametrize(
    ("raw", "status"),
    [("PATH/SKU", 403), ("PATH+SKU", 404), ("PATH%ZZSKU", 400), ("PATH%252FSKU", 404), ("PATH%2FSKU", 200)],
)
def test_a_sku_that_is_encoded_wrongly_is_another_one_or_none(shop: CatalogShop, raw: str, status: int) -> None:
    if shop.item("PATH/SKU").status_code == 404:
        put(shop, "PATH/SKU", offer_only(shop))
        put(shop, "PATH SKU", offer_only(shop))
        shop.later(21)
    host, port = shop.http.build_request("GET", shop.url).url.host, shop.url.rsplit(":", 1)[1]
    target = f"/listings/2021-08-01/items/{SELLER}/{raw}?marketplaceIds={US}"
    assert _status_of(host, int(port), target, shop.token) == status


def _status_of(host: str, port: int, target: str, token: str) -> int:
    """Return the status of a GET whose target goes over the wire as it is."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    connection.putrequest("GET", target)
    connection.putheader("x-amz-access-token", token)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()
