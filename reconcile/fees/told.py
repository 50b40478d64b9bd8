"""What a channel told of a SKU's size and fee, and what people measured: the evidence behind findings and cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import duckdb

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import go_live
from reconcile.fees.charged import KNOWN
from reconcile.fees.previewed import BillingFault, find_faults, find_undated, set_runs
from reconcile.fees.questioned import find_questions
from reconcile.fees.rises import filed_days
from reconcile.fees.schedule import FEE_SCHEDULE
from sync.ops.decisions import Decision

__all__ = [
    "CLAIMED",
    "Told",
    "faults_of",
    "measured_by_us",
    "size_text",
    "tellings",
    "told_facts",
    "told_of",
    "undated_of",
]

#: So long after a charge it can be asked back (Amazon's FBA fees reimbursement policy).
CLAIMED = timedelta(days=90)
_SHOWN = 4
# Readings that tell the same size and fee, whatever the price.
_TOLD = """
WITH stepped AS (
    SELECT *, row(longest, median, shortest, length_unit, weight, weight_unit, size_tier, fee, currency) AS said,
        CASE WHEN lag(said) OVER (PARTITION BY channel, sku ORDER BY seen_at) IS NOT DISTINCT FROM said THEN 0 ELSE 1
        END AS step
    FROM temp.fee_runs
),
numbered AS (SELECT *, sum(step) OVER (PARTITION BY channel, sku ORDER BY seen_at) AS place FROM stepped)
SELECT channel, sku, min(since), max(until), any_value(longest), any_value(median), any_value(shortest),
    any_value(length_unit), any_value(weight), any_value(weight_unit), coalesce(any_value(size_tier), ''),
    any_value(fee), any_value(currency)
FROM numbered GROUP BY channel, sku, place ORDER BY channel, sku, place
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel's readings of some days told alike: size, tier and fee of one unit ("" and None: nothing)."""

    since: date
    until: date
    size: str
    tier: str
    fee: Decimal | None
    currency: str

    def __str__(self) -> str:
        """Return it as a line for people."""
        days = str(self.since) if self.since == self.until else f"{self.since} to {self.until}"
        fee = f"{amount_text(self.fee, self.currency)} {self.currency} a unit" if self.fee is not None else "no fee"
        size = f"{self.size}{f' ({self.tier})' if self.tier else ''}" if self.size else "not measured"
        return f"{days}: {size}, {fee}"


def size_text(sides: Sequence[object], length_unit: object, weight: object, weight_unit: object) -> str:
    """Return a size for people: `9 x 7 x 6 in, 7.5 lb`; "" where a side is not known."""
    if any(side is None for side in sides):
        return ""
    text = f"{' x '.join(_plain(side) for side in sides)} {length_unit}"
    return f"{text}, {_plain(weight)} {weight_unit}" if weight is not None else text


def _plain(number: object) -> str:
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)


def told_of(evidence: Evidence, channel: str, sku: str) -> Sequence[Told]:
    """Return what the channel's previews told of a SKU, oldest first; readings that tell alike are one."""
    return evidence.once("fee previews", lambda: _told(evidence)).get((channel, sku), ())


def _told(evidence: Evidence) -> Mapping[tuple[str, str], Sequence[Told]]:
    find_questions(evidence)
    return tellings(evidence.cursor)


def tellings(cursor: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str], Sequence[Told]]:
    """Return what was told of each (channel, SKU), oldest first, after `previewed.set_runs` on the same cursor."""
    found: dict[tuple[str, str], list[Told]] = {}
    for channel, sku, since, until, *size, tier, fee, currency in cursor.execute(_TOLD).fetchall():
        told = Told(since, until, size_text(size[:3], *size[3:]), tier, fee, currency)
        found.setdefault((channel, sku), []).append(told)
    return found


def measured_by_us(decisions: Mapping[str, Decision], channel: str, sku: str) -> str:
    """Return what people measured of a SKU, "" where nobody did."""
    held = decisions.get(f"package|{channel}|{sku}") or decisions.get(f"package|*|{sku}")
    if held is None:
        return ""
    value = held.value
    sides = [value[name] for name in ("length", "width", "height")]
    return size_text(sides, value["length_unit"], value["weight"], value["weight_unit"])


def told_facts(evidence: Evidence, channel: str, sku: str) -> dict[str, object]:
    """Return both sizes and the newest fee for the details of a finding; nothing where neither is known."""
    ours = measured_by_us(evidence.decisions(FEE_SCHEDULE), channel, sku)
    return _facts(told_of(evidence, channel, sku), ours)


def _facts(told: Sequence[Told], ours: str) -> dict[str, object]:
    facts: dict[str, object] = {"measured_by_you": ours} if ours else {}
    if told:
        facts["measured_by_channel"] = told[-1].size or "nothing"
        facts["fee_preview"] = [str(t) for t in told[-_SHOWN:]]
    return facts


def told_about(
    cursor: duckdb.DuckDBPyConnection, decisions: Mapping[str, Decision], channel: str, sku: str
) -> dict[str, object]:
    """Return both sizes of a SKU and the channel's last words on its fee, nothing where neither is known."""
    set_runs(cursor, (channel, sku))
    return _facts(tellings(cursor).get((channel, sku), ()), measured_by_us(decisions, channel, sku))


def faults_of(evidence: Evidence, control: str = "fee_differs") -> list[BillingFault]:
    """Return what was charged otherwise than the channel's own preview said, since the go-live day and in no case.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return evidence.once("fee faults", lambda: _faults(evidence, control))


def _faults(evidence: Evidence, control: str) -> list[BillingFault]:
    find_questions(evidence)
    rows = evidence.cursor.execute("SELECT DISTINCT channel FROM temp.fee_faults").fetchall()
    started = {str(channel): go_live(evidence, control, str(channel)) for (channel,) in rows}
    live = {channel: day.date() for channel, day in started.items() if day is not None}
    return find_faults(evidence.cursor, live, filed_days(evidence))


def undated_of(evidence: Evidence) -> Sequence[tuple[str, int]]:
    """Return (channel, SKUs) charged otherwise than previewed when no preview was read, as far as it can be claimed."""
    find_questions(evidence)
    today = evidence.now.date()
    evidence.stands_before(datetime.combine(today + timedelta(days=1), time(), tzinfo=UTC))
    return find_undated(evidence.cursor, KNOWN, today - CLAIMED)
