"""A balanced journal said as another kind of document: a deposit with cash back, or a cash sale (or refund) summary.

All say the same per account: the journal's clearing line is where the deposit goes or the sale is paid into, its other
lines are the parts. Negative parts first: a deposit below zero is no deposit, such a part stays a journal.
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

    `parts` are the settlement's sums that it holds: where several payments share an order's sums, the first has them.
    """

    document_id: str
    number: str
    order_id: str
    amount: Decimal
    parts: Mapping[GroupKey, Decimal]
    #: Undeposited funds, where a voided deposit has put its money back: the ERP would not take the sale up once more.
    released: LedgerAccount | None = None


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
    """Return the deposit that says what the journal says, None where it would be below zero.

    `paid` are cash sales whose money the part holds; what they stand for leaves the lines.
    """
    covered: dict[GroupKey, Decimal] = {}
    for sale in paid:
        for key, amount in sale.parts.items():
            covered[key] = covered.get(key, Decimal(0)) + amount
    others: list[PostingPart] = []
    kept: list[PostingPart] = []
    for line in journal.lines:
        if not line.groups:
            continue
        amount = line.credit - line.debit - total_of(covered.pop(key, Decimal(0)) for key in line.groups)
        if amount:
            where = others if amount > 0 else kept
            where.append(PostingPart(line.account, line.memo, abs(amount)))
    if any(covered.values()):
        raise ValueError(f"{journal.external_id}: cash sales stand for amounts that it does not hold")
    others += [PostingPart(s.released, f"Order {s.order_id}, {s.number}", s.amount) for s in paid if s.released]
    waiting = tuple(s for s in paid if s.released is None)
    if not waiting and not others:
        return None
    total = total_of(o.amount for o in others) + total_of(s.amount for s in waiting) - total_of(k.amount for k in kept)
    return None if total < 0 else DepositPosting(clearing, total, waiting, tuple(others), tuple(kept))


def sale_of(journal: Journal, clearing: LedgerAccount) -> SalePosting:
    """Return the cash sale, or below zero the cash refund, that says what the journal says."""
    lines = [line for line in journal.lines if line.groups]
    total = total_of(line.credit - line.debit for line in lines)
    sign = -1 if total < 0 else 1
    parts = tuple(PostingPart(x.account, x.memo, sign * (x.credit - x.debit)) for x in lines)
    return SalePosting(total < 0, clearing, abs(total), parts)
