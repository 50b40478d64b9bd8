"""How tests drive the console: wait until nothing is going on, and read the screen as text."""

from __future__ import annotations

import asyncio
from io import StringIO
from typing import Any

from rich.console import Console
from textual.app import App
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.screens.lists import ListScreen
from console.screens.section import SectionScreen

#: Rounds of the event loop after which a console that is still busy has hung.
PATIENCE = 4000


def is_busy(app: App[Any]) -> bool:
    """Return whether a read runs, or a screen waits for something."""
    if any(not worker.is_finished for worker in app.workers):
        return True
    if not isinstance(app, ConsoleApp):
        return False
    screen = app.section_screen
    return isinstance(screen, SectionScreen) and not screen.is_idle


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until the console has been idle twice in a row."""
    idle = 0
    for _ in range(PATIENCE):
        await pilot.pause(0)
        idle = 0 if is_busy(pilot.app) else idle + 1
        if idle == 2:
            return
        # Gives threads and timers their turn; it is no waiting time that a test relies on.
        await asyncio.sleep(0.001)
    raise AssertionError("the console did not come to rest")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other, each after the console has come to rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen, line by line, without blanks at the ends.

    The compositor is the one private part of Textual that the tests use.
    """
    size = app.size
    console = Console(
        width=size.width,
        height=size.height,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    console.print(app.screen._compositor.render_update(full=True))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def toasts(app: App[Any]) -> list[str]:
    """Return the texts of the toasts that are shown, oldest first."""
    return [f"{note.title}: {note.message}" if note.title else note.message for note in app._notifications]


def a_list(app: ConsoleApp) -> ListScreen:
    """Return the list on screen."""
    assert isinstance(app.screen, ListScreen)
    return app.screen
