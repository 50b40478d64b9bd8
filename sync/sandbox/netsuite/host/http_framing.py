"""Where one HTTP/1.1 request ends and the next begins, for a relay that adds a header to each."""

from __future__ import annotations

import asyncio
import re

__all__ = ["BadRequest", "copy_body", "read_head"]

_LONGEST_HEAD = 64 * 1024
_CHUNK = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r\n", re.IGNORECASE)


class BadRequest(Exception):
    """What came is no HTTP/1.1 request."""


async def read_head(reader: asyncio.StreamReader) -> bytes | None:
    """Return a request's head with the empty line that ends it, None where the client has closed.

    Raises:
        BadRequest: if the head is cut off or longer than 64 KB.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise BadRequest("the head is cut off") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(f"the head is longer than {_LONGEST_HEAD} bytes") from None
    return head


async def copy_body(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy the body that belongs to a head, by its length or chunk by chunk.

    Raises:
        BadRequest: if the body is cut off or its chunks cannot be read.
    """
    try:
        if _CHUNKED.search(head):
            await _copy_chunks(reader, writer)
        elif length := _LENGTH.search(head):
            await _copy(int(length[1]), reader, writer)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise BadRequest("the body is cut off") from None


async def _copy(length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while length:
        part = await reader.readexactly(min(length, _CHUNK))
        writer.write(part)
        await writer.drain()
        length -= len(part)


async def _copy_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            raise BadRequest("a chunk has no size") from None
        if size:
            await _copy(size + 2, reader, writer)
            continue
        # The last chunk is followed by trailers, mostly none, and an empty line.
        while line != b"\r\n":
            line = await reader.readuntil(b"\r\n")
            writer.write(line)
        await writer.drain()
        return
