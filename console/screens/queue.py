"""3: what is on its way, and what failed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["QueueScreen"]


class QueueScreen(ListScreen):
    """Operations of the outbox with their attempts, the last error explained, and what was sent."""

    SECTION = "queue"
    VIEW = "queue"
    FILTER = "-status:=done"
    ALL_GOOD = "The queue is empty: everything that was approved has arrived."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("queue")
