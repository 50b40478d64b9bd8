"""Control: the ERP credits an order of a channel, and the channel knows of no such refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.reach import Reach, reach_of
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.returns.channel_refunds import channel_refund
from reconcile.refunds.way_back import WayBack, ways_back
from sync.money import total_of
from sync.ops.findings import Finding

__all__ = ["CONTROL", "RefundNotOnChannel"]

#: A channel's ledger shows an event up to two days after it was posted.
_LATE = timedelta(days=2)
#: What tells of refunds first, by vendor.
_STREAMS = {"amazon": "ledger", "walmart": "orders"}


@dataclass(frozen=True, slots=True)
class RefundNotOnChannel:
    """One finding an order; giving money to a buyer is always a person's approval."""

    name: str = "refund_not_on_channel"
    title: str = "credited in NetSuite, not refunded in the channel"
    counts_money: bool = True
    of_orders: bool = True
    #: No policy approves what gives money away.
    by_hand: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders with credits beyond every refund that the channel tells of, and was read far enough for."""
        findings, waits = [], dict[str, int]()
        for way in ways_back(evidence):
            if _beyond(way) <= 0:
                continue
            reason = _unread(evidence, way)
            if reason is not None:
                waits[reason] = waits.get(reason, 0) + 1
            elif not _is_before_start(evidence, self.name, way):
                findings.append(self._finding(evidence, way))
        return Judgement(findings, sum(waits.values()), "; ".join(waits) or None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive Walmart's refund of each order; Amazon gives refunds by hand only."""
        derived = Derived()
        for way in ways_back(evidence, wanted.keys()):
            if _beyond(way) <= 0 or _unread(evidence, way) is not None:
                continue
            found = channel_refund(evidence, way, wanted[way.case.key])
            if isinstance(found, tuple):
                amount, currency = _beyond(way), _currency(way)
                derived.obstacles.append(Obstacle(wanted[way.case.key], *way.case.key, *found, amount, currency))
            else:
                derived.add(found)
        return derived

    def _finding(self, evidence: Evidence, way: WayBack) -> Finding:
        case, amount, currency = way.case, _beyond(way), _currency(way)
        numbers = ", ".join(c.number for c in way.unmatched)
        found = channel_refund(evidence, way, f"{self.name}|{case.channel}|{case.order_id}")
        stop = found if isinstance(found, tuple) else None
        return Finding(
            discrepancy_id=f"{self.name}|{case.channel}|{case.order_id}",
            control=self.name,
            channel=case.channel,
            subject=case.order_id,
            title=f"{numbers} credit {amount_text(amount, currency)} {currency} that {case.channel} has not refunded",
            severity="high",
            cause_id=stop[0] if stop else f"not_refunded|{case.channel}",
            cause=stop[1] if stop else f"credits of orders of {case.channel} without a refund in the channel",
            blocked_by=stop[1] if stop else None,
            channel_amount=total_of(r.to_buyer for r in case.refunds if r.currency == currency),
            erp_amount=total_of(c.total for c in case.documents.credits),
            amount=amount,
            currency=currency,
            occurred_at=min(_moment(c.made_on) for c in way.unmatched),
            detail={"credits": [c.number for c in way.unmatched], "remedy": stop[2] if stop else ""},
        )


def _beyond(way: WayBack) -> Decimal:
    """Return what is credited beyond the channel's refunds; those that only a return tells of count as given.

    So do unclear ones: money is never given twice because an order shows its last refund only.
    """
    if way.is_short or way.stop is not None:
        return Decimal(0)
    return way.left - total_of(r.to_buyer for r in way.case.refunds if r.sources == {"return"} or r.is_unclear)


def _unread(evidence: Evidence, way: WayBack) -> str | None:
    """Return which stream has to be read further before the credits can be judged."""
    channel = way.case.channel
    newest = max(_moment(c.made_on) for c in way.unmatched) if way.unmatched else evidence.at
    kind = _STREAMS.get(channel.partition(".")[0], "ledger")
    read: Reach | None = reach_of(evidence, channel, kind)
    if any(r.sources == {"order"} for r in way.case.refunds):
        # The order may show its last refund only: that it shows none for a credit says nothing, a settlement does.
        read, kind = None, "settlements"
    # A settlement report that was read says nothing of what was posted after its period.
    settled = [evidence.settled_until(chain) for chain in evidence.settled() if chain.channel == channel]
    if any(far.reaches(newest + _LATE) for far in (read, *settled) if far is not None):
        return None
    return f"the {kind} of {channel} to be read until two days after the credit"


def _is_before_start(evidence: Evidence, control: str, way: WayBack) -> bool:
    live_from = go_live(evidence, control, way.case.channel)
    return live_from is not None and max(_moment(c.made_on) for c in way.unmatched) < live_from


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _currency(way: WayBack) -> str:
    bills = way.case.documents.of("CustCred", "CashRfnd")
    return next((d.currency for d in bills if d.currency), way.case.order.currency if way.case.order else "")


CONTROL = RefundNotOnChannel()
