"""Every error of this package, named by what the caller must do next.

TieoutError
├── BadInput            a file, argument or setting is wrong: say which, where and the remedy   (exit 2)
├── StoreError          the database cannot be used                                             (exit 3)
│   ├── StoreInUse      another process owns it
│   ├── StoreTooNew     written by a newer program
│   └── StoreUnreadable corrupt, read-only or not a database
└── VendorError         a vendor's answer, or the lack of one                                   (exit 4)
    ├── Throttled       wait as the vendor says, then repeat
    ├── Transient       back off and repeat
    ├── InDoubt         it may have taken effect: look before repeating
    ├── Rejected        the vendor refused this record: a person must change something
    ├── Credentials     stop calling this vendor, say what to check
    └── ContractBroken  the answer is not what the contract says: our bug or the vendor's change
Cancelled               a person cancelled; what was done is kept
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BadInput",
    "Cancelled",
    "ContractBroken",
    "Credentials",
    "InDoubt",
    "Rejected",
    "StoreError",
    "StoreInUse",
    "StoreTooNew",
    "StoreUnreadable",
    "Throttled",
    "TieoutError",
    "Transient",
    "VendorError",
    "VendorReply",
]


class TieoutError(Exception):
    """Anything that stops a command; its text is one or two sentences for a person."""

    exit_code = 1


class Cancelled(TieoutError):
    """A person cancelled; what was finished before stays."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was cancelled; what was finished before is kept")


class BadInput(TieoutError):
    """Input that cannot be used: names the place, the value and the remedy.

    `line` counts from 1; `column` is the name of the field.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        remedy: str,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        self.problem, self.remedy = problem, remedy
        self.file, self.line, self.column, self.value = file, line, column, value
        place = ", ".join(
            p
            for p in (
                file,
                f"line {line}" if line is not None else None,
                f"column {column}" if column else None,
            )
            if p
        )
        shown = f" (found {value[:80]!r})" if value is not None else ""
        super().__init__(f"{place + ': ' if place else ''}{problem}{shown}. {remedy}")


class StoreError(TieoutError):
    """The local database cannot be used."""

    exit_code = 3


class StoreInUse(StoreError):
    """Another process has the database open and does not answer on its socket."""

    def __init__(self, path: str, pid: int | None = None) -> None:
        self.path, self.pid = path, pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{who} has {path} open; stop it, or use another TIEOUT_HOME")


class StoreTooNew(StoreError):
    """The database was written by a newer program."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(f"{path} is at schema {found}, this program knows up to {known}; install the newer tieout")


class StoreUnreadable(StoreError):
    """The database is corrupt, read-only or not a database at all."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} cannot be opened: {why}")


@dataclass(frozen=True, slots=True)
class VendorReply:
    """What is kept of an answer for people and support: never headers, never secrets."""

    vendor: str
    operation: str
    status: int | None = None
    code: str | None = None
    detail: str = ""
    request_id: str | None = None
    path: str = ""
    call_id: int | None = None


class VendorError(TieoutError):
    """A vendor's answer, or the lack of one, that stops a call."""

    exit_code = 4
    kind = "vendor"

    def __init__(self, reply: VendorReply, hint: str = "") -> None:
        self.reply, self.hint = reply, hint
        status = f"HTTP {reply.status}" if reply.status else "no answer"
        code = f" {reply.code}" if reply.code else ""
        detail = f": {reply.detail[:400]}" if reply.detail else ""
        super().__init__(f"{reply.vendor} {reply.operation}: {status}{code}{detail}{'. ' + hint if hint else ''}")


class Throttled(VendorError):
    """Too many calls; repeat after `wait_s` seconds."""

    kind = "throttled"

    def __init__(self, reply: VendorReply, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(reply)


class Transient(VendorError):
    """A passing fault; repeat with back-off, or after `wait_s` seconds where the time is known."""

    kind = "transient"

    def __init__(self, reply: VendorReply, hint: str = "", *, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(reply, hint)


class InDoubt(VendorError):
    """The write may have taken effect; read the target before any repeat."""

    kind = "in doubt"


class Rejected(VendorError):
    """The vendor refused this record; a person must change a value, mapping or permission."""

    kind = "rejected"


class Credentials(VendorError):
    """The vendor refused who we are; nothing more is sent until a person has looked."""

    kind = "credentials"


class ContractBroken(VendorError):
    """The answer does not have the shape that the contract promises."""

    kind = "our bug"
