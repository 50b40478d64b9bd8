"""The loop without a person: pull, compare, push what policies approved, wait, again."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.flow import cycle_rows, pushed_facts
from console.commands.options import Json
from console.session import Session, session
from sync.engine import outcome_lines
from sync.errors import BadInput, Cancelled, TieoutError

__all__ = ["register", "work"]


def register(app: App) -> None:
    """Add the command."""
    app.command(work)


def work(
    *,
    every: Annotated[int, Parameter(help="Seconds between the ends of two rounds.")] = 300,
    rounds: Annotated[int | None, Parameter(help="Stop after so many; default: until SIGTERM.")] = None,
    json: Json = False,
) -> int:
    """Keep the two sides in agreement: pull, reconcile, push what a policy or a person has approved; again and again.

    Owns the database while it runs: other commands and their answers pass through it. Nothing is pushed that nobody
    approved. A vendor's failure is written and tried again in the next round.
    """
    here = session()
    here.output.as_json = json
    if every < 1 or (rounds is not None and rounds < 1):
        raise BadInput("the worker needs at least one second and one round", remedy="tieout work --every 300")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: _stop(here, number, frame))
    done = failures = 0
    while not here.cancel.is_cancelled:
        failures = _round(here)
        done += 1
        if done == rounds:
            return 4 if failures else 0
        try:
            waiting = here.cancel.race(asyncio.sleep(every), "the worker")
            here.workspace.submit(waiting).result()
        except Cancelled:
            break
    here.output.note("the worker has stopped; what was finished is kept")
    return 0


def _stop(here: Session, number: int, frame: FrameType | None) -> None:
    here.cancel.cancel()


def _round(here: Session) -> int:
    """Run one round and write what moved; returns how many streams or vendors failed."""
    from reconcile.cycle import run_cycle

    workspace = here.workspace
    began = workspace.clock.now()
    try:
        pulled = workspace.pull(cancel=here.cancel)
        cycle = run_cycle(workspace.store)
        drained = workspace.push(cancel=here.cancel) if workspace.settings.safety.write else None
        if drained is not None and drained.done:
            workspace.pull_written(drained, cancel=here.cancel)
            cycle = run_cycle(workspace.store)
    except TieoutError as error:
        here.output.note(f"{began:%Y-%m-%d %H:%M:%S} {error}")
        return 1
    failed = len(pulled.failed) + (len(drained.stopped) if drained else 0)
    here.output.facts(
        {
            "at": began,
            "changed": sum(s.changed for s in pulled.streams),
            "failed": [line for line in outcome_lines(pulled) if line["state"] in ("failed", "skipped")],
            "open": {str(row["control"]): row["open"] for row in cycle_rows(cycle)},
            "pushed": pushed_facts(drained)["done"] if drained else 0,
        }
    )
    return failed
