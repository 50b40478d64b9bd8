"""Reading a stream once more, from a day on: for what an older version or another setting left out of the mirror.

Documents that are as they are known write nothing. The stream's own cursor stays, so that what changes meanwhile is
pulled as ever; a reading that was stopped or killed goes on where it was when it is asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from sync.errors import BadInput
from sync.mirror.rereads import begin_reread, reread_of
from sync.store.store import Store
from sync.streams import Stream

__all__ = ["Again", "FromMoment", "begin"]


@runtime_checkable
class FromMoment(Protocol):
    """A stream that can be read from any moment on; others are read whole."""

    @property
    def since(self) -> datetime | None:
        """Return the first moment that is ever read, None where nothing is too old."""
        ...

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor from which `pull` reads everything changed since `moment`."""
        ...


@dataclass(frozen=True, slots=True)
class Again:
    """A wish to read streams once more: from `since` on, None for what is unfinished, else from their first moment."""

    since: datetime | None = None


def begin(store: Store, stream: Stream, again: Again) -> Mapping[str, object] | None:
    """Return the cursor from which a stream is read once more, and note that it is being read.

    Raises:
        BadInput: the stream cannot be read from this moment on.
    """
    first = _first(stream, again)
    with store.database.transaction() as tx:
        held = reread_of(tx, stream.name)
        if held is not None and again.since in (None, held.since):
            return held.position if held.position is not None else _at(stream, held.since)
        begin_reread(tx, stream.name, again.since, store.clock.now())
    return first


def _first(stream: Stream, again: Again) -> Mapping[str, object] | None:
    if again.since is None:
        return None
    if not isinstance(stream, FromMoment):
        raise BadInput(f"{stream.name} cannot begin at a day", remedy="Leave the day away")
    if stream.since is not None and again.since < stream.since:
        raise BadInput(
            f"nothing of {stream.name} is read from before {stream.since:%Y-%m-%d}",
            value=f"{again.since:%Y-%m-%d}",
            remedy="Name a later day, or set first_day in config.toml",
        )
    return stream.cursor_at(again.since)


def _at(stream: Stream, since: datetime | None) -> Mapping[str, object] | None:
    return stream.cursor_at(since) if since is not None and isinstance(stream, FromMoment) else None
