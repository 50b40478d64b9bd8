"""What the streams share in reading an answer: its rows, its next-page token, its archived page, times and money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.message import Message

from pydantic import ValidationError

from sync.errors import ContractBroken
from sync.money import minor_digits
from sync.streams import Document, Quarantined, RawPage
from sync.transport import Reply

__all__ = [
    "Read",
    "Unreadable",
    "amount_of",
    "charset_of",
    "page_of",
    "read_rows",
    "refused_why",
    "rows_of",
    "stored_time",
    "time_of",
    "token_of",
]

#: One row of an answer as a document, or why it cannot be read; None: it is of no interest, and was counted elsewhere.
Decode = Callable[[Mapping[str, object], int], Document | Quarantined]


class Unreadable(ValueError):
    """A row says something that no record can be made from; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Read:
    """One page as read; `token` asks for the next one."""

    documents: Sequence[Document]
    quarantined: Sequence[Quarantined] = ()
    token: str | None = None


def rows_of(reply: Reply, *path: str) -> list[object]:
    """Return the list at `path` of the answer; one object stands for a list of one, null for an empty list.

    Raises:
        ContractBroken: there is no list.
    """
    found: object = reply.json()
    for name in path:
        found = found.get(name, _Missing) if isinstance(found, Mapping) else _Missing
    if found is None:
        return []
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise ContractBroken(reply.seen(detail=f"the answer holds no list of {path[-1]}"))
    return found


class _Missing:
    """Stands for a member that is not there."""


def token_of(reply: Reply, *path: str) -> str | None:
    """Return the next-page token at `path`, None for none or a blank one."""
    found: object = reply.json()
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and found else None


def read_rows(rows: Iterable[object], decode: Decode, *, key: str, token: str | None = None) -> Read:
    """Decode every row; one that is no object or that `decode` calls unreadable is quarantined under its `key`."""
    documents: list[Document] = []
    bad: list[Quarantined] = []
    for ordinal, row in enumerate(rows):
        if not isinstance(row, Mapping):
            bad.append(Quarantined(f"#{ordinal}", "the row is not an object", ordinal))
            continue
        name = str(row.get(key) or f"#{ordinal}")
        try:
            read = decode(row, ordinal)
        except ValidationError as error:
            read = Quarantined(name, refused_why(error), ordinal)
        except Unreadable as error:
            read = Quarantined(name, str(error), ordinal)
        if isinstance(read, Document):
            documents.append(read)
        else:
            bad.append(read)
    return Read(documents, bad, token)


def refused_why(error: ValidationError) -> str:
    """Return the first thing that is wrong with a row, and how many more there are."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"]) or "row"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{more}"


def page_of(reply: Reply) -> RawPage:
    """Return the answer for the archive."""
    return RawPage(reply.body, reply.headers.get("content-type", "application/octet-stream"), reply.call_id)


def charset_of(reply: Reply) -> str | None:
    """Return the charset that the answer declares."""
    header = Message()
    header["content-type"] = reply.headers.get("content-type", "")
    return header.get_content_charset()


def time_of(value: object, what: str) -> datetime:
    """Return an aware UTC time of Amazon's ISO 8601 text.

    Raises:
        Unreadable: it is no time, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Unreadable(f"{what} is no time: {value!r}") from None
    if moment.tzinfo is None:
        raise Unreadable(f"{what} has no zone: {value!r}")
    return moment.astimezone(UTC)


def stored_time(held: Mapping[str, object] | None, name: str) -> datetime | None:
    """Return a time from a cursor, None for none."""
    text = held.get(name) if held else None
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None


def amount_of(value: object, what: str) -> tuple[Decimal, str]:
    """Return the exact amount and currency of any of Amazon's money shapes.

    orders 2026-01-01 and listings: amount as text and currencyCode; finances 2024-06-19 and transfers: currencyAmount
    as number; the v0 APIs the same in PascalCase. JPY and the like have no decimals; a finer amount is refused.

    Raises:
        Unreadable: no amount, no currency, or an amount finer than the currency's smallest coin.
    """
    if not isinstance(value, Mapping):
        raise Unreadable(f"{what} is no amount: {value!r}")
    lower = {str(k).lower(): v for k, v in value.items()}
    raw, currency = lower.get("currencyamount", lower.get("amount")), lower.get("currencycode")
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Unreadable(f"{what} has no currency: {currency!r}")
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise Unreadable(f"{what} is no amount: {raw!r}")
    try:
        amount = Decimal(raw)
    except ArithmeticError:
        raise Unreadable(f"{what} is no amount: {raw!r}") from None
    if not amount.is_finite():
        raise Unreadable(f"{what} is no amount: {raw!r}")
    if amount != amount.quantize(Decimal(1).scaleb(-minor_digits(currency))):
        raise Unreadable(f"{what} {amount} is finer than the smallest coin of {currency}")
    return amount, currency
