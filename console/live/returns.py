"""The list of returns: which discrepancies stand behind its rows."""

from __future__ import annotations

from sync.joined import parts_of
from sync.store.store import Store

__all__ = ["discrepancies_of", "split_key"]

_OPEN = """
SELECT discrepancy_id FROM discrepancies
WHERE state <> 'resolved' AND channel = $1
    AND ((control = 'return_unbooked' AND subject = $2)
        OR (control IN ('refund_unbooked', 'refund_not_on_channel', 'refund_unsettled') AND subject = $3))
ORDER BY CASE control WHEN 'refund_unbooked' THEN 0 WHEN 'return_unbooked' THEN 1 ELSE 2 END
"""


def split_key(key: str) -> tuple[str, str, str]:
    """Return (channel, order id, return id) of a row; a refund without a return has an empty last one."""
    channel, order_id, return_id = parts_of(key, "|", 3)
    return channel, order_id, return_id


def discrepancies_of(store: Store, key: str) -> list[str]:
    """Return the discrepancies of one row that are not resolved, the one that books most first."""
    channel, order_id, return_id = split_key(key)
    with store.database.reading() as cursor:
        return [str(row[0]) for row in cursor.execute(_OPEN, [channel, return_id, order_id]).fetchall()]
