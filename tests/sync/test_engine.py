"""The engine: one stream's fault stops only what depends on it; cancel keeps what was read; nobody runs twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from sync.again import Again
from sync.clock import ManualClock
from sync.engine import PullProgress, StreamOutcome, close_lost_runs, outcome_lines, pull
from sync.errors import BadInput, Cancelled, Credentials, VendorReply
from sync.records import Item
from sync.store.store import Store
from sync.streams import Batch, Document, Quarantined, Window

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def item(number: int, name: str = "") -> Document:
    return Document(Item(str(number), name or f"MUG-{number}", None, "inventory", None, False, NOW))


@dataclass
class Scripted:
    """A stream that gives batches of one item each; `before` runs before each of them."""

    name: str
    count: int = 1
    depends_on: Sequence[str] = ()
    before: Callable[[int], Awaitable[None]] | None = None
    quarantined: int = 0
    cursors: list[Mapping[str, object] | None] = field(default_factory=list)
    closed: bool = False

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        self.cursors.append(cursor)
        first = int(str(cursor["next"])) if cursor else 0
        try:
            for n in range(first, self.count):
                if self.before is not None:
                    await self.before(n)
                bad = [Quarantined(f"q{n}", "no number")] if n < self.quarantined else []
                covered = Window(until - timedelta(days=1), until) if n == self.count - 1 else None
                yield Batch(None, [item(n)], {"next": n + 1}, bad, covered, expected=self.count)
        finally:
            self.closed = True


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.in_memory(ManualClock(NOW))
    yield made
    made.close()


def failing(error: Exception, at: int = 0) -> Callable[[int], Awaitable[None]]:
    async def fail(n: int) -> None:
        if n == at:
            raise error

    return fail


def runs(store: Store) -> list[tuple[object, ...]]:
    with store.database.reading() as cursor:
        return cursor.execute("SELECT state, note, finished_at IS NOT NULL FROM runs ORDER BY started_at").fetchall()


def items(store: Store) -> int:
    with store.database.reading() as cursor:
        row = cursor.execute("SELECT count(*) FROM items").fetchone()
    assert row is not None
    return int(row[0])


async def test_one_failing_stream_stops_only_what_depends_on_it(store: Store) -> None:
    refused = Credentials(VendorReply("amazon", "token", 401, "invalid_client"), "Check the secret")
    streams = [
        Scripted("a", before=failing(refused)),
        Scripted("b", depends_on=("a",)),
        Scripted("c", depends_on=("b",)),
        Scripted("d", count=3),
    ]
    pulled = await pull(store, streams)
    assert [(o.stream, o.state, o.exit_code) for o in pulled.streams] == [
        ("a", "failed", 4), ("b", "skipped", 0), ("c", "skipped", 0), ("d", "done", 0),
    ]  # fmt: skip
    assert [o.stream for o in pulled.failed] == ["a", "b", "c"]
    assert "amazon token: HTTP 401 invalid_client. Check the secret" in pulled.streams[0].error
    assert streams[1].cursors == []
    ((state, note, finished),) = runs(store)
    assert (state, finished) == ("failed", True)
    assert "a: amazon token" in str(note)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BadInput("the file is cut", remedy="Download it again"), 2, "the file is cut. Download it again"),
        (RuntimeError("lost"), 4, "our bug: RuntimeError: lost"),
    ],
)
async def test_a_fault_keeps_what_was_read_before_it(store: Store, error: Exception, code: int, said: str) -> None:
    stream = Scripted("a", count=5, before=failing(error, at=2))
    (outcome,) = (await pull(store, [stream])).streams
    assert outcome == StreamOutcome("a", "failed", 2, 2, 0, said, code)
    assert items(store) == 2
    assert stream.closed
    stream.before = None
    (again,) = (await pull(store, [stream])).streams
    assert (again.state, again.documents) == ("done", 3)
    assert stream.cursors == [None, {"next": 2}]


async def test_cancel_ends_every_stream_as_cancelled_not_failed_and_the_next_pull_resumes(store: Store) -> None:
    asked, written = False, 0

    def stop(event: PullProgress) -> None:
        nonlocal asked, written
        asked, written = event.documents >= 2, event.documents

    async def until_written(n: int) -> None:
        # A vendor slower than the disk.
        while written < n < 3:
            await asyncio.sleep(0)

    streams = [Scripted("a", count=4, before=until_written), Scripted("b", depends_on=("a",))]
    pulled = await pull(store, streams, progress=stop, is_cancelled=lambda: asked)
    assert [(o.stream, o.state, o.documents) for o in pulled.streams] == [("a", "cancelled", 2), ("b", "cancelled", 0)]
    assert pulled.failed == ()
    assert streams[0].closed
    assert runs(store)[0][0] == "cancelled"
    again = await pull(store, streams)
    assert [(o.state, o.documents) for o in again.streams] == [("done", 2), ("done", 1)]


async def test_a_cancel_inside_a_call_is_a_cancel(store: Store) -> None:
    (outcome,) = (await pull(store, [Scripted("a", count=2, before=failing(Cancelled("the call"), at=1))])).streams
    assert (outcome.state, outcome.documents, outcome.exit_code) == ("cancelled", 1, 0)


async def test_the_same_stream_is_not_run_twice_at_once(store: Store) -> None:
    entered, may_end = asyncio.Event(), asyncio.Event()

    async def hold(n: int) -> None:
        entered.set()
        await may_end.wait()

    first = asyncio.create_task(pull(store, [Scripted("a", before=hold)]))
    await entered.wait()
    second = await pull(store, [Scripted("a")])
    assert second.streams[0].state == "busy"
    assert second.failed == second.streams
    may_end.set()
    assert (await first).streams[0].state == "done"
    assert (await pull(store, [Scripted("a")])).streams[0].state == "done"


async def test_progress_that_breaks_is_that_streams_fault_only(store: Store) -> None:
    def broken(event: PullProgress) -> None:
        if event.stream == "a":
            raise ValueError("screen gone")

    pulled = await pull(store, [Scripted("a"), Scripted("b")], progress=broken)
    assert [o.state for o in pulled.streams] == ["failed", "done"]


async def test_reading_the_same_again_changes_nothing_and_counts_it(store: Store) -> None:
    told: list[PullProgress] = []
    first = await pull(store, [Scripted("a", count=2, quarantined=1)], progress=told.append)
    # Both were there at once, so they were written together.
    assert [(p.stream, p.documents, p.changed, p.expected) for p in told] == [("a", 2, 2, 2)]
    assert outcome_lines(first) == [{"stream": "a", "state": "done", "documents": 2, "changed": 2, "quarantined": 1}]
    with store.database.transaction() as tx:
        tx.execute("DELETE FROM stream_cursors")
    again = await pull(store, [Scripted("a", count=2)])
    assert (again.streams[0].documents, again.streams[0].changed) == (2, 0)


@dataclass
class Dated(Scripted):
    """A stream that can be read from a day on; its items are numbered by the day that they changed on."""

    since: datetime | None = datetime(2026, 11, 1, tzinfo=UTC)

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        return {"next": moment.day}


def standing(store: Store) -> tuple[object, object, int]:
    """Return the stream's own cursor, where its reading once more stands, and how many versions there are."""
    with store.database.reading() as cursor:
        again = cursor.execute("SELECT since, position FROM rereads").fetchall()
        (versions,) = cursor.execute("SELECT count(*) FROM items_versions").fetchone() or (0,)
    return store.mirror.cursor_of("a"), again, versions


async def test_a_stream_read_once_more_is_refused_days_that_it_cannot_begin_at(store: Store) -> None:
    for stream, day, said in (
        (Scripted("a"), 3, "a cannot begin at a day"),
        (Dated("a", since=NOW), 3, "nothing of a is read from before 2026-11-20"),
    ):
        (outcome,) = (await pull(store, [stream], again=Again(datetime(2026, 11, day, tzinfo=UTC)))).streams
        assert (outcome.state, outcome.exit_code, outcome.documents) == ("failed", 2, 0)
        assert said in outcome.error
    assert standing(store) == (None, [], 0)


async def test_reading_once_more_writes_only_what_differs_and_goes_on_after_a_kill(store: Store) -> None:
    stream, day = Dated("a", count=6), datetime(2026, 11, 2, tzinfo=UTC)
    await pull(store, [stream])
    with store.database.transaction() as tx:
        # As an older version left it: a column that it did not know.
        tx.execute("UPDATE items SET display_name = 'older', row_hash = 'older' WHERE item_id = '5'")
    stream.before = failing(RuntimeError("killed"), at=4)
    (killed,) = (await pull(store, [stream], again=Again(day))).streams
    assert (killed.state, killed.documents, killed.changed) == ("failed", 2, 0)
    own, ((since, position),), versions = standing(store)  # type: ignore[misc]
    assert (own, since.astimezone(UTC), position, versions) == ({"next": 6}, day, '{"next": 4}', 6)
    stream.before = None
    # An ordinary pull meanwhile goes its own way.
    assert (await pull(store, [stream])).streams[0].documents == 0
    (ended,) = (await pull(store, [stream], again=Again())).streams
    assert (ended.state, ended.documents, ended.changed) == ("done", 2, 1)
    assert stream.cursors == [None, {"next": 2}, {"next": 6}, {"next": 4}]
    assert standing(store) == ({"next": 6}, [], 7)
    # Another day, and none at all, begin anew.
    (whole,) = (await pull(store, [stream], again=Again())).streams
    assert (whole.documents, whole.changed) == (6, 0)


async def test_runs_that_a_killed_process_left_open_are_closed_once(store: Store) -> None:
    await pull(store, [Scripted("a")])
    with store.database.transaction() as tx:
        tx.execute("INSERT INTO runs VALUES ('dead', 'pull', 'a', $1, NULL, 'running', '')", [NOW])
    assert close_lost_runs(store) == 1
    assert close_lost_runs(store) == 0
    assert sorted(r[0] for r in runs(store)) == ["done", "failed"]
