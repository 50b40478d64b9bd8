"""Rows of shipped fulfilment tables that other fees were charged for: one finding a row, which claims no money.

Nobody has confirmed these tables: the difference says that one of the two is out of date, not that a charge is wrong.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.fees.charged import TableRow
from reconcile.fees.rises import row_subject, table_rows_of
from sync.ops.findings import Finding

__all__ = ["unconfirmed_rows"]

_NAMED_SKUS = 20


def unconfirmed_rows(evidence: Evidence, control: str) -> list[Finding]:
    """Return one finding for each row of an unconfirmed table that differs from what is charged.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return [_finding(control, row) for row in table_rows_of(evidence, control)]


def _finding(control: str, row: TableRow) -> Finding:
    charged, expected = (amount_text(a, row.currency) for a in (row.charged, row.expected))
    subject = row_subject(row)
    cause = f"the shipped fee table {row.source} of {row.channel} is not confirmed"
    first = f"a adopts {charged} from {row.since} on (`tieout fees adopt {row.channel} '{row.name}'`)"
    if not row.has_one_fee:
        first = "Check the sizes of its SKUs: they are charged several fees"
    remedy = (
        f"{first}; or confirm the table (`tieout fees confirm {row.channel} '{row.source}'`), or import the current one"
    )
    return Finding(
        discrepancy_id=f"{control}|{row.channel}|{subject}",
        control=control,
        channel=row.channel,
        subject=subject,
        title=_title(row, charged, expected),
        severity="low",
        cause_id=f"fee|{row.channel}|table|{row.source}",
        cause=cause,
        blocked_by=remedy,
        channel_amount=-row.charged,
        erp_amount=-row.expected,
        amount=Decimal(0),
        currency=row.currency,
        occurred_at=datetime.combine(row.since, time(), tzinfo=UTC),
        detail={
            "row": row.name,
            "table": row.source,
            "standing": _standing(row),
            "charged": charged,
            "expected": expected,
            "charged_units": row.charged_units,
            "units": row.units,
            "units_as_the_table": row.agreeing,
            "from": str(row.since),
            "until": str(row.until),
            "difference": amount_text(row.difference, row.currency),
            "skus": list(row.skus[:_NAMED_SKUS]),
            "remedy": remedy,
        },
    )


def _title(row: TableRow, charged: str, expected: str) -> str:
    word = "unit of" if row.units == 1 else "units of"
    said = charged if row.charged_units == row.units else f"{charged} mostly"
    verb = "was" if row.units == 1 else "were"
    older = f", which ended on {row.ended}," if row.is_older else ""
    return (
        f"{row.units:,} {word} {row.name} {verb} charged {said}, the table {row.source}{older} says {expected}:"
        " confirm or import"
    )


def _standing(row: TableRow) -> str:
    return (
        f"shipped, not confirmed; its publisher's days ended on {row.ended}"
        if row.is_older
        else ("shipped, not confirmed")
    )
