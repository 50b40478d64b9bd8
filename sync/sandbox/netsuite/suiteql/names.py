"""Tables and columns: every name must exist, and every column gets the name of its source (step C4)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.refusal import (
    hidden_column,
    hidden_table,
    unknown_identifier,
    unknown_table,
    unsupported,
)

__all__ = ["output_names", "resolve_names", "source_nodes", "source_of"]

_ORACLE_TYPES = {
    "int": "NUMBER",
    "num": "NUMBER",
    "rate": "NUMBER",
    "str": "VARCHAR2",
    "date": "DATE",
    "ts": "TIMESTAMP",
}
_QUOTED = re.compile(r"[\"'`]?([A-Za-z_][\w$#]*)[\"'`]?")


def output_names(tree: exp.Expr) -> list[str] | None:
    """Return the keys of the answer: alias or column in lower case, else `expr1`, `expr2` …; None for `SELECT *`."""
    select = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    names: list[str] = []
    unnamed = 0
    for projection in select.expressions:
        if projection.is_star:
            return None
        if isinstance(projection, exp.Alias):
            names.append(projection.alias.lower())
        elif isinstance(projection, exp.Column):
            names.append(projection.name.lower())
        else:
            unnamed += 1
            names.append(f"expr{unnamed}")
    return names


def resolve_names(tree: exp.Expr, catalog: Catalog) -> exp.Expr:
    """Return the tree with every column qualified and every star expanded, names in upper case.

    Raises:
        Refused: for an unknown table or column, or one that cannot be queried.
    """
    for table in tree.find_all(exp.Table):
        if table.name.lower() in catalog.hidden_tables and not table.db:
            raise hidden_table(table.name.lower())
        if table.name.lower() not in catalog.tables or table.db:
            raise unknown_table(f"{table.db}.{table.name}" if table.db else table.name)
    try:
        return _qualify(tree, catalog.tables)
    except OptimizeError as wrong:
        open_tables = {name: dict(columns) for name, columns in catalog.tables.items()}
        for owner, column in catalog.hidden:
            if owner in open_tables:
                open_tables[owner][column] = "int"
        raise _why(tree, catalog, open_tables, str(wrong)) from None
    except SqlglotError:
        raise unsupported() from None


def _qualify(tree: exp.Expr, tables: Mapping[str, Mapping[str, str]]) -> exp.Expr:
    used = {table.name.lower() for table in tree.find_all(exp.Table)}
    schema: dict[str, object] = {
        name.upper(): {column.upper(): _ORACLE_TYPES[kind] for column, kind in tables[name].items()} for name in used
    }
    qualified: exp.Expr = qualify(tree.copy(), schema=schema, dialect="oracle")
    return qualified


def _why(tree: exp.Expr, catalog: Catalog, open_tables: Mapping[str, Mapping[str, str]], text: str) -> Exception:
    try:
        found = _qualify(tree, open_tables)
    except OptimizeError as wrong:
        return _unknown(tree, str(wrong))
    except SqlglotError:
        return unsupported()
    for column in found.find_all(exp.Column):
        source = source_of(column)
        if isinstance(source, exp.Table):
            key = (source.name.lower(), column.name.lower())
            if key in catalog.hidden:
                return hidden_column(key[1], key[0], catalog.hidden[key])
    return _unknown(tree, text)


def _unknown(tree: exp.Expr, text: str) -> Exception:
    """Name the column that sqlglot could not resolve, as the query spells it, with the sources in its reach."""
    words = {match.lower() for match in _QUOTED.findall(text)}
    for column in tree.find_all(exp.Column):
        if column.name.lower() in words:
            select = column.find_ancestor(exp.Select)
            sources = _sources(select) if select else []
            if "ambiguous" in text.lower():
                return unsupported()
            if column.table and column.table.lower() in {alias for alias, _ in sources}:
                sources = [pair for pair in sources if pair[0] == column.table.lower()]
                if column.name.lower() not in text.lower():
                    continue
            return unknown_identifier(column.name.lower(), sources)
    return unsupported()


def _sources(select: exp.Select) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in source_nodes(select):
        name = part.name.lower() if isinstance(part, exp.Table) else "subquery"
        found.append((part.alias_or_name.lower(), name))
    return found


def source_nodes(select: exp.Select) -> list[exp.Expr]:
    """Return the tables and sub-selects of FROM and JOIN, in order."""
    start = select.args.get("from_") or select.args.get("from")
    nodes = [start.this] if start is not None else []
    return nodes + [join.this for join in select.args.get("joins") or []]


def source_of(column: exp.Column) -> exp.Expr | None:
    """Return the table or sub-select that a qualified column comes from, also from outside a correlated one."""
    select = column.find_ancestor(exp.Select)
    while select is not None:
        for node in source_nodes(select):
            if node.alias_or_name == column.table:
                return node
        select = select.find_ancestor(exp.Select)
    return None
