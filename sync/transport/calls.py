"""The call log: one entry for every HTTP attempt, without headers, tokens or bodies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

__all__ = ["CallLog", "CallRecord", "MemoryCallLog"]


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One HTTP attempt. `path` is redacted; `status` is None when no answer came; `ms` counts to the last byte."""

    at: datetime
    vendor: str
    account: str
    operation: str
    method: str
    path: str
    status: int | None
    ms: int
    request_id: str | None
    #: Counts the attempts of one call from 1; a token call carries the attempt it was made for.
    attempt: int
    #: `kind` of the class in `sync.errors`, "cancelled", or None for a usable answer.
    error_kind: str | None
    bytes_out: int
    bytes_in: int


class CallLog(Protocol):
    """Where attempts are written down."""

    def record(self, record: CallRecord) -> int:
        """Store one attempt and return its id."""
        ...


@dataclass(slots=True)
class MemoryCallLog:
    """A call log that lives as long as the process; ids count from 1."""

    records: list[CallRecord] = field(default_factory=list)

    def record(self, record: CallRecord) -> int:
        self.records.append(record)
        return len(self.records)
