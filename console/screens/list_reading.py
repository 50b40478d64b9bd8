"""How a list gets its rows: which view is awaited, which is shown, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable

from console.desk import FilterProblem, ViewRequest
from console.messages import ViewOpened, ViewRefused
from console.present.text import cell
from console.present.times import count, moment, of_total
from console.screens.list_parts import ListParts
from console.views.rows import RowView, Sort
from console.widgets.pages import PAGE

__all__ = ["ListReading"]


class ListReading:
    """Reads the list of one screen; only the newest wish counts, and every view that is not shown is closed."""

    def __init__(self, screen: ListParts, request: Callable[[], ViewRequest]) -> None:
        """`request` returns which list is wanted now."""
        self._screen, self._request = screen, request
        self.view: RowView | None = None
        self.sort: Sort | None = None
        #: The record that a link led to.
        self.wanted_key: str | None = None
        self._awaited: ViewRequest | None = None

    @property
    def is_idle(self) -> bool:
        """Return whether no list is awaited."""
        return self._awaited is None

    def start(self) -> None:
        """Build the list that is wanted now, keeping the cursor on its record."""
        screen = self._screen
        row = screen.table.row
        key = self.wanted_key or (row.key if row is not None else None)
        request = self._awaited = self._request()
        desk = screen.desk

        def build() -> ViewOpened | ViewRefused:
            try:
                view = desk.open_view(request)
            except FilterProblem as problem:
                return ViewRefused(request, problem.text, problem.position)
            position = view.position_of(key) if key is not None else None
            return ViewOpened(request, view, view.page(0, PAGE), position)

        screen.console_app.read(screen, "list", build, discard=_close)

    def opened(self, message: ViewOpened) -> None:
        """Show a view that was built, or close it where another one is wanted by now."""
        screen = self._screen
        if message.request != self._awaited:
            message.view.close()
            return
        self._awaited = None
        before, self.view = self.view, message.view
        screen.table.sort = message.request.sort
        # A record that is gone (fixed, filtered away) leaves the cursor where it was.
        cursor = message.position if message.position is not None else screen.table.cursor_row
        screen.table.show(message.view, first_page=message.first_page, cursor=cursor, now=screen.desk.now())
        if before is not None:
            screen.app.run_worker(before.close, thread=True, group="closing", exit_on_error=False)
        self._arrive(found=message.position is not None)
        self._say_empty(message.view)
        self.summarize()

    def refused(self, message: ViewRefused) -> None:
        """Say why the filter cannot be understood; the list stays as it was."""
        if message.request == self._awaited:
            self._awaited = None
            self._screen.bar.complain(message.text, message.position)

    def failed(self, error: BaseException) -> None:
        """Say in the list's place that it could not be read."""
        self._awaited = None
        self._screen.table.say("This list could not be read.", cell(error), "R pulls again, 0 opens the log")

    def summarize(self) -> None:
        """Say on the filter line what the list holds."""
        screen, view = self._screen, self.view
        if view is None:
            return
        total = of_total(view.total, view.exact, view.of_all)
        # A number alone would not say that nothing is left out.
        words = [f"all {total}" if total.replace(",", "").isdigit() and view.total else total]
        if self.sort is not None:
            title = next(c.title for c in view.columns if c.name == self.sort.column)
            words.append(f"sort {title} {'↓' if self.sort.descending else '↑'}")
        if screen.table.marks:
            words.append(f"{count(len(screen.table.marks))} marked")
        standing = screen.desk.standing()
        chosen = view_moment(self._request())
        as_of = f"as of {moment(standing.as_of, screen.desk.now())}" if standing.as_of else "never pulled"
        screen.bar.say(" · ".join(words), chosen or as_of)

    def _arrive(self, *, found: bool) -> None:
        """Open the record that a link led to, or say that it is not here."""
        key, self.wanted_key = self.wanted_key, None
        if key is None:
            return
        if found:
            self._screen.open_drawer()
        else:
            self._screen.notify(f"{cell(key)} is not in this list", severity="warning", markup=False)

    def _say_empty(self, view: RowView) -> None:
        screen = self._screen
        standing = screen.desk.standing()
        by_itself = screen.bar.text == screen.FILTER and standing.as_of is not None
        if screen.bar.text and view.of_all and not by_itself:
            screen.table.say(f"0 of {count(view.of_all)} match.", "esc clears the filter")
        elif standing.as_of is None:
            source = "sandbox" if standing.environment == "sandbox" else "vendors"
            screen.table.say("Nothing was pulled yet.", f"R pulls from the {source}")
        else:
            more = f"esc shows all {count(view.of_all)}" if view.of_all else ""
            screen.table.say(screen.ALL_GOOD, f"Last checked {moment(standing.as_of, screen.desk.now())} UTC", more)


def view_moment(request: ViewRequest) -> str:
    """Return in capitals that a list is of the past, empty for now."""
    return f"AS KNOWN {request.as_of:%Y-%m-%d %H:%M} UTC" if request.as_of is not None else ""


def _close(message: object) -> None:
    if isinstance(message, ViewOpened):
        message.view.close()
