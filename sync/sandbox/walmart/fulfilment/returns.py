"""The return operations (OpenAPI of returns management, 2026-09): list with a raw cursor, refund."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.refusals import RETURNS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.fulfilment.return_book import ReturnOrder
from sync.sandbox.walmart.fulfilment.return_json import write_return
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.orders.lifecycle import LineRefused

__all__ = ["list_returns", "refund_return"]

DEFAULT_LIMIT, MOST_RETURNS = 10, 200
SELLER = "151"
_PAIRS = (
    ("returnCreationStartDate", "returnCreationEndDate"),
    ("returnLastModifiedStartDate", "returnLastModifiedEndDate"),
)
_CHOICES = {
    "status": ("INITIATED", "DELIVERED", "COMPLETED"),
    "returnType": ("PREORDER", "REPLACEMENT", "REFUND"),
    "isWFSEnabled": ("Y", "N"),
    "replacementInfo": ("true", "false"),
}
_TEXTS = ("returnOrderId", "customerOrderId")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)?)?")
_KINDS = {"return": "REFUND", "keep it": "REFUND", "replacement": "REPLACEMENT"}


def list_returns(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/returns`: newest first; the cursor counts only byte for byte, else the first page comes again."""
    raw = call.query.lstrip("?")
    values = query_values(raw)
    limit, offset = whole(values, "limit", DEFAULT_LIMIT, 1, MOST_RETURNS, RETURNS), _offset(values)
    filters = {name: values[name] for name in (*_TEXTS, *_CHOICES, *_PAIRS[0], *_PAIRS[1]) if values.get(name)}
    windows = _windows(filters)
    if raw != _cursor(limit, offset, filters)[1:] or call.struck_by("page_repeated", "W08"):
        offset = 0
    found = [made for made in account.returns.newest_first() if _is_wanted(made, filters, windows)]
    page = found[offset : offset + limit]
    meta: dict[str, object] = {"totalCount": len(found), "limit": limit}
    if offset + limit < len(found):
        meta["nextCursor"] = _cursor(limit, offset + limit, filters)
    wants = filters.get("replacementInfo") == "true"
    return json_answer({"meta": meta, "returnOrders": [write_return(made, replacement_info=wants) for made in page]})


def _cursor(limit: int, offset: int, filters: Mapping[str, str]) -> str:
    """Return a complete query string; colons stay bare, so that writing it again changes it."""
    kept = "".join(f"&{name}={quote(text, safe=':')}" for name, text in filters.items())
    return f"?sellerId={SELLER}&limit={limit}&offset={offset}{kept}"


def _windows(filters: Mapping[str, str]) -> list[tuple[datetime, datetime] | None]:
    for name, allowed in _CHOICES.items():
        if name in filters and filters[name] not in allowed:
            raise _bad(f"Invalid {name} value", name)
    found: list[tuple[datetime, datetime] | None] = []
    for start, end in _PAIRS:
        if (start in filters) != (end in filters):
            raise _bad(f"{start} and {end} must both be given", end if start in filters else start)
        if start not in filters:
            found.append(None)
            continue
        window = _moment(filters[start], start), _moment(filters[end], end)
        if window[0] > window[1]:
            raise _bad(f"{start} is after {end}", start)
        if len(filters[end]) == 10:
            window = window[0], window[1] + timedelta(days=1, milliseconds=-1)
        found.append(window)
    return found


def _moment(text: str, name: str) -> datetime:
    # An offset whose plus sign was not written as %2B arrives as a blank.
    if not _DATE.fullmatch(text):
        raise _bad(f"{name} is not an ISO 8601 date or time (an offset is written %2B0000)", name)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_wanted(made: ReturnOrder, filters: Mapping[str, str], windows: list[tuple[datetime, datetime] | None]) -> bool:
    facts = {
        "returnOrderId": made.return_id,
        "customerOrderId": made.order.alternate_id or made.order.order_id,
        "status": made.status,
        "returnType": _KINDS[made.back.kind],
        "isWFSEnabled": "Y" if made.by_walmart else "N",
    }
    if any(filters.get(name, fact) != fact for name, fact in facts.items()):
        return False
    moments = (made.back.requested_at, made.changed_at)
    return all(w is None or w[0] <= at <= w[1] for w, at in zip(windows, moments, strict=True))


def refund_return(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/returns/{returnOrderId}/refund`: money for units of the return, the request's words again."""
    made = account.returns.get(call.parameters["returnOrderId"])
    if made is None:
        raise Refused(404, "CONTENT_NOT_FOUND", "The return order was not found", "returnOrderId", RETURNS)
    body = read_json(call.body, RETURNS)
    customer_order = made.order.alternate_id or made.order.order_id
    if body.get("customerOrderId") != customer_order:
        raise _refused("customerOrderId is not that of the return", "customerOrderId")
    units = _units(body)
    if call.struck_by("W39") or made.by_walmart:
        raise _refused("WFS returns are view only; the refund is issued by Walmart", "returnOrderId")
    if made.exception is not None:
        raise _refused(f"Items of category {made.exception} are refunded through the order", "returnOrderLineNumber")
    if made.back.kind == "replacement":
        raise _refused("A replacement return is not refunded", "returnOrderId")
    try:
        account.returns.refund(made, units)
    except LineRefused as refused:
        raise _refused(str(refused), "refundLines") from None
    return json_answer(
        {"returnOrderId": made.return_id, "customerOrderId": customer_order, "refundLines": body["refundLines"]}
    )


def _units(body: Mapping[str, object]) -> int:
    """Return the units of the return's one line."""
    rows = body.get("refundLines")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _refused("refundLines must be a list of at least one object", "refundLines")
    total = 0
    for row in rows:
        if row.get("returnOrderLineNumber") != 1:
            raise _refused("returnOrderLineNumber is not a line of the return", "returnOrderLineNumber")
        quantity = row.get("quantity")
        value = quantity.get("measurementValue") if isinstance(quantity, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 1:
            raise _refused("measurementValue must be a whole number above zero", "measurementValue")
        total += int(value)
    return total


def _offset(values: Mapping[str, str]) -> int:
    text = values.get("offset", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_PARAM", text, name, RETURNS)


def _refused(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, name, RETURNS)
