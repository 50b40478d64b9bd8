"""Which credit documents of the ERP belong to which refunds, and what of the refunds nobody has credited yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sync.money import total_of

__all__ = ["Credit", "Credited", "Due", "match_credits"]


@dataclass(frozen=True, slots=True)
class Due:
    """What one document has to give back: `amount` as we book it, `with_tax` as the buyer sees it.

    `event` is the refund that it is a portion of, `identity` our external id of the document.
    """

    event: str
    identity: str
    amount: Decimal
    with_tax: Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit memo or a cash refund of the ERP; `total` is positive."""

    document_id: str
    number: str
    external_id: str | None
    total: Decimal
    made_on: date


@dataclass(frozen=True, slots=True)
class Credited:
    """`by` maps identities to the documents that credit them; `left` is what documents credit beyond all of them."""

    by: dict[str, tuple[Credit, ...]]
    left: Decimal
    #: The documents of `left`.
    unmatched: tuple[Credit, ...]

    def is_credited(self, due: Due) -> bool:
        """Tell whether a document gives this back already."""
        return due.identity in self.by


def match_credits(dues: Sequence[Due], held: Iterable[Credit]) -> Credited:
    """Return who credits what: our own number first, then equal amounts (of a whole event, of a portion).

    What is left, such as one document for two refunds, pays the oldest portions that it pays in full. A credit is
    used once.
    """
    free = sorted(held, key=lambda c: (c.made_on, c.document_id))
    by: dict[str, tuple[Credit, ...]] = {}
    own = {c.external_id: c for c in free if c.external_id}
    for due in dues:
        if due.identity in own:
            by[due.identity] = (own[due.identity],)
            free.remove(own[due.identity])
    for event in dict.fromkeys(d.event for d in dues):
        parts = [d for d in dues if d.event == event]
        if not any(d.identity in by for d in parts):
            _take_equal(parts, free, by)
    for due in dues:
        if due.identity not in by:
            _take_equal([due], free, by)
    left = _pool([d for d in dues if d.identity not in by], free, by)
    return Credited(by, left, tuple(free) if left else ())


def _take_equal(parts: Sequence[Due], free: list[Credit], by: dict[str, tuple[Credit, ...]]) -> None:
    wanted = (total_of(d.amount for d in parts), total_of(d.with_tax for d in parts))
    found = next((c for amount in wanted for c in free if c.total == amount), None)
    if found is not None:
        free.remove(found)
        by.update({d.identity: (found,) for d in parts})


def _pool(open_dues: Sequence[Due], free: Sequence[Credit], by: dict[str, tuple[Credit, ...]]) -> Decimal:
    left = total_of(c.total for c in free)
    for due in open_dues:
        if due.amount <= left:
            left -= due.amount
            by[due.identity] = tuple(free)
    return left
