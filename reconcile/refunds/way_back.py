"""An order's way back as a whole: what is written for its goods and its money, what stops it, what is there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from reconcile.controls.posting_days import posting_day
from reconcile.fixes.returns.return_closings import closing_operation
from reconcile.fixes.returns.return_goods import goods_operations
from reconcile.fixes.returns.return_money import credit_operations, payout_operation, payout_stop
from reconcile.mapping.skus import Resolution
from reconcile.refunds.cases import Case, read_cases
from reconcile.refunds.credited import Credit
from reconcile.refunds.goods_back import GoodsBack, goods_back, kept_back
from reconcile.refunds.judged import erp_horizon
from reconcile.refunds.money_back import MoneyBack, Owed, money_back, refund_stop
from reconcile.refunds.terms import Terms, resolved, sent_unread, terms_of
from reconcile.refunds.told import Key
from sync.money import total_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop

__all__ = ["GoodsStep", "MoneyStep", "WayBack", "ways_back"]


@dataclass(frozen=True, slots=True)
class GoodsStep:
    """What one return still needs; neither operations nor a stop: nothing."""

    goods: GoodsBack
    operations: tuple[PlannedOperation, ...]
    stop: Stop | None
    #: The authorization waits for goods or money that nobody owes: its lines are closed.
    closes: bool = False
    #: Everything it needs was sent after the ERP was last read.
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class MoneyStep:
    """What one portion of a refund still needs: a credit with its payout, or the payout of a credit that is there."""

    owed: Owed
    needs: Literal["credit", "payout", "nothing"]
    credits: tuple[Credit, ...]
    operations: tuple[PlannedOperation, ...] = ()
    stop: Stop | None = None
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class WayBack:
    """One order. `stop` is what keeps all of it from being booked (a channel without terms)."""

    case: Case
    goods: tuple[GoodsStep, ...] = ()
    money: tuple[MoneyStep, ...] = ()
    stop: Stop | None = None
    #: What documents credit beyond every refund that the channel tells of, and which they are.
    left: Decimal = Decimal(0)
    unmatched: tuple[Credit, ...] = ()

    @property
    def is_short(self) -> bool:
        """Tell whether credits are there that pay no refund in full, beside refunds that none pays."""
        return self.left > 0 and any(m.needs == "credit" for m in self.money)


def ways_back(evidence: Evidence, only: Collection[Key] | None = None) -> tuple[WayBack, ...]:
    """Return the orders that do not agree, or the named ones, each derived anew from the mirror and the decisions.

    The whole answer is computed once within one evidence.
    """
    if only is None:
        return evidence.once("ways back", lambda: _all(evidence, read_cases(evidence)))
    return _all(evidence, read_cases(evidence, only))


def _all(evidence: Evidence, cases: Sequence[Case]) -> tuple[WayBack, ...]:
    skus = resolved(evidence, cases)
    return tuple(_one(evidence, case, skus) for case in cases)


def _one(evidence: Evidence, case: Case, skus: Mapping[tuple[str, str], Resolution]) -> WayBack:
    terms = terms_of(evidence, case.channel)
    if not isinstance(terms, Terms):
        return WayBack(case, stop=terms)
    problem = _sku_stop(case, skus)
    if problem is not None:
        return WayBack(case, stop=problem)
    goods = goods_back(evidence, terms, case, skus)
    money = money_back(terms, case, goods, skus)
    sent = sent_unread(evidence, erp_horizon(evidence).lasts)
    steps = tuple(_goods_step(evidence, terms, case, g, money, sent) for g in goods)
    steps += tuple(GoodsStep(g, (), None) for g in kept_back(terms, case, goods))
    steps = tuple(_closing_step(evidence, case, s, money, sent) for s in steps)
    paid = _money_steps(evidence, terms, case, {s.goods.back.return_id: s for s in steps}, money, sent)
    return WayBack(case, steps, paid, None, money.credited.left, money.credited.unmatched)


def _sku_stop(case: Case, skus: Mapping[tuple[str, str], Resolution]) -> Stop | None:
    """Return the first SKU of goods that no item stands for; money alone needs none."""
    for portion in case.portions:
        for line in portion.lines if portion.return_id else ():
            found = skus.get((case.channel, line.sku or ""))
            if found is not None and found.problem:
                return (found.cause_id, found.cause, f"Map {line.sku} to an item")
    return None


def _goods_step(
    evidence: Evidence, terms: Terms, case: Case, goods: GoodsBack, money: MoneyBack, sent: Collection[str]
) -> GoodsStep:
    if not goods.is_open and goods.stop is None:
        return GoodsStep(goods, (), None)
    mine = [o for o in money.owed if o.portion.return_id == goods.back.return_id]
    credited = bool(mine) and all(money.credited.is_credited(o.due) for o in mine)
    operations, stop = goods_operations(evidence, terms, case, goods, without_money=credited)
    wanted = [o for o in operations if o.identity not in sent]
    return GoodsStep(goods, tuple(wanted), stop, bool(operations) and not wanted)


def _closing_step(
    evidence: Evidence, case: Case, step: GoodsStep, money: MoneyBack, sent: Collection[str]
) -> GoodsStep:
    """Return a step that has nothing left to bring in with the end of its authorization, where it waits for nothing."""
    if step.operations or step.stop is not None or step.is_unread or step.goods.rma is None:
        return step
    mine = [o for o in money.owed if o.portion.return_id == step.goods.back.return_id]
    if any(not money.credited.is_credited(o.due) for o in mine):
        return step
    credited = {c.document_id: c for o in mine for c in money.credited.by[o.due.identity]}
    closing, stop = closing_operation(evidence, case, step.goods, list(credited.values()))
    if stop is not None or closing is None:
        return replace(step, stop=stop, closes=stop is not None)
    is_sent = closing.identity in sent
    return replace(step, operations=() if is_sent else (closing,), closes=True, is_unread=is_sent)


def _money_steps(
    evidence: Evidence,
    terms: Terms,
    case: Case,
    goods: Mapping[str, GoodsStep],
    money: MoneyBack,
    sent: Collection[str],
) -> tuple[MoneyStep, ...]:
    bills = case.documents.bills
    left = total_of(b.total for b in bills) - total_of(c.total for c in case.documents.credits) if bills else None
    found = []
    for owed in money.owed:
        held = money.credited.by.get(owed.due.identity, ())
        if held:
            found.append(_paid_out(evidence, terms, case, owed, held, sent))
            continue
        step = _credit_step(evidence, terms, case, owed, goods.get(owed.portion.return_id or ""), left, sent)
        if left is not None:
            left -= owed.due.amount
        found.append(step)
    return tuple(found)


def _credit_step(
    evidence: Evidence,
    terms: Terms,
    case: Case,
    owed: Owed,
    goods: GoodsStep | None,
    left: Decimal | None,
    sent: Collection[str],
) -> MoneyStep:
    stop = refund_stop(terms, case, owed) or (goods.stop if goods is not None else None)
    if stop is not None:
        return MoneyStep(owed, "credit", (), stop=stop)
    since = erp_horizon(evidence).since
    is_old = case.order is not None and since is not None and case.order.ordered_at < since
    own = goods.goods if goods is not None else None
    operations, stop = credit_operations(evidence, terms, case, owed, own, left=left, is_old=is_old)
    wanted = tuple(o for o in operations if o.identity not in sent)
    return MoneyStep(owed, "credit", (), wanted, stop, bool(operations) and not wanted)


def _paid_out(
    evidence: Evidence, terms: Terms, case: Case, owed: Owed, held: Sequence[Credit], sent: Collection[str]
) -> MoneyStep:
    """Return the payout that a credit still needs: of one open credit memo over the whole that nothing pays out."""
    document = next((d for d in case.documents.of("CustCred") if d.transaction_id == held[0].document_id), None)
    if (
        len(held) > 1
        or document is None
        or document.status != "A"
        or document.total != owed.due.amount
        or case.documents.refund_of(document.transaction_id) is not None
        or terms.policy.open_invoice == "apply"
    ):
        return MoneyStep(owed, "nothing", tuple(held))
    identity = owed.payout_identity(terms, case.order_id)
    day, stop = posting_day(evidence, owed.due.identity, terms.day(owed.refund.at))
    stop = stop or payout_stop(terms, case, is_cash=False)
    customer = document.customer_id or terms.routing.customer_id
    if stop is not None or customer is None:
        return MoneyStep(owed, "payout", tuple(held), stop=stop)
    ours = document.external_id == owed.due.identity
    named = {"external_id": owed.due.identity} if ours else {"document_id": document.transaction_id}
    operation = payout_operation(terms, case, owed, named, customer, day, waits=False)
    unread = identity in sent
    return MoneyStep(owed, "payout", tuple(held), () if unread else (operation,), None, unread)
