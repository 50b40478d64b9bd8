"""Every operation that this stand-in serves, with what the gateway must know of it."""

from __future__ import annotations

from sync.sandbox.walmart import report_requests, seller_settings, webhooks
from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.feeds import api as feeds
from sync.sandbox.walmart.front.gateway import Operation
from sync.sandbox.walmart.front.wire import OCTETS, Answer, json_answer
from sync.sandbox.walmart.fulfilment import inventory, returns, wfs_inventory
from sync.sandbox.walmart.offers import items, prices, simulated_items
from sync.sandbox.walmart.orders import api as orders
from sync.sandbox.walmart.orders import simulations
from sync.sandbox.walmart.settlements import api as reports

__all__ = ["OPERATIONS"]

_FORM, _JSON, _PARTS = "application/x-www-form-urlencoded", ("application/json",), "multipart/form-data"
_RECON, _REQUESTS = "/v3/report/reconreport", "/v3/reports/reportRequests"
_HOOKS = "/v3/webhooks/subscriptions"


def _token(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/token`."""
    return json_answer(account.tokens.issue(call.headers, call.body.decode("latin-1")))


def _token_detail(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/token/detail`."""
    return json_answer(account.tokens.detail(call.headers["wm_sec.access_token"]))


_LOGIN = (
    Operation("token", "POST", "/v3/token", _token, takes=(_FORM,), needs_token=False),
    Operation("tokenDetail", "GET", "/v3/token/detail", _token_detail),
)

_ORDERS = (
    Operation("getOrders", "GET", "/v3/orders", orders.list_orders),
    Operation("getReleasedOrders", "GET", "/v3/orders/released", orders.list_released),
    Operation("getOrder", "GET", "/v3/orders/{po}", orders.get_order),
    Operation("acknowledge", "POST", "/v3/orders/{po}/acknowledge", orders.acknowledge),
    Operation("shipping", "POST", "/v3/orders/{po}/shipping", orders.ship, takes=_JSON),
    Operation("cancel", "POST", "/v3/orders/{po}/cancel", orders.cancel, takes=_JSON),
    Operation("refund", "POST", "/v3/orders/{po}/refund", orders.refund, takes=_JSON),
    Operation("getReturns", "GET", "/v3/returns", returns.list_returns),
    Operation("refundReturn", "POST", "/v3/returns/{returnOrderId}/refund", returns.refund_return, takes=_JSON),
)

_OFFERS = (
    Operation("getInventory", "GET", "/v3/inventory", inventory.get_inventory),
    Operation("putInventory", "PUT", "/v3/inventory", inventory.put_inventory, takes=_JSON),
    Operation("getInventories", "GET", "/v3/inventories", inventory.list_inventories),
    Operation("getNodeInventory", "GET", "/v3/inventories/{sku}", inventory.get_node_inventory),
    Operation("putNodeInventory", "PUT", "/v3/inventories/{sku}", inventory.put_node_inventory, takes=_JSON),
    Operation("getWfsInventoryLegacy", "GET", "/v3/fulfillment/inventory", wfs_inventory.wfs_inventory_legacy),
    Operation("getWfsInventory", "GET", "/v3/wfs/inventory", wfs_inventory.wfs_inventory),
    Operation("putPrice", "PUT", "/v3/price", prices.put_price, takes=_JSON),
    Operation(
        "postPrice", "POST", "/v3/price", prices.post_price, takes=_JSON, needs=("WM_MARKET", "WM_GLOBAL_VERSION")
    ),
    Operation("getPromo", "GET", "/v3/promo/sku/{sku}", prices.get_promotions),
    Operation("getItems", "GET", "/v3/items", items.list_items, envelopes={400: "E4"}, bucket_of=items.list_bucket),
    Operation("countItems", "GET", "/v3/items/count", items.count_items, envelopes={400: "E4"}),
    Operation("getItem", "GET", "/v3/items/{id}", items.get_item, envelopes={400: "E4"}, bucket_of=items.item_bucket),
    Operation("retireItem", "DELETE", "/v3/items/{id}", items.retire_item, envelopes={400: "E4"}),
    Operation(
        "submitFeed",
        "POST",
        "/v3/feeds",
        feeds.submit_feed,
        takes=(_JSON[0], _PARTS),
        envelopes={415: "E3", 422: "E3"},
        bucket_of=feeds.submit_bucket,
    ),
    Operation("feedStatus", "GET", "/v3/feeds", feeds.list_feeds),
    Operation("feedStatus", "GET", "/v3/feeds/{feedId}", feeds.feed_status),
    Operation("feedErrorReport", "GET", "/v3/feeds/{feedId}/errorReport", feeds.feed_error_report, media=OCTETS),
    Operation("lagtime", "GET", "/v3/lagtime", seller_settings.lag_time),
)

_REPORTS = (
    Operation("availableReconFiles", "GET", f"{_RECON}/availableReconFiles", reports.available_recon_files),
    Operation("reconFile", "GET", f"{_RECON}/reconFile", reports.recon_file, media=OCTETS, xml_400=True),
    Operation("reconFileJson", "GET", f"{_RECON}/reconFileJson", reports.recon_file_json),
    Operation("paymentStatement", "GET", "/v3/report/payment/statement", reports.payment_statement),
    Operation(
        "createReportRequest", "POST", _REQUESTS, report_requests.create_report, takes=_JSON, envelopes={400: "E5"}
    ),
    Operation("listReportRequests", "GET", _REQUESTS, report_requests.list_requests),
    Operation("reportRequestStatus", "GET", f"{_REQUESTS}/{{requestId}}", report_requests.request_status),
    Operation("downloadReport", "GET", "/v3/reports/downloadReport", report_requests.download_address),
    Operation(
        "reportFile",
        "GET",
        "/report-files/{name}",
        report_requests.report_file,
        media="",
        needs_token=False,
        needs_correlation=False,
        needs_service=False,
    ),
    Operation("shipnodes", "GET", "/v3/settings/shipping/shipnodes", seller_settings.ship_nodes),
    Operation("partnerprofile", "GET", "/v3/settings/partnerprofile", seller_settings.partner_profile),
    Operation("listSubscriptions", "GET", _HOOKS, webhooks.list_subscriptions),
    Operation("createSubscription", "POST", _HOOKS, webhooks.create_subscriptions, takes=_JSON),
    Operation("updateSubscription", "PATCH", f"{_HOOKS}/{{subscriptionId}}", webhooks.update_subscription, takes=_JSON),
    Operation("deleteSubscription", "DELETE", f"{_HOOKS}/{{subscriptionId}}", webhooks.delete_subscription),
    Operation("testSubscription", "POST", "/v3/webhooks/test", webhooks.check_url, takes=_JSON),
    Operation("eventTypes", "GET", "/v3/webhooks/eventTypes", webhooks.event_types),
)

_S = "/v1/simulations"
_VERSION = ("WM_SVC.VERSION",)
_SIMULATIONS = tuple(
    Operation(name, method, path, handler, takes=takes, needs=needs, needs_correlation=False)
    for name, method, path, handler, takes, needs in (
        ("simulateOrder", "POST", f"{_S}/orders", simulations.place_order, _JSON, ()),
        ("simulateDelivery", "POST", f"{_S}/orders/{{po}}/deliver", simulations.deliver, _JSON, ()),
        ("simulateItems", "POST", f"{_S}/items", simulated_items.create_items, _JSON, ()),
        ("simulateItems", "GET", f"{_S}/items", simulated_items.list_items, (), ()),
        ("simulateItems", "GET", f"{_S}/items/{{sku}}", simulated_items.get_item, (), ()),
        ("simulateItems", "PUT", f"{_S}/items/{{sku}}", simulated_items.update_item, _JSON, ()),
        ("simulateReturns", "POST", f"{_S}/returns", simulated_items.create_return, _JSON, _VERSION),
        ("simulateReturns", "PUT", f"{_S}/returns", simulated_items.update_return, _JSON, _VERSION),
    )
)

OPERATIONS = _LOGIN + _ORDERS + _OFFERS + _REPORTS + _SIMULATIONS
