"""What a channel itself expects to charge for a unit, as far as it is known of the day of a charge.

A preview tells of the moment at which it was read, and what it tells may be three days old (Amazon). So the fee in
force on a day is known where a reading before it and one more than three days after it, and all between, tell the same;
readings more than a week apart leave the days between unknown. Fees depend on the price: a preview is held against
charges at prices that it was read at, in the US against those in the same range of prices.

Charges that a person's word or a confirmed table judges are not held against previews. Where a unit may have gone
abroad, or a new table is announced, any fee between the least and the most of what the channel names is right.

Where half of a channel's SKUs or more are charged otherwise in a week, the previews do not show a table that is in
force (holiday peak rates): that is told once and claims no money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

__all__ = [
    "NO_FAULT",
    "PRICE_RANGE",
    "BillingFault",
    "find_faults",
    "find_undated",
    "set_faults",
    "set_runs",
    "set_stretches",
]

#: The range of a unit's price: marketplaces charge less below 10, one of them more above 50; -1: it is not known.
PRICE_RANGE = (
    "CASE WHEN c.prices = 0 THEN -1 WHEN c.goods < 10 * c.units THEN 0 WHEN c.goods <= 50 * c.units THEN 1 ELSE 2 END"
)
#: Of a charge `c`: it is none that a preview denies.
NO_FAULT = """NOT EXISTS (
        SELECT 1 FROM temp.fee_faults f WHERE f.channel = c.channel AND f.settlement_id = c.settlement_id
            AND f.order_id = c.order_id AND f.line_id = c.line_id AND f.sku = c.sku AND f.parcel = c.parcel
            AND NOT f.common)"""

# Readings of the last 400 days (charges can be asked back for 90) that tell all alike, one after the other and at most
# a week apart. As of a moment the versions go on, only the current table ends there. One sort of the readings: there
# are as many as SKUs times days.
_RUNS = """
CREATE OR REPLACE TEMP TABLE fee_runs AS
WITH others AS (
    SELECT version, list_sort(list_distinct(list(fulfilment_fee))) AS fees FROM fee_preview_others_versions
    GROUP BY version
),
readings AS (
    SELECT p.channel, p.sku, p.seen_at, CAST(p.seen_at AT TIME ZONE 'UTC' AS DATE) AS day, p.version,
        hash(p.currency, p.price, p.fulfilment_fee, p.longest, p.median, p.shortest, p.length_unit, p.weight,
            p.weight_unit, p.size_tier, o.fees) AS said
    FROM fee_previews_versions p LEFT JOIN others o ON o.version = p.version
    WHERE p.fulfilled_by = 'channel' AND p.observed_at <= (SELECT max(observed_at) FROM fee_previews)
        AND p.observed_at >= (SELECT max(observed_at) FROM fee_previews) - INTERVAL 400 DAY
        AND ($1 IS NULL OR (p.channel = $1 AND p.sku = $2))
),
stepped AS (
    SELECT *, lag(said) OVER told AS said_before, lag(day) OVER told AS day_before
    FROM readings WINDOW told AS (PARTITION BY channel, sku ORDER BY seen_at)
),
starts AS (SELECT * FROM stepped WHERE said_before IS DISTINCT FROM said OR day - day_before > 7),
ends AS (SELECT channel, sku, max(day) AS day FROM readings GROUP BY ALL)
SELECT s.channel, s.sku, s.seen_at, s.day AS since,
    coalesce(lead(s.day_before) OVER (PARTITION BY s.channel, s.sku ORDER BY s.seen_at), e.day) AS until,
    p.currency, p.price, p.fulfilment_fee AS fee, list_sort(list_distinct(coalesce(o.fees, []) || [p.fulfilment_fee]))
    AS fees, p.longest, p.median, p.shortest, p.length_unit, p.weight, p.weight_unit, p.size_tier
FROM starts s JOIN ends e ON e.channel = s.channel AND e.sku = s.sku
JOIN fee_previews_versions p ON p.version = s.version AND p.channel = s.channel AND p.sku = s.sku
LEFT JOIN others o ON o.version = s.version
"""
# Runs that tell another fee, or begin more than a week after the one before, begin a stretch; no fee ends it.
_STRETCHES = """
CREATE OR REPLACE TEMP TABLE fee_previewed AS
WITH stepped AS (
    SELECT *, CASE WHEN lag(fees) OVER told IS NOT DISTINCT FROM fees
        AND lag(currency) OVER told = currency AND since - lag(until) OVER told <= 7 THEN 0 ELSE 1 END AS step
    FROM temp.fee_runs WINDOW told AS (PARTITION BY channel, sku ORDER BY seen_at)
),
numbered AS (
    SELECT *, sum(step) OVER (PARTITION BY channel, sku ORDER BY seen_at) AS stretch FROM stepped
)
SELECT channel, sku, currency, stretch, CAST(any_value(fee) AS DECIMAL(14,4)) AS fee,
    CAST(list_min(any_value(fees)) AS DECIMAL(14,4)) AS least, CAST(list_max(any_value(fees)) AS DECIMAL(14,4)) AS most,
    CASE WHEN bool_or(price IS NULL) THEN NULL ELSE min(price) END AS price_least, max(price) AS price_most,
    min(since) AS seen_from, max(until) AS seen_until
FROM numbered WHERE fee IS NOT NULL GROUP BY ALL
"""
# Elsewhere the ranges of prices are not known: the unit's price, with its tax or without, is one that was read.
_PRICED = f"""
    c.prices > 0 AND p.price_least IS NOT NULL AND CASE WHEN c.channel = 'amazon.US' THEN
        {PRICE_RANGE} = CASE WHEN p.price_least < 10 THEN 0 WHEN p.price_least <= 50 THEN 1 ELSE 2 END
        AND {PRICE_RANGE} = CASE WHEN p.price_most < 10 THEN 0 WHEN p.price_most <= 50 THEN 1 ELSE 2 END
    ELSE (c.goods BETWEEN (p.price_least - 0.01) * c.units AND (p.price_most + 0.01) * c.units
            OR c.base BETWEEN (p.price_least - 0.01) * c.units AND (p.price_most + 0.01) * c.units) END
"""
_DIFFERS = "(c.fulfilment > p.most * c.units OR c.fulfilment < p.least * c.units)"
_OPEN = """
    c.fulfilment IS NOT NULL AND c.units > 0 AND NOT EXISTS (
        SELECT 1 FROM temp.fee_decided d WHERE {known} AND d.confirmed)
"""
_IN_FORCE = f"""
temp.fee_charges c JOIN temp.fee_previewed p ON p.channel = c.channel AND p.sku = c.sku
    AND p.currency = c.currency AND c.posted > p.seen_from AND c.posted + 4 <= p.seen_until
WHERE {_PRICED} AND {_OPEN}
"""
_WEEKS = f"""
CREATE OR REPLACE TEMP TABLE fee_weeks AS
WITH judged AS (
    SELECT c.channel, date_trunc('week', c.posted) AS week, c.sku, bool_or({_DIFFERS}) AS differs FROM {_IN_FORCE}
    GROUP BY ALL
)
SELECT channel, week FROM judged GROUP BY channel, week
HAVING count(*) FILTER (WHERE differs) >= 3 AND 2 * count(*) FILTER (WHERE differs) >= count(*)
"""  # noqa: S608 - our names
_FAULTS = f"""
CREATE OR REPLACE TEMP TABLE fee_faults AS
SELECT c.*, CASE WHEN c.fulfilment > p.most * c.units THEN p.most ELSE p.least END AS expected_unit, p.seen_from,
    p.seen_until, (c.channel, date_trunc('week', c.posted)) IN (SELECT (channel, week) FROM temp.fee_weeks) AS common
FROM {_IN_FORCE} AND {_DIFFERS}
"""  # noqa: S608 - our names
_FOUND = """
SELECT f.channel, f.sku, f.currency, f.expected_unit, CAST(f.fulfilment / f.units AS DECIMAL(18,4)) AS per_unit,
    CAST(sum(f.units) AS BIGINT), count(DISTINCT f.order_id),
    CAST(sum(f.fulfilment - f.expected_unit * f.units) AS DECIMAL(18,4)), min(f.posted), max(f.posted),
    min(f.seen_from), max(f.seen_until), f.common
FROM temp.fee_faults f
LEFT JOIN (SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::DATE[]) AS day) g ON g.channel = f.channel
LEFT JOIN (SELECT unnest($3::VARCHAR[]) AS channel, unnest($4::VARCHAR[]) AS sku, unnest($5::DATE[]) AS day) a
    ON a.channel = f.channel AND a.sku = f.sku
WHERE (g.day IS NULL OR f.posted >= g.day) AND (a.day IS NULL OR f.posted > a.day)
GROUP BY ALL ORDER BY f.channel, f.common, f.sku, f.currency, f.expected_unit, per_unit
"""
# Charges that differ from every stretch around them, of days of which nothing is known (yet).
_UNDATED = f"""
SELECT c.channel, count(DISTINCT c.sku) FROM temp.fee_charges c
JOIN temp.fee_previewed p ON p.channel = c.channel AND p.sku = c.sku AND p.currency = c.currency
WHERE {_PRICED} AND {_OPEN} AND c.posted >= $1
GROUP BY c.channel, c.settlement_id, c.order_id, c.line_id, c.sku, c.parcel
HAVING bool_and({_DIFFERS}) AND NOT bool_or(c.posted > p.seen_from AND c.posted + 4 <= p.seen_until)
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class BillingFault:
    """Units of a SKU that were charged another fee than the channel itself expected then; amounts positive.

    `expected` and `charged` are of one unit, `extra` is of all: below zero where too little was charged. `seen_from`
    and `seen_until` are the first and last readings that tell of these charges.
    """

    channel: str
    sku: str
    currency: str
    expected: Decimal
    charged: Decimal
    units: int
    orders: int
    extra: Decimal
    since: date
    until: date
    seen_from: date
    seen_until: date
    #: Most SKUs of the channel were charged otherwise in the same weeks.
    is_common: bool = False

    @property
    def subject(self) -> str:
        """Return what names it in its channel, the same in every cycle."""
        return f"{self.sku}/preview/{self.expected.normalize():f}/{self.charged.normalize():f}"


def set_runs(cursor: duckdb.DuckDBPyConnection, only: tuple[str, str] | None = None) -> None:
    """Make the table of readings that tell all alike, of one (channel, SKU) or all."""
    cursor.execute(_RUNS, list(only or (None, None)))


def set_stretches(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of readings that tell all alike, and of those that tell the same fee."""
    set_runs(cursor)
    cursor.execute(_STRETCHES)


def set_faults(cursor: duckdb.DuckDBPyConnection, known: str) -> None:
    """Make the table of the charges that differ; `known` is the condition under which a decided fee judges a charge."""
    cursor.execute(_WEEKS.format(known=known))
    cursor.execute(_FAULTS.format(known=known))


def find_faults(
    cursor: duckdb.DuckDBPyConnection, live: Mapping[str, date], filed: Mapping[tuple[str, str], date]
) -> list[BillingFault]:
    """Return the charges that differ from the preview in force, a SKU and fee together.

    `live` is the day from which a channel's charges count; `filed` says up to which day a SKU is in a case.
    """
    asked = [[c for c, _ in filed], [s for _, s in filed], list(filed.values())]
    rows = cursor.execute(_FOUND, [list(live), list(live.values()), *asked]).fetchall()
    return [BillingFault(*row) for row in rows]


def find_undated(cursor: duckdb.DuckDBPyConnection, known: str, since: date) -> Sequence[tuple[str, int]]:
    """Return (channel, SKUs) charged otherwise than previewed on days from `since` on of which no preview is known."""
    rows = cursor.execute(_UNDATED.format(known=known), [since]).fetchall()
    found: dict[str, int] = {}
    for channel, _ in rows:
        found[channel] = found.get(channel, 0) + 1
    return sorted(found.items())
