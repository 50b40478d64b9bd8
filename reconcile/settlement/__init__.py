"""Settlements: which account each line belongs to, what they add to, and the journals that post them.

Pure functions over lines and rules: no HTTP, no screen, no database.
"""

from __future__ import annotations

from reconcile.settlement.accounts import AccountMap, LedgerAccount, load_accounts
from reconcile.settlement.breakdown import Breakdown, CategoryTotal, TypeTotal, break_down
from reconcile.settlement.categories import CATEGORIES, Category, category
from reconcile.settlement.classify import (
    Classified,
    Placement,
    Rule,
    Rules,
    UnmappedType,
    classify,
    classify_groups,
    load_rules,
)
from reconcile.settlement.groups import LineGroup, group_lines
from reconcile.settlement.journal import Journal, JournalLine, chunk, journals, lines_behind
from reconcile.settlement.months import MonthPart, split_months
from reconcile.settlement.policy import Dimensions, JournalPolicy
from reconcile.settlement.summary import SettlementSummary, summarise

__all__ = [
    "CATEGORIES",
    "AccountMap",
    "Breakdown",
    "Category",
    "CategoryTotal",
    "Classified",
    "Dimensions",
    "Journal",
    "JournalLine",
    "JournalPolicy",
    "LedgerAccount",
    "LineGroup",
    "MonthPart",
    "Placement",
    "Rule",
    "Rules",
    "SettlementSummary",
    "TypeTotal",
    "UnmappedType",
    "break_down",
    "category",
    "chunk",
    "classify",
    "classify_groups",
    "group_lines",
    "journals",
    "lines_behind",
    "load_accounts",
    "load_rules",
    "split_months",
    "summarise",
]
