from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from console.action import Context, refusal
from console.actions import ACTIONS, action, actions_for, docs_table
from console.bindings import app_bindings, section_bindings, table_bindings
from console.sections import SECTIONS

#: Keys that terminals, multiplexers or people's fingers take for something else.
NEVER = {"ctrl+enter", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+s", "ctrl+q", "ctrl+z", "ctrl+a", "ctrl+b", "f11"}


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(KeyError):
        action("no such thing")


@pytest.mark.parametrize(
    "scope", [*(s.id for s in SECTIONS), "settlement", "line_types", "causes", "fees", "dimensions"]
)
def test_no_key_means_two_things_on_one_screen(scope: str) -> None:
    keys = Counter(key for a in actions_for(scope) for key in a.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []


def test_ids_are_unique_and_every_action_explains_itself() -> None:
    assert len({a.id for a in ACTIONS}) == len(ACTIONS)
    for a in ACTIONS:
        assert a.help.endswith("."), a.id
        assert a.label, a.id
        assert not set(a.keys.split(",")) & NEVER, a.id
        assert not any(key.startswith("alt+") for key in a.keys.split(",")), a.id


def test_the_same_letter_has_the_same_label_wherever_it_holds() -> None:
    labels: dict[str, set[str]] = {}
    for a in ACTIONS:
        for key in a.keys.split(","):
            labels.setdefault(key, set()).add(a.label)
    several = {key: found for key, found in labels.items() if len(found) > 1}
    assert several == {
        "a": {"Accept", "Account"},
        "A": {"Accept all", "Retry alike"},
        # The same intent under the word of its place: say what it is; say that it needs nothing.
        "m": {"Map", "Match", "Choose"},
        "i": {"Waive", "Set aside", "Not same"},
    }


@pytest.mark.parametrize(
    ("name", "context", "why"),
    [
        ("fix", Context("discrepancies"), "there is no record under the cursor"),
        ("fix", Context("discrepancies", loading=True), "the list is still being read"),
        ("fix", Context("discrepancies", read_only=True, record="k"), "this console is read-only"),
        ("fix", Context("discrepancies", record="k"), None),
        (
            "fix",
            Context("discrepancies", record="k", is_past=True),
            "this is the past, t and an empty moment lead back to now",
        ),
        ("undo", Context("discrepancies", is_past=True), None),
        ("stage", Context("discrepancies", record="k"), "nothing is marked, space marks"),
        ("stage", Context("discrepancies", marks=1), None),
        ("review", Context("home"), "nothing is staged, f stages a fix"),
        ("review", Context("home", staged=1, read_only=True), None),
        ("cancel", Context("home"), "no job is running"),
        ("cancel", Context("home", job="j"), None),
        ("sort", Context("orders", read_only=True), None),
    ],
)
def test_an_action_that_cannot_run_says_why(name: str, context: Context, why: str | None) -> None:
    assert refusal(action(name), context) == why


def test_every_action_is_bound_under_its_id() -> None:
    scopes = [s.id for s in SECTIONS] + ["lists", "settlement", "line_types", "fees", "dimensions"]
    bound = {b.id for b in [*app_bindings(), *section_bindings(*scopes), *table_bindings()]}  # type: ignore[union-attr]
    assert bound == {a.id for a in ACTIONS}


def test_the_manuals_table_has_a_line_for_every_action() -> None:
    table = docs_table()
    assert table.count("\n") == len(ACTIONS) + 2
    assert "| `^p` | palette | app |" in table
    assert f"| `f` | Fix | {', '.join(action('fix').scope)} |" in table


def test_the_manual_has_exactly_the_registrys_table() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
    assert manual.endswith("\n\n" + docs_table()), "write docs/keys.md anew with console.actions.docs_table()"


def test_a_settlement_has_the_keys_of_every_list() -> None:
    assert {"open", "filter", "copy", "account", "journal"} <= {a.id for a in actions_for("settlement")}
