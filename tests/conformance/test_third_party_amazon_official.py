"""Amazon's own client, PyPI amzn-sp-api (Apache-2.0, generated from the models), unmodified, against the sandbox.

It builds typed objects from every answer and raises on any status that is not 2xx.
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

VERSION = "amzn-sp-api==1.13.0"
FRAME = """
import json, sys
from types import SimpleNamespace
import spapi
from spapi import SPAPIConfig, SPAPIClient, ApiException
api, auth, client_id, secret, refresh, seller_id = sys.argv[1:7]
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"

def client(**more):
    own = dict(client_id=client_id, client_secret=secret, region="NA", **(more or dict(refresh_token=refresh)))
    return SPAPIClient(SPAPIConfig(**own), oauth_endpoint=auth + "/auth/o2/token", endpoint=api).api_client

def refused(call):
    try:
        call()
    except ApiException as error:
        return error.status
    return None

own = client()
{work}
print(json.dumps(answer, default=str))
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


def do(interpreter: Path, sandbox: tuple[str, str, SandboxClock], work: str) -> Any:
    return ask(interpreter, FRAME, sandbox[:2], work)


def test_refusals_of_every_kind_are_errors_to_it(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        reports, orders = spapi.ReportsApi(own), spapi.GetOrderApi(own)
        v2 = dict(report_type="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", marketplace_ids=[US])
        answer = [
            refused(lambda: reports.create_report(v2)),
            refused(lambda: reports.get_report("1")),
            refused(lambda: orders.get_order("111-1111111-1111111")),
            refused(lambda: spapi.FinancesV2024Api(own).list_transactions()),
            refused(lambda: spapi.NotificationsApi(own).get_destinations()),
        ]
    """
    assert do(interpreter, sandbox, work) == [400, 404, 404, 400, 403]


def test_it_reads_orders_and_confirms_a_shipment(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    order = place_order(world, NOW, channel="amazon.US", sku=None, quantity=1, fulfilled_by="seller")
    work = f"""
        page = spapi.SearchOrdersApi(own).search_orders(
            created_after="2026-07-01T00:00:00Z", included_data=["BUYER", "PROCEEDS", "FULFILLMENT"])
        body = dict(marketplaceId=US, packageDetail=dict(
            packageReferenceId="1", carrierCode="UPS", trackingNumber="1Z9", shipDate="2026-11-20T08:00:00Z",
            orderItems=[dict(orderItemId="{order.lines[0].line_id}", quantity=1)]))
        before = spapi.GetOrderApi(own).get_order("{order.order_id}", included_data=["FULFILLMENT"])
        spapi.OrdersV0Api(own).confirm_shipment("{order.order_id}", body)
        after = spapi.GetOrderApi(own).get_order("{order.order_id}", included_data=["FULFILLMENT", "PACKAGES"]).order
        answer = [len(page.orders), before.order.fulfillment.fulfillment_status,
                  after.fulfillment.fulfillment_status, after.packages[0].tracking_number]
    """
    assert do(interpreter, sandbox, work) == [100, "UNSHIPPED", "SHIPPED", "1Z9"]


def test_it_reads_orders_v0_with_a_restricted_token(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    order = next(o for o in world.orders("amazon.US") if o.status_at(NOW) == "delivered")
    work = f"""
        paths = ["", "/address", "/buyerInfo", "/orderItems", "/orderItems/buyerInfo"]
        resources = [dict(method="GET", path="/orders/v0/orders/{{orderId}}" + p) for p in paths]
        token = spapi.TokensApi(own).create_restricted_data_token(dict(restrictedResources=resources))
        v0 = spapi.OrdersV0Api(own)
        bearer = client()
        bearer.configuration.access_token_cache = SimpleNamespace(
            get_lwa_access_token=lambda: token.restricted_data_token)
        restricted = spapi.OrdersV0Api(bearer)
        opened = restricted.get_order_address("{order.order_id}")
        items = restricted.get_order_items("{order.order_id}")
        answer = [refused(lambda: v0.get_order_address("{order.order_id}")),
                  refused(lambda: spapi.SellersApi(bearer).get_account())]
        restricted.get_order("{order.order_id}")
        restricted.get_order_buyer_info("{order.order_id}")
        restricted.get_order_items_buyer_info("{order.order_id}")
        answer += [opened.payload.shipping_address.postal_code, len(items.payload.order_items)]
    """
    assert do(interpreter, sandbox, work) == [403, 403, order.buyer.address.postal_code, len(order.lines)]


def test_it_follows_reports_and_schedules(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        reports = spapi.ReportsApi(own)
        listed = reports.get_reports(report_types=["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"], page_size=3)
        more = reports.get_reports(next_token=listed.next_token)
        one = reports.get_report(listed.reports[0].report_id)
        document = reports.get_report_document(one.report_document_id)
        made = reports.create_report(dict(reportType="GET_AFN_INVENTORY_DATA", marketplaceIds=[US]))
        reports.cancel_report(made.report_id)
        schedule = reports.create_report_schedule(
            dict(reportType="GET_AFN_INVENTORY_DATA", marketplaceIds=[US], period="P1D"))
        every = reports.get_report_schedules(["GET_AFN_INVENTORY_DATA"]).report_schedules
        period = reports.get_report_schedule(schedule.report_schedule_id).period
        reports.cancel_report_schedule(schedule.report_schedule_id)
        answer = [len(listed.reports), len(more.reports), document.url.startswith(api),
                  reports.get_report(made.report_id).processing_status, len(every), period]
    """
    assert do(interpreter, sandbox, work) == [3, 3, True, "CANCELLED", 1, "P1D"]


def test_it_reads_all_the_money(interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World) -> None:
    settlement = world.settlements_of("amazon.US")[-1]
    work = f"""
        finances, transfers = spapi.FinancesV2024Api(own), spapi.TransfersApi(own)
        page = finances.list_transactions(posted_after="2026-10-01T00:00:00Z", marketplace_id=US).payload
        rest = finances.list_transactions(
            posted_after="2026-10-01T00:00:00Z", marketplace_id=US, next_token=page.next_token).payload
        summary = finances.list_summary(
            related_identifier_name="SETTLEMENT_ID", related_identifier_value="{settlement.settlement_id}").summaries[0]
        balances = finances.list_balances(marketplace_ids=[US]).balances
        payouts = transfers.list_payouts(marketplace_ids=[US]).payouts
        paid = [p.amount.currency_amount for p in payouts
                if p.related_identifiers[0].related_identifier_value == "{settlement.settlement_id}"]
        expected = transfers.list_expected_payouts(marketplace_ids=[US]).expected_payouts
        methods = transfers.get_payment_methods(US).payment_methods
        out = transfers.initiate_payout(dict(marketplaceId=US, accountType="Standard Orders"))
        answer = [len(page.transactions), bool(rest.transactions), summary.net_proceeds.currency_amount, paid,
                  balances[0].balance_type, expected[0].status, methods[0].payment_method_type,
                  bool(out.payout_reference_id)]
    """
    total = float(settlement.total)
    assert do(interpreter, sandbox, work) == [
        100, True, total, [total], "TOTAL", "SCHEDULED", "BANK_ACCOUNT", True,
    ]  # fmt: skip


def test_it_reads_the_seller(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        sellers = spapi.SellersApi(own)
        account = sellers.get_account().payload
        answer = [len(sellers.get_marketplace_participations().payload), account.business.name,
                  len(account.marketplace_participation_list)]
    """
    assert do(interpreter, sandbox, work) == [13, "Acme Goods Inc.", 13]


def test_it_subscribes_to_notifications(interpreter: Path, sandbox: tuple[str, str, SandboxClock]) -> None:
    work = """
        grantless = spapi.NotificationsApi(client(scope="sellingpartnerapi::notifications"))
        notes = spapi.NotificationsApi(own)
        arn = "arn:aws:sqs:us-east-1:123456789012:tieout"
        made = grantless.create_destination(dict(name="t", resourceSpecification=dict(sqs=dict(arn=arn)))).payload
        where = made.destination_id
        sub = notes.create_subscription("ORDER_CHANGE", dict(payloadVersion="1.0", destinationId=where)).payload
        notes.send_test_notification("ORDER_CHANGE", dict(testNotification=dict(payloadVersion="1.0")))
        import urllib.request
        answer = [
            len(grantless.get_destinations().payload),
            grantless.get_destination(where).payload.resource.sqs.arn == arn,
            notes.get_subscription("ORDER_CHANGE").payload.subscription_id == sub.subscription_id,
            len(notes.get_subscriptions(["ORDER_CHANGE"]).payload.subscriptions),
            grantless.get_subscription_by_id(sub.subscription_id, "ORDER_CHANGE").payload.payload_version,
            len(json.load(urllib.request.urlopen(f"{api}/queue/{where}"))["messages"]),
        ]
        grantless.delete_subscription_by_id(sub.subscription_id, "ORDER_CHANGE")
        grantless.delete_destination(where)
        answer.append(len(grantless.get_destinations().payload or []))
    """
    assert do(interpreter, sandbox, work) == [1, True, True, 1, "1.0", 1, 0]


def test_it_reads_and_changes_the_catalogue(
    interpreter: Path, sandbox: tuple[str, str, SandboxClock], world: World
) -> None:
    listing = next(x for x in world.listings if x.channel == "amazon.US" and x.fulfilled_by == "seller")
    work = f"""
        listings, feeds = spapi.ListingsApi(own), spapi.FeedsApi(own)
        seen = listings.get_listings_item(seller_id, "{listing.sku}", [US], included_data=["summaries", "offers"])
        patch = dict(productType="PRODUCT", patches=[dict(op="replace", path="/attributes/fulfillment_availability",
                     value=[dict(fulfillment_channel_code="DEFAULT", quantity=7)])])
        done = listings.patch_listings_item(seller_id, "{listing.sku}", [US], patch)
        found = listings.search_listings_items(seller_id, [US])
        item = spapi.CatalogApi(own).get_catalog_item("{listing.asin}", [US], included_data=["summaries"])
        stock = spapi.FbaInventoryApi(own).get_inventory_summaries("Marketplace", US, [US], details=True)
        types = spapi.DefinitionsApi(own).search_definitions_product_types([US])
        made = feeds.create_feed_document(dict(contentType="application/json; charset=UTF-8"))
        answer = [seen.sku, done.status, len(found.items) > 0, item.asin,
                  len(stock.payload.inventory_summaries) > 0, len(types.product_types) > 0, made.url.startswith(api)]
    """
    assert do(interpreter, sandbox, work) == [listing.sku, "ACCEPTED", True, listing.asin, True, True, True]
