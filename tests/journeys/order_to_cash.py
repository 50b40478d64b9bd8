"""One order of each way of fulfilment, and a person who approves whatever is planned for them until nothing is left.

In a storm a push dies at chosen steps: what it has stored until then stays, everything else of the process is gone,
and the home is opened anew.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync.outbox.operations import Operation, Outbox
from sync.sandbox.profiles import find_profile
from sync.sandbox.server import Running
from tests.chaos.company import Company, patient_company

#: What the orders' documents and their way back show in; all but the reports are read in few calls.
STREAMS = (
    "amazon.orders amazon.shipments amazon.ledger amazon.returns amazon.seller_returns amazon.settlements"
    " amazon.multichannel"
    " walmart.orders walmart.shipments walmart.returns walmart.settlements"
    " netsuite.customers netsuite.items netsuite.transactions netsuite.links netsuite.parcels netsuite.stock"
).split()
#: Approvals in a row that may be needed, and pushes that one of them may take.
_MOST_ROUNDS, _MOST_PUSHES = 12, 40


class Died(BaseException):
    """The process is gone: nothing catches this."""


@dataclass(slots=True)
class Sale:
    """An order of the journey; `item` and `place` are what its goods are in NetSuite."""

    channel: str
    who: str
    order_id: str
    line_id: str
    item: str
    place: str
    on_hand: Decimal = Decimal(0)

    @property
    def prefix(self) -> str:
        return "AMZ" if self.channel.startswith("amazon") else "WMT"


@dataclass
class Desk:
    """A person at a home that can die and be opened anew; `deaths` says how often it did."""

    running: Running
    folder: Path
    sales: list[Sale] = field(default_factory=list)
    deadly: random.Random | None = None
    deaths: int = 0
    _here: Company | None = None

    @contextmanager
    def at_home(self) -> Iterator[Company]:
        with patient_company(self.running, self.folder) as here:
            yield here

    def lever(self, name: str, **fields: object) -> Mapping[str, Any]:
        answer = httpx.post(f"{self.running.admin}/levers/{name}", json=fields, timeout=30)
        assert answer.status_code == 201, answer.text
        found: Mapping[str, Any] = answer.json()
        return found

    def pass_days(self, days: float) -> None:
        self.running.clock.advance(days * 86_400)

    def arm(self, profile: str) -> None:
        """Let everything of a profile go wrong; what is slow waits in real time: a little."""
        for fault in find_profile(profile).make_faults():
            if fault.name == "slow":
                fault.options["seconds"] = "0.002"
            self.running.faults.add(fault)

    def settle(self) -> int:
        """Pull, compare, approve and push for the journey's orders until nothing can be done; return the rounds."""
        for rounds in range(_MOST_ROUNDS):
            self.running.clock.advance(900)
            if not self._one_round():
                return rounds
        raise AssertionError(f"still something to do after {_MOST_ROUNDS} rounds: {self.left()}")

    def left(self) -> list[tuple[Any, ...]]:
        """Return what is open about the journey's orders: (discrepancy, state, what blocks it, detail)."""
        with self.at_home() as here:
            return self._open(here)

    def _one_round(self) -> bool:
        with self.at_home() as here:
            self._pull(here)
            ids = [row[0] for row in self._open(here) if row[1] == "open"]
            plan = build_plan(here.workspace.store, ids)
            if not plan.operations:
                return False
            store = here.workspace.store
            store.outbox.approve(stage(store, plan, by="ann"), by="ann")
        self._push()
        return True

    def _pull(self, here: Company) -> None:
        for _ in range(6):
            pulled = here.workspace.pull(STREAMS)
            if not pulled.failed:
                break
            self.running.clock.advance(120)
        assert [(f.stream, f.error) for f in pulled.failed] == []
        run_cycle(here.workspace.store)

    def _push(self) -> None:
        """Push until the queue is empty; a push that dies is begun again in a home opened anew."""
        for _ in range(_MOST_PUSHES):
            with pytest.MonkeyPatch.context() as patched, self.at_home() as here:
                if self.deadly is not None:
                    patched.setattr(Outbox, "move", _dying(Outbox.move, self.deadly))
                try:
                    here.workspace.push()
                except Died:
                    self.deaths += 1
                patched.undo()
                waiting = here.workspace.store.outbox.operations(
                    states=("queued", "sending", "answered", "in_doubt", "failed")
                )
                assert [(o.identity, o.error) for o in waiting if o.state == "failed"] == []
                if not waiting:
                    return
            self.running.clock.advance(3700)
        raise AssertionError([(o.identity, o.state, o.error) for o in waiting])

    def _open(self, here: Company) -> list[tuple[Any, ...]]:
        orders = [s.order_id for s in self.sales]
        return here.rows(
            "SELECT discrepancy_id, state, blocked_by, detail FROM discrepancies WHERE state <> 'resolved'"
            " AND control NOT IN ('settlement_not_posted', 'order_never_paid', 'fee_differs', 'customer_duplicate')"
            " AND (list_contains($1::VARCHAR[], subject) OR list_contains($1::VARCHAR[], detail->>'order_id'))"
            " ORDER BY 1",
            orders,
        )


def _dying(move: Callable[..., Operation], dice: random.Random) -> Callable[..., Operation]:
    """Return a step that is now and then the last one of its process: before it is stored, or right after."""

    def dying(self: Outbox, *args: Any, **named: Any) -> Operation:
        cast = dice.random()
        if cast < 0.06:
            raise Died
        moved = move(self, *args, **named)
        if cast > 0.94:
            raise Died
        return moved

    return dying
