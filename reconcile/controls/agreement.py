"""Accounts that must agree, or the same money is booked twice.

Where Tieout credits refunds, the money leaves the account that refunds are paid from; the settlement that reports them
must book its refund lines there too, else income is reduced twice. Where invoices have sold the orders, each order's
price lines leave the account that its payment went to by themselves (`settlements/invoiced`, `invoice_stops`). Where
Tieout books orders as cash sales, the settlement must take their money from where it waits: as a deposit
from undeposited funds (a deposit also books what has no cash sale), else by its price lines' account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import Offer, Stop, propose
from reconcile.mapping.accounts import DIMENSIONS, account_subject
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.refunds.policy import returns_policy
from reconcile.settlement import LedgerAccount
from reconcile.settlement.identity import prefix

__all__ = ["Disagreement", "cash_sales_stop", "disagreement_stop", "disagreements"]

#: Account keys of what buyers paid for an order.
_PRICE = ("sales", "shipping_income", "gift_wrap_income", "promotions")
# Credits and cash refunds that we made: in the ERP, or sent and not read back yet.
_CREDITED = """
SELECT count(*) FROM (
    SELECT external_id FROM transactions
    WHERE transaction_type IN ('CustCred', 'CashRfnd') AND regexp_matches(external_id, '^' || $2 || '-(CM|RFD)-')
    UNION SELECT identity FROM operations
    WHERE channel = $1 AND kind IN ('credit_memo.create', 'cash_refund.create') AND state IN ('done', 'answered')
        AND regexp_matches(identity, '^' || $2 || '-(CM|RFD)-')
)
"""


# Cash sales of ours for the orders of a settlement, by the account that holds their money.
_CASH_SALES = """
SELECT l.account_id, count(*), min(coalesce(t.number, t.transaction_id)), any_value(a.number || ' ' || a.name)
FROM transactions t
JOIN transaction_lines l ON l.transaction_id = t.transaction_id AND l.is_main
LEFT JOIN accounts a ON a.account_id = l.account_id
WHERE t.transaction_type = 'CashSale' AND t.status IS DISTINCT FROM 'V'
    AND t.external_key IN (SELECT order_key FROM settlement_lines WHERE channel = $1 AND settlement_id = $2)
    AND t.external_id IN (SELECT $3 || '-' || order_id FROM settlement_lines WHERE channel = $1 AND settlement_id = $2)
GROUP BY l.account_id ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An account key whose account is another than the one that the same money is booked on already."""

    channel: str
    key: str
    stands: LedgerAccount
    due: LedgerAccount
    because: str

    @property
    def stop(self) -> Stop:
        """Return it as what keeps a settlement from being posted."""
        cause = f"{self.key} of {self.channel} is {self.stands.label or 'unknown'}, but {self.because}"
        remedy = f"Decide that the account {self.key} of {self.channel} is {self.due.label}"
        return (f"agree|{self.channel}|{self.key}", cause, remedy)

    def offer(self) -> Offer:
        """Return the decision that makes the two agree; dimensions and item of the key's account stay."""
        kept = {name: str(value) for name in DIMENSIONS if (value := getattr(self.stands, name))}
        value = {"account_id": str(self.due.account_id), **kept}
        words = f"{self.key} of {self.channel} on {self.due.label}"
        return Offer("account", account_subject(self.channel, self.key), value, words, self.because)


def disagreements(evidence: Evidence, channel: str) -> tuple[Disagreement, ...]:
    """Return the account keys of a channel that do not agree with what is booked beside its settlements.

    Raises:
        BadInput: a decision on line types, dimensions, returns or the settlement policy cannot be used.
    """
    return evidence.once(f"disagreements {channel}", lambda: tuple(_all(evidence, channel_books(evidence, channel))))


def _all(evidence: Evidence, books: ChannelBooks) -> Iterator[Disagreement]:
    if books.routing is None:
        return
    paid_from = _paid_from(evidence, books)
    if paid_from is not None:
        yield from _beside(books, "refunds", paid_from, f"refunds are credited and paid from {paid_from.label}")


def _beside(books: ChannelBooks, key: str, due: LedgerAccount, because: str) -> Iterator[Disagreement]:
    stands = books.accounts.find(books.channel, key)
    if stands is not None and due.account_id is not None and stands.account_id != due.account_id:
        yield Disagreement(books.channel, key, stands, due, because)


def _paid_from(evidence: Evidence, books: ChannelBooks) -> LedgerAccount | None:
    """Return where our refunds of a channel are paid from, None while none of its refunds was credited by us."""
    row = evidence.cursor.execute(_CREDITED, [books.channel, prefix(books.channel)]).fetchone()
    if row is None or not row[0]:
        return None
    said = returns_policy(books.channel, evidence.decisions("returns")).account_id
    if said is None:
        return books.accounts.find(books.channel, "clearing")
    found = evidence.cursor.execute(
        "SELECT coalesce(number, ''), name, account_id FROM accounts WHERE account_id = $1", [said]
    ).fetchone()
    return LedgerAccount(*found) if found else None


def disagreement_stop(evidence: Evidence, channel: str, keys: set[str]) -> Stop | None:
    """Return why settlements with lines of these account keys cannot be posted; what mends it is offered."""
    found = [d for d in disagreements(evidence, channel) if d.key in keys]
    for one in found:
        propose(evidence, one.offer())
    return found[0].stop if found else None


def cash_sales_stop(
    evidence: Evidence, books: ChannelBooks, settlement_id: str, keys: Mapping[str, str]
) -> Stop | None:
    """Return why a settlement would sell again what our cash sales have sold.

    `keys` maps the account keys of its lines to the ids of their accounts. Where the money waits in undeposited funds
    it is offered to post the channel's settlements as deposits from now on; what is posted stands. A deposit takes
    along what waits there, and nothing else: sales that were paid to another account stop it too.
    """
    priced = {key: keys[key] for key in _PRICE if key in keys}
    if not priced:
        return None
    channel, is_deposit = books.channel, books.policy.model == "deposit"
    undeposited = books.accounts.find(channel, "undeposited")
    asked = [channel, settlement_id, prefix(channel)]
    for account_id, count, number, label in evidence.cursor.execute(_CASH_SALES, asked).fetchall():
        waits = undeposited is not None and undeposited.account_id == account_id
        apart = [key for key, stands in priced.items() if stands != account_id]
        if not apart or (waits and is_deposit):
            continue
        if waits:
            propose(evidence, _as_deposits(evidence, channel, label))
        sold = f"{count} cash sale{'' if count == 1 else 's'} (such as {number})"
        cause = f"{sold} of {channel} would be sold twice: their money waits on {label or account_id}"
        keyed = f"that the accounts {', '.join(apart)} of {channel} are {label or account_id}"
        first = "Decide "
        if waits:
            first = "Post its settlements as deposits, which take them along; or decide "
        elif is_deposit:
            first = (
                f"Decide that the account undeposited of {channel} is {label or account_id}, if it is NetSuite's; or "
            )
        return (f"agree|{channel}|cash_sales", cause, f"{first}{keyed}")
    return None


def _as_deposits(evidence: Evidence, channel: str, label: str) -> Offer:
    decided = evidence.decisions("policy")
    held = decided.get(f"settlements|{channel}") or decided.get("settlements")
    kept = {name: value for name, value in held.value.items() if name != "auto"} if held else {}
    words = f"settlements of {channel} are posted as deposits"
    because = f"cash sales of its orders wait on {label}"
    return Offer("policy", f"settlements|{channel}", {**kept, "model": "deposit"}, words, because)
