"""The accruals of deferred money that the decisions ask for, month by month, beside what the ERP has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import as_file, files
from zoneinfo import ZoneInfo

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import covered, go_live
from reconcile.controls.posting_days import chosen_day, day_stop
from reconcile.controls.posting_stops import Stop, account_stop, routing_stop
from reconcile.controls.settlements.posted_documents import PostedDocument, known_names, posted_documents
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.settlement import Journal, JournalLine, LedgerAccount, Rules, load_rules
from reconcile.settlement.classify import Placement
from reconcile.settlement.deferred import LedgerGroup, accrual, opposite, place_ledger
from reconcile.settlement.identity import reversal_of
from reconcile.settlement.months import last_day

__all__ = ["Accrual", "Accruals", "find_accruals"]

_CHANNELS = """
SELECT channel, min(posted_at) FROM channel_transactions WHERE state IN ('deferred', 'deferred_released')
GROUP BY channel ORDER BY channel
"""
#: Held back at a moment: posted before it and either still deferred or released after it. What a settlement has put
#: into that month already is in the month's own journal.
_HELD = """
WITH held AS (
    SELECT * FROM channel_transactions t
    WHERE t.channel = $1 AND t.posted_at < $2
        AND (t.state = 'deferred' OR (t.state = 'deferred_released' AND t.matures_at >= $2))
        AND NOT EXISTS (
            SELECT 1 FROM settlement_lines l WHERE l.channel = t.channel AND l.settlement_id = t.settlement_id
                AND l.order_key = t.order_key AND l.order_id = t.order_id AND l.posted_date <= $3)
)
"""
_GROUPS = """
SELECT h.currency, h.transaction_type, a.category, sum(a.amount), count(DISTINCT h.transaction_id)
FROM held h JOIN channel_transaction_amounts a ON a.channel = h.channel AND a.transaction_id = h.transaction_id
GROUP BY ALL ORDER BY ALL
"""
_UNFOOTED = """
SELECT h.currency, min(h.transaction_id), count(*) FROM held h
WHERE h.total <> coalesce((SELECT sum(a.amount) FROM channel_transaction_amounts a
    WHERE a.channel = h.channel AND a.transaction_id = h.transaction_id), 0)
GROUP BY h.currency
"""


@dataclass(frozen=True, slots=True)
class Accrual:
    """One month's accrual of a channel and currency; `posted` and `is_reversed` say what the ERP has of it."""

    books: ChannelBooks
    groups: tuple[tuple[LedgerGroup, Placement], ...]
    #: On the month's last day, or on the day that a person chose (`period` stays the month that it accrues).
    journal: Journal
    #: The opposite entry: of what is posted, where the accrual is; on the day after the month, never before its entry.
    reversal: Journal
    posted: PostedDocument | None
    is_reversed: bool
    stop: Stop | None

    @property
    def amount(self) -> Decimal:
        """Return the deferred money, signed as the seller sees it."""
        return sum((g.amount for g, _ in self.groups), Decimal(0))


@dataclass(frozen=True, slots=True)
class Accruals:
    """The accruals that were asked for, and how many months wait for the marketplace's ledger or the ERP."""

    found: tuple[Accrual, ...]
    waiting: int
    waiting_for: str | None


def find_accruals(evidence: Evidence, *, any_policy: bool = False) -> Accruals:
    """Return every month's accrual of the channels whose policy accrues deferred money (or of all channels).

    Raises:
        BadInput: a decision on line types or on the settlement policy cannot be used.
    """
    found: list[Accrual] = []
    waiting, slow = 0, None
    for channel, first in evidence.cursor.execute(_CHANNELS).fetchall():
        books = channel_books(evidence, channel)
        if books.policy.deferred != "accrue" and not any_policy:
            continue
        horizon = covered(evidence, channel, "ledger")
        zone = ZoneInfo(books.routing.time_zone) if books.routing else ZoneInfo("UTC")
        live_from = go_live(evidence, "deferred_not_accrued", channel)
        for month, ends in _months(evidence, max(first, live_from) if live_from else first, zone):
            if not horizon.reaches(ends):
                waiting, slow = waiting + 1, horizon.waits_for()
            else:
                found += _of_month(evidence, books, month, ends)
    return Accruals(tuple(found), waiting, slow)


def _months(evidence: Evidence, first: datetime, zone: ZoneInfo) -> Iterator[tuple[str, datetime]]:
    """Give each month that is over by now with the moment of its end, in the channel's own time."""
    day = first.astimezone(zone).date().replace(day=1)
    while True:
        following = last_day(f"{day:%Y-%m}") + timedelta(days=1)
        ends = datetime.combine(following, time(), zone)
        if not evidence.has_come(ends):
            return
        yield f"{day:%Y-%m}", ends
        day = following


def _of_month(evidence: Evidence, books: ChannelBooks, month: str, ends: datetime) -> list[Accrual]:
    asked = [books.channel, ends, last_day(month)]
    rules = evidence.once(f"ledger rules {books.channel}", lambda: _ledger_rules(books))
    by_currency: dict[str, list[tuple[LedgerGroup, Placement]]] = {}
    for currency, *values in evidence.cursor.execute(_HELD + _GROUPS, asked).fetchall():
        group = LedgerGroup(*values)
        placement = place_ledger(rules, books.channel.partition(".")[0], group)
        by_currency.setdefault(currency, []).append((group, placement))
    unfooted = {c: (name, count) for c, name, count in evidence.cursor.execute(_HELD + _UNFOOTED, asked).fetchall()}
    known = known_names(evidence, "-DEFER-")
    found = []
    for currency, groups in by_currency.items():
        journal = accrual(books.channel, currency, month, groups, books.accounts, books.policy, books.dimensions)
        if journal is not None:
            name = journal.external_id
            posted = posted_documents(evidence, [name]).get(name) if name in known else None
            journal = replace(journal, date=chosen_day(evidence, name, journal.date))
            reversal = _reversal(evidence, _as_posted(journal, posted) if posted and posted.lines else journal, posted)
            stop = _stop(evidence, books, journal, reversal, groups, unfooted.get(currency), posted)
            found.append(Accrual(books, tuple(groups), journal, reversal, posted, reversal_of(name) in known, stop))
    return found


def _reversal(evidence: Evidence, journal: Journal, posted: PostedDocument | None) -> Journal:
    """Return the opposite of an accrual, on the day that a person chose, else on the first that is not before it.

    An accrual moved out of a closed month meets its reversal in the month that it moved to, and they cancel there: a
    later reversal would leave this money in that month's books beside what its settlements put there.
    """
    back = opposite(journal)
    entered = posted.date if posted else journal.date
    return replace(back, date=chosen_day(evidence, back.external_id, max(back.date, entered)))


def _ledger_rules(books: ChannelBooks) -> Rules:
    with as_file(files("data").joinpath("ledger_rules.csv")) as path:
        # Decisions stand in the books' rules and win: later rules replace earlier ones.
        return Rules([*load_rules(path).all, *books.rules.all])


def _as_posted(journal: Journal, posted: PostedDocument) -> Journal:
    """Return the accrual as the ERP has it, so that its reversal takes back what was really posted."""
    labels = {line.account.account_id: line.account for line in journal.lines}
    lines = []
    for line in posted.lines:
        if line.amount:
            shown = labels.get(line.account_id) or LedgerAccount("", f"account {line.account_id}", line.account_id)
            account = replace(
                shown,
                department_id=line.department_id,
                class_id=line.class_id,
                location_id=line.location_id,
                entity_id=line.entity_id,
            )
            zero = Decimal(0)
            lines.append(JournalLine(account, line.memo or "", max(line.amount, zero), max(-line.amount, zero), 0, ()))
    return replace(journal, lines=tuple(lines))


def _stop(
    evidence: Evidence,
    books: ChannelBooks,
    journal: Journal,
    reversal: Journal,
    groups: Sequence[tuple[LedgerGroup, Placement]],
    unfooted: tuple[str, int] | None,
    posted: PostedDocument | None,
) -> Stop | None:
    channel = books.channel
    if posted is not None:
        return routing_stop(books) or _reversal_stop(evidence, reversal, posted.date)
    if unfooted is not None:
        return (
            f"footing|{channel}|ledger",
            f"the parts of transaction {unfooted[0]} do not add to its total ({unfooted[1]} of them)",
            f"Pull the ledger of {channel} again",
        )
    for group, placement in groups:
        if placement.rule == "none" and books.policy.suspense_key is None:
            above, _, leaf = group.path.rpartition("/")
            kind = f"Ledger|{above.rpartition('/')[2]}|{leaf}"
            return (
                f"line_type|{channel.partition('.')[0]}|{kind}",
                f"ledger amount {group.path} has no account",
                f"Choose category and account of {kind}",
            )
    return (
        account_stop(channel, journal)
        or routing_stop(books)
        or day_stop(evidence, journal.external_id, journal.date, _moved(journal))
        or _reversal_stop(evidence, reversal, journal.date)
    )


def _moved(journal: Journal) -> str:
    return f"{journal.period} stays without it: its reversal takes it back in the same month"


def _reversal_stop(evidence: Evidence, reversal: Journal, entered: date) -> Stop | None:
    """Return why the opposite of an accrual that is entered on a day cannot be posted."""
    name = reversal.external_id
    if reversal.date < entered:
        return (
            f"before|{name}",
            f"{name} is to be posted on {reversal.date}, before its accrual of {entered}",
            f"Decide posting_date of {name} from {entered} on, or take that decision back",
        )
    return day_stop(evidence, name, reversal.date)
