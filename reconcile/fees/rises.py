"""The rises of fulfilment fees that nobody filed or adopted, the case for one of them, and what adopting says.

A case is a decision of kind `dispute`, subject CHANNEL|fulfilment|SKU, value {"case": "12345", "until": "2026-11-20"}:
what is charged later is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import go_live
from reconcile.fees.charged import TableRow, find_unconfirmed
from reconcile.fees.levels import Rise, find_rises
from reconcile.fees.questioned import DISPUTE, find_questions
from sync.errors import BadInput

__all__ = ["adoptions", "filed_days", "rise_deadline", "rise_subject", "rises_of", "row_subject", "table_rows_of"]

_WINDOW = timedelta(days=90)
#: Prices of the ranges of `levels`, the first included, the second not.
_PRICES: Mapping[int, dict[str, str]] = {
    0: {"price_below": "10"},
    1: {"price_from": "10", "price_below": "50.01"},
    2: {"price_from": "50.01"},
}


def rises_of(evidence: Evidence, control: str = "fee_changed") -> list[Rise]:
    """Return the rises since the control's go-live day that are not in a case, computed once a cycle.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return evidence.once("fee rises", lambda: _rises(evidence, control))


def _rises(evidence: Evidence, control: str) -> list[Rise]:
    questions = find_questions(evidence)
    today = evidence.now.date()
    evidence.stands_before(datetime.combine(today + timedelta(days=1), time(), tzinfo=UTC))
    found = find_rises(evidence.cursor, today, questions.changes, filed_days(evidence))
    started = {channel: go_live(evidence, control, channel) for channel in {r.channel for r in found}}
    return [r for r in found if (day := started[r.channel]) is None or r.first_day >= day.date()]


def filed_days(evidence: Evidence) -> dict[tuple[str, str], date]:
    """Return (channel, SKU) → the last day of the charges that a person filed a case for."""
    found = {}
    for subject, decision in evidence.decisions(DISPUTE).items():
        channel, kind, sku = (*subject.split("|", 2), "", "")[:3]
        if kind == "fulfilment" and decision.value.get("until"):
            found[channel, sku] = date.fromisoformat(str(decision.value["until"]))
    return found


def rise_deadline(rise: Rise) -> datetime:
    """Return until when the first of the charges may be asked back."""
    first = rise.settled if rise.channel.startswith("walmart.") else rise.since
    return datetime.combine(first, time(), tzinfo=UTC) + _WINDOW


def rise_subject(rise: Rise) -> str:
    """Return the subject of the finding of a SKU that rose alone, the same in every cycle."""
    return f"{rise.sku}/{rise.first_day}/{amount_text(rise.after, rise.currency)}"


def row_subject(row: TableRow) -> str:
    """Return the subject of the finding of a row of a table, the same in every cycle."""
    return f"{row.name} ({row.source})"


def table_rows_of(evidence: Evidence, control: str = "fee_differs") -> list[TableRow]:
    """Return the rows of unconfirmed tables that differ from what is charged since the go-live day, once a cycle.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return evidence.once("fee table rows", lambda: _rows(evidence, control))


def _rows(evidence: Evidence, control: str) -> list[TableRow]:
    find_questions(evidence)  # makes the tables that are read here
    channels = [str(c) for (c,) in evidence.cursor.execute("SELECT DISTINCT channel FROM temp.fee_charges").fetchall()]
    started = {channel: go_live(evidence, control, channel) for channel in channels}
    live: dict[str, date] = {channel: day.date() for channel, day in started.items() if day is not None}
    return find_unconfirmed(evidence.cursor, live)


def adoptions(evidence: Evidence, channel: str, name: str) -> dict[str, dict[str, str]]:
    """Return subject → value of the decisions by which what is charged is right from its first day on.

    `name` is a SKU that rose, a row of a table, `new table` for all that rose together, or a finding's subject.

    Raises:
        BadInput: nothing of that name differs, or the units of a row have no fee in common.
    """
    rises = [r for r in rises_of(evidence) if r.channel == channel]
    rows = [r for r in table_rows_of(evidence) if r.channel == channel and name in (r.name, row_subject(r))]
    chosen = [r for r in rises if r.together is None and name in (r.sku, rise_subject(r))]
    chosen = chosen or [r for r in rises if r.together is not None and _is_named(r, name)]
    if not rows and not chosen:
        raise BadInput(
            f"no fulfilment fee of {channel} rose or differs under this name",
            value=name,
            remedy="See `tieout fees changed`",
        )
    for row in rows:
        if not row.has_one_fee:
            raise BadInput(
                "the units of this row are charged several fees, none of them half of the units",
                value=row.name,
                remedy="Check the sizes of its SKUs, or import the current table",
            )
    return {**_of_rows(rows), **_of_rises(chosen)}


def _is_named(rise: Rise, name: str) -> bool:
    return name in (rise.sku, "new table", f"new table/{rise.together}/{rise.currency}")


def _of_rows(rows: Sequence[TableRow]) -> dict[str, dict[str, str]]:
    return {
        f"adopt|{r.channel}|{r.name}": {"amount": amount_text(r.charged, r.currency), "from": str(r.since)}
        for r in rows
    }


def _of_rises(rises: Sequence[Rise]) -> dict[str, dict[str, str]]:
    return {
        f"per_unit|{r.channel}|{r.sku}": {
            "amount": amount_text(r.after, r.currency),
            "from": str(r.first_day),
            **_PRICES.get(r.price_range, {}),
        }
        for r in rises
    }
