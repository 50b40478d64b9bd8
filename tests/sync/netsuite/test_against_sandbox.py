"""The connector against the stand-in for NetSuite over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

from sync.clock import ManualClock
from sync.errors import Credentials, InDoubt, Rejected, Transient
from sync.netsuite import NetSuiteClient, PullSettings, connect, handlers, streams
from sync.netsuite.push import WriteHandler
from sync.outbox.handlers import Found
from sync.transport import ConcurrencyGate, MemoryCallLog

from .company import Company, running_company

ZONE = ZoneInfo("America/Los_Angeles")
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def company(clock: ManualClock) -> Iterator[Company]:
    with running_company(clock) as running:
        yield running


@pytest.fixture
async def client_to(calls: MemoryCallLog) -> AsyncIterator[Callable[..., NetSuiteClient]]:
    made: list[NetSuiteClient] = []

    def make(company: Company, auth: httpx.Auth | None = None, gate: ConcurrencyGate | None = None) -> NetSuiteClient:
        client = connect(
            company.account,
            auth or company.machine_login(),
            calls=calls,
            clock=company.clock,
            gate=gate,
            rng=random.Random(5),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.transport.aclose()


def handler(client: NetSuiteClient, kind: str) -> WriteHandler:
    found = next(h for h in handlers(client) if h.kind == kind)
    assert isinstance(found, WriteHandler)
    return found


def order_intent(company: Company, **more: object) -> dict[str, object]:
    line = {"item_id": company.ids["SKU-A"], "quantity": "3", "rate": "11.11", "amount": "33.33", "is_tax_exempt": True}
    return {
        "external_id": "AMZ-113-7702233-1180",
        "other_reference": "113-7702233-1180",
        "customer": {"id": company.ids["customer"]},
        "date": "2026-11-18",
        "subsidiary_id": company.ids["subsidiary"],
        "location_id": company.ids["location"],
        "currency": "USD",
        "memo": "Zoë's “gift” – 1 < 2",
        "ship_by": "2026-11-21",
        "shipping_cost": "4.99",
        "address": {"name": "Zoë Müller", "address1": "1 Main St", "city": "Reno", "region": "NV",
                    "postal_code": "89501", "country": "US"},
        "lines": [line, {**line, "quantity": "7", "rate": "14.2857142857", "amount": "100.00"}],
        **more,
    }  # fmt: skip


def journal_intent(company: Company, **more: object) -> dict[str, object]:
    return {
        "external_id": "AMZ-SETTLE-18837465521-202611",
        "date": "2026-11-15",
        "subsidiary_id": company.ids["subsidiary"],
        "currency": "USD",
        "memo": "Settlement 18837465521",
        "lines": [
            {"account_id": company.ids["1150"], "debit": "85.27", "memo": "payout"},
            {"account_id": company.ids["6110"], "debit": "14.73", "memo": "fees"},
            {"account_id": company.ids["4000"], "credit": "100.00"},
        ],
        **more,
    }


async def collect(client: NetSuiteClient, name: str, **settings: object) -> list:
    wanted = PullSettings(**{"since": SINCE, "zone": ZONE, **settings})
    stream = next(s for s in streams(client, wanted) if s.name == name)
    return [batch async for batch in stream.pull(None, datetime(2026, 11, 20, 9, tzinfo=UTC))]


@pytest.mark.parametrize("way", ["machine_login", "token_login"])
async def test_both_ways_of_logging_in_are_accepted(company, client_to, way):
    client = client_to(company, getattr(company, way)())
    page = await client.suiteql("SELECT c.id AS id FROM customer c WHERE c.externalid = ? ORDER BY c.id", ["MKT-1"])
    assert [row["id"] for row in page.items] == [company.ids["customer"]]
    record = await client.get_by_external_id("customer", "MKT-1")
    assert record["companyName"] == "Marketplace"


@pytest.mark.proves("N05")
async def test_a_wrong_secret_stops_after_two_logins(company, client_to, calls):
    client = client_to(company, company.token_login(token_secret="wrong"))
    results = await asyncio.gather(*(client.get("customer", "1") for _ in range(9)), return_exceptions=True)
    assert all(isinstance(r, Credentials) for r in results)
    assert [r.status for r in calls.records] == [401, 401]


@pytest.mark.proves("N07")
async def test_a_token_revoked_mid_run_is_renewed_once(company, client_to, calls):
    client = client_to(company)
    await client.suiteql("SELECT i.id AS id FROM item i ORDER BY i.id")
    company.clock.advance(300)
    company.fault("expired_token")
    await asyncio.gather(*(client.suiteql("SELECT i.id AS id FROM item i ORDER BY i.id") for _ in range(6)))
    assert sum(r.operation == "token" for r in calls.records) == 2


async def test_twenty_readers_stay_below_the_accounts_limit(company, client_to, calls):
    company.settings.service_time_s = 0.01
    client = client_to(company)
    query = "SELECT i.id AS id FROM item i ORDER BY i.id"
    await asyncio.gather(*(client.suiteql(query) for _ in range(20)))
    assert {r.status for r in calls.records} == {200}


@pytest.mark.proves("N01")
async def test_a_limit_that_has_fallen_loses_no_call(company, client_to, calls):
    company.settings.service_time_s = 0.01
    company.settings.concurrency_limit = 1
    client = client_to(company, gate=ConcurrencyGate(4))
    query = "SELECT i.id AS id FROM item i ORDER BY i.id"
    pages = await asyncio.gather(*(client.suiteql(query) for _ in range(20)))
    assert len(pages) == 20
    assert sum(r.status == 429 for r in calls.records) <= 8


@pytest.mark.parametrize("name", ["netsuite.items", "netsuite.customers", "netsuite.accounts", "netsuite.subsidiaries",
                                  "netsuite.locations", "netsuite.periods", "netsuite.transactions"])  # fmt: skip
async def test_every_stream_reads_the_whole_company_without_a_row_left_over(company, client_to, name):
    for number in range(5):
        company.order(number)
    batches = await collect(client_to(company), name, page_rows=2, transactions_a_page=2)
    assert [q for b in batches for q in b.quarantined] == []
    documents = [d for b in batches for d in b.documents]
    assert len(documents) == batches[-1].expected > 0
    assert batches[-1].covered is not None


async def test_the_account_of_undeposited_funds_says_that_it_is_one_whatever_its_number(company, client_to):
    body = {"acctNumber": "1799", "acctName": "Undeposited receipts", "acctType": {"id": "OthCurrAsset"}}
    made = company.books.create("account", body)
    batches = await collect(client_to(company), "netsuite.accounts")
    accounts = [d.record for b in batches for d in b.documents]
    assert [(a.account_id, a.number) for a in accounts if a.special_type == "UndepFunds"] == [(str(made), "1799")]
    assert None in {a.special_type for a in accounts}


async def test_a_sales_order_is_read_with_positive_lines(company, client_to):
    number = company.order(1, quantity=2, price="29.99")
    batches = await collect(client_to(company), "netsuite.transactions")
    [document] = [d for b in batches for d in b.documents]
    order = document.record
    assert (order.transaction_id, order.transaction_type, order.status) == (str(number), "SalesOrd", "B")
    assert (order.external_id, order.other_reference, order.currency) == ("OLD-1", "111-1", "USD")
    assert order.total == Decimal("59.98")
    assert order.updated_at == datetime(2026, 11, 5, 12, tzinfo=UTC)
    [goods] = [line for line in document.lines if line.item_id]
    assert (goods.quantity, goods.amount, goods.item_id) == (2, Decimal("59.98"), company.ids["SKU-A"])
    assert (goods.subsidiary_id, goods.location_id) == (company.ids["subsidiary"], company.ids["location"])


@pytest.mark.proves("N23")
async def test_an_account_outside_oneworld_is_read_without_subsidiaries(clock, client_to):
    with running_company(clock, one_world=False) as company:
        client = client_to(company)
        [batch] = await collect(client, "netsuite.subsidiaries")
        assert (list(batch.documents), batch.expected) == ([], 0)
        [locations] = await collect(client, "netsuite.locations")
        assert [d.record.subsidiary_id for d in locations.documents] == [None]


@pytest.mark.proves("N15")
@pytest.mark.parametrize("date_format", ["MM/DD/YYYY", "DD.MM.YYYY", "YYYY-MM-DD"])
async def test_the_accounts_date_format_changes_nothing(clock, client_to, date_format):
    with running_company(clock, date_format=date_format) as company:
        company.order(1)
        batches = await collect(client_to(company), "netsuite.transactions")
    assert [d.record.transaction_date.isoformat() for b in batches for d in b.documents] == ["2026-11-05"]


@pytest.mark.proves("N18", "N34")
async def test_faults_of_the_way_do_not_change_what_is_read(company, client_to):
    for number in range(7):
        company.order(number)
    clean = [d.record for b in await collect(client_to(company), "netsuite.transactions") for d in b.documents]
    for name in ("server_error_html", "empty_500", "throttle", "cut_connection", "has_more_false"):
        company.fault(name, match="suiteql")
    again = await collect(client_to(company), "netsuite.transactions", transactions_a_page=2)
    assert [d.record for b in again for d in b.documents] == clean


async def test_what_changed_since_is_read_and_nothing_else(company, client_to):
    company.order(1, at=datetime(2026, 11, 5, tzinfo=UTC))
    settings = PullSettings(since=SINCE, zone=ZONE, overlap=timedelta(hours=1))
    stream = next(s for s in streams(client_to(company), settings) if s.name == "netsuite.transactions")
    until = datetime(2026, 11, 20, 9, tzinfo=UTC)
    cursor = [b async for b in stream.pull(None, until)][-1].cursor
    company.order(2, at=until - timedelta(minutes=30))
    later = [b async for b in stream.pull(cursor, until + timedelta(hours=1))]
    assert [d.record.external_id for b in later for d in b.documents] == ["OLD-2"]


async def test_a_sales_order_is_written_read_back_and_agrees(company, client_to):
    orders = handler(client_to(company), "sales_order.create")
    intent = order_intent(company)
    assert await orders.look(intent) is None
    sent = await orders.send(intent)
    record = await orders.read_back(sent.target_id)
    assert orders.compare(intent, record) == []
    assert record["memo"] == intent["memo"]
    assert record["total"] == "138.32"
    assert [line["amount"] for line in record["lines"]][:2] == ["33.33", "100"]
    found = await orders.look(intent)
    assert isinstance(found, Found)
    assert found.target_id == sent.target_id


async def test_a_journal_in_another_currency_keeps_its_rate(company, client_to):
    intent = journal_intent(company, currency="EUR", exchange_rate="1.0917")
    journals = handler(client_to(company), "journal_entry.create")
    record = await journals.read_back((await journals.send(intent)).target_id)
    assert (record["currency"], record["exchange_rate"]) == ("EUR", "1.0917")
    assert journals.compare(intent, record) == []


async def test_an_order_that_somebody_keyed_by_hand_is_found_by_its_reference(company, client_to):
    number = company.order(5)
    orders = handler(client_to(company), "sales_order.create")
    found = await orders.look(order_intent(company, other_reference="111-5"))
    assert found is not None
    assert found.target_id == str(number)
    differences = orders.compare(order_intent(company, other_reference="111-5"), found.record)
    assert {"external_id", "date", "memo"} <= {d["field"] for d in differences}


@pytest.mark.proves("N09")
@pytest.mark.parametrize("kind", ["sales_order.create", "journal_entry.create", "customer.create"])
async def test_a_write_whose_answer_is_lost_is_found_by_looking_and_never_doubled(company, client_to, kind):
    intent = {
        "sales_order.create": order_intent(company),
        "journal_entry.create": journal_intent(company),
        "customer.create": customer_intent(company),
    }[kind]
    writer = handler(client_to(company), kind)
    record = {"sales_order.create": "salesOrder", "journal_entry.create": "journalEntry"}.get(kind, "customer")
    before = len(company.books.records(record))
    company.fault("lost_answer", match="/record/v1/", method="PUT")
    with pytest.raises(InDoubt):
        await writer.send(intent)
    found = await writer.look(intent)
    assert found is not None
    assert writer.compare(intent, found.record) == []
    assert len(company.books.records(record)) == before + 1


@pytest.mark.proves("N09")
@pytest.mark.parametrize("fault", ["cut_connection", "empty_500", "server_error_html"])
async def test_a_write_that_did_not_land_is_in_doubt_and_not_found(company, client_to, fault):
    orders = handler(client_to(company), "sales_order.create")
    await orders.look(order_intent(company))
    company.fault(fault, match="/record/v1/")
    with pytest.raises(InDoubt):
        await orders.send(order_intent(company))
    assert await orders.look(order_intent(company)) is None


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_journal_is_written_to_the_cent_whatever_status_the_account_answers_with(clock, client_to, status):
    with running_company(clock, upsert_status=status) as company:
        journals = handler(client_to(company), "journal_entry.create")
        intent = journal_intent(company)
        sent = await journals.send(intent)
        record = await journals.read_back(sent.target_id)
    assert journals.compare(intent, record) == []
    assert [(x["debit"], x["credit"]) for x in record["lines"]] == [("85.27", None), ("14.73", None), (None, "100")]


@pytest.mark.proves("N25")
async def test_a_journal_in_a_closed_period_is_rejected_with_the_remedy(company, client_to):
    journals = handler(client_to(company), "journal_entry.create")
    with pytest.raises(Rejected, match="accounting period"):
        await journals.send(journal_intent(company, date="2026-10-31"))


@pytest.mark.proves("N39")
async def test_a_wrong_item_is_rejected_with_its_line(company, client_to):
    orders = handler(client_to(company), "sales_order.create")
    intent = order_intent(company)
    intent["lines"][1]["item_id"] = "999999"
    with pytest.raises(Rejected, match="item") as caught:
        await orders.send(intent)
    assert "items[1]" in str(caught.value)


def customer_intent(company: Company, **more: object) -> dict[str, object]:
    return {
        "external_id": "AMZ-CUST-1",
        "kind": "person",
        "first_name": "Zoë",
        "last_name": "O'Brien",
        "email": "zoe@example.com",
        "subsidiary_id": company.ids["subsidiary"],
        "currency": "USD",
        "address": {"name": "Zoë O'Brien", "address1": "1 Main St", "city": "Reno", "region": "NV", "country": "US"},
        **more,
    }


async def test_a_customer_is_written_read_back_and_agrees(company, client_to):
    customers = handler(client_to(company), "customer.create")
    intent = customer_intent(company)
    sent = await customers.send(intent)
    record = await customers.read_back(sent.target_id)
    assert customers.compare(intent, record) == []
    assert record["last_name"] == "O'Brien"


async def test_an_order_may_name_a_new_customer_by_external_id(company, client_to):
    client = client_to(company)
    customer = await handler(client, "customer.create").send(customer_intent(company))
    orders = handler(client, "sales_order.create")
    sent = await orders.send(order_intent(company, customer={"external_id": "AMZ-CUST-1"}))
    assert (await orders.read_back(sent.target_id))["customer_id"] == customer.target_id


@pytest.mark.proves("N34")
async def test_an_outage_is_raised_after_the_tries_and_says_what_waits(company, client_to):
    company.fault("server_error_html", count=99)
    with pytest.raises(Transient, match="503"):
        await client_to(company).suiteql("SELECT i.id AS id FROM item i ORDER BY i.id")
    assert sum(company.clock.slept) > 5
