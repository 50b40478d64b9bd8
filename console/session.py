"""One command's surroundings: the home, who runs it, where it writes; the opened workspace when it needs one."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from console.commands.output import Output
from sync.errors import BadInput
from sync.transport import CancelToken

if TYPE_CHECKING:
    from console.workspace import Workspace

__all__ = ["Session", "current_session", "session", "user_name"]

current_session: ContextVar[Session] = ContextVar("tieout_session")


def _no_screen(home: Path) -> int:
    raise BadInput("this command opens the console", remedy="Run it in a terminal of its own, or with --headless")


@dataclass(frozen=True, slots=True)
class Session:
    """What a command may use."""

    home: Path
    cwd: Path
    who: str
    output: Output
    open_workspace: Callable[[], Workspace]
    cancel: CancelToken = field(default_factory=CancelToken)
    #: Opens the screens on a home, for the one command that ends in them; commands themselves know no screens.
    show_console: Callable[[Path], int] = field(default=_no_screen)

    @property
    def workspace(self) -> Workspace:
        """Return the opened workspace; opens it on first use."""
        return self.open_workspace()

    def path(self, text: str) -> Path:
        """Return a file that the user named, relative to where they are."""
        return (self.cwd / Path(text).expanduser()).resolve()


def session() -> Session:
    """Return the session of the command that is running."""
    return current_session.get()


def user_name() -> str:
    """Return the name that decisions and approvals are recorded under (`TIEOUT_USER`, else the login)."""
    named = os.environ.get("TIEOUT_USER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
