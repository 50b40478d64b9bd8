"""Refunds that a settlement books and that a document of somebody else credits as well: told, never decided here.

`agreement` holds settlements back where our own credits and a settlement's refund lines reduce income twice. Credits
that another connector or a person made are not ours to judge: they may be a company's way for years, with a clearing of
its own. What can be told is which documents of the refunds' own orders credit the very same amount and are paid from
another account than the settlement's refund lines go to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import go_live
from reconcile.documents import link_documents
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.refunds.parts import REFUND_TYPES
from reconcile.settlement import LedgerAccount
from sync.money import total_of

__all__ = ["CreditBeside", "CreditsBeside", "credits_beside"]

_SHOWN = 3
_FOREVER = datetime(1970, 1, 1, tzinfo=UTC)
_TABLE = """
CREATE OR REPLACE TEMP TABLE beside_orders (
    channel VARCHAR, order_id VARCHAR, transaction_type VARCHAR, amount_type VARCHAR, amount_description VARCHAR,
    amount DECIMAL(18, 4))
"""
_REFUNDED = """
INSERT INTO temp.beside_orders
SELECT channel, order_id, transaction_type, amount_type, amount_description, sum(amount) FROM settlement_lines
WHERE channel = $1 AND ($2 = '' OR settlement_id = $2) AND order_id IS NOT NULL
    AND transaction_type IN (SELECT unnest($3::VARCHAR[]))
    AND settlement_id IN (SELECT settlement_id FROM settlements WHERE channel = $1 AND period_end >= $4)
GROUP BY ALL
"""
# A credit is paid by the refund that was made from it, a cash refund by itself: the account of that one's main line.
_CREDITS = """
SELECT d.order_id, coalesce(d.number, d.transaction_id), abs(coalesce(d.total, 0)), d.currency, max(l.account_id)
FROM temp.beside_documents d
LEFT JOIN temp.beside_documents p ON p.order_id = d.order_id AND p.made_from = d.transaction_id
    AND p.transaction_type = 'CustRfnd' AND p.status IS DISTINCT FROM 'V'
LEFT JOIN transaction_lines l ON l.is_main
    AND l.transaction_id = CASE d.transaction_type WHEN 'CashRfnd' THEN d.transaction_id ELSE p.transaction_id END
WHERE d.transaction_type IN ('CustCred', 'CashRfnd') AND d.status IS DISTINCT FROM 'V'
    AND NOT regexp_matches(coalesce(d.external_id, ''), '^[A-Z]+-(CM|RFD)-')
GROUP BY ALL ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class CreditBeside:
    """One document; `paid_from` is the label of the account that its money comes from, None where it is not paid."""

    order_id: str
    number: str
    total: Decimal
    currency: str
    paid_from: str | None


@dataclass(frozen=True, slots=True)
class CreditsBeside:
    """The credits of a channel's refunds that stand beside its settlements."""

    channel: str
    books_on: LedgerAccount
    credits: tuple[CreditBeside, ...]

    @property
    def text(self) -> str:
        """Return it in words, with what would help."""
        sums = {c.currency: total_of(x.total for x in self.credits if x.currency == c.currency) for c in self.credits}
        money = ", ".join(f"{amount_text(amount, currency)} {currency}" for currency, amount in sorted(sums.items()))
        named = "; ".join(
            f"{c.number} of {c.order_id}, {f'paid from {c.paid_from}' if c.paid_from else 'not paid out'}"
            for c in self.credits[:_SHOWN]
        )
        more = f" and {len(self.credits) - _SHOWN} more" if len(self.credits) > _SHOWN else ""
        one = len(self.credits) == 1
        count = "1 refund" if one else f"{len(self.credits)} refunds"
        return (
            f"{count} of {self.channel} ({money}) that settlements book on {self.books_on.label}"
            f" {'was' if one else 'were'} credited in NetSuite by others: {named}{more}. Where both stand, income is"
            f" reduced twice: take the credits back; or, where all refunds are credited so, decide that refunds of"
            f" {self.channel} go to the account that pays them"
        )


def credits_beside(evidence: Evidence, channel: str, settlement_id: str = "") -> CreditsBeside | None:
    """Return the credits by others of refunds in a channel's settlements, or in one of them; None: there are none.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    books = channel_books(evidence, channel)
    stands = books.accounts.find(channel, "refunds")
    if stands is None or stands.account_id is None:
        return None
    cursor = evidence.cursor
    cursor.execute(_TABLE)
    since = go_live(evidence, "settlement_not_posted", channel) or _FOREVER
    cursor.execute(_REFUNDED, [channel, settlement_id, list(REFUND_TYPES), since])
    given = _given(evidence, books)
    if not given:
        return None
    link_documents(evidence, "beside_orders", "beside_documents")
    labels = dict(
        cursor.execute("SELECT account_id, trim(coalesce(number, '') || ' ' || name) FROM accounts").fetchall()
    )
    held: dict[str, list[tuple[str, Decimal, str, str | None]]] = {}
    for order_id, *values in cursor.execute(_CREDITS).fetchall():
        held.setdefault(order_id, []).append(tuple(values))
    found = [
        CreditBeside(order_id, number, total, currency, labels.get(account) if account else None)
        for order_id, documents in sorted(held.items())
        for number, total, currency, account in documents
        if account != stands.account_id
        and ({total, total_of(d[1] for d in documents)} & given.get(order_id, frozenset()))
    ]
    return CreditsBeside(channel, stands, tuple(found)) if found else None


def _given(evidence: Evidence, books: ChannelBooks) -> Mapping[str, frozenset[Decimal]]:
    """Return order → what its settlement lines gave back, without and with tax."""
    vendor = books.channel.partition(".")[0]
    net: dict[str, Decimal] = {}
    tax: dict[str, Decimal] = {}
    for order_id, *kind, amount in evidence.cursor.execute(
        "SELECT order_id, transaction_type, amount_type, amount_description, amount FROM temp.beside_orders"
    ).fetchall():
        placed = books.rules.place(vendor, *kind)
        if placed.account_key == "refunds":
            net[order_id] = net.get(order_id, Decimal(0)) - amount
        elif placed.category == "tax":
            tax[order_id] = tax.get(order_id, Decimal(0)) - amount
    return {o: frozenset({amount, amount + tax.get(o, Decimal(0))}) for o, amount in net.items() if amount > 0}
