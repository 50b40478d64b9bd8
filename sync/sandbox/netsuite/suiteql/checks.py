"""What is checked before anything is resolved: tokens, grammar and the shape of the tree (steps C1 to C3)."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from sync.sandbox.netsuite.suiteql.refusal import syntax_error, unsupported

__all__ = ["check_tree", "parse"]

_LONGEST_LIST = 1000

#: Functions that SuiteQL knows (Oracle help, "Supported and Unsupported Functions") and that run here.
FUNCTIONS = frozenset(
    """ABS ACOS ADD_MONTHS ASCII ASIN ATAN ATAN2 AVG CEIL CHR COALESCE CONCAT COS COSH COUNT DECODE DENSE_RANK EXP FLOOR
    GREATEST INITCAP INSTR LAST_DAY LEAST LENGTH LN LOG LOWER LPAD LTRIM MAX MEDIAN MIN MOD MONTHS_BETWEEN NEXT_DAY
    NTILE NULLIF NVL NVL2 POWER RANK REGEXP_INSTR REGEXP_REPLACE REGEXP_SUBSTR REPLACE ROUND ROW_NUMBER RPAD RTRIM SIGN
    SIN SINH SQRT SUBSTR SUM TAN TANH TO_CHAR TO_DATE TO_NUMBER TO_TIMESTAMP TRANSLATE TRIM TRUNC UPPER
    """.split()
)
#: Words that stand before a bracket without being functions.
_WORDS = frozenset(
    """ALL AND ANY AS BETWEEN BY CASE CROSS DISTINCT ELSE END EXISTS FROM GROUP HAVING IN INNER INTERSECT JOIN LIKE
    MINUS NOT ON OR ORDER OUTER OVER PARTITION SELECT SOME THEN UNION WHEN WHERE EXCEPT ( , = < > <= >= <> + - * / ||
    """.split()
)


def parse(query: str) -> exp.Expr:
    """Return the parsed query.

    Raises:
        Refused: when it is no single SELECT of SuiteQL's grammar.
    """
    try:
        tokens = sqlglot.tokenize(query, read="oracle")
    except TokenError:
        raise syntax_error(query, "<EOF>", 1, len(query)) from None
    _check_tokens(query, tokens)
    try:
        trees = [tree for tree in sqlglot.parse(query, read="oracle") if tree is not None]
    except ParseError as wrong:
        first = wrong.errors[0]
        token = str(first.get("highlight") or "<EOF>")
        raise syntax_error(query, token, int(first.get("line") or 1), int(first.get("col") or 1)) from None
    except RecursionError:  # brackets in brackets, thousands deep
        raise unsupported() from None
    if len(trees) != 1:
        raise unsupported()
    tree: exp.Expr = trees[0]
    return tree


def _check_tokens(query: str, tokens: list[Token]) -> None:
    if not tokens:
        raise syntax_error(query, "<EOF>", 1, 1)
    first = tokens[0]
    if first.token_type == TokenType.WITH:
        raise unsupported()
    if first.token_type not in (TokenType.SELECT, TokenType.L_PAREN):
        raise _at(query, first)
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.token_type in (TokenType.LIMIT, TokenType.L_BRACKET, TokenType.R_BRACKET):
            raise _at(query, token)
        if token.token_type == TokenType.SEMICOLON:
            raise unsupported() if following else _at(query, token)
        if following is None:
            continue
        word = token.text.upper()
        if word in ("DATE", "TIMESTAMP") and following.token_type == TokenType.STRING:
            raise unsupported()
        if word == "TOP" and following.token_type == TokenType.NUMBER:
            raise unsupported()
        if following.token_type == TokenType.L_PAREN:
            _check_call(tokens, index)


def _check_call(tokens: list[Token], index: int) -> None:
    """Refuse a call of a function that SuiteQL does not have; a quoted name is never a call."""
    token = tokens[index]
    word = token.text.upper()
    before = tokens[index - 1] if index else None
    if before is not None and before.token_type == TokenType.DOT:
        owner = tokens[index - 2].text.upper() if index > 1 else ""
        if owner != "BUILTIN" or word not in ("DF", "CF"):
            raise unsupported()
        return
    if token.token_type in (TokenType.STRING, TokenType.NUMBER) or word in _WORDS or word in FUNCTIONS:
        return
    if _is_column_mark(tokens, index):
        return
    if word and (word[0].isalpha() or word[0] == "_"):
        raise unsupported()


def _is_column_mark(tokens: list[Token], index: int) -> bool:
    """Say whether the bracket after a name is Oracle's outer join mark `(+)`."""
    return index + 3 < len(tokens) and tokens[index + 2].text == "+" and tokens[index + 3].text == ")"


def _at(query: str, token: Token) -> Exception:
    before = query[: token.start]
    column = token.start - (before.rfind("\n") + 1) + 1
    return syntax_error(query, token.text.upper(), before.count("\n") + 1, column)


def check_tree(tree: exp.Expr, *, fetch_first: bool) -> None:
    """Refuse what the grammar allows and the search does not (step C3).

    Raises:
        Refused: "Invalid or unsupported search."
    """
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise unsupported()
    if any(True for _ in tree.find_all(exp.With, exp.Into, exp.Command, exp.TableSample, exp.Lateral)):
        raise unsupported()
    if any(len(found.expressions) > _LONGEST_LIST for found in tree.find_all(exp.In)):
        raise unsupported()
    if not fetch_first and any(True for _ in tree.find_all(exp.Fetch)):
        raise unsupported()
    for select in tree.find_all(exp.Select):
        _check_joins(select)
        _check_order(select)
    for added in tree.find_all(exp.Add):
        if any(isinstance(side, exp.Literal) and side.is_string for side in (added.left, added.right)):
            raise unsupported()
    for column in tree.find_all(exp.Column):
        if column.args.get("join_mark") and not _mark_is_right(column):
            raise unsupported()


def _mark_is_right(column: exp.Column) -> bool:
    parent = column.parent
    return isinstance(parent, exp.EQ) and parent.right is column


def _check_joins(select: exp.Select) -> None:
    joins = select.args.get("joins") or []
    ansi = [j for j in joins if any(j.args.get(name) for name in ("kind", "side", "on", "using", "method"))]
    marked = any(c.args.get("join_mark") for c in select.find_all(exp.Column))
    if ansi and (marked or len(ansi) != len(joins)):
        raise unsupported()


def _check_order(select: exp.Select) -> None:
    order = select.args.get("order")
    if order is None or select.args.get("group") is None:
        return
    sums = {p.alias.lower() for p in select.expressions if isinstance(p, exp.Alias) and p.find(exp.AggFunc)}
    for ordered in order.expressions:
        key = ordered.this
        if isinstance(key, exp.Column) and not key.table and key.name.lower() in sums:
            raise unsupported()
