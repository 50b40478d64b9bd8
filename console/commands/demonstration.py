"""The demonstration: a sandbox, a home that is its client, a first pull, the bank's statements, the console."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.commands.flow import pull_exit_code
from console.commands.options import Json
from console.commands.sandboxes import FIRST_KINDS, MONEY_KINDS, connect_home, refuse_production, running_sandbox
from console.owner import owner_answers
from console.session import Session, session
from sync.clock import clock_from_environment
from sync.errors import BadInput, StoreInUse, TieoutError

if TYPE_CHECKING:
    from console.workspace import Workspace
    from sync.engine import PullProgress

__all__ = ["demo", "register"]

#: What the console reads behind its first screen: at a call every other second.
_SLOW = ("amazon.ledger", "amazon.summaries")


def register(app: App) -> None:
    """Add the command."""
    app.command(demo)


def demo(
    *,
    headless: Annotated[bool, Parameter(negative="", help="Pull and reconcile, print figures, no screen.")] = False,
    seed: int = 7,
    size: Annotated[int | None, Parameter(help="About how many orders the world has.")] = None,
    whole: Annotated[
        bool,
        Parameter(negative="", help="Without a screen: read Amazon's ledger and sums as well, half a minute more."),
    ] = False,
    json: Json = False,
) -> int:
    """Start a sandbox, pull and reconcile a seeded company, and open the console on it.

    What takes longer than the rest together (Amazon's ledger and sums) is read behind the first screen. The bank's
    statements are imported from files in the home's folder `bank`.

    The demonstration's home is made anew each time: `TIEOUT_HOME`, else a folder beside the usual one.
    """
    here = session()
    here.output.as_json = json
    home = here.home if os.environ.get("TIEOUT_HOME") else here.home.with_name("tieout-demo")
    _make_anew(home)
    here.output.note("starting a sandbox of Amazon, Walmart and NetSuite with a seeded company …")
    began = time.monotonic()
    with running_sandbox(seed=seed, size=size) as addresses:
        started = time.monotonic()
        connect_home(home, addresses, (*FIRST_KINDS, *MONEY_KINDS))
        facts, seconds = _first_pull(here, home, addresses["admin"], is_whole=headless and whole)
        if headless:
            here.output.facts({**facts, "seconds": {"sandbox": round(started - began, 2), **seconds}})
            return 0
        return here.show_console(home)


def _first_pull(here: Session, home: Path, admin: str, *, is_whole: bool) -> tuple[dict[str, object], dict[str, float]]:
    """Return the figures of the company, and the seconds that pull and cycle took."""
    from console.workspace import Workspace
    from reconcile.cycle import run_cycle
    from reconcile.mapping.setup import apply_decisions

    workspace = Workspace.open(home, clock_from_environment())
    try:
        began = time.monotonic()
        here.output.note("pulling three months of a seeded company from the sandbox …")
        slow = () if is_whole else _SLOW
        names = [n for n in workspace.accounts.stream_names() if n.partition("@")[0] not in slow]
        pulled = workspace.pull(names, progress=_announce(here), cancel=here.cancel)
        # Ctrl-C reaches the sandbox's process as well: what then fails is no failure.
        here.cancel.raise_if_cancelled("the demonstration")
        if pulled.failed:
            raise TieoutError("; ".join(f"{o.stream}: {o.error}" for o in pulled.failed))
        if pull_exit_code(pulled):
            here.output.note("some documents could not be read; see `tieout list quarantine`")
        read = time.monotonic()
        decisions = resources.files("data").joinpath("demo_decisions.toml").read_text(encoding="utf-8")
        apply_decisions(workspace.store, decisions, by="demo", file="demo_decisions.toml")
        apply_decisions(workspace.store, _go_live(workspace), by="demo", file="demonstration")
        _import_statements(workspace, admin)
        run_cycle(workspace.store)
        done = time.monotonic()
        return _figures(workspace), {"pull": round(read - began, 2), "reconcile": round(done - read, 2)}
    finally:
        workspace.close()


def _go_live(workspace: Workspace) -> str:
    """Return from when on payouts are posted: the last month that is not closed in NetSuite; older ones are history."""
    this = workspace.clock.now().date().replace(day=1)
    return f'[go_live."payout_not_posted"]\nfrom = "{(this - timedelta(days=1)).replace(day=1)}"\n'


def _import_statements(workspace: Workspace, admin: str) -> None:
    """Fetch the bank's statements into the home's folder `bank` and read them as `tieout bank import` does."""
    import httpx

    from console.commands.statements import import_file

    folder = workspace.home / "bank"
    folder.mkdir(exist_ok=True)
    with httpx.Client(base_url=admin, trust_env=False) as client:
        for account in client.get("/bank").raise_for_status().json()["accounts"]:
            name = str(account["name"])
            file = folder / f"{name}.csv"
            file.write_bytes(client.get(f"/bank/{name}.csv").raise_for_status().content)
            import_file(
                workspace.store, file, account=name, currency=account["currency"], date_order=None, who="demo"
            )  # fmt: skip


def _announce(here: Session) -> Callable[[PullProgress], None]:
    seen: set[str] = set()

    def show(event: PullProgress) -> None:
        if event.stream not in seen:
            seen.add(event.stream)
            here.output.note(f"  {event.stream} …")

    return show


def _figures(workspace: Workspace) -> dict[str, object]:
    with workspace.store.database.reading() as cursor:

        def number(sql: str) -> int:
            row = cursor.execute(sql).fetchone()
            return int(row[0]) if row else 0

        by_control = cursor.execute(
            "SELECT control, count(*) FROM discrepancies WHERE state <> 'resolved' GROUP BY control ORDER BY control"
        ).fetchall()
        return {
            "orders": number("SELECT count(*) FROM orders"),
            "transactions": number("SELECT count(*) FROM transactions"),
            "settlements": number("SELECT count(*) FROM settlements"),
            "settlements_footed": number(
                "SELECT count(*) FROM settlements s WHERE s.total = (SELECT coalesce(sum(l.amount), 0)"
                " FROM settlement_lines l WHERE l.channel = s.channel AND l.settlement_id = s.settlement_id)"
            ),
            "payouts": number("SELECT count(*) FROM payouts"),
            "bookings": number("SELECT count(*) FROM bank_lines"),
            "discrepancies": dict(by_control),
            "causes": number("SELECT count(DISTINCT cause_id) FROM discrepancies WHERE state <> 'resolved'"),
        }


def _make_anew(home: Path) -> None:
    """Remove the home's database, but only where it is a sandbox's and nobody has it open."""
    from console.workspace import DATABASE

    refuse_production(home)
    database = home / DATABASE
    if database.exists() and not (home / "config.toml").exists():
        raise BadInput(
            "this home has a database that is not the demonstration's",
            remedy="Set TIEOUT_HOME to another folder for the sandbox",
            file=str(database),
        )
    if owner_answers(home):
        raise StoreInUse(str(database))
    for name in (DATABASE, f"{DATABASE}.wal"):
        (home / name).unlink(missing_ok=True)
