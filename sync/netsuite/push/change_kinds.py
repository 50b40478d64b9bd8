"""Kinds of changes: orders, items, customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.netsuite.bodies import (
    close_lines_body,
    customer_changes_body,
    item_changes_body,
    item_record,
    sales_order_changes_body,
)
from sync.netsuite.intents import (
    CloseLinesIntent,
    CustomerUpdateIntent,
    Intent,
    ItemUpdateIntent,
    SalesOrderUpdateIntent,
)
from sync.netsuite.push.changing import Change

__all__ = ["CLOSE_LINES", "CLOSE_RETURN_LINES", "CUSTOMER_CHANGE", "ITEM_CHANGE", "ORDER_CHANGE"]


def _given(model: Intent, *without: str) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude=set(without))


def _wanted_order(intent: SalesOrderUpdateIntent) -> Mapping[str, Any]:
    wanted = _given(intent, "id", "believed", "lines", "replace_lines", "address", "taxes")
    wanted |= {f"tax.{t.position}": str(t.amount) for t in intent.taxes}
    if intent.address is not None:
        wanted |= {f"address.{name}": value for name, value in _given(intent.address).items()}
    if intent.lines:
        wanted["lines"] = {line.line_id: _given(line, "line_id") for line in intent.lines}
    if intent.replace_lines:
        wanted["all_lines"] = [_given(line) for line in intent.replace_lines]
    return wanted


ORDER_CHANGE = Change(
    "sales_order.update",
    SalesOrderUpdateIntent,
    lambda i: "salesOrder",
    sales_order_changes_body,
    _wanted_order,
    lambda i: (*(("item",) if i.replace_lines else ()), *(("taxDetails",) if i.taxes else ())),
)
CLOSE_LINES = Change(
    "sales_order.close_lines",
    CloseLinesIntent,
    lambda i: "salesOrder",
    close_lines_body,
    lambda i: {"lines": {line: {"closed": True} for line in i.line_ids}},
    lambda i: (),
)

CLOSE_RETURN_LINES = Change(
    "return_authorization.close_lines",
    CloseLinesIntent,
    lambda i: "returnAuthorization",
    close_lines_body,
    lambda i: {"lines": {line: {"closed": True} for line in i.line_ids}},
    lambda i: (),
)


def _wanted_customer(intent: CustomerUpdateIntent) -> Mapping[str, Any]:
    added = {"address_added": _given(intent.add_address)} if intent.add_address is not None else {}
    return {**_given(intent.set), **added}


CUSTOMER_CHANGE = Change(
    "customer.update",
    CustomerUpdateIntent,
    lambda i: "customer",
    customer_changes_body,
    _wanted_customer,
    lambda i: (),
)
ITEM_CHANGE = Change(
    "item.update",
    ItemUpdateIntent,
    lambda i: item_record(i.item_type),
    item_changes_body,
    lambda i: _given(i.set),
    lambda i: (),
)
