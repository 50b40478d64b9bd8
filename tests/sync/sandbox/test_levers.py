"""The admin's levers over HTTP: each does what it says, each refusal is 400 with a sentence."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sync.sandbox.levers import LEVERS
from sync.sandbox.profiles import load_profiles
from sync.sandbox.server import Running, Sandbox

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Pull = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("levers")
    with Sandbox(seed=7, now=NOW, size=300, limits=False, directory=folder, ticks=lambda: 0.0).start() as made:
        yield made


@pytest.fixture
def http(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client
        client.delete(f"{running.admin}/faults")


@pytest.fixture
def pull(running: Running, http: httpx.Client) -> Pull:
    """Pull a lever; the answer must be 201."""

    def pulled(name: str, **body: object) -> dict[str, Any]:
        answer = http.post(f"{running.admin}/levers/{name}", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return pulled


@pytest.fixture
def order(pull: Pull) -> dict[str, str]:
    """An order of Amazon that the seller has to send: channel and order_id."""
    placed = pull("order", channel="amazon.US", sku="ACM-KET-17-BLK", quantity=3)
    return {"channel": "amazon.US", "order_id": placed["order_id"]}


def amazon(running: Running, http: httpx.Client, order_id: str) -> dict[str, Any]:
    """Return an order as Amazon shows it."""
    own = json.loads(running.credentials.read_text())["amazon"]
    form = {"grant_type": "refresh_token"} | {k: own[k] for k in ("client_id", "client_secret", "refresh_token")}
    token = http.post(own["token_url"], data=form).json()["access_token"]
    answer = http.get(
        f"{running.amazon}/orders/2026-01-01/orders/{order_id}",
        params={"includedData": "FULFILLMENT"},
        headers={"x-amz-access-token": token},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["order"]
    return found


def walmart(running: Running, http: httpx.Client, po: str) -> dict[str, Any]:
    """Return an order as Walmart shows it."""
    own = json.loads(running.credentials.read_text())["walmart"]
    basic = base64.b64encode(f"{own['client_id']}:{own['client_secret']}".encode()).decode()
    headers = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": str(uuid.UUID(int=7))}
    headers["Accept"] = "application/json"
    form = {"grant_type": "client_credentials"}
    url = f"{running.walmart}/v3/token"
    reply = http.post(url, data=form, headers={**headers, "Authorization": f"Basic {basic}"})
    headers["WM_SEC.ACCESS_TOKEN"] = reply.json()["access_token"]
    answer = http.get(f"{running.walmart}/v3/orders/{po}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["order"]
    return found


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("explode", {}, "there is no lever 'explode'; there are order, change-order"),
        ("ship", {"channel": "amazon.US"}, "order_id is missing"),
        ("ship", {"channel": "amazon.US", "order_id": "x", "colour": "red"}, "unknown: colour; known: channel"),
        ("ship", {"channel": "amazon.US", "order_id": "x"}, "amazon.US has no order x"),
        ("ship", {"channel": "amazon.US", "order_id": "x", "lines": ["1"]}, "units by line id"),
        ("ship", {"channel": "amazon.US", "order_id": "x", "lines": {"1": True}}, "units by line id"),
        ("order", {"channel": "amazon.US", "quantity": "2"}, "quantity must be a whole number"),
        ("order", {"channel": "amazon.US", "quantity": True}, "quantity must be a whole number"),
        ("order", {"channel": 7}, "channel must be text"),
        ("refund", {"channel": "a", "order_id": "b", "line_id": "1", "with_shipping": "yes"}, "true or false"),
        ("price", {"channel": "amazon.US", "sku": "X", "price": 9.99, "currency": "USD"}, "amount as text"),
        ("price", {"channel": "amazon.US", "sku": "X", "price": "dear", "currency": "USD"}, "'dear' is no amount"),
        ("price", {"channel": "amazon.US", "sku": "X", "price": "9", "currency": "USD"}, "has no listing X"),
        ("quantity", {"channel": "amazon.US", "sku": "X", "quantity": 1}, "has no listing X"),
        ("stock", {"channel": "amazon.US", "sku": "X", "event": "receipt", "quantity": 1}, "keeps no X"),
        ("reimburse", {"channel": "amazon.US", "sku": "X"}, "keeps no X"),
        ("settle", {"channel": "ebay.US"}, "channel must be one of"),
        ("fee", {"channel": "amazon.US", "amount": "-1.00", "description": ""}, "description must say"),
        ("delay-settlement", {"channel": "amazon.US", "hours": "2"}, "hours must be a number"),
        ("fail-payout", {"channel": "ebay.US"}, "channel must be one of"),
        ("return", {"channel": "amazon.US", "order_id": "x", "line_id": "1"}, "has no order x"),
        ("cancel", {"channel": "amazon.US", "order_id": "x"}, "has no order x"),
        ("ask-to-cancel", {"channel": "amazon.US", "order_id": "x"}, "has no order x"),
        ("deliver", {"channel": "amazon.US", "order_id": "x"}, "has no order x"),
        ("period", {"action": "burn"}, "action must be close or reopen"),
        ("period", {"action": "close", "period": "Foo 1999"}, "no month 'Foo 1999'"),
        ("period", {"action": "close", "period": "FY 2026"}, "no month 'FY 2026'"),
        ("period", {"action": "close", "months_ago": -1}, "0 or more"),
        ("clock", {"seconds": -1}, "only moves forward"),
    ],
)
def test_a_lever_that_cannot_be_pulled_says_why(
    running: Running, http: httpx.Client, name: str, body: dict[str, object], said: str
) -> None:
    answer = http.post(f"{running.admin}/levers/{name}", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_an_unknown_profile_and_an_unknown_fault_are_refused(running: Running, http: httpx.Client) -> None:
    answer = http.post(f"{running.admin}/profiles/red-friday")
    assert (answer.status_code, "black-friday" in answer.json()["error"]) == (400, True)
    answer = http.post(f"{running.admin}/faults", json={"vendor": "netsuite", "name": "trottle"})
    assert (answer.status_code, "nearest is 'throttle'" in answer.json()["error"]) == (400, True)


def test_a_sandbox_does_not_start_with_a_fault_that_is_not_there(running: Running) -> None:
    for wrong, said in (("amazon.nope", "knows no fault"), ("nope", "there is no profile")):
        with pytest.raises(ValueError, match=said):
            Sandbox(seed=7, now=NOW, size=100, directory=running.credentials.parent / "no").start(faults=[wrong])


# ---------------------------------------------------------------- orders


def test_the_levers_are_listed_with_their_fields(running: Running, http: httpx.Client) -> None:
    listed = http.get(f"{running.admin}/levers").json()["levers"]
    assert [x["name"] for x in listed] == list(LEVERS)
    assert all(x["text"] and x["fields"] for x in listed)


def test_what_is_shipped_and_delivered_is_seen_at_amazon(
    running: Running, http: httpx.Client, pull: Pull, order: dict[str, str]
) -> None:
    line = running.world.order(**order).lines[0].line_id  # type: ignore[union-attr]
    pull("ship", **order, lines={line: 1}, carrier="FedEx", tracking_number="7489001")
    assert amazon(running, http, order["order_id"])["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    parcel = pull("ship", **order)
    assert parcel["quantities"] == {line: 2}
    assert amazon(running, http, order["order_id"])["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert datetime.fromisoformat(pull("deliver", **order)["delivered_at"]) == NOW


def test_what_is_done_to_a_walmart_order_is_seen_at_walmart(running: Running, http: httpx.Client, pull: Pull) -> None:
    placed = pull("order", channel="walmart.US", quantity=2)
    which = {"channel": "walmart.US", "order_id": placed["order_id"]}

    def statuses() -> dict[str, int]:
        line = walmart(running, http, placed["order_id"])["orderLines"]["orderLine"][0]
        rows = line["orderLineStatuses"]["orderLineStatus"]
        return {row["status"]: int(row["statusQuantity"]["amount"]) for row in rows}

    assert statuses() == {"Created": 2}
    pull("ship", **which, lines={"1": 1})
    assert statuses() == {"Created": 1, "Shipped": 1}
    pull("cancel", **which)
    assert statuses() == {"Shipped": 1, "Cancelled": 1}


def test_a_wish_to_cancel_and_a_cancellation_are_noted(running: Running, pull: Pull, order: dict[str, str]) -> None:
    held = running.world.order(**order)
    assert held is not None
    line = held.lines[0]
    assert pull("ask-to-cancel", **order) == {"lines": [line.line_id]}
    assert line.cancel_requested_at == NOW
    assert pull("cancel", **order, lines={line.line_id: 1}, reason="NO_STOCK") == {"cancelled": {line.line_id: 1}}
    assert (line.quantity_cancelled, line.cancel_reason) == (1, "NO_STOCK")
    pull("cancel", **order)
    assert held.status_at(NOW) == "cancelled"


def test_a_return_and_its_refund_are_one_story(running: Running, pull: Pull, order: dict[str, str]) -> None:
    line = running.world.order(**order).lines[0]  # type: ignore[union-attr]
    pull("ship", **order)
    back = pull("return", **order, line_id=line.line_id, quantity=2, reason="DEFECTIVE", comment="hums")
    assert (back["disposition"], back["received_at"], back["refund_id"]) == ("DEFECTIVE", NOW.isoformat(), None)
    given = pull("refund", **order, line_id=line.line_id, quantity=2)
    assert given["item_price"] == str(line.unit_price * 2)
    (seen,) = [r for r in running.world.returns_of("amazon.US", NOW) if r.order_id == order["order_id"]]
    assert (seen.return_id, seen.refund_id, seen.comment) == (back["return_id"], given["refund_id"], "hums")


# ---------------------------------------------------------------- goods, offers, money


def test_stock_moves_and_lost_goods_are_paid_for(running: Running, pull: Pull) -> None:
    sku = next(x.sku for x in running.world.listings if x.channel == "amazon.DE" and x.fulfilled_by == "channel")

    def lying() -> int:
        return sum(s.fulfillable for s in running.world.stock_at("amazon.DE", NOW) if s.sku == sku)

    before = lying()
    moved = pull("stock", channel="amazon.DE", sku=sku, event="receipt", quantity=12, warehouse_id="DTM2")
    assert [m["quantity"] for m in moved["movements"]] == [12]
    assert lying() == before + 12
    paid = pull("reimburse", channel="amazon.DE", sku=sku, quantity=2, amount_per_unit="11.15")
    assert paid["amount"] == "22.30"
    assert lying() == before + 10
    assert running.world.reimbursements_of("amazon.DE", NOW)[-1].total == Decimal("22.30")


def test_the_sellers_other_tool_sets_quantity_and_price(running: Running, pull: Pull) -> None:
    sku = "ACM-FRP-08"
    assert pull("quantity", channel="amazon.US", sku=sku, quantity=17) == {"sku": sku, "quantity": 17}
    assert pull("price", channel="amazon.US", sku=sku, price="27.50", currency="USD")["price"] == "27.50"
    assert running.world.listed("amazon.US", sku, None, NOW) == 17


def test_an_accounting_period_closes_for_the_books_and_opens_again(running: Running, pull: Pull) -> None:
    closed = pull("period", action="close")
    assert (closed["period"], closed["closed"]) == ("Nov 2026", True)
    assert running.books.get("accountingPeriod", closed["id"]).fields["allLocked"] is True
    assert pull("period", action="reopen", period="Nov 2026") == {**closed, "closed": False}
    assert running.books.get("accountingPeriod", closed["id"]).fields["closed"] is False


def test_fees_settlements_and_payouts_can_be_made_to_happen(running: Running, http: httpx.Client, pull: Pull) -> None:
    shown = running.world.open_period("amazon.DE", NOW)
    pull("fee", channel="amazon.DE", amount="-9.95", description="Never seen", transaction_type="AmazonFees")
    made = pull("settle", channel="amazon.DE")
    assert (made["settlement_id"], made["end"]) == (shown.settlement_id, NOW.isoformat())
    failed = pull("fail-payout", channel="amazon.DE")["settlement_id"]
    assert failed == shown.settlement_id
    late = pull("delay-settlement", channel="amazon.DE", hours=36)["settlement_id"]
    assert late != failed
    now = datetime.fromisoformat(pull("clock", seconds=3 * 86_400)["now"])
    assert now == NOW + timedelta(days=3)
    states = {p.settlement_id: p.state for p in running.world.payouts_of("amazon.DE", now)}
    assert states[failed] == "failed"
    assert running.world.settlements_of("amazon.DE", now)[-1].settlement_id == failed


# ---------------------------------------------------------------- faults and profiles


def test_the_catalogue_tells_every_fault_with_row_and_sentence(running: Running, http: httpx.Client) -> None:
    kinds = http.get(f"{running.admin}/faults/catalogue").json()["faults"]
    assert {k["vendor"] for k in kinds} == {"amazon", "walmart", "netsuite"}
    assert len({k["row"] for k in kinds}) > 80
    assert all(k["text"] for k in kinds)


@pytest.mark.parametrize("name", ["black-friday", "netsuite-friday", "credential-rot", "month-close"])
def test_a_profile_is_armed_over_http(running: Running, http: httpx.Client, name: str) -> None:
    assert name in http.get(f"{running.admin}/profiles").json()["profiles"]
    armed = http.post(f"{running.admin}/profiles/{name}")
    assert armed.status_code == 200, armed.text
    expected = [(f.vendor, f.name) for f in load_profiles()[name].make_faults()]
    assert [(f["vendor"], f["name"]) for f in armed.json()["faults"]] == expected
    assert [(f.vendor, f.name) for f in running.faults.active()] == expected
    assert {v for v, _ in expected} == (
        {"netsuite"} if name == "netsuite-friday" else {"amazon", "walmart", "netsuite"}
    )


def test_month_close_pulls_its_levers(running: Running, http: httpx.Client) -> None:
    assert http.post(f"{running.admin}/profiles/month-close").status_code == 200
    now = running.clock.now()
    texts = {x.amount_type for x in running.world.open_period("amazon.US", now).lines}
    assert "Returns Processing Surcharge" in texts
    october = next(p for p in running.books.records("accountingPeriod") if p.fields["periodName"] == "Oct 2026")
    assert october.fields["closed"] is True


def test_a_sandbox_starts_with_its_faults_armed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("armed")
    with Sandbox(seed=7, now=NOW, size=100, directory=folder).start(["credential-rot", "amazon.slow:0.5x2"]) as made:
        names = [(f.name, f.count, f.probability) for f in made.faults.active()]
        assert names[-1] == ("slow", 2, 0.5)
        assert len(names) == len(load_profiles()["credential-rot"].faults) + 1
