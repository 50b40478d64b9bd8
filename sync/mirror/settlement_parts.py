"""A settlement whose lines come in parts: into the mirror in one transaction, no more than a part in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sync.mirror.entities import FieldType, entity_of, fields_of
from sync.mirror.keys import join_key
from sync.mirror.large_pages import store_large
from sync.mirror.staging import ArrowStream, series
from sync.records import Settlement, SettlementLine
from sync.settlements import column_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PartWriter"]

_NAME = "settlement_part"
_TABLES = ("settlement_lines", "settlement_lines_versions")


@dataclass
class PartWriter:
    """Writes one settlement inside a transaction that its owner commits or rolls back.

    First the parts in file order, at the end the head, which is known when the last part was read.
    """

    tx: duckdb.DuckDBPyConnection
    version: int
    now: datetime
    _stream: ArrowStream | None = field(default=None, init=False)

    def add(self, lines: Sequence[SettlementLine]) -> None:
        """Write the lines of one part; the first one takes the place of the lines that the mirror has now."""
        import polars as pl

        if not lines:
            return
        if self._stream is None:
            key = [column_of(lines[:1], name)[0] for name in ("channel", "settlement_id")]
            self.tx.execute("DELETE FROM main.settlement_lines WHERE channel = $1 AND settlement_id = $2", key)
        fields = fields_of(SettlementLine)
        columns = {f.name: series(f, column_of(lines, f.name)) for f in fields}
        columns["order_key"] = pl.Series("order_key", _order_keys(lines), dtype=pl.Int64)
        self._insert(pl.DataFrame(columns), fields)

    def _insert(self, frame: pl.DataFrame, fields: Sequence[FieldType]) -> None:
        names = ", ".join([*(f.name for f in fields), "order_key", "version"])
        casts = ", ".join(f"CAST({f.name} AS {f.sql})" for f in fields)
        # Straight from the frame, and registered once: what a transaction drops (a temporary table, a name and the
        # frame behind it) stays in memory until it ends.
        if self._stream is None:
            self._stream = ArrowStream(frame)
            self.tx.register(_NAME, self._stream)
        self._stream.frame = frame
        for table in _TABLES:
            query = f"INSERT INTO main.{table} ({names}) SELECT {casts}, order_key, $1 FROM {_NAME}"  # noqa: S608
            self.tx.execute(query, [self.version])
        self._stream.frame = frame.clear()

    def close(self, settlement: Settlement, path: Path, content_type: str) -> None:
        """Write the head and archive the file; its hash stands for all that the lines say."""
        if self._stream is not None:
            self.tx.unregister(_NAME)
        with path.open("rb") as file:
            page_id = store_large(self.tx, file, content_type, self.now)
        entity = entity_of(settlement)
        key = [settlement.channel, settlement.settlement_id]
        self.tx.execute(f"DELETE FROM main.{entity.table} WHERE channel = $1 AND settlement_id = $2", key)  # noqa: S608
        fields = [f.name for f in fields_of(Settlement)]
        meta = ["version", "row_hash", "source_updated_at", "observed_at", "page_id", "page_ordinal"]
        marks = ", ".join(f"${n}" for n in range(1, len(fields) + len(meta) + 1))
        said = [*astuple(settlement), self.version, settlement.document_hash[:32], None, self.now, page_id, 0]
        for table in (entity.table, f"{entity.table}_versions"):
            self.tx.execute(
                f"INSERT INTO main.{table} ({', '.join([*fields, *meta])}) VALUES ({marks})",  # noqa: S608
                said,
            )


def _order_keys(lines: Sequence[SettlementLine]) -> Iterable[int | None]:
    """Return the join keys of the lines' orders, each made once."""
    orders = column_of(lines, "order_id")
    made: dict[object, int | None] = {o: join_key(str(o)) if o is not None else None for o in set(orders)}
    return [made[o] for o in orders]
