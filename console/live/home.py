"""What Home shows: what needs a person, and how each stream is doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb

from console.desk import Feed, HomeFacts, Jump, Need, Tick
from console.present.amounts import money
from sync.clock import Clock

__all__ = ["read_home", "read_newest"]

_LATE_S = 6 * 3600.0
_DAYS = 14


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
        feeds=tuple(_feed(cursor, name, now) for name in streams),
        today=_today(cursor, now),
        checklist=checklist,
    )


def _needs(cursor: duckdb.DuckDBPyConnection, now: datetime) -> list[Need]:
    open_rows = cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE first_seen >= $1), count(*) FILTER (WHERE state = 'blocked'),"
        " count(DISTINCT cause_id) FROM discrepancies WHERE state <> 'resolved'",
        [now - timedelta(days=1)],
    ).fetchone() or (0, 0, 0, 0)
    queue = dict(cursor.execute("SELECT state, count(*) FROM operations GROUP BY state").fetchall())
    needs = [
        Need(
            open_rows[0],
            "discrepancies" if open_rows[0] != 1 else "discrepancy",
            f"{open_rows[1]} new since yesterday · {open_rows[3]} causes",
            f"{open_rows[2]} blocked" if open_rows[2] else "",
            Jump("discrepancies", "status:open,blocked"),
        )
    ]
    failed, doubt = queue.get("failed", 0), queue.get("in_doubt", 0)
    if failed or doubt:
        needs.append(
            Need(failed + doubt, "pushes", f"{failed} need you · {doubt} in doubt", "", Jump("queue", "status:failed"))
        )
    needs += _unmapped(cursor)
    needs += _settlements(cursor)
    staged = queue.get("planned", 0)
    if staged:
        needs.append(Need(staged, "staged fixes", "ready to push", "P review", Jump("queue", "status:planned")))
    quarantined = cursor.execute("SELECT count(*) FROM quarantine WHERE cleared_at IS NULL").fetchone()
    if quarantined and quarantined[0]:
        needs.append(Need(quarantined[0], "unreadable documents", "see tieout list quarantine", "", Jump("log")))
    return needs


def _unmapped(cursor: duckdb.DuckDBPyConnection) -> list[Need]:
    rows = cursor.execute(
        "SELECT currency, count(*), sum(amount) FROM discrepancies"
        " WHERE control = 'sku_unmapped' AND state <> 'resolved' GROUP BY currency ORDER BY currency"
    ).fetchall()
    if not rows:
        return []
    worth = ", ".join(money(amount, currency) + f" {currency}" for currency, _, amount in rows)
    return [Need(sum(r[1] for r in rows), "unmapped SKUs", f"orders worth {worth} wait for them", "", Jump("mapping"))]


def _settlements(cursor: duckdb.DuckDBPyConnection) -> list[Need]:
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE state = 'blocked') FROM discrepancies"
        " WHERE control = 'settlement_not_posted' AND state <> 'resolved'"
    ).fetchone()
    if not row or not row[0]:
        return []
    noun = "settlement parts" if row[0] != 1 else "settlement part"
    note = f"not posted · {row[1]} blocked" if row[1] else "not posted"
    return [Need(row[0], noun, note, "", Jump("settlements"))]


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
    first = midnight - timedelta(days=_DAYS - 1)
    rows = cursor.execute(
        "SELECT date_diff('day', CAST($2 AS TIMESTAMPTZ), completed_at), sum(changed) FROM coverage"
        " WHERE stream = $1 AND completed_at >= $2 GROUP BY 1",
        [name, first],
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
