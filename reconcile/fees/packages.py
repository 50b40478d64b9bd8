"""Fulfilment fees by size tier and weight: what a SKU measures, the channel's table, and the fee of one unit.

What ships is in `shipped`; a table of yours stands above it on its days. Decisions of kind `fee_schedule`:
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
and, where the marketplace has such rules:
    packing_weight           added to the charged weight
    dimensional_from         sizes count from this weight on
    least_side               a shorter side counts as long as this for the weight by size
    price_from, price_below  the price of a unit, the first included, the second not
    surcharge_percent        on top of all, to the cent of a unit
The first row in the order of the file that a package fits decides. What nobody measured, and what fits no row, is not
judged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation

from sync.errors import BadInput

__all__ = [
    "PACKAGE",
    "TABLE",
    "UNLIMITED",
    "Band",
    "Package",
    "read_bands",
    "read_package",
    "read_packages",
    "table_rows",
]

#: Exact by definition: centimetres of an inch, grams of a pound and an ounce.
_CM = {"cm": Decimal(1), "in": Decimal("2.54")}
_GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125")}
_FIRST, _LAST = date(1990, 1, 1), date(2999, 12, 31)
PACKAGE = ("length", "width", "height", "length_unit", "weight", "weight_unit")
TABLE = (
    "size_tier longest_up_to median_up_to shortest_up_to girth_up_to length_unit weight_above weight_up_to weight_unit"
    " dimensional_divisor amount step per_step valid_from valid_to source packing_weight dimensional_from least_side"
    " price_from price_below surcharge_percent"
).split()
_NEEDED = ("size_tier", "length_unit", "weight_unit", "amount")
_NUMBERS = (
    "longest_up_to", "median_up_to", "shortest_up_to", "girth_up_to", "weight_up_to", "dimensional_divisor", "step",
    "price_below",
)  # fmt: skip
#: What an empty cell means nothing of, as 0.
_FROM_ZERO = (
    "weight_above", "per_step", "packing_weight", "dimensional_from", "least_side", "price_from", "surcharge_percent",
)  # fmt: skip
#: Of a price without an upper limit.
UNLIMITED = Decimal("99999999")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Package:
    """One unit as it is shipped: sides in centimetres, the longest first, weight in grams."""

    channel: str
    sku: str
    sides: tuple[Decimal, Decimal, Decimal]
    grams: Decimal

    def sides_in(self, unit: str) -> tuple[Decimal, Decimal, Decimal]:
        """Return the sides in a unit of length, the longest first."""
        longest, median, shortest = self.sides
        return longest / _CM[unit], median / _CM[unit], shortest / _CM[unit]


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
    packing_weight: Decimal = Decimal(0)
    dimensional_from: Decimal = Decimal(0)
    least_side: Decimal = Decimal(0)
    price_from: Decimal = Decimal(0)
    price_below: Decimal | None = None
    surcharge_percent: Decimal = Decimal(0)
    #: False: nobody has confirmed that the marketplace charges by it.
    confirmed: bool = True
    #: The last day of which the publisher says that it holds, where it is used after it; None: it is not.
    ended: date | None = None

    def fits(self, package: Package) -> bool:
        """Tell whether the package is within the row's sizes, whatever it weighs."""
        longest, median, shortest = package.sides_in(self.length_unit)
        limits = (
            (longest, self.longest_up_to),
            (median, self.median_up_to),
            (shortest, self.shortest_up_to),
            (longest + 2 * (median + shortest), self.girth_up_to),
        )
        return all(limit is None or size <= limit for size, limit in limits)

    def weight(self, package: Package) -> Decimal:
        """Return the weight that is charged for, in the row's unit."""
        weight = package.grams / _GRAMS[self.weight_unit]
        if self.dimensional_divisor is not None and weight >= self.dimensional_from:
            longest, median, shortest = (max(s, self.least_side) for s in package.sides_in(self.length_unit))
            weight = max(weight, longest * median * shortest / self.dimensional_divisor)
        return weight + self.packing_weight

    def steps(self, weight: Decimal) -> Decimal | None:
        """Return the begun steps of a charged weight, 0 where the row has none; None: it is not within the row."""
        # Rows begin with weights above theirs; the lightest band of all holds a weight of nothing too.
        if not (weight > self.weight_above or weight == self.weight_above == 0):
            return None
        if self.weight_up_to is not None and weight > self.weight_up_to:
            return None
        steps = (weight - self.weight_above) / self.step if self.step else Decimal(0)
        return steps.to_integral_value(rounding=ROUND_CEILING)

    def fee(self, steps: Decimal) -> Decimal:
        """Return the fee of one unit of so many begun steps."""
        amount = self.amount + self.per_step * steps
        if not self.surcharge_percent:
            return amount
        return (amount * (100 + self.surcharge_percent) / 100).quantize(_CENT, rounding=ROUND_HALF_UP)

    def row_name(self, package: Package) -> str:
        """Return what the marketplace would call the package's place: "large standard 1.25-1.5 lb, price 10-50"."""
        lowest, highest = self.weight_above, self.weight_up_to
        steps = self.steps(self.weight(package))
        if self.step and steps:
            highest = lowest + steps * self.step
            lowest = highest - self.step
        weight = f"{lowest.normalize():f}-{highest.normalize():f}" if highest else f"over {lowest.normalize():f}"
        return f"{self.size_tier} {weight} {self.weight_unit}{self._price_name()}"

    def _price_name(self) -> str:
        if self.price_below is None:
            return f", price from {self.price_from.normalize():f}" if self.price_from else ""
        if not self.price_from:
            return f", price under {self.price_below.normalize():f}"
        return f", price {self.price_from.normalize():f} to under {self.price_below.normalize():f}"


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
    limits = {name: _number(row.get(name), name, where) for name in _NUMBERS}
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
    least = {name: _number(row.get(name), name, where) or Decimal(0) for name in _FROM_ZERO}
    if (limits["price_below"] or UNLIMITED) <= least["price_from"]:
        raise BadInput("price_below lies not above price_from", remedy="Correct it", file=where)
    return Band(
        channel=channel,
        size_tier=str(row["size_tier"]),
        length_unit=str(row["length_unit"]),
        weight_unit=str(row["weight_unit"]),
        amount=amount,
        valid_from=start or _FIRST,
        valid_to=end or _LAST,
        source=str(row.get("source") or "a table of your own"),
        **limits,  # type: ignore[arg-type]
        **least,  # type: ignore[arg-type]
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
