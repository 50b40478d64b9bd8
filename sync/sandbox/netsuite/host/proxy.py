"""NetSuite's host names on loopback: plain HTTP and CONNECT with TLS on one port (CONTRACT §6.1).

A client that is pointed here as its HTTPS proxy, and trusts the sandbox's authority, reaches
`https://{account}.suitetalk.api.netsuite.com` unmodified: the front answers CONNECT, ends the TLS itself and hands each
request to the app's own port, with the scheme that the client used. Anything but CONNECT goes to that port as it is.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sync.sandbox.loopback import address_of, listen
from sync.sandbox.netsuite.host.http_framing import BadRequest, copy_body, read_head
from sync.sandbox.netsuite.host.tls import make_identity

__all__ = ["Proxy", "start_proxy"]

_BROKEN = (ConnectionError, ssl.SSLError, BadRequest, TimeoutError)
_HOSTS = (".suitetalk.api.netsuite.com", ".restlets.api.netsuite.com")


@dataclass(slots=True)
class Proxy:
    """A front that answers. `address` is its base URL, `authority` the PEM file that clients must trust."""

    address: str
    authority: Path
    _stop: Callable[[], None] = field(repr=False)
    _stopped: bool = False

    def stop(self) -> None:
        """Close the port and end the thread; a second call does nothing."""
        if not self._stopped:
            self._stopped = True
            self._stop()


def start_proxy(target_port: int, folder: Path | None = None) -> Proxy:
    """Start a front before the app that listens on `target_port` of loopback; its authority's PEM goes to `folder`.

    Raises:
        RuntimeError: if the front's thread ends before it listens.
    """
    identity = make_identity(folder or Path(tempfile.mkdtemp(prefix="tieout-netsuite-")))
    listening = listen(("proxy",))["proxy"]
    relay = _Relay(target_port, identity.context)
    started, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncio.start_server(relay.meet, sock=listening)
        started.set()
        async with server:
            await relay.ended.wait()
        await relay.hang_up()

    thread = threading.Thread(
        target=lambda: loop.run_until_complete(serve()), name="tieout-netsuite-proxy", daemon=True
    )
    thread.start()
    if not started.wait(10):
        raise RuntimeError("the NetSuite front's thread ended before it was up")

    def stop() -> None:
        loop.call_soon_threadsafe(relay.ended.set)
        thread.join(timeout=10)
        loop.close()

    return Proxy(address_of(listening), identity.authority, stop)


class _Relay:
    """Meets clients and passes their requests on."""

    def __init__(self, target_port: int, context: ssl.SSLContext) -> None:
        self._target_port, self._context = target_port, context
        self.ended = asyncio.Event()
        self._visits: set[asyncio.Task[None]] = set()

    async def hang_up(self) -> None:
        """End the visits that are still going on."""
        for visit in list(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes it."""
        visit = asyncio.current_task()
        if visit is not None:
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)
        try:
            head = await read_head(reader)
            if head is None:
                return
            if head.startswith(b"CONNECT "):
                await self._tunnel(head, reader, writer)
            else:
                await self._relay(reader, writer, head=head, scheme=None)
        except _BROKEN:
            # A client or a fault has cut the connection; closing ours is all the answer there is.
            writer.transport.abort()
        except asyncio.CancelledError:
            # `hang_up` ends visits so; nobody waits for this one any more.
            if not self.ended.is_set():
                raise
        finally:
            writer.close()

    async def _tunnel(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = head.split(b" ", 2)[1].partition(b":")[0].decode("latin-1").lower()
        if not host.endswith(_HOSTS) and host != "localhost":
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._context, ssl_handshake_timeout=20)
        await self._relay(reader, writer, head=None, scheme=b"https")

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, head: bytes | None, scheme: bytes | None
    ) -> None:
        """Pass requests on and answers back; `head` is that of a request which was read already."""
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        try:
            await _first_to_end(
                _pass_requests(reader, their_writer, head, scheme),
                _pass_answers(their_reader, writer),
            )
        finally:
            their_writer.close()


async def _pass_requests(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes | None, scheme: bytes | None
) -> None:
    while True:
        if head is None:
            head = await read_head(reader)
        if head is None:
            return
        # The app builds its links and checks signatures with the scheme that the client has used.
        extra = b"X-Forwarded-Proto: " + scheme + b"\r\n" if scheme else b""
        writer.write(head[:-2] + extra + b"\r\n")
        await writer.drain()
        await copy_body(head, reader, writer)
        head = None


async def _pass_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(64 * 1024):
        writer.write(part)
        await writer.drain()


async def _first_to_end(*directions: Awaitable[None]) -> None:
    """Run both directions until one has ended, and end the other.

    Raises:
        ConnectionError: or whatever has broken the direction that ended first.
    """
    tasks = [asyncio.ensure_future(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        for task in tasks:
            if task not in ended:
                with suppress(asyncio.CancelledError, *_BROKEN):
                    await task
    for task in ended:
        await task
