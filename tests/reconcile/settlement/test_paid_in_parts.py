"""Which of an order's payments a part of a settlement holds, whichever parts are posted already."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconcile.settlement.paid_in_parts import payments_of_part


@pytest.mark.parametrize(
    ("waiting", "parts", "own", "held"),
    [
        ("1 2", "1 2", 0, (0, 1)),
        ("1 2", "1 2", 1, (1, 2)),
        # Equal amounts: the first part holds the first, also where the other comes to be posted before it.
        ("1 1", "1 1", 0, (0, 1)),
        ("1 1", "1 1", 1, (1, 2)),
        # The other part is posted, and its payment is in its deposit.
        ("1", "1 1", 0, (0, 1)),
        ("1", "1 1", 1, (0, 1)),
        ("1 2 3", "3 3", 0, (0, 2)),
        # Another split than that of the invoices, and what nobody pays.
        ("1 2", "2 1", 0, None),
        ("4", "1 2", 1, None),
        ("", "1", 0, None),
    ],
)
def test_a_part_holds_the_run_of_payments_that_fits_before_and_behind(
    waiting: str, parts: str, own: int, held: tuple[int, int] | None
) -> None:
    said = [[Decimal(one) for one in text.split()] for text in (waiting, parts)]
    assert payments_of_part(*said, own) == held
