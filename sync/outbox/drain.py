"""Sends what was approved. Every step is stored before the next is taken, so a kill at any point loses nothing.

queued ── look ──▶ absent ── sending ── send ──▶ answered ── read back ──▶ done
   ▲        └─────▶ there ── compare ──▶ done, or failed: it exists and differs
   └── absent ── look ◀── in doubt ◀── lost answer, or a restart that finds `sending`
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sync.clock import Clock
from sync.errors import (
    Cancelled,
    Credentials,
    InDoubt,
    Rejected,
    Throttled,
    TieoutError,
    Transient,
    VendorError,
)
from sync.outbox.handlers import Found, Handler
from sync.outbox.operations import Operation, Outbox, PlannedOperation, intent_hash

__all__ = ["DrainProgress", "Drained", "drain", "recover"]

#: Backs off 30 s, 1 min, 2 min … one hour; nothing expires.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30, 3600
_AT_ONCE = 4

Rederive = Callable[[Operation], PlannedOperation | None]


@dataclass(frozen=True, slots=True)
class DrainProgress:
    """How far a drain is: operations that ended, of those that were queued."""

    done: int
    total: int
    note: str


@dataclass(slots=True)
class Drained:
    """How the operations of one drain ended, by state."""

    done: int = 0
    failed: int = 0
    held_back: int = 0
    later: int = 0
    review: int = 0
    unneeded: int = 0
    stopped: dict[str, str] = field(default_factory=dict)


def recover(outbox: Outbox) -> int:
    """Mark what a killed process left `sending` as in doubt, so that it is looked up before any repeat."""
    left = outbox.operations(states=("sending",))
    for operation in left:
        outbox.move(
            operation.operation_id,
            "in_doubt",
            step="recover",
            outcome="in doubt",
            error_kind="in doubt",
            message="the program stopped while the call was under way",
        )
    return len(left)


async def drain(
    outbox: Outbox,
    handlers: Mapping[tuple[str, str], Handler],
    *,
    clock: Clock,
    rederive: Rederive,
    progress: Callable[[DrainProgress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    after_step: Callable[[], None] = lambda: None,
) -> Drained:
    """Send every queued operation that is due, in the order of its dependencies.

    `rederive` derives an operation anew from the mirror (None: it is no longer needed). `after_step` runs after
    each finished operation (the call log is written there).
    """
    recover(outbox)
    run = _Run(outbox, handlers, clock, rederive, progress, is_cancelled, after_step)
    await run.all()
    return run.result


class _Run:
    def __init__(
        self,
        outbox: Outbox,
        handlers: Mapping[tuple[str, str], Handler],
        clock: Clock,
        rederive: Rederive,
        progress: Callable[[DrainProgress], None],
        is_cancelled: Callable[[], bool],
        after_step: Callable[[], None],
    ) -> None:
        self.outbox, self.handlers, self.clock, self.rederive = outbox, handlers, clock, rederive
        self.progress, self.is_cancelled, self.after_step = progress, is_cancelled, after_step
        self.result = Drained()
        self.ended = 0

    async def all(self) -> None:
        now = self.clock.now()
        todo = {
            o.operation_id: o
            for o in self.outbox.operations(states=("queued", "in_doubt", "answered"))
            if o.next_attempt_at is None or o.next_attempt_at <= now
        }
        total, gate = len(todo), asyncio.Semaphore(_AT_ONCE)
        while todo and not self.is_cancelled():
            ready = [o for o in todo.values() if self._is_ready(o)]
            if not ready:
                self.result.held_back += len(todo)
                break
            for operation in ready:
                del todo[operation.operation_id]
            await asyncio.gather(*(self._guarded(o, gate, total) for o in ready))

    def _is_ready(self, operation: Operation) -> bool:
        """Return whether everything that it depends on has been done (or was never needed)."""
        for identity in operation.depends_on:
            versions = self.outbox.operations(identity=identity)
            # The newest is superseded only where it was derived anew and found unneeded; a newer plan would follow it.
            if versions and versions[-1].state != "superseded" and not any(v.state == "done" for v in versions):
                return False
        return True

    async def _guarded(self, operation: Operation, gate: asyncio.Semaphore, total: int) -> None:
        async with gate:
            if self.is_cancelled() or operation.vendor in self.result.stopped:
                self.result.later += 1
                return
            try:
                await self._one(operation)
            except Cancelled:
                self.result.later += 1
            finally:
                self.after_step()
            self.ended += 1
            self.progress(DrainProgress(self.ended, total, operation.summary))

    async def _one(self, operation: Operation) -> None:
        handler = self.handlers.get((operation.vendor, operation.kind))
        if handler is None:
            self._fail(operation, "prepare", "credentials", f"{operation.vendor} has no account with credentials")
            return
        try:
            if operation.state == "answered" and operation.target_id:
                await self._read_back(operation, handler, operation.target_id)
                return
            if operation.state == "queued":
                derived = self._derive_anew(operation)
                if derived is None:
                    return
                operation = derived
            found = await handler.look(operation.intent)
            if found is not None:
                self._settle_found(operation, handler, found)
                return
            await self._send(operation, handler)
        except VendorError as error:
            self._put_off(operation, "look", error)

    def _derive_anew(self, operation: Operation) -> Operation | None:
        try:
            planned = self.rederive(operation)
        except TieoutError as error:
            self._fail(operation, "derive", "blocked", str(error))
            return None
        if planned is None:
            self.outbox.move(
                operation.operation_id,
                "superseded",
                step="derive",
                outcome="unneeded",
                message="the two sides agree now; nothing was sent",
            )
            self.result.unneeded += 1
            return None
        if intent_hash(planned.intent) == operation.intent_hash:
            return operation
        self.outbox.replace_intent(operation.operation_id, planned)
        self.outbox.move(
            operation.operation_id,
            "planned",
            step="derive",
            outcome="changed",
            message="the records changed after the approval; review it again",
        )
        self.result.review += 1
        return None

    async def _send(self, operation: Operation, handler: Handler) -> None:
        number = operation.operation_id
        self.outbox.move(number, "sending", step="send", outcome="started", starts_attempt=True)
        try:
            sent = await handler.send(operation.intent)
        except (InDoubt, Rejected) as error:
            # Refused can mean that it is there already; a lost answer that it may be: look before anything else.
            await self._look_after(operation, handler, error)
            return
        except VendorError as error:
            self._put_off(operation, "send", error)
            return
        except Cancelled:
            self.outbox.move(
                number,
                "in_doubt",
                step="send",
                outcome="cancelled",
                error_kind="in doubt",
                message="cancelled while the call was under way",
            )
            raise
        answered = self.outbox.move(
            number,
            "answered",
            step="send",
            outcome="accepted",
            status=sent.status,
            call_id=sent.call_id,
            target_id=sent.target_id,
        )
        await self._read_back(answered, handler, sent.target_id)

    async def _look_after(self, operation: Operation, handler: Handler, error: InDoubt | Rejected) -> None:
        self.outbox.move(
            operation.operation_id,
            "in_doubt",
            step="send",
            outcome=error.kind,
            error_kind=error.kind,
            status=error.reply.status,
            message=str(error),
            call_id=error.reply.call_id,
        )
        try:
            found = await handler.look(operation.intent)
        except VendorError as second:
            self._put_off(operation, "look", second, state="in_doubt")
            return
        if found is not None:
            self._settle_found(operation, handler, found)
        elif isinstance(error, Rejected):
            self._fail(operation, "look", error.kind, str(error), status=error.reply.status)
        else:
            self._later(operation, "look", "in doubt", "it did not take effect; it is sent again", state="queued")

    async def _read_back(self, operation: Operation, handler: Handler, target_id: str) -> None:
        try:
            record = await handler.read_back(target_id)
        except VendorError as error:
            self._put_off(operation, "read back", error, state="answered")
            return
        self._done(operation, target_id, handler.compare(operation.intent, record), "read back")

    def _settle_found(self, operation: Operation, handler: Handler, found: Found) -> None:
        drift = handler.compare(operation.intent, found.record)
        ours = operation.attempts > 0
        if drift and not ours:
            fields = ", ".join(str(d["field"]) for d in drift[:5])
            self._fail(
                operation,
                "look",
                "exists",
                f"{operation.identity} is there already (id {found.target_id}) and differs in {fields};"
                " it was not overwritten",
            )
            return
        self._done(operation, found.target_id, drift, "look")

    def _done(self, operation: Operation, target_id: str, drift: Sequence[Mapping[str, object]], step: str) -> None:
        message = f"pushed, but {len(drift)} fields were changed by the target" if drift else ""
        self.outbox.move(
            operation.operation_id,
            "done",
            step=step,
            outcome="drifted" if drift else "agrees",
            message=message,
            target_id=target_id,
            drift=list(drift),
        )
        self.result.done += 1

    def _put_off(self, operation: Operation, step: str, error: VendorError, *, state: str = "queued") -> None:
        if operation.state == "in_doubt":
            state = "in_doubt"
        if isinstance(error, Credentials):
            self.result.stopped[operation.vendor] = str(error)
            self._later(operation, step, error.kind, str(error), state=state, error=error, wait_s=0)
        elif isinstance(error, (Throttled, Transient, InDoubt)):
            self._later(operation, step, error.kind, str(error), state=state, error=error)
        else:
            self._fail(operation, step, error.kind, str(error), status=error.reply.status)

    def _later(
        self,
        operation: Operation,
        step: str,
        kind: str,
        message: str,
        *,
        state: str,
        error: VendorError | None = None,
        wait_s: float | None = None,
    ) -> None:
        seconds = min(_FIRST_WAIT_S * 2 ** min(operation.attempts, 10), _LONGEST_WAIT_S) if wait_s is None else wait_s
        if isinstance(error, Throttled | Transient) and error.wait_s:
            seconds = error.wait_s
        self.outbox.move(
            operation.operation_id,
            state,
            step=step,
            outcome="later",
            error_kind=kind,
            message=message,
            status=error.reply.status if error else None,
            call_id=error.reply.call_id if error else None,
            next_attempt_at=self.clock.now() + timedelta(seconds=seconds) if seconds else None,
        )
        self.result.later += 1

    def _fail(self, operation: Operation, step: str, kind: str, message: str, *, status: int | None = None) -> None:
        self.outbox.move(
            operation.operation_id,
            "failed",
            step=step,
            outcome="failed",
            error_kind=kind,
            message=message,
            status=status,
        )
        self.result.failed += 1
