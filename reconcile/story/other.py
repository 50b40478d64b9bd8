"""The story of a settlement, and of a document of the ERP that belongs to no order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.story.answer import internal_answer
from reconcile.story.documents import document_events, made_from, standing_of
from reconcile.story.models import Candidate, Document, Event, Link, Story, StoryMoney, Sum, Turn
from reconcile.story.money import settlement_money
from reconcile.story.ours import find_ours, our_events, what_is_wrong
from reconcile.story.settlements import Paid, bank_of, payouts_of
from reconcile.story.words import document_standing

__all__ = ["document_story", "settlement_story"]

_SETTLEMENT = """
SELECT currency, total, period_start, period_end, deposit_at, line_count, document_name FROM settlements
WHERE channel = $1 AND settlement_id = $2
"""
_POSTED = """
SELECT coalesce(number, transaction_id), external_id, coalesce(created_at, updated_at), transaction_id
FROM transactions WHERE external_id IS NOT NULL AND contains(external_id, $1) ORDER BY external_id
"""
_DOCUMENT = """
SELECT transaction_id, number, transaction_type, status, total, currency, coalesce(created_at, updated_at), external_id,
    version
FROM transactions WHERE transaction_id = $1
"""


def settlement_story(evidence: Evidence, candidate: Candidate) -> Story | None:
    """Return a settlement's story, None where the mirror does not hold it."""
    cursor, channel, number = evidence.cursor, candidate.channel, candidate.subject
    row = cursor.execute(_SETTLEMENT, [channel, number]).fetchone()
    if row is None:
        return None
    currency, total, start, end, deposit, lines, document = row
    said, part = f"{amount_text(total, currency)} {currency}", f"-SETTLE-{number}-"
    posted = cursor.execute(_POSTED, [part]).fetchall()
    banked = bank_of(evidence, channel, [number])
    paid = payouts_of(cursor, channel, [number], evidence.at, banked.booked).get(number)
    found = find_ours(cursor, channel, [number], part, part=True)
    wrong = what_is_wrong(cursor, found)
    events = [
        Event(start, channel, "period begins"),
        Event(end, channel, f"period ends, {lines} lines add to {said}", total, currency, document),
        *([Event(deposit, channel, f"paid out {said}", total, currency)] if deposit else []),
        *(Event(at, "NetSuite", f"journal {name} posted", reference=ext) for name, ext, at, _ in posted),
        *banked.events,
        *our_events(cursor, found, [f"{channel}|{number}"], f"{channel}|{number}"),
    ]
    money = settlement_money(cursor, channel, number, total, currency)
    where = [
        (channel, f"{said}, {start:%Y-%m-%d} to {end:%Y-%m-%d}"),
        ("NetSuite", ", ".join(f"journal {n} ({e})" for n, e, *_ in posted) or "not posted"),
        ("Payout", _payout(paid, deposit)),
    ]
    where += [("Bank", "booked")] if banked.keys else []
    links = [Link("discrepancies", w.discrepancy_id, w.title) for w in wrong]
    links += [Link("settlements", f"{channel}/{number}", f"settlement {number}")]
    links += [Link("bank", key, f"booking for {s}") for s, key in banked.keys.items()]
    links += [Link("documents", i, f"journal {n}") for n, _, _, i in posted]
    story = Story(
        "settlement",
        channel,
        number,
        candidate.why,
        tuple(where),
        tuple(sorted(events, key=lambda e: e.at)),
        replace(money, sums=(Sum("Paid out", total, currency, money.parts),)),
        wrong,
        "",
        turns=tuple(Turn(w.turn.who, f"{w.title}: {w.turn.what}", w.turn.by) for w in wrong),
        links=tuple(links),
    )
    return replace(story, answer=internal_answer(story, end))


def _payout(paid: Paid | None, deposit: datetime | None) -> str:
    if paid is not None and paid.failed:
        return f"the transfer failed ({paid.states})"
    if paid is not None and paid.at is not None:
        return f"paid on {paid.at.astimezone(UTC):%Y-%m-%d}"
    return f"expected on {deposit.astimezone(UTC):%Y-%m-%d}" if deposit else "not paid out yet"


def document_story(evidence: Evidence, candidate: Candidate) -> Story | None:
    """Return the story of a document that names no mirrored order, with everything made from it."""
    row = evidence.cursor.execute(_DOCUMENT, [candidate.subject]).fetchone()
    if row is None:
        return None
    first = _first(row)
    documents = made_from(evidence.cursor, {first.transaction_id: first})
    currency, total = first.currency or "", first.total or Decimal(0)
    story = Story(
        "document",
        candidate.channel,
        first.number or first.transaction_id,
        candidate.why,
        (("NetSuite", "; ".join(standing_of(d) for d in documents)), ("Channel", "no mirrored order is named by it")),
        tuple(sorted(document_events(evidence.cursor, documents), key=lambda e: e.at)),
        StoryMoney(currency, total, Decimal(0), Decimal(0), None, (), (), sums=(Sum("Total", total, currency),)),
        (),
        "",
        documents=documents,
        links=tuple(Link("documents", d.transaction_id, d.name) for d in documents),
    )
    return replace(story, answer=internal_answer(story, first.at))


def _first(row: tuple[Any, ...]) -> Document:
    number_id, number, code, status, total, currency, at, external_id, version = row
    return Document(
        number_id, number, code, document_standing(code, status), total, currency, at, external_id, 0, None, version
    )
