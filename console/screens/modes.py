"""Which screen each section is."""

from __future__ import annotations

from collections.abc import Callable

from console.screens.bank import BankScreen
from console.screens.bridge import BridgeScreen
from console.screens.close import CloseScreen
from console.screens.discrepancies import DiscrepanciesScreen
from console.screens.home import HomeScreen
from console.screens.log import LogScreen
from console.screens.mapping import MappingScreen
from console.screens.orders import OrdersScreen
from console.screens.queue import QueueScreen
from console.screens.returns import ReturnsScreen
from console.screens.section import SectionScreen
from console.screens.settlements import SettlementsScreen

__all__ = ["SCREENS"]

#: Section id → its screen; made when the section is first gone to.
SCREENS: dict[str, str | Callable[[], SectionScreen]] = {
    "home": HomeScreen,
    "discrepancies": DiscrepanciesScreen,
    "queue": QueueScreen,
    "settlements": SettlementsScreen,
    "bridge": BridgeScreen,
    "bank": BankScreen,
    "close": CloseScreen,
    "mapping": MappingScreen,
    "orders": OrdersScreen,
    "returns": ReturnsScreen,
    "log": LogScreen,
}
