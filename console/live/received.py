"""Documents as they were received, read without unpacking more of them than is asked for."""

from __future__ import annotations

import gzip
import zipfile
from contextlib import contextmanager
from io import BytesIO
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LONGEST_LINE", "line_at", "start_of"]

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
LONGEST_LINE = 65_536


@contextmanager
def _opened(body: bytes) -> Iterator[IO[bytes] | BytesIO]:
    """Open a document for reading: plain, gzip, or the first file of a zip."""
    if body.startswith(_GZIP):
        with gzip.open(BytesIO(body)) as unpacked:
            yield unpacked  # type: ignore[misc]
    elif body.startswith(_ZIP):
        with zipfile.ZipFile(BytesIO(body)) as archive, archive.open(archive.namelist()[0]) as unpacked:
            yield unpacked
    else:
        yield BytesIO(body)


def line_at(body: bytes, offset: int, encoding: str) -> str:
    """Return the line that begins at this byte of the unpacked document; empty where the document ends before it."""
    try:
        with _opened(body) as document:
            document.seek(offset)
            return document.readline(LONGEST_LINE).rstrip(b"\r\n").decode(encoding, errors="replace")
    except (OSError, EOFError, zipfile.BadZipFile) as broken:
        return f"the document cannot be unpacked: {broken}"


def start_of(body: bytes, most: int) -> bytes:
    """Return at most so many bytes from the start of the unpacked document."""
    with _opened(body) as document:
        return document.read(most)
