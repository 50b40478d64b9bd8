"""Which figure a key names, and its parts: settlement, category, journal, order, payout, bridge, discrepancy."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from console.blocks import Block, Explained, ExplainedPart, Facts, Jump
from console.live.explaining.figures import LEDGER_STATES, cause, ledger, line_type, waiting
from console.live.explaining.lines import Lines, explain_line, explain_lines, lines_from_key, type_name
from console.live.explaining.orders import ordered, ordered_block
from console.live.row_keys import CAUSE, split_type_key
from console.live.text import pairs
from console.present.amounts import money
from console.present.times import counted
from reconcile.bank.seen import BankSeen, see_bank
from reconcile.bridge import bridge_currencies, see_bridge
from reconcile.explain import JournalExplained, explain_journal
from reconcile.mapping.accounts import account_map, settlement_rules
from reconcile.seen_at import evidence_at
from reconcile.settlement import CATEGORIES, category
from sync.mirror.keys import join_key
from sync.store.store import Store

__all__ = ["explain_figure"]

_TYPES = """
SELECT transaction_type, amount_type, amount_description, sum(amount), count(*) FROM settlement_lines
WHERE channel = $1 AND settlement_id = $2 GROUP BY ALL ORDER BY abs(sum(amount)) DESC, 1, 2, 3
"""
_OF_ORDER = """
SELECT l.channel, l.settlement_id, l.currency, sum(l.amount), count(*), any_value(s.deposit_at)
FROM settlement_lines AS l JOIN settlements AS s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
WHERE l.order_key = $1 AND l.order_id = $2 AND l.channel = $3 GROUP BY ALL ORDER BY ALL
"""


def explain_figure(store: Store, section: str, key: str) -> Explained | None:
    """Return the figure of a section's record, or of a part's key (section `explain`); None: it has no parts.

    Keys of parts: `settlement:channel/id`, `category:key|channel/id`, `journal:external id`,
    `journal-line:number|external id`, `order:channel/order`, `booking:account|line`,
    `bridge:channel/currency/settlement`, and lines as JSON.
    """
    if section == "explain":
        kind, colon, rest = key.partition(":")
        reader = _READERS.get(kind) if colon else None
        if reader is not None:
            return reader(store, rest)
        lines = lines_from_key(key)
        if lines is None:
            return None
        return (
            explain_line(store, lines, _bank(store)) if lines.first == lines.last > 0 else explain_lines(store, lines)
        )
    found = _OF_SECTION.get(section)
    return None if found is None else found(store, key)


def _settlement(store: Store, key: str) -> Explained | None:
    channel, _, settlement_id = key.partition("/")
    with store.database.reading() as cursor:
        head = cursor.execute(
            "SELECT total, currency, document_name, deposit_at FROM settlements"
            " WHERE channel = $1 AND settlement_id = $2",
            [channel, settlement_id],
        ).fetchone()
        types = cursor.execute(_TYPES, [channel, settlement_id]).fetchall()
    if head is None:
        return None
    total, currency, document, _ = head
    rules = settlement_rules(store.decisions.current("line_type"))
    vendor = channel.partition(".")[0]
    sums: dict[str, tuple[Decimal, int, int]] = {}
    for *kind, amount, count in types:
        placed = rules.place(vendor, *kind).category
        held = sums.get(placed, (Decimal(0), 0, 0))
        sums[placed] = (held[0] + amount, held[1] + count, held[2] + 1)
    parts = [
        ExplainedPart(
            c.label, sums[c.key][0], sums[c.key][1], f"category:{c.key}|{key}", counted(sums[c.key][2], "line type")
        )
        for c in CATEGORIES
        if c.key in sums
    ]
    facts = Facts("Payout", pairs(file=document, bank=_bank(store).get(key, "nothing is to arrive")))
    return Explained(f"settlement:{key}", f"{channel} {settlement_id}: payout", "categories", currency, total,
                     tuple(parts), (facts,))  # fmt: skip


def _category(store: Store, text: str) -> Explained | None:
    wanted, _, key = text.partition("|")
    channel, _, settlement_id = key.partition("/")
    rules = settlement_rules(store.decisions.current("line_type"))
    with store.database.reading() as cursor:
        types = cursor.execute(_TYPES, [channel, settlement_id]).fetchall()
        accounts = account_map(cursor, store.decisions.current("account"))
        currency = cursor.execute(
            "SELECT currency FROM settlements WHERE channel = $1 AND settlement_id = $2", [channel, settlement_id]
        ).fetchone()
    parts = []
    for *kind, amount, count in types:
        placed = rules.place(channel.partition(".")[0], *kind)
        if placed.category == wanted:
            account = accounts.find(channel, placed.account_key)
            lines = Lines(channel, settlement_id, (kind[0], kind[1], kind[2]))
            note = account.label if account else "no account yet"
            parts.append(ExplainedPart(type_name(kind), amount, count, lines.key, note))
    if not parts or currency is None:
        return None
    total = sum((p.amount for p in parts if p.amount is not None), Decimal(0))
    title = f"{channel} {settlement_id}: {category(wanted).label}"
    return Explained(f"category:{text}", title, "line types", str(currency[0]), total, tuple(parts))


def _type(store: Store, key: str) -> Explained | None:
    """Explain a line type of a settlement (key of the settlement's table)."""
    found = split_type_key(key)
    if found is None:
        return None
    _, settlement, kind = found
    channel, _, settlement_id = settlement.partition("/")
    return explain_lines(store, Lines(channel, settlement_id, kind))


def _journal(store: Store, external_id: str) -> Explained | None:
    seen = explain_journal(store, external_id)
    if seen is None:
        return None
    parts = [
        ExplainedPart(
            f"{part.number} · {part.account}",
            part.credit - part.debit,
            sum(t.lines for t in part.types),
            f"journal-line:{part.number}|{external_id}",
            part.memo,
        )
        for part in seen.parts
        if part.types
    ]
    parts += [
        ExplainedPart(t.line_type, t.amount, t.lines, None, "cancels out with others of its account")
        for t in seen.cancelled
    ]
    return Explained(f"journal:{external_id}", f"{external_id}, {seen.period}", "journal lines", seen.currency,
                     seen.total, tuple(parts), (_journal_facts(seen),))  # fmt: skip


def _journal_facts(seen: JournalExplained) -> Facts:
    clearing = [p for p in seen.parts if not p.types]
    cleared = "; ".join(
        f"{p.account} {'debit' if p.debit else 'credit'} {money(p.debit or p.credit, seen.currency)}" for p in clearing
    )
    return Facts(
        "Journal",
        pairs(
            debits=money(seen.debits, seen.currency),
            credits=money(seen.credits, seen.currency),
            clearing=cleared,
            posted=_posted(seen),
            file=seen.document,
        ),
    )


def _posted(seen: JournalExplained) -> str:
    if not seen.posted_as:
        return "not yet"
    return f"as {seen.posted_as}" + (", which has other sums: see journal_differs" if seen.posted_differs else "")


def _journal_line(store: Store, text: str) -> Explained | None:
    number, _, external_id = text.partition("|")
    seen = explain_journal(store, external_id)
    part = next((p for p in seen.parts if str(p.number) == number), None) if seen else None
    if seen is None or part is None:
        return None
    with store.database.reading() as cursor:
        kinds = cursor.execute(
            "SELECT DISTINCT transaction_type, amount_type, amount_description, fulfilled_by FROM settlement_lines"
            " WHERE channel = $1 AND settlement_id = $2",
            [seen.channel, seen.settlement_id],
        ).fetchall()
    keys = {_type_label(kind[:3], kind[3]): kind for kind in kinds}
    parts = []
    for one in part.types:
        kind = keys.get(one.line_type)
        lines = kind and Lines(seen.channel, seen.settlement_id, kind[:3], (kind[3],), month=seen.period)
        parts.append(ExplainedPart(one.line_type, one.amount, one.lines, lines.key if lines else None))
    return Explained(f"journal-line:{text}", f"{external_id}, line {number}: {part.account}", "line types",
                     seen.currency, part.credit - part.debit, tuple(parts))  # fmt: skip


def _type_label(kind: tuple[str, str, str], fulfilled: str | None) -> str:
    """Return what `reconcile.explain` calls the lines of a type and fulfilment."""
    who = {"channel": ", shipped by the marketplace", "seller": ", shipped by the seller"}.get(fulfilled or "", "")
    return type_name(kind) + who


def _order(store: Store, key: str) -> Explained | None:
    channel, _, order_id = key.partition("/")
    with store.database.reading() as cursor:
        rows = cursor.execute(_OF_ORDER, [join_key(order_id), order_id, channel]).fetchall()
        journals = cursor.execute(
            "SELECT coalesce(external_id, number), coalesce(number, transaction_id) FROM transactions"
            " WHERE contains(coalesce(external_id, number), '-SETTLE-')"
        ).fetchall()
    if not rows:
        return ordered(store, key)
    bank = _bank(store)
    parts = []
    for _, settlement_id, _, amount, count, deposit in rows:
        posted = ", ".join(str(number) for ext, number in journals if f"-SETTLE-{settlement_id}-" in str(ext))
        words = [f"journal {posted}" if posted else "no journal yet"]
        words += [f"payout {deposit:%Y-%m-%d}"] if deposit else []
        words += [f"bank {bank.get(f'{channel}/{settlement_id}', 'nothing is to arrive')}"]
        lines = Lines(channel, settlement_id, order_id=order_id)
        jump = Jump("settlements", key=f"{channel}/{settlement_id}")
        parts.append(ExplainedPart(f"settlement {settlement_id}", amount, count, lines.key, " · ".join(words), jump))
    currencies = {str(row[2]) for row in rows}
    total = sum((p.amount for p in parts if p.amount is not None), Decimal(0)) if len(currencies) == 1 else None
    return Explained(f"order:{key}", f"order {order_id}: paid out", "settlements", min(currencies), total, tuple(parts),
                     ordered_block(store, key))  # fmt: skip


def _seen_bank(store: Store) -> BankSeen:
    with evidence_at(store) as evidence:
        return see_bank(evidence)


def _bank(store: Store) -> dict[str, str]:
    """Return payout → how it arrived at the bank, or why it did not yet, in words."""
    seen = _seen_bank(store)
    words = {key: seen.unbooked(key) for key in seen.payouts}
    for match in seen.matches.matched:
        bookings = [seen.bookings[b] for b in match.bookings if b in seen.bookings]
        text = ", ".join(f"{b.day} {money(b.amount, b.currency)} {b.currency} ({b.key})" for b in bookings)
        for payout in match.payouts:
            words[payout] = text + (f" at {match.rate}" if match.rate else "")
    return words


def _booking(store: Store, key: str) -> Explained | None:
    seen = _seen_bank(store)
    match = next((m for m in seen.matches.matched if key in m.bookings or key in m.payouts), None)
    if match is None:
        return _settlement(store, key) if key in seen.payouts else None
    payouts, bookings = [seen.payouts[p] for p in match.payouts], [seen.bookings[b] for b in match.bookings]
    parts = tuple(
        ExplainedPart(p.key, p.amount, None, f"settlement:{p.key}", f"due {p.due}", Jump("settlements", key=p.key))
        for p in payouts
    )
    if not payouts:
        # What the bank took back is explained by its bookings, which cancel.
        parts = tuple(ExplainedPart(b.key, b.amount, None, None, f"{b.day} {b.text}") for b in bookings)
    total = sum((p.amount for p in parts if p.amount is not None), Decimal(0))
    facts = Facts(
        "At the bank",
        (
            *((f"{b.day}", f"{money(b.amount, b.currency)} {b.currency} {b.text} ({b.key})") for b in bookings),
            ("because", match.why),
            *((("rate", str(match.rate)),) if match.rate else ()),
        ),
    )
    return Explained(
        f"booking:{key}",
        " + ".join(match.bookings),
        "payouts" if payouts else "bookings",
        (payouts or bookings)[0].currency,
        total,
        parts,
        (facts,),
    )


def _bridge(store: Store, key: str) -> Explained | None:
    channel, _, rest = key.partition("/")
    currency, _, settlement_id = rest.partition("/")
    with evidence_at(store) as evidence:
        if currency not in bridge_currencies(evidence, channel):
            return None
        if settlement_id in LEDGER_STATES:
            return ledger(store, channel, currency, settlement_id)
        seen = see_bridge(evidence, channel, currency)
    step = next((s for s in seen.steps if s.settlement_id == settlement_id), None)
    if step is None:
        return None
    here = f"{channel}/{settlement_id}"
    parts = [ExplainedPart("Opening: held back before", step.opening)]
    parts += [
        ExplainedPart(category(k).label, amount, None, f"category:{k}|{here}") for k, amount in step.activity.items()
    ]
    parts.append(ExplainedPart("Payout", -step.payout, None, f"settlement:{here}", ", ".join(step.bookings)))
    blocks: tuple[Block, ...] = (Facts("Break", (("why", step.broken),)),) if step.broken else ()
    title = f"{channel} {currency} {settlement_id}: closing"
    return Explained(f"bridge:{key}", title, "steps of the bridge", currency, step.closing, tuple(parts), blocks)


def _discrepancy(store: Store, key: str) -> Explained | None:
    _, _, rest = key.partition("|")
    channel, _, subject = rest.partition("|")
    if "-SETTLE-" in subject or "-DEFER-" in subject:
        return _journal(store, subject)
    if ".." in subject:
        return _chain(store, channel, subject.partition("..")[2])
    if (leg := re.fullmatch(r"[A-Z]+-PAYOUT-(.+?)(?:-OUT.*|-IN.*)?", subject)) is not None:
        return _settlement(store, f"{channel}/{leg[1]}")
    return (
        _returned(store, rest)
        or _order(store, f"{channel}/{subject}")
        or _settlement(store, f"{channel}/{subject}")
        or waiting(store, key)
    )


def _chain(store: Store, channel: str, settlement_id: str) -> Explained | None:
    """Explain a break of the chain by the step of the bridge at which it shows."""
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT currency FROM settlements WHERE channel = $1 AND settlement_id = $2", [channel, settlement_id]
        ).fetchone()
    return _bridge(store, f"{channel}/{row[0]}/{settlement_id}") if row else None


def _returned(store: Store, key: str) -> Explained | None:
    """Explain a return (`channel|return id`, or `channel|order|return id`) by its order."""
    channel, _, rest = key.partition("|")
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT order_id FROM channel_returns WHERE channel = $1 AND return_id IN (SELECT unnest($2::VARCHAR[]))"
            " AND order_id IS NOT NULL",
            [channel, rest.split("|")],
        ).fetchone()
    return _order(store, f"{channel}/{row[0]}") if row else None


def _return(store: Store, key: str) -> Explained | None:
    """Explain a row of Returns (`channel|order|return id`) by its order."""
    channel, order_id, *_ = (*key.split("|"), "")
    return _order(store, f"{channel}/{order_id}")


def _shipment(store: Store, key: str) -> Explained | None:
    """Explain a row of Shipments (`channel/order/parcel`) by its order."""
    channel, order_id, *_ = (*key.split("/"), "")
    return _order(store, f"{channel}/{order_id}")


def _operation(store: Store, key: str) -> Explained | None:
    with store.database.reading() as cursor:
        row = cursor.execute("SELECT identity FROM operations WHERE operation_id = $1", [key]).fetchone()
    return _journal(store, str(row[0])) if row and "-SETTLE-" in str(row[0]) else None


_Reader = Callable[[Store, str], Explained | None]
_READERS: dict[str, _Reader] = {
    "settlement": _settlement,
    "category": _category,
    "journal": _journal,
    "journal-line": _journal_line,
    "order": _order,
    "booking": _booking,
    "bridge": _bridge,
    "ordered": ordered,
    "line-type": line_type,
    "cause": cause,
    "discrepancy": _discrepancy,
}
_OF_SECTION: dict[str, _Reader] = {
    "settlements": _settlement,
    "settlement": _type,
    "orders": _order,
    "bank": _booking,
    "bridge": _bridge,
    "discrepancies": _discrepancy,
    "queue": _operation,
    "causes": lambda store, key: cause(store, key.removeprefix(CAUSE)),
    "line_types": line_type,
    "returns": _return,
    "shipments": _shipment,
}
