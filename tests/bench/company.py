"""A large company in the mirror, made set by set in SQL: orders, their documents, their settlements.

One order in a hundred is not booked, the newest settlements are not posted. Order numbers come in no order, as the
marketplaces' do, so that nothing profits from sorted keys.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.clock import ManualClock
from sync.mirror.places import rebuild_places
from sync.store.store import Store

__all__ = ["NOW", "STREAMS", "buyers_names_of", "database", "fill", "names_of"]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STREAMS = (
    "amazon.orders@US",
    "amazon.orders@DE",
    "walmart.orders@US",
    "amazon.settlements@US",
    "netsuite.transactions",
)
#: Orders of one settlement.
_ORDERS_A_SETTLEMENT = 16_000
#: Coprime with 10, so that numbers stay different.
_SPREAD = 7_368_787_000_003
_PREFIX = 113
#: Which of each hundred orders has no document.
_NOT_BOOKED = 7

_META = (
    "n + 1 AS version, md5(n::VARCHAR) AS row_hash, TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at,"
    " 0 AS page_ordinal"
)
_NUMBERED = f"""
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT n, {_PREFIX} * 100000000000000 + ((n * {_SPREAD}::HUGEINT + 17) % 100000000000000)::BIGINT AS order_key,
    '{_PREFIX}-' || substr(order_key::VARCHAR, 4, 7) || '-' || substr(order_key::VARCHAR, 11, 7) AS order_id,
    CASE WHEN n % 10 < 8 THEN 'amazon.US' ELSE 'amazon.DE' END AS channel,
    CASE WHEN n % 10 < 8 THEN 'USD' ELSE 'EUR' END AS currency,
    TIMESTAMPTZ '2026-05-01 00:00:00+00' + to_seconds(n * 17280000.0 / $1) AS moment,
    ((1000 + n * 37 % 9000)::DECIMAL(18,4) * 0.01)::DECIMAL(18,4) AS price
FROM range($1) t(n)
"""
_ORDERS = f"""
INSERT INTO orders BY NAME
SELECT channel, order_id, moment AS ordered_at, moment + INTERVAL 2 DAY AS updated_at, 'shipped' AS status,
    'SHIPPED' AS vendor_status, CASE WHEN n % 3 = 0 THEN 'channel' ELSE 'seller' END AS fulfilled_by,
    'standard' AS order_type, currency, price AS total, 0 AS tax, 0 AS shipping, 0 AS discount,
    'Buyer ' || translate(n::VARCHAR, '0123456789', 'abcdefghij') AS buyer_name,
    'b' || n || '@marketplace.example' AS buyer_email, buyer_name AS ship_name,
    '+1 555 ' || lpad(n::VARCHAR, 7, '0') AS ship_phone,
    n || ' Oak Street' AS ship_address1, 'Portland' AS ship_city, 'OR' AS ship_region,
    lpad((n % 99999)::VARCHAR, 5, '0') AS ship_postal_code, 'US' AS ship_country, order_key,
    moment + INTERVAL 2 DAY AS source_updated_at, {_META}
FROM numbered ORDER BY n
"""
_ORDER_LINES = """
INSERT INTO order_lines BY NAME
SELECT channel, order_id, '1' AS line_id, 1 AS position, 'SKU-' || (n % 500) AS sku, 'Thing ' || (n % 500) AS title,
    1 AS quantity, 1 AS quantity_shipped, 0 AS quantity_cancelled, price AS item_price, 0 AS item_tax,
    0 AS shipping_price, 0 AS shipping_tax, 0 AS gift_price, 0 AS gift_tax, 0 AS discount, 0 AS discount_tax,
    'shipped' AS status, '1Z' || lpad(n::VARCHAR, 16, '0') AS tracking_number, 'UPS' AS carrier, order_key,
    n + 1 AS version
FROM numbered ORDER BY n
"""
_TRANSACTIONS = f"""
INSERT INTO transactions BY NAME
SELECT n::VARCHAR AS transaction_id, (7000000000 + n)::VARCHAR AS number, 'SalesOrd' AS transaction_type,
    'salesOrder' AS record_type, 'G' AS status, moment::DATE AS transaction_date, (n % 200000)::VARCHAR AS customer_id,
    'AMZ-' || order_id AS external_id, order_id AS other_reference, currency, price AS total, moment AS created_at,
    moment + INTERVAL 1 DAY AS updated_at, order_key AS external_key, order_key AS other_key,
    7000000000 + n AS number_key,
    moment + INTERVAL 1 DAY AS source_updated_at, {_META}
FROM numbered WHERE n % 100 <> {_NOT_BOOKED} ORDER BY n
"""
_TRANSACTION_LINES = f"""
INSERT INTO transaction_lines BY NAME
SELECT n::VARCHAR AS transaction_id, line::VARCHAR AS line_id, line::INTEGER AS position, line = 0 AS is_main,
    false AS is_tax, CASE WHEN line = 1 THEN (n % 500)::VARCHAR END AS item_id, 1 AS quantity, price AS amount,
    n + 1 AS version
FROM numbered, range(2) l(line) WHERE n % 100 <> {_NOT_BOOKED} ORDER BY n, line
"""
_SETTLEMENT_LINES = f"""
INSERT INTO settlement_lines BY NAME
SELECT channel, (n // {_ORDERS_A_SETTLEMENT} + 20000000000)::VARCHAR AS settlement_id,
    (n % {_ORDERS_A_SETTLEMENT} * 3 + kind + 1)::INTEGER AS ordinal,
    (n % {_ORDERS_A_SETTLEMENT} * 3 + kind + 3)::INTEGER AS file_line,
    n % {_ORDERS_A_SETTLEMENT} * 300 AS byte_offset, 'Order' AS transaction_type,
    CASE kind WHEN 0 THEN 'ItemPrice' ELSE 'ItemFees' END AS amount_type,
    CASE kind WHEN 0 THEN 'Principal' WHEN 1 THEN 'Commission' ELSE 'FBAPerUnitFulfillmentFee' END
        AS amount_description,
    CASE kind WHEN 0 THEN price WHEN 1 THEN -(price * 0.15)::DECIMAL(18,2) ELSE -3.22 END AS amount, currency,
    order_id, 'Amazon.com' AS marketplace, 'channel' AS fulfilled_by, moment + INTERVAL 3 DAY AS posted_at,
    (moment + INTERVAL 3 DAY)::DATE AS posted_date, 'SKU-' || (n % 500) AS sku, 1 AS quantity, order_key,
    n // {_ORDERS_A_SETTLEMENT} + 1 AS version
FROM numbered, range(3) k(kind) ORDER BY n, kind
"""
_SETTLEMENTS = """
INSERT INTO settlements BY NAME
SELECT channel, settlement_id, 'amazon_v2' AS format, md5(channel || settlement_id) AS document_hash,
    settlement_id || '.txt' AS document_name, any_value(currency) AS currency, min(posted_at) AS period_start,
    max(posted_at) AS period_end, max(posted_at) + INTERVAL 2 DAY AS deposit_at, sum(amount) AS total,
    count(*) AS line_count, 'utf-8' AS encoding, any_value(version) AS version, md5(settlement_id) AS row_hash,
    TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal
FROM settlement_lines GROUP BY channel, settlement_id ORDER BY settlement_id, channel
"""
# The newest settlement of all is not posted.
_JOURNALS = """
INSERT INTO transactions BY NAME
WITH parts AS (
    SELECT DISTINCT settlement_id, strftime(posted_date, '%Y%m') AS month FROM settlement_lines
    WHERE settlement_id < (SELECT max(settlement_id) FROM settlements)
)
SELECT 'J' || settlement_id || month AS transaction_id, 'JE' || settlement_id || month AS number,
    'Journal' AS transaction_type, 'journalEntry' AS record_type, DATE '2026-11-01' AS transaction_date,
    'AMZ-SETTLE-' || settlement_id || '-' || month AS external_id, (hash(settlement_id || month) >> 1)::BIGINT AS
    external_key, TIMESTAMPTZ '2026-11-01 00:00:00+00' AS updated_at, 1 AS version, md5(settlement_id) AS row_hash,
    TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal
FROM parts
"""
_LISTS = (
    """
    INSERT INTO items BY NAME
    SELECT n::VARCHAR AS item_id, 'SKU-' || n AS name, 'InvtPart' AS item_type, n = 3 AS inactive, 1 AS version,
        'x' AS row_hash, TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal
    FROM range(497) t(n)
    """,
    """
    INSERT INTO customers BY NAME
    SELECT n::VARCHAR AS customer_id, 'Buyer ' || n AS entity_id, 'Buyer ' || n AS company_name,
        'c' || n || '@mail.example' AS email, false AS inactive, 1 AS version, 'x' AS row_hash,
        TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal
    FROM range($1 // 5) t(n)
    """,
    """
    INSERT INTO periods BY NAME
    SELECT n::VARCHAR AS period_id, n::VARCHAR AS name, (DATE '2026-01-01' + to_months(n::INTEGER))::DATE AS start_date,
        (DATE '2026-02-01' + to_months(n::INTEGER))::DATE - 1 AS end_date, false AS closed, false AS all_locked,
        false AS is_quarter, false AS is_year, false AS is_adjustment, 1 AS version, 'x' AS row_hash,
        TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal
    FROM range(12) t(n)
    """,
)
_ENTITIES = ("orders", "order_lines", "transactions", "transaction_lines", "settlements", "settlement_lines")


def names_of(number: int) -> dict[str, str]:
    """Return the ids of the n-th order, counted from 0, by what they are."""
    digits = f"{_PREFIX}{(number * _SPREAD + 17) % 10**14:014}"
    order = f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"
    names = {"order id": order, "tracking number": f"1Z{number:016}"}
    if number % 100 != _NOT_BOOKED:
        names |= {"external id": f"AMZ-{order}", "document number": str(7_000_000_000 + number)}
        names["internal id of the ERP"] = str(number)
    return names


def buyers_names_of(number: int) -> dict[str, str]:
    """Return what the buyer of the n-th order says of himself, by what it is."""
    return {
        "e-mail": f"b{number}@marketplace.example",
        "phone number": f"+1 (555) {number:07}",
        "name and postal code": f"Buyer {_lettered(number)} {number % 99999:05}",
        "name alone": f"Buyer {_lettered(number)}",
    }


def bought(number: int, orders: int) -> tuple[str, str, datetime]:
    """Return channel, SKU and moment of the n-th of so many orders."""
    moment = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=number * 17_280_000 / orders)
    return ("amazon.US" if number % 10 < 8 else "amazon.DE", f"SKU-{number % 500}", moment)


def _lettered(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def database(folder: Path, orders: int) -> Path:
    """Return the path of a filled database in the folder, made on first use."""
    path = folder / f"company-{orders}.duckdb"
    if not path.exists():
        fill(path, orders)
    return path


def fill(path: Path, orders: int) -> None:
    """Make a database file with so many orders, about as many documents and three times as many settlement lines."""
    store = Store.open(path, ManualClock(NOW))
    try:
        with store.database.transaction() as tx:
            tx.execute(_NUMBERED, [orders])
            for statement in (_ORDERS, _ORDER_LINES, _TRANSACTIONS, _TRANSACTION_LINES, _SETTLEMENT_LINES):
                tx.execute(statement)
            tx.execute(_SETTLEMENTS)
            tx.execute(_JOURNALS)
            for statement in _LISTS:
                tx.execute(statement, [orders] if "$1" in statement else [])
            for table in _ENTITIES:
                tx.execute(f"INSERT INTO {table}_versions SELECT * FROM {table}")
            for stream in STREAMS:
                tx.execute(
                    "INSERT INTO coverage VALUES ($1, TIMESTAMPTZ '2026-04-01 00:00:00+00', $2, 'r', $2, 1, 1, 1, 0)",
                    [stream, NOW],
                )
            tx.execute("DROP TABLE temp.numbered")
            rebuild_places(tx)
        for channel in ("amazon.US", "amazon.DE"):
            routing = {
                "subsidiary_id": "1",
                "location_id": "1",
                "channel_location_id": "2",
                "customer_policy": "per_buyer",
                "tax_policy": "facilitator",
                "time_zone": "UTC",
            }
            store.decisions.decide("routing", channel, routing, by="bench")
    finally:
        store.close()
