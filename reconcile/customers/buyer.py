"""A buyer as an order shows him, and the normal forms by which two people are taken for one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from reconcile.customers.forms import EMAIL, RELAY, SHARED_MAILBOX, nicknames
from reconcile.mapping.routing import prefix_of
from sync.records import Order

__all__ = [
    "Buyer",
    "buyer_of",
    "is_relay",
    "names_agree",
    "normal_address",
    "normal_name",
    "normal_phone",
    "own_email",
    "split_name",
    "visible",
]

#: Addresses that marketplaces put before the buyer's own: one buyer has many, and they end.
_RELAY = re.compile(RELAY, re.IGNORECASE)
_EMAIL = re.compile(EMAIL)
_WORD = re.compile(r"\w+")
_SHARED = re.compile(SHARED_MAILBOX)
#: What NetSuite keeps of a first or last name.
_LONGEST_NAME = 32
#: Names so like each other (of 100) are one with a typing error.
_ALIKE = 88
#: Forms of so many texts are kept: one buyer's are asked for a dozen times in a cycle.
_REMEMBERED = 32_768
_ABBREVIATIONS = {
    "street": "st", "str": "st", "strasse": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr",
    "lane": "ln", "court": "ct", "boulevard": "blvd", "place": "pl", "apartment": "apt", "suite": "ste",
    "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, where it goes."""

    channel: str
    order_id: str
    name: str | None
    email: str | None
    ship_name: str | None
    address1: str | None
    address2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    phone: str | None

    @property
    def shown_name(self) -> str:
        """Return the buyer's name, else the one on the parcel, else nothing."""
        return (self.name or self.ship_name or "").strip()

    @property
    def address_key(self) -> str | None:
        """Return the normal form of name, street and postal code, None where one is missing."""
        return normal_address(self.shown_name, self.address1, self.postal_code, self.country)

    @property
    def external_id(self) -> str:
        """Return the identity of a customer made for this buyer: the same for all his orders of the channel.

        By name and address; without an address by e-mail, without that by order.
        """
        seed = self.address_key or (self.email or "").casefold() or f"{self.channel}/{self.order_id}"
        return _identity(self.channel, seed)


@lru_cache(maxsize=_REMEMBERED)
def _identity(channel: str, seed: str) -> str:
    digest = hashlib.sha256(f"{channel}\n{seed}".encode()).hexdigest()[:20]
    return f"{prefix_of(channel)}-CUST-{digest}"


def is_relay(email: str) -> bool:
    """Tell whether a marketplace made this address up for one buyer or one order."""
    return bool(_RELAY.search(email.strip()))


@lru_cache(maxsize=_REMEMBERED)
def normal_name(text: str) -> str:
    """Return a name in lower case without accents, signs and double blanks ("Müller-Lüdenscheidt" as it sounds)."""
    plain = text.casefold()
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", plain.replace("ß", "ss"))
        plain = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain))


@lru_cache(maxsize=_REMEMBERED)
def normal_address(name: str, street: str | None, postal_code: str | None, country: str | None) -> str | None:
    """Return one text that two spellings of a person at an address share, None where a part is missing."""
    if not (name and street and postal_code):
        return None
    words = re.sub(r"(?<=\w)(?:straße|strasse|str)\b", " st", street.casefold().replace(".", " ").replace("ß", "ss"))
    short = " ".join(_ABBREVIATIONS.get(w, w) for w in normal_name(words).split())
    code = re.sub(r"\W", "", postal_code.casefold())
    if (country or "").upper() in ("US", "USA"):
        code = code[:5]
    return f"{normal_name(name)}|{short}|{code}"


def normal_phone(text: str | None) -> str | None:
    """Return the last nine digits of a phone number, None for none, a short one or all zeros (Walmart's filler)."""
    digits = re.sub(r"\D", "", text or "")
    return digits[-9:] if len(digits) >= 7 and digits.strip("0") else None


def own_email(text: str | None) -> str | None:
    """Return a person's own e-mail address in lower case: valid, no relay, no mailbox of an office; else None."""
    email = (text or "").strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email) or is_relay(email) or _SHARED.match(email):
        return None
    return email


def names_agree(left: str, right: str) -> bool:
    """Tell whether two names can be one person's: the same first name or one like it, an initial, or turned round.

    A name of one word agrees with every name that holds it. Members of a household do not agree.
    """
    a, b = normal_name(left).split(), normal_name(right).split()
    if not a or not b or set(a) <= set(b) or set(b) <= set(a):
        return True
    roots = nicknames()
    first, other = roots.get(a[0], a[0]), roots.get(b[0], b[0])
    if first == other or sorted(a) == sorted(b):
        return True
    if a[-1] != b[-1]:
        return ratio(" ".join(a), " ".join(b)) >= _ALIKE
    return (min(len(a[0]), len(b[0])) == 1 and a[0][0] == b[0][0]) or ratio(a[0], b[0]) >= _ALIKE


def buyer_of(order: Order) -> Buyer:
    """Return the buyer of an order."""
    return Buyer(
        channel=order.channel,
        order_id=order.order_id,
        name=order.buyer_name,
        email=order.buyer_email,
        ship_name=order.ship_name,
        address1=order.ship_address1,
        address2=order.ship_address2,
        city=order.ship_city,
        region=order.ship_region,
        postal_code=order.ship_postal_code,
        country={"USA": "US"}.get(order.ship_country or "", order.ship_country),
        phone=order.ship_phone,
    )


def visible(text: str) -> str:
    """Return a text without control and direction characters and double blanks."""
    kept = (" " if unicodedata.category(c) == "Cc" else c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join("".join(kept).split())


def split_name(name: str) -> tuple[str, str]:
    """Return (first names, last name); a single word is the last name and a dash the first.

    Control characters are left out, each part is cut to what NetSuite keeps (32 characters).
    """
    words = visible(name).split()
    first, last = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else ("-", " ".join(words))
    return first[:_LONGEST_NAME].strip(), last[:_LONGEST_NAME].strip()
