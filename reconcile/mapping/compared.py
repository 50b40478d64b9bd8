"""Decision kind `comparison`: which parts of a delivery are held against the documents of a channel, and how closely.

Subject is the channel, `*` for all that have none of their own; the value is {"skip": ["ship_by", …], "days": 2}.
What is skipped is not looked at; a ship date may be so many days off before it counts as another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.ops.decisions import Decision

__all__ = ["COMPARISON", "PARTS", "Compared", "compared_of", "comparison_problem"]

COMPARISON = "comparison"
PARTS = ("name", "street", "city", "region", "postal_code", "country", "phone", "ship_by", "ship_method")
_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Compared:
    """What is left out of a comparison, and by how many days a ship date may differ."""

    skipped: frozenset[str] = frozenset()
    days: int = 0

    def without(self, part: str) -> dict[str, object]:
        """Return the decision that leaves out one more part."""
        return {"skip": sorted({*self.skipped, part})} | ({"days": self.days} if self.days else {})

    def within(self, days: int) -> dict[str, object]:
        """Return the decision that lets a ship date be so many days off."""
        return ({"skip": sorted(self.skipped)} if self.skipped else {}) | {"days": days}


def compared_of(channel: str, decisions: Mapping[str, Decision]) -> Compared:
    """Return how a channel's documents are compared; everything, to the day, where nobody decided otherwise."""
    held = decisions.get(channel) or decisions.get("*")
    if held is None:
        return Compared()
    return Compared(frozenset(str(p) for p in held.value.get("skip", ())), int(held.value.get("days", 0)))


def comparison_problem(subject: str, value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision of this kind, None where it can be used."""
    if subject != "*" and not all(subject.partition(".")):
        return "the subject is a channel such as amazon.US, or *"
    if extra := sorted(set(value) - {"skip", "days"}):
        return f"has the unknown field {', '.join(extra)}"
    skip, days = value.get("skip", []), value.get("days", 0)
    if not isinstance(skip, list) or (unknown := sorted({str(p) for p in skip} - set(PARTS))):
        named = f"; {', '.join(unknown)} is none" if isinstance(skip, list) else ""
        return f"skip is a list of {', '.join(PARTS)}{named}"
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        return f"days is a whole number from 0 to {_MOST_DAYS}"
    return None if skip or days else "says neither skip nor days"
