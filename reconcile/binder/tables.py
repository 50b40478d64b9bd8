"""What a close holds, as tables: the same rows for the Parquet files, the workbook and the proof."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from reconcile.close import Content
from reconcile.close.erp import posted_of

__all__ = ["Cell", "Column", "ColumnKind", "Table", "tables_of"]

ColumnKind = Literal["text", "int", "amount", "date", "time", "flag"]
Cell = str | int | Decimal | date | datetime | bool | None

#: By name; what is not here is text, rates too: they have as many digits as they need.
_KINDS: Mapping[str, ColumnKind] = {
    **dict.fromkeys(
        "total sum amount debit credit debits credits opening activity payout closing break_amount".split(), "amount"
    ),
    **dict.fromkeys("lines line position line_count decision_id count first_ordinal".split(), "int"),
    **dict.fromkeys(["date", "due", "day", "first_posted"], "date"),
    **dict.fromkeys(
        "period_start period_end deposit_at effective_from decided_at updated_at until occurred_at".split(), "time"
    ),
    "withdrawn": "flag",
}
_READ: Mapping[ColumnKind, Callable[[Any], Cell]] = {
    "text": str,
    "int": int,
    "amount": Decimal,
    "date": date.fromisoformat,
    "time": datetime.fromisoformat,
    "flag": bool,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; amounts are exact decimals in the row's currency, times aware."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a binder; its first `key` columns say which row it is."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    key: int

    def named(self, row: Sequence[Cell]) -> str:
        """Return the row's key in words."""
        return " ".join(str(value) for value in row[: self.key] if value is not None)


def tables_of(content: Content) -> dict[str, Table]:
    """Return the tables of a close by name; the settlement lines themselves are not in them."""
    settled = ("channel", "settlement_id")
    held, books = content["settlements"], content["books"]
    money = (*settled, "currency")
    made = [
        _table("settlements", 2, _without(held, "parts", "groups"), lead=(*money, "total", "sum")),
        _table("parts", 3, ({**_only(s, money), **p} for s in held for p in s["parts"]),
               lead=(*settled, "month", "amount", "currency", "lines")),
        _table("breakdown", 7, _breakdown(content), lead=(
            *settled, "month", "transaction_type", "amount_type", "amount_description", "fulfilled_by", "category",
            "account_key", "amount", "currency", "count")),
        _table("journals", 1, _journals(content), lead=(
            "external_id", *settled, "period", "date", "currency", "debits", "credits", "posted_as", "blocked_by")),
        _table("journal_lines", 2, _journal_lines(content), lead=(
            "external_id", "line", "account_number", "account_name", "memo", "debit", "credit", "currency", "count")),
        _table("erp_documents", 2, _without(content["documents"], "lines"), lead=(
            "journal", "transaction_id", "number", "date", "currency", "total")),
        _table("erp_lines", 2, _erp_lines(content), lead=("transaction_id", "line_id", "account_id", "debit", "credit",
                                                          "currency")),
        _table("bridge", 2, _bridge(content), lead=(
            *settled, "currency", "period_start", "period_end", "opening", "activity", "payout", "break_amount",
            "closing", "broken")),
        _table("payouts", 2, _without(content["bank"], "bookings"), lead=(*settled, "amount", "currency", "due")),
        _table("bank_lines", 3, ({**_only(b, settled), **line} for b in content["bank"] for line in b["bookings"]),
               lead=(*settled, "booking", "amount", "currency", "day")),
        _table("decisions", 3, content["decisions"], lead=(
            "decision_id", "kind", "subject", "value", "effective_from", "decided_at", "decided_by", "reason")),
        _table("rules", 1, ({"position": n, **rule} for n, rule in enumerate(books["rules"], 1)), lead=(
            "position", "vendor", "transaction_type", "amount_type", "amount_description", "category", "account_key")),
        _table("accounts", 2, books["accounts"], lead=("scope", "key", "number", "name", "account_id")),
        _table("policies", 2, _policies(content), lead=("channel", "of", "value")),
        _table("checks", 4, _checks(content), lead=(
            "what", "kind", "channel", "subject", "problem", "remedy", "amount", "currency", "occurred_at")),
        _table("coverage", 1, content["coverage"], lead=("stream", "until")),
    ]  # fmt: skip
    return {table.name: table for table in made}


def _table(name: str, key: int, records: Iterable[Mapping[str, Any]], *, lead: Sequence[str]) -> Table:
    """Return a table that shows the `lead` columns first, then whatever else its records have, by name."""
    held = list(records)
    more = sorted({name for record in held for name in record} - set(lead))
    columns = tuple(Column(n, _KINDS.get(n, "text")) for n in (*lead, *more))
    rows = tuple(tuple(_cell(record.get(c.name), c.kind) for c in columns) for record in held)
    return Table(name, columns, rows, key)


def _without(records: Iterable[Mapping[str, Any]], *names: str) -> Iterator[Content]:
    return ({n: v for n, v in record.items() if n not in names} for record in records)


def _cell(value: object, kind: ColumnKind) -> Cell:
    if value is None:
        return None
    if isinstance(value, (list, dict)):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return _READ[kind](value)


def _only(record: Mapping[str, Any], names: Iterable[str]) -> Content:
    return {name: record[name] for name in names}


def _added(amounts: Mapping[str, str]) -> Decimal:
    return sum((Decimal(a) for a in amounts.values()), Decimal(0))


def _breakdown(content: Content) -> Iterator[Content]:
    for settlement in content["settlements"]:
        for group in settlement["groups"]:
            yield {**group, **_only(settlement, ("channel", "settlement_id", "currency"))}


def _bridge(content: Content) -> Iterator[Content]:
    for step in content["bridge"]:
        yield {**step, "activity": _added(step["activity"]), "by_category": step["activity"]}


def _erp_lines(content: Content) -> Iterator[Content]:
    for document in content["documents"]:
        for line in document["lines"]:
            yield {"transaction_id": document["transaction_id"], **line, "currency": document["currency"]}


def _journals(content: Content) -> Iterator[Content]:
    for journal in content["journals"]:
        debit, credit = (
            sum((Decimal(line[side]) for line in journal["lines"]), Decimal(0)) for side in ("debit", "credit")
        )
        posted = [str(d["number"] or d["transaction_id"]) for d in posted_of(content, journal["external_id"])]
        yield {
            **{n: v for n, v in journal.items() if n != "lines"},
            "debits": debit,
            "credits": credit,
            "posted_as": ", ".join(posted) or None,
            "blocked_by": "; ".join(journal["blocked_by"]) or None,
        }


def _journal_lines(content: Content) -> Iterator[Content]:
    for journal in content["journals"]:
        for number, line in enumerate(journal["lines"], 1):
            account = {("account_" + n.removeprefix("account_")): v for n, v in line["account"].items()}
            rest = {n: v for n, v in line.items() if n != "account"}
            yield {
                "external_id": journal["external_id"],
                "line": number,
                **account,
                **rest,
                "currency": journal["currency"],
            }


def _policies(content: Content) -> Iterator[Content]:
    for kind in ("policies", "dimensions"):
        for held in content["books"][kind]:
            yield {"channel": held["channel"], "of": kind, "value": {k: v for k, v in held.items() if k != "channel"}}
    for held in content["books"]["dates"]:
        yield {"channel": held["external_id"], "of": "dates", "value": held["date"]}


def _checks(content: Content) -> Iterator[Content]:
    for obstacle in content["obstacles"]:
        yield {"what": "open at the close", **obstacle}
    for found in content["discrepancies"]:
        yield {"what": "open discrepancy", **found}
