"""What a re-issued report changed, by category: where in the books the difference belongs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reconcile.reissues import Reissue
from reconcile.settlement import Rules
from reconcile.settlement.categories import category

__all__ = ["CategoryChange", "by_category"]


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """One category with the lines that differ and what they add to the total; a changed line counts where it is now."""

    category: str
    label: str
    lines: int
    amount: Decimal


def by_category(reissue: Reissue, rules: Rules) -> list[CategoryChange]:
    """Return the categories in which lines differ, the largest amount first; their amounts add to the difference."""
    vendor = reissue.channel.partition(".")[0]
    sums: dict[str, tuple[int, Decimal]] = {}
    for kind, (lines, amount) in reissue.types.items():
        key = rules.place(vendor, *kind).category
        held = sums.get(key, (0, Decimal(0)))
        sums[key] = (held[0] + lines, held[1] + amount)
    found = [CategoryChange(key, category(key).label, *held) for key, held in sums.items()]
    return sorted(found, key=lambda c: (-abs(c.amount), c.category))
