"""A breakdown as a staircase, and in two columns where the terminal is low."""

from __future__ import annotations

from decimal import Decimal

from console.desk import Steps, WaterfallStep
from console.widgets.waterfall import columns_content

STEPS = Steps(
    "USD",
    (
        WaterfallStep("Sales", Decimal("8281.69")),
        WaterfallStep("Marketplace tax withheld by the state of Washington", Decimal("-657.38")),
        WaterfallStep("Payout", Decimal("7624.31"), "total"),
    ),
)


def test_two_columns_hold_every_step_and_its_sign_in_the_width_that_there_is() -> None:
    lines = columns_content(STEPS, 80).plain.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("+ Sales")
    assert lines[0].rstrip().endswith("7,624.31")
    assert "= Payout" in lines[0]
    assert lines[1].startswith("− Marketplace tax")
    assert lines[1].rstrip().endswith("(657.38)")
