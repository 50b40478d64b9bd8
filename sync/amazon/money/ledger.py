"""`amazon.ledger@…`: every event of the seller's ledger as it is posted (finances 2024-06-19, listTransactions).

Events appear up to 48 hours late, so two days are read again; a window longer than 180 days is answered with nothing;
a page may be empty and still have a next one. In the US, seller-fulfilled events come only when no marketplace is
named: there the event's own marketplace says whose it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace, marketplace_by_id
from sync.amazon.money.breakdowns import Leaf, leaves_of
from sync.amazon.money.calls import transactions_call
from sync.amazon.pages import Read, Unreadable, amount_of, read_rows, rows_of, time_of, token_of
from sync.amazon.settlements.ids import SettlementIds
from sync.amazon.window_stream import WindowRules, read_windows
from sync.clock import Clock
from sync.records import ChannelTransaction, ChannelTransactionAmount
from sync.streams import Batch, Document, Window
from sync.transport import Call, Reply, VendorClient

__all__ = ["LedgerStream", "decode_transaction"]

_RULES = WindowRules(overlap=timedelta(hours=48), longest=timedelta(days=180), oldest=timedelta(days=729))
_STATES = {"DEFERRED": "deferred", "RELEASED": "released", "DEFERRED_RELEASED": "deferred_released"}


@dataclass(frozen=True, slots=True)
class LedgerStream:
    """The ledger of one Amazon marketplace; `settlements` is told every settlement that an event names."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    settlements: SettlementIds = field(default_factory=SettlementIds)
    depends_on: Sequence[str] = ()
    rules: WindowRules = _RULES

    @property
    def name(self) -> str:
        """Return `amazon.ledger@US`."""
        return f"amazon.ledger@{self.marketplace.country}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the events posted since `cursor`; one whose parts do not add to its total is quarantined.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        return read_windows(
            self.client,
            self.clock,
            self.rules,
            cursor,
            since=self.since,
            until=until,
            ask=self._ask,
            read=self._read,
        )

    def _ask(self, window: Window, token: str | None) -> Call:
        named = None if self.marketplace.country == "US" else self.marketplace.marketplace_id
        return transactions_call(named, posted_from=window.start, posted_to=window.end, token=token)

    def _read(self, reply: Reply) -> Read:
        rows = rows_of(reply, "payload", "transactions")
        token = token_of(reply, "payload", "nextToken")
        read = read_rows(
            rows,
            lambda row, ordinal: Document(*decode_transaction(row, self.marketplace), ordinal),
            key="transactionId",
            token=token,
        )
        for document in read.documents:
            record = document.record
            if isinstance(record, ChannelTransaction) and record.settlement_id:
                self.settlements.add(record.channel, record.settlement_id)
        return read


def decode_transaction(
    raw: Mapping[str, object], asked: Marketplace
) -> tuple[ChannelTransaction, tuple[ChannelTransactionAmount, ...]]:
    """Return one event with the leaves of its breakdowns, which add to its total.

    Raises:
        Unreadable: no id, no total, or parts that do not add to it.
    """
    transaction_id = raw.get("transactionId")
    if not isinstance(transaction_id, str) or not transaction_id:
        raise Unreadable("the event has no transactionId")
    total, currency = amount_of(raw.get("totalAmount"), "totalAmount")
    named = _identifiers(raw, "relatedIdentifierName", "relatedIdentifierValue")
    shop = _shop(raw, asked)
    kind = str(raw.get("transactionType") or "")
    details = raw.get("marketplaceDetails")
    matures = _context(raw, "Deferred").get("maturityDate")
    record = ChannelTransaction(
        channel=shop.channel,
        transaction_id=transaction_id,
        transaction_type=kind,
        state=_STATES.get(str(raw.get("transactionStatus") or ""), "released"),
        settlement_id=named.get("SETTLEMENT_ID"),
        order_id=named.get("ORDER_ID"),
        posted_at=time_of(raw.get("postedDate"), "postedDate"),
        matures_at=time_of(matures, "maturityDate") if matures else None,
        description=str(raw["description"]) if raw.get("description") else None,
        marketplace=str(details.get("marketplaceName") or "") or None if isinstance(details, Mapping) else None,
        currency=currency,
        total=total,
        refund_id=named.get("REFUND_ID"),
    )
    parts = _parts(raw, record)
    lines = tuple(
        ChannelTransactionAmount(
            shop.channel, transaction_id, position, leaf.category, sku, line_id, quantity, leaf.amount, leaf.currency
        )
        for position, (leaf, sku, line_id, quantity) in enumerate(parts, start=1)
    )
    return record, lines


_Part = tuple[Leaf, str | None, str | None, int | None]


def _parts(raw: Mapping[str, object], record: ChannelTransaction) -> list[_Part]:
    """Return the leaves that add to the total: those of the items, of the event itself, or of both together."""
    of_items = [part for item in _items(raw) for part in _item_parts(item, record)]
    of_event: list[_Part] = [(leaf, None, None, None) for leaf in leaves_of(raw.get("breakdowns"))]
    if not of_items and not of_event:
        whole = Leaf(record.transaction_type or "Total", record.total, record.currency)
        return [(whole, None, None, None)]
    for parts in (of_items, of_event, of_items + of_event):
        other = {leaf.currency for leaf, *_ in parts} - {record.currency}
        if parts and not other and sum((leaf.amount for leaf, *_ in parts), Decimal(0)) == record.total:
            return parts
    found = sum((leaf.amount for leaf, *_ in of_items or of_event), Decimal(0))
    raise Unreadable(f"the parts add to {found} {record.currency}, the event's total is {record.total}")


def _item_parts(item: Mapping[str, object], record: ChannelTransaction) -> list[_Part]:
    product = _context(item, "Product")
    sku, shipped = product.get("sku"), product.get("quantityShipped")
    quantity = shipped if isinstance(shipped, int) and not isinstance(shipped, bool) else None
    ids = _identifiers(item, "itemRelatedIdentifierName", "itemRelatedIdentifierValue")
    # In a sale there is no adjustment yet, so the adjustment's item is the order's; in a refund it is the refund's.
    line_id = ids.get("ORDER_ADJUSTMENT_ITEM_ID") if record.transaction_type == "Shipment" else None
    leaves = leaves_of(item.get("breakdowns"))
    if not leaves and item.get("totalAmount") is not None:
        amount, currency = amount_of(item["totalAmount"], "items.totalAmount")
        leaves = [Leaf(str(item.get("description") or record.transaction_type), amount, currency)]
    return [(leaf, str(sku) if sku else None, line_id, quantity) for leaf in leaves]


def _items(raw: Mapping[str, object]) -> list[Mapping[str, object]]:
    items = raw.get("items")
    items = [items] if isinstance(items, Mapping) else items or []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise Unreadable("items is no list of objects")
    return items


def _identifiers(raw: Mapping[str, object], name: str, value: str) -> dict[str, str]:
    held = raw.get("relatedIdentifiers")
    held = [held] if isinstance(held, Mapping) else held or []
    if not isinstance(held, list):
        raise Unreadable("relatedIdentifiers is no list")
    return {str(h.get(name)): str(h.get(value)) for h in held if isinstance(h, Mapping) and h.get(value)}


def _context(raw: Mapping[str, object], kind: str) -> Mapping[str, object]:
    """Return the context of one kind (`Product`, `ProductContext`), empty when there is none."""
    held = raw.get("contexts")
    for context in [held] if isinstance(held, Mapping) else held if isinstance(held, list) else []:
        if isinstance(context, Mapping) and str(context.get("contextType") or "").removesuffix("Context") == kind:
            return context
    return {}


def _shop(raw: Mapping[str, object], asked: Marketplace) -> Marketplace:
    for member in ("marketplaceDetails", "sellingPartnerMetadata"):
        held = raw.get(member)
        named = marketplace_by_id(str(held.get("marketplaceId"))) if isinstance(held, Mapping) else None
        if named is not None:
            return named
    return asked
