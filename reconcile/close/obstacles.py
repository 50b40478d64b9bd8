"""What makes a month untrue while it is open: each obstacle with its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from reconcile.amounts import amount_text
from reconcile.close.canonical import Content
from reconcile.close.erp import account_totals, differing_accounts, is_posted, posted_of
from reconcile.close.lines import days_of
from reconcile.close.month import month_end
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import channel_streams, erp_streams, go_live, known_streams
from reconcile.controls.settlements.unposted import find_unposted
from reconcile.settlement.identity import read_name
from sync.ops.findings import Finding

__all__ = ["Obstacle", "find_obstacles"]

Kind = Literal[
    "closed", "not_footed", "unmapped", "unposted", "differs", "chain", "not_read", "not_settled", "not_accrued",
    "untied", "not_in_bank",
]  # fmt: skip
#: Controls over the cash of a settlement → what they find is called here.
_CASH: Mapping[str, Kind] = {"settlement_untied": "untied", "payout_not_in_bank": "not_in_bank"}
#: A channel that has settled nothing for so long before the month's end has stopped; it is not waited for.
_ACTIVE = timedelta(days=45)
#: Amazon states moments, Walmart days.
_SLACK = timedelta(days=1)


def _plan(control: str) -> str:
    return f"`tieout plan --control {control} --stage`, then `tieout push PLAN`"


_REPOST = f"Reverse and post it anew: {_plan('journal_differs')}; or correct the mapping"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that is open; `subject` is a settlement, a journal or a stream."""

    kind: Kind
    channel: str
    subject: str
    problem: str
    remedy: str


def find_obstacles(evidence: Evidence, content: Content, findings: Sequence[Finding]) -> list[Obstacle]:
    """Return what has to be settled before the month that `content` describes is true.

    `findings` are those of every control at the same moment.
    """
    period = str(content["period"])
    return [
        *_streams(evidence, content, period),
        *_not_settled(evidence, period),
        *_chain(content, findings, period),
        *_footing(content),
        *_journals(evidence, content, findings),
        *_accruals(findings, period),
        *_cash(content, findings, period),
    ]


def _streams(evidence: Evidence, content: Content, period: str) -> Iterator[Obstacle]:
    """Yield the streams that end before the month does; settlements out of files have none."""
    known, end = set(known_streams(evidence)), month_end(period)
    channels = sorted({str(s["channel"]) for s in content["settlements"]} | _channels(evidence))
    wanted = [("", s) for s in erp_streams(evidence)]
    wanted += [(c, s) for c in channels for s in channel_streams(evidence, c, "settlements") if s in known]
    for channel, stream in wanted:
        until = evidence.store.mirror.covered_until(stream, evidence.cursor)
        if until is None or until < end:
            reached = f"was read until {until:%Y-%m-%d %H:%M} UTC" if until else "was never read to the end"
            yield Obstacle(
                "not_read", channel, stream, f"{stream} {reached}, {period} ends later", f"Run `tieout pull {stream}`"
            )


def _channels(evidence: Evidence) -> set[str]:
    return {str(r[0]) for r in evidence.cursor.execute("SELECT DISTINCT channel FROM settlements").fetchall()}


def _not_settled(evidence: Evidence, period: str) -> Iterator[Obstacle]:
    """Yield the channels whose last known settlement ends within the month: the rest of it is not settled yet."""
    end = month_end(period)
    rows = evidence.cursor.execute(
        "SELECT channel, max(period_end) FROM settlements GROUP BY channel ORDER BY channel"
    ).fetchall()
    for channel, last in rows:
        if end - _ACTIVE < last < end - _SLACK:
            yield Obstacle(
                "not_settled",
                channel,
                f"{last:%Y-%m-%d}",
                f"{channel} has no settlement after {last:%Y-%m-%d}: the rest of {period} is not settled yet",
                "Pull when the marketplace has settled it",
            )


def _chain(content: Content, findings: Sequence[Finding], period: str) -> Iterator[Obstacle]:
    first, end = days_of(period)[0].isoformat(), month_end(period)
    here = {(s["channel"], s["settlement_id"]) for s in content["settlements"]}
    for finding in findings:
        if finding.control != "settlement_chain":
            continue
        begins = str(finding.detail.get("begins", ""))
        is_gap = bool(begins) and finding.occurred_at < end and begins >= first
        if is_gap or (finding.channel, str(finding.detail.get("after", ""))) in here:
            remedy = finding.blocked_by or "Import the missing report"
            yield Obstacle("chain", finding.channel, finding.subject, finding.title, remedy)


def _footing(content: Content) -> Iterator[Obstacle]:
    for s in content["settlements"]:
        added, total = Decimal(s["sum"]), Decimal(s["total"])
        if added != total:
            currency = str(s["currency"])
            yield Obstacle(
                "not_footed",
                s["channel"],
                s["settlement_id"],
                f"settlement {s['settlement_id']} does not foot: its lines add to {amount_text(added, currency)}, it"
                f" states {amount_text(total, currency)}, residual {amount_text(total - added, currency)} {currency}",
                "Pull the report again; lines are missing or were changed",
            )


def _accruals(findings: Sequence[Finding], period: str) -> Iterator[Obstacle]:
    """Yield what the marketplace held back at the month's end and, by policy, belongs to the month."""
    for finding in findings:
        if finding.control == "deferred_not_accrued" and finding.subject.endswith(f"-{period.replace('-', '')}"):
            remedy = finding.blocked_by or _plan(finding.control)
            yield Obstacle("not_accrued", finding.channel, finding.subject, finding.title, remedy)


def _cash(content: Content, findings: Sequence[Finding], period: str) -> Iterator[Obstacle]:
    """Yield settlements whose witnesses contradict each other, and payouts due by the month's end that are missing.

    A payout that no statement reaches yet is neither: it arrives later, and the close says that it was not there.
    """
    here, end = {(s["channel"], s["settlement_id"]) for s in content["settlements"]}, month_end(period)
    for finding in findings:
        kind = _CASH.get(finding.control)
        if kind is None or (finding.channel, finding.subject) not in here or finding.occurred_at >= end:
            continue
        yield Obstacle(kind, finding.channel, finding.subject, finding.title, finding.blocked_by or "")


def _journals(evidence: Evidence, content: Content, findings: Sequence[Finding]) -> Iterator[Obstacle]:
    ends = {(s["channel"], s["settlement_id"]): str(s["period_end"]) for s in content["settlements"]}
    stops = {p.journal.external_id: p.stop for p in find_unposted(evidence).parts if p.stop}
    models = {p["channel"]: p.get("model") for p in content["books"]["policies"]}
    whole = _posted_whole(content)
    for journal in content["journals"]:
        if (journal["channel"], journal["settlement_id"]) in whole:
            continue
        channel, external_id = str(journal["channel"]), str(journal["external_id"])
        live_from = go_live(evidence, "settlement_not_posted", channel)
        ended = datetime.fromisoformat(ends[channel, journal["settlement_id"]])
        if live_from is not None and ended < live_from:
            continue
        for reason in journal["blocked_by"]:
            yield Obstacle("unmapped", channel, external_id, f"{external_id}: {reason}", "Decide it with `tieout map`")
        documents = posted_of(content, external_id)
        if not is_posted(content, external_id):
            stop = stops.get(external_id)
            why = f": {stop[1]}" if stop else ""
            remedy = stop[2] if stop else _plan("settlement_not_posted")
            yield Obstacle("unposted", channel, external_id, f"{external_id} is not posted{why}", remedy)
        elif not journal["blocked_by"] and models.get(channel, "journal") == "journal":
            yield from _differing(journal, documents)
        else:
            yield from _found_differing(channel, external_id, findings)


def _posted_whole(content: Content) -> set[tuple[str, str]]:
    """Return the settlements whose month would be cut into several journals now, and stands uncut as a whole."""
    pieces: dict[tuple[str, str], list[Content]] = {}
    for journal in content["journals"]:
        pieces.setdefault((str(journal["channel"]), str(journal["settlement_id"])), []).append(journal)
    whole = set()
    for key, journals in pieces.items():
        if len(journals) < 2 or any(j["blocked_by"] for j in journals):
            continue
        ours = account_totals({**x, "account_id": x["account"]["account_id"]} for j in journals for x in j["lines"])
        posted = [d for j in journals for d in posted_of(content, j["external_id"])]
        if ours == account_totals(line for document in posted for line in document["lines"]):
            whole.add(key)
    return whole


def _found_differing(channel: str, external_id: str, findings: Sequence[Finding]) -> Iterator[Obstacle]:
    """Yield what the control says of a document that is no journal: its lines are not a journal's."""
    for finding in findings:
        name = read_name(finding.subject) if finding.control == "journal_differs" else None
        if name is not None and finding.detail["accounts"] and finding.channel == channel and name.base == external_id:
            yield Obstacle("differs", channel, external_id, finding.title, _REPOST)


def _differing(journal: Mapping[str, Any], documents: Sequence[Content]) -> Iterator[Obstacle]:
    ours = account_totals({**line, "account_id": line["account"]["account_id"]} for line in journal["lines"])
    theirs = account_totals(line for document in documents for line in document["lines"])
    currency = str(journal["currency"])
    found = [
        f"account {key or 'unknown'}: {amount_text(now, currency)} posted, {amount_text(then, currency)} derived"
        for key, then, now in differing_accounts(ours, theirs)
    ]
    if found:
        external_id = str(journal["external_id"])
        yield Obstacle(
            "differs",
            str(journal["channel"]),
            external_id,
            f"{external_id} is posted with other amounts: {'; '.join(found)}",
            _REPOST,
        )
