"""Pairs of records that may be one person, scored field by field: blocking, then Fellegi-Sunter weights, all in SQL.

Sources: I. P. Fellegi, A. B. Sunter, "A Theory for Record Linkage", 1969; the weight of a name by its frequency after
W. E. Winkler. Pairs that a rule rules out for linking without a person keep their score (`may_link` is false).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from reconcile.customers.weights import FIELDS, Scoring

__all__ = ["FieldEvidence", "ScoredPair", "read_pairs", "score_pairs"]

# Of customers alone: how many orders wait must not change who their buyers are.
#: What more records than this share says nothing about who they are: a switchboard, a filler, a town's biggest house.
_MOST_IN_A_BLOCK = 60
#: A name counts as rare only as far as a file of so many people could show it.
_LEAST_POPULATION = 20_000
_BLOCKS = f"""
CREATE OR REPLACE TEMP TABLE blocks AS
WITH keyed AS (
    SELECT person, is_buyer, 'e' || email AS block FROM temp.people WHERE email IS NOT NULL
    UNION ALL SELECT person, is_buyer, 'l' || local FROM temp.people WHERE length(local) >= 5
    UNION ALL SELECT DISTINCT person, is_buyer, 'p' || unnest(phone_ends) FROM temp.people
    UNION ALL SELECT DISTINCT person, is_buyer, 'h' || unnest(houses) FROM temp.people
    UNION ALL SELECT DISTINCT person, is_buyer, 'z' || left(last, 4) || '|' || unnest(postals) FROM temp.people
    UNION ALL SELECT person, is_buyer, 'k' || sorted_name FROM temp.people WHERE length(sorted_name) > 4
)
SELECT block, person, is_buyer FROM keyed
QUALIFY count(*) FILTER (WHERE NOT is_buyer) OVER (PARTITION BY block) BETWEEN 1 AND {_MOST_IN_A_BLOCK}
"""  # noqa: S608 - our names
_CANDIDATES = """
CREATE OR REPLACE TEMP TABLE candidate_pairs AS
SELECT DISTINCT a.person AS left_person, b.person AS right_person
FROM temp.blocks a JOIN temp.blocks b ON b.block = a.block AND {side}
"""
_SIDES = {True: "a.is_buyer AND NOT b.is_buyer", False: "a.person < b.person"}
_NAME = """
CASE WHEN a.name = '' OR b.name = '' THEN NULL
    WHEN a.company OR b.company THEN CASE
        WHEN a.name = b.name THEN 'same'
        WHEN least(length(a.name), length(b.name)) >= 6 AND jaro_winkler_similarity(a.name, b.name) >= 0.93 THEN 'typo'
        ELSE 'differs' END
    WHEN coalesce(a.suffix <> b.suffix, false)
        OR (a.last = b.last AND a.root = b.root AND coalesce(left(a.middle, 1) <> left(b.middle, 1), false))
        THEN 'parent or child'
    WHEN a.first = b.first AND a.last = b.last THEN 'same'
    WHEN a.sorted_name = b.sorted_name OR (a.first = b.last AND a.last = b.first) THEN 'swapped'
    WHEN a.last = b.last AND a.root = b.root THEN 'nickname'
    WHEN a.last = b.last AND least(length(a.first), length(b.first)) = 1 AND left(a.first, 1) = left(b.first, 1)
        THEN 'initial'
    WHEN a.last = b.last AND least(length(a.first), length(b.first)) >= 4
        AND damerau_levenshtein(a.first, b.first) = 1 THEN 'typo'
    WHEN a.first = b.first AND least(length(a.last), length(b.last)) >= 4
        AND damerau_levenshtein(a.last, b.last) = 1 THEN 'typo'
    WHEN a.last = b.last THEN 'last name only'
    WHEN a.root = b.root THEN 'first name only'
    ELSE 'differs' END
"""
# Numbers in an address tell namesakes apart: jane.doe1 and jane.doe2 are no typo.
_EMAIL = """
CASE WHEN a.email IS NULL OR b.email IS NULL THEN NULL
    WHEN a.email = b.email THEN CASE WHEN a.is_shared THEN 'shared mailbox' ELSE 'same' END
    WHEN a.is_shared OR b.is_shared THEN 'differs'
    WHEN regexp_replace(a.local, '[^0-9]', '', 'g') <> regexp_replace(b.local, '[^0-9]', '', 'g') THEN 'differs'
    WHEN a.domain = b.domain AND least(length(a.local), length(b.local)) >= 6
        AND damerau_levenshtein(a.local, b.local) = 1 THEN 'typo'
    WHEN a.local = b.local AND length(a.local) >= 5 AND damerau_levenshtein(a.domain, b.domain) = 1 THEN 'typo'
    WHEN a.local = b.local AND length(a.local) >= 5 THEN 'same before the @'
    ELSE 'differs' END
"""
_PHONE = """
CASE WHEN len(a.phones) = 0 OR len(b.phones) = 0 THEN NULL
    WHEN list_has_any(a.phones, b.phones) THEN 'same'
    WHEN damerau_levenshtein(a.phones[1], b.phones[1]) = 1 THEN 'one digit off'
    ELSE 'differs' END
"""
_ADDRESS = """
CASE WHEN len(a.places) = 0 OR len(b.places) = 0 THEN NULL
    WHEN list_has_any(a.places, b.places) THEN 'same'
    WHEN list_has_any(a.houses, b.houses)
        AND jaro_winkler_similarity(a.places[1], b.places[1]) >= 0.88 THEN 'same house'
    WHEN list_has_any(a.postals, b.postals) THEN 'same postal code'
    ELSE 'differs' END
"""
_SCORED = """
CREATE OR REPLACE TEMP TABLE scored_pairs AS
WITH size AS (SELECT greatest(count(*), {population}) AS people FROM customers),
frequency AS (
    SELECT CASE WHEN company THEN name ELSE root || ' ' || last END AS shown, count(*) AS times
    FROM temp.people WHERE NOT is_buyer GROUP BY ALL
),
compared AS (
    SELECT c.left_person, c.right_person, {name} AS name, {email} AS email, {phone} AS phone, {address} AS address,
        a.is_mixed OR b.is_mixed AS is_mixed, a.company <> b.company AS is_company_and_person,
        coalesce(a.suffix, '') <> coalesce(b.suffix, '') AS is_suffixed,
        coalesce(a.middle, '') <> coalesce(b.middle, '') AS is_middle_alone,
        greatest(coalesce(fa.times, 1), coalesce(fb.times, 1)) AS times
    FROM temp.candidate_pairs c
    JOIN temp.people a ON a.person = c.left_person JOIN temp.people b ON b.person = c.right_person
    LEFT JOIN frequency fa ON fa.shown = CASE WHEN a.company THEN a.name ELSE a.root || ' ' || a.last END
    LEFT JOIN frequency fb ON fb.shown = CASE WHEN b.company THEN b.name ELSE b.root || ' ' || b.last END
),
weighed AS (
    SELECT *,
        CASE WHEN name IS NULL THEN 0 WHEN {name_m}[name] > {name_u}[name]
            THEN log2({name_m}[name] / greatest({name_u}[name], times / people)) ELSE {weights}['name|' || name] END
            AS name_bits,
        coalesce({weights}['email|' || email], 0) AS email_bits,
        coalesce({weights}['phone|' || phone], 0) AS phone_bits,
        coalesce({weights}['address|' || address], 0) AS address_bits
    FROM compared CROSS JOIN size
)
SELECT left_person, right_person, name, email, phone, address, name_bits, email_bits, phone_bits, address_bits,
    {prior} + name_bits + email_bits + phone_bits + address_bits AS bits,
    coalesce(name IN ('same', 'swapped', 'nickname', 'typo'), false) AND NOT is_mixed AND NOT is_company_and_person
        AND NOT is_suffixed AND (coalesce(email = 'same', false)
            OR (NOT is_middle_alone AND (coalesce(phone = 'same', false) OR coalesce(address = 'same', false))))
        AS may_link
FROM weighed
"""


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One field of a pair: how it agrees (None: one side lacks it), what that weighs in bits, and both values."""

    field: str
    level: str | None
    bits: float
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two records; `bits` is the logarithm (base 2) of the odds that they are one person."""

    left: str
    right: str
    bits: float
    #: No rule stands against linking them without a person.
    may_link: bool
    fields: tuple[FieldEvidence, ...]

    @property
    def percent(self) -> int:
        """Return the probability that they are one person, 0 to 100; 100 is never claimed."""
        odds = 2.0 ** min(self.bits, 60)
        return min(int(100 * odds / (1 + odds)), 99)

    def turned(self) -> ScoredPair:
        """Return the same pair with its sides exchanged."""
        fields = tuple(FieldEvidence(f.field, f.level, f.bits, f.right, f.left) for f in self.fields)
        return ScoredPair(self.right, self.left, self.bits, self.may_link, fields)

    def said(self) -> str:
        """Return the evidence in a line: what agrees, then what does not."""
        known = [f for f in self.fields if f.level is not None]
        for_it = [f"{f.field} {f.level} +{f.bits:.0f}" for f in known if f.bits > 0]
        against = [f"{f.field} {f.level} {f.bits:.0f}" for f in known if f.bits <= 0]
        return ", ".join([*for_it, *against])


def score_pairs(cursor: duckdb.DuckDBPyConnection, scoring: Scoring, *, of_buyers: bool) -> None:
    """Score the pairs of temp table `people` into `scored_pairs`: each buyer with customers, or customers alike."""
    cursor.execute(_BLOCKS)
    cursor.execute(_CANDIDATES.format(side=_SIDES[of_buyers]))
    cursor.execute(
        _SCORED.format(
            population=_LEAST_POPULATION,
            name=_NAME,
            email=_EMAIL,
            phone=_PHONE,
            address=_ADDRESS,
            weights=_map(scoring.weights),
            name_m=_map(scoring.name_m),
            name_u=_map(scoring.name_u),
            prior=scoring.prior,
        )
    )


def _map(values: object) -> str:
    assert isinstance(values, dict)
    return "MAP {" + ", ".join(f"'{k}': {float(v):.6f}::DOUBLE" for k, v in values.items()) + "}"


# A name alone, and be it rare, is a namesake: something to reach a person by must agree too. Who lives together and is
# called otherwise is a household, unless they share a mailbox.
_SHOWN = "array_to_string(list_slice({0}, 1, 3), '; ')"
_READ = f"""
SELECT s.left_person, s.right_person, s.bits, s.may_link, s.name, s.name_bits, left(a.full_name, 80),
    left(b.full_name, 80), s.email, s.email_bits, a.email, b.email, s.phone, s.phone_bits,
    {_SHOWN.format("a.phones")}, {_SHOWN.format("b.phones")}, s.address, s.address_bits,
    replace({_SHOWN.format("a.places")}, '|', ', '), replace({_SHOWN.format("b.places")}, '|', ', ')
FROM temp.scored_pairs s JOIN temp.people a ON a.person = s.left_person JOIN temp.people b ON b.person = s.right_person
WHERE s.bits >= $1 AND greatest(s.email_bits, s.phone_bits, s.address_bits) > 1
    AND NOT (coalesce(s.name IN ('last name only', 'parent or child', 'differs'), false)
        AND coalesce(s.email NOT IN ('same', 'typo'), true))
ORDER BY s.left_person, s.bits DESC, length(s.right_person), s.right_person
"""  # noqa: S608 - our names


def read_pairs(cursor: duckdb.DuckDBPyConnection, least: float) -> list[ScoredPair]:
    """Return the scored pairs from `least` bits on, by left record, the best first."""
    return [_pair(row) for row in cursor.execute(_READ, [least]).fetchall()]


def _pair(row: tuple[object, ...]) -> ScoredPair:
    left, right, bits, may_link, *rest = row
    fields = tuple(
        FieldEvidence(name, str(level) if level else None, float(str(weight)), str(a or ""), str(b or ""))
        for name, (level, weight, a, b) in zip(FIELDS, (rest[n : n + 4] for n in range(0, 16, 4)), strict=True)
    )
    return ScoredPair(str(left), str(right), float(str(bits)), bool(may_link), fields)
