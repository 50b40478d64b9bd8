"""Match or create: who a buyer is in the ERP, with the evidence; what is not certain waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from reconcile.customers.buyer import Buyer, names_agree, normal_address, normal_name, normal_phone, own_email
from reconcile.customers.known import Known
from reconcile.customers.pairs import ScoredPair, read_pairs, score_pairs
from reconcile.customers.people import SHOWN_NAME, load_people
from sync.ops.decisions import Decision
from sync.store.lists import as_list, listed

__all__ = ["ASCII_NAME", "CustomerMatch", "match_customers"]

_KNOWN = f"""
SELECT c.customer_id, c.entity_id, c.external_id, c.email, c.phone, {SHOWN_NAME} AS name,
    c.company_name IS NOT NULL AND coalesce(c.last_name, '') = ''
FROM customers c WHERE NOT inactive AND (
    external_id IN (SELECT unnest({as_list("$1")})) OR lower(trim(email)) IN (SELECT unnest({as_list("$2")}))
    OR (lower(last_name) IN (SELECT unnest({as_list("$3")}))
        AND lower(split_part(first_name, ' ', 1)) IN (SELECT unnest({as_list("$4")})))
    OR lower(company_name) IN (SELECT unnest({as_list("$5")})) OR lower(entity_id) IN (SELECT unnest({as_list("$5")}))
    OR customer_id IN (SELECT unnest({as_list("$6")})))
ORDER BY length(customer_id), customer_id
"""  # noqa: S608 - our names
#: The `normal_name` of a text of ASCII letters as SQL.
ASCII_NAME = "trim(regexp_replace(lower({0}), '\\W+', ' ', 'g'))"
# Whom earlier orders to the same postal codes were booked on. A postal code is shared by many: who cannot be of one of
# the names is left out before documents are searched. Names of other than ASCII letters are compared by who asks.
_EARLIER = f"""
WITH near AS MATERIALIZED (
    SELECT * FROM (
        SELECT coalesce(buyer_name, ship_name) AS name, ship_address1, ship_postal_code, ship_country, order_key,
            order_id
        FROM orders WHERE ship_postal_code IN (SELECT unnest({as_list("$1")}))
    ) WHERE length(name) <> strlen(name) OR {ASCII_NAME.format("name")} IN (SELECT unnest({as_list("$2")}))
)
SELECT DISTINCT o.name, o.ship_address1, o.ship_postal_code, o.ship_country, t.customer_id, o.order_id
FROM near o JOIN (
    SELECT external_key AS key, external_id AS reference, customer_id FROM transactions WHERE external_key IS NOT NULL
    UNION ALL SELECT other_key, other_reference, customer_id FROM transactions WHERE other_key IS NOT NULL
    UNION ALL SELECT number_key, number, customer_id FROM transactions WHERE number_key IS NOT NULL
) t ON t.key = o.order_key AND t.reference IN (o.order_id, 'AMZ-' || o.order_id, 'WMT-' || o.order_id)
WHERE t.customer_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM customers g WHERE g.customer_id = t.customer_id AND g.inactive)
ORDER BY o.order_id, t.customer_id
"""  # noqa: S608 - our names
_ADDRESSES = f"""
WITH near AS MATERIALIZED (
    SELECT customer_id, address1, postal_code, country FROM customer_addresses
    WHERE left(postal_code, 5) IN (SELECT unnest({as_list("$1")}))
)
SELECT {SHOWN_NAME}, a.address1, a.postal_code, a.country, c.customer_id
FROM near a JOIN customers c ON c.customer_id = a.customer_id WHERE NOT c.inactive
"""  # noqa: S608 - our names
_GONE = """
SELECT customer_id FROM customers WHERE inactive AND customer_id IN (SELECT unnest($1::VARCHAR[]))
UNION SELECT record_id FROM deletions WHERE entity = 'customers' AND record_id IN (SELECT unnest($1::VARCHAR[]))
    AND record_id NOT IN (SELECT customer_id FROM customers)
"""


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """`customer_id` None with no `candidates`: make a new one. With candidates: a person must choose.

    `scored` are the pairs behind it, where it was scored, the best first; `left` is the buyer's place.
    """

    customer_id: str | None
    how: str
    evidence: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    scored: tuple[ScoredPair, ...] = ()

    @property
    def waits(self) -> bool:
        """Tell whether a person must choose."""
        return self.customer_id is None and bool(self.candidates)

    def why_it_waits(self, name: str) -> str:
        """Return what a person has to decide, in a sentence without a full stop."""
        many = len(self.candidates) > 1
        if self.how == "decision":
            return f"{name} was decided to be customer {self.candidates[0]}, which is not active any more"
        if self.how == "score":
            return f"{name} may be {'one of customers' if many else 'customer'} {', '.join(self.candidates)}"
        if many:
            return f"{name} is {len(self.candidates)} customers by {self.how}: {', '.join(self.candidates)}"
        return f"{name} is customer {self.candidates[0]} by {self.how}, and {self.evidence[0]}"


@dataclass(frozen=True, slots=True)
class _Customer:
    customer_id: str
    entity_id: str
    external_id: str | None
    email: str | None
    phone: str | None
    name: str
    is_company: bool

    def contradicts(self, buyer: Buyer) -> bool:
        """Tell whether both the own e-mail and the phone of the two are known and are others."""
        emails = (own_email(self.email), own_email(buyer.email))
        phones = (normal_phone(self.phone), normal_phone(buyer.phone))
        return None not in emails and None not in phones and emails[0] != emails[1] and phones[0] != phones[1]


def match_customers(
    cursor: duckdb.DuckDBPyConnection,
    buyers: Sequence[Buyer],
    decisions: Mapping[str, Decision],
    *,
    shared: Iterable[str | None] = (),
    known: Known | None = None,
) -> list[CustomerMatch]:
    """Return who each buyer is, in order.

    A decision of kind `customer`, then external id, then e-mail (never a relay address, an office's mailbox or a name
    that is another's), then name and address of earlier booked orders and of the customers' own addresses, then name
    and phone. The first step that names exactly one customer decides; one that names several waits for a person. For
    whom no step names anybody all fields are weighed: from the upper threshold on it decides, between the two it
    waits. `shared` are customers that stand for a whole marketplace: they are no person. `known` are the other
    decisions about who is who.
    """
    told = replace(known or Known(), chosen=decisions)
    apart = {customer for customer in shared if customer}
    steps = _Steps(cursor, buyers, apart, told)
    found = [steps.match(buyer) for buyer in buyers]
    open_ones = [n for n, match in enumerate(found) if match is None]
    scored = _scored(cursor, [buyers[n] for n in open_ones], apart, told) if open_ones else []
    for n, match in zip(open_ones, scored, strict=True):
        found[n] = match if match.how != "new" else replace(match, evidence=steps.namesakes(buyers[n]))
    return [match for match in found if match is not None]


class _Steps:
    """The steps that need no weighing, over what the mirror holds of these buyers."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: set[str], known: Known
    ) -> None:
        self._known, self._by_place = known, _by_place(cursor, buyers, shared)
        there = {c for found in self._by_place.values() for c in found}
        self._customers = [c for c in _customers(cursor, buyers, there) if c.customer_id not in shared]
        self._by_id = {c.customer_id: c for c in self._customers}
        self._by_external, self._by_email = _index(self._customers)
        self._by_phone, self._by_name = _names_index(self._customers)
        decided = [str(d.value["customer_id"]) for b in buyers if (d := known.chosen.get(b.external_id))]
        self._gone = {str(r[0]) for r in cursor.execute(_GONE, [decided]).fetchall()} if decided else set()

    def match(self, buyer: Buyer) -> CustomerMatch | None:
        """Return what the steps say, None where no step names anybody."""
        external_id = buyer.external_id
        held = self._known.chosen.get(external_id)
        if held is not None:
            return self._decided(held)
        for how, named in self._named(buyer, external_id):
            if not named:
                continue
            found = self._known.among(external_id, named)
            agreeing = {c: said for c, said in found.items() if self._is_him(c, buyer)}
            if len(agreeing) == 1:
                ((customer_id, said),) = agreeing.items()
                return CustomerMatch(customer_id, how, (said,))
            if found:
                doubt = "the name is another's" if how == "e-mail" else "e-mail and phone are another's"
                said_of = agreeing or dict.fromkeys(found, doubt)
                return CustomerMatch(None, how, tuple(said_of.values()), tuple(said_of))
        return None

    def namesakes(self, buyer: Buyer) -> tuple[str, ...]:
        """Return who has the same name and nothing else in common."""
        same = self._by_name.get(normal_name(buyer.shown_name), [])
        return (f"same name only: {', '.join(same[:5])}",) if same else ()

    def _decided(self, held: Decision) -> CustomerMatch:
        chosen = self._known.kept(str(held.value["customer_id"]))
        if chosen in self._gone:
            return CustomerMatch(None, "decision", (f"decided by {held.decided_by}, and gone since",), (chosen,))
        return CustomerMatch(chosen, "decision", (f"decided by {held.decided_by}",))

    def _is_him(self, customer_id: str, buyer: Buyer) -> bool:
        customer = self._by_id.get(customer_id)
        if customer is None or customer.external_id == buyer.external_id:
            return True
        agrees = customer.is_company or names_agree(customer.name, buyer.shown_name)
        return agrees and not customer.contradicts(buyer)

    def _named(self, buyer: Buyer, external_id: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        ours = self._by_external.get(external_id, [])
        yield "external id", [(c.customer_id, f"external id {c.external_id}") for c in ours]
        mailed = self._by_email.get(own_email(buyer.email) or "", [])
        yield "e-mail", [(c.customer_id, f"e-mail {c.email}") for c in mailed]
        yield "name and address", list(self._by_place.get(buyer.address_key or "", {}).items())
        phoned = self._by_phone.get((normal_name(buyer.shown_name), normal_phone(buyer.phone) or ""), [])
        yield "name and phone", [(c.customer_id, f"{c.name}, phone {c.phone}") for c in phoned]


def _index(customers: Sequence[_Customer]) -> tuple[dict[str, list[_Customer]], dict[str, list[_Customer]]]:
    """Return the customers by external id, and by their own e-mail."""
    by_external: dict[str, list[_Customer]] = {}
    by_email: dict[str, list[_Customer]] = {}
    for c in customers:
        if c.external_id:
            by_external.setdefault(c.external_id, []).append(c)
        if (own := own_email(c.email)) is not None:
            by_email.setdefault(own, []).append(c)
    return by_external, by_email


def _names_index(
    customers: Sequence[_Customer],
) -> tuple[dict[tuple[str, str], list[_Customer]], dict[str, list[str]]]:
    """Return the customers by name and phone, and the numbers of those of a name."""
    by_phone: dict[tuple[str, str], list[_Customer]] = {}
    by_name: dict[str, list[str]] = {}
    for c in customers:
        name = normal_name(c.name)
        by_name.setdefault(name, []).append(c.entity_id)
        if (phone := normal_phone(c.phone)) is not None:
            by_phone.setdefault((name, phone), []).append(c)
    return by_phone, by_name


def _customers(cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], ids: Iterable[str]) -> list[_Customer]:
    emails = {email for b in buyers if (email := own_email(b.email))}
    names = sorted({b.shown_name.lower() for b in buyers if b.shown_name})
    firsts, lasts = (
        sorted({n.split()[0] for n in names if n.split()}),
        sorted({n.split()[-1] for n in names if n.split()}),
    )
    externals = sorted({b.external_id for b in buyers})
    asked = (externals, sorted(emails), lasts, firsts, names, sorted(ids))
    rows = cursor.execute(_KNOWN, [listed(values) for values in asked]).fetchall()
    return [_Customer(*row) for row in rows]


def _by_place(
    cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: set[str]
) -> dict[str, dict[str, str]]:
    """Return address key → customer → evidence: of orders booked earlier, and of the customers' own addresses."""
    codes = sorted({b.postal_code for b in buyers if b.postal_code})
    wanted = {b.address_key for b in buyers} - {None}
    names = sorted({key.partition("|")[0] for key in wanted if key})
    found: dict[str, dict[str, str]] = {}
    earlier = cursor.execute(_EARLIER, [listed(codes), listed(names)]).fetchall()
    for name, street, code, country, customer_id, order_id in earlier:
        key = normal_address(name or "", street, code, country)
        if key in wanted and customer_id not in shared:
            found.setdefault(key or "", {})[customer_id] = f"order {order_id} to the same name and address"
    for name, street, code, country, customer_id in cursor.execute(
        _ADDRESSES, [listed(sorted({form for c in codes for form in (c[:5], c[:5].upper(), c[:5].lower())}))]
    ).fetchall():
        key = normal_address(name or "", street, code, country or "US")
        if key in wanted and customer_id not in shared:
            found.setdefault(key or "", {}).setdefault(customer_id, "the customer's own name and address")
    return {key: dict(sorted(who.items())) for key, who in found.items()}


def _scored(
    cursor: duckdb.DuckDBPyConnection, buyers: Sequence[Buyer], shared: set[str], known: Known
) -> list[CustomerMatch]:
    load_people(cursor, buyers, shared)
    score_pairs(cursor, known.scoring, of_buyers=True)
    by_buyer: dict[str, list[ScoredPair]] = {}
    for pair in read_pairs(cursor, known.scoring.lower):
        by_buyer.setdefault(pair.left, []).append(pair)
    return [_judged(buyer, by_buyer.get(f"#{n}", []), known) for n, buyer in enumerate(buyers)]


def _judged(buyer: Buyer, pairs: Sequence[ScoredPair], known: Known) -> CustomerMatch:
    """Return the best candidate where he stands alone above the upper threshold, else the candidates, best first."""
    by_customer: dict[str, ScoredPair] = {}
    for pair in pairs:
        if not known.are_apart(buyer.external_id, pair.right):
            by_customer.setdefault(known.kept(pair.right), pair)
    ranked = [(c, p) for c, p in by_customer.items() if not known.are_apart(buyer.external_id, c)]
    if not ranked:
        return CustomerMatch(None, "new")
    scoring, (best, top) = known.scoring, ranked[0]
    is_alone = len(ranked) == 1 or ranked[1][1].bits < top.bits - scoring.margin
    evidence = tuple(f"{pair.percent} %: {pair.said()}" for _, pair in ranked)
    scored = tuple(pair for _, pair in ranked)
    if top.bits >= scoring.upper and top.may_link and is_alone:
        return CustomerMatch(best, "score", evidence[:1], scored=scored)
    return CustomerMatch(None, "score", evidence, tuple(c for c, _ in ranked), scored)
