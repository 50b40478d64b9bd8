"""What a line books before tax and as tax, by the channel's policy; the parts always add to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.mapping.routing import Routing
from sync.money import allocate, round_to_minor, total_of

__all__ = ["TaxedAmount", "apply_tax_policy"]


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """An amount before tax and its tax; `tax` is None where the ERP shall not see any."""

    net: Decimal
    tax: Decimal | None


def apply_tax_policy(
    routing: Routing, amounts: Sequence[Decimal], taxes: Sequence[Decimal], currency: str
) -> list[TaxedAmount]:
    """Return net and tax of each amount of one document.

    `amounts` are line totals as the channel names the price, `taxes` the tax that it names beside them.
    facilitator (US: the marketplace collects and remits): the tax stays out. exempt: there is none. separate: as the
    channel says. gross:
    the net holds the tax as well (Germany, where the ERP takes it out). included: Σ amounts holds tax at `tax_rate`;
    the document's tax is rounded once and split by largest remainder, so Σ net + Σ tax = Σ amounts exactly.

    Raises:
        ValueError: amounts and taxes differ in number, or tax is named beside prices that hold it or are exempt.
    """
    if len(amounts) != len(taxes):
        raise ValueError(f"{len(amounts)} amounts with {len(taxes)} taxes")
    if routing.tax_policy == "facilitator":
        return [TaxedAmount(a, None) for a in amounts]
    if routing.tax_policy == "separate":
        return [TaxedAmount(a, t) for a, t in zip(amounts, taxes, strict=True)]
    if routing.tax_policy == "gross":
        return [TaxedAmount(a + t, None) for a, t in zip(amounts, taxes, strict=True)]
    if any(taxes):
        raise ValueError("tax is named beside a price that the policy says holds it already, or has none")
    if routing.tax_policy == "exempt":
        return [TaxedAmount(a, None) for a in amounts]
    return _split_included(routing.tax_rate or Decimal(0), amounts, currency)


def _split_included(rate: Decimal, amounts: Sequence[Decimal], currency: str) -> list[TaxedAmount]:
    # Largest remainder wants weights that are not negative: a line that lowers the document takes its share back.
    signs = [-1 if a < 0 else 1 for a in amounts]
    parts: list[Decimal] = [Decimal(0)] * len(amounts)
    for sign in (1, -1):
        mine = [i for i, s in enumerate(signs) if s == sign]
        gross = total_of(abs(amounts[i]) for i in mine)
        if mine and gross:
            tax = round_to_minor(gross * rate / (100 + rate), currency)
            shares = allocate(tax, [abs(amounts[i]) for i in mine], currency)
            for i, share in zip(mine, shares, strict=True):
                parts[i] = share * sign
    return [TaxedAmount(a - t, t) for a, t in zip(amounts, parts, strict=True)]
