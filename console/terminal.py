"""Notices that the terminal is gone where nobody sends a signal: its end of the line is closed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from textual.app import App

__all__ = ["watch_terminal"]

_EVERY_S = 5.0


def watch_terminal(app: App[int], gone: Callable[[], object]) -> None:
    """Call `gone` once the terminal that the app was started on has hung up; nothing is watched without one."""
    source = sys.__stdin__
    if app.is_headless or source is None or not source.isatty():
        return
    descriptor = source.fileno()

    def look() -> None:
        if not os.isatty(descriptor):
            gone()

    app.set_interval(_EVERY_S, look)
