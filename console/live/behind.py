"""The discrepancies behind the rows of lists that are none themselves: shipments, returns, settlements, causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from console.desk import ActionRequest
from console.live.details.causes import of_cause
from console.live.returns import discrepancies_of as of_return
from console.live.row_keys import CAUSE
from console.live.shipments import discrepancies_of as of_shipment
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["of_discrepancies", "of_settlements", "offered_ids"]

#: Section → what stands behind one of its rows, and its records in one word.
_BEHIND: dict[str, tuple[Callable[[Store, str], list[str]], str]] = {
    "shipments": (of_shipment, "shipment"),
    "returns": (of_return, "return"),
}
_OF_SETTLEMENTS = ("settlement_not_posted", "journal_differs", "journal_not_reversed", "payout_not_posted")


def of_discrepancies(store: Store, request: ActionRequest) -> ActionRequest:
    """Return the request on the discrepancies behind its rows; one of another section stays as it is.

    Raises:
        BadInput: both sides agree about all of them.
    """
    if request.section not in _BEHIND:
        return request
    find, word = _BEHIND[request.section]
    ids = dict.fromkeys(one for key in request.keys for one in find(store, key))
    if not ids:
        raise BadInput(f"both sides agree about this {word}", remedy="Nothing is to be done")
    return replace(request, section="discrepancies", keys=tuple(ids))


def of_settlements(store: Store, keys: Sequence[str], controls: Sequence[str]) -> list[str]:
    """Return what controls find of settlements, each named by channel/number."""
    ids: list[str] = []
    with store.database.reading() as cursor:
        for key in keys:
            channel, _, settlement_id = key.partition("/")
            rows = cursor.execute(
                "SELECT discrepancy_id FROM discrepancies WHERE control IN (SELECT unnest($3::VARCHAR[]))"
                " AND channel = $1 AND contains(subject, $2) AND state <> 'resolved' ORDER BY subject",
                [channel, f"-{settlement_id}-", list(controls)],
            ).fetchall()
            ids += [str(r[0]) for r in rows]
    return ids


def offered_ids(store: Store, request: ActionRequest) -> list[str]:
    """Return the discrepancies that a decision may be offered for: blocked ones are among them."""
    if request.section in ("settlements", "settlement"):
        return of_settlements(store, request.keys, _OF_SETTLEMENTS)
    found: list[str] = []
    for key in of_discrepancies(store, request).keys:
        rows = of_cause(store, key, only_open=False) if key.startswith(CAUSE) else [(key,)]
        found += [str(row[0]) for row in rows]
    return found
