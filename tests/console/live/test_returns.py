"""The list of returns over a mirror, its drawer, and what its actions stand for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import ActionRequest, Difference, ViewRequest
from console.live.behind import of_discrepancies
from console.live.details.returns import read
from console.live.returns import discrepancies_of
from console.live.views import open_view
from reconcile.cycle import run_cycle
from sync.errors import BadInput

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import ORDER_ID, World, ready_world
from way_back_world import RETURN_ID, back_world, came_back, document, flush, ledger_refund, sold

KEPT = "111-0000000-0000002"
CONTROLS = ("refund_not_on_channel", "refund_unbooked", "refund_unsettled", "return_unbooked")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One order with a return of one unit, and one with money alone; the second is credited."""
    made = back_world(ready_world())
    ledger_refund(came_back(sold(made)))
    sold(made, order_id=KEPT, bill="CashSale")
    ledger_refund(made, order_id=KEPT, number="T2", refund_id="r2")
    document(made, "7020", "CashRfnd", 1, other_reference=KEPT)
    flush(made)
    run_cycle(made.store, controls=CONTROLS)
    yield made
    made.store.close()


def rows(world: World, text: str = "") -> list[dict[str, object]]:
    view = open_view(world.store, ViewRequest("returns", text))
    try:
        names = [c.name for c in view.columns]
        return [{"key": r.key, **dict(zip(names, r.values, strict=True))} for r in view.page(0, 50)]
    finally:
        view.close()


def test_the_list_holds_returns_and_money_without_one_with_their_documents(world: World) -> None:
    open_row, booked = rows(world)
    assert (open_row["order"], open_row["status"], open_row["units"], open_row["received"]) == (ORDER_ID, "open", 1, 1)
    assert (str(open_row["refunded"]), open_row["rma"], open_row["credit"]) == ("27.0000", None, None)
    assert (booked["order"], booked["kind"], booked["status"], booked["credit"]) == (KEPT, "money", "booked", "SO7020")
    assert [r["order"] for r in rows(world, "status:booked")] == [KEPT]


def test_what_agrees_has_nothing_to_fix_or_waive(world: World) -> None:
    with pytest.raises(BadInput, match="both sides agree"):
        of_discrepancies(world.store, ActionRequest("fix", "returns", (str(rows(world)[1]["key"]),)))


def test_a_row_stands_for_the_discrepancies_of_its_goods_and_of_its_money(world: World) -> None:
    assert discrepancies_of(world.store, f"amazon.US|{ORDER_ID}|{RETURN_ID}") == [
        f"refund_unbooked|amazon.US|{ORDER_ID}",
        f"return_unbooked|amazon.US|{RETURN_ID}",
    ]


@pytest.mark.parametrize(
    ("tab", "said"),
    [("sides", "units back"), ("chain", "Still to be written"), ("fix", "Return authorization"), ("raw", RETURN_ID)],
)
def test_the_drawer_shows_both_sides_the_chain_the_fix_and_the_record(world: World, tab: str, said: str) -> None:
    found = read(world.store, {}, f"amazon.US|{ORDER_ID}|{RETURN_ID}", tab)
    assert found is not None
    assert said in str(found)
    assert (tab == "sides") == any(isinstance(b, Difference) for b in found.blocks)
