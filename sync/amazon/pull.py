"""The streams of one Amazon seller account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sync.amazon.fulfilment.fee_previews import FEE_PREVIEWS
from sync.amazon.fulfilment.movements import MOVEMENTS
from sync.amazon.fulfilment.reimbursements import REIMBURSEMENTS
from sync.amazon.fulfilment.returns import RETURNS, SELLER_RETURNS
from sync.amazon.fulfilment.shipments import SHIPMENTS
from sync.amazon.fulfilment.stock import StockStream
from sync.amazon.login.seller import SellerId
from sync.amazon.marketplaces import Marketplace, marketplace_of
from sync.amazon.money.balances import BalanceStream
from sync.amazon.money.ledger import LedgerStream
from sync.amazon.money.summaries import SummaryStream
from sync.amazon.money.transfers import PayoutStream
from sync.amazon.offers.feeds import FeedStream
from sync.amazon.offers.listings import ListingStream
from sync.amazon.orders.stream import OrderStream
from sync.amazon.outbound.stream import MultichannelStream
from sync.amazon.reports.requested import RequestedReportStream
from sync.amazon.settlements.ids import SettlementIds
from sync.amazon.settlements.stream import SettlementStream
from sync.clock import Clock
from sync.errors import BadInput
from sync.streams import Stream
from sync.transport import VendorClient

__all__ = ["ALL_KINDS", "CORE_KINDS", "streams"]

#: What the reconciliation of settlements needs.
CORE_KINDS = ("orders", "settlements")
_REPORTS = {
    kind.stream.removeprefix("amazon."): kind
    for kind in (SHIPMENTS, RETURNS, SELLER_RETURNS, MOVEMENTS, REIMBURSEMENTS, FEE_PREVIEWS)
}
#: Everything that can be pulled, in the order in which the streams are handed out.
ALL_KINDS = (
    *CORE_KINDS,
    "ledger",
    "payouts",
    "summaries",
    "balances",
    "listings",
    "stock",
    "feeds",
    "multichannel",
    *_REPORTS,
)


def _nothing_known(channel: str) -> Sequence[str]:
    return ()


def streams(
    client: VendorClient,
    channels: Sequence[str],
    *,
    clock: Clock,
    since: datetime,
    kinds: Collection[str] = CORE_KINDS,
    seller_id: str = "",
    known_settlements: Callable[[str], Sequence[str]] = _nothing_known,
) -> list[Stream]:
    """Return the streams of `channels` (`amazon.US`, `amazon.DE`), kind by kind in the order of `ALL_KINDS`.

    One client serves the channels of one seller account in one region. `since` is the first moment that is read when
    a stream has no cursor. `kinds` chooses among `ALL_KINDS`. `seller_id` is asked of Amazon where it is blank.
    `known_settlements` gives the settlement ids that the mirror has of a channel, beside those that the ledger names.

    Raises:
        BadInput: for a channel that is not an Amazon marketplace, or a kind that there is not.
    """
    _check(kinds)
    marketplaces = [_marketplace(channel) for channel in channels]
    ids = SettlementIds()

    def make(kind: str, shop: Marketplace) -> Stream:
        match kind:
            case "orders":
                return OrderStream(client, shop, clock, since)
            case "settlements":
                return SettlementStream(client, shop, clock, since, configured=marketplaces)
            case "ledger":
                return LedgerStream(client, shop, clock, since, ids)
            case "payouts":
                return PayoutStream(client, shop, clock, since, ids)
            case "summaries":
                before = (f"amazon.ledger@{shop.country}", f"amazon.payouts@{shop.country}")
                return SummaryStream(client, shop, clock, ids, known_settlements, depends_on=before)
            case "balances":
                return BalanceStream(client, shop, clock)
            case "listings":
                return ListingStream(client, shop, clock, SellerId(client, shop, seller_id))
            case "stock":
                return StockStream(client, shop, clock)
            case "feeds":
                return FeedStream(client, shop, clock, since)
            case "multichannel":
                return MultichannelStream(client, shop, clock, since)
            case _:
                return RequestedReportStream(client, shop, clock, since, _REPORTS[kind])

    return [make(kind, shop) for kind in ALL_KINDS if kind in kinds for shop in marketplaces]


def _check(kinds: Collection[str]) -> None:
    unknown = sorted(set(kinds) - set(ALL_KINDS))
    if unknown:
        raise BadInput("there is no such stream of Amazon", value=unknown[0], remedy=f"Known: {', '.join(ALL_KINDS)}")


def _marketplace(channel: str) -> Marketplace:
    vendor, _, country = channel.partition(".")
    if vendor != "amazon" or not country:
        raise BadInput("this is not an Amazon channel", value=channel, remedy="Name it amazon.US, amazon.DE …")
    return marketplace_of(country)
