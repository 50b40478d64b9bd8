"""How a channel's settlements are posted: what a person settles once, and the dimensions that every line carries."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from reconcile.settlement.accounts import LedgerAccount

__all__ = ["DimensionRule", "Dimensions", "JournalPolicy", "policy_problem"]

#: What a memo pattern may name.
_HEADER_WORDS = {"channel", "settlement", "period", "document"}
_LINE_WORDS = _HEADER_WORDS | {"label"}


@dataclass(frozen=True, slots=True)
class JournalPolicy:
    """What a person settles once for all settlements of a channel.

    `facilitator_tax`: "net" lets tax collected and tax withheld by the marketplace cancel on one line, so that only
    tax the seller owes remains; "liability" posts both. `suspense_key`: account key for lines without a rule; None
    lets them block the journal. `line_limit`: lines that NetSuite takes in one journal; longer ones are cut.
    `memo`, `line_memo`: patterns of {channel}, {settlement}, {period}, {document}, on lines also {label}.
    `location`, `entity`: where lines have neither by their account: none, the channel's own, or (location) by who
    fulfilled. `rate`: NetSuite looks up the exchange rate, or it is sent as the mirror has it. `deferred`: whether
    money that the marketplace holds back at a month's end is accrued. `model`: the kind of document that posts a part.
    `payout`: which payouts that the bank confirms are posted out of clearing into the bank's account: those in another
    currency than the bank's or the books', all, or none (somebody else does it).
    """

    facilitator_tax: Literal["net", "liability"] = "net"
    suspense_key: str | None = None
    line_limit: int = 1000
    memo: str = "{channel} settlement {settlement}, {period}"
    line_memo: str = "{label}"
    location: Literal["account", "channel", "fulfilment"] = "account"
    entity: Literal["account", "customer"] = "account"
    rate: Literal["netsuite", "mirror"] = "netsuite"
    deferred: Literal["ignore", "accrue"] = "ignore"
    model: Literal["journal", "deposit", "cash_sale"] = "journal"
    payout: Literal["converted", "all", "ignore"] = "converted"


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """Dimensions of the lines that all selectors fit; a selector that is None fits every line.

    `month` is one (2026-11), or one and all after it (2026-11..).
    """

    account_key: str | None = None
    #: channel or seller
    fulfilled_by: str | None = None
    month: str | None = None
    department_id: str | None = None
    class_id: str | None = None
    location_id: str | None = None
    entity_id: str | None = None

    def fits(self, fulfilled_by: str | None, month: str | None) -> bool:
        """Tell whether a line of these is meant; what the line does not have no selector fits."""
        if self.fulfilled_by is not None and self.fulfilled_by != fulfilled_by:
            return False
        if self.month is None:
            return True
        first, later, _ = self.month.partition("..")
        return month is not None and (month >= first if later else month == first)


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What a channel's routing puts on lines whose account does not say otherwise; ids are the ERP's."""

    subsidiary_id: str | None = None
    department_id: str | None = None
    class_id: str | None = None
    #: Where the seller ships from, and where the marketplace does.
    location_id: str | None = None
    channel_location_id: str | None = None
    customer_id: str | None = None
    #: Decided for some lines of the channel, the most telling first.
    rules: tuple[DimensionRule, ...] = ()

    def on(
        self,
        account: LedgerAccount,
        fulfilled_by: str | None,
        policy: JournalPolicy,
        *,
        key: str | None = None,
        month: str | None = None,
    ) -> LedgerAccount:
        """Return the account with all its dimensions; `key` is its account key, `month` (YYYY-MM) that of the lines.

        Each dimension is, in this order, that of a rule for the account key, the account's own, that of a rule for all
        accounts, and the channel's.
        """
        location = None
        if policy.location == "channel" or (policy.location == "fulfilment" and fulfilled_by == "seller"):
            location = self.location_id
        elif policy.location == "fulfilment" and fulfilled_by == "channel":
            location = self.channel_location_id
        fitting = [rule for rule in self.rules if rule.fits(fulfilled_by, month)]
        exact = [rule for rule in fitting if rule.account_key is not None and rule.account_key == key]
        general = [rule for rule in fitting if rule.account_key is None]

        def chosen(name: str, usual: str | None) -> str | None:
            said = (getattr(one, name) for one in (*exact, account, *general))
            return next((value for value in said if value), usual)

        return replace(
            account,
            department_id=chosen("department_id", self.department_id),
            class_id=chosen("class_id", self.class_id),
            location_id=chosen("location_id", location),
            entity_id=chosen("entity_id", self.customer_id if policy.entity == "customer" else None),
        )


def policy_problem(value: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a policy that a person wrote, None where it can be used."""
    hints = get_type_hints(JournalPolicy)
    known = {f.name for f in fields(JournalPolicy)}
    if unknown := sorted(set(value) - known):
        return f"{', '.join(unknown)} is unknown; use {', '.join(sorted(known))}"
    for name, said in value.items():
        choices = get_args(hints[name])
        if name == "suspense_key":
            if not (said is None or (isinstance(said, str) and said)):
                return "suspense_key is an account key"
        elif choices and said not in choices:
            return f"{name} is {' or '.join(choices)}"
    limit = value.get("line_limit", 1000)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 2:
        return "line_limit is a whole number from 2"
    for name, words in (("memo", _HEADER_WORDS), ("line_memo", _LINE_WORDS)):
        if (wrong := _pattern_problem(value.get(name, ""), words)) is not None:
            return f"{name} {wrong}"
    return None


def _pattern_problem(pattern: object, words: set[str]) -> str | None:
    names = ", ".join(f"{{{w}}}" for w in sorted(words))
    if not isinstance(pattern, str):
        return "is a text"
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        return f"is no pattern: {error}"
    # A field with an index, an attribute or a format could reach further than the words that are offered.
    plain = all(name is None or (name in words and not spec and not turn) for _, name, spec, turn in parts)
    return None if plain else f"may name {names} only"
