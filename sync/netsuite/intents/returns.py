"""What comes back: authorizations, credits and refunds of sales."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import (
    Amount,
    CustomerReference,
    Document,
    ExternalId,
    Factor,
    GoodsLine,
    Intent,
    NumericId,
    Positive,
    Source,
    SourceLine,
    only,
)

__all__ = [
    "Application",
    "CashRefundIntent",
    "CreditLine",
    "CreditMemoIntent",
    "GivenBack",
    "ReturnAuthorizationIntent",
]


class Application(Intent):
    """A part of a payment or credit that settles one document; `amount` in the document's currency.

    The document is named by id, or by our external id where it is made in the same plan.
    """

    document_id: NumericId | None = None
    external_id: ExternalId | None = None
    amount: Positive
    #: The instalment of the document, where it has several.
    line: int | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.document_id is None) == (self.external_id is None):
            raise ValueError("a document is named by document_id or by external_id")
        return self


class CreditLine(SourceLine):
    """A line of the source given back; `amount` is what is given back for the line, the whole price by default."""

    amount: Amount | None = None
    rate: Factor | None = None
    description: str | None = None


class GivenBack(Document):
    """Made from a source (everything or the named lines), or standing alone (customer and lines).

    `further_lines` stand beside the lines of the source: shipping, tax, what is kept.
    """

    source: Source | None = None
    source_lines: tuple[CreditLine, ...] = ()
    further_lines: tuple[GoodsLine, ...] = ()
    customer: CustomerReference | None = None
    lines: tuple[GoodsLine, ...] = ()
    other_reference: Annotated[str, Field(min_length=1, max_length=45)] | None = None

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        if self.source is not None and (self.lines or self.customer):
            raise ValueError("a document made from another takes customer and lines from it: name source_lines")
        if self.source is None and (self.customer is None or not self.lines or self.source_lines):
            raise ValueError("a document of its own needs customer and lines, and has no source_lines")
        if self.further_lines and not self.source_lines:
            raise ValueError("further_lines stand beside source_lines")
        if any(line.tax_amount for line in self.further_lines):
            raise ValueError("further_lines carry no tax: it stands on a line of its own")
        return self


class ReturnAuthorizationIntent(GivenBack):
    """Leave to send goods back, pending their receipt."""

    source: Annotated[Source, only("sales_order", "invoice", "cash_sale")] | None = None

    @model_validator(mode="after")
    def _does_not_post(self) -> Self:
        if self.period is not None:
            raise ValueError("a return authorization does not post: it has no period")
        return self


class CreditMemoIntent(GivenBack):
    """A credit for the customer, settled against the documents of `applies_to`."""

    source: Annotated[Source, only("return_authorization", "invoice")] | None = None
    applies_to: tuple[Application, ...] = ()
    account_id: NumericId | None = None


class CashRefundIntent(GivenBack):
    """Money given back for a sale that was paid at once (a cash sale that is deposited cannot be changed)."""

    source: Annotated[Source, only("cash_sale", "return_authorization")] | None = None
    payment_method_id: NumericId | None = None
    account_id: NumericId | None = None
