"""Feed documents: where they are uploaded, who may, for how long, and how a result is served."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sync.sandbox.amazon.catalog_shop import FEEDS, US, CatalogShop, open_shop, patching, set_quantity

ENDED = 61
MATTER = "application/json; charset=UTF-8"


@pytest.fixture(scope="module")
def shop() -> Iterator[CatalogShop]:
    with open_shop() as opened:
        yield opened


def status(shop: CatalogShop, feed_id: str) -> str:
    return str(shop.get(f"{FEEDS}/feeds/{feed_id}").json()["processingStatus"])


def create(shop: CatalogShop, **changes: Any) -> Any:
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [US], "inputFeedDocumentId": "x"} | changes
    return shop.call("POST", f"{FEEDS}/feeds", body)


@pytest.mark.proves("A35")
def test_an_upload_under_another_content_type_is_refused_and_the_feed_is_fatal(shop: CatalogShop) -> None:
    made = shop.call("POST", f"{FEEDS}/documents", {"contentType": MATTER}).json()
    for wrong in ("application/json", "text/plain", MATTER.lower()):
        sent = shop.http.put(made["url"], content=b"{}", headers={"content-type": wrong})
        assert (sent.status_code, "SignatureDoesNotMatch" in sent.text) == (403, True)
    feed_id = create(shop, inputFeedDocumentId=made["feedDocumentId"]).json()["feedId"]
    shop.later(ENDED)
    assert status(shop, feed_id) == "FATAL"
    assert shop.report(feed_id)["issues"][0]["message"] == "The feed document has not been uploaded."


@pytest.mark.proves("A35")
def test_a_fault_refuses_an_upload_as_if_its_type_were_wrong(shop: CatalogShop) -> None:
    made = shop.call("POST", f"{FEEDS}/documents", {"contentType": MATTER}).json()
    shop.goes_wrong("A35")
    sent = [shop.http.put(made["url"], content=b"{}", headers={"content-type": MATTER}).status_code for _ in range(2)]
    assert sent == [403, 200]


@pytest.mark.parametrize(
    ("headers", "status_code", "said"),
    [
        ({"x-amz-access-token": "Atza|x"}, 403, "x-amz-access-token"),
        ({"Authorization": "Bearer x"}, 400, "Only one auth mechanism"),
    ],
)
def test_vendor_headers_on_a_presigned_address_are_refused(
    shop: CatalogShop, headers: dict[str, str], status_code: int, said: str
) -> None:
    made = shop.call("POST", f"{FEEDS}/documents", {"contentType": MATTER}).json()
    sent = shop.http.put(made["url"], content=b"{}", headers={"content-type": MATTER, **headers})
    assert (sent.status_code, said in sent.text) == (status_code, True)


def test_an_address_is_good_for_one_method_one_key_and_five_minutes(shop: CatalogShop) -> None:
    url = shop.call("POST", f"{FEEDS}/documents", {"contentType": MATTER}).json()["url"]
    send = {"content": b"{}", "headers": {"content-type": MATTER}}
    assert shop.http.get(url).status_code == 403
    assert shop.http.put(url.replace("T0", "T1", 1), **send).status_code == 403
    assert shop.http.put(url.replace("Expires=300", "Expires=3000"), **send).status_code == 403
    shop.later(299)
    assert shop.http.put(url, **send).status_code == 200
    shop.later(1)
    late = shop.http.put(url, **send)
    assert (late.status_code, "Request has expired" in late.text) == (403, True)


def test_a_dead_address_can_be_handed_out(shop: CatalogShop) -> None:
    shop.goes_wrong("A22", method="POST")
    url = shop.call("POST", f"{FEEDS}/documents", {"contentType": MATTER}).json()["url"]
    assert shop.http.put(url, content=b"{}", headers={"content-type": MATTER}).status_code == 403


@pytest.mark.proves("A24")
def test_the_result_is_gzip_and_says_so_only_when_asked(shop: CatalogShop) -> None:
    feed_id = shop.submit(shop.messages(patching(shop.sellers_own().sku, set_quantity(5))))
    shop.later(ENDED)
    result = shop.get(f"{FEEDS}/feeds/{feed_id}").json()["resultFeedDocumentId"]
    for asked, declared in (("", "identity"), ("true", "gzip"), ("True", "gzip")):
        query = {"enableContentEncodingUrlHeader": asked} if asked else {}
        url = shop.get(f"{FEEDS}/documents/{result}", **query).json()["url"]
        with shop.http.stream("GET", url) as answer:
            body = b"".join(answer.iter_raw())
        assert (answer.headers["content-encoding"], body[:2]) == (declared, b"\x1f\x8b")
        assert json.loads(gzip.decompress(body))["header"]["feedId"] == feed_id


def test_half_of_a_result_can_be_served(shop: CatalogShop) -> None:
    feed_id = shop.submit(shop.messages(patching(shop.sellers_own().sku, set_quantity(5))))
    shop.later(ENDED)
    result = shop.get(f"{FEEDS}/feeds/{feed_id}").json()["resultFeedDocumentId"]
    url = shop.get(f"{FEEDS}/documents/{result}").json()["url"]
    shop.goes_wrong("truncated_document")
    with pytest.raises(EOFError):
        gzip.decompress(shop.http.get(url).content)
