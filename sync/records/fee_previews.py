"""What a channel says beforehand: the sizes that it has measured, and what it expects to charge for a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = ["FeePreview", "FeePreviewOther"]


@dataclass(frozen=True, slots=True)
class FeePreview:
    """What a channel expects of one SKU, as it said at a moment; None: it estimates or measured nothing.

    Every reading is a version of its own: that it was said again is what makes it evidence for the days between.
    """

    channel: str
    sku: str
    #: When the channel was asked. What it says may be some days old.
    seen_at: datetime
    product_id: str | None
    #: seller or channel
    fulfilled_by: str
    currency: str
    #: What a buyer pays for a unit; the channel's fees can depend on it.
    price: Decimal | None
    #: Sides of one unit in its packaging, the longest first, in `length_unit` (in, cm).
    longest: Decimal | None
    median: Decimal | None
    shortest: Decimal | None
    length_unit: str | None
    #: In `weight_unit` (oz, lb, g, kg).
    weight: Decimal | None
    weight_unit: str | None
    #: In the channel's own words.
    size_tier: str | None
    #: Of one unit sent within the channel's country; positive: what the seller pays.
    fulfilment_fee: Decimal | None
    referral_fee: Decimal | None
    total_fee: Decimal | None


@dataclass(frozen=True, slots=True)
class FeePreviewOther:
    """What fulfilling one unit costs otherwise: sent to another country, or by a table that is announced."""

    channel: str
    sku: str
    position: int
    #: abroad, or announced (from a day on that the channel does not say)
    kind: str
    #: Country that the unit is sent to, as the channel writes it in capitals; blank: any other, or the channel's own.
    country: str
    fulfilment_fee: Decimal
