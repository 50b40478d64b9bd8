"""Control: a channel gave money back, and the ERP has no credit of it, or has not paid the credit out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.returns.return_money import refund_id_of
from reconcile.refunds.judged import Waits, unread_returns
from reconcile.refunds.models import Refund
from reconcile.refunds.way_back import MoneyStep, WayBack, ways_back
from sync.money import total_of
from sync.ops.findings import Finding

if TYPE_CHECKING:
    from reconcile.controls.posting_stops import Stop

__all__ = ["CONTROL", "RefundUnbooked"]

_WORDS = {"refund": "refunds", "a_to_z": "A-to-z claims", "chargeback": "chargebacks"}


@dataclass(frozen=True, slots=True)
class RefundUnbooked:
    """One finding an order with refunds that are not credited; a refund that only a return tells of waits."""

    name: str = "refund_unbooked"
    title: str = "money given back, not credited in NetSuite"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; its amount is what buyers got and nobody has credited or paid out."""
        waits = Waits(evidence, self.name)
        findings = []
        for way in ways_back(evidence):
            for _ in (r for r in way.case.refunds if r.sources == {"return"}):
                waits.add(f"the ledger or a settlement of {way.case.channel} to tell what a return was paid")
            if way.case.unclear:
                waits.add(f"a settlement of {way.case.channel} to tell which refunds an order has shown were paid")
                continue
            if not _is_open(way) or not waits.is_judged(way.case.channel, [r.at for r in _refunds(way)]):
                continue
            unread = _unread_returns(evidence, way)
            if unread is not None:
                waits.add(unread)
            elif _is_unread(way):
                waits.add("what was just sent to be read back")
            else:
                findings.append(self._finding(evidence, way))
        return Judgement(findings, waits.count, waits.reasons)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the whole way back of each order: authorization, receipt, credit, and the refund that pays it out."""
        derived = Derived()
        for way in ways_back(evidence, wanted.keys()):
            if not _is_open(way) and not way.case.unclear:
                continue
            stop = _unclear_stop(way) or _returns_stop(evidence, way) or _stop(way)
            if stop is not None:
                case = way.case
                amount, currency = _at_stake(way)
                derived.obstacles.append(
                    Obstacle(wanted[case.key], case.channel, case.order_id, *stop, amount=amount, currency=currency)
                )
                continue
            credited = {m.owed.portion.return_id for m in way.money if m.needs == "credit"}
            for step in way.goods:
                if step.goods.back.return_id in credited and step.stop is None:
                    derived.extend(step.operations)
            for money in way.money:
                derived.extend(money.operations)
        return derived

    def _finding(self, evidence: Evidence, way: WayBack) -> Finding:
        case, stop = way.case, _stop(way)
        amount, currency = _at_stake(way)
        kind = next((r.kind for r in _refunds(way) if r.kind != "refund"), "refund")
        common = (f"refund|{case.channel}|{kind}|{case.fulfilled_by}", f"{_WORDS[kind]} of {case.channel} not credited")
        refunds = _refunds(way)
        given = total_of(r.to_buyer for r in refunds if r.currency == currency)
        return Finding(
            discrepancy_id=refund_id_of(case.channel, case.order_id),
            control=self.name,
            channel=case.channel,
            subject=case.order_id,
            title=f"{amount_text(amount, currency)} {currency} given back for {case.order_id} {_lack(way)}",
            severity="high" if kind != "refund" else "med",
            cause_id=stop[0] if stop else common[0],
            cause=stop[1] if stop else common[1],
            blocked_by=stop[1] if stop else None,
            channel_amount=given,
            erp_amount=total_of(c.total for c in case.documents.credits),
            amount=amount,
            currency=currency,
            occurred_at=min(r.at for r in refunds),
            detail={
                "kind": kind,
                "refunds": [_shown(r) for r in refunds],
                "told_by": sorted({s for r in refunds for s in r.sources}),
                "returns": [b.return_id for b in case.returns],
                "credits": [c.number for c in case.documents.credits],
                "remedy": stop[2] if stop else "",
            },
        )


def _shown(refund: Refund) -> dict[str, object]:
    a = refund.amounts
    parts = {"goods": a.goods, "shipping": a.shipping, "gift": a.gift, "goodwill": a.goodwill, "tax": a.tax}
    parts |= {"kept": a.kept, "fees": a.fees}
    return {
        "key": refund.key,
        "kind": refund.kind,
        "at": refund.at.isoformat(),
        "to_buyer": amount_text(refund.to_buyer, refund.currency),
        "parts": {name: amount_text(value, refund.currency) for name, value in parts.items() if value},
    }


def _refunds(way: WayBack) -> list[Refund]:
    """Return the refunds that are judged: money that went to the buyer or came back from him."""
    return [r for r in way.case.refunds if r.sources != {"return"} and (r.to_buyer or r.unknown)]


def _open_money(way: WayBack) -> list[MoneyStep]:
    return [m for m in way.money if m.needs != "nothing"]


def _is_open(way: WayBack) -> bool:
    if way.stop is not None:
        return bool(_refunds(way))
    return bool(_open_money(way)) or _reversed(way) is not None


def _unread_returns(evidence: Evidence, way: WayBack) -> str | None:
    """Return which returns have to be read first: until then nobody knows whether goods come back for the money."""
    for step in _open_money(way):
        owed = step.owed
        alone = step.needs == "credit" and owed.portion.return_id is None
        if alone and any(x.amounts.goods > 0 for x in owed.portion.lines):
            unread = unread_returns(evidence, way.case.channel, way.case.fulfilled_by, owed.refund.at)
            if unread is not None:
                return unread
    return None


def _unclear_stop(way: WayBack) -> Stop | None:
    if not way.case.unclear:
        return None
    channel, shown = way.case.channel, [amount_text(r.to_buyer, r.currency) for r in way.case.unclear]
    return (
        f"refund_rewritten|{channel}",
        f"orders of {channel} show another refund of a line than before ({', '.join(shown)}): one more, or their sum",
        "Wait for the settlement: it charges each refund by itself",
    )


def _returns_stop(evidence: Evidence, way: WayBack) -> Stop | None:
    unread = _unread_returns(evidence, way)
    if unread is None:
        return None
    stream = unread.partition(",")[0]
    return (
        f"returns_unread|{way.case.channel}",
        f"nobody knows yet whether goods come back: {unread}",
        f"Pull the returns (`tieout pull {stream}`)",
    )


def _is_unread(way: WayBack) -> bool:
    steps = _open_money(way)
    return bool(steps) and _stop(way) is None and all(m.is_unread for m in steps)


def _stop(way: WayBack) -> Stop | None:
    """Return the first thing that keeps an order's refunds from being booked as a whole."""
    if way.stop is not None:
        return way.stop
    case = way.case
    if way.is_short:
        numbers = ", ".join(c.number for c in way.unmatched)
        return (
            f"refund_differs|{case.channel}|{case.order_id}",
            f"{numbers} credit another amount than any refund of {case.order_id}",
            f"Compare {numbers} with the refunds of {case.order_id}; correct or void what is wrong in NetSuite",
        )
    return _reversed(way) or next((m.stop for m in _open_money(way) if m.stop is not None), None)


def _reversed(way: WayBack) -> Stop | None:
    """Return that the channel took a refund back, which no credit can say."""
    back = next((r for r in _refunds(way) if r.to_buyer < 0), None)
    unknown = next((r for r in _refunds(way) if r.unknown and r.to_buyer <= 0), None)
    if unknown is not None:
        return (
            f"refund_type|{way.case.channel}|{unknown.unknown[0]}",
            f"refunds of {way.case.channel} hold {unknown.unknown[0]}, which no rule knows",
            "Choose category and account of this line type",
        )
    if back is None:
        return None
    amount = amount_text(-back.to_buyer, back.currency)
    return (
        f"refund_reversed|{way.case.channel}",
        f"{way.case.channel} took {amount} {back.currency} of a refund back",
        f"Void or reduce the credit of {way.case.order_id} in NetSuite, then waive this",
    )


def _at_stake(way: WayBack) -> tuple[Decimal, str]:
    steps = _open_money(way)
    refunds = _refunds(way)
    currency = steps[0].owed.refund.currency if steps else refunds[0].currency
    if steps:
        return total_of(m.owed.due.with_tax for m in steps if m.owed.refund.currency == currency), currency
    return total_of(abs(r.to_buyer) for r in refunds if r.currency == currency), currency


def _lack(way: WayBack) -> str:
    needs = {m.needs for m in way.money}
    return "is credited and not paid out" if needs & {"credit", "payout"} == {"payout"} else "is not credited"


CONTROL = RefundUnbooked()
