"""What every journal of a month is derived by, as data: rules, accounts, policies, posting dates.

Frozen with a close and carried in its binder, so that the journals can be derived again without a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from reconcile.close.canonical import Content, plain
from reconcile.controls.control import Evidence
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

    def derive(self, settlement: Settlement, groups: Sequence[LineGroup]) -> tuple[Classified, tuple[Journal, ...]]:
        """Return where the lines belong and the journals of every month part."""
        classified = classify_groups(settlement.channel.partition(".")[0], groups, self.rules)
        channel = settlement.channel
        made = journals(settlement, classified, self.accounts, self.policies.get(channel), self.dimensions.get(channel))
        return classified, tuple(self._dated(journal) for journal in made)

    def _dated(self, journal: Journal) -> Journal:
        day = self.dates.get(journal.external_id)
        return journal if day is None else replace(journal, date=day)

    def as_content(self) -> Content:
        """Return them as a close holds them; `books_from` reads it back."""
        return {
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


def books_at(evidence: Evidence, channels: Iterable[str]) -> Books:
    """Return the books at the evidence's moment.

    Raises:
        BadInput: a decision on line types, accounts or policy cannot be used.
    """
    rules, scopes = settlement_rules(evidence.decisions("line_type")), dict[str, Mapping[str, LedgerAccount]]()
    policies, dimensions = {}, {}
    for channel in sorted(channels):
        own = channel_books(evidence, channel)
        # What routing adds stands under the channel's own scope.
        scopes = {**own.accounts.scopes, **scopes}
        if channel in own.accounts.scopes:
            scopes[channel] = own.accounts.scopes[channel]
        policies[channel], dimensions[channel] = own.policy, own.dimensions
    dates = {k: date.fromisoformat(str(d.value["date"])) for k, d in evidence.decisions("posting_date").items()}
    return Books(rules, AccountMap(scopes), policies, dimensions, dates)


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
        return Books(rules, AccountMap(scopes), policies, dimensions, dates)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"the rules and accounts of the close cannot be read: {error}",
            remedy="Use the program version that wrote it",
        ) from error


def _dimensions(dimensions: Dimensions) -> Content:
    """Return a channel's dimensions as a close holds them: without rules they are as before there were any."""
    held: Content = plain(dimensions)
    return held if dimensions.rules else _rest(held, "rules")


def _rest(held: Mapping[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name not in without}
