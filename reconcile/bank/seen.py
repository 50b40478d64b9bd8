"""The mirror's payouts and bank bookings, matched by the decisions in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from reconcile.bank.deposits import ErpDeposit, see_deposits
from reconcile.bank.match import Booking, Expected, Matches, match
from reconcile.controls.control import Evidence
from reconcile.controls.settlements.line_sums import line_sums

__all__ = ["ARRIVES_WITHIN", "BANK_MATCH", "BankSeen", "see_bank"]

#: Kind of the decisions; subject is the booking (`account|line`), value {"payouts": [keys]}.
BANK_MATCH = "bank_match"
#: Days that a transfer takes over a long weekend.
ARRIVES_WITHIN = timedelta(days=7)

# A report says of an earlier one that its money did not move: a transfer that came back, a debt that was carried over
# and not charged to the card. Where the marketplace's payouts tell that it was sent after all, they are right.
# Few settlements have such lines, and their sums tell whether any has: else no line is read.
_TAKES_UP = """(said LIKE 'transfer of funds unsuccessful%' OR said LIKE 'returned payment%'
        OR said IN ('payable to amazon', 'successful charge'))"""
_TELLS = f"""
SELECT 1 FROM (SELECT *, lower(amount_description) AS said FROM {{sums}})
WHERE {_TAKES_UP} OR lower(transaction_type) = 'instant transfer' LIMIT 1
"""  # noqa: S608 - our names
_EXPECTED = f"""
WITH taken_up AS (
    SELECT l.channel, l.settlement_id, n.currency, n.period_start,
        CASE WHEN said LIKE 'transfer of funds unsuccessful%' OR said LIKE 'returned payment%' THEN amount
            ELSE sum(amount) FILTER (WHERE said IN ('payable to amazon', 'successful charge'))
                OVER (PARTITION BY l.channel, l.settlement_id) END AS amount
    FROM (SELECT *, lower(amount_description) AS said FROM {{lines}}) l
    JOIN settlements n ON n.channel = l.channel AND n.settlement_id = l.settlement_id
    WHERE {_TAKES_UP}
),
not_moved AS (
    SELECT s.channel, s.settlement_id FROM settlements s JOIN taken_up t ON t.channel = s.channel
        AND t.currency = s.currency AND t.amount = s.total AND t.period_start >= s.period_end - INTERVAL 1 DAY
        AND t.settlement_id <> s.settlement_id
    QUALIFY row_number() OVER (PARTITION BY t.channel, t.settlement_id, t.amount ORDER BY s.period_end DESC) = 1
),
paid AS (
    SELECT channel, settlement_id, string_agg(DISTINCT trace_id, ' ') AS traces,
        bool_or(state = 'failed') AND NOT bool_or(state IN ('paid', 'initiated')) AS failed,
        bool_or(state IN ('paid', 'initiated')) AS sent,
        max(CAST(coalesce(paid_at, expected_at) AS DATE)) AS day
    FROM payouts WHERE settlement_id IS NOT NULL GROUP BY channel, settlement_id
)
SELECT s.channel, s.settlement_id, s.total, s.currency,
    coalesce(p.day, CAST(s.deposit_at AS DATE), CAST(s.period_end AS DATE)) AS due, coalesce(p.traces, '')
FROM settlements s LEFT JOIN paid p ON p.channel = s.channel AND p.settlement_id = s.settlement_id
WHERE s.total <> 0 AND NOT coalesce(p.failed, false)
    AND (coalesce(p.sent, false) OR NOT EXISTS (
        SELECT 1 FROM not_moved m WHERE m.channel = s.channel AND m.settlement_id = s.settlement_id))
UNION ALL
SELECT channel, 'payout ' || payout_id, amount, currency,
    CAST(coalesce(paid_at, expected_at) AS DATE), coalesce(trace_id, '')
FROM payouts
WHERE settlement_id IS NULL AND state IN ('paid', 'initiated') AND amount <> 0
    AND coalesce(paid_at, expected_at) IS NOT NULL
UNION ALL
-- Walmart's early payout: a charge in the report, money in the bank on its day.
SELECT channel, 'payout instant ' || settlement_id || ' line ' || file_line, -amount, currency, posted_date, ''
FROM {{lines}} WHERE lower(transaction_type) = 'instant transfer' AND amount <> 0
ORDER BY 1, 5, 2
"""  # noqa: S608 - our names
_BOOKINGS = """
SELECT account || '|' || line_id, amount, currency, booked_on,
    concat_ws(' ', counterparty, text, reference)
FROM bank_lines ORDER BY booked_on, account, line_id
"""
_RATES = "SELECT code, exchange_rate FROM erp_currencies WHERE exchange_rate IS NOT NULL AND exchange_rate > 0"


@dataclass(frozen=True, slots=True)
class BankSeen:
    """Everything that is known of payouts and bookings; `until` is the last day that statements reach, by currency.

    `deposits` are the bookings that are documents of the ERP, where no statement reaches.
    """

    payouts: dict[str, Expected]
    bookings: dict[str, Booking]
    matches: Matches
    until: dict[str, date]
    #: Bookings of which a person said that they are no payout.
    set_aside: frozenset[str]
    deposits: Mapping[str, ErpDeposit] = field(default_factory=dict)

    def reaches(self, payout: Expected) -> bool:
        """Tell whether statements reach past the days of a payout: of its currency, else of any account."""
        until = self._until(payout)
        return until is not None and payout.due + ARRIVES_WITHIN <= until

    def _until(self, payout: Expected) -> date | None:
        return self.until.get(payout.currency) or max(self.until.values(), default=None)

    def unbooked(self, key: str) -> str:
        """Return in words why no booking pays a payout: it is not due yet, likely another, or on no statement."""
        payout = self.payouts.get(key)
        if payout is None:
            return "nothing is to arrive"
        if self._until(payout) is None:
            return "no bank statement was imported"
        if likely := self.matches.suggested_for(key):
            return f"likely {', '.join(likely[0].bookings)}: {likely[0].why}"
        if not self.reaches(payout):
            return f"due {payout.due}, the statements end {self._until(payout)}"
        return f"due {payout.due}, on no statement up to {self._until(payout)}"

    def unmatched_payouts(self) -> list[Expected]:
        """Return the payouts that no booking pays yet, oldest first."""
        taken = {p for m in self.matches.matched for p in m.payouts}
        return sorted((p for k, p in self.payouts.items() if k not in taken), key=lambda p: (p.due, p.key))

    def unmatched_bookings(self) -> list[Booking]:
        """Return the bookings that pay nothing and were not set aside, oldest first."""
        taken = {b for m in self.matches.matched for b in m.bookings} | self.set_aside
        return sorted((b for k, b in self.bookings.items() if k not in taken), key=lambda b: (b.day, b.key))


def see_bank(evidence: Evidence) -> BankSeen:
    """Return the payouts, the bookings and how they match, computed once a cycle."""
    return evidence.once("bank", lambda: _see(evidence))


def _see(evidence: Evidence) -> BankSeen:
    cursor = evidence.cursor
    payouts = {}
    tell = cursor.execute(_TELLS.format(sums=line_sums(evidence))).fetchone()
    lines = "settlement_lines" if tell else "(SELECT * FROM settlement_lines LIMIT 0)"
    expected = cursor.execute(_EXPECTED.format(lines=lines)).fetchall()
    for channel, number, amount, currency, due, traces in expected:
        key = f"{channel}/{number}"
        payouts[key] = Expected(key, channel, amount, currency, due, (*traces.split(), number.removeprefix("payout ")))
    bookings = {row[0]: Booking(*row) for row in cursor.execute(_BOOKINGS).fetchall()}
    decided = {
        subject: [str(p) for p in decision.value.get("payouts", [])]
        for subject, decision in evidence.decisions(BANK_MATCH).items()
    }
    reached: dict[str, tuple[date, date]] = {}
    for booking in bookings.values():
        first, last = reached.get(booking.currency, (booking.day, booking.day))
        reached[booking.currency] = (min(first, booking.day), max(last, booking.day))
    deposits = see_deposits(evidence, payouts.values(), reached)
    bookings |= {key: deposit.booking for key, deposit in deposits.items()}
    return BankSeen(
        payouts,
        bookings,
        match(list(payouts.values()), list(bookings.values()), decided=decided, rates=_rates(evidence)),
        {currency: last for currency, (_, last) in reached.items()},
        frozenset(b for b, keys in decided.items() if not keys),
        deposits,
    )


def _rates(evidence: Evidence) -> dict[tuple[str, str], Decimal]:
    """Return the ERP's rates between any two of its currencies."""
    base = dict(evidence.cursor.execute(_RATES).fetchall())
    return {(a, b): base[a] / base[b] for a in base for b in base if a != b}
