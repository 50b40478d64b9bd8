"""Lines of one settlement added up by type, month and fulfilment: the unit that all later steps work on.

A million lines have a few hundred groups, so everything after this step costs nothing. Groups are a partition: every
line is in exactly one, and their amounts add to the settlement's total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

from sync.records import SettlementLine
from sync.settlements import column_of

__all__ = ["GroupKey", "LineGroup", "group_lines", "merge_groups", "set_apart"]

#: Transaction type, amount type, amount description, fulfilled by, month; of what invoices have sold also the account
#: key that their payments went to.
GroupKey = tuple[str, str, str, str | None, str] | tuple[str, str, str, str | None, str, str]


@dataclass(frozen=True, slots=True)
class LineGroup:
    """The lines of one type, fulfilment and calendar month; `amount` is signed as the seller sees it."""

    transaction_type: str
    amount_type: str
    amount_description: str
    fulfilled_by: str | None
    #: YYYY-MM of posted_date.
    month: str
    amount: Decimal
    count: int
    #: Ordinal of the first line in file order, and the earliest posting.
    first_ordinal: int
    first_posted: date
    #: Account key of where the payments of the invoices went that have sold these lines; None: nothing has sold them.
    paid_on: str | None = None

    @property
    def key(self) -> GroupKey:
        """Return what sets this group apart from the settlement's others."""
        if self.paid_on is None:
            return (self.transaction_type, self.amount_type, self.amount_description, self.fulfilled_by, self.month)
        return (*self.line_type, self.fulfilled_by, self.month, self.paid_on)

    @property
    def line_type(self) -> tuple[str, str, str]:
        """Return (transaction type, amount type, amount description)."""
        return (self.transaction_type, self.amount_type, self.amount_description)


def group_lines(lines: Sequence[SettlementLine]) -> tuple[LineGroup, ...]:
    """Return the groups of one settlement's lines, in order of their first line."""
    days = cast("Sequence[date]", column_of(lines, "posted_date"))
    names = ("transaction_type", "amount_type", "amount_description", "fulfilled_by")
    types = [cast("Sequence[str]", column_of(lines, name)) for name in names]
    amounts = cast("Sequence[Decimal]", column_of(lines, "amount"))
    ordinals = cast("Sequence[int]", column_of(lines, "ordinal"))
    daily: dict[tuple[str, str, str, str, date], list[Decimal]] = {}
    first: dict[tuple[str, str, str, str, date], int] = {}
    for key, amount, ordinal in zip(zip(*types, days, strict=True), amounts, ordinals, strict=True):
        found = daily.get(key)
        if found is None:
            daily[key] = [amount]
            first[key] = ordinal
        else:
            found.append(amount)
    groups: dict[GroupKey, LineGroup] = {}
    for (kind, amount_type, text, fulfilled, day), values in daily.items():
        at = first[(kind, amount_type, text, fulfilled, day)]
        month_key = (kind, amount_type, text, fulfilled, f"{day:%Y-%m}")
        before = groups.get(month_key)
        groups[month_key] = LineGroup(
            *month_key,
            sum(values, before.amount if before else Decimal(0)),
            len(values) + (before.count if before else 0),
            min(at, before.first_ordinal) if before else at,
            min(day, before.first_posted) if before else day,
        )
    return tuple(sorted(groups.values(), key=lambda g: g.first_ordinal))


def merge_groups(parts: Iterable[Sequence[LineGroup]]) -> tuple[LineGroup, ...]:
    """Return the groups of a settlement that was grouped part by part, as if all its lines had been grouped at once."""
    merged: dict[GroupKey, LineGroup] = {}
    for group in (group for part in parts for group in part):
        held = merged.get(group.key)
        merged[group.key] = (
            group
            if held is None
            else replace(
                held,
                amount=held.amount + group.amount,
                count=held.count + group.count,
                first_ordinal=min(held.first_ordinal, group.first_ordinal),
                first_posted=min(held.first_posted, group.first_posted),
            )
        )
    return tuple(sorted(merged.values(), key=lambda g: g.first_ordinal))


def set_apart(groups: Sequence[LineGroup], apart: Sequence[LineGroup]) -> tuple[LineGroup, ...]:
    """Return the groups with those of `apart` (each with `paid_on`) taken out of the ones that hold their lines.

    They stay a partition: each group of `apart` holds some or all lines of one of `groups`.

    Raises:
        ValueError: a group of `apart` is in none of `groups`.
    """
    if not apart:
        return tuple(groups)
    left = {group.key: group for group in groups}
    for one in apart:
        whole = replace(one, paid_on=None).key
        if one.paid_on is None or whole not in left or left[whole].count < one.count:
            raise ValueError(f"lines of {' / '.join(one.line_type)} are in no group that they could be taken from")
        held = left[whole]
        left[whole] = replace(held, amount=held.amount - one.amount, count=held.count - one.count)
    kept = [group for group in left.values() if group.count]
    return tuple(sorted((*kept, *apart), key=lambda g: (g.first_ordinal, g.paid_on is not None)))
