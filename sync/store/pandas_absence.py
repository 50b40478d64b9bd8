"""Says at once that pandas is not installed.

DuckDB asks for it with every parameter that it is handed, and Python searches the whole path each time: a statement
with four parameters took two milliseconds for that alone. Where pandas is installed nothing is changed.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["remember_absence"]

_NAME = "pandas"


class _Absent(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for pandas; leave every other name to the finders that follow."""
        if fullname == _NAME:
            raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)
        return None


def remember_absence() -> None:
    """Search for pandas once; when there is none, answer later searches without looking."""
    if any(isinstance(finder, _Absent) for finder in sys.meta_path):
        return
    if _NAME not in sys.modules and importlib.util.find_spec(_NAME) is None:
        sys.meta_path.insert(0, _Absent())
