"""Opens the console: the first frame at once; behind it the workspace, the owner's socket for others, the desk."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from console.live.desk import LiveDesk

__all__ = ["run_console"]

#: How long to wait for a short command that has the database, and at the end for commands of other processes, seconds.
_PATIENCE_S = 3.0


@dataclass(slots=True)
class _Look:
    """What the first frame needs of `config.toml`. What is wrong in the file is said when all of it is read."""

    environment: Literal["sandbox", "production"] = "production"
    theme: str | None = None
    ascii_only: bool = False
    mouse: bool | None = None
    keys: dict[str, str] = field(default_factory=dict)


class _Taken(Exception):
    """Another process has the home open."""


def run_console(home: Path | None = None, *, first_run: bool = False) -> int:
    """Show the console on a home (default `TIEOUT_HOME`) until the user leaves; returns the exit code."""
    from console.app import Options
    from console.opening import OpeningApp, OpeningDesk
    from sync.home import home_folder

    folder = home or home_folder()
    look = _look(folder)
    with ExitStack() as stack:
        opened: list[LiveDesk] = []

        def open_it() -> LiveDesk:
            opened.append(_open(folder, stack, first_run=first_run))
            return opened[0]

        def read_the_rest() -> None:
            # The first screen stands and hears of the job.
            if first_run:
                opened[0].read_unread()

        desk = OpeningDesk(open_it, look.environment, read_the_rest)
        options = Options(ascii_only=look.ascii_only, keys=look.keys)
        app = OpeningApp(desk, options if look.theme is None else Options(look.theme, look.ascii_only, look.keys))
        app.run(mouse=look.mouse if look.mouse is not None else "SSH_CONNECTION" not in os.environ)
        # Whoever leaves while it is being opened leaves nothing half open.
        desk.wait()
        return app.return_code or 0 if desk.error is None else _said(desk.error)


def _said(error: BaseException) -> int:
    from sync.errors import TieoutError

    if isinstance(error, _Taken):
        sys.stderr.write(f"tieout: {error}\n")
        return 3
    if isinstance(error, TieoutError):
        sys.stderr.write(f"tieout: {error}\n")
        return error.exit_code
    raise error


def _open(folder: Path, stack: ExitStack, *, first_run: bool) -> LiveDesk:
    """Open everything, in a thread of its own; `stack` closes it again.

    Raises:
        TieoutError: the settings are wrong, or the database is in use or unreadable.
    """
    from console.cli import run_request
    from console.live.desk import LiveDesk
    from console.logs import log_to_file
    from console.owner import Owner, owner_answers
    from console.session import user_name
    from console.workspace import Workspace
    from sync.clock import clock_from_environment

    deadline = time.monotonic() + _PATIENCE_S
    while owner_answers(folder):
        # A short command ends by itself; a console does not.
        if time.monotonic() > deadline:
            raise _Taken(f"another console or worker has {folder} open; commands are passed on to it")
        time.sleep(0.1)
    workspace = Workspace.open(folder, clock_from_environment())
    stack.callback(workspace.close)
    log_to_file(folder)
    # Whoever leaves the console does not wait long for other processes' commands: they are cancelled.
    stack.enter_context(Owner(folder, lambda request: run_request(workspace, request), patience_s=_PATIENCE_S))
    return LiveDesk(workspace, user_name(), first_run=first_run)


def _look(home: Path) -> _Look:
    import tomllib

    raw: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        raw = tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))
    ui, keys = raw.get("ui"), raw.get("keys")
    ui = dict(ui) if isinstance(ui, dict) else {}
    for name in ("theme", "ascii", "mouse"):
        said = os.environ.get(f"TIEOUT_UI__{name.upper()}")
        if said is not None:
            ui[name] = said if name == "theme" else said.lower() in ("1", "true", "yes", "on")
    theme, mouse = ui.get("theme"), ui.get("mouse")
    return _Look(
        "sandbox" if os.environ.get("TIEOUT_ENVIRONMENT", raw.get("environment")) == "sandbox" else "production",
        theme if isinstance(theme, str) else None,
        ui.get("ascii") is True,
        mouse if isinstance(mouse, bool) else None,
        {str(k): str(v) for k, v in keys.items()} if isinstance(keys, dict) else {},
    )
