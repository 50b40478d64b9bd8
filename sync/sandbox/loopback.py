"""Serves ASGI apps on loopback ports from one background thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

__all__ = ["address_of", "listen", "run"]

_HOST = "127.0.0.1"
#: Seconds that a request which is being answered has when the servers are stopped.
_GRACE_S = 1.0


def listen(names: Sequence[str], port: int = 0) -> dict[str, socket.socket]:
    """Return a listening socket for each name: any free ports, or a row of them from `port` on.

    Raises:
        OSError: if a port is taken; none stays open then.
    """
    bound: dict[str, socket.socket] = {}
    try:
        for index, name in enumerate(names):
            # The protocol is named, for asyncio only then switches Nagle's delay off (40 ms a call on loopback).
            server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            bound[name] = server
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((_HOST, port + index if port else 0))
            server.listen(128)
    except OSError:
        for opened in bound.values():
            opened.close()
        raise
    return bound


def address_of(listening: socket.socket) -> str:
    """Return the base URL of a listening socket, without a trailing slash."""
    return f"http://{_HOST}:{listening.getsockname()[1]}"


def run(apps: Mapping[str, tuple[ASGIApp, socket.socket]]) -> Callable[[], None]:
    """Serve each app on its socket from one thread; return what stops them and closes the sockets.

    Raises:
        RuntimeError: if the thread ends before the apps answer.
    """
    servers = []
    for app, _ in apps.values():
        # Failures must not print into a terminal that a console is drawing on.
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        servers.append(_Server(config))
    sockets = [listening for _, listening in apps.values()]

    loops: list[asyncio.AbstractEventLoop] = []

    async def everything() -> None:
        loops.append(asyncio.get_running_loop())
        await asyncio.gather(*(s.serve(sockets=[x]) for s, x in zip(servers, sockets, strict=True)))

    thread = threading.Thread(target=lambda: asyncio.run(everything()), name="tieout-sandbox", daemon=True)
    thread.start()
    _wait_until_up(servers, thread)

    def end() -> None:
        for server in servers:
            server.end()

    def stop() -> None:
        if thread.is_alive():
            loops[0].call_soon_threadsafe(end)
            thread.join(timeout=10)
        for listening in sockets:
            listening.close()

    return stop


class _Server(uvicorn.Server):
    """Ends as soon as it is told; uvicorn's own looks for it every tenth of a second, and for open connections too."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Stop serving. To be called in the loop's thread."""
        self.should_exit = True
        self._ended.set()

    async def main_loop(self) -> None:
        # The first of uvicorn's ticks writes the date that answers carry; it is right to the second.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        loop = asyncio.get_running_loop()
        patience = loop.time() + _GRACE_S
        while (self.server_state.connections or self.server_state.tasks) and loop.time() < patience:
            await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()


def _wait_until_up(servers: list[_Server], thread: threading.Thread) -> None:
    """Return when all servers have started; the sockets listen already, so no call is lost before."""
    pause = threading.Event()
    while not all(s.started for s in servers):
        if not thread.is_alive():
            raise RuntimeError("the sandbox's thread ended before it was up")
        pause.wait(0.005)
