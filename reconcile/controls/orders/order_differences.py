"""Booked orders beside their documents: which differ, in what, and what the channel has changed since the booking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.orders.booked import Waits, find_booked, horizon_of, routing_or_none, set_live_from
from reconcile.controls.orders.deliveries import Delivery, read_deliveries, read_held
from reconcile.controls.orders.erp_lines import NOT_GOODS, ErpLine, read_erp_lines
from reconcile.fixes.orders.read_orders import Key, read_lines, read_lines_at, read_orders, read_orders_at
from reconcile.mapping.compared import COMPARISON, compared_of
from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import Resolution, resolve_skus
from reconcile.mapping.standings import Standing, standing_of
from sync.records import Order, OrderLine

__all__ = ["BookedOrder", "find_suspects"]

# What a document should come to depends on the tax policy of the channel. Documents of other people may hold the tax
# or not: both ways of booking are theirs to choose. Lines, date and address count while something is to be delivered.
_PAIRS = """
CREATE OR REPLACE TEMP TABLE booked_pairs AS
SELECT *, erp_currency IS DISTINCT FROM currency OR (erp_total IS DISTINCT FROM expected
    AND erp_total IS DISTINCT FROM also AND erp_total IS DISTINCT FROM too) AS is_other
FROM (
SELECT b.channel, b.order_id, b.order_key, b.transaction_id, b.transaction_type, b.status AS letter, b.number,
    b.currency AS erp_currency, b.total AS erp_total, b.created_at, b.updated_at AS erp_updated_at, o.version,
    o.currency, o.fulfilled_by, o.updated_at, o.ship_by, w.identity IS NOT NULL AS is_ours,
    CASE WHEN o.order_type IN ('replacement', 'exchange') THEN 0
        WHEN p.policy = 'facilitator' THEN o.total - o.tax ELSE o.total END AS expected,
    CASE WHEN o.order_type IN ('replacement', 'exchange') THEN 0
        WHEN p.policy IS NOT NULL AND w.identity IS NOT NULL THEN expected
        ELSE o.total END AS also,
    CASE WHEN o.order_type IN ('replacement', 'exchange') THEN 0
        WHEN p.policy IS NOT NULL AND w.identity IS NOT NULL THEN expected
        ELSE o.total - o.tax END AS too,
    b.transaction_type = 'SalesOrd' AND b.status IN ('A', 'B', 'D', 'E') AS is_open,
    w.identity IS NOT NULL AS is_ours
FROM temp.{booked} b
JOIN temp.live_channels c ON c.channel = b.channel
JOIN orders o ON o.order_key = b.order_key AND o.channel = b.channel AND o.order_id = b.order_id
ANTI JOIN (
    SELECT s.channel, s.order_id FROM temp.{booked}_several s
    JOIN temp.{booked} n USING (channel, order_id, transaction_id)
    WHERE NOT (n.transaction_type = 'SalesOrd' AND n.status IN ('C', 'H')) GROUP BY ALL HAVING count(*) > 1
) m ON m.channel = b.channel AND m.order_id = b.order_id
LEFT JOIN temp.tax_policies p ON p.channel = b.channel
LEFT JOIN (
    SELECT DISTINCT identity FROM operations
    WHERE kind IN ('sales_order.create', 'cash_sale.create') AND state IN ('done', 'answered')
) w ON w.identity = b.external_id
WHERE o.status NOT IN ('pending', 'cancelled', 'unknown') AND o.order_type <> 'multi_channel'
    AND o.ordered_at >= coalesce(c.live_from, TIMESTAMPTZ '-infinity')
    AND NOT (b.transaction_type = 'SalesOrd' AND b.status IN ('C', 'H'))
) WHERE is_open OR is_other
"""
# The version that the document was made of: the last one seen before it, or that our last update brought it to. Where
# other people had keyed it before anything was read, it is not known.
_BASES = """
CREATE OR REPLACE TEMP TABLE booked_bases AS
WITH updates AS (
    SELECT split_part(discrepancy_id, '|', 2) AS channel, split_part(discrepancy_id, '|', 3) AS order_id,
        max(CAST(regexp_extract(identity, '-UPDATE-([0-9]+)$', 1) AS BIGINT)) AS version
    FROM operations
    WHERE kind = 'sales_order.update' AND state IN ('done', 'answered') AND identity SIMILAR TO '.*-UPDATE-[0-9]+'
    GROUP BY ALL
)
SELECT p.channel, p.order_id, greatest(
    coalesce(max(v.version) FILTER (WHERE v.observed_at <= p.created_at), min(v.version)),
    coalesce(any_value(u.version), 0)) AS base,
    bool_or(p.is_ours OR u.version IS NOT NULL OR coalesce(v.observed_at <= p.created_at, false)) AS is_known
FROM temp.booked_pairs p
JOIN orders_versions v ON v.order_key = p.order_key AND v.channel = p.channel AND v.order_id = p.order_id
LEFT JOIN updates u ON u.channel = p.channel AND u.order_id = p.order_id
WHERE p.is_open GROUP BY p.channel, p.order_id
"""
_MOVED_ON = """
SELECT p.channel, p.order_id FROM temp.booked_pairs p
JOIN temp.booked_bases b ON b.channel = p.channel AND b.order_id = p.order_id
JOIN orders_versions v ON v.order_key = p.order_key AND v.version = b.base
JOIN orders o ON o.order_key = p.order_key AND o.channel = p.channel AND o.order_id = p.order_id
WHERE b.base <> p.version AND p.fulfilled_by = 'seller' AND (
    v.ship_name IS DISTINCT FROM o.ship_name OR v.ship_address1 IS DISTINCT FROM o.ship_address1
    OR v.ship_address2 IS DISTINCT FROM o.ship_address2 OR v.ship_city IS DISTINCT FROM o.ship_city
    OR v.ship_region IS DISTINCT FROM o.ship_region OR v.ship_postal_code IS DISTINCT FROM o.ship_postal_code
    OR v.ship_country IS DISTINCT FROM o.ship_country OR v.ship_by IS DISTINCT FROM o.ship_by)
"""
_SKUS = """
SELECT DISTINCT l.channel, l.sku FROM temp.booked_pairs p
JOIN order_lines l ON l.order_key = p.order_key AND l.channel = p.channel AND l.order_id = p.order_id WHERE p.is_open
"""
# An order with a SKU that stands for no item cannot be compared by item; cancelled units are another control's.
_OTHER_LINES = f"""
WITH mine AS (
    SELECT p.channel, p.order_id, p.order_key, p.transaction_id FROM temp.booked_pairs p
    JOIN order_lines l ON l.order_key = p.order_key AND l.channel = p.channel AND l.order_id = p.order_id
    LEFT JOIN temp.sku_items s ON s.channel = l.channel AND s.sku = l.sku
    WHERE p.is_open GROUP BY ALL HAVING count(*) = count(s.item_id) AND sum(l.quantity_cancelled) = 0
),
sold AS (
    SELECT m.channel, m.order_id, s.item_id, sum(l.quantity * s.factor) AS units FROM mine m
    JOIN order_lines l ON l.order_key = m.order_key AND l.channel = m.channel AND l.order_id = m.order_id
    JOIN temp.sku_items s ON s.channel = l.channel AND s.sku = l.sku GROUP BY ALL
),
entered AS (
    SELECT m.channel, m.order_id, t.item_id, sum(t.quantity) AS units FROM mine m
    JOIN transaction_lines t ON t.transaction_id = m.transaction_id
    LEFT JOIN items i ON i.item_id = t.item_id
    WHERE NOT t.is_main AND NOT t.is_tax AND t.item_id IS NOT NULL
        AND coalesce(i.item_type, '') NOT IN {NOT_GOODS} AND t.item_id NOT IN (SELECT item_id FROM temp.routed_items)
    GROUP BY ALL
)
SELECT DISTINCT channel, order_id FROM sold FULL JOIN entered USING (channel, order_id, item_id)
WHERE sold.units IS DISTINCT FROM entered.units
    AND (channel, order_id) IN (
        SELECT m.channel, m.order_id FROM mine m JOIN transaction_lines t ON t.transaction_id = m.transaction_id
        WHERE t.item_id IS NOT NULL AND NOT t.is_main)
"""  # noqa: S608 - our names
_SUSPECTS = "SELECT channel, order_id FROM temp.booked_pairs WHERE is_other"
_CONTENT = (
    "currency total ship_by ship_name ship_address1 ship_address2 ship_city ship_region ship_postal_code ship_country"
).split()
_LINE_CONTENT = (
    "line_id sku quantity quantity_cancelled item_price item_tax shipping_price shipping_tax gift_price gift_tax"
    " discount discount_tax"
).split()


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """One order and the one document that names it; `base` is the order as it was when the document was made."""

    order: Order
    lines: Sequence[OrderLine]
    version: int
    base: Order
    base_lines: Sequence[OrderLine]
    routing: Routing | None
    skus: Mapping[tuple[str, str], Resolution]
    transaction_id: str
    transaction_type: str
    number: str
    standing: Standing
    transaction_date: date
    erp_currency: str
    erp_total: Decimal
    erp_lines: Sequence[ErpLine]
    #: Totals of the document that are right; the first is the one of the channel's own routing.
    accepted: tuple[Decimal, ...]
    changed_at: datetime
    delivery: Delivery
    #: Tieout wrote the document: its lines and taxes stand as they were derived.
    is_ours: bool = False

    @property
    def holds_entry_day(self) -> bool:
        """Tell whether others booked it and its ship date is the day of the document, as NetSuite fills it in."""
        return not self.is_ours and self.delivery.ship_by == self.transaction_date

    @property
    def has_changed(self) -> bool:
        """Tell whether the channel has changed what a document is made of since it was made."""
        return _content(self.base, self.base_lines) != _content(self.order, self.lines)


def _content(order: Order, lines: Sequence[OrderLine]) -> tuple[object, ...]:
    return (
        *(getattr(order, name) for name in _CONTENT),
        *(getattr(x, name) for x in lines for name in _LINE_CONTENT),
    )


def find_suspects(
    evidence: Evidence, control: str, only: Collection[Key] | None = None
) -> tuple[list[BookedOrder], Waits]:
    """Return the booked orders that may differ from their document, and what could not be judged yet."""
    booked = find_booked(evidence, only)
    waits = set_live_from(evidence, control, booked)
    cursor = evidence.cursor
    routings = _set_routed_items(evidence)
    cursor.execute(_PAIRS.format(booked=booked))
    cursor.execute(_BASES)
    _set_items(evidence)
    keys = {
        (str(c), str(o)) for query in (_SUSPECTS, _MOVED_ON, _OTHER_LINES) for c, o in cursor.execute(query).fetchall()
    }
    deliveries = read_deliveries(evidence, routings)
    found: list[BookedOrder] = []
    for one in _read(evidence, sorted(keys | deliveries.keys()), routings, deliveries):
        horizon = horizon_of(evidence, one.order.channel)
        if not horizon.reaches(one.changed_at):
            waits.add(horizon.waits_for())
        else:
            found.append(one)
    return found, waits


def _set_routed_items(evidence: Evidence) -> dict[str, Routing | None]:
    """Fill temp table `routed_items` with items that stand for no goods; returns the channels' routings."""
    cursor = evidence.cursor
    cursor.execute("CREATE OR REPLACE TEMP TABLE routed_items (item_id VARCHAR)")
    found: dict[str, Routing | None] = {}
    for (channel,) in cursor.execute("SELECT channel FROM temp.live_channels ORDER BY 1").fetchall():
        found[channel] = routing = routing_or_none(evidence, channel)
        if routing is not None:
            named = (
                routing.shipping_item_id,
                routing.discount_item_id,
                routing.gift_wrap_item_id,
                routing.tax_item_id,
            )
            items = [item for item in named if item]
            cursor.execute("INSERT INTO temp.routed_items SELECT unnest($1::VARCHAR[])", [items])
    return found


def _set_items(evidence: Evidence) -> None:
    cursor = evidence.cursor
    pairs = [(str(c), str(s)) for c, s in cursor.execute(_SKUS).fetchall()]
    # A row for each item: a set stands for several.
    skus = resolve_skus(cursor, pairs, evidence.decisions("sku")).values()
    resolved = [(r, member) for r in skus for member in r.parts]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE sku_items AS SELECT unnest($1::VARCHAR[]) AS channel,"
        " unnest($2::VARCHAR[]) AS sku, unnest($3::VARCHAR[]) AS item_id, unnest($4::DECIMAL(18, 4)[]) AS factor",
        [
            [r.channel for r, _ in resolved],
            [r.sku for r, _ in resolved],
            [m.item_id for _, m in resolved],
            [m.factor for _, m in resolved],
        ],
    )


_DETAILS = """
SELECT p.channel, p.order_id, p.version, coalesce(b.base, p.version), p.transaction_id, p.transaction_type,
    coalesce(p.number, p.transaction_id), p.letter, t.transaction_date, coalesce(p.erp_currency, p.currency),
    coalesce(p.erp_total, 0), [p.expected, p.also, p.too], greatest(p.updated_at, p.erp_updated_at),
    p.is_ours
FROM temp.booked_pairs p
JOIN transactions t ON t.transaction_id = p.transaction_id
LEFT JOIN temp.booked_bases b ON b.channel = p.channel AND b.order_id = p.order_id
WHERE (p.channel, p.order_id) IN (SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]))
ORDER BY p.channel, p.order_id
"""


def _read(
    evidence: Evidence,
    keys: Sequence[Key],
    routings: Mapping[str, Routing | None],
    deliveries: Mapping[Key, tuple[set[str], set[str]]],
) -> list[BookedOrder]:
    if not keys:
        return []
    rows = evidence.cursor.execute(_DETAILS, [[c for c, _ in keys], [o for _, o in keys]]).fetchall()
    bases = [((str(r[0]), str(r[1])), int(r[3])) for r in rows]
    orders, lines = read_orders(evidence, keys), read_lines(evidence, keys)
    base, base_lines = read_orders_at(evidence, bases), read_lines_at(evidence, bases)
    erp_lines = read_erp_lines(evidence, {str(r[4]) for r in rows})
    held = read_held(evidence, [str(r[4]) for r in rows])
    sold = [(c, x.sku) for held in (lines, base_lines) for (c, _), found in held.items() for x in found]
    skus = resolve_skus(evidence.cursor, sold, evidence.decisions("sku"))
    made = []
    for channel, order_id, version, _, document, kind, number, letter, day, currency, total, accepted, at, ours in rows:
        key = (channel, order_id)
        differs, edited = deliveries.get(key, ((), ()))
        skipped = compared_of(channel, evidence.decisions(COMPARISON)).skipped
        delivery = replace(held[document], differs=frozenset(differs), edited=frozenset(edited), skipped=skipped)
        made.append(
            BookedOrder(
                orders[key], lines.get(key, []), version, base.get(key, orders[key]), base_lines.get(key, []),
                routings.get(channel), skus, document, kind, number, standing_of(kind, letter), day, currency, total,
                erp_lines[document], tuple(accepted), at, delivery, ours,
            )
        )  # fmt: skip
    return made
