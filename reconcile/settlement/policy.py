"""How a channel's settlements are posted: what a person settles once, and the dimensions that every line carries."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from reconcile.settlement.accounts import LedgerAccount

__all__ = ["Dimensions", "JournalPolicy", "policy_problem"]

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
class Dimensions:
    """What a channel's routing puts on lines whose account does not say otherwise; ids are the ERP's."""

    subsidiary_id: str | None = None
    department_id: str | None = None
    class_id: str | None = None
    #: Where the seller ships from, and where the marketplace does.
    location_id: str | None = None
    channel_location_id: str | None = None
    customer_id: str | None = None

    def on(self, account: LedgerAccount, fulfilled_by: str | None, policy: JournalPolicy) -> LedgerAccount:
        """Return the account with all its dimensions; its own come first."""
        location = None
        if policy.location == "channel" or (policy.location == "fulfilment" and fulfilled_by == "seller"):
            location = self.location_id
        elif policy.location == "fulfilment" and fulfilled_by == "channel":
            location = self.channel_location_id
        return replace(
            account,
            department_id=account.department_id or self.department_id,
            class_id=account.class_id or self.class_id,
            location_id=account.location_id or location,
            entity_id=account.entity_id or (self.customer_id if policy.entity == "customer" else None),
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
