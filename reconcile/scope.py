"""The orders that changes of the mirror concern, and a mirror of these alone, in which controls judge as in the whole.

What concerns an order is found by its numbers and by the ERP's documents: records that share a number belong together,
and so do documents that were made from each other. An order's answer is made of what belongs to it, so that a control
of orders finds of them the same in both mirrors. A deposit or a payment is made from documents of many orders: it is
read with each of them, and joins them only where it has changed itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import duckdb

from reconcile.changed import FEW, Changed, find_changed
from reconcile.controls.evidence import Evidence
from sync.mirror.keys import join_key, reference_key
from sync.store.lists import as_list, listed
from sync.store.marks import Marks, Seen
from sync.store.observed import ObservedCursor, Observer
from sync.store.store import Store

__all__ = ["SCOPED", "Scope", "find_scope", "hide_others", "open_scope", "subjects_of"]

#: What an order is named by in each table of records: all that share one of these numbers belong together.
_KEYS = {
    "orders": ("order_key", "alternate_key"),
    "order_lines": ("order_key",),
    "settlement_lines": ("order_key",),
    "channel_transactions": ("order_key",),
    "channel_shipments": ("order_key",),
    "channel_refunds": ("order_key",),
    "channel_returns": ("order_key", "alternate_key"),
    "multichannel_orders": ("order_key", "display_key"),
}
_DOCUMENT_KEYS = ("external_key", "other_key", "number_key")
#: Tables of which a record names the order by two numbers.
_JOINING = [table for table, keys in _KEYS.items() if len(keys) > 1]
#: Lines that have no number of their own: the record that they belong to has.
_LINES = {
    "channel_transaction_amounts": ("channel_transactions", "channel, transaction_id"),
    "channel_shipment_lines": ("channel_shipments", "channel, shipment_id"),
    "channel_return_lines": ("channel_returns", "channel, return_id"),
    "multichannel_order_lines": ("multichannel_orders", "channel, order_id"),
}
#: The records that are read of the ERP's documents alone.
_IS_OF_SCOPE = "{0} IN (SELECT transaction_id FROM temp.scope_documents)"
_OF_DOCUMENTS = {
    table: tuple(_IS_OF_SCOPE.format(name) for name in names)
    for table, names in {
        "transactions": ("transaction_id",),
        "transaction_lines": ("transaction_id",),
        "erp_parcel_sets": ("transaction_id",),
        "erp_parcels": ("transaction_id",),
        "document_links": ("previous_id", "next_id"),
    }.items()
}
#: What findings of orders are about.
_SUBJECTS = {
    "orders": ("order_id",),
    "settlement_lines": ("order_id",),
    "channel_transactions": ("order_id",),
    "channel_refunds": ("order_id",),
    "channel_returns": ("order_id", "return_id"),
    "multichannel_orders": ("order_id",),
}
#: So many stretches of rows are read one by one.
_MOST_PROBES = 40
#: Made from documents of many orders.
_SHARED = "('Deposit', 'CustPymt', 'CustDep')"
#: Tables that a scope has its part of; a change of any other is a change for every order.
SCOPED = frozenset((*_KEYS, *_LINES, *_OF_DOCUMENTS))

_START = """
CREATE OR REPLACE TEMP TABLE scope_keys (key BIGINT, round INTEGER);
CREATE OR REPLACE TEMP TABLE scope_documents (transaction_id VARCHAR, spreads BOOLEAN, round INTEGER)
"""
_ADD_KEYS = """
INSERT INTO temp.scope_keys SELECT DISTINCT key, {round} FROM ({found}) AS f(key)
WHERE key IS NOT NULL AND key NOT IN (SELECT key FROM temp.scope_keys)
"""
# A document that the mirror lacks may still join two that it has.
_ADD_DOCUMENTS = f"""
INSERT INTO temp.scope_documents
SELECT f.transaction_id, {{seeds}} OR coalesce(t.transaction_type NOT IN {_SHARED}, true), {{round}}
FROM (SELECT DISTINCT transaction_id FROM ({{found}}) AS f(transaction_id) WHERE transaction_id IS NOT NULL) f
ANTI JOIN temp.scope_documents k ON k.transaction_id = f.transaction_id
LEFT JOIN transactions t ON t.transaction_id = f.transaction_id
"""  # noqa: S608 - our names
_NEW_KEYS = "(SELECT key FROM temp.scope_keys WHERE round = {0})"
_NEW_DOCUMENTS = "(SELECT transaction_id FROM temp.scope_documents WHERE round = {0})"
_SPREADING = "(SELECT transaction_id FROM temp.scope_documents WHERE round = {0} AND spreads)"
_MADE_FROM = f"SELECT created_from FROM transaction_lines WHERE transaction_id IN {_SPREADING}"  # noqa: S608
_NEIGHBOURS = f"""
SELECT transaction_id FROM transaction_lines WHERE created_from IN {_NEW_DOCUMENTS}
UNION ALL SELECT next_id FROM document_links WHERE previous_id IN {_NEW_DOCUMENTS}
UNION ALL {_MADE_FROM}
UNION ALL SELECT previous_id FROM document_links WHERE next_id IN {_SPREADING}
"""  # noqa: S608 - our names
_REPLACED = """
SELECT original_id, alternate_id, order_id FROM orders
WHERE order_key IN (SELECT key FROM temp.scope_keys WHERE round = {0})
UNION ALL SELECT order_id, display_id, NULL FROM multichannel_orders
WHERE order_key IN (SELECT key FROM temp.scope_keys WHERE round = {0})
    OR display_key IN (SELECT key FROM temp.scope_keys WHERE round = {0})
"""
# A settlement names what was shipped for another shop by the seller's own number too.
_SETTLED_FOR = """
SELECT order_key FROM settlement_lines WHERE merchant_order_id IN (
    SELECT order_id FROM multichannel_orders WHERE order_key IN {0} OR display_key IN {0})
"""
_SHIPPED_FOR = """
SELECT merchant_order_id FROM settlement_lines
WHERE order_key IN {0} AND merchant_order_id IN (SELECT order_id FROM multichannel_orders)
"""
_REPLACING = f"SELECT order_key FROM orders WHERE original_id IN (SELECT unnest({as_list('$1')}))"  # noqa: S608
_SIZE = """
SELECT k.new + d.new, k.size, d.size FROM
    (SELECT count(*) FILTER (WHERE round = {0}) AS new, count(*) AS size FROM temp.scope_keys) k,
    (SELECT count(*) FILTER (WHERE round = {0}) AS new, count(*) AS size FROM temp.scope_documents) d
"""
_ORDERS = "SELECT DISTINCT channel, order_id FROM orders"


@dataclass(frozen=True, slots=True)
class Scope:
    """What changes concern: orders as (channel, order id), and evidence in whose mirror nothing but them is.

    `subjects` are the ids that findings of them have, also those that they had before.
    """

    orders: frozenset[tuple[str, str]]
    subjects: frozenset[str]
    evidence: Evidence
    changed: tuple[Changed, ...]

    def differ(self, table: str, columns: str) -> bool:
        """Tell whether the changed records of a table differ in these columns (SQL), or are new or gone."""
        one = next((c for c in self.changed if c.entity.table == table), None)
        if one is None:
            return False
        old, new = (
            f"SELECT {columns} FROM {table}_versions WHERE version IN ({_listed(versions)})"  # noqa: S608 - our names
            for versions in (one.old, one.new)
        )
        return bool(self.evidence.cursor.execute(f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})").fetchall())

    def versions(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Return columns (SQL) of the records of a table that have changed, as they are and as they were."""
        one = next((c for c in self.changed if c.entity.table == table), None)
        if one is None:
            return []
        return self.evidence.cursor.execute(f"SELECT {columns} FROM {_versions(f'{table}_versions', one)}").fetchall()  # noqa: S608


def find_scope(cursor: duckdb.DuckDBPyConnection, changed: Sequence[Changed], numbers: Collection[str] = ()) -> bool:
    """Make temp tables `scope_keys` and `scope_documents` of all that changed records concern; False: they are many.

    `numbers` are orders that are looked at in any case.
    """
    cursor.execute(_START)
    keys, documents, texts = _seeds(changed)
    _add(cursor, 0, (), documents, seeds=True)
    _add(cursor, 0, [*keys, *_keys_of_documents(0)], (), seeds=True)
    _add_numbers(cursor, 0, _keys_of_texts(cursor, texts) | {join_key(number) for number in numbers})
    number = 0
    while True:
        new, *size = cursor.execute(_SIZE.format(number)).fetchone() or (0, 0, 0)
        if not new or max(size) > 2 * FEW:
            return not new
        _spread(cursor, number)
        number += 1


def _seeds(changed: Sequence[Changed]) -> tuple[list[str], list[str], list[str]]:
    """Return the statements of the keys, the documents and the numbers that changed records name, or have named."""
    keys, documents, texts = [], [], []
    for one in changed:
        table, lines = one.entity.table, one.entity.lines
        of = _versions(f"{table}_versions", one)
        keys += [f"SELECT {key} FROM {of}" for key in _KEYS.get(table, ())]  # noqa: S608 - our names
        if lines is not None and lines.table in _KEYS:
            keys += [f"SELECT {key} FROM {_versions(f'{lines.table}_versions', one)}" for key in _KEYS[lines.table]]  # noqa: S608
        if table == "orders":
            texts += [f"SELECT {n} FROM {of}" for n in ("original_id", "alternate_id")]  # noqa: S608 - our names
        elif table == "multichannel_orders":
            texts += [f"SELECT {n} FROM {of}" for n in ("order_id", "display_id")]  # noqa: S608 - our names
        elif table == "transactions":
            keys += [f"SELECT {key} FROM {of}" for key in _DOCUMENT_KEYS]  # noqa: S608 - our names
            documents.append(f"SELECT transaction_id FROM {of}")  # noqa: S608 - our names
            documents.append(f"SELECT created_from FROM {_versions('transaction_lines_versions', one)}")  # noqa: S608
        elif table == "erp_parcel_sets":
            documents.append(f"SELECT transaction_id FROM {of}")  # noqa: S608 - our names
        elif table == "document_links":
            documents += [f"SELECT {n} FROM {of}" for n in ("previous_id", "next_id")]  # noqa: S608 - our names
    return keys, documents, texts


def _versions(table: str, changed: Changed) -> str:
    return f"(SELECT * FROM {table} WHERE version IN ({_listed(changed.all)}))"  # noqa: S608 - our names and numbers


def _listed(versions: Collection[int]) -> str:
    return ", ".join(str(v) for v in versions) or "NULL"


def _keys_of_texts(cursor: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> set[int]:
    """Return the keys of order numbers as they stand, and without our prefix."""
    if not statements:
        return set()
    rows = cursor.execute(" UNION ".join(statements)).fetchall()
    return {key for (text,) in rows if text for key in (join_key(text), reference_key(text)) if key is not None}


def _add(
    cursor: duckdb.DuckDBPyConnection, number: int, keys: Iterable[str], documents: Iterable[str], *, seeds: bool
) -> None:
    if found := " UNION ALL ".join(documents):
        cursor.execute(_ADD_DOCUMENTS.format(found=found, round=number, seeds=str(seeds).lower()))
    if found := " UNION ALL ".join(keys):
        cursor.execute(_ADD_KEYS.format(found=found, round=number))


def _add_numbers(cursor: duckdb.DuckDBPyConnection, number: int, keys: Collection[int]) -> None:
    if keys:
        values = " UNION ALL ".join(f"SELECT {key:d}" for key in sorted(keys))
        cursor.execute(_ADD_KEYS.format(found=values, round=number))


def _spread(cursor: duckdb.DuckDBPyConnection, number: int) -> None:
    """Add what belongs to the keys and documents of a round as the next round."""
    new_keys, documents = _NEW_KEYS.format(number), [_NEIGHBOURS.format(number)]
    documents += [f"SELECT transaction_id FROM transactions WHERE {key} IN {new_keys}" for key in _DOCUMENT_KEYS]  # noqa: S608
    _add(cursor, number + 1, (), documents, seeds=False)
    keys = [
        f"SELECT {other} FROM {table} WHERE {key} IN {new_keys}"  # noqa: S608 - our names
        for table in _JOINING
        for key, other in (_KEYS[table], _KEYS[table][::-1])
    ]
    ships_for_others = cursor.execute("SELECT 1 FROM multichannel_orders LIMIT 1").fetchone() is not None
    if ships_for_others:
        keys.append(_SETTLED_FOR.format(new_keys))
    _add(cursor, number + 1, [*keys, *_keys_of_documents(number + 1)], (), seeds=False)
    rows = cursor.execute(_REPLACED.format(number)).fetchall()
    named = {text for original, alternate, _ in rows for text in (original, alternate) if text}
    found = {key for text in named for key in (join_key(text), reference_key(text)) if key is not None}
    if ships_for_others:
        found |= _keys_of_texts(cursor, [_SHIPPED_FOR.format(new_keys)])
    if orders := [order_id for _, _, order_id in rows if order_id]:
        asked = [listed(orders)]
        found |= {int(key) for (key,) in cursor.execute(_REPLACING, asked).fetchall()}
    _add_numbers(cursor, number + 1, found)


def _keys_of_documents(number: int) -> list[str]:
    keys = ", ".join(_DOCUMENT_KEYS)
    return [f"SELECT unnest([{keys}]) FROM transactions WHERE transaction_id IN {_SPREADING.format(number)}"]  # noqa: S608


def hide_others(cursor: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    """Hide these tables on this cursor behind temporary ones that hold what the scope has of them.

    The scope is the one that `find_scope` has made on the same cursor.
    """
    catalog = cursor.execute("SELECT current_catalog()").fetchone()
    assert catalog is not None
    for table in sorted(tables, key=lambda t: t in _LINES):
        source = f'"{catalog[0]}".main.{table}'
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_rows_of(cursor, table, source)}")


def _rows_of(cursor: duckdb.DuckDBPyConnection, table: str, source: str) -> str:
    """Return the SELECT of the scope's rows of a table: where they lie is found first, on few columns.

    Reading rows that lie far apart in one go reads nearly all columns of the table.
    """
    if table in _LINES:
        parent, names = _LINES[table]
        return f"SELECT * FROM {source} SEMI JOIN temp.{parent} USING ({names})"  # noqa: S608 - our names
    conditions = _OF_DOCUMENTS.get(table) or tuple(
        f"{key} IN (SELECT key FROM temp.scope_keys)"  # noqa: S608 - our names
        for key in _KEYS[table]
    )
    found = cursor.execute(
        " UNION ".join(f"SELECT rowid FROM {source} WHERE {where}" for where in conditions)  # noqa: S608 - our names
    ).fetchall()
    stretches: list[list[int]] = []
    for (row,) in sorted(found):
        if stretches and row == stretches[-1][1] + 1:
            stretches[-1][1] = row
        else:
            stretches.append([row, row])
    if len(stretches) > _MOST_PROBES:
        parts = " UNION ".join(f"SELECT rowid FROM {source} WHERE {where}" for where in conditions)  # noqa: S608
        return f"SELECT * FROM {source} WHERE rowid IN ({parts})"  # noqa: S608 - our names
    probes = [f"SELECT * FROM {source} WHERE rowid BETWEEN {a} AND {b}" for a, b in stretches]  # noqa: S608 - numbers
    return " UNION ALL ".join(probes) or f"SELECT * FROM {source} LIMIT 0"  # noqa: S608 - our names


def subjects_of(
    cursor: duckdb.DuckDBPyConnection, changed: Sequence[Changed]
) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the orders of a cursor that hides all others, and the ids that findings of them have, or have had."""
    statements = [f"SELECT {name} FROM {table}" for table, names in _SUBJECTS.items() for name in names]  # noqa: S608
    for one in changed:
        for table in (one.entity.table, one.entity.lines.table if one.entity.lines else ""):
            of = _versions(f"{table}_versions", one)
            statements += [f"SELECT {name} FROM {of}" for name in _SUBJECTS.get(table, ())]  # noqa: S608 - our names
    subjects = cursor.execute(" UNION ".join(statements)).fetchall()
    orders = cursor.execute(_ORDERS).fetchall()
    return frozenset((str(c), str(o)) for c, o in orders), frozenset(str(s) for (s,) in subjects if s is not None)


def open_scope(
    store: Store,
    observer: Observer,
    marks: Marks,
    seen: Mapping[str, Seen],
    waits: Collection[str],
    at: datetime,
    closing_: ExitStack,
) -> Scope | None:
    """Return what has changed since it was `seen` concerns, with the orders that wait; None where it is much.

    None also where it cannot be told. Its mirror can be read until `closing_` ends.
    """
    if len(waits) > FEW:
        return None
    cursor = closing_.enter_context(closing(store.database.cursor()))
    # At one moment: a pull that writes meanwhile is seen whole, or not at all, and rows stay where they were found.
    cursor.begin()
    changed = find_changed(cursor, seen, marks)
    if changed is None or not find_scope(cursor, changed, waits):
        cursor.rollback()
        return None
    hide_others(cursor, [table for table in SCOPED if not marks.fixed[f"table:{table}"].startswith("0/")])
    cursor.commit()
    orders, subjects = subjects_of(cursor, changed)
    subjects |= frozenset(waits)
    read = cast("duckdb.DuckDBPyConnection", ObservedCursor(cursor, observer))
    return Scope(orders, subjects, Evidence(store.observed(observer), read, at), tuple(changed))
