"""Month parts that are posted whole, only in other pieces than a document would be cut into today.

The limit of lines is a matter of the documents that are still to be made: lowered or raised later, it makes nothing
that stands another, as long as its documents together say what the part says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.posted_documents import account_sums, known_names, posted_documents
from reconcile.controls.settlements.settlement_parts import SettlementParts
from reconcile.settlement import Journal
from reconcile.settlement.identity import current_name, prefix, read_name

__all__ = ["expected_sums", "months_in_another_cut"]


def months_in_another_cut(evidence: Evidence, found: SettlementParts) -> frozenset[str]:
    """Return the months (YYYY-MM) of a settlement that are posted whole in other pieces than today's."""
    known = known_names(evidence)
    settlement = found.settlement
    held = _bases(evidence).get((prefix(settlement.channel), settlement.settlement_id), {})
    months = set()
    for month, bases in held.items():
        standing = {base: name for base in bases if (name := current_name(base, known)) in known}
        pieces = found.pieces(month)
        if not standing or not pieces or set(standing) == {p.external_id for p in pieces}:
            continue
        documents = posted_documents(evidence, list(standing.values())).values()
        posted = _added(account_sums(d.lines) for d in documents)
        if posted == _added(expected_sums(p) for p in pieces):
            months.add(month)
    return frozenset(months)


def expected_sums(journal: Journal) -> dict[str, Decimal]:
    """Return account id → debit less credit of a journal, sums of zero left out; unmatched accounts by their label."""
    sums: dict[str, Decimal] = {}
    for line in journal.lines:
        key = line.account.account_id or line.account.label
        sums[key] = sums.get(key, Decimal(0)) + line.debit - line.credit
    return {key: amount for key, amount in sums.items() if amount}


def _bases(evidence: Evidence) -> Mapping[tuple[str, str], Mapping[str, Collection[str]]]:
    """Return (prefix, settlement) → month → first names of the documents that the ERP has."""
    return evidence.once("bases of parts", lambda: _gather(known_names(evidence)))


def _gather(known: Iterable[str]) -> Mapping[tuple[str, str], Mapping[str, Collection[str]]]:
    gathered: dict[tuple[str, str], dict[str, set[str]]] = {}
    for name in known:
        read = read_name(name)
        if read is not None and not read.is_reversal:
            gathered.setdefault((read.prefix, read.settlement_id), {}).setdefault(read.period, set()).add(read.base)
    return gathered


def _added(sums: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    added: dict[str, Decimal] = {}
    for one in sums:
        for account, amount in one.items():
            added[account] = added.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in added.items() if amount}
