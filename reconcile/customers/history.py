"""What a customer bought over all channels: orders, money, first and last, returns, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import duckdb

from reconcile.documents import BARE_REFERENCE

__all__ = ["ChannelHistory", "History", "OrderBought", "history_of"]

_REFERENCES = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
#: Temp table `bought_orders`: the orders that documents on the customer name.
_BOUGHT = " UNION ".join(
    f"SELECT o.channel, o.order_id FROM transactions t JOIN orders o ON o.order_key = t.{key}"  # noqa: S608 - our names
    f" AND o.order_id = {BARE_REFERENCE.format(f't.{column}')}"
    f" WHERE t.customer_id = $1 AND t.transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')"
    for key, column in _REFERENCES
)
_ORDERS = f"""
WITH bought AS ({_BOUGHT}),
returned AS (
    SELECT r.channel, coalesce(r.order_id, r.alternate_id) AS order_id, count(*) AS returns,
        sum(coalesce(r.refund_total, 0)) AS refunded
    FROM channel_returns r GROUP BY ALL
),
open_ones AS (
    SELECT channel, subject AS order_id, count(*) AS findings FROM discrepancies
    WHERE state <> 'resolved' GROUP BY ALL
)
SELECT o.channel, o.order_id, o.ordered_at, o.status, o.total, o.currency, coalesce(r.returns, 0),
    coalesce(r.refunded, 0), coalesce(d.findings, 0)
FROM bought b JOIN orders o ON o.channel = b.channel AND o.order_id = b.order_id
LEFT JOIN returned r ON r.channel = o.channel AND r.order_id = o.order_id
LEFT JOIN open_ones d ON d.channel = o.channel AND d.order_id = o.order_id
ORDER BY o.ordered_at DESC, o.order_id
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class OrderBought:
    """One order of a customer; `total` and `refunded` are in `currency`, `findings` counts open discrepancies."""

    channel: str
    order_id: str
    ordered_at: datetime
    status: str
    total: Decimal
    currency: str
    returns: int
    refunded: Decimal
    findings: int


@dataclass(frozen=True, slots=True)
class ChannelHistory:
    """One channel and currency; cancelled orders count as orders and bring no money."""

    channel: str
    currency: str
    orders: int
    total: Decimal
    refunded: Decimal
    returns: int
    findings: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Everything that a customer bought, newest first."""

    orders: tuple[OrderBought, ...]

    @property
    def channels(self) -> list[ChannelHistory]:
        """Return the sums by channel and currency."""
        groups: dict[tuple[str, str], list[OrderBought]] = {}
        for order in self.orders:
            groups.setdefault((order.channel, order.currency), []).append(order)
        return [_summed(*key, held) for key, held in sorted(groups.items())]

    @property
    def money(self) -> dict[str, Decimal]:
        """Return what was bought, less refunds, by currency."""
        sums: dict[str, Decimal] = {}
        for channel in self.channels:
            sums[channel.currency] = sums.get(channel.currency, Decimal(0)) + channel.total - channel.refunded
        return sums


def _summed(channel: str, currency: str, orders: list[OrderBought]) -> ChannelHistory:
    return ChannelHistory(
        channel=channel,
        currency=currency,
        orders=len(orders),
        total=sum((o.total for o in orders if o.status != "cancelled"), Decimal(0)),
        refunded=sum((o.refunded for o in orders), Decimal(0)),
        returns=sum(o.returns for o in orders),
        findings=sum(o.findings for o in orders),
        first_at=min(o.ordered_at for o in orders),
        last_at=max(o.ordered_at for o in orders),
    )


def history_of(cursor: duckdb.DuckDBPyConnection, customer_id: str) -> History:
    """Return the history of one customer, over every order that one of his documents names."""
    rows = cursor.execute(_ORDERS, [customer_id]).fetchall()
    return History(tuple(OrderBought(r[0], r[1], r[2].astimezone(UTC), *r[3:]) for r in rows))
