"""What a proof says: each check with how much it looked at and what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Check", "Difference", "check"]

#: Differences of one check that are named; the others are counted.
_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be: in which file, of what (settlement, line, row), and how."""

    file: str
    subject: str
    problem: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check; it is proved where nothing differs. `count` is how many things were looked at."""

    name: str
    count: int
    differences: tuple[Difference, ...] = ()
    #: How many differences there are, also those that are not named.
    differing: int = 0
    #: What a reader should know though it proves or disproves nothing.
    notes: tuple[str, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Tell whether nothing differs."""
        return self.differing == 0


def check(name: str, count: int, differences: Iterable[Difference], notes: Iterable[str] = ()) -> Check:
    """Return a check of these differences, of which the first are named."""
    named, total = [], 0
    for difference in differences:
        total += 1
        if total <= _MOST_NAMED:
            named.append(difference)
    return Check(name, count, tuple(named), total, tuple(notes))
