"""Close a month: freeze what it is made of, or say what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from reconcile.close.canonical import Content, canonical, plain
from reconcile.close.drift import drift_between
from reconcile.close.month import month_end, month_of, see_month
from reconcile.close.obstacles import Obstacle, find_obstacles
from reconcile.controls import all_controls
from reconcile.controls.control import Evidence
from reconcile.seen_at import evidence_at
from sync.errors import BadInput
from sync.ops.closes import Close
from sync.ops.findings import Finding
from sync.store.store import Store

__all__ = ["DRIFT", "Refused", "close_month"]

#: The control that compares closes with the books: not part of what a close freezes.
DRIFT = "closed_month_drift"


@dataclass(frozen=True, slots=True)
class Refused:
    """The month is not true yet; `obstacles` say why and what to do."""

    obstacles: tuple[Obstacle, ...]


def close_month(
    store: Store, period: str, *, by: str, anyway: str = "", as_of: datetime | None = None
) -> Close | Refused:
    """Freeze a month as of a moment (None: now) and return the new version, or what is open and stops it.

    `anyway` is the reason for closing it although something is open, or once more although it is closed; it is stored
    with what is open.

    Raises:
        BadInput: no month, a month that is not over, a moment in the future, a month without settlement lines, a
            decision that cannot be used, or somebody has closed the month meanwhile.
    """
    month_of(period)
    before = store.closes.latest(period)
    # Also now is read as of a moment: a pull that commits meanwhile is either seen by every question or by none.
    with evidence_at(store, as_of or store.clock.now()) as evidence:
        if evidence.at < month_end(period):
            raise BadInput(
                f"{period} is not over at {evidence.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
                value=period,
                remedy="Close it when it is over and its settlements were read",
            )
        content = see_month(evidence, period)
        if not content["settlements"]:
            raise BadInput(
                "no settlement has lines in this month", value=period, remedy="See `tieout list settlements`"
            )
        findings = _open_findings(evidence)
        obstacles = [*_closed_already(evidence, before, content), *find_obstacles(evidence, content, findings)]
        moment = evidence.at
    if obstacles and not anyway:
        return Refused(tuple(obstacles))
    content["obstacles"] = [plain(o) for o in obstacles if o.kind != "closed"]
    content["discrepancies"] = [_discrepancy(f) for f in findings]
    reason = anyway if obstacles else ""
    follows = before.version if before else 0
    return store.closes.append(period, canonical(content), as_of=moment, by=by, reason=reason, follows=follows)


def _closed_already(evidence: Evidence, before: Close | None, content: Content) -> Iterator[Obstacle]:
    """Yield that a month is closed, and how much of it has moved: whoever closes it again accepts that."""
    if before is None:
        return
    moved = drift_between(evidence, before, content)
    what = f"{len(moved)} {'thing has' if len(moved) == 1 else 'things have'} moved since" if moved else "nothing moved"
    yield Obstacle(
        "closed",
        "",
        f"version {before.version}",
        f"{before.period} was closed by {before.closed_by} at {before.closed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        f" (version {before.version}); {what}",
        f"See `tieout close drift {before.period}`; close it again only with a reason, which accepts what moved",
    )


def _open_findings(evidence: Evidence) -> list[Finding]:
    found = (f for c in all_controls() if c.name != DRIFT for f in c.judge(evidence).findings)
    return sorted(found, key=lambda f: f.discrepancy_id)


def _discrepancy(finding: Finding) -> Content:
    """Return what a close keeps of a finding: no title and no cause, which may name a buyer."""
    return {
        "kind": finding.control,
        "channel": finding.channel,
        "subject": finding.subject,
        "severity": finding.severity,
        "amount": plain(finding.amount),
        "currency": finding.currency,
        "occurred_at": plain(finding.occurred_at),
    }
