"""What a fix returns: writes in order, and what stands in the way of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation
from sync.records import Order

__all__ = ["Derived", "Obstacle", "for_a_person"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One discrepancy that cannot be fixed now, with the cause that it shares with others and what would help."""

    discrepancy_id: str
    channel: str
    subject: str
    cause_id: str
    cause: str
    remedy: str
    amount: Decimal
    currency: str


@dataclass(slots=True)
class Derived:
    """Writes (a write stands after all that it depends on) and obstacles. One identity appears once."""

    obstacles: list[Obstacle] = field(default_factory=list)
    _writes: dict[str, PlannedOperation] = field(default_factory=dict)

    @property
    def operations(self) -> list[PlannedOperation]:
        """Return the writes in the order in which they were added."""
        return list(self._writes.values())

    def add(self, operation: PlannedOperation) -> None:
        """Append a write unless one of the same identity is there (two orders of one new customer)."""
        self._writes.setdefault(operation.identity, operation)

    def take(
        self, made: PlannedOperation | tuple[str, str, str], discrepancy_id: str, order: Order, amount: Decimal
    ) -> None:
        """Add an outcome for an order: a write, or (cause id, cause, remedy) of what keeps `amount` from being written.

        What is blocked holds back no other.
        """
        if isinstance(made, PlannedOperation):
            self.add(made)
        else:
            self.obstacles.append(
                Obstacle(discrepancy_id, order.channel, order.order_id, *made, amount, order.currency)
            )

    def extend(self, operations: Iterable[PlannedOperation]) -> None:
        """Append several writes."""
        for operation in operations:
            self.add(operation)


def for_a_person(
    findings: Iterable[Finding], wanted: Mapping[tuple[str, str], str], remedy: Callable[[Finding], str]
) -> Derived:
    """Return an obstacle for each wanted finding: differences that no write settles, only a person.

    `wanted` maps (channel, subject) to discrepancy ids; `remedy` says what would help.
    """
    derived = Derived()
    for f in findings:
        found = wanted.get((f.channel, f.subject))
        if found is not None:
            derived.obstacles.append(
                Obstacle(found, f.channel, f.subject, f.cause_id, f.cause, remedy(f), f.amount, f.currency)
            )
    return derived
