"""What one unit of each measured SKU costs to fulfil, on which days and at which prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from reconcile.fees.packages import UNLIMITED, Band, Package

__all__ = ["UnitFee", "unit_fees"]

_LAST = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class UnitFee:
    """What one unit of a SKU costs in a channel over some days; None: no row of the table in force fits it.

    `row` names the place in the table, `price_from` (included) and `price_below` (not) the prices that it is for.
    """

    channel: str
    sku: str
    amount: Decimal | None
    tier: str
    valid_from: date
    valid_to: date
    source: str
    row: str = ""
    price_from: Decimal = Decimal(0)
    price_below: Decimal = UNLIMITED
    confirmed: bool = True
    ended: date | None = None


def unit_fees(packages: Iterable[Package], bands: Sequence[Band]) -> Iterator[UnitFee]:
    """Yield the fee of each package in each channel that has a table, for every stretch of days with the same rows.

    Where the table asks for the price there is a fee for each range of prices.
    """
    packages = list(packages)
    for channel in dict.fromkeys(band.channel for band in bands):
        mine = [band for band in bands if band.channel == channel]
        known: dict[tuple[object, ...], int] = {}
        eras = [(start, end, _by_price(mine, start, end, known)) for start, end in _eras(mine)]
        own = [p for p in packages if p.channel in (channel, "*")]
        named = {p.sku for p in own if p.channel == channel}
        for package in own:
            if package.channel == channel or package.sku not in named:
                measured = _Measured(package)
                for start, end, ranges in eras:
                    yield from _fees(channel, measured, ranges, start, end)


def _eras(bands: Sequence[Band]) -> Iterator[tuple[date, date]]:
    """Yield the stretches of days between two changes of a table on which it has rows."""
    changes = {b.valid_from for b in bands} | {b.valid_to + timedelta(days=1) for b in bands if b.valid_to < _LAST}
    starts = sorted(changes)
    for number, start in enumerate(starts):
        end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else _LAST
        if any(b.valid_from <= start and end <= b.valid_to for b in bands):
            yield start, end


#: Prices from (included) to below, and the rows that hold for them, each with what its sizes and weights depend on.
_Range = tuple[Decimal, Decimal, list[tuple[Band, int, int]]]


def _rules(band: Band, known: dict[tuple[object, ...], int]) -> tuple[int, int]:
    """Return numbers that are equal for rows that ask the same of a package's sizes, or weigh it alike."""
    sizes = (band.longest_up_to, band.median_up_to, band.shortest_up_to, band.girth_up_to, band.length_unit)
    weights = (band.weight_unit, band.length_unit, band.dimensional_divisor, band.dimensional_from, band.least_side)
    both = (("sizes", *sizes), ("weights", *weights, band.packing_weight))
    of_sizes, of_weights = (known.setdefault(rule, len(known)) for rule in both)
    return of_sizes, of_weights


def _by_price(bands: Sequence[Band], start: date, end: date, known: dict[tuple[object, ...], int]) -> list[_Range]:
    held = [b for b in bands if b.valid_from <= start and end <= b.valid_to]
    cuts = {Decimal(0), UNLIMITED} | {b.price_from for b in held} | {b.price_below or UNLIMITED for b in held}
    edges = sorted(cuts)
    ranges = []
    for low, high in pairwise(edges):
        rows = [(b, *_rules(b, known)) for b in held if b.price_from <= low and high <= (b.price_below or UNLIMITED)]
        if rows:
            ranges.append((low, high, rows))
    return ranges


@dataclass(slots=True)
class _Measured:
    """A package with what was worked out of it: most rows of a table ask the same."""

    package: Package
    _fits: dict[int, bool] = field(default_factory=dict)
    _weights: dict[int, Decimal] = field(default_factory=dict)

    def fee(self, band: Band, sizes: int, weights: int) -> Decimal | None:
        """Return the fee of one unit by a row, None where the package does not fit it."""
        if sizes not in self._fits:
            self._fits[sizes] = band.fits(self.package)
        if not self._fits[sizes]:
            return None
        if weights not in self._weights:
            self._weights[weights] = band.weight(self.package)
        steps = band.steps(self._weights[weights])
        return None if steps is None else band.fee(steps)


def _fees(channel: str, measured: _Measured, ranges: Sequence[_Range], start: date, end: date) -> Iterator[UnitFee]:
    package, found = measured.package, False
    for low, high, rows in ranges:
        for band, sizes, weights in rows:
            if (amount := measured.fee(band, sizes, weights)) is not None:
                found = True
                yield UnitFee(
                    channel, package.sku, amount, band.size_tier, start, end, band.source, band.row_name(package),
                    low, high, band.confirmed, band.ended,
                )  # fmt: skip
                break
    if not found:
        yield UnitFee(channel, package.sku, None, "", start, end, "")
