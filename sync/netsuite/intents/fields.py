"""What every intent is made of: exact amounts, ids, addresses, references to customers and source documents."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sync.errors import BadInput

__all__ = [
    "Address",
    "Amount",
    "CurrencyCode",
    "CustomerReference",
    "Document",
    "ExternalId",
    "Factor",
    "GoodsLine",
    "Intent",
    "NumericId",
    "OwnDocument",
    "Positive",
    "Source",
    "SourceKind",
    "SourceLine",
    "only",
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
#: An amount that is never negative and never nothing.
Positive = Annotated[Amount, Field(gt=0)]
#: An exchange rate or a unit price has more of them.
Factor = Annotated[Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False, max_digits=24, decimal_places=12)]
NumericId = Annotated[str, BeforeValidator(_text_id), Field(pattern=r"^-?[0-9]{1,18}$")]
ExternalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Intent(BaseModel):
    """What is to be written, in our words; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(Intent):
    """A postal address; `country` is the ISO code of two letters."""

    name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    phone: str | None = None


class CustomerReference(Intent):
    """Which customer: by NetSuite's id or by external id."""

    id: NumericId | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.id is None) == (self.external_id is None):
            raise ValueError("a customer is named by id or by external_id")
        return self


SourceKind = Literal["sales_order", "invoice", "cash_sale", "return_authorization", "transfer_order", "purchase_order"]


class Source(Intent):
    """The document that a new one is made from: its kind, and its id or external id."""

    kind: SourceKind
    id: NumericId | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.id is None) == (self.external_id is None):
            raise ValueError("a source document is named by id or by external_id")
        return self

    @property
    def address(self) -> str:
        """Return what stands where an id does: the id, or `eid:` and the external id (contract §2.1)."""
        return self.id if self.id is not None else f"eid:{self.external_id}"


def only(*kinds: SourceKind) -> AfterValidator:
    """Return the check that a source document is of one of `kinds` (contract §2.5)."""

    def check(source: Source) -> Source:
        if source.kind not in kinds:
            raise ValueError(f"made from {' or '.join(kinds)}, not from {source.kind}")
        return source

    return AfterValidator(check)


class SourceLine(Intent):
    """One line of the source document that the new one takes over, by its line id or by its item.

    `quantity` is in units of the source; None takes over what is left.
    """

    line_id: NumericId | None = None
    item_id: NumericId | None = None
    quantity: Annotated[Factor, Field(gt=0)] | None = None
    location_id: NumericId | None = None

    @model_validator(mode="after")
    def _names_a_line(self) -> Self:
        if self.line_id is None and self.item_id is None:
            raise ValueError("a line is named by line_id, by item_id or by both")
        return self


class GoodsLine(Intent):
    """One line of goods; `amount` is the total of the line before tax, `rate` the price of one."""

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


class OwnDocument(Intent):
    """What every new document has: our number for it, and the day in whose period it posts."""

    external_id: ExternalId
    date: datetime.date
    memo: str | None = None
    #: Id of an accounting period, by default the one of `date`.
    period: NumericId | None = None


class Document(OwnDocument):
    """A document with the dimensions of its header."""

    subsidiary_id: NumericId | None = None
    location_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    currency: CurrencyCode | None = None
    exchange_rate: Factor | None = None


M = TypeVar("M", bound=Intent)


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
