"""A seller's shop on the sandbox, for tests of the catalogue side: every answer is judged by the vendor's models."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.limits import Limits
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World, build_world
from sync.sandbox.world.model import Listing
from tests.conftest import shared_folder

__all__ = [
    "CREDENTIALS",
    "DE",
    "FEEDS",
    "ITEMS",
    "SELLER",
    "US",
    "CatalogShop",
    "load_judge",
    "offer_only",
    "open_shop",
    "patching",
    "put",
    "set_price",
    "set_quantity",
]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
CREDENTIALS = amazon_credentials(7)
SELLER = CREDENTIALS["seller_id"]
ITEMS = f"/listings/2021-08-01/items/{SELLER}"
FEEDS = "/feeds/2021-06-30"


def load_judge(model: str = "merged.json") -> Any:
    """Return Amazon's models (strict), or None on a machine without the reference folder."""
    folder = shared_folder()
    if folder is None:
        return None
    path = folder / "vendors/amazon/tools/check_against_models.py"
    if "amazon_catalog_judge" not in sys.modules:
        spec = importlib.util.spec_from_file_location("amazon_catalog_judge", path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    models = Path(folder / "vendors/amazon/models" / model)
    return sys.modules["amazon_catalog_judge"].Models.load(models, strict=True)


@dataclass(slots=True)
class CatalogShop:
    """The client of one seller, and the hands that move the sandbox."""

    url: str
    auth_url: str
    world: World
    clock: SandboxClock
    faults: Faults
    limits: Limits
    http: httpx.Client
    judge: Any
    token: str = ""
    logged_in_at: datetime = NOW

    def log_in(self) -> None:
        form = {"grant_type": "refresh_token", **CREDENTIALS}
        self.token = self.http.post(f"{self.auth_url}/auth/o2/token", data=form).json()["access_token"]
        self.logged_in_at = self.clock.now()

    def later(self, seconds: float) -> None:
        """Let time pass; the token is renewed before it would end."""
        if self.clock.advance(seconds) - self.logged_in_at > timedelta(minutes=50):
            self.log_in()

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **query: Any) -> httpx.Response:
        """Call an operation; the models judge the answer, and a body that is sent as JSON."""
        headers = {"x-amz-access-token": self.token}
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = "application/json"
        if path.endswith("/items/inventory"):
            headers["x-amzn-idempotency-token"] = str(query.pop("idempotency", ""))
        answer = self.http.request(method, self.url + path, params=query, content=content, headers=headers)
        if self.judge is not None and "x-amzn-requestid" in answer.headers:
            found = self.judge.violations(method, path, answer.status_code, answer.json() if answer.content else None)
            assert found == [] or not answer.content, found
        return answer

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.call("GET", path, **query)

    def goes_wrong(self, name: str, **how: Any) -> None:
        self.faults.add(Fault("amazon", name, **how))

    # ---------------------------------------------------------------- listings

    def sellers_own(self, channel: str = "amazon.US", *, skip: int = 0) -> Listing:
        """Return a listing that the seller fulfils."""
        return [x for x in self.world.listings if x.channel == channel and x.fulfilled_by == "seller"][skip]

    def amazons(self, channel: str = "amazon.US", *, skip: int = 0) -> Listing:
        """Return a listing that Amazon fulfils."""
        return [x for x in self.world.listings if x.channel == channel and x.fulfilled_by == "channel"][skip]

    def item(self, sku: str, where: str = US, included: str = "summaries,attributes,issues,offers") -> httpx.Response:
        return self.get(f"{ITEMS}/{quote(sku, safe='')}", marketplaceIds=where, includedData=included)

    def patch(self, sku: str, *patches: dict[str, Any], where: str = US, kind: str = "PRODUCT", **query: Any) -> Any:
        body = {"productType": kind, "patches": list(patches)}
        return self.call("PATCH", f"{ITEMS}/{quote(sku, safe='')}", body, marketplaceIds=where, **query)

    def attributes(self, sku: str, where: str = US) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.item(sku, where).text, parse_float=Decimal)["attributes"]
        return found

    def quantity(self, sku: str, where: str = US) -> int | None:
        """Return the quantity that the shop shows."""
        shown = self.item(sku, where, "fulfillmentAvailability").json()["fulfillmentAvailability"]
        found: int | None = shown[0].get("quantity") if shown else None
        return found

    def price(self, sku: str, where: str = US) -> str | None:
        """Return the price that the shop shows."""
        shown = self.item(sku, where, "offers").json()["offers"]
        return str(shown[0]["price"]["amount"]) if shown else None

    # ---------------------------------------------------------------- feeds

    def upload(self, content: bytes, content_type: str = "application/json; charset=UTF-8") -> str:
        """Upload a feed document and return its id."""
        made = self.call("POST", f"{FEEDS}/documents", {"contentType": content_type})
        assert made.status_code == 201
        sent = self.http.put(made.json()["url"], content=content, headers={"content-type": content_type})
        assert sent.status_code == 200, sent.text
        return str(made.json()["feedDocumentId"])

    def submit(self, content: bytes, *, kind: str = "JSON_LISTINGS_FEED", where: str = US) -> str:
        """Upload a document, create its feed and return the feed's id."""
        body = {"feedType": kind, "marketplaceIds": [where], "inputFeedDocumentId": self.upload(content)}
        made = self.call("POST", f"{FEEDS}/feeds", body)
        assert made.status_code == 202, made.text
        return str(made.json()["feedId"])

    def messages(self, *messages: dict[str, Any], **header: Any) -> bytes:
        """Return a feed document with these messages, numbered from 1 where they have no number."""
        numbered = [{"messageId": n, **message} for n, message in enumerate(messages, start=1)]
        return json.dumps({"header": {"sellerId": SELLER, "version": "2.0", **header}, "messages": numbered}).encode()

    def report(self, feed_id: str) -> dict[str, Any]:
        """Return the processing report of a feed that has ended."""
        feed = self.get(f"{FEEDS}/feeds/{feed_id}").json()
        document = self.get(f"{FEEDS}/documents/{feed['resultFeedDocumentId']}").json()
        assert document["compressionAlgorithm"] == "GZIP"
        with self.http.stream("GET", document["url"]) as answer:
            body = b"".join(answer.iter_raw())
        found: dict[str, Any] = json.loads(gzip.decompress(body))
        return found


def set_quantity(quantity: int, op: str = "replace") -> dict[str, Any]:
    """Return the patch that offers so many units."""
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]
    return {"op": op, "path": "/attributes/fulfillment_availability", "value": value}


def set_price(amount: float, currency: str = "USD", op: str = "replace", **more: Any) -> dict[str, Any]:
    """Return the patch that asks a price."""
    offer = {"currency": currency, "our_price": [{"schedule": [{"value_with_tax": amount}]}], **more}
    return {"op": op, "path": "/attributes/purchasable_offer", "value": [offer]}


def patching(sku: str, *patches: dict[str, Any]) -> dict[str, Any]:
    """Return a message of a feed that patches a listing."""
    return {"sku": sku, "operationType": "PATCH", "productType": "PRODUCT", "patches": list(patches)}


def offer_only(shop: CatalogShop, amount: float = 20, quantity: int | None = 5, **more: Any) -> dict[str, Any]:
    """Return a submission that sells a product of the catalogue under a new SKU."""
    stock = {"fulfillment_channel_code": "DEFAULT"} | ({} if quantity is None else {"quantity": quantity})
    return {
        "productType": "PRODUCT",
        "requirements": "LISTING_OFFER_ONLY",
        "attributes": {
            "merchant_suggested_asin": [{"value": shop.world.products[3].asin}],
            "condition_type": [{"value": "new_new"}],
            "fulfillment_availability": [stock],
            "purchasable_offer": set_price(amount)["value"],
            **more,
        },
    }


def put(shop: CatalogShop, sku: str, body: dict[str, Any], where: str = US, **query: Any) -> Any:
    return shop.call("PUT", f"{ITEMS}/{quote(sku, safe='')}", body, marketplaceIds=where, **query)


@contextmanager
def open_shop(*, limits: bool = False, size: int = 300) -> Iterator[CatalogShop]:
    """Serve the Amazon app over a fresh small world whose clock only moves when it is told to."""
    world = build_world(seed=7, now=NOW, size=size)
    clock, faults = SandboxClock(NOW, ticks=lambda: 0.0), Faults(1)
    api, auth, buckets = amazon_apps(world, clock, limits, CREDENTIALS, faults)
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    with httpx.Client(trust_env=False, timeout=60) as http:
        addresses = address_of(sockets["api"]), address_of(sockets["auth"])
        shop = CatalogShop(*addresses, world, clock, faults, buckets, http, load_judge())
        shop.log_in()
        yield shop
    stop()
