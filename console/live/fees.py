"""The fee schedule in the console: its list, one entry whole, what importing asks."""

from __future__ import annotations

from console.blocks import Block, Detail, Facts, Passage, Timeline, TimelineEntry
from console.desk import ActionRequest, Choice, Form, FormField
from console.live.text import pairs
from console.views.rows import Row
from reconcile.fees.entries import FeeEntry, band_lines, bands_of, fee_entries, previewed_entries
from reconcile.fees.schedule import FEE_SCHEDULE
from sync.store.store import Store

__all__ = ["fee_form", "fee_rows", "fee_subject", "read_fee"]

_RANKS = {"table": 0, "row": 1, "unit": 1, "size": 2, "category": 2, "type": 2, "preview": 3, "referral": 4}
_STANDINGS = {
    "shipped": "Shipped with the program, confirmed by nobody: what differs claims no money. a confirms it.",
    "older": "Shipped, and its publisher's days are over: what differs claims no money. I imports the current one.",
    "confirmed": "Somebody confirmed it: a charge that differs is claimed. D takes that back.",
    "decided": "Decided here. D takes it back.",
    "told": "The channel's own word. What it charges otherwise is claimed where no decision and no confirmed table says"
    " what a unit costs; `tieout fees case CHANNEL SKU` writes what to send.",
}


def _entries(store: Store) -> list[FeeEntry]:
    decided = store.decisions.current(FEE_SCHEDULE)
    with store.database.reading() as cursor:
        return [*fee_entries(decided, store.clock.now().date()), *previewed_entries(cursor, decided)]


def fee_rows(store: Store) -> list[Row]:
    """Return the schedule's entries as the list shows them."""
    return [
        Row(
            e.key,
            (
                e.channel,
                e.kind,
                e.name,
                e.fee,
                e.valid_from,
                e.valid_to,
                e.state,
                e.source,
                _RANKS[e.kind] * 1_000_000 + n,
            ),
        )
        for n, e in enumerate(_entries(store))
    ]


def read_fee(store: Store, key: str, tab: str) -> Detail | None:
    """Return one tab of an entry: schedule or history."""
    entry = next((e for e in _entries(store) if e.key == key), None)
    if entry is None:
        return None
    title = f"{entry.channel} {entry.name}"
    if tab == "history":
        return Detail(title, (_history(store, key),))
    facts = pairs(
        fee=entry.fee,
        starts=str(entry.valid_from or "always"),
        ends=str(entry.valid_to or "open"),
        state=entry.state,
        source=entry.source,
        **(
            {"measured_by_channel": entry.theirs or "nothing", "measured_by_you": entry.ours or "—"}
            if entry.told
            else {}
        ),
    )
    blocks: list[Block] = [Facts(entry.kind.capitalize(), facts), Passage("Standing", _standing(entry))]
    if entry.told:
        told = "\n".join(str(t) for t in reversed(entry.told))
        blocks.append(Passage("What the channel told, the newest first", told, verbatim=True))
    lines = band_lines(bands_of(key, store.decisions.current(FEE_SCHEDULE)))
    if lines:
        blocks.append(Passage("Of one unit, the first row that it fits", "\n".join(lines), verbatim=True))
    return Detail(title, tuple(blocks))


def _standing(entry: FeeEntry) -> str:
    if entry.kind == "referral" and entry.state == "shipped":
        return "Shipped with the program; `tieout fees rate` decides another from a day on."
    return _STANDINGS[entry.state]


def fee_subject(key: str) -> str:
    """Return the subject of the decision behind an entry, "" where a person can decide nothing of it."""
    if key.startswith("shipped|"):
        return f"confirm|{key.removeprefix('shipped|')}"
    return key.removeprefix("decided:") if key.startswith("decided:") else ""


def _history(store: Store, key: str) -> Timeline:
    return Timeline(
        tuple(
            TimelineEntry(
                d.decided_at,
                "tieout",
                f"{d.decided_by}: {'taken back' if d.withdrawn else 'decided'} {d.reason}".strip(),
            )
            for d in store.decisions.history(FEE_SCHEDULE, fee_subject(key))
        )
    )


def fee_form(store: Store, request: ActionRequest) -> Form | None:
    """Return what importing has to ask."""
    if request.action != "import-fees":
        return None
    with store.database.reading() as cursor:
        rows = cursor.execute("SELECT DISTINCT channel FROM settlements ORDER BY channel").fetchall()
    channels = [str(c) for (c,) in rows] or [t.channel for t in _entries(store) if t.kind == "table"]
    what = (
        Choice("table", "Fulfilment table", "size tier, weight, fee: `tieout fees import-table`"),
        Choice("dimensions", "Sizes and weights of SKUs", "`tieout fees import-dimensions`"),
    )
    everywhere = Choice("*", "all channels", "sizes only")
    return Form(
        "Import fees",
        (
            FormField("what", "What", "table", what),
            FormField("file", "File", hint="a CSV in UTF-8; ~ is your folder"),
            FormField(
                "channel", "Channel", channels[0] if channels else "*", (*(Choice(c, c) for c in channels), everywhere)
            ),
            FormField("name", "Name", "fulfilment", required=False, hint="of the table; the same name replaces it"),
        ),
        "A file with a wrong row changes nothing and says which. On its days a table stands above what ships.",
    )
