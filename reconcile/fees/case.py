"""What a person sends to a marketplace about a fulfilment fee that rose: the text, and Walmart's packet of the charges.

Amazon's policy (FBA fees reimbursement policy: weight and dimensions) asks for weight or sizes in the original
packaging, photos of an item of the same FNSKU with scale or ruler, and the transactions; one claim a charge, within 90
days. Walmart asks for the lines of the payment report only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.fees.charge_lines import LINES_OF
from reconcile.fees.levels import Rise
from reconcile.fees.packet import DisputedLine
from reconcile.fees.previewed import NO_FAULT, PRICE_RANGE
from reconcile.fees.rises import rise_deadline, rises_of
from reconcile.fees.schedule import FEE_SCHEDULE
from reconcile.fees.told import measured_by_us
from sync.errors import BadInput

__all__ = ["Case", "ChargedUnit", "Named", "case_of", "case_text", "disputed_lines", "named_of"]

_CHARGED = f"""
SELECT row_number() OVER () AS place, 'fulfilment' AS fee, c.*, s.period_end, s.document_name
FROM temp.fee_charges c JOIN settlements s ON s.channel = c.channel AND s.settlement_id = c.settlement_id
WHERE c.channel = $1 AND c.sku = $2 AND c.currency = $3 AND c.posted BETWEEN $4 AND $5 AND c.units > 0
    AND c.fulfilment = CAST($6 AS DECIMAL(14,4)) * c.units AND {PRICE_RANGE} = $7 AND {NO_FAULT}
"""  # noqa: S608 - our names
_UNITS = f"""
WITH charged AS MATERIALIZED ({_CHARGED}), lines AS ({LINES_OF.format(charges="charged")})
SELECT c.order_id, c.line_id, c.posted, c.units, c.fulfilment, c.goods, x.file_line,
    c.period_end::DATE, c.document_name
FROM charged c JOIN lines x ON x.place = c.place
ORDER BY c.posted, c.order_id, c.line_id
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class ChargedUnit:
    """One charge after the rise; `charged` positive and `price`, both of all its units."""

    order_id: str
    line_id: str
    posted: date
    units: int
    charged: Decimal
    price: Decimal
    file_line: int | None
    settled: date
    document: str


@dataclass(frozen=True, slots=True)
class Named:
    """How a channel lists a SKU."""

    product_id: str
    gtin: str
    item: str

    @property
    def text(self) -> str:
        """Return it in brackets behind the SKU, "" where nothing is known."""
        named = ", ".join(part for part in (self.product_id, self.item) if part)
        return f" ({named})" if named else ""


@dataclass(frozen=True, slots=True)
class Case:
    """One SKU's rise with its charges; `package` is what people measured ("" where nobody did)."""

    rise: Rise
    charges: tuple[ChargedUnit, ...]
    named: Named
    package: str


def case_of(evidence: Evidence, channel: str, sku: str) -> Case:
    """Return the case of a SKU: its latest rise that is in no case yet.

    Raises:
        BadInput: no fulfilment fee of it rose, or all of it is filed.
    """
    rises = [r for r in rises_of(evidence) if (r.channel, r.sku) == (channel, sku)]
    if not rises:
        raise BadInput(f"no fulfilment fee of {sku} rose in {channel}", value=sku, remedy="See `tieout fees changed`")
    rise = max(rises, key=lambda r: (r.first_day, r.after))
    rows = evidence.cursor.execute(
        _UNITS, [channel, sku, rise.currency, rise.since, rise.until, rise.after, rise.price_range]
    ).fetchall()
    measured = measured_by_us(evidence.decisions(FEE_SCHEDULE), channel, sku)
    return Case(rise, tuple(ChargedUnit(*row) for row in rows), named_of(evidence, channel, sku), measured)


def named_of(evidence: Evidence, channel: str, sku: str) -> Named:
    """Return how the channel lists a SKU, blank where it does not."""
    listed = evidence.cursor.execute(
        "SELECT coalesce(product_id, ''), coalesce(gtin, ''), coalesce(title, '') FROM listings"
        " WHERE channel = $1 AND sku = $2 LIMIT 1",
        [channel, sku],
    ).fetchone()
    return Named(*(str(text) for text in listed or ("", "", "")))


def case_text(case: Case, told: Sequence[str] = ()) -> str:
    """Return what is asked for, in plain text to be pasted into the marketplace's form.

    `told` are lines of what the marketplace itself said of the SKU.
    """
    rise = case.rise
    before, after, extra = (amount_text(a, rise.currency) for a in (rise.before, rise.after, rise.extra))
    size = case.package or "(add length, width, height and weight of one unit in its packaging)"
    head = [
        f"Please measure SKU {rise.sku} again{case.named.text} and correct its fulfilment fee.",
        "",
        f"Fee of one unit: {before} {rise.currency} until {rise.last_day}, {after} {rise.currency} since"
        f" {rise.first_day}.",
        "No new fee table took effect between these days, and the item and its packaging are the same.",
        f"Our own measures: {size}.",
        f"Charged too much: {rise.units:,} {'unit' if rise.units == 1 else 'units'}, {extra} {rise.currency}."
        " Please give it back.",
        f"Ask until {rise_deadline(rise):%Y-%m-%d}: 90 days after the first of these charges.",
        "",
        "Attach: a photo of the packed unit with its label on a scale, and one beside a ruler.",
        "",
        *told,
        "Charges:",
    ]
    return "\n".join([*head, *_lines(case)]) + "\n"


def _lines(case: Case) -> Sequence[str]:
    rise = case.rise
    after, before = amount_text(rise.after, rise.currency), amount_text(rise.before, rise.currency)
    return [
        f"{c.order_id}  {c.posted}  {c.units} x {after} instead of {before}:"
        f" {amount_text(c.charged - rise.before * c.units, rise.currency)}"
        for c in case.charges
    ]


def disputed_lines(case: Case) -> list[DisputedLine]:
    """Return the charges as rows of a dispute's packet."""
    return [_disputed(case, charge) for charge in case.charges]


def _disputed(case: Case, charge: ChargedUnit) -> DisputedLine:
    rise = case.rise
    expected = rise.before * charge.units
    before, after = (amount_text(a, rise.currency) for a in (rise.before, rise.after))
    return DisputedLine(
        purchase_order=charge.order_id,
        purchase_order_line=charge.line_id,
        customer_order="",
        sku=rise.sku,
        gtin=case.named.gtin,
        item_name=case.named.item,
        settlement_date=charge.settled,
        report=charge.document,
        report_line=charge.file_line or 0,
        transaction_key="",
        posted=charge.posted,
        units=charge.units,
        price=charge.price,
        existing_category="",
        proposed_category="",
        charged_rate=None,
        expected_rate=None,
        charged=charge.charged,
        expected=expected,
        difference=charge.charged - expected,
        rule="fulfilment fee",
        evidence=f"{before} a unit until {rise.last_day}, {after} since {rise.first_day}; {case.package}".rstrip("; "),
        deadline=rise_deadline(rise).date(),
    )
