"""From an id to the records that have it, without reading whole tables.

A sorted table of (key, place, version) stands beside the mirror. It is written with the records, in their transaction;
a look-up reads the few blocks that may hold the key, and the records are read by their version, by which every table
is in order. No index is needed: DuckDB's own keep a copy of each key in memory and cost a third of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import duckdb

from sync.mirror.entities import ENTITIES, Entity
from sync.mirror.keys import REFERENCE_PREFIXES

__all__ = [
    "Place",
    "at_versions",
    "fill_places",
    "look_up",
    "name_at",
    "rebuild_places",
    "sort_places",
    "write_places",
    "write_places_of_version",
]


class Place(IntEnum):
    """What an id is. The numbers are stored: they are never given anew."""

    ORDER = 1
    #: The order's other number (Walmart's customer order id).
    ALTERNATE = 2
    EMAIL = 3
    #: The last nine digits.
    PHONE = 4
    #: Of a line of an order.
    TRACKING = 5
    #: External id, other reference or number of a document, also without our prefix.
    REFERENCE = 6
    DOCUMENT = 7
    CUSTOMER = 8
    MADE_FROM = 9
    LINK_FROM = 10
    LINK_TO = 11
    #: An order that a settlement's lines name.
    SETTLED = 12
    PARCEL = 13
    PARCEL_OF = 14
    SHIPMENT_OF = 15
    SHIPMENT = 16
    RETURN_OF = 17
    RETURN = 18
    LEDGER_OF = 19
    LEDGER = 20
    REIMBURSEMENT = 21
    CUSTOMER_EMAIL = 22
    #: `97201|doe`: see `name_at`.
    NAME_AT = 23
    #: Of an order that a channel ships for another shop: the seller's number, or what stands on the packing slip.
    MULTICHANNEL = 24


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where one place's ids come from: expressions over the record (or its lines), each one id or a list of ids.

    `distinct`: one version can have an id more than once. `rows` makes of the records (or lines) what is read.
    """

    place: Place
    table: str
    texts: tuple[str, ...]
    of_lines: bool = False
    distinct: bool = False
    rows: str = "{0}"


_BARE = "CASE WHEN left({0}, 4) IN (" + ", ".join(f"'{p}'" for p in REFERENCE_PREFIXES) + ") THEN substr({0}, 5) END"
_PHONE = "nullif(right(regexp_replace({0}, '[^0-9]', '', 'g'), 9), '')"
# The five signs that a postal code begins with, and each word of the names, as `name_at` writes them. The code is made
# once a record: inside the list it would be made for every word.
_NAME_AT = r"""
(SELECT version, code, unnest(list_distinct(words)) AS word
FROM (SELECT version,
    left(regexp_replace(upper(ship_postal_code), '[^A-Z0-9]', '', 'g'), 5) AS code,
    regexp_extract_all(
        strip_accents(lower(replace(concat_ws(' ', buyer_name, nullif(ship_name, buyer_name)), 'ß', 'ss'))),
        '[\p{{L}}\p{{N}}]+') AS words
FROM {0}))"""
_SPLIT = "unnest(string_split({0}, ', '))"
_KEPT = (
    _Kept(Place.ORDER, "orders", ("order_id",)),
    _Kept(Place.ALTERNATE, "orders", ("alternate_id",)),
    _Kept(Place.EMAIL, "orders", ("trim(buyer_email)",)),
    _Kept(Place.PHONE, "orders", (_PHONE.format("ship_phone"),)),
    _Kept(Place.NAME_AT, "orders", ("code || '|' || word",), rows=_NAME_AT),
    _Kept(Place.TRACKING, "orders", (_SPLIT.format("tracking_number"),), of_lines=True, distinct=True),
    _Kept(
        Place.REFERENCE,
        "transactions",
        tuple(f for c in ("external_id", "other_reference", "number") for f in (c, _BARE.format(c))),
        distinct=True,
    ),
    _Kept(Place.DOCUMENT, "transactions", ("transaction_id",)),
    _Kept(Place.CUSTOMER, "transactions", ("customer_id",)),
    _Kept(Place.MADE_FROM, "transactions", ("created_from",), of_lines=True, distinct=True),
    _Kept(Place.LINK_FROM, "document_links", ("previous_id",)),
    _Kept(Place.LINK_TO, "document_links", ("next_id",)),
    _Kept(Place.SETTLED, "settlements", ("order_id", "merchant_order_id"), of_lines=True, distinct=True),
    _Kept(Place.PARCEL, "erp_parcel_sets", ("tracking_number",), of_lines=True),
    _Kept(Place.PARCEL_OF, "erp_parcel_sets", ("transaction_id",)),
    _Kept(Place.SHIPMENT_OF, "channel_shipments", ("order_id",)),
    _Kept(Place.SHIPMENT, "channel_shipments", ("shipment_id", "tracking_number"), distinct=True),
    _Kept(Place.MULTICHANNEL, "multichannel_orders", ("order_id", "display_id"), distinct=True),
    _Kept(Place.RETURN_OF, "channel_returns", ("order_id", "alternate_id"), distinct=True),
    # A unit's licence plate stands behind the order in the id of a return.
    _Kept(
        Place.RETURN,
        "channel_returns",
        ("return_id", "rma", "nullif(split_part(return_id, '/', 2), '')", _SPLIT.format("tracking_number")),
        distinct=True,
    ),
    _Kept(Place.LEDGER_OF, "channel_transactions", ("order_id",)),
    _Kept(Place.LEDGER, "channel_transactions", ("transaction_id",)),
    _Kept(Place.REIMBURSEMENT, "reimbursements", ("reimbursement_id", "case_id"), distinct=True),
    _Kept(Place.CUSTOMER_EMAIL, "customers", ("trim(email)",)),
)
_OF_TABLE = {e.table: tuple(k for k in _KEPT if k.table == e.table) for e in ENTITIES}
#: Rows that may lie unsorted behind the sorted ones: reading them costs a look-up about a millisecond.
_UNSORTED = 200_000
#: The newest versions of one id that are looked at; an order has a handful.
_MOST_VERSIONS = 64


def name_at(postal_code: str, word: str) -> str:
    """Return the id under which an order is found by one word of a name (without accents) and its postal code."""
    return f"{re.sub(r'[^A-Z0-9]', '', postal_code.upper())[:5]}|{word.lower()}"


def write_places(tx: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Write where the records of temp table `incoming` (lines: `incoming_lines`) are found by their ids."""
    kept = _OF_TABLE[entity.table]
    if kept:
        tx.execute(f"INSERT INTO main.key_places {_places(kept, 'temp.incoming', 'temp.incoming_lines')}")


def write_places_of_version(tx: duckdb.DuckDBPyConnection, entity: Entity, version: int) -> None:
    """Write where one stored version (and its lines) is found: for a record that was written in parts."""
    kept = _OF_TABLE[entity.table]
    if kept:
        only = f"WHERE version = {version:d})"
        lines = f"(SELECT * FROM main.{entity.lines.table}_versions {only}" if entity.lines else ""  # noqa: S608
        rows = f"(SELECT * FROM main.{entity.table}_versions {only}"  # noqa: S608 - our own names
        tx.execute(f"INSERT INTO main.key_places {_places(kept, rows, lines)}")


def fill_places(tx: duckdb.DuckDBPyConnection) -> None:
    """Write the places of what was mirrored before there were any; does nothing where they are filled in."""
    if tx.execute("SELECT 1 FROM key_places_state").fetchone() is not None:
        return
    mirrored = " UNION ALL ".join(f"FROM {e.table}_versions SELECT 1" for e in ENTITIES if _OF_TABLE[e.table])
    if tx.execute(f"SELECT 1 FROM ({mirrored}) LIMIT 1").fetchone() is None:  # noqa: S608 - our own names
        tx.execute("INSERT INTO key_places_state VALUES (0)")
    else:
        rebuild_places(tx)


def rebuild_places(tx: duckdb.DuckDBPyConnection) -> None:
    """Write all places anew from the history of versions, in order."""
    selects = [
        _places(_OF_TABLE[e.table], f"main.{e.table}_versions", f"main.{e.lines.table}_versions" if e.lines else "")
        for e in ENTITIES
        if _OF_TABLE[e.table]
    ]
    _replace(tx, f"({' UNION ALL '.join(selects)}) AS all_places(key, place, version)")


def sort_places(tx: duckdb.DuckDBPyConnection, *, share: float = 1.0) -> bool:
    """Bring the places in order where more than `share` of the sorted ones lie unsorted; returns whether it did.

    Doubling keeps the cost of a first mirror at a few sorts of its end size.
    """
    row = tx.execute("SELECT (SELECT count(*) FROM key_places), (SELECT max(sorted) FROM key_places_state)").fetchone()
    rows, ordered = row or (0, 0)
    if rows - (ordered or 0) <= max(_UNSORTED, (ordered or 0) * share):
        return False
    _replace(tx, "key_places")
    return True


def _replace(tx: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Write these rows in order, in place of all that there are.

    They are counted before: what was written and taken away in one transaction is not counted rightly there (DuckDB
    1.5, above some 700,000 rows).
    """
    tx.execute(f"CREATE OR REPLACE TEMP TABLE places_in_order AS FROM {rows} ORDER BY key, place, version")
    row = tx.execute("SELECT count(*) FROM temp.places_in_order").fetchone() or (0,)
    tx.execute("DELETE FROM key_places")
    tx.execute("INSERT INTO key_places SELECT * FROM temp.places_in_order")
    tx.execute("DROP TABLE temp.places_in_order")
    tx.execute("DELETE FROM key_places_state")
    tx.execute("INSERT INTO key_places_state VALUES ($1)", [row[0]])


def _places(kept: Sequence[_Kept], rows: str, lines: str) -> str:
    """Return the SELECT of the places of the records (and lines) that two relations hold."""
    by_rows: dict[tuple[str, bool], list[_Kept]] = {}
    for k in kept:
        by_rows.setdefault((k.rows.format(lines if k.of_lines else rows), k.distinct), []).append(k)
    return " UNION ALL ".join(_places_in(read, found, distinct) for (read, distinct), found in by_rows.items())


def _places_in(read: str, kept: Sequence[_Kept], distinct: bool) -> str:
    """Return the SELECT of several places of the same rows, read in one go; unpacked first, so made once.

    A place has rows of one kind only: what is distinct in these is distinct in all.
    """
    texts = ", ".join(text for k in kept for text in k.texts)
    places = ", ".join(f"{k.place:d}" for k in kept for _ in k.texts)
    if any("unnest" in text for k in kept for text in k.texts):
        found = " UNION ALL ".join(
            f"SELECT {text} AS text, {k.place:d} AS place, version FROM {read}"  # noqa: S608 - our own names
            for k in kept
            for text in k.texts
        )
    else:
        found = f"SELECT unnest([{texts}]) AS text, unnest([{places}]) AS place, version FROM {read}"  # noqa: S608
    return (
        f"SELECT {'DISTINCT ' if distinct else ''}md5_number_lower(upper(text)), place, version"  # noqa: S608
        f" FROM ({found}) WHERE text <> ''"
    )


def look_up(
    cursor: duckdb.DuckDBPyConnection, texts: Sequence[str], *places: Place
) -> dict[str, dict[Place, list[int]]]:
    """Return for each text the versions of the records that have it as an id, newest first, by what the id is.

    Letter case makes no difference. Different texts can share a key, seldom: compare the record's own id. Old versions
    are among them.
    """
    if not texts:
        return {}
    asked = list(dict.fromkeys(texts))
    # One key a probe: a list of keys reads every block between the least and the greatest.
    probes = " UNION ALL ".join(
        f"SELECT {n - 1} AS text, place, version FROM key_places WHERE key = md5_number_lower(upper(${n}))"  # noqa: S608
        for n in range(1, len(asked) + 1)
    )
    found: dict[str, dict[Place, list[int]]] = {}
    # Few rows, put in order here: every operator of a statement costs as much as the reading.
    for number, place, version in sorted(cursor.execute(probes, asked).fetchall(), key=lambda r: -r[2]):
        if places and place not in places:
            continue
        of_text = found.setdefault(asked[number], {}).setdefault(Place(place), [])
        if len(of_text) < _MOST_VERSIONS:
            of_text.append(version)
    return found


def at_versions(
    cursor: duckdb.DuckDBPyConnection, columns: str, table: str, versions: Iterable[int]
) -> list[tuple[Any, ...]]:
    """Return the rows of a table (the record's own, its lines' or their histories) with these versions."""
    # One version a probe: each reads the one block that holds it.
    probes = [f"SELECT {columns} FROM {table} WHERE version = {v:d}" for v in dict.fromkeys(versions)]  # noqa: S608
    return cursor.execute(" UNION ALL ".join(probes)).fetchall() if probes else []
