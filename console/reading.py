"""Reads in threads: one place that starts them, replaces older ones and reports their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from console.messages import WorkFailed
from console.present.text import cell

__all__ = ["Reader"]

AnyApp = App[Any]


class Reader:
    """Runs work for any part of the interface and posts its message there."""

    def __init__(self, app: AnyApp) -> None:
        self._app = app
        self._owners: WeakValueDictionary[str, DOMNode] = WeakValueDictionary()

    def read(
        self,
        owner: DOMNode,
        name: str,
        work: Callable[[], Message],
        discard: Callable[[Message], None] | None = None,
    ) -> None:
        """Run `work` in a thread and post its message to `owner`; a newer read of the same name replaces it.

        A replaced read's message goes to `discard`. An error is shown and posted as `WorkFailed`.
        """
        group = f"{owner.css_identifier}-{id(owner)}-{name}"
        self._owners[group] = owner

        def run() -> None:
            message = work()
            if not get_current_worker().is_cancelled:
                owner.post_message(message)
            elif discard is not None:
                discard(message)

        self._app.run_worker(run, name=name, group=group, thread=True, exclusive=True, exit_on_error=False)

    def changed(self, event: Worker.StateChanged) -> None:
        """Show the error of a read that failed, and tell whoever waits for it."""
        worker = event.worker
        if event.state is not WorkerState.ERROR or worker.error is None:
            return
        self._app.log.error(f"{worker.name}: {worker.error!r}")
        self._app.notify(cell(worker.error), title=f"{worker.name} failed", severity="error", markup=False)
        owner = self._owners.get(worker.group)
        if owner is not None:
            owner.post_message(WorkFailed(worker.name, worker.error))
