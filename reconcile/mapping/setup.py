"""Decisions as a text file: a company's setup, written with names that people know, kept under version control.

    [routing."amazon.US"]
    subsidiary = "Acme Goods Inc."
    location = "Main"
    tax_policy = "facilitator"

    [sku."amazon.US|B0C7"]
    item = "ACM-MUG-16"
    quantity = "1"

The table's name is kind and subject. A name such as `subsidiary` is looked up in the mirror and kept as
`subsidiary_id`; an id can be written as well.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
from pydantic import ValidationError

from reconcile.controls import all_controls
from reconcile.customers.known import pair_subject
from reconcile.customers.weights import scoring_problem
from reconcile.fees.schedule import check_decision
from reconcile.fixes.invoices.invoice_payments import payment_problem
from reconcile.fixes.returns.return_closings import closing_problem
from reconcile.mapping.accounts import DIMENSIONS
from reconcile.mapping.carriers import carrier_problem
from reconcile.mapping.compared import comparison_problem
from reconcile.mapping.dimensions import dimensions_problem
from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import members_problem
from reconcile.multichannel.decided import multichannel_problem
from reconcile.refunds.dispositions import disposition_problem
from reconcile.refunds.policy import returns_problem
from reconcile.settlement import CATEGORIES
from reconcile.settlement.policy import policy_problem
from reconcile.story.texts import check_answer
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["Applied", "apply_decisions", "checked_decision", "export_decisions"]

#: What is no table of its own in the mirror.
_PART_OF = {
    "departments": "(SELECT * FROM segments WHERE kind = 'department')",
    "classes": "(SELECT * FROM segments WHERE kind = 'class')",
}
#: Name in a file → (field that is kept, table, column of the id, columns that a person may name it by).
_NAMED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "subsidiary": ("subsidiary_id", "subsidiaries", "subsidiary_id", ("name",)),
    "location": ("location_id", "locations", "location_id", ("name",)),
    "channel_location": ("channel_location_id", "locations", "location_id", ("name",)),
    "customer": ("customer_id", "customers", "customer_id", ("entity_id", "company_name", "external_id")),
    "item": ("item_id", "items", "item_id", ("name",)),
    "shipping_item": ("shipping_item_id", "items", "item_id", ("name",)),
    "discount_item": ("discount_item_id", "items", "item_id", ("name",)),
    "gift_wrap_item": ("gift_wrap_item_id", "items", "item_id", ("name",)),
    "tax_item": ("tax_item_id", "items", "item_id", ("name",)),
    "department": ("department_id", "departments", "segment_id", ("name",)),
    "class": ("class_id", "classes", "segment_id", ("name",)),
    "entity": ("entity_id", "customers", "customer_id", ("entity_id", "company_name", "external_id")),
    "refund_item": ("refund_item_id", "items", "item_id", ("name",)),
    "restocking_item": ("restocking_item_id", "items", "item_id", ("name",)),
    "account": ("account_id", "accounts", "account_id", ("number", "name")),
    "clearing_account": ("clearing_account_id", "accounts", "account_id", ("number", "name")),
    "cash_account": ("cash_account_id", "accounts", "account_id", ("number", "name")),
}


@dataclass(frozen=True, slots=True)
class Applied:
    """How many decisions of a file were new or different, and how many held already."""

    decided: int
    unchanged: int


def apply_decisions(store: Store, text: str, *, by: str, file: str | None = None, reason: str = "") -> Applied:
    """Decide everything that the text says, or nothing.

    Raises:
        BadInput: not TOML, an unknown kind or field, or a name that the mirror does not have (or has twice).
    """
    try:
        kinds = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"not valid TOML: {broken}", remedy="Correct the file", file=file) from broken
    with store.database.reading() as cursor:
        found = [
            (kind, subject, checked_decision(cursor, kind, subject, value, file))
            for kind, subjects in kinds.items()
            for subject, value in _tables(kind, subjects, file).items()
        ]
    decided = 0
    with store.database.transaction():
        held = {kind: store.decisions.current(kind) for kind in kinds}
        for kind, subject, value in found:
            before = held[kind].get(subject)
            if before is None or dict(before.value) != value:
                store.decisions.decide(kind, subject, value, by=by, reason=reason)
                decided += 1
    return Applied(decided, len(found) - decided)


def export_decisions(store: Store) -> str:
    """Return all decisions in effect as text that `apply_decisions` reads."""
    blocks = []
    for kind in store.decisions.kinds():
        for subject, decision in sorted(store.decisions.current(kind).items()):
            lines = [f"[{_key(kind)}.{_key(subject)}]"]
            lines += [f"{_key(k)} = {_toml(v)}" for k, v in sorted(decision.value.items()) if v is not None]
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    # JSON's strings, numbers and booleans are TOML's as well, but for one control character.
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _tables(kind: str, subjects: object, file: str | None) -> Mapping[str, dict[str, Any]]:
    if kind not in _CHECKS:
        raise BadInput(
            f"there is no kind of decision {kind!r}", remedy=f"Use one of {', '.join(_CHECKS)}", file=file, column=kind
        )
    if not isinstance(subjects, dict) or not all(isinstance(v, dict) for v in subjects.values()):
        raise BadInput(f"{kind} needs a table for each subject", remedy=f'Write [{kind}."subject"]', file=file)
    return subjects


def checked_decision(
    cursor: duckdb.DuckDBPyConnection, kind: str, subject: str, value: Mapping[str, Any], file: str | None = None
) -> dict[str, object]:
    """Return a value as a decision of the kind keeps it: names looked up, fields checked.

    Raises:
        BadInput: a field is unknown or wrong, or the mirror does not have a name (or has it twice).
    """
    place = f"{kind}.{subject}"
    kept: dict[str, object] = {}
    for name, said in value.items():
        if name == "customers" and isinstance(said, list):
            _, table, key, columns = _NAMED["customer"]
            ids = [_look_up(cursor, table, key, columns, str(one), file, f"{place}.customer") for one in said]
            kept["customer_ids"] = ids
        elif kind == "sku" and name == "items" and isinstance(said, list):
            kept["items"] = [_member(cursor, row, file, place) for row in said]
        elif name in _NAMED and isinstance(said, str):
            field, table, key, columns = _NAMED[name]
            kept[field] = _look_up(cursor, table, key, columns, said, file, f"{place}.{name}")
        else:
            kept[name] = said.isoformat() if isinstance(said, (date, datetime)) else said
    try:
        _CHECKS[kind](subject, kept)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([place, *(str(p) for p in first["loc"])])
        raise BadInput(first["msg"], remedy="Correct this decision", file=file, column=where) from error
    except ValueError as error:
        raise BadInput(str(error), remedy="Correct this decision", file=file, column=place) from error
    return kept


def _member(cursor: duckdb.DuckDBPyConnection, row: object, file: str | None, place: str) -> object:
    """Return one item of a set with its name looked up; what is no table is left for the check to name."""
    if not isinstance(row, Mapping) or not isinstance(row.get("item"), str):
        return row
    _, table, key, columns = _NAMED["item"]
    item_id = _look_up(cursor, table, key, columns, str(row["item"]), file, f"{place}.item")
    return {"item_id": item_id, **{k: v for k, v in row.items() if k != "item"}}


def _look_up(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    key: str,
    columns: tuple[str, ...],
    said: str,
    file: str | None,
    place: str,
) -> str:
    where = " OR ".join(f"lower({c}) = lower($1)" for c in columns)
    rows = cursor.execute(
        f"SELECT DISTINCT {key} FROM {_PART_OF.get(table, table)} WHERE NOT inactive AND ({where}) ORDER BY 1 LIMIT 3",  # noqa: S608 - our names
        [said],
    ).fetchall()
    if len(rows) == 1:
        return str(rows[0][0])
    if rows:
        ids = ", ".join(r[0] for r in rows)
        raise BadInput(
            f"{said!r} names several of NetSuite's {table}: {ids}",
            remedy=f"Write the id as {_id_field(place)}",
            file=file,
            column=place,
        )
    raise BadInput(
        f"NetSuite has no {table} named {said!r} that is active",
        remedy="Correct the name, or pull NetSuite first",
        file=file,
        column=place,
    )


def _id_field(place: str) -> str:
    return _NAMED[place.rpartition(".")[2]][0]


def _check_routing(subject: str, value: Mapping[str, Any]) -> None:
    Routing.model_validate(dict(value))


def _check_sku(subject: str, value: Mapping[str, Any]) -> None:
    if "|" not in subject:
        raise ValueError("the subject is channel|SKU, or *|SKU for all channels")
    if "items" in value:
        _only(value, needed={"items"})
        if wrong := members_problem(value["items"]):
            raise ValueError(wrong)
        return
    _only(value, needed={"item_id"}, optional={"quantity"})
    try:
        quantity = Decimal(str(value.get("quantity", "1")))
    except InvalidOperation as error:
        raise ValueError(f"quantity {value['quantity']!r} is no number") from error
    if not quantity.is_finite() or quantity <= 0:
        raise ValueError("quantity is the number of items in one unit sold, above zero")


def _check_line_type(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"category", "account_key"})
    if subject.count("|") < 3:
        raise ValueError("the subject is vendor|transaction type|amount type|description")
    known = sorted(c.key for c in CATEGORIES)
    if value["category"] not in known:
        raise ValueError(f"category {value['category']!r} is not one of {', '.join(known)}")


def _check_account(subject: str, value: Mapping[str, Any]) -> None:
    if subject.count("|") != 1:
        raise ValueError("the subject is channel|account key (or vendor|…, default|…)")
    _only(value, needed=set(), optional={"account_id", "number", *DIMENSIONS})
    if not (value.get("account_id") or value.get("number")):
        raise ValueError("an account is named by account, account_id or number")


def _check_go_live(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"from"})
    moment = datetime.fromisoformat(str(value["from"]))
    (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _check_policy(subject: str, value: Mapping[str, Any]) -> None:
    wrong = policy_problem({name: said for name, said in value.items() if name != "auto"})
    if wrong is not None:
        raise ValueError(wrong)
    known = {c.name for c in all_controls()}
    unknown = sorted(set(value.get("auto", [])) - known)
    if unknown:
        raise ValueError(f"auto names {', '.join(unknown)}; the controls are {', '.join(sorted(known))}")


def _check_customer(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"customer_id"})


def _check_same_customer(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"keep"})
    pair = subject.split("|")
    if len(pair) != 2 or len(set(pair)) != 2 or pair_subject(*pair) != subject:
        raise ValueError("the subject is two customer ids, the lower first: 901|902")
    if value["keep"] not in pair:
        raise ValueError("keep is one of the two customers")


def _check_not_same(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed=set())
    pair = subject.split("|")
    if len(pair) != 2 or len(set(pair)) != 2 or pair_subject(*pair) != subject:
        raise ValueError("the subject is two customer ids, the lower first, or a buyer's external id and a customer id")


def _check_matching(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed=set(), optional={"upper", "lower", "margin", "weights", "mask_emails"})
    wrong = scoring_problem(value)
    if subject != "*" or wrong is not None:
        raise ValueError(wrong or "the subject is *")


def _check_posting_date(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"date"})
    date.fromisoformat(str(value["date"]))


def _check_reversal(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed=set(), optional={"date"})
    if subject.count("|") != 1:
        raise ValueError("the subject is channel|external id of the journal")
    if value.get("date"):
        date.fromisoformat(str(value["date"]))


def _check_returns(subject: str, value: Mapping[str, Any]) -> None:
    wrong = returns_problem(value)
    if wrong is not None:
        raise ValueError(wrong)


def _check_dimensions(subject: str, value: Mapping[str, Any]) -> None:
    wrong = dimensions_problem(subject, value)
    if wrong is not None:
        raise ValueError(wrong)


def _check_disposition(subject: str, value: Mapping[str, Any]) -> None:
    if subject.count("|") not in (1, 2):
        raise ValueError("the subject is channel|disposition or channel|reason:REASON (or *|…), with |item of a set")
    wrong = disposition_problem(value)
    if wrong is not None:
        raise ValueError(wrong)


def _check_cancel_request(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"answer"})
    if subject.count("|") != 1:
        raise ValueError("the subject is channel|order number")
    if value["answer"] not in ("ship", "cancel"):
        raise ValueError("answer is ship or cancel")


def _check_payout_booked(subject: str, value: Mapping[str, Any]) -> None:
    _only(value, needed={"document"})
    if subject.count("|") != 1:
        raise ValueError("the subject is channel|settlement")


def _only(value: Mapping[str, Any], *, needed: set[str], optional: set[str] | None = None) -> None:
    missing, extra = sorted(needed - set(value)), sorted(set(value) - needed - (optional or set()))
    if missing or extra:
        words = [f"lacks {', '.join(missing)}"] if missing else []
        words += [f"has the unknown field {', '.join(extra)}"] if extra else []
        raise ValueError("this decision " + " and ".join(words))


def _told(problem: Callable[[str, Mapping[str, Any]], str | None]) -> Callable[[str, Mapping[str, Any]], None]:
    """Return a check out of a function that says what is wrong."""

    def check(subject: str, value: Mapping[str, Any]) -> None:
        wrong = problem(subject, value)
        if wrong is not None:
            raise ValueError(wrong)

    return check


_CHECKS: dict[str, Callable[[str, Mapping[str, Any]], None]] = {
    "routing": _check_routing,
    "sku": _check_sku,
    "line_type": _check_line_type,
    "account": _check_account,
    "go_live": _check_go_live,
    "policy": _check_policy,
    "customer": _check_customer,
    "same_customer": _check_same_customer,
    "not_same": _check_not_same,
    "customer_matching": _check_matching,
    "posting_date": _check_posting_date,
    "journal_reversal": _check_reversal,
    "carrier": _told(carrier_problem),
    "cancel_request": _check_cancel_request,
    "answer": check_answer,
    "payout_booked": _check_payout_booked,
    "dimensions": _check_dimensions,
    "fee_schedule": check_decision,
    "returns": _check_returns,
    "disposition": _check_disposition,
    "multichannel_order": _told(multichannel_problem),
    "comparison": _told(comparison_problem),
    "return_closing": _told(closing_problem),
    "invoice_payment": _told(payment_problem),
}
