"""Control: the chain of a channel's settlements is broken: one is missing, or a reserve was not carried over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import channel_streams, go_live, known_streams
from reconcile.controls.settlements.line_sums import line_sums
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "SettlementChain"]

#: Amazon states moments, Walmart days: the next period may begin on the day after.
_SLACK = timedelta(days=1)
_PULL_OR_IMPORT = (
    "Pull the channel's settlements, or import the missing report: Amazon keeps it for 90 days, Seller Central longer"
)
_CHAIN = """
WITH reserves AS (
    SELECT channel, settlement_id,
        coalesce(sum(amount) FILTER (WHERE what = 'current reserve amount'), 0) AS held,
        coalesce(sum(amount) FILTER (WHERE what = 'previous reserve amount balance'), 0) AS released
    FROM (SELECT channel, settlement_id, lower(amount_description) AS what, amount FROM {sums})
    GROUP BY channel, settlement_id
),
chained AS (
    SELECT s.channel, s.settlement_id, s.currency, s.period_start, s.period_end,
        coalesce(r.released, 0) AS released,
        lag(s.settlement_id) OVER chain AS before, lag(s.period_end) OVER chain AS before_end,
        lag(coalesce(r.held, 0)) OVER chain AS before_held
    FROM settlements s LEFT JOIN reserves r USING (channel, settlement_id)
    WINDOW chain AS (PARTITION BY s.channel, s.currency ORDER BY s.period_start, s.period_end)
)
SELECT channel, settlement_id, currency, period_start, period_end, released, before, before_end, before_held
FROM chained WHERE before IS NOT NULL ORDER BY channel, period_start
"""


@dataclass(frozen=True, slots=True)
class _Link:
    """Two neighbours of a chain: `before` ended, `settlement_id` begins."""

    channel: str
    settlement_id: str
    currency: str
    begins: datetime
    ends: datetime
    released: Decimal
    before: str
    before_end: datetime
    before_held: Decimal

    @property
    def is_gap(self) -> bool:
        return self.begins - self.before_end > _SLACK

    @property
    def reserve_break(self) -> Decimal:
        """Return what was released now less what was held back before; zero where the reserve was carried over."""
        return self.released + self.before_held


@dataclass(frozen=True, slots=True)
class SettlementChain:
    """One finding a break. Amazon loses a report after 90 days: a gap that is not closed by then stays."""

    name: str = "settlement_chain"
    title: str = "settlement missing in the chain"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return a finding for each gap between settlements and each reserve that was not carried over."""
        findings: list[Finding] = []
        waiting = 0
        slow = ""
        for row in evidence.cursor.execute(_CHAIN.format(sums=line_sums(evidence))).fetchall():
            link = _Link(*row)
            if not (link.is_gap or link.reserve_break):
                continue
            live_from = go_live(evidence, self.name, link.channel)
            if live_from is not None and link.begins < live_from:
                continue
            unread = _unread_stream(evidence, link.channel)
            if unread:
                waiting, slow = waiting + 1, unread
                continue
            findings.append(_gap(self.name, link) if link.is_gap else _reserve(self.name, link))
        return Judgement(findings, waiting, f"{slow}, never read to the end yet" if waiting else None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return obstacles only: the missing report has to be found, nothing can be written in its place."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda _: _PULL_OR_IMPORT)


def _unread_stream(evidence: Evidence, channel: str) -> str | None:
    """Return the channel's settlement stream where it was begun and not read to the end; imports have no stream."""
    known = set(known_streams(evidence))
    for stream in channel_streams(evidence, channel, "settlements"):
        if stream in known and evidence.store.mirror.covered_until(stream, evidence.cursor) is None:
            return stream
    return None


def _gap(control: str, link: _Link) -> Finding:
    first, last = link.before_end.astimezone(UTC), link.begins.astimezone(UTC)
    return _finding(
        control,
        link,
        f"No settlement of {link.channel} is known from {first:%Y-%m-%d} to {last:%Y-%m-%d}",
        f"settlements of {link.channel} missing",
        Decimal(0),
        {"ends": first.isoformat(), "begins": last.isoformat(), "days": (last - first).days},
    )


def _reserve(control: str, link: _Link) -> Finding:
    amount = link.reserve_break
    held, released = amount_text(-link.before_held, link.currency), amount_text(link.released, link.currency)
    return _finding(
        control,
        link,
        f"{link.before} held back {held} {link.currency}, {link.settlement_id} released {released}",
        f"reserves of {link.channel} not carried over",
        amount,
        {"held": held, "released": released},
    )


def _finding(
    control: str, link: _Link, title: str, cause: str, amount: Decimal, detail: Mapping[str, object]
) -> Finding:
    subject = f"{link.before}..{link.settlement_id}"
    return Finding(
        discrepancy_id=f"{control}|{link.channel}|{subject}",
        control=control,
        channel=link.channel,
        subject=subject,
        title=title,
        severity="high",
        cause_id=f"chain|{link.channel}|{'reserve' if amount else 'gap'}",
        cause=cause,
        blocked_by=_PULL_OR_IMPORT,
        channel_amount=amount if amount else None,
        erp_amount=None,
        amount=abs(amount),
        currency=link.currency,
        occurred_at=link.before_end,
        detail={**detail, "before": link.before, "after": link.settlement_id},
    )


CONTROL = SettlementChain()
