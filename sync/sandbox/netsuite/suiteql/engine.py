"""Run one SuiteQL query: check, rewrite, execute, shape (SUITEQL §4, §5)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.transforms import eliminate_join_marks

from sync.sandbox.netsuite.settings import DATE_FORMATS
from sync.sandbox.netsuite.suiteql import checks, displays
from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.names import output_names, resolve_names
from sync.sandbox.netsuite.suiteql.refusal import unsupported
from sync.sandbox.netsuite.suiteql.rewrite import MACROS, OWN_FUNCTIONS, Context, rewrite
from sync.sandbox.netsuite.suiteql.rownum import rewrite_rownum
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["QueryEngine", "ResultPage"]


#: Translated queries that are kept: a client asks the same few again and again.
_KNOWN = 500


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of an answer: rows of text with NULL columns left out, and how many rows there are in all."""

    rows: Sequence[dict[str, str]]
    total: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    sql: str
    names: list[str]
    ordered: bool


class QueryEngine:
    """Answers SuiteQL over the tables of a DuckDB connection; `local_now` gives the account's own time, naive."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        catalog: Catalog,
        *,
        date_format: str = "MM/DD/YYYY",
        local_now: Callable[[], datetime],
        seed: int = 0,
        fetch_first: bool = True,
        limit_s: float = 20.0,
    ) -> None:
        self._connection, self._catalog, self._local_now = connection, catalog, local_now
        self._pattern = DATE_FORMATS[date_format]
        self._random = random.Random(f"suiteql-{seed}")
        self._fetch_first, self._limit_s = fetch_first, limit_s
        self._known: dict[tuple[str, int], _Prepared] = {}
        for macro in MACROS:
            connection.execute(macro)

    def run(self, query: str, params: Sequence[str] = (), *, limit: int = 1000, offset: int = 0) -> ResultPage:
        """Return one page of a query's rows; without ORDER BY their order is drawn anew for each call.

        Raises:
            Refused: with NetSuite's envelope and reason.
        """
        seed = self._random.getrandbits(31)
        prepared = self._prepare(query, len(params), seed)
        columns = ", ".join(f"c{i}" for i in range(len(prepared.names)))
        shuffle = "" if prepared.ordered else f" ORDER BY hash({columns}, {seed})"
        page = f"SELECT * FROM ({prepared.sql}) AS page({columns}){shuffle} LIMIT {limit} OFFSET {offset}"  # noqa: S608 - written by sqlglot from a checked tree
        count = f"SELECT count(*) FROM ({prepared.sql}) AS page({columns})"  # noqa: S608 - as above
        # An empty text is NULL, as in Oracle.
        values: dict[str, str | None] = {f"p{i}": value or None for i, value in enumerate(params, start=1)}
        rows = self._execute(page, values)
        whole = len(rows) < limit and (rows or offset == 0)
        total = offset + len(rows) if whole else int(str(self._execute(count, values)[0][0]))
        return ResultPage([self._shape(prepared.names, row) for row in rows], total)

    def _prepare(self, query: str, params: int, seed: int) -> _Prepared:
        """Return the query as it is executed; one that says the same at any time is looked at once."""
        known = self._known.get((query, params))
        if known is not None:
            return known
        now = self._local_now().strftime("%Y-%m-%d %H:%M:%S")
        prepared = self._translate(query, params, seed, now)
        if now[:10] not in prepared.sql and str(seed) not in prepared.sql:
            if len(self._known) == _KNOWN:
                self._known.clear()
            self._known[query, params] = prepared
        return prepared

    def _translate(self, query: str, params: int, seed: int, now: str) -> _Prepared:
        checks.parse(query)
        marked, found = _mark(query)
        if found != params:
            raise unsupported()
        tree = sqlglot.parse_one(marked, read="oracle")
        checks.check_tree(tree, fetch_first=self._fetch_first)
        names = output_names(tree)
        context = Context(self._catalog, self._pattern, now)
        try:
            tree = resolve_names(displays.name_builtins(tree), self._catalog)
            if any(column.args.get("join_mark") for column in tree.find_all(exp.Column)):
                tree = eliminate_join_marks(tree)
            names = names or output_names(tree) or []
            rewrite_rownum(tree, seed)
            displays.prepare_groups(tree)
            tree = rewrite(tree, context)
            ordered = tree.args.get("order") is not None
            sql = tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
        except (SqlglotError, RecursionError):
            raise unsupported() from None
        return _Prepared(sql, names, ordered)

    def _execute(self, sql: str, values: dict[str, str | None]) -> list[tuple[object, ...]]:
        timer = threading.Timer(self._limit_s, self._connection.interrupt)
        timer.start()
        try:
            rows: list[tuple[object, ...]] = self._connection.execute(sql, values or None).fetchall()
        except duckdb.InterruptException:
            text = "An unexpected error occurred. Error ID: m1tieout0query0time0limit"
            raise Refused(500, "UNEXPECTED_ERROR", text) from None
        except duckdb.Error:
            raise unsupported() from None
        finally:
            timer.cancel()
        return rows

    def _shape(self, names: Sequence[str], row: Sequence[object]) -> dict[str, str]:
        shaped: dict[str, str] = {}
        for name, value in zip(names, row, strict=True):
            text = self._render(value)
            if text is not None:
                shaped[name] = text
        return shaped

    def _render(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "T" if value else "F"
        if isinstance(value, date):  # a date-time shows its date only
            return value.strftime(self._pattern)
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, Decimal):
            text = format(value, "f")
            return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
        return str(value)


def _opens_call(tokens: list[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].token_type == TokenType.L_PAREN


def _mark(query: str) -> tuple[str, int]:
    """Return the query as it is rewritten, and the number of its `?`.

    Each `?` is named by its place (`:p1`), so that rewriting may move it. Functions whose meaning hangs on the kind of
    their argument get names that sqlglot does not know: it would read Oracle's format models by its own rules.
    """
    tokens = sqlglot.tokenize(query, read="oracle")
    text, number = query, sum(1 for t in tokens if t.token_type == TokenType.PLACEHOLDER)
    count = number
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.token_type == TokenType.PLACEHOLDER:
            text = f"{text[: token.start]}:p{number}{text[token.end + 1 :]}"
            number -= 1
        elif token.text.upper() in OWN_FUNCTIONS and _opens_call(tokens, index):
            text = f"{text[: token.start]}NS_{token.text.upper()}{text[token.end + 1 :]}"
    return text, count
