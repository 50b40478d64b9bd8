"""Documents too large for one row of the archive: kept in pieces behind a page that lists them.

The pieces are pages of their own, each compressed and addressed by its hash; the listing page is what a record points
to. Reading from an offset unpacks only the pieces that it lies in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import duckdb

from sync.mirror.archive import read_page, store_pages
from sync.streams import RawPage

__all__ = ["read_span", "read_whole", "store_large"]

#: Content type of a page that lists pieces: `{"content_type", "size", "sha256", "pieces": [[page, first byte, size]]}`.
_LISTING = "application/vnd.tieout.pieces+json"
_PIECE_BYTES = 32_000_000


def store_large(cursor: duckdb.DuckDBPyConnection, file: BinaryIO, content_type: str, seen: datetime) -> int:
    """Store what a file holds from where it stands, piece by piece; returns the id of the listing page."""
    pieces: list[list[int]] = []
    digest, at = hashlib.sha256(), 0
    while body := file.read(_PIECE_BYTES):
        digest.update(body)
        pieces.append([_store(cursor, RawPage(body, content_type), seen), at, len(body)])
        at += len(body)
    listing = {"content_type": content_type, "size": at, "sha256": digest.hexdigest(), "pieces": pieces}
    return _store(cursor, RawPage(json.dumps(listing).encode(), _LISTING), seen)


def _store(cursor: duckdb.DuckDBPyConnection, page: RawPage, seen: datetime) -> int:
    (page_id,) = store_pages(cursor, [page], seen)
    assert page_id is not None
    return page_id


def read_whole(cursor: duckdb.DuckDBPyConnection, page_id: int) -> tuple[str, bytes] | None:
    """Return (content type, bytes as received) of any page, its pieces put together; None: there is no such page."""
    found = read_page(cursor, page_id)
    if found is None or found[0] != _LISTING:
        return found
    listing = json.loads(found[1])
    return str(listing["content_type"]), b"".join(_bodies(cursor, listing["pieces"]))


def read_span(cursor: duckdb.DuckDBPyConnection, page_id: int, start: int, size: int) -> bytes | None:
    """Return `size` bytes from `start` of a document that is kept in pieces (fewer at its end).

    None: the page is no listing, or there is no such page.
    """
    found = read_page(cursor, page_id)
    if found is None or found[0] != _LISTING:
        return None
    pieces = [p for p in json.loads(found[1])["pieces"] if p[1] < start + size and p[1] + p[2] > start]
    if not pieces:
        return b""
    begin = start - pieces[0][1]
    return b"".join(_bodies(cursor, pieces))[begin : begin + size]


def _bodies(cursor: duckdb.DuckDBPyConnection, pieces: list[list[int]]) -> Iterator[bytes]:
    for page_id, _, size in pieces:
        found = read_page(cursor, page_id)
        if found is None or len(found[1]) != size:
            raise ValueError(f"page {page_id} of the archive is not the piece that it should be")
        yield found[1]
