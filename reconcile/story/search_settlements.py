"""Settlements by their number, their journals and their payouts."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from reconcile.settlement.identity import read_name
from reconcile.story.models import Candidate
from sync.mirror.keys import join_key, strip_prefix

__all__ = ["by_settlement"]

_SETTLEMENTS = (
    "SELECT channel, settlement_id, period_end FROM settlements WHERE settlement_id = $1"
    " ORDER BY period_end DESC LIMIT $2"
)
_BOOKED = (
    "SELECT external_id FROM transactions WHERE number_key = $1 AND number = $2 AND contains(external_id, '-SETTLE-')"
    " LIMIT 1"
)
_PAID = (
    "SELECT DISTINCT settlement_id FROM payouts WHERE (payout_id = $1 OR trace_id = $1) AND settlement_id IS NOT NULL"
    " LIMIT $2"
)


def by_settlement(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the settlements with this number, booked by this journal, or paid by this payout or bank reference."""
    for form in forms:
        journal = read_name(form)
        if journal is None:
            booked = cursor.execute(_BOOKED, [join_key(strip_prefix(form)), form]).fetchone()
            journal = read_name(str(booked[0])) if booked else None
        wanted = [(journal.settlement_id, "journal")] if journal else [(form, "settlement")]
        if journal is None:
            wanted += [(row[0], "payout") for row in cursor.execute(_PAID, [form, limit]).fetchall()]
        found = [
            Candidate("settlement", channel, settlement_id, at, f"settlement {settlement_id}", why)
            for name, why in wanted
            for channel, settlement_id, at in cursor.execute(_SETTLEMENTS, [name, limit]).fetchall()
        ]
        if found:
            return found
    return []
