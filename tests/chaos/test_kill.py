"""A push that is killed between any two steps, then started again: nothing lost, nothing doubled in NetSuite."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.cli import run_in
from console.commands.sandboxes import connect_home
from console.workspace import Workspace
from sync.clock import SystemClock
from tests.chaos.dying_push import POINTS
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_SCRIPT = Path(__file__).with_name("dying_push.py")


class Home:
    """A home that is a client of a sandbox in a process of its own.

    What is killed runs in a process of its own as well; every other command on the home as this process opens it, anew
    after each kill.
    """

    def __init__(self, folder: Path, addresses: dict[str, str]) -> None:
        self.folder, self.addresses = folder, addresses
        self._opened: Workspace | None = None

    def run(self, *argv: str, expect: tuple[int, ...] = (0, 1)) -> list[dict[str, Any]]:
        out: list[str] = []
        err: list[str] = []
        code = run_in(self._workspace, self.folder, [*argv, "--json"], REPOSITORY, out.append, err.append)
        assert code in expect, f"{argv}: {code}\n{''.join(out)}\n{''.join(err)}"
        return [json.loads(line) for line in "".join(out).splitlines()]

    def _workspace(self) -> Workspace:
        if self._opened is None:
            self._opened = Workspace.open(self.folder, SystemClock())
        return self._opened

    def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def push_and_die(self, point: str, plan: str) -> None:
        self.close()
        command = [sys.executable, str(_SCRIPT), point, plan]
        env = {**os.environ, "TIEOUT_HOME": str(self.folder)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}\n{done.stdout}\n{done.stderr}"

    def in_netsuite(self, external_id: str) -> int:
        """Return how many transactions NetSuite has under an external id or number of the channel."""
        rows = self.run("suiteql", "SELECT id FROM transaction WHERE externalid = ? ORDER BY id", external_id)
        return len(rows)

    def fault(self, **values: object) -> None:
        request = urllib.request.Request(
            self.addresses["admin"] + "/faults", json.dumps(values).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=60).close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "console", "sandbox", "--json", "--size", "300", "--no-limits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout is not None
        home = Home(folder, json.loads(sandbox.stdout.readline()))
        connect_home(folder, home.addresses)
        home.run("pull", expect=(0,))
        home.run("map", "import", "data/demo_decisions.toml")
        home.run("reconcile")
        yield home
        home.close()
        sandbox.terminate()


@pytest.fixture(scope="module")
def open_documents(home: Home) -> list[str]:
    """Discrepancies that a sales order or a journal settles now, one for each kill."""
    found = home.run("list", "discrepancies", "--filter", "status:open")
    ids = [d["id"] for d in found if d["id"].startswith(("order_missing|", "settlement_not_posted|"))]
    orders = [i for i in ids if i.startswith("order_missing|")]
    settlements = [i for i in ids if i.startswith("settlement_not_posted|")]
    assert len(orders) >= len(POINTS)
    assert settlements
    # The last point is tried on the deposit of a settlement.
    return [*orders[: len(POINTS) - 1], settlements[0]]


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_push_ends_with_exactly_one_document(home: Home, open_documents: list[str], point: str) -> None:
    discrepancy = open_documents[POINTS.index(point)]
    (plan,) = home.run("plan", discrepancy, "--stage", expect=(0,))
    documents = ("sales_order.create", "deposit.create", "journal_entry.create")
    document = next(o["identity"] for o in plan["operations"] if o["kind"] in documents)
    if point == "vendor committed, answer not received":
        home.fault(vendor="netsuite", name="lost_answer", count=1, match=f"eid:{document}")

    home.push_and_die(point, plan["plan"])
    for _ in range(3):
        home.run("push", plan["plan"], expect=(0, 1))
        states = {o["state"] for o in home.run("plan", plan["plan"])}
        if states == {"done"}:
            break

    assert states == {"done"}
    assert home.in_netsuite(document) == 1
    (after,) = home.run("show", discrepancy)
    assert after["state"] == "resolved"
