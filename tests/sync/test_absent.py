"""A search for what is not installed is answered without looking, and says what Python would say."""

from __future__ import annotations

import importlib
import sys

import pytest

from sync.absent import remember_absence
from sync.store.database import Database


def test_pandas_stays_unimportable_with_the_usual_error() -> None:
    remember_absence("pandas")
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


def test_it_is_put_in_place_once_for_all_packages_and_never_hides_one_that_is_there() -> None:
    for name in ("pandas", "no_such_package", "json", "pandas", "wave"):
        remember_absence(name)
    assert sum(type(f).__name__ == "_Absent" for f in sys.meta_path) == 1
    assert importlib.import_module("wave")
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_package'"):
        importlib.import_module("no_such_package")
