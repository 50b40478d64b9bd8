"""From whatever id a person has to the order or settlement that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from reconcile.customers.buyer import normal_name
from sync.mirror.keys import join_key, strip_prefix

__all__ = ["Candidate", "candidates"]

_ORDER = "o.channel, o.order_id, o.ordered_at, coalesce(o.buyer_name, o.ship_name, '')"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order or settlement that a text may mean; `why` says which of its ids the text is."""

    kind: Literal["order", "settlement"]
    channel: str
    subject: str
    at: datetime
    label: str
    why: str


def candidates(cursor: duckdb.DuckDBPyConnection, text: str, *, limit: int = 20) -> list[Candidate]:
    """Return what a text may mean, newest first: by the first kind of id that names anything.

    Order id, customer order id, the ERP's document by external id, other reference or number, settlement or journal,
    tracking number, e-mail, buyer's name with postal code (in either order), buyer's name.
    """
    asked = text.strip()
    if not asked:
        return []
    steps: tuple[Callable[[duckdb.DuckDBPyConnection, str, int], list[Candidate]], ...] = (
        _by_order,
        _by_document,
        _by_settlement,
        _by_tracking,
        _by_email,
        _by_name,
    )
    for step in steps:
        found = step(cursor, asked, limit)
        if found:
            return found
    return []


def _orders(rows: list[tuple[Any, ...]], why: str) -> list[Candidate]:
    return [Candidate("order", c, o, at, f"{o} {name}".strip(), why) for c, o, at, name in rows]


def _by_order(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    bare = strip_prefix(text)
    for column, key, why in (
        ("order_id", "order_key", "order id"),
        ("alternate_id", "alternate_key", "customer order id"),
    ):
        rows = cursor.execute(
            f"SELECT {_ORDER} FROM orders o WHERE o.{key} = $1 AND o.{column} = $2"  # noqa: S608 - our names
            " ORDER BY o.ordered_at DESC LIMIT $3",
            [join_key(bare), bare, limit],
        ).fetchall()
        if rows:
            return _orders(rows, why)
    return []


def _by_document(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    """Find the orders that the ERP document of this number, reference or id names."""
    columns = "external_key, other_key, number_key, external_id, other_reference, number, transaction_id"
    # One column a condition: joined by OR they would read the whole table.
    probes = " UNION ALL ".join(
        f"SELECT {columns} FROM transactions WHERE {condition}"  # noqa: S608 - our names
        for condition in (
            "external_key = $1 AND external_id = $2",
            "other_key = $1 AND other_reference = $2",
            "number_key = $1 AND number = $2",
            "transaction_id = $2",
        )
    )
    rows = cursor.execute(f"{probes} LIMIT $3", [join_key(strip_prefix(text)), text, limit]).fetchall()
    keys = sorted({k for row in rows for k in row[:3] if k is not None})
    names = sorted({strip_prefix(n) for row in rows for n in row[3:6] if n})
    if not keys:
        return []
    # One key a probe: two or three of them; a list of keys or a subquery takes ten times as long.
    named = " UNION ".join(
        f"SELECT {_ORDER} FROM orders o WHERE o.{key} = ${n} AND list_contains($1::VARCHAR[], o.{column})"  # noqa: S608
        for key, column in (("order_key", "order_id"), ("alternate_key", "alternate_id"))
        for n in range(2, 2 + len(keys))
    )
    found = cursor.execute(f"{named} ORDER BY ordered_at DESC LIMIT {limit:d}", [names, *keys]).fetchall()
    return _orders(found, f"NetSuite document {rows[0][5] or rows[0][6]}")


def _by_settlement(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    journal = re.fullmatch(r"(?:AMZ|WMT)-SETTLE-(.+)-\d{6}(?:-\d+)?(?:-v\d+)?(?:-R)?", text)
    booked = cursor.execute(
        "SELECT external_id FROM transactions WHERE number_key = $1 AND number = $2"
        " AND contains(external_id, '-SETTLE-') LIMIT 1",
        [join_key(strip_prefix(text)), text],
    ).fetchone()
    if booked and not journal:
        journal = re.fullmatch(r"(?:AMZ|WMT)-SETTLE-(.+)-\d{6}(?:-\d+)?(?:-v\d+)?(?:-R)?", str(booked[0]))
    rows = cursor.execute(
        "SELECT channel, settlement_id, period_end FROM settlements WHERE settlement_id = $1"
        " ORDER BY period_end DESC LIMIT $2",
        [journal.group(1) if journal else text, limit],
    ).fetchall()
    why = "journal" if journal else "settlement"
    return [Candidate("settlement", c, s, at, f"settlement {s}", why) for c, s, at in rows]


def _by_tracking(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    lines = cursor.execute(
        "SELECT DISTINCT order_key, channel, order_id FROM order_lines WHERE tracking_number = $1", [text]
    ).fetchall()
    if not lines:
        return []
    rows = cursor.execute(
        f"SELECT {_ORDER} FROM orders o WHERE o.order_key IN (SELECT unnest($1::BIGINT[]))"  # noqa: S608 - our names
        " AND (o.channel, o.order_id) IN (SELECT unnest($2::VARCHAR[]), unnest($3::VARCHAR[]))"
        " ORDER BY o.ordered_at DESC LIMIT $4",
        [*(list(column) for column in zip(*lines, strict=True)), limit],
    ).fetchall()
    return _orders(rows, "tracking number")


def _by_email(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    if "@" not in text:
        return []
    rows = cursor.execute(
        f"""
        WITH documents AS (
            SELECT t.external_key, t.other_key, t.number_key FROM transactions t
            JOIN customers c ON c.customer_id = t.customer_id WHERE lower(c.email) = lower($1)
        ),
        keys AS (
            SELECT external_key AS key FROM documents UNION SELECT other_key FROM documents
            UNION SELECT number_key FROM documents
        )
        SELECT {_ORDER} FROM orders o
        WHERE lower(o.buyer_email) = lower($1) OR o.order_key IN (SELECT key FROM keys WHERE key IS NOT NULL)
        ORDER BY o.ordered_at DESC LIMIT $2
        """,  # noqa: S608 - our names
        [text, limit],
    ).fetchall()
    return _orders(rows, "e-mail")


def _by_name(cursor: duckdb.DuckDBPyConnection, text: str, limit: int) -> list[Candidate]:
    codes = [w for w in re.split(r"[\s,]+", text) if any(c.isdigit() for c in w)]
    name = normal_name(" ".join(w for w in re.split(r"[\s,]+", text) if w not in codes))
    if len(name) < 3:
        return []
    code = re.sub(r"\W", "", codes[0]).lower() if codes else None
    rows = cursor.execute(
        f"SELECT {_ORDER}, o.buyer_name, o.ship_name FROM orders o"  # noqa: S608 - our names
        " WHERE ($1 IS NULL OR starts_with(lower(replace(replace(o.ship_postal_code, '-', ''), ' ', '')), $1))"
        " AND (strip_accents(lower(o.buyer_name)) LIKE $2 ESCAPE '!'"
        " OR strip_accents(lower(o.ship_name)) LIKE $2 ESCAPE '!')"
        " ORDER BY o.ordered_at DESC LIMIT $3",
        [code, "%" + "%".join(w.replace("!", "!!").replace("_", "!_") for w in name.split()) + "%", limit],
    ).fetchall()
    return _orders([r[:4] for r in rows], "buyer's name and postal code" if code else "buyer's name")
