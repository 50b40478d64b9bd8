"""Cash sales whose money a part of a settlement holds, for the posting model `deposit`: each is taken along once.

What a part pays of a cash sale leaves undeposited funds in place of the price lines that the sale has earned already,
whatever becomes of the document itself. A sale that several parts pay (months, settlements, pieces) is taken along
whole by the first of them that is not posted, and what the others pay goes back to undeposited funds, where they take
it from: every part moves exactly what it pays, in whatever order they are posted, and clearing always ends at what is
paid out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.controls.horizon import go_live
from reconcile.fixes.settlements.sales_of_orders import (
    PRICE,
    TAXED,
    OrderPaid,
    PartKey,
    Sale,
    in_several_parts,
    only,
    order_payments,
    part_payments,
    payments_of,
    sales_of,
)
from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.groups import GroupKey
from reconcile.settlement.identity import current_name, part_name
from reconcile.settlement.models import PaidSale
from reconcile.settlement.paid_in_parts import payments_of_part, shares
from sync.money import total_of

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.controls.settlements.unposted import UnpostedPart

__all__ = ["PaidSales", "paid_sales"]

#: Account key of where payments wait that a deposit takes along.
_WAITS_ON = "undeposited"
#: The stream that tells which documents a deposit took up.
_LINKS = "netsuite.links"
# Only deposits take sales up, and only their voids let them go: a journal that was reversed held none.
_DEPOSITED = """
SELECT max(updated_at) FROM operations
WHERE kind IN ('deposit.create', 'document.void') AND state IN ('done', 'answered') AND starts_with(identity, $1)
"""
_BOOKED_APART = """
SELECT external_id, coalesce(number, transaction_id), transaction_type FROM transactions
WHERE external_id IN (SELECT unnest($1::VARCHAR[])) AND transaction_type <> 'Deposit' ORDER BY external_id
"""
_DEPOSITED_TO = """
SELECT trim(coalesce(a.number, '') || ' ' || a.name)
FROM transaction_lines l JOIN accounts a ON a.account_id = l.account_id WHERE l.transaction_id = $1 AND l.is_main
"""


@dataclass(frozen=True, slots=True)
class PaidSales:
    """The cash sales whose money a part holds; `stop` names the first that cannot be taken along, and why."""

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
    """Return the cash sales and payments of invoices that a part pays; none under other models (default the policy's).

    `holder` is the id of a deposit whose own sales count as waiting: what it would take up if it were posted now, or
    with `is_voided` what it lets go.
    """
    undeposited = part.books.accounts.find(part.books.channel, "undeposited")
    if (model or part.books.policy.model) != "deposit" or undeposited is None:
        return PaidSales(())
    sales = sales_of(evidence, part, undeposited.account_id, holder, is_voided=is_voided)
    payments = payments_of(evidence, part, undeposited.account_id, holder, is_voided=is_voided)
    if not sales and not payments:
        return PaidSales(())
    if (stop := _links_stop(evidence, part)) is not None:
        return PaidSales((), stop)
    books = part.books
    placed = books.dimensions.on(undeposited, None, books.policy, key="undeposited", month=part.journal.period)
    return _Case(evidence, part, placed).taken(sales, payments)


@dataclass(frozen=True, slots=True)
class _Case:
    """One part, and the account that its cash sales wait on."""

    evidence: Evidence
    part: UnpostedPart
    undeposited: LedgerAccount

    @property
    def key(self) -> PartKey:
        return self.part.settlement.settlement_id, self.part.journal.period

    def place(self, group: GroupKey) -> str:
        """Return the category of a kind of lines."""
        vendor = self.part.books.channel.partition(".")[0]
        return self.part.books.rules.place(vendor, *group[:3]).category

    def taken(self, sales: Sequence[Sale], payments: Sequence[Sale]) -> PaidSales:
        by_order, paying = _by_order(sales), _by_order(payments)
        here = part_payments(self.evidence, self.part, [*by_order, *(o for o in paying if o not in by_order)])
        shown = {k for line in self.part.journal.lines for k in line.groups}
        mine = {o: {k: a for k, a in p.parts.get(self.key, {}).items() if k in shown} for o, p in here.items()}
        billed = {o: self._billed(here[o].parts.get(self.key, {}), shown) for o in paying if o in here}
        # Where the part has only a fee of an order, another one pays it.
        mine = {order_id: sums for order_id, sums in mine.items() if only(sums, self.place, TAXED)}
        several = in_several_parts(self.evidence, self.part.books.channel)
        plain = {
            o: None if o in several else self._plainly(by_order[o], sums) for o, sums in mine.items() if o in by_order
        }
        wide = order_payments(self.evidence, self.part, [o for o, sale in plain.items() if sale is None])
        found: list[PaidSale] = []
        for order_id in [o for o in by_order if o in mine]:
            alone = plain[order_id]
            own = [alone] if alone else self._of_order(by_order[order_id], wide[order_id], mine[order_id])
            if not isinstance(own, list):
                return PaidSales((), own)
            found += own
        sold = {one.order_id for one in found}
        for order_id in [o for o, sums in billed.items() if sums and o not in sold]:
            held = self._payments(paying[order_id], billed[order_id])
            if not isinstance(held, list):
                return PaidSales((), held)
            found += held
        return PaidSales(tuple(found))

    def _billed(self, sums: Mapping[GroupKey, Decimal], shown: Collection[GroupKey]) -> dict[GroupKey, Decimal]:
        """Return what the part pays of what invoices have sold of an order: journals tell it apart."""
        apart = {(*key[:5], _WAITS_ON): amount for key, amount in sums.items() if self.place(key) in TAXED}
        return {key: amount for key, amount in apart.items() if key in shown}

    def _payments(self, payments: Sequence[Sale], mine: Mapping[GroupKey, Decimal]) -> list[PaidSale] | Stop:
        """Return the payments of an order's invoices that the part pays, or the first that is another amount."""
        waiting = [p for p in payments if p.held_by is None]
        totals = [p.total for p in waiting]
        for categories in (PRICE, TAXED) if waiting else ():
            parts = only(mine, self.place, categories)
            if parts and total_of(parts.values()) == total_of(totals):
                return self._held(waiting, parts)
        order_id = payments[0].order_id
        wide = order_payments(self.evidence, self.part, [order_id]).get(order_id, OrderPaid())
        for categories in (PRICE, TAXED) if len(waiting) > 1 else ():
            paid = dict(wide.amounts(self.place, categories))
            if self.key in paid and (run := payments_of_part(totals, list(paid.values()), list(paid).index(self.key))):
                return self._held(waiting[slice(*run)], only(mine, self.place, categories))
        fit = wide.payers(self.place, total_of(p.total for p in payments))
        if fit is not None and self.key in fit[0] and (parts := only(mine, self.place, fit[1])):
            return self._over_parts(payments, fit[0], parts)
        priced = total_of(only(mine, self.place, PRICE).values())
        return self._another_amount(payments, priced) if priced > 0 and waiting else []

    def _over_parts(
        self, payments: Sequence[Sale], keys: Sequence[PartKey], parts: Mapping[GroupKey, Decimal]
    ) -> list[PaidSale]:
        """Return the payments of an order that parts pay in another split than its invoices: they are one sale.

        The first part that is not posted takes all, and what others pay of them goes back, where they take it from.
        """
        standing = self._standing(keys)
        first = next((key for key in keys if key not in standing), keys[0])
        is_free = not any(p.held_by is not None or p.was_deposited for p in payments)
        if not any(p.is_held_here for p in payments) and not (is_free and first == self.key):
            return [replace(self._paid(payments[0], parts, takes=False), is_payment=True)]
        left, amounts = total_of(parts.values()), list[Decimal]()
        for payment in payments:
            amounts.append(min(payment.total, left))
            left -= amounts[-1]
        given = iter(shares(parts, [amount for amount in amounts if amount]))
        mine = [next(given) if amount else {} for amount in amounts]
        return [replace(self._paid(p, own, takes=True), is_payment=True) for p, own in zip(payments, mine, strict=True)]

    def _held(self, payments: Sequence[Sale], parts: Mapping[GroupKey, Decimal]) -> list[PaidSale]:
        each = zip(payments, shares(parts, [p.total for p in payments]), strict=True)
        paid = [self._paid(p, own, takes=not p.was_deposited) for p, own in each]
        return [replace(one, is_payment=True) for one in paid]

    def _another_amount(self, payments: Sequence[Sale], priced: Decimal) -> Stop:
        one, currency = payments[0], self.part.settlement.currency
        numbers = " and ".join(p.number for p in payments)
        noun, verb = ("payment", "is") if len(payments) == 1 else ("payments", "are")
        total = amount_text(total_of(p.total for p in payments), currency)
        return (
            f"cash_sale|{self.part.books.channel}|{one.number}",
            f"{noun} {numbers} of order {one.order_id} {verb} {total}, the settlement pays"
            f" {amount_text(priced, currency)}",
            f"Correct {numbers} in NetSuite, or {_BY_HAND[0].lower()}{_BY_HAND[1:]}",
        )

    def _plainly(self, sales: Sequence[Sale], mine: Mapping[GroupKey, Decimal]) -> PaidSale | None:
        """Return the first sale that waits and that the part pays to the cent, alone with an order nobody else pays."""
        for sale in sales:
            for categories in (PRICE, TAXED):
                parts = only(mine, self.place, categories)
                if sale.held_by is None and parts and total_of(parts.values()) == sale.total:
                    return self._paid(sale, parts, takes=not sale.was_deposited)
        return None

    def _of_order(
        self, sales: Sequence[Sale], paid: OrderPaid, mine: Mapping[GroupKey, Decimal]
    ) -> list[PaidSale] | Stop:
        """Return the sales of an order that the part pays, whole or in part, or why it cannot; what waits first."""
        differs: Sale | None = None
        for sale in sorted(sales, key=lambda s: (s.is_held_by_another, s.held_by is not None)):
            fit = paid.payers(self.place, sale.total)
            if fit is None:
                differs = differs or sale
                continue
            parts = only(mine, self.place, fit[1])
            if self.key not in fit[0] or not total_of(parts.values()):
                continue
            if sale.is_held_by_another:
                return self._by_hand(sale)
            if len(fit[0]) > 1 and (stop := self._booked_apart(sale, fit[0])) is not None:
                return stop
            return [self._paid(sale, parts, takes=self._takes(sale, fit[0], parts, paid))]
        if differs is None or total_of(only(mine, self.place, PRICE).values()) <= 0:
            return []
        if (together := self._together(sales, paid, mine)) is not None:
            return together
        return self._by_hand(differs) if differs.is_held_by_another else self._differs(differs, paid)

    def _together(
        self, sales: Sequence[Sale], paid: OrderPaid, mine: Mapping[GroupKey, Decimal]
    ) -> list[PaidSale] | None:
        """Return all sales of an order that one part pays whole, none where another does; None where they differ."""
        fit = paid.payers(self.place, total_of(s.total for s in sales))
        if len(sales) < 2 or fit is None or len(fit[0]) > 1 or any(s.is_held_by_another for s in sales):
            return None
        parts = only(mine, self.place, fit[1])
        totals = [s.total for s in sales]
        if self.key not in fit[0]:
            return []
        if total_of(parts.values()) != total_of(totals) or min(totals) <= 0:
            return None
        each = zip(sales, shares(parts, totals), strict=True)
        return [self._paid(s, own, takes=s.held_by is None and not s.was_deposited) for s, own in each]

    def _paid(self, sale: Sale, parts: Mapping[GroupKey, Decimal], *, takes: bool) -> PaidSale:
        amount = total_of(parts.values())
        if not takes:
            return PaidSale(sale.document_id, sale.number, sale.order_id, amount, parts, released=self.undeposited)
        rest = None if amount == sale.total else self.undeposited
        return PaidSale(sale.document_id, sale.number, sale.order_id, sale.total, parts, rest=rest)

    def _takes(self, sale: Sale, keys: Sequence[PartKey], parts: Mapping[GroupKey, Decimal], paid: OrderPaid) -> bool:
        """Tell whether the sale is taken along by this part: by the first of those that pay it and are not posted."""
        if sale.held_by is not None or sale.was_deposited:
            return False
        if sale.is_held_here:
            return True
        standing = self._standing(keys)
        first = next((key for key in keys if key not in standing), keys[0])
        if first != self.key:
            return False
        # A month in pieces: the one with the order's first kind of lines.
        whole = paid.parts[self.key]
        return next(k for k, amount in whole.items() if amount > 0 and self.place(k) in TAXED) in parts

    def _standing(self, keys: Sequence[PartKey]) -> Mapping[PartKey, str]:
        """Return the external ids of the documents that post these parts now."""
        from reconcile.controls.settlements.posted_documents import known_names

        known = known_names(self.evidence)
        names = {key: current_name(part_name(self.part.books.channel, *key), known) for key in keys}
        return {key: name for key, name in names.items() if name in known}

    def _booked_apart(self, sale: Sale, keys: Sequence[PartKey]) -> Stop | None:
        """Return that another part which pays the sale has earned its share by a document that is no deposit."""
        channel, order = self.part.books.channel, f"order {sale.order_id} ({sale.number}) is paid in parts"
        names = [name for key, name in self._standing(keys).items() if key != self.key]
        for name, number, kind in self.evidence.cursor.execute(_BOOKED_APART, [names]).fetchall():
            cause = f"{order}, and {number} ({name}, a {kind}) books one of them as income"
            return (
                f"cash_sale|{channel}|{sale.number}",
                cause,
                f"Take it back: `tieout settlement reverse {name}`; the part is due again, as a deposit",
            )
        live_from = go_live(self.evidence, "settlement_not_posted", channel)
        others = sorted({number for number, _ in keys} - {self.key[0]})
        if live_from is None or not others:
            return None
        row = self.evidence.cursor.execute(
            "SELECT min(settlement_id) FROM settlements WHERE channel = $1 AND period_end < $2"
            " AND settlement_id IN (SELECT unnest($3::VARCHAR[]))",
            [channel, live_from, others],
        ).fetchone()
        if row is None or row[0] is None:
            return None
        cause = f"{order}, and settlement {row[0]} is from before {live_from:%Y-%m-%d}, when people booked by hand"
        return (f"cash_sale|{channel}|{sale.number}", cause, _BY_HAND)

    def _by_hand(self, sale: Sale) -> Stop:
        assert sale.held_by is not None
        deposit = sale.held_by.number
        row = self.evidence.cursor.execute(_DEPOSITED_TO, [sale.held_by.document_id]).fetchone()
        where = f" to {row[0]}" if row else ""
        return (
            f"cash_sale|{self.part.books.channel}|{deposit}",
            f"cash sale {sale.number} of order {sale.order_id} was deposited by {deposit}{where}:"
            " its money would be earned twice",
            f"Take {sale.number} out of {deposit} in NetSuite, so that the settlement takes it along, then pull;"
            f" where {deposit} books the settlement itself, say so with `tieout waive`",
        )

    def _differs(self, sale: Sale, paid: OrderPaid) -> Stop:
        currency = self.part.settlement.currency
        amounts = paid.amounts(self.place, PRICE)
        pays = "the settlement pays" if len(amounts) == 1 else f"{len(amounts)} parts of settlements pay"
        said = amount_text(total_of(a for _, a in amounts), currency)
        return (
            f"cash_sale|{self.part.books.channel}|{sale.number}",
            f"cash sale {sale.number} of order {sale.order_id} is {amount_text(sale.total, currency)}, {pays} {said}",
            f"Correct {sale.number} in NetSuite, or {_BY_HAND[0].lower()}{_BY_HAND[1:]}",
        )


def _by_order(sales: Sequence[Sale]) -> dict[str, list[Sale]]:
    found: dict[str, list[Sale]] = {}
    for sale in sales:
        found.setdefault(sale.order_id, []).append(sale)
    return found


_BY_HAND = "Say with `tieout waive` that the part is posted by hand"


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
