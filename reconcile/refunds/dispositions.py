"""What becomes of goods that came back: on the shelf again or not, and where. Ships as data, under decisions.

Decision kind `disposition`, subject `channel|disposition` (or `channel|reason:REASON`, and `*|…` for all channels),
value {"restock": true, "location_id": "12"}. A warehouse that looked at the goods says a disposition; where none is
said, the buyer's reason stands in for it. A decision on one return (`channel|return:RETURN`) comes before one on the
disposition; where of a set one item is damaged, `|item` at the end names it by the ERP's id: `…|return:D123|501`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from reconcile.mapping.routing import Routing
from reconcile.refunds.returned import Return, ReturnLine
from sync.ops.decisions import Decision

__all__ = ["Placed", "disposition_problem", "disposition_subject", "place_goods"]

_COLUMNS = ["vendor", "fulfilled_by", "kind", "name", "restock", "place"]
#: Amazon's returns to sellers carry the reason with this prefix.
_PREFIX = "CR-"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where units go and whether they can be sold again; `problem` says why nobody knows (then the rest is void)."""

    restock: bool
    location_id: str | None
    name: str
    problem: str | None = None


def disposition_subject(channel: str, line: ReturnLine) -> str:
    """Return the subject of the decision on a line: `amazon.US|DEFECTIVE`, `walmart.US|reason:DAMAGED`."""
    return f"{channel}|{_name_of(line)}"


def place_goods(
    back: Return, line: ReturnLine, routing: Routing, decisions: Mapping[str, Decision], item_id: str = ""
) -> Placed:
    """Return what becomes of a line's units of one item: by decision, else by what ships for the vendor."""
    name = _name_of(line)
    held = _decided(back, name, decisions, item_id)
    own = routing.channel_location_id or routing.location_id
    usual = own if back.fulfilled_by == "channel" else routing.location_id
    if held is not None:
        wrong = disposition_problem(held.value)
        if wrong is not None:
            return Placed(False, None, name, f"the decision on disposition {name} cannot be used: {wrong}")
        return _checked(bool(held.value["restock"]), str(held.value.get("location_id") or "") or usual, name, back)
    kind, _, bare = name.rpartition(":")
    found = _shipped().get(
        (back.channel.partition(".")[0], back.fulfilled_by, "reason" if kind else "disposition", bare)
    )
    if found is None:
        return Placed(False, None, name, f"disposition {name} of {back.channel} is not known")
    restock, place = found
    return _checked(restock, own if place == "channel" else routing.location_id, name, back)


def _decided(back: Return, name: str, decisions: Mapping[str, Decision], item_id: str) -> Decision | None:
    """Return the decision that says most: on the return before its disposition, on the item before all items."""
    of_return = f"{back.channel}|return:{back.return_id}"
    by_name = [f"{who}|{name}{end}" for end in (f"|{item_id}", "") for who in (back.channel, "*")]
    subjects = [f"{of_return}|{item_id}", of_return, *by_name]
    return next((decisions[s] for s in subjects if s in decisions), None)


def _checked(restock: bool, location_id: str | None, name: str, back: Return) -> Placed:
    problem = None if location_id else f"{back.channel} has no location for what comes back"
    return Placed(restock, location_id, name, problem)


def disposition_problem(value: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a decision's value, None where it can be used."""
    extra = sorted(set(value) - {"restock", "location_id"})
    if extra:
        return f"it has the unknown field {', '.join(extra)}"
    return None if isinstance(value.get("restock"), bool) else "restock is true or false"


def _name_of(line: ReturnLine) -> str:
    if line.disposition:
        return line.disposition.upper()
    return f"reason:{(line.reason or 'none').removeprefix(_PREFIX).upper()}"


@cache
def _shipped() -> Mapping[tuple[str, str, str, str], tuple[bool, str]]:
    with files("data").joinpath("dispositions.csv").open(encoding="utf-8") as text:
        reader = csv.DictReader(text)
        if reader.fieldnames != _COLUMNS:
            raise ValueError(f"dispositions.csv has other columns than {','.join(_COLUMNS)}")
        return {
            (row["vendor"], row["fulfilled_by"], row["kind"], row["name"]): (row["restock"] == "yes", row["place"])
            for row in reader
        }
