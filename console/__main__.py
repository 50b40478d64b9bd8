"""`tieout`: with arguments a command, without the console. Nothing heavy is imported before it is known which."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, or the console when there is none; returns the exit code.

    0 good, 1 finished with findings that need a person, 2 bad use or input, 3 database in use or unreadable,
    4 vendor or credentials, 70 a fault of ours (its trace is in the home's logs).
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        from console.launch import run_console

        return run_console()
    from console.cli import run_command

    return run_command(arguments, _show_console)


def _show_console(home: Path) -> int:
    from console.launch import run_console

    return run_console(home=home, first_run=True)


if __name__ == "__main__":
    sys.exit(main())
