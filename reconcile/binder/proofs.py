"""The proofs of a close's money: lines, classification, journals, months and bridge, each derived anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from reconcile.binder.opened import Derived, Opened
from reconcile.binder.verdict import Check, Difference, check
from reconcile.close.canonical import Content, plain
from reconcile.close.lines import Key, lines_digests
from reconcile.close.month import journal_content, part_content
from reconcile.settlement import split_months
from sync.money import total_of

__all__ = ["prove_bridge", "prove_classes", "prove_journals", "prove_lines", "prove_months"]

_LINES = "tables/lines.parquet"
_CONTENT = "close-content.json"
#: The bridge holds reserves apart from its activity.
_RESERVES = "reserves"


def _name(key: Key) -> str:
    return "/".join(key)


def _held(opened: Opened) -> Iterator[tuple[Key, Content, Derived]]:
    for held in opened.content["settlements"]:
        key = (str(held["channel"]), str(held["settlement_id"]))
        yield key, held, opened.derived[key]


def _accepted(opened: Opened) -> set[tuple[str, str, str]]:
    """Return (kind, channel, subject) of what was open at the close and is stored with it."""
    return {(o["kind"], o["channel"], o["subject"]) for o in opened.content.get("obstacles", [])}


def prove_lines(opened: Opened) -> Check:
    """Sum of lines = total of each settlement; every line is there, once, as it was closed."""
    return check("lines add to their settlement's total", _line_count(opened), _line_differences(opened))


def _line_count(opened: Opened) -> int:
    row = opened.lines.execute("SELECT count(*) FROM settlement_lines").fetchone()
    return int(row[0]) if row else 0


def _line_differences(opened: Opened) -> Iterator[Difference]:
    digests = lines_digests(opened.lines, list(opened.derived))
    spans = {
        (str(a), str(b)): (count, first, last, distinct)
        for a, b, count, first, last, distinct in opened.lines.execute(
            "SELECT channel, settlement_id, count(*), min(ordinal), max(ordinal), count(DISTINCT ordinal)"
            " FROM settlement_lines GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    }
    for key in spans.keys() - opened.derived.keys():
        yield Difference(_LINES, _name(key), "lines of a settlement that is not in the close")
    accepted = _accepted(opened)
    for key, held, derived in _held(opened):
        count = held["line_count"]
        if spans.get(key, (0, None, None, 0)) != (count, 1, count, count):
            problem = f"lines {spans.get(key, 'none')} (count, first, last, distinct), the close has 1 to {count}"
            yield Difference(_LINES, _name(key), problem)
        added = total_of(g.amount for g in derived.groups)
        total = derived.settlement.total
        if added != total and ("not_footed", *key) not in accepted:
            problem = f"lines add to {plain(added)}, the settlement states {plain(total)}: {plain(total - added)} off"
            yield Difference(_LINES, _name(key), problem)
        if digests.get(key) != held["lines_digest"]:
            yield Difference(_LINES, _name(key), "a line is not as it was closed (digest of all lines)")


def prove_classes(opened: Opened) -> Check:
    """Every line is placed by the binder's rules, exactly once, where the close placed it."""
    notes = [
        f"{_name(key)}: {derived.classified.unmapped_lines} lines had no rule at the close"
        for key, _, derived in _held(opened)
        if derived.classified.unmapped_lines
    ]
    return check("lines classified by the rules, once", _line_count(opened), _class_differences(opened), notes)


def _class_differences(opened: Opened) -> Iterator[Difference]:
    accepted = {(channel, subject) for kind, channel, subject in _accepted(opened) if kind == "unmapped"}
    for key, held, derived in _held(opened):
        placed = sum(g.count for g, _ in derived.classified)
        counted = opened.lines.execute(
            "SELECT count(*) FROM settlement_lines WHERE channel = $1 AND settlement_id = $2", list(key)
        ).fetchone()
        if counted is None or placed != counted[0]:
            yield Difference(_LINES, _name(key), f"{placed} lines are placed, {counted and counted[0]} are there")
        now = {_type(c): c for c in (part_content(g, p) for g, p in derived.classified)}
        then = {_type(c): c for c in held["groups"]}
        for name in sorted({*now, *then}):
            yield from _group_differences(key, name, then.get(name), now.get(name))
        has_stop = any(channel == key[0] and f"-{key[1]}-" in subject for channel, subject in accepted)
        here = [u for u in derived.classified.unmapped if any(_in_month(g, u, opened) for g in derived.groups)]
        for unknown in here if not (has_stop or _has_suspense(opened, key[0])) else []:
            kind = " / ".join((unknown.transaction_type, unknown.amount_type, unknown.amount_description))
            yield Difference(_LINES, _name(key), f"no rule places {kind}: {unknown.count} lines")


def _in_month(group: Any, unknown: Any, opened: Opened) -> bool:
    kind = (unknown.transaction_type, unknown.amount_type, unknown.amount_description)
    return bool(group.line_type == kind and group.month == opened.content["period"])


def _has_suspense(opened: Opened, channel: str) -> bool:
    policy = opened.books.policies.get(channel)
    return policy is not None and policy.suspense_key is not None


def _type(group: Mapping[str, Any]) -> str:
    names = ("month", "transaction_type", "amount_type", "amount_description", "fulfilled_by", "paid_on")
    return " / ".join(str(group[n]) for n in names if group.get(n))


def _group_differences(key: Key, name: str, then: Content | None, now: Content | None) -> Iterator[Difference]:
    if then is None or now is None:
        yield Difference(_LINES, f"{_name(key)} {name}", "lines of this type are " + ("new" if now else "gone"))
        return
    for field in sorted({*then, *now}):
        if then.get(field) != now.get(field):
            problem = f"{field.replace('_', ' ')} is {now.get(field)}, it was closed as {then.get(field)}"
            yield Difference(_LINES, f"{_name(key)} {name}", problem)


def prove_journals(opened: Opened) -> Check:
    """Journals derived from the lines, rules and accounts are those of the close, line by line; each balances."""
    return check("journals derived again, line by line, and balanced", *_journals(opened))


def _journals(opened: Opened) -> tuple[int, list[Difference]]:
    period = opened.content["period"]
    made = {j.external_id: (d, j) for _, _, d in _held(opened) for j in d.journals if j.period == period}
    closed = {str(j["external_id"]): j for j in opened.content["journals"]}
    found = []
    for external_id in sorted({*made, *closed}):
        then = closed.get(external_id)
        if external_id not in made or then is None:
            what = "is not derived any more" if then else "was not closed"
            found.append(Difference(_CONTENT, external_id, f"the journal {what}"))
            continue
        derived, journal = made[external_id]
        if not journal.balanced:
            problem = f"debits {plain(journal.debits)}, credits {plain(journal.credits)}"
            found.append(Difference(_CONTENT, external_id, problem))
        found += _journal_differences(external_id, then, journal_content(derived.settlement, journal))
    return len(closed), found


def _journal_differences(external_id: str, then: Content, now: Content) -> Iterator[Difference]:
    for field in sorted({*then, *now} - {"lines"}):
        if then.get(field) != now.get(field):
            problem = f"{field} is {now.get(field)}, it was closed as {then.get(field)}"
            yield Difference(_CONTENT, external_id, problem)
    before, after = then["lines"], now["lines"]
    if len(before) != len(after):
        yield Difference(_CONTENT, external_id, f"{len(after)} lines are derived, {len(before)} were closed")
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        for field in sorted({*old, *new}):
            if old.get(field) != new.get(field):
                problem = f"{field} is {new.get(field)}, it was closed as {old.get(field)}"
                yield Difference(_CONTENT, f"{external_id} line {number}", problem)


def prove_months(opened: Opened) -> Check:
    """The month parts of each settlement are those of the close and add to the sum of its lines."""
    count = sum(len(s["parts"]) for s in opened.content["settlements"])
    return check("month parts add to their settlements", count, _month_differences(opened))


def _month_differences(opened: Opened) -> Iterator[Difference]:
    for key, held, derived in _held(opened):
        parts = split_months(derived.classified)
        now = [{"month": p.month, "amount": plain(p.amount), "lines": p.lines} for p in parts]
        if now != held["parts"]:
            yield Difference(_LINES, _name(key), f"month parts are {now}, they were closed as {held['parts']}")
        added = total_of(Decimal(p["amount"]) for p in held["parts"])
        if added != Decimal(held["sum"]):
            problem = f"month parts add to {plain(added)}, the lines to {held['sum']}"
            yield Difference(_CONTENT, _name(key), problem)


def prove_bridge(opened: Opened) -> Check:
    """Opening + activity - payout + break = closing; activity is that of the lines, payout the settlement's total."""
    return check("the cash bridge adds up", len(opened.content["bridge"]), _bridge_differences(opened))


def _bridge_differences(opened: Opened) -> Iterator[Difference]:
    for step in opened.content["bridge"]:
        key = (str(step["channel"]), str(step["settlement_id"]))
        derived = opened.derived.get(key)
        if derived is None:
            yield Difference(_CONTENT, _name(key), "a step of a settlement that is not in the close")
            continue
        opening, payout, closing, broken = (Decimal(step[n]) for n in ("opening", "payout", "closing", "break_amount"))
        activity = {k: Decimal(v) for k, v in step["activity"].items()}
        expected = opening + total_of(activity.values()) - payout + broken
        if expected != closing:
            problem = f"opening, activity, payout and break give {plain(expected)}, closing is {plain(closing)}"
            yield Difference(_CONTENT, _name(key), problem)
        if payout != derived.settlement.total:
            problem = f"payout {plain(payout)}, the settlement states {plain(derived.settlement.total)}"
            yield Difference(_CONTENT, _name(key), problem)
        now = _activity(derived)
        for category in sorted({*now, *activity}):
            if now.get(category, 0) != activity.get(category, 0):
                problem = f"{category} is {activity.get(category, 0)}, the lines add to {now.get(category, 0)}"
                yield Difference(_CONTENT, _name(key), problem)


def _activity(derived: Derived) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for group, placement in derived.classified:
        if placement.category != _RESERVES:
            sums[placement.category] = sums.get(placement.category, Decimal(0)) + group.amount
    return sums
