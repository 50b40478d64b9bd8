"""What `y` copies."""

from __future__ import annotations

from console.present.text import cell
from console.present.times import counted
from console.present.values import as_tsv
from console.views.rows import Row
from console.widgets.paged_table import PagedTable

__all__ = ["copied_text"]


def copied_text(table: PagedTable) -> tuple[str, str]:
    """Return what to copy and its name: the marked rows that are loaded as TSV, else the cell under the cursors."""
    view, row, column = table.view, table.row, table.column
    if view is None or row is None or column is None:
        return "", "nothing"
    if table.marks:
        rows: list[Row] = [loaded for loaded in table.loaded_rows() if loaded.key in table.marks]
        return as_tsv(view.columns, rows), f"{counted(len(rows), 'row')} of {len(table.marks):,} marked"
    value = row.values[view.columns.index(column)]
    return ("" if value is None else cell(value, 4_000)), f"{cell(column.title)} {cell(value, 40)}"
