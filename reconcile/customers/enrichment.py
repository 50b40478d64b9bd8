"""What a channel knows better of a customer than the ERP: a phone, a real e-mail, an address that is not in the book.

Only what is empty or worse in the ERP is proposed. What the customer had before, or what we wrote before and somebody
took away again, is not proposed a second time: a person knew better.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconcile.customers.buyer import Buyer
from reconcile.customers.forms import define_forms
from reconcile.customers.marketplace import marketplace_customers
from reconcile.customers.people import SHOWN_NAME
from reconcile.documents import BARE_REFERENCE

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Enrichment", "find_enrichments"]

_REFERENCES = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
_SALES = "t.transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc') AND t.customer_id IS NOT NULL"
_BOOKED = " UNION ".join(
    f"SELECT o.channel, o.order_id, t.customer_id FROM transactions t JOIN temp.enrichable e"  # noqa: S608 - our names
    f" ON e.customer_id = t.customer_id JOIN orders o ON o.order_key = t.{key}"
    f" AND o.order_id = {BARE_REFERENCE.format(f't.{column}')} WHERE {_SALES}"
    for key, column in _REFERENCES
)
# People only: a company's order may go to anybody there.
_ENRICHABLE = f"""
CREATE OR REPLACE TEMP TABLE enrichable AS
SELECT c.customer_id, c.external_id, c.entity_id, c.email, c.phone, c.observed_at, {SHOWN_NAME} AS shown
FROM customers c
WHERE NOT c.inactive AND coalesce(c.last_name, '') <> '' AND NOT list_contains($1::VARCHAR[], c.customer_id)
    AND ($2::VARCHAR[] IS NULL OR list_contains($2::VARCHAR[], c.customer_id))
"""  # noqa: S608 - our names
# The newest order speaks, for an e-mail the newest that shows one. A parcel to somebody else (a present) says nothing
# of the buyer's own phone and address.
_SEEN = f"""
CREATE OR REPLACE TEMP TABLE bought AS
WITH booked AS MATERIALIZED (
    SELECT b.customer_id, o.channel, o.order_id, o.ordered_at, o.buyer_email
    FROM ({_BOOKED}) b JOIN orders o ON o.channel = b.channel AND o.order_id = b.order_id WHERE o.status <> 'cancelled'
),
newest AS (
    SELECT customer_id, channel, order_id FROM booked
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC, order_id DESC) = 1
),
mailed AS (
    SELECT customer_id, max_by(tieout_email(buyer_email), ordered_at) AS own_email FROM booked
    WHERE NOT contains(buyer_email, '@marketplace.amazon.') AND tieout_email(buyer_email) IS NOT NULL GROUP BY 1
),
named AS MATERIALIZED (
    SELECT n.customer_id, o.channel, o.order_id, o.ordered_at, o.ship_phone, o.ship_name, o.buyer_name,
        o.ship_address1, o.ship_address2, o.ship_city, o.ship_region, o.ship_postal_code, o.ship_country,
        m.own_email, tieout_name(e.shown) AS name, tieout_name(coalesce(o.ship_name, o.buyer_name)) AS receiver
    FROM newest n JOIN orders o ON o.channel = n.channel AND o.order_id = n.order_id
    JOIN temp.enrichable e ON e.customer_id = n.customer_id LEFT JOIN mailed m ON m.customer_id = n.customer_id
)
SELECT *, string_split(receiver, ' ')[-1] = string_split(name, ' ')[-1] AND left(receiver, 1) = left(name, 1) AS is_own
FROM named
"""  # noqa: S608 - our names
_BETTER = """
WITH book AS (
    SELECT customer_id, list(tieout_street(address1, address2) || '|' || tieout_postal(postal_code)) AS places
    FROM customer_addresses a SEMI JOIN temp.bought b ON b.customer_id = a.customer_id GROUP BY customer_id
), once AS (
    SELECT customer_id, list(DISTINCT tieout_street(address1, address2) || '|' || tieout_postal(postal_code)) AS places
    FROM customer_addresses_versions a SEMI JOIN temp.bought b ON b.customer_id = a.customer_id GROUP BY customer_id
), had AS (
    SELECT customer_id, bool_or(tieout_email(email) IS NOT NULL) AS email, bool_or(coalesce(phone, '') <> '') AS phone
    FROM customers_versions v SEMI JOIN temp.bought b ON b.customer_id = v.customer_id GROUP BY customer_id
), formed AS (
    SELECT b.*, e.external_id, e.entity_id, e.email, e.phone, e.observed_at,
        tieout_phone(b.ship_phone, b.ship_country) AS own_phone,
        tieout_street(b.ship_address1, b.ship_address2) || '|' || tieout_postal(b.ship_postal_code) AS place
    FROM temp.bought b JOIN temp.enrichable e ON e.customer_id = b.customer_id
)
SELECT f.customer_id, f.entity_id, f.external_id, f.channel, f.order_id, f.ordered_at, f.email, f.phone,
    CASE WHEN f.own_email IS NOT NULL AND tieout_email(f.email) IS NULL AND NOT coalesce(h.email, false)
        THEN f.own_email END AS better_email,
    CASE WHEN f.is_own AND f.own_phone IS NOT NULL AND tieout_phone(f.phone, 'US') IS NULL
        AND NOT coalesce(h.phone AND coalesce(f.phone, '') = '', false) THEN f.ship_phone END AS better_phone,
    f.is_own AND f.place IS NOT NULL AND $1 AND NOT coalesce(list_contains(k.places, f.place), false)
        AND NOT coalesce(list_contains(o.places, f.place), false) AS is_new_place,
    f.ship_name, f.buyer_name, f.ship_address1, f.ship_address2, f.ship_city, f.ship_region, f.ship_postal_code,
    f.ship_country, f.place, f.observed_at
FROM formed f LEFT JOIN book k ON k.customer_id = f.customer_id LEFT JOIN once o ON o.customer_id = f.customer_id
LEFT JOIN had h ON h.customer_id = f.customer_id
WHERE better_email IS NOT NULL OR better_phone IS NOT NULL OR is_new_place
ORDER BY length(f.customer_id), f.customer_id
"""
_WRITTEN = """
SELECT coalesce(json_extract_string(o.intent, '$.id'), c.customer_id), o.updated_at,
    coalesce(json_extract_string(o.intent, '$.set.email'), json_extract_string(o.intent, '$.email')),
    coalesce(json_extract_string(o.intent, '$.set.phone'), json_extract_string(o.intent, '$.phone')),
    tieout_street(json_extract_string(o.intent, '$.add_address.address1'),
        json_extract_string(o.intent, '$.add_address.address2')) || '|'
        || tieout_postal(json_extract_string(o.intent, '$.add_address.postal_code')),
    o.kind = 'customer.update'
FROM operations o LEFT JOIN customers c ON c.external_id = o.identity
WHERE o.kind IN ('customer.create', 'customer.update') AND o.state IN ('done', 'answered')
    AND coalesce(json_extract_string(o.intent, '$.id'), c.customer_id) IN (SELECT unnest($1::VARCHAR[]))
"""
_TAKEN = "SELECT external_id FROM customers WHERE external_id IN (SELECT unnest($1::VARCHAR[]))"


@dataclass(frozen=True, slots=True)
class Enrichment:
    """New values of one customer's empty fields; `now` are the values that they have."""

    customer_id: str
    entity_id: str
    #: The newest order that is booked on the customer: what it says is proposed.
    channel: str
    order_id: str
    ordered_at: datetime
    values: Mapping[str, str]
    now: Mapping[str, str | None]
    address: Mapping[str, str] | None
    #: Something was written to the customer after the mirror saw it: read it back before anything is said.
    is_unread: bool = False


def find_enrichments(evidence: Evidence, only: Collection[str] | None = None) -> list[Enrichment]:
    """Return what the channels know better: of all customers, or of the named ones."""
    cursor = evidence.cursor
    define_forms(cursor)
    asked = None if only is None else sorted(only)
    cursor.execute(_ENRICHABLE, [sorted(marketplace_customers(evidence)), asked])
    cursor.execute(_SEEN)
    # An account that shows no address at all hides them: then nobody knows what is in a book.
    row = cursor.execute("SELECT count(*) > 0 FROM (SELECT 1 FROM customer_addresses LIMIT 1)").fetchone()
    found = cursor.execute(_BETTER, [bool(row and row[0])])
    names = [d[0] for d in found.description]
    rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    written = cursor.execute(_WRITTEN, [[r["customer_id"] for r in rows]]).fetchall() if rows else []
    externals = _externals(evidence, rows)
    made = [_enrichment(r, [w[1:] for w in written if w[0] == r["customer_id"]], externals) for r in rows]
    return [m for m in made if m is not None]


def _externals(evidence: Evidence, rows: Collection[Mapping[str, Any]]) -> dict[str, str]:
    """Return our external id for each customer that has none, where nobody else has it."""
    wanted = {r["customer_id"]: _buyer(r).external_id for r in rows if not r["external_id"]}
    taken = {r[0] for r in evidence.cursor.execute(_TAKEN, [list(wanted.values())]).fetchall()} if wanted else set()
    times = {e: list(wanted.values()).count(e) for e in set(wanted.values())}
    return {c: e for c, e in wanted.items() if e not in taken and times[e] == 1}


def _enrichment(
    row: Mapping[str, Any], written: Collection[tuple[Any, ...]], externals: Mapping[str, str]
) -> Enrichment | None:
    values = {name: row[f"better_{name}"] for name in ("email", "phone") if row[f"better_{name}"]}
    for _, email, phone, _, _ in written:
        # We wrote it, and it is not there: somebody took it away.
        values = {n: v for n, v in values.items() if not {"email": email, "phone": phone}[n]}
    is_new_place = row["is_new_place"] and row["place"] not in {w[3] for w in written}
    address = _address(row) if is_new_place else None
    if not values and address is None:
        return None
    now: dict[str, str | None] = {name: row[name] for name in values}
    if row["customer_id"] in externals:
        # It rides along: a customer that is found by it needs no matching any more.
        values["external_id"], now["external_id"] = externals[row["customer_id"]], None
    return Enrichment(
        customer_id=row["customer_id"],
        entity_id=row["entity_id"],
        channel=row["channel"],
        order_id=row["order_id"],
        ordered_at=row["ordered_at"],
        values=values,
        now=now,
        address=address,
        is_unread=any(w[4] and w[0] > row["observed_at"] for w in written),
    )


def _address(row: Mapping[str, Any]) -> dict[str, str]:
    buyer = _buyer(row)
    named = {
        "name": row["ship_name"] or row["buyer_name"],
        "address1": buyer.address1,
        "address2": buyer.address2,
        "city": buyer.city,
        "region": buyer.region,
        "postal_code": buyer.postal_code,
        "country": buyer.country if buyer.country and len(buyer.country) == 2 else None,
    }
    return {name: str(value).strip() for name, value in named.items() if value}


def _buyer(row: Mapping[str, Any]) -> Buyer:
    return Buyer(
        channel=row["channel"],
        order_id=row["order_id"],
        name=row["buyer_name"],
        email=None,
        ship_name=row["ship_name"],
        address1=row["ship_address1"],
        address2=row["ship_address2"],
        city=row["ship_city"],
        region=row["ship_region"],
        postal_code=row["ship_postal_code"],
        country={"USA": "US"}.get(row["ship_country"] or "", row["ship_country"]),
        phone=None,
    )
