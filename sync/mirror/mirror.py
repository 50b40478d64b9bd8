"""The mirror: documents of the vendors, current and every version, with how completely they were read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb

from sync.clock import Clock
from sync.mirror.archive import store_pages
from sync.mirror.entities import ENTITIES, Entity, entity_of
from sync.mirror.large_pages import read_span, read_whole
from sync.mirror.merging import merge, next_version
from sync.mirror.places import sort_places, write_places_of_version
from sync.mirror.rereads import move_reread
from sync.mirror.settlement_notes import keep_notes
from sync.records import Deletion, Settlement, SettlementLine
from sync.store.database import Database
from sync.streams import Batch, Document

__all__ = ["Committed", "Mirror"]


class CallBuffer(Protocol):
    """A call log that holds rows back until a transaction takes them along."""

    def flush(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write the rows held back so far."""
        ...


@dataclass(frozen=True, slots=True)
class Committed:
    """What one committed batch changed."""

    documents: int
    changed: int
    quarantined: int


class Mirror:
    """Writes batches in one transaction each; reads coverage, cursors and archived pages.

    One writer a stream: the engine holds a lease for each stream that it runs.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._tallies: dict[tuple[str, str], list[int]] = {}
        self.calls: CallBuffer | None = None

    def commit(self, stream: str, batch: Batch, run_id: str) -> Committed:
        """Write one batch; see `commit_all`."""
        return self.commit_all(stream, [batch], run_id)

    def commit_all(self, stream: str, batches: Sequence[Batch], run_id: str, *, again: bool = False) -> Committed:
        """Write pages, changed documents, quarantine, the last cursor and coverage of batches in order: all or nothing.

        A document whose content is known writes nothing; one that is older than what is known is left out. Several
        batches in one transaction cost little more than one. `again`: the stream is being read once more, and its own
        cursor stays where it is.
        """
        now = self._clock.now()
        with self._database.transaction() as tx:
            pages = store_pages(tx, [batch.page for batch in batches], now)
            by_entity: dict[str, list[tuple[Document, int | None]]] = {}
            for batch, page_id in zip(batches, pages, strict=True):
                for document in batch.documents:
                    by_entity.setdefault(entity_of(document.record).table, []).append((document, page_id))
            changed = sum(merge(tx, e, by_entity[e.table], now) for e in ENTITIES if e.table in by_entity)
            for document, _ in by_entity.get("settlements", ()):
                if isinstance(document.record, Settlement):
                    keep_notes(tx, document.record, document.notes, now)
            _take_away(tx, batches)
            for batch, page_id in zip(batches, pages, strict=True):
                self._quarantine(tx, stream, batch, page_id, run_id, now)
            if again:
                move_reread(tx, stream, batches[-1].cursor)
            else:
                _save_cursor(tx, stream, batches[-1].cursor, run_id, now)
            read, bad = sum(len(b.documents) for b in batches), sum(len(b.quarantined) for b in batches)
            done = Committed(read, changed, bad)
            self._cover(tx, stream, batches, run_id, now, changed)
            if self.calls is not None:
                self.calls.flush(tx)
        if changed:
            self._sort_places()
        return done

    def commit_parts(
        self,
        stream: str,
        parts: Iterable[Sequence[SettlementLine]],
        head: Callable[[], Settlement],
        path: Path,
        refuse: Callable[[duckdb.DuckDBPyConnection, Settlement, int], None] | None = None,
        notes: Callable[[], Sequence[str]] = tuple,
    ) -> Settlement:
        """Write a settlement whose lines come in parts, in order, with the file that they are of: all or nothing.

        `head` and `notes` (what the reader found out) are asked after the last part, then `refuse`, with the
        transaction in which the new version stands beside the ones before, the settlement and that version's number.
        What any of them raises leaves the mirror as it was. The stream's account is the settlement's channel.
        """
        # Loaded here: few processes store files of this size.
        from sync.mirror.settlement_parts import PartWriter

        now = self._clock.now()
        with self._database.transaction() as tx:
            version = next_version(tx, "settlements")
            writer = PartWriter(tx, version, now)
            for part in parts:
                writer.add(part)
            settlement = head()
            if refuse is not None:
                refuse(tx, settlement, version)
            writer.close(settlement, path, "text/plain")
            keep_notes(tx, settlement, notes(), now)
            write_places_of_version(tx, entity_of(settlement), version)
            _save_cursor(tx, f"{stream}@{settlement.channel}", {}, "import", now)
        self._sort_places()
        return settlement

    def _sort_places(self) -> None:
        # In a transaction of its own: of rows that the same one has written DuckDB loses count (see `places`).
        with self._database.transaction() as tx:
            sort_places(tx)

    def page_span(self, page_id: int, start: int, size: int) -> bytes | None:
        """Return bytes out of a document that is archived in pieces, None where it is in one (see `page`)."""
        with self._database.reading() as cursor:
            return read_span(cursor, page_id, start, size)

    def _cover(
        self,
        tx: duckdb.DuckDBPyConnection,
        stream: str,
        batches: Sequence[Batch],
        run_id: str,
        now: datetime,
        changed: int,
    ) -> None:
        """Count what a window has brought; where a batch ends it, enter it. Changes count for the last window."""
        last = len(batches) - 1
        for n, batch in enumerate(batches):
            tally = self._tallies.setdefault((stream, run_id), [0, 0, 0, 0])
            page = int(batch.page is not None)
            added = (page, len(batch.documents), changed if n == last else 0, len(batch.quarantined))
            for i, count in enumerate(added):
                tally[i] += count
            if batch.covered is not None:
                tx.execute(
                    "INSERT INTO coverage VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    [stream, batch.covered.start, batch.covered.end, run_id, now, *tally],
                )
                del self._tallies[stream, run_id]

    def cursor_of(self, stream: str) -> Mapping[str, object] | None:
        """Return the stream's last committed cursor, None before its first batch."""
        with self._database.reading() as cursor:
            row = cursor.execute("SELECT position FROM stream_cursors WHERE stream = $1", [stream]).fetchone()
        return None if row is None else json.loads(row[0])

    def covered_until(self, stream: str, cursor: duckdb.DuckDBPyConnection | None = None) -> datetime | None:
        """Return the end of the unbroken run of windows that the stream has read, None for none.

        With a cursor it is what that cursor sees (after `as_of`: what had been read by then).
        """
        with self._database.reading() if cursor is None else nullcontext(cursor) as reader:
            row = reader.execute(
                """
                WITH walked AS (
                    SELECT window_start, window_end, max(window_end) OVER (
                        ORDER BY window_start, window_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                    ) AS reached
                    FROM coverage WHERE stream = $1
                )
                SELECT coalesce(min(reached) FILTER (WHERE window_start > reached), max(window_end)) FROM walked
                """,
                [stream],
            ).fetchone()
        return row[0].astimezone(UTC) if row and row[0] else None

    def page(self, page_id: int) -> tuple[str, bytes] | None:
        """Return an archived response: (content type, bytes as received)."""
        with self._database.reading() as cursor:
            return read_whole(cursor, page_id)

    def as_of(self, cursor: duckdb.DuckDBPyConnection, at: datetime) -> None:
        """Make this cursor read every mirrored table, and coverage, as at `at` (temporary views hide the others)."""
        moment = at.astimezone(UTC).isoformat(sep=" ")
        # The catalog is named: a temporary view would find itself under the plain name.
        catalog = cursor.execute("SELECT current_catalog()").fetchone()
        assert catalog is not None
        cursor.execute(
            f'CREATE OR REPLACE TEMP VIEW coverage AS SELECT * FROM "{catalog[0]}".main.coverage'  # noqa: S608
            f" WHERE completed_at <= TIMESTAMPTZ '{moment}'"
        )
        for entity in ENTITIES:
            key = ", ".join(entity.key)
            alive = _not_deleted(entity, moment) if entity.deletable else ""
            cursor.execute(
                f"""
                CREATE OR REPLACE TEMP VIEW {entity.table} AS
                SELECT * FROM main.{entity.table}_versions AS seen WHERE observed_at <= TIMESTAMPTZ '{moment}'{alive}
                QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY observed_at DESC, version DESC) = 1
                """  # noqa: S608 - our own names and a formatted time
            )
            if entity.lines:
                cursor.execute(
                    f"""
                    CREATE OR REPLACE TEMP VIEW {entity.lines.table} AS
                    SELECT lines.* FROM main.{entity.lines.table}_versions AS lines
                    JOIN temp.main.{entity.table} AS parents USING (version)
                    """  # noqa: S608
                )

    def _quarantine(
        self,
        tx: duckdb.DuckDBPyConnection,
        stream: str,
        batch: Batch,
        page_id: int | None,
        run_id: str,
        now: datetime,
    ) -> None:
        for bad in batch.quarantined:
            known = tx.execute(
                "SELECT 1 FROM quarantine WHERE stream = $1 AND document_key = $2 AND reason = $3"
                " AND cleared_at IS NULL",
                [stream, bad.key, bad.reason],
            ).fetchone()
            if known is None:
                tx.execute(
                    "INSERT INTO quarantine VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
                    [stream, bad.key, bad.reason, page_id, bad.ordinal, now, run_id],
                )


def _take_away(tx: duckdb.DuckDBPyConnection, batches: Sequence[Batch]) -> None:
    """Remove the current rows of what the ERP says it has deleted; their versions stay."""
    gone: dict[str, list[str]] = {}
    for document in (d for b in batches for d in b.documents):
        if isinstance(document.record, Deletion):
            gone.setdefault(document.record.entity, []).append(document.record.record_id)
    for entity in ENTITIES:
        if not entity.deletable or entity.table not in gone:
            continue
        for table in (entity.table, *([entity.lines.table] if entity.lines else [])):
            tx.execute(
                f"DELETE FROM main.{table} WHERE list_contains($1, {entity.key[0]})",  # noqa: S608 - our own names
                [gone[entity.table]],
            )


def _not_deleted(entity: Entity, moment: str) -> str:
    """Return a condition that leaves out what had been deleted by `moment`, unless it was seen again since."""
    return f"""
                AND NOT EXISTS (
                    SELECT 1 FROM main.deletions_versions AS gone
                    WHERE gone.entity = '{entity.table}' AND gone.record_id = seen.{entity.key[0]}
                        AND gone.observed_at <= TIMESTAMPTZ '{moment}' AND gone.observed_at >= seen.observed_at)"""  # noqa: S608 - our own names and a formatted time


def _save_cursor(
    tx: duckdb.DuckDBPyConnection, stream: str, position: Mapping[str, object], run_id: str, now: datetime
) -> None:
    said = json.dumps(position, default=str)
    updated = tx.execute(
        "UPDATE stream_cursors SET position = $2, saved_at = $3, run_id = $4 WHERE stream = $1",
        [stream, said, now, run_id],
    ).fetchone()
    if updated == (0,):
        tx.execute("INSERT INTO stream_cursors VALUES ($1, $2, $3, $4)", [stream, said, now, run_id])
