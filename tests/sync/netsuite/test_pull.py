"""Streams: everything once, resumable, repeatable; missing columns, hidden tables and broken rows are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

from sync.errors import ContractBroken, Transient
from sync.netsuite import PullSettings, streams
from sync.records import Account, Item, Period, Subsidiary, Transaction
from sync.streams import Batch, Window

from .conftest import Tables, envelope

UNTIL = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def order(number: int, changed: str = "2026-11-05 08:00:00", **more: str) -> dict[str, str]:
    return {
        "id": str(number),
        "type": "SalesOrd",
        "recordtype": "salesorder",
        "tranid": f"SO-{number}",
        "status": "B",
        "trandate": "2026-11-05",
        "currency": "1",
        "foreigntotal": "59.98",
        "externalid": f"AMZ-{number}",
        "otherrefnum": f"113-{number}",
        "lastmodifieddate": changed,
        **more,
    }


def order_lines(number: int) -> list[dict[str, str]]:
    main = {"transaction": str(number), "id": "0", "mainline": "T", "taxline": "F", "netamount": "59.98"}
    goods = {
        "transaction": str(number), "id": "1", "linesequencenumber": "1", "mainline": "F", "taxline": "F",
        "item": "11", "quantity": "-2", "rate": "29.99", "netamount": "-59.98", "location": "5", "subsidiary": "2",
    }  # fmt: skip
    return [main, goods]


def world(*numbers: int) -> Tables:
    return Tables(
        currency=[{"id": "1", "name": "US Dollar", "symbol": "USD"}],
        transaction=[order(n) for n in numbers],
        transactionline=[line for n in numbers for line in order_lines(n)],
        transactionaccountingline=[],
        item=[
            {"id": "11", "itemid": "SKU-A", "itemtype": "InvtPart", "isinactive": "F",
             "lastmodifieddate": "2026-11-02 10:00:00"},
        ],
        customer=[],
        account=[{"id": "40", "accttype": "Bank", "acctnumber": "1050", "fullname": "Clearing"}],
        subsidiary=[{"id": "2", "name": "US", "currency": "1", "country": "US"}],
        location=[{"id": "5", "name": "FBA"}],
        accountingperiod=[
            {"id": "7", "periodname": "Nov 2026", "closed": "F", "startdate": "2026-11-01", "enddate": "2026-11-30"},
        ],
    )  # fmt: skip


def stream_of(netsuite, tables, name: str, **settings):
    settings = {"since": SINCE, **settings}
    found = streams(netsuite(tables), PullSettings(**settings))
    return next(s for s in found if s.name == name)


async def pull(stream, cursor=None, until=UNTIL, most: int | None = None) -> list[Batch]:
    batches = []
    async for batch in stream.pull(cursor, until):
        batches.append(batch)
        if most is not None and len(batches) == most:
            break
    return batches


def records(batches: list[Batch]) -> list:
    return [d.record for b in batches for d in b.documents]


async def test_a_table_that_cannot_be_read_fails_loudly(netsuite):
    tables = world()
    del tables.tables["account"]
    with pytest.raises(Exception, match="Invalid search type: account"):
        await pull(stream_of(netsuite, tables, "netsuite.accounts"))


async def test_a_broken_row_is_quarantined_with_its_reason_and_the_others_are_kept(netsuite):
    tables = world()
    good = tables.tables["item"][0]
    tables.tables["item"] = [good, {**good, "id": "12", "isinactive": "maybe"}, {**good, "id": "13"}]
    [batch] = await pull(stream_of(netsuite, tables, "netsuite.items"))
    assert [r.item_id for r in records([batch])] == ["11", "13"]
    assert [(q.key, q.ordinal) for q in batch.quarantined] == [("12", 1)]
    assert "isinactive: T or F expected, 'maybe' found" in batch.quarantined[0].reason


async def test_an_outage_is_not_taken_for_a_missing_column(netsuite):
    tables = world()
    tables.fail = [envelope(503, "", "down")] * 10
    with pytest.raises(Transient):
        await pull(stream_of(netsuite, tables, "netsuite.items"))


@pytest.mark.proves("N21")
@pytest.mark.parametrize("status", [400, 500])
async def test_a_missing_optional_column_is_found_once_dropped_and_told(netsuite, status):
    tables = world(1)
    tables.hidden = {"transaction.otherrefnum": status, "transaction.externalid": status}
    stream = stream_of(netsuite, tables, "netsuite.transactions")
    batches = await pull(stream)
    [record] = records(batches)
    assert (record.number, record.other_reference, record.external_id) == ("SO-1", None, None)
    told = "this account does not show externalid, otherrefnum of transaction"
    assert batches[-1].note == f"{told}; this account does not show transactions' shipping addresses"
    asked = len(tables.queries)
    await pull(stream, batches[-1].cursor)
    assert len(tables.queries) - asked == 1


async def test_where_a_document_is_sent_is_read_with_it_as_far_as_the_account_shows_it(netsuite):
    tables = world(1, 2, 3)
    # Two documents may have one address, and one may have none.
    for row in tables.tables["transaction"][:2]:
        row |= {"shippingaddress": "101", "shipdate": "2026-11-09", "shipmethod": "77"}
    place = {"nkey": "101", "addressee": "Jane Doe", "addr1": "12 Oak St", "city": "Portland", "dropdownstate": "OR"}
    tables.tables["transactionshippingaddress"] = [place | {"zip": "97201", "country": "US"}]
    tables.hidden = {"transaction.shipmethod": 400, "transactionshippingaddress.country": 500}
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    first, second, third = records(batches)
    assert (first.ship_date, first.ship_method, first.ship_country) == (date(2026, 11, 9), None, None)
    assert (first.ship_name, first.ship_address1, first.ship_address2) == ("Jane Doe", "12 Oak St", None)
    assert (second.ship_city, second.ship_region, second.ship_postal_code) == ("Portland", "OR", "97201")
    assert (third.ship_date, third.ship_name, third.ship_address1) == (None, None, None)
    assert batches[-1].note == (
        "this account does not show shipmethod of transaction;"
        " this account does not show country of transactionshippingaddress"
    )


async def test_a_missing_needed_column_fails_loudly(netsuite):
    tables = world(1)
    tables.hidden = {"transaction.type": 400}
    with pytest.raises(ContractBroken, match="type"):
        await pull(stream_of(netsuite, tables, "netsuite.transactions"))


async def test_items_are_read_whole_where_the_account_has_no_date_of_change(netsuite):
    tables = world()
    tables.hidden = {"item.lastmodifieddate": 400}
    stream = stream_of(netsuite, tables, "netsuite.items")
    first = await pull(stream)
    again = await pull(stream, first[-1].cursor, UNTIL + timedelta(days=30))
    assert [r.updated_at for r in records(first)] == [None]
    assert len(records(again)) == 1


@pytest.mark.proves("N23")
async def test_outside_oneworld_the_list_of_subsidiaries_is_empty_and_told(netsuite):
    tables = world()
    del tables.tables["subsidiary"]
    [batch] = await pull(stream_of(netsuite, tables, "netsuite.subsidiaries"))
    assert (batch.documents, batch.expected) == ((), 0)
    assert "OneWorld" in batch.note
    assert batch.covered is not None


async def test_small_lists_are_read_whole_each_time(netsuite):
    tables = world()
    accounts = stream_of(netsuite, tables, "netsuite.accounts")
    first = await pull(accounts)
    assert records(first) == records(await pull(accounts, first[-1].cursor))
    assert records(first) == [Account("40", "1050", "Clearing", "Bank", False)]
    [subsidiary] = records(await pull(stream_of(netsuite, tables, "netsuite.subsidiaries")))
    assert subsidiary == Subsidiary("2", "US", "USD", "US", False)
    [period] = records(await pull(stream_of(netsuite, tables, "netsuite.periods")))
    assert isinstance(period, Period)
    assert (period.start_date.isoformat(), period.closed, period.is_year) == ("2026-11-01", False, False)


async def test_system_records_with_negative_ids_are_read_as_well(netsuite):
    tables = world()
    tables.tables["account"].append({"id": "-5", "accttype": "Equity", "fullname": "Opening"})
    batches = await pull(stream_of(netsuite, tables, "netsuite.accounts", page_rows=1))
    assert [r.account_id for r in records(batches)] == ["-5", "40"]


async def test_a_sales_line_is_positive_and_the_header_keeps_its_sign(netsuite):
    batches = await pull(stream_of(netsuite, world(1), "netsuite.transactions"))
    [document] = [d for b in batches for d in b.documents]
    assert isinstance(document.record, Transaction)
    assert (document.record.total, document.record.currency) == (Decimal("59.98"), "USD")
    main, goods = document.lines
    assert (main.is_main, main.amount) == (True, Decimal("59.98"))
    assert (goods.quantity, goods.amount, goods.rate) == (Decimal(2), Decimal("59.98"), Decimal("29.99"))
    assert (goods.item_id, goods.location_id, goods.subsidiary_id) == ("11", "5", "2")


async def test_a_journal_keeps_its_signs_and_gets_debit_credit_and_account_of_one_book(netsuite):
    tables = world()
    tables.tables["transaction"] = [order(6, type="Journal", recordtype="journalentry", foreigntotal="100")]
    tables.tables["transactionline"] = [
        {"transaction": "6", "id": str(n), "linesequencenumber": str(n), "netamount": amount, "memo": "fees"}
        for n, amount in enumerate(("80", "20", "-100"))
    ]
    ledger = [("40", {"debit": "80"}), ("50", {"debit": "20"}), ("60", {"credit": "100"})]
    tables.tables["transactionaccountingline"] = [
        {"transaction": "6", "transactionline": str(n), "account": account, "accountingbook": book, **side}
        for book in ("1", "2")
        for n, (account, side) in enumerate(ledger)
    ]
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    [document] = [d for b in batches for d in b.documents]
    assert [(x.account_id, x.debit, x.credit, x.amount) for x in document.lines] == [
        ("40", Decimal(80), None, Decimal(80)),
        ("50", Decimal(20), None, Decimal(20)),
        ("60", None, Decimal(100), Decimal(-100)),
    ]


async def test_cost_of_goods_and_parts_of_a_kit_are_ledger_entries_and_no_second_goods(netsuite):
    tables = world(1)
    tables.tables["transactionline"] += [
        {**order_lines(1)[1], "id": "2", "iscogs": "T", "netamount": "17.10"},
        {**order_lines(1)[1], "id": "3", "iscogs": "F", "kitmemberof": "1"},
    ]
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    [document] = [d for b in batches for d in b.documents]
    assert [x.line_id for x in document.lines] == ["0", "1", "2", "3"]
    assert [(x.item_id, x.quantity, x.amount) for x in document.lines[2:]] == [(None, None, None)] * 2


async def test_ledger_rows_of_an_order_do_not_post(netsuite):
    tables = world(1)
    row = {"transaction": "1", "transactionline": "1", "account": "60", "credit": "59.98", "accountingbook": "1"}
    tables.tables["transactionaccountingline"] = [{**row, "posting": "F"}]
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    [document] = [d for b in batches for d in b.documents]
    assert (document.lines[1].account_id, document.lines[1].credit) == ("60", None)


async def test_a_ledger_row_without_a_line_is_a_line_of_its_own(netsuite):
    tables = world(1)
    tables.tables["transactionaccountingline"] = [
        {"transaction": "1", "transactionline": "9", "account": "77", "credit": "0.01", "accountingbook": "1"}
    ]
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    [document] = [d for b in batches for d in b.documents]
    assert [(x.line_id, x.account_id, x.credit) for x in document.lines][-1] == ("9", "77", Decimal("0.01"))


async def test_a_transaction_in_an_unknown_currency_is_quarantined(netsuite):
    tables = world(1, 2)
    tables.tables["transaction"][0]["currency"] = "9"
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions"))
    assert [r.number for r in records(batches)] == ["SO-2"]
    assert [q.key for b in batches for q in b.quarantined] == ["1"]


async def test_all_pages_are_read_in_order_and_the_last_one_closes_the_window(netsuite):
    tables = world(*range(1, 24))
    batches = await pull(stream_of(netsuite, tables, "netsuite.transactions", transactions_a_page=5, page_rows=7))
    assert [r.transaction_id for r in records(batches)] == [str(n) for n in range(1, 24)]
    assert [b.covered for b in batches if b.covered] == [Window(SINCE, UNTIL)]
    assert {b.expected for b in batches} == {23}
    assert all(b.page is not None and b.page.call_id is not None for b in batches)


@pytest.mark.parametrize("interrupted_after", range(1, 20))
async def test_an_interrupted_read_resumes_without_loss_or_repeat(netsuite, interrupted_after):
    tables = world(*range(1, 12))
    settings = {"transactions_a_page": 3, "page_rows": 4}
    first = await pull(stream_of(netsuite, tables, "netsuite.transactions", **settings), most=interrupted_after)
    rest = await pull(stream_of(netsuite, tables, "netsuite.transactions", **settings), first[-1].cursor)
    seen = [r.transaction_id for r in records(first)] + [r.transaction_id for r in records(rest)]
    assert list(dict.fromkeys(seen)) == [str(n) for n in range(1, 12)]
    if "done" not in first[-1].cursor:
        assert len(seen) == 11


@pytest.mark.proves("N14")
async def test_the_next_window_reaches_back_over_the_overlap_in_the_accounts_time(netsuite):
    tables = world(1)
    zone = ZoneInfo("America/Los_Angeles")
    stream = stream_of(netsuite, tables, "netsuite.transactions", zone=zone, overlap=timedelta(hours=2))
    first = await pull(stream)
    assert tables.queries[-3][1][0] == "2026-10-31 15:00:00"
    tables.tables["transaction"] = [
        order(1, "2026-11-19 22:59:59"), order(2, "2026-11-19 23:00:00"), order(3, "2026-11-20 01:30:00"),
    ]  # fmt: skip
    second = await pull(stream, first[-1].cursor, UNTIL + timedelta(hours=1))
    assert [r.number for r in records(second)] == ["SO-2", "SO-3"]
    assert records(second)[-1].updated_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert second[-1].covered == Window(UNTIL, UNTIL + timedelta(hours=1))


async def test_a_window_that_was_interrupted_is_finished_before_the_next_begins(netsuite):
    tables = world(*range(1, 7))
    stream = stream_of(netsuite, tables, "netsuite.transactions", transactions_a_page=2)
    first = await pull(stream, most=3)
    later = UNTIL + timedelta(hours=5)
    rest = await pull(stream, first[-1].cursor, later)
    assert [b.covered for b in rest if b.covered] == [Window(SINCE, UNTIL), Window(UNTIL, later)]


async def test_lines_out_of_order_break_the_contract(netsuite):
    tables = world(1)
    tables.tables["transactionline"] = order_lines(1) + order_lines(1)
    with pytest.raises(ContractBroken, match="not in order"):
        await pull(stream_of(netsuite, tables, "netsuite.transactions"))


@pytest.mark.proves("N01")
async def test_a_concurrency_refusal_is_waited_out(netsuite, clock):
    tables = world()
    tables.fail = [
        httpx.Response(429, json={"o:errorDetails": [{"detail": "x", "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}]})
    ] * 3
    [item] = records(await pull(stream_of(netsuite, tables, "netsuite.items")))
    assert isinstance(item, Item)
    assert sum(clock.slept) > 0


async def test_only_the_wanted_types_are_asked_for(netsuite):
    tables = world(1)
    tables._rows = lambda table, rest, params: []
    stream = stream_of(netsuite, tables, "netsuite.transactions", transaction_types=("SalesOrd", "Journal"))
    await pull(stream)
    query, params = tables.queries[-1]
    assert "t.type IN (?, ?)" in query
    assert params[:3] == ["2026-10-31 12:00:00", "SalesOrd", "Journal"]
    assert int(params[3]) < 0, "system records have negative ids"
