"""Decision kind `multichannel_order`: what a person says that an order shipped for another shop belongs to.

Subject `channel|the seller's number of the shipping order`; the value names the order where it was sold
({"order": "walmart.US|1790012345678"}), a sales order by its number or external id ({"document": "SO1042"}), or says
that nothing is to be done for it ({"ignore": true}).
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KIND", "multichannel_problem"]

KIND = "multichannel_order"
_FIELDS = ("order", "document", "ignore")


def multichannel_problem(subject: str, value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision of this kind, None where it can be used."""
    channel, bar, order_id = subject.partition("|")
    if not (channel and bar and order_id):
        return "the subject is channel|number of the shipping order"
    extra = sorted(set(value) - set(_FIELDS))
    if extra:
        return f"has the unknown field {', '.join(extra)}"
    said = [name for name in _FIELDS if value.get(name)]
    if len(said) != 1:
        return "names one of order, document and ignore"
    if said == ["ignore"] and value["ignore"] is not True:
        return "ignore is true"
    if said == ["order"] and not all(str(value["order"]).partition("|")):
        return "order is channel|order number, such as walmart.US|1790012345678"
    return None
