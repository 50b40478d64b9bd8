"""The story of an order or settlement: where it is, what happened, where the money is, what is wrong, who is next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from reconcile.amounts import amount_text
from reconcile.story_events import (
    Event,
    Wrong,
    channel_events,
    document_events,
    our_events,
    settled_lines,
    settlement_events,
    what_is_wrong,
)
from reconcile.story_money import StoryMoney, order_money, settlement_money
from reconcile.story_search import Candidate, candidates
from sync.mirror.keys import join_key

__all__ = ["Story", "candidates", "find_story", "tell"]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything known about one order or settlement. Texts may hold words of buyers and vendors: they are data."""

    kind: str
    channel: str
    subject: str
    #: Which id of it was asked for.
    why: str
    #: (system, where it stands there).
    where: tuple[tuple[str, str], ...]
    #: In time order.
    events: tuple[Event, ...]
    money: StoryMoney
    wrong: tuple[Wrong, ...]
    #: Plain text to paste into a mail: no address, no e-mail.
    answer: str
    #: How many others the asked text may mean.
    others: int = 0


def find_story(cursor: duckdb.DuckDBPyConnection, text: str) -> Story | None:
    """Return the story of what a text names (the newest of several), None where nothing has such an id."""
    found = candidates(cursor, text)
    if not found:
        return None
    return tell(cursor, found[0], others=len(found) - 1)


def tell(cursor: duckdb.DuckDBPyConnection, candidate: Candidate, *, others: int = 0) -> Story | None:
    """Return the story of one candidate, None where the mirror does not hold it any more."""
    if candidate.kind == "order":
        return _order_story(cursor, candidate, others)
    return _settlement_story(cursor, candidate, others)


def _order_story(cursor: duckdb.DuckDBPyConnection, candidate: Candidate, others: int) -> Story | None:
    row = cursor.execute(
        "SELECT order_key, status, vendor_status, fulfilled_by, total, currency, ship_by, ordered_at, order_id,"
        " alternate_id FROM orders WHERE order_key = $1 AND channel = $2 AND order_id = $3",
        [join_key(candidate.subject), candidate.channel, candidate.subject],
    ).fetchone()
    if row is None:
        return None
    key, status, vendor_status, fulfilled_by, total, currency, ship_by, ordered_at, order_id, alternate = row
    documents = document_events(cursor, order_id, key, alternate)
    settled = settled_lines(cursor, candidate.channel, order_id, key)
    events = [
        *channel_events(cursor, candidate.channel, order_id, key),
        *documents.events,
        *settlement_events(cursor, candidate.channel, settled),
        *our_events(cursor, candidate.channel, order_id),
    ]
    money = order_money(settled, candidate.channel, total, currency)
    wrong = what_is_wrong(cursor, candidate.channel, order_id)
    who = "the marketplace ships it" if fulfilled_by == "channel" else "the seller ships it"
    late = f", to be shipped by {ship_by.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ship_by and status == "open" else ""
    where = [
        (candidate.channel, f"{status} ({vendor_status}), {who}{late}"),
        ("NetSuite", "; ".join(documents.standing) or "no document names it"),
        ("Payout", _payout(money)),
    ]
    story = Story(
        "order",
        candidate.channel,
        order_id,
        candidate.why,
        tuple(where),
        tuple(sorted(events, key=lambda e: e.at)),
        money,
        wrong,
        "",
        others,
    )
    return _with_answer(story, ordered_at)


def _settlement_story(cursor: duckdb.DuckDBPyConnection, candidate: Candidate, others: int) -> Story | None:
    row = cursor.execute(
        "SELECT currency, total, period_start, period_end, deposit_at, line_count, document_name FROM settlements"
        " WHERE channel = $1 AND settlement_id = $2",
        [candidate.channel, candidate.subject],
    ).fetchone()
    if row is None:
        return None
    currency, total, start, end, deposit, lines, document = row
    said = f"{amount_text(total, currency)} {currency}"
    posted = cursor.execute(
        "SELECT coalesce(number, transaction_id), external_id, coalesce(created_at, updated_at) FROM transactions"
        " WHERE external_id IS NOT NULL AND contains(external_id, $1) ORDER BY external_id",
        [f"-SETTLE-{candidate.subject}-"],
    ).fetchall()
    events = [
        Event(start, candidate.channel, "period begins"),
        Event(end, candidate.channel, f"period ends, {lines} lines add to {said}", total, currency, document),
    ]
    if deposit:
        events.append(Event(deposit, candidate.channel, f"paid out {said}", total, currency))
    events += [Event(at, "NetSuite", f"journal {number} posted", reference=ext) for number, ext, at in posted]
    part = f"-SETTLE-{candidate.subject}-"
    events += our_events(cursor, candidate.channel, candidate.subject, part)
    money = settlement_money(cursor, candidate.channel, candidate.subject, total, currency)
    story = Story(
        "settlement",
        candidate.channel,
        candidate.subject,
        candidate.why,
        (
            (candidate.channel, f"{said}, {start:%Y-%m-%d} to {end:%Y-%m-%d}"),
            ("NetSuite", ", ".join(f"journal {n} ({e})" for n, e, _ in posted) or "not posted"),
        ),
        tuple(sorted(events, key=lambda e: e.at)),
        money,
        what_is_wrong(cursor, candidate.channel, candidate.subject, part),
        "",
        others,
    )
    return _with_answer(story, end)


def _payout(money: StoryMoney) -> str:
    if money.settled is None:
        return "in no settlement yet"
    net = f"{amount_text(money.settled, money.currency)} {money.currency}"
    return f"{net} in settlement {', '.join(money.settlements)}"


def _with_answer(story: Story, at: datetime) -> Story:
    currency = story.money.currency
    lines = [f"{story.kind.title()} {story.subject} ({story.channel}), {at.astimezone(UTC):%Y-%m-%d}"]
    lines += [f"{system}: {standing}" for system, standing in story.where]
    sums = [f"{label} {amount_text(amount, currency)}" for label, amount in story.money.parts]
    lines.append("; ".join([f"Money ({currency}): charged {amount_text(story.money.charged, currency)}", *sums]))
    lines += [f"Open: {w.title}. {w.cause}. Next: {w.who}" for w in story.wrong]
    if not story.wrong:
        lines.append("Nothing is open.")
    return replace(story, answer="\n".join(lines))
