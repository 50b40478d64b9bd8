"""Settlement files into the mirror, and one settlement in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import AsOf, Json, moment_of
from console.commands.reissues import diff_settlement
from console.commands.settlement_files import check_files, import_files
from console.commands.settlement_text import write_summary
from console.session import Session, session
from reconcile.amounts import amount_text
from reconcile.controls.settlements.taken_along import taken_along
from reconcile.fixes.settlements.cash_sales import PaidSales
from reconcile.seen_at import evidence_at, store_at
from reconcile.settlement import Journal
from reconcile.settlement.models import PaidSale
from reconcile.settlement.summary import postings_of
from reconcile.stored_settlements import see_settlement
from sync.errors import BadInput

__all__ = ["register", "show_settlement"]


def register(app: App) -> None:
    """Add the commands."""
    group = App(
        name="settlement", help="Import settlement files; show a settlement's breakdown, journals and re-issues."
    )
    group.command(import_files, name="import")
    group.command(check_files, name="check")
    group.command(show_settlement, name="show")
    group.command(diff_settlement, name="diff")
    app.command(group)


def show_settlement(
    settlement_id: str,
    *,
    journal: Annotated[bool, Parameter(negative="", help="Show its journals line by line instead.")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Show what a settlement adds up to, by category and account, and the journals that would post it.

    Args:
        settlement_id: The marketplace's number, or channel/number.
    """
    here = session()
    here.output.as_json = json
    moment = moment_of(as_of)
    seen = see_settlement(store_at(here.workspace.store, moment), settlement_id)
    if seen is None:
        raise BadInput("there is no such settlement", value=settlement_id, remedy="See `tieout list settlements`")
    summary = seen.summary
    if journal:
        settlement = seen.parsed.settlement
        with evidence_at(here.workspace.store, moment) as evidence:
            taken = taken_along(evidence, settlement.channel, settlement.settlement_id)
        _write_journals(here, seen.journals, taken)
    else:
        write_summary(here, summary, categories=True)
    return 1 if summary["unmapped_lines"] or not summary["footed"] else 0


def _write_journals(here: Session, journals: Sequence[Journal], taken: Mapping[str, PaidSales]) -> None:
    for one in journals:
        held, sales = postings_of(one), taken.get(one.external_id, PaidSales(()))
        along = [_sale(sale, one.currency) for sale in sales.paid]
        if here.output.as_json:
            here.output.record(
                {**held, "cash_sales": along, "cash_sales_blocked": sales.stop[1] if sales.stop else None}
            )
            continue
        here.output.text(f"{held['external_id']}, {held['date']}, {held['currency']}: {held['memo']}")
        total = {"account": "total", "debit": str(one.debits), "credit": str(one.credits)}
        names = ["account", "debit", "credit", "memo", "department_id", "class_id", "location_id", "entity_id"]
        here.output.table([*held["lines"], total], names, empty="Nothing is to be posted.")
        if along:
            here.output.text("Cash sales that the deposit pays in place of their price lines:")
            here.output.table(along, ["number", "order_id", "amount", "paid", "how"], empty="")
        for reason in (*held["blocked_by"], *([sales.stop[1]] if sales.stop else ())):
            here.output.note(reason)


def _sale(sale: PaidSale, currency: str) -> dict[str, str]:
    """Return a cash sale as output has it: `paid` is the part's share of the `amount` that leaves undeposited funds."""
    return {
        "document_id": sale.document_id,
        "number": sale.number,
        "order_id": sale.order_id,
        "amount": amount_text(sale.amount, currency),
        "paid": amount_text(sale.paid, currency),
        "how": "taken along" if sale.released is None else "by a line",
    }
