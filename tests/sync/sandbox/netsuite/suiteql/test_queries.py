"""SuiteQL as a service, and the corners of the dialect beside the contract's own examples."""

from __future__ import annotations

import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.sandbox.netsuite.query.tables import QueryTables
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.engine import QueryEngine
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company, Served, found

PATH = "/services/rest/query/v1/suiteql"
PREFIX = "Invalid search query. Detailed unprocessed description follows. "
UNSUPPORTED = "Search error occurred: Invalid or unsupported search."


def engine(company: Company) -> QueryEngine:
    """Return an engine over the company's tables as they are now."""
    tables = QueryTables(company.books)
    tables.refresh()
    zone = company.books.zone
    return QueryEngine(
        tables.connection,
        tables.catalog,
        date_format=company.settings.date_format,
        local_now=lambda: company.clock.now().astimezone(zone),
        fetch_first=company.settings.fetch_first,
        limit_s=company.settings.query_limit_s,
    )


@pytest.fixture(scope="module")
def still() -> QueryEngine:
    """An engine over a company that nobody changes."""
    return engine(found(AccountSettings()))


def reason(asked: QueryEngine, query: str) -> str:
    """Return why a query is refused."""
    with pytest.raises(Refused) as refused:
        asked.run(query)
    assert (refused.value.status, refused.value.code) == (400, "INVALID_PARAMETER")
    assert refused.value.detail.startswith(PREFIX)
    return refused.value.detail.removeprefix(PREFIX)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TOP 5 id FROM item",
        "SELECT id FROM item; SELECT id FROM item",
        "SELECT LISTAGG(itemid) FROM item",
        "SELECT LEFT(itemid, 2) FROM item",
        "SELECT SUBSTRING(itemid, 2) FROM item",
        "SELECT read_text('/etc/passwd') FROM dual",
        "SELECT BUILTIN.CONSOLIDATE(id) FROM item",
        "SELECT BUILTIN.DF(1) FROM dual",
        "SELECT id FROM item WHERE createddate > TIMESTAMP '2026-01-01 00:00:00'",
        "SELECT t.id FROM transaction t, nexttransactionlink l WHERE l.previousdoc (+) = t.id",
        "SELECT t.id FROM transaction t, customer c INNER JOIN item i ON i.id = c.id",
        "SELECT type, COUNT(*) AS n FROM transaction GROUP BY type ORDER BY n",
        "SELECT id, COUNT(*) FROM item",
        "SELECT id FROM item WHERE id = ?",
        "SELECT TO_CHAR(SYSDATE, 'MONTH') FROM dual",
        "SELECT TO_DATE('yesterday', 'YYYY-MM-DD') FROM dual",
        "SELECT itemid + displayname FROM item",
        "SELECT ROWNUM FROM item",
        "SELECT id FROM item FOR UPDATE",
    ],
)
def test_what_the_search_cannot_do_is_refused_in_one_phrase(still: QueryEngine, query: str) -> None:
    assert reason(still, query) == UNSUPPORTED


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("UPDATE item SET itemid = 'x'", "UPDATE(1,1,"),
        ("SELECT id\nFROM item LIMIT 5", "LIMIT(2,11,"),
        ("SELECT [id] FROM item", "[(1,8,"),
        ("DROP TABLE item", "DROP(1,1,"),
    ],
)
def test_a_syntax_error_names_the_token_and_its_place(still: QueryEngine, query: str, near: str) -> None:
    text = reason(still, query)
    assert text.startswith(f"Failed to parse SQL [{query}]: syntax error, state:0(10102) near: {near}")


@pytest.mark.proves("N21")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT id FROM invoice", "Invalid search type: invoice."),
        ("SELECT id FROM main.item", "Invalid search type: main.item."),
        ("SELECT id FROM information_schema.tables", "Invalid search type: information_schema.tables."),
        (
            "SELECT t.size FROM transaction t INNER JOIN customer c ON c.id = t.entity",
            "Search error occurred: Unknown identifier 'size'. Available identifiers are: {t=transaction}.",
        ),
        (
            "SELECT size FROM transaction t INNER JOIN customer c ON c.id = t.entity",
            "Search error occurred: Unknown identifier 'size'. Available identifiers are: {t=transaction, c=customer}.",
        ),
        (
            "SELECT itemtype FROM transactionline",
            "Search error occurred: Field 'itemtype' for record 'transactionline' was not found. "
            "Reason: NOT_EXPOSED - Not available for channel SEARCH.",
        ),
        (
            "SELECT t.id FROM transaction t WHERE t.subsidiary = 1",
            "Search error occurred: Field 'subsidiary' for record 'transaction' was not found. "
            "Reason: NOT_EXPOSED - Not available for channel SEARCH.",
        ),
    ],
)
def test_a_name_that_cannot_be_found_is_named(still: QueryEngine, query: str, expected: str) -> None:
    assert reason(still, query) == expected


def test_brackets_thousands_deep_are_refused(still: QueryEngine) -> None:
    assert reason(still, f"SELECT {'(' * 5000}1{')' * 5000} AS v FROM dual") == UNSUPPORTED


WORDS = """SELECT FROM WHERE AND OR ORDER BY GROUP id tranid t.id transaction transactionline t , ( ) = < 'x' '' 5 ?
    (+) COUNT(*) TO_CHAR( trandate 'YYYY' ) BUILTIN.DF( status ROWNUM <= UNION MINUS CASE WHEN END IS NULL NOT IN EXISTS
    JOIN ON AS || + - * / DISTINCT MAX( TRUNC( SYSDATE FETCH FIRST ROWS ONLY OVER [ ] ; " -- /* WITH @ # : DATE PIVOT
    """.split()
WHOLE = "SELECT t.id, TO_CHAR(t.trandate, 'YYYY') y FROM transaction t WHERE t.id > 5 ORDER BY t.id".split()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE)), st.sampled_from(WORDS)), min_size=1, max_size=6))
def test_any_text_is_answered_or_refused(still: QueryEngine, changes: list[tuple[int, str]]) -> None:
    words = list(WHOLE)
    for place, word in changes:
        words.insert(place, word)
    try:
        answered = still.run(" ".join(words)).total >= 0
    except Refused as refused:
        answered = refused.code == "INVALID_PARAMETER"
    assert answered


@pytest.mark.proves("N23")
def test_the_accounts_features_decide_on_columns() -> None:
    small = found(AccountSettings(one_world=False))
    unknown = "Unknown identifier 'subsidiary'. Available identifiers are: {transactionline=transactionline}."
    assert reason(engine(small), "SELECT subsidiary FROM transactionline") == f"Search error occurred: {unknown}"
    assert (
        reason(engine(small), "SELECT id FROM subsidiary")
        == "Search error occurred: Record 'subsidiary' was not found."
    )
    rich = found(AccountSettings(header_subsidiary="present", transaction_total=True))
    rich.books.create("cashSale", rich.order())
    rows = engine(rich).run("SELECT BUILTIN.DF(subsidiary) AS s, total FROM transaction").rows
    assert rows == [{"s": "Acme Inc.", "total": "25.55"}]


@pytest.mark.proves("N20")
def test_fetch_first_can_be_refused() -> None:
    company = found(AccountSettings(fetch_first=False))
    assert reason(engine(company), "SELECT id FROM item ORDER BY id FETCH FIRST 1 ROWS ONLY") == UNSUPPORTED


@pytest.mark.proves("N40")
def test_a_query_that_runs_too_long_is_stopped(company: Company) -> None:
    company.settings.query_limit_s = 0.05
    joined = ", ".join(f"accountingperiod p{n}" for n in range(9))
    with pytest.raises(Refused) as refused:
        engine(company).run(f"SELECT SUM(p0.id * p1.id * p8.id) AS n FROM {joined}")
    assert (refused.value.status, refused.value.code) == (500, "UNEXPECTED_ERROR")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TO_CHAR(12.50)", "12.5"),
        ("TO_CHAR(0.5, 'FM990.00')", "0.50"),
        ("TO_CHAR(1234567.891, '9,999,990.00')", " 1,234,567.89"),
        ("TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS')", "2026-11-20 10:30:00"),
        ("TO_CHAR(SYSDATE, 'DD-MON-YYYY')", "20-NOV-2026"),
        ("TO_CHAR(SYSDATE, 'Q')", "4"),
        ("TO_CHAR(SYSDATE + 0.5, 'HH24:MI')", "22:30"),
        ("SYSDATE - TO_DATE('2026-11-19 22:30', 'YYYY-MM-DD HH24:MI')", "0.5"),
        ("SYSDATE", "11/20/2026"),
        ("TRUNC(SYSDATE, 'MM')", "11/01/2026"),
        ("ROUND(SYSDATE, 'MM')", "12/01/2026"),
        ("TRUNC(2.789, 1)", "2.7"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ADD_MONTHS(TO_DATE('2026-01-31', 'YYYY-MM-DD'), 1)", "02/28/2026"),
        ("LENGTH('')", None),
        ("NVL('', 'none')", "none"),
        ("GREATEST(1, NULL)", None),
        ("LEAST(3, 2)", "2"),
        ("'a' || NULL || 5 || 1.50", "a51.5"),
        ("CONCAT('a', NULL)", "a"),
        ("REGEXP_SUBSTR('ab12', '[0-9]+')", "12"),
        ("REPLACE('aba', 'a')", "b"),
        ("REPLACE('aaa', 'a')", None),
        ("SUBSTR('abc', -2)", "bc"),
        ("7 / 2", "3.5"),
        ("TO_NUMBER('3.50') + 1", "4.5"),
        ("DECODE(NULL, NULL, 'same', 'other')", "same"),
        ("1000000.5 * 1000", "1000000500"),
    ],
)
def test_functions_mean_what_they_mean_in_oracle(still: QueryEngine, expression: str, value: str | None) -> None:
    assert still.run(f"SELECT {expression} AS v FROM dual").rows[0].get("v") == value


def test_columns_without_alias_are_numbered_expressions(still: QueryEngine) -> None:
    rows = still.run('SELECT dummy, 1 + 1, dummy AS "Mixed", 2 * 2 FROM dual').rows
    assert rows == [{"dummy": "X", "expr1": "2", "mixed": "X", "expr2": "4"}]


def test_status_groups_with_its_display_text(company: Company) -> None:
    company.books.create("salesOrder", company.order())
    company.books.create("cashSale", company.order())
    expected = [
        {"s": "Cash Sale : Not Deposited", "n": "1"},
        {"s": "Sales Order : Pending Fulfillment", "n": "1"},
    ]
    for key in ("BUILTIN.DF(t.status)", "t.status"):
        query = f"SELECT BUILTIN.DF(t.status) AS s, COUNT(*) AS n FROM transaction t GROUP BY {key}"
        rows = engine(company).run(query).rows
        assert sorted(rows, key=lambda row: row["s"]) == expected


@pytest.mark.proves("N20")
@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("ROWNUM <= 3", 3),
        ("ROWNUM < 3", 2),
        ("ROWNUM = 1", 1),
        ("ROWNUM = 2", 0),
        ("ROWNUM > 1", 0),
        ("3 >= ROWNUM", 3),
    ],
)
def test_rownum_cuts_before_ordering_and_before_aggregates(company: Company, condition: str, count: int) -> None:
    for _ in range(5):
        company.books.create("cashSale", company.order())
    run = engine(company).run
    assert len(run(f"SELECT id FROM transaction WHERE type = 'CashSale' AND {condition} ORDER BY id").rows) == count
    joined = "SELECT COUNT(l.id) AS n FROM transaction t INNER JOIN transactionline l ON l.transaction = t.id"
    assert run(f"{joined} WHERE {condition}").rows == [{"n": str(count)}]


@pytest.mark.proves("N15")
def test_a_date_beside_a_text_is_read_in_the_accounts_format(company: Company) -> None:
    company.books.create("cashSale", company.order())
    run = engine(company).run
    assert run("SELECT COUNT(*) AS n FROM transaction WHERE trandate = ?", ["11/18/2026"]).rows == [{"n": "1"}]
    assert run("SELECT COUNT(*) AS n FROM transaction WHERE trandate > '11/18/2026'").rows == [{"n": "0"}]


@pytest.mark.proves("N14")
def test_date_times_are_in_the_companys_time_zone(company: Company) -> None:
    company.books.create("cashSale", company.order())
    query = "SELECT lastmodifieddate AS d, TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI') AS m FROM transaction"
    assert engine(company).run(query).rows == [{"d": "11/20/2026", "m": "2026-11-20 10:30"}]


def test_changes_show_in_the_next_query(served: Served) -> None:
    company = served.company
    made = company.books.create("salesOrder", company.order(memo="first"))
    query = "SELECT memo, status FROM transaction WHERE id = ?"
    assert served.rows(query, str(made)) == [{"memo": "first", "status": "B"}]
    company.books.update("salesOrder", made, {"memo": None})
    company.books.transform("salesOrder", made, "itemFulfillment", {})
    assert served.rows(query, str(made)) == [{"status": "F"}]
    count = "SELECT COUNT(*) AS n FROM transactionline WHERE transaction = ?"
    assert served.rows(count, str(made)) == [{"n": "3"}]


def refused_call(served: Served, **call: object) -> dict[str, str]:
    """Send a query that must be refused and return the error's detail."""
    sent: dict[str, object] = {"json": {"q": "SELECT id FROM item"}, "headers": {"Prefer": "transient"}}
    answer: httpx.Response = served.http.post(PATH, **(sent | call))
    assert answer.status_code == 400
    found: dict[str, str] = answer.json()["o:errorDetails"][0]
    return found


def test_the_prefer_header_is_required(served: Served) -> None:
    detail = refused_call(served, headers={})
    assert (detail["o:errorCode"], detail["o:errorHeader"]) == ("INVALID_HEADER", "Prefer")


@pytest.mark.proves("N19")
@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"limit": "1001"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "2", "offset": "3"}, "offset"),
        ({"offset": "100000"}, "offset"),
        ({"limit": "1", "offset": "1000"}, "offset"),
    ],
)
def test_pages_outside_the_limits_are_refused(served: Served, params: dict[str, str], name: str) -> None:
    detail = refused_call(served, params=params)
    assert (detail["o:errorCode"], detail["o:errorQueryParam"]) == ("INVALID_PARAMETER", name)


@pytest.mark.parametrize("body", [{"query": "x"}, {"q": ""}, {"q": "SELECT id FROM item", "params": [1]}, ["q"]])
def test_a_body_without_a_query_is_an_invalid_request(served: Served, body: object) -> None:
    assert refused_call(served, json=body)["o:errorCode"] == "INVALID_REQUEST"


def test_pages_carry_totals_and_absolute_links(served: Served) -> None:
    for _ in range(5):
        served.company.books.create("cashSale", served.company.order())
    answer = served.query("SELECT id, memo FROM transaction ORDER BY id", limit=2, offset=2).json()
    assert (answer["count"], answer["hasMore"], answer["offset"], answer["totalResults"]) == (2, True, 2, 5)
    assert [set(item) for item in answer["items"]] == [{"links", "id"}] * 2
    links = {link["rel"]: link["href"] for link in answer["links"]}
    assert links["next"] == f"{served.url}{PATH}?limit=2&offset=4"
    last = served.query("SELECT id FROM transaction ORDER BY id", limit=2, offset=4).json()
    assert (last["count"], last["hasMore"], last["totalResults"]) == (1, False, 5)


@pytest.mark.proves("N17")
def test_rows_without_order_come_in_another_order_each_time(served: Served) -> None:
    for _ in range(30):
        served.company.books.create("cashSale", served.company.order())
    seen = {tuple(row["id"] for row in served.rows("SELECT id FROM transaction")) for _ in range(4)}
    assert len(seen) == 4
    assert len({tuple(sorted(ids)) for ids in seen}) == 1


def test_governance_limits_tell_the_accounts_concurrency(served: Served) -> None:
    body = served.http.get("/services/rest/system/v1/governanceLimits").json()
    assert (body["accountConcurrencyLimit"], body["integrationLimitType"]) == (5, "accountLimit")


def test_three_thousand_transactions_are_entered_and_queried_quickly(company: Company) -> None:
    began = time.process_time()
    for number in range(3000):
        company.books.create("cashSale" if number % 2 else "salesOrder", company.order(externalId=f"AMZ-{number}"))
    assert time.process_time() - began < 3.0
    run = engine(company).run
    query = """SELECT t.id, t.tranid, t.status, t.externalid, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS d, t.foreigntotal
        FROM transaction t WHERE t.lastmodifieddate >= TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS') AND t.id > ?
        ORDER BY t.id"""
    run(query, ["2026-11-01 00:00:00", "0"])
    began = time.process_time()
    page = run(query, ["2026-11-01 00:00:00", "0"])
    assert (len(page.rows), page.total) == (1000, 3000)
    assert time.process_time() - began < 0.25  # about 0.02 on an idle machine
