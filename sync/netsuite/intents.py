"""What is to be written, in our words: the shape of an operation's `intent`, checked before anything is sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sync.errors import BadInput

__all__ = [
    "Address",
    "CustomerIntent",
    "CustomerReference",
    "JournalIntent",
    "JournalLine",
    "SalesOrderIntent",
    "SalesOrderLine",
    "read_intent",
]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("an amount must be text such as '12.30', a float has lost cents")
    return value


def _text_id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


#: NetSuite keeps amounts to four decimals (the mirror does as well).
Amount = Annotated[Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False, max_digits=18, decimal_places=4)]
#: An exchange rate or a unit price has more of them.
Factor = Annotated[Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False, max_digits=24, decimal_places=12)]
NumericId = Annotated[str, BeforeValidator(_text_id), Field(pattern=r"^-?[0-9]{1,18}$")]
ExternalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(_Intent):
    """A postal address; `country` is the ISO code of two letters."""

    name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    phone: str | None = None


class CustomerIntent(_Intent):
    """A customer to create: a person with first and last name, or a company."""

    external_id: ExternalId
    kind: Literal["person", "company"]
    #: The customer's name in lists; None leaves it to NetSuite, which refuses a second one of the same name.
    entity_id: Annotated[str, Field(min_length=1, max_length=83)] | None = None
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    email: str | None = None
    phone: str | None = None
    subsidiary_id: NumericId | None = None
    currency: CurrencyCode | None = None
    address: Address | None = None

    @model_validator(mode="after")
    def _has_its_names(self) -> Self:
        if self.kind == "person" and not (self.first_name and self.last_name):
            raise ValueError("a person needs first_name and last_name")
        if self.kind == "company" and not self.company_name:
            raise ValueError("a company needs company_name")
        return self


class CustomerReference(_Intent):
    """Which customer: by NetSuite's id or by external id."""

    id: NumericId | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.id is None) == (self.external_id is None):
            raise ValueError("a customer is named by id or by external_id")
        return self


class SalesOrderLine(_Intent):
    """One line; `amount` is the total of the line before tax, `rate` the price of one."""

    item_id: NumericId
    quantity: Factor
    amount: Amount
    rate: Factor | None = None
    description: str | None = None
    line_ref: str | None = None
    tax_amount: Amount | None = None
    is_tax_exempt: bool | None = None
    location_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None


class SalesOrderIntent(_Intent):
    """A sales order; `other_reference` is the channel's order number, `discount_amount` a positive number."""

    external_id: ExternalId
    other_reference: Annotated[str, Field(min_length=1, max_length=45)]
    customer: CustomerReference
    date: datetime.date
    subsidiary_id: NumericId | None = None
    location_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    currency: CurrencyCode | None = None
    memo: str | None = None
    ship_method: NumericId | None = None
    ship_by: datetime.date | None = None
    address: Address | None = None
    lines: Annotated[tuple[SalesOrderLine, ...], Field(min_length=1)]
    shipping_cost: Amount | None = None
    discount_amount: Annotated[Amount, Field(ge=0)] | None = None
    discount_item_id: NumericId | None = None

    @model_validator(mode="after")
    def _discount_has_its_item(self) -> Self:
        if self.discount_amount and self.discount_item_id is None:
            raise ValueError("discount_amount needs discount_item_id")
        return self


class JournalLine(_Intent):
    """One line: a debit or a credit, never both; a negative amount belongs on the other side."""

    account_id: NumericId
    debit: Annotated[Amount, Field(ge=0)] | None = None
    credit: Annotated[Amount, Field(ge=0)] | None = None
    memo: str | None = None
    entity_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    location_id: NumericId | None = None

    @model_validator(mode="after")
    def _has_one_side(self) -> Self:
        if (self.debit is None) == (self.credit is None):
            raise ValueError("a line has a debit or a credit")
        return self


class JournalIntent(_Intent):
    """A balanced journal entry; `period` is the id of an accounting period, by default the one of `date`."""

    external_id: ExternalId
    date: datetime.date
    subsidiary_id: NumericId | None = None
    currency: CurrencyCode | None = None
    exchange_rate: Factor | None = None
    memo: str | None = None
    period: NumericId | None = None
    lines: Annotated[tuple[JournalLine, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _balances(self) -> Self:
        debit = sum((line.debit or Decimal(0) for line in self.lines), Decimal(0))
        credit = sum((line.credit or Decimal(0) for line in self.lines), Decimal(0))
        if debit != credit:
            raise ValueError(f"debits of {debit} and credits of {credit} differ by {debit - credit}")
        return self


M = TypeVar("M", bound=_Intent)


def read_intent(model: type[M], intent: Mapping[str, object]) -> M:
    """Return the checked intent.

    Raises:
        BadInput: names the first field that is wrong, and why.
    """
    try:
        return model.model_validate(dict(intent))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
    raise BadInput(
        f"this operation cannot be written to NetSuite: {first['msg'].removeprefix('Value error, ')}",
        remedy="Correct the mapping or the document that it was derived from",
        column=".".join(str(part) for part in first["loc"]) or None,
    )
