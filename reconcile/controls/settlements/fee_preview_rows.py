"""Charges that a channel's own fee preview denies: one finding a SKU and fee.

The channel said beforehand and afterwards what a unit costs, and charged another amount: no measuring anew explains it.
Where most SKUs are charged otherwise it is a table that the previews do not show: one finding, which claims no money.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Literal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.fees.previewed import BillingFault
from reconcile.fees.told import CLAIMED, faults_of, told_facts
from sync.money import total_of
from sync.ops.findings import Finding

__all__ = ["preview_findings"]

_SOON = timedelta(days=14)
_NAMED_SKUS = 20


def preview_findings(evidence: Evidence, control: str) -> list[Finding]:
    """Return one finding for each SKU and fee that was charged otherwise than previewed, one for most SKUs together.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    found = faults_of(evidence, control)
    alone = [_finding(evidence, control, fault) for fault in found if not fault.is_common]
    common = sorted((f for f in found if f.is_common), key=_place)
    return [*alone, *(_together(control, *place, list(faults)) for place, faults in groupby(common, _place))]


def _place(fault: BillingFault) -> tuple[str, str]:
    return fault.channel, fault.currency


def _together(control: str, channel: str, currency: str, faults: Sequence[BillingFault]) -> Finding:
    skus = list(dict.fromkeys(f.sku for f in faults))
    since = min(f.since for f in faults)
    extra = amount_text(total_of(f.extra for f in faults), currency)
    remedy = "Import the table that is in force, or confirm the one that ships (E): it judges before the preview does"
    return Finding(
        discrepancy_id=f"{control}|{channel}|preview/{currency}",
        control=control,
        channel=channel,
        subject=f"preview/{currency}",
        title=f"{len(skus):,} SKUs of {channel} are charged otherwise than their fee previews say from {since} on,"
        f" {extra} {currency} in all: the previews do not show a table that is in force",
        severity="low",
        cause_id=f"fee|{channel}|previews",
        cause=f"the fee previews of {channel} do not show a table that is in force",
        blocked_by=remedy,
        channel_amount=None,
        erp_amount=None,
        amount=Decimal(0),
        currency=currency,
        occurred_at=datetime.combine(since, time(), tzinfo=UTC),
        detail={
            "from": str(since),
            "until": str(max(f.until for f in faults)),
            "skus": skus[:_NAMED_SKUS],
            "charged": [
                f"{f.sku}: {amount_text(f.charged, currency)}, previewed {amount_text(f.expected, currency)}"
                for f in faults[:_NAMED_SKUS]
            ],
            "difference": extra,
            "remedy": remedy,
        },
    )


def _finding(evidence: Evidence, control: str, fault: BillingFault) -> Finding:
    charged, expected, extra = (
        amount_text(a, fault.currency) for a in (fault.charged, fault.expected, abs(fault.extra))
    )
    deadline = datetime.combine(fault.since, time(), tzinfo=UTC) + CLAIMED
    is_more = fault.extra > 0
    remedy = _remedy(evidence, fault, deadline) if is_more else "It was charged too little: nothing is to be asked back"
    units = f"{fault.units:,} unit{'' if fault.units == 1 else 's'}"
    return Finding(
        discrepancy_id=f"{control}|{fault.channel}|{fault.subject}",
        control=control,
        channel=fault.channel,
        subject=fault.subject,
        title=f"{units} of {fault.sku} {'was' if fault.units == 1 else 'were'} charged {charged} {fault.currency} to"
        f" fulfil, the channel's own fee preview says {expected}: {extra} {fault.currency}"
        f" {'too much' if is_more else 'too little'}",
        severity=_severity(evidence, deadline) if is_more else "low",
        cause_id=f"fee|{fault.channel}|preview|{fault.sku}",
        cause=f"{fault.channel} charges {fault.sku} otherwise than its fee preview says",
        blocked_by=remedy,
        channel_amount=-fault.charged * fault.units,
        erp_amount=-fault.expected * fault.units,
        amount=fault.extra if is_more else Decimal(0),
        currency=fault.currency,
        occurred_at=datetime.combine(fault.since, time(), tzinfo=UTC),
        deadline=deadline if is_more else None,
        detail={
            "fee": "fulfilment",
            "sku": fault.sku,
            "charged": charged,
            "expected": expected,
            "schedule": f"fee preview, read from {fault.seen_from} to {fault.seen_until}",
            "units": fault.units,
            "orders": fault.orders,
            "from": str(fault.since),
            "until": str(fault.until),
            "difference": amount_text(fault.extra, fault.currency),
            **told_facts(evidence, fault.channel, fault.sku),
            "remedy": remedy,
        },
    )


def _severity(evidence: Evidence, deadline: datetime) -> Literal["high", "med", "low"]:
    if evidence.is_after(deadline):
        return "low"
    return "high" if evidence.is_after(deadline - _SOON) else "med"


def _remedy(evidence: Evidence, fault: BillingFault, deadline: datetime) -> str:
    until = f"until {deadline:%Y-%m-%d}" if not evidence.is_after(deadline) else "now: the first charges are too old"
    return f"Ask for the money {until}: `tieout fees case {fault.channel} {fault.sku}` writes what to send"
