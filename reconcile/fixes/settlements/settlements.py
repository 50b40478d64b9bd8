"""The fix of a settlement's month part that is not posted: one document of the kind that the policy wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.fixes.rates import rate_of
from reconcile.mapping.dimensions import dimension_names, dimensions_text
from reconcile.settlement import Journal, JournalLine, LedgerAccount
from reconcile.settlement.conversion import in_base
from reconcile.settlement.models import DepositPosting, PaidSale, PostingPart, SalePosting, deposit_of, sale_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.settlements.unposted import UnpostedPart
    from reconcile.mapping.posting import ChannelBooks

__all__ = ["clearing_of", "journal_intent", "posting_operation", "shown_lines"]


def posting_operation(
    evidence: Evidence,
    part: UnpostedPart,
    discrepancy_id: str,
    *,
    paid: Sequence[PaidSale] = (),
    depends_on: tuple[str, ...] = (),
) -> PlannedOperation:
    """Return the posting of a part that nothing stops; its amount is the sum of the journal's debits.

    Raises:
        ValueError: the journal does not balance, or the channel has no routing; no input may lead here.
    """
    journal, currency = part.journal, part.settlement.currency
    if not journal.balanced or part.books.routing is None:
        raise ValueError(f"{journal.external_id}: debits {journal.debits}, credits {journal.credits}")
    kind, intent, shown = _document(evidence, part, paid)
    head = {
        "date": journal.date.isoformat(),
        "period": part.period.name if part.period else journal.period,
        "debits": amount_text(journal.debits, currency),
        "credits": amount_text(journal.credits, currency),
    }
    noun = {"journal_entry.create": "Journal", "deposit.create": "Deposit", "cash_sale.create": "Cash sale"}
    return PlannedOperation(
        identity=journal.external_id,
        vendor="netsuite",
        kind=kind,
        channel=part.settlement.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"{noun.get(kind, 'Cash refund')} for settlement {part.settlement.settlement_id}, {journal.period}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in (head | shown).items()],
        amount=journal.debits,
        currency=currency,
        period=f"{journal.date:%Y-%m}",
    )


def _document(
    evidence: Evidence, part: UnpostedPart, paid: Sequence[PaidSale]
) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return kind, intent and what is shown of it."""
    journal, books = part.journal, part.books
    clearing = clearing_of(part)
    if books.policy.model == "deposit" and (deposit := deposit_of(journal, clearing, paid)) is not None:
        return "deposit.create", _deposit_intent(evidence, part, deposit), _shown_deposit(deposit, journal.currency)
    if books.policy.model == "cash_sale":
        sale = sale_of(journal, clearing)
        kind = "cash_refund.create" if sale.is_refund else "cash_sale.create"
        return kind, _sale_intent(evidence, part, sale), _shown_parts(sale.parts, journal.currency, "")
    return "journal_entry.create", journal_intent(evidence, books, journal), shown_lines(evidence, books, journal)


def clearing_of(part: UnpostedPart) -> LedgerAccount:
    """Return the account that a part's sum stands on, with its dimensions."""
    account = part.books.accounts.account(part.books.channel, "clearing")
    return part.books.dimensions.on(account, None, part.books.policy, key="clearing", month=part.journal.period)


def journal_intent(evidence: Evidence, books: ChannelBooks, journal: Journal) -> dict[str, Any]:
    """Return the intent of a journal entry; its currency is the settlement's, its lines carry all dimensions."""
    lines = [_intent_line(line, journal.currency) for line in journal.lines]
    return {**_head(evidence, books, journal), "lines": lines}


def _head(evidence: Evidence, books: ChannelBooks, journal: Journal) -> dict[str, Any]:
    head: dict[str, Any] = {
        "external_id": journal.external_id,
        "date": journal.date.isoformat(),
        "subsidiary_id": books.dimensions.subsidiary_id,
        "currency": journal.currency,
        "memo": journal.memo,
    }
    rate = rate_of(evidence, books, journal.currency)
    if books.policy.rate == "mirror" and rate is not None:
        head["exchange_rate"] = str(rate.rate)
    return head


def _intent_line(line: JournalLine, currency: str) -> dict[str, Any]:
    return {
        "account_id": line.account.account_id,
        "debit": amount_text(line.debit, currency) if line.debit else None,
        "credit": amount_text(line.credit, currency) if line.credit else None,
        "memo": line.memo,
        "department_id": line.account.department_id,
        "class_id": line.account.class_id,
        "location_id": line.account.location_id,
        "entity_id": line.account.entity_id,
    }


def shown_lines(evidence: Evidence, books: ChannelBooks, journal: Journal) -> dict[str, str]:
    """Return the lines of a journal for people, with their worth in the books' currency where that is another."""
    rate = rate_of(evidence, books, journal.currency)
    home = None
    names = evidence.once("dimension names", lambda: dimension_names(evidence.cursor))
    shown: dict[str, str] = {}
    if rate is not None:
        shown["rate"] = f"1 {journal.currency} = {rate.rate.normalize():f} {rate.currency}, NetSuite's of the mirror"
        home = in_base([(line.debit, line.credit) for line in journal.lines], rate.rate, rate.currency)
    for n, line in enumerate(journal.lines, 1):
        side = "debit" if line.debit else "credit"
        text = f"{line.account.label}, {line.memo}: {side} {amount_text(line.debit or line.credit, journal.currency)}"
        if rate is not None and home is not None:
            text += f" ({amount_text(home[n - 1][0] or home[n - 1][1], rate.currency)} {rate.currency})"
        if said := dimensions_text(line.account, names):
            text += f" [{said}]"
        shown[f"line {n}"] = text
    return shown


def _deposit_intent(evidence: Evidence, part: UnpostedPart, deposit: DepositPosting) -> dict[str, Any]:
    currency = part.journal.currency
    head = _head(evidence, part.books, part.journal)

    def line(one: PostingPart) -> dict[str, Any]:
        return {
            "account_id": one.account.account_id,
            "amount": amount_text(one.amount, currency),
            "memo": one.memo,
            **_dimensions(one.account),
        }

    return {
        **head,
        "account_id": deposit.account.account_id,
        "total": amount_text(deposit.total, currency),
        "payments": [
            {"document_id": s.document_id, "amount": amount_text(s.amount, currency)} for s in deposit.payments
        ],
        "others": [line(o) | {"entity_id": o.account.entity_id} for o in deposit.others],
        "cash_back": [line(k) for k in deposit.cash_back],
    }


def _sale_intent(evidence: Evidence, part: UnpostedPart, sale: SalePosting) -> dict[str, Any]:
    currency, routing = part.journal.currency, part.books.routing
    lines = [
        {
            "item_id": one.account.item_id,
            "quantity": "1",
            "amount": amount_text(one.amount, currency),
            "description": one.memo,
            **_dimensions(one.account),
        }
        for one in sale.parts
    ]
    return {
        **_head(evidence, part.books, part.journal),
        "customer": {"id": routing.customer_id if routing else None},
        "account_id": sale.account.account_id,
        "lines": lines,
    }


def _dimensions(account: LedgerAccount) -> Mapping[str, str | None]:
    return {
        "department_id": account.department_id,
        "class_id": account.class_id,
        "location_id": account.location_id,
    }


def _shown_deposit(deposit: DepositPosting, currency: str) -> dict[str, str]:
    shown = {f"payment {s.number}": f"order {s.order_id}: {amount_text(s.amount, currency)}" for s in deposit.payments}
    shown |= _shown_parts(deposit.others, currency, "other ")
    shown |= _shown_parts(deposit.cash_back, currency, "cash back ")
    return shown | {"total": f"{deposit.account.label}: {amount_text(deposit.total, currency)}"}


def _shown_parts(parts: Sequence[PostingPart], currency: str, name: str) -> dict[str, str]:
    return {
        f"{name or 'line '}{n}": f"{p.account.label}, {p.memo}: {amount_text(p.amount, currency)}"
        for n, p in enumerate(parts, 1)
        if p.amount != Decimal(0)
    }
