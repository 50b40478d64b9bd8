"""SuiteQL's tables in an in-process DuckDB, brought up to date from the books before each query."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb

from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.fields.enums import STATUS_NAMES, TYPE_NAMES, status_display
from sync.sandbox.netsuite.query.rows import KEYS, deleted_row, rows_of, tables_of, texts_of
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.catalog import SQL_TYPES, Catalog, account_catalog

__all__ = ["QueryTables", "create_tables", "load_rows", "open_database"]


def open_database() -> duckdb.DuckDBPyConnection:
    """Return an empty in-memory DuckDB that reaches neither files nor network."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def create_tables(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Create the catalog's tables, and `status_names` behind BUILTIN.DF(status)."""
    for name, columns in catalog.tables.items():
        body = ", ".join(f'"{column}" {SQL_TYPES[kind]}' for column, kind in columns.items())
        connection.execute(f'CREATE TABLE "{name}" ({body})')
    connection.execute("CREATE TABLE status_names (type VARCHAR, letter VARCHAR, display VARCHAR)")
    connection.execute("CREATE TABLE type_names (type VARCHAR, display VARCHAR)")


def load_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, str]]
) -> None:
    """Insert rows of text values, column by name and NULL left out; one JSON parameter is the quickest way in."""
    if not rows:
        return
    casts = ", ".join(f'CAST(r."{column}" AS {SQL_TYPES[kind]})' for column, kind in columns.items())
    names = ", ".join(f'"{column}"' for column in columns)
    shape = json.dumps([dict.fromkeys(columns, "VARCHAR")])
    source = f"(SELECT unnest(from_json(?, '{shape}')) AS r)"
    connection.execute(f'INSERT INTO "{table}" ({names}) SELECT {casts} FROM {source}', [json.dumps(rows)])  # noqa: S608 - as above


#: Beginning of a custom field's name → where it stands.
_CUSTOM = {"custbody": "Transaction Body", "custcol": "Transaction Column", "custitem": "Item", "custentity": "Entity"}


def custom_fields(settings: AccountSettings) -> list[dict[str, str]]:
    """Return the rows of `customfield`: the custom fields that this account defines."""
    rows: list[dict[str, str]] = []
    for number, name in enumerate(settings.custom_fields, start=1):
        kind = next((shown for begin, shown in _CUSTOM.items() if name.startswith(begin)), "Other")
        label = name.split("_", 1)[-1].replace("_", " ").title()
        row = {"internalid": str(number), "scriptid": name.upper(), "name": label, "fieldtype": kind}
        rows.append(row | {"fieldvaluetype": "Free-Form Text", "isinactive": "F"})
    return rows


class QueryTables:
    """The tables of one company's books; `refresh` applies what changed since the last time."""

    def __init__(self, books: NetSuiteBooks) -> None:
        self.catalog = account_catalog(books.settings)
        self.connection = open_database()
        self._books = books
        self._place = (0, 0)
        create_tables(self.connection, self.catalog)
        if "dual" in self.catalog.tables:
            load_rows(self.connection, "dual", self.catalog.tables["dual"], [{"dummy": "X"}])
        statuses = [
            {"type": t, "letter": letter, "display": status_display(t, letter)}
            for t, letters in STATUS_NAMES.items()
            for letter in letters
        ]
        load_rows(self.connection, "status_names", dict.fromkeys(("type", "letter", "display"), "str"), statuses)
        if "customfield" in self.catalog.tables:
            columns = self.catalog.tables["customfield"]
            load_rows(self.connection, "customfield", columns, custom_fields(books.settings))
        types = [{"type": t, "display": shown} for t, shown in TYPE_NAMES.items()]
        load_rows(self.connection, "type_names", dict.fromkeys(("type", "display"), "str"), types)

    def refresh(self) -> int:
        """Bring the tables up to date; return how many records had changed."""
        with self._books.lock:
            changes = self._books.changes_since(*self._place)
            self._place = (changes.log_place, changes.deleted_place)
            if not changes.touched and not changes.deleted:
                return 0
            self._remove(changes.touched)
            fresh: dict[str, list[dict[str, str]]] = defaultdict(list)
            for space, internal_id in sorted(changes.touched):
                stored = self._books.in_space(space, internal_id)
                if stored is not None:
                    for table, rows in rows_of(self._books, stored).items():
                        self._collect(fresh, table, rows)
            self._collect(fresh, "deletedrecord", [deleted_row(note) for note in changes.deleted])
            for table, values in fresh.items():
                load_rows(self.connection, table, self.catalog.tables[table], values)
            return len(changes.touched)

    def _collect(
        self, fresh: dict[str, list[dict[str, str]]], table: str, rows: Sequence[Mapping[str, object]]
    ) -> None:
        columns = self.catalog.tables.get(table)
        if columns is None:
            return
        fresh[table].extend(texts_of(row, columns, self._books.zone) for row in rows)

    def _remove(self, touched: set[tuple[str, int]]) -> None:
        by_space: dict[str, list[int]] = defaultdict(list)
        for space, internal_id in touched:
            by_space[space].append(internal_id)
        for space, ids in by_space.items():
            for table in tables_of(space):
                if table in self.catalog.tables:
                    key = KEYS.get(table, "id")
                    chosen = "(SELECT unnest(from_json(?, '[\"BIGINT\"]')))"
                    self.connection.execute(f'DELETE FROM "{table}" WHERE {key} IN {chosen}', [json.dumps(ids)])  # noqa: S608 - names come from the catalog
