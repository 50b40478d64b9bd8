"""Cash sales and payments of invoices that wait in undeposited funds for the settlement that pays them.

Only the posting model `deposit` takes them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.fixes.settlements.order_payments import order_parts, payments_of_part
from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.groups import GroupKey
from reconcile.settlement.models import PaidSale
from sync.money import total_of

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
WITH named AS (
    SELECT DISTINCT order_id FROM settlement_lines WHERE channel = $1 AND settlement_id = $2 AND order_id IS NOT NULL
),
billed AS (
    SELECT i.transaction_id, n.order_id FROM transactions i JOIN named n ON n.order_id = i.other_reference
    WHERE i.transaction_type = 'CustInvc'
),
payments AS (
    SELECT k.next_id AS transaction_id, min(b.order_id) AS order_id
    FROM document_links k LEFT JOIN billed b ON b.transaction_id = k.previous_id
    WHERE k.next_id IN (SELECT p.next_id FROM document_links p JOIN billed ON billed.transaction_id = p.previous_id)
    GROUP BY k.next_id HAVING count(*) = count(b.order_id) AND count(DISTINCT b.order_id) = 1
),
documents AS (
    SELECT t.transaction_id, n.order_id FROM transactions t JOIN named n ON n.order_id = t.other_reference
    WHERE t.transaction_type = 'CashSale'
    UNION ALL SELECT * FROM payments
)
SELECT t.transaction_id, coalesce(t.number, t.transaction_id), o.order_id, abs(t.total),
    EXISTS (
        SELECT 1 FROM document_links k JOIN transactions d ON d.transaction_id = k.next_id
        WHERE k.previous_id = t.transaction_id AND d.transaction_type = 'Deposit'
            AND ($6 OR d.transaction_id IS DISTINCT FROM $5)),
    t.transaction_type = 'CustPymt'
FROM documents o JOIN transactions t USING (transaction_id)
WHERE t.transaction_type IN ('CashSale', 'CustPymt') AND t.currency = $4 AND t.status IS DISTINCT FROM 'V'
    AND EXISTS (SELECT 1 FROM transaction_lines l WHERE l.transaction_id = t.transaction_id AND l.account_id = $3)
    AND NOT EXISTS (
        SELECT 1 FROM document_links k JOIN transactions d ON d.transaction_id = k.next_id
        WHERE k.previous_id = t.transaction_id AND d.transaction_type = 'Deposit'
            AND d.transaction_id IS DISTINCT FROM $5
            AND NOT EXISTS (SELECT 1 FROM transactions v WHERE v.external_id = d.external_id || '-R'))
ORDER BY t.transaction_date, length(t.transaction_id), t.transaction_id
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
class _Waiting:
    """One cash sale, or one payment of an order's invoices, in undeposited funds."""

    document_id: str
    number: str
    order_id: str
    total: Decimal
    #: A deposit held it, which was voided since or is looked at as if it held none.
    was_deposited: bool
    is_payment: bool


@dataclass(frozen=True, slots=True)
class PaidSales:
    """The cash sales and payments whose money a part holds; `stop` names the first that is paid otherwise."""

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
    """Return the waiting cash sales and payments of a part's orders; none under other models (by default the policy's).

    A deposit below zero is posted as a journal, and takes no cash sale up. `holder` is the id of a deposit whose own
    sales count as waiting: what it would take up if it were posted now, or with `is_voided` what it lets go.
    """
    channel, settlement = part.books.channel, part.settlement
    undeposited = part.books.accounts.find(channel, "undeposited")
    if (model or part.books.policy.model) != "deposit" or part.amount < 0 or undeposited is None:
        return PaidSales(())
    account_id = undeposited.account_id
    key = [channel, settlement.settlement_id]
    asked = [*key, account_id, settlement.currency, holder, is_voided]
    waiting = [_Waiting(*row) for row in evidence.cursor.execute(_WAITING, asked).fetchall()]
    if waiting and (stop := _links_stop(evidence, part)) is not None:
        return PaidSales((), stop)
    rows = evidence.cursor.execute(_PAID, [*key, part.journal.period, [w.order_id for w in waiting]]).fetchall()
    shown = {k for line in part.journal.lines for k in line.groups}
    sums: dict[str, dict[GroupKey, Decimal]] = {}
    for order_id, kind, amount_type, text, fulfilled, amount in rows:
        group: GroupKey = (kind, amount_type, text, fulfilled, part.journal.period)
        if group in shown:
            sums.setdefault(order_id, {})[group] = amount
    found: list[PaidSale] = []
    for documents in _units(waiting):
        first = documents[0]
        mine = sums.get(first.order_id, {})
        held, taken = _match(evidence, part, documents, mine)
        if taken:
            # An order's money pays one document: a second one of the same order finds nothing left.
            del sums[first.order_id]
            for n, one in enumerate(held):
                released = _released(part, undeposited) if one.was_deposited else None
                stands_for = taken if n == 0 else {}
                found.append(PaidSale(one.document_id, one.number, one.order_id, one.total, stands_for, released))
        elif priced := _only(part, mine, _PRICE):
            # Where the part has only a fee of the order, another one pays it.
            paid = amount_text(sum(priced.values(), Decimal(0)), settlement.currency)
            return PaidSales((), _differs(channel, documents, settlement.currency, paid))
    return PaidSales(tuple(found))


def _units(waiting: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
    """Give what pays one order together: each cash sale alone, all payments of an order's invoices."""
    payments: dict[str, list[_Waiting]] = {}
    for one in waiting:
        if one.is_payment:
            payments.setdefault(one.order_id, []).append(one)
        else:
            yield [one]
    yield from payments.values()


def _match(
    evidence: Evidence, part: UnpostedPart, documents: Sequence[_Waiting], mine: Mapping[GroupKey, Decimal]
) -> tuple[Sequence[_Waiting], dict[GroupKey, Decimal]]:
    """Return which documents of an order the part pays, and the sums that they stand for; none where nothing fits."""
    totals = [d.total for d in documents]
    for categories in (_PRICE, _TAXED):
        taken = _only(part, mine, categories)
        if taken and total_of(taken.values()) == total_of(totals):
            return documents, taken
    for categories in (_PRICE, _TAXED) if len(documents) > 1 else ():
        paid = order_parts(evidence, part.books, documents[0].order_id, categories)
        own = (part.settlement.settlement_id, part.journal.period)
        if own in paid and (run := payments_of_part(totals, list(paid.values()), list(paid).index(own))):
            return documents[slice(*run)], _only(part, mine, categories)
    return (), {}


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


def _only(part: UnpostedPart, sums: Mapping[GroupKey, Decimal], categories: frozenset[str]) -> dict[GroupKey, Decimal]:
    vendor = part.books.channel.partition(".")[0]
    return {k: a for k, a in sums.items() if part.books.rules.place(vendor, *k[:3]).category in categories}


def _differs(channel: str, documents: Sequence[_Waiting], currency: str, paid: str) -> Stop:
    one = documents[0]
    numbers = " and ".join(d.number for d in documents)
    what = "cash sale" if not one.is_payment else "payment" if len(documents) == 1 else "payments"
    total = amount_text(total_of(d.total for d in documents), currency)
    return (
        f"cash_sale|{channel}|{one.number}",
        f"{what} {numbers} of order {one.order_id} {'is' if len(documents) == 1 else 'are'} {total}, the settlement"
        f" pays {paid}",
        f"Correct {numbers} in NetSuite, or say with `tieout waive` that the part is posted by hand",
    )
