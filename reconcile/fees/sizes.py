"""SKUs that a channel measures dearer than people do: both sizes through the same table, the one of today.

Without a person's measures nothing is claimed; without a table of the channel nothing says which tier a size is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.fees.packages import Band, Package, read_package
from reconcile.fees.questioned import find_questions
from reconcile.fees.rises import filed_days
from reconcile.fees.schedule import FEE_SCHEDULE, own_bands, parse_subject
from reconcile.fees.shipped import shipped_bands
from reconcile.fees.told import CLAIMED, measured_by_us, size_text
from reconcile.fees.unit_fees import UnitFee, unit_fees
from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = ["SizeDifference", "Sizes", "size_differences"]

# The newest reading of each SKU, and since when without another the same size is told.
_MEASURED = """
WITH told AS (
    SELECT *, row(longest, median, shortest, length_unit, weight, weight_unit) AS size,
        row_number() OVER newest AS place,
        first_value(size) OVER newest AS last_size
    FROM temp.fee_runs WINDOW newest AS (PARTITION BY channel, sku ORDER BY seen_at DESC)
),
others AS (SELECT channel, sku, max(seen_at) AS seen_at FROM told WHERE size IS DISTINCT FROM last_size GROUP BY ALL),
begun AS (
    SELECT t.channel, t.sku, min(t.since) AS since FROM told t LEFT JOIN others o USING (channel, sku)
    WHERE o.seen_at IS NULL OR t.seen_at > o.seen_at GROUP BY ALL
)
SELECT t.channel, t.sku, t.longest, t.median, t.shortest, t.length_unit, t.weight, t.weight_unit,
    coalesce(t.size_tier, ''), t.fee, t.price, t.currency, b.since, t.until
FROM told t JOIN begun b USING (channel, sku)
WHERE t.place = 1 AND t.longest IS NOT NULL AND t.weight IS NOT NULL ORDER BY t.channel, t.sku
"""
_SOLD = """
SELECT w.place, CAST(sum(c.units) AS BIGINT), min(c.posted), max(c.posted)
FROM (SELECT unnest($1::BIGINT[]) AS place, unnest($2::VARCHAR[]) AS channel, unnest($3::VARCHAR[]) AS sku,
    unnest($4::DATE[]) AS since) w
JOIN temp.fee_charges c ON c.channel = w.channel AND c.sku = w.sku AND c.posted >= w.since
WHERE c.fulfilment > 0 AND c.units > 0 GROUP BY w.place
"""


@dataclass(frozen=True, slots=True)
class SizeDifference:
    """A SKU that the channel measured dearer; amounts of one unit by the table, None where no row of it fits.

    `units` were charged since the size was first told on `since` and are in no case. `is_confirmed`: somebody
    confirmed the table.
    """

    channel: str
    sku: str
    currency: str
    theirs: str
    ours: str
    their_row: str
    our_row: str
    their_fee: Decimal | None
    our_fee: Decimal
    #: What the channel calls its tier, and expects for a unit.
    tier: str
    expected: Decimal | None
    table: str
    is_confirmed: bool
    since: date
    until: date
    units: int
    first_charge: date | None

    @property
    def extra(self) -> Decimal:
        """Return what the size costs more over the units since it was told; 0 where the table has no fee for it."""
        fee = self.their_fee if self.their_fee is not None else self.expected
        return Decimal(0) if fee is None else max(fee - self.our_fee, Decimal(0)) * self.units

    @property
    def deadline(self) -> datetime | None:
        """Return until when the first of these charges can be asked back, None where nothing was charged."""
        return datetime.combine(self.first_charge, time(), tzinfo=UTC) + CLAIMED if self.first_charge else None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The differences, and (channel, SKUs) that both sides measured while no table says what their sizes cost."""

    found: tuple[SizeDifference, ...]
    untabled: tuple[tuple[str, int], ...]


def size_differences(evidence: Evidence) -> Sizes:
    """Return the SKUs whose measured size costs more than the one that people measured, once a cycle.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return evidence.once("size differences", lambda: _sizes(evidence))


def _sizes(evidence: Evidence) -> Sizes:
    find_questions(evidence)
    decided = evidence.decisions(FEE_SCHEDULE)
    rows = [r for r in evidence.cursor.execute(_MEASURED).fetchall() if measured_by_us(decided, r[0], r[1])]
    if not rows:
        return Sizes((), ())
    today = evidence.now.date()
    evidence.stands_before(datetime.combine(today + timedelta(days=1), time(), tzinfo=UTC))
    own = own_bands(decided)
    bands = [b for b in [*own, *shipped_bands(decided, own)] if b.valid_from <= today <= b.valid_to]
    tabled = {b.channel for b in bands}
    untabled: dict[str, int] = {}
    for channel, *_ in rows:
        if channel not in tabled:
            untabled[channel] = untabled.get(channel, 0) + 1
    held = [r for r in rows if r[0] in tabled]
    ours, theirs = _fees(_ours(decided, held), bands), _fees(map(_theirs, held), bands)
    found = [d for r in held if (d := _difference(decided, r, ours, theirs)) is not None]
    return Sizes(tuple(_sold(evidence, found)), tuple(sorted(untabled.items())))


_Fees = Mapping[tuple[str, str], Sequence[UnitFee]]


def _fees(packages: Iterable[Package], bands: Sequence[Band]) -> _Fees:
    found: dict[tuple[str, str], list[UnitFee]] = {}
    for fee in unit_fees(packages, bands):
        found.setdefault((fee.channel, fee.sku), []).append(fee)
    return found


def _ours(decided: Mapping[str, Decision], rows: Sequence[tuple[object, ...]]) -> Iterator[Package]:
    wanted = {sku for _, sku, *_ in rows}
    for subject, decision in decided.items():
        kind, channel, sku = parse_subject(subject)
        if kind == "package" and sku in wanted:
            yield read_package(channel, sku, decision.value)


def _theirs(row: Sequence[object]) -> Package:
    names = ("length", "width", "height", "length_unit", "weight", "weight_unit")
    return read_package(str(row[0]), str(row[1]), dict(zip(names, row[2:8], strict=True)), "the fee preview")


def _at_price(fees: Sequence[UnitFee], price: Decimal | None) -> UnitFee | None:
    """Return the fee at a price; where none is known the one that holds for the highest."""
    fitting = [f for f in fees if f.amount is not None]
    at = [f for f in fitting if price is not None and f.price_from <= price < f.price_below]
    if at or not fitting:
        return at[0] if at else None
    return fitting[-1]


def _difference(
    decided: Mapping[str, Decision], row: tuple[object, ...], ours: _Fees, theirs: _Fees
) -> SizeDifference | None:
    channel, sku, price = str(row[0]), str(row[1]), row[10]
    of_price = price if isinstance(price, Decimal) else None
    our, their = (_at_price(side.get((channel, sku), ()), of_price) for side in (ours, theirs))
    if our is None or our.amount is None or (their is not None and (their.amount or 0) <= our.amount):
        # Nobody knows what our size costs, or theirs is no dearer.
        return None
    expected, since, until = row[9], row[12], row[13]
    if not isinstance(since, date) or not isinstance(until, date):
        raise BadInput("a fee preview has no day", remedy="Pull it again", value=f"{channel} {sku}")
    return SizeDifference(
        channel=channel,
        sku=sku,
        currency=str(row[11]),
        theirs=size_text(row[2:5], row[5], row[6], row[7]),
        ours=measured_by_us(decided, channel, sku),
        their_row=their.row if their else "larger than the table goes",
        our_row=our.row,
        their_fee=their.amount if their else None,
        our_fee=our.amount,
        tier=str(row[8]),
        expected=expected if isinstance(expected, Decimal) else None,
        table=our.source,
        is_confirmed=our.confirmed,
        since=since,
        until=until,
        units=0,
        first_charge=None,
    )


def _sold(evidence: Evidence, found: Sequence[SizeDifference]) -> Iterator[SizeDifference]:
    """Yield the differences with the units that were charged since and are in no case."""
    filed = filed_days(evidence)
    since = [max(d.since, filed.get((d.channel, d.sku), date.min) + timedelta(days=1)) for d in found]
    columns = [[d.channel for d in found], [d.sku for d in found], since]
    rows = evidence.cursor.execute(_SOLD, [list(range(len(found))), *columns]).fetchall() if found else []
    sold = {int(place): (int(units), first) for place, units, first, _ in rows}
    for place, difference in enumerate(found):
        units, first = sold.get(place, (0, None))
        is_filed = (difference.channel, difference.sku) in filed
        if units or not is_filed:
            yield replace(difference, units=units, first_charge=first)
