"""One thing that a person can do, and when it can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Action", "Context", "Needs", "refusal"]

Needs = Literal["nothing", "record", "marks", "staged", "job"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    `scope`: `app`, `lists`, `table`, or section ids. `keys` are Textual key names, remappable by `id`.
    `shown` ranks the entry on the key line, 1 first; 0 leaves it to the help screen. `writes`: it changes decisions
    or leaves the machine, so read-only refuses it. `desk`: it is run by the desk, else by the interface itself.
    `previews`: its effect on what is past is shown before it runs.
    """

    id: str
    label: str
    keys: str
    scope: tuple[str, ...]
    help: str
    shown: int = 0
    needs: Needs = "nothing"
    writes: bool = False
    desk: bool = False
    previews: bool = False

    @property
    def key_label(self) -> str:
        """Return the first key as people write it: `ctrl+p`, `?`, `enter`."""
        first = self.keys.split(",")[0]
        return _KEY_LABELS.get(first, first)


_KEY_LABELS = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "plus": "+",
    "underscore": "_",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "ctrl+p": "^p",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What decides whether an action can run, as far as the interface knows it."""

    section: str
    read_only: bool = False
    record: str | None = None
    marks: int = 0
    staged: int = 0
    job: str | None = None
    #: The list is still being read.
    loading: bool = False
    #: The list is shown as it was known at a moment.
    is_past: bool = False


def refusal(chosen: Action, context: Context) -> str | None:
    """Return why the action cannot run here, in a few words; None: it can."""
    if chosen.writes and context.read_only:
        return "this console is read-only"
    if chosen.writes and context.is_past and chosen.scope != ("app",):
        return "this is the past, t and an empty moment lead back to now"
    match chosen.needs:
        case "record" if context.record is None and context.loading:
            return "the list is still being read"
        case "record" if context.record is None:
            return "there is no record under the cursor"
        case "marks" if context.marks == 0:
            return "nothing is marked, space marks"
        case "staged" if context.staged == 0:
            return "nothing is staged, f stages a fix"
        case "job" if context.job is None:
            return "no job is running"
        case _:
            return None
