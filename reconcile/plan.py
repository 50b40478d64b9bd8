"""Plans: the writes that settle chosen discrepancies, in order, with what they change, cost and cannot settle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reconcile.controls import Evidence, control_named
from reconcile.controls.posting_days import Offer, offers
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.orders.acknowledgements import acknowledge_anew
from sync.errors import BadInput
from sync.outbox.operations import LIVE_STATES, Operation, PlannedOperation
from sync.store.store import Store

__all__ = ["Plan", "Total", "build_plan", "rederive", "stage"]

#: What one write of a kind costs: (vendor, calls) for look, write and read back.
_CALLS = {
    "customer.create": ("netsuite", 3),
    "customer.update": ("netsuite", 3),
    "sales_order.create": ("netsuite", 3),
    "cash_sale.create": ("netsuite", 3),
    "sales_order.update": ("netsuite", 3),
    "sales_order.close_lines": ("netsuite", 3),
    "journal_entry.create": ("netsuite", 3),
    "order.acknowledge": ("walmart", 3),
    "order.cancel": ("walmart", 4),
    "fulfillment.create": ("netsuite", 4),
    "invoice.create": ("netsuite", 4),
    "return_authorization.create": ("netsuite", 4),
    "return_authorization.close_lines": ("netsuite", 3),
    "item_receipt.create": ("netsuite", 4),
    "credit_memo.create": ("netsuite", 4),
    "cash_refund.create": ("netsuite", 4),
    "customer_refund.create": ("netsuite", 3),
    "order.refund": ("walmart", 3),
    "return.refund": ("walmart", 3),
}


@dataclass(frozen=True, slots=True)
class Total:
    """How many writes of a kind, and their money in one currency (None: the kind carries none)."""

    kind: str
    count: int
    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Derived from the mirror at one moment, not stored yet.

    `operations` are in an order in which each stands after what it depends on. `settled` are discrepancies that no
    longer differ, or that nothing needs to be written for.
    """

    title: str
    operations: tuple[PlannedOperation, ...]
    obstacles: tuple[Obstacle, ...]
    settled: tuple[str, ...]
    #: Decisions that would take obstacles out of the way.
    offers: tuple[Offer, ...] = ()

    @property
    def totals(self) -> list[Total]:
        """Return count and money by kind and currency."""
        sums: dict[tuple[str, str | None], tuple[int, Decimal]] = {}
        for o in self.operations:
            count, amount = sums.get((o.kind, o.currency), (0, Decimal(0)))
            sums[o.kind, o.currency] = (count + 1, amount + (o.amount or Decimal(0)))
        return [Total(kind, count, amount, currency) for (kind, currency), (count, amount) in sums.items()]

    @property
    def periods(self) -> list[str]:
        """Return the accounting months (YYYY-MM) that the plan's documents fall in."""
        return sorted({o.period for o in self.operations if o.period})

    @property
    def calls(self) -> Mapping[str, int]:
        """Return how many calls each vendor will see when nothing has to be repeated."""
        found: dict[str, int] = {}
        for operation in self.operations:
            vendor, count = _CALLS.get(operation.kind, (operation.vendor, 3))
            found[vendor] = found.get(vendor, 0) + count
        return found


@dataclass(frozen=True, slots=True)
class _Chosen:
    discrepancy_id: str
    control: str
    channel: str
    subject: str
    waived: str | None


def build_plan(store: Store, discrepancy_ids: Iterable[str], *, title: str | None = None) -> Plan:
    """Derive the writes for these discrepancies from the mirror as it is now.

    Raises:
        BadInput: an id is unknown, or waived or snoozed by a person.
    """
    chosen = _chosen(store, list(dict.fromkeys(discrepancy_ids)))
    derived = Derived()
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        for control in sorted({c.control for c in chosen}):
            wanted = {(c.channel, c.subject): c.discrepancy_id for c in chosen if c.control == control}
            one = control_named(control).fix(evidence, wanted)
            derived.obstacles += one.obstacles
            derived.extend(one.operations)
        offered = offers(evidence)
    touched = {o.discrepancy_id for o in derived.operations} | {o.discrepancy_id for o in derived.obstacles}
    return Plan(
        title=title or _title(derived.operations, len(chosen)),
        operations=tuple(in_order(derived.operations)),
        obstacles=tuple(derived.obstacles),
        settled=tuple(c.discrepancy_id for c in chosen if c.discrepancy_id not in touched),
        offers=offered,
    )


def stage(store: Store, plan: Plan, *, by: str) -> str:
    """Store the plan's writes for review and return the plan's id; its discrepancies become planned.

    Raises:
        BadInput: the plan holds nothing to write, or one of its writes is being sent already.
    """
    if not plan.operations:
        raise BadInput("the plan holds nothing to write", remedy="Remove what blocks its discrepancies first")
    with store.database.transaction():
        plan_id = store.outbox.stage(plan.title, plan.operations, by=by)
        store.findings.set_states({o.discrepancy_id: "planned" for o in plan.operations if o.discrepancy_id})
    return plan_id


def rederive(store: Store, operation: Operation) -> PlannedOperation | None:
    """Derive one approved write anew from the mirror as it is now; None where it is no longer needed.

    Raises:
        BadInput: it is blocked now, and by what.
    """
    if operation.discrepancy_id is None:
        raise BadInput(f"{operation.identity} belongs to no discrepancy", remedy="Plan it again")
    control = operation.discrepancy_id.partition("|")[0]
    wanted = {_key(i): i for i in _served(store, operation, operation.discrepancy_id)}
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        if operation.kind == "order.acknowledge":
            return acknowledge_anew(evidence, operation)
        derived = control_named(control).fix(evidence, wanted)
    if derived.obstacles and not derived.operations:
        obstacle = derived.obstacles[0]
        raise BadInput(f"{operation.identity} is blocked: {obstacle.cause}", remedy=obstacle.remedy)
    found = next((o for o in derived.operations if o.identity == operation.identity), None)
    for needed in found.depends_on if found else ():
        if not store.outbox.operations(identity=needed):
            raise BadInput(f"{operation.identity} now needs {needed} first", remedy="Plan it again")
    return found


def _key(discrepancy_id: str) -> tuple[str, str]:
    _, channel, subject = discrepancy_id.split("|", 2)
    return (channel, subject)


def _served(store: Store, operation: Operation, own: str) -> list[str]:
    """Return the discrepancies that a write serves: a new customer stays needed while one of his orders waits."""
    if operation.kind != "customer.create":
        return [own]
    waiting = store.outbox.operations(states=LIVE_STATES)
    ids = [o.discrepancy_id for o in waiting if operation.identity in o.depends_on and o.discrepancy_id]
    return list(dict.fromkeys([own, *ids]))


def in_order(operations: Sequence[PlannedOperation]) -> list[PlannedOperation]:
    """Return the operations so that each stands after those of the plan that it depends on, else as they came.

    Raises:
        ValueError: they depend on each other in a circle.
    """
    left = {o.identity: o for o in operations}
    done: list[PlannedOperation] = []
    while left:
        ready = [o for o in left.values() if not any(d in left for d in o.depends_on)]
        if not ready:
            raise ValueError(f"operations depend on each other in a circle: {', '.join(left)}")
        for operation in ready:
            del left[operation.identity]
        done += ready
    return done


def _chosen(store: Store, ids: list[str]) -> list[_Chosen]:
    with store.database.reading() as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(
            """
            WITH marked AS (
                SELECT discrepancy_id, mark, until FROM discrepancy_marks
                QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
            )
            SELECT d.discrepancy_id, control, channel, subject,
                CASE WHEN m.mark <> 'lifted' AND (m.until IS NULL OR m.until > $2) THEN m.mark END
            FROM discrepancies d LEFT JOIN marked m ON m.discrepancy_id = d.discrepancy_id
            WHERE d.discrepancy_id IN (SELECT unnest($1::VARCHAR[]))
            """,
            [ids, store.clock.now()],
        ).fetchall()
    found = {row[0]: _Chosen(*row) for row in rows}
    for one in ids:
        if one not in found:
            raise BadInput(f"there is no discrepancy {one}", remedy="See `tieout list discrepancies`")
        if found[one].waived:
            raise BadInput(f"{one} is {found[one].waived}", remedy="Lift that first, or leave it out of the plan")
    return [found[one] for one in ids]


def _title(operations: Sequence[PlannedOperation], chosen: int) -> str:
    words = {"sales_order.create": "sales orders", "cash_sale.create": "cash sales", "journal_entry.create": "journals"}
    words = {"sales_order.create": "sales orders", "journal_entry.create": "journals"}
    words |= {"shipment.confirm": "shipments", "fulfillment.create": "fulfilments", "invoice.create": "invoices"}
    counts = {w: sum(o.kind == kind for o in operations) for kind, w in words.items()}
    said = " and ".join(f"{n} {w[:-1] if n == 1 else w}" for w, n in counts.items() if n)
    return said or f"{chosen} discrepancies"
