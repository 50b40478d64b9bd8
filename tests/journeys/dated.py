"""A company on a day of its own, whose time runs: what a journey finds does not hang on the day it is run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from console.commands.sandboxes import connect_home
from console.workspace import Workspace
from reconcile.mapping.setup import apply_decisions
from sync.clock import SystemClock
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.server import Running, Sandbox

__all__ = ["NOW", "Dated", "dated_sandbox"]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Dated:
    """A sandbox and the time that its clients live in."""

    running: Running
    clock: SystemClock

    def open(self, folder: Path) -> Workspace:
        """Open a home; it is a client of the sandbox from its first opening on."""
        if not (folder / "config.toml").exists():
            with pytest.MonkeyPatch.context() as patched:
                patched.setenv("TIEOUT_NOW", NOW.isoformat())
                connect_home(folder, self.running.addresses())
        return Workspace.open(folder, self.clock)

    def pulled(self, folder: Path) -> Workspace:
        """Open a home that has read everything and taken the demonstration's decisions."""
        workspace = self.open(folder)
        assert not workspace.pull().failed
        decisions = resources.files("data").joinpath("demo_decisions.toml").read_text(encoding="utf-8")
        apply_decisions(workspace.store, decisions, by="ann")
        return workspace


@contextmanager
def dated_sandbox(size: int) -> Iterator[Dated]:
    """Serve the seeded world of `NOW`, with `size` orders; NetSuite answers as soon as it can."""
    clock = SystemClock(offset=NOW - datetime.now(UTC))
    settings = AccountSettings(service_time_s=0.0)
    with Sandbox(seed=7, now=NOW, size=size, limits=False, settings=settings).start() as running:
        yield Dated(running, clock)
