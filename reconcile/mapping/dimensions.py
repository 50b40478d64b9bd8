"""Departments, classes and locations that people decided for some lines of a channel's documents.

Decision kind `dimensions`; the subject is scope|account key|fulfilment|month, each but the scope `*` for all:
`amazon.US|*|channel|*` is all that Amazon ships in the US, `amazon|referral_fees|*|2026-11..` the referral fees of all
Amazon channels from November on. The value names department_id, class_id, location_id and entity_id, one or more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb

from reconcile.settlement import LedgerAccount
from reconcile.settlement.policy import DimensionRule
from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = ["FIELDS", "dimension_names", "dimension_rules", "dimensions_problem", "dimensions_text"]

FIELDS = ("department_id", "class_id", "location_id", "entity_id")
_ANY = "*"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(\.\.)?")
_NAMES = """
SELECT kind || '_id', segment_id, name FROM segments
UNION ALL SELECT 'location_id', location_id, name FROM locations
UNION ALL SELECT 'entity_id', customer_id, coalesce(company_name, entity_id) FROM customers
    WHERE customer_id IN (SELECT unnest($1::VARCHAR[]))
"""


def dimensions_problem(subject: str, value: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a decision of kind `dimensions`, None where it can be used."""
    parts = subject.split("|")
    if len(parts) != 4 or not all(parts):
        return "the subject is scope|account key|fulfilment|month, * for all"
    if parts[2] not in (_ANY, "channel", "seller"):
        return "fulfilment is channel, seller or *"
    if parts[3] != _ANY and not _MONTH.fullmatch(parts[3]):
        return "month is such as 2026-11, 2026-11.. from then on, or *"
    if unknown := sorted(set(value) - set(FIELDS)):
        return f"{', '.join(unknown)} is unknown; use {', '.join(FIELDS)}"
    if not any(value.values()) or not all(isinstance(v, str) for v in value.values() if v is not None):
        return f"it names none of {', '.join(FIELDS)}"
    return None


def dimension_rules(channel: str, decisions: Mapping[str, Decision]) -> tuple[DimensionRule, ...]:
    """Return the rules that hold in a channel, the most telling first: month, then fulfilment, then scope.

    Raises:
        BadInput: a decision cannot be used.
    """
    scopes = (channel, channel.partition(".")[0], "default")
    found: list[tuple[tuple[int, ...], str, DimensionRule]] = []
    for subject, decision in decisions.items():
        wrong = dimensions_problem(subject, decision.value)
        if wrong is not None:
            raise BadInput(
                f"the dimensions {subject} cannot be used: {wrong}", remedy="Decide them again", value=subject
            )
        scope, key, fulfilled, month = subject.split("|")
        if scope not in scopes:
            continue
        said = {name: str(decision.value[name]) for name in FIELDS if decision.value.get(name)}
        rule = DimensionRule(_given(key), _given(fulfilled), _given(month), **said)
        telling = (month == _ANY, ".." in month, fulfilled == _ANY, scopes.index(scope))
        found.append((telling, month, rule))
    # Of two that begin in different months the later one holds.
    found.sort(key=lambda f: f[1], reverse=True)
    return tuple(rule for _, _, rule in sorted(found, key=lambda f: f[0]))


def _given(text: str) -> str | None:
    return None if text == _ANY else text


def dimension_names(cursor: duckdb.DuckDBPyConnection, entities: list[str] | None = None) -> Mapping[str, str]:
    """Return `field:id` → name of departments, classes and locations, and of the named customers."""
    rows = cursor.execute(_NAMES, [entities or []]).fetchall()
    return {f"{kind}:{i}": str(name) for kind, i, name in rows}


def dimensions_text(account: LedgerAccount, names: Mapping[str, str]) -> str:
    """Return an account's dimensions for people, `Marketplaces / FBA / Main`, empty where it has none."""
    said = [(name, str(value)) for name in FIELDS if (value := getattr(account, name))]
    return " / ".join(names.get(f"{name}:{value}", f"{name.removesuffix('_id')} {value}") for name, value in said)
