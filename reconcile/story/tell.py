"""One story out of everything that the mirror and the decisions hold of a subject."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.multichannel.decided import KIND
from reconcile.story.answer import Situation, customer_answer, internal_answer
from reconcile.story.calendar import language_of, zone_of
from reconcile.story.documents import document_events, erp_lines, erp_parcels, order_documents, standing_of
from reconcile.story.elsewhere import elsewhere_events, elsewhere_for, elsewhere_story, elsewhere_where
from reconcile.story.lines import read_lines, story_lines
from reconcile.story.models import (
    Candidate,
    Document,
    Event,
    Link,
    OrderFacts,
    Parcel,
    ReturnFacts,
    Story,
    StoryLine,
    StoryMoney,
    Wrong,
)
from reconcile.story.money import order_money, refund_lines
from reconcile.story.orders import (
    channel_events,
    order_facts,
    order_parcels,
    order_returns,
    parcel_events,
    return_events,
)
from reconcile.story.other import document_story, settlement_story
from reconcile.story.ours import find_ours, our_events, what_is_wrong
from reconcile.story.search import candidates
from reconcile.story.settlements import money_on_its_way
from reconcile.story.texts import ANSWER
from reconcile.story.turns import next_turns
from sync.joined import joined
from sync.mirror.places import look_up
from sync.store.store import Store

__all__ = ["find_story", "tell"]

#: An event that is a change of the order's status.
_STATE = re.compile(r"(?:pending|open|partly_shipped|shipped|delivered|cancelled|refunded|unknown) [(]")
#: Documents that say that money goes back to the buyer.
_REFUNDING = frozenset({"CustCred", "CustRfnd", "CashRfnd", "ItemRcpt"})


_OTHERS = {"settlement": settlement_story, "document": document_story, "shipping": elsewhere_story}


def find_story(store: Store, text: str, *, language: str | None = None) -> Story | None:
    """Return the story of what a text names (the newest of several, the others named), None where nothing has the id.

    `language` of the customer's answer: by default the channel's own.
    """
    with store.database.reading() as cursor:
        found = candidates(cursor, text)
        if not found:
            return None
        return tell(Evidence(store, cursor, store.clock.now()), found[0], others=found[1:], language=language)


def tell(
    evidence: Evidence, candidate: Candidate, *, others: Sequence[Candidate] = (), language: str | None = None
) -> Story | None:
    """Return the story of one candidate, None where the mirror does not hold it any more."""
    if candidate.kind != "order":
        apart = _OTHERS[candidate.kind](evidence, candidate)
        return None if apart is None else replace(apart, others=tuple(others))
    told = _order_story(evidence, candidate)
    if told is None:
        return None
    story, situation = told
    answer = internal_answer(story, situation.order.ordered_at)
    story = replace(story, others=tuple(others), answer=answer)
    spoken = language or language_of(candidate.channel)
    said, states = customer_answer(situation, spoken, evidence.decisions(ANSWER))
    return replace(story, customer_answer=said, answer_state=", ".join(states), language=spoken)


def _order_story(evidence: Evidence, candidate: Candidate) -> tuple[Story, Situation] | None:
    cursor, channel = evidence.cursor, candidate.channel
    places = look_up(cursor, [candidate.subject]).get(candidate.subject, {})
    order = order_facts(cursor, channel, candidate.subject, places)
    if order is None:
        return None
    zone = zone_of(cursor, channel)
    documents = order_documents(cursor, order, places)
    read = read_lines(cursor, order)
    elsewhere = elsewhere_for(cursor, order, documents, evidence.decisions(KIND))
    sent = [parcel for one in elsewhere for parcel in one.parcels]
    parcels = order_parcels(cursor, order, places, read.tracked, erp_parcels(cursor, documents), sent)
    returns = order_returns(cursor, order, places)
    way = money_on_its_way(evidence, order, places)
    refunds = refund_lines(channel, way.settled)
    lines = story_lines(cursor, order, read, returns, refunds, erp_lines(cursor, documents), evidence.decisions("sku"))
    money = order_money(order, lines, way.settled, way.paid, way.held)
    subjects = [order.order_id, *(r.return_id for r in returns), *(d.transaction_id for d in documents)]
    found = find_ours(cursor, channel, subjects, order.order_id)
    found += [f for one in elsewhere for f in find_ours(cursor, one.channel, [one.order_id], one.order_id)]
    wrong = what_is_wrong(cursor, found)
    deciding = [f"{channel}|{line.sku}" for line in lines] + [f"*|{line.sku}" for line in lines]
    events = [
        *channel_events(cursor, order, places),
        *elsewhere_events(elsewhere),
        *parcel_events(parcels, order),
        *return_events(cursor, returns),
        *document_events(cursor, documents),
        *way.events,
        *our_events(cursor, found, deciding, order.order_id),
    ]
    story = Story(
        "order",
        channel,
        order.order_id,
        candidate.why,
        _where(order, lines, documents, parcels, money, way.banked.keys, zone, elsewhere_where(elsewhere)),
        tuple(sorted(events, key=lambda e: e.at)),
        money,
        wrong,
        "",
        lines=lines,
        parcels=parcels,
        returns=returns,
        documents=documents,
        turns=next_turns(order, lines, returns, money, wrong, evidence.at),
        links=_links(order, wrong, way.settlements, way.banked.keys, documents, returns),
    )
    is_refunding = any(d.code in _REFUNDING for d in documents)
    situation = Situation(
        *(order, lines, parcels, returns, refunds, is_refunding),
        _delivered_at(order, lines),
        _shipped_at(order, parcels, events),
        evidence.at,
        zone,
    )
    return story, situation


def _delivered_at(order: OrderFacts, lines: Sequence[StoryLine]) -> datetime | None:
    """Return when the last of the goods had arrived, None where the channel gives no time (Amazon gives none)."""
    wanted = [line.delivered_at for line in lines if line.cancelled < line.ordered]
    found = [at for at in wanted if at is not None]
    return max(found) if order.status == "delivered" and found and len(found) == len(wanted) else None


def _where(
    order: OrderFacts,
    lines: Sequence[StoryLine],
    documents: Sequence[Document],
    parcels: Sequence[Parcel],
    money: StoryMoney,
    bookings: Mapping[str, str],
    zone: ZoneInfo,
    elsewhere: Sequence[tuple[str, str]],
) -> tuple[tuple[str, str], ...]:
    who = "the seller ships it" if order.by_seller else "the marketplace ships it"
    to_ship = order.ship_by is not None and order.status in ("open", "partly_shipped")
    late = f", to be shipped by {order.ship_by.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if to_ship and order.ship_by else ""
    arrived = _delivered_at(order, lines)
    since = f", delivered {arrived.astimezone(zone).day} {arrived.astimezone(zone):%b}" if arrived else ""
    where = [(order.channel, f"{order.status} ({order.vendor_status}){since}, {who}{late}")]
    where += elsewhere
    where.append(("NetSuite", "; ".join(standing_of(d) for d in documents) or "no document names it"))
    if parcels:
        said = [f"{p.number}{f' ({p.carrier})' if p.carrier else ''}" for p in parcels]
        where.append(("Parcels", ", ".join(said)))
    where.append(("Payout", _payout(money)))
    if bookings:
        where.append(("Bank", ", ".join(f"{s} is booked" for s in sorted(bookings))))
    return tuple(where)


def _payout(money: StoryMoney) -> str:
    if money.settled is None:
        return "in no settlement yet"
    net = f"{amount_text(money.settled, money.currency)} {money.currency}"
    waits = f", {amount_text(money.unpaid, money.currency)} of it not paid out yet" if money.unpaid else ""
    return f"{net} in settlement {', '.join(money.settlements)}{waits}"


def _shipped_at(order: OrderFacts, parcels: Sequence[Parcel], events: Sequence[Event]) -> datetime | None:
    known = [p.shipped_at for p in parcels if p.shipped_at is not None]
    if known:
        return min(known)
    # An order that was on its way when it was first seen has a last change, which may be a later one.
    states = [e for e in events if e.system == order.channel and _STATE.match(e.text)]
    return next((e.at for e in states[1:] if e.text.startswith(("shipped (", "partly_shipped ("))), None)


def _links(
    order: OrderFacts,
    wrong: Sequence[Wrong],
    settlements: Sequence[str],
    bookings: Mapping[str, str],
    documents: Sequence[Document],
    returns: Sequence[ReturnFacts],
) -> tuple[Link, ...]:
    links = [Link("discrepancies", w.discrepancy_id, w.title) for w in wrong]
    links += [Link("settlements", f"{order.channel}/{s}", f"settlement {s}") for s in settlements]
    links += [Link("bank", key, f"booking for {s}") for s, key in bookings.items()]
    of_order = (order.channel, order.order_id)
    links += [Link("returns", joined("|", *of_order, r.return_id), f"return {r.return_id}") for r in returns]
    links += [Link("documents", d.transaction_id, d.name) for d in documents]
    return tuple(links)
