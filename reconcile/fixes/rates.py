"""The ERP's exchange rates, between a document's currency and the books of its subsidiary."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.mapping.posting import ChannelBooks

__all__ = ["BookRate", "books_currency", "rate_between", "rate_of"]

#: Decimals of a rate that the ERP keeps.
_STEP = Decimal("1.00000000")


@dataclass(frozen=True, slots=True)
class BookRate:
    """The books' currency, and how much of it one unit of the other is."""

    currency: str
    rate: Decimal


def books_currency(evidence: Evidence, subsidiary_id: str | None) -> str | None:
    """Return the currency of a subsidiary's books, where the mirror has it; the ERP's base currency without one."""
    row = evidence.cursor.execute(
        "SELECT coalesce((SELECT currency FROM subsidiaries WHERE subsidiary_id = $1),"
        " (SELECT code FROM erp_currencies WHERE is_base ORDER BY code LIMIT 1))",
        [subsidiary_id],
    ).fetchone()
    return str(row[0]) if row and row[0] else None


def rate_between(evidence: Evidence, currency: str, home: str) -> Decimal | None:
    """Return how much of `home` one unit of a currency is by the ERP's list, None where it lacks one of the two."""
    if currency == home:
        return Decimal(1)
    rates = evidence.once(
        "erp rates",
        lambda: dict(
            evidence.cursor.execute(
                "SELECT code, CASE WHEN is_base THEN 1 ELSE exchange_rate END FROM erp_currencies"
                " WHERE is_base OR exchange_rate > 0"
            ).fetchall()
        ),
    )
    if currency not in rates or home not in rates:
        return None
    return (Decimal(rates[currency]) / Decimal(rates[home])).quantize(_STEP) or None


def rate_of(evidence: Evidence, books: ChannelBooks, currency: str) -> BookRate | None:
    """Return the rate of a channel's documents in a currency; None: the books are kept in it, or no rate is known."""
    home = books_currency(evidence, books.dimensions.subsidiary_id)
    if home is None or home == currency:
        return None
    rate = rate_between(evidence, currency, home)
    return None if rate is None else BookRate(home, rate)
