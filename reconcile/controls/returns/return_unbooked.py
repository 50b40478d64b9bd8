"""Control: goods come back to the channel, and the ERP has no authorization or receipt of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.controls.control import Evidence, Judgement
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.returns.return_goods import return_id_of
from reconcile.refunds.judged import Waits
from reconcile.refunds.returned import Return
from reconcile.refunds.way_back import GoodsStep, WayBack, ways_back
from sync.money import total_of
from sync.ops.findings import Finding

if TYPE_CHECKING:
    from reconcile.controls.posting_stops import Stop

__all__ = ["CONTROL", "ReturnUnbooked"]

_READ_BACK = "what was just sent to be read back"
_KINDS = {"return": "returns", "replacement": "returns for replacements", "keep_it": "returns"}


@dataclass(frozen=True, slots=True)
class ReturnUnbooked:
    """One finding a return whose goods come back; what the buyer keeps needs neither authorization nor receipt."""

    name: str = "return_unbooked"
    title: str = "goods come back, not in NetSuite"
    #: The money of a return is at stake in its refund.
    counts_money: bool = False
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding a return that lacks an authorization, a receipt, or the end of an empty authorization."""
        waits = Waits(evidence, self.name)
        findings = []
        for way in ways_back(evidence):
            for back, step, stop in _open(way):
                if not waits.is_judged(way.case.channel, [back.updated_at]):
                    continue
                if step is not None and step.is_unread:
                    waits.add(_READ_BACK)
                    continue
                findings.append(self._finding(way, back, step, stop))
        return Judgement(findings, waits.count, waits.reasons)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive authorization and receipts of each return that still lacks them."""
        derived = Derived()
        for way in ways_back(evidence, _orders_of(evidence, wanted)):
            for back, step, stop in _open(way):
                key = (way.case.channel, back.return_id)
                if key not in wanted:
                    continue
                if stop is not None:
                    amount, currency = _at_stake(way, back)
                    derived.obstacles.append(Obstacle(wanted[key], *key, *stop, amount, currency))
                elif step is not None:
                    derived.extend(step.operations)
        return derived

    def _finding(self, way: WayBack, back: Return, step: GoodsStep | None, stop: Stop | None) -> Finding:
        amount, currency = _at_stake(way, back)
        lacks, says = _lack(back, step)
        common = f"{_KINDS.get(back.kind, 'returns')} of {back.channel} {says}"
        cause_id, cause = (stop[0], stop[1]) if stop else (f"return|{back.channel}|{back.kind}|{lacks}", common)
        return Finding(
            discrepancy_id=return_id_of(back.channel, back.return_id),
            control=self.name,
            channel=back.channel,
            subject=back.return_id,
            title=f"Return {back.return_id} of {back.order_id} is {says} in NetSuite",
            severity="med" if back.received else "low",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if stop else None,
            channel_amount=None,
            erp_amount=None,
            amount=amount,
            currency=currency,
            occurred_at=back.requested_at,
            detail={
                "order_id": back.order_id,
                "kind": back.kind,
                "status": back.status,
                "units": back.units,
                "received": back.received,
                "skus": [line.sku for line in back.lines],
                "dispositions": [line.disposition or line.reason or "" for line in back.lines],
                "lacks": lacks,
            },
        )


def _open(way: WayBack) -> list[tuple[Return, GoodsStep | None, Stop | None]]:
    """Return the returns of an order that something is to be written for, with what stops it."""
    if way.stop is not None:
        return [(b, None, way.stop) for b in way.case.returns if b.brings_goods and _is_due(b)]
    steps = (s for s in way.goods if s.stop is not None or s.operations or s.is_unread)
    return [(s.goods.back, s, s.stop) for s in steps]


def _lack(back: Return, step: GoodsStep | None) -> tuple[str, str]:
    """Return what is missing, as one word and as what it leaves the return."""
    if step is not None and step.closes:
        if step.stop is not None and step.stop[0].startswith("rma_credited|"):
            return "closing", "waiting for a refund that was given"
        return "closing", "waiting for a refund of nothing" if back.brings_goods else "waiting for goods that stay"
    lacks = "authorization" if step is None or step.goods.needs_rma else "receipt"
    return lacks, f"without {lacks}"


def _is_due(back: Return) -> bool:
    return back.received > 0 or back.status not in ("requested", "cancelled")


def _at_stake(way: WayBack, back: Return) -> tuple[Decimal, str]:
    mine = [p for p in way.case.portions if p.return_id == back.return_id]
    amount = total_of(max(x.amounts.to_buyer, Decimal(0)) for p in mine for x in p.lines)
    currency = mine[0].refund.currency if mine else way.case.order.currency if way.case.order else ""
    return amount, currency


def _orders_of(evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    rows = evidence.cursor.execute(
        "SELECT DISTINCT channel, order_id FROM channel_returns WHERE order_id IS NOT NULL"
        " AND (channel, return_id) IN (SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]))",
        [[c for c, _ in wanted], [r for _, r in wanted]],
    ).fetchall()
    return [(str(channel), str(order_id)) for channel, order_id in rows]


CONTROL = ReturnUnbooked()
