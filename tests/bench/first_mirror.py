"""The first pull of a sandbox without limits, against the time that the sandbox itself takes to answer."""

from __future__ import annotations

from pathlib import Path

from console.commands.sandboxes import connect_home, running_sandbox
from console.workspace import Workspace
from sync.clock import SystemClock
from tests.bench.figures import Figure, once_s

__all__ = ["figures"]


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return orders a second of the first pull, and the pull's time over the sum of the answers' times."""
    home = folder / "first_mirror"
    with running_sandbox(size=orders, limits=False) as addresses:
        connect_home(home, addresses)
        workspace = Workspace.open(home, SystemClock())
        try:
            took = once_s(workspace.pull)
            workspace.calls.write()
            with workspace.store.database.reading() as cursor:
                row = cursor.execute(
                    "SELECT (SELECT count(*) FROM orders), (SELECT sum(elapsed_ms) / 1000.0 FROM calls)"
                ).fetchone()
        finally:
            workspace.close()
    assert row is not None
    return [
        Figure(f"first mirror of {row[0]:,} orders", row[0] / took, "orders/s"),
        Figure("the whole first pull", took, "s", float(row[1]), "the answers alone"),
    ]
