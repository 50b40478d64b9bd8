"""The orders that the ERP has, each with the sales documents that name it by any reference.

What was made from another document of the same order (the invoice of a sales order carries its number too) is not
among them. Four controls share the table: it is made once within one evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.documents import BARE_REFERENCE
from reconcile.fixes.read_orders import Key
from sync.mirror.keys import join_key

__all__ = ["Waits", "find_booked", "horizon_of", "sent_at", "set_live_from"]

_EXTERNAL = BARE_REFERENCE.format("t.external_id")
_OTHER = BARE_REFERENCE.format("t.other_reference")
_NUMBER = BARE_REFERENCE.format("t.number")
# A document whose references all say the same is joined once.
_NAMES_IT = (
    ("external_key", _EXTERNAL, "true"),
    ("other_key", _OTHER, f"{_OTHER} IS DISTINCT FROM {_EXTERNAL}"),
    ("number_key", _NUMBER, f"{_NUMBER} IS DISTINCT FROM {_EXTERNAL} AND {_NUMBER} IS DISTINCT FROM {_OTHER}"),
)
_BOOKED = " UNION ALL ".join(
    f"""
    SELECT o.channel, o.order_id, o.order_key, t.transaction_id, t.transaction_type, coalesce(t.status, '') AS status,
        t.number, t.external_id, t.currency, t.total, t.created_at, t.updated_at
    FROM orders o JOIN transactions t ON t.{key} = o.order_key AND {reference} = o.order_id
    WHERE t.transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc') AND {once} {{asked}}
    """  # noqa: S608 - our names
    for key, reference, once in _NAMES_IT
)
_ASKED = "AND (o.order_key, o.channel, o.order_id) IN (SELECT order_key, channel, order_id FROM temp.asked_booked)"
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
    """Return the name of a temp table with one row a document and order, of all orders or of the named ones.

    Columns: `channel`, `order_id`, `order_key`, `transaction_id`, `transaction_type`, `status` (the letter, empty for
    none), `number`, `external_id`, `currency`, `total`, `created_at`, `updated_at`.
    """
    if only is None:
        return evidence.once("booked", lambda: _fill(evidence, "booked", ""))
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE asked_booked AS SELECT unnest($1::BIGINT[]) AS order_key,"
        " unnest($2::VARCHAR[]) AS channel, unnest($3::VARCHAR[]) AS order_id",
        [[join_key(o) for _, o in only], [c for c, _ in only], [o for _, o in only]],
    )
    return _fill(evidence, "booked_asked", _ASKED)


def _fill(evidence: Evidence, table: str, asked: str) -> str:
    cursor = evidence.cursor
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_BOOKED.format(asked=asked)}")
    cursor.execute(_SEVERAL.format(booked=table))
    cursor.execute(_MADE_FROM.format(booked=table))
    return table


def set_live_from(evidence: Evidence, control: str, booked: str) -> Waits:
    """Fill temp table `live_channels` (channel, live_from) with the channels of which both sides have been read.

    Booked orders of the other channels wait.
    """
    cursor, waits = evidence.cursor, Waits()
    channels = [str(r[0]) for r in cursor.execute("SELECT DISTINCT channel FROM orders ORDER BY 1").fetchall()]
    cursor.execute("CREATE OR REPLACE TEMP TABLE live_channels (channel VARCHAR, live_from TIMESTAMPTZ)")
    for channel in channels:
        horizon = horizon_of(evidence, channel)
        if horizon.until is not None:
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
