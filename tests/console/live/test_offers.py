"""The key that takes what is offered for a blocked record: shown first, decided with a reason, undone."""

from __future__ import annotations

from collections.abc import Callable

from console.blocks import Passage
from console.desk import ActionRequest, Form, JobEvent
from console.live.desk import LiveDesk
from tests.console.commands.test_offers import CAUSE, invoiced
from tests.console.homes import Home
from tests.console.live.test_finance import desk, do

__all__ = ["desk", "do"]


def test_an_offer_is_shown_taken_and_undone(pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent]) -> None:
    one = invoiced(pulled)
    number = one.split("-SETTLE-")[1].rpartition("-")[0]
    fix = desk.detail("discrepancies", one, "fix")
    assert fix is not None
    said = [b.text for b in fix.blocks if isinstance(b, Passage)]
    assert any("O takes what is offered: settlements of amazon.US pay its invoices, onto 1190" in text for text in said)
    cause = f"cause={CAUSE}"
    for section, key in (("discrepancies", one), ("settlements", f"amazon.US/{number}"), ("discrepancies", cause)):
        asked = desk.form(ActionRequest("offer", section, (key,)))
        assert isinstance(asked, Form)
        assert "settlements of amazon.US pay its invoices, onto 1190" in asked.explanation
    done = do("offer", "discrepancies", cause, reason="paid by invoice")
    assert (done.state, "released. u undoes it" in done.note) == ("done", True)
    held = pulled.workspace().store.decisions.current("routing")["amazon.US"]
    assert (held.value["settle_invoices"], held.decided_by, held.reason) == ("undeposited", "ann", "paid by invoice")
    assert desk.form(ActionRequest("offer", "settlements", (f"amazon.US/{number}",))) is None
    assert do("offer", "discrepancies", one).state == "failed"
    assert do("undo", "app").state == "done"
    assert pulled.workspace().store.decisions.current("routing")["amazon.US"].value["settle_invoices"] == "none"
