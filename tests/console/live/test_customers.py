"""The section Customers over a real home: what is listed, why, what a person says, and what follows at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.desk import ActionRequest, Form
from console.live.desk import LiveDesk
from reconcile.cycle import run_cycle
from sync.streams import Batch, Document, Window
from tests.console.homes import NOW, Home
from tests.console.live.test_desk import Listener
from tests.console.live.test_finance import rows, text_of
from tests.reconcile.factories import ORDER_ID, address, customer, item, line, order, sales_order

ROUTING = {"subsidiary_id": "1", "location_id": "11", "tax_policy": "facilitator", "time_zone": "UTC"}


@pytest.fixture
def home(empty: Home) -> Home:
    """Two customers of one mailbox, an order of hers that waits, one that is booked, and a stranger."""
    store = empty.workspace().store
    documents = [
        Document(item()),
        Document(customer("901", email="jane@example.com"), [address("901", address1="1 Elm St", postal_code="97301")]),
        Document(customer("902", email="JANE@example.com", phone="503-555-0101")),
        Document(customer("903", first_name="Zoë\u202e", last_name="Stone")),
        Document(order(buyer_email="jane@example.com"), [line()]),
        Document(order("113-7702233-1180009", ordered_at=NOW - timedelta(days=9)), [line("113-7702233-1180009")]),
        Document(sales_order(external_id="AMZ-113-7702233-1180009", customer_id="901")),
    ]
    window = Window(datetime(2026, 9, 1, tzinfo=UTC), NOW)
    for stream in ("amazon.orders@US", "netsuite.transactions"):
        store.mirror.commit(stream, Batch(page=None, documents=documents, cursor={}, covered=window), "run")
        documents = []
    store.decisions.decide("routing", "amazon.US", ROUTING, by="ann")
    run_cycle(store)
    return empty


@pytest.fixture
def desk(home: Home) -> Iterator[LiveDesk]:
    made = LiveDesk(home.workspace(), "ann")
    yield made
    made.close(10)


def do(desk: LiveDesk, action: str, *keys: str, **answers: str) -> Any:
    listener = Listener()
    end = desk.subscribe(listener)
    try:
        return listener.wait(desk.start(ActionRequest(action, "customers", keys, answers)))
    finally:
        end()


def states(desk: LiveDesk) -> dict[str, str]:
    return {row["record"] if row["status"] != "choose" else "buyer": row["status"] for row in rows(desk, "customers")}


def asked(desk: LiveDesk, key: str) -> Form:
    form = desk.form(ActionRequest("choose", "customers", (key,)))
    assert form is not None
    return form


def test_from_a_waiting_buyer_over_the_evidence_to_a_choice_that_is_undone(desk: LiveDesk, home: Home) -> None:
    assert states(desk) == {
        "buyer": "choose", "CUST901": "duplicate", "CUST902": "duplicate", "CUST903": "known",
    }  # fmt: skip
    first = rows(desk, "customers")[0]
    assert (first["candidate"], first["orders"], first["value"]) == ("901, 902", 1, order().total)
    assert do(desk, "not-same", "903").state == "failed"
    assert do(desk, "fix", "903").state == "failed"
    shown = text_of(desk.detail("customers", first["key"], "candidates"))
    assert "CUST902" in shown
    assert "same +12.7" in shown
    assert ORDER_ID in text_of(desk.detail("customers", first["key"], "history"))
    assert "jane@example.com" in text_of(desk.detail("customers", first["key"], "record"))
    choices = asked(desk, first["key"]).fields[0].choices
    assert [c.value for c in choices] == ["901", "902", "903"]
    assert do(desk, "choose", first["key"], customer="902").note.startswith("Jane Doe is customer 902: 1 order free")
    assert "buyer" not in states(desk)
    assert do(desk, "undo").state == "done"
    assert states(desk)["buyer"] == "choose"
    assert do(desk, "not-same", first["key"]).state == "done"
    assert "buyer" not in states(desk), "he is none of them: a new customer"


def test_two_customers_are_made_one_and_new_orders_go_to_the_one_that_is_kept(desk: LiveDesk, home: Home) -> None:
    assert "bought 31.98 USD" in text_of(desk.detail("customers", "901", "history"))
    assert [c.value for c in asked(desk, "901").fields[0].choices] == ["901", "902"]
    assert "902 is kept" in do(desk, "choose", "901", customer="902", other="902").note
    assert states(desk) == {"CUST901": "merge", "CUST902": "merge", "CUST903": "known"}
    assert "merge them in NetSuite" in text_of(desk.detail("customers", "901", "candidates"))
    assert do(desk, "undo").state == "done"
    assert do(desk, "accept", "901").state == "done"
    assert states(desk)["CUST901"] == "merge"
    do(desk, "not-same", "901")
    assert states(desk)["CUST901"] in ("known", "enrich")
    assert desk.detail("customers", "999", "record") is None


def test_what_a_channel_knows_better_is_staged_and_e_mails_are_masked_where_a_person_said_so(
    desk: LiveDesk, home: Home
) -> None:
    store = home.workspace().store
    store.decisions.decide("not_same", "901|902", {}, by="ann")
    store.decisions.decide("customer_matching", "*", {"mask_emails": True}, by="ann")
    run_cycle(store)
    assert states(desk)["CUST901"] == "enrich"
    assert do(desk, "fix", "901").note.startswith("1 operation staged")
    (staged,) = store.outbox.operations(states=("planned",))
    assert (staged.kind, staged.intent["set"]["phone"]) == ("customer.update", "+1 503-555-0101")
    assert {r["email"] for r in rows(desk, "customers")} == {"j***@example.com", "J***@example.com", None}
    assert "jane@" not in text_of(desk.detail("customers", "901", "record"))


def test_every_step_goes_without_a_screen(home: Home) -> None:
    (buyer,) = home.run("list", "customers", "--filter", "status:choose", "--json").rows
    scored = home.run("customers", "candidates", buyer["id"], "--json").rows
    assert [(r["candidate"], r["automatic"]) for r in scored] == [("902", True), ("901", True)]
    assert home.run("customers", "candidates", "AMZ-CUST-nobody").code == 2
    assert home.run("customers", "choose", buyer["id"], "999").code == 2
    assert home.run("customers", "choose", "901", "902").code == 2
    assert home.run("customers", "choose", buyer["id"], "902", "--json").one["customer"] == "902"
    assert home.run("list", "customers", "--filter", "status:choose", "--json").rows == []
    assert home.run("customers", "same", "901", "901").code == 2
    assert home.run("customers", "same", "902", "901", "--keep", "902", "--json").one["same_customer"] == "901|902"
    assert home.run("customers", "not-same", "901", "902", "--json").one["not_same"] == "901|902"
    kinds = {r["kind"] for r in home.run("list", "decisions", "--json").rows}
    assert {"customer", "not_same"} <= kinds
    assert "same_customer" not in kinds
    (bought,) = home.run("customers", "history", "901", "--json").rows
    assert (bought["channel"], bought["orders"], bought["total"]) == ("amazon.US", 1, "31.98")
    assert home.run("customers", "candidates", "901", "--json").rows[0]["candidate"] == "902"
    levels = home.run("customers", "weights", "--json").rows
    assert {"field": "email", "level": "same", "bits": "+12.7"} in levels
    exported = home.run("map", "export").out
    assert '[not_same."901|902"]' in exported
