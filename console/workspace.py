"""One opened TIEOUT_HOME: settings, database, accounts, and the engine's thread that all calls run on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar

from sync.accounts import Accounts
from sync.again import Again
from sync.clock import Clock
from sync.engine import Pulled, PullProgress, close_lost_runs, pull
from sync.errors import StoreUnreadable
from sync.mirror.calls import StoredCallLog
from sync.outbox.drain import Drained, DrainProgress, drain
from sync.settings import Settings, load_secrets, load_settings
from sync.store.store import Store
from sync.transport import CancelToken

__all__ = ["DATABASE", "Workspace"]

T = TypeVar("T")

DATABASE = "tieout.duckdb"
_HEARING_S = 0.2


class Workspace:
    """What commands and screens work on. Methods may be called from any thread; calls to vendors share one loop."""

    def __init__(self, home: Path, clock: Clock, settings: Settings, store: Store) -> None:
        self.home, self.clock, self.settings, self.store = home, clock, settings, store
        self.calls = StoredCallLog(store.database)
        store.mirror.calls = self.calls
        self._accounts: Accounts | None = None
        self._accounts_lock, self._push_lock = threading.Lock(), threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._engine = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._engine.start()

    @classmethod
    def open(cls, home: Path, clock: Clock) -> Workspace:
        """Open the home's settings and database.

        Raises:
            BadInput: config.toml is wrong.
            StoreError: the database is in use, unreadable or newer, or the home cannot be made.
        """
        settings = load_settings(home)
        try:
            # It will hold buyers' names and addresses: nobody else's business.
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            why = f"the folder cannot be made: {error.strerror}; set TIEOUT_HOME to another"
            raise StoreUnreadable(str(home), why) from error
        store = Store.open(home / DATABASE, clock)
        try:
            close_lost_runs(store)
            return cls(home, clock, settings, store)
        except BaseException:
            store.close()
            raise

    @property
    def accounts(self) -> Accounts:
        """Return the vendor accounts; credentials are read on first use.

        Raises:
            BadInput: secrets.toml is wrong or can be read by others.
        """
        with self._accounts_lock:
            # One for all threads: two would spend two budgets of calls.
            if self._accounts is None:
                secrets = load_secrets(self.home)
                self._accounts = Accounts(self.settings, secrets, self.calls, self.clock, self._known_settlements)
            return self._accounts

    def _known_settlements(self, channel: str) -> list[str]:
        with self.store.database.reading() as cursor:
            rows = cursor.execute(
                "SELECT settlement_id FROM settlements WHERE channel = $1 ORDER BY period_end DESC", [channel]
            ).fetchall()
        return [str(r[0]) for r in rows]

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the engine's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the engine's loop and return its result; signals are heard while it runs."""
        future = self.submit(work)
        while True:
            # A wait without an end hears no Ctrl-C where the system hands signals to another thread.
            done, _ = wait([future], timeout=_HEARING_S)
            if done:
                return future.result()

    def pull(
        self,
        names: Sequence[str] = (),
        *,
        progress: Callable[[PullProgress], None] = lambda _: None,
        cancel: CancelToken | None = None,
        again: Again | None = None,
    ) -> Pulled:
        """Bring the named streams (default all) up to now, or read them once more (`again`); waits for the end.

        Raises:
            BadInput: nothing is configured or a name selects nothing.
        """
        token = cancel or CancelToken()
        streams = self.accounts.streams(names, cancel=token)
        work = pull(self.store, streams, progress=progress, is_cancelled=lambda: token.is_cancelled, again=again)
        return self.wait(work)

    def push(
        self,
        *,
        progress: Callable[[DrainProgress], None] = lambda _: None,
        cancel: CancelToken | None = None,
    ) -> Drained:
        """Send what is queued and due; waits for the end. What was sent is read back.

        One push at a time: a second one waits, then sends what the first has left.

        Raises:
            Cancelled: while waiting for another push.
        """
        token = cancel or CancelToken()
        while not self._push_lock.acquire(timeout=0.1):
            token.raise_if_cancelled("the push")
        try:
            return self._push(progress, token)
        finally:
            self._push_lock.release()

    def _push(self, progress: Callable[[DrainProgress], None], token: CancelToken) -> Drained:
        from reconcile.plan import rederive

        work = drain(
            self.store.outbox,
            self.accounts.handlers(cancel=token),
            clock=self.clock,
            rederive=lambda operation: rederive(self.store, operation),
            progress=progress,
            is_cancelled=lambda: token.is_cancelled,
            after_step=self.calls.write,
        )
        return self.wait(work)

    def pull_written(self, drained: Drained, *, cancel: CancelToken | None = None) -> None:
        """Read the streams in which the writes of a push show, so that what agrees now closes; waits for the end."""
        names = self.accounts.streams_of_written(drained.written)
        if names:
            self.pull(names, cancel=cancel)

    def close(self) -> None:
        """Close connections, write out the call log, release the database."""
        try:
            if self._accounts is not None:
                self.submit(self._accounts.close()).result(timeout=10)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._engine.join(timeout=10)
            if not self._engine.is_alive():
                self._loop.close()
            try:
                self.calls.write()
            finally:
                self.store.close()
