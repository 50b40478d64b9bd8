"""Money: payments of invoices, refunds of credits, and deposits into a bank account."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import (
    Amount,
    CustomerReference,
    Document,
    Factor,
    Intent,
    NumericId,
    OwnDocument,
    Positive,
    Source,
    only,
)
from sync.netsuite.intents.returns import Application

__all__ = ["CashBack", "CustomerPaymentIntent", "CustomerRefundIntent", "DepositIntent", "DepositOther", "Undeposited"]


class CustomerPaymentIntent(OwnDocument):
    """A payment of one invoice, into undeposited funds or into `account_id`.

    `applied` is what of it pays the invoice, all of it by default: the rest stays unapplied on the customer.
    """

    source: Annotated[Source, only("invoice")]
    amount: Positive
    applied: Positive | None = None
    account_id: NumericId | None = None
    to_undeposited_funds: bool | None = None
    payment_method_id: NumericId | None = None
    exchange_rate: Factor | None = None

    @model_validator(mode="after")
    def _goes_to_one_place(self) -> Self:
        if self.to_undeposited_funds and self.account_id is not None:
            raise ValueError("money goes to undeposited funds or to account_id, not to both")
        if self.applied is not None and self.applied > self.amount:
            raise ValueError("no more can be applied than is paid")
        return self


class CustomerRefundIntent(Document):
    """Money given back for open credits; `account_id` is where it is taken from."""

    customer: CustomerReference
    account_id: NumericId
    payment_method_id: NumericId
    applies_to: Annotated[tuple[Application, ...], Field(min_length=1)]


class Undeposited(Intent):
    """A payment or cash sale that waits in undeposited funds; `amount` is what it holds."""

    document_id: NumericId
    amount: Amount


class DepositOther(Intent):
    """Further money that comes in with a deposit, posted to `account_id`; a fee is negative there."""

    account_id: NumericId
    amount: Amount
    memo: str | None = None
    entity_id: NumericId | None = None
    payment_method_id: NumericId | None = None
    reference: str | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    location_id: NumericId | None = None


class CashBack(Intent):
    """What was kept before the money came in (fees); `amount` is positive."""

    account_id: NumericId
    amount: Positive
    memo: str | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    location_id: NumericId | None = None


class DepositIntent(Document):
    """One payout as it came into the bank: undeposited money and others, less cash back. `total` is checked."""

    account_id: NumericId
    total: Amount
    payments: tuple[Undeposited, ...] = ()
    others: tuple[DepositOther, ...] = ()
    cash_back: tuple[CashBack, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if not self.payments and not self.others:
            raise ValueError("a deposit needs payments or others")
        came = sum((*(p.amount for p in self.payments), *(o.amount for o in self.others)), Decimal(0))
        total = came - sum((c.amount for c in self.cash_back), Decimal(0))
        if total != self.total:
            raise ValueError(f"the parts add to {total}, the deposit's total is {self.total}")
        return self
