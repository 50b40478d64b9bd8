"""Homes that are clients of one sandbox, and commands run on them as the command line would."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from console.cli import run_in
from console.commands.sandboxes import connect_home
from console.workspace import Workspace
from sync.clock import Clock, SystemClock
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.server import Running, Sandbox
from sync.transport import CancelToken

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REPOSITORY = Path(__file__).resolve().parent.parent.parent
DECISIONS = REPOSITORY / "data" / "demo_decisions.toml"


@cache
def clock() -> SystemClock:
    """Return the one clock of all homes: started with the sandbox's, it never runs back between two openings."""
    return SystemClock(offset=NOW - datetime.now(UTC))


@dataclass
class Hurried:
    """The homes' time for somebody who does not wait: waits are over at once, and only the stopwatch runs on."""

    waited: float = 0.0

    def now(self) -> datetime:
        return clock().now()

    def monotonic(self) -> float:
        return clock().monotonic() + self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += max(seconds, 0.0)
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Done:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def one(self) -> dict[str, Any]:
        (row,) = self.rows
        return row


@dataclass
class Home:
    """One TIEOUT_HOME; its workspace is opened by the first command that needs it and stays open."""

    folder: Path
    clock: Clock = field(default_factory=clock)
    _opened: list[Workspace] = field(default_factory=list)

    def workspace(self) -> Workspace:
        if not self._opened:
            self._opened.append(Workspace.open(self.folder, self.clock))
        return self._opened[0]

    def run(self, *argv: str, cwd: Path | None = None, cancel: CancelToken | None = None) -> Done:
        """Run a command in this process."""
        out, err = list[str](), list[str]()
        code = run_in(self.workspace, self.folder, argv, cwd or REPOSITORY, out.append, err.append, cancel=cancel)
        return Done(code, "".join(out), "".join(err))

    def environment(self) -> dict[str, str]:
        return {**os.environ, "TIEOUT_HOME": str(self.folder), "TIEOUT_NOW": clock().now().isoformat()}

    def command(self, *argv: str, code: int = 0) -> Done:
        """Run a command in a process of its own; it must end with `code`."""
        command = [sys.executable, "-m", "console", *argv]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=100
        )
        assert done.returncode == code, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *argv: str, **named: Any) -> subprocess.Popen[str]:
        """Start a command in a process of its own."""
        command = [sys.executable, "-m", "console", *argv]
        return subprocess.Popen(command, env=self.environment(), text=True, cwd=REPOSITORY, **named)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.workspace().store.database.reading() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """A sandbox of 150 orders without limits; who sets a fault clears it."""
    # Whoever asked for the time before has started another clock than the sandbox's.
    clock.cache_clear()
    clock()
    settings = AccountSettings(service_time_s=0.0)
    with Sandbox(seed=7, now=NOW, size=150, limits=False, settings=settings).start() as started:
        yield started


def connected(folder: Path, running: Running) -> Home:
    """Make `folder` a client of the sandbox."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_NOW", NOW.isoformat())
        connect_home(folder, running.addresses())
    return Home(folder)


@pytest.fixture(scope="session")
def pulled_folder(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has pulled, decided and compared once; tests copy it."""
    home = connected(tmp_path_factory.mktemp("pulled"), running)
    assert home.run("pull").code == 0
    assert home.run("map", "import", str(DECISIONS)).code == 0
    assert home.run("reconcile").code == 1
    home.close()
    return home.folder


@pytest.fixture
def pulled(pulled_folder: Path, tmp_path: Path) -> Iterator[Home]:
    """A home of its own with everything pulled."""
    home = Home(Path(shutil.copytree(pulled_folder, tmp_path / "pulled")))
    yield home
    home.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    """A home without settings and data."""
    home = Home(tmp_path / "home")
    yield home
    home.close()


@pytest.fixture
def client(running: Running, tmp_path: Path) -> Iterator[Home]:
    """A home that is a client of the sandbox and has pulled nothing."""
    home = connected(tmp_path / "home", running)
    yield home
    home.close()
