"""A settlement cut at calendar months: each part is posted in its own accounting period."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconcile.settlement.classify import Classified, Placement
from reconcile.settlement.groups import LineGroup
from sync.money import total_of

__all__ = ["MonthPart", "last_day", "split_months"]


@dataclass(frozen=True, slots=True)
class MonthPart:
    """The lines of one settlement posted in one calendar month, by the report's own dates."""

    #: YYYY-MM.
    month: str
    groups: tuple[tuple[LineGroup, Placement], ...]
    amount: Decimal
    lines: int


def split_months(classified: Classified) -> tuple[MonthPart, ...]:
    """Return the parts in order of month; every line is in exactly one, and they add to the settlement's sum."""
    months = sorted({group.month for group in classified.groups})
    return tuple(_part(month, classified) for month in months)


def _part(month: str, classified: Classified) -> MonthPart:
    own = tuple((group, placement) for group, placement in classified if group.month == month)
    return MonthPart(month, own, total_of(g.amount for g, _ in own), sum(g.count for g, _ in own))


def last_day(month: str) -> date:
    """Return the last day of YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
