"""How far each stream has been read: a control says nothing about what the mirror does not reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.controls.control import Edge, Evidence

__all__ = ["TRANSACTIONS", "Horizon", "channel_streams", "covered", "go_live"]

#: The stream of the ERP's documents, whatever the account behind the `@` is.
TRANSACTIONS = "netsuite.transactions"
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The unbroken stretch that all the streams compared have read.

    `slowest` is the stream that ends first: the one that others wait for. `reaches` tells less than `until` and
    holds longer: until the streams reach the moment that was asked for.
    """

    since: datetime | None
    edges: tuple[Edge, ...]

    @property
    def until(self) -> datetime | None:
        """Return the end of the stretch, None before the first full read."""
        return min(e.value or _EVER for e in self.edges) if all(e.value for e in self.edges) else None

    @property
    def slowest(self) -> str:
        """Return the stream that ends first."""
        return min(self.edges, key=lambda e: e.value or _EVER).name.partition(":")[2]

    @property
    def bound(self) -> datetime | None:
        """Return `until` for a statement; say afterwards with `stands_before` how long its answer holds."""
        ends = [e.bound for e in self.edges]
        return None if None in ends else min(e for e in ends if e is not None)

    def reaches(self, moment: datetime) -> bool:
        """Tell whether all streams have been read up to a moment."""
        return self.edges != () and not [e for e in self.edges if not e.reaches(moment)]

    def is_before(self, moment: datetime | None) -> bool:
        """Tell whether the streams have still to be read up to a moment; no moment is none to wait for."""
        return moment is not None and not self.reaches(moment)

    @property
    def is_known(self) -> bool:
        """Tell whether all streams have been read to the end at least once."""
        self.stands_before(None)
        return self.bound is not None

    def stands_before(self, moment: datetime | None) -> None:
        """Note that what was answered from `bound` holds until the stretch reaches a moment (None: for good)."""
        for edge in self.edges:
            edge.stands_before(moment)

    def waits_for(self) -> str:
        """Return who is waited for: "netsuite.transactions, last seen 2026-11-20 14:02 UTC"."""
        until = self.until
        if until is None:
            return f"{self.slowest}, never read to the end yet"
        return f"{self.slowest}, last seen {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def lasts(self) -> datetime:
        """Return `until`, or the beginning of time before the first full read."""
        return self.until or _EVER


def known_streams(evidence: Evidence) -> list[str]:
    """Return the names of all streams that were ever pulled, also those not read to the end yet."""
    return evidence.streams()


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
    starts = [s for s in (evidence.since(name) for name in erp) if s is not None]
    return Horizon(max(starts, default=None), tuple(evidence.until(name) for name in names))


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
