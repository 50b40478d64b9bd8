"""The lines of all settlements added up by what tells them apart: one pass over them, which several controls read."""

from __future__ import annotations

from reconcile.controls.control import Evidence

__all__ = ["line_sums", "sums_of"]

_LINES = """
SELECT channel, settlement_id, year(posted_date) * 100 + month(posted_date) AS month, transaction_type, amount_type,
    amount_description, fulfilled_by, marketplace, sum(amount) AS amount, count(*) AS lines,
    min(ordinal) AS first_ordinal, min(posted_date) AS first_posted
FROM settlement_lines {asked} GROUP BY ALL
"""
_SUMS = f"CREATE OR REPLACE TEMP TABLE settlement_line_sums AS {_LINES.format(asked='')}"


def line_sums(evidence: Evidence) -> str:
    """Return the name of a temp table with the sums of the lines of all settlements, made once within one evidence.

    Columns: `channel`, `settlement_id`, `month` (202611), `transaction_type`, `amount_type`, `amount_description`,
    `fulfilled_by` and `marketplace` tell sums apart; `amount`, `lines` (how many), `first_ordinal`, `first_posted`.
    """
    return evidence.once("settlement line sums", lambda: _made(evidence))


def sums_of(condition: str) -> str:
    """Return the same sums of the lines of a few settlements as a subquery."""
    return f"({_LINES.format(asked=f'WHERE {condition}')})"


def _made(evidence: Evidence) -> str:
    evidence.cursor.execute(_SUMS)
    return "temp.settlement_line_sums"
