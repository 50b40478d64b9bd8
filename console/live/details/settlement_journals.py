"""How the journals of a settlement stand: subsidiary, period, and what posts them or would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.posted_documents import known_names, posted_documents
from reconcile.mapping.posting import channel_books, period_of
from reconcile.settlement import Journal
from reconcile.settlement.identity import current_name

__all__ = ["journal_standings"]

_MODELS = {"deposit": "as a deposit", "cash_sale": "as a cash sale or cash refund"}


def journal_standings(evidence: Evidence, channel: str, journals: Sequence[Journal]) -> Mapping[str, str]:
    """Return external id → one line: the subsidiary, the accounting period, and as what it is posted or is due."""
    books, known = channel_books(evidence, channel), known_names(evidence)
    names = {j.external_id: current_name(j.external_id, known) for j in journals}
    posted = posted_documents(evidence, [name for name in names.values() if name in known])
    subsidiary = _subsidiary(evidence, books.dimensions.subsidiary_id)
    stands = {}
    for journal in journals:
        period = period_of(evidence, journal.date)
        words = [subsidiary or f"{channel} has no subsidiary"]
        if period is None:
            words.append("no accounting period")
        else:
            words.append(f"{period.name}, {'closed' if period.closed or period.all_locked else 'open'}")
        name = names[journal.external_id]
        if (document := posted.get(name)) is not None:
            words.append(f"posted as {document.number} on {document.date}")
        else:
            model = _MODELS.get(books.policy.model, "")
            words.append(
                " ".join(w for w in ("not posted", f"({name})" if name != journal.external_id else "", model) if w)
            )
        stands[journal.external_id] = " · ".join(words)
    return stands


def _subsidiary(evidence: Evidence, subsidiary_id: str | None) -> str:
    row = evidence.cursor.execute("SELECT name FROM subsidiaries WHERE subsidiary_id = $1", [subsidiary_id]).fetchone()
    return str(row[0]) if row else ""
