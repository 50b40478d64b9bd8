"""What Amazon gives for stock that it lost or damaged (GET_FBA_REIMBURSEMENTS_DATA) as records.

One reimbursement can name several SKUs, and one SKU twice (two cases): equal keys are added up, or one would hide the
other in the mirror.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.records import Reimbursement
from sync.streams import Document, Quarantined

__all__ = ["REIMBURSEMENTS"]


def decode_reimbursements(report: Report, asked: Marketplace) -> Read:
    """Return one document for each reimbursement and SKU; amounts are positive towards the seller."""
    found: dict[tuple[str, str], Reimbursement] = {}
    bad: list[Quarantined] = []
    for row in report.rows:
        try:
            record = _reimbursement(row, asked)
            key = record.reimbursement_id, record.sku
            found[key] = _added(found[key], record) if key in found else record
        except Unreadable as error:
            name = row.text("reimbursement-id") or f"line {row.line}"
            bad.append(Quarantined(name, f"line {row.line}: {error}", row.line))
    return Read([Document(record, (), ordinal) for ordinal, record in enumerate(found.values())], bad)


def _reimbursement(row: Row, asked: Marketplace) -> Reimbursement:
    currency = row.text("currency-unit") or asked.currency
    total = row.amount("amount-total", currency)
    if total is None:
        raise Unreadable("amount-total is blank")
    return Reimbursement(
        channel=asked.channel,
        reimbursement_id=row.needed("reimbursement-id"),
        sku=row.needed("sku"),
        approved_at=row.moment("approval-date"),
        case_id=row.optional("case-id"),
        order_id=row.optional("amazon-order-id"),
        reason=row.text("reason"),
        condition=row.optional("condition"),
        currency=currency,
        amount_per_unit=row.amount("amount-per-unit", currency) or Decimal(0),
        total=total,
        quantity_cash=row.count("quantity-reimbursed-cash", blank=0),
        quantity_inventory=row.count("quantity-reimbursed-inventory", blank=0),
        original_reimbursement_id=row.optional("original-reimbursement-id"),
    )


def _added(first: Reimbursement, second: Reimbursement) -> Reimbursement:
    if first.currency != second.currency:
        raise Unreadable(f"the reimbursement mixes {first.currency} and {second.currency}")
    return replace(
        first,
        total=first.total + second.total,
        quantity_cash=first.quantity_cash + second.quantity_cash,
        quantity_inventory=first.quantity_inventory + second.quantity_inventory,
    )


REIMBURSEMENTS = ReportKind(
    stream="amazon.reimbursements",
    report_type="GET_FBA_REIMBURSEMENTS_DATA",
    needed=("approval-date", "reimbursement-id", "sku", "amount-total"),
    decode=decode_reimbursements,
    longest=timedelta(days=60),
    overlap=timedelta(days=14),
)
