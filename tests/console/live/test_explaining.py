"""Any figure comes apart into parts that add to it, down to the bytes of the file, and up to journal and bank."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from console.blocks import Explained, Facts, Passage
from console.live.explaining import explain_figure
from console.live.explaining.lines import Lines, lines_from_key
from console.live.received import line_at, start_of
from console.live.row_keys import CAUSE
from reconcile.bridge import see_bridge
from reconcile.causes import causes
from reconcile.cycle import run_cycle
from reconcile.line_types import unmapped_line_types
from reconcile.seen_at import evidence_at
from sync.records import ChannelTransaction
from sync.store.store import Store
from tests.console.homes import Home
from tests.reconcile.factories import World, settled


@pytest.fixture(scope="module")
def store(pulled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The mirror of a pulled home, only read from."""
    home = Home(Path(shutil.copytree(pulled_folder, tmp_path_factory.mktemp("explaining") / "home")))
    yield home.workspace().store
    home.close()


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("explain", "nonsense"),
        ("explain", "journal:AMZ-SETTLE-1-202601"),
        ("explain", "journal-line:99|AMZ-SETTLE-1-202601"),
        ("explain", '{"channel": "amazon.US"}'),
        ("explain", '{"channel": "amazon.US", "settlement_id": "1", "drop": "table"}'),
        ("explain", Lines("amazon.US", "no such").key),
        ("explain", "category:sales|amazon.US/no such"),
        ("explain", "bridge:amazon.US/XXX/1"),
        ("settlements", "amazon.US/no such"),
        ("settlement", "amazon.US/1"),
        ("orders", "amazon.US/no such"),
        ("bank", "chase|no such"),
        ("queue", "P1-1"),
        ("log", "1"),
    ],
)
def test_what_is_not_known_has_no_parts(store: Store, section: str, key: str) -> None:
    assert explain_figure(store, section, key) is None


def test_keys_of_lines_read_back() -> None:
    for lines in (
        Lines("amazon.US", "1"),
        Lines("amazon.US", "1", ("Order", "a|b", 'c"d'), (None,), "2026-10", "2026-10-31", "113-1", 5, 9),
        Lines("amazon.US", "1", ("", "", "")),
    ):
        assert lines_from_key(lines.key) == lines


def leaves(store: Store, explained: Explained) -> int:
    """Return how many lines are below a figure; every level must add up."""
    assert explained.adds_up, explained.title
    count = 0
    for part in explained.parts:
        if part.key is None or explained.level == "lines of the file":
            count += explained.level == "lines of the file"
            continue
        below = explain_figure(store, "explain", part.key)
        assert below is not None, part.key
        assert below.amount == part.amount, part.label
        assert part.lines in (None, sum(p.lines or 1 for p in below.parts)), part.label
        count += leaves(store, below)
    return count


def test_every_settlement_comes_apart_into_each_of_its_lines_exactly_once(store: Store) -> None:
    with store.database.reading() as cursor:
        held = cursor.execute(
            "SELECT channel || '/' || settlement_id, count(*) FROM settlement_lines GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    assert len(held) > 3
    for key, lines in held[:: len(held) // 3]:
        figure = explain_figure(store, "settlements", key)
        assert figure is not None
        assert leaves(store, figure) == lines


def test_a_posted_journal_comes_apart_into_the_lines_of_its_month(store: Store) -> None:
    with store.database.reading() as cursor:
        (journal,) = cursor.execute(
            "SELECT min(t.external_id) FROM transactions AS t JOIN settlements AS s"
            " ON contains(t.external_id, '-SETTLE-' || s.settlement_id || '-')"
        ).fetchall()[0]
        settlement, month = str(journal).rpartition("-")[0].partition("-SETTLE-")[2], str(journal)[-6:]
        (lines,) = cursor.execute(
            "SELECT count(*) FROM settlement_lines WHERE settlement_id = $1 AND strftime(posted_date, '%Y%m') = $2",
            [settlement, month],
        ).fetchall()[0]
    figure = explain_figure(store, "explain", f"journal:{journal}")
    assert figure is not None
    cancelled = sum(part.lines or 0 for part in figure.parts if part.key is None)
    assert leaves(store, figure) + cancelled == lines


def test_a_line_of_an_order_shows_its_bytes_and_its_way_to_the_journal(store: Store) -> None:
    with store.database.reading() as cursor:
        (order, amount) = cursor.execute(
            "SELECT channel || '/' || order_id, sum(amount) FROM settlement_lines WHERE order_id IS NOT NULL"
            " AND channel = 'amazon.US' GROUP BY ALL ORDER BY ALL LIMIT 1"
        ).fetchall()[0]
    figure = explain_figure(store, "orders", order)
    assert figure is not None
    assert figure.amount == amount
    assert "journal" in figure.parts[0].note
    lines = explain_figure(store, "explain", figure.parts[0].key or "")
    assert lines is not None
    line = explain_figure(store, "explain", lines.parts[0].key or "")
    assert line is not None
    assert line.amount == lines.parts[0].amount
    raw = next(b for b in line.blocks if isinstance(b, Passage))
    assert order.rpartition("/")[2] in raw.text
    assert f"{line.amount:.2f}" in raw.text
    way = dict(next(b for b in line.blocks if isinstance(b, Facts) and b.title == "Where it went").pairs)
    assert set(way) == {"category", "account", "journal", "posted", "payout", "bank"}
    assert "AMZ-SETTLE-" in way["journal"]


def test_a_step_of_the_bridge_adds_to_what_is_still_held(store: Store) -> None:
    with store.database.reading() as cursor:
        rows = cursor.execute("SELECT channel || '/' || currency || '/' || settlement_id FROM settlements").fetchall()
    for (key,) in rows[:4]:
        figure = explain_figure(store, "bridge", key)
        assert figure is not None
        assert figure.adds_up


def test_every_order_of_the_list_comes_apart_settled_or_not(store: Store) -> None:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT o.channel || '/' || o.order_id, o.total, bool_or(l.order_id IS NOT NULL) FROM orders o"
            " LEFT JOIN settlement_lines l ON l.channel = o.channel AND l.order_id = o.order_id"
            " WHERE o.total <> 0 GROUP BY ALL ORDER BY 3, 1"
        ).fetchall()
    for key, total, settled_already in (*rows[:40], *rows[-5:]):
        figure = explain_figure(store, "orders", key)
        assert figure is not None
        assert figure.adds_up
        assert figure.level == ("settlements" if settled_already else "order lines")
        assert settled_already or figure.amount == total
    channel, order = rows[-1][0].split("/")
    for section, row in (("returns", f"{channel}|{order}|"), ("shipments", f"{channel}/{order}/1")):
        assert explain_figure(store, section, row) == explain_figure(store, "orders", f"{channel}/{order}")


def test_every_discrepancy_that_is_worth_money_comes_apart(store: Store) -> None:
    run_cycle(store)
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT discrepancy_id FROM discrepancies WHERE amount <> 0 AND state <> 'resolved'"
            " AND control <> 'multichannel_unfulfilled' QUALIFY row_number() OVER (PARTITION BY control) <= 3"
        ).fetchall()
        (waits,) = cursor.execute(
            "SELECT discrepancy_id, amount FROM discrepancies WHERE control = 'sku_unmapped' ORDER BY 1 LIMIT 1"
        ).fetchall()
    assert len(rows) > 9
    for (key,) in rows:
        figure = explain_figure(store, "discrepancies", key)
        assert figure is not None, key
        assert figure.adds_up, key
    blocked = explain_figure(store, "discrepancies", waits[0])
    assert blocked is not None
    assert (blocked.level, blocked.amount) == ("orders that wait", waits[1])
    for one in causes(store):
        held = explain_figure(store, "causes", CAUSE + one.cause_id)
        assert held is not None
        assert held.amount is None or held.amount == held.total == dict(one.money).get(held.currency, Decimal(0))


def test_a_line_type_without_an_account_comes_apart_by_settlement() -> None:
    world = World()
    for number in ("5", "6"):
        head, lines = settled(number, ["2026-10-01 Order|NewFees|Fee -1.25", "2026-10-01 Order|NewFees|Fee -2.00"])
        world.put(head, *lines)
    (found,) = unmapped_line_types(world.store)
    figure = explain_figure(world.store, "line_types", found.subject)
    assert figure is not None
    assert [(p.label, p.amount, p.lines) for p in figure.parts] == [
        ("amazon.US/5", Decimal("-3.25"), 2),
        ("amazon.US/6", Decimal("-3.25"), 2),
    ]
    assert (figure.amount, leaves(world.store, figure)) == (Decimal("-6.50"), 4)
    world.store.close()


def test_what_the_ledger_holds_beyond_the_last_report_comes_apart_by_event() -> None:
    world = World()
    head, lines = settled("5", ["2026-10-01 Order|ItemPrice|Principal 10.00"])
    world.put(head, *lines)
    at = datetime(2026, 11, 18, tzinfo=UTC)
    for number, state, amount in (("a", "released", "4.00"), ("b", "deferred", "7.50"), ("c", "deferred", "-1.00")):
        world.put(
            ChannelTransaction(
                "amazon.US", number, "Shipment", state, None, "111-1", at, at if state == "deferred" else None, "",
                "Amazon.com", "USD", Decimal(amount),
            )
        )  # fmt: skip
    for name, amount, events in (("released, not settled", "4.00", 1), ("deferred", "6.50", 2)):
        figure = explain_figure(world.store, "bridge", f"amazon.US/USD/{name}")
        assert figure is not None
        assert figure.adds_up
        assert (figure.amount, len(figure.parts)) == (Decimal(amount), events)
    world.store.close()


def test_many_lines_are_shown_by_day_and_many_of_a_day_in_runs_of_the_file() -> None:
    world = World()
    rows = [f"2026-10-{1 + n % 2:02} Order|ItemPrice|Principal {n}.25" for n in range(1400)]
    head, lines = settled("5", rows)
    world.put(head, *lines)
    figure = explain_figure(world.store, "settlement", "amazon.US/5|Order|ItemPrice|Principal")
    assert figure is not None
    assert (figure.level, [p.lines for p in figure.parts]) == ("days", [700, 700])
    day = explain_figure(world.store, "explain", figure.parts[0].key or "")
    assert day is not None
    assert (day.level, [p.lines for p in day.parts]) == ("runs of the file", [300, 300, 100])
    assert leaves(world.store, figure) == 1400
    world.store.close()


def test_a_settlement_that_does_not_foot_names_the_rest() -> None:
    world = World()
    head, lines = settled("6", ["2026-10-01 Order|ItemPrice|Principal 10.00"], total=Decimal("10.01"))
    world.put(head, *lines)
    figure = explain_figure(world.store, "settlements", "amazon.US/6")
    assert figure is not None
    assert not figure.adds_up
    assert (figure.amount, figure.total) == (Decimal("10.01"), Decimal("10.00"))
    assert [p.label for p in figure.parts] == ["Sales"]
    world.store.close()


def test_a_step_of_the_bridge_that_is_broken_does_not_add_up_and_says_why() -> None:
    world = World()
    head, lines = settled("6", ["2026-10-01 Order|ItemPrice|Principal 10.00"], total=Decimal("10.01"))
    world.put(head, *lines)
    with evidence_at(world.store) as evidence:
        (step,) = see_bridge(evidence, "amazon.US", "USD").steps
    figure = explain_figure(world.store, "bridge", "amazon.US/USD/6")
    assert figure is not None
    assert not figure.adds_up
    assert (figure.amount, figure.total) == (step.closing, step.closing - step.break_amount)
    assert step.broken == "lines add to 10.0000, the report states 10.0100"
    world.store.close()


def test_documents_are_read_at_an_offset_however_they_were_packed() -> None:
    text = b"head\r\nsecond \xe9 line\r\nlast"
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.csv", text)
    for body in (text, gzip.compress(text), packed.getvalue()):
        assert line_at(body, 6, "latin-1") == "second é line"
        assert line_at(body, 21, "utf-8") == "last"
        assert line_at(body, 900, "utf-8") == ""
        assert start_of(body, 4) == b"head"
    assert "cannot be unpacked" in line_at(gzip.compress(text)[:15], 6, "utf-8")
