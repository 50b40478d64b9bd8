"""Which lines of a settlement make the charges of an order line, and their sums, kept a settlement (see `settled`)."""

from __future__ import annotations

from reconcile.settled import Kept

__all__ = ["CHARGES", "LINES_OF", "ROLES"]

#: (vendor, transaction type, amount type, description, role); texts as the reports have them, in lower case.
ROLES = (
    ("amazon", "order", "itemprice", "principal", "price"),
    ("amazon", "order", "promotion", "principal", "base"),
    ("amazon", "order", "itemprice", "tax", "base"),
    ("amazon", "order", "promotion", "taxdiscount", "base"),
    ("amazon", "order", "itemwithheldtax", "marketplacefacilitatortax-principal", "base"),
    ("amazon", "order", "itemwithheldtax", "marketplacefacilitatorvat-principal", "base"),
    ("amazon", "order", "itemfees", "marketplacefacilitatortax-principal", "base"),
    ("amazon", "order", "itemfees", "marketplacefacilitatorvat-principal", "base"),
    ("amazon", "order", "itemprice", "shipping", "more"),
    ("amazon", "order", "itemprice", "giftwrap", "more"),
    ("amazon", "order", "promotion", "shipping", "more"),
    ("amazon", "order", "itemfees", "commission", "referral"),
    ("amazon", "order", "itemfees", "fbaperunitfulfillmentfee", "fulfilment"),
    ("amazon", "order", "itemfees", "fbaperunitfulfilmentfee", "fulfilment"),
    ("walmart", "sale", "product price", "purchase", "price"),
    ("walmart", "sale", "commission on product", "purchase", "referral"),
    ("walmart", "adjustment", "wfs fee/reimbursement", "wfs fulfillment fee", "fulfilment"),
)
_VALUES = ", ".join(f"({', '.join(repr(text) for text in role)})" for role in ROLES)
_WITH_ROLES = f"""{{lines}} l JOIN (VALUES {_VALUES}) r (vendor, kind, amount_type, description, role)
    ON r.vendor = split_part(l.channel, '.', 1) AND r.kind = lower(l.transaction_type)
    AND r.amount_type = lower(l.amount_type) AND r.description = lower(l.amount_description)"""
# Where a charge stands in its report is looked up of the few that are shown (`LINES_OF`).
CHARGES = Kept(
    "settled_charges",
    f"""
SELECT l.channel, l.settlement_id, l.order_id, coalesce(l.order_line_id, '') AS line_id, coalesce(l.sku, '') AS sku,
    any_value(l.order_key) AS order_key,
    coalesce(l.shipment_id, '') AS parcel, any_value(l.currency) AS currency, min(l.posted_date) AS posted,
    CAST(coalesce(sum(l.amount) FILTER (WHERE r.role IN ('price', 'base')), 0) AS DECIMAL(14,4)) AS base,
    CAST(coalesce(sum(l.amount) FILTER (WHERE r.role = 'more'), 0) AS DECIMAL(14,4)) AS more,
    CAST(coalesce(sum(l.amount) FILTER (WHERE r.role = 'price'), 0) AS DECIMAL(14,4)) AS goods,
    CAST(coalesce(sum(l.quantity) FILTER (WHERE r.role = 'price'),
        sum(l.quantity) FILTER (WHERE r.role = 'fulfilment'), 0) AS INTEGER) AS units,
    count(*) FILTER (WHERE r.role = 'price') AS prices,
    CAST(-sum(l.amount) FILTER (WHERE r.role = 'referral') AS DECIMAL(14,4)) AS referral,
    count(*) FILTER (WHERE r.role = 'referral') AS referrals,
    CAST(-sum(l.amount) FILTER (WHERE r.role = 'fulfilment') AS DECIMAL(14,4)) AS fulfilment
FROM {_WITH_ROLES}
WHERE l.order_id IS NOT NULL
GROUP BY l.channel, l.settlement_id, l.order_id, coalesce(l.order_line_id, ''), coalesce(l.sku, ''),
    coalesce(l.shipment_id, '')
""",  # noqa: S608 - our names
)
#: The first line of each charge of a fee, for charges under the alias c that have a number `place`.
LINES_OF = f"""
SELECT c.place, min(l.file_line) AS file_line
FROM {{charges}} c JOIN ({_WITH_ROLES.format(lines="settlement_lines")})
    ON l.order_key IS NOT DISTINCT FROM c.order_key AND l.channel = c.channel
    AND l.settlement_id = c.settlement_id AND l.order_id = c.order_id AND coalesce(l.order_line_id, '') = c.line_id
    AND coalesce(l.sku, '') = c.sku AND coalesce(l.shipment_id, '') = c.parcel AND r.role = c.fee
GROUP BY c.place
"""  # noqa: S608 - our names
