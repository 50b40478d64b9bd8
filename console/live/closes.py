"""Months and their closes: the list, what is open in one, what has moved since it was closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from decimal import Decimal

from console.blocks import Block, Detail, Facts, Passage
from console.live.text import pairs, shown
from console.present.amounts import money
from console.present.times import counted
from console.views.rows import Row
from reconcile.close import Drift, Obstacle, find_obstacles, see_drift, see_month
from reconcile.close.freeze import DRIFT
from reconcile.close.month import month_end
from reconcile.controls import all_controls
from reconcile.seen_at import evidence_at
from sync.ops.closes import Close
from sync.store.store import Store

__all__ = ["close_rows", "read_close"]

_MONTHS = """
WITH parts AS (
    SELECT DISTINCT channel, settlement_id, strftime(posted_date, '%Y-%m') AS month FROM settlement_lines
)
SELECT month, count(*), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM transactions AS t
    WHERE contains(coalesce(t.external_id, t.number), '-SETTLE-' || p.settlement_id || '-' || replace(p.month, '-', ''))
        AND NOT ends_with(coalesce(t.external_id, t.number), '-R')
        AND NOT EXISTS (SELECT 1 FROM transactions AS r WHERE r.external_id = t.external_id || '-R')
)) FROM parts AS p GROUP BY month ORDER BY month
"""


def close_rows(store: Store) -> list[Row]:
    """Return every month that has settlement lines or a close, with its newest close."""
    held = {close.period: close for close in store.closes.newest()}
    with store.database.reading() as cursor:
        months = {str(m): (int(n), int(p)) for m, n, p in cursor.execute(_MONTHS).fetchall()}
    rows = []
    for month in sorted({*months, *held}):
        settlements, posted = months.get(month, (0, 0))
        close = held.get(month)
        state = "open" if close is None else "closed" if not close.reason else "closed*"
        closed: tuple[object, ...] = (None, None, None, None)
        if close is not None:
            closed = (close.version, close.closed_at, close.closed_by, close.reason or None)
        rows.append(Row(month, (month, state, settlements, f"{posted}/{settlements}", *closed)))  # type: ignore[arg-type]
    return rows


def read_close(store: Store, month: str, tab: str) -> Detail | None:
    """Return one tab of a month: what is open, what moved since the close, its versions."""
    versions = [close for close in store.closes.all() if close.period == month]
    blocks: tuple[Block, ...]
    match tab:
        case "drift":
            blocks = _drift(store, versions)
        case "versions":
            blocks = tuple(_version(close) for close in reversed(versions))
        case _:
            blocks = _open(store, month)
    return Detail(f"{month}: {'closed' if versions else 'open'}", blocks or (Passage("", "It was not closed yet."),))


def _open(store: Store, month: str) -> tuple[Block, ...]:
    with evidence_at(store) as evidence:
        content = see_month(evidence, month, digests=False)
        findings = [f for c in all_controls() if c.name != DRIFT for f in c.judge(evidence).findings]
        obstacles = find_obstacles(evidence, content, findings)
        is_over = evidence.at >= month_end(month)
    if not is_over:
        return (Passage("Not over", f"{month} cannot be closed before it is over."), *_shown_obstacles(obstacles))
    if not obstacles and store.closes.latest(month):
        return (Passage("Closed", "F asks for a reason to close it once more; the Drift tab says what has moved."),)
    if not obstacles:
        return (Passage("Nothing stands in the way", "F closes the month."),)
    return (
        Passage("Stands in the way", f"{counted(len(obstacles), 'reason')}; F asks for a reason to close anyway."),
        *_shown_obstacles(obstacles),
    )


def _shown_obstacles(obstacles: Iterable[Obstacle]) -> Iterator[Facts]:
    for o in obstacles:
        title = f"{o.kind.replace('_', ' ')} · {o.channel} {o.subject}".strip()
        yield Facts(title, (("what", o.problem), ("do", o.remedy)))


def _drift(store: Store, versions: list[Close]) -> tuple[Block, ...]:
    if not versions:
        return (Passage("Drift", "There is no close to compare with."),)
    with evidence_at(store) as evidence:
        found = see_drift(evidence, versions[-1])
    if not found:
        return (Passage("Drift", "Everything is as it was closed."),)
    return tuple(_moved(one) for one in found)


def _moved(one: Drift) -> Facts:
    values: dict[str, object] = {"what": one.problem}
    if one.before is not None or one.after is not None:
        values["closed with"], values["now"] = _amount(one.before, one.currency), _amount(one.after, one.currency)
    if one.by:
        values["by"] = f"{one.by}, {one.at}"
    title = f"{one.kind} · {one.channel} {one.subject}"
    return Facts(title, tuple((name, shown(value) or "—") for name, value in values.items()))


def _amount(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else f"{money(amount, currency)} {currency}"


def _version(close: Close) -> Facts:
    return Facts(
        f"Version {close.version}",
        pairs(
            closed=f"{close.closed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC by {close.closed_by}",
            as_of=f"{close.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            although=close.reason or None,
            digest=close.digest,
            sound="yes" if close.is_sound else "NO: the stored row was changed",
        ),
    )
