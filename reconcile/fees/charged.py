"""What was charged for each settled order line, and what the schedule gives: one pass of SQL over the lines.

The base of a referral fee is what the buyer pays for the goods after the seller's promotions, with the tax that the
marketplace does not withhold. Amazon's schedule counts shipping and gift wrap in: a fee on that base is right too.
Amounts of several roundings may differ by a cent for each further one; a single amount must agree exactly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter

import duckdb

from reconcile.fees.charge_lines import CHARGES, LINES_OF, ROLES
from reconcile.fees.previewed import set_faults, set_stretches
from reconcile.fees.referral import REFERRAL, judge_cases, mark_first
from reconcile.fees.schedule import FeeRow, SkuFee
from reconcile.settled import settled_rows

__all__ = [
    "KNOWN",
    "Charge",
    "TableRow",
    "find_differing",
    "find_unconfirmed",
    "is_fulfilment_fee",
    "uncategorised",
    "unmeasured",
]

_CATEGORIES = """
CREATE OR REPLACE TEMP TABLE fee_categories AS
WITH sold AS (SELECT DISTINCT channel, sku FROM temp.fee_charges),
typed AS (
    SELECT p.channel, p.sku, d.category FROM listings p JOIN temp.fee_decided d
        ON d.kind = 'product_type' AND d.channel = p.channel AND d.name = p.product_type
)
SELECT s.channel, s.sku, coalesce(own.category, typed.category, rest.category) AS category
FROM sold s
LEFT JOIN temp.fee_decided own ON own.kind = 'category' AND own.channel = s.channel AND own.name = s.sku
LEFT JOIN typed ON typed.channel = s.channel AND typed.sku = s.sku
LEFT JOIN temp.fee_decided rest ON rest.kind = 'category' AND rest.channel = s.channel AND rest.name = '*'
"""
# A condition on one side only would make the join compare every charge with every line: it stands in the key.
# Where the report has no quantity (0) the order tells it; else only a rate of one band can be judged, of one unit.
# Prices repeat: each (price, charge) of one time between two changes of the schedule is compared once.
_DATED = """
CREATE OR REPLACE TEMP TABLE fee_eras AS
WITH changes AS (
    SELECT valid_from AS day FROM temp.fee_rates
    UNION SELECT CAST(valid_to + INTERVAL 1 DAY AS DATE) FROM temp.fee_rates
)
SELECT d.posted, count(n.day) AS era FROM (SELECT DISTINCT posted FROM temp.fee_charges) d
LEFT JOIN changes n ON n.day <= d.posted GROUP BY d.posted;
CREATE OR REPLACE TEMP VIEW fee_dated AS
SELECT c.*{units}, k.category AS known, e.era, greatest(c.referrals - 1, c.prices - 1, 0) AS roundings
FROM temp.fee_charges c JOIN temp.fee_eras e ON e.posted = c.posted
JOIN temp.fee_categories k ON k.channel = c.channel AND k.sku = c.sku {ordered}
WHERE c.referrals > 0 AND c.prices > 0 AND c.base > 0
"""
_CASES = """
CREATE OR REPLACE TEMP TABLE fee_cases AS
SELECT row_number() OVER () AS id, greatest(units, 1) AS counted, * FROM (
    SELECT channel, currency, known, era, base, more, units, referral, roundings, min(posted) AS posted
    FROM temp.fee_dated WHERE units > 0 OR known IS NOT NULL GROUP BY ALL
)
"""
_UNCOUNTED = "SELECT 1 FROM temp.fee_charges WHERE units = 0 LIMIT 1"
_UNITS = " REPLACE (CASE WHEN c.units > 0 THEN c.units ELSE coalesce(o.quantity_shipped, 0) END AS units)"
_ORDERED = """
LEFT JOIN order_lines o ON o.order_key = CASE WHEN c.units = 0 THEN c.order_key END AND o.channel = c.channel
    AND o.order_id = c.order_id AND o.line_id = c.line_id
"""
#: What is known of the SKU's fee on the day and at the price of a charge; without a price only a fee for every price.
KNOWN = """
    d.kind = 'per_unit' AND d.channel = c.channel AND d.name = c.sku AND c.posted BETWEEN d.valid_from AND d.valid_to
    AND ((d.price_from = 0 AND d.price_below > 9999999) OR (c.prices > 0
        AND c.goods >= d.price_from * c.units AND c.goods < d.price_below * c.units))
"""
_FULFILMENT = f"""
SELECT 'fulfilment' AS fee, c.channel, c.settlement_id, c.order_id, c.line_id, c.sku, c.parcel, c.currency, c.posted,
    c.base, c.units, c.fulfilment AS charged, CAST(d.amount * c.units AS DECIMAL(18,4)) AS expected,
    CAST(NULL AS DECIMAL(9,6)) AS rate, 'per unit' AS category, '' AS nearest, d.source, c.order_key
FROM temp.fee_charges c JOIN temp.fee_decided d ON {KNOWN} AND d.confirmed
WHERE c.fulfilment IS NOT NULL AND c.units > 0 AND c.fulfilment <> d.amount * c.units
"""  # noqa: S608 - our names
_DIFFERING = """
CREATE OR REPLACE TEMP TABLE fee_differing AS SELECT row_number() OVER () AS place, * FROM ({differing})
"""
_SHOWN = f"""
SELECT c.* EXCLUDE (place, order_key), x.file_line, s.period_end, s.document_name, s.page_id
FROM temp.fee_differing c JOIN ({LINES_OF.format(charges="temp.fee_differing")}) x ON x.place = c.place
JOIN settlements s ON s.channel = c.channel AND s.settlement_id = c.settlement_id
ORDER BY c.fee DESC, c.channel, c.settlement_id, c.order_id, c.line_id, c.parcel, c.sku, c.source
"""  # noqa: S608 - our names
# Of a table that nobody confirmed: what was charged for each of its rows, and how much of it as the table says.
_UNCONFIRMED = f"""
WITH charged AS (
    SELECT c.channel, d.row_name, d.source, c.currency, d.amount, d.ended,
        CAST(c.fulfilment / c.units AS DECIMAL(14,4)) AS per_unit,
        sum(c.units) AS units, min(c.posted) AS since, max(c.posted) AS until,
        CAST(sum(c.fulfilment - d.amount * c.units) AS DECIMAL(18,4)) AS difference, list(DISTINCT c.sku) AS skus
    FROM temp.fee_charges c JOIN temp.fee_decided d ON {KNOWN} AND NOT d.confirmed
    LEFT JOIN (SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::DATE[]) AS day) g ON g.channel = c.channel
    WHERE c.fulfilment IS NOT NULL AND c.units > 0 AND (g.day IS NULL OR c.posted >= g.day)
    GROUP BY ALL
)
SELECT channel, row_name, any_value(source), currency, any_value(amount), any_value(ended),
    CAST(arg_max(per_unit, units) FILTER (WHERE per_unit <> amount) AS DECIMAL(18,4)),
    CAST(max(units) FILTER (WHERE per_unit <> amount) AS BIGINT),
    CAST(sum(units) FILTER (WHERE per_unit <> amount) AS BIGINT),
    CAST(coalesce(sum(units) FILTER (WHERE per_unit = amount), 0) AS BIGINT),
    min(since) FILTER (WHERE per_unit <> amount), max(until) FILTER (WHERE per_unit <> amount),
    sum(difference), list_sort(list_distinct(flatten(list(skus) FILTER (WHERE per_unit <> amount))))
FROM charged GROUP BY channel, row_name, source, currency
HAVING bool_or(per_unit <> amount) ORDER BY channel, row_name, currency
"""  # noqa: S608 - our names
_UNCATEGORISED = """
SELECT k.channel, count(*) FROM temp.fee_categories k
WHERE k.category IS NULL AND k.sku <> '' AND k.channel IN (SELECT channel FROM temp.fee_rates)
GROUP BY k.channel ORDER BY k.channel
"""
_UNMEASURED = """
WITH asked AS MATERIALIZED (
    SELECT DISTINCT c.channel, c.sku, c.posted FROM temp.fee_charges c
    JOIN (SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::DATE[]) AS day) t ON t.channel = c.channel
    WHERE c.fulfilment IS NOT NULL AND c.sku <> '' AND c.posted >= t.day
)
SELECT c.channel, count(DISTINCT c.sku) FROM asked c
WHERE NOT EXISTS (
        SELECT 1 FROM temp.fee_decided d WHERE d.kind = 'per_unit' AND d.channel = c.channel AND d.name = c.sku
            AND c.posted BETWEEN d.valid_from AND d.valid_to)
    AND NOT EXISTS (SELECT 1 FROM temp.fee_previewed p WHERE p.channel = c.channel AND p.sku = c.sku)
GROUP BY c.channel ORDER BY c.channel
"""


#: Fields of `SkuFee` and the columns of what is known of SKUs.
_SKU_FIELDS = (
    "kind", "channel", "subject", "category", "amount", "valid_from", "valid_to", "source", "row", "price_from",
    "price_below", "confirmed", "ended",
)  # fmt: skip
_SKU_COLUMNS = (
    ("kind", "VARCHAR"), ("channel", "VARCHAR"), ("name", "VARCHAR"), ("category", "VARCHAR"),
    ("amount", "DECIMAL(12,4)"), ("valid_from", "DATE"), ("valid_to", "DATE"), ("source", "VARCHAR"),
    ("row_name", "VARCHAR"), ("price_from", "DECIMAL(12,4)"), ("price_below", "DECIMAL(12,4)"),
    ("confirmed", "BOOLEAN"), ("ended", "DATE"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charge:
    """One fee of one settled order line that the schedule does not give; amounts positive: what the seller pays.

    `category` None: nobody said which; then no category of the schedule gives the charge, `nearest` comes closest and
    `expected` is what it gives. `rate` is the fraction of the highest band that the price reaches.
    """

    fee: str
    channel: str
    settlement_id: str
    order_id: str
    line_id: str
    sku: str
    parcel: str
    currency: str
    posted: date
    base: Decimal
    units: int
    charged: Decimal
    expected: Decimal
    rate: Decimal | None
    category: str | None
    nearest: str
    source: str
    file_line: int
    period_end: datetime
    document_name: str
    page_id: int | None

    @property
    def difference(self) -> Decimal:
        """Return what was charged too much; below zero where it was too little."""
        return self.charged - self.expected

    @property
    def subject(self) -> str:
        """Return what names the fee in its channel, the same in every cycle."""
        parts = (self.order_id, self.line_id or self.sku, self.fee, self.settlement_id, self.parcel)
        return "/".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table that nobody confirmed, and what the channel charges for it instead.

    `charged` is the fee of a unit that most of the differing units were charged (`charged_units`); `difference` is the
    sum over all of `units` differing ones. `agreeing` units were charged as the table says.
    """

    channel: str
    name: str
    source: str
    currency: str
    expected: Decimal
    ended: date | None
    charged: Decimal
    charged_units: int
    units: int
    agreeing: int
    since: date
    until: date
    difference: Decimal
    skus: Sequence[str]

    @property
    def has_one_fee(self) -> bool:
        """Tell whether half of its units or more are charged the same; else the sizes of its SKUs may be wrong."""
        return 2 * self.charged_units >= self.units + self.agreeing

    @property
    def is_older(self) -> bool:
        """Tell whether its publisher's last day lies before the charges."""
        return self.ended is not None and self.until > self.ended


def is_fulfilment_fee(channel: str, kind: Sequence[str | None]) -> bool:
    """Tell whether a line of these three texts is the fee for fulfilling units."""
    return (channel.partition(".")[0], *((word or "").lower() for word in kind), "fulfilment") in ROLES


def find_differing(cursor: duckdb.DuckDBPyConnection, rows: Sequence[FeeRow], skus: Sequence[SkuFee]) -> list[Charge]:
    """Return every charge that its schedule does not give, to the cent; makes temporary tables, also of `previewed`."""
    _set_tables(cursor, rows, skus)
    set_stretches(cursor)
    set_faults(cursor, KNOWN)
    differing = f"{REFERRAL} UNION ALL {_FULFILMENT}" if judge_cases(cursor) else _FULFILMENT
    cursor.execute(_DIFFERING.format(differing=differing))
    if cursor.execute("SELECT 1 FROM temp.fee_differing LIMIT 1").fetchone() is None:
        return []
    return [Charge(*row) for row in cursor.execute(_SHOWN).fetchall()]


def uncategorised(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return (channel, number of sold SKUs of which nobody said the category), after `find_differing`."""
    return [(str(c), int(n)) for c, n in cursor.execute(_UNCATEGORISED).fetchall()]


def unmeasured(cursor: duckdb.DuckDBPyConnection, tabled: Mapping[str, date]) -> list[tuple[str, int]]:
    """Return (channel, number of SKUs charged for fulfilment that no fee is known of), after `find_differing`.

    `tabled` are the channels that have a table by size and weight, with its first day.
    """
    found = cursor.execute(_UNMEASURED, [list(tabled), list(tabled.values())]).fetchall()
    return [(str(c), int(n)) for c, n in found]


def find_unconfirmed(cursor: duckdb.DuckDBPyConnection, live: Mapping[str, date]) -> list[TableRow]:
    """Return the rows of unconfirmed tables that other fees were charged for, after `find_differing`.

    `live` is the day from which a channel's charges count, where there is one.
    """
    rows = cursor.execute(_UNCONFIRMED, [list(live), list(live.values())]).fetchall()
    return [TableRow(*row) for row in rows]


def _set_tables(cursor: duckdb.DuckDBPyConnection, rows: Sequence[FeeRow], skus: Sequence[SkuFee]) -> None:
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE fee_rates AS SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS"
        " category, unnest($3::VARCHAR[]) AS basis, unnest($4::DECIMAL(12,4)[]) AS above,"
        " unnest($5::DECIMAL(12,4)[]) AS up_to, unnest($6::DECIMAL(9,6)[]) AS rate,"
        " unnest($7::DECIMAL(12,4)[]) AS minimum, unnest($8::DATE[]) AS valid_from, unnest($9::DATE[]) AS valid_to,"
        " unnest($10::VARCHAR[]) AS source",
        [
            [getattr(r, name) for r in rows]
            for name in "channel category basis above up_to rate minimum valid_from valid_to source".split()
        ],
    )
    mark_first(cursor)
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW fee_charges AS FROM {settled_rows(cursor, CHARGES)}")
    _set_decided(cursor, skus)
    cursor.execute(_CATEGORIES)
    # Orders are asked only where a report does not count: a fee on what was counted does not depend on them.
    is_uncounted = cursor.execute(_UNCOUNTED).fetchone() is not None
    cursor.execute(_DATED.format(units=_UNITS if is_uncounted else "", ordered=_ORDERED if is_uncounted else ""))
    cursor.execute(_CASES)


def _set_decided(cursor: duckdb.DuckDBPyConnection, skus: Sequence[SkuFee]) -> None:
    """Make the table of what is known of SKUs, but for days before the first charge."""
    first = (cursor.execute("SELECT min(posted) FROM temp.fee_charges").fetchone() or (None,))[0]
    values = attrgetter(*_SKU_FIELDS)
    held = [values(s) for s in skus if first is None or s.valid_to >= first]
    # One text: lists of ten thousand values as parameters take seconds.
    rows = json.dumps([[None if v is None else str(v) for v in row] for row in held])
    columns = ", ".join(f"CAST(r[{n}] AS {kind}) AS {name}" for n, (name, kind) in enumerate(_SKU_COLUMNS, 1))
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE fee_decided AS SELECT {columns}"  # noqa: S608 - our names
        " FROM (SELECT unnest(from_json($1::JSON, '[[\"VARCHAR\"]]')) AS r)",
        [rows],
    )
