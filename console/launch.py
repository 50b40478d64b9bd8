"""Opens the console: the workspace, the owner's socket for other commands, the desk, the screens."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["run_console"]


def run_console(home: Path | None = None, *, first_run: bool = False) -> int:
    """Show the console on a home (default `TIEOUT_HOME`) until the user leaves; returns the exit code."""
    from console.cli import run_in
    from console.live.desk import LiveDesk
    from console.logs import log_to_file
    from console.owner import Owner, owner_answers
    from console.session import user_name
    from console.workspace import Workspace
    from sync.clock import clock_from_environment
    from sync.errors import TieoutError
    from sync.settings import home_folder

    folder = home or home_folder()
    if owner_answers(folder):
        sys.stderr.write(f"tieout: another console or worker has {folder} open; commands are passed on to it\n")
        return 3
    try:
        workspace = Workspace.open(folder, clock_from_environment())
    except TieoutError as error:
        sys.stderr.write(f"tieout: {error}\n")
        return error.exit_code
    log_to_file(folder)
    try:
        with Owner(folder, lambda a, c, o, e: run_in(lambda: workspace, folder, a, Path(c), o, e)):
            from console.app import ConsoleApp, Options

            ui = workspace.settings.ui
            desk = LiveDesk(workspace, user_name(), first_run=first_run)
            app = ConsoleApp(desk, Options(theme=ui.theme, ascii_only=ui.ascii, keys=workspace.settings.keys))
            mouse = ui.mouse if ui.mouse is not None else "SSH_CONNECTION" not in os.environ
            app.run(mouse=mouse)
            return app.return_code or 0
    finally:
        workspace.close()
