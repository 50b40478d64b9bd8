"""What the controls of orders shipped for another shop share: which may differ, and how far both sides were read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import covered, go_live
from reconcile.controls.reach import reach_of
from reconcile.multichannel.goods import ShippedElsewhere
from reconcile.multichannel.stops import is_left_out

__all__ = ["chosen", "sold_for", "unread"]

#: The stream's kind: `amazon.multichannel@US`.
_KIND = "multichannel"
_ANY = "SELECT 1 FROM multichannel_orders LIMIT 1"
_PARCELS = """
CREATE OR REPLACE TEMP TABLE multichannel_parcels AS
SELECT s.channel, s.order_id, bool_and(coalesce(n.is_known, false)) AS is_known
FROM channel_shipments s SEMI JOIN multichannel_orders m ON m.channel = s.channel AND m.order_id = s.order_id
LEFT JOIN (
    SELECT channel, shipment_id, bool_and(tracking_number IN (SELECT tracking_number FROM erp_parcels)) AS is_known
    FROM (
        SELECT channel, shipment_id, unnest(string_split(tracking_number, ', ')) AS tracking_number
        FROM channel_shipments WHERE (channel, order_id) IN (SELECT (channel, order_id) FROM multichannel_orders)
    ) GROUP BY channel, shipment_id
) n ON n.channel = s.channel AND n.shipment_id = s.shipment_id
GROUP BY s.channel, s.order_id
"""
_OPEN = """
CREATE OR REPLACE TEMP TABLE open_sales_orders AS
SELECT DISTINCT key FROM (
    SELECT unnest([external_key, other_key, number_key]) AS key FROM transactions
    WHERE transaction_type = 'SalesOrd' AND status IN ('A', 'B', 'D', 'E')
) WHERE key IS NOT NULL
"""


def chosen(
    evidence: Evidence, control: str, where: str, only: Collection[tuple[str, str]] | None
) -> list[tuple[str, str]]:
    """Return the shipping orders `m` that the condition picks: all of them, or those among the named.

    `where` is SQL of ours over `multichannel_orders m`; it may use temp tables `multichannel_parcels` (channel,
    order_id, is_known: every parcel's number is in the ERP) and `open_sales_orders` (key). Left out is what a person
    or the channel's routing says to leave out, and what the channel received before its go-live date.
    """
    if not evidence.once("multichannel", lambda: bool(evidence.cursor.execute(_ANY).fetchall())):
        return []
    evidence.once("multichannel parcels", lambda: evidence.cursor.execute(_PARCELS) and True)
    evidence.once("open sales orders", lambda: evidence.cursor.execute(_OPEN) and True)
    rows = evidence.cursor.execute(
        f"SELECT m.channel, m.order_id, m.received_at FROM multichannel_orders m WHERE {where} ORDER BY ALL"  # noqa: S608 - our names
    ).fetchall()
    starts = {channel: go_live(evidence, control, channel) for channel in {r[0] for r in rows}}
    keys = [(c, o) for c, o, at in rows if (start := starts[c]) is None or at >= start]
    return [key for key in keys if not is_left_out(evidence, *key) and (only is None or key in only)]


def unread(evidence: Evidence, one: ShippedElsewhere, happened: datetime) -> str | None:
    """Return which stream has still to be read before the order can be judged, None where all have been.

    Beside the marketplace's parcels and the ERP's documents those are the orders of every other channel that is read,
    as long as it is not known where the order was sold: it may be one of theirs.
    """
    horizon = covered(evidence, one.order.channel, _KIND)
    if horizon.until is None or happened > horizon.until:
        return horizon.waits_for()
    if one.sold:
        return None
    channels = evidence.cursor.execute(
        "SELECT DISTINCT channel FROM orders WHERE channel <> $1 ORDER BY 1", [one.order.channel]
    ).fetchall()
    for (channel,) in channels:
        reach = reach_of(evidence, channel, "orders")
        if reach.is_known and (reach.until is None or reach.until < one.order.received_at):
            return f"the orders of {channel}"
    return None


def sold_for(one: ShippedElsewhere) -> str:
    """Return for which order the goods are, in words."""
    if len(one.sold) == 1:
        return f"{one.sold[0].channel} {one.sold[0].order_id}"
    orders = one.goods.live_orders
    return orders[0].number if len(orders) == 1 and not one.sold else f"{one.order.display_id} of another shop"
