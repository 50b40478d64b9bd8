"""The end of authorizations that wait in the ERP for goods or money that nobody owes: their lines are closed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.fixes.returns.return_goods import return_id_of, units_text
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.posting_stops import Stop
    from reconcile.refunds.cases import Case
    from reconcile.refunds.documents import ErpDocument, ErpLine
    from reconcile.refunds.goods_back import GoodsBack

__all__ = ["closing_operation"]

#: Letters of an authorization that still waits for something, and of one that does not (contract 3.2).
_WAITS, _ENDED = frozenset("ABDEF"), frozenset("CGH")


def closing_operation(
    case: Case, goods: GoodsBack, *, is_credited: bool
) -> tuple[PlannedOperation | None, Stop | None]:
    """Return the write that closes what is left of a return's authorization, or what stops it; both None: nothing is.

    A replacement, or goods whose money is credited by another document (`is_credited`), leave lines of no value that
    wait for a refund. What the buyer keeps, or a return that was called off, leaves lines that wait for goods.
    """
    rma, back = goods.rma, goods.back
    if rma is None or rma.status in _ENDED:
        return None, None
    if not back.brings_goods:
        lines, why = _untouched(rma), f"{back.units} units stay with the buyer"
    elif back.kind == "replacement" or is_credited:
        lines, why = _free(rma), "received, nothing to refund"
    else:
        return None, None
    if not lines:
        return None, None
    if rma.status not in _WAITS:
        return None, (
            f"rma_status|{case.channel}|{rma.status}",
            f"status {rma.status} of return authorizations is not known",
            f"Close {rma.label} in NetSuite; the program must learn this status",
        )
    return _close(case, goods, rma, lines, why), None


def _free(rma: ErpDocument) -> list[ErpLine]:
    """Return the open lines without value once all of them are received; none where goods or money are to come."""
    open_lines = [x for x in rma.lines if not x.is_closed and x.quantity > 0]
    is_done = all(x.amount == 0 and not x.billed and x.moved is not None and x.moved >= x.quantity for x in open_lines)
    return open_lines if is_done else []


def _untouched(rma: ErpDocument) -> list[ErpLine]:
    """Return the open lines where nothing was received or credited; none where anything was, or nobody can see it."""
    open_lines = [x for x in rma.lines if not x.is_closed and x.quantity > 0]
    return open_lines if all(x.moved == 0 and not x.billed for x in open_lines) else []


def _close(case: Case, goods: GoodsBack, rma: ErpDocument, lines: list[ErpLine], why: str) -> PlannedOperation:
    ids = [x.line_id for x in lines]
    return PlannedOperation(
        identity=f"{goods.identity}-CLOSE-{'_'.join(ids)}",
        vendor="netsuite",
        kind="return_authorization.close_lines",
        channel=case.channel,
        discrepancy_id=return_id_of(case.channel, goods.back.return_id),
        depends_on=(),
        summary=f"Close {len(ids)} line{'s' if len(ids) > 1 else ''} of return authorization {rma.label}",
        intent={
            "id": rma.transaction_id,
            "line_ids": ids,
            "believed": {"lines": {x.line_id: _believed(x) for x in lines}},
        },
        believed={"closed": False},
        diff=[
            {"field": f"line {x.line_id}: {units_text(x.quantity)} × item {x.item_id}", "now": why, "then": "closed"}
            for x in lines
        ],
    )


def _believed(line: ErpLine) -> dict[str, Any]:
    # With what has come and what was credited: either of them meanwhile makes the line somebody's business.
    return {
        "item_id": line.item_id,
        "quantity": units_text(line.quantity),
        "moved": units_text(line.moved or Decimal(0)),
        "billed": units_text(line.billed or Decimal(0)),
        "closed": False,
    }
