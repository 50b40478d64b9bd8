"""Which category and account key each settlement line has, by rules that are data.

Rules are tried in this order, the first that fits decides: exact triple; (transaction type, amount type); (amount
type, description); description alone, which only reserves and transfers may use; else the line is unmapped. A
description alone would be wrong for others: `Shipping` is a price, a promotion and a fee.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from reconcile.settlement.categories import CATEGORIES, UNMAPPED
from reconcile.settlement.groups import LineGroup, group_lines
from sync.errors import BadInput
from sync.money import total_of
from sync.records import SettlementLine
from sync.settlements import column_of

__all__ = [
    "Classified",
    "Likeness",
    "Placement",
    "Rule",
    "Rules",
    "UnmappedType",
    "classify",
    "classify_groups",
    "folded",
    "load_rules",
    "words_of",
]

ANY = "*"
_BY_DESCRIPTION = {"reserves", "transfers"}
#: Score from which two line types are called alike.
NEAR = 65
_COLUMNS = ["vendor", "transaction_type", "amount_type", "amount_description", "category", "account_key"]
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TO_BLANKS = str.maketrans("_-/", "   ")
_DROPPED = str.maketrans("", "", ' _"\t')


def folded(text: str) -> str:
    """Return a name without case, blanks, underscores and quotes: exports of other tools differ in these only."""
    return text.casefold().translate(_DROPPED)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a line belongs. `rule` says which kind of rule decided: triple, type, amount, description or none."""

    category: str
    account_key: str
    rule: str


NOWHERE = Placement(UNMAPPED.key, UNMAPPED.key, "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rules; `*` stands for any text, a description may end in `*`."""

    vendor: str
    transaction_type: str
    amount_type: str
    amount_description: str
    category: str
    account_key: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """A rule and how like its words are to those asked for, 0 to 100."""

    rule: Rule
    score: float


class Rules:
    """Rules of all vendors, ready for look-up. Later rules replace earlier ones with the same key."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.all = tuple(rules)
        self._exact: dict[tuple[str, str, str, str], Placement] = {}
        self._prefixes: list[tuple[str, str, Placement]] = []
        for rule in self.all:
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        kinds = tuple(ANY if text == ANY else folded(text) for text in (rule.transaction_type, rule.amount_type))
        text = ANY if rule.amount_description == ANY else folded(rule.amount_description)
        match (kinds[0] == ANY, kinds[1] == ANY, text == ANY):
            case (False, False, False):
                kind = "triple"
            case (False, False, True):
                kind = "type"
            case (True, False, False):
                kind = "amount"
            case (True, True, False) if rule.category in _BY_DESCRIPTION:
                kind = "description"
            case _:
                raise BadInput(
                    "a rule must name a triple, (transaction type, amount type) or (amount type, description); a "
                    "description alone is for reserves and transfers",
                    remedy="Name the amount type",
                    value=f"{rule.transaction_type} / {rule.amount_type} / {rule.amount_description}",
                )
        placement = Placement(rule.category, rule.account_key, kind)
        if text.endswith(ANY) and text != ANY:
            self._prefixes.append((rule.vendor, text[:-1], placement))
        self._exact[(rule.vendor, kinds[0], kinds[1], text)] = placement

    def place(self, vendor: str, transaction_type: str, amount_type: str, description: str) -> Placement:
        """Return where a line type belongs; category `unmapped` where no rule fits."""
        kind, amount, text = folded(transaction_type), folded(amount_type), folded(description)
        for key in ((kind, amount, text), (kind, amount, ANY), (ANY, amount, text), (ANY, ANY, text)):
            found = self._exact.get((vendor, *key))
            if found:
                return found
        prefixed = (p for v, prefix, p in reversed(self._prefixes) if v == vendor and text.startswith(prefix))
        return next(prefixed, NOWHERE)

    def nearest(self, vendor: str, transaction_type: str, amount_type: str, description: str) -> Rule | None:
        """Return the rule whose words are most like these, None where none is near (score below 65 of 100)."""
        found = self.most_like(vendor, transaction_type, amount_type, description, limit=1)
        return found[0].rule if found else None

    def most_like(
        self,
        vendor: str,
        transaction_type: str,
        amount_type: str,
        description: str,
        *,
        limit: int,
        score: float = NEAR,
    ) -> list[Likeness]:
        """Return up to `limit` rules of a vendor with at least that score, the most like first."""
        # Loaded here: most runs meet no unknown type, and the console starts with this module.
        from rapidfuzz import fuzz, process

        candidates = {
            i: words_of(r.transaction_type, r.amount_type, r.amount_description)
            for i, r in enumerate(self.all)
            if r.vendor == vendor
        }
        asked = words_of(transaction_type, amount_type, description)
        found = process.extract(asked, candidates, scorer=fuzz.token_set_ratio, score_cutoff=score, limit=limit)
        return [Likeness(self.all[place], likeness) for _, likeness, place in found]

    def with_rules(self, rules: Iterable[Rule]) -> Rules:
        """Return these rules with more, which win where the key is the same."""
        return Rules([*self.all, *rules])


def words_of(*names: str) -> str:
    """Return names as words: `FBAInventory_StorageFee` → `fbainventory storage fee`."""
    spaced = (_INNER_CAPITAL.sub(" ", name) for name in names if name != ANY)
    return " ".join(" ".join(spaced).translate(_TO_BLANKS).casefold().split())


def load_rules(path: Path | None = None) -> Rules:
    """Return the rules that ship with the program, or those of a CSV file with the same columns.

    Raises:
        BadInput: a column is missing, a category is unknown, two rules contradict.
    """
    source = path or files("data").joinpath("settlement_rules.csv")
    name = str(path or "settlement_rules.csv")
    known = {c.key for c in CATEGORIES}
    seen: dict[tuple[str, ...], int] = {}
    rules = []
    with source.open(encoding="utf-8") as text:
        reader = csv.DictReader(text)
        if reader.fieldnames != _COLUMNS:
            raise BadInput("the columns differ", remedy=f"Name them {','.join(_COLUMNS)}", file=name, line=1)
        for number, row in enumerate(reader, start=2):
            if row["category"] not in known or not row["account_key"]:
                raise BadInput(
                    "unknown category or no account key",
                    remedy=f"Use one of {', '.join(sorted(known))}",
                    file=name,
                    line=number,
                    value=row["category"],
                )
            key = (row["vendor"], *(folded(row[c]) for c in _COLUMNS[1:4]))
            if key in seen:
                raise BadInput(f"the same key as line {seen[key]}", remedy="Keep one", file=name, line=number)
            seen[key] = number
            rules.append(Rule(**row))
    return Rules(rules)


@dataclass(frozen=True, slots=True)
class UnmappedType:
    """A line type that no rule knows: what is at stake, and what it is most like."""

    transaction_type: str
    amount_type: str
    amount_description: str
    #: Signed sum in the settlement's currency.
    amount: Decimal
    count: int
    first_posted: date
    #: Names of the nearest known type, and its category and account as a proposal; None where none is near.
    nearest: str | None
    proposed_category: str | None
    proposed_account_key: str | None


@dataclass(frozen=True, slots=True)
class Classified:
    """Groups of one settlement's lines and where each belongs."""

    vendor: str
    groups: tuple[LineGroup, ...]
    placements: Mapping[tuple[str, str, str], Placement]
    unmapped: tuple[UnmappedType, ...]

    def of(self, line: SettlementLine | LineGroup) -> Placement:
        """Return where a line of this settlement belongs."""
        return self.placements[(line.transaction_type, line.amount_type, line.amount_description)]

    @property
    def unmapped_lines(self) -> int:
        """Return how many lines no rule knows."""
        return sum(u.count for u in self.unmapped)

    def __iter__(self) -> Iterator[tuple[LineGroup, Placement]]:
        return ((group, self.of(group)) for group in self.groups)


def classify(lines: Sequence[SettlementLine], rules: Rules) -> Classified:
    """Place every line of one settlement: each is in exactly one group, each group has exactly one placement.

    The vendor is the first part of the lines' channel.
    """
    channel = str(column_of(lines, "channel")[0]) if lines else ""
    return classify_groups(channel.partition(".")[0], group_lines(lines), rules)


def classify_groups(vendor: str, groups: Sequence[LineGroup], rules: Rules) -> Classified:
    """Place groups that were summed elsewhere, such as by SQL; see `classify`."""
    placements = {group.line_type: rules.place(vendor, *group.line_type) for group in groups}
    unknown: dict[tuple[str, str, str], list[LineGroup]] = {}
    for group in groups:
        if placements[group.line_type] is NOWHERE:
            unknown.setdefault(group.line_type, []).append(group)
    unmapped = tuple(_unmapped(vendor, kind, found, rules) for kind, found in unknown.items())
    return Classified(vendor, tuple(groups), placements, unmapped)


def _unmapped(vendor: str, kind: tuple[str, str, str], groups: list[LineGroup], rules: Rules) -> UnmappedType:
    near = rules.nearest(vendor, *kind)
    return UnmappedType(
        *kind,
        amount=total_of(g.amount for g in groups),
        count=sum(g.count for g in groups),
        first_posted=min(g.first_posted for g in groups),
        nearest=" / ".join((near.transaction_type, near.amount_type, near.amount_description)) if near else None,
        proposed_category=near.category if near else None,
        proposed_account_key=near.account_key if near else None,
    )
