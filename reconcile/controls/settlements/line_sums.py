"""The lines of all settlements added up by what tells them apart, which several controls read."""

from __future__ import annotations

from reconcile.controls.control import Evidence
from reconcile.settled import Kept, settled_rows

__all__ = ["SUMS", "line_sums", "sums_of"]

_LINES = """
SELECT channel, settlement_id, year(posted_date) * 100 + month(posted_date) AS month, transaction_type, amount_type,
    amount_description, fulfilled_by, marketplace, sum(amount) AS amount, count(*) AS lines,
    min(ordinal) AS first_ordinal, min(posted_date) AS first_posted
FROM {lines} GROUP BY ALL
"""
SUMS = Kept("settled_sums", _LINES)


def line_sums(evidence: Evidence) -> str:
    """Return the name of a table with the sums of the lines of all settlements, found once within one evidence.

    Columns: `channel`, `settlement_id`, `month` (202611), `transaction_type`, `amount_type`, `amount_description`,
    `fulfilled_by` and `marketplace` tell sums apart; `amount`, `lines` (how many), `first_ordinal`, `first_posted`.
    """
    return evidence.once("settlement line sums", lambda: settled_rows(evidence.cursor, SUMS))


def sums_of(condition: str) -> str:
    """Return the same sums of the lines of a few settlements as a subquery."""
    return f"({SUMS.of(f'settlement_lines WHERE {condition}')})"
