"""The mirror keeps every version, writes nothing twice, and can be read as of a moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import ManualClock
from sync.mirror.entities import ENTITIES, LINES, fields_of
from sync.mirror.keys import join_key, reference_key
from sync.records import Account, Customer, CustomerAddress, Deletion, Settlement, SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document, Quarantined, RawPage, Window

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(clock: ManualClock) -> Store:
    return Store.in_memory(clock)


def customer(number: str, name: str, at: datetime | None) -> Document:
    return Document(Customer(number, f"C{number}", None, name, None, None, None, None, False, at))


def settlement(amounts: Sequence[str]) -> Document:
    total = sum((Decimal(a) for a in amounts), Decimal(0))
    head = Settlement(
        "amazon.US", "77", "amazon-v2", "hash", "file", "USD", START, START, None, total, len(amounts), "utf-8"
    )
    lines = [
        SettlementLine(
            "amazon.US",
            "77",
            n,
            n + 2,
            0,
            "Order",
            "ItemPrice",
            "Principal",
            Decimal(a),
            "USD",
            "113-1234567-1234567",
            None,
            None,
            None,
            None,
            None,
            None,
            date(2026, 11, 1),
            None,
            None,
            None,
            None,
        )
        for n, a in enumerate(amounts, 1)
    ]
    return Document(head, lines)


def batch(*documents: Document, cursor: dict[str, object] | None = None, covered: Window | None = None) -> Batch:
    return Batch(None, documents, cursor or {}, covered=covered)


def one(store: Store, sql: str) -> tuple[object, ...]:
    with store.database.reading() as cursor:
        row = cursor.execute(sql).fetchone()
    assert row is not None
    return row


def test_a_batch_that_fails_in_the_middle_leaves_neither_rows_nor_cursor(store: Store) -> None:
    too_large = Document(
        dataclasses.replace(settlement(["1.00"]).record, total=Decimal("1e20"))  # type: ignore[type-var]
    )
    with pytest.raises(Exception, match=r"(?i)decimal|precision|overflow"):
        store.mirror.commit("s", batch(customer("1", "Ann", None), too_large, cursor={"page": 2}), "run")
    assert one(store, "SELECT count(*) FROM customers") == (0,)
    assert store.mirror.cursor_of("s") is None


def test_reading_a_page_again_writes_nothing(store: Store) -> None:
    documents = [customer("1", "Ann", START), customer("2", "Bo", None)]
    assert store.mirror.commit("s", batch(*documents), "run").changed == 2
    assert store.mirror.commit("s", batch(*documents), "run").changed == 0
    assert one(store, "SELECT count(*) FROM customers_versions") == (2,)


def test_a_late_old_version_never_overwrites_a_newer_one(store: Store) -> None:
    store.mirror.commit("s", batch(customer("1", "new name", START)), "run")
    assert store.mirror.commit("s", batch(customer("1", "old name", START - timedelta(1))), "run").changed == 0
    assert one(store, "SELECT company_name FROM customers") == ("new name",)


def test_of_two_versions_in_one_page_the_newer_is_kept(store: Store) -> None:
    pair = [customer("1", "newer", START), customer("1", "older", START - timedelta(1))]
    assert store.mirror.commit("s", batch(*pair), "run").changed == 1
    assert one(store, "SELECT company_name FROM customers") == ("newer",)


def test_of_one_page_only_what_is_new_or_newer_is_written_and_the_lines_go_with_their_document(
    store: Store, clock: ManualClock
) -> None:
    def with_address(number: str, city: str, at: datetime | None) -> Document:
        address = CustomerAddress(number, "1", 1, None, None, None, None, city, None, None, None, None, True, True)
        return dataclasses.replace(customer(number, city, at), lines=[address])

    store.mirror.commit("s", batch(*(with_address(str(n), "Bonn", START) for n in range(4))), "run")
    clock.advance(60)
    later, before = START + timedelta(hours=1), START - timedelta(hours=1)
    page = [
        with_address("0", "Bonn", START),
        with_address("1", "Ulm", later),
        with_address("2", "Ulm", before),
        with_address("9", "Ulm", None),
        with_address("3", "Bonn", later),
    ]
    assert store.mirror.commit("s", batch(*page), "run").changed == 3
    with store.database.reading() as cursor:
        for lines, records in (
            ("customer_addresses", "customers"),
            ("customer_addresses_versions", "customers_versions"),
        ):
            told = cursor.execute(
                f"SELECT c.customer_id, c.company_name, l.city FROM {records} c JOIN {lines} l USING (version)"
                " WHERE l.customer_id = c.customer_id ORDER BY c.version"
            ).fetchall()
            old = [("0", "Bonn", "Bonn"), ("1", "Bonn", "Bonn"), ("2", "Bonn", "Bonn"), ("3", "Bonn", "Bonn")]
            new = [("1", "Ulm", "Ulm"), ("9", "Ulm", "Ulm"), ("3", "Bonn", "Bonn")]
            assert told == ([old[0], old[2], *new] if records == "customers" else [*old, *new])


def test_the_hash_of_a_content_is_the_one_that_older_homes_have(store: Store) -> None:
    store.mirror.commit("s", batch(customer("1", "Ann", START), settlement(["1.00", "2.50"])), "run")
    assert one(store, "SELECT row_hash FROM customers") == ("56afa47ad7f887f59381578123b9ca50",)
    assert one(store, "SELECT row_hash FROM settlements") == ("b13985aa102f913118e43644da90988f",)


def test_a_changed_line_is_a_new_version_of_its_document(store: Store, clock: ManualClock) -> None:
    store.mirror.commit("s", batch(settlement(["1.00", "2.00"])), "run")
    clock.advance(60)
    store.mirror.commit("s", batch(settlement(["1.00", "2.01"])), "run")
    assert one(store, "SELECT count(*), sum(amount) FROM settlement_lines") == (2, Decimal("3.01"))
    assert one(store, "SELECT count(*) FROM settlement_lines_versions") == (4,)


def test_equal_lines_are_both_kept(store: Store) -> None:
    store.mirror.commit("s", batch(settlement(["-3.82", "-3.82", "-3.82"])), "run")
    assert one(store, "SELECT count(*), sum(amount) FROM settlement_lines") == (3, Decimal("-11.46"))


def test_the_mirror_can_be_read_as_it_stood_at_a_moment(store: Store, clock: ManualClock) -> None:
    store.mirror.commit("s", batch(settlement(["1.00"]), customer("1", "Ann", None)), "run")
    then = clock.now()
    clock.advance(3600)
    store.mirror.commit("s", batch(settlement(["5.00", "6.00"]), customer("2", "Bo", None)), "run")
    with store.database.reading() as cursor:
        store.mirror.as_of(cursor, then)
        assert cursor.execute("SELECT count(*) FROM customers").fetchone() == (1,)
        assert cursor.execute("SELECT sum(amount) FROM settlement_lines").fetchone() == (Decimal("1.00"),)
        store.mirror.as_of(cursor, clock.now())
        assert cursor.execute("SELECT sum(amount) FROM settlement_lines").fetchone() == (Decimal("11.00"),)
        store.mirror.as_of(cursor, START - timedelta(1))
        assert cursor.execute("SELECT count(*) FROM settlements").fetchone() == (0,)


def test_a_document_that_cannot_be_read_is_counted_once(store: Store) -> None:
    bad = Batch(RawPage(b"{", "application/json"), [], {}, quarantined=[Quarantined("113-1", "no currency", 4)])
    store.mirror.commit("s", bad, "run")
    store.mirror.commit("s", bad, "run")
    assert one(store, "SELECT count(*), min(reason), min(page_ordinal) FROM quarantine") == (1, "no currency", 4)


def test_a_page_is_stored_once_and_comes_back_as_received(store: Store) -> None:
    body = bytes(range(256)) * 50
    page = RawPage(body, "text/plain; charset=Cp1252", 7)
    for _ in range(2):
        store.mirror.commit("s", Batch(page, [customer("1", "Ann", None)], {}), "run")
    assert one(store, "SELECT count(*), min(size) FROM pages") == (1, len(body))
    assert store.mirror.page(1) == ("text/plain; charset=Cp1252", body)
    assert store.mirror.page(2) is None
    assert one(store, "SELECT page_id, page_ordinal FROM customers") == (1, 0)


def test_coverage_ends_where_the_first_gap_begins(store: Store) -> None:
    def window(first: int, last: int) -> Window:
        return Window(START + timedelta(days=first), START + timedelta(days=last))

    assert store.mirror.covered_until("s") is None
    for covered in (window(0, 2), window(5, 9), window(1, 3)):
        store.mirror.commit("s", batch(covered=covered), "run")
    assert store.mirror.covered_until("s") == START + timedelta(days=3)
    store.mirror.commit("s", batch(covered=window(3, 5)), "run")
    assert store.mirror.covered_until("s") == START + timedelta(days=9)
    assert store.mirror.covered_until("other") is None


def test_the_cursor_is_the_last_committed_one(store: Store) -> None:
    store.mirror.commit("s", batch(cursor={"after": "a"}), "run")
    store.mirror.commit("s", batch(cursor={"after": "b", "ids": ["1"]}), "run")
    assert store.mirror.cursor_of("s") == {"after": "b", "ids": ["1"]}


@pytest.mark.parametrize("entity", [*ENTITIES, *LINES], ids=lambda e: e.table)
def test_tables_and_records_have_the_same_typed_columns(store: Store, entity: object) -> None:
    table, record, keys = entity.table, entity.record, entity.keys  # type: ignore[attr-defined]
    for name in (table, f"{table}_versions"):
        with store.database.reading() as cursor:
            described = cursor.execute(f"DESCRIBE {name}").fetchall()
        found = {
            row[0]: (row[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), row[2] == "YES") for row in described
        }
        wanted = {f.name: (f.sql, f.nullable) for f in fields_of(record)}
        assert {k: v for k, v in found.items() if k in wanted} == wanted
        assert set(keys) <= set(found)


@pytest.mark.parametrize(
    ("text", "key"),
    [("113-7702233-1180123", 11377022331180123), ("2577453162650", 2577453162650), ("AMZ-113-7702233-1180123", None)],
)
def test_join_keys_of_order_numbers_are_their_digits(text: str, key: int | None) -> None:
    if key is None:
        assert reference_key(text) == 11377022331180123
        assert join_key(text) != 11377022331180123
    else:
        assert join_key(text) == key


@given(st.text(max_size=40))
def test_every_id_has_a_key_that_fits_a_bigint(text: str) -> None:
    assert 0 <= join_key(text) < 2**63


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.text(max_size=3)), max_size=12))
def test_any_order_of_deliveries_ends_with_the_newest_content(seen: list[tuple[str, int, str]]) -> None:
    store = Store.in_memory(ManualClock(START))
    newest: dict[str, tuple[int, str]] = {}
    for number, age, name in seen:
        store.mirror.commit("s", batch(customer(number, name or "-", START + timedelta(hours=age))), "run")
        if number not in newest or age >= newest[number][0]:
            newest[number] = (age, name or "-")
    with store.database.reading() as cursor:
        held = dict(cursor.execute("SELECT customer_id, company_name FROM customers").fetchall())
    assert held == {number: name for number, (_, name) in newest.items()}


def test_an_account_without_a_vendor_time_takes_what_was_read_last(store: Store) -> None:
    for kind in ("Bank", "Income"):
        store.mirror.commit("s", batch(Document(Account("1", "1000", "Cash", kind, False))), "run")
    assert one(store, "SELECT account_type FROM accounts") == ("Income",)


def test_what_the_erp_has_deleted_goes_from_the_current_rows_and_stays_in_the_past(
    store: Store, clock: ManualClock
) -> None:
    address = CustomerAddress("7", "1", 1, None, "Ann", "1 Elm", None, "Troy", "NY", "12180", "US", None, True, True)
    seen = customer("7", "Ann", START)
    store.mirror.commit("s", Batch(None, [Document(seen.record, [address]), customer("8", "Bob", START)], {}), "r1")
    before = clock.now()
    clock.advance(3600)
    gone = Deletion("customers", "7", "customer", clock.now())
    store.mirror.commit("netsuite.deletions", Batch(None, [Document(gone)], {}), "r2")
    after = clock.now()
    with store.database.reading() as cursor:
        assert cursor.execute("SELECT customer_id FROM customers").fetchall() == [("8",)]
        assert cursor.execute("SELECT count(*) FROM customer_addresses").fetchall() == [(0,)]
        store.mirror.as_of(cursor, before)
        assert cursor.execute("SELECT customer_id FROM customers ORDER BY 1").fetchall() == [("7",), ("8",)]
        assert cursor.execute("SELECT city FROM customer_addresses").fetchall() == [("Troy",)]
    with store.database.reading() as cursor:
        store.mirror.as_of(cursor, after)
        assert cursor.execute("SELECT customer_id FROM customers").fetchall() == [("8",)]


def test_a_record_that_is_seen_again_after_its_deletion_is_there_again(store: Store, clock: ManualClock) -> None:
    store.mirror.commit("s", Batch(None, [customer("7", "Ann", START)], {}), "r1")
    clock.advance(3600)
    store.mirror.commit("d", Batch(None, [Document(Deletion("customers", "7", "customer", clock.now()))], {}), "r2")
    clock.advance(3600)
    store.mirror.commit("s", Batch(None, [customer("7", "Ann", START)], {}), "r3")
    with store.database.reading() as cursor:
        assert cursor.execute("SELECT customer_id FROM customers").fetchall() == [("7",)]
        store.mirror.as_of(cursor, clock.now())
        assert cursor.execute("SELECT customer_id FROM customers").fetchall() == [("7",)]


def test_a_deletion_of_what_is_not_mirrored_is_kept_and_takes_nothing(store: Store, clock: ManualClock) -> None:
    store.mirror.commit("s", Batch(None, [customer("7", "Ann", START)], {}), "r1")
    store.mirror.commit("d", Batch(None, [Document(Deletion("", "7", "vendor", clock.now()))], {}), "r2")
    with store.database.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM customers").fetchall() == [(1,)]
        assert cursor.execute("SELECT record_type FROM deletions").fetchall() == [("vendor",)]


def test_coverage_is_read_as_of_a_moment_too(store: Store, clock: ManualClock) -> None:
    store.mirror.commit("s", Batch(None, [], {}, covered=Window(START - timedelta(days=1), START)), "r1")
    then = clock.now()
    clock.advance(3600)
    store.mirror.commit("s", Batch(None, [], {}, covered=Window(START, START + timedelta(hours=1))), "r2")
    with store.database.reading() as cursor:
        for _ in range(2):
            store.mirror.as_of(cursor, then)
            assert store.mirror.covered_until("s", cursor) == START
        assert store.mirror.covered_until("s") == START + timedelta(hours=1)


def test_batches_written_together_are_as_if_written_one_by_one(clock: ManualClock) -> None:
    batches = [
        Batch(RawPage(b"a", "text/plain"), [customer("1", "Ann", START), customer("2", "Bo", START)], {"at": 1}),
        Batch(
            RawPage(b"b", "text/plain"),
            [customer("1", "Anna", START + timedelta(hours=1))],
            {"at": 2},
            [Quarantined("9", "broken")],
            covered=Window(START - timedelta(days=1), START),
        ),
    ]
    together, apart = Store.in_memory(clock), Store.in_memory(clock)
    done = together.mirror.commit_all("s", batches, "run")
    for one in batches:
        apart.mirror.commit("s", one, "run")
    assert (done.documents, done.quarantined) == (3, 1)
    for query in (
        "SELECT customer_id, company_name, page_id, page_ordinal FROM customers ORDER BY 1",
        "SELECT stream, document_key, page_id FROM quarantine",
        "SELECT stream, pages, documents, quarantined FROM coverage",
        "SELECT sha256 FROM pages ORDER BY page_id",
    ):
        with together.database.reading() as first, apart.database.reading() as second:
            assert first.execute(query).fetchall() == second.execute(query).fetchall()
    assert together.mirror.cursor_of("s") == apart.mirror.cursor_of("s") == {"at": 2}
