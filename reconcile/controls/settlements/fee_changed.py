"""Control: a unit of a SKU costs more to fulfil than before, and no change of the marketplace's table explains it.

Mostly the marketplace measured the item again. Amazon gives fees back that were charged on wrong sizes when they are
asked for within 90 days of the charge (FBA fees reimbursement policy: weight and dimensions), Walmart takes disputes
within 90 days of the settlement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Literal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.fees.levels import Rise
from reconcile.fees.rises import rise_deadline, rise_subject, rises_of
from reconcile.fees.told import told_facts
from reconcile.fixes.derived import Derived, for_a_person
from sync.money import total_of
from sync.ops.findings import Finding

__all__ = ["CONTROL", "FeeChanged"]

_SOON = timedelta(days=14)
_NAMED_SKUS = 20


@dataclass(frozen=True, slots=True)
class FeeChanged:
    """One finding a SKU whose fee rose, one for all SKUs of a channel that rose together."""

    name: str = "fee_changed"
    title: str = "fulfilment fee rose without a new table"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the rises of the last half year that nobody has filed or adopted.

        Raises:
            BadInput: a decision on fees cannot be used.
        """
        findings = []
        for (channel, together), rises in groupby(rises_of(evidence, self.name), lambda r: (r.channel, r.together)):
            if together is None:
                findings += [self._of_sku(evidence, rise) for rise in rises]
            else:
                findings += self._of_channel(channel, together, list(rises))
        return Judgement(findings)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: the marketplace gives the money back, or the new fee is adopted."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _of_sku(self, evidence: Evidence, rise: Rise) -> Finding:
        before, after, extra = (amount_text(a, rise.currency) for a in (rise.before, rise.after, rise.extra))
        remedy = _remedy(rise, evidence)
        units = f"{rise.units:,} unit{'' if rise.units == 1 else 's'}"
        return _finding(
            self.name,
            rise.channel,
            rise_subject(rise),
            title=f"Fulfilment fee of {rise.sku} rose from {before} to {after} {rise.currency} on {rise.first_day}:"
            f" {units}, {extra} {rise.currency} more",
            severity=_severity(rise, evidence),
            cause=(f"fee|{rise.channel}|rise|{rise.sku}", f"{rise.sku} was measured again by {rise.channel}"),
            remedy=remedy,
            rises=[rise],
            deadline=rise_deadline(rise),
            detail={
                "sku": rise.sku,
                "before": before,
                "after": after,
                "last_day_before": str(rise.last_day),
                "first_day_after": str(rise.first_day),
                "units_before": rise.held,
                "units": rise.units,
                "orders": rise.orders,
                **told_facts(evidence, rise.channel, rise.sku),
            },
        )

    def _of_channel(self, channel: str, day: date, rises: Sequence[Rise]) -> Iterable[Finding]:
        for currency, own in groupby(sorted(rises, key=lambda r: (r.currency, r.sku)), lambda r: r.currency):
            held = list(own)
            skus = list(dict.fromkeys(r.sku for r in held))
            extra = amount_text(total_of(r.extra for r in held), currency)
            remedy = "a adopts what is charged for each of these SKUs; or import the new table (E, then I)"
            yield _finding(
                self.name,
                channel,
                f"new table/{day}/{currency}",
                title=f"Fulfilment fees of {len(skus):,} SKUs of {channel} rose together from {day} on,"
                f" {extra} {currency} more: it looks like a new table",
                severity="low",
                cause=(f"fee|{channel}|new table", f"a new fulfilment table of {channel} was not imported"),
                remedy=remedy,
                rises=held,
                deadline=None,
                detail={
                    "first_day_after": str(day),
                    "skus": skus[:_NAMED_SKUS],
                    "rose": [
                        f"{r.sku}: {amount_text(r.before, currency)} to {amount_text(r.after, currency)}"
                        for r in held[:_NAMED_SKUS]
                    ],
                },
            )


def _finding(
    control: str,
    channel: str,
    subject: str,
    *,
    title: str,
    severity: Literal["high", "med", "low"],
    cause: tuple[str, str],
    remedy: str,
    rises: Sequence[Rise],
    deadline: datetime | None,
    detail: Mapping[str, object],
) -> Finding:
    extra = total_of(r.extra for r in rises)
    before = total_of(r.before * r.units for r in rises)
    return Finding(
        discrepancy_id=f"{control}|{channel}|{subject}",
        control=control,
        channel=channel,
        subject=subject,
        title=title,
        severity=severity,
        cause_id=cause[0],
        cause=cause[1],
        blocked_by=remedy,
        channel_amount=-(before + extra),
        erp_amount=-before,
        # A new table is no overcharge: its money is told, not claimed.
        amount=extra if rises[0].together is None else Decimal(0),
        currency=rises[0].currency,
        occurred_at=datetime.combine(min(r.first_day for r in rises), time(), tzinfo=UTC),
        deadline=deadline,
        detail={**detail, "difference": amount_text(extra, rises[0].currency), "remedy": remedy},
    )


def _severity(rise: Rise, evidence: Evidence) -> Literal["high", "med", "low"]:
    deadline = rise_deadline(rise)
    return "high" if evidence.is_after(deadline - _SOON) and not evidence.is_after(deadline) else "med"


def _remedy(rise: Rise, evidence: Evidence) -> str:
    deadline = rise_deadline(rise)
    first = (
        f"until {deadline:%Y-%m-%d}"
        if not evidence.is_after(deadline)
        else "now: the window of the first charges is over"
    )
    return (
        f"Ask for a new measurement and the money {first} (`tieout fees case {rise.channel} {rise.sku}` writes it);"
        " or a adopts the new fee, if the item did change"
    )


CONTROL = FeeChanged()
