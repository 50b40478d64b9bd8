"""What every journal of a month is derived by, as data: rules, accounts, policies, posting dates, what invoices sold.

Frozen with a close and carried in its binder, so that the journals can be derived again without a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from reconcile.close.canonical import Content, plain
from reconcile.close.lines import Key
from reconcile.controls.control import Evidence
from reconcile.controls.settlements.invoiced import apart_of
from reconcile.mapping.accounts import settlement_rules
from reconcile.mapping.posting import channel_books
from reconcile.settlement import (
    AccountMap,
    Classified,
    Dimensions,
    Journal,
    JournalPolicy,
    LedgerAccount,
    LineGroup,
    Rule,
    Rules,
    classify_groups,
    journals,
)
from reconcile.settlement.groups import set_apart
from reconcile.settlement.policy import DimensionRule
from sync.errors import BadInput
from sync.records import Settlement

__all__ = ["Books", "books_at", "books_from"]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything besides the lines that decides what a settlement's journals are."""

    rules: Rules
    accounts: AccountMap
    policies: Mapping[str, JournalPolicy] = field(default_factory=dict)
    dimensions: Mapping[str, Dimensions] = field(default_factory=dict)
    #: Journal → the day that a person chose for it.
    dates: Mapping[str, date] = field(default_factory=dict)
    #: (channel, settlement id) → the sums of its lines that invoices have sold.
    invoiced: Mapping[Key, Sequence[LineGroup]] = field(default_factory=dict)

    def derive(self, settlement: Settlement, groups: Sequence[LineGroup]) -> tuple[Classified, tuple[Journal, ...]]:
        """Return where the lines belong and the journals of every month part."""
        channel = settlement.channel
        try:
            parted = set_apart(groups, self.invoiced.get((channel, settlement.settlement_id), ()))
        except ValueError:
            # Lines that are others than when it was closed: the journals that they make will tell.
            parted = tuple(groups)
        classified = classify_groups(channel.partition(".")[0], parted, self.rules)
        made = journals(settlement, classified, self.accounts, self.policies.get(channel), self.dimensions.get(channel))
        return classified, tuple(self._dated(journal) for journal in made)

    def _dated(self, journal: Journal) -> Journal:
        day = self.dates.get(journal.external_id)
        return journal if day is None else replace(journal, date=day)

    def as_content(self) -> Content:
        """Return them as a close holds them; `books_from` reads it back."""
        invoiced = [
            {"channel": channel, "settlement_id": settlement_id, **plain(group)}
            for (channel, settlement_id), groups in sorted(self.invoiced.items())
            for group in groups
        ]
        return {
            # Without invoices a close holds what it held before they were set apart.
            **({"invoiced": invoiced} if invoiced else {}),
            "rules": [plain(rule) for rule in self.rules.all],
            "accounts": [
                {"scope": scope, "key": key, **plain(account)}
                for scope, entries in sorted(self.accounts.scopes.items())
                for key, account in sorted(entries.items())
            ],
            "policies": [{"channel": c, **plain(p)} for c, p in sorted(self.policies.items())],
            "dimensions": [{"channel": c, **_dimensions(d)} for c, d in sorted(self.dimensions.items())],
            "dates": [{"external_id": i, "date": d.isoformat()} for i, d in sorted(self.dates.items())],
        }


def books_at(evidence: Evidence, keys: Iterable[Key]) -> Books:
    """Return the books of these settlements at the evidence's moment.

    Raises:
        BadInput: a decision on line types, accounts or policy cannot be used.
    """
    rules, scopes = settlement_rules(evidence.decisions("line_type")), dict[str, Mapping[str, LedgerAccount]]()
    policies, dimensions, wanted = {}, {}, sorted(keys)
    for channel in sorted({channel for channel, _ in wanted}):
        own = channel_books(evidence, channel)
        # What routing adds stands under the channel's own scope.
        scopes = {**own.accounts.scopes, **scopes}
        if channel in own.accounts.scopes:
            scopes[channel] = own.accounts.scopes[channel]
        policies[channel], dimensions[channel] = own.policy, own.dimensions
    dates = {k: date.fromisoformat(str(d.value["date"])) for k, d in evidence.decisions("posting_date").items()}
    invoiced = {key: groups for key in wanted if (groups := apart_of(evidence, *key))}
    return Books(rules, AccountMap(scopes), policies, dimensions, dates, invoiced)


def books_from(content: Mapping[str, Any]) -> Books:
    """Return the books of a close.

    Raises:
        BadInput: they are not what `Books.as_content` wrote.
    """
    try:
        scopes: dict[str, dict[str, LedgerAccount]] = {}
        for held in content["accounts"]:
            scopes.setdefault(held["scope"], {})[held["key"]] = LedgerAccount(**_rest(held, "scope", "key"))
        policies = {held["channel"]: JournalPolicy(**_rest(held, "channel")) for held in content["policies"]}
        dimensions = {
            held["channel"]: Dimensions(
                **_rest(held, "channel", "rules"), rules=tuple(DimensionRule(**r) for r in held.get("rules", ()))
            )
            for held in content["dimensions"]
        }
        dates = {held["external_id"]: date.fromisoformat(held["date"]) for held in content["dates"]}
        rules = Rules(Rule(**held) for held in content["rules"])
        return Books(rules, AccountMap(scopes), policies, dimensions, dates, _invoiced(content.get("invoiced", ())))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadInput(
            f"the rules and accounts of the close cannot be read: {error}",
            remedy="Use the program version that wrote it",
        ) from error


def _invoiced(held: Iterable[Mapping[str, Any]]) -> dict[Key, list[LineGroup]]:
    found: dict[Key, list[LineGroup]] = {}
    for one in held:
        values = _rest(one, "channel", "settlement_id")
        values |= {"amount": Decimal(one["amount"]), "first_posted": date.fromisoformat(one["first_posted"])}
        found.setdefault((one["channel"], one["settlement_id"]), []).append(LineGroup(**values))
    return found


def _dimensions(dimensions: Dimensions) -> Content:
    """Return a channel's dimensions as a close holds them: without rules they are as before there were any."""
    held: Content = plain(dimensions)
    return held if dimensions.rules else _rest(held, "rules")


def _rest(held: Mapping[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name not in without}
