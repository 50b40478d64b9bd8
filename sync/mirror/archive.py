"""Response pages as received: compressed, stored once, addressed by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import duckdb
import zstandard

from sync.streams import RawPage

__all__ = ["read_page", "store_pages"]

#: Pages that one statement writes; a page is some hundred kilobytes.
_ROWS_AT_ONCE = 16


def store_pages(cursor: duckdb.DuckDBPyConnection, pages: Sequence[RawPage | None], seen: datetime) -> list[int | None]:
    """Store each page unless its bytes are there already; returns the id of the page that holds them, in order."""
    digests = [hashlib.sha256(page.body).hexdigest() if page else None for page in pages]
    if not any(digests):
        return [None] * len(pages)
    held: dict[str, int] = dict(
        cursor.execute(
            "SELECT sha256, page_id FROM pages WHERE sha256 IN (SELECT unnest($1::VARCHAR[]))",
            [[d for d in digests if d]],
        ).fetchall()
    )
    last = cursor.execute("SELECT coalesce(max(page_id), 0) FROM pages").fetchone()
    assert last is not None
    rows: list[list[object]] = []
    for page, digest in zip(pages, digests, strict=True):
        if page is not None and digest is not None and digest not in held:
            held[digest] = int(last[0]) + len(rows) + 1
            packed = zstandard.ZstdCompressor(level=1).compress(page.body)
            rows.append([held[digest], digest, page.content_type, len(page.body), packed, seen])
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        _insert(cursor, rows[begin : begin + _ROWS_AT_ONCE])
    return [held[d] if d else None for d in digests]


def _insert(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[object]]) -> None:
    places = iter(range(1, len(rows) * len(rows[0]) + 1))
    values = ", ".join("(" + ", ".join(f"${next(places)}" for _ in row) + ")" for row in rows)
    cursor.execute(
        f"INSERT INTO pages (page_id, sha256, content_type, size, body, first_seen) VALUES {values}",  # noqa: S608 - numbers only
        [value for row in rows for value in row],
    )


def read_page(cursor: duckdb.DuckDBPyConnection, page_id: int) -> tuple[str, bytes] | None:
    """Return (content type, bytes as received), None where there is no such page."""
    row = cursor.execute("SELECT content_type, body, size FROM pages WHERE page_id = $1", [page_id]).fetchone()
    if row is None:
        return None
    return str(row[0]), zstandard.ZstdDecompressor().decompress(row[1], max_output_size=int(row[2]) or 1)
