"""Which line of a settlement that does not foot was probably changed, where the file itself can tell.

A file says some amounts twice: tax and the same tax withheld, the same fee on each unit of one SKU, a commission beside
its rate. Where one of these is off by exactly the residual, the line is named. It is a hint and never a repair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync.records import SettlementLine

__all__ = ["Suspect", "first_suspect"]

#: As often as this an amount must stand beside the odd one before it is called the usual one.
_USUAL = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line that may have been changed: its number in the file, and what it disagrees with."""

    file_line: int
    why: str


def first_suspect(lines: Sequence[SettlementLine], error: Decimal, *, cancelling: Mapping[str, str]) -> Suspect | None:
    """Return the one line that is off by `error` (the sum of the lines less the stated total); None: it cannot be told.

    `cancelling` maps amount descriptions to those that take the same amount back (tax to tax withheld), both in lower
    case. Two lines that could both be it are as good as none.
    """
    for found in (_uncancelled(lines, error, cancelling), _odd_ones(lines, error)):
        if len(found) == 1:
            return found[0]
    return None


def _uncancelled(lines: Iterable[SettlementLine], error: Decimal, cancelling: Mapping[str, str]) -> list[Suspect]:
    """Return pairs that should add to zero and add to `error`; the later line of a pair stands for it."""
    backward = {taken: given for given, taken in cancelling.items()}
    pairs: dict[tuple[object, ...], list[SettlementLine]] = defaultdict(list)
    for line in lines:
        name = (line.amount_description.lower(), line.amount_type.lower())
        given = next((n if n in cancelling else backward[n] for n in name if n in cancelling or n in backward), None)
        if given is not None and line.order_id:
            key = (line.transaction_type, line.order_id, line.order_line_id, line.sku, line.adjustment_id)
            pairs[(*key, line.shipment_id, given)].append(line)
    return [
        Suspect(
            pair[1].file_line,
            f"it should cancel line {pair[0].file_line} ({pair[0].amount}), and is {pair[1].amount}",
        )
        for pair in pairs.values()
        if len(pair) == 2 and sum((line.amount for line in pair), Decimal(0)) == error
    ]


def _odd_ones(lines: Iterable[SettlementLine], error: Decimal) -> list[Suspect]:
    """Return lines whose amount stands alone among equals, `error` away from what the others have."""
    alike: dict[tuple[object, ...], list[SettlementLine]] = defaultdict(list)
    for line in lines:
        if line.sku:
            kind = (line.transaction_type, line.amount_type, line.amount_description)
            alike[(*kind, line.sku, line.quantity)].append(line)
    found = []
    for group in alike.values():
        counts = Counter(line.amount for line in group)
        for line in group:
            usual = line.amount - error
            if counts[line.amount] == 1 and counts[usual] >= _USUAL:
                why = f"it is {line.amount}, {counts[usual]} others of SKU {line.sku} are {usual}"
                found.append(Suspect(line.file_line, why))
    return found
