"""What a record type is: its fields, sublists, identity and type code. The tables are in `lists`, `money`, `sales`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["FieldSpec", "Kind", "RecordType", "SublistSpec", "parse_fields"]


class Kind(Enum):
    """How a field's value looks in JSON."""

    TEXT = "s"
    NUMBER = "n"
    INTEGER = "i"
    BOOLEAN = "b"
    DATE = "d"
    MOMENT = "t"
    REFERENCE = "R"
    ENUM = "E"
    ADDRESS = "A"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One body field or sublist column; `target` is the record type a reference points to, or the enum's name."""

    name: str
    kind: Kind
    target: str = ""
    required: bool = False
    computed: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class SublistSpec:
    """One sublist. One with a `key` merges by it on PATCH, any other appends (CONTRACT §2.3).

    A `computed` one is shown and never taken over from a body.
    """

    name: str
    fields: Mapping[str, FieldSpec]
    key: tuple[str, ...] = ()
    computed: bool = False


@dataclass(frozen=True, slots=True)
class RecordType:
    """One record type of the record service.

    `space` says who shares internal ids (all transactions do), `family` who shares the words of a duplicate.
    `fields` and `sublists` are keyed by lower-case name: NetSuite takes names in any case.
    """

    name: str
    family: str
    space: str
    fields: Mapping[str, FieldSpec]
    sublists: Mapping[str, SublistSpec] = field(default_factory=dict)
    #: `transaction.type` of SuiteQL, empty where it is no transaction.
    type_code: str = ""
    #: Item type code of SuiteQL's `item.itemtype`.
    item_type: str = ""
    number_prefix: str = ""
    #: May be made by POST and PUT (fulfilments come from a transform, periods from the user interface).
    creatable: bool = True
    #: Field whose text names the record in references.
    title: str = "name"

    @property
    def is_transaction(self) -> bool:
        """Say whether the record is a transaction."""
        return bool(self.type_code)

    @property
    def table_name(self) -> str:
        """Return the record's name in SuiteQL's `recordtype`: lower case."""
        return self.name.lower()


_TOKEN = re.compile(r"(?P<name>\w+):(?P<kind>[snibdtREA])(?:\((?P<target>\w+)\))?(?P<marks>[!~]*)$")

#: Labels that are not the name in words.
_LABELS = {
    "entity": "Customer",
    "trandate": "Date",
    "acctname": "Name",
    "acctnumber": "Number",
    "accttype": "Type",
    "itemid": "Item Name/Number",
    "entityid": "Customer ID",
    "companyname": "Company Name",
    "taxschedule": "Tax Schedule",
    "isperson": "Individual",
    "subsidiary": "Subsidiary",
}


def _label(name: str) -> str:
    known = _LABELS.get(name.lower())
    return known or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name[0].upper() + name[1:])


def parse_fields(text: str) -> dict[str, FieldSpec]:
    """Read a field table such as `entity:R(customer)! total:n~` into specs keyed by lower-case name.

    `!` required on create, `~` computed by NetSuite (input is ignored).

    Raises:
        ValueError: if an entry does not have that form.
    """
    found: dict[str, FieldSpec] = {}
    for token in text.split():
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError(f"{token!r} is no field entry")
        name, marks = match["name"], match["marks"]
        found[name.lower()] = FieldSpec(
            name, Kind(match["kind"]), match["target"] or "", "!" in marks, "~" in marks, _label(name)
        )
    return found
