"""Oracle's meaning in DuckDB's words: rules R4 to R9, applied from the leaves up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.displays import rewrite_builtin
from sync.sandbox.netsuite.suiteql.formats import date_pattern, number_text
from sync.sandbox.netsuite.suiteql.kinds import kind_of
from sync.sandbox.netsuite.suiteql.refusal import unsupported

__all__ = ["MACROS", "OWN_FUNCTIONS", "Context", "rewrite"]

#: Functions that are renamed `NS_…` before sqlglot reads them, and rewritten here.
OWN_FUNCTIONS = frozenset({"TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "TRUNC", "ROUND"})

#: Set up once in each database: how Oracle writes a number, and its months that keep the end of the month.
MACROS = (
    """CREATE MACRO ns_text(x) AS CASE WHEN contains(CAST(x AS VARCHAR), '.')
       THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.') ELSE CAST(x AS VARCHAR) END""",
    """CREATE MACRO ns_number(t, grouped, zero, width) AS lpad(
       CASE WHEN NOT zero AND regexp_matches(t, '^-?0\\.') THEN regexp_replace(t, '^(-?)0\\.', '\\1.')
            WHEN grouped THEN regexp_replace(format('{:,}', CAST(split_part(t, '.', 1) AS BIGINT)), '^0$',
                 CASE WHEN starts_with(t, '-') THEN '-0' ELSE '0' END)
                 || CASE WHEN contains(t, '.') THEN '.' || split_part(t, '.', 2) ELSE '' END
            ELSE t END, CAST(greatest(width, length(t)) AS INTEGER), ' ')""",
    """CREATE MACRO ns_add_months(x, n) AS CASE WHEN last_day(CAST(x AS DATE)) = CAST(x AS DATE)
       THEN CAST(last_day(CAST(x AS DATE) + to_months(CAST(n AS INTEGER))) AS TIMESTAMP)
            + (CAST(x AS TIMESTAMP) - date_trunc('day', CAST(x AS TIMESTAMP)))
       ELSE CAST(x AS TIMESTAMP) + to_months(CAST(n AS INTEGER)) END""",
)

_UNITS = {
    **dict.fromkeys(("MM", "MON", "MONTH"), "month"),
    **dict.fromkeys(("YYYY", "YEAR", "Y", "YY", "SYYYY"), "year"),
    **dict.fromkeys(("DD", "DDD", "J"), "day"),
    **dict.fromkeys(("HH", "HH24", "HH12"), "hour"),
    "Q": "quarter",
    "MI": "minute",
    "IW": "week",
}
#: Half a unit: a date on or after it rounds up.
_HALVES = {"month": ("day", 16), "year": ("month", 7), "day": ("hour", 12)}


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules need: the catalog, the account's date pattern (strftime), and its local time as ISO text."""

    catalog: Catalog
    date_pattern: str
    local_now: str


def rewrite(tree: exp.Expr, context: Context) -> exp.Expr:
    """Return the tree with Oracle's meaning; the tree must be qualified.

    Raises:
        Refused: for a construct or format that is not supported.
    """
    nodes = list(tree.walk(bfs=True))
    for node in nodes:
        # Kinds are taken before any rule changes what they are read from.
        node.meta["kind"] = kind_of(node, context.catalog)
        if isinstance(node, exp.Add) and (_kind(node.this), _kind(node.expression)) == ("text", "text"):
            raise unsupported()
    for node in nodes:
        if isinstance(node, exp.Add) and _kind(node.this) == _kind(node.expression) == "text":
            raise unsupported()
    root = tree
    for node in reversed(nodes):
        rule = next((r for kinds, r in _RULES if isinstance(node, kinds)), None)
        if rule is None:
            continue
        made = rule(node, context)
        if made is not node:
            made.meta.setdefault("kind", node.meta.get("kind"))
            if node is root:
                root = made
            node.replace(made)
    return root


def _kind(node: exp.Expr | None) -> str | None:
    found: str | None = node.meta.get("kind") if node is not None else None
    return found


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, "TIMESTAMP")


def _not_empty(node: exp.Expr) -> exp.Expr:
    """Oracle's empty text is NULL."""
    return exp.Nullif(this=node, expression=_text(""))


def _as_text(node: exp.Expr, context: Context) -> exp.Expr:
    kind = _kind(node)
    if kind == "text":
        return node
    if kind == "date":
        return _call("strftime", _moment(node), _text(context.date_pattern))
    return _call("ns_text", node) if kind == "number" else exp.cast(node, "VARCHAR")


def _own_call(node: exp.Expr, context: Context) -> exp.Expr:
    name = str(node.this).upper()
    if name.startswith("BUILTIN_") and isinstance(node, exp.Anonymous):
        return rewrite_builtin(node, context.catalog)
    made = _OWN.get(name)
    if made is None:
        return node
    if not 1 <= len(node.expressions) <= 2:
        raise unsupported()
    value = node.expressions[0]
    return made(value, node.expressions[1] if len(node.expressions) > 1 else None, context)


def _model(node: exp.Expr | None) -> str | None:
    """Return a format model, which must be written out."""
    if node is None:
        return None
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise unsupported()
    return str(node.name)


def _to_char(value: exp.Expr, second: exp.Expr | None, context: Context) -> exp.Expr:
    model = _model(second)
    if model is None:
        return _as_text(value, context)
    if _kind(value) == "date":
        if model.upper() == "Q":
            return exp.cast(_call("quarter", _moment(value)), "VARCHAR")
        written = _call("strftime", _moment(value), _text(date_pattern(model)))
        return _call("upper", written) if "MON" in model or "DY" in model else written
    if _kind(value) == "number":
        return number_text(value, model)
    raise unsupported()


def _to_date(value: exp.Expr, second: exp.Expr | None, context: Context) -> exp.Expr:
    if _kind(value) == "date":
        return _moment(value)
    model = _model(second)
    pattern = date_pattern(model) if model is not None else context.date_pattern
    return _call("strptime", exp.cast(value, "VARCHAR"), _text(pattern))


def _unit(node: exp.Expr | None) -> str:
    name = (_model(node) or "DD").upper()
    if name not in _UNITS:
        raise unsupported()
    return _UNITS[name]


def _truncate(value: exp.Expr, second: exp.Expr | None, context: Context) -> exp.Expr:
    if _kind(value) == "date":
        return _call("date_trunc", _text(_unit(second)), _moment(value))
    return _call("trunc", value, second) if second is not None else _call("trunc", value)


def _round(value: exp.Expr, second: exp.Expr | None, context: Context) -> exp.Expr:
    if _kind(value) != "date":
        return _call("round", value, second if second is not None else exp.Literal.number(0))
    unit = _unit(second)
    if unit not in _HALVES:
        raise unsupported()
    part, half = _HALVES[unit]
    floor = _call("date_trunc", _text(unit), _moment(value))
    above = exp.Add(this=floor.copy(), expression=exp.Interval(this=_text("1"), unit=exp.var(unit)))
    late = exp.GTE(this=_call(part, _moment(value.copy())), expression=exp.Literal.number(half))
    return exp.Case(ifs=[exp.If(this=late, true=above)], default=floor)


def _join_texts(node: exp.Expr, context: Context) -> exp.Expr:
    parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
    joined: exp.Expr | None = None
    for part in parts:
        safe = exp.Coalesce(this=_as_text(part, context), expressions=[_text("")])
        joined = safe if joined is None else exp.DPipe(this=joined, expression=safe)
    return _not_empty(joined if joined is not None else exp.null())


def _date_sum(node: exp.Expr, context: Context) -> exp.Expr:
    left, right = node.this, node.expression
    kinds = (_kind(left), _kind(right))
    if "date" not in kinds:
        return node
    if kinds == ("date", "date"):
        if isinstance(node, exp.Add):
            raise unsupported()
        days = _call("date_diff", _text("microsecond"), _moment(right), _moment(left))
        return exp.Paren(this=exp.Div(this=days, expression=exp.Literal.number("86400000000.0")))
    if kinds[1] == "date":
        if isinstance(node, exp.Sub):
            raise unsupported()
        left, right = right, left
    seconds = exp.cast(exp.Mul(this=exp.Paren(this=right), expression=exp.Literal.number(86400)), "DOUBLE")
    made = type(node)(this=_moment(left), expression=_call("to_seconds", seconds))
    return exp.Paren(this=made)


def _compare_dates(node: exp.Expr, context: Context) -> exp.Expr:
    """Read a text beside a date by the account's date format, as NetSuite does."""
    sides = [node.this, *(node.args[name] for name in ("expression", "low", "high") if node.args.get(name))]
    sides += node.expressions
    if not any(_kind(side) == "date" for side in sides):
        return node
    for side in sides:
        if isinstance(side, exp.Placeholder) or (isinstance(side, exp.Literal) and side.is_string):
            side.replace(_call("strptime", exp.cast(side.copy(), "VARCHAR"), _text(context.date_pattern)))
    return node


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    values = [node.this, *node.expressions]
    name = "greatest" if isinstance(node, exp.Greatest) else "least"
    missing = exp.or_(*(exp.Is(this=value.copy(), expression=exp.null()) for value in values))
    return exp.Case(ifs=[exp.If(this=missing, true=exp.null())], default=_call(name, *values))


def _pattern_part(node: exp.Expr, context: Context) -> exp.Expr:
    for name in ("position", "occurrence", "parameters", "group"):
        argument = node.args.get(name)
        if argument is not None and not (name in ("position", "occurrence") and argument.name == "1"):
            raise unsupported()
    return _not_empty(_call("regexp_extract", node.this, node.expression))


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    put = node.args.get("replacement")
    safe = exp.Coalesce(this=put, expressions=[_text("")]) if put is not None else _text("")
    return _not_empty(_call("replace", node.this, node.expression, safe))


def _maybe_empty(node: exp.Expr, context: Context) -> exp.Expr:
    return _not_empty(node.copy())


def _literal(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.null() if isinstance(node, exp.Literal) and node.is_string and node.name == "" else node


def _now(node: exp.Expr, context: Context) -> exp.Expr:
    return _moment(_text(context.local_now))


def _number(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("format") is not None:
        raise unsupported()
    return exp.cast(node.this, exp.DataType.build("DECIMAL(28,10)", dialect="duckdb"))


def _add_months(node: exp.Expr, context: Context) -> exp.Expr:
    return _call("ns_add_months", node.this, node.expression)


_OWN: Mapping[str, Callable[[exp.Expr, exp.Expr | None, Context], exp.Expr]] = {
    "NS_TO_CHAR": _to_char,
    "NS_TO_DATE": _to_date,
    "NS_TO_TIMESTAMP": _to_date,
    "NS_TRUNC": _truncate,
    "NS_ROUND": _round,
}
Rule = Callable[[exp.Expr, Context], exp.Expr]
_RULES: list[tuple[tuple[type[exp.Expr], ...], Rule]] = [
    ((exp.Anonymous,), _own_call),
    ((exp.DPipe, exp.Concat), _join_texts),
    ((exp.Add, exp.Sub), _date_sum),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In), _compare_dates),
    ((exp.Greatest, exp.Least), _extreme),
    ((exp.RegexpSubstr,), _pattern_part),
    ((exp.Replace,), _replace),
    ((exp.Substring, exp.Trim, exp.RegexpReplace), _maybe_empty),
    ((exp.Literal,), _literal),
    ((exp.CurrentTimestamp, exp.CurrentDate), _now),
    ((exp.ToNumber,), _number),
    ((exp.AddMonths,), _add_months),
]
