"""The one registry of what a person can do: it feeds key bindings, the palette, the help screen and the docs.

The same letter means the same intent on every screen. An action that cannot run says why.
"""

from __future__ import annotations

from collections.abc import Iterable

from console.action import Action
from console.sections import SECTIONS

__all__ = ["ACTIONS", "action", "actions_for", "docs_table"]

_LISTS = (
    "discrepancies", "queue", "settlements", "settlement", "line_types", "bridge", "bank", "close", "mapping", "orders",
    "shipments", "returns", "customers", "log", "fees", "dimensions",
)  # fmt: skip

_GO = tuple(Action(f"go-{s.id}", s.title, s.key, ("app",), f"Go to {s.title}.") for s in SECTIONS)
_APP = (
    *_GO,
    Action("help", "Help", "question_mark", ("app",), "Show the keys of this screen."),
    Action("return", "Return", "backspace", ("app",), "Go back to the screen before."),
    Action("palette", "palette", "ctrl+p,colon", ("app",), "Find any screen, action or record by name."),
    Action("quit", "Quit", "q", ("app",), "Leave; asks only where work is staged or a push runs."),
    Action("pull", "Pull", "R", ("app",), "Pull now and compare again.", 9, desk=True),
    Action("pull-again", "Read again", "N", ("home", "log"), "Read a stream once more, from a day on.", desk=True),
    Action("cancel", "Cancel", "X", ("app",), "Cancel the job that is shown; what is done stays.", needs="job"),
    Action("review", "Review", "P", ("app",), "Review the staged plan and push it.", 8, needs="staged"),
    Action("undo", "Undo", "u", ("app",), "Undo the last local decision (never a push).", writes=True, desk=True),
)
_LIST = (
    Action("mark", "Mark", "space", ("lists",), "Mark the record.", 6, "record"),
    Action("open", "Detail", "enter", ("lists",), "Open the record.", 2, "record"),
    Action("back", "Back", "escape", ("lists",), "Go one level up."),
    Action("filter", "Filter", "slash", ("lists",), "Filter the list: status:open diff:>5 words.", 3),
    Action("sort", "Sort", "s", ("lists",), "Sort by the column under the cursor: up, down, off.", 7),
    Action("range", "Range", "v", ("lists",), "Mark from here to where v is pressed again.", 0, "record"),
    Action("mark-all", "Mark all", "asterisk", ("lists",), "Mark everything that the filter shows, or nothing."),
    Action("next-tab", "Next tab", "right_square_bracket", ("lists",), "Next tab of the drawer.", 0, "record"),
    Action("previous-tab", "Previous tab", "left_square_bracket", ("lists",), "Previous tab.", 0, "record"),
    Action("focus", "List/drawer", "tab", ("lists",), "Move between list and drawer."),
    Action("drawer", "Drawer", "p", ("lists",), "Show or hide the drawer."),
    Action("grow", "Wider", "plus", ("lists",), "Make the drawer wider."),
    Action("shrink", "Narrower", "underscore", ("lists",), "Make the drawer narrower."),
    Action("equal", "Equal fields", "d", ("lists",), "Show only differing fields, or all."),
    Action("raw", "Raw", "w", ("lists",), "Show the record as it was received.", 0, "record"),
    Action("jump", "Jump", "o", ("lists",), "Follow a link of this record to another screen.", 0, "record"),
    Action("explain", "Explain", "x", ("lists",), "Take the figure apart, level by level, to the cent.", 4, "record"),
    Action("copy", "Copy", "y", ("lists",), "Copy the answer of a story, the marked rows or the cell.", 0, "record"),
    Action("export", "Export", "e", ("lists",), "Write the filtered list to a file, with its row count.", desk=True),
)
_RECORD = (
    Action(
        "fix",
        "Fix",
        "f",
        ("discrepancies", "causes", "settlements", "settlement", "shipments", "returns", "customers"),
        "Plan the fix of this record (a settlement: its journal) and stage it.",
        4,
        "record",
        True,
        True,
    ),
    Action(
        "waive",
        "Waive",
        "i",
        ("discrepancies", "shipments", "returns"),
        "Ignore the difference, with a reason and an end; again: it counts again.",
        5,
        "record",
        True,
        True,
    ),
    Action(
        "snooze",
        "Snooze",
        "z",
        ("discrepancies", "shipments"),
        "Put it aside until a day; again: it is back.",
        0,
        "record",
        True,
        True,
    ),
    Action(
        "offer",
        "Take offer",
        "O",
        ("discrepancies", "causes", "shipments", "returns", "settlements", "settlement"),
        "Take the decision that is offered: book on the first open day, or make accounts agree; it is shown first.",
        0,
        "record",
        True,
        True,
    ),
    Action(
        "map",
        "Map",
        "m",
        ("discrepancies", "causes", "mapping"),
        "Choose the item of this SKU.",
        5,
        "record",
        True,
        True,
    ),
    Action(
        "accept",
        "Accept",
        "a",
        ("mapping", "line_types", "bank", "customers", "fees"),
        "Accept what is suggested: item, place of a line type, match, the same person, a fee table.",
        3,
        "record",
        True,
        True,
    ),
    Action(
        "adopt",
        "Accept",
        "a",
        ("discrepancies",),
        "Accept the fulfilment fee that is charged: it is the schedule from its first day on.",
        0,
        "record",
        True,
        True,
    ),
    Action(
        "accept-all", "Accept all", "A", ("mapping",), "Accept suggestions from a score on.", 6, "nothing", True, True
    ),
    Action(
        "stage",
        "Stage",
        "S",
        ("discrepancies", "shipments", "returns"),
        "Stage the fixes of all marked records.",
        6,
        "marks",
        True,
        True,
    ),
    Action("causes", "Causes", "c", ("discrepancies", "causes"), "Group by cause: how many, worth what, how old.", 2),
    Action("retry", "Retry", "r", ("queue",), "Derive the operation anew and send it.", 4, "record", True, True),
    Action("retry-alike", "Retry alike", "A", ("queue",), "Retry all that failed like this.", 5, "record", True, True),
    Action("drop", "Drop", "D", ("queue",), "Take the operation out of the queue.", 6, "record", True, True),
    Action(
        "account",
        "Account",
        "a",
        ("settlement",),
        "Place this line type: category and account; its effect on the past is shown first.",
        5,
        "record",
        True,
        True,
        True,
    ),
    Action(
        "place",
        "Map",
        "m",
        ("line_types",),
        "Choose category and account of this line type; its effect on the past is shown first.",
        4,
        "record",
        True,
        True,
        True,
    ),
    Action(
        "ledger",
        "Ledger",
        "K",
        ("settlement",),
        "Choose the ledger account behind this line type; its effect on the past is shown first.",
        6,
        "record",
        True,
        True,
        True,
    ),
    Action("fees", "Fees", "E", ("settlements", "mapping"), "The fee schedule: tables, rates, sizes, who said so."),
    Action(
        "dimensions", "Dimensions", "M", ("settlements", "mapping"), "Which lines carry which department and location."
    ),
    Action("line-types", "Line types", "L", ("settlements", "mapping"), "Line types without an account.", 6),
    Action(
        "as-of",
        "As of",
        "t",
        ("discrepancies", "settlements", "settlement", "bridge", "bank"),
        "See the list as it was known at a moment.",
        5,
    ),
    Action("match", "Match", "m", ("bank",), "Choose the payouts that this booking pays.", 4, "record", True, True),
    Action(
        "set-aside",
        "Set aside",
        "i",
        ("bank",),
        "Say that the booking is no payout; again: the rules judge it anew.",
        5,
        "record",
        True,
        True,
    ),
    Action(
        "choose",
        "Choose",
        "m",
        ("customers",),
        "Choose the customer that a buyer is, or which of two customers is kept.",
        4,
        "record",
        True,
        True,
    ),
    Action(
        "not-same",
        "Not same",
        "i",
        ("customers",),
        "Say that none of the candidates is this one; it is remembered for ever.",
        5,
        "record",
        True,
        True,
    ),
    Action(
        "booked",
        "Ledger",
        "K",
        ("bank",),
        "Choose the NetSuite document that books this payout already, or say that none does.",
        0,
        "record",
        True,
        True,
    ),
    Action(
        "map-dimensions",
        "Map",
        "m",
        ("dimensions",),
        "Decide which lines carry which department, class and location; its effect on the past is shown first.",
        4,
        "nothing",
        True,
        True,
        True,
    ),
    Action(
        "import-fees", "Import", "I", ("fees",), "Read a fulfilment table or sizes of SKUs.", 2, "nothing", True, True
    ),
    Action(
        "withdraw",
        "Drop",
        "D",
        ("fees", "dimensions"),
        "Take the decision back; what it restates is shown first.",
        5,
        "record",
        True,
        True,
        True,
    ),
    Action("import", "Import", "I", ("bank",), "Read bank statements: CSV or OFX.", 2, "nothing", True, True),
    Action(
        "freeze", "Close", "F", ("close",), "Close the month, or say what stands in the way.", 3, "record", True, True
    ),
    Action("find", "Find", "n", ("orders",), "Find an order by any number, name, mail, phone or SKU and day.", 2),
    Action("copy-internal", "Copy internal", "Y", ("orders",), "Copy the story's text for colleagues.", 0, "record"),
    Action("journal", "Journal", "J", ("settlements", "settlement"), "Preview the journal.", 5, "record"),
    Action(
        "reverse",
        "Reverse",
        "V",
        ("settlements", "settlement"),
        "Take back a posted journal or payout by a reversing document, with a reason; it is staged for review.",
        0,
        "record",
        True,
        True,
    ),
    Action("binder", "Binder", "W", ("close",), "Write the binder of the closed month.", 4, "record", desk=True),
)
_TABLE = (
    Action("row-down", "Down", "down,j", ("table",), "Next record."),
    Action("row-up", "Up", "up,k", ("table",), "Previous record."),
    Action("page-down", "Page down", "pagedown", ("table",), "One page down."),
    Action("page-up", "Page up", "pageup", ("table",), "One page up."),
    Action("first-row", "First", "g,home", ("table",), "First record."),
    Action("last-row", "Last", "G,end", ("table",), "Last record."),
    Action("column-left", "Column left", "left,h", ("table",), "Column to the left (for sort and copy)."),
    Action("column-right", "Column right", "right,l", ("table",), "Column to the right."),
)
ACTIONS: tuple[Action, ...] = _APP + _LIST + _RECORD + _TABLE
_BY_ID = {a.id: a for a in ACTIONS}


def action(action_id: str) -> Action:
    """Return an action by its id.

    Raises:
        KeyError: there is none.
    """
    return _BY_ID[action_id]


def actions_for(section: str) -> list[Action]:
    """Return what can be done in a section, its own actions first, then lists', then the program's."""
    scopes = [(section,), *([("lists",), ("table",)] if section in _LISTS else []), ("app",)]
    return [a for scope in scopes for a in ACTIONS if set(scope) & set(a.scope)]


def docs_table(actions: Iterable[Action] = ACTIONS) -> str:
    """Return the key table of the manual, in Markdown."""
    rows = [f"| `{a.key_label}` | {a.label} | {', '.join(a.scope)} | {a.help} | `{a.id}` |" for a in actions]
    return "\n".join(["| key | action | where | what it does | id |", "|---|---|---|---|---|", *rows]) + "\n"
