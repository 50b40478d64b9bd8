"""Tax policies: what a line books before tax and as tax."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.mapping.routing import Routing
from reconcile.mapping.tax import apply_tax_policy

CENTS = st.integers(-1_000_00, 10_000_00).map(lambda n: Decimal(n) / 100)


def routing(policy: str, rate: str | None = None) -> Routing:
    return Routing(subsidiary_id="1", tax_policy=policy, tax_rate=Decimal(rate) if rate else None)  # type: ignore[arg-type]


def test_an_included_price_with_tax_beside_it_is_refused() -> None:
    with pytest.raises(ValueError, match="holds it already"):
        apply_tax_policy(routing("included", "19"), [Decimal("11.90")], [Decimal("1.90")], "EUR")


def test_amounts_and_taxes_must_pair() -> None:
    with pytest.raises(ValueError, match="1 amounts with 0 taxes"):
        apply_tax_policy(routing("separate"), [Decimal(1)], [], "EUR")


@pytest.mark.parametrize("changes", [{"tax_policy": "included"}, {"tax_policy": "included", "tax_rate": "100"}])
def test_an_included_policy_needs_a_rate_below_a_hundred(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="tax_rate"):
        Routing.model_validate({"subsidiary_id": "1"} | changes)


@pytest.mark.parametrize(
    ("policy", "net", "tax"),
    [("facilitator", "10.00", None), ("separate", "10.00", "1.90"), ("gross", "11.90", None)],
)
def test_what_each_policy_books_of_ten_and_one_ninety(policy: str, net: str, tax: str | None) -> None:
    (found,) = apply_tax_policy(routing(policy), [Decimal("10.00")], [Decimal("1.90")], "EUR")
    assert (found.net, found.tax) == (Decimal(net), Decimal(tax) if tax else None)


def test_vat_is_rounded_once_for_the_document_and_split_by_largest_remainder() -> None:
    """Three lines of 0.99 hold 0.474 of 19 % VAT: 0.47 in all, where 3 × 0.16 would be 0.48."""
    found = apply_tax_policy(routing("included", "19"), [Decimal("0.99")] * 3, [Decimal(0)] * 3, "EUR")
    assert [f.tax for f in found] == [Decimal("0.16"), Decimal("0.16"), Decimal("0.15")]
    assert sum(f.net for f in found) == Decimal("2.50")


@given(amounts=st.lists(CENTS, min_size=1, max_size=12), rate=st.sampled_from(["0", "7", "19", "20", "25.5"]))
def test_net_and_tax_always_add_to_the_gross_of_every_line(amounts: list[Decimal], rate: str) -> None:
    found = apply_tax_policy(routing("included", rate), amounts, [Decimal(0)] * len(amounts), "EUR")
    for amount, part in zip(amounts, found, strict=True):
        assert part.tax is not None
        assert part.net + part.tax == amount
        assert part.tax == part.tax.quantize(Decimal("0.01"))


@given(amounts=st.lists(CENTS.filter(lambda a: a >= 0), min_size=1, max_size=12))
def test_the_documents_tax_is_within_half_a_cent_of_the_exact_one(amounts: list[Decimal]) -> None:
    found = apply_tax_policy(routing("included", "19"), amounts, [Decimal(0)] * len(amounts), "EUR")
    exact = sum(amounts, Decimal(0)) * 19 / 119
    assert abs(sum((f.tax or Decimal(0) for f in found), Decimal(0)) - exact) <= Decimal("0.005")
