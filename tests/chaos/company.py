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
from sync.mirror.entities import ENTITIES
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox

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


@contextmanager
def still_sandbox(size: int, folder: Path) -> Iterator[Running]:
    """Serve the seeded world with its time standing still."""
    sandbox = Sandbox(seed=7, now=NOW, size=size, limits=False, ticks=lambda: 0.0, directory=folder)
    with sandbox.start() as running:
        yield running


@dataclass
class Company:
    """One home over a sandbox."""

    running: Running
    clock: StillClock
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
def company(running: Running, folder: Path) -> Iterator[Company]:
    """Open a home that is a client of the sandbox."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TIEOUT_NOW", NOW.isoformat())
        connect_home(folder, running.addresses())
    clock = StillClock(running.clock.now() - BEHIND)
    workspace = Workspace.open(folder, clock)
    try:
        yield Company(running, clock, workspace)
    finally:
        workspace.close()


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
