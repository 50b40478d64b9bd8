"""What `y` copies."""

from __future__ import annotations

from console.desk import Detail
from console.present.text import cell
from console.present.times import counted
from console.present.values import as_tsv
from console.views.rows import Row
from console.widgets.detail_text import copied_passage
from console.widgets.paged_table import PagedTable

__all__ = ["copied_text"]


def copied_text(table: PagedTable, detail: Detail | None = None) -> tuple[str, str]:
    """Return what to copy and its name.

    The marked rows that are loaded as TSV, else what the shown detail has for it, else the cell under the cursors.
    """
    view, row, column = table.view, table.row, table.column
    if view is None or row is None or column is None:
        return "", "nothing"
    if table.marks:
        rows: list[Row] = [loaded for loaded in table.loaded_rows() if loaded.key in table.marks]
        return as_tsv(view.columns, rows), f"{counted(len(rows), 'row')} of {len(table.marks):,} marked"
    answer = copied_passage(detail)
    if answer is not None:
        return answer.text, answer.title.partition(" (")[0].lower()
    value = row.values[view.columns.index(column)]
    return ("" if value is None else cell(value, 4_000)), f"{cell(column.title)} {cell(value, 40)}"
