"""What a unit of each SKU is charged for fulfilment, learned from the settlements: a fee that rose without a cause.

The level of a SKU is the fee of a unit that most of its units were charged before a day. A higher fee that begins later
is a rise, unless the marketplace changed its table in between, a person said what the SKU costs, or a confirmed table
gives the fee (then `charged` judges it). What the marketplace's own preview denies is an error of billing and no rise.
Prices in another range of the marketplace's tables are a level of their own.
What rises for most SKUs together is a new table that nobody imported, no error of one SKU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

import duckdb

from reconcile.fees.charged import KNOWN
from reconcile.fees.previewed import NO_FAULT, PRICE_RANGE

__all__ = ["Rise", "find_rises"]

#: How far back levels are compared; a fee of the same season last year is no level of today.
WINDOW = timedelta(days=180)
#: Units that make a level.
_LEAST_UNITS = 3
#: SKUs that rise within so many days of each other rise together.
_TOGETHER = timedelta(days=3)
_LEAST_TOGETHER = 3

_DAYS = f"""
CREATE OR REPLACE TEMP TABLE fee_days AS
SELECT c.channel, c.sku, c.currency, c.posted, CAST(c.fulfilment / c.units AS DECIMAL(14,4)) AS per_unit,
    {PRICE_RANGE} AS price_range,
    sum(c.units) AS units
FROM temp.fee_charges c
WHERE c.fulfilment > 0 AND c.units > 0 AND c.sku <> '' AND c.posted >= $1
    {{no_fault}} {{unconfirmed}}
GROUP BY ALL
"""  # noqa: S608 - our names
# Asked of every charge only where a preview denies one, or somebody confirmed a fee.
_FAULTS = "SELECT 1 FROM temp.fee_faults WHERE NOT common LIMIT 1"
_CONFIRMED = "SELECT 1 FROM temp.fee_decided WHERE kind = 'per_unit' AND confirmed LIMIT 1"
_UNCONFIRMED = f"AND NOT EXISTS (SELECT 1 FROM temp.fee_decided d WHERE {KNOWN} AND d.confirmed)"  # noqa: S608
_RISES = """
WITH later AS (
    SELECT channel, sku, currency, price_range, per_unit, min(posted) AS first_day FROM temp.fee_days GROUP BY ALL
),
before AS (
    SELECT l.channel, l.sku, l.currency, l.price_range, l.per_unit, l.first_day, d.per_unit AS level,
        sum(d.units) AS units, max(d.posted) AS last_day
    FROM later l JOIN temp.fee_days d ON d.channel = l.channel AND d.sku = l.sku AND d.currency = l.currency
        AND d.price_range = l.price_range AND d.posted < l.first_day
    GROUP BY ALL
),
levels AS (
    SELECT channel, sku, currency, price_range, per_unit, first_day, arg_max(level, units) AS level,
        arg_max(last_day, units) AS last_day, max(units) AS held
    FROM before GROUP BY ALL HAVING max(units) >= $1
),
changes AS (SELECT unnest($2::VARCHAR[]) AS channel, unnest($3::DATE[]) AS day)
SELECT channel, sku, currency, price_range, level, per_unit, last_day, first_day, CAST(held AS BIGINT)
FROM levels r
WHERE per_unit > level AND NOT EXISTS (
    SELECT 1 FROM changes g WHERE g.channel = r.channel AND g.day > r.last_day AND g.day <= r.first_day)
ORDER BY channel, first_day, sku, currency, price_range, per_unit
"""
_CHARGED = f"""
SELECT w.place, CAST(sum(c.units) AS BIGINT), CAST(sum(c.fulfilment - w.level * c.units) AS DECIMAL(18,4)),
    max(c.posted), count(DISTINCT c.order_id), min(c.posted), min(s.period_end)::DATE
FROM (
    SELECT unnest($1::BIGINT[]) AS place, unnest($2::VARCHAR[]) AS channel, unnest($3::VARCHAR[]) AS sku,
        unnest($4::VARCHAR[]) AS currency, unnest($5::DECIMAL(14,4)[]) AS level,
        unnest($6::DECIMAL(14,4)[]) AS per_unit, unnest($7::DATE[]) AS since, unnest($8::INTEGER[]) AS price_range
) w
JOIN temp.fee_charges c ON c.channel = w.channel AND c.sku = w.sku AND c.currency = w.currency AND c.posted >= w.since
    AND c.units > 0 AND c.fulfilment = w.per_unit * c.units AND w.price_range = {PRICE_RANGE}
    AND {NO_FAULT}
JOIN settlements s ON s.channel = c.channel AND s.settlement_id = c.settlement_id
GROUP BY w.place
"""  # noqa: S608 - our names
_ACTIVE = """
SELECT count(*) FROM (
    SELECT sku FROM temp.fee_days WHERE channel = $1 GROUP BY sku
    HAVING sum(units) FILTER (WHERE posted < $2) >= $3 AND count(*) FILTER (WHERE posted >= $2) > 0
)
"""


@dataclass(frozen=True, slots=True)
class Rise:
    """A SKU whose fee of a unit rose from `before` to `after` on `first_day`; amounts positive: what the seller pays.

    `held` units were charged `before`, the last of them on `last_day`. `units`, `extra` and the days from `since` on
    count what was charged `after` and is not filed yet. `together` is the first day of the few in which most SKUs of
    the channel rose, None where the SKU rose alone.
    """

    channel: str
    sku: str
    currency: str
    price_range: int
    before: Decimal
    after: Decimal
    last_day: date
    first_day: date
    held: int
    units: int = 0
    extra: Decimal = Decimal(0)
    until: date = date.min
    orders: int = 0
    since: date = date.min
    #: The first end of a settlement that charged it.
    settled: date = date.min
    together: date | None = None


def find_rises(
    cursor: duckdb.DuckDBPyConnection,
    at: date,
    changes: Sequence[tuple[str, date]],
    filed: Mapping[tuple[str, str], date],
) -> list[Rise]:
    """Return the rises of the last half year, after `charged.find_differing` on the same cursor.

    `changes` are the days on which a channel's table changed; `filed` says up to which day a SKU is in a case.
    """
    is_confirmed = cursor.execute(_CONFIRMED).fetchone() is not None
    is_denied = cursor.execute(_FAULTS).fetchone() is not None
    asked = {"unconfirmed": _UNCONFIRMED if is_confirmed else "", "no_fault": f"AND {NO_FAULT}" if is_denied else ""}
    cursor.execute(_DAYS.format(**asked), [at - WINDOW])
    days = [[channel for channel, _ in changes], [day for _, day in changes]]
    found = [Rise(*row) for row in cursor.execute(_RISES, [_LEAST_UNITS, *days]).fetchall()]
    if not found:
        return []
    counted = _counted(cursor, found, filed)
    return [r for _, rises in groupby(counted, lambda r: r.channel) for r in _marked(cursor, list(rises))]


def _counted(
    cursor: duckdb.DuckDBPyConnection, found: Sequence[Rise], filed: Mapping[tuple[str, str], date]
) -> list[Rise]:
    """Return the rises with what they cost; what is in a case already is left out."""
    since = [max(r.first_day, filed.get((r.channel, r.sku), date.min) + timedelta(days=1)) for r in found]
    columns = [[getattr(r, name) for r in found] for name in ("channel", "sku", "currency", "before", "after")]
    ranges = [r.price_range for r in found]
    rows = cursor.execute(_CHARGED, [list(range(len(found))), *columns, since, ranges]).fetchall()
    sums = {int(place): rest for place, *rest in rows}
    names = ("units", "extra", "until", "orders", "since", "settled")
    return [replace(r, **dict(zip(names, sums[place], strict=True))) for place, r in enumerate(found) if place in sums]


def _marked(cursor: duckdb.DuckDBPyConnection, rises: Sequence[Rise]) -> list[Rise]:
    """Return a channel's rises, by first day; those of most of its SKUs in a few days are marked."""
    marked = list[Rise]()
    while len(marked) < len(rises):
        first = rises[len(marked)]
        near = [r for r in rises[len(marked) :] if r.first_day <= first.first_day + _TOGETHER]
        skus = len({r.sku for r in near})
        most = skus >= _LEAST_TOGETHER and 2 * skus >= _active(cursor, first)
        marked += [replace(r, together=first.first_day if most else None) for r in near]
    return marked


def _active(cursor: duckdb.DuckDBPyConnection, first: Rise) -> int:
    """Return how many SKUs of the channel had a level and were charged after the day."""
    row = cursor.execute(_ACTIVE, [first.channel, first.first_day, _LEAST_UNITS]).fetchone()
    return int(row[0]) if row else 0
