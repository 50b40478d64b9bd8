"""An order: its story over all systems, its lines, as it was received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage, Timeline, TimelineEntry
from console.live.text import body_text, shown
from console.present.amounts import money
from console.present.times import counted
from reconcile.controls.control import Evidence
from reconcile.order_sides import order_sides
from reconcile.story import Story, order_candidate, shipping_candidate, tell
from reconcile.story.models import Event, StoryLine, Sum
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["jumps_of", "read", "story_blocks"]

_RAW_SHOWN = 400_000


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: story, lines, diff or raw. The key is channel/order."""
    channel, _, order_id = key.partition("/")
    with store.database.reading() as cursor:
        found = order_candidate(cursor, channel, order_id) or shipping_candidate(cursor, channel, order_id)
        story = tell(Evidence(store, cursor, store.clock.now()), found) if found else None
    if story is None:
        return None
    blocks: tuple[Block, ...]
    match tab:
        case "lines":
            blocks = (_lines(story),)
        case "diff":
            blocks = (_sides(store, channel, order_id), _paid(story))
        case "raw":
            blocks = (_raw(store, channel, order_id),)
        case _:
            blocks = story_blocks(story)
    return Detail(f"{channel} {order_id}", blocks, jumps_of(story))


def jumps_of(story: Story) -> tuple[Jump, ...]:
    """Return the records that belong to the story: discrepancies, settlements, bookings, returns, documents."""
    return tuple(Jump(link.section, key=link.key, label=link.label) for link in story.links)


def story_blocks(story: Story) -> tuple[Block, ...]:
    """Return the whole story: where and who is next first, then the answers, money, lines, and what happened."""
    wrong = tuple(Passage(f"Wrong: {w.title}", f"{w.cause} ({w.state}). {w.who}") for w in story.wrong)
    answer = f"For the customer (y copies it): {story.answer_state.replace('_', ' ')}"
    return (
        Facts("Where it is", story.where),
        Facts("Who is next", _turns(story) or (("nobody", "nothing is left to do"),)),
        *wrong,
        *((Passage(answer, story.customer_answer, copied=True),) if story.customer_answer else ()),
        Facts("Money", _money(story)),
        *((Facts("Lines", tuple(_line(line) for line in story.lines)),) if story.lines else ()),
        Timeline(tuple(TimelineEntry(e.at, e.system, _said(e)) for e in story.events)),
        Passage("For colleagues (Y copies it)", story.answer, internal=True, copied=not story.customer_answer),
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


def _turns(story: Story) -> tuple[tuple[str, str], ...]:
    return tuple((t.who, f"{t.what}, by {_moment(t.by)}" if t.by else t.what) for t in story.turns)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _money(story: Story) -> tuple[tuple[str, str], ...]:
    m = story.money
    facts = [(s.label.lower(), _sum(s)) for s in m.sums]
    if story.kind == "order" and m.held is None:
        facts.append(("still held", "not known: the marketplace's ledger has no event of the order"))
    return tuple(facts)


def _sum(total: Sum) -> str:
    said = f"{money(total.amount, total.currency)} {total.currency}"
    if total.parts:
        said += " = " + ", ".join(f"{name} {money(amount, total.currency)}" for name, amount in total.parts)
    if total.note:
        said += f" ({total.note})"
    return said if total.adds_up else f"{said}. It does not add up"


def _line(line: StoryLine) -> tuple[str, str]:
    said = [f"{line.ordered} ordered", f"{line.shipped} shipped"]
    said += [f"{line.cancelled} cancelled"] if line.cancelled else []
    said += [f"{line.returned} returned"] if line.returned else []
    said += [f"{line.return_open} on its way back"] if line.return_open else []
    said += [f"{money(line.refunded)} refunded"] if line.refunded else []
    said += [f"delivered {_moment(line.delivered_at)}"] if line.delivered_at else []
    said += ["the buyer asks to cancel"] if line.cancel_requested else []
    return line.sku, ", ".join(said)


def _said(event: Event) -> str:
    if event.amount is None or money(event.amount, event.currency) in event.text:
        return event.text
    return f"{event.text} {money(event.amount, event.currency)} {event.currency}"


def _units(units: object) -> str | None:
    return None if units is None else f"{units:f}".rstrip("0").rstrip(".")


def _lines(story: Story) -> Passage:
    """Return every line: on the channel's side, then on the ERP's."""
    rows = [f"{'SKU':20} {'ord':>4} {'ship':>4} {'canc':>4} {'retd':>4} {'refunded':>9}  {'price':>9} {'tax':>8}"]
    for line in story.lines:
        units = f"{line.ordered:>4} {line.shipped:>4} {line.cancelled:>4} {line.returned:>4}"
        refunded = "" if line.refunded is None else money(line.refunded)
        rows.append(f"{line.sku:20} {units} {refunded:>9}  {money(line.price):>9} {money(line.tax):>8}")
        erp = "not in NetSuite"
        if line.erp_ordered is not None:
            sides = (("ordered", line.erp_ordered), ("moved", line.erp_moved), ("billed", line.erp_billed))
            erp = "NetSuite: " + ", ".join(f"{_units(units)} {name}" for name, units in sides if units is not None)
        rows.append(f"    {erp}")
        notes = [line.title or "", line.status, "the buyer asks to cancel" if line.cancel_requested else ""]
        rows.append(f"    {' · '.join(n for n in notes if n)}")
    rows += [f"parcel {p.number} {p.carrier or ''} ({p.source})" for p in story.parcels]
    rows += [f"return {r.return_id}: {r.status} ({r.vendor_status})" for r in story.returns]
    return Passage(counted(len(story.lines), "line"), "\n".join(rows), verbatim=True)


def _raw(store: Store, channel: str, order_id: str) -> Passage:
    row, names = None, list[str]()
    with store.database.reading() as cursor:
        for table in ("orders", "multichannel_orders"):
            if row is None:
                cursor.execute(f"SELECT * FROM {table} WHERE channel = $1 AND order_id = $2", [channel, order_id])  # noqa: S608 - our names
                names = [d[0] for d in cursor.description or []]
                row = cursor.fetchone()
    if row is None:
        return Passage("As stored", "It is gone.")
    values = dict(zip(names, row, strict=True))
    page = f"page:{values['page_id']}, record {values['page_ordinal']} of it"
    return Passage(
        f"As mirrored ({page})", body_text({k: shown(v) for k, v in values.items()})[:_RAW_SHOWN], verbatim=True
    )
