"""The writes of goods that come back: leave to return them, and their receipt where the channel says they came."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.controls.posting_days import posting_day
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.refunds.cases import Case
    from reconcile.refunds.goods_back import Arrival, GoodsBack
    from reconcile.refunds.terms import Terms

__all__ = ["goods_operations", "return_id_of", "units_text"]


def return_id_of(channel: str, return_id: str) -> str:
    """Return the id of the discrepancy of a return."""
    return f"return_unbooked|{channel}|{return_id}"


def goods_operations(
    evidence: Evidence, terms: Terms, case: Case, goods: GoodsBack, *, without_money: bool
) -> tuple[list[PlannedOperation], Stop | None]:
    """Return the authorization and receipts that a return still needs, or what stops them.

    `without_money`: its money is given back otherwise (a replacement, a credit that is there): nothing is credited
    from this authorization.
    """
    if goods.stop is not None:
        return [], goods.stop
    operations = []
    if goods.needs_rma:
        operations.append(_authorization(terms, case, goods, without_money=without_money))
    for arrival in goods.arrivals:
        day, stop = posting_day(evidence, arrival.identity, terms.day(goods.back.updated_at))
        if stop is not None:
            return [], stop
        operations.append(_receipt(case, goods, arrival, day.isoformat()))
    return operations, None


def _authorization(terms: Terms, case: Case, goods: GoodsBack, *, without_money: bool) -> PlannedOperation:
    back = goods.back
    assert goods.source is not None  # `goods_back` stops a return without a sale
    kind, document = goods.source
    free = without_money or back.kind == "replacement"
    lines = [
        {"item_id": u.item_id, "quantity": units_text(u.expected)} | ({"amount": "0.00"} if free else {})
        for u in goods.units
    ]
    intent: dict[str, Any] = {
        "external_id": goods.identity,
        "date": terms.day(back.requested_at).isoformat(),
        "memo": f"{case.channel} {case.order_id} return {back.return_id}"[:999],
        "source": {"kind": kind, "id": document.transaction_id},
        "source_lines": lines,
    }
    shown: dict[str, Any] = {"made from": document.label, "date": intent["date"], "return": back.return_id}
    shown |= {f"line {n}": f"{x['quantity']} × item {x['item_id']}" for n, x in enumerate(lines, 1)}
    if free:
        shown["money"] = "none: a replacement" if back.kind == "replacement" else "none: credited otherwise"
    return PlannedOperation(
        identity=goods.identity,
        vendor="netsuite",
        kind="return_authorization.create",
        channel=case.channel,
        discrepancy_id=return_id_of(case.channel, back.return_id),
        depends_on=(),
        summary=f"Return authorization for {case.order_id}, {back.units} units",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
    )


def _receipt(case: Case, goods: GoodsBack, arrival: Arrival, day: str) -> PlannedOperation:
    rma, placed = goods.rma, arrival.placed
    own = rma is None or rma.external_id == goods.identity
    source = {"external_id": goods.identity} if own else {"id": rma.transaction_id if rma else ""}
    lines = [
        {
            "item_id": item_id,
            "quantity": units_text(units),
            "location_id": placed.location_id,
            "restock": placed.restock,
        }
        for item_id, units in arrival.units
    ]
    intent: dict[str, Any] = {
        "external_id": arrival.identity,
        "date": day,
        "memo": f"{case.channel} {case.order_id} return {goods.back.return_id}"[:999],
        "source": {"kind": "return_authorization", **source},
        "lines": lines,
        "location_id": placed.location_id,
    }
    shown = {"date": day, "condition": placed.name, "restock": "yes" if placed.restock else "no: written off"}
    shown["location"] = placed.location_id or ""
    shown |= {f"line {n}": f"{x['quantity']} × item {x['item_id']}" for n, x in enumerate(lines, 1)}
    count = sum((units for _, units in arrival.units), Decimal(0))
    return PlannedOperation(
        identity=arrival.identity,
        vendor="netsuite",
        kind="item_receipt.create",
        channel=case.channel,
        discrepancy_id=return_id_of(case.channel, goods.back.return_id),
        depends_on=(goods.identity,) if goods.needs_rma else (),
        summary=f"Receipt of {units_text(count)} units of {case.order_id}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        period=day[:7],
    )


def units_text(units: Decimal) -> str:
    """Return a count of units as the ERP takes it: `2`, `0.5`."""
    return format(units.normalize(), "f")
