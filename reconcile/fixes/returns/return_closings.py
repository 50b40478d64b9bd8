"""The end of authorizations that wait in the ERP for goods or money that nobody owes: their lines are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.controls.posting_days import Offer, propose
from reconcile.fixes.returns.return_goods import return_id_of, units_text
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.refunds.cases import Case
    from reconcile.refunds.credited import Credit
    from reconcile.refunds.documents import ErpDocument, ErpLine
    from reconcile.refunds.goods_back import GoodsBack

__all__ = ["RETURN_CLOSING", "closing_operation", "closing_problem"]

#: Subject `channel|return`; the value names the document that gave the money back ({"credited_by": "CM7020"}).
RETURN_CLOSING = "return_closing"
# The edges were made when the order's documents were linked.
_MADE_FROM = "SELECT next_id FROM temp.document_edges WHERE previous_id = $1"

#: Letters of an authorization that still waits for something, and of one that does not (contract 3.2).
_WAITS, _ENDED = frozenset("ABDEF"), frozenset("CGH")


def closing_operation(
    evidence: Evidence, case: Case, goods: GoodsBack, credited: Sequence[Credit]
) -> tuple[PlannedOperation | None, Stop | None]:
    """Return the write that closes what is left of a return's authorization, or what stops it; both None: nothing is.

    A replacement, or goods whose money is credited by other documents (`credited`), leave lines of no value that wait
    for a refund. Lines with a value could be credited once more, so a person decides that they are closed: it is
    offered (kind `return_closing`). What the buyer keeps, or a return that was called off, leaves lines that wait for
    goods.
    """
    rma, back = goods.rma, goods.back
    if rma is None or rma.status in _ENDED:
        return None, None
    if not back.brings_goods:
        lines, why = _untouched(rma), f"{back.units} units stay with the buyer"
    elif credited and (valued := _valued(evidence, rma, credited)):
        stop = _undecided(evidence, case, goods, valued, credited)
        if stop is not None:
            return None, stop
        lines, why = valued, f"received, refunded by {_named(credited)}"
    elif back.kind == "replacement" or credited:
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


def _valued(evidence: Evidence, rma: ErpDocument, credited: Sequence[Credit]) -> list[ErpLine]:
    """Return the open lines once all are received and one has a value, where nothing was credited from them.

    None where goods are to come, where the ERP does not show what was credited, or where a credit was made from it.
    """
    open_lines = [x for x in rma.lines if not x.is_closed and x.quantity > 0]
    is_done = all(x.billed == 0 and x.moved is not None and x.moved >= x.quantity for x in open_lines)
    if not is_done or not any(x.amount for x in open_lines):
        return []
    # A credit that was made from it may carry the order's number as well: the links tell.
    made = {str(row[0]) for row in evidence.cursor.execute(_MADE_FROM, [rma.transaction_id]).fetchall()}
    return [] if made & {c.document_id for c in credited} else open_lines


def _undecided(
    evidence: Evidence, case: Case, goods: GoodsBack, lines: Sequence[ErpLine], credited: Sequence[Credit]
) -> Stop | None:
    """Return what a person has to decide before lines of value are closed, and note the offer; None: it is decided."""
    subject = f"{case.channel}|{goods.back.return_id}"
    if subject in evidence.decisions(RETURN_CLOSING):
        return None
    rma = goods.rma
    label = rma.label if rma is not None else ""
    papers = {c.document_id for c in credited}
    held = [d for d in case.documents.all if d.transaction_id in papers]
    has_goods = all(sum(d.units(x.item_id) for d in held) >= x.quantity for x in lines)
    because = (
        f"{_named(credited)} gave back what {label} waits to refund ({'its goods' if has_goods else 'its amount'})"
    )
    words = f"{label} is closed, refunded by {_named(credited)}"
    propose(evidence, Offer(RETURN_CLOSING, subject, {"credited_by": _named(credited)}, words, because))
    return (
        f"rma_credited|{case.channel}",
        f"return authorizations of {case.channel} wait for a refund that another document gave",
        f"Close {label} in NetSuite, or take the offer: {because}",
    )


def _named(credited: Sequence[Credit]) -> str:
    return ", ".join(c.number for c in credited)


def closing_problem(subject: str, value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision to close an authorization, None where it can be used."""
    channel, bar, return_id = subject.partition("|")
    if not (channel and bar and return_id):
        return "the subject is channel|number of the return"
    if set(value) != {"credited_by"} or not str(value["credited_by"]).strip():
        return "credited_by names the document that gave the money back"
    return None


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
