"""What NetSuite has against what was sent: field by field, amounts as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = [
    "Difference",
    "compare_adjustment",
    "compare_deposit",
    "compare_document",
    "compare_fields",
    "compare_journal",
    "compare_movement",
    "compare_payment",
    "compare_refund",
    "compare_sales_order",
    "compare_taken",
]

#: `{"field": path in our words, "sent": …, "now": …}`
Difference = dict[str, Any]

_HEADER = ("external_id", "other_reference", "date", "subsidiary_id", "currency", "memo")
_ORDER_LINE = ("item_id", "quantity", "amount", "location_id", "department_id", "class_id")
_TAKEN_LINE = ("item_id", "quantity", "amount", "location_id")
_JOURNAL_LINE = ("account_id", "debit", "credit", "memo", "entity_id", "department_id", "class_id", "location_id")


def compare_fields(
    intent: Mapping[str, Any], record: Mapping[str, Any], fields: Sequence[str], prefix: str = ""
) -> list[Difference]:
    """Return the differing ones of `fields`; what was not sent, or cannot be read in this account, is left out."""
    found = []
    for name in fields:
        sent = intent.get(name)
        if sent is None or name not in record:
            continue
        if not _same(sent, record[name]):
            found.append({"field": f"{prefix}{name}", "sent": str(sent), "now": _shown(record[name])})
    return found


def compare_sales_order(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs; each sent line is looked for among the record's, whatever order those have."""
    found = compare_fields(intent, record, _HEADER)
    customer = intent.get("customer") or {}
    found += compare_fields({"customer_id": customer.get("id")}, record, ("customer_id",))
    left = list(record.get("lines", ()))
    for position, line in enumerate(intent.get("lines", ())):
        match = min(left, key=lambda other: len(compare_fields(line, other, _ORDER_LINE)), default=None)
        if match is None or not _same(line.get("item_id"), match.get("item_id")):
            found.append({"field": f"lines.{position}", "sent": _line_text(line), "now": None})
            continue
        left.remove(match)
        found += compare_fields(line, match, _ORDER_LINE, f"lines.{position}.")
    return found + _extra_lines(intent, left)


def compare_journal(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs; lines keep their order in a journal."""
    found = compare_fields(intent, record, (*_HEADER, "exchange_rate"))
    sent, now = list(intent.get("lines", ())), list(record.get("lines", ()))
    if len(sent) != len(now):
        found.append({"field": "lines", "sent": f"{len(sent)} lines", "now": f"{len(now)} lines"})
    for position, (line, other) in enumerate(zip(sent, now, strict=False)):
        found += compare_fields(line, other, _JOURNAL_LINE, f"lines.{position}.")
    return found


def compare_document(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a document that stands alone or was made from another."""
    source_lines = (*(intent.get("source_lines") or ()), *(intent.get("further_lines") or ()))
    if not intent.get("source"):
        return [*compare_sales_order(intent, record), *compare_fields(intent, record, ("exchange_rate",))]
    found = [*compare_fields(intent, record, (*_HEADER, "exchange_rate")), *_source_differs(intent, record)]
    return found + compare_taken(source_lines, record, "source_lines") if source_lines else found


def compare_movement(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a fulfilment or receipt: its source, and which goods moved from or to where."""
    found = [*compare_fields(intent, record, _HEADER), *_source_differs(intent, record)]
    return found + compare_taken(intent.get("lines", ()), record, "lines")


def compare_adjustment(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a stock adjustment; its lines keep their order."""
    found = compare_fields(intent, record, _HEADER)
    return found + compare_taken(intent.get("lines", ()), record, "lines")


def compare_payment(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a payment."""
    amount = {"total": intent.get("amount")}
    return [*compare_fields(intent, record, _HEADER), *compare_fields(amount, record, ("total",))]


def compare_refund(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a customer refund: its total is what it was applied to."""
    amounts = [Decimal(str(one["amount"])) for one in intent.get("applies_to", ())]
    customer = {"customer_id": (intent.get("customer") or {}).get("id"), "total": str(sum(amounts, Decimal(0)))}
    return [*compare_fields(intent, record, _HEADER), *compare_fields(customer, record, ("customer_id", "total"))]


def compare_deposit(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in a deposit: its total is the payout."""
    return compare_fields(intent, record, (*_HEADER, "exchange_rate", "total"))


def _source_differs(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    wanted = (intent.get("source") or {}).get("id")
    return compare_fields({"source.id": wanted}, {"source.id": record.get("created_from")}, ("source.id",))


def compare_taken(lines: Sequence[Mapping[str, Any]], record: Mapping[str, Any], name: str) -> list[Difference]:
    """Return what differs in lines taken over: each is looked for by item, else by quantity; more lines are told."""
    found: list[Difference] = []
    left = [line for line in record.get("lines", ()) if line.get("item_id")]
    for position, line in enumerate(lines):
        fitting = [o for o in left if line.get("item_id") is None or _same(line["item_id"], o.get("item_id"))]
        match = min(fitting, key=lambda other: len(compare_fields(line, other, _TAKEN_LINE)), default=None)
        if match is None:
            found.append({"field": f"{name}.{position}", "sent": _line_text(line), "now": None})
            continue
        left.remove(match)
        found += compare_fields(line, match, _TAKEN_LINE, f"{name}.{position}.")
    return found + [{"field": name, "sent": None, "now": _line_text(line)} for line in left if line.get("quantity")]


def _extra_lines(intent: Mapping[str, Any], left: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Return lines nobody sent; shipping and discount, sent in the header, come back as lines and are no surprise."""
    expected = [_number(intent.get("shipping_cost")), _negative(_number(intent.get("discount_amount")))]
    found = []
    for line in left:
        amount = _number(line.get("amount"))
        if amount is not None and amount in expected:
            expected.remove(amount)
        elif amount:
            found.append({"field": "lines", "sent": None, "now": _line_text(line)})
    return found


def _same(sent: object, now: object) -> bool:
    left, right = _number(sent), _number(now)
    if left is not None and right is not None:
        return left == right
    return str(sent) == ("" if now is None else str(now))


def _number(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _negative(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _line_text(line: Mapping[str, Any]) -> str:
    return f"item {line.get('item_id')} × {line.get('quantity')} = {line.get('amount')}"
