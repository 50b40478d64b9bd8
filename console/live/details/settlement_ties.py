"""How a settlement ties with its witnesses, and what its re-issues changed."""

from __future__ import annotations

from console.blocks import Block, Facts, Passage
from console.live.finance import tie_signs
from console.present.amounts import money
from console.present.text import cell, fit
from reconcile.controls.control import Evidence
from reconcile.controls.settlements.ties import Tie, see_ties
from reconcile.mapping.posting import channel_books
from reconcile.reissue_totals import by_category
from reconcile.reissues import LineChange, changes_of, compare, in_words, versions_of

__all__ = ["in_short", "ties", "versions"]

_CHANGES_SHOWN = 200
_CALLED = {
    "lines": "report's lines",
    "summary": "marketplace's sum",
    "ledger": "ledger's events",
    "payout": "payout",
    "bank": "bank",
}


def ties(evidence: Evidence, channel: str, settlement_id: str) -> tuple[Block, ...]:
    """Return every witness with its amount and what it is held against."""
    found = next((t for t in see_ties(evidence, settlement_id) if t.channel == channel), None)
    if found is None:
        return (Passage("Ties", "This settlement is not in the mirror."),)
    return (_table(found), Passage("", "= ties  ! differs  ? is missing  ~ is not due yet  . was never read"))


def in_short(evidence: Evidence, channel: str, settlement_id: str) -> str | None:
    """Return which witnesses tie and what the others say, in a sentence; None: the settlement is not in the mirror."""
    found = next((t for t in see_ties(evidence, settlement_id) if t.channel == channel), None)
    if found is None:
        return None
    tied = [_CALLED[w.name] for w in found.witnesses if w.state == "tied"]
    rest = [f"{_CALLED[w.name]} {w.state}: {w.said}" for w in found.witnesses if w.state != "tied"]
    return "; ".join([f"{', '.join(tied)} agree" if len(tied) > 1 else "nothing agrees", *rest])


def _table(tie: Tie) -> Facts:
    rows = [("stated", f"{money(tie.stated, tie.currency)} {tie.currency}")]
    for witness in tie.witnesses:
        amount = f"{money(witness.amount, witness.currency)} {witness.currency}" if witness.amount is not None else "—"
        difference = f", {money(witness.difference, tie.currency)} off" if witness.difference else ""
        rows.append((_CALLED[witness.name], f"{amount} {witness.state}{difference}: {witness.said}"))
    return Facts(f"Report, ledger, payout, bank: {tie_signs(tie)}", tuple(rows))


def versions(evidence: Evidence, channel: str, settlement_id: str) -> tuple[Block, ...]:
    """Return the report's versions and, between the last two, what was added, removed and changed."""
    held = versions_of(evidence.cursor, channel, settlement_id)
    listed = Facts(
        "Versions",
        tuple(
            (f"{v.observed_at:%Y-%m-%d %H:%M}", f"{v.document_name}: {v.lines:,} lines, {money(v.total, v.currency)}"
             f" {v.currency}, sha256 {v.document_hash[:12]}")
            for v in held
        ),
    )  # fmt: skip
    if len(held) < 2:
        return (listed, Passage("", "The report was issued once."))
    reissue = compare(evidence.cursor, channel, settlement_id, *held[-2:])
    currency = reissue.after.currency
    rows = [_change(change, currency) for change in changes_of(evidence.cursor, reissue, _CHANGES_SHOWN)]
    left = sum(reissue.counts.values()) - len(rows)
    rows += [f"… and {left:,} more: `tieout settlement diff {channel}/{settlement_id} --json`"] if left > 0 else []
    totals = tuple(
        (t.label, f"{t.lines:,} lines, {money(t.amount, currency)} {currency}")
        for t in by_category(reissue, channel_books(evidence, channel).rules)
    )
    said = Passage("What the last re-issue changed", in_words(reissue, currency))
    return (listed, said, Facts("By category", totals), Passage("", "\n".join(rows), verbatim=True))


def _change(change: LineChange, currency: str) -> str:
    line = change.line
    kind = " / ".join(t for t in (line.transaction_type, line.amount_type, line.amount_description) if t)
    sign = {"added": "+", "removed": "−"}.get(change.kind, "≠")
    before = money(change.before.amount, currency) if change.before else "—"
    after = money(change.after.amount, currency) if change.after else "—"
    return (
        f"{sign} {line.file_line:>6} {before:>11} → {after:>11}  {fit(cell(kind), 40)} {line.order_id or ''}".rstrip()
    )
