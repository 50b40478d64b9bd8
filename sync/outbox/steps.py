"""The steps of one operation, or of a batch of one kind; each is stored before the next is taken.

queued ── look ──▶ absent ── sending ── send ──▶ answered ── read back ──▶ done
   ▲        └─────▶ there ── compare ──▶ done, or failed: it exists and differs
   └── absent ── look ◀── in doubt ◀── lost answer, or a restart that finds `sending`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sync.clock import Clock
from sync.errors import (
    BadInput,
    Cancelled,
    Credentials,
    InDoubt,
    Rejected,
    Throttled,
    TieoutError,
    Transient,
    VendorError,
)
from sync.outbox.handlers import BatchHandler, Found, Handler, Sent
from sync.outbox.operations import Operation, Outbox, PlannedOperation, intent_hash

__all__ = ["Drained", "Rederive", "Steps"]

#: Backs off 30 s, 1 min, 2 min … one hour; nothing expires.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30, 3600

Rederive = Callable[[Operation], PlannedOperation | None]


@dataclass(slots=True)
class Drained:
    """How the operations of one drain ended, by state; `written` names (vendor, channel) of what is done."""

    done: int = 0
    failed: int = 0
    held_back: int = 0
    later: int = 0
    review: int = 0
    unneeded: int = 0
    stopped: dict[str, str] = field(default_factory=dict)
    written: set[tuple[str, str]] = field(default_factory=set)


class Steps:
    """Takes operations through their steps and counts how they end in `result`."""

    def __init__(self, outbox: Outbox, clock: Clock, rederive: Rederive) -> None:
        self.outbox, self.clock, self.rederive = outbox, clock, rederive
        self.result = Drained()

    async def one(self, operation: Operation, handler: Handler | None) -> None:
        """Take one operation as far as it goes now."""
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
        except BadInput as error:
            # An intent that no request can be made of; a person must change what it was made from.
            self._fail(operation, "prepare", "rejected", str(error))

    async def many(self, operations: Sequence[Operation], handler: BatchHandler) -> None:
        """Take queued operations of one kind as far as they go now, in few calls."""
        wanted = [o for o in map(self._derive_anew, operations) if o is not None]
        if not wanted:
            return
        try:
            found = await handler.look_many([o.intent for o in wanted])
        except BadInput:
            # One that cannot be asked for must not hold up the others: each goes alone.
            for operation in wanted:
                await self.one(operation, handler)
            return
        except VendorError as error:
            for operation in wanted:
                self._put_off(operation, "look", error)
            return
        absent: list[Operation] = []
        for operation, there in zip(wanted, found, strict=True):
            if there is None:
                absent.append(operation)
            else:
                self._settle_found(operation, handler, there)
        if absent:
            await self._send_many(absent, handler)

    async def read_back(self, operations: Sequence[Operation], handler: BatchHandler) -> None:
        """Read back answered operations of one kind, in few calls."""
        targets = [str(o.target_id) for o in operations]
        try:
            records = await handler.read_back_many(targets)
        except VendorError as error:
            for operation in operations:
                self._put_off(operation, "read back", error, state="answered")
            return
        for operation, target_id, record in zip(operations, targets, records, strict=True):
            if isinstance(record, VendorError):
                self._put_off(operation, "read back", record, state="answered")
            else:
                self._done(operation, target_id, handler.compare(operation.intent, record), "read back")

    async def _send_many(self, operations: Sequence[Operation], handler: BatchHandler) -> None:
        for operation in operations:
            self._start(operation)
        try:
            outcomes = await handler.send_many([o.intent for o in operations])
        except VendorError as error:
            outcomes = [error] * len(operations)
        except Cancelled:
            for operation in operations:
                self._cancelled(operation)
            raise
        accepted: list[Operation] = []
        for operation, outcome in zip(operations, outcomes, strict=True):
            if isinstance(outcome, Sent):
                accepted.append(self._answered(operation, outcome))
            else:
                await self._refused(operation, handler, outcome)
        if accepted:
            await self.read_back(accepted, handler)

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
        self._start(operation)
        try:
            sent = await handler.send(operation.intent)
        except VendorError as error:
            await self._refused(operation, handler, error)
            return
        except Cancelled:
            self._cancelled(operation)
            raise
        await self._read_back(self._answered(operation, sent), handler, sent.target_id)

    def _start(self, operation: Operation) -> None:
        self.outbox.move(operation.operation_id, "sending", step="send", outcome="started", starts_attempt=True)

    def _cancelled(self, operation: Operation) -> None:
        self.outbox.move(
            operation.operation_id,
            "in_doubt",
            step="send",
            outcome="cancelled",
            error_kind="in doubt",
            message="cancelled while the call was under way",
        )

    def _answered(self, operation: Operation, sent: Sent) -> Operation:
        return self.outbox.move(
            operation.operation_id,
            "answered",
            step="send",
            outcome="accepted",
            status=sent.status,
            call_id=sent.call_id,
            target_id=sent.target_id,
        )

    async def _refused(self, operation: Operation, handler: Handler, error: VendorError) -> None:
        # Refused can mean that it is there already; a lost answer that it may be: look before anything else.
        if isinstance(error, InDoubt | Rejected):
            await self._look_after(operation, handler, error)
        else:
            self._put_off(operation, "send", error)

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
        self.result.written.add((operation.vendor, operation.channel))

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
