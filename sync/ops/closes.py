"""Closed months: frozen once, chained by digest, never overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync.clock import Clock
from sync.errors import BadInput
from sync.ops.audit import Audit, next_id
from sync.store.database import Database

__all__ = ["Close", "Closes", "close_digest"]

_COLUMNS = "close_id, period, version, closed_at, closed_by, reason, as_of, previous_digest, digest, content"


@dataclass(frozen=True, slots=True)
class Close:
    """One version of a closed month; `content` is canonical JSON, `as_of` the moment that it was read at.

    `reason` says why it was closed although something was open, empty where nothing was. `previous_digest` is that
    of the close before in time, of whatever month, empty for the first.
    """

    close_id: int
    #: YYYY-MM.
    period: str
    #: Counts the closes of this month, from 1.
    version: int
    closed_at: datetime
    closed_by: str
    reason: str
    as_of: datetime
    previous_digest: str
    digest: str
    content: str

    @property
    def is_sound(self) -> bool:
        """Tell whether the digest is that of this row."""
        return self.digest == close_digest(self)


def close_digest(close: Close) -> str:
    """Return sha256 over the close before, every field of this one and its content (hexadecimal)."""
    digest = hashlib.sha256()
    for field in (
        close.previous_digest,
        str(close.close_id),
        close.period,
        str(close.version),
        close.closed_at.astimezone(UTC).isoformat(),
        close.closed_by,
        close.reason,
        close.as_of.astimezone(UTC).isoformat(),
        close.content,
    ):
        # Each part by its length: moving a letter from one field to the next gives another digest.
        data = field.encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


class Closes:
    """Writes and reads closes; there is no way to change or delete one."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit

    def append(
        self, period: str, content: str, *, as_of: datetime, by: str, reason: str = "", follows: int | None = None
    ) -> Close:
        """Store the next version of a month and return it; writes the audit in the same transaction.

        `follows` is the version that was looked at (0: none); None takes whatever there is.

        Raises:
            BadInput: the month was closed by somebody else since that version.
        """
        with self._database.transaction() as tx:
            number = next_id(tx, "closes", "close_id")
            before = tx.execute("SELECT digest FROM closes WHERE close_id = $1", [number - 1]).fetchone()
            held = tx.execute("SELECT count(*) FROM closes WHERE period = $1", [period]).fetchone()
            versions = int(held[0]) if held else 0
            if follows is not None and versions != follows:
                raise BadInput(
                    f"{period} was closed by somebody else just now (version {versions})",
                    value=period,
                    remedy="See `tieout close show` before you close it again",
                )
            unsigned = Close(
                number,
                period,
                1 + versions,
                self._clock.now().astimezone(UTC),
                by,
                reason,
                as_of.astimezone(UTC),
                str(before[0]) if before else "",
                "",
                content,
            )
            values = [getattr(unsigned, name) for name in _COLUMNS.split(", ")]
            values[8] = close_digest(unsigned)
            close = Close(*values)
            places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
            tx.execute(f"INSERT INTO closes ({_COLUMNS}) VALUES ({places})", values)  # noqa: S608 - our names
            after: dict[str, object] = {"version": close.version, "digest": close.digest, "reason": reason}
            self._audit.record(by, "close", period, after=after)
        return close

    def digests(self, period: str) -> dict[int, str]:
        """Return the digest of each version of a closed month; empty for a month that was not closed."""
        with self._database.reading() as cursor:
            rows = cursor.execute(
                "SELECT version, digest FROM closes WHERE period = $1 ORDER BY version", [period]
            ).fetchall()
        return {int(version): str(digest) for version, digest in rows}

    def latest(self, period: str, version: int | None = None) -> Close | None:
        """Return the newest close of a month, or the named version; None: there is none."""
        found = [c for c in self._read("WHERE period = $1", [period]) if version in (None, c.version)]
        return found[-1] if found else None

    def all(self) -> list[Close]:
        """Return every close, oldest first."""
        return self._read("", [])

    def newest(self) -> list[Close]:
        """Return the newest close of each closed month, by month."""
        found = self._read("QUALIFY row_number() OVER (PARTITION BY period ORDER BY close_id DESC) = 1", [])
        return sorted(found, key=lambda c: c.period)

    def broken(self) -> list[Close]:
        """Return the closes whose digest, or whose link to the close before, does not hold."""
        bad, before = [], ""
        for close in self.all():
            if not close.is_sound or close.previous_digest != before:
                bad.append(close)
            before = close.digest
        return bad

    def _read(self, chosen: str, parameters: Sequence[Any]) -> list[Close]:
        with self._database.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM closes {chosen} ORDER BY close_id",  # noqa: S608 - our names
                list(parameters),
            ).fetchall()
        return [_close(row) for row in rows]


def _close(row: Sequence[Any]) -> Close:
    times = {place: row[place].astimezone(UTC) for place in (3, 6)}
    return Close(*(times.get(place, value) for place, value in enumerate(row)))
