"""The operations of the Walmart Marketplace API that we use, as calls; pure, so that they can be held to the models.

Source: Walmart's OpenAPI documents "Order Management" and "Payment Reports" (US). Dates of order filters have no
milliseconds: they are refused. A `nextCursor` is a whole query string and goes back byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sync.transport import Call, path_segment

__all__ = [
    "acknowledge_call",
    "cancel_call",
    "next_orders_call",
    "next_returns_call",
    "order_call",
    "orders_call",
    "recon_dates_call",
    "recon_file_call",
    "recon_rows_call",
    "refund_call",
    "return_call",
    "return_refund_call",
    "returns_call",
    "ship_call",
    "statement_call",
    "wire_time",
]

_ORDERS, _RETURNS = "/v3/orders", "/v3/returns"
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


def ship_call(order_id: str, body: Mapping[str, object]) -> Call:
    """Return the confirmation that lines of an order left; what was confirmed once is refused the second time."""
    return _change("shipOrders", order_id, "shipping", body)


def cancel_call(order_id: str, body: Mapping[str, object]) -> Call:
    """Return the cancellation of lines that have not left."""
    return _change("cancelOrders", order_id, "cancel", body)


def refund_call(order_id: str, body: Mapping[str, object]) -> Call:
    """Return a refund of lines that have left; repeated, it gives the money twice."""
    return _change("refundOrders", order_id, "refund", body)


def _change(operation: str, order_id: str, verb: str, body: Mapping[str, object]) -> Call:
    return Call(operation, "POST", f"{_ORDERS}/{path_segment(order_id)}/{verb}", json=body, safe=False)


def returns_call(
    *, modified_from: datetime, modified_to: datetime, by_walmart: bool = False, page_size: int = 200
) -> Call:
    """Return the first page of returns modified in a window; both ends must be sent or the call is refused.

    `by_walmart` asks for what Walmart's own fulfilment sent, else only what the seller sent comes.
    """
    query = [
        ("returnLastModifiedStartDate", wire_time(modified_from)),
        ("returnLastModifiedEndDate", wire_time(modified_to)),
        ("isWFSEnabled", "Y" if by_walmart else "N"),
        ("replacementInfo", "true"),
        ("limit", str(page_size)),
    ]
    return Call("getReturns", "GET", _RETURNS, query=query)


def next_returns_call(cursor: str) -> Call:
    """Return the next page of returns; parameters of a cursor that were read and sent anew are ignored.

    Raises:
        ValueError: if the cursor holds spaces or control characters.
    """
    return Call("getReturns", "GET", _RETURNS, raw_query=cursor.removeprefix("?"))


def return_call(return_id: str) -> Call:
    """Return one return by its id, as a list of one."""
    return Call("getReturns", "GET", _RETURNS, query=[("returnOrderId", return_id), ("replacementInfo", "true")])


def return_refund_call(return_id: str, body: Mapping[str, object]) -> Call:
    """Return the refund of what came back in one return."""
    return Call("issueRefund", "POST", f"{_RETURNS}/{path_segment(return_id)}/refund", json=body, safe=False)


def recon_dates_call() -> Call:
    """Return the list of days that have a reconciliation report."""
    return Call("getAvailableReconFiles", "GET", f"{_RECON}/availableReconFiles", query=[("reportVersion", "v1")])


def recon_file_call(day: date) -> Call:
    """Return the report of one day as a ZIP; any other `Accept` is refused or answered with an error in a 200."""
    query = [("reportDate", day.strftime("%m%d%Y")), ("reportVersion", "v1")]
    return Call("getReconFile", "GET", f"{_RECON}/reconFile", query=query, accept="application/octet-stream")


def recon_rows_call(day: date, offset: int, count: int = 1000) -> Call:
    """Return rows of the report of one day as JSON, from a byte offset of the file that the last answer named."""
    query = [("reportDate", day.strftime("%m%d%Y")), ("offset", str(offset)), ("noOfRecords", str(count))]
    return Call("getReconFileJson", "GET", f"{_RECON}/reconFileJson", query=query)


def statement_call() -> Call:
    """Return the payment statement of the cycle that is open now."""
    return Call("getPaymentStatement", "GET", "/v3/report/payment/statement")
