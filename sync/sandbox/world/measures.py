"""What Amazon measures anew because somebody lets it do so now."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.facts import Listing, Measure
from sync.sandbox.world.model import World
from sync.sandbox.world.sizes import measure_at, tier_of

__all__ = ["remeasure"]


def remeasure(
    world: World,
    now: datetime,
    *,
    channel: str,
    sku: str,
    sides: tuple[Decimal, Decimal, Decimal] | None = None,
    pounds: Decimal | None = None,
    since: datetime | None = None,
    is_shown: bool = True,
) -> tuple[Listing, Measure]:
    """Let Amazon measure a SKU anew from `since` on: its fees follow. Without `sides` it is one tier larger.

    What is not shown is charged and stands in no preview.

    Raises:
        ValueError: there is no such SKU in Amazon's warehouses, a measure is none, it is of the largest tier already,
            or `since` is over.
    """
    listing = world.listing(channel, sku)
    if listing is None or not channel.startswith("amazon.") or listing.fulfilled_by != "channel":
        raise ValueError(f"Amazon has no unit of {sku} in {channel} to be measured")
    at = (since or now).replace(microsecond=0)
    if since is not None and since < now:
        raise ValueError("from must not lie in the past: what is charged is charged")
    known = measure_at(listing.product, channel, at)
    longest, median, shortest = sorted(sides or _grown(known), reverse=True)
    made = Measure(at, (longest, median, shortest), pounds or known.pounds, is_shown)
    if min(*made.sides, made.pounds) <= 0:
        raise ValueError("sides and weight must be above 0")
    of_channel = listing.product.measures.setdefault(channel, [])
    of_channel[:] = sorted([*(m for m in of_channel if m.since != at), made], key=lambda m: m.since)
    world.ledger(channel).look_anew()
    return listing, made


def _grown(known: Measure) -> tuple[Decimal, Decimal, Decimal]:
    """Return sides just beyond the known tier."""
    tier = tier_of(known)
    if tier.limits is None:
        raise ValueError("it is of the largest tier already")
    return tier.limits[0] + 1, *known.sides[1:]
