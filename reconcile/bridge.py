"""The cash bridge of a channel: what it held back, what came in and went out, what it paid, what it holds now.

Settlement by settlement, per currency: opening + activity - payout = closing. Where that does not hold the difference
is named: a reserve that was not carried over, a settlement that does not foot, a period of which no report is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from reconcile.bank.seen import see_bank
from reconcile.controls.control import Evidence
from reconcile.mapping.accounts import settlement_rules
from reconcile.settlement import CATEGORIES, Rules
from sync.money import total_of

__all__ = ["Bridge", "BridgeStep", "OpenLedger", "bridge_currencies", "see_bridge"]

#: Amazon states moments, Walmart days: the next period may begin on the day after.
_SLACK = timedelta(days=1)
_RESERVES = "reserves"
_STATED, _CARRIED = "current reserve amount", "previous reserve amount balance"

_SETTLEMENTS = """
SELECT settlement_id, period_start, period_end, total FROM settlements
WHERE channel = $1 AND currency = $2 ORDER BY period_start, period_end, settlement_id
"""
_TYPES = """
SELECT l.settlement_id, l.transaction_type, l.amount_type, l.amount_description, sum(l.amount)
FROM settlement_lines l JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
WHERE l.channel = $1 AND s.currency = $2 GROUP BY ALL
"""
_OPEN = """
SELECT coalesce(sum(total) FILTER (WHERE state = 'deferred'), 0), count(*) FILTER (WHERE state = 'deferred'),
    coalesce(sum(total) FILTER (WHERE state <> 'deferred'), 0), count(*) FILTER (WHERE state <> 'deferred')
FROM channel_transactions t
WHERE t.channel = $1 AND t.currency = $2 AND (t.settlement_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM settlements s WHERE s.channel = t.channel AND s.settlement_id = t.settlement_id))
"""


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """One settlement of the chain; all amounts in the channel's currency, signed as the seller sees them.

    `opening + sum of activity - payout + break_amount = closing`, always. `closing` is what the marketplace still
    holds; `break_amount` is zero where the chain holds.
    """

    settlement_id: str
    period_start: datetime
    period_end: datetime
    opening: Decimal
    #: Category key → sum, in display order, reserves left out; zero sums too where there are lines.
    activity: Mapping[str, Decimal]
    payout: Decimal
    closing: Decimal
    break_amount: Decimal
    #: What broke, in words; empty where the chain holds.
    broken: str
    #: Bookings that pay it, with the rate of the bank where it booked another currency; empty: not in the bank.
    bookings: tuple[str, ...] = ()
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenLedger:
    """What the marketplace's ledger has posted and no known settlement holds yet."""

    deferred: Decimal
    deferred_events: int
    released: Decimal
    released_events: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """The chain of one channel and currency, oldest settlement first, and what is still open after it."""

    channel: str
    currency: str
    steps: tuple[BridgeStep, ...]
    after: OpenLedger

    @property
    def breaks(self) -> list[BridgeStep]:
        """Return the steps at which the chain does not hold."""
        return [s for s in self.steps if s.broken]

    def totals(self, first: int = 0) -> Mapping[str, Decimal]:
        """Return category → sum over the steps from `first` on."""
        keys = dict.fromkeys(k for s in self.steps[first:] for k in s.activity)
        return {k: total_of(s.activity.get(k, Decimal(0)) for s in self.steps[first:]) for k in keys}


@dataclass(slots=True)
class _Lines:
    """The sums of one settlement's lines."""

    by_category: dict[str, Decimal] = field(default_factory=dict)
    reserves: Decimal = Decimal(0)
    #: What Amazon states in every report, zero where a line is left out: held at the end, carried over from before.
    #: None for marketplaces whose reserve is only the sum of its movements.
    stated: Decimal | None = None
    carried: Decimal | None = None

    @property
    def all(self) -> Decimal:
        return total_of(self.by_category.values()) + self.reserves


def bridge_currencies(evidence: Evidence, channel: str) -> list[str]:
    """Return the currencies in which a channel has settlements."""
    rows = evidence.cursor.execute(
        "SELECT DISTINCT currency FROM settlements WHERE channel = $1 ORDER BY currency", [channel]
    ).fetchall()
    return [str(r[0]) for r in rows]


def see_bridge(evidence: Evidence, channel: str, currency: str) -> Bridge:
    """Return the bridge of a channel and currency by the decisions in force at the evidence's moment."""
    rules = settlement_rules(evidence.decisions("line_type"))
    lines = _lines(evidence, channel, currency, rules)
    heads = evidence.cursor.execute(_SETTLEMENTS, [channel, currency]).fetchall()
    deferred, deferred_events, released, released_events = evidence.cursor.execute(
        _OPEN, [channel, currency]
    ).fetchall()[0]
    steps = tuple(_with_bank(evidence, channel, _steps(channel, heads, lines)))
    return Bridge(channel, currency, steps, OpenLedger(deferred, deferred_events, released, released_events))


def _lines(evidence: Evidence, channel: str, currency: str, rules: Rules) -> dict[str, _Lines]:
    vendor = channel.partition(".")[0]
    found: dict[str, _Lines] = {}
    for settlement_id, kind, amount_type, text, amount in evidence.cursor.execute(
        _TYPES, [channel, currency]
    ).fetchall():
        own = found.setdefault(settlement_id, _empty(vendor))
        key = rules.place(vendor, kind, amount_type, text).category
        if key != _RESERVES:
            own.by_category[key] = own.by_category.get(key, Decimal(0)) + amount
            continue
        own.reserves += amount
        if own.stated is not None and text.casefold() == _STATED:
            own.stated -= amount
        elif own.carried is not None and text.casefold() == _CARRIED:
            own.carried += amount
    return found


def _empty(vendor: str) -> _Lines:
    return _Lines(stated=Decimal(0), carried=Decimal(0)) if vendor == "amazon" else _Lines()


def _steps(
    channel: str, heads: Sequence[tuple[str, datetime, datetime, Decimal]], lines: Mapping[str, _Lines]
) -> Iterator[BridgeStep]:
    closing: Decimal | None = None
    ended: datetime | None = None
    for settlement_id, start, end, total in heads:
        own = lines.get(settlement_id, _empty(channel.partition(".")[0]))
        opening = closing if closing is not None else (own.carried or Decimal(0))
        closing = own.stated if own.stated is not None else opening - own.reserves
        activity = {c.key: own.by_category[c.key] for c in CATEGORIES if c.key in own.by_category}
        broken = closing - (opening + total_of(activity.values()) - total)
        yield BridgeStep(
            settlement_id, start, end, opening, activity, total, closing, broken,
            _why(own, opening, total, broken, ended, start),
        )  # fmt: skip
        ended = end


def _why(
    own: _Lines, opening: Decimal, total: Decimal, broken: Decimal, ended: datetime | None, start: datetime
) -> str:
    """Return what broke: a gap in time, lines that do not add up, a reserve not carried over; several may be true."""
    reasons = []
    if ended is not None and start - ended > _SLACK:
        reasons.append(f"no settlement is known from {ended:%Y-%m-%d} to {start:%Y-%m-%d}")
    if own.all != total:
        reasons.append(f"lines add to {own.all}, the report states {total}")
    if broken and own.carried is not None and own.carried != opening:
        reasons.append(f"{own.carried} was carried over, {opening} had been held back")
    if broken and not reasons:
        reasons.append("the stated reserve does not follow")
    return "; ".join(reasons)


def _with_bank(evidence: Evidence, channel: str, steps: Iterator[BridgeStep]) -> Iterator[BridgeStep]:
    matches = see_bank(evidence).matches
    for step in steps:
        found = matches.of_payout(f"{channel}/{step.settlement_id}")
        yield replace(step, bookings=found.bookings, rate=found.rate) if found else step
