"""Opens the console: the workspace, the owner's socket for other commands, the desk, the screens."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

__all__ = ["run_console"]

#: How long to wait for a short command that has the database, and at the end for commands of other processes, seconds.
_PATIENCE_S = 3.0


def run_console(home: Path | None = None, *, first_run: bool = False) -> int:
    """Show the console on a home (default `TIEOUT_HOME`) until the user leaves; returns the exit code."""
    from console.cli import run_request
    from console.live.desk import LiveDesk
    from console.logs import log_to_file
    from console.owner import Owner, owner_answers
    from console.session import user_name
    from console.workspace import Workspace
    from sync.clock import clock_from_environment
    from sync.errors import TieoutError
    from sync.settings import home_folder

    folder = home or home_folder()
    deadline = time.monotonic() + _PATIENCE_S
    while owner_answers(folder):
        # A short command ends by itself; a console does not.
        if time.monotonic() > deadline:
            sys.stderr.write(f"tieout: another console or worker has {folder} open; commands are passed on to it\n")
            return 3
        time.sleep(0.1)
    try:
        workspace = Workspace.open(folder, clock_from_environment())
    except TieoutError as error:
        sys.stderr.write(f"tieout: {error}\n")
        return error.exit_code
    log_to_file(folder)
    try:
        # Whoever leaves the console does not wait long for other processes' commands: they are cancelled.
        with Owner(folder, lambda request: run_request(workspace, request), patience_s=_PATIENCE_S):
            from console.app import ConsoleApp, Options

            ui = workspace.settings.ui
            desk = LiveDesk(workspace, user_name(), first_run=first_run)
            app = ConsoleApp(desk, Options(theme=ui.theme, ascii_only=ui.ascii, keys=workspace.settings.keys))
            mouse = ui.mouse if ui.mouse is not None else "SSH_CONNECTION" not in os.environ
            app.run(mouse=mouse)
            return app.return_code or 0
    except TieoutError as error:
        sys.stderr.write(f"tieout: {error}\n")
        return error.exit_code
    finally:
        workspace.close()
