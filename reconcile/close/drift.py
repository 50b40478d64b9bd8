"""How far the books have moved away from a close: what the same computation says now, against what was frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from reconcile.close.canonical import Content, canonical, content_of
from reconcile.close.erp import account_totals, accruals_prefix, differing_accounts
from reconcile.close.mapping_drift import changed_mapping
from reconcile.close.month import see_month
from reconcile.controls.control import Evidence
from sync.ops.closes import Close

__all__ = ["Drift", "DriftKind", "drift_between", "see_drift"]

#: What a posted document of a closed month must still say; it is approved again or paid without being another.
_DOCUMENT_FIELDS = (
    "number", "date", "period_id", "currency", "exchange_rate", "total", "transaction_type", "memo",
)  # fmt: skip
_LINE_FIELDS = (
    "account_id", "debit", "credit", "memo", "subsidiary_id", "department_id", "class_id", "location_id",
)  # fmt: skip
DriftKind = Literal["lines", "reissued", "mapping", "journal", "document", "bridge", "payout"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is no longer as it was closed.

    `before` and `after` are amounts in `currency` where it is about one; `by` and `at` say who changed a decision
    and when.
    """

    kind: DriftKind
    channel: str
    subject: str
    problem: str
    before: Decimal | None = None
    after: Decimal | None = None
    currency: str = ""
    by: str = ""
    at: str = ""


def see_drift(evidence: Evidence, close: Close) -> list[Drift]:
    """Return every difference between the close and what holds at the evidence's moment; empty: none.

    Raises:
        BadInput: the close is of another schema, or a decision cannot be used now.
    """
    return drift_between(evidence, close, see_month(evidence, close.period, digests=False))


def drift_between(evidence: Evidence, close: Close, now: Content) -> list[Drift]:
    """Return what differs between a close and the content of its month that was seen at the evidence's moment.

    Raises:
        BadInput: the close is of another schema.
    """
    then = content_of(close.content)
    moved = [*_settlements(then, now), *_journals(then, now), *_documents(then, now), *_bridge(then, now)]
    blamed = []
    if any(d.kind == "journal" for d in moved):
        for change in changed_mapping(evidence.store.decisions, then, now):
            blamed.append(Drift("mapping", change.channel, change.subject, change.problem, by=change.by, at=change.at))
    return [*blamed, *moved, *_payouts(then, now)]


def _by(content: Content, table: str, *names: str) -> dict[tuple[str, ...], Content]:
    return {tuple(str(row[n]) for n in names): row for row in content[table]}


def _settlements(then: Content, now: Content) -> Iterator[Drift]:
    before, after = (_by(c, "settlements", "channel", "settlement_id") for c in (then, now))
    period = str(then["period"])
    for key in sorted({*before, *after}):
        channel, number = key
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            held = new or old or {}
            what = "has lines in the month since" if old is None else "has no lines in the month any more"
            yield Drift(
                "lines", channel, number, f"settlement {number} {what}",
                _part(old, period), _part(new, period), str(held["currency"]),
            )  # fmt: skip
            continue
        currency = str(new["currency"])
        if old["document_hash"] != new["document_hash"]:
            problem = f"settlement {number} was issued again ({new['document_name']}); it stated {old['total']} then"
            yield Drift(
                "reissued", channel, number, f"{problem}, {new['total']} now", Decimal(old["total"]),
                Decimal(new["total"]), currency,
            )  # fmt: skip
        yield from _lines(channel, number, currency, _types(old, period), _types(new, period))


def _part(settlement: Content | None, period: str) -> Decimal | None:
    parts = settlement["parts"] if settlement else []
    return next((Decimal(p["amount"]) for p in parts if p["month"] == period), None)


def _types(settlement: Content, period: str) -> dict[str, tuple[Decimal, int]]:
    """Return line type → (amount, lines) of the month."""
    found: dict[str, tuple[Decimal, int]] = {}
    for group in settlement["groups"]:
        if group["month"] == period:
            name = " / ".join(
                t for t in (group["transaction_type"], group["amount_type"], group["amount_description"]) if t
            )
            amount, count = found.get(name, (Decimal(0), 0))
            found[name] = (amount + Decimal(group["amount"]), count + group["count"])
    return found


def _lines(
    channel: str,
    number: str,
    currency: str,
    before: Mapping[str, tuple[Decimal, int]],
    after: Mapping[str, tuple[Decimal, int]],
) -> Iterator[Drift]:
    nothing = (Decimal(0), 0)
    for name in sorted({*before, *after}):
        (old, few), (new, many) = before.get(name, nothing), after.get(name, nothing)
        if (old, few) != (new, many):
            problem = f"settlement {number}, {name}: {few} lines then, {many} now"
            yield Drift("lines", channel, f"{number}|{name}", problem, old, new, currency)


def _journals(then: Content, now: Content) -> Iterator[Drift]:
    before, after = (_by(c, "journals", "external_id") for c in (then, now))
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        held = new or old or {}
        channel, currency = str(held["channel"]), str(held["currency"])
        found = differing_accounts(_accounts(old), _accounts(new))
        for account, was, is_now in found:
            problem = f"{key[0]} would post another amount to {account or 'no account'}"
            yield Drift("journal", channel, f"{key[0]}|{account}", problem, was, is_now, currency)
        if not found and _said(old) != _said(new):
            problem = f"{key[0]} would post the same amounts with other memos, departments, classes or locations"
            yield Drift("journal", channel, f"{key[0]}|lines", problem)
        if old and new and old["date"] != new["date"]:
            problem = f"{key[0]} would be dated {new['date']}, it was {old['date']}"
            yield Drift("journal", channel, f"{key[0]}|date", problem)


def _accounts(journal: Content | None) -> dict[str, Decimal]:
    lines = journal["lines"] if journal else []
    return account_totals({**line, "account_id": _label(line["account"])} for line in lines)


def _said(journal: Content | None) -> list[Content]:
    """Return what the ERP would be told in a journal's lines."""
    lines = journal["lines"] if journal else []
    return [{n: v for n, v in line.items() if n not in ("groups", "count")} for line in lines]


def _label(account: Mapping[str, Any]) -> str:
    return f"{account['number']} {account['name']}".strip()


def _documents(then: Content, now: Content) -> Iterator[Drift]:
    before, after = (_by(c, "documents", "journal", "transaction_id") for c in (then, now))
    channels = {str(j["external_id"]): str(j["channel"]) for c in (then, now) for j in c["journals"]}
    accruals = {accruals_prefix(str(s["channel"])): str(s["channel"]) for c in (then, now) for s in c["settlements"]}
    for key in sorted({*before, *after}):
        journal, number = key
        old, new = before.get(key), after.get(key)
        for problem in _document_changes(old, new):
            held = new or old or {}
            shown = f"{held['number'] or number} ({journal}) {problem}"
            channel = channels.get(journal) or next((c for p, c in accruals.items() if journal.startswith(p)), "")
            yield Drift("document", channel, f"{journal}|{number}|{problem.split()[0]}", shown)


def _document_changes(old: Content | None, new: Content | None) -> Iterator[str]:
    if new is None:
        yield "was deleted in the ERP"
    elif old is None:
        yield "was posted after the close"
    else:
        for name in _DOCUMENT_FIELDS:
            if old[name] != new[name]:
                yield f"{name.removesuffix('_id').replace('_', ' ')} was {old[name]}, is {new[name]}"
        moved = differing_accounts(account_totals(old["lines"]), account_totals(new["lines"]))
        for account, was, is_now in moved:
            yield f"account {account or 'unknown'} had {was}, has {is_now}"
        if not moved and _told(old) != _told(new):
            yield "lines have other memos, subsidiaries, departments, classes or locations"


def _told(document: Content) -> list[str]:
    """Return what a document's lines say, in whatever order they stand."""
    return sorted(canonical({n: line[n] for n in _LINE_FIELDS}) for line in document["lines"])


def _bridge(then: Content, now: Content) -> Iterator[Drift]:
    before, after = (_by(c, "bridge", "channel", "settlement_id") for c in (then, now))
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            continue
        for name in ("opening", "closing", "break_amount"):
            if old[name] != new[name]:
                problem = f"bridge at {key[1]}: {name.replace('_', ' ')} was {old[name]}, is {new[name]}"
                yield Drift(
                    "bridge", key[0], f"{key[1]}|{name}", problem, Decimal(old[name]), Decimal(new[name]),
                    str(new["currency"]),
                )  # fmt: skip


def _payouts(then: Content, now: Content) -> Iterator[Drift]:
    before, after = (_by(c, "bank", "channel", "settlement_id") for c in (then, now))
    for key in sorted({*before, *after}):
        old, new = (_bookings(c.get(key)) for c in (before, after))
        if old != new:
            held = after.get(key) or before[key]
            said = f"paid by {', '.join(new)}" if new else "no longer in the bank"
            problem = f"payout of {key[1]} is {said}" + (f"; it was paid by {', '.join(old)}" if old else "")
            yield Drift("payout", key[0], key[1], problem, after=Decimal(held["amount"]), currency=held["currency"])


def _bookings(row: Content | None) -> list[str]:
    return [f"{b['booking']} ({b['amount']} {b['currency']})" for b in row["bookings"]] if row else []
