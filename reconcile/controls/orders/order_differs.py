"""Control: an order and the document that it was booked as do not say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.orders.booked import horizon_of, sent_at
from reconcile.controls.orders.order_differences import BookedOrder, find_suspects
from reconcile.controls.orders.ship_days import propose_comparison
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.orders.order_updates import FieldDifference, differences_of, update_operation, why_not
from reconcile.mapping.posting import month_periods, period_of
from sync.ops.findings import Finding

__all__ = ["CONTROL", "OrderDiffers"]


@dataclass(frozen=True, slots=True)
class OrderDiffers:
    """One finding an order: total and currency always, lines, address and date while something is to be delivered."""

    name: str = "order_differs"
    title: str = "booked, and the two sides differ"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders that differ, field by field, with what the channel changed since the booking."""
        suspects, waits = find_suspects(evidence, self.name, None)
        findings = []
        for one in suspects:
            differences = differences_of(one)
            if not differences:
                continue
            finding = self._finding(evidence, one, differences)
            horizon = horizon_of(evidence, one.order.channel)
            if horizon.is_before(sent_at(evidence).get(finding.discrepancy_id)):
                waits.add("what was just sent to be read back")
            else:
                findings.append(finding)
        return Judgement(findings, waits.count, waits.reasons)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the update of each document that is still open and as it was booked; the others are for a person."""
        suspects, _ = find_suspects(evidence, self.name, wanted.keys())
        derived = Derived()
        for one in suspects:
            differences = differences_of(one)
            if not differences:
                continue
            discrepancy_id = wanted[one.order.channel, one.order.order_id]
            if any(d.field == "ship_by" for d in differences):
                propose_comparison(evidence, one.order.channel, self.judge)
            stop = _stop(evidence, one, differences)
            if stop is None:
                derived.add(update_operation(one, differences, discrepancy_id))
                continue
            cause_id, cause = _cause(one, differences)
            at_stake = _at_stake(one, differences)
            derived.obstacles.append(
                Obstacle(
                    discrepancy_id, one.order.channel, one.order.order_id, cause_id, cause, stop, at_stake,
                    one.order.currency,
                )
            )  # fmt: skip
        return derived

    def _finding(self, evidence: Evidence, one: BookedOrder, differences: Sequence[FieldDifference]) -> Finding:
        cause_id, cause = _cause(one, differences)
        money = any(d.field in ("total", "currency") for d in differences)
        return Finding(
            discrepancy_id=f"{self.name}|{one.order.channel}|{one.order.order_id}",
            control=self.name,
            channel=one.order.channel,
            subject=one.order.order_id,
            title=f"{one.number} differs from order {one.order.order_id} in {_named(differences)}",
            severity="high" if money or any(d.is_address for d in differences) else "med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=_stop(evidence, one, differences),
            channel_amount=one.accepted[0],
            erp_amount=one.erp_total,
            amount=_at_stake(one, differences),
            currency=one.order.currency,
            occurred_at=max(one.order.updated_at, one.order.ordered_at),
            deadline=one.order.ship_by if one.standing.stage in ("open", "moving") else None,
            detail={
                "document": f"{one.number} ({one.standing.word})",
                "changed_since_booking": one.has_changed,
                "differences": [asdict(d) for d in differences],
            },
        )


def _cause(one: BookedOrder, differences: Sequence[FieldDifference]) -> tuple[str, str]:
    channel = one.order.channel
    if one.standing.stage == "unknown":
        return (f"standing|{one.standing.word}", f"{one.standing.word} of NetSuite's documents is not known")
    if one.holds_entry_day and all(d.field == "ship_by" for d in differences):
        return (f"differs|{channel}|ship_date", f"documents of {channel} hold the day of the document as ship date")
    if all(d.is_delivery for d in differences):
        if one.delivery.edited:
            return (f"differs|{channel}|sent", f"documents of {channel} are to be sent otherwise than their orders say")
        return (f"differs|{channel}|delivery", f"{channel} changed address or date of orders after they were booked")
    if one.has_changed:
        return (f"differs|{channel}|changed", f"{channel} changed orders after they were booked")
    return (f"differs|{channel}|booked", f"documents of {channel} hold something else than their orders")


def _stop(evidence: Evidence, one: BookedOrder, differences: Sequence[FieldDifference]) -> str | None:
    stop = why_not(one, differences)
    if stop is not None or not month_periods(evidence):
        return stop
    period = period_of(evidence, one.transaction_date)
    if period is not None and (period.closed or period.all_locked):
        return f"period {period.name} of {one.number} is closed: open it, or correct {one.number} by hand"
    return None


def _named(differences: Sequence[FieldDifference]) -> str:
    names = ["address" if d.is_address else d.field.replace("_", " ") for d in differences]
    return ", ".join(dict.fromkeys(names))


def _at_stake(one: BookedOrder, differences: Sequence[FieldDifference]) -> Decimal:
    """Return what the totals differ by; the whole order where the goods might go to the wrong place."""
    if any(d.field == "currency" for d in differences):
        return abs(one.order.total)
    if any(d.field == "total" for d in differences):
        return abs(one.accepted[0] - one.erp_total)
    return abs(one.order.total)


CONTROL = OrderDiffers()
