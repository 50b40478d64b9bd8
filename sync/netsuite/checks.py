"""What NetSuite would refuse, found before anything is sent: pure functions over the mirror's facts (faults 24, 25).

The reconcile layer calls them with the lists of the mirror; a finding is a value that a person can act on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sync.records import Account, Item, Location, Period, Segment, Subsidiary

__all__ = ["Facts", "Finding", "check_dimensions", "check_period", "next_open_day"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that NetSuite would refuse. `field` is the name in the intent, `instead` a value that would do."""

    field: str
    value: str
    problem: str
    remedy: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The mirror's lists by id; an empty list means that nothing is known of that kind, and nothing is checked."""

    subsidiaries: Mapping[str, Subsidiary] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    #: By kind and id.
    segments: Mapping[tuple[str, str], Segment] = field(default_factory=dict)


def check_period(day: date, periods: Iterable[Period]) -> Finding | None:
    """Return why a document of this day cannot post, with the next open day; None where it can or nothing is known."""
    months = _months(periods)
    if not months:
        return None
    holding = next((p for p in months if p.start_date <= day <= p.end_date), None)
    if holding is not None and not (holding.closed or holding.all_locked):
        return None
    then = next_open_day(day, months)
    problem = "no accounting period holds this day"
    if holding is not None:
        problem = f"the period {holding.name} is {'closed' if holding.closed else 'locked'}"
    remedy = f"Post it on {then.isoformat()}, or open the period" if then else "Open or add a period"
    return Finding("date", day.isoformat(), problem, remedy, then.isoformat() if then else None)


def next_open_day(day: date, periods: Iterable[Period]) -> date | None:
    """Return the first day on or after `day` that lies in an open period, None where there is none."""
    open_ = [p for p in _months(periods) if not p.closed and not p.all_locked and p.end_date >= day]
    return max(day, open_[0].start_date) if open_ else None


def check_dimensions(intent: Mapping[str, object], facts: Facts) -> list[Finding]:
    """Return what does not fit in an intent: unknown or inactive ids, locations of another subsidiary.

    Looks at the header and at each line; fields that are absent, and kinds of which nothing is known, are left alone.
    """
    subsidiary = _text(intent.get("subsidiary_id"))
    found = _check(intent, "", subsidiary, facts)
    for name in ("lines", "source_lines", "others", "cash_back"):
        lines = intent.get(name)
        for position, line in enumerate(lines if isinstance(lines, Sequence) else ()):
            if isinstance(line, Mapping):
                found += _check(line, f"{name}.{position}.", subsidiary, facts)
    return found


def _check(values: Mapping[str, object], prefix: str, subsidiary: str | None, facts: Facts) -> list[Finding]:
    found: list[Finding] = []
    lists: tuple[tuple[str, str, Mapping[str, Subsidiary | Location | Account | Item | Segment]], ...] = (
        ("subsidiary_id", "subsidiary", dict(facts.subsidiaries)),
        ("location_id", "location", dict(facts.locations)),
        ("account_id", "account", dict(facts.accounts)),
        ("item_id", "item", dict(facts.items)),
        ("department_id", "department", {i: s for (kind, i), s in facts.segments.items() if kind == "department"}),
        ("class_id", "class", {i: s for (kind, i), s in facts.segments.items() if kind == "class"}),
    )
    for name, word, known in lists:
        value = _text(values.get(name))
        if value is None or not known:
            continue
        record = known.get(value)
        if record is None:
            found.append(Finding(prefix + name, value, f"NetSuite has no {word} {value}", _PULL))
        elif record.inactive:
            found.append(Finding(prefix + name, value, f"the {word} {record.name} is inactive", _MAP))
        elif isinstance(record, Location) and _elsewhere(record, subsidiary):
            problem = f"the location {record.name} belongs to subsidiary {record.subsidiary_id}, not to {subsidiary}"
            found.append(Finding(prefix + name, value, problem, _MAP))
    return found


_PULL = "Pull NetSuite's lists again, or correct the mapping"
_MAP = "Choose another one in the mapping, or change it in NetSuite"


def _elsewhere(location: Location, subsidiary: str | None) -> bool:
    # A location may serve several subsidiaries; then the column holds them all ("3, 4").
    if subsidiary is None or location.subsidiary_id is None:
        return False
    return subsidiary not in {part.strip() for part in location.subsidiary_id.split(",")}


def _months(periods: Iterable[Period]) -> list[Period]:
    months = [p for p in periods if not (p.is_quarter or p.is_year or p.is_adjustment)]
    return sorted(months, key=lambda p: p.start_date)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
