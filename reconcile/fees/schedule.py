"""Fee schedules: what ships as data, under what people decided; which category each SKU has.

Decisions of kind `fee_schedule`:
    rate|CHANNEL|CATEGORY        {"rate": "12", "minimum": "0.30", "from": "2026-01-01", "until": "2026-12-31"}
    category|CHANNEL|SKU         {"category": "home_kitchen"}; SKU `*` for all that nothing else names
    product_type|CHANNEL|TYPE    {"category": "home_kitchen"}, the type as the channel's listing has it
    per_unit|CHANNEL|SKU         {"amount": "4.96", "from": "2026-01-01"}: the fulfilment fee of one unit, also with
                                 "price_from" (included) and "price_below" (not), the prices that it is for
    package|CHANNEL|SKU, table|CHANNEL|NAME    measures and tables that give it: see `packages`
    confirm|CHANNEL|TABLE        a shipped table is right: see `shipped`
    adopt|CHANNEL|ROW            {"amount": "5.37", "from": "2026-10-15"}: what is charged for a row of a table is right
Nothing is assumed of a SKU without a category, nor of a category without a rate.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from reconcile.fees.packages import UNLIMITED, Band, Package, read_bands, read_package
from reconcile.fees.shipped import shipped_bands, shipped_tables
from reconcile.fees.unit_fees import UnitFee, unit_fees
from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = [
    "FEE_SCHEDULE",
    "FeeRow",
    "SkuFee",
    "check_decision",
    "fee_rows",
    "own_bands",
    "parse_subject",
    "shipped_schedule",
    "sku_fees",
]

#: Kind of the decisions.
FEE_SCHEDULE = "fee_schedule"
_COLUMNS = "channel fee category basis above up_to rate minimum per_unit valid_from valid_to source".split()
_FIRST, _LAST = date(1990, 1, 1), date(2999, 12, 31)
_KINDS = ("rate", "category", "product_type", "per_unit", "package", "table", "confirm", "adopt")
#: What is a word on a single SKU or type.
_OF_SKUS = ("category", "product_type", "per_unit")


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One band of one category of one channel, in force from `valid_from` to `valid_to`, both included.

    `basis` price: the band of the unit's price decides the rate of all of it; portion: each part of the price has its
    band's rate. `rate` is a fraction (0.15), `minimum` the least that is charged for a unit; bands are (above, up_to].
    """

    channel: str
    fee: str
    category: str
    basis: str
    above: Decimal
    up_to: Decimal
    rate: Decimal
    minimum: Decimal
    valid_from: date
    valid_to: date
    source: str


@dataclass(frozen=True, slots=True)
class SkuFee:
    """What people decided of a SKU: its category, or the fulfilment fee of a unit (`amount`)."""

    kind: str
    channel: str
    subject: str
    category: str
    amount: Decimal
    valid_from: date
    valid_to: date
    #: Which row of which table gives the amount.
    source: str = "decided per unit"
    #: The row's name; the prices of a unit that it is for, the first included, the second not.
    row: str = ""
    price_from: Decimal = Decimal(0)
    price_below: Decimal = UNLIMITED
    #: False: a table says it that ships with the program and nobody confirmed.
    confirmed: bool = True
    #: The last day that the table's publisher names, where it is used after it.
    ended: date | None = None


@cache
def shipped_schedule() -> tuple[FeeRow, ...]:
    """Return the schedules that ship with the program.

    Raises:
        BadInput: the file is not what it should be.
    """
    name = "fee_schedule.csv"
    with files("data").joinpath(name).open(encoding="utf-8") as opened:
        reader = csv.DictReader(opened)
        if reader.fieldnames != _COLUMNS:
            raise BadInput("the columns are not those of a fee schedule", remedy=", ".join(_COLUMNS), file=name)
        return tuple(_shipped(row, f"{name}, line {reader.line_num}") for row in reader)


def _shipped(row: Mapping[str, str], where: str) -> FeeRow:
    if row["fee"] != "referral" or row["basis"] not in ("price", "portion"):
        raise BadInput("fee must be referral, basis price or portion", remedy="Correct the row", value=where)
    return FeeRow(
        row["channel"],
        row["fee"],
        row["category"],
        row["basis"],
        _number(row["above"], where),
        _number(row["up_to"], where) if row["up_to"] else UNLIMITED,
        _number(row["rate"], where) / 100,
        _number(row["minimum"], where) if row["minimum"] else Decimal(0),
        _day(row["valid_from"], where) or _FIRST,
        _day(row["valid_to"], where) or _LAST,
        row["source"],
    )


def fee_rows(decisions: Mapping[str, Decision]) -> list[FeeRow]:
    """Return the referral rates in force: shipped rows, each category's cut where a decision begins.

    Raises:
        BadInput: a decision cannot be used.
    """
    rows = list(shipped_schedule())
    for subject, decision in decisions.items():
        if parse_subject(subject)[0] == "rate":
            decided = _rate(subject, decision.value, f"decided by {decision.decided_by}")
            rows = [*_without(rows, decided), decided]
    return rows


def _rate(subject: str, value: Mapping[str, object], source: str) -> FeeRow:
    _, channel, category = parse_subject(subject)
    rate, minimum = (_number(value.get(name, default), subject) for name, default in (("rate", ""), ("minimum", "0")))
    start, end = _days(value, subject)
    return FeeRow(
        channel, "referral", category, "price", Decimal(0), UNLIMITED, rate / 100, minimum, start, end, source
    )


def _without(rows: Iterable[FeeRow], decided: FeeRow) -> Iterator[FeeRow]:
    """Yield the rows with the decided days cut out of those of its category."""
    for row in rows:
        if (row.channel, row.fee, row.category) != (decided.channel, decided.fee, decided.category):
            yield row
            continue
        if row.valid_from < decided.valid_from:
            yield replace(row, valid_to=min(row.valid_to, decided.valid_from - timedelta(days=1)))
        if row.valid_to > decided.valid_to:
            yield replace(row, valid_from=max(row.valid_from, decided.valid_to + timedelta(days=1)))


def sku_fees(decisions: Mapping[str, Decision]) -> list[SkuFee]:
    """Return what was decided of SKUs and product types, and what tables give for measured SKUs on the other days.

    A measured SKU that fits no row of its channel's table has the kind `unfit`.

    Raises:
        BadInput: a decision cannot be used.
    """
    decided = [_sku_fee(s, d.value) for s, d in decisions.items() if parse_subject(s)[0] in _OF_SKUS]
    return [*decided, *_measured(decisions, decided)]


def own_bands(decisions: Mapping[str, Decision]) -> list[Band]:
    """Return the rows of the tables that people gave.

    Raises:
        BadInput: a decision cannot be used.
    """
    named = [(*parse_subject(subject), d.value) for subject, d in decisions.items()]
    return [
        band
        for kind, channel, name, value in named
        if kind == "table"
        for band in read_bands(channel, value.get("rows"), f"table {channel} {name}")
    ]


def _measured(decisions: Mapping[str, Decision], decided: Sequence[SkuFee]) -> Iterator[SkuFee]:
    packages, adopted = list[Package](), dict[tuple[str, str], list[SkuFee]]()
    for subject, decision in decisions.items():
        kind, channel, name = parse_subject(subject)
        if kind == "package":
            packages.append(read_package(channel, name, decision.value))
        elif kind == "adopt":
            said_so = replace(_sku_fee(subject, decision.value), source=f"{name}, adopted by {decision.decided_by}")
            adopted.setdefault((channel, name), []).append(said_so)
    said: dict[tuple[str, str], list[SkuFee]] = {}
    for one in decided:
        if one.kind == "per_unit":
            said.setdefault((one.channel, one.subject), []).append(one)
    own = own_bands(decisions)
    for fee in unit_fees(packages, [*own, *shipped_bands(decisions, own)] if packages else []):
        of_sku = [
            s
            for s in said.get((fee.channel, fee.sku), [])
            if s.price_from < fee.price_below and fee.price_from < s.price_below
        ]
        for one in _adopted(_of_table(fee), adopted.get((fee.channel, fee.row), [])):
            yield from _besides(one, of_sku)


def _of_table(fee: UnitFee) -> SkuFee:
    kind, amount = ("unfit", Decimal(0)) if fee.amount is None else ("per_unit", fee.amount)
    # A row that nobody confirmed names its tier itself; there the source is the table that a person may confirm.
    source = f"{fee.tier}, {fee.source}" if fee.tier and fee.confirmed else fee.source
    return SkuFee(
        kind, fee.channel, fee.sku, "", amount, fee.valid_from, fee.valid_to, source, fee.row, fee.price_from,
        fee.price_below, fee.confirmed, fee.ended,
    )  # fmt: skip


def _adopted(fee: SkuFee, adopted: Sequence[SkuFee]) -> Iterator[SkuFee]:
    """Yield the fee with the days on which what is charged was adopted for its row."""
    yield from _besides(fee, adopted)
    for one in adopted:
        start, end = max(one.valid_from, fee.valid_from), min(one.valid_to, fee.valid_to)
        if start <= end:
            yield replace(fee, amount=one.amount, valid_from=start, valid_to=end, source=one.source, confirmed=True)


def _besides(fee: SkuFee, decided: Iterable[SkuFee]) -> Iterator[SkuFee]:
    """Yield the fee on the days on which nobody decided the SKU's own."""
    left = [fee]
    for one in decided:
        before = [replace(f, valid_to=min(f.valid_to, one.valid_from - timedelta(days=1))) for f in left]
        after = [replace(f, valid_from=max(f.valid_from, one.valid_to + timedelta(days=1))) for f in left]
        left = [f for f in (*before, *after) if f.valid_from <= f.valid_to]
    yield from left


def _sku_fee(subject: str, value: Mapping[str, object]) -> SkuFee:
    kind, channel, name = parse_subject(subject)
    category = str(value.get("category", "")).strip()
    is_amount = kind in ("per_unit", "adopt")
    if not is_amount and not category:
        raise BadInput("the decision names no category", remedy="Decide it again", value=subject)
    amount = _number(value.get("amount", ""), subject) if is_amount else Decimal(0)
    low = _number(value.get("price_from") or 0, subject)
    high = _number(value["price_below"], subject) if value.get("price_below") else UNLIMITED
    days = _days(value, subject)
    return SkuFee(kind, channel, name, category, amount, *days, price_from=low, price_below=high)


def check_decision(subject: str, value: Mapping[str, object]) -> None:
    """Refuse what could not be used as a decision of kind `fee_schedule`.

    Raises:
        BadInput: the subject, a number or a day is not what it should be.
    """
    kind, channel, name = parse_subject(subject)
    if kind == "rate":
        _rate(subject, value, "")
    elif kind == "package":
        read_package(channel, name, value)
    elif kind == "table":
        read_bands(channel, value.get("rows"), f"table {channel} {name}")
    elif kind == "confirm":
        _days(value, subject)
        if (channel, name) not in {(t.channel, t.name) for t in shipped_tables()}:
            raise BadInput("no such table ships", remedy="See `tieout fees schedule`", value=subject)
    else:
        _sku_fee(subject, value)


def parse_subject(subject: str) -> tuple[str, str, str]:
    """Return (kind, channel, name) of a decision's subject; the name may hold the separator.

    Raises:
        BadInput: it has no three parts, or its kind is not known.
    """
    parts = subject.split("|", 2)
    if len(parts) != 3 or parts[0] not in _KINDS or not all(parts):
        raise BadInput(
            "the subject of a fee decision is KIND|CHANNEL|NAME", remedy=f"KIND is {', '.join(_KINDS)}", value=subject
        )
    return parts[0], parts[1], parts[2]


def _number(text: object, where: str) -> Decimal:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        raise BadInput("a number is wanted", remedy="Correct it", value=f"{text} ({where})") from None
    if not (number.is_finite() and 0 <= number < UNLIMITED):
        raise BadInput("a number from 0 on is wanted", remedy="Correct it", value=f"{text} ({where})")
    return number


def _days(value: Mapping[str, object], where: str) -> tuple[date, date]:
    start, end = _day(value.get("from"), where) or _FIRST, _day(value.get("until"), where) or _LAST
    if start > end:
        raise BadInput("the last day lies before the first", remedy="Correct the days", value=where)
    return start, end


def _day(text: object, where: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise BadInput("a day YYYY-MM-DD is wanted", remedy="Correct it", value=f"{text} ({where})") from None
