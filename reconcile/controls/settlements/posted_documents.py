"""The ERP's documents of settlements, as the mirror has them: which are there, and what they say per account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reconcile.controls.control import Evidence

__all__ = ["PostedDocument", "PostedLine", "account_sums", "known_names", "posted_documents"]

_NAMES = """
SELECT external_id FROM transactions WHERE contains(external_id, $1)
UNION SELECT number FROM transactions WHERE contains(number, $1)
"""
# By one name and then by the other: a join on either compares every document with every name.
_DOCUMENTS = """
WITH asked AS (SELECT DISTINCT unnest($1::VARCHAR[]) AS name),
found AS (
    SELECT n.name, t.transaction_id FROM asked n JOIN transactions t ON t.external_id = n.name
    UNION SELECT n.name, t.transaction_id FROM asked n JOIN transactions t ON t.number = n.name
)
SELECT f.name, t.transaction_id, coalesce(t.number, t.transaction_id), t.transaction_type, t.transaction_date,
    t.currency, t.exchange_rate, coalesce(t.created_at, t.updated_at), t.memo, t.period_id
FROM found f JOIN transactions t ON t.transaction_id = f.transaction_id
ORDER BY f.name, t.transaction_id
"""
# A document's amounts are in its own currency, its ledger's in the books': where a line has both, the ledger tells the
# side. A journal's amounts have their side already. What only the ledger has (an exchange gain) is in the books'.
_LINES = """
WITH entries AS (
    SELECT l.*, coalesce(l.debit, 0) - coalesce(l.credit, 0) AS ledger, t.transaction_type = 'Journal' AS is_journal,
        coalesce(t.exchange_rate, 1) = 1 AS is_home
    FROM transaction_lines l JOIN transactions t ON t.transaction_id = l.transaction_id
    WHERE l.transaction_id IN (SELECT unnest($1::VARCHAR[])) AND l.account_id IS NOT NULL
)
SELECT transaction_id, account_id,
    CASE WHEN is_journal THEN coalesce(amount, ledger) WHEN ledger = 0 THEN 0
        WHEN amount IS NOT NULL THEN sign(ledger) * abs(amount) WHEN is_home THEN ledger END,
    memo, department_id, class_id, location_id, customer_id, subsidiary_id, line_id
FROM entries WHERE is_journal OR debit IS NOT NULL OR credit IS NOT NULL
ORDER BY transaction_id, position, line_id
"""


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One ledger line of a posted document; `amount` is debit less credit in the document's currency."""

    account_id: str
    amount: Decimal
    memo: str | None
    department_id: str | None
    class_id: str | None
    location_id: str | None
    entity_id: str | None
    subsidiary_id: str | None
    #: The ERP's own; empty for a line that is not posted.
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """One document under a name of ours. Without lines the mirror does not hold them."""

    name: str
    transaction_id: str
    number: str
    transaction_type: str
    date: date
    currency: str | None
    exchange_rate: Decimal | None
    created_at: datetime
    memo: str | None
    period_id: str | None
    lines: tuple[PostedLine, ...]
    #: Ledger lines that have an amount in the books' currency alone (an exchange gain); they are not among `lines`.
    foreign_to_it: int = 0


def known_names(evidence: Evidence, holding: str = "-SETTLE-") -> frozenset[str]:
    """Return the external ids and numbers of the ERP's documents that hold a text: what is posted under our names."""
    return evidence.once(
        f"names {holding}",
        lambda: frozenset(r[0] for r in evidence.cursor.execute(_NAMES, [holding]).fetchall()),
    )


def posted_documents(evidence: Evidence, names: Collection[str]) -> Mapping[str, PostedDocument]:
    """Return the documents that carry these names as external id or number, with their lines."""
    heads = evidence.cursor.execute(_DOCUMENTS, [sorted(names)]).fetchall()
    rows = evidence.cursor.execute(_LINES, [[h[1] for h in heads]]).fetchall()
    lines: dict[str, list[PostedLine]] = {}
    home_only: Counter[str] = Counter()
    for owner, account_id, amount, *values in rows:
        if amount is None:
            home_only[owner] += 1
        else:
            lines.setdefault(owner, []).append(PostedLine(account_id, amount, *values))
    return {head[0]: PostedDocument(*(*head, tuple(lines.get(head[1], ())), home_only[head[1]])) for head in heads}


def account_sums(lines: Collection[PostedLine]) -> dict[str, Decimal]:
    """Return account id → debit less credit, sums of zero left out."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.account_id] = sums.get(line.account_id, Decimal(0)) + line.amount
    return {account: amount for account, amount in sums.items() if amount}
