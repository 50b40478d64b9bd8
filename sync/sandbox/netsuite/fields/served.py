"""The record types that this account serves, by name (CONTRACT §4; names from Oracle's REST API Browser)."""

from __future__ import annotations

from sync.sandbox.netsuite.fields.lists import LISTS
from sync.sandbox.netsuite.fields.money import MONEY
from sync.sandbox.netsuite.fields.sales import SALES
from sync.sandbox.netsuite.fields.types import RecordType, parse_fields

__all__ = ["ADDRESS_FIELDS", "RECORD_TYPES", "TAX_FIELDS", "find_type"]

#: Fields of an address, which NetSuite nests as a record of its own.
ADDRESS_FIELDS = parse_fields(
    "addressee:s attention:s addr1:s addr2:s addr3:s city:s state:s zip:s country:E(country) addrPhone:s override:b"
)

#: Body fields and sublists that exist only with SuiteTax: REST has no legacy tax.
TAX_FIELDS = frozenset({"taxdetailsoverride", "taxdetails", "taxdetailsreference"})

#: Every record type by lower-case name.
RECORD_TYPES = {kind.name.lower(): kind for kind in [*SALES, *MONEY, *LISTS]}


def find_type(name: str) -> RecordType | None:
    """Return the record type of that name, in any case; None where there is none."""
    return RECORD_TYPES.get(name.lower())
