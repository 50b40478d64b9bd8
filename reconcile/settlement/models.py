"""A balanced journal said as another kind of document: a deposit with cash back, or a cash sale (or refund) summary.

All say the same per account: the journal's clearing line is where the deposit goes or the sale is paid into, its other
lines are the parts. The ERP takes no deposit below zero: a part that takes no cash sale along stays a journal then.
One that does brings what came in to clearing, and what was kept leaves clearing by a line of the same deposit, so that
it is one document whole, and its sales leave undeposited funds however much the part costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.groups import GroupKey
from reconcile.settlement.journal import Journal
from sync.money import total_of

__all__ = ["DepositPosting", "PaidSale", "PostingPart", "SalePosting", "deposit_of", "sale_of"]


@dataclass(frozen=True, slots=True)
class PaidSale:
    """A cash sale, or a payment of an invoice, of one order that waits in undeposited funds.

    `parts` are the settlement's sums that it holds. They add to `amount`, unless other settlements or months pay the
    `rest` of it.
    """

    document_id: str
    number: str
    order_id: str
    amount: Decimal
    parts: Mapping[GroupKey, Decimal]
    #: Undeposited funds, where the money of a sale lies that the ERP would not take up once more: a voided deposit has
    #: put it back there, or another part takes the sale along and leaves there what this one pays.
    released: LedgerAccount | None = None
    #: Undeposited funds, where what others pay of a sale that is taken along whole goes back to.
    rest: LedgerAccount | None = None
    #: A payment of an invoice, no cash sale.
    is_payment: bool = False

    @property
    def paid(self) -> Decimal:
        """Return what the part pays of it."""
        return total_of(self.parts.values())


@dataclass(frozen=True, slots=True)
class PostingPart:
    """An amount on an account; its sign is said by what holds it."""

    account: LedgerAccount
    memo: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DepositPosting:
    """`total` goes to `account` (clearing): payments and others come in, cash back (positive) was kept.

    `total = Σ payments + Σ others - Σ cash back`, always.
    """

    account: LedgerAccount
    total: Decimal
    payments: tuple[PaidSale, ...]
    others: tuple[PostingPart, ...]
    cash_back: tuple[PostingPart, ...]


@dataclass(frozen=True, slots=True)
class SalePosting:
    """A cash sale of `parts` paid into `account` (clearing), or with `is_refund` a cash refund out of it.

    Parts are signed as the document writes them and add to `total`, which is never below zero.
    """

    is_refund: bool
    account: LedgerAccount
    total: Decimal
    parts: tuple[PostingPart, ...]


def deposit_of(journal: Journal, clearing: LedgerAccount, paid: Sequence[PaidSale] = ()) -> DepositPosting | None:
    """Return the deposit that says what the journal says, None where it would be below zero and takes up no sale.

    `paid` are cash sales whose money the part holds; what they stand for leaves the lines.

    Raises:
        ValueError: a sale stands for what the part does not hold, or for another amount than its own without a rest.
    """
    lines = [*_uncovered(journal, paid), *_of_sales(paid)]
    others = tuple(p for p in lines if p.amount > 0)
    kept = tuple(PostingPart(p.account, p.memo, -p.amount) for p in lines if p.amount < 0)
    waiting = tuple(s for s in paid if s.released is None)
    if not waiting and not others:
        return None
    came, kept_back = (
        total_of(o.amount for o in others) + total_of(s.amount for s in waiting),
        total_of(k.amount for k in kept),
    )
    if came >= kept_back:
        return DepositPosting(clearing, came - kept_back, waiting, others, kept)
    if not paid:
        return None
    memo = next((line.memo for line in journal.lines if not line.groups), journal.memo)
    return DepositPosting(clearing, came, waiting, (*others, PostingPart(clearing, memo, kept_back)), kept)


def _uncovered(journal: Journal, paid: Sequence[PaidSale]) -> list[PostingPart]:
    """Return the lines of a journal without what sales stand for; money in is above zero."""
    covered: dict[GroupKey, Decimal] = {}
    for sale in paid:
        for key, amount in sale.parts.items():
            covered[key] = covered.get(key, Decimal(0)) + amount
    lines = []
    for line in journal.lines:
        if line.groups:
            amount = line.credit - line.debit - total_of(covered.pop(key, Decimal(0)) for key in line.groups)
            lines.append(PostingPart(line.account, line.memo, amount))
    if any(covered.values()):
        raise ValueError(f"{journal.external_id}: cash sales stand for amounts that it does not hold")
    return lines


def _of_sales(paid: Sequence[PaidSale]) -> list[PostingPart]:
    """Return what goes through undeposited funds beside the sales that are taken up themselves."""
    lines = []
    for sale in paid:
        name = f"Order {sale.order_id}, {sale.number}"
        if sale.released is not None:
            lines.append(PostingPart(sale.released, name, sale.paid))
        elif sale.rest is not None:
            lines.append(PostingPart(sale.rest, f"{name}: paid by others", sale.paid - sale.amount))
        elif sale.paid != sale.amount:
            raise ValueError(f"{sale.number} is {sale.amount}, and the part pays {sale.paid} of it")
    return lines


def sale_of(journal: Journal, clearing: LedgerAccount) -> SalePosting:
    """Return the cash sale, or below zero the cash refund, that says what the journal says."""
    lines = [line for line in journal.lines if line.groups]
    total = total_of(line.credit - line.debit for line in lines)
    sign = -1 if total < 0 else 1
    parts = tuple(PostingPart(x.account, x.memo, sign * (x.credit - x.debit)) for x in lines)
    return SalePosting(total < 0, clearing, abs(total), parts)
