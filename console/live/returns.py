"""The list of returns: which discrepancies stand behind its rows."""

from __future__ import annotations

from collections.abc import Sequence

from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["open_discrepancies", "split_key"]

_OPEN = """
SELECT discrepancy_id FROM discrepancies
WHERE state <> 'resolved' AND channel = $1
    AND ((control = 'return_unbooked' AND subject = $2)
        OR (control IN ('refund_unbooked', 'refund_not_on_channel', 'refund_unsettled') AND subject = $3))
ORDER BY CASE control WHEN 'refund_unbooked' THEN 0 WHEN 'return_unbooked' THEN 1 ELSE 2 END
"""


def split_key(key: str) -> tuple[str, str, str]:
    """Return (channel, order id, return id) of a row; a refund without a return has an empty last one."""
    channel, _, rest = key.partition("|")
    order_id, _, return_id = rest.partition("|")
    return channel, order_id, return_id


def discrepancies_of(store: Store, key: str) -> list[str]:
    """Return the discrepancies of one row that are not resolved, the one that books most first."""
    channel, order_id, return_id = split_key(key)
    with store.database.reading() as cursor:
        return [str(row[0]) for row in cursor.execute(_OPEN, [channel, return_id, order_id]).fetchall()]


def open_discrepancies(store: Store, keys: Sequence[str]) -> list[str]:
    """Return the discrepancies of all these rows, each once.

    Raises:
        BadInput: none of them has any.
    """
    found = list(dict.fromkeys(i for key in keys for i in discrepancies_of(store, key)))
    if not found:
        raise BadInput("nothing of it is open: both sides agree", remedy="The Chain tab shows its documents")
    return found
