"""The first mirror of Amazon's orders from a sandbox without limits, beside dlt's REST source on the same server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import venv
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from console.commands.sandboxes import connect_home, running_sandbox
from console.workspace import Workspace
from sync.clock import SystemClock
from tests.bench.figures import Figure, once_s

__all__ = ["figures"]

_DLT = "dlt[duckdb]==1.31.0"
_STREAM, _MARKETPLACE = "amazon.orders@US", "ATVPDKIKX0DER"
#: dlt's rate does not depend on how many there are; a part of them is enough to measure it.
_MOST_FOR_DLT = 6_000


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return orders a second of both, and the time of the answers alone; about half of the world are these orders."""
    home = folder / "first_mirror"
    for made in (home, folder / "dlt_pipeline"):
        # What an earlier run has mirrored would be no first mirror.
        shutil.rmtree(made, ignore_errors=True)
    with running_sandbox(size=orders * 2, limits=False) as addresses:
        connect_home(home, addresses)
        with (home / "config.toml").open("a", encoding="utf-8") as config:
            # The server's limits are off; ours must not be kept to either. [pull] is the file's last table.
            config.write("paced = false\n")
        workspace = Workspace.open(home, SystemClock())
        try:
            took = once_s(lambda: workspace.pull([_STREAM]))
            workspace.calls.write()
            count, answers_s = _mirrored(workspace)
            again_s = once_s(lambda: _read_again(workspace))
            baseline = _dlt(folder, addresses, workspace)
        finally:
            workspace.close()
    rate = count / took
    return [
        Figure(f"first mirror of {count:,} orders", rate, "orders/s", baseline, "dlt's REST source", 8, at_least=True),
        Figure("the whole first pull", took, "s", answers_s, "the answers alone"),
        Figure("the same orders read again, next to none changed", count / again_s, "orders/s", rate, "the first time"),
    ]


def _read_again(workspace: Workspace) -> None:
    with workspace.store.database.transaction() as tx:
        tx.execute("DELETE FROM stream_cursors")
    (outcome,) = workspace.pull([_STREAM]).streams
    # The sandbox's time runs: a few orders really are other ones by now.
    assert outcome.changed * 100 <= outcome.documents, f"{outcome.changed} orders were written again"


def _mirrored(workspace: Workspace) -> tuple[int, float]:
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT (SELECT count(*) FROM orders), (SELECT sum(elapsed_ms) / 1000.0 FROM calls)"
        ).fetchone()
    assert row is not None
    return int(row[0]), float(row[1])


def _dlt(folder: Path, addresses: Mapping[str, str], workspace: Workspace) -> float | None:
    """Return orders a second of dlt, None where it cannot be installed here."""
    python = _environment(folder / "dlt")
    if python is None:
        return None
    now = workspace.store.clock.now()
    after = _nth_change(workspace)
    work = folder / "dlt_pipeline"
    arguments = [addresses["amazon"], _token(addresses), _MARKETPLACE, after, (now - timedelta(minutes=3)).isoformat()]
    script = Path(__file__).with_name("dlt_pipeline.py")
    done = subprocess.run(
        [str(python), str(script), *arguments, str(work)], capture_output=True, text=True, check=True, timeout=1800
    )
    measured = json.loads(done.stdout.strip().splitlines()[-1])
    return float(measured["orders"]) / float(measured["seconds"])


def _nth_change(workspace: Workspace) -> str:
    """Return the moment after which about as many orders changed as dlt is given."""
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT min(updated_at) FROM (SELECT updated_at FROM orders ORDER BY updated_at DESC LIMIT $1)",
            [_MOST_FOR_DLT],
        ).fetchone()
    assert row is not None
    return str(row[0].isoformat())


def _token(addresses: Mapping[str, str]) -> str:
    held = json.loads(Path(addresses["credentials"]).read_text(encoding="utf-8"))["amazon"]
    form = {"grant_type": "refresh_token", **{k: held[k] for k in ("client_id", "client_secret", "refresh_token")}}
    with urllib.request.urlopen(held["token_url"], urllib.parse.urlencode(form).encode()) as answer:
        return str(json.load(answer)["access_token"])


def _environment(folder: Path) -> Path | None:
    """Return the interpreter of an environment with dlt, made on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", _DLT]
        if subprocess.run(install, capture_output=True, check=False, timeout=600).returncode != 0:
            sys.stderr.write("dlt cannot be installed here; its figure is left out\n")
            return None
    return python
