"""Goods that come and go without an order: deliveries, transfers between warehouses, losses, damage, disposals."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.sandbox.world.stock import SELLABLE, StockMovement

__all__ = ["Demand", "plan_movements"]

#: (SKU, warehouse, when, units): what an order takes, as it was decided when the world was built.
Demand = tuple[str, str, datetime, int]

_OPENED = timedelta(days=130)
_RESTOCK = timedelta(days=28)
#: Never less than this lies there, so that no small loss makes a stock negative.
_BUFFER = 48
_DAMAGED = "WAREHOUSE_DAMAGED"


@dataclass(slots=True)
class _Pen:
    """Writes the planned movements of one SKU."""

    channel: str
    sku: str
    written: list[StockMovement]

    def write(
        self,
        at: datetime,
        warehouse: str,
        event: str,
        quantity: int,
        *,
        disposition: str = SELLABLE,
        reason: str = "",
        reference: str = "",
        announced_at: datetime | None = None,
    ) -> None:
        """Add a movement; its id follows from its place in the plan."""
        number = f"P{self.sku}-{len(self.written) + 1}"
        self.written.append(
            StockMovement(
                number,
                at,
                self.channel,
                self.sku,
                warehouse,
                event,
                quantity,
                disposition,
                reason,
                reference,
                announced_at,
            )
        )


def plan_movements(
    seed: int,
    channel: str,
    now: datetime,
    skus: Sequence[str],
    warehouses: Sequence[str],
    demand: Iterable[Demand],
) -> list[StockMovement]:
    """Return the planned movements of a channel; same arguments, same plan.

    Deliveries cover what orders take (those already decided to leave after `now` too), a little ahead.
    """
    taken: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
    for sku, warehouse, at, units in demand:
        taken.setdefault((sku, warehouse), []).append((at, units))
    plan: list[StockMovement] = []
    for sku in sorted(skus):
        rng = random.Random(f"{seed}-{channel}-stock-{sku}")
        pen = _Pen(channel, sku, [])
        for warehouse in warehouses:
            _deliveries(rng, pen, warehouse, now, taken.get((sku, warehouse), []))
        _incidents(rng, pen, warehouses, now)
        plan += pen.written
    return plan


def _deliveries(
    rng: random.Random, pen: _Pen, warehouse: str, now: datetime, taken: Sequence[tuple[datetime, int]]
) -> None:
    """Write the opening delivery and one every four weeks, each with what is going to leave until the next."""
    opened = (now - _OPENED).replace(hour=6, minute=0, second=0)
    starts = [opened + _RESTOCK * n for n in range(int(_OPENED / _RESTOCK) + 1)]
    for number, start in enumerate(starts):
        last = number == len(starts) - 1
        units = sum(q for at, q in taken if start <= at < start + _RESTOCK or (last and at >= start))
        quantity = units + (_BUFFER + rng.randint(0, 60) if number == 0 else 0)
        if quantity:
            shipment = f"FBA{rng.randint(10**8, 10**9 - 1)}"
            pen.write(start, warehouse, "receipt", quantity, reference=shipment, announced_at=start - timedelta(days=9))
    if rng.random() < 0.5:
        at = now + timedelta(days=rng.randint(1, 8), hours=rng.randint(1, 20))
        shipment = f"FBA{rng.randint(10**8, 10**9 - 1)}"
        quantity = rng.randint(2, 8) * 12
        pen.write(at, warehouse, "receipt", quantity, reference=shipment, announced_at=now - timedelta(days=2))


def _incidents(rng: random.Random, pen: _Pen, warehouses: Sequence[str], now: datetime) -> None:
    for at, kind in _moments(rng, now):
        here = rng.choice(list(warehouses))
        there = next((w for w in warehouses if w != here), here)
        units = rng.randint(1, 3)
        reference = f"{rng.randint(10**11, 10**12 - 1)}"
        match kind:
            case "transfer":
                arrived = at + timedelta(days=2, hours=5)
                pen.write(at, here, "transfer_out", -units * 4, reference=reference)
                pen.write(arrived, there, "transfer_in", units * 4, reference=reference)
            case "lost":
                pen.write(at, here, "lost", -1, reason="M", reference=reference)
                if rng.random() < 0.5:
                    pen.write(at + timedelta(days=11), here, "found", 1, reason="F", reference=reference)
            case "damaged":
                pen.write(at, here, "damaged", -units, reason="E", reference=reference)
                pen.write(at, here, "damaged", units, disposition=_DAMAGED, reason="E", reference=reference)
                if rng.random() < 0.6:
                    gone = at + timedelta(days=25)
                    pen.write(gone, here, "disposed", -units, disposition=_DAMAGED, reason="D", reference=reference)
            case _:
                pen.write(at, here, "adjustment", rng.choice([-1, 1]), reason="Q", reference=reference)


def _moments(rng: random.Random, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield when something happens to a SKU, from 110 days ago to ten days ahead."""
    for _ in range(rng.choice([1, 2, 2, 3])):
        at = now - timedelta(days=110) + timedelta(seconds=rng.randint(0, 120 * 86_400))
        yield at, rng.choice(["transfer", "lost", "damaged", "adjustment"])
