"""A posted document beside what would be posted: which of its fields and which of its lines say something else (pure).

A field that we leave empty is NetSuite's to fill (a default of the form, the customer of a payment): what stood there
when the document was first read is right, whatever it is; what was changed since is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.settlements.posted_documents import PostedDocument, PostedLine

__all__ = [
    "DIMENSIONS",
    "LINE_FIELDS",
    "DocumentDiff",
    "Expected",
    "FieldDiff",
    "FirstRead",
    "LineDiff",
    "compare",
    "differences_shown",
]

#: Where money of one account is counted.
DIMENSIONS = ("subsidiary_id", "department_id", "class_id", "location_id", "entity_id")
LINE_FIELDS = ("account_id", "amount", "memo", *DIMENSIONS)
#: What a posted and an expected line must share to be one line that differs, the closest kinship first.
_KINSHIP = (
    LINE_FIELDS,
    ("account_id", "amount", "memo"),
    ("account_id", "memo"),
    ("account_id", "amount"),
    ("amount", "memo"),
    ("account_id",),
    ("amount",),
    ("memo",),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document would say if it were posted now; a period of None is not compared."""

    date: date
    period_id: str | None
    currency: str
    memo: str
    lines: tuple[PostedLine, ...]


@dataclass(frozen=True, slots=True)
class FirstRead:
    """What the mirror read of a document first: the rate that it was posted at, and its lines by their ids."""

    exchange_rate: Decimal | None = None
    lines: Mapping[str, PostedLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field of the document itself."""

    field: str
    posted: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class LineDiff:
    """One line; without `posted` it is missing, without `now` nothing would post it."""

    posted: PostedLine | None
    now: PostedLine | None
    #: Which fields differ; all of them where one side has no such line.
    fields: tuple[str, ...]

    @property
    def line(self) -> PostedLine:
        """Return the line as it stands, or as it would."""
        found = self.posted or self.now
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class DocumentDiff:
    """Everything that differs, the document's own fields first."""

    head: tuple[FieldDiff, ...] = ()
    lines: tuple[LineDiff, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.head or self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all fields that differ, each once."""
        return tuple(dict.fromkeys([*(h.field for h in self.head), *(f for line in self.lines for f in line.fields)]))

    @property
    def misplaced(self) -> Decimal:
        """Return how much money stands under other dimensions than it would, the larger side of its lines."""
        wrong = [x.line.amount for x in self.lines if set(x.fields) & set(DIMENSIONS)]
        sides = (sum((a for a in wrong if a > 0), Decimal(0)), -sum((a for a in wrong if a < 0), Decimal(0)))
        return max(sides)


def compare(posted: PostedDocument, now: Expected, first: FirstRead) -> DocumentDiff:
    """Return what a document says differently from what would be posted, line by line; zero lines say nothing."""
    return DocumentDiff(tuple(_head(posted, now, first)), tuple(_lines(posted.lines, now.lines, first)))


def _head(posted: PostedDocument, now: Expected, first: FirstRead) -> list[FieldDiff]:
    found = [
        FieldDiff("date", posted.date.isoformat(), now.date.isoformat()),
        FieldDiff("currency", posted.currency, now.currency),
        FieldDiff("memo", posted.memo or None, now.memo or None),
    ]
    if posted.period_id is not None and now.period_id is not None:
        found.append(FieldDiff("period", posted.period_id, now.period_id))
    if first.exchange_rate is not None:
        found.append(FieldDiff("exchange_rate", _rate(posted.exchange_rate), _rate(first.exchange_rate)))
    return [f for f in found if f.posted != f.now]


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"


def _lines(posted: Sequence[PostedLine], now: Sequence[PostedLine], first: FirstRead) -> list[LineDiff]:
    stands, due = [x for x in posted if x.amount], [x for x in now if x.amount]
    found: list[LineDiff] = []
    for kinship in _KINSHIP:
        waiting: dict[tuple[object, ...], list[PostedLine]] = defaultdict(list)
        for line in reversed(stands):
            waiting[_key(line, kinship)].append(line)
        left = []
        for line in due:
            same = waiting[_key(line, kinship)]
            if not same:
                left.append(line)
                continue
            one = same.pop()
            if fields := tuple(f for f in LINE_FIELDS if not _agrees(one, line, f, first)):
                found.append(LineDiff(one, line, fields))
        stands, due = [x for rest in waiting.values() for x in reversed(rest)], left
    found += [LineDiff(line, None, LINE_FIELDS) for line in stands]
    return [*found, *(LineDiff(None, line, LINE_FIELDS) for line in due)]


def _key(line: PostedLine, names: Sequence[str]) -> tuple[object, ...]:
    return tuple(getattr(line, name) for name in names)


def _agrees(posted: PostedLine, now: PostedLine, name: str, first: FirstRead) -> bool:
    stands, due = getattr(posted, name) or None, getattr(now, name) or None
    if stands == due:
        return True
    if due is not None or name in ("account_id", "amount"):
        return False
    was = first.lines.get(posted.line_id)
    return was is not None and (getattr(was, name) or None) == stands


def differences_shown(
    posted: PostedDocument, diff: DocumentDiff, labels: Mapping[str, str], currency: str
) -> list[dict[str, str | None]]:
    """Return the differences as details show them, line by line: `channel` is what is due, `erp` what is posted."""
    shown = [_shown(h.field.replace("_", " "), h.posted, h.now) for h in diff.head]
    places = {x.line_id: n for n, x in enumerate(posted.lines, 1) if x.line_id}
    for one in diff.lines:
        place = places.get(one.posted.line_id, 0) if one.posted else 0
        name = f"line {place}" if place else "posted line" if one.posted else "missing line"
        where = f"{name}, {labels.get(one.line.account_id, one.line.account_id)}"
        if one.posted is None or one.now is None:
            shown.append(_shown(where, _whole(one.posted, currency), _whole(one.now, currency)))
            continue
        for name in one.fields:
            stands, due = (_said(getattr(side, name), name, labels, currency) for side in (one.posted, one.now))
            shown.append(_shown(f"{where}: {name.removesuffix('_id')}", stands, due))
    return shown


def _shown(field: str, posted: str | None, now: str | None) -> dict[str, str | None]:
    return {"field": field, "channel": now, "erp": posted, "booked": None}


def _whole(line: PostedLine | None, currency: str) -> str | None:
    return None if line is None else f"{amount_text(line.amount, currency)} {line.memo or ''}".strip()


def _said(value: object, name: str, labels: Mapping[str, str], currency: str) -> str | None:
    if isinstance(value, Decimal):
        return amount_text(value, currency)
    if value is None:
        return None
    return labels.get(str(value), str(value)) if name == "account_id" else str(value)
