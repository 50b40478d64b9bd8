"""Cash sales that wait in undeposited funds for the settlement that pays them, for the posting model `deposit`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.groups import GroupKey
from reconcile.settlement.models import PaidSale

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.controls.settlements.unposted import UnpostedPart

__all__ = ["PaidSales", "paid_sales"]

#: The stream that tells which documents a deposit took up.
_LINKS = "netsuite.links"
#: What a buyer paid for an order, without and with tax that the document holds too.
_PRICE = frozenset({"sales", "shipping", "gift_wrap", "promotions"})
_TAXED = _PRICE | {"tax", "marketplace_tax_withheld"}
# A deposit that was voided by a journal has put its money back on the account, and still holds the sale as deposited.
# $5 is a deposit that is looked at as if it held no sale, $6 tells whether its sales were held and let go.
_WAITING = """
SELECT t.transaction_id, coalesce(t.number, t.transaction_id), t.other_reference, t.total,
    EXISTS (
        SELECT 1 FROM document_links k JOIN transactions d ON d.transaction_id = k.next_id
        WHERE k.previous_id = t.transaction_id AND d.transaction_type = 'Deposit'
            AND ($6 OR d.transaction_id IS DISTINCT FROM $5))
FROM transactions t
WHERE t.transaction_type = 'CashSale' AND t.currency = $4
    AND t.other_reference IN (
        SELECT order_id FROM settlement_lines WHERE channel = $1 AND settlement_id = $2 AND order_id IS NOT NULL)
    AND EXISTS (SELECT 1 FROM transaction_lines l WHERE l.transaction_id = t.transaction_id AND l.account_id = $3)
    AND NOT EXISTS (
        SELECT 1 FROM document_links k JOIN transactions d ON d.transaction_id = k.next_id
        WHERE k.previous_id = t.transaction_id AND d.transaction_type = 'Deposit'
            AND d.transaction_id IS DISTINCT FROM $5
            AND NOT EXISTS (SELECT 1 FROM transactions v WHERE v.external_id = d.external_id || '-R'))
ORDER BY t.transaction_id
"""
_PAID = """
SELECT order_id, transaction_type, amount_type, amount_description, fulfilled_by, sum(amount)
FROM settlement_lines
WHERE channel = $1 AND settlement_id = $2 AND strftime(posted_date, '%Y-%m') = $3
    AND order_id IN (SELECT unnest($4::VARCHAR[])) AND transaction_type NOT ILIKE '%refund%'
GROUP BY ALL ORDER BY ALL
"""
# Only deposits take sales up, and only their voids let them go: a journal that was reversed held none.
_DEPOSITED = """
SELECT max(updated_at) FROM operations
WHERE kind IN ('deposit.create', 'document.void') AND state IN ('done', 'answered') AND starts_with(identity, $1)
"""


@dataclass(frozen=True, slots=True)
class PaidSales:
    """The cash sales whose money a part holds; `stop` names the first whose amount is another than the settlement's."""

    paid: tuple[PaidSale, ...]
    stop: Stop | None = None


def paid_sales(
    evidence: Evidence,
    part: UnpostedPart,
    *,
    model: str | None = None,
    holder: str | None = None,
    is_voided: bool = False,
) -> PaidSales:
    """Return the waiting cash sales of a part's orders; none under other posting models (by default the policy's).

    A deposit below zero is posted as a journal, and takes no cash sale up. `holder` is the id of a deposit whose own
    sales count as waiting: what it would take up if it were posted now, or with `is_voided` what it lets go.
    """
    channel, settlement = part.books.channel, part.settlement
    undeposited = part.books.accounts.find(channel, "undeposited")
    if (model or part.books.policy.model) != "deposit" or part.amount < 0 or undeposited is None:
        return PaidSales(())
    account_id = undeposited.account_id
    key = [channel, settlement.settlement_id]
    waiting = evidence.cursor.execute(_WAITING, [*key, account_id, settlement.currency, holder, is_voided]).fetchall()
    if waiting and (stop := _links_stop(evidence, part)) is not None:
        return PaidSales((), stop)
    rows = evidence.cursor.execute(_PAID, [*key, part.journal.period, [w[2] for w in waiting]]).fetchall()
    shown = {k for line in part.journal.lines for k in line.groups}
    sums: dict[str, dict[GroupKey, Decimal]] = {}
    for order_id, kind, amount_type, text, fulfilled, amount in rows:
        group: GroupKey = (kind, amount_type, text, fulfilled, part.journal.period)
        if group in shown:
            sums.setdefault(order_id, {})[group] = amount
    found: list[PaidSale] = []
    for document_id, number, order_id, total, was_deposited in waiting:
        mine = sums.get(order_id, {})
        taken = next(
            (p for p in (_only(part, mine, _PRICE), _only(part, mine, _TAXED)) if sum(p.values()) == total), {}
        )
        if taken:
            # An order's money pays one document: a second one of the same order finds nothing left.
            del sums[order_id]
            released = _released(part, undeposited) if was_deposited else None
            found.append(PaidSale(document_id, number, order_id, total, taken, released))
        elif priced := _only(part, mine, _PRICE):
            # Where the part has only a fee of the order, another one pays it.
            paid = amount_text(sum(priced.values(), Decimal(0)), settlement.currency)
            return PaidSales((), _differs(channel, number, order_id, amount_text(total, settlement.currency), paid))
    return PaidSales(tuple(found))


def _released(part: UnpostedPart, undeposited: LedgerAccount) -> LedgerAccount:
    books = part.books
    return books.dimensions.on(undeposited, None, books.policy, key="undeposited", month=part.journal.period)


def _links_stop(evidence: Evidence, part: UnpostedPart) -> Stop | None:
    """Return that nobody knows which sales are deposited: the links between documents were not read since."""
    read = evidence.store.mirror.covered_until(_LINKS, evidence.cursor)
    own = part.journal.external_id.partition("-v")[0]
    row = evidence.cursor.execute(_DEPOSITED, [own]).fetchone()
    sent = row[0] if row else None
    if read is not None and (sent is None or sent <= read):
        return None
    return (
        f"links|{part.books.channel}",
        f"which cash sales are deposited is not known: {_LINKS} {'was never read' if read is None else 'is older'}",
        f"`tieout pull {_LINKS}`; where [pull] kinds are listed, links belongs to them",
    )


def _only(part: UnpostedPart, sums: dict[GroupKey, Decimal], categories: frozenset[str]) -> dict[GroupKey, Decimal]:
    vendor = part.books.channel.partition(".")[0]
    return {k: a for k, a in sums.items() if part.books.rules.place(vendor, *k[:3]).category in categories}


def _differs(channel: str, number: str, order_id: str, total: str, paid: str) -> Stop:
    return (
        f"cash_sale|{channel}|{number}",
        f"cash sale {number} of order {order_id} is {total}, the settlement pays {paid}",
        f"Correct {number} in NetSuite, or say with `tieout waive` that the part is posted by hand",
    )
