"""Records read back from NetSuite in the words of an intent, so that both can be compared field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from sync.records import Customer, Transaction, TransactionLine

__all__ = ["customer_words", "document_words", "journal_words", "movement_words", "sales_order_words"]

#: Our word, the SuiteQL column it is read from, and how.
_HEADER: tuple[tuple[str, str, Callable[[Transaction], object]], ...] = (
    ("external_id", "externalid", lambda t: t.external_id),
    ("other_reference", "otherrefnum", lambda t: t.other_reference),
    ("number", "tranid", lambda t: t.number),
    ("status", "status", lambda t: t.status),
    ("date", "trandate", lambda t: t.transaction_date.isoformat()),
    ("customer_id", "entity", lambda t: t.customer_id),
    ("currency", "currency", lambda t: t.currency),
    ("exchange_rate", "exchangerate", lambda t: _amount(t.exchange_rate)),
    ("total", "foreigntotal", lambda t: _amount(t.total)),
    ("memo", "memo", lambda t: t.memo),
    ("period", "postingperiod", lambda t: t.period_id),
)
_LINE: tuple[tuple[str, str, Callable[[TransactionLine], object]], ...] = (
    ("item_id", "item", lambda line: line.item_id),
    ("quantity", "quantity", lambda line: _amount(line.quantity)),
    ("rate", "rate", lambda line: _amount(line.rate)),
    ("amount", "netamount", lambda line: _amount(line.amount)),
    ("memo", "memo", lambda line: line.memo),
    ("entity_id", "entity", lambda line: line.customer_id),
    ("department_id", "department", lambda line: line.department_id),
    ("class_id", "class", lambda line: line.class_id),
    ("location_id", "location", lambda line: line.location_id),
)
#: What comes back from a customer: the mirror counts it negative, an intent names positive quantities and amounts.
_GIVEN_BACK = frozenset({"RtnAuth", "CustCred", "CashRfnd"})
_ORDER_LINE = frozenset("item_id quantity rate amount department_id class_id location_id".split())
_JOURNAL_LINE = frozenset("memo entity_id department_id class_id location_id".split())


def customer_words(customer: Customer, missing: Collection[str]) -> dict[str, Any]:
    """Return the customer; fields of columns that the account hides are left out."""
    fields = {
        "external_id": ("externalid", customer.external_id),
        "company_name": ("companyname", customer.company_name),
        "first_name": ("firstname", customer.first_name),
        "last_name": ("lastname", customer.last_name),
        "email": ("email", customer.email),
        "phone": ("phone", customer.phone),
    }
    words: dict[str, Any] = {name: value for name, (column, value) in fields.items() if column not in missing}
    return {**words, "id": customer.customer_id, "entity_id": customer.entity_id}


def document_words(
    header: Transaction,
    lines: Collection[TransactionLine],
    missing: Collection[str],
    missing_of_lines: Collection[str],
) -> dict[str, Any]:
    """Return any document with its lines of goods and the document it was made from; what came back is positive."""
    words = sales_order_words(header, lines, missing, missing_of_lines)
    sources = [line.created_from for line in lines if line.created_from]
    words["created_from"] = sources[0] if sources else None
    if header.transaction_type in _GIVEN_BACK:
        for line in words["lines"]:
            line.update({name: _turned(line[name]) for name in ("quantity", "amount") if line.get(name)})
    return words


def movement_words(
    header: Transaction,
    lines: Collection[TransactionLine],
    missing: Collection[str],
    missing_of_lines: Collection[str],
) -> dict[str, Any]:
    """Return a fulfilment or receipt with the goods that moved, as positive quantities."""
    words = document_words(header, [line for line in lines if line.is_main or line.item_id], missing, missing_of_lines)
    for line in words["lines"]:
        line["quantity"] = (line.get("quantity") or "").removeprefix("-") or None
    return words


def _turned(number: str) -> str:
    return _amount(-Decimal(number)) or number


def sales_order_words(
    header: Transaction,
    lines: Collection[TransactionLine],
    missing: Collection[str],
    missing_of_lines: Collection[str],
) -> dict[str, Any]:
    """Return the order with its lines of goods, shipping and discount."""
    goods = [line for line in lines if not line.is_main and not line.is_tax]
    return {
        **_header(header, lines, missing, missing_of_lines),
        "lines": [{"line_id": line.line_id, **_line(line, missing_of_lines, _ORDER_LINE)} for line in goods],
    }


def journal_words(
    header: Transaction,
    lines: Collection[TransactionLine],
    missing: Collection[str],
    missing_of_lines: Collection[str],
) -> dict[str, Any]:
    """Return the journal with the lines that move money, in their order."""
    posting = sorted((line for line in lines if line.account_id), key=lambda line: line.position)
    return {
        **_header(header, lines, missing, missing_of_lines),
        "lines": [
            {
                "account_id": line.account_id,
                **_sides(line),
                **_line(line, missing_of_lines, _JOURNAL_LINE),
            }
            for line in posting
        ],
    }


def _header(
    header: Transaction,
    lines: Collection[TransactionLine],
    missing: Collection[str],
    missing_of_lines: Collection[str],
) -> dict[str, Any]:
    words: dict[str, Any] = {name: read(header) for name, column, read in _HEADER if column not in missing}
    words["id"] = header.transaction_id
    if "subsidiary" not in missing_of_lines:
        # The header's own column is hidden or removed in many accounts; the lines have it.
        words["subsidiary_id"] = next((line.subsidiary_id for line in lines if line.subsidiary_id), None)
    return words


def _line(line: TransactionLine, missing: Collection[str], wanted: Collection[str]) -> Mapping[str, Any]:
    return {name: read(line) for name, column, read in _LINE if name in wanted and column not in missing}


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _sides(line: TransactionLine) -> dict[str, str | None]:
    """Return debit and credit in the journal's currency: the ledger keeps them in the subsidiary's."""
    if line.amount is None:
        return {"debit": _side(line.debit), "credit": _side(line.credit)}
    return {"debit": _side(max(line.amount, Decimal(0))), "credit": _side(max(-line.amount, Decimal(0)))}


def _side(value: Decimal | None) -> str | None:
    # The empty side of a journal line comes back as nothing or as zero.
    return _amount(value) if value else None
