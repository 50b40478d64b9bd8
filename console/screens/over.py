"""The lists that Settlements and Mapping open over themselves, by the action that does."""

from __future__ import annotations

from collections.abc import Mapping

from console.screens.dimensions import DimensionsScreen
from console.screens.fees import FeesScreen
from console.screens.line_types import LineTypesScreen
from console.screens.lists import ListScreen

__all__ = ["LISTS"]

LISTS: Mapping[str, type[ListScreen]] = {
    "dimensions": DimensionsScreen,
    "fees": FeesScreen,
    "line-types": LineTypesScreen,
}
