"""Lists that can be read as they were known at a moment: settlements, bridge, bank."""

from __future__ import annotations

from dataclasses import replace

from console.commands.options import moment_of
from console.desk import Detail, Form, FormField, ViewRequest
from console.present.text import cell
from console.screens.lists import ListScreen
from console.widgets.dialogs import AskForm
from sync.errors import BadInput

__all__ = ["MomentScreen"]


class MomentScreen(ListScreen):
    """A list with a moment: `t` asks for it, empty is now again."""

    @property
    def request(self) -> ViewRequest:
        return replace(super().request, as_of=self.as_of)

    def read_detail(self, section: str, key: str, tab: str) -> Detail | None:
        return self.desk.detail(section, key, tab, self.as_of)

    def perform(self, action_id: str) -> None:
        if action_id == "as-of":
            self._ask_moment()
        else:
            super().perform(action_id)

    def _ask_moment(self) -> None:
        held = f"{self.as_of:%Y-%m-%dT%H:%M}Z" if self.as_of is not None else ""
        hint = "2026-10-31 (its end, UTC) or 2026-10-31T18:00Z; empty: now"
        field = FormField("moment", "As of", held, required=False, hint=hint)
        form = Form("As it was known when?", (field,), "Reports, bookings and decisions as they stood then.")
        self.app.push_screen(AskForm(form), self._set_moment)

    def _set_moment(self, answers: dict[str, str] | None) -> None:
        if answers is None:
            return
        text = answers["moment"].strip()
        try:
            moment = moment_of(text) if text else None
        except BadInput as error:
            self.notify(cell(str(error)), severity="error", markup=False)
            return
        if moment is not None and moment > self.desk.now():
            self.notify("t: this moment has not come yet", severity="error", markup=False)
            return
        self.as_of = moment
        self.reload()
        self.drawer.follow(self.table.row.key if self.table.row is not None else None)
