"""The levers of the admin app: what buyers, warehouses, accountants and channels do at a click.

A lever is a name, a sentence, its fields and a function; `GET /levers` lists them and `POST /levers/NAME` pulls one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync.sandbox.erp_levers import ERP_LEVERS
from sync.sandbox.lever import Controls, Lever
from sync.sandbox.lever_fields import Fields
from sync.sandbox.order_levers import ORDER_LEVERS
from sync.sandbox.periods import set_period
from sync.sandbox.world import goods_levers, measures, money_levers
from sync.sandbox.world.amazon_ledger import fba_fee
from sync.sandbox.world.sizes import tier_of

__all__ = ["LEVERS", "Controls", "Lever", "pull_lever"]


def pull_lever(controls: Controls, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Pull a lever now and return what happened, ready for JSON.

    Raises:
        ValueError: if there is no such lever, a field is missing, unknown or wrong, or the world refuses.
    """
    lever = LEVERS.get(name)
    if lever is None:
        raise ValueError(f"there is no lever {name[:40]!r}; there are {', '.join(LEVERS)}")
    fields = Fields(body)
    fields.check_names(lever.fields)
    return {key: _plain(value) for key, value in lever.pull(controls, controls.clock.now(), fields).items()}


def _plain(value: object) -> object:
    """Return a value as JSON can hold it: amounts as text, times in ISO 8601."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _return(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    made = goods_levers.send_back(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        line_id=fields.text("line_id"),
        quantity=fields.whole("quantity", 1),
        reason=fields.text("reason", "NO_LONGER_WANTED"),
        kind=fields.text("kind", "return"),
        disposition=fields.optional_text("disposition"),
        comment=fields.text("comment", ""),
        received_in_s=fields.seconds("received_in_s", 0.0),
    )
    return asdict(made)


def _refund(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    given = goods_levers.refund(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        line_id=fields.text("line_id"),
        quantity=fields.whole("quantity", 1),
        kind=fields.text("kind", "return"),
        reason=fields.text("reason", "NO_LONGER_WANTED"),
        with_shipping=fields.yes("with_shipping"),
    )
    return asdict(given)


def _stock(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    moved = goods_levers.move_stock(
        controls.world,
        now,
        channel=fields.text("channel"),
        sku=fields.text("sku"),
        event=fields.text("event"),
        quantity=fields.whole("quantity"),
        warehouse_id=fields.optional_text("warehouse_id"),
        disposition=fields.text("disposition", "SELLABLE"),
        reason=fields.text("reason", ""),
        reference=fields.text("reference", ""),
    )
    return {"movements": [asdict(m) for m in moved]}


def _reimburse(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    each = fields.money("amount_per_unit", Decimal(0))
    line = goods_levers.reimburse(
        controls.world,
        now,
        channel=fields.text("channel"),
        sku=fields.text("sku"),
        quantity=fields.whole("quantity", 1),
        reason=fields.text("reason", "WAREHOUSE_LOST"),
        amount_per_unit=each or None,
        case_id=fields.optional_text("case_id"),
    )
    return {"amount": line.amount, "posted_at": line.posted_at}


def _quantity(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, sku, warehouse = fields.text("channel"), fields.text("sku"), fields.optional_text("warehouse_id")
    controls.world.list_quantity(channel, sku, fields.whole("quantity"), now, warehouse)
    return {"sku": sku, "quantity": controls.world.listed(channel, sku, warehouse, now)}


def _price(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, sku = fields.text("channel"), fields.text("sku")
    controls.world.set_price(channel, sku, fields.money("price"), fields.text("currency"), now)
    price, currency = controls.world.price_of(channel, sku, now)
    return {"sku": sku, "price": price, "currency": currency}


def _settle(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    made = money_levers.close_settlement(controls.world, now, channel=fields.text("channel"))
    names = ("settlement_id", "currency", "start", "end", "total", "deposit_at", "available_at")
    return {name: getattr(made, name) for name in names} | {"lines": len(made.lines)}


def _delay(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, hours = fields.text("channel"), fields.seconds("hours")
    return {"settlement_id": money_levers.delay_settlement(controls.world, now, channel=channel, hours=hours)}


def _fee(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    line = money_levers.charge_fee(
        controls.world,
        now,
        channel=fields.text("channel"),
        amount=fields.money("amount"),
        description=fields.text("description"),
        transaction_type=fields.text("transaction_type", ""),
        amount_type=fields.text("amount_type", ""),
    )
    return {"amount": line.amount, "posted_at": line.posted_at, "description": line.description}


def _remeasure(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    sides = [fields.money(name, Decimal(0)) for name in ("longest", "median", "shortest")]
    if any(sides) and not all(sides):
        raise ValueError("give longest, median and shortest together, or none of them")
    listing, made = measures.remeasure(
        controls.world,
        now,
        channel=fields.text("channel"),
        sku=fields.text("sku"),
        sides=(sides[0], sides[1], sides[2]) if any(sides) else None,
        pounds=fields.money("weight", Decimal(0)) or None,
        since=fields.optional_moment("from"),
        is_shown=not fields.yes("hidden"),
    )
    fee = fba_fee(listing, 1, listing.currency, made.since)
    sized = {"longest": made.sides[0], "median": made.sides[1], "shortest": made.sides[2], "weight": made.pounds}
    return {"sku": listing.sku, "from": made.since, "tier": tier_of(made).name, "fee_per_unit": fee, **sized}


def _fail_payout(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    return {"settlement_id": money_levers.fail_payout(controls.world, now, channel=fields.text("channel"))}


def _period(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    return set_period(
        controls.books,
        now,
        action=fields.text("action"),
        name=fields.optional_text("period"),
        months_ago=fields.whole("months_ago", 0),
    )


def _clock(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    del now
    return {"now": controls.clock.advance(fields.seconds("seconds"))}


_LINE = ("channel", "order_id", "line_id", "quantity")
LEVERS: dict[str, Lever] = {
    lever.name: lever
    for lever in (
        *ORDER_LEVERS,
        Lever(
            "return",
            "The buyer gives units back (kind: return, keep it, replacement); money is another lever.",
            (*_LINE, "reason", "kind", "disposition", "comment", "received_in_s"),
            _return,
        ),
        Lever("refund", "The buyer gets money back.", (*_LINE, "kind", "reason", "with_shipping"), _refund),
        Lever(
            "stock",
            "Goods move in the channel's own warehouses.",
            ("channel", "sku", "event", "quantity", "warehouse_id", "disposition", "reason", "reference"),
            _stock,
        ),
        Lever(
            "reimburse",
            "The channel pays for goods that it lost or broke, or takes the money back.",
            ("channel", "sku", "quantity", "reason", "amount_per_unit", "case_id"),
            _reimburse,
        ),
        Lever(
            "quantity",
            "The seller's other tool sets a quantity.",
            ("channel", "sku", "quantity", "warehouse_id"),
            _quantity,
        ),
        Lever("price", "The seller's other tool sets a price.", ("channel", "sku", "price", "currency"), _price),
        Lever("settle", "The running period closes now, before its time.", ("channel",), _settle),
        Lever("delay-settlement", "The next report comes so many hours late.", ("channel", "hours"), _delay),
        Lever(
            "fee",
            "The channel books an amount of the account, negative for a fee, under any texts.",
            ("channel", "amount", "description", "transaction_type", "amount_type"),
            _fee,
        ),
        Lever(
            "remeasure",
            "Amazon measures a SKU in its warehouses anew, in inches and pounds (default: one tier larger), and charges"
            " by it `from` a time on (default: now); `hidden`: its fee preview goes on showing what was before.",
            ("channel", "sku", "from", "longest", "median", "shortest", "weight", "hidden"),
            _remeasure,
        ),
        Lever("fail-payout", "The next transfer to the bank comes back.", ("channel",), _fail_payout),
        Lever(
            "period",
            "An accounting period is closed or reopened (action; `period` by name, or months_ago).",
            ("action", "period", "months_ago"),
            _period,
        ),
        *ERP_LEVERS,
        Lever("clock", "Time moves forward for all three vendors.", ("seconds",), _clock),
    )
}
