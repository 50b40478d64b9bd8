"""Starts the sandbox: three vendors and an admin app on loopback, in one background thread.

    running = Sandbox(seed=7, now=datetime(2026, 11, 20, 9, tzinfo=UTC)).start()
    running.amazon, running.amazon_auth, running.walmart, running.netsuite, running.admin   # base URLs
    running.stop()

`serve` is what the command uses: it prints one JSON line and stays until SIGTERM or SIGINT.
"""

from __future__ import annotations

import gc
import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, TextIO, cast

from starlette.types import ASGIApp

from sync.absent import remember_absence
from sync.sandbox.admin import Controls, admin_app
from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.call_log import CallLog, logged
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials, walmart_credentials, write_credentials
from sync.sandbox.faults import Faults, parse_fault
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.netsuite.app import netsuite_app
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.host.proxy import Proxy, start_proxy
from sync.sandbox.netsuite.login.auth import make_credentials
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.profiles import arm, find_profile
from sync.sandbox.walmart.app import walmart_app
from sync.sandbox.world.bank import Bank
from sync.sandbox.world.build import DEFAULT_SIZE, build_world
from sync.sandbox.world.erp import fill_books
from sync.sandbox.world.model import World
from sync.sandbox.world.scenario import Scenario, load_scenario

__all__ = ["APPS", "Running", "Sandbox", "serve"]

#: The apps in the order of their ports, when a first port is given.
APPS = ("amazon", "amazon_auth", "walmart", "netsuite", "admin")
_TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"


@dataclass(slots=True)
class Running:
    """A sandbox that answers. The base URLs have no trailing slash; `credentials` is a file with mode 0600."""

    amazon: str
    amazon_auth: str
    walmart: str
    netsuite: str
    admin: str
    credentials: Path
    world: World
    books: NetSuiteBooks
    clock: SandboxClock
    faults: Faults
    calls: CallLog
    _stop: Callable[[], None] = field(repr=False)
    _stopped: bool = False
    _front: Proxy | None = None

    def addresses(self) -> dict[str, str]:
        """Return what `tieout sandbox` prints: base URL by app, and the path of the credentials file."""
        return {name: getattr(self, name) for name in APPS} | {"credentials": str(self.credentials)}

    def netsuite_proxy(self) -> Proxy:
        """Return the front that serves NetSuite's own host names by CONNECT and TLS; the first call starts it.

        Its address and its authority's PEM file stand in the credentials file from then on.
        """
        if self._front is None:
            folder = self.credentials.parent
            self._front = start_proxy(int(self.netsuite.rpartition(":")[2]), folder)
            document = json.loads(self.credentials.read_text(encoding="utf-8"))
            document["netsuite"] |= {"proxy": self._front.address, "authority": str(self._front.authority)}
            write_credentials(folder, document)
        return self._front

    def stop(self) -> None:
        """Close the ports and end the thread; a second call does nothing."""
        if not self._stopped:
            self._stopped = True
            if self._front is not None:
                self._front.stop()
            self._stop()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Sandbox:
    """What to build and how to serve it; nothing happens before `start`."""

    def __init__(
        self,
        *,
        seed: int = 7,
        now: datetime | None = None,
        size: int = DEFAULT_SIZE,
        limits: bool = True,
        port: int = 0,
        directory: Path | None = None,
        scenario: Scenario | None = None,
        settings: AccountSettings | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`port` 0 takes any free ports, else five in a row from it (see APPS); `now` defaults to the real time.

        The sandbox's time runs with `ticks`, in seconds; a constant makes it stand still until it is moved.
        """
        self._seed, self._size, self._limits, self._port = seed, size, limits, port
        self._now, self._runs_from = now or datetime.now(UTC), None if now else ticks()
        self._directory, self._scenario = directory, scenario
        self._settings, self._ticks = settings or AccountSettings(), ticks

    def start(self, faults: Sequence[str] = ()) -> Running:
        """Build the world, bind the ports and return once every app answers.

        `faults` are names of profiles, or faults as the command line writes them (`amazon.throttle:0.05`); they are
        armed before the first call can come.

        Raises:
            OSError: if a port is taken.
            ValueError: if a profile or fault is unknown.
        """
        world = build_world(seed=self._seed, now=self._now, size=self._size)
        clock, armed, calls = SandboxClock(self._now, self._ticks), Faults(self._seed), CallLog()
        if self._runs_from is not None:
            # A large world takes minutes to build; who asks by the machine's time must not be ahead of ours then.
            clock.advance(self._ticks() - self._runs_from)
        self._settings.limits_enabled = self._limits
        books = NetSuiteBooks(clock, self._settings, self._seed)
        scenario = self._scenario or load_scenario()
        fill_books(world, books, scenario)
        document = self._credentials()
        logins = cast("Mapping[str, Mapping[str, str]]", document)
        amazon, auth, amazon_limits = amazon_apps(world, clock, self._limits, logins["amazon"], armed)
        walmart = walmart_app(world, clock, self._limits, logins["walmart"], armed)
        netsuite = netsuite_app(books, clock, self._settings, document["netsuite"], armed)

        def set_limits(enabled: bool) -> None:
            amazon_limits.enabled = enabled
            self._settings.limits_enabled = enabled
            _set_walmart_limits(walmart, enabled)

        controls = Controls(world, books, clock, armed, calls, set_limits, Bank(world, scenario))
        admin = _admin(controls, faults)
        vendors: dict[str, ASGIApp] = {"amazon": amazon, "amazon_auth": auth, "walmart": walmart, "netsuite": netsuite}
        apps = {name: logged(app, name, calls, clock) for name, app in vendors.items()} | {"admin": admin}
        listening = listen(APPS, self._port)
        urls = {name: address_of(place) for name, place in listening.items()}
        document["amazon"]["token_url"] = f"{urls['amazon_auth']}/auth/o2/token"
        document["netsuite"]["token_url"] = urls["netsuite"] + _TOKEN_PATH
        stop = run({name: (apps[name], listening[name]) for name in APPS})
        return Running(
            amazon=urls["amazon"],
            amazon_auth=urls["amazon_auth"],
            walmart=urls["walmart"],
            netsuite=urls["netsuite"],
            admin=urls["admin"],
            credentials=write_credentials(
                self._directory or Path(tempfile.mkdtemp(prefix="tieout-sandbox-")), document
            ),
            world=world,
            books=books,
            clock=clock,
            faults=armed,
            calls=calls,
            _stop=stop,
        )

    def _folder(self) -> Path:
        return self._directory or Path(tempfile.mkdtemp(prefix="tieout-sandbox-"))

    def _credentials(self) -> dict[str, dict[str, Any]]:
        return {
            "amazon": dict(amazon_credentials(self._seed)),
            "walmart": dict(walmart_credentials(self._seed)),
            "netsuite": dict(make_credentials(self._settings, seed=self._seed)),
        }


def _admin(controls: Controls, faults: Sequence[str]) -> ASGIApp:
    """Return the admin app, with profiles (by name) and faults (as the command line writes them) armed already."""
    for text in faults:
        if "." in text:
            controls.faults.add(parse_fault(text))
        else:
            arm(find_profile(text), controls)
    return admin_app(controls)


def _set_walmart_limits(app: ASGIApp, enabled: bool) -> None:
    """Switch the Walmart app's limits, which it keeps in its own state."""
    limits = getattr(getattr(app, "state", None), "limits", None)
    if limits is None:
        raise ValueError("the Walmart app shows no limits to switch")
    limits.enabled = enabled


def serve(
    *,
    seed: int = 7,
    port: int = 0,
    now: datetime | None = None,
    size: int = DEFAULT_SIZE,
    limits: bool = True,
    directory: Path | None = None,
    faults: Sequence[str] = (),
    out: TextIO | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; print one JSON line with the base URLs and the credentials file.

    `faults` are armed from the start (see `Sandbox.start`). Must run in the main thread, because only it receives
    signals.

    Raises:
        OSError: if a port is taken.
        ValueError: if a profile or fault is unknown.
    """
    ended = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    sandbox = Sandbox(seed=seed, port=port, now=now, size=size, limits=limits, directory=directory)
    try:
        # Parts of it read with DuckDB, which asks for pandas with every parameter.
        remember_absence("pandas")
        with sandbox.start(faults) as running:
            # The world is many objects that stay: a collector that walks them all stops an answer for their number.
            gc.collect()
            gc.freeze()
            stream = out or sys.stdout
            stream.write(json.dumps(running.addresses()) + "\n")
            stream.flush()
            ended.wait()
    finally:
        gc.unfreeze()
        for number, handler in before.items():
            signal.signal(number, handler)
