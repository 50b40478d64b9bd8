from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources

import duckdb
import pytest

from console.desk import FilterProblem
from console.views.definitions import VIEWS
from console.views.query import build_view
from console.views.rows import Row, Sort

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
Connection = duckdb.DuckDBPyConnection


@pytest.fixture
def store() -> Iterator[Connection]:
    """An empty database with the project's own tables."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for package in ("sync.mirror", "sync.ops"):
        folder = resources.files(package).joinpath("schema")
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".sql"):
                connection.execute(file.read_text(encoding="utf-8"))
    yield connection
    connection.close()


@pytest.fixture
def put(store: Connection) -> Callable[..., None]:
    """Insert a row; columns that are not named get a value that their type allows."""

    def insert(table: str, **values: object) -> None:
        columns = store.execute(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = $1", [table]
        ).fetchall()
        blanks = {"VARCHAR": "", "BOOLEAN": False, "TIMESTAMP WITH TIME ZONE": NOW, "DATE": NOW.date()}
        row = {name: values.get(name, None if free == "YES" else blanks.get(kind, 0)) for name, kind, free in columns}
        marks = ", ".join("?" for _ in row)
        store.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))

    return insert


def shown(store: Connection, name: str, *columns: str, **options: object) -> list[tuple[object, ...]]:
    """Return the first rows of a list, only the named columns."""
    view = build_view(store.cursor(), VIEWS[name], now=NOW, **options)  # type: ignore[arg-type]
    indexes = [[c.name for c in view.columns].index(column) for column in columns]
    rows = [tuple(row.values[i] for i in indexes) for row in view.page(0, 100)]
    view.close()
    return rows


#: What `reconcile.refunds.cases.prepare_returns` makes, empty.
_PREPARED = """
CREATE TEMP TABLE refund_orders (channel VARCHAR, order_id VARCHAR);
CREATE TEMP TABLE refund_told (channel VARCHAR, order_id VARCHAR, source VARCHAR, kind VARCHAR, amount_type VARCHAR,
    amount_description VARCHAR, currency VARCHAR, "at" TIMESTAMPTZ, amount DECIMAL(18,4),
    is_past BOOLEAN, is_unclear BOOLEAN);
CREATE TEMP TABLE refund_parts (vendor VARCHAR, source VARCHAR, kind VARCHAR, amount_type VARCHAR,
    amount_description VARCHAR, part VARCHAR);
CREATE TEMP TABLE refund_documents (channel VARCHAR, order_id VARCHAR, number VARCHAR, transaction_type VARCHAR);
"""


def cursor_for(name: str, store: Connection) -> Connection:
    cursor = store.cursor()
    if name == "returns":
        cursor.execute(_PREPARED)
    return cursor


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_list_can_be_filtered_and_sorted_by_each_of_its_columns(name: str, store: Connection) -> None:
    definition = VIEWS[name]
    rows = [Row("k", tuple(None for _ in definition.columns))] if definition.file == "rows.sql" else None
    for column in definition.columns:
        for sort in (Sort(column.name), Sort(column.name, descending=True)):
            view = build_view(
                cursor_for(name, store), definition, now=NOW, filter_text=f"-{column.name}:-", sort=sort, rows=rows
            )
            assert view.total == 0
            view.close()
    view = build_view(cursor_for(name, store), definition, now=NOW, filter_text="word -other", rows=rows)
    assert view.total == 0
    view.close()


def test_an_unknown_sort_column_is_refused(store: Connection) -> None:
    with pytest.raises(FilterProblem, match="no column nothing to sort by"):
        build_view(store.cursor(), VIEWS["calls"], now=NOW, sort=Sort("nothing"))


def test_a_closed_list_reads_nothing_and_may_be_closed_again(store: Connection) -> None:
    view = build_view(store.cursor(), VIEWS["calls"], now=NOW)
    view.close()
    view.close()
    with pytest.raises(ValueError, match="closed"):
        view.page(0, 1)


def test_the_newest_mark_decides_while_it_holds(store: Connection, put: Callable[..., None]) -> None:
    for key in ("kept", "waived", "lifted", "expired", "gone"):
        state = "resolved" if key == "gone" else "open"
        put("discrepancies", discrepancy_id=key, subject=key, state=state, severity="high", currency="USD")
    later, earlier = NOW.replace(year=2027), NOW.replace(year=2025)
    put("discrepancy_marks", mark_id=1, discrepancy_id="waived", mark="waived", until=later)
    put("discrepancy_marks", mark_id=2, discrepancy_id="lifted", mark="waived")
    put("discrepancy_marks", mark_id=3, discrepancy_id="lifted", mark="lifted")
    put("discrepancy_marks", mark_id=4, discrepancy_id="expired", mark="snoozed", until=earlier)
    assert shown(store, "discrepancies", "record", "status") == [
        ("expired", "open"),
        ("kept", "open"),
        ("lifted", "open"),
        ("waived", "waived"),
    ]


def test_discrepancies_stand_by_severity_deadline_and_money(store: Connection, put: Callable[..., None]) -> None:
    put("discrepancies", discrepancy_id="1", subject="low", severity="low", state="open", amount=999)
    put("discrepancies", discrepancy_id="2", subject="small", severity="high", state="open", amount=1)
    put("discrepancies", discrepancy_id="3", subject="large", severity="high", state="open", amount=2)
    put("discrepancies", discrepancy_id="4", subject="due", severity="high", state="open", deadline=NOW)
    assert [row[0] for row in shown(store, "discrepancies", "record")] == ["due", "large", "small", "low"]


def test_the_difference_is_what_netsuite_lacks(store: Connection, put: Callable[..., None]) -> None:
    put("discrepancies", discrepancy_id="1", subject="missing", severity="low", channel_amount=Decimal("129.00"))
    put("discrepancies", discrepancy_id="2", subject="no money", severity="low")
    put("discrepancies", discrepancy_id="3", subject="off", severity="low", channel_amount=5, erp_amount=7)
    rows = dict(shown(store, "discrepancies", "record", "diff"))
    assert rows == {"missing": Decimal(-129), "no money": None, "off": Decimal(2)}


def test_a_settlement_that_does_not_foot_shows_its_gap(store: Connection, put: Callable[..., None]) -> None:
    put("settlements", channel="amazon.US", settlement_id="1", total=Decimal("10.00"), currency="USD")
    put("settlements", channel="amazon.US", settlement_id="2", total=Decimal("-3.00"), currency="USD")
    put("settlement_lines", channel="amazon.US", settlement_id="1", ordinal=1, amount=Decimal("12.50"))
    put("settlement_lines", channel="amazon.US", settlement_id="1", ordinal=2, amount=Decimal("-2.50"))
    rows = shown(store, "settlements", "settlement", "gap", "lines", "status")
    assert sorted(rows) == [("1", Decimal(0), 2, "not judged"), ("2", Decimal(-3), 0, "gap")]


def test_a_settlement_says_what_is_next(store: Connection, put: Callable[..., None]) -> None:
    states = {"1": "open", "2": "blocked", "3": "planned", "4": "resolved", "5": None}
    for number, state in states.items():
        put("settlements", channel="walmart.US", settlement_id=number, total=Decimal(0), currency="USD")
        if state:
            subject = f"WMT-SETTLE-{number}-202611"
            put("discrepancies", discrepancy_id=subject, control="settlement_not_posted", channel="walmart.US",
                subject=subject, state=state)  # fmt: skip
    put("transactions", transaction_id="9", external_id="WMT-SETTLE-4-202611")
    rows = shown(store, "settlements", "settlement", "status")
    assert dict(rows) == {"1": "to post", "2": "blocked", "3": "staged", "4": "posted", "5": "not judged"}


def test_an_order_is_found_by_any_of_its_numbers(store: Connection, put: Callable[..., None]) -> None:
    put("orders", channel="amazon.US", order_id="113-1", order_key=1, alternate_id="CUST-9", currency="USD")
    put("orders", channel="amazon.US", order_id="113-2", order_key=2, currency="USD")
    put("order_lines", order_key=1, tracking_number="1Z999")
    put("transactions", transaction_id="5", transaction_type="SalesOrd", number="SO-55", other_key=1)
    for words in ("113-1", "cust-9", "1z999", "so-55"):
        assert shown(store, "orders", "order", "erp", filter_text=words) == [("113-1", "SO-55")]


def test_an_order_shows_what_it_was_booked_as_and_what_is_due(store: Connection, put: Callable[..., None]) -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    base = {"fulfilled_by": "seller", "status": "open", "ordered_at": at, "ship_by": at + timedelta(days=2)}
    put("orders", **base, channel="walmart.US", order_id="1", order_key=1, currency="USD")
    put("orders", **base | {"acknowledged_at": at}, channel="walmart.US", order_id="2", order_key=2, currency="USD")
    put("orders", **base | {"fulfilled_by": "channel"}, channel="amazon.US", order_id="3", order_key=3, currency="USD")
    put("transactions", transaction_id="7", transaction_type="SalesOrd", status="B", number="2", number_key=2)
    for number in ("8", "9"):
        put("transactions", transaction_id=number, transaction_type="CashSale", status="C", other_key=3)
    put("order_lines", order_key=2, cancel_requested=True)
    rows = shown(store, "orders", "order", "document", "erp_status", "by", "due_at", "wish")
    assert sorted(rows) == [
        ("1", None, None, "seller", at + timedelta(hours=4), None),
        ("2", "sales order", "to ship", "seller", at + timedelta(days=2), "cancel"),
        ("3", "2 documents", "deposited", "amazon", None, None),
    ]
    assert [r[0] for r in shown(store, "orders", "order", filter_text="wish:cancel")] == ["2"]


def test_the_queue_shows_failures_first_and_nothing_that_was_replaced(
    store: Connection, put: Callable[..., None]
) -> None:
    for number, state in enumerate(("done", "queued", "failed", "in_doubt", "superseded", "discarded")):
        put("operations", operation_id=str(number), state=state, kind="sales_order", vendor="netsuite")
    assert [row[0] for row in shown(store, "queue", "status")] == ["failed", "in doubt", "queued", "done"]


def test_rows_that_were_handed_over_are_filtered_like_any(store: Connection) -> None:
    rows = [
        Row("p", ("ItemPrice/Principal", "4000 Sales", 1204, Decimal("12840.50"), "mapped", "USD")),
        Row("f", ("other/FREE", None, 3, Decimal("-14.50"), "UNMAPPED", "USD")),
    ]
    found = shown(store, "settlement_types", "line_type", "amount", filter_text="amount:<0 account:-", rows=rows)
    assert found == [("other/FREE", Decimal("-14.5"))]


@pytest.fixture
def many(store: Connection) -> Connection:
    store.execute(
        "INSERT INTO calls SELECT i, 'amazon', 'US', 'op', 'GET', '/' || i % 7, 200,"
        " TIMESTAMPTZ '2026-11-01 00:00:00+00' + INTERVAL (i) SECOND, i % 900, 1, NULL, NULL, 0, 0"
        " FROM range(100_000) AS r(i)"
    )
    return store


def test_pages_join_without_gap_or_repeat(many: Connection) -> None:
    view = build_view(many.cursor(), VIEWS["calls"], now=NOW, filter_text="path:=/3", sort=Sort("ms"))
    pages = [row.key for first in range(0, view.total, 999) for row in view.page(first, 999)]
    assert len(pages) == len(set(pages)) == view.total == 14_286
    assert view.of_all == 100_000
    assert pages == view.keys(1_000_000)
    assert [view.position_of(pages[i]) for i in (0, 5_000, 14_285)] == [0, 5_000, 14_285]
    assert view.position_of("not there") is None
    assert view.page(view.total, 10) == []
    view.close()


def test_a_list_keeps_its_rows_while_the_tables_change(many: Connection) -> None:
    view = build_view(many.cursor(), VIEWS["calls"], now=NOW)
    before = view.page(0, 3)
    many.execute("DELETE FROM calls")
    assert view.page(0, 3) == before
    view.close()


def test_threads_may_read_one_list_at_the_same_time(many: Connection) -> None:
    view = build_view(many.cursor(), VIEWS["calls"], now=NOW)
    wrong: list[int] = []

    def read(first: int) -> None:
        rows = view.page(first, 50)
        if [row.key for row in rows] != [str(99_999 - first - i) for i in range(50)]:
            wrong.append(first)

    threads = [threading.Thread(target=read, args=(n * 1_000,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    view.close()
