"""The list of returns over a mirror, its drawer, and what its actions stand for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.desk import ActionRequest, Difference, ViewRequest
from console.live.behind import of_discrepancies
from console.live.details.returns import read
from console.live.returns import discrepancies_of
from console.live.views import open_view
from reconcile.cycle import run_cycle
from sync.errors import BadInput

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import ORDER_ID, World, ready_world, usd
from way_back_world import RETURN_ID, back_world, came_back, document, flush, ledger_refund, sold

KEPT = "111-0000000-0000002"
CONTROLS = ("refund_not_on_channel", "refund_unbooked", "refund_unsettled", "return_unbooked")


#: What happened → what the list says of it.
STATES = {
    "goodwill": "open",
    "not shipped": "blocked",
    "older than the books": "blocked",
    "after the deposit": "open",
    "nobody knows the order": "blocked",
    "replaced and received": "open",
    "only a return tells": "waits",
}


def _put(made: World, order_id: str, what: str, number: int) -> None:
    values: dict[str, Any] = {"order_id": order_id}
    old = {"ordered_at": datetime(2026, 8, 1, tzinfo=UTC)} if what == "older than the books" else {}
    if what == "not shipped":
        sold(made, **values, shipped=0, status="cancelled", bill=None)
    elif what != "nobody knows the order":
        sold(made, **values, bill=None, **old)
    if what not in ("older than the books", "nobody knows the order"):
        bill = {"status": "C", "total": "79.99", "other_reference": order_id}
        document(made, f"80{number}2", "CashSale", 3, "75.00", **bill)
    if what in ("replaced and received", "only a return tells"):
        is_new = what == "replaced and received"
        amount = None if is_new else usd("25.00")
        more = {"kind": "replacement"} if is_new else {"kind": "keep_it", "status": "completed", "received": 0}
        came_back(made, return_id=f"D{number}RRMA", refund_amount=amount, **values, **more)
        if is_new:
            named = f"AMZ-RMA-{order_id}-D{number}RRMA"
            rma = {"status": "F", "external_id": named, "made_from": f"80{number}2", "moved": 1}
            document(made, f"80{number}3", "RtnAuth", 1, "0.00", **rma)
        return
    amounts = {"Sales/ItemPrice/Goodwill": "-3.00"} if what == "goodwill" else None
    ledger_refund(made, amounts, number=f"S{number}", refund_id=f"s{number}", **values)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One order with a return of one unit, and one with money alone; the second is credited."""
    made = back_world(ready_world())
    ledger_refund(came_back(sold(made)))
    sold(made, order_id=KEPT, bill="CashSale")
    ledger_refund(made, order_id=KEPT, number="T2", refund_id="r2")
    document(made, "7020", "CashRfnd", 1, other_reference=KEPT)
    # Money alone, money for what never left, for what is older than the books, after a deposit, and a replacement.
    for number, cause in enumerate(STATES):
        _put(made, f"111-000000{number}-0000009", cause, number)
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
    open_row, booked = (next(r for r in rows(world) if r["order"] == o) for o in (ORDER_ID, KEPT))
    assert (open_row["order"], open_row["status"], open_row["units"], open_row["received"]) == (ORDER_ID, "open", 1, 1)
    assert (str(open_row["refunded"]), open_row["rma"], open_row["credit"]) == ("27.0000", None, None)
    assert (booked["order"], booked["kind"], booked["status"], booked["credit"]) == (KEPT, "money", "booked", "SO7020")
    assert [r["order"] for r in rows(world, "status:booked")] == [KEPT]


def test_every_way_back_has_its_honest_state_and_a_cause_where_it_is_blocked(world: World) -> None:
    found = {str(r["order"]): r for r in rows(world)}
    mine = {what: found[f"111-000000{n}-0000009"] for n, what in enumerate(STATES)}
    assert {what: r["status"] for what, r in mine.items()} == STATES
    causes = {what: str(r["cause"]) for what, r in mine.items() if r["status"] == "blocked"}
    assert "never left: a cancellation" in causes["not shipped"]
    for what in ("older than the books", "nobody knows the order"):
        assert "neither the mirror nor NetSuite knows" in causes[what]


def test_what_agrees_has_nothing_to_fix_or_waive(world: World) -> None:
    with pytest.raises(BadInput, match="both sides agree"):
        of_discrepancies(world.store, ActionRequest("fix", "returns", (f"amazon.US|{KEPT}|",)))


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
