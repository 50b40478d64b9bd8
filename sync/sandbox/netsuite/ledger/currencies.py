"""Currencies of documents: defaults, rates, codes, and amounts in the subsidiary's own currency."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, user_error

__all__ = ["base_currency", "currency_code", "fill_currency", "home_code", "to_base"]


def base_currency(books: Books) -> int | None:
    """Return the company's base currency: the one marked so, else the first; None in empty books."""
    currencies = books.records("currency")
    marked = [c for c in currencies if c.fields.get("isBaseCurrency") is True]
    chosen = marked or currencies
    return chosen[0].id if chosen else None


def _home(books: Books, stored: Stored) -> int | None:
    subsidiary = books.look("subsidiary", stored.ref("subsidiary"))
    own = subsidiary.ref("currency") if subsidiary else None
    return own if own is not None else base_currency(books)


def fill_currency(books: Books, stored: Stored) -> None:
    """Set currency (subsidiary's, else the base currency) and the rate to the subsidiary's base currency."""
    home = _home(books, stored)
    if home is None:
        raise user_error("Please enter value(s) for: Currency.")
    chosen = stored.ref("currency")
    if chosen is None:
        stored.fields["currency"] = chosen = home
    if "exchangeRate" not in stored.fields:
        stored.fields["exchangeRate"] = _rate(books, chosen, home)
    if stored.number("exchangeRate") <= 0:
        raise invalid_value(stored.fields["exchangeRate"], "exchangeRate", "exchangeRate")


def _rate(books: Books, currency: int, home: int) -> Decimal:
    if currency == home:
        return Decimal(1)
    quoted = books.get("currency", currency).number("exchangeRate")
    base = books.get("currency", home).number("exchangeRate") or Decimal(1)
    return (quoted / base).quantize(Decimal("0.00000001")).normalize()


def currency_code(books: Books, stored: Stored) -> str:
    """Return the ISO code of a transaction's currency."""
    currency = books.look("currency", stored.ref("currency"))
    return (currency.text("symbol") if currency else None) or "USD"


def home_code(books: Books, stored: Stored) -> str:
    """Return the ISO code of the currency in which a transaction's subsidiary keeps its ledger."""
    home = books.look("currency", _home(books, stored))
    return (home.text("symbol") if home else None) or currency_code(books, stored)


def to_base(books: Books, stored: Stored) -> Callable[[Decimal], Decimal]:
    """Return the conversion of a transaction's amounts into its ledger's currency, rounded to the cent."""
    code, rate = home_code(books, stored), stored.number("exchangeRate") or Decimal(1)
    return lambda amount: round_to_minor(amount * rate, code)
