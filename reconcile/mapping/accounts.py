"""Ledger accounts and line types of settlements: what ships as data, under what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from reconcile.settlement import AccountMap, JournalPolicy, LedgerAccount, Rule, Rules, load_accounts, load_rules
from reconcile.settlement.accounts import InactiveAccount
from reconcile.settlement.policy import policy_problem
from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = [
    "DIMENSIONS",
    "UNDEPOSITED_FUNDS",
    "account_map",
    "account_subject",
    "journal_policy",
    "line_type_subject",
    "settlement_rules",
]

#: The special type of the account that payments and cash sales lie in until a deposit takes them.
UNDEPOSITED_FUNDS = "UndepFunds"
DIMENSIONS = ("department_id", "class_id", "location_id", "entity_id", "item_id")


def account_subject(scope: str, key: str) -> str:
    """Return the subject of a decision of kind `account`; scope is a channel, a vendor or `default`."""
    return f"{scope}|{key}"


def line_type_subject(vendor: str, transaction_type: str, amount_type: str, description: str) -> str:
    """Return the subject of a decision of kind `line_type`."""
    return "|".join((vendor, transaction_type, amount_type, description))


def settlement_rules(decisions: Mapping[str, Decision]) -> Rules:
    """Return the shipped rules under the decisions of kind `line_type` (value {category, account_key}).

    Raises:
        BadInput: a decision's subject has not four parts, or its value lacks one of its two fields.
    """
    decided = []
    for subject, decision in decisions.items():
        # A description may hold the separator; what stands before it may not.
        parts = subject.split("|", 3)
        value = decision.value
        if len(parts) != 4 or not {"category", "account_key"} <= set(value):
            raise BadInput(
                f"the decision on line type {subject} cannot be used",
                remedy="Decide it again with category and account_key",
                value=str(dict(value)),
            )
        vendor, kind, amount, text = parts
        decided.append(Rule(vendor, kind, amount, text, str(value["category"]), str(value["account_key"])))
    return load_rules().with_rules(decided)


def account_map(cursor: duckdb.DuckDBPyConnection, decisions: Mapping[str, Decision]) -> AccountMap:
    """Return account key → account with the ERP's ids: decisions of kind `account` over the shipped defaults.

    A decision's value names the account by `account_id` or `number`, and may name department, class, location,
    entity (customer or vendor) and the item that a cash sale sells for it.
    Undeposited funds are, where nobody has decided, the ERP's own account of them, whatever its number.
    An account that the ERP does not have has no `account_id`; one that is inactive there is an `InactiveAccount`.
    """
    by_id, by_number = _chart(cursor)
    system = _system_account(cursor, by_id)
    shipped = load_accounts()
    accounts = AccountMap(
        {
            scope: {key: _placed(account, by_number.get(account.number)) for key, account in entries.items()}
            for scope, entries in shipped.scopes.items()
        }
    )
    if system is not None:
        shipped_one = shipped.scopes.get("default", {}).get("undeposited", system)
        accounts = accounts.with_account("default", "undeposited", _placed(shipped_one, system))
    for subject, decision in decisions.items():
        scope, _, key = subject.partition("|")
        value = decision.value
        found = by_id.get(str(value.get("account_id", ""))) or by_number.get(str(value.get("number", "")))
        said = str(value.get("account_id") or value.get("number") or "")
        account = replace(found or LedgerAccount(said, "not in NetSuite"), **_dimensions(value))
        accounts = accounts.with_account(scope, key, account)
    return accounts


def journal_policy(channel: str, decisions: Mapping[str, Decision]) -> JournalPolicy:
    """Return how settlements are posted: decision of kind `policy`, subject `settlements|channel` or `settlements`.

    A value's field `auto` is of another policy and left alone.

    Raises:
        BadInput: the value cannot be used; says which field, and what it may be.
    """
    held = decisions.get(f"settlements|{channel}") or decisions.get("settlements")
    if held is None:
        return JournalPolicy()
    value = {name: said for name, said in held.value.items() if name != "auto"}
    wrong = policy_problem(value)
    if wrong is not None:
        raise BadInput(
            f"the policy of settlements cannot be used: {wrong}",
            remedy="Decide it again",
            value=str(dict(held.value)),
        )
    return JournalPolicy(**value)


def _chart(cursor: duckdb.DuckDBPyConnection) -> tuple[dict[str, LedgerAccount], dict[str, LedgerAccount]]:
    # Of several with one number an active one is meant: the first by id.
    rows = cursor.execute(
        "SELECT account_id, coalesce(number, ''), name, inactive FROM accounts ORDER BY inactive, account_id"
    ).fetchall()
    chart = [(InactiveAccount if gone else LedgerAccount)(number, name, key) for key, number, name, gone in rows]
    by_id = {str(a.account_id): a for a in chart}
    return by_id, {a.number: a for a in reversed(chart) if a.number}


def _system_account(cursor: duckdb.DuckDBPyConnection, by_id: Mapping[str, LedgerAccount]) -> LedgerAccount | None:
    """Return the ERP's own account of undeposited funds; None where the mirror knows none, or several."""
    rows = cursor.execute(
        "SELECT account_id FROM accounts WHERE special_type = $1 AND NOT inactive", [UNDEPOSITED_FUNDS]
    ).fetchall()
    return by_id[str(rows[0][0])] if len(rows) == 1 else None


def _placed(shipped: LedgerAccount, found: LedgerAccount | None) -> LedgerAccount:
    return replace(found, **{name: getattr(shipped, name) for name in DIMENSIONS}) if found else shipped


def _dimensions(value: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value[name]) for name in DIMENSIONS if value.get(name)}
