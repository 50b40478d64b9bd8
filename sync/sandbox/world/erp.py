"""Fills NetSuite's books from the world: the company's lists, then every document in the order it was keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.sandbox.world.breakage import choose
from sync.sandbox.world.erp_orders import OrderDesk
from sync.sandbox.world.erp_parcels import ParcelDesk
from sync.sandbox.world.erp_returns import ReturnsDesk
from sync.sandbox.world.erp_settlements import journal_entries
from sync.sandbox.world.erp_setup import set_up
from sync.sandbox.world.model import World
from sync.sandbox.world.scenario import Scenario

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["fill_books"]


def fill_books(world: World, books: NetSuiteBooks, scenario: Scenario) -> None:
    """Enter Acme Goods' books as they stand at the world's `now`; what is broken is noted in `world.truth`.

    Some breakage is done to the world itself: orders that the channel does not know as sent, wishes to cancel, changed
    addresses, refunds. Call it once, on empty books, before anything else looks at the world.

    Raises:
        ValueError: if the world's truth holds something already: its books have been filled before.
    """
    if world.truth.cases:
        raise ValueError("the books of this world have been filled already")
    broken = choose(world, scenario)
    company = set_up(world, books)
    orders = OrderDesk(world, books, company, broken)
    entries = [
        *orders.entries(),
        *ParcelDesk(orders).entries(),
        *ReturnsDesk(orders).entries(),
        *journal_entries(world, books, company, scenario),
    ]
    for _, key_in in sorted(entries, key=lambda entry: entry[0]):
        key_in()
