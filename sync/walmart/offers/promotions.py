"""`walmart.promotions@US`: promotional prices, asked for SKU by SKU (there is no list of them).

A pull asks for at most `most` SKUs and says where the next one goes on, so that a large catalogue spreads over several
pulls; only the pull that reaches the end covers anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field, ValidationError

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import Promotion
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import VendorClient
from sync.walmart.offers.calls import promotions_call
from sync.walmart.offers.walks import item_pages, skus_of
from sync.walmart.pages import account_of, mapping_of, member_of, page_of, sorted_out, stored
from sync.walmart.wire_types import Filled, Many, Moment, Money, Shape, why

__all__ = ["PromotionStream", "decode_promotions"]


class _Price(Shape):
    value: Money | None = None


class _Pricing(Shape):
    current_price: Filled[_Price] = _Price()
    current_price_type: str | None = None
    comparison_price: Filled[_Price] = _Price()
    effective_date: Moment | None = None
    expiration_date: Moment | None = None
    promo_id: str | None = None


class _Pricings(Shape):
    pricing: Many[_Pricing] = Field(default_factory=list)


def decode_promotions(raw: object, channel: str, sku: str, now: datetime) -> list[Document | Quarantined]:
    """Return a document for each promotional price of a SKU; the base price itself is none."""
    try:
        held = _Pricings.model_validate(raw if raw is not None else {})
    except ValidationError as error:
        return [Quarantined(sku, why(error))]
    wanted = [p for p in held.pricing if p.promo_id or (p.current_price_type or "").upper() != "BASE"]
    return [_promotion(p, channel, sku, now, ordinal) for ordinal, p in enumerate(wanted)]


def _promotion(p: _Pricing, channel: str, sku: str, now: datetime, ordinal: int) -> Document | Quarantined:
    price, base = p.current_price.value, p.comparison_price.value
    if price is None:
        return Quarantined(f"{sku} {p.promo_id or ordinal}", "the promotion has no price", ordinal)
    if base is not None and base.currency != price.currency:
        return Quarantined(f"{sku} {p.promo_id or ordinal}", "price and base price differ in currency", ordinal)
    start = p.effective_date.isoformat() if p.effective_date else ""
    promotion = Promotion(
        channel=channel,
        sku=sku,
        promotion_id=p.promo_id or f"{p.current_price_type}@{start}",
        kind=(p.current_price_type or "unknown").lower(),
        currency=price.currency,
        price=price.amount,
        base_price=base.amount if base else None,
        starts_at=p.effective_date,
        ends_at=p.expiration_date,
        state=_state(p, now),
    )
    return Document(promotion, (), ordinal)


def _state(p: _Pricing, now: datetime) -> str:
    if p.expiration_date is not None and p.expiration_date <= now:
        return "ended"
    return "scheduled" if p.effective_date is not None and p.effective_date > now else "active"


@dataclass(frozen=True, slots=True)
class PromotionStream:
    """The promotional prices of one Walmart account; `known_skus` names the SKUs to ask for, else all items."""

    client: VendorClient
    channel: str
    clock: Clock
    known_skus: Callable[[], Awaitable[set[str]]] | None = None
    most: int = 2000
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.promotions@US`."""
        return f"walmart.promotions@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch a SKU that has promotions, from where the last pull ended.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        now, covered = self.clock.now(), stored(cursor)
        after = cursor.get("after") if cursor else None
        skus = sorted(await (self.known_skus() if self.known_skus else skus_of(item_pages(self.client))))
        todo = [s for s in skus if not isinstance(after, str) or s > after]
        until_text = covered.isoformat() if covered else None
        for place, sku in enumerate(todo[: self.most], start=1):
            batch = await self._one(sku, {"until": until_text, "after": sku}, now, f"{place} of {len(todo)} SKUs")
            if batch.documents or batch.quarantined or place == min(self.most, len(todo)):
                yield batch
        if len(todo) <= self.most:
            yield Batch(None, (), {"until": now.isoformat(), "after": None}, covered=Window(covered or now, now))

    async def _one(self, sku: str, position: Mapping[str, object], now: datetime, note: str) -> Batch:
        try:
            reply = await self.client.send(promotions_call(sku))
            body = mapping_of(reply)
        except Rejected as error:
            # No promotion is answered with 404 by some, with an empty list by others.
            bad = () if error.reply.status == 404 else (Quarantined(sku, f"cannot be asked for: {error}"),)
            return Batch(None, (), position, bad, note=note)
        except ContractBroken as error:
            return Batch(None, (), position, (Quarantined(sku, str(error)),), note=note)
        read = decode_promotions(member_of(body, "payload", "pricingList"), self.channel, sku, now)
        documents, wrong = sorted_out(read)
        return Batch(page_of(reply) if read else None, documents, position, wrong, note=note)
