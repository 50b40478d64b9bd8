"""Control: a SKU was sold, and the orders that hold it cannot be booked because it stands for no ERP item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.changed import FEW
from reconcile.controls.control import Evidence, Judgement, Part
from reconcile.controls.orders.unbooked import Unbooked, UnbookedOrder, find_unbooked
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.mapping.skus import Resolution, resolve_skus
from sync.money import total_of
from sync.ops.findings import Finding
from sync.store.lists import as_list, listed

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["CONTROL", "SkuUnmapped"]

#: How many order numbers a finding names; the list of orders has them all.
_SHOWN_ORDERS = 20
_ASKED = f"(SELECT unnest({as_list('$1')}), unnest({as_list('$2')}))"
_SKUS = f"SELECT DISTINCT channel, sku FROM order_lines_versions WHERE (channel, order_id) IN {_ASKED}"  # noqa: S608
_ORDERS = f"SELECT DISTINCT channel, order_id FROM order_lines WHERE sku IN (SELECT unnest({as_list('$1')}))"  # noqa: S608


@dataclass(frozen=True, slots=True)
class SkuUnmapped:
    """One finding a channel and SKU. Its money is the value of the orders it blocks: those findings hold it already."""

    name: str = "sku_unmapped"
    title: str = "sold SKU without an item"
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the SKUs that block orders, with how many and how much."""
        return self._judge(find_unbooked(evidence))

    def judge_part(self, evidence: Evidence, scope: Scope, _: Collection[str]) -> Part | None:
        """Return the findings of all SKUs without an item that these orders have, or have had."""
        asked = [listed(c for c, _ in scope.orders), listed(o for _, o in scope.orders)]
        skus = [(str(c), str(s)) for c, s in evidence.cursor.execute(_SKUS, asked).fetchall()]
        resolved = resolve_skus(evidence.cursor, skus, evidence.decisions("sku"))
        unknown = {sku for channel, sku in skus if resolved[channel, sku].problem}
        waiting = find_unbooked(scope.evidence).judgement()
        if not unknown:
            # Who has an item has had no finding: what he is has not changed.
            return Part([], (), waiting)
        near = evidence.cursor.execute(_ORDERS, [listed(sorted(unknown))]).fetchall()
        if len(near) > FEW:
            return None
        judged = self._judge(find_unbooked(evidence, {*scope.orders, *((str(c), str(o)) for c, o in near)}))
        return Part.of(judged, unknown, waiting)

    def _judge(self, unbooked: Unbooked) -> Judgement:
        blocked: dict[tuple[str, str], list[UnbookedOrder]] = {}
        for order in unbooked.orders:
            for sku in order.skus:
                if unbooked.skus[order.channel, sku].problem:
                    blocked.setdefault((order.channel, sku), []).append(order)
        findings = [self._finding(unbooked.skus[key], orders) for key, orders in sorted(blocked.items())]
        return unbooked.judgement(findings)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return obstacles only: a person decides what a SKU is; its orders are free at the next cycle."""
        held = {(f.channel, f.subject): f for f in self.judge(evidence).findings}
        derived = Derived()
        for key, discrepancy_id in wanted.items():
            if key in held:
                f = held[key]
                derived.obstacles.append(
                    Obstacle(
                        discrepancy_id,
                        f.channel,
                        f.subject,
                        f.cause_id,
                        f.cause,
                        f"Map {f.subject} to an item",
                        f.amount,
                        f.currency,
                    )
                )
        return derived

    def _finding(self, resolution: Resolution, orders: list[UnbookedOrder]) -> Finding:
        value = total_of(o.total for o in orders)
        oldest = min(orders, key=lambda o: (o.ordered_at, o.order_id))
        deadlines = [o.ship_by for o in orders if o.ship_by and o.fulfilled_by == "seller"]
        return Finding(
            discrepancy_id=f"{self.name}|{resolution.channel}|{resolution.sku}",
            control=self.name,
            channel=resolution.channel,
            subject=resolution.sku,
            title=f"SKU {resolution.sku} {resolution.problem}",
            severity="high",
            cause_id=f"unmapped|{resolution.channel}",
            cause=f"SKUs of {resolution.channel} without an item",
            blocked_by=None,
            channel_amount=value,
            erp_amount=None,
            amount=max(value, Decimal(0)),
            currency=oldest.currency,
            occurred_at=oldest.ordered_at,
            deadline=min(deadlines, default=None),
            detail={
                "sku": resolution.sku,
                "problem": resolution.problem,
                "orders": len(orders),
                "order_ids": [o.order_id for o in orders[:_SHOWN_ORDERS]],
            },
        )


CONTROL = SkuUnmapped()
