"""Which referral fees no rate gives: each case (a price and its fee, in one time) against the rates of the schedule.

Reads the temporary tables that `charged` makes: `fee_rates`, `fee_cases`, `fee_dated`.
"""

from __future__ import annotations

import duckdb

__all__ = ["REFERRAL", "judge_cases", "mark_first"]

_FIRST = """
CREATE OR REPLACE TEMP TABLE fee_rates AS
WITH told AS (
    SELECT channel, category,
        string_agg(concat_ws('|', basis, above, up_to, rate, minimum, valid_from, valid_to), ';'
            ORDER BY basis, above, up_to, rate, minimum, valid_from, valid_to) AS rates
    FROM temp.fee_rates GROUP BY channel, category
),
firsts AS (
    SELECT channel, min(category) AS category,
        row_number() OVER (PARTITION BY channel ORDER BY count(*) DESC, min(category)) = 1 AS is_usual
    FROM told GROUP BY channel, rates
)
SELECT r.*, f.category IS NOT NULL AS is_first, coalesce(f.is_usual, false) AS is_usual FROM temp.fee_rates r
LEFT JOIN firsts f ON f.channel = r.channel AND f.category = r.category
"""
# What one category gives for a base: the bands added, at least the minimum for each unit.
_GIVEN = """
    greatest(sum(CASE WHEN r.basis = 'portion'
            THEN r.rate * greatest(least({base}, CAST(r.up_to * c.counted AS DECIMAL(18,4)))
                - CAST(r.above * c.counted AS DECIMAL(18,4)), 0)
            WHEN {base} > r.above * c.counted AND {base} <= r.up_to * c.counted THEN r.rate * {base} ELSE 0 END),
        max(r.minimum) * any_value(c.counted))
"""
# The casts keep the decimals: of two scales, CASE would take the one that loses cents.
_ROUNDED = (
    "CASE WHEN {currency} IN ('JPY', 'KRW', 'CLP') THEN CAST(round(CAST({amount} AS DECIMAL(24,10)), 0) AS"
    " DECIMAL(18,4)) ELSE CAST(round(CAST({amount} AS DECIMAL(24,10)), 2) AS DECIMAL(18,4)) END"
)
_COMPARED = f"""
given AS (
    SELECT c.id, r.category, any_value(c.currency) AS currency, any_value(c.referral) AS referral,
        0.01 * any_value(c.roundings) AS slack, {_GIVEN.format(base="c.base")} AS plain,
        {_GIVEN.format(base="CAST(c.base + c.more AS DECIMAL(14,4))")} AS whole,
        max(r.source) AS source, max(r.rate) FILTER (WHERE c.base > r.above * c.counted) AS rate
    FROM temp.{{cases}} c
    JOIN temp.fee_rates r ON r.channel = c.channel AND c.posted BETWEEN r.valid_from AND r.valid_to
        AND ((c.known IS NULL AND {{among}}) OR c.known = r.category)
        AND (c.units > 0 OR (r.above = 0 AND r.up_to > 9999999))
    GROUP BY c.id, r.category
),
compared AS (
    SELECT id, category, source, rate, slack, {_ROUNDED.format(currency="currency", amount="plain")} AS expected,
        referral - {_ROUNDED.format(currency="currency", amount="plain")} AS difference,
        referral - {_ROUNDED.format(currency="currency", amount="whole")} AS other
    FROM given
)
"""  # noqa: S608 - our names
# Many categories have the very same rates: the first of them says whether any gives the fee. Mostly the rates of most
# categories do, and the others are tried where those do not; of all categories the nearest is looked for only where
# none does.
_UNFIT = f"""
CREATE OR REPLACE TEMP TABLE {{unfit}} AS
WITH {_COMPARED.format(cases="{cases}", among="r.{among}")}
SELECT c.* FROM temp.{{cases}} c
ANTI JOIN (SELECT id FROM compared WHERE abs(difference) <= slack OR abs(other) <= slack) f ON f.id = c.id
"""  # noqa: S608 - our names
# Of two that come equally near it is always the same one, or a finding would change from run to run.
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE fee_judged AS
WITH {_COMPARED.format(cases="fee_unfit", among="true")}
SELECT id, category, expected, source, rate FROM compared
QUALIFY row_number() OVER (PARTITION BY id ORDER BY abs(difference), category) = 1
"""  # noqa: S608 - our names
REFERRAL = """
SELECT 'referral' AS fee, c.channel, c.settlement_id, c.order_id, c.line_id, c.sku, c.parcel, c.currency, c.posted,
    c.base, c.units, c.referral AS charged, CAST(j.expected AS DECIMAL(18,4)) AS expected,
    CAST(j.rate AS DECIMAL(9,6)) AS rate, c.known AS category,
    j.category AS nearest, j.source, c.order_key
FROM temp.fee_judged j JOIN temp.fee_cases f ON f.id = j.id
JOIN temp.fee_dated c ON c.channel = f.channel AND c.currency = f.currency AND c.known IS NOT DISTINCT FROM f.known
    AND c.era = f.era AND c.base = f.base AND c.more = f.more AND c.units = f.units AND c.referral = f.referral
    AND c.roundings = f.roundings
"""


def mark_first(cursor: duckdb.DuckDBPyConnection) -> None:
    """Say in `fee_rates` of each category whether it is the first of those with the very same rates (`is_first`).

    `is_usual`: of the rates that most categories have.
    """
    cursor.execute(_FIRST)


def judge_cases(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Make the table that `REFERRAL` reads: the cases that no rate gives; False where there are none."""
    cursor.execute(_UNFIT.format(unfit="fee_unusual", cases="fee_cases", among="is_usual"))
    cursor.execute(_UNFIT.format(unfit="fee_unfit", cases="fee_unusual", among="is_first"))
    cursor.execute(_JUDGED)
    return cursor.execute("SELECT 1 FROM temp.fee_judged LIMIT 1").fetchone() is not None
