"""The command line: who runs a command (this process or the database's owner), and with what it ends."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from console.commands.output import Output
from console.owner import Owner, ask_owner
from console.session import Session, current_session, user_name
from sync.clock import clock_from_environment
from sync.errors import Cancelled, StoreInUse, TieoutError
from sync.settings import home_folder
from sync.transport import CancelToken

if TYPE_CHECKING:
    from console.workspace import Workspace

__all__ = ["build_app", "run_command", "run_in"]

#: Commands that open no database, or one of their own.
_LOCAL = {"sandbox", "demo", "connect", "doctor", "work", "--help", "-h", "--version"}
#: How long to wait for a database that another short command holds, seconds.
_PATIENCE_S = 10.0


def build_app() -> App:
    """Return the command tree."""
    from console.commands import decisions, flow, house, lists, sandboxes, settlements, stories

    app = App(
        name="tieout",
        help="Keeps marketplaces and NetSuite in agreement, and proves it to the cent. Without a command: the console.",
        version="0.1.0",
        help_format="plaintext",
        result_action="return_value",
    )
    for module in (flow, lists, decisions, settlements, stories, house, sandboxes):
        module.register(app)
    return app


def run_command(argv: Sequence[str], show_console: Callable[[Path], int] | None = None) -> int:
    """Run a command line: in the process that owns the database if there is one, else here."""
    home = home_folder()
    if argv[0] in _LOCAL or "--help" in argv or "-h" in argv:
        return _run_here(argv, home, show_console=show_console)
    code = ask_owner(home, argv)
    if code is not None:
        return code
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return _run_here(argv, home, patient=True)
        except StoreInUse as error:
            # Whoever holds it may be about to listen, or about to end.
            code = ask_owner(home, argv)
            if code is not None:
                return code
            if time.monotonic() > deadline:
                sys.stderr.write(f"tieout: {error}\n")
                return error.exit_code
            time.sleep(0.1)


def _run_here(
    argv: Sequence[str], home: Path, *, patient: bool = False, show_console: Callable[[Path], int] | None = None
) -> int:
    cancel = CancelToken()

    def stop(number: int, frame: FrameType | None) -> None:
        cancel.cancel()

    signal.signal(signal.SIGINT, stop)
    with ExitStack() as stack:
        opened: list[Workspace] = []

        def open_workspace() -> Workspace:
            if not opened:
                from console.workspace import Workspace

                workspace = Workspace.open(home, clock_from_environment())
                stack.callback(workspace.close)
                opened.append(workspace)
                stack.enter_context(Owner(home, lambda a, c, o, e: run_in(lambda: workspace, home, a, Path(c), o, e)))
            return opened[0]

        return run_in(
            open_workspace,
            home,
            argv,
            Path.cwd(),
            _write_out,
            sys.stderr.write,
            cancel=cancel,
            raise_in_use=patient,
            show_console=show_console,
        )


def _write_out(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`head`) has enough.
        sys.stdout = None
        raise SystemExit(0) from None


def run_in(
    open_workspace: Callable[[], Workspace],
    home: Path,
    argv: Sequence[str],
    cwd: Path,
    out: Callable[[str], object],
    err: Callable[[str], object],
    *,
    cancel: CancelToken | None = None,
    raise_in_use: bool = False,
    show_console: Callable[[Path], int] | None = None,
) -> int:
    """Run one command with the given surroundings; returns its exit code, errors written as one or two sentences."""
    output = Output(lambda t: _ignore(out(t)), lambda t: _ignore(err(t)))
    token = cancel or CancelToken()
    session = Session(home, cwd, user_name(), output, open_workspace, token)
    if show_console is not None:
        session = replace(session, show_console=show_console)
    mark = current_session.set(session)
    try:
        code = build_app()(list(argv), exit_on_error=False, print_error=False)
        return code if isinstance(code, int) else 0
    except CycloptsError as error:
        err(f"tieout: {error}\n")
        return 2
    except StoreInUse as error:
        if raise_in_use:
            raise
        err(f"tieout: {error}\n")
        return error.exit_code
    except Cancelled as error:
        err(f"tieout: {error}\n")
        return 1
    except TieoutError as error:
        err(f"tieout: {error}\n")
        return error.exit_code
    finally:
        current_session.reset(mark)


def _ignore(_: object) -> None:
    """Take a writer's answer, which is of no interest."""
