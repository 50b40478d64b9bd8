"""`amazon.fee_previews@…`: sizes that Amazon measured and fees that it expects (GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA).

What is known of the report, and how far the sources agree:
- The span must begin at least 72 hours before now and end now, else the report ends FATAL; it tells of the moment all
  the same, and what it tells may be 72 hours old. It is to be asked for once a day (SP-API, "FBA payments reports";
  amzn/selling-partner-api-models#5024; Gemma-Analytics/ewah#266).
- In Europe it has ended CANCELLED for weeks although there was data (amzn/selling-partner-api-models#5031): that it is
  missing says nothing of a SKU.
- Columns differ by region and year. America: `product-size-tier`, `expected-fulfillment-fee-per-unit`, at times the
  same of a coming table (`expected-future-…`). Europe: `product-size-weight-band`,
  `expected-domestic-fulfilment-fee-per-unit`, `expected-efn-fulfilment-fee-per-unit-de` and others (SP-API, "FBA
  payments reports attributes"). Canada had no sum but picking and handling by weight. One row a store where there is
  `amazon-store`.
- `--` or blank: not estimated. Most European files have decimal points, some commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from sync.amazon.marketplaces import Marketplace, marketplace_by_domain, marketplace_of
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.errors import BadInput
from sync.records import FeePreview, FeePreviewOther
from sync.settlements import DOWNLOAD_AGAIN
from sync.streams import Document, Quarantined

__all__ = ["FEE_PREVIEWS"]

#: What fulfilling a unit costs at home; the first that the report has counts.
_AT_HOME = ("expected-domestic-fulfilment-fee-per-unit", "expected-fulfillment-fee-per-unit")
#: They add to it where there is no such column.
_ADDED = ("estimated-pick-pack-fee-per-unit", "estimated-weight-handling-fee-per-unit")
#: By letters and digits alone: which fee it is and where the unit goes.
_OTHER = re.compile(r"expected(future)?(efn|remote)?(?:domestic)?fulfil?lmentfeeperunit([a-z]{2})?")
_NOT_ESTIMATED = {"", "--", "-", "n/a"}
_LENGTHS = {"in": "in", "cm": "cm"} | dict.fromkeys(("inch", "inches"), "in")
_LENGTHS |= dict.fromkeys(("centimeter", "centimeters", "centimetre", "centimetres"), "cm")
_WEIGHTS = {"lb": "lb", "oz": "oz", "g": "g", "kg": "kg"} | dict.fromkeys(("pound", "pounds", "lbs"), "lb")
_WEIGHTS |= dict.fromkeys(("ounce", "ounces"), "oz") | dict.fromkeys(("gram", "grams"), "g")
_WEIGHTS |= dict.fromkeys(("kilogram", "kilograms"), "kg")
_NUMBER = re.compile(r"[0-9]{1,7}(?:[.,][0-9]+)?")
_FINEST = Decimal("0.0001")
_REMEDY = "look at the SKU in Seller Central's Fee Preview; the next report replaces it"


def decode_fee_previews(report: Report, asked: Marketplace) -> Read:
    """Return one document a SKU and store; a row that cannot be read is set aside with its line, column and value.

    Raises:
        BadInput: no column says what fulfilling a unit costs.
    """
    others = _other_columns(report)
    found: dict[tuple[str, str], tuple[Row, FeePreview, Sequence[FeePreviewOther]]] = {}
    bad: list[Quarantined] = []
    for row in report.rows:
        try:
            record = _preview(report, row, asked)
            lines = list(_others(row, others, record))
        except Unreadable as error:
            bad.append(_set_aside(row, f"{error}"))
            continue
        known = found.setdefault((record.channel, record.sku), (row, record, lines))
        if known[1:] != (record, lines):
            why = f"sku: {record.sku} stands in line {known[0].line} too, with other figures"
            bad.append(_set_aside(row, why))
    documents = [Document(record, lines, n) for n, (_, record, lines) in enumerate(found.values())]
    return Read(documents, bad)


def _set_aside(row: Row, why: str) -> Quarantined:
    name = row.text("sku") or f"line {row.line}"
    return Quarantined(name, f"line {row.line}, {why}; {_REMEDY}", row.line)


def _other_columns(report: Report) -> list[tuple[str, str, str]]:
    """Return (column, kind, country) of the fees that are not the one at home.

    Raises:
        BadInput: the report has no fulfilment fee of any name.
    """
    matched = [(name, m) for name in report.columns if (m := _OTHER.fullmatch(name))]
    if not matched and not set(map(_plain, _ADDED)) <= set(report.columns):
        raise BadInput(
            "no column says what fulfilling a unit costs: Amazon has renamed it",
            remedy=f"{DOWNLOAD_AGAIN}; known are {', '.join((*_AT_HOME, *_ADDED))}",
            column=_AT_HOME[1],
        )
    found = []
    for name, match in matched:
        is_announced, is_abroad, country = bool(match[1]), bool(match[2]), (match[3] or "").upper()
        if is_announced or is_abroad:
            found.append((name, "announced" if is_announced else "abroad", country))
    return found


def _plain(name: str) -> str:
    return name.replace("-", "")


def _preview(report: Report, row: Row, asked: Marketplace) -> FeePreview:
    if len(row.cells) < len(set(filter(None, report.columns))):
        raise Unreadable(f"column {len(row.cells) + 1}: the line ends there, it is cut")
    if report.until is None:
        raise Unreadable("sku: nobody says when the report was asked for")
    shop, sku, currency = _shop(row, asked), row.needed("sku"), row.text("currency")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise Unreadable(f"currency: {currency[:20]!r} is none")
    longest, median, shortest = (_measure(row, f"{name}-side") for name in ("longest", "median", "shortest"))
    sides = sorted((s for s in (longest, median, shortest) if s), reverse=True)
    weight = _measure(row, "item-package-weight")
    is_sized = len(sides) == 3
    return FeePreview(
        channel=shop.channel,
        sku=sku,
        seen_at=report.until,
        product_id=row.optional("asin"),
        fulfilled_by=_fulfilled_by(row),
        currency=currency,
        price=_fee(row, "sales-price", currency) or _fee(row, "your-price", currency),
        longest=sides[0] if is_sized else None,
        median=sides[1] if is_sized else None,
        shortest=sides[2] if is_sized else None,
        length_unit=_unit(row, "unit-of-dimension", _LENGTHS) if is_sized else None,
        weight=weight,
        weight_unit=_unit(row, "unit-of-weight", _WEIGHTS) if weight else None,
        size_tier=_tier(row),
        fulfilment_fee=_at_home(report, row, currency),
        referral_fee=_fee(row, "estimated-referral-fee-per-unit", currency),
        total_fee=_fee(row, "estimated-fee-total", currency),
    )


def _shop(row: Row, asked: Marketplace) -> Marketplace:
    said = row.text("amazon-store")
    if not said:
        return asked
    try:
        return marketplace_by_domain(said) or marketplace_of(said)
    except BadInput:
        raise Unreadable(f"amazon-store: there is no shop {said[:20]!r}") from None


def _fulfilled_by(row: Row) -> str:
    said = row.text("fulfilled-by").lower()
    if not said or said == "afn" or said.startswith("amazon"):
        return "channel"
    if said in ("merchant", "mfn", "default", "seller"):
        return "seller"
    raise Unreadable(f"fulfilled-by: {said[:20]!r} is not known")


def _tier(row: Row) -> str | None:
    said = row.text("product-size-tier") or row.text("product-size-weight-band")
    return None if said.lower() in _NOT_ESTIMATED else said


def _at_home(report: Report, row: Row, currency: str) -> Decimal | None:
    for name in _AT_HOME:
        if _plain(name) in report.columns:
            return _fee(row, name, currency)
    parts = [_fee(row, name, currency) for name in _ADDED]
    return sum((p for p in parts if p is not None), Decimal(0)) if any(p is not None for p in parts) else None


def _others(row: Row, others: Sequence[tuple[str, str, str]], of: FeePreview) -> Iterator[FeePreviewOther]:
    place = 0
    for column, kind, country in others:
        fee = _fee(row, column, of.currency)
        if fee is not None:
            place += 1
            yield FeePreviewOther(of.channel, of.sku, place, kind, country, fee)


def _fee(row: Row, name: str, currency: str) -> Decimal | None:
    if row.text(name).lower() in _NOT_ESTIMATED:
        return None
    amount = row.amount(name, currency)
    if amount is not None and amount < 0:
        raise Unreadable(f"{name}: {row.text(name)[:20]!r} is below zero")
    return amount


def _measure(row: Row, name: str) -> Decimal | None:
    """Return a length or weight, whichever decimal mark it has; None for a blank one and for 0: not measured."""
    said = row.text(name)
    if said.lower() in _NOT_ESTIMATED:
        return None
    if not _NUMBER.fullmatch(said):
        raise Unreadable(f"{name}: {said[:20]!r} is no measure")
    return Decimal(said.replace(",", ".")).quantize(_FINEST, rounding=ROUND_HALF_UP) or None


def _unit(row: Row, name: str, known: dict[str, str]) -> str:
    said = row.text(name)
    if said.lower() not in known:
        raise Unreadable(f"{name}: {said[:20]!r} is no unit that is known")
    return known[said.lower()]


FEE_PREVIEWS = ReportKind(
    stream="amazon.fee_previews",
    report_type="GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA",
    needed=("sku", "currency"),
    decode=decode_fee_previews,
    longest=None,
    overlap=timedelta(0),
    # More than the 72 hours that Amazon wants: its clock is not ours.
    reach=timedelta(hours=80),
    pause=timedelta(hours=23),
)
