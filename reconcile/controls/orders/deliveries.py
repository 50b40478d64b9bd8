"""Where, when and how open documents are to be sent, beside their orders: which parts differ, and who changed them.

Addresses are compared in the normal form in which buyers are matched: case, accents, punctuation, blanks and the usual
abbreviations do not count, nor do the last four digits of a ZIP+4. A region or country counts only where both sides
write a code. What one of the sides does not show is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reconcile.controls.control import Evidence
from reconcile.customers.forms import define_forms
from reconcile.fixes.orders.read_orders import Key
from reconcile.fixes.orders.sale_documents import COUNTRY_CODES
from reconcile.mapping.compared import COMPARISON, compared_of
from reconcile.mapping.routing import Routing

__all__ = ["ADDRESS_FIELDS", "Delivery", "read_deliveries", "read_held"]

#: Fields of an address, and the part that tells whether they differ: both lines of a street are one text.
ADDRESS_FIELDS: Mapping[str, str] = {
    "name": "name",
    "address1": "street",
    "address2": "street",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
}
# Only documents that hold something else, capitals aside, are looked at more closely; most hold what was written.
_UNLIKE = """
CREATE OR REPLACE TEMP TABLE unlike_deliveries AS
SELECT p.channel, p.order_id, p.order_key, p.transaction_id, b.base, b.is_known,
    p.updated_at > p.erp_updated_at AS is_newer, coalesce(q.skipped, []) AS skipped, coalesce(q.days, 0) AS days
FROM temp.booked_pairs p
JOIN temp.booked_bases b ON b.channel = p.channel AND b.order_id = p.order_id
JOIN orders o ON o.order_key = p.order_key AND o.channel = p.channel AND o.order_id = p.order_id
JOIN transactions t ON t.transaction_id = p.transaction_id
LEFT JOIN temp.delivery_zones z ON z.channel = p.channel
LEFT JOIN temp.delivery_methods m ON m.channel = p.channel AND m.service_level = lower(o.service_level)
LEFT JOIN temp.deliveries_compared q ON q.channel = p.channel
WHERE p.is_open AND p.fulfilled_by = 'seller' AND (
    lower(t.ship_name) <> lower(coalesce(o.ship_name, o.buyer_name)) OR lower(t.ship_address1) <> lower(o.ship_address1)
    OR (t.ship_address1 IS NOT NULL AND lower(t.ship_address2) IS DISTINCT FROM lower(o.ship_address2))
    OR lower(t.ship_city) <> lower(o.ship_city) OR upper(t.ship_region) <> upper(o.ship_region)
    OR regexp_replace(t.ship_postal_code, '^([0-9]{5})-[0-9]{4}$', '\\1')
        <> regexp_replace(o.ship_postal_code, '^([0-9]{5})-[0-9]{4}$', '\\1')
    OR left(upper(t.ship_country), 2) <> left(upper(o.ship_country), 2) OR t.ship_method <> m.method_id
    OR (abs(t.ship_date - CAST(timezone(z.time_zone, o.ship_by) AS DATE)) > coalesce(q.days, 0)
        AND NOT coalesce(list_contains(q.skipped, 'ship_by'), false)))
"""
_TEXTS = (
    "{x}.ship_address1 AS address1, {x}.ship_address2 AS address2, {x}.ship_city AS city, {x}.ship_region AS region"
)
_ORDERED = """
SELECT u.channel, u.order_id, '{side}' AS side, coalesce(o.ship_name, o.buyer_name) AS name, {texts},
    o.ship_postal_code AS postal_code, o.ship_country AS country, m.method_id,
    CAST(timezone(z.time_zone, o.ship_by) AS DATE) AS day
FROM temp.unlike_deliveries u
JOIN {table} o ON o.order_key = u.order_key AND o.channel = u.channel AND o.order_id = u.order_id {version}
LEFT JOIN temp.delivery_zones z ON z.channel = u.channel
LEFT JOIN temp.delivery_methods m ON m.channel = u.channel AND m.service_level = lower(o.service_level)
"""
_CODES = " ".join(f"WHEN '{long}' THEN '{short}'" for long, short in COUNTRY_CODES.items())
# Every side stands in a row of its own, so that each normal form is made in one place.
_FORMED = f"""
CREATE OR REPLACE TEMP TABLE formed_deliveries AS
SELECT channel, order_id, side, tieout_name(name) AS name,
    CASE WHEN address1 IS NOT NULL THEN tieout_street(address1, address2) END AS street,
    tieout_street(city, NULL) AS city,
    CASE WHEN length(trim(region)) = 2 THEN upper(trim(region)) END AS region,
    tieout_postal(postal_code) AS postal_code,
    CASE upper(trim(country)) {_CODES} ELSE CASE WHEN length(trim(country)) = 2 THEN upper(trim(country)) END END
        AS country,
    CAST(day AS VARCHAR) AS ship_by, method_id AS ship_method
FROM (
    {_ORDERED.format(side="now", table="orders", version="", texts=_TEXTS.format(x="o"))}
    UNION ALL
    {
    _ORDERED.format(
        side="booked", table="orders_versions", version="AND o.version = u.base", texts=_TEXTS.format(x="o")
    )
}
    UNION ALL
    SELECT u.channel, u.order_id, 'held', t.ship_name, {_TEXTS.format(x="t")}, t.ship_postal_code, t.ship_country,
        t.ship_method, t.ship_date
    FROM temp.unlike_deliveries u JOIN transactions t ON t.transaction_id = u.transaction_id
)
"""  # noqa: S608 - our names
_PARTS = (*dict.fromkeys(ADDRESS_FIELDS.values()), "ship_by", "ship_method")
_FAR = " AND abs(CAST(n.ship_by AS DATE) - CAST(h.ship_by AS DATE)) > u.days"
_OTHER = {p: f"n.{p} <> h.{p} AND NOT list_contains(u.skipped, '{p}'){_FAR if p == 'ship_by' else ''}" for p in _PARTS}
_DIFFERS = ", ".join(f"CASE WHEN {_OTHER[p]} THEN '{p}' END" for p in _PARTS)
# Where it is not known what the document was made of, whoever changed it last has the say.
_EDITED = ", ".join(
    f"CASE WHEN {_OTHER[p]} AND CASE WHEN u.is_known AND b.{p} IS NOT NULL THEN b.{p} <> h.{p}"
    f" ELSE NOT u.is_newer END THEN '{p}' END"
    for p in _PARTS
)
_FIND = f"""
SELECT u.channel, u.order_id, list_filter([{_DIFFERS}], x -> x IS NOT NULL) AS differs,
    list_filter([{_EDITED}], x -> x IS NOT NULL) AS edited
FROM temp.unlike_deliveries u
JOIN temp.formed_deliveries n ON n.channel = u.channel AND n.order_id = u.order_id AND n.side = 'now'
JOIN temp.formed_deliveries h ON h.channel = u.channel AND h.order_id = u.order_id AND h.side = 'held'
LEFT JOIN temp.formed_deliveries b ON b.channel = u.channel AND b.order_id = u.order_id AND b.side = 'booked'
WHERE len(differs) > 0
"""  # noqa: S608 - our names
_HELD = "ship_date, ship_method, ship_name, ship_address1, ship_address2, ship_city, ship_region, ship_postal_code"
_READ = f"""
SELECT transaction_id, {_HELD}, ship_country FROM transactions
WHERE transaction_id IN (SELECT unnest($1::VARCHAR[]))
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a document says of its delivery, in the ERP's spelling; None and empty where the mirror does not hold it."""

    ship_by: date | None = None
    ship_method: str | None = None
    #: By `ADDRESS_FIELDS`; a field without a value is left out.
    address: Mapping[str, str] | None = None
    #: Parts in which it is not what the order says now.
    differs: frozenset[str] = frozenset()
    #: Those of them that are not as they were booked either, or changed after the channel's last word.
    edited: frozenset[str] = frozenset()
    #: Parts that are not compared, by decision.
    skipped: frozenset[str] = frozenset()


def read_deliveries(evidence: Evidence, routings: Mapping[str, Routing | None]) -> dict[Key, tuple[set[str], set[str]]]:
    """Return, of the documents in temp table `booked_pairs` that differ, the parts that differ and those edited.

    Needs `booked_bases` as well. Days are those of the routing's calendar, methods those that its `ship_methods` give.
    """
    cursor = evidence.cursor
    known = {channel: routing for channel, routing in routings.items() if routing is not None}
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE delivery_zones AS"
        " SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS time_zone",
        [list(known), [routing.time_zone for routing in known.values()]],
    )
    methods = [(c, level.lower(), method) for c, r in known.items() for level, method in r.ship_methods.items()]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE delivery_methods AS SELECT unnest($1::VARCHAR[]) AS channel,"
        " unnest($2::VARCHAR[]) AS service_level, unnest($3::VARCHAR[]) AS method_id",
        [[m[0] for m in methods], [m[1] for m in methods], [m[2] for m in methods]],
    )
    _set_compared(evidence)
    cursor.execute(_UNLIKE)
    if cursor.execute("SELECT 1 FROM temp.unlike_deliveries LIMIT 1").fetchone() is None:
        return {}
    evidence.once("forms", lambda: define_forms(cursor))
    cursor.execute(_FORMED)
    return {(str(c), str(o)): (set(differs), set(edited)) for c, o, differs, edited in cursor.execute(_FIND).fetchall()}


def _set_compared(evidence: Evidence) -> None:
    decided = evidence.decisions(COMPARISON)
    channels = [str(r[0]) for r in evidence.cursor.execute("SELECT DISTINCT channel FROM temp.booked_pairs").fetchall()]
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE deliveries_compared (channel VARCHAR, skipped VARCHAR[], days INTEGER)"
    )
    for channel in channels if decided else ():
        one = compared_of(channel, decided)
        evidence.cursor.execute(
            "INSERT INTO temp.deliveries_compared VALUES ($1, $2, $3)", [channel, sorted(one.skipped), one.days]
        )


def read_held(evidence: Evidence, transaction_ids: Sequence[str]) -> dict[str, Delivery]:
    """Return what the documents say of their delivery, by document; `differs` and `edited` are for the caller."""
    found = {}
    for number, day, method, *texts in evidence.cursor.execute(_READ, [list(transaction_ids)]).fetchall():
        address = {name: str(text) for name, text in zip(ADDRESS_FIELDS, texts, strict=True) if text}
        found[str(number)] = Delivery(day, method, address or None)
    return found
