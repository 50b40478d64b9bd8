"""One refund out of what several sources tell of it: each event once, by the most telling source's amounts.

Ledger and settlement name the same refund by the marketplace's id, where they have it. What has no id is the same
event where line and amount are, close in time. An order and a return tell sums that may be those of refunds told
elsewhere: they add an event only where they know of more money than the others do, and never more than that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from reconcile.refunds.models import Refund, RefundLine, Source, plain_key
from sync.money import total_of

__all__ = ["merge_refunds", "same_line"]

_ORDER: tuple[Source, ...] = ("settlement", "ledger", "order", "return")
#: The same refund is posted within so many days by two sources; what the order says is dated by its last change.
_NEAR = timedelta(days=4)

_Fits = Callable[[Refund, Refund], bool]


def merge_refunds(told: Iterable[Refund]) -> tuple[Refund, ...]:
    """Return the refunds of one order, oldest first, each once and with a key of its own.

    Every refund of `told` has one teller; a record that is told twice by the same source counts once.
    """
    once = {(r.told_by[0].source, r.told_by[0].record): r for r in told}
    by_source = {source: [r for (s, _), r in sorted(once.items()) if s == source] for source in _ORDER}
    merged = list(by_source["settlement"])
    merged = _with(merged, by_source["ledger"], _same_event)
    merged = _with(merged, by_source["order"], _same_amount)
    merged = _with(merged, by_source["return"], _same_amount)
    return tuple(_keyed(sorted(merged, key=lambda r: (r.at, r.told_by[0].source, r.told_by[0].record))))


def same_line(left: RefundLine, right: RefundLine) -> bool:
    """Tell whether two lines can be of one order line: by its id, else by SKU, where both have it."""
    if left.line_id and right.line_id:
        return left.line_id == right.line_id
    return left.sku == right.sku if left.sku and right.sku else True


def _with(merged: Sequence[Refund], told: Sequence[Refund], fits: _Fits) -> list[Refund]:
    """Return the merged refunds with what one more source tells."""
    found, claimed = list(merged), set[int]()
    free: list[Refund] = []
    for refund in sorted(told, key=lambda r: r.at):
        place = _place(found[: len(merged)], refund, fits, claimed)
        if place is None:
            free.append(refund)
        else:
            claimed.add(place)
            found[place] = _joined(found[place], refund)
    for refund in free:
        if refund.is_unclear and any(_is_paid_since(held, refund) for held in merged):
            continue
        if _is_distinct(refund, merged) or _is_more(refund, found, told):
            found.append(refund)
    return found


def _place(merged: Sequence[Refund], refund: Refund, fits: _Fits, claimed: set[int]) -> int | None:
    near = [i for i, held in enumerate(merged) if i not in claimed and fits(held, refund)]
    return min(near, key=lambda i: abs(merged[i].at - refund.at), default=None)


def _same_event(held: Refund, refund: Refund) -> bool:
    if held.refund_id and refund.refund_id:
        return held.refund_id == refund.refund_id
    return _same_amount(held, refund) and abs(held.at - refund.at) <= _NEAR


def _same_amount(held: Refund, refund: Refund) -> bool:
    lines = all(any(same_line(a, b) for b in held.lines) for a in refund.lines)
    return lines and held.currency == refund.currency and held.to_buyer == refund.to_buyer


def _is_paid_since(held: Refund, refund: Refund) -> bool:
    """Tell whether a settlement has paid the line since: it knows every refund of the line up to then."""
    lines = any(same_line(a, b) for a in held.lines for b in refund.lines)
    return "settlement" in held.sources and lines and held.at >= refund.at


def _is_distinct(refund: Refund, merged: Sequence[Refund]) -> bool:
    """Tell whether its id alone says that no merged refund is this one."""
    return refund.refund_id is not None and all(held.refund_id is not None for held in merged)


def _is_more(refund: Refund, found: Sequence[Refund], told: Sequence[Refund]) -> bool:
    """Tell whether its source knows of so much more money for the lines that this refund is not among the others."""
    if any(held.currency != refund.currency for held in found):
        return True
    return all(_of_line(found, line) + line.amounts.to_buyer <= _of_line(told, line) for line in refund.lines)


def _of_line(refunds: Iterable[Refund], line: RefundLine) -> Decimal:
    return total_of(x.amounts.to_buyer for r in refunds for x in r.lines if same_line(x, line))


def _joined(held: Refund, refund: Refund) -> Refund:
    """Return a refund with one more teller; units and ids that the first did not say come from the second."""
    lines = tuple(_completed(line, refund.lines) for line in held.lines)
    return replace(
        held,
        lines=lines,
        refund_id=held.refund_id or refund.refund_id,
        told_by=(*held.told_by, *refund.told_by),
    )


def _completed(line: RefundLine, others: Sequence[RefundLine]) -> RefundLine:
    for other in others:
        if same_line(line, other):
            return replace(
                line,
                line_id=line.line_id or other.line_id,
                sku=line.sku or other.sku,
                units=line.units or other.units,
            )
    return line


def _keyed(refunds: Sequence[Refund]) -> list[Refund]:
    seen: dict[str, int] = {}
    found = []
    for refund in refunds:
        if refund.refund_id:
            name = hashlib.sha256(refund.refund_id.encode()).hexdigest()[:10]
        else:
            first = refund.lines[0] if refund.lines else None
            name = plain_key((first.line_id or first.sku or "order") if first else "order")
        seen[name] = seen.get(name, 0) + 1
        found.append(refund.keyed(f"{name}-{seen[name]}" if not refund.refund_id or seen[name] > 1 else name))
    return found
