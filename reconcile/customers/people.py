"""Customers and buyers side by side in their normal forms: the temp table `people`, which pairs are made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from reconcile.customers.buyer import Buyer
from reconcile.customers.forms import define_forms
from sync.store.lists import as_list, listed

__all__ = ["SHOWN_NAME", "load_customers", "load_people"]

#: How a customer is called, of a row of `customers` under the alias c.
SHOWN_NAME = "coalesce(nullif(trim(concat_ws(' ', c.first_name, c.last_name)), ''), c.company_name, c.entity_id)"
_META = "person VARCHAR, is_buyer BOOLEAN, full_name VARCHAR, is_company BOOLEAN, email VARCHAR"
_RAW = f"""
CREATE OR REPLACE TEMP TABLE people_raw ({_META});
CREATE OR REPLACE TEMP TABLE places_raw (person VARCHAR, address1 VARCHAR, address2 VARCHAR, postal_code VARCHAR,
    country VARCHAR, phone VARCHAR);
"""
_CUSTOMERS = f"""
INSERT INTO temp.people_raw SELECT c.customer_id, false, {SHOWN_NAME},
    c.company_name IS NOT NULL AND coalesce(c.last_name, '') = '', c.email
FROM customers c WHERE NOT c.inactive AND NOT list_contains($1::VARCHAR[], c.customer_id) {{only}}
"""  # noqa: S608 - our names
_PLACES = """
INSERT INTO temp.places_raw
SELECT a.customer_id, a.address1, a.address2, a.postal_code, a.country, a.phone
FROM customer_addresses a SEMI JOIN temp.people_raw p ON p.person = a.customer_id
UNION ALL
SELECT c.customer_id, NULL, NULL, NULL, a.country, c.phone FROM customers c
SEMI JOIN temp.people_raw p ON p.person = c.customer_id
LEFT JOIN customer_addresses a ON a.customer_id = c.customer_id AND a.position = 1 WHERE c.phone IS NOT NULL
"""
# A cheap superset of those who can share a block with one of few buyers: nobody else has to be brought into form.
_NEAR_BUYERS = """
AND (lower(c.email) IN (SELECT lower(email) FROM temp.buyers_raw)
    OR lower(split_part(c.email, '@', 1)) IN (SELECT lower(split_part(email, '@', 1)) FROM temp.buyers_raw)
    OR lower(coalesce(c.company_name, c.entity_id)) IN (SELECT lower(name) FROM temp.buyers_raw)
    OR right(c.phone, 4) IN (SELECT right(phone, 4) FROM temp.buyers_raw)
    OR c.customer_id IN (SELECT a.customer_id FROM customer_addresses a
        WHERE right(a.phone, 4) IN (SELECT right(phone, 4) FROM temp.buyers_raw))
    OR lower(coalesce(c.last_name, c.company_name, c.entity_id)) IN (SELECT unnest(words) FROM temp.buyers_raw)
    OR c.customer_id IN (SELECT a.customer_id FROM customer_addresses a
        WHERE left(upper(replace(a.postal_code, ' ', '')), 5) IN (SELECT postal FROM temp.buyers_raw)))
"""
_BUYER = ("person", "name", "email", "phone", "address1", "address2", "postal_code", "country")
_BUYERS = "CREATE OR REPLACE TEMP TABLE buyers_raw AS SELECT " + ", ".join(
    f"unnest({as_list(f'${n}')}) AS {name}" for n, name in enumerate(_BUYER, 1)
)
_BUYERS_TOO = """
ALTER TABLE temp.buyers_raw ADD COLUMN words VARCHAR[];
ALTER TABLE temp.buyers_raw ADD COLUMN postal VARCHAR;
UPDATE temp.buyers_raw SET words = list_filter(string_split(tieout_name(name), ' '), lambda w: length(w) > 1),
    postal = left(upper(replace(postal_code, ' ', '')), 5);
"""
_BUYERS_IN = """
INSERT INTO temp.people_raw SELECT person, true, name, false, email FROM temp.buyers_raw;
INSERT INTO temp.places_raw SELECT person, address1, address2, postal_code, country, phone FROM temp.buyers_raw;
"""
# Each form is made once, in a step of its own: a macro stands for its text, used twice it is computed twice.
_PEOPLE = """
CREATE OR REPLACE TEMP TABLE people AS
WITH named AS MATERIALIZED (
    SELECT person, is_buyer, full_name, tieout_name(full_name) AS whole, is_company, tieout_email(email) AS email,
        tieout_mixed(full_name) AS is_mixed
    FROM temp.people_raw
), parsed AS MATERIALIZED (
    SELECT *, tieout_suffix(whole) AS suffix, tieout_unsuffixed(whole) AS plain,
        is_company OR tieout_is_company(whole) AS company FROM named
), parts AS MATERIALIZED (
    SELECT *, CASE WHEN company THEN tieout_company(plain) ELSE plain END AS name,
        list_filter(string_split(plain, ' '), lambda w: w <> '') AS words FROM parsed
), streets AS MATERIALIZED (
    SELECT person, tieout_dialled(phone) AS dialled, country,
        tieout_street(address1, address2) AS street, tieout_postal(postal_code) AS postal FROM temp.places_raw
), forms AS MATERIALIZED (
    SELECT person, tieout_international(dialled, country) AS phone, street, postal,
        regexp_extract(street, '\\b\\d+\\b') AS house FROM streets
), located AS MATERIALIZED (
    SELECT person, list(DISTINCT phone) FILTER (WHERE phone IS NOT NULL) AS phones,
        list(DISTINCT street || '|' || postal) FILTER (WHERE street IS NOT NULL AND postal IS NOT NULL) AS places,
        list(DISTINCT house || '|' || postal) FILTER (WHERE house <> '' AND postal IS NOT NULL) AS houses,
        list(DISTINCT postal) FILTER (WHERE postal IS NOT NULL) AS postals
    FROM forms GROUP BY person
)
SELECT p.person, p.is_buyer, p.full_name, p.name, p.suffix, p.company, p.is_mixed, p.email,
    coalesce(tieout_is_shared(p.email), false) AS is_shared, split_part(p.email, '@', 1) AS local,
    split_part(p.email, '@', 2) AS domain, coalesce(n.root, p.words[1]) AS root, p.words[1] AS first,
    p.words[-1] AS last, CASE WHEN len(p.words) > 2 THEN p.words[2] END AS middle,
    array_to_string(list_sort(list_filter(p.words, lambda w: length(w) > 1)), ' ') AS sorted_name,
    coalesce(l.phones, []) AS phones, list_transform(coalesce(l.phones, []), lambda t: right(t, 9)) AS phone_ends,
    coalesce(l.places, []) AS places, coalesce(l.houses, []) AS houses, coalesce(l.postals, []) AS postals
FROM parts p LEFT JOIN located l ON l.person = p.person LEFT JOIN temp.nicknames n ON n.name = p.words[1]
"""


def load_customers(cursor: duckdb.DuckDBPyConnection, shared: Collection[str]) -> None:
    """Fill temp table `people` with all active customers; `shared` stand for a whole marketplace and are no people."""
    define_forms(cursor)
    cursor.execute(_RAW)
    cursor.execute(_CUSTOMERS.format(only=""), [sorted(shared)])
    cursor.execute(_PLACES)
    cursor.execute(_PEOPLE)


def load_people(cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: Collection[str]) -> None:
    """Fill temp table `people` with these buyers and all active customers that can be one of them.

    A buyer's `person` is his place in the sequence, `#0` first.
    """
    define_forms(cursor)
    cursor.execute(_RAW)
    cursor.execute(_BUYERS, [listed(column) for column in _columns(buyers)])
    cursor.execute(_BUYERS_TOO)
    cursor.execute(_CUSTOMERS.format(only=_NEAR_BUYERS), [sorted(shared)])
    cursor.execute(_PLACES)
    cursor.execute(_BUYERS_IN)
    cursor.execute(_PEOPLE)


def _columns(buyers: Sequence[Buyer]) -> list[list[str | None]]:
    return [
        [f"#{n}" for n in range(len(buyers))], [b.shown_name for b in buyers], [b.email for b in buyers],
        [b.phone for b in buyers], [b.address1 for b in buyers], [b.address2 for b in buyers],
        [b.postal_code for b in buyers], [b.country for b in buyers],
    ]  # fmt: skip
