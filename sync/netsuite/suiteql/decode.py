"""Typed reading of SuiteQL rows: every value is text, NULL columns are absent, booleans are T and F (contract §3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

__all__ = ["Row", "Unreadable", "account_time"]

_DAY = "%Y-%m-%d"
_MOMENT = "%Y-%m-%d %H:%M:%S"
#: Written just so, which the ISO readers take in a twentieth of strptime's time.
_plain_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_plain_moment = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}").fullmatch


class Unreadable(ValueError):
    """A value that is not what its column promises; names column and value."""

    def __init__(self, column: str, wanted: str, value: object) -> None:
        self.column = column
        found = "nothing" if value is None else repr(value)[:60]
        super().__init__(f"{column}: {wanted} expected, {found} found")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; each method returns None for an absent column, `need_…` raises Unreadable instead."""

    values: Mapping[str, object]
    time_zone: tzinfo = UTC

    def text(self, column: str) -> str | None:
        """Return the text of a column."""
        value = self.values.get(column)
        if value is None or isinstance(value, str):
            # Oracle keeps no empty text: it is NULL there, and None here.
            return value or None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)
        raise Unreadable(column, "text", value)

    def need_text(self, column: str) -> str:
        """Return the text of a column that is never NULL."""
        if (value := self.text(column)) is None:
            raise Unreadable(column, "text", None)
        return value

    def integer(self, column: str) -> int | None:
        """Return a whole number."""
        if (value := self.text(column)) is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise Unreadable(column, "a whole number", value) from None

    def need_integer(self, column: str) -> int:
        """Return a whole number that is never NULL."""
        if (value := self.integer(column)) is None:
            raise Unreadable(column, "a whole number", None)
        return value

    def decimal(self, column: str) -> Decimal | None:
        """Return an exact number."""
        if (value := self.text(column)) is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise Unreadable(column, "a number", value)
        return number

    def flag(self, column: str) -> bool:
        """Return a checkbox; one that was never set is NULL and means no."""
        match self.text(column):
            case "T":
                return True
            case None | "F":
                return False
            case value:
                raise Unreadable(column, "T or F", value)

    def day(self, column: str) -> date | None:
        """Return a date that the query has written as YYYY-MM-DD (the account's own format is never read)."""
        if (value := self.text(column)) is None:
            return None
        try:
            if _plain_day(value):
                return date.fromisoformat(value)
            return datetime.strptime(value, _DAY).replace(tzinfo=UTC).date()
        except ValueError:
            raise Unreadable(column, "a date YYYY-MM-DD", value) from None

    def need_day(self, column: str) -> date:
        """Return a date that is never NULL."""
        if (value := self.day(column)) is None:
            raise Unreadable(column, "a date YYYY-MM-DD", None)
        return value

    def moment(self, column: str) -> datetime | None:
        """Return a time written as YYYY-MM-DD HH24:MI:SS in the account's zone (assumed, SUITEQL §4), in UTC."""
        if (value := self.text(column)) is None:
            return None
        try:
            if _plain_moment(value):
                return datetime.fromisoformat(value).replace(tzinfo=self.time_zone).astimezone(UTC)
            return datetime.strptime(value, _MOMENT).replace(tzinfo=self.time_zone).astimezone(UTC)
        except ValueError:
            raise Unreadable(column, "a time YYYY-MM-DD HH:MM:SS", value) from None

    def need_moment(self, column: str) -> datetime:
        """Return a time that is never NULL."""
        if (value := self.moment(column)) is None:
            raise Unreadable(column, "a time YYYY-MM-DD HH:MM:SS", None)
        return value


def account_time(moment: datetime, zone: tzinfo) -> str:
    """Return a moment as SuiteQL's TO_TIMESTAMP wants it: in the account's zone, to the second."""
    return moment.astimezone(zone).strftime(_MOMENT)
