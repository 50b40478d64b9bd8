"""A return: both sides, the chain of documents, what would be written, as it was mirrored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage
from console.live.details import discrepancies
from console.live.returns import discrepancies_of, split_key
from console.live.text import body_text, pairs, shown
from console.present.amounts import money
from reconcile.controls import Evidence
from reconcile.refunds.documents import ErpDocument
from reconcile.refunds.models import Refund
from reconcile.refunds.way_back import WayBack, ways_back
from sync.money import total_of
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read"]

_WORDS = {
    "RtnAuth": "return authorization",
    "ItemRcpt": "receipt",
    "CustCred": "credit memo",
    "CashRfnd": "cash refund",
    "CustRfnd": "customer refund",
    "CustInvc": "invoice",
    "CashSale": "cash sale",
    "SalesOrd": "sales order",
    "ItemShip": "fulfilment",
}


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: sides, chain, fix or raw. The key is channel|order|return."""
    channel, order_id, return_id = split_key(key)
    with store.database.reading() as cursor:
        found = ways_back(Evidence(store, cursor, store.clock.now()), [(channel, order_id)])
    if not found or not (found[0].case.returns or found[0].case.refunds or found[0].case.order):
        return None
    way, open_ids = found[0], discrepancies_of(store, key)
    blocks: tuple[Block, ...]
    match tab:
        case "chain":
            blocks = _chain(way)
        case "fix":
            blocks = _fixes(store, handlers, open_ids)
        case "raw":
            blocks = (_raw(store, channel, order_id, return_id),)
        case _:
            blocks = _sides(way, return_id)
    jumps = [Jump("orders", key=f"{channel}/{order_id}")] if way.case.order else []
    jumps += [Jump("discrepancies", key=i) for i in open_ids]
    return Detail(f"{channel} {return_id or order_id}", blocks, tuple(jumps))


def _sides(way: WayBack, return_id: str) -> tuple[Block, ...]:
    case = way.case
    back = next((b for b in case.returns if b.return_id == return_id), None)
    goods = next((g.goods for g in way.goods if g.goods.back.return_id == return_id), None)
    rows: list[FieldDiff] = []
    if back is not None:
        authorized = total_of(x.quantity for x in goods.rma.lines) if goods is not None and goods.rma else None
        received = total_of(u.received for u in goods.units) if goods is not None else None
        rows.append(FieldDiff("units back", str(back.units), _units(authorized)))
        rows.append(FieldDiff("units received", str(back.received), _units(received)))
    for currency in sorted({r.currency for r in case.refunds}) or [case.order.currency if case.order else ""]:
        given = total_of(r.amounts.before_tax for r in case.refunds if r.currency == currency)
        tax = total_of(r.amounts.tax for r in case.refunds if r.currency == currency)
        held = [d for d in case.documents.of("CustCred", "CashRfnd") if d.currency in (None, currency)]
        paid = [d for d in case.documents.of("CustRfnd", "CashRfnd") if d.currency in (None, currency)]
        rows.append(FieldDiff(f"given back {currency}", money(given, currency), _sum(held, currency)))
        rows.append(FieldDiff(f"paid out {currency}", money(given, currency), _sum(paid, currency)))
        rows.append(FieldDiff(f"tax of it {currency}", money(tax, currency), None))
    sides = Difference(case.channel, "NetSuite", tuple(rows))
    lines = [
        f"{x.sku}: {x.received} of {x.quantity}, {x.disposition or x.reason or '—'}"
        for x in (back.lines if back else ())
    ]
    goods_block = [Passage("Goods", "\n".join(lines), verbatim=True)] if lines else []
    return (sides, *_stops(way), *goods_block, *(_refund(r) for r in case.refunds))


def _units(count: Decimal | None) -> str | None:
    return None if count is None else format(count.normalize(), "f")


def _sum(documents: Sequence[ErpDocument], currency: str) -> str | None:
    return money(total_of(d.total for d in documents), currency) if documents else None


def _stops(way: WayBack) -> list[Passage]:
    stops = [way.stop, *(g.stop for g in way.goods), *(m.stop for m in way.money)]
    said = dict.fromkeys(f"{cause}. {remedy}." for _, cause, remedy in (s for s in stops if s is not None))
    return [Passage("Blocked", text.replace("..", ".")) for text in said]


def _refund(refund: Refund) -> Facts:
    a, currency = refund.amounts, refund.currency
    parts = {
        "goods": a.goods,
        "shipping": a.shipping,
        "gift wrap": a.gift,
        "goodwill": a.goodwill,
        "tax": a.tax,
        "kept": -a.kept,
        "tax withheld": a.withheld,
        "fees (seller)": a.fees,
    }
    figures = tuple((name, money(value, currency)) for name, value in parts.items() if value)
    told = ", ".join(f"{t.source} {t.record}" for t in refund.told_by)
    units = sum(line.units for line in refund.lines)
    head = pairs(given=refund.at, to_buyer=f"{money(refund.to_buyer, currency)} {currency}", units=units or None)
    return Facts(f"{refund.kind.replace('_', ' ')} {refund.key}", (*head, *figures, ("told by", told)))


def _chain(way: WayBack) -> tuple[Block, ...]:
    lines = [
        f"{d.made_on}  {_WORDS.get(d.kind, d.kind):22} {d.label:14} {money(d.total, d.currency or ''):>11}"
        f"  {d.external_id or d.other_reference or ''}"
        for d in way.case.documents.all
    ]
    planned = [o.summary for g in way.goods for o in g.operations] + [
        o.summary for m in way.money for o in m.operations
    ]
    blocks: list[Block] = [
        Passage("In NetSuite", "\n".join(lines) or "No document names this order.", verbatim=bool(lines))
    ]
    if planned:
        blocks.append(Passage("Still to be written (f stages it)", "\n".join(planned), verbatim=True))
    return tuple(blocks)


def _fixes(store: Store, handlers: Mapping[tuple[str, str], Handler], ids: list[str]) -> tuple[Block, ...]:
    found = [discrepancies.read(store, handlers, i, "fix") for i in ids]
    blocks = tuple(b for detail in found if detail is not None for b in detail.blocks)
    return blocks or (Passage("Fix", "Nothing is to be written: the two sides agree now."),)


def _raw(store: Store, channel: str, order_id: str, return_id: str) -> Passage:
    with store.database.reading() as cursor:
        cursor.execute(
            "SELECT * FROM channel_returns WHERE channel = $1 AND order_id = $2 AND return_id = $3",
            [channel, order_id, return_id],
        )
        names = [d[0] for d in cursor.description or []]
        row = cursor.fetchone()
    if row is None:
        return Passage("As mirrored", "No return: money alone was given back.")
    return Passage("As mirrored", body_text({k: shown(v) for k, v in zip(names, row, strict=True)}), verbatim=True)
