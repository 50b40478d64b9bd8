"""What keeps a month part from being posted, each with the cause that it shares with others and what would help."""

from __future__ import annotations

from reconcile.amounts import amount_text
from reconcile.controls.agreement import cash_sales_stop, disagreement_stop
from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import Stop, day_stop, period_stop
from reconcile.controls.settlements.invoice_stops import invoices_stop
from reconcile.controls.settlements.invoiced import InvoicedOrder, invoiced_orders
from reconcile.controls.settlements.payments_first import payments_stop
from reconcile.controls.settlements.settlement_parts import SettlementParts
from reconcile.controls.settlements.undeposited import undeposited_stop
from reconcile.mapping.posting import ChannelBooks
from reconcile.settlement import Journal
from reconcile.settlement.accounts import UNMAPPED_ACCOUNT

__all__ = ["Stop", "account_stop", "part_stop", "period_stop", "routing_stop"]


def part_stop(evidence: Evidence, parts: SettlementParts, journal: Journal) -> Stop | None:
    """Return the first thing that keeps a journal of a settlement from being posted."""
    return (
        _footing_stop(parts)
        or _line_type_stop(parts, journal.period)
        or account_stop(parts.books.channel, journal)
        or routing_stop(parts.books)
        or undeposited_stop(evidence, parts.books)
        or disagreement_stop(evidence, parts.books.channel, set(_keys(parts, journal)))
        or invoices_stop(evidence, parts, journal)
        or payments_stop(evidence, parts.books, _invoiced(evidence, parts, journal))
        or cash_sales_stop(evidence, parts.books, parts.settlement.settlement_id, _keys(parts, journal))
        or _item_stop(parts, journal)
        or day_stop(evidence, journal.external_id, journal.date)
    )


def _invoiced(evidence: Evidence, parts: SettlementParts, journal: Journal) -> tuple[InvoicedOrder, ...]:
    return invoiced_orders(evidence, parts.books.channel, parts.settlement.settlement_id, journal.period)


def _keys(parts: SettlementParts, journal: Journal) -> dict[str, str]:
    """Return the account keys that a journal's lines are booked by, with the ids of their accounts.

    What invoices have sold is booked by the key of their payments' account, not by these.
    """
    booked = {key: line.account.account_id or "" for line in journal.lines for key in line.groups}
    return {
        parts.classified.of(g).account_key: booked[g.key] for g in parts.groups if g.key in booked and g.paid_on is None
    }


def _footing_stop(parts: SettlementParts) -> Stop | None:
    settlement, added = parts.settlement, parts.added
    if added == settlement.total:
        return None
    currency = settlement.currency
    return (
        f"footing|{settlement.channel}|{settlement.settlement_id}",
        f"settlement {settlement.settlement_id} does not foot: its lines add to {amount_text(added, currency)}, it"
        f" states {amount_text(settlement.total, currency)}, residual"
        f" {amount_text(settlement.total - added, currency)} {currency}",
        "Pull the report again; lines are missing or were changed",
    )


def _line_type_stop(parts: SettlementParts, month: str) -> Stop | None:
    if parts.books.policy.suspense_key is not None:
        return None
    here = {g.line_type for g in parts.groups if g.month == month}
    for unknown in parts.classified.unmapped:
        kind = (unknown.transaction_type, unknown.amount_type, unknown.amount_description)
        if kind in here:
            name = " / ".join(text for text in kind if text)
            near = f"; it is most like {unknown.nearest}" if unknown.nearest else ""
            return (
                "line_type|" + "|".join((parts.classified.vendor, *kind)),
                f"line type {name} has no account",
                f"Choose category and account of {name}{near}",
            )
    return None


def account_stop(channel: str, journal: Journal) -> Stop | None:
    """Return the first account of a journal that nobody named, that the ERP lacks, or that nothing may post to."""
    for line in journal.lines:
        account, label = line.account, line.account.label
        if account.is_usable:
            continue
        if label == UNMAPPED_ACCOUNT.label:
            # The journal says which key has no account.
            said = next((b.partition(":")[0] for b in journal.blocked_by if b.startswith("no ledger account")), "")
            cause = said or f"a line of {journal.external_id} has no account"
            return (f"account|{channel}|{cause}", cause, "Decide the account of the key with `tieout map account`")
        if account.account_id is None:
            label = label.removesuffix(" not in NetSuite")
            cause, remedy = f"account {label} of {channel} is not in NetSuite", "Choose an account that NetSuite has"
        else:
            cause = f"account {label} of {channel} is inactive in NetSuite"
            remedy = "Make it active there again, or choose another account"
        return (f"account|{channel}|{label}", cause, remedy)
    return None


def routing_stop(books: ChannelBooks) -> Stop | None:
    """Return that the channel has no usable routing, or no customer where its documents need one."""
    if books.routing is None:
        remedy = f"Decide the subsidiary of {books.channel}"
        return (f"routing|{books.channel}", books.routing_problem or f"{books.channel} has no routing", remedy)
    if books.policy.model == "cash_sale" and books.routing.customer_id is None:
        return (
            f"routing|{books.channel}|customer",
            f"{books.channel} has no customer of its own for cash sales",
            "Decide customer_id of the channel's routing",
        )
    return None


def _item_stop(parts: SettlementParts, journal: Journal) -> Stop | None:
    """Return the first account without an item, where parts are posted as cash sales."""
    if parts.books.policy.model != "cash_sale":
        return None
    channel = parts.books.channel
    for line in journal.lines:
        if line.groups and line.account.item_id is None:
            label = line.account.label
            return (
                f"item|{channel}|{label}",
                f"account {label} of {channel} has no item that a cash sale could sell",
                "Decide the account again with its item_id",
            )
    return None
