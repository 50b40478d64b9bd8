"""What a connector's stream is, and what it hands over: batches of records with the page that they came from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sync.records import Line, Record

__all__ = ["Batch", "Document", "Quarantined", "RawPage", "Stream", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of vendor time: start inclusive, end exclusive, both UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class RawPage:
    """One response body as received; `call_id` is its entry in the call log (None for a local file)."""

    body: bytes
    content_type: str
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One record with its lines; `ordinal` is its place in the page, from 0."""

    record: Record
    lines: Sequence[Line] = ()
    ordinal: int = 0
    #: What the reader of a settlement found out or skipped (`sync.settlements.Note`).
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record of a page that could not be read: counted and shown, never dropped."""

    key: str
    reason: str
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one committed step of a pull holds.

    The engine writes page, documents, coverage and `cursor` in one transaction: after a crash the stream is
    resumed with the last committed cursor, and reading a page twice changes nothing.
    """

    page: RawPage | None
    documents: Sequence[Document]
    #: JSON-able state from which `pull` resumes.
    cursor: Mapping[str, object]
    quarantined: Sequence[Quarantined] = ()
    #: Set on the last batch of a window: the stream is covered up to its end.
    covered: Window | None = None
    #: How many documents the vendor says there are in all, where it says so.
    expected: int | None = None
    #: What a person may read beside the progress bar.
    note: str = ""
    #: Identifies a report or file that the batch completes, for coverage (a settlement's report id).
    report_id: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


class Stream(Protocol):
    """One kind of record pulled from one account, such as `amazon.orders@US`."""

    @property
    def name(self) -> str:
        """Return the stream's name: vendor, kind and account, `amazon.orders@US`."""
        ...

    @property
    def depends_on(self) -> Sequence[str]:
        """Return names of streams that must be pulled before (transactions before their lines)."""
        ...

    def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield batches of everything changed since `cursor` (None: from the configured first day) up to `until`.

        Overlaps the end of the last window so that late changes are not missed; repeats are harmless.

        Raises:
            VendorError: a class of `sync.errors` that says what must happen next.
        """
        ...
