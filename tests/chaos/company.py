"""A company over a sandbox whose time stands still: homes, clocks that wait without waiting, mirrors to compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from console.commands.sandboxes import connect_home
from console.workspace import Workspace
from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions
from sync.engine import Pulled
from sync.mirror.entities import ENTITIES
from sync.sandbox import server
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.server import Running, Sandbox
from sync.sandbox.world.placing import place_order

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: Our clock's lag behind the vendors', within what NetSuite accepts: a test can let a login grow old by moving ours.
BEHIND = timedelta(minutes=2)
VENDORS = ("amazon", "walmart", "netsuite")
WRITE_STREAMS = ("netsuite.customers", "netsuite.transactions")

#: Bookkeeping of when and where a row was seen (streams that run at once draw their versions from one row of numbers).
_SEEN = {"observed_at", "page_id", "page_ordinal", "version"}


@dataclass(slots=True)
class StillClock:
    """The company's time: it stands still; who waits only moves the stopwatch."""

    at: datetime = NOW
    waited: list[float] = field(default_factory=list)
    _ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._ticks

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._ticks += max(seconds, 0.0)
        await asyncio.sleep(0)

    def move(self, seconds: float) -> None:
        """Move the time forward."""
        self.at += timedelta(seconds=seconds)
        self._ticks += seconds


@dataclass(slots=True)
class CreepingClock(StillClock):
    """A still clock that creeps on a little with every look, for logins must grow old, up to the vendors' time."""

    crept: timedelta = timedelta(0)

    def now(self) -> datetime:
        self.crept = min(self.crept + timedelta(seconds=0.4), BEHIND)
        return self.at + self.crept


@dataclass(slots=True)
class SharedClock:
    """The company's time is the vendors', a little behind: who waits for a report lets time go by for all."""

    running: Running
    _ticks: float = 0.0

    @property
    def at(self) -> datetime:
        return self.running.clock.now() - BEHIND

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._ticks

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)
        self.running.clock.advance(max(seconds, 0.0))
        await asyncio.sleep(0)

    def move(self, seconds: float) -> None:
        self._ticks += max(seconds, 0.0)


@contextmanager
def still_sandbox(size: int, folder: Path) -> Iterator[Running]:
    """Serve the seeded world with its time standing still."""
    settings = AccountSettings(service_time_s=0.0)
    sandbox = Sandbox(seed=7, now=NOW, size=size, limits=False, ticks=lambda: 0.0, directory=folder, settings=settings)
    with sandbox.start() as running:
        yield running


@contextmanager
def limited_sandbox(size: int, folder: Path) -> Iterator[tuple[Running, CreepingClock]]:
    """Serve the seeded world with the vendors' limits on; they count our waiting, the world's time stands still."""
    clock = CreepingClock(NOW - BEHIND)

    class WorldClock(SandboxClock):
        def now(self) -> datetime:
            return NOW + timedelta(seconds=self._moved_s)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server, "SandboxClock", WorldClock)
        sandbox = Sandbox(seed=7, now=NOW, size=size, limits=True, ticks=clock.monotonic, directory=folder)
        with sandbox.start() as running:
            yield running, clock


@dataclass
class Company:
    """One home over a sandbox."""

    running: Running
    clock: StillClock | SharedClock
    workspace: Workspace

    def pass_time(self, seconds: float) -> None:
        """Let the same time go by for us and for the vendors."""
        self.clock.move(seconds)
        self.running.clock.advance(seconds)

    def fault(self, vendor: str, name: str, *, count: int = 1, match: str = "", method: str = "") -> None:
        """Let the next `count` fitting calls go wrong."""
        self.running.faults.add(Fault(vendor, name, count=count, match=match, method=method))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query over the database."""
        with self.workspace.store.database.reading() as cursor:
            return cursor.execute(sql, list(values)).fetchall()

    def in_netsuite(self, query: str, *parameters: str) -> list[Mapping[str, object]]:
        """Return what NetSuite answers to a SuiteQL query, over HTTP."""
        return self.workspace.submit(self.workspace.accounts.netsuite_query(query, parameters)).result(timeout=60)

    def decide(self) -> None:
        """Take the demonstration's decisions and run the controls."""
        decisions = resources.files("data").joinpath("demo_decisions.toml").read_text(encoding="utf-8")
        apply_decisions(self.workspace.store, decisions, by="ann")
        run_cycle(self.workspace.store)


@contextmanager
def company(running: Running, folder: Path, clock: StillClock | SharedClock | None = None) -> Iterator[Company]:
    """Open a home that is a client of the sandbox; `clock` is its time, one of its own unless told."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TIEOUT_NOW", NOW.isoformat())
        connect_home(folder, running.addresses())
    clock = clock or StillClock(running.clock.now() - BEHIND)
    workspace = Workspace.open(folder, clock)
    try:
        yield Company(running, clock, workspace)
    finally:
        workspace.close()


@contextmanager
def patient_company(running: Running, folder: Path) -> Iterator[Company]:
    """Open a home that is a client of the sandbox and shares its time."""
    with company(running, folder, SharedClock(running)) as opened:
        yield opened


def contents(company: Company, tables: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the tables, sorted, without the bookkeeping of when and where it was seen."""
    found = {}
    for table in tables:
        columns = [row[0] for row in company.rows(f"SELECT column_name FROM (DESCRIBE {table})")]
        names = ", ".join(f'"{c}"' for c in columns if c not in _SEEN)
        found[table] = company.rows(f"SELECT {names} FROM {table} ORDER BY ALL")
    return found


def mirror_tables() -> list[str]:
    """Return the tables of the mirror's records, current and every version."""
    tables = [t for e in ENTITIES for t in (e.table, *([e.lines.table] if e.lines else []))]
    return [name for t in tables for name in (t, f"{t}_versions")]


def open_documents(here: Company) -> list[str]:
    """Return open discrepancies: a Walmart order of this minute, two of Amazon's, and one about a settlement.

    That is a part that can be posted, or else an invoice that a settlement pays.
    """
    ((sku,),) = here.rows(
        "SELECT min(l.sku) FROM order_lines l JOIN discrepancies d ON d.channel = l.channel AND d.subject = l.order_id"
        " WHERE d.channel = 'walmart.US' AND d.control = 'order_missing' AND d.state = 'open'"
    )
    world, now = here.running.world, here.running.clock.now()
    placed = place_order(world, now, channel="walmart.US", sku=sku, quantity=2, fulfilled_by="seller")
    here.pass_time(600)
    assert states_of(here.workspace.pull(["walmart.orders", *WRITE_STREAMS])) == {"done"}
    run_cycle(here.workspace.store)
    orders = here.rows(
        "SELECT discrepancy_id FROM discrepancies WHERE control = 'order_missing' AND state = 'open'"
        " AND starts_with(channel, 'amazon') ORDER BY occurred_at, 1 LIMIT 2"
    )
    settled = here.rows(
        "SELECT discrepancy_id FROM discrepancies WHERE control IN ('settlement_not_posted', 'invoice_unpaid')"
        " AND state = 'open' ORDER BY control DESC, subject LIMIT 1"
    )
    assert (len(orders), len(settled)) == (2, 1), "the world is too small for this test"
    return [f"order_missing|walmart.US|{placed.order_id}", *(row[0] for row in orders + settled)]


def states_of(pulled: Pulled) -> set[str]:
    return {o.error or o.state for o in pulled.streams}


def send(here: Company) -> None:
    """Do what a push does: drain, read the targets back, compare."""
    here.workspace.push()
    assert states_of(here.workspace.pull(WRITE_STREAMS)) == {"done"}
    run_cycle(here.workspace.store)


def documents(here: Company) -> int:
    (row,) = here.in_netsuite("SELECT COUNT(*) AS n FROM transaction")
    return int(str(row["n"]))
