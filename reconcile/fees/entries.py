"""Everything that fees are held against, as one list: what ships and what people decided, with days and standing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import duckdb

from reconcile.amounts import amount_text
from reconcile.fees.packages import Band
from reconcile.fees.previewed import set_runs
from reconcile.fees.schedule import FeeRow, fee_rows, own_bands, parse_subject
from reconcile.fees.shipped import confirmed_until, shipped_tables
from reconcile.fees.told import Told, measured_by_us, tellings
from sync.ops.decisions import Decision

__all__ = ["FeeEntry", "band_lines", "bands_of", "fee_entries", "previewed_entries"]

_FIRST, _LAST = date(1990, 1, 1), date(2999, 12, 31)
_KINDS = {
    "per_unit": "unit",
    "adopt": "row",
    "package": "size",
    "category": "category",
    "product_type": "type",
}


@dataclass(frozen=True, slots=True)
class FeeEntry:
    """One entry. `kind`: referral, table, unit, row, size, category, type or preview; days None: always, for ever.

    `state`: shipped (nobody confirmed it), confirmed, older (its publisher's days are over), decided, told (by the
    channel itself).
    `key` is `shipped|CHANNEL|TABLE`, `referral|CHANNEL|CATEGORY|DAY`, `preview|CHANNEL|SKU`, or `decided:` and the
    decision's subject.
    """

    key: str
    channel: str
    kind: str
    name: str
    fee: str
    valid_from: date | None
    valid_to: date | None
    state: str
    source: str
    #: Of a preview: the size by the channel's measure and by a person's, and all that was told, oldest first.
    theirs: str = ""
    ours: str = ""
    told: tuple[Told, ...] = ()


def fee_entries(decisions: Mapping[str, Decision], today: date) -> list[FeeEntry]:
    """Return the entries: fulfilment tables first, then what was decided, then referral rates.

    Raises:
        BadInput: a decision cannot be used.
    """
    return [*_shipped(decisions, today), *_decided(decisions), *_referral(decisions)]


def previewed_entries(cursor: duckdb.DuckDBPyConnection, decisions: Mapping[str, Decision]) -> list[FeeEntry]:
    """Return what channels told of their SKUs, one entry each, by channel and SKU."""
    set_runs(cursor)
    return [
        _preview(channel, sku, tuple(told), measured_by_us(decisions, channel, sku))
        for (channel, sku), told in tellings(cursor).items()
    ]


def _preview(channel: str, sku: str, told: tuple[Told, ...], ours: str) -> FeeEntry:
    last = told[-1]
    theirs = f"{last.size}{f' ({last.tier})' if last.tier else ''}" if last.size else ""
    fee = "" if last.fee is None else amount_text(last.fee, last.currency)
    yours = f", yours {ours}" if ours else ""
    source = f"fee preview of {last.until}: {theirs or 'not measured'}{yours}"
    key = f"preview|{channel}|{sku}"
    return FeeEntry(key, channel, "preview", sku, fee, last.since, None, "told", source, theirs, ours, told)


def _shipped(decisions: Mapping[str, Decision], today: date) -> Iterator[FeeEntry]:
    for table in reversed(shipped_tables()):
        until = confirmed_until(table, decisions)
        over = table.ended is not None and table.ended < today and table.valid_to >= today
        state = "confirmed" if until is not None and (not over or until >= today) else "older" if over else "shipped"
        key = f"shipped|{table.channel}|{table.name}"
        days = (table.valid_from, table.ended or _shown(table.valid_to))
        yield FeeEntry(key, table.channel, "table", table.name, _span(table.bands), *days, state, table.source)


def _decided(decisions: Mapping[str, Decision]) -> Iterator[FeeEntry]:
    for subject, decision in decisions.items():
        kind, channel, name = parse_subject(subject)
        value, by = decision.value, f"{decision.decided_by}, {decision.decided_at:%Y-%m-%d}"
        key = f"decided:{subject}"
        if kind == "table":
            bands = own_bands({subject: decision})
            days = (_shown(min(b.valid_from for b in bands)), _shown(max(b.valid_to for b in bands)))
            yield FeeEntry(key, channel, "table", name, _span(bands), *days, "decided", by)
        elif kind in _KINDS:
            start, end = (date.fromisoformat(str(value[n])) if value.get(n) else None for n in ("from", "until"))
            yield FeeEntry(key, channel, _KINDS[kind], name, _said(kind, value), start, end, "decided", by)


def _said(kind: str, value: Mapping[str, object]) -> str:
    if kind == "package":
        sides = " x ".join(str(value[name]) for name in ("length", "width", "height"))
        return f"{sides} {value['length_unit']}, {value['weight']} {value['weight_unit']}"
    return str(value.get("amount") or value.get("category") or "")


def _referral(decisions: Mapping[str, Decision]) -> Iterator[FeeEntry]:
    def group(row: FeeRow) -> tuple[str, str, date, date, str]:
        return row.channel, row.category, row.valid_from, row.valid_to, row.source

    for (channel, category, start, end, source), rows in groupby(sorted(fee_rows(decisions), key=group), group):
        rates = sorted({row.rate * 100 for row in rows})
        text = " / ".join(f"{rate.normalize():f}" for rate in rates) + " %"
        subject = f"rate|{channel}|{category}"
        is_own = source.startswith("decided by ")
        key = f"decided:{subject}" if is_own else f"referral|{channel}|{category}|{start}"
        state = "decided" if is_own else "shipped"
        yield FeeEntry(key, channel, "referral", category, text, _shown(start), _shown(end), state, source)


def bands_of(key: str, decisions: Mapping[str, Decision]) -> Sequence[Band]:
    """Return the rows of an entry's fulfilment table, none where it is no table."""
    subject = key.removeprefix("decided:")
    if subject in decisions and parse_subject(subject)[0] == "table":
        return own_bands({subject: decisions[subject]})
    found = (t.bands for t in shipped_tables() if key == f"shipped|{t.channel}|{t.name}")
    return next(found, ())


def band_lines(bands: Sequence[Band]) -> list[str]:
    """Return a table's rows for people: fee of one unit, tier, weight, prices."""
    return [f"{_fee(b):<18} {b.size_tier} {_weights(b)}{_prices(b)}" for b in bands]


def _weights(band: Band) -> str:
    top = f"-{band.weight_up_to.normalize():f}" if band.weight_up_to is not None else "+"
    return f"{band.weight_above.normalize():f}{top} {band.weight_unit}"


def _fee(band: Band) -> str:
    step = band.step
    more = f"+{band.per_step}/{'' if step == 1 else f'{step} '}{band.weight_unit}" if step else ""
    extra = f" +{band.surcharge_percent}%" if band.surcharge_percent else ""
    return f"{band.amount}{more}{extra}"


def _prices(band: Band) -> str:
    low, high = band.price_from, band.price_below
    if high is None:
        return f", from {low.normalize():f}" if low else ""
    return f", {low.normalize():f} to {high.normalize():f}" if low else f", under {high.normalize():f}"


def _span(bands: Sequence[Band]) -> str:
    amounts = sorted(band.amount for band in bands)
    return f"{amounts[0]} - {amounts[-1]}" if amounts[0] != amounts[-1] else str(amounts[0])


def _shown(day: date) -> date | None:
    return None if day in (_FIRST, _LAST) else day
