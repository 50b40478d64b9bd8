"""What a settlement is made of: sums by category and by line type, which always add to the settlement's sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reconcile.settlement.categories import CATEGORIES, category
from reconcile.settlement.classify import Classified, Placement
from reconcile.settlement.groups import LineGroup
from sync.money import total_of

__all__ = ["Breakdown", "CategoryTotal", "TypeTotal", "break_down"]


@dataclass(frozen=True, slots=True)
class TypeTotal:
    """All lines of one type; `amount` signed as the seller sees it."""

    transaction_type: str
    amount_type: str
    amount_description: str
    category: str
    account_key: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """All lines of one category."""

    category: str
    label: str
    lines: int
    amount: Decimal
    types: tuple[TypeTotal, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Categories in display order, those without lines left out."""

    categories: tuple[CategoryTotal, ...]
    lines: int
    total: Decimal


def break_down(classified: Classified) -> Breakdown:
    """Return the sums of one settlement; each level is the sum of the level below, by construction."""
    by_type: dict[tuple[str, str, str], list[LineGroup]] = {}
    for group in classified.groups:
        by_type.setdefault(group.line_type, []).append(group)
    types = [_type_total(found, classified.of(found[0])) for found in by_type.values()]
    categories = tuple(
        _category_total(c.key, own) for c in CATEGORIES if (own := [t for t in types if t.category == c.key])
    )
    return Breakdown(categories, sum(c.lines for c in categories), total_of(c.amount for c in categories))


def _type_total(groups: list[LineGroup], placement: Placement) -> TypeTotal:
    return TypeTotal(
        *groups[0].line_type,
        category=placement.category,
        account_key=placement.account_key,
        lines=sum(g.count for g in groups),
        amount=total_of(g.amount for g in groups),
    )


def _category_total(key: str, types: Iterable[TypeTotal]) -> CategoryTotal:
    ordered = tuple(
        sorted(types, key=lambda t: (-abs(t.amount), t.transaction_type, t.amount_type, t.amount_description))
    )
    return CategoryTotal(
        key, category(key).label, sum(t.lines for t in ordered), total_of(t.amount for t in ordered), ordered
    )
