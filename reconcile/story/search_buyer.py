"""Orders by what a buyer says of himself: e-mail, phone, name and postal code, what he bought and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import duckdb

from reconcile.customers.buyer import normal_name, normal_phone
from reconcile.story.asked import dated_sku
from reconcile.story.calendar import zone_of
from reconcile.story.models import Candidate
from reconcile.story.search_orders import ORDER, order_candidates

__all__ = ["by_email", "by_name", "by_phone", "by_sku"]

_BY_EMAIL = f"""
WITH documents AS (
    SELECT t.external_key, t.other_key, t.number_key FROM transactions t
    JOIN customers c ON c.customer_id = t.customer_id WHERE lower(c.email) = lower($1)
),
keys AS (
    SELECT external_key AS key FROM documents UNION SELECT other_key FROM documents
    UNION SELECT number_key FROM documents
)
SELECT {ORDER} FROM orders o
WHERE lower(o.buyer_email) = lower($1) OR o.order_key IN (SELECT key FROM keys WHERE key IS NOT NULL)
ORDER BY o.ordered_at DESC LIMIT $2
"""  # noqa: S608 - our names
_BY_PHONE = f"""
SELECT {ORDER} FROM orders o WHERE right(regexp_replace(o.ship_phone, '[^0-9]', '', 'g'), 9) = $1
ORDER BY o.ordered_at DESC LIMIT $2
"""  # noqa: S608 - our names
_BY_SKU = f"""
SELECT {ORDER} FROM orders o
WHERE o.ordered_at >= $1 AND o.ordered_at < $2 AND o.order_key IN (
    SELECT l.order_key FROM order_lines l
    WHERE lower(l.sku) = lower($3) AND l.version IN (
        SELECT version FROM orders WHERE ordered_at >= $1 AND ordered_at < $2
    )
)
ORDER BY o.ordered_at DESC
"""  # noqa: S608 - our names
#: Days of calendars lie up to so far from the day in UTC.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
_FEWEST_DIGITS = 7
_PHONE = re.compile(r"[+()\d\s./-]+")


def by_email(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of an e-mail address: the channel's own, or that of a customer of the ERP."""
    if "@" not in text:
        return []
    return order_candidates(cursor.execute(_BY_EMAIL, [text.replace(" ", ""), limit]).fetchall(), "e-mail")


def by_phone(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders with a phone number, however it is written."""
    digits = normal_phone(text) if _PHONE.fullmatch(text) else None
    if digits is None or len(digits) < _FEWEST_DIGITS:
        return []
    return order_candidates(cursor.execute(_BY_PHONE, [digits, limit]).fetchall(), "phone number")


def by_sku(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of a SKU of one day in the channel's calendar."""
    asked = dated_sku(text)
    if asked is None:
        return []
    midnight = datetime.combine(asked.day, time(), UTC)
    rows = cursor.execute(_BY_SKU, [midnight - _EAST, midnight + timedelta(days=1) + _WEST, asked.sku]).fetchall()
    that_day = [row for row in rows if row[2].astimezone(zone_of(cursor, row[0])).date() == asked.day]
    return order_candidates(that_day[:limit], f"{asked.sku} ordered on {asked.day}")


def by_name(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of a name, with a postal code in either order where one is given."""
    codes = [w for w in re.split(r"[\s,]+", text) if any(c.isdigit() for c in w)]
    name = normal_name(" ".join(w for w in re.split(r"[\s,]+", text) if w not in codes))
    if len(name) < 3:
        return []
    code = re.sub(r"\W", "", codes[0]).lower() if codes else None
    of_code = (
        "" if code is None else "starts_with(lower(replace(replace(o.ship_postal_code, '-', ''), ' ', '')), $3) AND"
    )
    rows = cursor.execute(
        f"SELECT {ORDER} FROM orders o WHERE {of_code}"  # noqa: S608 - our names
        " (strip_accents(lower(o.buyer_name)) LIKE $1 ESCAPE '!'"
        " OR strip_accents(lower(o.ship_name)) LIKE $1 ESCAPE '!')"
        " ORDER BY o.ordered_at DESC LIMIT $2",
        [
            "%" + "%".join(w.replace("!", "!!").replace("_", "!_") for w in name.split()) + "%",
            limit,
            *([code] if code is not None else []),
        ],
    ).fetchall()
    return order_candidates(rows, "buyer's name and postal code" if code else "buyer's name")
