"""Match or create: who a buyer is in the ERP, with the evidence; what is not certain waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from reconcile.customers.buyer import Buyer, is_relay, normal_address, normal_name, normal_phone
from sync.ops.decisions import Decision

__all__ = ["CustomerMatch", "match_customers"]

_KNOWN = """
SELECT customer_id, entity_id, external_id, email, phone,
    coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), company_name, entity_id) AS name
FROM customers WHERE NOT inactive AND (
    external_id IN (SELECT unnest($1)) OR lower(email) IN (SELECT unnest($2))
    OR lower(coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), company_name, entity_id))
        IN (SELECT unnest($3)))
ORDER BY length(customer_id), customer_id
"""
# Whom earlier orders to the same postal codes were booked on: addresses are not mirrored, documents are.
_EARLIER = """
SELECT DISTINCT coalesce(o.buyer_name, o.ship_name), o.ship_address1, o.ship_postal_code, o.ship_country,
    t.customer_id, o.order_id
FROM orders o JOIN (
    SELECT external_key AS key, external_id AS reference, customer_id FROM transactions WHERE external_key IS NOT NULL
    UNION ALL SELECT other_key, other_reference, customer_id FROM transactions WHERE other_key IS NOT NULL
    UNION ALL SELECT number_key, number, customer_id FROM transactions WHERE number_key IS NOT NULL
) t ON t.key = o.order_key AND t.reference IN (o.order_id, 'AMZ-' || o.order_id, 'WMT-' || o.order_id)
WHERE o.ship_postal_code IN (SELECT unnest($1)) AND t.customer_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """`customer_id` None with no `candidates`: make a new one. With candidates: a person must choose."""

    customer_id: str | None
    how: str
    evidence: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Tell whether a person must choose among several."""
        return self.customer_id is None and bool(self.candidates)


@dataclass(frozen=True, slots=True)
class _Known:
    customer_id: str
    entity_id: str
    external_id: str | None
    email: str | None
    phone: str | None
    name: str


def match_customers(
    cursor: duckdb.DuckDBPyConnection,
    buyers: Sequence[Buyer],
    decisions: Mapping[str, Decision],
    *,
    shared: Iterable[str | None] = (),
) -> list[CustomerMatch]:
    """Return who each buyer is, in order.

    Decision of kind `customer` (subject: the buyer's external id, value {"customer_id"}), then external id, then
    e-mail (never a relay address), then name and address of earlier booked orders, then name and phone. The first
    step that names exactly one customer decides; one that names several waits for a person. `shared` are customers
    that stand for a whole marketplace: they are no person.
    """
    known = _known(cursor, buyers, set(shared))
    earlier = _earlier(cursor, buyers, set(shared))
    return [_match(b, known, earlier, decisions) for b in buyers]


def _match(
    buyer: Buyer, known: list[_Known], earlier: Mapping[str, dict[str, str]], decisions: Mapping[str, Decision]
) -> CustomerMatch:
    held = decisions.get(buyer.external_id)
    if held is not None:
        return CustomerMatch(str(held.value["customer_id"]), "decision", (f"decided by {held.decided_by}",))
    for how, found in _steps(buyer, known, earlier):
        if len(found) == 1:
            ((customer_id, said),) = found.items()
            return CustomerMatch(customer_id, how, (said,))
        if found:
            return CustomerMatch(None, how, tuple(found.values()), tuple(found))
    return CustomerMatch(None, "new", _namesakes(buyer, known))


def _steps(
    buyer: Buyer, known: list[_Known], earlier: Mapping[str, dict[str, str]]
) -> list[tuple[str, dict[str, str]]]:
    email = (buyer.email or "").strip().lower()
    own = email if email and not is_relay(email) else None
    phone, name = normal_phone(buyer.phone), normal_name(buyer.shown_name)
    return [
        (
            "external id",
            {k.customer_id: f"external id {k.external_id}" for k in known if k.external_id == buyer.external_id},
        ),
        ("e-mail", {k.customer_id: f"e-mail {k.email}" for k in known if own and (k.email or "").lower() == own}),
        ("name and address", earlier.get(buyer.address_key or "", {})),
        (
            "name and phone",
            {
                k.customer_id: f"{k.name}, phone {k.phone}"
                for k in known
                if phone and normal_phone(k.phone) == phone and normal_name(k.name) == name
            },
        ),
    ]


def _namesakes(buyer: Buyer, known: list[_Known]) -> tuple[str, ...]:
    name = normal_name(buyer.shown_name)
    same = [k.entity_id for k in known if normal_name(k.name) == name]
    return (f"same name only: {', '.join(same[:5])}",) if same else ()


def _known(cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: set[str | None]) -> list[_Known]:
    emails = {b.email.strip().lower() for b in buyers if b.email and not is_relay(b.email)}
    rows = cursor.execute(
        _KNOWN,
        [
            sorted({b.external_id for b in buyers}),
            sorted(emails),
            sorted({b.shown_name.lower() for b in buyers if b.shown_name}),
        ],
    ).fetchall()
    return [_Known(*row) for row in rows if row[0] not in shared]


def _earlier(
    cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: set[str | None]
) -> dict[str, dict[str, str]]:
    codes = sorted({b.postal_code for b in buyers if b.postal_code})
    found: dict[str, dict[str, str]] = {}
    for name, street, code, country, customer_id, order_id in cursor.execute(_EARLIER, [codes]).fetchall():
        key = normal_address(name or "", street, code, country)
        if key and customer_id not in shared:
            found.setdefault(key, {})[customer_id] = f"order {order_id} to the same name and address"
    return {key: dict(sorted(who.items())) for key, who in found.items()}
