"""The believable set of things gone wrong, as counts in `data/demo_scenario.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files

__all__ = ["Scenario", "load_scenario"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """How many of each thing are broken. Days count back from the world's `now`."""

    #: Seller-fulfilled orders of the last `missing_within_days` that NetSuite lacks.
    missing_orders: int = 75
    #: How many of them hold a SKU that no item answers to.
    blocked_orders: int = 25
    missing_within_days: int = 20
    #: Booked orders whose total in NetSuite is not the channel's.
    total_differs: int = 1
    #: Orders cancelled on the channel that are still open in NetSuite.
    cancelled_still_open: int = 2
    #: Orders that are in NetSuite twice.
    booked_twice: int = 1
    #: Booked by another connector: only the purchase order reference, or only the document number, names the order.
    by_other_reference: int = 40
    by_number: int = 40
    #: Buyers who are in NetSuite twice: in turn to the letter, with a typo, spelled otherwise, moved.
    duplicate_customers: int = 4
    #: The newest settlements of each channel without a journal.
    unposted_settlements: int = 2
    #: Journals posted with an amount on the wrong account.
    journal_differs: int = 1
    #: Gone from the company's warehouse with tracking, open on the channel: one in two parcels, one late, one with a
    #: carrier that nobody knows.
    shipments_unconfirmed: int = 6
    #: The tracking number of NetSuite is not the channel's.
    tracking_differs: int = 2
    #: Orders that the marketplace fulfils, keyed as sales orders instead of cash sales …
    channel_as_sales_order: int = 6
    #: … of which so many are shipped and not fulfilled in NetSuite.
    fulfilment_missing: int = 3
    #: Shipped and not billed.
    invoice_missing: int = 3
    #: Received by the channel's or the company's returns desk, without a return authorization.
    returns_unbooked: int = 5
    #: Money that the channel gave back without a credit: one of goods that the buyer keeps, one of part of a line.
    refunds_unbooked: int = 4
    #: Credits of orders whose buyer got nothing from the channel.
    refund_only_in_erp: int = 1
    #: Walmart orders that are booked and not acknowledged.
    unacknowledged: int = 2
    #: Open orders whose buyer asks to cancel, so many on each marketplace.
    cancel_requested: int = 1
    #: Address or ship-by date changed on the channel after the order was keyed.
    changed_after_booking: int = 2
    #: Shipped by Amazon for another shop: Walmart's orders, the last one of a shop that is not mirrored.
    shipped_elsewhere: int = 3
    #: Transfers that are on no bank statement, that arrived less a fee of the bank, and pairs that arrived as one.
    payout_not_in_bank: int = 1
    payout_short: int = 1
    payouts_in_one: int = 1


def load_scenario(text: str | None = None) -> Scenario:
    """Read the scenario that ships with the package, or one given as TOML text.

    Raises:
        ValueError: if a count is unknown, negative or not a whole number.
    """
    raw = text if text is not None else files("data").joinpath("demo_scenario.toml").read_text(encoding="utf-8")
    counts = tomllib.loads(raw).get("broken", {})
    known = {f.name for f in fields(Scenario)}
    for name, value in counts.items():
        if name not in known:
            raise ValueError(f"demo scenario: {name} is not one of {', '.join(sorted(known))}")
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"demo scenario: {name} must be a whole number, not {value!r}")
    return Scenario(**counts)
