"""Orders by what a buyer says of himself: e-mail, phone, name and postal code, what he bought and when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import duckdb

from reconcile.customers.buyer import normal_name, normal_phone
from reconcile.story.asked import dated_sku
from reconcile.story.calendar import zone_of
from reconcile.story.models import Candidate
from reconcile.story.search_orders import ORDER, order_candidates, orders_at, orders_named
from sync.mirror.keys import strip_prefix
from sync.mirror.places import Place, at_versions, look_up, name_at

__all__ = ["by_email", "by_name", "by_phone", "by_sku"]

#: So many are counted: of a SKU in the days around the one that is asked for, of a name.
_MOST = 1000
#: So many of the newest orders are looked through for a name alone, before all the others are.
_NEWEST = 250_000
# Orders of a few days lie near each other in the order of versions, and so do their lines: only those blocks are read.
_OF_DAYS = "SELECT min(version), max(version) FROM orders WHERE ordered_at >= $1 AND ordered_at < $2"
_LINES_OF_SKU = "SELECT version FROM order_lines WHERE version BETWEEN $1 AND $2 AND lower(sku) = lower($3)"
# A list and no subquery: a join would read all versions.
_ORDERS_OF = f"""
SELECT {ORDER} FROM orders
WHERE version BETWEEN $1 AND $2 AND list_contains($3, version) AND ordered_at >= $4 AND ordered_at < $5
ORDER BY ordered_at DESC LIMIT {_MOST + 1}
"""  # noqa: S608 - our names
# A name alone has no place of its own: it is read. Accents are taken off where there are any, which costs four times
# as much as reading.
_PLAIN = "CASE WHEN strlen({0}) = length({0}) THEN lower({0}) ELSE strip_accents(lower({0})) END LIKE $1 ESCAPE '!'"
_NAMED = f"""
FROM orders
WHERE {{of_code}} ({_PLAIN.format("buyer_name")} OR {_PLAIN.format("ship_name")}) AND version > $2 AND version <= $3
"""
#: Days of calendars lie up to so far from the day in UTC.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
_FEWEST_DIGITS = 7
#: Signs of a postal code that are looked up at once; a shorter one is looked for in all.
_SHORTEST_CODE = 5
_PHONE = re.compile(r"[+()\d\s./-]+")


def by_email(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of an e-mail address: the channel's own, or that of a customer of the ERP."""
    if "@" not in text:
        return []
    address = text.replace(" ", "")
    known = look_up(cursor, [address], Place.EMAIL, Place.CUSTOMER_EMAIL).get(address, {})
    own = orders_at(cursor, known.get(Place.EMAIL, ()), "e-mail", limit)
    customers = at_versions(cursor, "customer_id", "customers", known.get(Place.CUSTOMER_EMAIL, ()))
    bought = look_up(cursor, [row[0] for row in customers], Place.CUSTOMER)
    versions = [v for places in bought.values() for v in places[Place.CUSTOMER]]
    named = at_versions(cursor, "external_id, other_reference, number", "transactions", versions)
    names = [strip_prefix(name) for row in named for name in row if name]
    others = [replace(c, why="e-mail") for c in orders_named(cursor, names, limit)]
    return list({(c.channel, c.subject): c for c in (*own, *others)}.values())


def by_phone(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders with a phone number, however it is written."""
    digits = normal_phone(text) if _PHONE.fullmatch(text) else None
    if digits is None or len(digits) < _FEWEST_DIGITS:
        return []
    return orders_at(cursor, look_up(cursor, [digits]).get(digits, {}).get(Place.PHONE, ()), "phone number", limit)


def by_sku(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of a SKU of one day in the channel's calendar."""
    asked = dated_sku(text)
    if asked is None:
        return []
    midnight = datetime.combine(asked.day, time(), UTC)
    window = [midnight - _EAST, midnight + timedelta(days=1) + _WEST]
    first, last = cursor.execute(_OF_DAYS, window).fetchall()[0]
    if first is None:
        return []
    lines = cursor.execute(_LINES_OF_SKU, [first, last, asked.sku]).fetchall()
    versions = list({version for (version,) in lines})
    rows = cursor.execute(_ORDERS_OF, [first, last, versions, *window]).fetchall() if versions else []
    zones = {channel: zone_of(cursor, channel) for channel in {row[0] for row in rows}}
    that_day = [row for row in rows if row[2].astimezone(zones[row[0]]).date() == asked.day]
    why = f"{asked.sku} ordered on {asked.day}"
    return order_candidates(that_day[:limit], why + _of_more(len(that_day), limit, _MOST))


def _of_more(count: int, limit: int, most: int) -> str:
    """Return that more were found than are shown: `, the newest 20 of 134`."""
    if count <= limit:
        return ""
    return f", the newest {limit} of {f'more than {most:,}' if count > most else f'{count:,}'}"


def by_name(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Return the orders of a name, with a postal code in either order where one is given."""
    codes = [w for w in re.split(r"[\s,]+", text) if any(c.isdigit() for c in w)]
    name = normal_name(" ".join(w for w in re.split(r"[\s,]+", text) if w not in codes))
    if len(name) < 3:
        return []
    code = re.sub(r"\W", "", codes[0]).lower() if codes else None
    if code is not None and (found := _at_code(cursor, name.split(), code, limit)):
        return found
    pattern = "%" + "%".join(w.replace("!", "!!").replace("_", "!_") for w in name.split()) + "%"
    what = "buyer's name and postal code" if code else "buyer's name"
    last = int(cursor.execute("SELECT coalesce(max(version), 0) FROM orders").fetchall()[0][0])
    newest = max(last - _NEWEST, 0) if code is None else 0
    # What nobody of that name bought lately is looked for in all other orders.
    for after, until in ((newest, last), (0, newest)):
        rows, count = _named(cursor, pattern, code, (after, until), limit) if until > after else ([], 0)
        if rows:
            lately = f" (of the newest {_NEWEST:,}; add the postal code to look in all)" if after else ""
            return order_candidates(rows, what + _of_more(count, limit, _MOST) + lately)
    return []


def _named(
    cursor: duckdb.DuckDBPyConnection, pattern: str, code: str | None, versions: tuple[int, int], limit: int
) -> tuple[list[tuple[Any, ...]], int]:
    """Return the newest orders of a name among these versions, and how many there are (counted to a limit)."""
    of_code = "" if code is None else "starts_with(lower(replace(replace(ship_postal_code, '-', ''), ' ', '')), $4) AND"
    named = _NAMED.format(of_code=of_code)
    asked = [pattern, *versions, *([code] if code is not None else [])]
    rows = cursor.execute(f"SELECT {ORDER} {named} ORDER BY ordered_at DESC LIMIT {limit:d}", asked).fetchall()
    if len(rows) < limit:
        return rows, len(rows)
    more = cursor.execute(f"SELECT count(*) FROM (SELECT 1 {named} LIMIT {_MOST + 1})", asked).fetchall()  # noqa: S608 - our names
    return rows, int(more[0][0])


def _at_code(cursor: duckdb.DuckDBPyConnection, words: list[str], code: str, limit: int) -> list[Candidate]:
    """Return the orders of a postal code with all these words in a name: what most people ask for, at once."""
    if len(code) < _SHORTEST_CODE:
        return []
    known = look_up(cursor, [name_at(code, word) for word in words], Place.NAME_AT)
    versions = [set(known.get(name_at(code, word), {}).get(Place.NAME_AT, ())) for word in words]
    columns = f"{ORDER}, buyer_name, ship_name, ship_postal_code"
    rows = [
        row
        for row in at_versions(cursor, columns, "orders", set.intersection(*versions))
        if re.sub(r"\W", "", row[7] or "").lower().startswith(code)
        and any(set(words) <= set(normal_name(name or "").split()) for name in row[5:7])
    ]
    rows.sort(key=lambda row: row[2], reverse=True)
    return order_candidates((row[:5] for row in rows[:limit]), "buyer's name and postal code")
