"""The operations of the Walmart Marketplace API that we use, as calls; pure, so that they can be held to the models.

Source: Walmart's OpenAPI documents "Order Management" and "Payment Reports" (US). Dates of order filters have no
milliseconds: they are refused. A `nextCursor` is a whole query string and goes back byte for byte.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sync.transport import Call, path_segment

__all__ = [
    "acknowledge_call",
    "next_orders_call",
    "order_call",
    "orders_call",
    "recon_dates_call",
    "recon_file_call",
    "wire_time",
]

_ORDERS = "/v3/orders"
_RECON = "/v3/report/reconreport"


def wire_time(moment: datetime) -> str:
    """Return a time as the order filters take it: UTC, whole seconds (rounded down)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def orders_call(
    *, ship_node: str, modified_from: datetime, modified_to: datetime, created_from: datetime, page_size: int = 200
) -> Call:
    """Return the first page of orders modified in a window.

    `ship_node` is SellerFulfilled or WFSFulfilled. The creation window must be sent too: left out, it is the last
    seven days, and an older order that changes now would be missing.
    """
    query = [
        ("lastModifiedStartDate", wire_time(modified_from)),
        ("lastModifiedEndDate", wire_time(modified_to)),
        ("createdStartDate", wire_time(created_from)),
        ("createdEndDate", wire_time(modified_to)),
        ("shipNodeType", ship_node),
        ("replacementInfo", "true"),
        ("limit", str(page_size)),
    ]
    return Call("getAllOrders", "GET", _ORDERS, query=query)


def next_orders_call(cursor: str) -> Call:
    """Return the next page for `nextCursor`, which is sent as it came, without a second question mark.

    Raises:
        ValueError: if the cursor holds spaces or control characters.
    """
    return Call("getAllOrders", "GET", _ORDERS, raw_query=cursor.removeprefix("?"))


def order_call(order_id: str) -> Call:
    """Return one order by its purchase order id."""
    return Call("getAnOrder", "GET", f"{_ORDERS}/{path_segment(order_id)}", query=[("replacementInfo", "true")])


def acknowledge_call(order_id: str) -> Call:
    """Return the acknowledgement of a whole order; it has no body and must not be repeated blindly."""
    return Call("acknowledgeOrders", "POST", f"{_ORDERS}/{path_segment(order_id)}/acknowledge", safe=False)


def recon_dates_call() -> Call:
    """Return the list of days that have a reconciliation report."""
    return Call("getAvailableReconFiles", "GET", f"{_RECON}/availableReconFiles", query=[("reportVersion", "v1")])


def recon_file_call(day: date) -> Call:
    """Return the report of one day as a ZIP; any other `Accept` is refused or answered with an error in a 200."""
    query = [("reportDate", day.strftime("%m%d%Y")), ("reportVersion", "v1")]
    return Call("getReconFile", "GET", f"{_RECON}/reconFile", query=query, accept="application/octet-stream")
