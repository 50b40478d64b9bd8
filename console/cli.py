"""The command line: who runs a command (this process or the database's owner), and with what it ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from console.commands.output import Output
from console.owner import Owner, Request, ask_owner
from console.session import Session, current_session, user_name
from console.streams import ReaderGone, prepare_streams, write_err, write_out
from sync.clock import clock_from_environment
from sync.errors import BadInput, StoreInUse, StoreUnreadable, TieoutError
from sync.settings import home_folder
from sync.transport import CancelToken

if TYPE_CHECKING:
    from console.workspace import Workspace

__all__ = ["OUR_BUG", "build_app", "run_command", "run_in", "run_request"]

#: Exit code of a fault of ours: none of the codes that a script acts on.
OUR_BUG = 70
#: Commands that open no database, or one of their own.
_LOCAL = {"sandbox", "demo", "connect", "doctor", "work", "--help", "-h", "--version"}
#: Commands that stop at the next good place when asked to; the others are stopped where they are.
_STOPPING = {"pull", "push", "demo", "work"}
#: How long to wait for a database that another short command holds, seconds.
_PATIENCE_S = 10.0


def build_app() -> App:
    """Return the command tree."""
    from console.commands import (
        bank,
        bridge,
        close,
        customers,
        decisions,
        demonstration,
        disputes,
        explain,
        fees,
        flow,
        house,
        lists,
        postings,
        sandboxes,
        settlements,
        stories,
        ties,
        worker,
    )

    app = App(
        name="tieout",
        help="Keeps marketplaces and NetSuite in agreement, and proves it to the cent. Without a command: the console.",
        version="0.1.0",
        help_format="plaintext",
        result_action="return_value",
    )
    for module in (
        flow,
        lists,
        decisions,
        customers,
        settlements,
        postings,
        ties,
        disputes,
        fees,
        bank,
        bridge,
        close,
        explain,
        stories,
        house,
        sandboxes,
        demonstration,
        worker,
    ):
        module.register(app)
    return app


def run_command(argv: Sequence[str], show_console: Callable[[Path], int] | None = None) -> int:
    """Run a command line: in the process that owns the database if there is one, else here; returns the exit code."""
    prepare_streams()
    try:
        return _run_anywhere(argv, show_console)
    except ReaderGone:
        return 0
    except KeyboardInterrupt:
        write_err("tieout: stopped; what was finished before is kept\n")
        return 1


def _run_anywhere(argv: Sequence[str], show_console: Callable[[Path], int] | None) -> int:
    home = home_folder()
    if argv[0] in _LOCAL or "--help" in argv or "-h" in argv or _needs_no_close(argv, home):
        return _run_here(argv, home, show_console=show_console)
    holder, deadline = None, time.monotonic() + _PATIENCE_S
    while True:
        code = ask_owner(home, argv)
        if code is not None:
            return code
        try:
            return _run_here(argv, home, patient=True)
        except StoreInUse as error:
            # Whoever holds it may be about to listen, or about to end; with each new holder patience begins anew.
            if error.pid != holder:
                holder, deadline = error.pid, time.monotonic() + _PATIENCE_S
            if time.monotonic() > deadline:
                write_err(f"tieout: {error}\n")
                return error.exit_code
            time.sleep(0.1)


def _needs_no_close(argv: Sequence[str], home: Path) -> bool:
    """Tell whether a binder is looked at without a database: there is none, or the digest is named."""
    if argv[0] != "verify":
        return False
    from console.workspace import DATABASE

    return any(word.startswith("--digest") for word in argv) or not (home / DATABASE).exists()


def _run_here(
    argv: Sequence[str], home: Path, *, patient: bool = False, show_console: Callable[[Path], int] | None = None
) -> int:
    cancel = CancelToken()
    if threading.current_thread() is threading.main_thread():
        _cancel_on_interrupt(cancel, stops_by_itself=argv[0] in _STOPPING)
    with ExitStack() as stack:
        opened: list[Workspace] = []

        def open_workspace() -> Workspace:
            if not opened:
                from console.logs import log_to_file
                from console.workspace import Workspace

                workspace = Workspace.open(home, clock_from_environment())
                stack.callback(workspace.close)
                log_to_file(home)
                stack.enter_context(Owner(home, lambda request: run_request(workspace, request)))
                opened.append(workspace)
            return opened[0]

        return run_in(
            open_workspace,
            home,
            argv,
            _working_folder(),
            write_out,
            write_err,
            cancel=cancel,
            raise_in_use=patient,
            show_console=show_console,
        )


def _cancel_on_interrupt(cancel: CancelToken, *, stops_by_itself: bool) -> None:
    """Let the first Ctrl-C ask the command to stop; the second, or the first where nobody listens, stops it."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cancel.cancel()
        if not stops_by_itself:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        # The folder was removed under us; only relative names would need it.
        return Path("/")


def run_request(workspace: Workspace, request: Request) -> int:
    """Run what another process asked for, on the workspace that this process has open."""
    return run_in(
        lambda: workspace,
        workspace.home,
        request.argv,
        Path(request.cwd),
        request.out,
        request.err,
        cancel=request.cancel,
        who=request.who,
    )


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
    who: str = "",
) -> int:
    """Run one command with the given surroundings; returns its exit code, errors written as one or two sentences."""
    output = Output(lambda t: _ignore(out(t)), lambda t: _ignore(err(t)))
    session = Session(home, cwd, who or user_name(), output, open_workspace, cancel or CancelToken())
    if show_console is not None:
        session = replace(session, show_console=show_console)
    mark = current_session.set(session)
    try:
        return _run_app(argv, output)
    except CycloptsError as error:
        output.note(f"tieout: {error}")
        return BadInput.exit_code
    except StoreInUse as error:
        if raise_in_use:
            raise
        output.note(f"tieout: {error}")
        return error.exit_code
    except TieoutError as error:
        output.note(f"tieout: {error}")
        return error.exit_code
    except (ReaderGone, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, the log file gets the trace
        return _unforeseen(error, home, output)
    finally:
        current_session.reset(mark)


def _run_app(argv: Sequence[str], output: Output) -> int:
    from io import StringIO

    from rich.console import Console

    # Help and versions are written by the framework: into the command's output, which may be in another process.
    written = StringIO()
    console = Console(file=written, color_system=None, highlight=False)
    code = build_app()(list(argv), exit_on_error=False, print_error=False, console=console, error_console=console)
    if written.getvalue():
        output.text(written.getvalue().rstrip("\n"))
    return code if isinstance(code, int) else 0


def _unforeseen(error: Exception, home: Path, output: Output) -> int:
    """Say in one sentence what nobody foresaw: a database that fails is 3, what the system refuses 2, else our bug."""
    import duckdb
    import structlog

    if not structlog.is_configured():
        from console.logs import log_to_file

        # Without a log file the trace would go to standard output, among the results.
        with suppress(OSError):
            log_to_file(home)
    structlog.get_logger("tieout.cli").error("command_failed", exc_info=error)
    first = (str(error).splitlines() or [""])[0][:300]
    if isinstance(error, duckdb.Error):
        output.note(f"tieout: {StoreUnreadable(str(home), first)}")
        return StoreUnreadable.exit_code
    if isinstance(error, OSError):
        output.note(f"tieout: {error.filename or home}: {error.strerror or first}. Check its name, rights and space")
        return BadInput.exit_code
    output.note(f"tieout: our bug: {type(error).__name__}: {first}. The trace is in {home / 'logs'}")
    return OUR_BUG


def _ignore(_: object) -> None:
    """Take a writer's answer, which is of no interest."""
