"""What the customer is told, and what colleagues are told, of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text
from reconcile.story.calendar import reports_delivery
from reconcile.story.models import OrderFacts, Parcel, ReturnFacts, Settled, Story, StoryLine
from reconcile.story.texts import sentence, shipped_texts
from sync.ops.decisions import Decision

__all__ = ["Situation", "answer_states", "customer_answer", "internal_answer"]

_SENT = ("shipped", "partly_shipped", "delivered", "refunded")


@dataclass(frozen=True, slots=True)
class Situation:
    """What an answer is made of. `refunds` are settled lines that went back to the buyer; `refund_documents` tells
    that the ERP has a credit, a refund or a return receipt for the order."""

    order: OrderFacts
    lines: Sequence[StoryLine]
    parcels: Sequence[Parcel]
    returns: Sequence[ReturnFacts]
    refunds: Sequence[Settled]
    refund_documents: bool
    delivered_at: datetime | None
    shipped_at: datetime | None
    now: datetime
    zone: ZoneInfo

    @property
    def refunded(self) -> Decimal:
        """Return what went back to the buyer by the settlements, positive."""
        return -sum((s.amount for s in self.refunds if s.currency == self.order.currency), Decimal(0))

    @property
    def promised(self) -> Decimal | None:
        """Return what the channel's returns say goes back; None where they do not say."""
        said = [
            r.refund for r in self.returns if r.refund and r.currency == self.order.currency and r.status != "cancelled"
        ]
        return sum(said, Decimal(0)) if said else None


def answer_states(s: Situation) -> tuple[str, ...]:
    """Return what the answer speaks of, in order: the delivery, what was cancelled, returns and refunds."""
    if s.order.status == "unknown":
        return ("unknown",)
    after = _of_returns(s)
    delivery = _of_delivery(s)
    if "refund_given" in after or (after and delivery == "delivered"):
        return after
    found = [delivery] if delivery else []
    cancelled = sum(line.cancelled for line in s.lines)
    if cancelled and s.order.status != "cancelled":
        found.append("partly_cancelled")
    return (*found, *after) or ("unknown",)


def _of_delivery(s: Situation) -> str:
    order, today = s.order, s.now
    asked = any(line.cancel_requested and line.cancelled < line.ordered for line in s.lines)
    match _status(s):
        case "pending" | "cancelled" | "delivered" | "partly_shipped":
            return order.status
        case "open" if asked:
            return "cancel_requested"
        case "open" if order.ship_by is not None and order.ship_by < today:
            return "not_shipped_late"
        case "open":
            return "not_shipped" if order.by_seller else "not_shipped_by_channel"
        case "shipped" if (due := _deliver_by(s)) is not None and due < today:
            # Where nobody tells of deliveries, a parcel past its day has most likely arrived.
            return "late" if reports_delivery(order) else "due"
        case "shipped":
            return "shipped"
        case "refunded":
            return ""
        case _:
            return "unknown"


def _status(s: Situation) -> str:
    """Return where the delivery is: what the warehouse has sent is on its way before the channel knows it."""
    if s.order.by_seller and s.order.status in ("open", "partly_shipped"):
        still_wanted = [line for line in s.lines if line.cancelled < line.ordered]
        if still_wanted and all(line.has_left for line in still_wanted):
            return "shipped"
    return s.order.status


def _of_returns(s: Situation) -> tuple[str, ...]:
    if s.refunded > 0 or (s.order.status == "refunded" and not s.refunds):
        return ("refund_given",)
    live = [r for r in s.returns if r.status != "cancelled"]
    completed = [r for r in live if r.status == "completed" and r.kind != "replacement"]
    if completed and all(r.status == "completed" for r in live) and s.promised:
        return ("refund_given",)
    if any(r.status in ("received", "completed") and r.kind != "replacement" for r in live) or s.refund_documents:
        return ("refund_under_way",)
    if any(r.kind == "keep_it" for r in live):
        return ("refund_under_way",)
    if any(r.kind == "replacement" for r in live):
        return ("replacement",)
    if any(r.status == "in_transit" for r in live):
        return ("return_in_transit",)
    if any(r.status in ("requested", "approved") for r in live):
        return ("return_requested",)
    return ("return_cancelled",) if s.returns and not live else ()


def customer_answer(s: Situation, language: str, decided: Mapping[str, Decision]) -> tuple[str, tuple[str, ...]]:
    """Return the answer for the customer and the states that it speaks of.

    Plain sentences: the order's number as the buyer knows it, days of the channel's calendar, amounts with currency;
    no address, no name, no id of ours.
    """
    states, words = answer_states(s), _words(s, language)
    said = [sentence(state, language, s.order.channel, words, decided) for state in ("greeting", *states, "closing")]
    if not any(said[1:-1]):
        states = ("unknown",)
        said[1:-1] = [sentence("unknown", language, s.order.channel, words, decided)]
    return "\n\n".join([said[0], " ".join(t for t in said[1:-1] if t), said[-1]]).strip(), states


def _words(s: Situation, language: str) -> dict[str, str]:
    texts, order = shipped_texts(), s.order
    knows_alternate = order.channel.partition(".")[0] in texts.known_by_alternate
    moments = {
        "ordered_on": order.ordered_at,
        "ship_by": order.ship_by,
        "deliver_by": _deliver_by(s),
        "delivered_on": s.delivered_at,
        "shipped_on": s.shipped_at,
        "requested_on": next((r.requested_at for r in s.returns), None),
    }
    words = {name: texts.day(at.astimezone(s.zone).date(), language) for name, at in moments.items() if at is not None}
    words["order"] = (order.alternate_id if knows_alternate else None) or order.order_id
    numbers = [p.number for p in s.parcels]
    carriers = list(dict.fromkeys(p.carrier for p in s.parcels if p.carrier))
    if numbers:
        words["tracking"] = _plain(", ".join(numbers))
    if carriers:
        words["carrier"] = _plain(", ".join(carriers))
    words["shipped_units"] = str(sum(line.shipped for line in s.lines))
    words["ordered_units"] = str(sum(line.ordered for line in s.lines))
    refund = s.refunded if s.refunded > 0 else s.promised
    if refund:
        words["refund"] = texts.amount(refund, order.currency, language)
    if s.refunded > 0:
        # A settlement's day is the channel's own day already.
        words["refund_on"] = texts.day(max(line.posted_date for line in s.refunds), language)
    return words


def _deliver_by(s: Situation) -> datetime | None:
    expected = [p.expected_at for p in s.parcels if p.expected_at is not None]
    return s.order.deliver_by or max(expected, default=None)


def _plain(text: str) -> str:
    """Return a vendor's text on one line without control characters: it is sent to a customer."""
    return "".join(c for c in text if c.isprintable())[:200]


def internal_answer(story: Story, at: datetime) -> str:
    """Return the summary for colleagues: where it is, the money, what is open and who is next."""
    currency = story.money.currency
    lines = [f"{story.kind.title()} {story.subject} ({story.channel}), {at.astimezone(UTC):%Y-%m-%d}"]
    lines += [f"{system}: {standing}" for system, standing in story.where]
    sums = [f"{label} {amount_text(amount, currency)}" for label, amount in story.money.parts]
    lines.append("; ".join([f"Money ({currency}): charged {amount_text(story.money.charged, currency)}", *sums]))
    lines += [f"Open: {w.title}. {w.cause}. Next: {w.who}" for w in story.wrong]
    own = {f"{w.title}: {w.turn.what}" for w in story.wrong}
    lines += [
        f"Next: {t.who}: {t.what}" + (f", by {t.by.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if t.by else "")
        for t in story.turns
        if t.what not in own
    ]
    if not story.wrong:
        lines.append("Nothing is open.")
    return "\n".join(lines)
