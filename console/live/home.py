"""What Home shows: what needs a person, and how each stream is doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb

from console.desk import Feed, HomeFacts, Jump, Need, Tick
from console.present.amounts import money
from console.present.times import counted
from sync.clock import Clock
from sync.mirror.rereads import offered_rereads

__all__ = ["grouped", "read_home", "read_newest"]

_LATE_S = 6 * 3600.0
_DAYS = 14
#: Streams of a few, slow records: one line on Home.
_LISTS = tuple(f"netsuite.{name}" for name in ("accounts", "items", "locations", "periods", "subsidiaries"))
_LISTS_NAME = "netsuite lists"
#: The witnesses of settlements, of all marketplaces: one line as well.
_MONEY_NAME = "payouts, ledger, sums"
_MONEY = ("ledger", "payouts", "summaries", "balances")
#: The worst first.
_STATES = ("failed", "never", "late", "ok")
#: What a stream's records are counted by, a day; a record pulled late counts where it belongs.
_DATED = {
    "orders": "SELECT CAST(ordered_at AS DATE) AS day FROM orders WHERE channel = $3",
    "settlements": "SELECT CAST(coalesce(deposit_at, period_end) AS DATE) AS day FROM settlements WHERE channel = $3",
    "transactions": "SELECT transaction_date AS day FROM transactions WHERE $3 IS NOT NULL",
}
#: A discrepancy that somebody waived or put aside needs nobody while that holds.
_STANDING = """
    SELECT d.* FROM discrepancies AS d
    LEFT JOIN (
        SELECT discrepancy_id, mark, until
        FROM discrepancy_marks
        QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
    ) AS m USING (discrepancy_id)
    WHERE d.state IN ('open', 'blocked')
      AND NOT coalesce(m.mark IN ('waived', 'snoozed') AND (m.until IS NULL OR m.until > $now), false)
"""


def read_newest(cursor: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return when the newest data was read from a vendor, None: never."""
    row = cursor.execute("SELECT max(completed_at) FROM coverage").fetchone()
    return row[0].astimezone(UTC) if row and row[0] else None


def read_home(
    cursor: duckdb.DuckDBPyConnection, clock: Clock, streams: Sequence[str], checklist: tuple[Tick, ...]
) -> HomeFacts:
    """Return everything that Home shows."""
    now = clock.now()
    return HomeFacts(
        needs=tuple(_needs(cursor, now)),
        feeds=grouped([_feed(cursor, name, now) for name in streams]),
        today=_today(cursor, now),
        checklist=checklist,
    )


def grouped(feeds: Sequence[Feed]) -> tuple[Feed, ...]:
    """Return the feeds with the slow lists of the ERP as one, and what tells of money beside settlements as another.

    A group stands where its first feed stood and is as well as the worst of them.
    """
    shown = list(feeds)
    for title, members in ((_MONEY_NAME, [f for f in feeds if _tells_of_money(f)]), (_LISTS_NAME, _lists_of(feeds))):
        if len(members) > 1:
            place = shown.index(members[0]) if title == _MONEY_NAME else len(shown)
            shown.insert(place, _as_one(title, members))
            shown = [feed for feed in shown if feed not in members]
    return tuple(shown)


def _lists_of(feeds: Sequence[Feed]) -> list[Feed]:
    return [feed for feed in feeds if feed.name in _LISTS]


def _tells_of_money(feed: Feed) -> bool:
    vendor, _, kind = feed.name.partition("@")[0].partition(".")
    return vendor != "netsuite" and kind in _MONEY


def _as_one(title: str, feeds: Sequence[Feed]) -> Feed:
    worst = min(feeds, key=lambda feed: _STATES.index(feed.state))
    ran = [feed.last_run for feed in feeds if feed.last_run is not None]
    lags = [feed.lag_s for feed in feeds if feed.lag_s is not None]
    note = f"{worst.name}: {worst.note}" if worst.note else worst.name if worst.state in ("never", "late") else ""
    last = min(ran) if len(ran) == len(feeds) else None
    return Feed(title, worst.state, last, max(lags, default=None), sum(feed.today for feed in feeds), note=note)


def _needs(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    queue = dict(cursor.execute("SELECT state, count(*) FROM operations GROUP BY state").fetchall())
    needs = _discrepancies(cursor, now)
    failed, doubt = queue.get("failed", 0), queue.get("in_doubt", 0)
    if failed or doubt:
        needs.append(
            Need(failed + doubt, "pushes", f"{failed} need you · {doubt} in doubt", "", Jump("queue", "status:failed"))
        )
    needs += _unmapped(cursor, now)
    needs += _goods(cursor, now)
    needs += _settlements(cursor, now)
    staged = queue.get("planned", 0)
    if staged:
        needs.append(Need(staged, "staged fixes", "ready to push", "P review", Jump("queue", "status:planned")))
    quarantined = cursor.execute("SELECT count(*) FROM quarantine WHERE cleared_at IS NULL").fetchone()
    if quarantined and quarantined[0]:
        needs.append(Need(quarantined[0], "unreadable documents", "see tieout list quarantine", "", Jump("log")))
    needs += [
        Need(o.records, "documents", f"lack {o.brings}", f"N reads {o.stream} again", Jump("log"))
        for o in offered_rereads(cursor)
    ]
    return needs


def _discrepancies(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE first_seen >= $since),"  # noqa: S608 - our own text
        f" count(*) FILTER (WHERE state = 'blocked'), count(DISTINCT cause_id) FROM ({_STANDING})",
        {"since": now - timedelta(days=1), "now": now},
    ).fetchone()
    if not row or not row[0]:
        return []
    found, new, blocked, causes = row
    noun = "discrepancies" if found != 1 else "discrepancy"
    note = f"{new:,} new since yesterday · {counted(causes, 'cause')}"
    aside = f"{blocked:,} blocked" if blocked else ""
    return [Need(found, noun, note, aside, Jump("discrepancies", "status:open,blocked"))]


def _unmapped(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    rows = cursor.execute(
        f"SELECT currency, count(*), sum(amount) FROM ({_STANDING})"  # noqa: S608 - our own text
        " WHERE control = 'sku_unmapped' GROUP BY currency ORDER BY currency",
        {"now": now},
    ).fetchall()
    if not rows:
        return []
    worth = ", ".join(money(amount, currency) + f" {currency}" for currency, _, amount in rows)
    count = sum(r[1] for r in rows)
    noun, wait = ("unmapped SKUs", "wait for them") if count != 1 else ("unmapped SKU", "wait for it")
    return [Need(count, noun, f"{worth} of orders {wait}", "", Jump("mapping"))]


#: Noun, what is to be done, and the list that shows it, by the controls that find it.
_GOODS = (
    (("shipment", "shipments"), "to confirm or correct", "shipments", ("shipment_unconfirmed", "shipment_differs")),
    (("fulfilment", "fulfilments"), "to book or to bill", "shipments",
     ("fulfilment_missing", "multichannel_unfulfilled", "multichannel_unsent", "invoice_missing", "invoice_unpaid")),
    (("return, refund", "returns, refunds"), "to book or to agree on", "returns",
     ("return_unbooked", "refund_unbooked", "refund_not_on_channel", "refund_unsettled")),
    (("payout", "payouts"), "to find in the bank, or to post", "bank",
     ("payout_not_in_bank", "payout_not_posted", "settlement_untied")),
    (("customer", "customers"), "to be told apart, or known better", "customers",
     ("customer_duplicate", "customer_unclear", "customer_differs")),
)  # fmt: skip


def _goods(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    """Return what waits on the way from the order to the cash and back, a line a list."""
    rows = cursor.execute(
        "SELECT control, count(*), count(*) FILTER (WHERE state = 'blocked'),"  # noqa: S608 - our own text
        f" count(*) FILTER (WHERE deadline < $now) FROM ({_STANDING}) GROUP BY control",
        {"now": now},
    ).fetchall()
    by_control = {control: figures for control, *figures in rows}
    needs = []
    for (one, many), what, section, controls in _GOODS:
        found, blocked, late = (sum(by_control.get(c, (0, 0, 0))[n] for c in controls) for n in range(3))
        if found:
            note = f"{what} · {late:,} late" if late else what
            aside = f"{blocked:,} blocked" if blocked else ""
            needs.append(Need(found, many if found != 1 else one, note, aside, Jump(section)))
    return needs


def _settlements(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE state = 'blocked'),"  # noqa: S608 - our own text
        " count(DISTINCT channel || regexp_replace(subject, '-[0-9]{6}$', ''))"
        f" FROM ({_STANDING}) WHERE control = 'settlement_not_posted'",
        {"now": now},
    ).fetchone()
    if not row or not row[0]:
        return []
    noun = "journals" if row[0] != 1 else "journal"
    aside = f"{row[1]} blocked" if row[1] else ""
    note = f"to post, of {counted(row[2], 'settlement')}"
    return [Need(row[0], noun, note, aside, Jump("settlements", 'status:"blocked,to post"'))]


def _feed(cursor: duckdb.DuckDBPyConnection, name: str, now: datetime) -> Feed:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    row = cursor.execute(
        "SELECT max(completed_at), max(window_end), sum(changed) FILTER (WHERE completed_at >= $2)"
        " FROM coverage WHERE stream = $1",
        [name, midnight],
    ).fetchone()
    failed = cursor.execute(
        "SELECT note FROM runs WHERE state = 'failed' AND contains(note, $1 || ':')"
        " AND started_at > coalesce((SELECT max(completed_at) FROM coverage WHERE stream = $1), TIMESTAMPTZ 'epoch')"
        " ORDER BY started_at DESC LIMIT 1",
        [name],
    ).fetchone()
    last = row[0].astimezone(UTC) if row and row[0] else None
    until = row[1].astimezone(UTC) if row and row[1] else None
    lag = max((now - until).total_seconds(), 0.0) if until else None
    state = "failed" if failed else "never" if last is None else "late" if lag is not None and lag > _LATE_S else "ok"
    return Feed(
        name,
        state,  # type: ignore[arg-type]
        last,
        lag,
        int(row[2]) if row and row[2] else 0,
        _points(cursor, name, midnight),
        note=_note_of(str(failed[0]), name) if failed else "",
    )


def _points(cursor: duckdb.DuckDBPyConnection, name: str, midnight: datetime) -> tuple[int, ...]:
    """Return how many records each of the last 14 days has; `()` for streams whose records have no day."""
    account, _, place = name.partition("@")
    vendor, _, kind = account.partition(".")
    if kind not in _DATED:
        return ()
    first = (midnight - timedelta(days=_DAYS - 1)).date()
    rows = cursor.execute(
        f"SELECT date_diff('day', $1, day), count(*) FROM ({_DATED[kind]})"  # noqa: S608 - our own text
        " WHERE day BETWEEN $1 AND $2 GROUP BY 1",
        [first, midnight.date(), f"{vendor}.{place}"],
    ).fetchall()
    counts = {int(day): int(count) for day, count in rows}
    return tuple(counts.get(day, 0) for day in range(_DAYS))


def _note_of(note: str, stream: str) -> str:
    return next((part.partition(": ")[2] for part in note.split("; ") if part.startswith(f"{stream}:")), note)


def _today(cursor: duckdb.DuckDBPyConnection, now: datetime) -> tuple[tuple[str, str], ...]:
    orders = cursor.execute("SELECT count(*) FROM orders").fetchone()
    open_orders = cursor.execute(
        "SELECT count(*) FROM discrepancies WHERE control = 'order_missing' AND state <> 'resolved'"
    ).fetchone()
    gap = cursor.execute(
        "SELECT coalesce(sum(abs(s.total - coalesce(l.amount, 0))), 0) FROM settlements s LEFT JOIN"
        " (SELECT channel, settlement_id, sum(amount) AS amount FROM settlement_lines GROUP BY ALL) l"
        " USING (channel, settlement_id)"
    ).fetchone()
    count, missing = (orders[0] if orders else 0), (open_orders[0] if open_orders else 0)
    if not count:
        return ()
    matched = (Decimal(count - missing) * 100 / count).quantize(Decimal("0.1"))
    unexplained = Decimal(gap[0]) if gap else Decimal(0)
    return (
        ("matched", f"{matched} %"),
        ("orders", f"{count:,}"),
        ("unexplained", f"{unexplained.quantize(Decimal('0.01'))}"),
    )
