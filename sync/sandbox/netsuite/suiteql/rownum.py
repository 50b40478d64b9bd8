"""ROWNUM: cuts rows before ORDER BY and before aggregates, in no particular order (rule R3)."""

from __future__ import annotations

from sqlglot import exp

from sync.sandbox.netsuite.suiteql.names import source_nodes
from sync.sandbox.netsuite.suiteql.refusal import unsupported

__all__ = ["rewrite_rownum"]

_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
}


def rewrite_rownum(tree: exp.Expr, seed: int) -> None:
    """Replace every ROWNUM condition of a qualified tree in place; `seed` decides which rows come first.

    Raises:
        Refused: where ROWNUM stands anywhere but in a plain comparison of WHERE.
    """
    for select in list(tree.find_all(exp.Select)):
        bound = _take_bounds(select)
        if bound is None:
            continue
        if _aggregates(select):
            _cut_inside(select, bound, seed)
        else:
            number = exp.Window(
                this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=_draw(select, seed))])
            )
            select.set("qualify", exp.Qualify(this=exp.LTE(this=number, expression=bound)))
    if any(_is_rownum(column) for column in tree.find_all(exp.Column, exp.Pseudocolumn)):
        raise unsupported()


def _is_rownum(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column | exp.Pseudocolumn) and node.name.upper() == "ROWNUM"


def _take_bounds(select: exp.Select) -> exp.Expr | None:
    """Remove the ROWNUM conditions from WHERE and return the number of rows that they let through."""
    where = select.args.get("where")
    if where is None:
        return None
    kept: list[exp.Expr] = []
    bound: exp.Expr | None = None
    for part in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
        limit = _limit_of(part)
        if limit is None:
            kept.append(part)
        else:
            bound = limit if bound is None else exp.Least(this=bound, expressions=[limit])
    if bound is not None:
        select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    return bound


def _limit_of(part: exp.Expr) -> exp.Expr | None:
    """Return how many rows a condition lets through, None where it is not about ROWNUM.

    Oracle numbers a row when it passes: nothing can be the second row before there was a first.
    """
    kind: type[exp.Expr] = type(part)
    if kind not in _MIRRORED:
        return None
    left, right = part.this, part.expression
    if _is_rownum(right):
        left, right, kind = right, left, _MIRRORED[kind]
    if not _is_rownum(left):
        return None
    if not isinstance(right, exp.Literal | exp.Placeholder):
        raise unsupported()
    number = exp.cast(right.copy(), "BIGINT")
    if kind is exp.LTE:
        return number
    if kind is exp.LT:
        return exp.Paren(this=exp.Sub(this=number, expression=exp.Literal.number(1)))
    everything, nothing = exp.Literal.number(2**62), exp.Literal.number(0)
    first = exp.Literal.number(1 if kind is not exp.GT else 0)
    passes = exp.EQ(this=number, expression=first) if kind is exp.EQ else exp.LTE(this=number, expression=first)
    only = exp.Literal.number(1) if kind is exp.EQ else everything
    return exp.Case(ifs=[exp.If(this=passes, true=only)], default=nothing)


def _aggregates(select: exp.Select) -> bool:
    if select.args.get("group") or select.args.get("having"):
        return True
    return any(
        agg.find_ancestor(exp.Window) is None and agg.find_ancestor(exp.Select) is select
        for projection in select.expressions
        for agg in projection.find_all(exp.AggFunc)
    )


def _draw(select: exp.Select, seed: int) -> exp.Expr:
    """Return an expression that orders the rows of a select at random, the same for the same seed."""
    keys: list[exp.Expr] = []
    for source in source_nodes(select):
        alias = source.alias_or_name
        if isinstance(source, exp.Table):
            keys.append(exp.column("rowid", table=exp.to_identifier(alias, quoted=True)))
        else:
            inner = source.this
            while isinstance(inner, exp.SetOperation | exp.Subquery):
                inner = inner.this
            keys += [
                exp.column(exp.to_identifier(p.alias_or_name, quoted=True), table=exp.to_identifier(alias, quoted=True))
                for p in inner.expressions
            ]
    return exp.Anonymous(this="hash", expressions=[*keys, exp.Literal.number(seed)])


def _cut_inside(select: exp.Select, bound: exp.Expr, seed: int) -> None:
    """Move sources and conditions into a sub-select that is cut first; the aggregates then see its columns."""
    sources = {node.alias_or_name for node in source_nodes(select)}
    inner = exp.Select()
    for name in ("from_", "from", "joins", "where"):
        if select.args.get(name) is not None:
            inner.set(name, select.args[name])
            select.set(name, None)
    draw = _draw(inner, seed)
    names: dict[tuple[str, str], exp.Expr] = {}
    for column in list(select.find_all(exp.Column)):
        if column.table in sources:
            names[(column.table, column.name)] = column.copy()
            column.replace(exp.column(exp.to_identifier(f"{column.table}__{column.name}", quoted=True), table="ns_cut"))
    projections = [
        exp.alias_(column, exp.to_identifier(f"{table}__{name}", quoted=True))
        for (table, name), column in names.items()
    ]
    inner.set("expressions", projections or [exp.alias_(exp.Literal.number(1), "ns_one")])
    inner.set("order", exp.Order(expressions=[exp.Ordered(this=draw)]))
    inner.set("limit", exp.Limit(expression=bound))
    subquery = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("ns_cut")))
    select.set("from_", exp.From(this=subquery))
