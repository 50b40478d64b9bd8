"""Which carrier a parcel goes with, by the shape of its tracking number: decisions, else `data/carriers.csv`.

Decision kind `carrier`, subject `channel|tracking pattern` (a regular expression for the whole number; the channel may
be `*`, the pattern `*` for all parcels): {"carrier": key or name, "method": …, "tracking_url": "https://…{tracking}"}.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files

from sync.ops.decisions import Decision

__all__ = [
    "Carrier",
    "ChosenCarrier",
    "NoCarrier",
    "carrier_named",
    "carrier_problem",
    "is_tracking_number",
    "known_carriers",
    "resolve_carrier",
]

_SHAPE = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._/-]{2,48}[0-9A-Za-z]")
_MOST_PROPOSED = 3
#: Walmart's shipping policy allows multi-channel fulfilment in neutral boxes only and no parcel of Amazon's own
#: carrier: such a number is told to it by a person's decision, never by the shape of the number.
_REFUSED_BY = {"amazon_shipping": frozenset({"walmart"})}


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier; `codes` are what each marketplace calls it, without an entry where it lists none of that name."""

    key: str
    name: str
    pattern: re.Pattern[str]
    codes: Mapping[str, str]
    tracking_url: str


@dataclass(frozen=True, slots=True)
class ChosenCarrier:
    """The carrier of a parcel for one channel.

    `code` is the marketplace's own word, None where it lists no such carrier: then `name` and `tracking_url` say it.
    """

    name: str
    code: str | None
    method: str | None
    tracking_url: str | None
    how: str


@dataclass(frozen=True, slots=True)
class NoCarrier:
    """Why no carrier could be told, with the nearest ones, best first."""

    problem: str
    proposals: tuple[str, ...]
    #: The carrier is known, and the channel's rules do not allow it.
    is_refused: bool = False


@cache
def known_carriers() -> tuple[Carrier, ...]:
    """Return the carriers that ship with the program."""
    text = files("data").joinpath("carriers.csv").read_text(encoding="utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        codes = {"amazon": row["amazon_code"], "walmart": row["walmart_name"]}
        pattern = re.compile(row["pattern"], re.IGNORECASE)
        codes = {vendor: code for vendor, code in codes.items() if code}
        found.append(Carrier(row["carrier"], row["name"], pattern, codes, row["tracking_url"]))
    return tuple(found)


def is_tracking_number(text: str) -> bool:
    """Tell whether a text can be a tracking number: letters, digits and plain separators, 4 to 50 characters."""
    return _SHAPE.fullmatch(text) is not None


def carrier_named(text: str) -> Carrier | None:
    """Return the carrier of a key, a name or a marketplace's word, in any case; None for one that is not known."""
    asked = text.strip().casefold()
    for carrier in known_carriers():
        if asked in {w.casefold() for w in (carrier.key, carrier.name, *carrier.codes.values())}:
            return carrier
    return None


def resolve_carrier(
    channel: str, tracking: str, decisions: Mapping[str, Decision], used: Sequence[str] = ()
) -> ChosenCarrier | NoCarrier:
    """Return the carrier of a tracking number: by decision of the channel, of all channels, else by its shape.

    `used` are the names that the channel shows on other parcels, the most frequent first: they rank the proposals.
    """
    for scope in (channel, "*"):
        decided = _decided(scope, tracking, decisions)
        if decided is not None:
            return _by_decision(channel, decided)
    compact = tracking.replace(" ", "")
    fitting = [c for c in known_carriers() if c.pattern.fullmatch(compact)]
    if len(fitting) == 1:
        carrier = fitting[0]
        vendor = channel.partition(".")[0]
        if vendor in _REFUSED_BY.get(carrier.key, ()):
            return NoCarrier(f"{channel} does not allow parcels of {carrier.name}", (), is_refused=True)
        return _chosen(channel, carrier, None, None, f"{tracking} has the shape of {carrier.name}")
    if fitting:
        names = tuple(c.name for c in fitting)
        return NoCarrier(f"{tracking} can be a number of {' or '.join(names)}", names)
    return NoCarrier(f"{tracking} has the shape of no known carrier", _nearest(used))


def _decided(scope: str, tracking: str, decisions: Mapping[str, Decision]) -> Decision | None:
    # The longest pattern says most; `*` stands for every parcel of the channel.
    mine = [(s.partition("|")[2], d) for s, d in decisions.items() if s.partition("|")[0] == scope]
    for pattern, decision in sorted(mine, key=lambda p: (-len(p[0]), p[0])):
        if pattern == "*" or re.fullmatch(pattern, tracking, re.IGNORECASE):
            return decision
    return None


def _by_decision(channel: str, decision: Decision) -> ChosenCarrier:
    said, value = str(decision.value["carrier"]), decision.value
    method, url = value.get("method"), value.get("tracking_url")
    how, carrier = f"decided by {decision.decided_by}", carrier_named(said)
    if carrier is None:
        return ChosenCarrier(said, None, method, url, how)
    return _chosen(channel, carrier, method, url, how)


def _chosen(channel: str, carrier: Carrier, method: str | None, url: str | None, how: str) -> ChosenCarrier:
    code = carrier.codes.get(channel.partition(".")[0])
    return ChosenCarrier(carrier.name, code, method, url or carrier.tracking_url or None, how)


def _nearest(used: Sequence[str]) -> tuple[str, ...]:
    """Return known carriers, nearest to the names in use on the channel first."""
    found: list[str] = []
    for text in used:
        exact = carrier_named(text)
        near = exact or max(known_carriers(), key=lambda c: SequenceMatcher(None, c.name.lower(), text.lower()).ratio())
        if near.name not in found:
            found.append(near.name)
    return tuple(found[:_MOST_PROPOSED])


def carrier_problem(subject: str, value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision of kind `carrier`, None where it can be used."""
    channel, bar, pattern = subject.partition("|")
    if not (channel and bar and pattern):
        return "the subject is channel|pattern of the tracking number (either may be *)"
    if pattern != "*":
        try:
            re.compile(pattern)
        except re.error as error:
            return f"the pattern {pattern!r} cannot be read: {error}"
    extra = sorted(set(value) - {"carrier", "method", "tracking_url"})
    if extra or not str(value.get("carrier") or "").strip():
        return f"has the unknown field {', '.join(extra)}" if extra else "lacks carrier"
    url = value.get("tracking_url")
    if url is not None and not re.fullmatch(r"https?://\S+", str(url)):
        return f"tracking_url {url!r} is no address, such as https://carrier.example/{{tracking}}"
    return None
