"""The last look before something leaves this machine: every staged operation, its differences, totals, cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.desk import Difference, PlanGroup, PlannedWrite, PlanSheet, Standing
from console.present.amounts import totals
from console.present.text import cell, lines
from console.present.times import count, counted, duration
from console.views.rows import Column, MemoryView, Row
from console.widgets.diff_view import diff_content
from console.widgets.paged_table import PagedTable

__all__ = ["COUNT_LIMIT", "VALUE_LIMIT", "PlanReview", "number_to_type"]

#: Above these a plan is pushed only after its number of operations was typed.
COUNT_LIMIT = 50
VALUE_LIMIT = Decimal("10000.00")

_COLUMNS = (
    Column("system", "System", 9, priority=2),
    Column("verb", "Operation", 20),
    Column("target", "Target", 22, stretch=True),
    Column("amount", "Amount", 13, "finance", currency="currency"),
    Column("currency", "Cur", 3, priority=2),
    Column("period", "Period", 9, priority=3),
    Column("identity", "Identity", 24, priority=4),
)


def number_to_type(plan: PlanSheet) -> str | None:
    """Return the number that must be typed before this plan is pushed, None where one key is enough."""
    large = any(total.value > VALUE_LIMIT for total in plan.totals)
    return str(plan.count) if plan.count > COUNT_LIMIT or large else None


class PlanReview(ModalScreen[bool]):
    """Returns True where the user approved the plan as shown."""

    DEFAULT_CSS = """
    PlanReview {
        & > Vertical { background: $surface; width: 100%; height: 100%; }
        & #plan-head { height: auto; padding: 0 1; }
        & PagedTable { height: 2fr; }
        & #plan-scroll { height: 3fr; min-height: 5; border-top: solid $panel; padding: 0 1; }
        & #plan-scroll:focus { border-top: heavy $accent; }
        & #plan-number, & #plan-number:focus { border: none; height: 1; padding: 0 1; background: $panel; }
        & #plan-keys { height: 1; color: $text-muted; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", show=False),
        Binding("P", "approve", show=False),
        Binding("w", "toggle_body", show=False),
        Binding("d", "toggle_equal", show=False),
    ]

    def __init__(self, plan: PlanSheet, standing: Standing, now: datetime, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._plan, self._standing, self._now, self._ascii_only = plan, standing, now, ascii_only
        self._number = number_to_type(plan)
        self._operations = {o.operation_id: o for group in plan.groups for o in group.operations}
        self._shown: PlannedWrite | None = None
        self._body, self._only_differing = False, True

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._head(), markup=False, id="plan-head")
            yield PagedTable(now=self._now, id="plan-operations")
            with VerticalScroll(id="plan-scroll"):
                yield Static(markup=False, id="plan-diff")
            if self._number is not None and not self._plan.blocked:
                yield Input(id="plan-number", placeholder=f"type {self._number} and press enter to push")
            yield Static(Content(self._keys()), markup=False, id="plan-keys")

    def on_mount(self) -> None:
        table = self.query_one(PagedTable)
        table.ascii_only = self._ascii_only
        rows = [_row(group.system, operation) for group in self._plan.groups for operation in group.operations]
        table.show(MemoryView(_COLUMNS, rows), first_page=rows[:200], now=self._now)
        # A short plan leaves its lines to the operation below; two more are the head and a blank.
        table.styles.max_height = len(rows) + 2
        table.focus()

    def action_give_up(self) -> None:
        self.dismiss(False)

    def action_approve(self) -> None:
        if self._plan.blocked:
            self.notify(f"P: {cell(self._plan.blocked)}", severity="warning", markup=False)
        elif self._number is not None:
            self.query_one("#plan-number", Input).focus()
        else:
            self.dismiss(True)

    def action_toggle_body(self) -> None:
        self._body = not self._body
        self._show_operation()
        self.query_one("#plan-scroll", VerticalScroll).scroll_home(animate=False)

    def action_toggle_equal(self) -> None:
        self._only_differing = not self._only_differing
        self._show_operation()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip().replace(",", "") == self._number:
            self.dismiss(True)
            return
        self.notify("that is not the number of operations, nothing was pushed", severity="warning", markup=False)
        event.input.value = ""

    @on(PagedTable.Highlighted)
    def _follow(self, event: PagedTable.Highlighted) -> None:
        event.stop()
        self._shown = self._operations.get(event.row.key) if event.row is not None else None
        self._show_operation()

    def _show_operation(self) -> None:
        target = self.query_one("#plan-diff", Static)
        operation = self._shown
        if operation is None:
            target.update(Content(""))
            return
        after = f" · after {', '.join(cell(name) for name in operation.after)}" if operation.after else ""
        head = Content(f"{cell(operation.verb)} · {cell(operation.identity)}{after}\n")
        if self._body:
            target.update(head + Content("\n".join(lines(operation.body or "no body"))))
            return
        difference = Difference("there now", "will send", operation.fields)
        cells = max(self.size.width - 4, 30)
        body = diff_content(difference, cells, only_differing=self._only_differing, ascii_only=self._ascii_only)
        target.update(head + body)

    def _head(self) -> Content:
        plan, standing = self._plan, self._standing
        tone = "bold reverse $error" if standing.environment == "production" else "bold reverse"
        parts: list[tuple[str, str]] = [
            (f" {standing.environment.upper()} ", tone),
            (f" {cell(standing.company)} · {counted(plan.count, 'operation')} to push", "bold"),
            (f" · {totals((t.value, t.currency) for t in plan.totals)}", "bold"),
            (f" · period {', '.join(cell(p) for p in plan.periods)}" if plan.periods else "", ""),
            ("\n", ""),
            *((f" {_group(group)}\n", "") for group in plan.groups),
        ]
        if plan.blocked:
            parts.append((f" ! not now: {cell(plan.blocked)}\n", "$text-error"))
        return Content.assemble(*parts)

    def _keys(self) -> str:
        push = "" if self._plan.blocked else "P Push   "
        return f"{push}esc Back, nothing is sent   w Body   d Equal fields   tab Scroll it"


def _group(group: PlanGroup) -> str:
    time = f", about {duration(group.seconds, parts=2)}" if group.seconds is not None else ""
    operations = counted(len(group.operations), "operation")
    return f"{cell(group.system)}: {operations}, {count(group.calls)} calls{time}"


def _row(system: str, operation: PlannedWrite) -> Row:
    amount = operation.amount
    return Row(
        operation.operation_id,
        (
            system,
            operation.verb,
            operation.target,
            amount.value if amount else None,
            amount.currency if amount else None,
            operation.period,
            operation.identity,
        ),
    )
