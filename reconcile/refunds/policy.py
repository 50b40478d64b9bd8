"""How a channel's returns and refunds are booked: decision kind `returns`, subject a channel or `*`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = ["ReturnsPolicy", "returns_policy", "returns_problem"]

_CHOICES = {
    "rma_at": ("approved", "received"),
    "unknown_order": ("person", "stand_alone"),
    "open_invoice": ("refund", "apply"),
}


@dataclass(frozen=True, slots=True)
class ReturnsPolicy:
    """One channel's policy; ids are the ERP's internal ids."""

    #: When the return authorization is made: once the return is approved, or once goods have come.
    rma_at: Literal["approved", "received"] = "approved"
    #: A refund of an order that neither mirror nor ERP knows: a person looks, or a credit of its own.
    unknown_order: Literal["person", "stand_alone"] = "person"
    #: A credit of an invoice that nobody has paid: paid back all the same, or settled against the invoice.
    open_invoice: Literal["refund", "apply"] = "refund"
    #: What money without goods is credited as: keep-it refunds, goodwill, claims.
    refund_item_id: str | None = None
    #: What is kept of a refund; `refund_item_id` where it is not named.
    restocking_item_id: str | None = None
    #: Where the money comes from; the channel's clearing account where it is not named.
    account_id: str | None = None
    payment_method_id: str | None = None
    #: Days that a refund may be in no settlement; two settlement periods and a week where it is not named.
    settled_within_days: int | None = None


def returns_policy(channel: str, decisions: Mapping[str, Decision]) -> ReturnsPolicy:
    """Return a channel's policy, the usual one where nobody has decided.

    Raises:
        BadInput: the decision cannot be used; says which field.
    """
    held = decisions.get(channel) or decisions.get("*")
    if held is None:
        return ReturnsPolicy()
    wrong = returns_problem(held.value)
    if wrong is not None:
        raise BadInput(
            f"the policy of returns of {channel} cannot be used: {wrong}", remedy="Decide it again", value=held.subject
        )
    return ReturnsPolicy(**held.value)


def returns_problem(value: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a decision's value, None where it can be used."""
    known = {f.name for f in fields(ReturnsPolicy)}
    extra = sorted(set(value) - known)
    if extra:
        return f"it has the unknown field {', '.join(extra)}"
    for name, choices in _CHOICES.items():
        if name in value and value[name] not in choices:
            return f"{name} is one of {', '.join(choices)}"
    days = value.get("settled_within_days")
    if days is not None and not (isinstance(days, int) and not isinstance(days, bool) and 0 < days < 1000):
        return "settled_within_days is a number from 1 to 999"
    for name in known - set(_CHOICES) - {"settled_within_days"}:
        if value.get(name) is not None and not isinstance(value[name], str):
            return f"{name} is an id as text"
    return None
