"""The channel's orders that the ERP does not have, by every reference that a document could carry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.documents import BARE_REFERENCE
from reconcile.mapping.skus import Resolution, resolve_skus
from sync.mirror.keys import join_key
from sync.ops.findings import Finding
from sync.store.lists import as_list, listed

__all__ = ["Unbooked", "UnbookedOrder", "find_unbooked"]

# Booked is what a sales document names (a credit memo with the order's number books nothing). Nothing is to be booked
# before there is a price, after a cancellation, or while the marketplace has shipped nothing of its own stock yet.
_SALES = "transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')"
_REFERENCES = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
_NAMES_IT = {
    key: f"SELECT {key} AS key, {BARE_REFERENCE.format(column)} AS reference FROM transactions"  # noqa: S608 - our names
    f" WHERE {key} IS NOT NULL AND {_SALES}"
    for key, column in _REFERENCES
}
_BOOKED = " UNION ALL ".join(_NAMES_IT.values())
# One reference after the other, on few columns: what the first finds, nearly all, need not be compared with the rest.
_WITHOUT_EXTERNAL = f"""
CREATE OR REPLACE TEMP TABLE without_external AS
SELECT o.order_key, o.channel, o.order_id FROM orders o JOIN temp.bounds b ON b.channel = o.channel
ANTI JOIN ({_NAMES_IT["external_key"]} {{of_external}}) t ON t.key = o.order_key AND t.reference = o.order_id
WHERE o.status NOT IN ('pending', 'cancelled') AND NOT (o.fulfilled_by = 'channel' AND o.status = 'open')
    AND o.ordered_at >= coalesce(b.live_from, TIMESTAMPTZ '-infinity')
    {{asked}}
"""  # noqa: S608 - our names
_FIND = f"""
CREATE OR REPLACE TEMP TABLE unbooked AS
WITH booked AS ({_BOOKED}),
without_other AS MATERIALIZED (
    SELECT c.* FROM temp.without_external c ANTI JOIN ({_NAMES_IT["other_key"]} {{of_other}}) b
        ON b.key = c.order_key AND b.reference = c.order_id
),
without_any AS MATERIALIZED (
    SELECT c.* FROM without_other c ANTI JOIN ({_NAMES_IT["number_key"]} {{of_number}}) b
        ON b.key = c.order_key AND b.reference = c.order_id
),
unmatched AS (
    SELECT o.*, b.judged_until, b.judged_since FROM without_any w
    JOIN orders o ON o.order_key = w.order_key AND o.channel = w.channel AND o.order_id = w.order_id
    JOIN temp.bounds b ON b.channel = o.channel
    -- What was sold elsewhere is booked there; the control of its parcels (multichannel_unfulfilled) speaks for it.
    WHERE o.order_type <> 'multi_channel' OR (o.channel, coalesce(o.alternate_id, o.order_id)) NOT IN (
        SELECT (channel, order_id) FROM multichannel_orders)
)
SELECT u.channel, u.order_id, u.order_key, u.alternate_id, u.alternate_key, u.status, u.vendor_status,
    u.fulfilled_by, u.order_type, u.currency, u.total, u.tax, u.ordered_at, u.updated_at, u.ship_by, u.buyer_name,
    u.ship_name, u.original_id,
    coalesce(u.ordered_at <= u.judged_until AND u.ordered_at >= u.judged_since, false) AS judged,
    u.alternate_key IS NOT NULL AND EXISTS (
        SELECT 1 FROM booked b WHERE b.key = u.alternate_key AND b.reference = u.alternate_id
    ) AS alternate_booked,
    CASE WHEN u.alternate_key IS NULL THEN 0 ELSE (
        SELECT count(*) FROM orders s WHERE s.alternate_key = u.alternate_key AND s.alternate_id = u.alternate_id
            AND s.channel = u.channel
    ) END AS siblings
FROM unmatched u
"""  # noqa: S608 - our names
# Of a few orders only what could name them is read.
_OF_ASKED = {
    f"of_{key.partition('_')[0]}": f"AND {key} IN (SELECT order_key FROM temp.asked)"  # noqa: S608 - our names
    for key, _ in _REFERENCES
}
_ASKED = "AND (o.order_key, o.channel, o.order_id) IN (SELECT order_key, channel, order_id FROM temp.asked)"
_MONEY = """
SELECT u.channel, u.order_id,
    coalesce(sum(l.item_price + l.shipping_price + l.gift_price - l.discount
        + l.item_tax + l.shipping_tax + l.gift_tax - l.discount_tax), 0) AS lines_total,
    count(l.line_id) AS lines, coalesce(sum(l.quantity_cancelled), 0) AS cancelled,
    list(DISTINCT l.sku ORDER BY l.sku) FILTER (WHERE l.quantity > l.quantity_cancelled) AS skus,
    coalesce(sum((l.item_price + l.shipping_price + l.gift_price - l.discount
        + l.item_tax + l.shipping_tax + l.gift_tax - l.discount_tax) * l.quantity), 0)::DECIMAL(18, 4) AS per_unit,
    coalesce(sum(l.item_tax + l.shipping_tax + l.gift_tax - l.discount_tax), 0) AS lines_tax,
    coalesce(min(least(l.item_price, l.shipping_price, l.gift_price, l.discount)), 0) AS lowest
FROM temp.unbooked u LEFT JOIN order_lines l
    ON l.order_key = u.order_key AND l.channel = u.channel AND l.order_id = u.order_id
WHERE u.judged GROUP BY u.channel, u.order_id
"""
# When the next of those who wait for the streams to be read on can be judged.
_FOLLOWING = """
SELECT u.channel, min(u.ordered_at) FROM temp.unbooked u JOIN temp.bounds b ON b.channel = u.channel
WHERE u.ordered_at > b.judged_until GROUP BY u.channel
"""
_PUSHED = """
SELECT identity, max(updated_at) FROM operations
WHERE kind IN ('sales_order.create', 'cash_sale.create') AND state IN ('done', 'answered') GROUP BY identity
"""
_NAMES = (
    "channel order_id alternate_id status vendor_status fulfilled_by order_type currency total tax ordered_at"
    " updated_at ship_by buyer_name ship_name original_id alternate_booked siblings"
).split()


@dataclass(frozen=True, slots=True)
class UnbookedOrder:
    """One order that no document of the ERP names. `skus` are those of its lines that are not cancelled."""

    channel: str
    order_id: str
    alternate_id: str | None
    status: str
    vendor_status: str
    fulfilled_by: str
    order_type: str
    currency: str
    total: Decimal
    tax: Decimal
    ordered_at: datetime
    updated_at: datetime
    ship_by: datetime | None
    buyer_name: str | None
    ship_name: str | None
    original_id: str | None
    #: A document carries the customer order id that this purchase order belongs to …
    alternate_booked: bool
    #: … which so many purchase orders of the channel share.
    siblings: int
    lines_total: Decimal
    lines: int
    cancelled_units: int
    skus: tuple[str, ...]
    #: What the lines would add to if each were the amount of one unit.
    per_unit_total: Decimal
    lines_tax: Decimal
    #: The lowest amount of any line; below zero is no price.
    lowest: Decimal
    #: When we booked it, as far as the outbox knows; the ERP, read later than that, does not show it.
    pushed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unbooked:
    """Orders to judge, the SKUs in them, and how many could not be judged (and whom they wait for)."""

    orders: tuple[UnbookedOrder, ...]
    skus: Mapping[tuple[str, str], Resolution]
    waiting: int
    waiting_for: str | None
    #: The numbers of those who wait.
    waits: frozenset[str]

    def judgement(self, findings: Sequence[Finding] = ()) -> Judgement:
        """Return findings made of these orders, with what waits."""
        return Judgement(findings, self.waiting, self.waiting_for, self.waits)


def find_unbooked(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> Unbooked:
    """Return the orders that no sales document names: of all channels, or among the named (channel, order id).

    The whole answer is computed once within one evidence.
    """
    if only is None:
        return evidence.once("unbooked", lambda: _find(evidence, None))
    return _find(evidence, only)


def _find(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> Unbooked:
    cursor = evidence.cursor
    _set_asked(evidence, only or ())
    channels = [r[0] for r in cursor.execute("SELECT DISTINCT channel FROM orders ORDER BY 1").fetchall()]
    horizons = {channel: covered(evidence, channel) for channel in channels}
    _set_bounds(evidence, horizons)
    narrowed = dict.fromkeys(_OF_ASKED, "") if only is None else _OF_ASKED
    cursor.execute(_WITHOUT_EXTERNAL.format(asked="" if only is None else _ASKED, **narrowed))
    cursor.execute(_FIND.format(**narrowed))
    following = {str(c): at for c, at in cursor.execute(_FOLLOWING).fetchall()}
    for channel, horizon in horizons.items():
        horizon.stands_before(following.get(channel))
    money = {tuple(r[:2]): r[2:] for r in cursor.execute(_MONEY).fetchall()}
    pushed = {str(r[0]): r[1] for r in cursor.execute(_PUSHED).fetchall()}
    rows = cursor.execute(
        f"SELECT {', '.join(_NAMES)} FROM temp.unbooked WHERE judged"  # noqa: S608 - our names
        " AND NOT (alternate_booked AND siblings = 1) ORDER BY channel, ordered_at, order_id"
    ).fetchall()
    decided = evidence.decisions("routing")
    booked_elsewhere = {c for c, d in decided.items() if d.value.get("multi_channel") == "ignore"}
    judged: list[UnbookedOrder] = []
    unread: list[str] = []
    for row in rows:
        order = _order(dict(zip(_NAMES, row, strict=True)), money, pushed)
        if order.order_type == "multi_channel" and order.channel in booked_elsewhere:
            continue
        if horizons[order.channel].is_before(order.pushed_at):
            unread.append(order.order_id)
        else:
            judged.append(order)
    skus = resolve_skus(cursor, [(o.channel, s) for o in judged for s in o.skus], evidence.decisions("sku"))
    waiting, waiting_for = _waiting(evidence, horizons, len(unread))
    unjudged = cursor.execute("SELECT order_id FROM temp.unbooked WHERE NOT judged").fetchall()
    return Unbooked(tuple(judged), skus, waiting, waiting_for, frozenset((*unread, *(str(o) for (o,) in unjudged))))


def _set_bounds(evidence: Evidence, horizons: Mapping[str, Horizon]) -> None:
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE bounds (channel VARCHAR, judged_since TIMESTAMPTZ, judged_until TIMESTAMPTZ,"
        " live_from TIMESTAMPTZ)"
    )
    for channel, horizon in horizons.items():
        evidence.cursor.execute(
            "INSERT INTO temp.bounds VALUES ($1, $2, $3, $4)",
            [channel, horizon.since, horizon.bound, go_live(evidence, "order_missing", channel)],
        )


def _set_asked(evidence: Evidence, only: Collection[tuple[str, str]]) -> None:
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE asked AS SELECT CAST(unnest("
        f"{as_list('$1')}) AS BIGINT) AS order_key, unnest({as_list('$2')}) AS channel,"
        f" unnest({as_list('$3')}) AS order_id",
        [listed(str(join_key(o)) for _, o in only), listed(c for c, _ in only), listed(o for _, o in only)],
    )


def _order(
    row: dict[str, Any], money: Mapping[tuple[Any, ...], tuple[Any, ...]], pushed: Mapping[str, datetime]
) -> UnbookedOrder:
    figures = money[row["channel"], row["order_id"]]
    lines_total, lines, cancelled, skus, per_unit, lines_tax, lowest = figures
    prefix = {"amazon": "AMZ", "walmart": "WMT"}.get(row["channel"].partition(".")[0], "")
    return UnbookedOrder(
        **row,
        lines_total=lines_total,
        lines=lines,
        cancelled_units=int(cancelled),
        skus=tuple(skus or ()),
        per_unit_total=per_unit,
        lines_tax=lines_tax,
        lowest=lowest,
        pushed_at=pushed.get(f"{prefix}-{row['order_id']}"),
    )


def _waiting(evidence: Evidence, horizons: Mapping[str, Horizon], unread: int) -> tuple[int, str | None]:
    rows = evidence.cursor.execute(
        "SELECT u.channel, count(*) FILTER (WHERE u.ordered_at < b.judged_since), count(*) FROM temp.unbooked u"
        " JOIN temp.bounds b ON b.channel = u.channel WHERE NOT u.judged GROUP BY u.channel ORDER BY u.channel"
    ).fetchall()
    total, reasons = unread, []
    for channel, older, count in rows:
        total += count
        horizon = horizons[channel]
        if count > older:
            reasons.append(horizon.waits_for())
        if older and horizon.since:
            reasons.append(f"documents before {horizon.since:%Y-%m-%d}, which were never read")
    if unread:
        reasons.append("what was just sent to be read back")
    return total, "; ".join(dict.fromkeys(reasons)) or None
