"""Records into a temporary table through Arrow, without pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import duckdb

from sync.mirror.entities import FieldType, fields_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ArrowStream", "arrow_type", "stage"]


class ArrowStream:
    """A frame behind the Arrow PyCapsule interface only, which DuckDB reads without pyarrow.

    The frame may be exchanged between two statements.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def stage(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    record: type,
    rows: Sequence[Any],
    keys: Mapping[str, Callable[[Any], int | None]],
    documents: Sequence[int],
    ordinals: Sequence[int],
    pages: Sequence[int | None] | None = None,
) -> None:
    """Create temp table `table` with the rows' typed columns, their join keys, `document`, `page_ordinal`, `page_id`.

    `documents` numbers the document that each row belongs to; `ordinals` is its place in the page (records) or in
    its document (lines); `pages` is the page that holds it (left out: no such column).
    """
    # Loaded here: reading needs none of it, and the console starts with this module.
    import polars as pl

    fields = fields_of(record)
    values = zip(*map(attrgetter(*(f.name for f in fields)), rows), strict=True) if rows else [()] * len(fields)
    columns = {f.name: pl.Series(f.name, v, dtype=arrow_type(f)) for f, v in zip(fields, values, strict=True)}
    for name, compute in keys.items():
        columns[name] = pl.Series(name, [compute(r) for r in rows], dtype=pl.Int64)
    columns["document"] = pl.Series("document", documents, dtype=pl.Int64)
    columns["page_ordinal"] = pl.Series("page_ordinal", ordinals, dtype=pl.Int32)
    if pages is not None:
        columns["page_id"] = pl.Series("page_id", pages, dtype=pl.Int64)
    frame = ArrowStream(pl.DataFrame(columns))
    cursor.register("staged_frame", frame)
    try:
        cursor.execute(f"DROP TABLE IF EXISTS temp.{table}")
        casts = ", ".join(f"CAST({f.name} AS {f.sql}) AS {f.name}" for f in fields)
        rest = ", ".join([*keys, "document", "page_ordinal", *(["page_id"] if pages is not None else [])])
        cursor.execute(f"CREATE TEMP TABLE {table} AS SELECT {casts}, {rest} FROM staged_frame")  # noqa: S608 - our names
    finally:
        cursor.unregister("staged_frame")


def arrow_type(field: FieldType) -> pl.DataType:
    """Return the type of a field's column in a frame."""
    import polars as pl

    if field.python is Decimal:
        return pl.Decimal(precision=18, scale=field.scale)
    if field.name == "byte_offset":
        return pl.Int64()
    types: dict[type, pl.DataType] = {
        str: pl.String(),
        int: pl.Int32(),
        bool: pl.Boolean(),
        datetime: pl.Datetime("us", "UTC"),
        date: pl.Date(),
    }
    return types[field.python]
