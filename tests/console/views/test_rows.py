from __future__ import annotations

from console.views.definitions import VIEWS
from console.views.rows import Column, MemoryView, Row


def test_a_memory_view_pages_like_any_other() -> None:
    view = MemoryView([Column("a", "A", 3)], [Row(str(n), (n,)) for n in range(5)], of_all=9)
    assert [row.key for row in view.page(3, 10)] == ["3", "4"]
    assert view.page(5, 1) == []
    assert (view.total, view.of_all, view.exact) == (5, 9, True)
    assert (view.position_of("4"), view.position_of("x"), view.keys(2)) == (4, None, ["0", "1"])
    view.interrupt()
    view.close()
    assert view.total == 0


def test_lists_name_only_columns_that_they_have() -> None:
    for name, view in VIEWS.items():
        names = [column.name for column in view.columns]
        assert view.name == name
        assert len(names) == len(set(names))
        assert set(view.search) <= set(names), name
        assert {c.currency for c in view.columns if c.currency} <= set(names), name
        assert sum(1 for c in view.columns if not c.hidden) <= 12, name
