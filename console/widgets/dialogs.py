"""Small windows over a screen: a question, a text to read, a form. The closing key never reaches what is below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from console.desk import Form, FormField
from console.present.text import cell, lines
from console.widgets.picker import Picker, picked_value

__all__ = ["AskForm", "Confirm", "ReadText"]

_WINDOW = """
    align: center middle;
    & > .window {
        width: 90%; max-width: 100; height: auto; max-height: 90%;
        border: round $border; background: $surface; padding: 0 1;
    }
    & .window-title { text-style: bold; height: auto; }
    & .window-keys { color: $text-muted; height: 1; margin-top: 1; }
"""


class Confirm(ModalScreen[bool]):
    """Asks a question; `y` is yes, every other key is no."""

    DEFAULT_CSS = f"Confirm {{ {_WINDOW} }}"

    def __init__(self, question: str, *details: str) -> None:
        super().__init__()
        self._question, self._details = question, details

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(Content(self._question), markup=False, classes="window-title")
            for line in self._details:
                yield Static(Content(cell(line)), markup=False)
            yield Static(Content("y Yes   any other key No"), markup=False, classes="window-keys")

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self.dismiss(event.character == "y")


class ReadText(ModalScreen[None]):
    """Shows a text: arrows scroll, `c` copies it, any other key closes."""

    DEFAULT_CSS = f"ReadText {{ {_WINDOW} & VerticalScroll {{ height: auto; max-height: 100%; }} }}"
    SCROLLING: ClassVar[frozenset[str]] = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(Content(cell(self._title)), markup=False, classes="window-title")
            with VerticalScroll():
                yield Static(Content("\n".join(lines(self._text))), markup=False)
            yield Static(Content("c Copy   any other key Close"), markup=False, classes="window-keys")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_key(self, event: events.Key) -> None:
        if event.key in self.SCROLLING:
            return
        event.stop()
        event.prevent_default()
        if event.character == "c":
            self.app.copy_to_clipboard(self._text)
            return
        self.dismiss(None)


class AskForm(ModalScreen[dict[str, str] | None]):
    """Asks for the answers of a form; None where the user gives up."""

    DEFAULT_CSS = f"""
    AskForm {{
        {_WINDOW}
        & Input, & Input:focus {{ border: none; height: 1; padding: 0 1; background: $panel; }}
        & OptionList, & OptionList:focus {{
            height: auto; max-height: 10; border: none; padding: 0; background: $panel;
        }}
        & .window-problem {{ color: $text-error; height: auto; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        self._answers = {field.name: field.value for field in form.fields}

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(Content(cell(self._form.title)), markup=False, classes="window-title")
            if self._form.explanation:
                yield Static(Content("\n".join(lines(self._form.explanation))), markup=False)
            for number, field in enumerate(self._form.fields):
                yield from _question(number, field)
            yield Static(markup=False, classes="window-problem")
            yield Static(Content("enter Next, at the end Done   esc Give up"), markup=False, classes="window-keys")

    def on_mount(self) -> None:
        self._ask(0)

    def action_give_up(self) -> None:
        self.dismiss(None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._answers[self._form.fields[_number(event.input.id)].name] = event.value

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        number = _number(event.input.id)
        field = self._form.fields[number]
        if field.required and not event.value.strip():
            self._complain(field)
            return
        self._ask(number + 1)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        number = _number(event.option_list.id)
        field = self._form.fields[number]
        value = picked_value(event.option.id)
        if value is not None:
            self._answers[field.name] = value
            self._ask(number + 1)

    @on(Picker.Narrowed)
    def _narrowed(self, event: Picker.Narrowed) -> None:
        event.stop()
        number = _number(event.picker_id)
        field = self._form.fields[number]
        said = f"{cell(field.label)}  /{cell(event.typed)}" if event.typed else _label(field)
        self.query_one(f"#label-{number}", Static).update(Content(said))

    def _ask(self, number: int) -> None:
        if number < len(self._form.fields):
            self.query_one(f"#field-{number}").focus()
            return
        missing = [field for field in self._form.fields if field.required and not self._answers[field.name].strip()]
        if missing:
            self._complain(missing[0])
            return
        self.dismiss(self._answers)

    def _complain(self, field: FormField) -> None:
        self.query_one(".window-problem", Static).update(Content(f"{cell(field.label)} is missing"))
        self.query_one(f"#field-{self._form.fields.index(field)}").focus()


def _question(number: int, field: FormField) -> Sequence[Static | Input | Picker]:
    label = Static(Content(_label(field)), markup=False, classes="window-label", id=f"label-{number}")
    if not field.choices:
        return [label, Input(field.value, id=f"field-{number}", placeholder=cell(field.hint))]
    return [label, Picker(field.choices, field.value, id=f"field-{number}")]


def _label(field: FormField) -> str:
    return f"{cell(field.label)}  (type to find)" if field.choices else cell(field.label)


def _number(widget_id: str | None) -> int:
    return int((widget_id or "field-0").rsplit("-", 1)[1])
