"""Response pages as received: compressed, stored once, addressed by hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

import duckdb
import zstandard

from sync.streams import RawPage

__all__ = ["read_page", "store_page"]


def store_page(cursor: duckdb.DuckDBPyConnection, page: RawPage, seen: datetime, next_id: int) -> int:
    """Store the page unless its bytes are there already; returns the id of the page that holds them."""
    digest = hashlib.sha256(page.body).hexdigest()
    known = cursor.execute("SELECT page_id FROM pages WHERE sha256 = $1", [digest]).fetchone()
    if known:
        return int(known[0])
    packed = zstandard.ZstdCompressor(level=3).compress(page.body)
    cursor.execute(
        "INSERT INTO pages (page_id, sha256, content_type, size, body, first_seen) VALUES ($1, $2, $3, $4, $5, $6)",
        [next_id, digest, page.content_type, len(page.body), packed, seen],
    )
    return next_id


def read_page(cursor: duckdb.DuckDBPyConnection, page_id: int) -> tuple[str, bytes] | None:
    """Return (content type, bytes as received), None where there is no such page."""
    row = cursor.execute("SELECT content_type, body, size FROM pages WHERE page_id = $1", [page_id]).fetchone()
    if row is None:
        return None
    return str(row[0]), zstandard.ZstdDecompressor().decompress(row[1], max_output_size=int(row[2]) or 1)
