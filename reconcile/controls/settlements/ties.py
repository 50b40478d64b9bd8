"""Each settlement as its witnesses tell it: the report's lines, its stated total, the ledger, the payout, the bank.

A witness that is not there is said, never assumed: it was not read, or it is not due yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from reconcile.bank.match import Match
from reconcile.bank.seen import BankSeen, see_bank
from reconcile.controls.control import Evidence
from reconcile.controls.reach import reach_of
from reconcile.controls.settlements.line_sums import line_sums, sums_of

__all__ = ["WITNESSES", "State", "Tie", "Witness", "see_ties"]

#: tied and differs are judged; missing should be there; waits is not due yet; absent was never read.
State = Literal["tied", "differs", "missing", "waits", "absent"]
#: In the order of the money's way.
WITNESSES = ("lines", "summary", "ledger", "payout", "bank")

#: Days that a transfer takes over a long weekend, and the marketplace's own books to be complete.
_ARRIVES_WITHIN, _LEDGER_LAGS = timedelta(days=7), timedelta(days=2)
#: An event may be deferred for so long before a settlement takes it up.
_DEFERRED_FOR = timedelta(days=60)

_SETTLEMENTS = """
WITH lines AS (
    SELECT channel, settlement_id, sum(amount) AS total, CAST(sum(lines) AS BIGINT) AS counted,
        count(DISTINCT marketplace) AS marketplaces
    FROM {sums} GROUP BY channel, settlement_id
),
events AS (
    SELECT split_part(channel, '.', 1) AS vendor, settlement_id, currency, sum(total) AS total, count(*) AS counted
    FROM channel_transactions WHERE settlement_id IS NOT NULL GROUP BY ALL
),
sums AS (
    SELECT s.channel, s.settlement_id, m.total, m.currency, m.state, m.source
    FROM settlements s JOIN settlement_summaries m ON m.channel = s.channel
        AND (m.settlement_id = s.settlement_id OR (m.source = 'statement'
            AND CAST(try_strptime(m.settlement_id, '%Y%m%d') AS DATE)
                BETWEEN CAST(s.period_end AS DATE) AND CAST(s.period_end AS DATE) + 7))
    QUALIFY row_number() OVER (PARTITION BY s.channel, s.settlement_id
        ORDER BY m.settlement_id = s.settlement_id DESC, m.source, m.settlement_id) = 1
),
paid AS (
    SELECT channel, settlement_id, max(currency) AS currency,
        sum(amount) FILTER (WHERE state IN ('paid', 'initiated')) AS sent,
        sum(amount) FILTER (WHERE state = 'expected') AS expected,
        max(expected_at) AS expected_at, bool_or(state = 'failed') AS failed,
        bool_or(state NOT IN ('paid', 'initiated', 'expected', 'failed')) AS unclear
    FROM payouts WHERE settlement_id IS NOT NULL GROUP BY channel, settlement_id
)
SELECT s.channel, s.settlement_id, s.currency, s.period_start, s.period_end, s.deposit_at, s.total AS stated,
    coalesce(l.total, 0) AS lines_total, coalesce(l.counted, 0) AS lines, coalesce(l.marketplaces, 0) AS marketplaces,
    m.total AS summary_total, m.currency AS summary_currency, m.state AS summary_state, m.source AS summary_source,
    e.total AS events_total, e.counted AS events,
    p.currency AS paid_currency, p.sent, p.expected, p.expected_at, coalesce(p.failed, false) AS failed,
    coalesce(p.unclear, false) AS unclear
FROM settlements s
LEFT JOIN lines l ON l.channel = s.channel AND l.settlement_id = s.settlement_id
LEFT JOIN sums m ON m.channel = s.channel AND m.settlement_id = s.settlement_id
LEFT JOIN events e ON e.vendor = split_part(s.channel, '.', 1) AND e.settlement_id = s.settlement_id
    AND e.currency = s.currency
LEFT JOIN paid p ON p.channel = s.channel AND p.settlement_id = s.settlement_id
WHERE $1 = '' OR s.settlement_id = $1
ORDER BY s.channel, s.period_start, s.settlement_id
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """What one source says of a settlement; amounts signed as the seller sees them, + is money in.

    `amount` is None where the source says nothing. `difference` is what it says less what it is held against.
    """

    name: str
    state: State
    amount: Decimal | None
    currency: str
    against: str
    difference: Decimal | None
    said: str


@dataclass(frozen=True, slots=True)
class Tie:
    """One settlement with every witness; `stated` is what the report itself says it pays."""

    channel: str
    settlement_id: str
    currency: str
    period_start: datetime
    period_end: datetime
    stated: Decimal
    witnesses: tuple[Witness, ...]

    @property
    def differing(self) -> list[Witness]:
        """Return the witnesses that contradict, a payout that should be there and is not among them.

        A payout that is missing in the bank is `payout_not_in_bank`'s to find.
        """
        return [w for w in self.witnesses if w.state == "differs" or (w.state == "missing" and w.name != "bank")]

    @property
    def state(self) -> State:
        """Return the worst state of the witnesses; absent ones say nothing against."""
        states = [w.state for w in self.witnesses]
        order: tuple[State, ...] = ("differs", "missing", "waits")
        return next((s for s in order if s in states), "tied")

    def of(self, name: str) -> Witness:
        """Return the witness of a name."""
        return next(w for w in self.witnesses if w.name == name)


def see_ties(evidence: Evidence, settlement_id: str = "") -> list[Tie]:
    """Return every settlement of the mirror, or those of one number, tied to all its witnesses."""
    sums = sums_of("settlement_id = $1") if settlement_id else line_sums(evidence)
    found = evidence.cursor.execute(_SETTLEMENTS.format(sums=sums), [settlement_id])
    names = [d[0] for d in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    bank = _Bank.of(see_bank(evidence))
    return [_tie(evidence, row, bank) for row in rows]


@dataclass(frozen=True, slots=True)
class _Bank:
    seen: BankSeen
    by_payout: Mapping[str, Match]

    @classmethod
    def of(cls, seen: BankSeen) -> _Bank:
        return cls(seen, {payout: match for match in seen.matches.matched for payout in match.payouts})


def _tie(evidence: Evidence, row: Mapping[str, Any], bank: _Bank) -> Tie:
    payout = _payout(evidence, row)
    witnesses = (_lines(row), _summary(evidence, row), _ledger(evidence, row), payout, _in_bank(row, bank))
    return Tie(
        row["channel"],
        row["settlement_id"],
        row["currency"],
        row["period_start"].astimezone(UTC),
        row["period_end"].astimezone(UTC),
        row["stated"],
        witnesses,
    )


def _held_against(name: str, amount: Decimal, currency: str, row: Mapping[str, Any], said: str) -> Witness:
    """Return a witness that speaks, held against the stated total."""
    if currency != row["currency"]:
        return Witness(name, "differs", amount, currency, "stated", None, f"{said}; in {currency}, not the report's")
    difference = amount - row["stated"]
    return Witness(name, "differs" if difference else "tied", amount, currency, "stated", difference, said)


def _silent(name: str, state: State, row: Mapping[str, Any], said: str) -> Witness:
    difference = -row["stated"] if state == "missing" else None
    return Witness(name, state, None, row["currency"], "stated", difference, said)


def _lines(row: Mapping[str, Any]) -> Witness:
    return _held_against("lines", row["lines_total"], row["currency"], row, f"{row['lines']} lines of the report")


def _summary(evidence: Evidence, row: Mapping[str, Any]) -> Witness:
    total, closed = row["summary_total"], row["summary_state"] == "closed"
    if total is None:
        if not reach_of(evidence, row["channel"], "summaries").is_known:
            return _silent("summary", "absent", row, f"the sums of {row['channel']} were never read")
        return _silent("summary", "absent", row, "the marketplace gives no sum of it")
    if row["summary_source"] == "statement":
        # Walmart states the balance of the account at one moment of a cycle: more, or less, than one report.
        if closed and (total, row["summary_currency"]) == (row["stated"], row["currency"]):
            return _held_against("summary", total, row["summary_currency"], row, "the statement's closing balance")
        balance = f"the statement's balance was {total} {row['summary_currency']} when it was read"
        return _silent("summary", "absent", row, f"{balance}; a balance is no sum of the report")
    if closed:
        return _held_against("summary", total, row["summary_currency"], row, f"the ledger's sum of {row['channel']}")
    return _silent("summary", "waits", row, "the marketplace's sum is still open")


def _ledger(evidence: Evidence, row: Mapping[str, Any]) -> Witness:
    """The events of a settlement add to it; a sum that falls short counts only where all of them must be known."""
    channel, silent = row["channel"], partial(_silent, "ledger")
    read = reach_of(evidence, channel, "ledger")
    if not read.is_known:
        return silent("absent", row, f"the ledger of {channel} was never read")
    if row["events_total"] is not None:
        spoken = _held_against("ledger", row["events_total"], row["currency"], row, f"{row['events']} events")
        if spoken.state == "tied":
            return spoken
    if read.until is None or read.until < row["period_end"] + _LEDGER_LAGS:
        return silent("waits", row, "the ledger is not read past the end of the period yet")
    if read.since is None or read.since > row["period_start"] - _DEFERRED_FOR:
        begins = f"{read.since:%Y-%m-%d}" if read.since else "no day"
        return silent("absent", row, f"the ledger was read from {begins} on, not from the first of its events")
    if row["marketplaces"] > 1:
        return silent("absent", row, "it pays for several marketplaces, whose ledgers are not all read")
    if row["events_total"] is None:
        return silent("missing", row, "no event of the ledger names it")
    return spoken


def _payout(evidence: Evidence, row: Mapping[str, Any]) -> Witness:
    channel, silent = row["channel"], partial(_silent, "payout")
    if row["sent"] is not None:
        said = "the transfer that was made again" if row["failed"] else "the transfer"
        return _held_against("payout", row["sent"], row["paid_currency"], row, said)
    if row["stated"] <= 0:
        said = "nothing is to be paid" if not row["stated"] else "the marketplace charges, it pays nothing"
        return Witness("payout", "tied", Decimal(0), row["currency"], "stated", Decimal(0), said)
    if row["expected"] is not None:
        when = f" {row['expected_at']:%Y-%m-%d}" if row["expected_at"] else ""
        return silent("waits", row, f"expected{when}")
    if row["unclear"]:
        return silent("waits", row, "the transfer is in a state that is not known")
    read = reach_of(evidence, channel, "payouts")
    if not read.is_known:
        return silent("absent", row, f"the payouts of {channel} were never read")
    due = row["deposit_at"] or row["period_end"]
    if read.until is None or read.until < due + _ARRIVES_WITHIN:
        return silent("waits", row, f"due {due:%Y-%m-%d}" + (", the transfer failed" if row["failed"] else ""))
    if read.since is None or read.since > row["period_end"]:
        begins = f"{read.since:%Y-%m-%d}" if read.since else "no day"
        return silent("absent", row, f"payouts were read from {begins} on")
    return silent("missing", row, "the transfer failed and was not made again" if row["failed"] else "no transfer")


def _in_bank(row: Mapping[str, Any], bank: _Bank) -> Witness:
    key, silent = f"{row['channel']}/{row['settlement_id']}", partial(_silent, "bank")
    found = bank.by_payout.get(key)
    if found is not None:
        return _booked(row, found, bank.seen)
    expected = bank.seen.payouts.get(key)
    if expected is None:
        return silent("tied" if not row["stated"] else "absent", row, "nothing is to arrive")
    if not bank.seen.until:
        return silent("absent", row, "no bank statement was imported")
    until: date = bank.seen.until.get(row["currency"]) or max(bank.seen.until.values())
    if expected.due + _ARRIVES_WITHIN > until:
        return silent("waits", row, f"due {expected.due}, the statements end {until}")
    likely = bank.seen.matches.suggested_for(key)
    return silent("missing", row, f"on no statement{f'; likely {likely[0].bookings[0]}' if likely else ''}")


def _booked(row: Mapping[str, Any], found: Match, seen: BankSeen) -> Witness:
    bookings = [seen.bookings[b] for b in found.bookings]
    amount = sum((b.amount for b in bookings), Decimal(0))
    owed = sum((seen.payouts[p].amount for p in found.payouts), Decimal(0))
    said, currency = f"{', '.join(found.bookings)}: {found.why}", bookings[0].currency
    if len(found.payouts) > 1:
        said += f" ({len(found.payouts)} payouts)"
    for deposit in (seen.deposits[b] for b in found.bookings if b in seen.deposits):
        if journal := deposit.perhaps_taken_back_by:
            said += f"; {journal} takes as much from the account and does not say for what: it may take it back"
    if found.rate is not None or currency != row["currency"]:
        return Witness("bank", "tied", amount, currency, "payout", None, f"{said}; rate {found.rate}")
    difference = amount - owed
    return Witness("bank", "differs" if difference else "tied", amount, currency, "payout", difference, said)
