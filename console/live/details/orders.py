"""An order: its story over all systems, its lines, as it was received."""

from __future__ import annotations

from collections.abc import Mapping

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage, Timeline, TimelineEntry
from console.live.text import body_text, pairs, shown
from console.present.amounts import money
from console.present.times import counted
from reconcile.controls.control import Evidence
from reconcile.order_sides import order_sides
from reconcile.story import Story, candidates, tell
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read"]

_RAW_SHOWN = 400_000


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: story, lines, diff or raw. The key is channel/order."""
    channel, _, order_id = key.partition("/")
    with store.database.reading() as cursor:
        found = [c for c in candidates(cursor, order_id) if c.channel == channel and c.kind == "order"]
        story = tell(cursor, found[0]) if found else None
    if story is None:
        return None
    blocks: tuple[Block, ...]
    match tab:
        case "lines":
            blocks = (_lines(store, channel, order_id),)
        case "diff":
            blocks = (_sides(store, channel, order_id), _paid(story))
        case "raw":
            blocks = (_raw(store, channel, order_id),)
        case _:
            blocks = _story(story)
    jumps = [Jump("discrepancies", key=w.discrepancy_id) for w in story.wrong]
    jumps += [Jump("settlements", key=f"{channel}/{s}") for s in story.money.settlements]
    return Detail(f"{channel} {order_id}", blocks, tuple(jumps))


def _story(story: Story) -> tuple[Block, ...]:
    wrong = tuple(Passage(f"Wrong: {w.title}", f"{w.cause} ({w.state}). {w.who}") for w in story.wrong)
    m = story.money
    paid = None if m.settled is None else f"{money(m.settled, m.currency)} {m.currency}"
    figures = pairs(
        charged=f"{money(m.charged, m.currency)} {m.currency}",
        fees=money(m.fees, m.currency),
        refunded=money(m.refunded, m.currency),
        paid_out=paid or "not settled yet",
        settlements=", ".join(m.settlements),
    )
    events = tuple(
        TimelineEntry(
            e.at,
            e.system,
            e.text
            if e.amount is None or money(e.amount, e.currency) in e.text
            else f"{e.text} {money(e.amount, e.currency)} {e.currency}",
        )
        for e in story.events
    )
    return (
        Facts("Where it is", story.where),
        *wrong,
        Timeline(events),
        Facts("Money", figures),
        Passage("Answer (y copies it)", story.answer, copied=True),
    )


def _sides(store: Store, channel: str, order_id: str) -> Difference:
    with store.database.reading() as cursor:
        fields = order_sides(Evidence(store, cursor, store.clock.now()), (channel, order_id))
    return Difference(channel, "NetSuite", tuple(FieldDiff(f.name, f.channel, f.erp) for f in fields))


def _paid(story: Story) -> Difference:
    settled = None if story.money.settled is None else money(story.money.settled, story.money.currency)
    standing = dict(story.where)
    charged = money(story.money.charged, story.money.currency)
    return Difference("Charged", "Payout", (FieldDiff("money", charged, settled or standing.get("Payout")),))


def _lines(store: Store, channel: str, order_id: str) -> Passage:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT quantity, sku, item_price, item_tax, shipping_price, discount, status, title, tracking_number"
            " FROM order_lines WHERE channel = $1 AND order_id = $2 ORDER BY position",
            [channel, order_id],
        ).fetchall()
    head = f"{'qty':>4}  {'SKU':24}  {'price':>10}  {'tax':>9}  {'shipping':>9}  {'discount':>9}  status"
    lines = [head]
    for quantity, sku, price, tax, shipping, discount, status, title, tracking in rows:
        figures = f"{money(price):>10}  {money(tax):>9}  {money(shipping):>9}  {money(discount):>9}"
        lines.append(f"{quantity:>4}  {sku:24}  {figures}  {status} {tracking or ''}")
        lines.append(f"      {title or ''}")
    return Passage(counted(len(rows), "line"), "\n".join(lines), verbatim=True)


def _raw(store: Store, channel: str, order_id: str) -> Passage:
    with store.database.reading() as cursor:
        cursor.execute("SELECT * FROM orders WHERE channel = $1 AND order_id = $2", [channel, order_id])
        names = [d[0] for d in cursor.description or []]
        row = cursor.fetchone()
    if row is None:
        return Passage("As stored", "It is gone.")
    values = dict(zip(names, row, strict=True))
    page = f"page:{values['page_id']}, record {values['page_ordinal']} of it"
    return Passage(
        f"As mirrored ({page})", body_text({k: shown(v) for k, v in values.items()})[:_RAW_SHOWN], verbatim=True
    )
