"""Records that have no section of their own, and records by whatever id a person types."""

from __future__ import annotations

from collections.abc import Sequence

from console.desk import Choice, Detail, Form, FormField, Jump
from console.messages import RecordRead, RecordsFound
from console.present.text import cell
from console.shell import ConsoleShell

__all__ = ["Finder"]

#: How many records are offered for one text.
FOUND_AT_MOST = 20


class Finder:
    """Opens records over the present screen, and asks which one where several are meant."""

    def __init__(self, app: ConsoleShell) -> None:
        self._app = app

    def open_record(self, jump: Jump) -> None:
        """Read a record that has no section and show it over the whole screen."""
        desk, section, key = self._app.desk, jump.section, jump.key or ""
        self._app.read_here("record", lambda: RecordRead(desk.detail(section, key, "")))

    def show_page(self, detail: Detail | None) -> None:
        """Show a record over the whole screen; its links can be followed from there."""
        from console.widgets.detail_page import DetailPage

        app = self._app
        page = DetailPage(detail, app.desk.now(), ascii_only=app.options.ascii_only)
        jumps = detail.jumps if detail is not None else ()
        app.push_screen(page, lambda follow: self.choose_jump(jumps) if follow else None)

    def choose_jump(self, jumps: Sequence[Jump]) -> None:
        """Follow the only link, or ask which one."""
        if len(jumps) == 1:
            self._app.go(jumps[0])
            return
        from console.widgets.dialogs import AskForm

        choices = tuple(Choice(str(n), j.words) for n, j in enumerate(jumps))
        form = Form("Go where?", (FormField("to", "Link", choices=choices),))
        self._app.push_screen(
            AskForm(form), lambda answers: self._app.go(jumps[int(answers["to"])]) if answers else None
        )

    def find(self, text: str) -> None:
        """Look for a record by any id."""
        desk = self._app.desk
        self._app.read_here("find", lambda: RecordsFound(text, tuple(desk.find(text, FOUND_AT_MOST))))

    def found(self, message: RecordsFound) -> None:
        """Go to the one that was found; of several the user chooses, newest first."""
        from console.widgets.dialogs import AskForm

        app, found = self._app, message.found
        if not found:
            app.notify(f"nothing is known by {cell(message.text, 60)}", severity="warning", markup=False)
        elif len(found) == 1:
            app.go(found[0].jump)
        else:
            choices = tuple(Choice(str(n), f.label) for n, f in enumerate(found))
            form = Form("Which one? The newest stands first.", (FormField("which", "Record", choices=choices),))
            app.push_screen(AskForm(form), lambda said: app.go(found[int(said["which"])].jump) if said else None)
