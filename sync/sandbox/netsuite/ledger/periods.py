"""Posting periods: which one a date falls into, and whether it may still be posted to (CONTRACT §2.10, fault 25)."""

from __future__ import annotations

from datetime import date

from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import Refused, user_error

__all__ = ["check_period", "is_open", "outside", "takes_plain_changes"]

_OUTSIDE = "The transaction date you specified is not within the date range of your accounting period."
#: Documents that the lock of accounts receivable holds back.
_RECEIVABLE = ("invoice", "cashSale", "creditMemo", "cashRefund", "customerPayment", "customerRefund")
_NO_MONTHS = ("isQuarter", "isYear", "isAdjust", "isInactive")


def check_period(books: Books, stored: Stored, *, late: bool) -> None:
    """Set the posting period from the date, and refuse a date outside every period or in a closed or locked one."""
    if "postingperiod" not in stored.kind.fields:
        return
    day = stored.day("tranDate")
    if day is None or not books.records("accountingPeriod"):
        return
    period = _period_of(books, day)
    if period is None or (not late and not is_open(stored, period)):
        raise outside()
    stored.fields["postingPeriod"] = period.id


def outside() -> Refused:
    """Return the refusal of a date that may not be posted to."""
    return user_error(_OUTSIDE)


def takes_plain_changes(books: Books, stored: Stored) -> bool:
    """Say whether a document stands in a closed period that still lets everything change but the ledger."""
    period = books.look("accountingPeriod", stored.ref("postingPeriod"))
    return period is not None and not is_open(stored, period) and period.fields.get("allowNonGLChanges") is True


def is_open(stored: Stored, period: Stored) -> bool:
    """Say whether a document of this kind may be posted to a period."""
    closed = any(period.fields.get(name) is True for name in ("closed", "allLocked"))
    return not closed and not (stored.kind.name in _RECEIVABLE and period.fields.get("arLocked") is True)


def _period_of(books: Books, day: date) -> Stored | None:
    for period in books.records("accountingPeriod"):
        if any(period.fields.get(name) is True for name in _NO_MONTHS):
            continue
        start, end = period.day("startDate"), period.day("endDate")
        if start is not None and end is not None and start <= day <= end:
            return period
    return None
