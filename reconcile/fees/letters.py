"""What a person sends about a SKU's fulfilment fee, whatever it is: a rise, charges against the preview, a wrong size.

A rise asks for a new measurement and the money, charges that the channel's own preview denies for the money alone, a
size without a rise for a new measurement. Each says what the channel itself told, and what people measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.fees.case import Named, case_of, case_text, disputed_lines, named_of
from reconcile.fees.charge_lines import LINES_OF
from reconcile.fees.packet import DisputedLine, write_packet
from reconcile.fees.previewed import BillingFault
from reconcile.fees.rises import rises_of
from reconcile.fees.sizes import SizeDifference, size_differences
from reconcile.fees.told import CLAIMED, Told, faults_of, told_of
from sync.errors import BadInput

__all__ = ["Letter", "letter_of", "write_letter"]

_FAULTS = """
SELECT row_number() OVER () AS place, 'fulfilment' AS fee, f.*, s.period_end, s.document_name
FROM temp.fee_faults f JOIN settlements s ON s.channel = f.channel AND s.settlement_id = f.settlement_id
WHERE f.channel = $1 AND f.sku = $2 AND f.currency = $3 AND f.expected_unit = $4
    AND CAST(f.fulfilment / f.units AS DECIMAL(18,4)) = $5 AND NOT f.common AND f.posted BETWEEN $6 AND $7
"""
_CHARGES = f"""
WITH charged AS MATERIALIZED ({_FAULTS}), lines AS ({LINES_OF.format(charges="charged")})
SELECT c.order_id, c.line_id, c.posted, c.units, c.fulfilment, c.goods, x.file_line, c.period_end::DATE,
    c.document_name
FROM charged c JOIN lines x ON x.place = c.place
ORDER BY c.posted, c.order_id, c.line_id
"""  # noqa: S608 - our names
_ATTACH = "Attach: a photo of the packed unit with its label on a scale, and one beside a ruler."


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent about one SKU: the text, the charges as rows of a packet, and what is asked back.

    `until` is the last day of charges that it is about, None where it asks for no money.
    """

    sku: str
    text: str
    lines: tuple[DisputedLine, ...]
    units: int
    amount: Decimal
    until: date | None


def letter_of(evidence: Evidence, channel: str, sku: str) -> Letter:
    """Return what to send about a SKU.

    Raises:
        BadInput: nothing of its fulfilment fee or size is in question, or all of it is filed.
    """
    parts = [
        _of_fault(evidence, f) for f in faults_of(evidence) if (f.channel, f.sku) == (channel, sku) and f.extra > 0
    ]
    if any((r.channel, r.sku) == (channel, sku) for r in rises_of(evidence)):
        parts.insert(0, _of_rise(evidence, channel, sku))
    else:
        sizes = (d for d in size_differences(evidence).found if (d.channel, d.sku) == (channel, sku))
        parts += [_of_size(evidence, d) for d in sizes]
    if not parts:
        raise BadInput(
            f"no fulfilment fee of {sku} rose in {channel}, and none differs from its fee preview",
            value=sku,
            remedy="See `tieout fees changed`",
        )
    days = [p.until for p in parts if p.until is not None]
    # What a size costs is an estimate over the same units: beside a claim it counts no money of its own.
    claimed = [p for p in parts if p.lines] or parts
    return Letter(
        sku,
        "\n".join(p.text for p in parts),
        tuple(line for p in parts for line in p.lines),
        sum(p.units for p in claimed),
        sum((p.amount for p in claimed), Decimal(0)),
        max(days) if days else None,
    )


def write_letter(letter: Letter, path: Path) -> None:
    """Write the charges as the packet of a dispute (xlsx), or the text where the name ends on anything else.

    Raises:
        BadInput: the file cannot be written.
    """
    if path.suffix.lower() == ".xlsx":
        write_packet(letter.lines, path)
        return
    try:
        path.write_text(letter.text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"the file cannot be written: {error.strerror}",
            remedy="Name a file in a folder that exists",
            file=str(path),
        ) from error


def _of_rise(evidence: Evidence, channel: str, sku: str) -> Letter:
    case = case_of(evidence, channel, sku)
    text = case_text(case, _told_lines(told_of(evidence, channel, sku)))
    return Letter(sku, text, tuple(disputed_lines(case)), case.rise.units, case.rise.extra, case.rise.until)


def _told_lines(told: Sequence[Told]) -> list[str]:
    return ["Your fee preview of it:", *(f"  {t}" for t in told), ""] if told else []


def _of_fault(evidence: Evidence, fault: BillingFault) -> Letter:
    key = [fault.channel, fault.sku, fault.currency, fault.expected, fault.charged, fault.since, fault.until]
    rows = evidence.cursor.execute(_CHARGES, key).fetchall()
    named = named_of(evidence, fault.channel, fault.sku)
    charged, expected, extra = (amount_text(a, fault.currency) for a in (fault.charged, fault.expected, fault.extra))
    text = [
        f"Please correct the fulfilment fees of SKU {fault.sku}{named.text}.",
        "",
        f"Your own fee preview expected {expected} {fault.currency} a unit before and after each of these charges (read"
        f" from {fault.seen_from} to {fault.seen_until}). Charged were {charged} {fault.currency}.",
        f"Charged too much: {fault.units:,} {'unit' if fault.units == 1 else 'units'}, {extra} {fault.currency}."
        " Please give it back.",
        f"Ask until {fault.since + CLAIMED}: 90 days after the first of these charges.",
        "",
        *_told_lines(told_of(evidence, fault.channel, fault.sku)),
        "Charges:",
        *(
            f"{order}  {posted}  {units} x {charged} instead of {expected}:"
            f" {amount_text(amount - fault.expected * units, fault.currency)}"
            for order, _, posted, units, amount, *_ in rows
        ),
    ]
    lines = tuple(_disputed(fault, named, row) for row in rows)
    return Letter(fault.sku, "\n".join(text) + "\n", lines, fault.units, fault.extra, fault.until)


def _disputed(fault: BillingFault, named: Named, row: Sequence[object]) -> DisputedLine:
    values: Mapping[str, object] = dict(
        zip("order line posted units charged price file_line settled document".split(), row, strict=True)
    )
    units, charged, price = values["units"], values["charged"], values["price"]
    posted, settled, file_line = values["posted"], values["settled"], values["file_line"]
    assert isinstance(units, int)
    assert isinstance(charged, Decimal)
    assert isinstance(price, Decimal)
    assert isinstance(posted, date)
    assert isinstance(settled, date)
    expected = fault.expected * units
    return DisputedLine(
        purchase_order=str(values["order"]),
        purchase_order_line=str(values["line"]),
        customer_order="",
        sku=fault.sku,
        gtin=named.gtin,
        item_name=named.item,
        settlement_date=settled,
        report=str(values["document"]),
        report_line=file_line if isinstance(file_line, int) else 0,
        transaction_key="",
        posted=posted,
        units=units,
        price=price,
        existing_category="",
        proposed_category="",
        charged_rate=None,
        expected_rate=None,
        charged=charged,
        expected=expected,
        difference=charged - expected,
        rule="fulfilment fee",
        evidence=f"fee preview: {amount_text(fault.expected, fault.currency)} {fault.currency} a unit, read from"
        f" {fault.seen_from} to {fault.seen_until}",
        deadline=fault.since + CLAIMED,
    )


def _of_size(evidence: Evidence, d: SizeDifference) -> Letter:
    ours = amount_text(d.our_fee, d.currency)
    fee = d.their_fee if d.their_fee is not None else d.expected
    theirs = "" if fee is None else f" at {amount_text(fee, d.currency)} {d.currency} a unit"
    named = named_of(evidence, d.channel, d.sku)
    tier = f" ({d.tier})" if d.tier else ""
    text = [
        f"Please measure SKU {d.sku} again{named.text} and correct its size tier.",
        "",
        f"Your fee preview has it as {d.theirs}{tier}, since {d.since} or before.",
        f"Our own measures: {d.ours}.",
        f"By the table {d.table}: {d.their_row}{theirs} instead of {d.our_row} at {ours} {d.currency} a unit.",
        f"Charged since: {d.units:,} {'unit' if d.units == 1 else 'units'}, about"
        f" {amount_text(d.extra, d.currency)} {d.currency} more.",
        "",
        *_told_lines(told_of(evidence, d.channel, d.sku)),
        _ATTACH,
    ]
    return Letter(d.sku, "\n".join(text) + "\n", (), d.units, d.extra, d.until if d.units else None)
