"""The key that takes back what is posted of a settlement: chosen from what is posted, staged, undone."""

from __future__ import annotations

from collections.abc import Callable

from console.desk import ActionRequest, Form, JobEvent
from console.live.desk import LiveDesk
from tests.console.commands.test_postings import posted_journal
from tests.console.homes import Home
from tests.console.live.test_finance import desk, do

__all__ = ["desk", "do"]


def test_a_posted_journal_is_taken_back_from_its_settlement(
    pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    journal = posted_journal(pulled)
    number = journal.split("-SETTLE-")[1].rpartition("-")[0]
    key = f"amazon.US/{number}"
    assert desk.form(ActionRequest("reverse", "settlements", ("amazon.US/1",))) is None
    assert do("reverse", "settlements", "amazon.US/1").note.startswith("nothing of it is posted")
    asked = desk.form(ActionRequest("reverse", "settlement", (key,)))
    assert isinstance(asked, Form)
    assert journal in [c.value for c in asked.fields[0].choices]
    wrong = do("reverse", "settlement", key, document=journal, reason="typed twice", date="soon")
    assert (wrong.state, "this is no date" in wrong.note) == ("failed", True)
    assert pulled.query("SELECT count(*) FROM decisions WHERE kind = 'journal_reversal'") == [(0,)]
    early = do("reverse", "settlement", key, document=journal, reason="typed twice", date="2020-01-01")
    assert (early.state, "O takes the day that is offered" in early.note) == ("failed", True)
    offered = desk.form(ActionRequest("offer", "settlement", (key,)))
    assert isinstance(offered, Form)
    assert f"{journal}-R on " in offered.explanation
    assert do("offer", "settlement", key).state == "done"
    done = do("fix", "settlement", key)
    assert (done.state, "1 operation staged" in done.note) == ("done", True)
    staged = pulled.query("SELECT identity, state FROM operations WHERE kind = 'journal_entry.reverse'")
    assert staged == [(f"{journal}-R", "planned")]


def test_a_reversal_that_was_undone_is_not_sent(pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent]) -> None:
    journal = posted_journal(pulled)
    key = f"amazon.US/{journal.split('-SETTLE-')[1].rpartition('-')[0]}"
    done = do("reverse", "settlement", key, document=journal, reason="typed twice")
    assert (done.state, "staged. P reviews and pushes" in done.note) == ("done", True)
    assert do("undo", "app").note.startswith("reversal of")
    pushed = do("push", "app")
    states = pulled.query("SELECT DISTINCT state FROM operations WHERE kind = 'journal_entry.reverse'")
    assert (pushed.note, states) == ("1 no longer needed", [("superseded",)])
