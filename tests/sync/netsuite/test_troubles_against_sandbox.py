"""The contract's trouble list over real HTTP, as far as no other file here has it: each fault, and what we do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sync.errors import BadInput, ContractBroken, Credentials, InDoubt, Rejected, Throttled, Transient, VendorError
from sync.netsuite import PullSettings, TaxEngine, connect, streams
from sync.transport import ConcurrencyGate, MemoryCallLog

from .company import running_company
from .town import Town, visiting

UNTIL = datetime(2026, 11, 20, 9, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
ITEMS = "SELECT i.id AS id FROM item i ORDER BY i.id"


async def pull(town: Town, name: str, **settings: object) -> list:
    found = streams(town.client, PullSettings(**{"since": SINCE, **settings}))
    stream = next(s for s in found if s.name == name)
    return [batch async for batch in stream.pull(None, UNTIL)]


def records(batches: list) -> list:
    return [d.record for b in batches for d in b.documents]


@pytest.mark.proves("N01")
async def test_a_limit_that_falls_slows_all_down_and_loses_no_call(shared_company):
    gate = ConcurrencyGate(4)
    async with visiting(shared_company, gate) as town:
        await town.client.suiteql(ITEMS)
        town.company.fault("throttle", count=3)
        pages = await asyncio.gather(*(town.client.suiteql(ITEMS) for _ in range(12)))
        assert len(pages) == 12
        assert [r.status for r in town.calls.records].count(429) == 3
        assert gate.limit < 4


@pytest.mark.proves("N03")
async def test_a_401_in_a_burst_is_probed_once_with_one_worker_before_it_counts(shared_company):
    gate = ConcurrencyGate(12)
    async with visiting(shared_company, gate) as town:
        await town.client.suiteql(ITEMS)
        town.company.clock.advance(120)
        town.company.settings.service_time_s = 0.02
        town.company.fault("burst_401", count=2, match="suiteql")
        try:
            pages = await asyncio.gather(*(town.client.suiteql(ITEMS) for _ in range(12)), return_exceptions=True)
        finally:
            town.company.settings.service_time_s = 0.0
        assert not [p for p in pages if isinstance(p, BaseException)]
        assert 401 in [r.status for r in town.calls.records]
        assert gate.limit < 12
        assert not town.client.transport.circuit.is_open


@pytest.mark.proves("N04")
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("no_permission", Rejected, "Transactions > Make Journal Entry"),
        ("permission_violation", Rejected, "Transactions > Make Journal Entry"),
        ("no_permission_401", Credentials, "a role without the REST Web Services permission"),
    ],
)
async def test_a_permission_that_is_missing_is_named(shared_company, fault, error, words):
    async with visiting(shared_company) as town:
        intent, journals = town.journal(), town.handlers["journal_entry.create"]
        await journals.look(intent)
        town.company.clock.advance(120)
        town.company.fault(fault, count=3, match="journalEntry")
        with pytest.raises(error, match=words):
            await journals.send(intent)


@pytest.mark.proves("N05")
async def test_the_circuit_opens_at_two_refused_logins_before_netsuite_locks_us_out(shared_company):
    async with visiting(shared_company) as town:
        town.company.fault("expired_token", count=99)
        for _ in range(4):
            with pytest.raises(Credentials):
                await town.client.suiteql(ITEMS)
        assert sum(r.status == 401 for r in town.calls.records) <= 4
        assert town.client.transport.circuit.is_open


@pytest.mark.proves("N06")
async def test_a_clock_that_is_off_is_told_with_the_seconds(shared_company):
    calls = MemoryCallLog()
    client = connect(shared_company.account, shared_company.token_login(), calls=calls, clock=shared_company.clock)
    shared_company.faults.clear()
    shared_company.fault("clock_skew", count=4, seconds="900")
    try:
        with pytest.raises(Credentials, match=r"clock is \d+ s (ahead|behind)"):
            await client.suiteql(ITEMS)
        assert [r.status for r in calls.records] == [401]
        shared_company.faults.clear()
        client.transport.circuit.close()
        shared_company.fault("nonce_used")
        with pytest.raises(Credentials):
            await client.suiteql(ITEMS)
        assert (await client.suiteql(ITEMS)).items, "the next try is signed anew"
    finally:
        shared_company.faults.clear()
        await client.transport.aclose()


@pytest.mark.proves("N07")
async def test_a_mapping_that_is_gone_says_what_to_do(shared_company):
    async with visiting(shared_company) as town:
        town.company.fault("mapping_dropped", count=9)
        with pytest.raises(Credentials, match="refresh of a sandbox account deletes that mapping"):
            await town.client.suiteql(ITEMS)


@pytest.mark.proves("N08")
async def test_another_type_address_and_code_change_nothing(shared_company):
    async with visiting(shared_company) as town:
        await town.client.suiteql(ITEMS)
        town.company.clock.advance(120)
        town.company.fault("type_variant", count=3, match="suiteql")
        with pytest.raises(Credentials, match="Login Audit Trail"):
            await town.client.suiteql(ITEMS)


@pytest.mark.proves("N10")
async def test_already_exists_on_a_retry_is_looked_up_and_linked(town):
    intent, customers = town.person(), town.handlers["customer.create"]
    first = await customers.send(intent)
    town.company.fault("already_exists", match="customer", method="PUT")
    with pytest.raises(InDoubt, match="already exists"):
        await customers.send(intent)
    found = await customers.look(intent)
    assert found is not None
    assert found.target_id == first.target_id


@pytest.mark.proves("N12", "N13")
async def test_locked_records_are_read_over_suiteql_in_full_number(town):
    await town.write("sales_order.create", town.order())
    clean = records(await pull(town, "netsuite.transactions"))
    for fault in ("locked_record", "administrator_record"):
        town.company.fault(fault, count=50, match="/record/v1/")
    batches = await pull(town, "netsuite.transactions")
    assert records(batches) == clean
    assert batches[-1].expected == len(clean)


@pytest.mark.proves("N14")
async def test_rows_that_are_seen_late_come_with_the_next_window(shared_company):
    async with visiting(shared_company) as town:
        stream = next(s for s in streams(town.client, PullSettings(since=SINCE)) if s.name == "netsuite.transactions")
        town.company.fault("late_rows", count=60, match="suiteql")
        first = [b async for b in stream.pull(None, UNTIL)]
        journals = town.handlers["journal_entry.create"]
        number = (await journals.send(town.journal())).target_id
        with pytest.raises(Transient, match="no query shows it yet"):
            await journals.read_back(number)
        town.company.faults.clear()
        later = [b async for b in stream.pull(first[-1].cursor, UNTIL + timedelta(minutes=1))]
        assert number in {r.transaction_id for r in records(later)}


@pytest.mark.proves("N15")
async def test_a_date_format_that_changes_in_the_middle_changes_nothing(town):
    await town.write("journal_entry.create", town.journal())
    town.company.fault("date_format", format="DD.MM.YYYY")
    try:
        found = records(await pull(town, "netsuite.transactions"))
        assert {r.transaction_date.month for r in found} == {11}
    finally:
        town.company.settings.date_format = "MM/DD/YYYY"


@pytest.mark.proves("N16", "N21")
async def test_columns_that_are_null_or_not_there_do_not_break_a_row(town):
    town.company.fault("bad_column", count=200)
    customers = records(await pull(town, "netsuite.customers"))
    assert customers
    assert any(c.email is None and c.inactive is False for c in customers)


@pytest.mark.proves("N17", "N18")
async def test_pages_that_are_shuffled_repeated_or_end_too_early_are_asked_for_again(town):
    clean = records(await pull(town, "netsuite.accounts"))
    for fault in ("shuffled_page", "page_repeated", "has_more_false"):
        town.company.fault(fault, match="suiteql")
        assert records(await pull(town, "netsuite.accounts", page_rows=5)) == clean, fault
        town.company.faults.clear()


@pytest.mark.proves("N20", "N40")
async def test_no_query_of_ours_uses_rownum_limit_star_or_an_offset(town, monkeypatch):
    asked: list[str] = []
    original = town.client.suiteql

    async def watch(query, params=(), **options):
        asked.append(query)
        assert options.get("offset", 0) == 0
        return await original(query, params, **options)

    monkeypatch.setattr(town.client, "suiteql", watch)
    for stream in streams(town.client, PullSettings(since=SINCE)):
        _ = [b async for b in stream.pull(None, UNTIL)]
    pages = [q.upper() for q in asked if "> ?" in q]
    assert len(pages) > 10
    assert all("ORDER BY" in q for q in pages)
    assert not [q for q in asked if "ROWNUM" in q.upper() or " LIMIT " in q.upper() or "SELECT *" in q.upper()]


@pytest.mark.proves("N23")
async def test_outside_oneworld_documents_are_written_without_a_subsidiary(clock):
    with running_company(clock, one_world=False) as company:
        company.ids["subsidiary"] = "1"
        async with visiting(company) as town:
            intent = town.journal()
            del intent["subsidiary_id"]
            await town.write("journal_entry.create", intent)
            [batch] = await pull(town, "netsuite.subsidiaries")
            assert "OneWorld" in batch.note


@pytest.mark.proves("N24", "N39")
async def test_a_line_that_is_refused_is_named_as_people_count(town):
    intent = town.order(town.goods(), {**town.goods(), "item_id": "999999"})
    with pytest.raises(Rejected, match="line 2, item") as caught:
        await town.handlers["sales_order.create"].send(intent)
    assert "Check that item, location" in str(caught.value)
    town.company.fault("dimension_mismatch", match="journalEntry", method="PUT")
    with pytest.raises(Rejected, match="belong to the subsidiary"):
        await town.handlers["journal_entry.create"].send(town.journal())


@pytest.mark.proves("N26")
async def test_a_journal_that_does_not_balance_is_never_sent(town):
    intent = town.journal()
    intent["lines"][0]["debit"] = "85.28"
    with pytest.raises(BadInput, match=r"differ by 0\.01"):
        town.handlers["journal_entry.create"].render(intent)
    with pytest.raises(Rejected, match=r"nothing was sent.*differ by 0\.01"):
        await town.handlers["journal_entry.create"].send(intent)
    town.company.fault("unbalanced_journal", match="journalEntry", method="PUT")
    with pytest.raises(Rejected, match="Debits and credits differ"):
        await town.handlers["journal_entry.create"].send(town.journal())


@pytest.mark.proves("N34", "N37")
@pytest.mark.parametrize("status", ["502", "503", "504"])
async def test_an_outage_is_waited_out_for_every_kind_of_call(shared_company, status):
    async with visiting(shared_company) as town:
        town.company.fault("login_outage", status=status)
        town.company.fault("server_error_html", count=2, match="suiteql", status=status)
        assert (await town.client.suiteql(ITEMS)).items
        town.company.fault("server_error_html", match="/record/v1/", method="GET", status=status)
        assert await town.client.sublist("customer", town.ids["customer"], "addressBook") == []


@pytest.mark.proves("N36")
async def test_a_tax_on_a_line_is_refused_before_sending_and_by_a_legacy_account(clock):
    with running_company(clock, suite_tax=False) as company:
        async with visiting(company) as town:
            intent = town.order(town.goods(tax_amount="2.75"))
            with pytest.raises(Rejected, match=r"nothing was sent.*SuiteTax"):
                await town.handlers["sales_order.create"].send(intent)
        async with visiting(company, tax=TaxEngine("17")) as town:
            with pytest.raises((Rejected, ContractBroken), match=r"(?i)tax"):
                await town.handlers["sales_order.create"].send(town.order(town.goods(tax_amount="2.75")))


@pytest.mark.proves("N38")
async def test_what_somebody_deletes_is_swept(town):
    number, _ = await town.write("journal_entry.create", town.journal())
    customer, _ = await town.write("customer.create", town.person())
    for record, target in (("journalEntry", number), ("customer", customer)):
        await town.client.delete(record, target)
    found = {(d.entity, d.record_id) for d in records(await pull(town, "netsuite.deletions", page_rows=1))}
    assert {("transactions", number), ("customers", customer)} <= found
    with pytest.raises(Rejected, match="not there"):
        await town.client.delete("journalEntry", number)


@pytest.mark.proves("N40")
async def test_a_query_that_hangs_ends_as_a_passing_fault(town):
    town.company.fault("select_star_hangs", count=9, seconds="0")
    with pytest.raises((Transient, Rejected, ContractBroken)):
        await town.client.suiteql("SELECT * FROM transaction t ORDER BY t.id", tries=2)


@pytest.mark.parametrize(
    "fault", ["null_row", "single_element", "error_in_200", "not_json", "wrong_charset", "truncated_gzip", "empty_500"]
)
async def test_bad_input_of_every_kind_is_a_classed_error_or_told_and_never_a_silent_skip(town, fault):
    clean = records(await pull(town, "netsuite.accounts"))
    town.company.fault(fault, match="suiteql", count=60)
    problem: VendorError | None = None
    batches: list = []
    try:
        batches = await pull(town, "netsuite.accounts")
    except VendorError as error:
        problem = error
    kept = len(records(batches)) + sum(len(b.quarantined) for b in batches)
    assert problem is not None or kept == len(clean)
    assert not isinstance(problem, Throttled | Rejected)


@pytest.mark.parametrize("fault", ["new_field", "unknown_status"])
async def test_news_of_the_vendor_are_kept_as_they_are(town, fault):
    clean = records(await pull(town, "netsuite.transactions"))
    town.company.fault(fault, match="suiteql", count=60)
    found = records(await pull(town, "netsuite.transactions"))
    assert [r.transaction_id for r in found] == [r.transaction_id for r in clean]


@pytest.mark.proves("N29")
async def test_an_id_that_breaks_an_address_is_refused_before_it_is_sent(town: Town):
    for wrong in ("a b", "a|b", "ü"):
        with pytest.raises(BadInput):
            town.handlers["journal_entry.create"].render(town.journal(external_id=wrong))
