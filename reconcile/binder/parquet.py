"""Tables to Parquet files and back, typed: exact decimals, aware times."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from reconcile.binder.tables import Cell, ColumnKind, Table
from reconcile.close.lines import LINE_COLUMNS
from sync.errors import BadInput

__all__ = ["lines_of_binder", "read_table", "write_lines", "write_table"]

_TYPES: Mapping[ColumnKind, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "amount": pl.Decimal(38, 4),
    "date": pl.Date(),
    "time": pl.Datetime("us", "UTC"),
    "flag": pl.Boolean(),
}


def write_table(table: Table, path: Path) -> None:
    """Write a table."""
    schema = {c.name: _TYPES[c.kind] for c in table.columns}
    # Row by row the types would be guessed from the first rows.
    columns = list(zip(*table.rows, strict=True)) or [() for _ in schema]
    frame = pl.DataFrame(
        {name: pl.Series(name, list(v), dtype=schema[name]) for name, v in zip(schema, columns, strict=True)}
    )
    frame.write_parquet(path)


def read_table(path: Path) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """Return the names of the columns and the rows.

    Raises:
        BadInput: it is no Parquet file.
    """
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise BadInput(
            f"no Parquet file: {first[:200]}", remedy="Take another copy of the binder", file=path.name
        ) from error
    return frame.columns, frame.rows()


def write_lines(cursor: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write what a query answers, without holding it in memory."""
    cursor.sql(query).write_parquet(str(path), compression="zstd")


def lines_of_binder(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection in memory in which `settlement_lines` are the lines of a file.

    Raises:
        BadInput: it is no Parquet file, or not of settlement lines.
    """
    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    connection.execute("SET TimeZone = 'UTC'")
    try:
        held = connection.read_parquet(glob.escape(str(path)))
        if tuple(held.columns) != LINE_COLUMNS:
            raise BadInput("the columns are not those of settlement lines", remedy="Take another copy", file=path.name)
        held.create_view("settlement_lines")
        connection.execute("SELECT count(*), sum(amount), min(posted_date), max(posted_at) FROM settlement_lines")
    except duckdb.Error as error:
        connection.close()
        first = (str(error).splitlines() or [""])[0]
        raise BadInput(
            f"no Parquet file of settlement lines: {first[:200]}", remedy="Take another copy", file=path.name
        ) from error
    return connection
