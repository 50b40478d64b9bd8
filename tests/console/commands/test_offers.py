"""`offer`: what one decision would release, made with a reason and undone; `doctor` names what is sold twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from console.desk import Passage
from console.live.details.settlements import read
from sync.records import Transaction
from sync.streams import Batch, Document
from tests.console.homes import Home

CAUSE = "agree|amazon.US|invoices"
_SETTLED = """
SELECT d.discrepancy_id, l.order_id, sum(l.amount) FROM discrepancies d
JOIN settlement_lines l ON l.channel = d.channel AND l.settlement_id = split_part(d.subject, '-', 3)
    AND strftime(l.posted_date, '%Y%m') = split_part(d.subject, '-', 4)
WHERE d.control = 'settlement_not_posted' AND d.channel = 'amazon.US' AND d.state = 'open'
    AND l.transaction_type = 'Order' AND l.amount_description = 'Principal'
GROUP BY ALL ORDER BY 1, 2 LIMIT 1
"""


def invoiced(home: Home) -> str:
    """An order of an open settlement has an invoice of ours, and nobody said that settlements pay it."""
    store = home.workspace().store
    routing = dict(store.decisions.current("routing")["amazon.US"].value)
    store.decisions.decide("routing", "amazon.US", routing | {"settle_invoices": "none"}, by="ann")
    ((found, order_id, total),) = home.query(_SETTLED)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    invoice = Transaction(
        "990001", "INV990001", "CustInvc", "invoice", "A", date(2026, 11, 1), None, None, f"AMZ-INV-{order_id}-1",
        str(order_id), "USD", Decimal(1), Decimal(str(total)), None, at, at,
    )  # fmt: skip
    store.mirror.commit("test.records", Batch(page=None, documents=[Document(invoice, ())], cursor={}), "run")
    home.run("reconcile")
    return str(found)


def previewed(home: Home, settlement: str) -> str:
    """The journal tab of a settlement."""
    detail = read(home.workspace().store, f"amazon.US/{settlement}", "journal")
    assert detail is not None
    return "\n".join(block.text for block in detail.blocks if isinstance(block, Passage))


def test_orders_that_would_be_sold_twice_are_named_by_doctor_and_decided_by_one_command(pulled: Home) -> None:
    refused = pulled.run("offer", "--json")
    assert (refused.code, refused.out) == (2, "")
    one = invoiced(pulled)
    assert pulled.query("SELECT state FROM discrepancies WHERE discrepancy_id = $1", [one]) == [("blocked",)]
    settlement = one.split("-")[2]
    (listed,) = [r for r in pulled.run("list", "settlements", "--json").rows if settlement in str(r.values())]
    assert "blocked" in {str(value) for value in listed.values()}
    assert "sold by our invoices: O decides" in previewed(pulled, settlement)
    checks = [r for r in pulled.run("doctor", "--json").rows if r["check"] == "accounts"]
    assert {r["state"] for r in checks} == {"failed"}
    assert "our invoices (such as INV" in checks[0]["detail"]
    offered = pulled.run("offer", one, "--json").rows[0]
    assert (offered["kind"], offered["subject"]) == ("routing", "amazon.US")
    assert offered["value"]["settle_invoices"] == "undeposited"
    taken = pulled.run("offer", "--cause", CAUSE, "--take", "--reason", "paid by settlements", "--json")
    assert (taken.code, {r["subject"] for r in taken.rows}) == (0, {"amazon.US"})
    reasons = pulled.query("SELECT reason FROM decisions WHERE kind = 'routing' ORDER BY decision_id DESC LIMIT 1")
    assert reasons == [("paid by settlements",)]
    assert pulled.query("SELECT count(*) FROM discrepancies WHERE cause_id = $1 AND state <> 'resolved'", [CAUSE]) == [
        (0,)
    ]
    assert "leaves 1190 Undeposited funds, where their payments go" in previewed(pulled, settlement)
    shown = pulled.run("settlement", "show", settlement, "--journal", "--json").out
    assert "Sales, invoiced" in shown
    assert pulled.run("map", "undo", "routing", "amazon.US").code == 0
    assert pulled.run("offer", one, "--json").code == 0
