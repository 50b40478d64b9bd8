"""How each record type is stored: its table, its key, its lines, its join keys and its clock."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sync import records
from sync.mirror.keys import join_key, reference_key

__all__ = ["ENTITIES", "LINES", "Entity", "LineEntity", "entity_of", "fields_of"]

_SCALE_FRACTION = {"exchange_rate": 8, "rate": 6}


@dataclass(frozen=True, slots=True)
class LineEntity:
    """The child table of an entity."""

    table: str
    record: type
    keys: Mapping[str, Callable[[Any], int | None]]


@dataclass(frozen=True, slots=True)
class Entity:
    """One mirrored kind of record.

    `key` are the columns that identify it; `clock` names the field with the vendor's time of change (None: our
    time decides); `keys` computes the extra BIGINT columns.
    """

    table: str
    record: type
    key: tuple[str, ...]
    clock: str | None
    keys: Mapping[str, Callable[[Any], int | None]]
    lines: LineEntity | None = None
    #: The ERP's own deletions take rows of this table away (`records.Deletion.entity` is its name).
    deletable: bool = False


def _key_of(field: str) -> Callable[[Any], int | None]:
    def compute(record: Any) -> int | None:
        value = getattr(record, field)
        return None if value is None else join_key(value)

    return compute


def _reference_of(field: str) -> Callable[[Any], int | None]:
    return lambda record: reference_key(getattr(record, field))


_ORDER_KEY = {"order_key": _key_of("order_id")}

_CHANNEL = (
    Entity(
        "orders",
        records.Order,
        ("channel", "order_id"),
        "updated_at",
        {"order_key": _key_of("order_id"), "alternate_key": _key_of("alternate_id")},
        LineEntity("order_lines", records.OrderLine, _ORDER_KEY),
    ),
    Entity(
        "settlements",
        records.Settlement,
        ("channel", "settlement_id"),
        None,
        {},
        LineEntity("settlement_lines", records.SettlementLine, _ORDER_KEY),
    ),
    Entity(
        "settlement_summaries",
        records.SettlementSummary,
        ("channel", "settlement_id", "source"),
        "updated_at",
        {},
        LineEntity("settlement_summary_amounts", records.SettlementSummaryAmount, {}),
    ),
    Entity(
        "channel_transactions",
        records.ChannelTransaction,
        ("channel", "transaction_id"),
        None,
        _ORDER_KEY,
        LineEntity("channel_transaction_amounts", records.ChannelTransactionAmount, {}),
    ),
    Entity("channel_balances", records.ChannelBalance, ("channel", "kind", "currency"), None, {}),
    Entity("payouts", records.Payout, ("channel", "payout_id"), None, {}),
    Entity("reimbursements", records.Reimbursement, ("channel", "reimbursement_id", "sku"), None, _ORDER_KEY),
    Entity(
        "listings",
        records.Listing,
        ("channel", "sku"),
        "updated_at",
        {},
        LineEntity("listing_issues", records.ListingIssue, {}),
    ),
    Entity("channel_locations", records.ChannelLocation, ("channel", "location_id"), None, {}),
    Entity("channel_stock", records.ChannelStock, ("channel", "sku", "location_id"), None, {}),
    Entity(
        "fee_previews",
        records.FeePreview,
        ("channel", "sku"),
        "seen_at",
        {},
        LineEntity("fee_preview_others", records.FeePreviewOther, {}),
    ),
    Entity("stock_movements", records.StockMovement, ("channel", "movement_id"), None, {}),
    Entity("promotions", records.Promotion, ("channel", "sku", "promotion_id"), None, {}),
    Entity("feeds", records.Feed, ("channel", "feed_id"), None, {}, LineEntity("feed_results", records.FeedResult, {})),
    Entity(
        "channel_shipments",
        records.ChannelShipment,
        ("channel", "shipment_id"),
        None,
        _ORDER_KEY,
        LineEntity("channel_shipment_lines", records.ChannelShipmentLine, {}),
    ),
    Entity(
        "multichannel_orders",
        records.MultichannelOrder,
        ("channel", "order_id"),
        None,
        {"order_key": _reference_of("order_id"), "display_key": _reference_of("display_id")},
        LineEntity("multichannel_order_lines", records.MultichannelLine, {}),
    ),
    Entity(
        "channel_returns",
        records.ChannelReturn,
        ("channel", "return_id"),
        "updated_at",
        {"order_key": _key_of("order_id"), "alternate_key": _key_of("alternate_id")},
        LineEntity("channel_return_lines", records.ChannelReturnLine, {}),
    ),
    Entity("channel_refunds", records.ChannelRefund, ("channel", "refund_id"), None, _ORDER_KEY),
    Entity("bank_lines", records.BankLine, ("account", "line_id"), None, {}),
)

_ERP = (
    Entity(
        "items",
        records.Item,
        ("item_id",),
        "updated_at",
        {},
        LineEntity("item_components", records.ItemComponent, {}),
        deletable=True,
    ),
    Entity(
        "customers",
        records.Customer,
        ("customer_id",),
        "updated_at",
        {},
        LineEntity("customer_addresses", records.CustomerAddress, {}),
        deletable=True,
    ),
    Entity("accounts", records.Account, ("account_id",), None, {}),
    Entity("subsidiaries", records.Subsidiary, ("subsidiary_id",), None, {}),
    Entity("locations", records.Location, ("location_id",), None, {}),
    Entity("periods", records.Period, ("period_id",), None, {}),
    Entity("segments", records.Segment, ("kind", "segment_id"), None, {}),
    Entity("erp_currencies", records.ErpCurrency, ("currency_id",), None, {}),
    Entity("item_stock", records.ItemStock, ("item_id", "location_id"), None, {}),
    Entity(
        "transactions",
        records.Transaction,
        ("transaction_id",),
        "updated_at",
        {
            "external_key": _reference_of("external_id"),
            "other_key": _reference_of("other_reference"),
            "number_key": _reference_of("number"),
        },
        LineEntity("transaction_lines", records.TransactionLine, {}),
        deletable=True,
    ),
    Entity("document_links", records.DocumentLink, ("previous_id", "next_id", "link_type"), None, {}),
    Entity(
        "erp_parcel_sets",
        records.ErpParcels,
        ("transaction_id",),
        None,
        {},
        LineEntity("erp_parcels", records.ErpParcel, {}),
    ),
    Entity("deletions", records.Deletion, ("entity", "record_id", "record_type"), None, {}),
)

#: Deletions stand last: what a batch brings is written before what it takes away.
ENTITIES: tuple[Entity, ...] = (*_CHANNEL, *_ERP)

LINES: tuple[LineEntity, ...] = tuple(e.lines for e in ENTITIES if e.lines)
_BY_RECORD = {e.record: e for e in ENTITIES}


def entity_of(record: object) -> Entity:
    """Return how this record is stored."""
    return _BY_RECORD[type(record)]


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field's storage type, the same in Arrow and SQL."""

    name: str
    python: type
    nullable: bool
    scale: int = 4

    @property
    def sql(self) -> str:
        """Return the SQL type of the column."""
        if self.python is Decimal:
            return f"DECIMAL(18,{self.scale})"
        if self.name == "byte_offset":
            return "BIGINT"
        return {str: "VARCHAR", int: "INTEGER", bool: "BOOLEAN", datetime: "TIMESTAMPTZ", date: "DATE"}[self.python]


@cache
def fields_of(record: type) -> tuple[FieldType, ...]:
    """Return the typed columns of a record class, in order."""
    hints = typing.get_type_hints(record)
    found: list[FieldType] = []
    for field in dataclasses.fields(record):
        hint = hints[field.name]
        options = [a for a in typing.get_args(hint) if a is not type(None)]
        python = options[0] if options else hint
        found.append(FieldType(field.name, python, bool(options), _SCALE_FRACTION.get(field.name, 4)))
    return tuple(found)
