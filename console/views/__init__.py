"""Lists as data: what a list shows, how it is filtered and sorted, and a window onto its rows. Knows no Textual."""

from __future__ import annotations

from console.views.rows import Column, Kind, MemoryView, Row, RowView, Sort, Value

__all__ = ["Column", "Kind", "MemoryView", "Row", "RowView", "Sort", "Value"]
