"""What the documents of a settlement are called in the ERP, and which of several versions counts now.

`AMZ-SETTLE-700-202611` is a month part; `-2`, `-3` are further pieces of one too long for a single document; `-v2`,
`-v3` replace one that was reversed; `-R` reverses the document before it.

`AMZ-PAYOUT-700-OUT` takes a settlement's payout out of clearing, `AMZ-PAYOUT-700-IN` brings it into the bank's account;
`-OUT-2` is there where the settlement's documents stand at several rates. Versions and reversals are named alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

__all__ = [
    "PartName",
    "PayoutName",
    "current_name",
    "part_name",
    "payout_name",
    "prefix",
    "read_name",
    "read_payout_name",
    "reversal_of",
    "versioned",
]

_PREFIX = {"amazon": "AMZ", "walmart": "WMT"}
_NAMED = re.compile(
    r"(?P<base>(?P<prefix>[A-Z]+)-SETTLE-(?P<settlement>.+)-(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?:-[0-9]{1,5})?)"
    r"(?:-v(?P<version>[0-9]{1,5}))?(?P<reversal>-R)?"
)


_PAYOUT = re.compile(
    r"(?P<base>(?P<prefix>[A-Z]+)-PAYOUT-(?P<settlement>.+)-(?:OUT(?:-[0-9]{1,5})?|IN))"
    r"(?:-v(?P<version>[0-9]{1,5}))?(?P<reversal>-R)?"
)


@dataclass(frozen=True, slots=True)
class PartName:
    """An external id, taken apart. `base` is the first version's: prefix, settlement, month and piece."""

    base: str
    prefix: str
    settlement_id: str
    #: YYYY-MM.
    period: str
    version: int
    is_reversal: bool

    @property
    def original(self) -> str:
        """Return the external id of the document itself: of what a reversal reverses, else its own."""
        return versioned(self.base, self.version)


@dataclass(frozen=True, slots=True)
class PayoutName:
    """The external id of one leg of a payout, taken apart; `base` is the first version's."""

    base: str
    prefix: str
    settlement_id: str
    version: int
    is_reversal: bool


def prefix(channel: str) -> str:
    """Return what external ids of a channel begin with: AMZ, WMT, or the vendor's name in capitals."""
    vendor = channel.partition(".")[0]
    return _PREFIX.get(vendor, vendor.upper())


def part_name(channel: str, settlement_id: str, period: str) -> str:
    """Return the external id of a settlement's month part; `period` is YYYY-MM."""
    return f"{prefix(channel)}-SETTLE-{settlement_id}-{period.replace('-', '')}"


def read_name(external_id: str) -> PartName | None:
    """Return an external id of a settlement's document taken apart, None for any other."""
    found = _NAMED.fullmatch(external_id)
    if found is None:
        return None
    return PartName(
        found["base"],
        found["prefix"],
        found["settlement"],
        f"{found['year']}-{found['month']}",
        int(found["version"] or 1),
        found["reversal"] is not None,
    )


def payout_name(channel: str, settlement_id: str) -> str:
    """Return what the external ids of a payout's legs begin with."""
    return f"{prefix(channel)}-PAYOUT-{settlement_id}"


def read_payout_name(external_id: str) -> PayoutName | None:
    """Return an external id of a payout's leg taken apart, None for any other."""
    found = _PAYOUT.fullmatch(external_id)
    if found is None:
        return None
    version = int(found["version"] or 1)
    return PayoutName(found["base"], found["prefix"], found["settlement"], version, found["reversal"] is not None)


def versioned(base: str, version: int) -> str:
    """Return the external id of a version, counted from 1."""
    return base if version == 1 else f"{base}-v{version}"


def reversal_of(external_id: str) -> str:
    """Return the external id of what reverses a document."""
    return f"{external_id}-R"


def current_name(base: str, known: Collection[str]) -> str:
    """Return the first version that was not both posted and reversed; `known` are all external ids of the ERP.

    The part is posted where the answer is itself known.
    """
    version = 1
    while (name := versioned(base, version)) in known and reversal_of(name) in known:
        version += 1
    return name
