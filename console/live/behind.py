"""The open discrepancies behind the rows of lists that are none themselves: shipments and returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console.desk import ActionRequest
from console.live.returns import discrepancies_of as of_return
from console.live.shipments import discrepancies_of as of_shipment
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["of_discrepancies"]

#: Section → what stands behind one of its rows, and its records in one word.
_BEHIND: dict[str, tuple[Callable[[Store, str], list[str]], str]] = {
    "shipments": (of_shipment, "shipment"),
    "returns": (of_return, "return"),
}


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
