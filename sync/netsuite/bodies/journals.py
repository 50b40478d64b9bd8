"""Bodies of journal entries."""

from __future__ import annotations

from sync.netsuite.bodies.fields import Body, Context, present, ref
from sync.netsuite.intents import JournalIntent, JournalLine, JournalReverseIntent

__all__ = ["journal_body"]


def journal_body(intent: JournalIntent, context: Context) -> Body:
    """Return the body of a journal entry; a reversing one has its sides exchanged and names the first in its memo."""
    memo = intent.reason if isinstance(intent, JournalReverseIntent) else intent.memo
    return present(
        {
            "externalId": intent.external_id,
            "tranDate": intent.date.isoformat(),
            "subsidiary": ref(intent.subsidiary_id),
            "currency": context.currency(intent.currency),
            "exchangeRate": intent.exchange_rate,
            "memo": memo,
            "postingPeriod": ref(intent.period),
            "line": {"items": [_journal_line(line) for line in intent.written_lines()]},
        }
    )


def _journal_line(line: JournalLine) -> Body:
    return present(
        {
            "account": ref(line.account_id),
            "debit": line.debit,
            "credit": line.credit,
            "memo": line.memo,
            "entity": ref(line.entity_id),
            "department": ref(line.department_id),
            "class": ref(line.class_id),
            "location": ref(line.location_id),
        }
    )
