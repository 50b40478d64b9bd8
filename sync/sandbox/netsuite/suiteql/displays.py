"""BUILTIN.DF and BUILTIN.CF: the text that people see, and the value that criteria take (rule R2)."""

from __future__ import annotations

from sqlglot import exp

from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.names import source_of
from sync.sandbox.netsuite.suiteql.refusal import unsupported

__all__ = ["name_builtins", "prepare_groups", "rewrite_builtin"]


def name_builtins(tree: exp.Expr) -> exp.Expr:
    """Turn the dotted calls BUILTIN.DF(x) and BUILTIN.CF(x) into plain calls, so that x is resolved like any column."""

    def plain(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Dot) and node.this.name.upper() == "BUILTIN":
            call = node.expression
            if len(call.expressions) != 1:
                raise unsupported()
            return exp.Anonymous(this=f"BUILTIN_{call.name.upper()}", expressions=call.expressions)
        return node

    return tree.transform(plain)


def prepare_groups(tree: exp.Expr) -> None:
    """Make grouped display texts run: group by the place in the list, and a status together with its type.

    NetSuite's own value of a status is `SalesOrd:B`, so grouping by status has always meant type and letter.
    """
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is None:
            continue
        placed = {
            projection.unalias().sql(dialect="oracle"): i for i, projection in enumerate(select.expressions, start=1)
        }
        present = {e.sql(dialect="oracle") for e in group.expressions}
        for expression in list(group.expressions):
            if _is_status(expression):
                kind = exp.column(exp.to_identifier("TYPE", quoted=True), table=expression.args["table"].copy())
                if kind.sql(dialect="oracle") not in present:
                    group.append("expressions", kind)
            elif expression.find(exp.Anonymous) and expression.sql(dialect="oracle") in placed:
                expression.replace(exp.Literal.number(placed[expression.sql(dialect="oracle")]))


def _is_status(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Column) or node.name.upper() != "STATUS":
        return False
    source = source_of(node)
    return isinstance(source, exp.Table) and source.name.upper() == "TRANSACTION"


def rewrite_builtin(call: exp.Anonymous, catalog: Catalog) -> exp.Expr:
    """Return the expression behind BUILTIN_DF(column) or BUILTIN_CF(column).

    Raises:
        Refused: when the argument is not a column of a table.
    """
    column = call.expressions[0]
    source = source_of(column) if isinstance(column, exp.Column) else None
    if not isinstance(source, exp.Table):
        raise unsupported()
    key = (source.name.lower(), column.name.lower())
    kind = exp.column(exp.to_identifier("TYPE", quoted=True), table=column.args["table"].copy())
    if str(call.this).endswith("CF"):
        text = exp.cast(column.copy(), "VARCHAR")
        if key != ("transaction", "status"):
            return text
        return exp.DPipe(this=exp.DPipe(this=kind, expression=exp.Literal.string(":")), expression=text)
    if key == ("transaction", "status"):
        return _lookup("status_names", "display", {"type": kind, "letter": column.copy()})
    if key == ("transaction", "type"):
        return _lookup("type_names", "display", {"type": column.copy()})
    if key not in catalog.displays:
        return exp.cast(column.copy(), "VARCHAR")
    table, shown = catalog.displays[key]
    if table not in catalog.tables:
        return exp.cast(column.copy(), "VARCHAR")
    return _lookup(table, shown, {"id": column.copy()})


def _lookup(table: str, shown: str, keys: dict[str, exp.Expr]) -> exp.Expr:
    """Return a scalar sub-select; MIN keeps it scalar whatever the table holds."""
    alias = "ns_shown"
    conditions = [exp.EQ(this=exp.column(name, table=alias), expression=value) for name, value in keys.items()]
    select = exp.Select(expressions=[exp.Min(this=exp.column(shown, table=alias))])
    select.set("from_", exp.From(this=exp.alias_(exp.to_table(f'"{table}"'), alias, table=True)))
    select.set("where", exp.Where(this=exp.and_(*conditions)))
    return exp.Subquery(this=select)
