"""Which screen each section is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from console.screens.section import SectionScreen

__all__ = ["SCREENS"]


def _made_of(module: str, name: str) -> Callable[[], SectionScreen]:
    """Return what makes a screen: its module is loaded when the section is gone to, not before the first frame."""

    def make() -> SectionScreen:
        return cast("SectionScreen", getattr(import_module(f"console.screens.{module}"), name)())

    return make


#: Section id → its screen; made when the section is first gone to.
SCREENS: dict[str, str | Callable[[], SectionScreen]] = {
    "home": _made_of("home", "HomeScreen"),
    "discrepancies": _made_of("discrepancies", "DiscrepanciesScreen"),
    "queue": _made_of("queue", "QueueScreen"),
    "settlements": _made_of("settlements", "SettlementsScreen"),
    "bridge": _made_of("bridge", "BridgeScreen"),
    "bank": _made_of("bank", "BankScreen"),
    "close": _made_of("close", "CloseScreen"),
    "mapping": _made_of("mapping", "MappingScreen"),
    "orders": _made_of("orders", "OrdersScreen"),
    "shipments": _made_of("shipments", "ShipmentsScreen"),
    "returns": _made_of("returns", "ReturnsScreen"),
    "customers": _made_of("customers", "CustomersScreen"),
    "log": _made_of("log", "LogScreen"),
}
