"""Rows of NetSuite's trouble list about reading, outages and bent answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sync.sandbox.netsuite.front.fault_bending import BENDINGS
from tests.sync.sandbox.netsuite.conftest import Served

from .struck import BROKEN, CUSTOMERS, ORDERS, RECORDS, refusal, strike

# ---------------------------------------------------------------------- reads


@pytest.mark.proves("N12", "N13")
@pytest.mark.parametrize(
    ("name", "words"),
    [("N12", "locked by a user defined workflow"), ("N13", "only an administrator is allowed to edit")],
)
def test_a_record_that_cannot_be_opened_is_still_seen_by_a_query(host: Served, name: str, words: str) -> None:
    buyer, books = host.company.ids["buyer"], host.company.books
    strike(host, name, record="customer", id=str(buyer))
    answers = [host.http.get(f"{CUSTOMERS}/{buyer}") for _ in range(2)]
    assert [words in a.json()["o:errorDetails"][0]["detail"] for a in answers] == [True, True]
    assert host.rows("SELECT id FROM customer WHERE id = ?", str(buyer)) == [{"id": str(buyer)}]
    books.locked.clear()
    books.administrators.clear()
    assert host.http.get(f"{CUSTOMERS}/{buyer}").status_code == 200


@pytest.mark.proves("N14")
def test_a_row_may_be_seen_late(host: Served) -> None:
    query = "SELECT id FROM transaction WHERE externalid = 'LATE'"
    assert host.rows(query) == []
    host.company.books.create("cashSale", host.company.order(externalId="LATE"))
    strike(host, "N14")
    assert host.rows(query) == []
    assert len(host.rows(query)) == 1


@pytest.mark.proves("N15")
@pytest.mark.parametrize(
    ("form", "shown", "java"),
    [
        ("MM/DD/YYYY", "11/18/2026", "MM/dd/yy"),
        ("YYYY-MM-DD", "2026-11-18", "yyyy-MM-dd"),
        ("DD/MM/YYYY", "18/11/2026", "dd/MM/yy"),
        ("DD.MM.YYYY", "18.11.2026", "dd.MM.yy"),
    ],
)
def test_dates_come_and_must_go_in_the_accounts_format(host: Served, form: str, shown: str, java: str) -> None:
    strike(host, "N15", format=form)
    rows = host.rows(
        "SELECT trandate, TO_CHAR(trandate, 'YYYY-MM-DD') AS iso FROM transaction WHERE externalid = 'CS-0'"
    )
    assert rows == [{"trandate": shown, "iso": "2026-11-18"}]
    good = host.http.get(f"{RECORDS}/cashSale", params={"q": f'tranDate ON "{shown}"'})
    assert good.json()["totalResults"] >= 4
    bad = host.http.get(f"{RECORDS}/cashSale", params={"q": 'tranDate ON "18 Nov 2026"'})
    zone = host.company.settings.time_zone
    assert bad.json()["o:errorDetails"][0]["detail"] == (
        f'Parse of date/time "18 Nov 2026" failed with date format "{java}" in time zone {zone}'
    )


@pytest.mark.proves("N16")
def test_a_row_has_texts_only_and_no_key_for_null(host: Served) -> None:
    row = host.rows("SELECT id, memo, foreigntotal, posting FROM transaction WHERE externalid = 'CS-0'")[0]
    assert "memo" not in row
    assert {type(value) for value in row.values()} == {str}
    assert row["posting"] == "T"


@pytest.mark.proves("N17")
def test_paging_without_order_repeats_and_misses_rows(host: Served) -> None:
    query = "SELECT id FROM transaction"
    total = host.query(query, limit=1).json()["totalResults"]
    drawn = [
        tuple(host.query(query, limit=1, offset=place).json()["items"][0]["id"] for place in range(total))
        for _ in range(4)
    ]
    assert any(len(set(ids)) < total for ids in drawn)


@pytest.mark.proves("N17")
def test_a_page_may_be_out_of_order_with_a_row_twice_and_one_missing(host: Served) -> None:
    query = "SELECT id FROM transaction ORDER BY id"
    good = [row["id"] for row in host.rows(query)]
    strike(host, "N17")
    bad = [row["id"] for row in host.rows(query)]
    assert len(bad) == len(good)
    assert len(set(bad)) == len(good) - 1
    assert bad != sorted(bad, key=int)


@pytest.mark.proves("N18")
def test_has_more_ends_too_early(host: Served) -> None:
    strike(host, "N18")
    page = host.query("SELECT id FROM transaction ORDER BY id", limit=2).json()
    assert (page["hasMore"], page["count"] < page["totalResults"]) == (False, True)


@pytest.mark.proves("N19")
def test_paging_ends_where_the_account_ends_it(host: Served) -> None:
    query = "SELECT id FROM transaction ORDER BY id"
    beyond = host.query(query, limit=1000, offset=100_000)
    strike(host, "N19", rows="2")
    reached = [host.query(query, limit=2, offset=offset).status_code for offset in (0, 2)]
    assert (beyond.status_code, reached) == (400, [200, 400])
    first, second = (row["id"] for row in host.rows("SELECT id FROM transaction ORDER BY id FETCH FIRST 2 ROWS ONLY"))
    keyset = host.rows("SELECT id FROM transaction WHERE id > ? ORDER BY id FETCH FIRST 2 ROWS ONLY", second)
    assert int(keyset[0]["id"]) > int(second) > int(first)


@pytest.mark.proves("N20")
def test_rownum_cuts_before_the_order(host: Served) -> None:
    newest = host.rows("SELECT id FROM transaction ORDER BY id DESC FETCH FIRST 1 ROWS ONLY")
    drawn = {host.rows("SELECT id FROM transaction WHERE ROWNUM <= 1 ORDER BY id DESC")[0]["id"] for _ in range(12)}
    assert drawn != {newest[0]["id"]}


@pytest.mark.proves("N21")
def test_an_unknown_column_may_be_an_unexpected_error_without_a_name(host: Served) -> None:
    strike(host, "N21")
    bad = host.query("SELECT nonsense FROM transaction")
    assert refusal(bad) == (500, "UNEXPECTED_ERROR")
    assert "nonsense" not in bad.text
    strike(host, "bad_column")
    assert host.query("SELECT id FROM transaction").status_code == 200


@pytest.mark.proves("N23")
def test_an_account_outside_oneworld_has_no_subsidiary(host: Served) -> None:
    query = "SELECT tl.subsidiary FROM transactionline tl"
    assert host.query(query).status_code == 200
    strike(host, "N23")
    struck = host.query(query)
    host.company.settings.one_world = False
    settled = host.query(query)
    for answer in (struck, settled):
        assert refusal(answer) == (400, "INVALID_PARAMETER")
        assert "Unknown identifier 'subsidiary'" in answer.text


@pytest.mark.proves("N29")
def test_an_address_with_a_blank_or_a_pipe_is_refused(host: Served) -> None:
    strike(host, "N29")
    answers = [
        host.http.get(CUSTOMERS),
        host.http.get(f"{CUSTOMERS}/eid:AMZ 1"),
        host.http.get(f"{CUSTOMERS}/eid:AMZ|1"),
        host.http.put(f"{CUSTOMERS}/eid:AMZ%7C1", json={"companyName": "Pipe", "subsidiary": host.company.ref("us")}),
    ]
    texts = [a.json()["o:errorDetails"][0]["detail"] for a in answers]
    blank = "Invalid url. Spaces are not allowed in the URL."
    assert texts == [blank, blank, "Invalid URL.", "Invalid URL."]
    assert [a.status_code for a in answers] == [400] * 4


@pytest.mark.proves("N35")
def test_order_lines_have_gaps_and_a_transform_takes_what_is_not_named(host: Served) -> None:
    source = host.company.books.create("salesOrder", host.company.order())
    lines = [item["line"] for item in host.http.get(f"{ORDERS}/{source}/item").json()["items"]]
    left_out = {"items": [{"orderLine": lines[0], "itemReceive": False}]}
    made = host.http.post(f"{ORDERS}/{source}/!transform/itemFulfillment", json={"item": left_out})
    shown = host.http.get(made.headers["location"].removeprefix(host.url) + "/item").json()["items"]
    assert [row["orderLine"] for row in shown if row.get("itemReceive", True)] == [lines[1]]


@pytest.mark.proves("N40")
def test_select_star_hangs_and_is_cut(host: Served) -> None:
    strike(host, "N40", seconds="0.02")
    with pytest.raises(BROKEN):
        host.query("SELECT * FROM transaction")
    strike(host, "N40", seconds="0.02")
    assert host.query("SELECT id FROM transaction").status_code == 200


# ---------------------------------------------------------------------- outages and bent answers


@pytest.mark.proves("N34", "N37")
@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_an_outage_strikes_any_call(host: Served, status: str) -> None:
    token: Callable[[], httpx.Response] = lambda: host.ask_token(host.assertion())  # noqa: E731 - one of a row of calls
    calls: list[tuple[str, Callable[[], httpx.Response]]] = [
        ("N34", lambda: host.http.get(CUSTOMERS)),
        ("N37", token),
        ("metadata_outage", lambda: host.http.get(f"{RECORDS}/metadata-catalog")),
    ]
    for name, call in calls:
        strike(host, name, status=status)
        assert (call().status_code, call().status_code) == (int(status), 200)


@pytest.mark.proves("N22")
def test_a_schema_without_properties_has_them_the_next_time(host: Served) -> None:
    strike(host, "N22")
    shown = [host.http.get(f"{RECORDS}/metadata-catalog/salesOrder").json() for _ in range(2)]
    assert ["properties" in document for document in shown] == [False, True]


@pytest.mark.parametrize("name", [n for n in BENDINGS if n not in ("no_properties", "shuffled_page")])
def test_a_bent_answer_is_one_answer_only(host: Served, name: str) -> None:
    query = "SELECT id, status FROM transaction ORDER BY id"
    good = host.query(query).json()
    strike(host, name, match="/suiteql")
    try:
        bent: object = host.query(query).json()
    except (ValueError, httpx.DecodingError) as error:
        bent = error
    assert bent != good
    assert host.query(query).json() == good


def test_bent_pages_are_what_their_names_say(host: Served) -> None:
    query = "SELECT id, status FROM transaction ORDER BY id"

    def bent(name: str) -> Any:
        strike(host, name, match="/suiteql")
        return host.query(query).json()

    assert bent("null_row")["items"][0] is None
    assert isinstance(bent("single_element")["items"], dict)
    assert {row["custcolumn_new"] for row in bent("new_field")["items"]} == {"1"}
    assert [row["status"] for row in bent("unknown_status")["items"]].count("Z") == 1
    assert bent("error_in_200")["o:errorDetails"][0]["o:errorCode"] == "UNEXPECTED_ERROR"
