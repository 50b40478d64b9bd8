"""How tests drive the console: wait until nothing is going on, and read the screen as text."""

from __future__ import annotations

import asyncio
from io import StringIO
from typing import Any
from unittest.mock import patch

from rich.console import Console
from textual import app as textual_app
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from console.app import ConsoleApp
from console.screens.lists import ListScreen
from console.screens.section import SectionScreen

#: Rounds of the event loop after which a console that is still busy has hung.
PATIENCE = 4000


def is_busy(app: App[Any]) -> bool:
    """Return whether a read runs, a widget is still being put up, or a screen waits for something."""
    if app._exit:
        return False
    if any(not worker.is_finished for worker in app.workers):
        return True
    if not is_painted(app):
        return True
    if not isinstance(app, ConsoleApp):
        return False
    screen = app.section_screen
    return isinstance(screen, SectionScreen) and not screen.is_idle


def is_painted(app: App[Any]) -> bool:
    """Return whether every widget is put up, has read its messages, and stands on the screen as it wants to."""
    screen = app.screen
    pumps = [app, *screen.walk_children(with_self=True)]
    return (
        all(pump.is_mounted for pump in pumps[1:] if isinstance(pump, Widget))
        and all(pump._message_queue.empty() and not pump._next_callbacks for pump in pumps)
        and not (screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks)
    )


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
        await press_at_once(pilot, key)
        await settle(pilot)


async def press_at_once(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other, as fast as they are taken.

    Textual waits until the process has used no processor for a while, twice a key: two fiftieths of a second, which
    mean nothing on a busy machine. What the console itself says of its rest is what a test has to wait for.
    """
    with patch.object(textual_app, "wait_for_idle", _turn):
        await pilot.press(*keys)


async def _turn(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Give everything that is ready its turn."""
    del min_sleep, max_sleep
    await asyncio.sleep(0)


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen, line by line, without blanks at the ends.

    The compositor and, in `is_painted`, what waits for it are the private parts of Textual that the tests use.
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
