"""What a statement file becomes, whatever its form."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sync.errors import BadInput
from sync.records import BankLine

__all__ = ["BankStatement", "Booking", "bank_lines"]

#: The power of ten that the mirror holds of an amount, and characters that no booking comes near.
_LARGEST, _LONGEST = 13, 100_000


@dataclass(frozen=True, slots=True)
class Booking:
    """One row of a statement before it has an identity; `number` is the bank's own."""

    booked_on: date
    value_on: date | None
    amount: Decimal
    currency: str
    counterparty: str | None
    text: str
    reference: str | None
    number: str | None
    file_line: int | None


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A statement that has been read whole: its lines in the order of the file.

    `closing` is the balance after the last booking where the file states one; `notes` tell a person what was assumed.
    """

    account: str
    #: csv or ofx
    format: str
    document_hash: str
    document_name: str
    lines: Sequence[BankLine]
    #: Number of the account as the file has it, None where it has none.
    account_number: str | None
    closing: Decimal | None
    notes: Sequence[str] = ()


def bank_lines(bookings: Iterable[Booking], *, account: str, document_hash: str, document_name: str) -> list[BankLine]:
    """Return the bookings with identities.

    Two bookings that are equal in everything are both real; the same booking in two files that overlap is one. So an
    identity without the bank's number is made of the content, with a counter within the day: equal bookings of a day
    stand in every statement that holds the day.
    """
    seen: Counter[str] = Counter()
    lines = []
    for b in bookings:
        if not b.amount.is_finite() or b.amount.adjusted() > _LARGEST or len(b.text) > _LONGEST:
            raise BadInput(
                "a booking's amount or text is larger than any of a bank",
                remedy="Export the statement again; nothing was taken",
                file=document_name,
                line=b.file_line,
            )
        content = "|".join(
            (b.booked_on.isoformat(), str(b.amount.normalize()), b.currency, b.counterparty or "", b.text)
        )
        base = b.number or f"{b.booked_on:%Y%m%d}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        seen[base] += 1
        line_id = base if seen[base] == 1 else f"{base}-{seen[base]}"
        lines.append(
            BankLine(
                account,
                line_id,
                b.booked_on,
                b.value_on,
                b.amount,
                b.currency,
                b.counterparty,
                b.text,
                b.reference,
                document_hash,
                document_name,
                b.file_line,
            )
        )
    return lines
