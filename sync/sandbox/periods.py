"""Closes and reopens an accounting period of the company's books, as the accountant does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["set_period"]

_ACTIONS = {"close": True, "reopen": False}


def set_period(
    books: NetSuiteBooks, now: datetime, *, action: str, name: str | None = None, months_ago: int = 0
) -> dict[str, object]:
    """Close or reopen one month, by its name or counted back from this month; return its name, id and state.

    Raises:
        ValueError: if the action is neither close nor reopen, or there is no such month in the books.
    """
    if action not in _ACTIONS:
        raise ValueError("action must be close or reopen")
    wanted = _month(books, now, months_ago) if name is None else name
    for period in books.records("accountingPeriod"):
        is_month = not any(period.fields.get(mark) is True for mark in ("isQuarter", "isYear", "isAdjust"))
        if is_month and period.fields.get("periodName") == wanted:
            closed = _ACTIONS[action]
            marks = ("closed", "allLocked", "arLocked", "apLocked")
            books.update("accountingPeriod", period.id, dict.fromkeys(marks, closed))
            return {"period": wanted, "id": period.id, "closed": closed}
    raise ValueError(f"the books have no month {wanted[:40]!r}")


def _month(books: NetSuiteBooks, now: datetime, months_ago: int) -> str:
    if months_ago < 0:
        raise ValueError("months_ago must be 0 or more")
    day: date = now.astimezone(books.zone).date().replace(day=1)
    for _ in range(months_ago):
        day = (day - timedelta(days=1)).replace(day=1)
    return f"{day:%b} {day.year}"
