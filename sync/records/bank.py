"""Bookings on the company's own bank accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["BankLine"]


@dataclass(frozen=True, slots=True)
class BankLine:
    """One booking of a bank statement; `amount` is signed (+ arrives), in `currency`."""

    #: The name that the company gives the account.
    account: str
    #: The bank's own number where it gives one, else made of day, amount and text, with a counter for equal bookings.
    line_id: str
    booked_on: date
    value_on: date | None
    amount: Decimal
    currency: str
    counterparty: str | None
    text: str
    reference: str | None
    document_hash: str
    document_name: str
    file_line: int | None
