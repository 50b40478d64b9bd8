"""Says at once that a package is not installed.

Libraries that work with or without another one ask for it again and again, and Python searches the whole path each
time. Where the package is installed nothing is changed.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["remember_absence"]


class _Absent(MetaPathFinder):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for what is absent; leave every other name to the finders that follow."""
        if fullname in self.names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def remember_absence(name: str) -> None:
    """Search for a package once; when there is none, answer later searches without looking."""
    known = next((finder for finder in sys.meta_path if isinstance(finder, _Absent)), None)
    if known is not None and name in known.names:
        return
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        if known is None:
            sys.meta_path.insert(0, known := _Absent())
        known.names.add(name)
