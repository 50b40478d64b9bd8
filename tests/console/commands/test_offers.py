"""`offer`: what one decision would release, made with a reason and undone; `doctor` names accounts that disagree."""

from __future__ import annotations

from tests.console.homes import Home

CAUSE = "agree|amazon.US|sales"


def disagreeing(home: Home) -> str:
    """Settlements pay invoices, and their price lines are still on income; return a blocked settlement's id."""
    store = home.workspace().store
    routing = dict(store.decisions.current("routing")["amazon.US"].value)
    store.decisions.decide("routing", "amazon.US", routing | {"settle_invoices": "clearing"}, by="ann")
    home.run("reconcile")
    ((found,), *_) = home.query("SELECT discrepancy_id FROM discrepancies WHERE cause_id = $1 ORDER BY 1", [CAUSE])
    return str(found)


def test_accounts_that_disagree_are_named_by_doctor_and_made_to_agree_by_one_command(pulled: Home) -> None:
    refused = pulled.run("offer", "--json")
    assert (refused.code, refused.out) == (2, "")
    one = disagreeing(pulled)
    checks = [r for r in pulled.run("doctor", "--json").rows if r["check"] == "accounts"]
    assert {r["state"] for r in checks} == {"failed"}
    assert "payments of invoices go to 1150" in checks[0]["detail"]
    offered = pulled.run("offer", one, "--json").rows[0]
    assert (offered["kind"], offered["subject"]) == ("account", "amazon.US|sales")
    taken = pulled.run("offer", "--cause", CAUSE, "--take", "--reason", "paid by invoice", "--json")
    assert (taken.code, {r["subject"] for r in taken.rows} >= {"amazon.US|sales"}) == (0, True)
    assert pulled.query("SELECT reason FROM decisions WHERE subject = 'amazon.US|sales'") == [("paid by invoice",)]
    assert pulled.query("SELECT count(*) FROM discrepancies WHERE cause_id = $1 AND state <> 'resolved'", [CAUSE]) == [
        (0,)
    ]
    assert pulled.run("map", "undo", "account", "amazon.US|sales").code == 0
    assert pulled.run("offer", one, "--json").code == 0
