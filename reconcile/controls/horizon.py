"""How far each stream has been read: a control says nothing about what the mirror does not reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.controls.control import Evidence

__all__ = ["TRANSACTIONS", "Horizon", "channel_streams", "covered", "go_live"]

#: The stream of the ERP's documents, whatever the account behind the `@` is.
TRANSACTIONS = "netsuite.transactions"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The unbroken stretch that all the streams compared have read; `until` is None before the first full read.

    `slowest` is the stream that ends first: the one that others wait for.
    """

    since: datetime | None
    until: datetime | None
    slowest: str

    def waits_for(self) -> str:
        """Return who is waited for: "netsuite.transactions, last seen 2026-11-20 14:02 UTC"."""
        if self.until is None:
            return f"{self.slowest}, never read to the end yet"
        return f"{self.slowest}, last seen {self.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def lasts(self) -> datetime:
        """Return `until`, or the beginning of time before the first full read."""
        return self.until or datetime.min.replace(tzinfo=UTC)


def known_streams(evidence: Evidence) -> list[str]:
    """Return the names of all streams that were ever pulled, also those not read to the end yet."""
    return evidence.once(
        "streams",
        lambda: [
            r[0]
            for r in evidence.cursor.execute(
                "SELECT stream FROM coverage UNION SELECT stream FROM stream_cursors ORDER BY 1"
            ).fetchall()
        ],
    )


def channel_streams(evidence: Evidence, channel: str, kind: str) -> list[str]:
    """Return the streams of a kind of a channel; Walmart has one for each way of fulfilment."""
    vendor, _, account = channel.partition(".")
    wanted = re.compile(rf"{re.escape(vendor)}\.{re.escape(kind)}[^@]*@{re.escape(account)}")
    found = [s for s in known_streams(evidence) if wanted.fullmatch(s)]
    return found or [f"{vendor}.{kind}@{account}"]


def erp_streams(evidence: Evidence) -> list[str]:
    """Return the ERP's transaction stream under the name that it was pulled with."""
    found = [s for s in known_streams(evidence) if s == TRANSACTIONS or s.startswith(TRANSACTIONS + "@")]
    return found or [TRANSACTIONS]


def covered(evidence: Evidence, channel: str | None = None, kind: str = "orders") -> Horizon:
    """Return the common coverage of the ERP's transactions and, with a channel, that channel's streams of `kind`.

    `since` is the ERP's: a document of an older order may have been made before the first day that was read.
    """
    erp = erp_streams(evidence)
    names = erp + (channel_streams(evidence, channel, kind) if channel else [])
    ends = {name: _until(evidence, name) for name in names}
    slowest = min(names, key=lambda n: ends[n] or datetime.min.replace(tzinfo=UTC))
    starts = [s for s in (_since(evidence, name) for name in erp) if s is not None]
    return Horizon(max(starts, default=None), ends[slowest], slowest)


def _until(evidence: Evidence, stream: str) -> datetime | None:
    return evidence.once(f"until {stream}", lambda: evidence.store.mirror.covered_until(stream, evidence.cursor))


def _since(evidence: Evidence, stream: str) -> datetime | None:
    row = evidence.cursor.execute("SELECT min(window_start) FROM coverage WHERE stream = $1", [stream]).fetchone()
    return row[0].astimezone(UTC) if row and row[0] else None


def go_live(evidence: Evidence, control: str, channel: str) -> datetime | None:
    """Return from when on a control judges a channel, None for all history.

    Decision kind `go_live`, value {"from": "2026-10-01"}; the subject is, most telling first, `control|channel`,
    the channel, the control or `*`.
    """
    decided = evidence.decisions("go_live")
    for subject in (f"{control}|{channel}", channel, control, "*"):
        if subject in decided:
            moment = datetime.fromisoformat(str(decided[subject].value["from"]))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
