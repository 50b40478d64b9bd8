"""What a posted document of a settlement would say today, as a document of its own kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.posting_stops import Stop
from reconcile.controls.settlements.document_diff import Expected, FirstRead
from reconcile.controls.settlements.posted_documents import PostedDocument, PostedLine
from reconcile.controls.settlements.settlement_parts import SettlementParts, dated
from reconcile.controls.settlements.unposted import UnpostedPart
from reconcile.fixes.settlements.cash_sales import paid_sales
from reconcile.fixes.settlements.settlements import clearing_of
from reconcile.mapping.posting import ChannelBooks, period_of
from reconcile.settlement import Journal, LedgerAccount
from reconcile.settlement.models import DepositPosting, PaidSale, deposit_of, sale_of

__all__ = ["ExpectedDocument", "expected_document", "expected_lines", "first_reads"]

#: The ERP's type of a document → the posting model that makes such ones.
_MODELS = {"Journal": "journal", "Deposit": "deposit", "CashSale": "cash_sale", "CashRfnd": "cash_sale"}
_FIRST = """
WITH first AS (
    SELECT transaction_id, min(version) AS version FROM transactions_versions
    WHERE transaction_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY transaction_id
)
SELECT t.transaction_id, t.exchange_rate, l.line_id, l.account_id, l.memo, l.department_id, l.class_id, l.location_id,
    l.customer_id, l.subsidiary_id
FROM first f JOIN transactions_versions t USING (transaction_id, version)
LEFT JOIN transaction_lines_versions l USING (transaction_id, version)
"""


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """What would be posted, and why it cannot be said for certain (`stop`)."""

    document: Expected
    stop: Stop | None = None


def expected_document(
    evidence: Evidence, parts: SettlementParts, journal: Journal, posted: PostedDocument
) -> ExpectedDocument:
    """Return what a document that is posted would say if it were posted now, under its own name and as its own kind.

    The kind is the choice of the day it was posted: another model for the next ones makes this one no other.
    """
    named = dated(evidence, replace(journal, external_id=posted.name))
    amount, count = parts.figures(journal)
    period = period_of(evidence, named.date)
    part = UnpostedPart(parts.settlement, parts.books, named, amount, count, period, None)
    model = _MODELS.get(posted.transaction_type, "journal")
    paid: tuple[PaidSale, ...] = ()
    stop: Stop | None = None
    if model == "deposit":
        taken = paid_sales(evidence, part, model=model, holder=posted.transaction_id)
        paid, stop = taken.paid, taken.stop
    lines = expected_lines(part, model, paid)
    period_id = period.period_id if period else None
    return ExpectedDocument(Expected(named.date, period_id, named.currency, named.memo, lines), stop)


def expected_lines(part: UnpostedPart, model: str, paid: Collection[PaidSale] = ()) -> tuple[PostedLine, ...]:
    """Return the ledger lines of a part's document of a posting model, debits positive."""
    clearing = clearing_of(part)
    if model == "deposit" and (deposit := deposit_of(part.journal, clearing, tuple(paid))) is not None:
        return tuple(_deposited(part.books, deposit))
    if model == "cash_sale":
        return tuple(_sold(part, clearing))
    return tuple(
        _line(part.books, x.account, x.debit - x.credit, x.memo, x.account.entity_id) for x in part.journal.lines
    )


def _line(
    books: ChannelBooks, account: LedgerAccount, amount: Decimal, memo: str | None, entity_id: str | None
) -> PostedLine:
    return PostedLine(
        account.account_id or account.label,
        amount,
        memo,
        account.department_id,
        account.class_id,
        account.location_id,
        entity_id,
        books.dimensions.subsidiary_id,
    )


def _bare(books: ChannelBooks, account: LedgerAccount, amount: Decimal, entity_id: str | None = None) -> PostedLine:
    """Return a line that the ERP makes itself: only account and amount are ours to say."""
    plain = LedgerAccount(account.number, account.name, account.account_id)
    return _line(books, plain, amount, None, entity_id)


def _deposited(books: ChannelBooks, deposit: DepositPosting) -> Iterator[PostedLine]:
    yield _bare(books, deposit.account, deposit.total)
    undeposited = books.accounts.find(books.channel, "undeposited")
    for sale in deposit.payments:
        assert undeposited is not None, "sales wait on the account of undeposited funds"
        yield _bare(books, undeposited, -sale.amount)
    for other in deposit.others:
        yield _line(books, other.account, -other.amount, other.memo, other.account.entity_id)
    for kept in deposit.cash_back:
        yield _line(books, kept.account, kept.amount, kept.memo, None)


def _sold(part: UnpostedPart, clearing: LedgerAccount) -> Iterator[PostedLine]:
    sale, routing = sale_of(part.journal, clearing), part.books.routing
    customer, sign = (routing.customer_id if routing else None), -1 if sale.is_refund else 1
    yield _bare(part.books, sale.account, sign * sale.total, customer)
    for one in sale.parts:
        yield _line(part.books, one.account, -sign * one.amount, one.memo, customer)


def first_reads(evidence: Evidence, transaction_ids: Collection[str]) -> Mapping[str, FirstRead]:
    """Return what the mirror read of each document first."""
    rates: dict[str, Decimal | None] = {}
    lines: dict[str, dict[str, PostedLine]] = {}
    if not transaction_ids:
        return {}
    for key, rate, line_id, account_id, *said in evidence.cursor.execute(_FIRST, [sorted(transaction_ids)]).fetchall():
        rates[key] = rate
        if line_id is not None:
            memo, department, class_, location, customer, subsidiary = said
            line = PostedLine(
                account_id or "", Decimal(0), memo, department, class_, location, customer, subsidiary, line_id
            )
            lines.setdefault(key, {})[line_id] = line
    return {key: FirstRead(rate, lines.get(key, {})) for key, rate in rates.items()}
