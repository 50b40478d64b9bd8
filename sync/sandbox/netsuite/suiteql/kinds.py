"""What kind of value an expression is: date, text or number. SuiteQL's operators depend on it, DuckDB's too."""

from __future__ import annotations

from sqlglot import exp

from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.names import source_of

__all__ = ["is_date", "kind_of"]

_COLUMN_KINDS = {"int": "number", "num": "number", "rate": "number", "str": "text", "date": "date", "ts": "date"}

_DATES = (exp.CurrentTimestamp, exp.CurrentDate, exp.LastDay, exp.AddMonths, exp.NextDay)
_TEXTS = (
    exp.DPipe,
    exp.Concat,
    exp.Upper,
    exp.Lower,
    exp.Initcap,
    exp.Substring,
    exp.Replace,
    exp.Trim,
    exp.Pad,
    exp.RegexpReplace,
    exp.RegexpSubstr,
    exp.Translate,
)
_CALLS = {
    "NS_TO_DATE": "date",
    "NS_TO_TIMESTAMP": "date",
    "NEXT_DAY": "date",
    "NS_TO_CHAR": "text",
    "BUILTIN_DF": "text",
    "BUILTIN_CF": "text",
}
#: The kind of these is the kind of their first argument.
_SAME = (exp.Paren, exp.Alias, exp.Max, exp.Min, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Neg, exp.Window)


def is_date(node: exp.Expr, catalog: Catalog) -> bool:
    """Say whether an expression is a date or a date-time."""
    return kind_of(node, catalog) == "date"


def kind_of(node: exp.Expr, catalog: Catalog) -> str | None:
    """Return date, text, number, or None where it cannot be told (a parameter)."""
    if isinstance(node, exp.Column):
        return _column_kind(node, catalog)
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, exp.Cast):
        kind = node.to.this
        return "date" if kind in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP) else None
    if isinstance(node, _DATES):
        return "date"
    if isinstance(node, _TEXTS):
        return "text"
    if isinstance(node, exp.Anonymous):
        return _call_kind(node, catalog)
    if isinstance(node, exp.Add | exp.Sub):
        return _sum_kind(node, catalog)
    if isinstance(node, _SAME):
        return kind_of(node.this, catalog)
    return _branch_kind(node, catalog)


def _column_kind(column: exp.Column, catalog: Catalog) -> str | None:
    source = source_of(column)
    if isinstance(source, exp.Table):
        return _COLUMN_KINDS.get(catalog.tables.get(source.name.lower(), {}).get(column.name.lower(), ""))
    if isinstance(source, exp.Subquery):
        inner = source.this
        while isinstance(inner, exp.SetOperation | exp.Subquery):
            inner = inner.this
        for projection in inner.expressions:
            if projection.alias_or_name == column.name:
                return kind_of(projection, catalog)
    return None


def _call_kind(node: exp.Anonymous, catalog: Catalog) -> str | None:
    name = str(node.this).upper()
    if name in ("NS_TRUNC", "NS_ROUND") and node.expressions:
        return kind_of(node.expressions[0], catalog)
    return _CALLS.get(name)


def _sum_kind(node: exp.Expr, catalog: Catalog) -> str | None:
    left, right = kind_of(node.this, catalog), kind_of(node.expression, catalog)
    if "date" in (left, right):
        return "number" if left == right else "date"
    return "number"


def _branch_kind(node: exp.Expr, catalog: Catalog) -> str | None:
    if isinstance(node, exp.Nvl2):
        return kind_of(node.args["true"], catalog)
    if isinstance(node, exp.Case):
        return kind_of(node.args["ifs"][0].args["true"], catalog)
    if isinstance(node, exp.DecodeCase) and len(node.expressions) > 2:
        return kind_of(node.expressions[2], catalog)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
        return kind_of(node.this.expressions[0], catalog)
    if isinstance(node, exp.Count | exp.Sum | exp.Avg | exp.Length | exp.Mul | exp.Div | exp.ToNumber | exp.Abs):
        return "number"
    return None
