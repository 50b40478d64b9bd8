"""Documents into the mirror: what is new or changed becomes the current row and a version, the rest writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import duckdb

from sync.mirror.entities import Entity, fields_of
from sync.mirror.places import write_places
from sync.mirror.staging import stage
from sync.streams import Document

__all__ = ["merge", "next_version"]

_META = ("version", "row_hash", "source_updated_at", "observed_at", "page_id", "page_ordinal")


def next_version(tx: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of the next version of an entity's table."""
    row = tx.execute(f"SELECT coalesce(max(version), 0) + 1 FROM {table}_versions").fetchone()  # noqa: S608 - our names
    assert row is not None
    return int(row[0])


def merge(
    tx: duckdb.DuckDBPyConnection, entity: Entity, documents: Sequence[tuple[Document, int | None]], now: datetime
) -> int:
    """Write the documents that are new or changed into the current table and the history; return how many."""
    newest = _newest_of_each(entity, documents)
    _stage_incoming(tx, entity, newest, next_version(tx, entity.table), now)
    known, left_out = _known(tx, entity)
    if len(left_out) == len(newest):
        return 0
    if left_out:
        for table in ("incoming", *(["incoming_lines"] if entity.lines else [])):
            tx.execute(f"DELETE FROM temp.{table} WHERE document IN (SELECT unnest($1::BIGINT[]))", [left_out])  # noqa: S608
    _write_incoming(tx, entity, replaces=known > len(left_out))
    write_places(tx, entity)
    return len(newest) - len(left_out)


def _newest_of_each(
    entity: Entity, documents: Sequence[tuple[Document, int | None]]
) -> Sequence[tuple[Document, int | None]]:
    """Return the documents, of several with one key the one that the vendor changed last, else the one read last."""
    key_of = attrgetter(*entity.key)
    place_of: dict[Any, int] = {}
    for n, (document, _) in enumerate(documents):
        key = key_of(document.record)
        held = place_of.setdefault(key, n)
        if held != n and not _is_older(entity, document, documents[held][0]):
            place_of[key] = n
    if len(place_of) == len(documents):
        return documents
    return [documents[n] for n in sorted(place_of.values())]


def _is_older(entity: Entity, document: Document, other: Document) -> bool:
    if entity.clock is None:
        return False
    changed, others = (getattr(d.record, entity.clock) for d in (document, other))
    return others is not None and (changed is None or changed < others)


def _stage_incoming(
    tx: duckdb.DuckDBPyConnection,
    entity: Entity,
    documents: Sequence[tuple[Document, int | None]],
    first_version: int,
    now: datetime,
) -> None:
    """Make temp tables `incoming` and `incoming_lines`: the documents as they are stored if they turn out to be new."""
    version = f"{first_version:d} + document"
    lines, hashes = entity.lines, None
    if lines:
        rows = [(n, i, line) for n, (d, _) in enumerate(documents) for i, line in enumerate(d.lines)]
        numbers, places = [n for n, _, _ in rows], [i for _, i, _ in rows]
        computed = {"version": version, "line_hash": f"md5(concat_ws(chr(31), {_content(lines.record)}))"}
        stage(
            tx, "incoming_lines", lines.record, [r for _, _, r in rows], lines.keys, numbers, places, computed=computed
        )
        hashes = _line_hashes(tx, len(documents))
    said = f"{_content(entity.record)}, {'line_hashes' if lines else repr('')}"
    stage(
        tx,
        "incoming",
        entity.record,
        [d.record for d, _ in documents],
        entity.keys,
        range(len(documents)),
        [d.ordinal for d, _ in documents],
        pages=[page for _, page in documents],
        texts={"line_hashes": hashes} if hashes is not None else None,
        computed={
            "version": version,
            "observed_at": f"TIMESTAMPTZ '{now.astimezone(UTC).isoformat(sep=' ')}'",
            "source_updated_at": entity.clock or "CAST(NULL AS TIMESTAMPTZ)",
            "row_hash": f"md5(concat_ws(chr(31), {said}))",
        },
    )


def _line_hashes(tx: duckdb.DuckDBPyConnection, documents: int) -> list[str]:
    """Return the hashes of each staged document's lines, in their order, as one text."""
    found: list[list[str]] = [[] for _ in range(documents)]
    # Put together here: an aggregate that keeps an order takes several times as long as the hashing.
    ordered = tx.execute("SELECT document, line_hash FROM temp.incoming_lines ORDER BY document, page_ordinal")
    for document, line_hash in ordered.fetchall():
        found[document].append(line_hash)
    return ["".join(hashes) for hashes in found]


def _content(record: type) -> str:
    return ", ".join(f"coalesce(CAST({f.name} AS VARCHAR), chr(0))" for f in fields_of(record))


def _known(tx: duckdb.DuckDBPyConnection, entity: Entity) -> tuple[int, list[int]]:
    """Return how many of the incoming documents have a current row, and which of them bring nothing that is newer."""
    key_equal = " AND ".join(f"c.{k} = i.{k}" for k in entity.key)
    rows = tx.execute(
        f"""
        SELECT i.document, c.row_hash <> i.row_hash AND (
            i.source_updated_at IS NULL OR c.source_updated_at IS NULL OR i.source_updated_at >= c.source_updated_at)
        FROM temp.incoming i JOIN main.{entity.table} c ON {key_equal}
        """  # noqa: S608 - our own names
    ).fetchall()
    return len(rows), [document for document, is_newer in rows if not is_newer]


def _write_incoming(tx: duckdb.DuckDBPyConnection, entity: Entity, *, replaces: bool) -> None:
    """Write what is left of the incoming; `replaces`: some of it takes the place of current rows."""
    columns = ", ".join([*(f.name for f in fields_of(entity.record)), *entity.keys, *_META])
    tables = [(entity.table, "incoming", columns)]
    if lines := entity.lines:
        tables.append(
            (
                lines.table,
                "incoming_lines",
                ", ".join([*(f.name for f in fields_of(lines.record)), *lines.keys, "version"]),
            )
        )
    for table, incoming, names in tables:
        if replaces:
            same = " AND ".join(f"main.{table}.{k} = n.{k}" for k in entity.key)
            tx.execute(f"DELETE FROM main.{table} USING temp.incoming n WHERE {same}")  # noqa: S608
        for target in (table, f"{table}_versions"):
            tx.execute(f"INSERT INTO main.{target} ({names}) SELECT {names} FROM temp.{incoming}")  # noqa: S608
