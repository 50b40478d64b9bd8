"""Control: an order could be booked, but who its buyer is among the customers only a person can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile.controls.control import Evidence, Judgement, Part
from reconcile.controls.orders.order_stops import blocking
from reconcile.controls.orders.unbooked import Unbooked, find_unbooked
from reconcile.customers.buyer import Buyer, buyer_of, visible
from reconcile.customers.match import CustomerMatch
from reconcile.fixes.derived import Derived, for_a_person
from reconcile.fixes.orders.orders import who_bought
from reconcile.fixes.orders.read_orders import read_every_version, read_orders
from sync.money import total_of
from sync.ops.findings import Finding
from sync.records import Order
from sync.store.lists import as_list, listed

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["CONTROL", "CustomerUnclear"]

_SHOWN_ORDERS = 20
#: What a booked order tells of its buyer, and its documents of whom they are made out to.
_TELLS = "channel, order_id, buyer_name, ship_name, ship_address1, ship_postal_code, ship_country"
_NAMES_BUYER = "transaction_id, external_id, other_reference, number, customer_id"
# Whose buyer may be told by one of the asked orders, as it is or was: of the same place (the first signs of its code,
# without what spellings differ in) or, without an address, of the same e-mail.
_NEAR = f"""
WITH asked AS (
    SELECT DISTINCT ship_postal_code AS code, lower(buyer_email) AS email FROM orders_versions
    WHERE (channel, order_id) IN (SELECT unnest({as_list("$1")}), unnest({as_list("$2")}))
),
spelled AS (
    SELECT code, left(lower(regexp_replace(code, '\\W', '', 'g')), 5) AS place
    FROM (SELECT DISTINCT ship_postal_code AS code FROM orders UNION SELECT code FROM asked) WHERE code IS NOT NULL
),
near AS (SELECT code FROM spelled WHERE place IN (SELECT place FROM spelled JOIN asked USING (code)))
SELECT channel, order_id FROM orders
WHERE ship_postal_code IN (SELECT code FROM near)
    OR lower(buyer_email) IN (SELECT email FROM asked WHERE email IS NOT NULL)
UNION SELECT unnest({as_list("$1")}), unnest({as_list("$2")})
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class CustomerUnclear:
    """One finding a buyer. Its money is the value of the orders it holds up: those findings hold it already."""

    name: str = "customer_unclear"
    title: str = "buyer who may be a known customer"
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the buyers who wait for a person, with their candidates, best first."""
        return self._judge(evidence, find_unbooked(evidence))

    def judge_part(self, evidence: Evidence, scope: Scope, standing: Collection[str]) -> Part | None:
        """Return the buyers of these orders, and of those to the same places: earlier orders tell who somebody is."""
        waiting = find_unbooked(scope.evidence).judgement()
        if _concerns_nobody(scope, standing):
            return Part([], (), waiting)
        orders = scope.orders
        asked = [listed(c for c, _ in orders), listed(o for _, o in orders)]
        near = [(str(c), str(o)) for c, o in evidence.cursor.execute(_NEAR, asked).fetchall()]
        seen = [*read_orders(evidence, near).values(), *read_every_version(evidence, list(orders))]
        judged = self._judge(evidence, find_unbooked(evidence, near))
        return Part.of(judged, {buyer_of(o).external_id for o in seen}, waiting)

    def _judge(self, evidence: Evidence, unbooked: Unbooked) -> Judgement:
        free = [o for o in unbooked.orders if blocking(evidence, o, unbooked.skus) is None]
        waiting: dict[str, list[tuple[Order, CustomerMatch]]] = {}
        for order, match in who_bought(evidence, free, unbooked.skus):
            if match.waits and match.how != "routing":
                waiting.setdefault(buyer_of(order).external_id, []).append((order, match))
        findings = [self._finding(key, held) for key, held in sorted(waiting.items())]
        return unbooked.judgement(findings)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return obstacles only: a person says who it is; the orders are free at the next cycle."""
        return for_a_person(
            self.judge(evidence).findings, wanted, lambda f: f"Choose the customer of {f.detail['name']} (U, m)"
        )

    def _finding(self, subject: str, held: Sequence[tuple[Order, CustomerMatch]]) -> Finding:
        orders = sorted((order for order, _ in held), key=lambda o: (o.ordered_at, o.order_id))
        first, match = orders[0], held[0][1]
        buyer = buyer_of(first)
        value = total_of(o.total for o in orders if o.currency == first.currency)
        must_ship = [o.ship_by for o in orders if o.fulfilled_by == "seller" and o.ship_by is not None]
        return Finding(
            discrepancy_id=f"{self.name}|{first.channel}|{subject}",
            control=self.name,
            channel=first.channel,
            subject=subject,
            title=f"{visible(buyer.shown_name)[:60]} may be a known customer",
            severity="high" if must_ship else "med",
            cause_id=f"{self.name}|{match.how}",
            cause=f"buyers who may be known customers by {match.how}",
            blocked_by=None,
            channel_amount=value,
            erp_amount=None,
            amount=abs(value),
            currency=first.currency,
            occurred_at=first.ordered_at,
            deadline=min(must_ship, default=None),
            detail=_detail(buyer, match, orders),
        )


def _concerns_nobody(scope: Scope, standing: Collection[str]) -> bool:
    """Tell whether orders are booked, now and before, and tell the same of who their buyers are: nearly all do."""
    unbooked = find_unbooked(scope.evidence)
    if unbooked.orders:
        return False
    if scope.differ("orders", _TELLS) or scope.differ("transactions", _NAMES_BUYER):
        return False
    buyers = {buyer_of(o).external_id for o in read_every_version(scope.evidence, list(scope.orders))}
    return buyers.isdisjoint(standing)


def _detail(buyer: Buyer, match: CustomerMatch, orders: Sequence[Order]) -> dict[str, object]:
    return {
        "name": visible(buyer.shown_name)[:80],
        "email": buyer.email,
        "phone": buyer.phone,
        "address": ", ".join(p for p in (buyer.address1, buyer.postal_code, buyer.city) if p),
        "how": match.how,
        "candidates": list(match.candidates),
        "evidence": list(match.evidence),
        "percent": match.scored[0].percent if match.scored else None,
        "orders": len(orders),
        "order_ids": [o.order_id for o in orders[:_SHOWN_ORDERS]],
    }


CONTROL = CustomerUnclear()
