"""What hangs on what: made from, applied to, deposited."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["Chain", "applications"]

_ZERO = Decimal(0)


def applications(stored: Stored) -> dict[int, Decimal]:
    """Return what a credit, payment or refund is applied to: document → amount in its currency."""
    found: dict[int, Decimal] = {}
    for row in stored.lines.get("apply", ()):
        doc, amount = row.get("doc"), row.get("amount")
        if isinstance(doc, int) and isinstance(amount, Decimal):
            found[doc] = amount
    return found


def _deposited(stored: Stored) -> set[int]:
    return {doc for row in stored.lines.get("payment", ()) if isinstance(doc := row.get("id"), int)}


@dataclass(slots=True)
class Chain:
    """Who follows whom, by internal id of the transaction."""

    followers: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: document → credit or payment applied to it → amount
    applied: dict[int, dict[int, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    #: payment or cash sale → the deposit that took it to the bank
    deposits: dict[int, int] = field(default_factory=dict)

    def tie(self, stored: Stored) -> set[int]:
        """Note what a transaction hangs on, and return those documents."""
        source, targets = stored.ref("createdFrom"), set[int]()
        if source is not None:
            targets.add(source)
            if stored.id not in self.followers[source]:
                self.followers[source].append(stored.id)
        for doc, amount in applications(stored).items():
            self.applied[doc][stored.id] = amount
            targets.add(doc)
        for doc in _deposited(stored):
            self.deposits[doc] = stored.id
            targets.add(doc)
        return targets

    def untie(self, stored: Stored) -> set[int]:
        """Forget what a transaction hung on, and return those documents."""
        source, targets = stored.ref("createdFrom"), set[int]()
        if source is not None:
            targets.add(source)
            self.followers[source] = [i for i in self.followers[source] if i != stored.id]
        for doc in applications(stored):
            self.applied[doc].pop(stored.id, None)
            targets.add(doc)
        for doc in _deposited(stored):
            self.deposits.pop(doc, None)
            targets.add(doc)
        return targets

    def depends(self, internal_id: int) -> bool:
        """Say whether a document cannot go away because others hang on it."""
        return bool(self.followers.get(internal_id) or self.applied.get(internal_id) or internal_id in self.deposits)

    def paid(self, internal_id: int, *, without: int = 0) -> Decimal:
        """Return how much is applied to a document, leaving out what `without` applies."""
        return sum((a for i, a in self.applied.get(internal_id, {}).items() if i != without), _ZERO)
