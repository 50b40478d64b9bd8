"""The orders that the ERP has, each with the sales documents that name it by any reference: what may differ.

What was made from another document of the same order (the invoice of a sales order carries its number too) is not
among them. Four controls share the table: it is made once within one evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.documents import BARE_REFERENCE
from reconcile.fixes.orders.read_orders import Key
from reconcile.mapping.routing import Routing, routing_of
from sync.errors import BadInput
from sync.mirror.keys import join_key

__all__ = ["Waits", "find_booked", "horizon_of", "routing_or_none", "sent_at", "set_live_from"]

_NAMES_IT = (
    ("external_key", "true"),
    ("other_key", "t.other_key IS DISTINCT FROM t.external_key"),
    ("number_key", "t.number_key IS DISTINCT FROM t.external_key AND t.number_key IS DISTINCT FROM t.other_key"),
)
_SALES = "t.transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')"
# Other references than ours are mostly no order's: a look whether an order has them is quicker than counting them.
_KEYS = " UNION ALL ".join(
    f"SELECT t.{key} AS key FROM transactions t WHERE t.{key} IS NOT NULL AND {_SALES} AND {once}"  # noqa: S608
    + ("" if key == "external_key" else f" AND t.{key} IN (SELECT order_key FROM orders)")  # noqa: S608
    for key, once in _NAMES_IT
)
# In a statement of its own: inside the joins it was counted anew for each of the references.
_NAMED_TWICE = f"""
CREATE OR REPLACE TEMP TABLE named_twice AS SELECT key FROM ({_KEYS}) GROUP BY key HAVING count(*) > 1
"""  # noqa: S608 - our names
#: A pair that is finished on both sides and comes to what it should needs no second look; nearly all are so.
_INTERESTING = """AND (
    o.status NOT IN ('shipped', 'delivered', 'refunded')
    OR (t.transaction_type = 'SalesOrd' AND t.status IS DISTINCT FROM 'G')
    OR t.currency IS DISTINCT FROM o.currency
    OR t.total IS DISTINCT FROM CASE WHEN o.order_type IN ('replacement', 'exchange') THEN 0
        WHEN o.channel IN (SELECT channel FROM temp.tax_policies WHERE policy = 'facilitator') THEN o.total - o.tax
        ELSE o.total END
    OR o.order_key IN (SELECT key FROM temp.named_twice)
)"""
_ASKED = "AND (o.order_key, o.channel, o.order_id) IN (SELECT order_key, channel, order_id FROM temp.asked_booked)"
# Numbers are joined first, texts are read and compared only of the few pairs that are left.
_NEAR = " UNION ".join(
    f"SELECT o.version AS order_version, t.version AS document_version"  # noqa: S608 - our names
    f" FROM orders o JOIN transactions t ON t.{key} = o.order_key WHERE {_SALES} AND {once} {{wanted}}"
    for key, once in _NAMES_IT
)
_BOOKED = f"""
SELECT o.channel, o.order_id, o.order_key, t.transaction_id, t.transaction_type, coalesce(t.status, '') AS status,
    t.number, t.external_id, t.currency, t.total, t.created_at, t.updated_at
FROM temp.near_booked n
JOIN orders o ON o.version = n.order_version
JOIN transactions t ON t.version = n.document_version
WHERE {BARE_REFERENCE.format("t.external_id")} = o.order_id OR {BARE_REFERENCE.format("t.other_reference")} = o.order_id
    OR {BARE_REFERENCE.format("t.number")} = o.order_id
"""  # noqa: S608 - our names
_SEVERAL = """
CREATE OR REPLACE TEMP TABLE {booked}_several AS
SELECT b.channel, b.order_id, b.transaction_id FROM temp.{booked} b
JOIN (SELECT order_key, channel, order_id FROM temp.{booked} GROUP BY ALL HAVING count(*) > 1) s
    ON s.order_key = b.order_key AND s.channel = b.channel AND s.order_id = b.order_id
"""
_MADE_FROM = """
DELETE FROM temp.{booked} AS b USING (
    WITH edges AS (
        SELECT created_from AS previous_id, transaction_id AS next_id FROM transaction_lines
        WHERE created_from IS NOT NULL AND transaction_id IN (SELECT transaction_id FROM temp.{booked}_several)
        UNION
        SELECT previous_id, next_id FROM document_links
        WHERE next_id IN (SELECT transaction_id FROM temp.{booked}_several)
    )
    SELECT n.channel, n.order_id, n.transaction_id FROM temp.{booked}_several n
    JOIN edges e ON e.next_id = n.transaction_id
    JOIN temp.{booked}_several p
        ON p.channel = n.channel AND p.order_id = n.order_id AND p.transaction_id = e.previous_id
) AS made
WHERE b.channel = made.channel AND b.order_id = made.order_id AND b.transaction_id = made.transaction_id
"""
_SENT = """
SELECT discrepancy_id, max(updated_at) FROM operations
WHERE discrepancy_id IS NOT NULL AND state IN ('done', 'answered') GROUP BY discrepancy_id
"""


class Waits:
    """Counts what differs and cannot be judged yet, and whom it waits for."""

    def __init__(self) -> None:
        self.count = 0
        self._reasons: dict[str, None] = {}

    def add(self, reason: str, count: int = 1) -> None:
        """Count what waits for a reason."""
        self.count += count
        self._reasons[reason] = None

    @property
    def reasons(self) -> str | None:
        """Return whom they wait for, None where none waits."""
        return "; ".join(self._reasons) or None


def find_booked(evidence: Evidence, only: Collection[Key] | None = None) -> str:
    """Return the name of a temp table with one row a document and order, of the named orders or of all.

    Of all orders those are left out that one document names, which is finished as they are and has the total that
    the channel's tax policy gives. Columns: `channel`, `order_id`, `order_key`, `transaction_id`, `transaction_type`,
    `status` (the letter, empty for none), `number`, `external_id`, `currency`, `total`, `created_at`, `updated_at`.
    """
    if only is None:
        return evidence.once("booked", lambda: _fill_all(evidence))
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE asked_booked AS SELECT unnest($1::BIGINT[]) AS order_key,"
        " unnest($2::VARCHAR[]) AS channel, unnest($3::VARCHAR[]) AS order_id",
        [[join_key(o) for _, o in only], [c for c, _ in only], [o for _, o in only]],
    )
    return _fill(evidence, "booked_asked", _ASKED)


def _fill_all(evidence: Evidence) -> str:
    evidence.cursor.execute(_NAMED_TWICE)
    return _fill(evidence, "booked", _INTERESTING)


def _fill(evidence: Evidence, table: str, wanted: str) -> str:
    cursor = evidence.cursor
    _set_policies(evidence)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE near_booked AS {_NEAR.format(wanted=wanted)}")
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_BOOKED}")
    cursor.execute(_SEVERAL.format(booked=table))
    cursor.execute(_MADE_FROM.format(booked=table))
    return table


def _set_policies(evidence: Evidence) -> None:
    evidence.cursor.execute("CREATE OR REPLACE TEMP TABLE tax_policies (channel VARCHAR, policy VARCHAR)")
    for channel in evidence.decisions("routing"):
        routing = routing_or_none(evidence, channel)
        if routing is not None:
            evidence.cursor.execute("INSERT INTO temp.tax_policies VALUES ($1, $2)", [channel, routing.tax_policy])


def routing_or_none(evidence: Evidence, channel: str) -> Routing | None:
    """Return the channel's routing, None also where it cannot be used: what is booked can still be compared."""
    try:
        return routing_of(channel, evidence.decisions("routing"))
    except BadInput:
        return None


def set_live_from(evidence: Evidence, control: str, booked: str) -> Waits:
    """Fill temp table `live_channels` (channel, live_from) with the channels of which both sides have been read.

    Booked orders of the other channels wait.
    """
    cursor, waits = evidence.cursor, Waits()
    channels = [str(r[0]) for r in cursor.execute("SELECT DISTINCT channel FROM orders ORDER BY 1").fetchall()]
    cursor.execute("CREATE OR REPLACE TEMP TABLE live_channels (channel VARCHAR, live_from TIMESTAMPTZ)")
    for channel in channels:
        horizon = horizon_of(evidence, channel)
        if horizon.is_known:
            cursor.execute(
                "INSERT INTO temp.live_channels VALUES ($1, $2)", [channel, go_live(evidence, control, channel)]
            )
            continue
        row = cursor.execute(f"SELECT count(*) FROM temp.{booked} WHERE channel = $1", [channel]).fetchone()  # noqa: S608
        if row is not None and row[0]:
            waits.add(horizon.waits_for(), int(row[0]))
    return waits


def horizon_of(evidence: Evidence, channel: str) -> Horizon:
    """Return how far the channel's orders and the ERP's documents have both been read."""
    return evidence.once(f"booked until {channel}", lambda: covered(evidence, channel))


def sent_at(evidence: Evidence) -> Mapping[str, datetime]:
    """Return when the last write for a discrepancy went out; the mirror may not show it yet."""
    return evidence.once("sent", lambda: {str(i): at for i, at in evidence.cursor.execute(_SENT).fetchall()})
