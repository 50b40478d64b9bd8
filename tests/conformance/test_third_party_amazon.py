"""A client that other people wrote, PyPI python-amazon-sp-api (MIT), against the Amazon sandbox over real HTTP.

It is installed at test time into a virtual environment of its own. It sends four spellings of the marketplace with
every GET and a Host header with its first digit cut off: a sandbox must take both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.clock import SandboxClock
from sync.sandbox.world import World, build_world
from sync.sandbox.world.placing import place_order
from tests.conformance.amazon_clients import NOW, ask, sandbox_of
from tests.conformance.installed import python_with

pytestmark = pytest.mark.slow

VERSION = "python-amazon-sp-api==2.1.35"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

#: Points the client at the sandbox, does what the test says, prints `answer` as JSON.
FRAME = """
import json, sys
from io import BytesIO
from types import SimpleNamespace
from sp_api import api as sp
from sp_api.api import Orders, Reports, Sellers
from sp_api.auth import AccessTokenClient
from sp_api.base import SellingApiException
api, auth, client_id, secret, refresh, seller_id = sys.argv[1:7]
US = "ATVPDKIKX0DER"

class LocalLogin(AccessTokenClient):
    scheme, host = "http://", auth.removeprefix("http://")

market = SimpleNamespace(endpoint=api, marketplace_id=US, region="us-east-1")
own = dict(lwa_app_id=client_id, lwa_client_secret=secret, refresh_token=refresh)
common = dict(marketplace=market, auth_token_client_class=LocalLogin, credentials=own)
{work}
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def interpreter() -> Path:
    return python_with(VERSION)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=300)


@pytest.fixture
def sandbox(world: World) -> Iterator[tuple[str, str, SandboxClock]]:
    with sandbox_of(world) as opened:
        yield opened


def do(interpreter: Path, sandbox: tuple[str, str, SandboxClock], work: str, refresh_token: str | None = None) -> Any:
    return ask(interpreter, FRAME, sandbox[:2], work, refresh_token)


def test_a_refused_login_is_an_error_to_it(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        try:
            Sellers(**common).get_marketplace_participation()
            answer = None
        except Exception as error:
            answer = [type(error).__name__, str(error)]
    """
    kind, text = do(interpreter, sandbox, work, refresh_token="Atzr|wrong")
    assert kind == "AuthorizationError"
    assert "invalid" in text


def test_a_refused_report_and_an_unknown_order_are_errors_to_it(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock]
) -> None:
    work = f"""
        answer = []
        calls = [
            lambda: Reports(**common).create_report(reportType="{V2}", marketplaceIds=["ATVPDKIKX0DER"]),
            lambda: Orders(version="2026-01-01", **common).get_order("111-1111111-1111111"),
        ]
        for call in calls:
            try:
                call()
            except SellingApiException as error:
                answer.append([error.code, str(error.error)[:200]])
    """
    (first, report), (second, order) = do(interpreter, sandbox, work)
    assert (first, "1118" in report) == (400, True)
    assert (second, "NotFound" in order or "not found" in order) == (404, True)


def test_it_reads_orders_of_its_marketplace(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    work = """
        api = Orders(version="2026-01-01", **common)
        page = api.search_orders(createdAfter="2026-07-01T00:00:00Z", includedData=["BUYER", "PROCEEDS"])
        answer = [len(page.payload["orders"]), page.payload["orders"][0]["orderId"]]
    """
    assert do(interpreter, sandbox, work) == [100, world.orders("amazon.US")[0].order_id]


def test_it_downloads_a_settlement_whose_lines_add_up(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    work = f"""
        api = Reports(**common)
        found = api.get_reports(reportTypes=["{V2}"], processingStatuses=["DONE"]).payload["reports"]
        answer = [[r["reportId"], api.get_report_document(r["reportDocumentId"], download=True, decrypt=True)
                   .payload["document"]] for r in found[:3]]
    """
    by_report = {s.report_id: s for s in world.settlements_of("amazon.US")}
    documents = do(interpreter, sandbox, work)
    assert len(documents) == 3
    for report_id, text in documents:
        rows = [line.split("\t") for line in text.splitlines()]
        amount, total = rows[0].index("amount"), rows[0].index("total-amount")
        cents = sum(round(float(row[amount]) * 100) for row in rows[2:])
        assert cents == round(float(rows[1][total]) * 100)
        assert rows[1][0] == by_report[report_id].settlement_id


def test_it_confirms_a_shipment_and_reads_orders_v0_with_a_restricted_token(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    order = place_order(world, NOW, channel="amazon.US", sku=None, quantity=1, fulfilled_by="seller")
    work = f"""
        orders = Orders(version="v0", **common)
        items = [dict(orderItemId="{order.lines[0].line_id}", quantity=1)]
        done = orders.confirm_shipment("{order.order_id}", marketplaceId=US, packageDetail=dict(
            packageReferenceId="1", carrierCode="UPS", trackingNumber="1Z9", shipDate="2026-11-20T08:00:00Z",
            orderItems=items))
        paths = [f"/orders/v0/orders/{{{{orderId}}}}{{end}}" for end in ("", "/address", "/buyerInfo", "/orderItems")]
        resources = [dict(method="GET", path=p) for p in ["/orders/v0/orders", *paths]]
        token = sp.Tokens(**common).create_restricted_data_token(restrictedResources=resources).payload
        reading = Orders(version="v0", restricted_data_token=token["restrictedDataToken"], **common)
        answer = [
            reading.get_order("{order.order_id}").payload["OrderStatus"],
            reading.get_order_address("{order.order_id}").payload["ShippingAddress"]["PostalCode"],
            reading.get_order_buyer_info("{order.order_id}").payload["AmazonOrderId"],
            len(reading.get_order_items("{order.order_id}").payload["OrderItems"]),
            len(reading.get_orders(CreatedAfter="2026-10-01T00:00:00Z", MarketplaceIds=[US]).payload["Orders"]) > 20,
        ]
    """
    address = order.buyer.address
    assert do(interpreter, sandbox, work) == ["Shipped", address.postal_code, order.order_id, 1, True]


def test_it_requests_schedules_and_cancels_reports(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        api_ = Reports(**common)
        kind = "GET_AFN_INVENTORY_DATA"
        made = api_.create_report(reportType=kind, marketplaceIds=[US]).payload["reportId"]
        answer = [api_.get_report(made).payload["processingStatus"]]
        api_.cancel_report(made)
        answer.append(api_.get_report(made).payload["processingStatus"])
        plan = api_.create_report_schedule(reportType=kind, period="P1D", marketplaceIds=[US]).payload
        answer.append(api_.get_report_schedule(plan["reportScheduleId"]).payload["period"])
        answer.append(len(api_.get_report_schedules(reportTypes=[kind]).payload["reportSchedules"]))
        api_.cancel_report_schedule(plan["reportScheduleId"])
        answer.append(len(api_.get_report_schedules(reportTypes=[kind]).payload["reportSchedules"]))
    """
    assert do(interpreter, sandbox, work) == ["IN_QUEUE", "CANCELLED", "P1D", 1, 0]


def test_it_reads_transactions_payment_methods_and_the_account(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock]
) -> None:
    work = """
        money = sp.FinancesV20240619(**common)
        page = money.list_transactions(postedAfter="2026-10-01T00:00:00Z", marketplaceId=US).payload
        transfers = sp.FinancesV20240601(**common)
        methods = transfers.get_payment_methods(marketplaceId=US).payload["paymentMethods"]
        paid = transfers.initiate_payout(marketplaceId=US, accountType="Standard Orders").payload
        answer = [len(page["transactions"]), methods[0]["paymentMethodType"], bool(paid["payoutReferenceId"]),
                  Sellers(**common).get_account().payload["sellingPlan"],
                  len(Sellers(**common).get_marketplace_participation().payload)]
    """
    assert do(interpreter, sandbox, work) == [100, "BANK_ACCOUNT", True, "PROFESSIONAL", 13]


def test_it_subscribes_to_notifications(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        notes = sp.Notifications(**common)
        arn = "arn:aws:sqs:us-east-1:123456789012:tieout"
        where = notes.create_destination(name="t", arn=arn).payload["destinationId"]
        sub = notes.create_subscription("ORDER_CHANGE", destination_id=where).payload["subscriptionId"]
        answer = [
            len(notes.get_destinations().payload),
            notes.get_destination(where).payload["resource"]["sqs"]["arn"] == arn,
            notes.get_subscription("ORDER_CHANGE").payload["subscriptionId"] == sub,
        ]
        notes.delete_notification_subscription("ORDER_CHANGE", sub)
        notes.delete_destination(where)
        try:
            notes.get_subscription("ORDER_CHANGE")
        except SellingApiException as error:
            answer.append(error.code)
    """
    assert do(interpreter, sandbox, work) == [1, True, True, 404]


def test_it_reads_and_changes_the_catalogue_and_feeds_it(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    listing = next(x for x in world.listings if x.channel == "amazon.US" and x.fulfilled_by == "seller")
    work = f"""
        listings, feeds = sp.ListingsItems(**common), sp.Feeds(**common)
        seen = listings.get_listings_item(seller_id, "{listing.sku}", marketplaceIds=[US]).payload
        patch = dict(productType="PRODUCT", patches=[dict(op="replace", path="/attributes/fulfillment_availability",
                     value=[dict(fulfillment_channel_code="DEFAULT", quantity=7)])])
        done = listings.patch_listings_item(seller_id, "{listing.sku}", marketplaceIds=[US], body=patch).payload
        item = sp.CatalogItems(version="2022-04-01", **common).get_catalog_item("{listing.asin}", marketplaceIds=[US])
        stock = sp.Inventories(**common).get_inventory_summary_marketplace(
            granularityType="Marketplace", granularityId=US, marketplaceIds=US, details=True).payload
        message = dict(messageId=1, sku="{listing.sku}", operationType="PATCH", **patch)
        feed = dict(header=dict(sellerId=seller_id, version="2.0", issueLocale="en_US"), messages=[message])
        document, sent = feeds.submit_feed("JSON_LISTINGS_FEED", BytesIO(json.dumps(feed).encode()),
                                           content_type="application/json; charset=UTF-8")
        feed_id = sent.payload["feedId"]
        answer = [seen["sku"], done["status"], item.payload["asin"], len(stock["inventorySummaries"]) > 0,
                  feeds.get_feed(feed_id).payload["processingStatus"]]
    """
    assert do(interpreter, sandbox, work) == [listing.sku, "ACCEPTED", listing.asin, True, "IN_QUEUE"]
