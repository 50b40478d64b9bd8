"""Runs streams: in the order of their dependencies, one writer a stream, with progress and cancel."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import structlog

from sync.again import Again, begin
from sync.ahead import few_collections
from sync.errors import Cancelled, TieoutError
from sync.gathering import gathered
from sync.mirror.places import sort_places
from sync.mirror.rereads import finish_reread
from sync.store.store import Store
from sync.streams import Stream

__all__ = ["PullProgress", "Pulled", "StreamOutcome", "close_lost_runs", "close_run", "outcome_lines", "pull"]

_log = structlog.get_logger("tieout.engine")

_LEASES: set[str] = set()
_LEASES_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far one stream is; `expected` is None where the vendor does not say."""

    stream: str
    documents: int
    changed: int
    expected: int | None
    note: str


@dataclass(frozen=True, slots=True)
class StreamOutcome:
    """How one stream ended."""

    stream: str
    state: Literal["done", "failed", "cancelled", "skipped", "busy"]
    documents: int = 0
    changed: int = 0
    quarantined: int = 0
    error: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Pulled:
    """How a pull ended: one outcome a stream."""

    run_id: str
    streams: tuple[StreamOutcome, ...] = field(default_factory=tuple)

    @property
    def failed(self) -> tuple[StreamOutcome, ...]:
        """Return the streams that did not finish."""
        return tuple(s for s in self.streams if s.state in ("failed", "skipped", "busy"))


async def pull(
    store: Store,
    streams: Sequence[Stream],
    *,
    progress: Callable[[PullProgress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    run_id: str | None = None,
    again: Again | None = None,
) -> Pulled:
    """Bring every stream up to now. One stream's failure stops only what depends on it.

    `again`: read what is there already once more, from a moment on.
    """
    run = run_id or uuid.uuid4().hex[:12]
    until = store.clock.now()
    _open_run(store, run, "pull" if again is None else "pull again", ", ".join(s.name for s in streams), until)
    ends: dict[str, asyncio.Future[StreamOutcome]] = {}
    loop = asyncio.get_running_loop()
    for stream in streams:
        ends[stream.name] = loop.create_future()

    async def one(stream: Stream) -> None:
        needed = [ends[name] for name in stream.depends_on if name in ends]
        before = await asyncio.gather(*needed)
        if is_cancelled():
            # Also what waited for a stream that was cancelled: it is no failure.
            outcome = StreamOutcome(stream.name, "cancelled", error="cancelled before it began")
        elif any(o.state != "done" for o in before):
            outcome = StreamOutcome(stream.name, "skipped", error="a stream that it depends on did not finish")
        else:
            outcome = await _run_stream(store, stream, until, run, progress, is_cancelled, again)
        ends[stream.name].set_result(outcome)

    with few_collections():
        await asyncio.gather(*(one(s) for s in streams))
    outcomes = tuple(ends[s.name].result() for s in streams)
    state = "cancelled" if is_cancelled() else "failed" if any(o.state == "failed" for o in outcomes) else "done"
    note = "; ".join(f"{o.stream}: {o.error}" for o in outcomes if o.error)
    close_run(store, run, state, note)
    return Pulled(run, outcomes)


async def _run_stream(
    store: Store,
    stream: Stream,
    until: datetime,
    run_id: str,
    progress: Callable[[PullProgress], None],
    is_cancelled: Callable[[], bool],
    again: Again | None,
) -> StreamOutcome:
    if not _take_lease(stream.name, store.database.path):
        return StreamOutcome(stream.name, "busy", error="another pull of this stream is running")
    so_far = StreamOutcome(stream.name, "done")
    try:
        cursor = store.mirror.cursor_of(stream.name) if again is None else begin(store, stream, again)
        batches = stream.pull(cursor, until)
        async with aclosing(gathered(batches)) as ready:
            async for some in ready:
                committed = await asyncio.to_thread(
                    store.mirror.commit_all, stream.name, some, run_id, again=again is not None
                )
                so_far = replace(
                    so_far,
                    documents=so_far.documents + committed.documents,
                    changed=so_far.changed + committed.changed,
                    quarantined=so_far.quarantined + committed.quarantined,
                )
                last = some[-1]
                progress(PullProgress(stream.name, so_far.documents, so_far.changed, last.expected, last.note))
                if is_cancelled():
                    return replace(so_far, state="cancelled", error="cancelled; what was read is kept")
        if again is not None:
            with store.database.transaction() as tx:
                finish_reread(tx, stream.name)
    except Cancelled as error:
        return replace(so_far, state="cancelled", error=str(error))
    except TieoutError as error:
        return replace(so_far, state="failed", error=str(error), exit_code=error.exit_code)
    except Exception as error:  # noqa: BLE001 - one stream's fault must not stop the others; it is shown and logged
        _log.exception("stream_failed", stream=stream.name)
        return replace(so_far, state="failed", error=f"our bug: {type(error).__name__}: {error}", exit_code=4)
    finally:
        _give_lease(stream.name, store.database.path)
    return so_far


def _take_lease(stream: str, path: str) -> bool:
    with _LEASES_LOCK:
        if f"{path}:{stream}" in _LEASES:
            return False
        _LEASES.add(f"{path}:{stream}")
        return True


def _give_lease(stream: str, path: str) -> None:
    with _LEASES_LOCK:
        _LEASES.discard(f"{path}:{stream}")


def _open_run(store: Store, run_id: str, kind: str, subject: str, at: datetime) -> None:
    with store.database.transaction() as tx:
        tx.execute("INSERT INTO runs VALUES ($1, $2, $3, $4, NULL, 'running', '')", [run_id, kind, subject, at])


def close_run(store: Store, run_id: str, state: str, note: str) -> None:
    """Write how a run ended, with the calls that are still held in memory."""
    with store.database.transaction() as tx:
        tx.execute(
            "UPDATE runs SET finished_at = $1, state = $2, note = $3 WHERE run_id = $4",
            [store.clock.now(), state, note, run_id],
        )
        if store.mirror.calls is not None:
            store.mirror.calls.flush(tx)
        sort_places(tx, share=0.1)


def close_lost_runs(store: Store) -> int:
    """Close the runs that a killed process left open; returns how many. Only who has just opened the store may."""
    with store.database.transaction() as tx:
        left = tx.execute(
            "UPDATE runs SET state = 'failed', finished_at = $1, note = 'the program stopped before it was finished'"
            " WHERE state = 'running' RETURNING run_id",
            [store.clock.now()],
        ).fetchall()
    return len(left)


def outcome_lines(pulled: Pulled) -> list[Mapping[str, object]]:
    """Return one JSON-able line a stream."""
    return [
        {
            "stream": o.stream,
            "state": o.state,
            "documents": o.documents,
            "changed": o.changed,
            "quarantined": o.quarantined,
            **({"error": o.error} if o.error else {}),
        }
        for o in pulled.streams
    ]
