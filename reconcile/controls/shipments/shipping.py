"""What the controls of shipments share: which orders may differ, how far both sides were read, what was just sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, erp_streams, go_live, known_streams
from reconcile.fulfilment import OrderGoods, read_goods
from sync.mirror.keys import join_key
from sync.money import round_to_minor

__all__ = [
    "Waiting",
    "candidates",
    "erp_read_until",
    "find_sent",
    "horizon_of",
    "just_sent",
    "parcels_read",
    "urgency",
    "worth",
]

# Every document that the ERP's fulfilments were made from, under each reference that an order could be named by:
# small beside the orders, so that only orders with something sent are looked at.
_SENT_KEYS = """
CREATE OR REPLACE TEMP TABLE sent_keys AS
WITH sources AS (
    SELECT DISTINCT l.created_from AS transaction_id FROM transaction_lines l
    JOIN transactions f ON f.transaction_id = l.transaction_id AND f.transaction_type = 'ItemShip'
    WHERE l.created_from IS NOT NULL
    UNION
    SELECT DISTINCT k.previous_id FROM document_links k
    JOIN transactions f ON f.transaction_id = k.next_id AND f.transaction_type = 'ItemShip'
)
SELECT DISTINCT key AS order_key FROM (
    SELECT unnest([t.external_key, t.other_key, t.number_key]) AS key
    FROM transactions t JOIN sources s ON s.transaction_id = t.transaction_id
) WHERE key IS NOT NULL
"""


@dataclass(slots=True)
class Waiting:
    """Orders that cannot be judged yet, and what they wait for."""

    count: int = 0
    reasons: dict[str, None] | None = None

    def add(self, why: str, count: int = 1) -> None:
        """Count an order that waits for something."""
        self.count += count
        self.reasons = (self.reasons or {}) | {why: None}

    @property
    def text(self) -> str | None:
        """Return what is waited for, None for nothing."""
        return "; ".join(self.reasons) if self.reasons else None


def find_sent(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> None:
    """Create temp table `sent_keys`: the order keys of all documents that something was fulfilled from.

    For named orders it holds their keys, sent or not: one write is derived anew without a look at all documents.
    """
    if only is None:
        evidence.once("sent keys", lambda: evidence.cursor.execute(_SENT_KEYS) and True)
        return
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE sent_keys AS SELECT unnest($1::BIGINT[]) AS order_key",
        [[join_key(order_id) for _, order_id in only]],
    )


def candidates(
    evidence: Evidence, control: str, where: str, only: Collection[tuple[str, str]] | None
) -> list[OrderGoods]:
    """Return the goods of orders `o` that the condition picks: all of them, or those among the named.

    `where` is SQL of ours over `orders o`; it may use temp table `sent_keys` (order_key of what the ERP has sent).
    Orders before a channel's go-live date are left out.
    """
    find_sent(evidence, only)
    named = "" if only is None else " AND o.order_key IN (SELECT unnest($1::BIGINT[]))"
    rows = evidence.cursor.execute(
        f"SELECT o.channel, o.order_id, o.ordered_at FROM orders o WHERE ({where}){named}",  # noqa: S608 - our names
        [] if only is None else [[join_key(order_id) for _, order_id in only]],
    ).fetchall()
    starts = {channel: go_live(evidence, control, channel) for channel in {r[0] for r in rows}}
    keys = [(c, o) for c, o, at in rows if (start := starts[c]) is None or at >= start]
    if only is not None:
        keys = [key for key in keys if key in only]
    return read_goods(evidence, keys)


def horizon_of(evidence: Evidence, channel: str) -> Horizon:
    """Return how far the channel's orders and the ERP's documents were both read."""
    return evidence.once(f"horizon {channel}", lambda: covered(evidence, channel))


def parcels_read(evidence: Evidence) -> datetime | None:
    """Return up to when the ERP's tracking numbers were read without a gap, None before the first full read."""

    def read() -> datetime | None:
        names = [s for s in known_streams(evidence) if s.partition("@")[0] == "netsuite.parcels"]
        return _first_end(evidence, names)

    return evidence.once("parcels until", read)


def just_sent(evidence: Evidence, kind: str) -> Mapping[str, datetime]:
    """Return when each write of a kind was made, by identity, as far as the outbox knows."""

    def read() -> Mapping[str, datetime]:
        rows = evidence.cursor.execute(
            "SELECT identity, max(updated_at) FROM operations WHERE kind = $1 AND state IN ('done', 'answered')"
            " GROUP BY identity",
            [kind],
        ).fetchall()
        return {str(identity): at for identity, at in rows}

    return evidence.once(f"sent {kind}", read)


def erp_read_until(evidence: Evidence) -> datetime | None:
    """Return up to when the ERP's documents were read."""
    return evidence.once("documents until", lambda: _first_end(evidence, erp_streams(evidence)))


def _first_end(evidence: Evidence, streams: Collection[str]) -> datetime | None:
    ends = [evidence.store.mirror.covered_until(name, evidence.cursor) for name in streams]
    return min((e for e in ends if e is not None), default=None)


def urgency(evidence: Evidence, deadline: datetime | None) -> Literal["high", "med"]:
    """Return high for what is late, or will be within a day."""
    if deadline is None:
        return "med"
    return "high" if evidence.is_after(deadline - timedelta(hours=24)) else "med"


def worth(goods: OrderGoods, units: Mapping[str, int]) -> Decimal:
    """Return what the buyer pays for so many units of the order's lines, before tax."""
    total = Decimal(0)
    for line in goods.lines:
        count = units.get(line.line_id, 0)
        if count and line.quantity:
            goods_total = line.item_price + line.shipping_price + line.gift_price - line.discount
            total += goods_total * count / line.quantity
    return round_to_minor(total, goods.order.currency)
