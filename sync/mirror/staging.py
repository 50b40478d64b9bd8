"""Records into a temporary table through Arrow, without pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import duckdb

from sync.mirror.entities import FieldType, fields_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ArrowStream", "arrow_type", "series", "stage"]

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


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
    *,
    pages: Sequence[int | None] | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
    computed: Mapping[str, str] | None = None,
) -> None:
    """Create temp table `table` with the rows' typed columns, their join keys, `document`, `page_ordinal`, `page_id`.

    `documents` numbers the document that each row belongs to; `ordinals` is its place in the page (records) or in
    its document (lines); `pages` is the page that holds it (left out: no such column). `computed` names columns that
    SQL makes of these, and of `texts`, which are not kept.
    """
    # Loaded here: reading needs none of it, and the console starts with this module.
    import polars as pl

    fields = fields_of(record)
    columns = {f.name: series(f, list(map(attrgetter(f.name), rows))) for f in fields}
    for name, compute in keys.items():
        columns[name] = pl.Series(name, [compute(r) for r in rows], dtype=pl.Int64)
    columns["document"] = pl.Series("document", documents, dtype=pl.Int64)
    columns["page_ordinal"] = pl.Series("page_ordinal", ordinals, dtype=pl.Int32)
    if pages is not None:
        columns["page_id"] = pl.Series("page_id", pages, dtype=pl.Int64)
    kept = [*keys, "document", "page_ordinal", *(["page_id"] if pages is not None else [])]
    for name, values in (texts or {}).items():
        columns[name] = pl.Series(name, values, dtype=pl.String)
    casts = [f"CAST({f.name} AS {f.sql}) AS {f.name}" for f in fields]
    typed = f"SELECT {', '.join([*casts, *kept, *(texts or {})])} FROM staged_frame"  # noqa: S608 - our names
    made = [f"{sql} AS {name}" for name, sql in (computed or {}).items()]
    chosen = ", ".join([*(f.name for f in fields), *kept, *made])
    cursor.register("staged_frame", ArrowStream(pl.DataFrame(columns)))
    try:
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {chosen} FROM ({typed})")  # noqa: S608
    finally:
        cursor.unregister("staged_frame")


def series(field: FieldType, values: Sequence[Any]) -> pl.Series:
    """Return a field's values as a column of a frame; an amount finer than the field's scale is rounded.

    Amounts and times go by way of what polars reads several times as fast: digits and whole microseconds.

    Raises:
        polars.exceptions.InvalidOperationError: an amount has more than 18 digits.
    """
    import polars as pl

    kind = arrow_type(field)
    if field.python is Decimal:
        return pl.Series(field.name, [None if v is None else str(v) for v in values], dtype=pl.String).cast(kind)
    if field.python is datetime:
        try:
            moments = [None if v is None else (v - _EPOCH) // _MICROSECOND for v in values]
        except TypeError:
            # A time without a zone is UTC: polars takes it so.
            return pl.Series(field.name, values, dtype=kind)
        return pl.Series(field.name, moments, dtype=pl.Int64).cast(kind)
    return pl.Series(field.name, values, dtype=kind)


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
