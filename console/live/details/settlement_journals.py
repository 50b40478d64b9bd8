"""How the journals of a settlement stand: subsidiary, period, and what posts them or would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.present.amounts import money
from console.present.times import counted
from reconcile.controls.control import Evidence
from reconcile.controls.settlements.invoiced import apart_of, invoiced_orders, payments_key
from reconcile.controls.settlements.posted_documents import known_names, posted_documents
from reconcile.controls.settlements.taken_along import taken_along
from reconcile.fixes.settlements.cash_sales import PaidSales
from reconcile.mapping.posting import ChannelBooks, channel_books, period_of
from reconcile.settlement import Journal
from reconcile.settlement.identity import current_name
from reconcile.settlement.models import PaidSale
from sync.money import total_of

__all__ = ["journal_standings"]

_MODELS = {"deposit": "due as a deposit", "cash_sale": "due as a cash sale or cash refund"}


def journal_standings(
    evidence: Evidence, channel: str, settlement_id: str, journals: Sequence[Journal]
) -> Mapping[str, str]:
    """Return external id → how it stands: the subsidiary, the accounting period, and as what it is posted or is due.

    Further lines say which cash sales a deposit takes along in place of its price lines, and what of them invoices
    have sold, or why they keep it back.
    """
    books, known = channel_books(evidence, channel), known_names(evidence)
    names = {j.external_id: current_name(j.external_id, known) for j in journals}
    posted = posted_documents(evidence, [name for name in names.values() if name in known])
    subsidiary = _subsidiary(evidence, books.dimensions.subsidiary_id)
    along, undeposited = taken_along(evidence, channel, settlement_id), books.accounts.find(channel, "undeposited")
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
            said = f"not posted ({name})" if name != journal.external_id else "not posted"
            words.append(f"{said}, {model}" if model else said)
        lines: tuple[str, ...] = ()
        if undeposited is not None and (taken := along.get(journal.external_id)) is not None:
            lines = _said_of_sales(taken, undeposited.label, journal.currency, is_posted=name in posted)
        lines = (*lines, *_invoiced(evidence, books, settlement_id, journal))
        stands[journal.external_id] = "\n".join((" · ".join(words), *lines))
    return stands


def _invoiced(evidence: Evidence, books: ChannelBooks, settlement_id: str, journal: Journal) -> tuple[str, ...]:
    orders = invoiced_orders(evidence, books.channel, settlement_id, journal.period)
    if not orders:
        return ()
    apart = [g.amount for g in apart_of(evidence, books.channel, settlement_id) if g.month == journal.period]
    account = books.accounts.find(books.channel, payments_key(books))
    amount = f"{money(total_of(apart), journal.currency)} {journal.currency}"
    count, where = counted(len(orders), "order"), account.label if account else "no account"
    if books.routing is None or books.routing.settle_invoices == "none":
        return (f"! {count} of {amount} {'is' if len(orders) == 1 else 'are'} sold by our invoices: O decides",)
    return (f"{amount} of {count} sold by invoices leaves {where}, where their payments go",)


def _said_of_sales(taken: PaidSales, undeposited: str, currency: str, *, is_posted: bool) -> tuple[str, ...]:
    """Return in words which cash sales and payments a deposit pays in place of price lines."""
    if taken.stop is not None:
        return (f"! {taken.stop[1]}",)
    along, apart = ([s for s in taken.paid if (s.released is None) is whole] for whole in (True, False))
    words = []
    if along:
        sales = f"{_counted(along)} of {money(total_of(s.amount for s in along), currency)} {currency}"
        verb = "took" if is_posted else "takes"
        words.append(f"{verb} {sales} along from {undeposited}, in place of their price lines here")
    if rest := total_of(s.amount - s.paid for s in along):
        words.append(f"{money(rest, currency)} {currency} of them, which others pay, goes back there")
    if apart:
        sales = f"{money(total_of(s.paid for s in apart), currency)} {currency} of {_counted(apart)}"
        words.append(f"books {sales} out of {undeposited}, in place of their price lines: others take them along")
    return tuple(words)


def _counted(sales: Sequence[PaidSale]) -> str:
    """Return how many cash sales and payments of invoices they are."""
    payments = sum(s.is_payment for s in sales)
    said = [counted(len(sales) - payments, "cash sale")] if payments < len(sales) else []
    return " and ".join([*said, *([counted(payments, "payment")] if payments else [])])


def _subsidiary(evidence: Evidence, subsidiary_id: str | None) -> str:
    row = evidence.cursor.execute("SELECT name FROM subsidiaries WHERE subsidiary_id = $1", [subsidiary_id]).fetchone()
    return str(row[0]) if row else ""
