"""On which day a document posts: its own, or the one that a person chose; a closed month offers the first open day.

One place for every kind of document: orders, fulfilments, invoices, payments, returns, credits, settlements, payouts.
A decision of kind `posting_date` (subject the document's external id, value {"date"}) moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from reconcile.controls.control import Evidence
from reconcile.mapping.posting import next_open_period, period_of
from sync.records import Period

__all__ = [
    "POSTING_DATE",
    "Offer",
    "Stop",
    "chosen_day",
    "day_stop",
    "offers",
    "open_after",
    "period_stop",
    "posting_day",
    "propose",
    "propose_later",
]

#: (cause id, cause, remedy)
Stop = tuple[str, str, str]
POSTING_DATE = "posting_date"


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision that takes an obstacle out of the way, ready to be taken by a person."""

    kind: str
    subject: str
    value: Mapping[str, object]
    words: str
    #: What is written beside the decision where the person says no more.
    because: str


def offers(evidence: Evidence) -> tuple[Offer, ...]:
    """Return the decisions that what was derived from this evidence waits for, each once."""
    made = [one() if callable(one) else one for one in list(_noted(evidence).values())]
    return tuple(one for one in made if one is not None)


def propose(evidence: Evidence, offer: Offer) -> None:
    """Note a decision that would take what is being derived out of the way."""
    _noted(evidence).setdefault((offer.kind, offer.subject), offer)


def propose_later(evidence: Evidence, kind: str, subject: str, make: Callable[[], Offer | None]) -> None:
    """Note a decision that may be offered; whether it is, and what it says, is found out when offers are asked for."""
    _noted(evidence).setdefault((kind, subject), make)


def _noted(evidence: Evidence) -> dict[tuple[str, str], Offer | Callable[[], Offer | None]]:
    noted: dict[tuple[str, str], Offer | Callable[[], Offer | None]] = {}
    return evidence.once("offers", lambda: noted)


def chosen_day(evidence: Evidence, identity: str, day: date, *wider: str) -> date:
    """Return the day that a person chose for a document, by its external id or a wider subject, else its own."""
    decided = evidence.decisions(POSTING_DATE)
    held = next((decided[subject] for subject in (identity, *wider) if subject in decided), None)
    return day if held is None else date.fromisoformat(str(held.value["date"]))


def posting_day(evidence: Evidence, identity: str, day: date) -> tuple[date, Stop | None]:
    """Return the day that a document posts on, as decided or its own, and what stops it there."""
    chosen = chosen_day(evidence, identity, day)
    return chosen, day_stop(evidence, identity, chosen)


def day_stop(evidence: Evidence, identity: str, day: date, effect: str = "") -> Stop | None:
    """Return why a document cannot be posted on a day; the first open day after a closed month is offered.

    `effect` says what a person should know of the other day before taking it.
    """
    stop, following = period_stop(evidence, day), open_after(evidence, day)
    if stop is not None and following is not None:
        opens = following.start_date.isoformat()
        words = f"{identity} on {opens} ({following.name}{'; ' if effect else ''}{effect})"
        propose(evidence, Offer(POSTING_DATE, identity, {"date": opens}, words, stop[1]))
    return stop


def open_after(evidence: Evidence, day: date) -> Period | None:
    """Return the month to offer in place of a day that is closed; None where it is open, or none later is."""
    period = period_of(evidence, day)
    if period is None or not (period.closed or period.all_locked):
        return None
    return next_open_period(evidence, day)


def period_stop(evidence: Evidence, day: date) -> Stop | None:
    """Return why a date cannot be posted on, with the next open one named."""
    period = period_of(evidence, day)
    if period is None:
        remedy = "Make the accounting period in NetSuite"
        return (f"period|{day:%Y-%m}", f"NetSuite has no accounting period for {day:%Y-%m}", remedy)
    if not (period.closed or period.all_locked):
        return None
    following = next_open_period(evidence, day)
    offer = (
        f"Post it on {following.start_date} in {following.name}, or open {period.name}"
        if following
        else (f"Open {period.name}: no later period is open")
    )
    return (f"period|{period.name}", f"period {period.name} is closed", offer)
