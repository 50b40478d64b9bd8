"""The same over real HTTP on loopback: bytes on the wire, lost answers, compressed and broken ones."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from sync.errors import InDoubt, Transient
from sync.transport import Call, MemoryCallLog, RetrySettings

Answer = Callable[[bytes], bytes | None]


@asynccontextmanager
async def listening(answer: Answer, *, hang_up: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve on loopback; `answer` gets head and body of a request and returns the bytes to send, None to hang up."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length")), 0
                )
                request = head + await reader.readexactly(length)
                seen.append(request)
                sent = answer(request)
                if sent is None:
                    return
                writer.write(sent)
                await writer.drain()
                if hang_up:
                    return
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api", seen
        server.close()


def ok(body: bytes = b"{}", *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_a_write_whose_answer_is_lost_is_in_doubt_and_was_sent_once(client_of):
    committed = []

    def commit_and_hang_up(request: bytes) -> None:
        committed.append(request)

    async with listening(commit_and_hang_up) as (url, _), client_of(base_url=url) as client:
        with pytest.raises(InDoubt):
            await client.send(Call("create", "POST", "/orders", json={"id": 1}, safe=False))
    assert len(committed) == 1


async def test_a_read_whose_answer_is_lost_is_sent_again(client_of):
    answers = [None, ok(b'{"a": 1}')]
    async with listening(lambda _: answers.pop(0)) as (url, seen), client_of(base_url=url) as client:
        assert (await client.send(Call("read", "GET", "/orders"))).json() == {"a": 1}
    assert len(seen) == 2


async def test_an_answer_cut_off_in_its_body_is_no_answer(client_of):
    cut = ok(b"{" + b" " * 99)[:-50]
    async with (
        listening(lambda _: cut, hang_up=True) as (url, seen),
        client_of(base_url=url, retry=RetrySettings(tries=2)) as client,
    ):
        with pytest.raises(Transient, match="RemoteProtocolError"):
            await client.send(Call("read", "GET", "/orders"))
    assert len(seen) == 2


async def test_a_cursor_reaches_the_wire_byte_for_byte(client_of):
    raw = "limit=10&soIndex=%2B31|[a]&x=%253D+z"
    async with listening(lambda _: ok()) as (url, seen), client_of(base_url=url) as client:
        await client.send(Call("next", "GET", "/orders", raw_query=raw))
    assert seen[0].split(b"\r\n")[0] == f"GET /api/orders?{raw} HTTP/1.1".encode()


async def test_a_compressed_answer_is_unpacked_and_its_wire_bytes_are_counted(client_of, calls: MemoryCallLog):
    packed = gzip.compress(b'{"a": "' + b"x" * 5000 + b'"}')
    async with listening(lambda _: ok(packed, "Content-Encoding: gzip")) as (url, _), client_of(base_url=url) as client:
        reply = await client.send(Call("read", "GET", "/orders"))
    assert len(reply.body) == 5009
    assert calls.records[0].bytes_in == len(packed)


async def test_an_html_page_of_a_proxy_with_503_is_a_passing_fault(client_of):
    page = b"HTTP/1.1 503 Busy\r\nContent-Length: 13\r\n\r\n<html></html>"
    answers = [page, ok()]
    async with listening(lambda _: answers.pop(0)) as (url, _), client_of(base_url=url) as client:
        assert (await client.send(Call("read", "GET", "/orders"))).status == 200


async def test_nobody_listening_is_a_passing_fault_and_leaves_no_doubt(client_of, calls: MemoryCallLog):
    async with listening(lambda _: ok()) as (url, _):
        pass
    async with client_of(base_url=url, retry=RetrySettings(tries=2)) as client:
        with pytest.raises(Transient, match="ConnectError"):
            await client.send(Call("create", "POST", "/orders", json={}, safe=False))
    assert [r.status for r in calls.records] == [None, None]


async def test_the_http_library_logs_nothing(client_of, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with listening(lambda _: ok()) as (url, _), client_of(base_url=url) as client:
        await client.send(Call("read", "GET", "/orders", query=[("apiKey", "seeded-secret-1")]))
    assert "seeded-secret-1" not in caplog.text
    assert not [r for r in caplog.records if r.name.startswith(("httpx", "httpcore"))]
