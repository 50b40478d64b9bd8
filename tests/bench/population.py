"""A made-up customer file with a known truth: duplicates as people and shops really make them, and strangers alike.

Seeded; the same seed gives the same people. Strangers that must not be linked are as frequent as in a real file:
households at one address, father and son of one name, couples with one mailbox, companies, the common names.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from tempfile import NamedTemporaryFile

import duckdb

__all__ = ["Population", "Record", "make_population", "put_customers"]

_FIRST = (
    "James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark"
    " Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob Gary"
    " Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Mary"
    " Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley"
    " Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Dorothy Amy"
    " Kathleen Angela Shirley Emma Brenda Pamela Nicole Anna Samantha Katherine Christine Helen Debra Rachel Carolyn"
    " Janet Maria Catherine Heather Diane Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly Christina Joan Evelyn"
    " José Jürgen Zoë Søren Łukasz Chloé"
).split()
_COMMON = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson"
    " Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker"
    " Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell"
    " Carter Roberts Müller O'Brien Núñez"
).split()
#: Only some of these are in the program's own table: a real file has nicknames that no table knows.
_SHORT = {
    "James": ("Jim", "Jimmy"), "Robert": ("Bob", "Rob"), "Michael": ("Mike", "Mick"), "William": ("Bill", "Will"),
    "Richard": ("Rick", "Dick"), "Joseph": ("Joe",), "Thomas": ("Tom",), "Charles": ("Chuck", "Charlie"),
    "Christopher": ("Chris",), "Daniel": ("Dan",), "Matthew": ("Matt",), "Anthony": ("Tony",), "Steven": ("Steve",),
    "Andrew": ("Andy",), "Joshua": ("Josh",), "Kenneth": ("Ken",), "Edward": ("Ed", "Ned"), "Samuel": ("Sam",),
    "Patricia": ("Pat", "Trish"), "Jennifer": ("Jen", "Jenny"), "Elizabeth": ("Liz", "Beth", "Libby"),
    "Susan": ("Sue",), "Margaret": ("Peggy", "Maggie", "Meg"), "Katherine": ("Kate", "Kathy", "Kit"),
    "Deborah": ("Debbie",), "Rebecca": ("Becky",), "Stephanie": ("Steph",), "Alexander": ("Alex", "Sasha"),
    "Kimberly": ("Kim",), "Barbara": ("Barb", "Babs"), "Pamela": ("Pam",), "Virginia": ("Ginny",),
}  # fmt: skip
_SYLLABLES = (
    "ba be bo da de do fa fi ga go ha he ka ko la le lo ma me mo na ne no pa po ra re ro sa se so ta te to va wi"
)
_SYLLABLES_OF = _SYLLABLES.split()
_ENDINGS = ("son", "man", "ley", "ton", "berg", "ski", "well", "ford", "er", "ini", "ez", "sen")
_TREES = "Oak Elm Maple Cedar Pine Lake Hill River Park Main Church Mill Spring Ridge Sunset Franklin Washington"
_STREETS = _TREES.split()
_KINDS = (("Street", "St", "St."), ("Avenue", "Ave", "Av."), ("Road", "Rd", "Rd."), ("Drive", "Dr", "Dr."),
          ("Lane", "Ln", "Ln."), ("Court", "Ct", "Ct."))  # fmt: skip
_MAIL = ("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "aol.com", "example.org", "example.net")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Record:
    """One customer record or buyer; `who` is the truth: equal numbers are one person."""

    who: int
    first: str
    last: str
    company: str | None
    email: str | None
    phone: str | None
    street: str | None
    postal: str | None


@dataclass(frozen=True, slots=True)
class Population:
    """`customers` are the ERP's file (with duplicates), `buyers` are orders' buyers: some known, some new."""

    customers: Sequence[Record]
    buyers: Sequence[Record]


class _Maker:
    def __init__(self, seed: int, people: int) -> None:
        self.rng = random.Random(seed)
        self.lasts = _COMMON + [self._word() for _ in range(max(people // 12, 400))]
        # As in a census: few names are very common, the tail is long.
        self.steps = list(accumulate(1 / (n + 8) ** 0.95 for n in range(len(self.lasts))))
        self.firsts = list(accumulate(1 / (n + 6) ** 0.7 for n in range(len(_FIRST))))
        self.postals = [f"{self.rng.randrange(501, 99950):05d}" for _ in range(max(people // 45, 60))]
        self.next_who = 0
        self.mailboxes: set[str] = set()

    def _word(self) -> str:
        middle = "".join(self.rng.choice(_SYLLABLES_OF) for _ in range(self.rng.choice((1, 2, 2, 3))))
        return (middle + self.rng.choice(_ENDINGS)).capitalize()

    def pick(self, values: Sequence[str], steps: Sequence[float]) -> str:
        return values[bisect(steps, self.rng.random() * steps[-1])]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def phone(self) -> str:
        return f"({self.rng.randrange(201, 990)}) {self.rng.randrange(200, 999)}-{self.rng.randrange(0, 9999):04d}"

    def place(self) -> tuple[str, str]:
        name = self.rng.choice(_STREETS) if self.chance(0.4) else self._word()
        unit = f" Apt {self.rng.randrange(1, 40)}" if self.chance(0.2) else ""
        return f"{self.rng.randrange(1, 4999)} {name} {self.rng.choice(_KINDS)[0]}{unit}", self.rng.choice(self.postals)

    def email(self, first: str, last: str) -> str:
        f, n = first.lower(), last.lower().replace("'", "")
        number = str(self.rng.randrange(1, 99)) if self.chance(0.55) else ""
        local = self.rng.choice((f"{f}.{n}", f"{f[0]}{n}", f"{f}{n}", f"{n}.{f}", f"{f}_{n}"))
        plain = local.encode("ascii", "ignore").decode()
        made = f"{plain}{number}@{self.rng.choice(_MAIL)}"
        while made in self.mailboxes:
            # No two people have one address; namesakes take a number.
            made = made.replace("@", f"{self.rng.randrange(1, 99)}@")
        self.mailboxes.add(made)
        return made

    def person(self, last: str, street: str, postal: str, phone: str | None) -> Record:
        first = self.pick(_FIRST, self.firsts)
        self.next_who += 1
        email = self.email(first, last) if self.chance(0.75) else None
        own = self.phone() if self.chance(0.72) else phone
        return Record(self.next_who, first, last, None, email, own, street, postal)

    def household(self) -> list[Record]:
        last, (street, postal) = self.pick(self.lasts, self.steps), self.place()
        if self.chance(0.03):
            return self._company(street, postal)
        phone = self.phone() if self.chance(0.6) else None
        size = self.rng.choices((1, 2, 3, 4), (78, 13, 6, 3))[0]
        found = [self.person(last, street, postal, phone) for _ in range(size)]
        # A namesake within a household is a son of his father's name, made below.
        found = list({r.first: r for r in found}.values())
        if self.chance(0.05) and len(found) > 1 and found[0].email:
            found[1] = replace(found[1], email=found[0].email)
        if self.chance(0.006):
            found.append(self._son(found[0]))
        return found

    def _son(self, father: Record) -> Record:
        self.next_who += 1
        mark = self.rng.choice((" Jr", " Jr.", " II", ""))
        last, first = (f"{father.last}{mark}", father.first) if mark else (father.last, f"{father.first} T")
        if self.chance(0.03):
            # Nobody can tell these two apart by what a record holds.
            last, first = father.last, father.first
        return replace(
            father, who=self.next_who, first=first, last=last, email=self.email(father.first, father.last),
            phone=self.phone() if self.chance(0.7) else father.phone,
        )  # fmt: skip

    def _company(self, street: str, postal: str) -> list[Record]:
        self.next_who += 1
        name = f"{self._word()} {self.rng.choice(('Supply', 'Dental', 'Foods', 'Works'))}"
        mail = f"{self.rng.choice(('info', 'office', 'sales'))}@{name.split()[0].lower()}.example.com"
        full = f"{name} {self.rng.choice(('Inc', 'LLC', 'Ltd'))}"
        made = [Record(self.next_who, "", "", full, mail, self.phone(), street, postal)]
        if self.chance(0.3):
            # An employee who buys for himself from the company's mailbox.
            made.append(replace(self.person(self.pick(self.lasts, self.steps), street, postal, None), email=mail))
        return made

    def typo(self, text: str) -> str:
        if len(text) < 4:
            return text
        at = self.rng.randrange(1, len(text) - 1)
        letter = self.rng.choice(_LETTERS)
        kind = self.rng.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + letter + text[at:]
        if kind == 2:
            return text[:at] + letter + text[at + 1 :]
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    def again(self, of: Record) -> Record:
        """Return the same person as another clerk, shop or channel wrote him down."""
        made = replace(of, street=self._street(of), postal=of.postal, email=self._email(of), phone=self._phone(of))
        if self.chance(0.2):
            street, postal = self.place()
            made = replace(made, street=street, postal=postal)
        elif self.chance(0.08):
            made = replace(made, street=None, postal=None)
        return made if made.company else self._named(made)

    def _named(self, made: Record) -> Record:
        chance = self.rng.random()
        if chance < 0.10:
            return replace(made, first=self.typo(made.first))
        if chance < 0.18:
            return replace(made, last=self.typo(made.last))
        if chance < 0.30 and made.first in _SHORT:
            return replace(made, first=self.rng.choice(_SHORT[made.first]))
        if chance < 0.36:
            return replace(made, first=made.first[0])
        if chance < 0.40:
            return replace(made, first=made.last, last=made.first)
        if chance < 0.43:
            return replace(made, last=self.pick(self.lasts, self.steps))
        if chance < 0.45:
            return replace(made, first=f"{made.first} {self.rng.choice('ABCDEJLMR')}")
        if chance < 0.50:
            return replace(made, first=made.first.upper(), last=made.last.upper())
        return made

    def _street(self, of: Record) -> str | None:
        text = of.street or ""
        for kind in _KINDS:
            if self.chance(0.5):
                text = text.replace(f" {kind[0]}", f" {self.rng.choice(kind[1:])}")
        if self.chance(0.3):
            text = text.replace(" Apt ", " #")
        return self.typo(text) if self.chance(0.07) else text

    def _email(self, of: Record) -> str | None:
        chance = self.rng.random()
        if chance < 0.30:
            return None
        if chance < 0.50:
            return f"{self.rng.getrandbits(50):x}@marketplace.amazon.com"
        if chance < 0.62 and not of.company:
            return self.email(of.first, of.last)
        if chance < 0.69 and of.email:
            local, _, domain = of.email.partition("@")
            return f"{self.typo(local)}@{domain}" if self.chance(0.7) else f"{local}@{self.typo(domain)}"
        return of.email

    def _phone(self, of: Record) -> str | None:
        chance = self.rng.random()
        if chance < 0.25 or of.phone is None:
            return None
        if chance < 0.40:
            return self.phone()
        digits = "".join(c for c in of.phone if c.isdigit())
        return self.rng.choice((f"+1 {digits[:3]}-{digits[3:6]}-{digits[6:]}", digits, f"1{digits}", of.phone))


def make_population(seed: int, size: int, *, duplicates: float = 0.15, buyers: int = 0) -> Population:
    """Return a file of about `size` customers, a share of them duplicates, and buyers, half of them known."""
    maker = _Maker(seed, size)
    people: list[Record] = []
    while len(people) < size * (1 - duplicates) * (1.25 if buyers else 1):
        people += maker.household()
    known = people[: int(size * (1 - duplicates))]
    unknown = people[len(known) :]
    file = known + [maker.again(maker.rng.choice(known)) for _ in range(size - len(known))]
    maker.rng.shuffle(file)
    bought = [_buyer(maker, maker.rng.choice(known)) for _ in range(buyers // 2)]
    bought += [_buyer(maker, maker.rng.choice(unknown)) for _ in range(buyers - buyers // 2)]
    return Population(file, bought)


def _buyer(maker: _Maker, of: Record) -> Record:
    made = maker.again(of)
    if maker.chance(0.8):
        made = replace(made, email=f"{maker.rng.getrandbits(50):x}@marketplace.amazon.com")
    return made if made.street else replace(made, street=of.street, postal=of.postal)


_META = "1 AS version, '' AS row_hash, TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal"


def put_customers(cursor: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> None:
    """Write the records as mirrored customers: their ids are their places in the sequence, from 1."""
    names = ("first_name", "last_name", "company_name", "email", "phone", "street", "postal")
    with NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for n, r in enumerate(records, 1):
            writer.writerow([n, r.first, r.last, r.company, r.email, r.phone, r.street, r.postal])
        file.flush()
        columns = dict.fromkeys(("customer_id", *names), "VARCHAR")
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE made AS SELECT * FROM read_csv('{file.name}', header = false,"
            f" columns = {columns}, nullstr = '')"
        )
    cursor.execute(
        "INSERT INTO customers BY NAME SELECT customer_id, 'CUST' || customer_id AS entity_id, first_name, last_name,"
        f" company_name, email, phone, false AS inactive, {_META} FROM temp.made"
    )
    cursor.execute(
        "INSERT INTO customer_addresses BY NAME SELECT customer_id, '1' AS address_id, 1 AS position,"
        " street AS address1, postal AS postal_code, 'US' AS country, true AS default_shipping,"
        " true AS default_billing, 1 AS version"
        " FROM temp.made WHERE street IS NOT NULL"
    )
    cursor.execute("DROP TABLE temp.made")
