"""Journal entries: new ones, one that reverses another, and one that voids a document."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import Amount, CurrencyCode, ExternalId, Factor, Intent, NumericId

__all__ = ["JournalIntent", "JournalLine", "JournalReverseIntent", "VoidIntent"]


class JournalLine(Intent):
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

    def reversed(self) -> JournalLine:
        """Return the line with its sides exchanged."""
        return self.model_copy(update={"debit": self.credit, "credit": self.debit})


class JournalIntent(Intent):
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

    def written_lines(self) -> tuple[JournalLine, ...]:
        """Return the lines as they are written."""
        return self.lines


class JournalReverseIntent(JournalIntent):
    """A journal entry that takes back `reverses_id`: `lines` are those of the first, written with sides exchanged.

    `date` must lie in an open period; `reverses_number` is the first one's number, which the memo names.
    """

    reverses_id: NumericId
    reverses_number: Annotated[str, Field(min_length=1)]

    def written_lines(self) -> tuple[JournalLine, ...]:
        """Return the lines as they are written: each on the other side."""
        return tuple(line.reversed() for line in self.lines)

    @property
    def reason(self) -> str:
        """Return the memo that names the first entry."""
        first = f"Reverses {self.reverses_number} (id {self.reverses_id})"
        return f"{first}: {self.memo}" if self.memo else first


class VoidIntent(JournalReverseIntent):
    """A document that NetSuite voids by a reversing journal: `lines` are its ledger lines as they stand."""

    document_kind: Literal["journal_entry", "customer_payment", "customer_refund", "deposit"]

    @property
    def reason(self) -> str:
        """Return the memo that names the voided document."""
        first = f"Voids {self.document_kind.replace('_', ' ')} {self.reverses_number} (id {self.reverses_id})"
        return f"{first}: {self.memo}" if self.memo else first
