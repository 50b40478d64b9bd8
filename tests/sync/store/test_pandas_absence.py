"""A search for pandas is answered without looking, and says what Python would say."""

from __future__ import annotations

import importlib
import sys

import pytest

from sync.store.database import Database
from sync.store.pandas_absence import remember_absence


def test_pandas_stays_unimportable_with_the_usual_error() -> None:
    remember_absence()
    with pytest.raises(ModuleNotFoundError, match="No module named 'pandas'"):
        importlib.import_module("pandas")


def test_a_parameter_makes_python_search_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.in_memory()
    searched: list[str] = []

    class Watching:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            searched.append(name)

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path[:1], Watching(), *sys.meta_path[1:]])
    try:
        with database.reading() as cursor:
            assert cursor.execute("SELECT $1 || $2", ["a", "b"]).fetchall() == [("ab",)]
    finally:
        database.close()
    assert "pandas" not in searched


def test_it_is_put_in_place_once() -> None:
    for _ in range(3):
        remember_absence()
    assert sum(type(f).__name__ == "_Absent" for f in sys.meta_path) == 1
