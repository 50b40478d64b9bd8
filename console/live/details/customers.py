"""A customer or a waiting buyer: who it may be and why, what was bought over all channels, the record itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from console.blocks import Block, Detail, Facts, Jump, Passage, Timeline, TimelineEntry
from console.live.customer_forms import masked
from console.live.text import pairs
from console.present.amounts import money
from reconcile.customers.buyer import visible
from reconcile.customers.decide import is_customer
from reconcile.customers.duplicates import buyer_candidates, customer_candidates
from reconcile.customers.history import History, history_of
from reconcile.customers.known import Known, known_of, masks_emails, pair_subject
from reconcile.customers.pairs import ScoredPair
from reconcile.customers.waiting import Candidates, buyer_of_finding, candidates_of
from reconcile.seen_at import evidence_at
from sync.store.store import Store

__all__ = ["read"]

_SHOWN = 12
_ORDERS_SHOWN = 60


def read(store: Store, key: str, tab: str) -> Detail | None:
    """Return one tab: candidates, history or record; None where the record is gone."""
    found = candidates_of(store, key)
    title = _title(store, key, found)
    if title is None:
        return None
    match tab:
        case "history":
            blocks, jumps = _history(store, key, found)
            return Detail(title, blocks, jumps)
        case "record":
            return Detail(title, _record(store, key, found))
        case _:
            return Detail(title, _candidates(store, key, found))


def _title(store: Store, key: str, found: Candidates) -> str | None:
    if found.is_buyer:
        return f"{found.detail['name']} ({found.channel}, {found.detail['orders']} orders wait)"
    with store.database.reading() as cursor:
        row = cursor.execute("SELECT entity_id FROM customers WHERE customer_id = $1", [key]).fetchone()
    return f"Customer {key}: {visible(str(row[0]))[:60]}" if row else None


def _candidates(store: Store, key: str, found: Candidates) -> tuple[Block, ...]:
    with evidence_at(store) as evidence:
        known = known_of(evidence)
        buyer = buyer_of_finding(evidence, found) if found.is_buyer else None
        scored = buyer_candidates(evidence, buyer, known) if buyer else []
        if not found.is_buyer and is_customer(key):
            scored = customer_candidates(evidence, key)
        names = _names(store, [*found.ids, *(p.right for p in scored)])
    by_id = {pair.right: pair for pair in scored}
    ids = list(dict.fromkeys([*found.ids, *by_id]))[:_SHOWN]
    if not ids:
        return (Passage("Candidates", "Nobody in NetSuite is like it."),)
    mask = masks_emails(store)
    blocks: list[Block] = [Passage("Keys", _keys(found))]
    if found.is_buyer:
        blocks.insert(0, Facts("Found", tuple(("by", str(line)) for line in found.detail.get("evidence", ()))))
    for place, customer_id in enumerate(ids, 1):
        blocks.append(
            _candidate(place, customer_id, names, by_id.get(customer_id), _said(known, key, customer_id), mask)
        )
    return tuple(blocks)


def _keys(found: Candidates) -> str:
    if not found.ids:
        return "Nothing is open. m says that another customer is the same."
    return "a takes the first, m chooses, i says that none of them is the same."


def _said(known: Known, key: str, customer_id: str) -> str | None:
    if known.are_apart(key, customer_id):
        return "not the same, a person said"
    if pair_subject(key, customer_id) and known.kept(key) == known.kept(customer_id):
        return f"the same, {known.kept(key)} is kept: merge them in NetSuite"
    return None


def _candidate(
    place: int, customer_id: str, names: dict[str, str], pair: ScoredPair | None, said: str | None, mask: bool
) -> Facts:
    score = f"   score {pair.percent} %, {pair.bits:+.1f} bits" if pair else ""
    rows = [("decided", said)] if said else []
    for f in pair.fields if pair else ():
        left, right = (masked(side, hide=mask and f.field == "email") or "—" for side in (f.left, f.right))
        how = f"{f.level} {f.bits:+.1f}" if f.level else "not on both sides"
        rows.append((f.field, f"{how}   {visible(left)[:50]} | {visible(right)[:50]}"))
    if pair and not pair.may_link:
        rows.append(("rule", "never linked without a person"))
    return Facts(f"{place}. {names.get(customer_id, 'gone')} · {customer_id}{score}", tuple(rows))


def _names(store: Store, ids: Sequence[str]) -> dict[str, str]:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, entity_id FROM customers WHERE customer_id IN (SELECT unnest($1::VARCHAR[]))",
            [list(ids)],
        ).fetchall()
    return {str(number): visible(str(entity))[:60] for number, entity in rows}


def _history(store: Store, key: str, found: Candidates) -> tuple[tuple[Block, ...], tuple[Jump, ...]]:
    if found.is_buyer:
        orders = [str(o) for o in found.detail.get("order_ids", ())]
        jumps = tuple(Jump("orders", key=f"{found.channel}/{o}") for o in orders[:9])
        return (Passage(f"{found.detail['orders']} orders wait", "\n".join(orders), verbatim=True),), jumps
    with store.database.reading() as cursor:
        history = history_of(cursor, key)
    if not history.orders:
        return (Passage("History", "No order of a channel is booked on it."),), ()
    jumps = tuple(Jump("orders", key=f"{o.channel}/{o.order_id}") for o in history.orders[:9])
    return (*_sums(history), _list(history)), jumps


def _sums(history: History) -> tuple[Facts, ...]:
    total = ", ".join(f"{money(value, currency)} {currency}" for currency, value in sorted(history.money.items()))
    channels = tuple(
        Facts(
            f"{c.channel} {c.currency}",
            pairs(
                orders=c.orders,
                bought=f"{money(c.total, c.currency)} {c.currency}",
                refunded=f"{money(c.refunded, c.currency)} in {c.returns} returns",
                first=f"{c.first_at:%Y-%m-%d}",
                last=f"{c.last_at:%Y-%m-%d}",
                open_discrepancies=c.findings,
            ),
        )
        for c in history.channels
    )
    return (Facts("Over all channels", pairs(orders=len(history.orders), bought_less_refunds=total)), *channels)


def _list(history: History) -> Passage:
    lines = [
        f"{o.ordered_at:%Y-%m-%d}  {o.channel}  {o.order_id}  {money(o.total, o.currency)} {o.currency}  {o.status}"
        + (f"  {o.findings} open" if o.findings else "")
        for o in history.orders[:_ORDERS_SHOWN]
    ]
    more = len(history.orders) - len(lines)
    return Passage("Orders", "\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])]), verbatim=True)


def _record(store: Store, key: str, found: Candidates) -> tuple[Block, ...]:
    mask = masks_emails(store)
    if found.is_buyer:
        detail = found.detail
        email = masked(detail["email"], hide=mask)
        facts = pairs(name=detail["name"], email=email, phone=detail["phone"], address=detail["address"], id=key)
        return (Facts("Buyer", facts), _decided(store, key))
    with store.database.reading() as cursor:
        row = (
            cursor.execute(
                "SELECT entity_id, external_id, company_name, first_name, last_name, email, phone, inactive, updated_at"
                " FROM customers WHERE customer_id = $1",
                [key],
            ).fetchone()
            or (None,) * 9
        )
        book = cursor.execute(
            "SELECT concat_ws(', ', name, address1, address2, city, region, postal_code, country, phone)"
            " FROM customer_addresses WHERE customer_id = $1 ORDER BY position",
            [key],
        ).fetchall()
    names = ("record", "external_id", "company", "first_names", "last_name", "email", "phone", "inactive", "changed")
    values = dict(zip(names, row, strict=True)) | {"email": masked(row[5], hide=mask)}
    places = tuple((str(n), str(text)) for n, (text,) in enumerate(book, 1))
    return (Facts("Customer", pairs(**values)), Facts("Addresses", places or (("", "none"),)), _decided(store, key))


def _decided(store: Store, key: str) -> Timeline:
    entries = []
    for kind in ("customer", "same_customer", "not_same"):
        for subject, d in store.decisions.current(kind).items():
            chosen = str(d.value.get("customer_id", d.value.get("keep", "")))
            if key in subject.split("|") or key == chosen:
                text = f"{d.decided_by}: {kind.replace('_', ' ')} {subject} {chosen} {d.reason}".strip()
                entries.append(TimelineEntry(d.decided_at.astimezone(UTC), "tieout", text))
    return Timeline(tuple(sorted(entries, key=lambda e: e.at)))
