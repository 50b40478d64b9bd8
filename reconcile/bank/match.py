"""Which bank booking pays which payout: one to one, one to many, many to one, never twice (pure).

What is certain is a match: a person's word, a reference that the booking names, or an equal amount where nothing else
could be meant. What is only likely (an unclear choice, another currency) is a suggestion that waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Literal, TypeVar

__all__ = ["Booking", "Expected", "How", "Match", "Matches", "match", "names_marketplace"]

T = TypeVar("T")
How = Literal["decided", "returned", "reference", "amount", "sum", "parts", "converted"]

#: A booking may precede the stated day (time zones) and may take a holiday longer than a week.
_BEFORE, _AFTER = timedelta(days=2), timedelta(days=10)
#: A bank takes a transfer back within days (NACHA: two banking days; a weekend between).
_TAKEN_BACK = timedelta(days=5)
#: Equal payouts whose days are closer than this to a booking's cannot be told apart by the day.
_CLEARLY_NEARER = 3
_MOST_IN_A_SUM = 4
#: More payouts in one window than a company has; past it sums would be found by chance.
_MOST_CANDIDATES = 16
_SHORTEST_REFERENCE = 6
_CONVERSION_MARGIN = Decimal("0.03")
#: Share of a payout that a bank may have kept as its fee: what names the payout is likely it all the same.
_SHORT_OF_IT = Decimal("0.05")
#: How each vendor's payouts name themselves on statements, folded.
_NAMES = {
    "amazon": ("amazon", "amzn", "amz "),
    "walmart": ("walmart", "wal-mart", "wmt", "payoneer", "hyperwallet", "pingpong"),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that a marketplace says it moved: `amount` is positive to the company, negative where it is charged."""

    key: str
    channel: str
    amount: Decimal
    currency: str
    due: date
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of a bank statement; `text` is everything that it says."""

    key: str
    amount: Decimal
    currency: str
    day: date
    text: str

    @property
    def account(self) -> str:
        """Return the name of the statement's account; a key is `account|line`."""
        account, mark, _ = self.key.partition("|")
        return account if mark else ""


@dataclass(frozen=True, slots=True)
class Match:
    """Payouts and the bookings that pay them; `rate` is bank currency for one unit of the payout's if they differ.

    `returned` has no payout: two bookings that cancel.
    """

    payouts: tuple[str, ...]
    bookings: tuple[str, ...]
    how: How
    why: str
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Every payout and every booking is in at most one match; suggestions overlap nothing that is matched."""

    matched: tuple[Match, ...]
    suggested: tuple[Match, ...]

    def of_payout(self, key: str) -> Match | None:
        """Return the match of a payout, None where it has none."""
        return next((m for m in self.matched if key in m.payouts), None)

    def returned_of(self, payout: Expected, bookings: Mapping[str, Booking]) -> list[Match]:
        """Return the pairs of bookings that paid a payout and took it back; `bookings` by key."""
        pairs = [m for m in self.matched if m.how == "returned"]
        return [m for m in pairs if bookings[m.bookings[0]].amount == payout.amount and _came(bookings, m, payout)]

    def suggested_for(self, key: str) -> list[Match]:
        """Return the suggestions for a payout."""
        return [m for m in self.suggested if key in m.payouts]


def match(
    payouts: Sequence[Expected],
    bookings: Sequence[Booking],
    *,
    decided: Mapping[str, Sequence[str]] | None = None,
    rates: Mapping[tuple[str, str], Decimal] | None = None,
) -> Matches:
    """Match payouts with bookings.

    `decided` maps a booking's key to the payouts that a person says it pays; an empty list says that it pays none.
    `rates` maps (payout's currency, bank's currency) to a usual rate, by which amounts in another currency are
    suggested.
    """
    work = _Work(
        {p.key: p for p in sorted(payouts, key=lambda p: (p.due, p.key))},
        {b.key: b for b in sorted(bookings, key=lambda b: (b.day, b.key))},
    )
    work.take_decided(decided or {})
    work.take_returned()
    work.by_reference()
    work.by_amount()
    work.by_sum()
    work.by_parts()
    work.converted(rates or {})
    return Matches(tuple(work.matched), tuple(s for s in work.suggested if work.is_open(s)))


def names_marketplace(text: str) -> bool:
    """Tell whether a text of a statement names any marketplace that pays out."""
    return bool(_vendors_in(text))


class _Work:
    def __init__(self, payouts: dict[str, Expected], bookings: dict[str, Booking]) -> None:
        self.payouts, self.bookings = payouts, bookings
        self.matched: list[Match] = []
        self.suggested: list[Match] = []

    def take_decided(self, decided: Mapping[str, Sequence[str]]) -> None:
        """Bookings that share a payout are one match."""
        groups: list[tuple[set[str], set[str]]] = []
        for booking, payouts in decided.items():
            if booking not in self.bookings:
                continue
            if not payouts:
                del self.bookings[booking]
                continue
            mine = ({p for p in payouts if p in self.payouts}, {booking})
            for group in [g for g in groups if g[0] & mine[0]]:
                groups.remove(group)
                mine = (mine[0] | group[0], mine[1] | group[1])
            if mine[0]:
                groups.append(mine)
        for keys, lines in groups:
            self._settle(
                [self.payouts[k] for k in keys], [self.bookings[k] for k in lines], "decided", "a person's word"
            )

    def take_returned(self) -> None:
        """A booking that the bank took back pays nothing; the payout is open until it is paid again."""
        for back in self._in_order(self.bookings.values()):
            if any(p.amount == back.amount and _fits(back, p) and _names_vendor(back, p) for p in self._open(back)):
                continue
            taken = [b for b in self._in_order(self.bookings.values()) if _takes_back(back, b)]
            if taken and back.key in self.bookings:
                why = f"the bank took {taken[-1].key} back on {back.day}"
                pair = (taken[-1].key, back.key)
                self.matched.append(Match((), pair, "returned", why))
                for key in pair:
                    del self.bookings[key]

    def by_reference(self) -> None:
        """A booking that names payouts, of their currency and exactly their sum."""
        for booking in self._in_order(self.bookings.values()):
            named = [p for p in self._open(booking) if _names_reference(booking, p)]
            owed = sum((p.amount for p in named), Decimal(0))
            if named and owed == booking.amount:
                self._settle(named, [booking], "reference", "the booking names it")
            elif named and abs(booking.amount - owed) <= abs(owed) * _SHORT_OF_IT:
                less = "less" if abs(booking.amount) < abs(owed) else "more"
                why = f"the booking names it and is {abs(booking.amount - owed):,.2f} {booking.currency} {less}"
                self._suggest(named, [booking], "reference", why)

    def by_amount(self) -> None:
        """Equal amounts in the window: certain where the booking names the marketplace, else suggested."""
        for booking in self._in_order(self.bookings.values()):
            same = [p for p in self._open(booking) if p.amount == booking.amount]
            if not same:
                continue
            named = [p for p in same if _names_vendor(booking, p)]
            payout = min(named or same, key=lambda p: (_days_apart(booking, p), p.due, p.key))
            if not named:
                self._suggest([payout], [booking], "amount", "the booking does not name the marketplace")
            elif len({p.channel for p in named}) > 1:
                self._suggest([payout], [booking], "amount", f"{len(named)} payouts have this amount")
            elif self._is_unclear(booking, named):
                why = f"{len(named)} payouts have this amount, and their days do not tell which"
                self._suggest([payout], [booking], "amount", why)
            elif not any(self._is_nearer(other, booking, payout) for other in self.bookings.values()):
                self._settle([payout], [booking], "amount", "amount, days and marketplace agree")

    def _is_unclear(self, booking: Booking, named: Sequence[Expected]) -> bool:
        """Tell whether equal payouts of one account outnumber their bookings, and the day does not decide."""
        if len(named) < 2:
            return False
        rivals = [b for b in self.bookings.values() if b.amount == booking.amount]
        rivals = [b for b in rivals if any(_fits(b, p) and _names_vendor(b, p) for p in named)]
        nearest, second = sorted(_days_apart(booking, p) for p in named)[:2]
        return len(rivals) < len(named) and second - nearest < _CLEARLY_NEARER

    def _is_nearer(self, other: Booking, booking: Booking, payout: Expected) -> bool:
        """Tell whether another booking of the same amount has the better claim to a payout."""
        if other.amount != booking.amount or not _fits(other, payout) or not _names_vendor(other, payout):
            return False
        return _days_apart(other, payout) < _days_apart(booking, payout)

    def by_sum(self) -> None:
        """One booking that pays several payouts of one vendor."""
        for booking in self._in_order(self.bookings.values()):
            candidates = [p for p in self._open(booking) if _names_vendor(booking, p)]
            found = _sums(candidates, booking.amount, key=lambda p: p.amount)
            if len(found) == 1:
                self._settle(found[0], [booking], "sum", f"{len(found[0])} payouts add to it")
            elif found:
                self._suggest(found[0], [booking], "sum", f"{len(found)} choices of payouts add to it")

    def by_parts(self) -> None:
        """One payout that arrived in several bookings."""
        for payout in sorted(self.payouts.values(), key=lambda p: (p.due, p.key)):
            lines = [b for b in self.bookings.values() if _fits(b, payout) and _names_vendor(b, payout)]
            found = _sums(lines, payout.amount, key=lambda b: b.amount)
            if len(found) == 1:
                self._settle([payout], found[0], "parts", f"{len(found[0])} bookings add to it")
            elif found:
                self._suggest([payout], found[0], "parts", f"{len(found)} choices of bookings add to it")

    def converted(self, rates: Mapping[tuple[str, str], Decimal]) -> None:
        """A payout that the bank booked in another currency: never certain, for the rate is the bank's."""
        for payout in sorted(self.payouts.values(), key=lambda p: (p.due, p.key)):
            for booking in self._in_order(self.bookings.values()):
                usual = rates.get((payout.currency, booking.currency))
                if usual is None or not _in_window(booking, payout) or not _names_vendor(booking, payout):
                    continue
                likely = payout.amount * usual
                if likely and abs(booking.amount / likely - 1) <= _CONVERSION_MARGIN:
                    rate = (booking.amount / payout.amount).quantize(Decimal("1.000000"))
                    why = f"converted at {rate}, usual is {usual.normalize():f}"
                    self.suggested.append(Match((payout.key,), (booking.key,), "converted", why, rate))
                    break

    def is_open(self, suggestion: Match) -> bool:
        """Tell whether nothing of a suggestion has been matched since."""
        return all(p in self.payouts for p in suggestion.payouts) and all(
            b in self.bookings for b in suggestion.bookings
        )

    def _open(self, booking: Booking) -> list[Expected]:
        return [p for p in self.payouts.values() if _fits(booking, p)]

    def _in_order(self, bookings: Iterable[Booking]) -> list[Booking]:
        return sorted(bookings, key=lambda b: (b.day, b.key))

    def _settle(self, payouts: Sequence[Expected], bookings: Sequence[Booking], how: How, why: str) -> None:
        rate = None
        if len({p.currency for p in payouts} | {b.currency for b in bookings}) > 1:
            paid = sum((p.amount for p in payouts), Decimal(0))
            rate = (
                (sum((b.amount for b in bookings), Decimal(0)) / paid).quantize(Decimal("1.000000")) if paid else None
            )
        keys, lines = sorted(p.key for p in payouts), sorted(b.key for b in bookings)
        self.matched.append(Match(tuple(keys), tuple(lines), how, why, rate))
        for key in keys:
            del self.payouts[key]
        for line in lines:
            del self.bookings[line]

    def _suggest(self, payouts: Sequence[Expected], bookings: Sequence[Booking], how: How, why: str) -> None:
        self.suggested.append(
            Match(tuple(sorted(p.key for p in payouts)), tuple(sorted(b.key for b in bookings)), how, why)
        )


def _in_window(booking: Booking, payout: Expected) -> bool:
    return payout.due - _BEFORE <= booking.day <= payout.due + _AFTER


def _days_apart(booking: Booking, payout: Expected) -> int:
    return abs((booking.day - payout.due).days)


def _fits(booking: Booking, payout: Expected) -> bool:
    return booking.currency == payout.currency and _in_window(booking, payout)


def _names_vendor(booking: Booking, payout: Expected) -> bool:
    return payout.channel.partition(".")[0] in _vendors_in(booking.text)


def _came(bookings: Mapping[str, Booking], returned: Match, payout: Expected) -> bool:
    came = bookings[returned.bookings[0]]
    return _fits(came, payout) and _names_vendor(came, payout)


def _takes_back(back: Booking, booking: Booking) -> bool:
    """Tell whether `back` undoes a booking: the same account, money and marketplace with the other sign, days later."""
    return (
        booking.amount == -back.amount != 0
        and booking.currency == back.currency
        and booking.account == back.account
        and booking.day <= back.day <= booking.day + _TAKEN_BACK
        and booking.key != back.key
        and bool(_vendors_in(booking.text) & _vendors_in(back.text))
    )


def _vendors_in(text: str) -> set[str]:
    folded = text.casefold()
    return {vendor for vendor, names in _NAMES.items() if any(name in folded for name in names)}


def _names_reference(booking: Booking, payout: Expected) -> bool:
    text = booking.text.casefold()
    return any(len(r) >= _SHORTEST_REFERENCE and r.casefold() in text for r in payout.references)


def _sums(items: Sequence[T], wanted: Decimal, *, key: Callable[[T], Decimal]) -> list[list[T]]:
    """Return the ways in which two or more of the items add to what is wanted."""
    if not 1 < len(items) <= _MOST_CANDIDATES:
        return []
    return [
        list(some)
        for size in range(2, min(_MOST_IN_A_SUM, len(items)) + 1)
        for some in combinations(items, size)
        if sum((key(i) for i in some), Decimal(0)) == wanted
    ]
