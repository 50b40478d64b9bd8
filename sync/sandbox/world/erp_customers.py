"""Buyers as customers of the company: one record a buyer, and a second one of those who are there twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync.sandbox.world.broken import Breakage
from sync.sandbox.world.erp_setup import Company
from sync.sandbox.world.model import Buyer, SalesOrder

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["CustomerDesk", "address_body"]


@dataclass(slots=True)
class CustomerDesk:
    """Remembers which buyer has become which customer."""

    books: NetSuiteBooks
    company: Company
    broken: Breakage
    _customers: dict[str, int] = field(default_factory=dict)

    def of(self, order: SalesOrder, buyer: Buyer, at: datetime) -> int:
        """Return the customer record of an order's buyer, made on the first order."""
        email = buyer.email
        if email not in self._customers:
            number = len(self._customers) + 1
            prefix = "WMT" if order.channel.startswith("walmart") else "AMZ"
            identity = f"{prefix}-CUST-{hashlib.sha256(email.encode()).hexdigest()[:12]}"
            body = self._body(order, buyer, f"CUST{number:05d}") | {"externalId": identity}
            self._customers[email] = self.books.create("customer", body, at=at)
            if email in self.broken.duplicates:
                twin = _second_record(buyer, self.broken.duplicates[email])
                again = self._body(order, twin, f"CUST{number:05d}-1")
                self.books.create("customer", again, at=at + timedelta(minutes=2))
        return self._customers[email]

    def _body(self, order: SalesOrder, buyer: Buyer, entity_id: str) -> dict[str, object]:
        first, _, last = buyer.name.partition(" ")
        body: dict[str, object] = {
            "entityId": entity_id,
            "isPerson": buyer.company is None,
            "email": buyer.email,
            "phone": buyer.address.phone,
            "subsidiary": {"id": str(self.company.subsidiary(order.channel))},
            "currency": {"id": str(self.company.currencies[order.currency])},
            "addressBook": {"items": [{"addressBookAddress": address_body(buyer), "defaultShipping": True}]},
        }
        if buyer.company:
            body["companyName"] = buyer.company
        else:
            # NetSuite keeps 32 characters of a first and of a last name.
            body |= {"firstName": first[:32], "lastName": (last or first)[:32]}
        return body


def _second_record(buyer: Buyer, place: int) -> Buyer:
    """Return the buyer as somebody keyed them a second time.

    In turn: to the letter; from an e-mail with two letters swapped; from a call, with the name as it was heard; after a
    move, from the company's own shop.
    """
    match place % 4:
        case 0:
            return buyer
        case 1:
            name, _, domain = buyer.email.partition("@")
            return replace(buyer, email=f"{name[:2]}{name[3]}{name[2]}{name[4:]}@{domain}")
        case 2:
            heard = _misspelled(buyer.name)
            return replace(buyer, name=heard, email=_private(buyer), address=replace(buyer.address, name=heard))
        case _:
            moved = replace(buyer.address, line1="27 Harbour View", line2=None)
            return replace(buyer, email=_private(buyer), address=moved)


def _misspelled(name: str) -> str:
    """Return a name as it is heard: the last name's second letter doubled, or one of a pair dropped."""
    first, _, last = name.partition(" ")
    for place in range(1, len(last)):
        if last[place] == last[place - 1]:
            return f"{first} {last[:place]}{last[place + 1 :]}"
    return f"{first} {last[:2]}{last[1:]}"


def _private(buyer: Buyer) -> str:
    """Return an address of the buyer's own; `example.com` belongs to nobody."""
    first, _, last = buyer.name.lower().partition(" ")
    letters = "".join(c for c in f"{first}.{last}" if c.isascii() and (c.isalpha() or c == "."))
    return f"{letters}@example.com"


def address_body(buyer: Buyer) -> dict[str, object]:
    """Return the buyer's address as the record service takes it."""
    address = buyer.address
    shown: dict[str, object] = {
        "addressee": address.name[:83],
        "addr1": address.line1,
        "city": address.city,
        "state": address.region,
        "zip": address.postal_code,
        "country": {"id": address.country},
        "addrPhone": address.phone,
    }
    if address.line2:
        shown["addr2"] = address.line2
    return shown
