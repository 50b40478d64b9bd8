"""The desk before there is one: the first frame is drawn at once, the database is opened behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from console.app import ConsoleApp, Options
from console.desk import (
    ActionRequest,
    DataChanged,
    Desk,
    DeskEvent,
    Detail,
    Explained,
    Form,
    Found,
    HomeFacts,
    PlanSheet,
    Standing,
    ViewRequest,
)
from console.views.rows import RowView

__all__ = ["OpeningApp", "OpeningDesk"]

_OPENING = "the database is still being opened"
#: No list shows this section: telling of it brings the bars up to date and reads nothing anew.
_BARS = DataChanged(("opening",))


class OpeningDesk:
    """Answers as far as anything is known; whoever asks for data waits in his thread until the desk is there.

    `open_desk` runs in a thread of its own once `begin` is called. Where it raises, every question raises the same,
    and `failed` is called with it. `once_open` is called when everybody listens to the desk.
    """

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        environment: Literal["sandbox", "production"] = "production",
        once_open: Callable[[], object] = lambda: None,
    ) -> None:
        self._open, self._once_open = open_desk, once_open
        self._standing = Standing(environment, "opening the database …", True, None)
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._desk: Desk | None = None
        self._thread: threading.Thread | None = None
        self._listeners: dict[Callable[[DeskEvent], None], Callable[[], None] | None] = {}
        self.error: BaseException | None = None
        self.failed: Callable[[BaseException], None] = lambda _: None

    def begin(self) -> None:
        """Start opening; returns at once."""
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until the opening is over, where it was begun."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            desk = self._open()
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, in his own thread
            self.error = error
            self._ready.set()
            self.failed(error)
            return
        with self._lock:
            self._desk = desk
            for listener in self._listeners:
                self._listeners[listener] = desk.subscribe(listener)
            listeners = list(self._listeners)
        self._ready.set()
        for listener in listeners:
            listener(_BARS)
        self._once_open()

    def _there(self) -> Desk:
        self._ready.wait()
        if self._desk is None:
            raise self.error or RuntimeError(_OPENING)
        return self._desk

    def now(self) -> datetime:
        return self._desk.now() if self._desk is not None else datetime.now(UTC)

    def standing(self) -> Standing:
        return self._desk.standing() if self._desk is not None else self._standing

    def home(self) -> HomeFacts:
        return self._there().home()

    def open_view(self, request: ViewRequest) -> RowView:
        return self._there().open_view(request)

    def detail(self, section: str, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
        return self._there().detail(section, key, tab, as_of)

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        return self._there().explain(section, key, as_of)

    def effect(self, request: ActionRequest) -> Detail | None:
        return self._there().effect(request)

    def form(self, request: ActionRequest) -> Form | None:
        return self._there().form(request)

    def plan(self) -> PlanSheet | None:
        return self._there().plan()

    def find(self, text: str, limit: int) -> list[Found]:
        return self._there().find(text, limit)

    def refusal(self, request: ActionRequest) -> str | None:
        return _OPENING if self._desk is None else self._desk.refusal(request)

    def start(self, request: ActionRequest) -> str:
        return self._there().start(request)

    def cancel(self, job_id: str) -> None:
        if self._desk is not None:
            self._desk.cancel(job_id)

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners[listener] = self._desk.subscribe(listener) if self._desk is not None else None

        def end() -> None:
            with self._lock:
                leave = self._listeners.pop(listener, None)
            if leave is not None:
                leave()

        return end

    def close(self, wait_s: float) -> None:
        # Reads that wait for a desk end with it: an opening that was begun comes to its end.
        self.wait()
        if self._desk is not None:
            self._desk.close(wait_s)


class OpeningApp(ConsoleApp):
    """The console over a desk that begins to open once the first frame is drawn."""

    def __init__(self, desk: OpeningDesk, options: Options) -> None:
        super().__init__(desk, options)
        self._opening = desk

    def on_ready(self) -> None:
        self._opening.failed = lambda error: self.call_from_thread(self.leave, getattr(error, "exit_code", 1))
        self.call_after_refresh(self._opening.begin)
