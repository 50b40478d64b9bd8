"""Fulfilment fees by size tier and weight: what a SKU measures, the channel's table, and the fee of one unit.

No figures ship: a table is a file of yours, written off the marketplace's own page. Decisions of kind `fee_schedule`:
    package|CHANNEL|SKU     {"length", "width", "height", "length_unit": in|cm, "weight", "weight_unit": oz|lb|g|kg}
    table|CHANNEL|NAME      {"rows": [row, …]}, each row as a line of the file below
CHANNEL * of a package is every channel.

A table is CSV with these columns; an empty limit is none, every limit belongs to its row:
    size_tier, longest_up_to, median_up_to, shortest_up_to, girth_up_to   the package, sides in `length_unit`;
                                                                         girth is longest + 2 x (median + shortest)
    weight_above, weight_up_to, weight_unit, length_unit                  the weight that is charged for
    dimensional_divisor      the charged weight is at least length x width x height / divisor; empty: as weighed
    amount, step, per_step   amount, and per_step for each begun step of weight above weight_above
    valid_from, valid_to, source
The first row in the order of the file that a package fits decides. What nobody measured, and what fits no row, is not
judged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from sync.errors import BadInput

__all__ = [
    "PACKAGE",
    "TABLE",
    "Band",
    "Package",
    "UnitFee",
    "read_bands",
    "read_package",
    "read_packages",
    "table_rows",
    "unit_fees",
]

#: Exact by definition: centimetres of an inch, grams of a pound and an ounce.
_CM = {"cm": Decimal(1), "in": Decimal("2.54")}
_GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125")}
_FIRST, _LAST = date(1990, 1, 1), date(2999, 12, 31)
PACKAGE = ("length", "width", "height", "length_unit", "weight", "weight_unit")
TABLE = (
    "size_tier longest_up_to median_up_to shortest_up_to girth_up_to length_unit weight_above weight_up_to weight_unit"
    " dimensional_divisor amount step per_step valid_from valid_to source"
).split()
_NEEDED = ("size_tier", "length_unit", "weight_unit", "amount")


@dataclass(frozen=True, slots=True)
class Package:
    """One unit as it is shipped: sides in centimetres, the longest first, weight in grams."""

    channel: str
    sku: str
    sides: tuple[Decimal, Decimal, Decimal]
    grams: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """One row of a table; limits in its own units, None for none."""

    channel: str
    size_tier: str
    longest_up_to: Decimal | None
    median_up_to: Decimal | None
    shortest_up_to: Decimal | None
    girth_up_to: Decimal | None
    length_unit: str
    weight_above: Decimal
    weight_up_to: Decimal | None
    weight_unit: str
    dimensional_divisor: Decimal | None
    amount: Decimal
    step: Decimal | None
    per_step: Decimal
    valid_from: date
    valid_to: date
    source: str

    def fee(self, package: Package) -> Decimal | None:
        """Return the fee of one unit, None where the package does not fit the row."""
        longest, median, shortest = (side / _CM[self.length_unit] for side in package.sides)
        limits = (
            (longest, self.longest_up_to),
            (median, self.median_up_to),
            (shortest, self.shortest_up_to),
            (longest + 2 * (median + shortest), self.girth_up_to),
        )
        weight = package.grams / _GRAMS[self.weight_unit]
        if self.dimensional_divisor is not None:
            weight = max(weight, longest * median * shortest / self.dimensional_divisor)
        fits = all(limit is None or size <= limit for size, limit in limits)
        # Rows begin with weights above theirs; the lightest band of all holds a weight of nothing too.
        if not fits or not (weight > self.weight_above or weight == self.weight_above == 0):
            return None
        if self.weight_up_to is not None and weight > self.weight_up_to:
            return None
        steps = (weight - self.weight_above) / self.step if self.step else Decimal(0)
        return self.amount + self.per_step * steps.to_integral_value(rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class UnitFee:
    """What one unit of a SKU costs in a channel over some days; None: no row of the table in force fits it."""

    channel: str
    sku: str
    amount: Decimal | None
    tier: str
    valid_from: date
    valid_to: date
    source: str


def unit_fees(packages: Iterable[Package], bands: Sequence[Band]) -> Iterator[UnitFee]:
    """Yield the fee of each package in each channel that has a table, for every stretch of days with the same rows."""
    for channel in dict.fromkeys(band.channel for band in bands):
        mine = [band for band in bands if band.channel == channel]
        eras = list(_eras(mine))
        own = [p for p in packages if p.channel in (channel, "*")]
        named = {p.sku for p in own if p.channel == channel}
        for package in own:
            if package.channel == channel or package.sku not in named:
                for start, end in eras:
                    yield _fee(channel, package, mine, start, end)


def _eras(bands: Sequence[Band]) -> Iterator[tuple[date, date]]:
    """Yield the stretches of days between two changes of a table on which it has rows."""
    changes = {b.valid_from for b in bands} | {b.valid_to + timedelta(days=1) for b in bands if b.valid_to < _LAST}
    starts = sorted(changes)
    for number, start in enumerate(starts):
        end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else _LAST
        if any(b.valid_from <= start and end <= b.valid_to for b in bands):
            yield start, end


def _fee(channel: str, package: Package, bands: Sequence[Band], start: date, end: date) -> UnitFee:
    for band in bands:
        if band.valid_from <= start and end <= band.valid_to and (amount := band.fee(package)) is not None:
            return UnitFee(channel, package.sku, amount, band.size_tier, start, end, band.source)
    return UnitFee(channel, package.sku, None, "", start, end, "")


def read_package(channel: str, sku: str, value: Mapping[str, object], where: str = "") -> Package:
    """Return a SKU's package out of a decision or a row of a file.

    Raises:
        BadInput: a measure is missing or none, or a unit is not known.
    """
    place = where or f"package {channel} {sku}"
    sides = [_measure(value, name, place) for name in ("length", "width", "height")]
    cm, grams = _unit(value, "length_unit", _CM, place), _unit(value, "weight_unit", _GRAMS, place)
    longest, median, shortest = sorted((side * cm for side in sides), reverse=True)
    return Package(channel, sku, (longest, median, shortest), _measure(value, "weight", place) * grams)


def read_packages(text: str, *, file: str) -> list[tuple[str, dict[str, str]]]:
    """Return (SKU, value of its decision) of each row of a CSV with the columns sku and those of `PACKAGE`.

    Raises:
        BadInput: names the line and what is wrong; a SKU stands twice.
    """
    found: dict[str, dict[str, str]] = {}
    for line, row in _rows(text, ("sku", *PACKAGE), ("sku", *PACKAGE), file):
        sku = row["sku"]
        if sku in found:
            raise BadInput("this SKU stands twice", remedy="Keep one of its rows", file=file, line=line, value=sku)
        read_package("*", sku, row, f"{file}, line {line}")
        found[sku] = {name: row[name] for name in PACKAGE}
    return list(found.items())


def read_bands(channel: str, rows: object, where: str) -> list[Band]:
    """Return the rows of a table, out of a decision's value.

    Raises:
        BadInput: they are none, or a field is wrong.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise BadInput("the table has no rows", remedy="Import it again", file=where)
    return [_band(channel, row, f"{where}, row {number}") for number, row in enumerate(rows, 1)]


def table_rows(text: str, *, file: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with the columns of `TABLE`, empty cells left out.

    Raises:
        BadInput: names the line and what is wrong.
    """
    rows = []
    for line, row in _rows(text, TABLE, _NEEDED, file):
        _band("*", row, f"{file}, line {line}")
        rows.append({name: cell for name, cell in row.items() if cell})
    return rows


def _rows(text: str, columns: Sequence[str], needed: Sequence[str], file: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = [name.strip() for name in reader.fieldnames or []]
    unknown, missing = sorted(set(names) - set(columns)), [name for name in needed if name not in names]
    if unknown or missing:
        said = f"unknown: {', '.join(unknown)}" if unknown else f"missing: {', '.join(missing)}"
        raise BadInput(f"these are not the columns ({said})", remedy=f"Use {', '.join(columns)}", file=file, line=1)
    reader.fieldnames = names
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in names}
        if any(cells.values()):
            yield reader.line_num, cells


def _band(channel: str, row: object, where: str) -> Band:
    if not isinstance(row, Mapping) or not set(row) <= set(TABLE) or not row.get("size_tier"):
        raise BadInput("this is no row of a fee table", remedy=f"Use {', '.join(TABLE)}", file=where)
    _unit(row, "length_unit", _CM, where)
    _unit(row, "weight_unit", _GRAMS, where)
    limits = {
        name: _number(row.get(name), name, where)
        for name in (
            "longest_up_to", "median_up_to", "shortest_up_to", "girth_up_to", "weight_up_to", "dimensional_divisor",
            "step",
        )
    }  # fmt: skip
    if (
        limits["dimensional_divisor"] == 0
        or limits["step"] == 0
        or (limits["step"] is None) == bool(row.get("per_step"))
    ):
        raise BadInput("step and per_step go together, and divisors are above zero", remedy="Correct it", file=where)
    amount = _number(row.get("amount"), "amount", where)
    if amount is None:
        raise BadInput("the row has no amount", remedy="Correct it", file=where)
    start, end = (_day(row.get(name), name, where) for name in ("valid_from", "valid_to"))
    return Band(
        channel=channel,
        size_tier=str(row["size_tier"]),
        length_unit=str(row["length_unit"]),
        weight_unit=str(row["weight_unit"]),
        weight_above=_number(row.get("weight_above"), "weight_above", where) or Decimal(0),
        amount=amount,
        per_step=_number(row.get("per_step"), "per_step", where) or Decimal(0),
        valid_from=start or _FIRST,
        valid_to=end or _LAST,
        source=str(row.get("source") or "a table of your own"),
        **limits,
    )


def _measure(value: Mapping[str, object], name: str, where: str) -> Decimal:
    number = _number(value.get(name), name, where)
    if number is None or number == 0:
        raise BadInput(f"{name} is a number above zero", remedy="Measure it", file=where, column=name)
    return number


def _unit(value: Mapping[str, object], name: str, units: Mapping[str, Decimal], where: str) -> Decimal:
    found = units.get(str(value.get(name, "")))
    if found is None:
        raise BadInput(f"{name} is one of {', '.join(units)}", remedy="Correct it", file=where, column=name)
    return found


def _number(said: object, name: str, where: str) -> Decimal | None:
    if said in (None, ""):
        return None
    try:
        number = Decimal(str(said))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < 10**7:
        raise BadInput(f"{name} is a number from 0 on", remedy="Correct it", file=where, value=str(said), column=name)
    return number


def _day(said: object, name: str, where: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise BadInput(f"{name} is a day YYYY-MM-DD", remedy="Correct it", file=where, column=name) from None
