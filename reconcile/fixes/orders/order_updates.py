"""What differs between an order and its document, and the update that a document which nothing was made of can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text, units_text
from reconcile.controls.orders.deliveries import ADDRESS_FIELDS
from reconcile.controls.orders.erp_lines import ErpLine
from reconcile.controls.orders.order_differences import BookedOrder
from reconcile.fixes.orders.sale_documents import address_of, sale_charges, sale_identity
from reconcile.fixes.orders.sales_lines import Charge
from reconcile.mapping.routing import Routing
from sync.money import total_of
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine

__all__ = ["FieldDifference", "differences_of", "update_operation", "why_not"]

_ADDRESS = ("name", "address1", "address2", "city", "region", "postal_code", "country", "phone")
Sums = dict[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field: what the channel has, what the ERP has (None where the mirror does not hold it), what was booked."""

    field: str
    channel: str | None
    erp: str | None
    booked: str | None = None

    @property
    def is_address(self) -> bool:
        """Tell whether it is a part of the address."""
        return self.field.startswith("address.")

    @property
    def part(self) -> str:
        """Return what is decided to be compared or not: both lines of a street are one part."""
        name = self.field.removeprefix("address.")
        return ADDRESS_FIELDS.get(name, name)

    @property
    def is_delivery(self) -> bool:
        """Tell whether it says where, when or how the goods are sent, and not what they are."""
        return self.is_address or self.field in ("ship_by", "ship_method")


def differences_of(one: BookedOrder) -> list[FieldDifference]:
    """Return the fields in which an order differs from its document, or has changed since it was booked."""
    found: list[FieldDifference] = []
    currency = one.order.currency
    if one.erp_currency != currency:
        found.append(FieldDifference("currency", currency, one.erp_currency))
    elif not _total_agrees(one) and not _waits_for_a_cut(one):
        booked = amount_text(_expected(one, one.base, one.base_lines), currency) if one.has_changed else None
        expected = amount_text(_expected(one, one.order, one.lines), currency)
        found.append(FieldDifference("total", expected, amount_text(one.erp_total, currency), booked))
    if one.standing.stage in ("open", "moving"):
        found += _lines_differ(one) if not any(x.quantity_cancelled for x in one.lines) else []
        found += _delivery_differs(one)
    return found


def _expected(one: BookedOrder, order: Order, lines: Sequence[OrderLine]) -> Decimal:
    """Return what a document of the order comes to: the first total that is right for the order as it is now."""
    if order == one.order and not any(x.quantity_cancelled for x in lines):
        return one.accepted[0]
    charges = _charges(one, order, lines)
    return one.accepted[0] if charges is None else total_of(c.net + (c.tax or Decimal(0)) for c in charges)


def _charges(one: BookedOrder, order: Order, lines: Sequence[OrderLine]) -> list[Charge] | None:
    """Return the charges that the order is booked as, None where they cannot be derived."""
    unmapped = any(not one.skus[x.channel, x.sku].parts for x in lines if x.quantity > x.quantity_cancelled)
    if one.routing is None or unmapped or not lines:
        return None
    try:
        return sale_charges(order, lines, one.routing, one.skus)
    except ValueError:
        return None  # tax beside prices that the routing says hold it: the routing is what differs


def _total_agrees(one: BookedOrder) -> bool:
    if not any(x.quantity_cancelled for x in one.lines):
        return one.erp_total in one.accepted
    # Cancelled units may stay on the document as closed lines, or have been cut out of it: both is right.
    closed = total_of(x.amount for x in one.erp_lines if x.is_closed and x.used == 0)
    right = {*one.accepted, _expected(one, one.order, one.lines)}
    return bool({one.erp_total, one.erp_total - closed} & right)


def _waits_for_a_cut(one: BookedOrder) -> bool:
    """Tell whether units that the channel has cancelled still stand on the document: another control cuts them."""
    kept: dict[str, Decimal] = {}
    cancelled = set[str]()
    for x in one.lines:
        sku = one.skus[x.channel, x.sku]
        for item_id, units in sku.items(x.quantity - x.quantity_cancelled).items():
            kept[item_id] = kept.get(item_id, Decimal(0)) + units
            cancelled |= {item_id} if x.quantity_cancelled else set()
    stands = {i: total_of(x.stands for x in one.erp_lines if x.item_id == i) for i in cancelled}
    return any(stands[i] > kept[i] for i in cancelled)


def _lines_differ(one: BookedOrder) -> list[FieldDifference]:
    charges = _charges(one, one.order, one.lines)
    if charges is None or not one.erp_lines:
        return []
    booked = _charges(one, one.base, one.base_lines) if one.has_changed else None
    names = {x.item_id: x.item for x in one.erp_lines} | {
        m.item_id: m.item_name for r in one.skus.values() for m in r.parts
    }
    goods = _goods(one.routing)
    wanted, there = _wanted(charges, goods), _there(one.erp_lines, goods)
    before = _wanted(booked, goods) if booked is not None else {}
    found = []
    for item in sorted(wanted.keys() | there.keys()):
        mine, theirs = wanted.get(item), there.get(item)
        if (mine or (None,))[0] != (theirs or (None,))[0]:
            shown = [_units(x) for x in (mine, theirs, before.get(item))]
            found.append(FieldDifference(f"quantity of {names.get(item) or item}", *shown))
    return found


def _goods(routing: Routing | None) -> set[str]:
    """Return the items of a routing that stand for no goods."""
    if routing is None:
        return set()
    named = (routing.shipping_item_id, routing.discount_item_id, routing.gift_wrap_item_id, routing.tax_item_id)
    return {item for item in named if item}


def _wanted(charges: Sequence[Charge], without: set[str]) -> Sums:
    sums: Sums = {}
    for c in charges:
        if not c.is_shipping_cost and c.item_id not in without:
            units, amount = sums.get(c.item_id, (Decimal(0), Decimal(0)))
            sums[c.item_id] = (units + c.quantity, amount + c.net)
    return sums


def _there(lines: Sequence[ErpLine], without: set[str]) -> Sums:
    sums: Sums = {}
    for x in lines:
        if x.item_id is not None and x.is_goods and x.item_id not in without:
            units, amount = sums.get(x.item_id, (Decimal(0), Decimal(0)))
            sums[x.item_id] = (units + x.quantity, amount + x.amount)
    return sums


def _units(sums: tuple[Decimal, Decimal] | None) -> str | None:
    return None if sums is None else units_text(sums[0])


def _delivery_differs(one: BookedOrder) -> list[FieldDifference]:
    """Return what differs from what the ERP holds; where the mirror does not hold it, from what was booked."""
    if one.order.fulfilled_by != "seller":
        return []
    found = [*_address_differs(one), *_day_differs(one), *_method_differs(one)]
    return [d for d in found if d.part not in one.delivery.skipped]


def _address_differs(one: BookedOrder) -> list[FieldDifference]:
    now, then, held = address_of(one.order) or {}, address_of(one.base) or {}, one.delivery.address
    # An address that the channel no longer shows (it takes old ones away) has not been changed.
    if held is not None:
        parts = [n for n, part in ADDRESS_FIELDS.items() if part in one.delivery.differs]
        fields = [n for n in parts if _plain(now.get(n)) != _plain(held.get(n))]
    else:
        fields = [n for n in _ADDRESS if one.has_changed and now and then and now.get(n) != then.get(n)]
    was = then if one.has_changed else {}
    return [FieldDifference(f"address.{n}", now.get(n), (held or {}).get(n), was.get(n)) for n in fields]


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _day_differs(one: BookedOrder) -> list[FieldDifference]:
    day, held = _ship_day(one, one.order), one.delivery.ship_by
    before = _ship_day(one, one.base) if one.has_changed else None
    is_other = "ship_by" in one.delivery.differs if held is not None else one.has_changed and day != before
    return [FieldDifference("ship_by", day, held.isoformat() if held else None, before)] if day and is_other else []


def _method_differs(one: BookedOrder) -> list[FieldDifference]:
    if "ship_method" not in one.delivery.differs or one.routing is None:
        return []
    wanted, then = (one.routing.method_for(o.service_level) for o in (one.order, one.base))
    return [FieldDifference("ship_method", wanted, one.delivery.ship_method, then if then != wanted else None)]


def _ship_day(one: BookedOrder, order: Order) -> str | None:
    zone = ZoneInfo(one.routing.time_zone if one.routing else "UTC")
    return order.ship_by.astimezone(zone).date().isoformat() if order.ship_by else None


def why_not(one: BookedOrder, differences: Sequence[FieldDifference]) -> str | None:
    """Return why an update cannot settle it, None where it can (a closed period is for the caller to look at)."""
    if one.transaction_type != "SalesOrd":
        return f"{one.number} has posted: correct it, or take it back and book it anew"
    if one.standing.stage != "open":
        return f"{one.number} is {one.standing.word}: correct it in NetSuite"
    if any(x.used for x in one.erp_lines):
        return f"goods of {one.number} have moved or were billed: correct it in NetSuite"
    if one.routing is None:
        return f"decide the routing of {one.order.channel}"
    if any(d.field == "currency" for d in differences):
        return f"the currency of {one.number} cannot be changed: close it and book the order anew"
    if one.delivery.edited == {"ship_by"} and one.holds_entry_day and any(d.field == "ship_by" for d in differences):
        told = f"the ship date of {one.number} is the day that it was entered on, as NetSuite fills it in"
        return f"{told}: correct it there, or decide that ship dates of {one.order.channel} are not compared"
    if one.delivery.edited and any(d.is_delivery for d in differences):
        what = ", ".join(sorted(part.replace("_", " ") for part in one.delivery.edited))
        return f"{what} of {one.number} was changed in NetSuite, or booked so: correct it there, or leave it as it is"
    return _why_not_lines(one) if any(not d.is_delivery for d in differences) else None


def _why_not_lines(one: BookedOrder) -> str | None:
    if not one.has_changed:
        return f"the order has not changed since: {one.number} was changed in NetSuite, or booked so; correct it there"
    booked, wanted = _charges(one, one.base, one.base_lines), _charges(one, one.order, one.lines)
    if booked is None or wanted is None:
        return "map the order's SKUs first"
    if one.erp_total != total_of(c.net + (c.tax or Decimal(0)) for c in booked):
        return f"{one.number} is not as it was booked: somebody changed it in NetSuite; correct it there"
    if any(c.tax for c in (*booked, *wanted)):
        return _why_not_tax(one, booked, wanted)
    if _pairs(booked, one.erp_lines) is None or [_key(c) for c in booked] != [_key(c) for c in wanted]:
        return f"lines were added to the order or taken away since: correct {one.number} in NetSuite"
    return None


def _why_not_tax(one: BookedOrder, booked: Sequence[Charge], wanted: Sequence[Charge]) -> str | None:
    """Return why taxes beside the lines cannot be updated: only those of a document of ours that differs in them alone.

    The ERP computes a tax anew for whatever else changes, and names the taxes of other people's lines its own way.
    """
    taxes = [
        amount_text(total_of(c.tax or Decimal(0) for c in charges), one.order.currency) for charges in (booked, wanted)
    ]
    told = f"its tax is {taxes[0]} {one.order.currency} in NetSuite and {taxes[1]} in the channel"
    if not one.is_ours:
        return f"{one.number} was booked by somebody else, and {told}: correct it in NetSuite"
    same = [(_key(c), c.quantity, c.net) for c in booked] == [(_key(c), c.quantity, c.net) for c in wanted]
    if not same:
        return f"more than the tax of {one.number} has changed, and {told}: correct it in NetSuite"
    if _pairs(booked, one.erp_lines) is None:
        return f"lines of {one.number} were changed in NetSuite, and {told}: correct it there"
    gone = [c for old, c in zip(booked, wanted, strict=True) if old.tax and not c.tax]
    if gone:
        # A line keeps the name of its tax: what NetSuite makes of a name without a tax is not documented.
        named = ", ".join(dict.fromkeys(c.description for c in gone))
        return f"{told}: take the tax of {named} away under Tax Details of {one.number}"
    return None


def _key(charge: Charge) -> tuple[str, str | None, bool]:
    return (charge.item_id, charge.line_ref, charge.is_shipping_cost)


def _pairs(charges: Sequence[Charge], lines: Sequence[ErpLine]) -> list[tuple[Charge, ErpLine]] | None:
    """Return each charge of goods with the line that holds it to the cent, None where one has none."""
    left = [x for x in lines if x.item_id is not None]
    found = []
    for c in charges:
        if c.is_shipping_cost:
            continue
        line = next((x for x in left if (x.item_id, x.quantity, x.amount) == (c.item_id, c.quantity, c.net)), None)
        if line is None:
            return None
        left.remove(line)
        found.append((c, line))
    return found if not left else None


def update_operation(one: BookedOrder, differences: Sequence[FieldDifference], discrepancy_id: str) -> PlannedOperation:
    """Return the update that brings the document to the order as it is now; ask `why_not` before."""
    intent: dict[str, Any] = {"id": one.transaction_id}
    believed: dict[str, Any] = {}
    if any(not d.is_delivery for d in differences):
        _add_lines(one, intent, believed)
    changed = [d for d in differences if d.is_address]
    if changed:
        address, held = dict(address_of(one.order) or {}), one.delivery.address
        gone = {name for name in (address_of(one.base) or {}) if name not in address}
        gone |= {"address2"} if held and "address2" in held and "address2" not in address else set()
        intent["address"] = address | dict.fromkeys(sorted(gone), "")
        # What the ERP was seen to leave empty must still be so.
        believed |= {d.field: d.booked if held is None else d.erp for d in changed if d.booked or held is not None}
    for one_field in (d for d in differences if d.field in ("ship_by", "ship_method")):
        intent[one_field.field] = one_field.channel
        seen = one_field.erp or one_field.booked
        believed |= {one_field.field: seen} if seen is not None else {}
    order = one.order
    return PlannedOperation(
        # With the version that it brings the document to: what changes after that is another update.
        identity=f"{sale_identity(order.channel, order.order_id)}-UPDATE-{one.version}",
        vendor="netsuite",
        kind="sales_order.update",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Update {one.number} to order {order.order_id} as it is now",
        intent=intent | {"believed": believed},
        believed=believed,
        diff=[{"field": d.field, "now": d.erp or d.booked, "then": d.channel} for d in differences],
        amount=abs(one.accepted[0] - one.erp_total),
        currency=order.currency,
    )


def _add_lines(one: BookedOrder, intent: dict[str, Any], believed: dict[str, Any]) -> None:
    """Add the changed lines and shipping cost, each with what the document holds now."""
    currency = one.order.currency
    booked, wanted = _charges(one, one.base, one.base_lines) or [], _charges(one, one.order, one.lines) or []
    if any(c.tax for c in wanted):
        _add_taxes(one, booked, wanted, intent, believed)
        return
    held = {_key(c): x for c, x in _pairs(booked, one.erp_lines) or []}
    changes: list[Mapping[str, Any]] = []
    lines: dict[str, Any] = {}
    for before, after in zip(booked, wanted, strict=True):
        if (before.quantity, before.net) == (after.quantity, after.net):
            continue
        if after.is_shipping_cost:
            intent["shipping_cost"] = amount_text(after.net, currency)
            believed["shipping_cost"] = amount_text(before.net, currency)
            continue
        line = held[_key(before)]
        changes.append(
            {
                "line_id": line.line_id,
                "quantity": units_text(after.quantity),
                "amount": amount_text(after.net, currency),
            }
        )
        lines[line.line_id] = {
            "item_id": line.item_id,
            "quantity": units_text(line.quantity),
            "amount": amount_text(line.amount, currency),
            "moved": "0",
            "closed": False,
        }
    if changes:
        intent["lines"] = changes
        believed["lines"] = lines


def _add_taxes(
    one: BookedOrder,
    booked: Sequence[Charge],
    wanted: Sequence[Charge],
    intent: dict[str, Any],
    believed: dict[str, Any],
) -> None:
    """Add the taxes of all lines, for they are replaced as a whole; lines count from 1 as they were written.

    A line that had no tax is named by its id, and must still have none.
    """
    currency = one.order.currency
    held = {id(c): x.line_id for c, x in _pairs(booked, one.erp_lines) or []}
    intent["taxes"] = []
    for n, (old, new) in enumerate(_written(booked, wanted), 1):
        if not new.tax:
            continue
        tax = {"position": n, "basis": amount_text(new.net, currency), "amount": amount_text(new.tax, currency)}
        intent["taxes"].append(tax if old.tax else tax | {"line_id": held[id(old)]})
        believed[f"tax.{n}"] = amount_text(old.tax, currency) if old.tax else None


def _written(booked: Sequence[Charge], wanted: Sequence[Charge]) -> list[tuple[Charge, Charge]]:
    """Return the charges that are lines of the document; the shipping cost is a field of its head."""
    return [(old, new) for old, new in zip(booked, wanted, strict=True) if not new.is_shipping_cost]
