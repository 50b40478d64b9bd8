"""Control: a channel measured a SKU larger than people did, and its size costs more than theirs.

What is charged follows from the size, so the money is counted by `fee_changed` and `fee_differs`; here stands why, and
what to ask for: a new measurement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.fees.sizes import SizeDifference, size_differences
from reconcile.fees.told import told_facts
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "SizeDiffers"]


@dataclass(frozen=True, slots=True)
class SizeDiffers:
    """One finding a SKU whose measured size costs more by the channel's table than the size that people measured."""

    name: str = "size_differs"
    title: str = "measured larger by the channel"
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the SKUs that were measured dearer; those of channels without a table wait.

        Raises:
            BadInput: a decision on fees cannot be used.
        """
        sizes = size_differences(evidence)
        found = [self._finding(evidence, d) for d in sizes.found if self._is_live(evidence, d)]
        reasons = [f"a fulfilment table of {channel} for the sizes of {n} SKUs" for channel, n in sizes.untabled]
        return Judgement(found, sum(n for _, n in sizes.untabled), "; ".join(reasons) or None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: the marketplace measures again."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _is_live(self, evidence: Evidence, difference: SizeDifference) -> bool:
        live_from = go_live(evidence, self.name, difference.channel)
        return live_from is None or difference.until >= live_from.date()

    def _finding(self, evidence: Evidence, d: SizeDifference) -> Finding:
        remedy = (
            f"Ask for a new measurement: `tieout fees case {d.channel} {d.sku}` writes what to send; or correct your"
            " own measures with `tieout fees import-dimensions`"
        )
        ours, theirs = amount_text(d.our_fee, d.currency), _fee(d)
        return Finding(
            discrepancy_id=f"{self.name}|{d.channel}|{d.sku}",
            control=self.name,
            channel=d.channel,
            subject=d.sku,
            title=f"{d.channel} measured {d.sku} as {d.theirs}, you as {d.ours}: {d.their_row} instead of {d.our_row},"
            f" {theirs} instead of {ours} {d.currency} a unit",
            severity="med" if d.units else "low",
            cause_id=f"fee|{d.channel}|size|{d.sku}",
            cause=f"{d.channel} measured {d.sku} larger than you did",
            blocked_by=remedy,
            channel_amount=None,
            erp_amount=None,
            amount=d.extra,
            currency=d.currency,
            occurred_at=datetime.combine(d.since, time(), tzinfo=UTC),
            deadline=d.deadline,
            detail={
                "sku": d.sku,
                "channel_tier": d.tier,
                "row_of_their_size": d.their_row,
                "row_of_your_size": d.our_row,
                "fee_of_their_size": theirs,
                "fee_of_your_size": ours,
                "table": d.table if d.is_confirmed else f"{d.table}, confirmed by nobody",
                "told_since": str(d.since),
                "units": d.units,
                "difference": amount_text(d.extra, d.currency),
                **told_facts(evidence, d.channel, d.sku),
                "remedy": remedy,
            },
        )


def _fee(d: SizeDifference) -> str:
    fee = d.their_fee if d.their_fee is not None else d.expected
    return "an unknown fee" if fee is None else amount_text(fee, d.currency)


CONTROL = SizeDiffers()
