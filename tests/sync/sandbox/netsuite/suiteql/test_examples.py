"""The contract's own 25 queries over its own fixture: the dialect is what SUITEQL.md says it is."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.sandbox.netsuite.query.tables import create_tables, load_rows, open_database
from sync.sandbox.netsuite.suiteql.catalog import Catalog
from sync.sandbox.netsuite.suiteql.engine import QueryEngine
from sync.sandbox.netsuite.wire.refusals import Refused

NUMBERS = [f"Q{n:02}" for n in range(1, 26)]
PREFIX = "Invalid search query. Detailed unprocessed description follows. "


def _fixture(text: str) -> dict[str, tuple[dict[str, str], list[dict[str, str]]]]:
    block = re.search(r"```text\n(.*?)```", text[text.index("## 6.") :], re.DOTALL)
    assert block is not None
    tables: dict[str, tuple[dict[str, str], list[dict[str, str]]]] = {}
    rows: list[dict[str, str]] = []
    columns: dict[str, str] = {}
    for line in block[1].splitlines():
        header = re.match(r"\[(.+?)\] (.+)", line)
        if header:
            rows = []
            columns = dict(c.split(":") for c in header[2].split(","))
            tables[header[1]] = (columns, rows)
        elif line:
            rows.append({c: cell for c, cell in zip(columns, line.split(","), strict=True) if cell})
    return tables


def _engine(text: str) -> QueryEngine:
    tables = _fixture(text)
    statuses = tables.pop("display:transaction.status")
    catalog = Catalog(
        {name: columns for name, (columns, _) in tables.items()},
        {("transaction", "location"): "REMOVED"},
        {("transaction", "entity"): ("customer", "entityid")},
    )
    connection = open_database()
    create_tables(connection, catalog)
    for name, (columns, rows) in tables.items():
        load_rows(connection, name, columns, rows)
    load_rows(connection, "status_names", *statuses)
    return QueryEngine(connection, catalog, local_now=lambda: datetime(2026, 11, 7, 9, tzinfo=UTC), seed=1)


def _queries(text: str) -> dict[str, tuple[str, list[str], str]]:
    pattern = re.compile(r"-- (Q\d\d) .*?\n(.*?)\n-- params (.*?)\n-- expect (.*)")
    found: dict[str, tuple[str, list[str], str]] = {}
    for match in pattern.finditer(text[text.index("## 7.") :]):
        query = match[2].replace("<1..1001>", ",".join(map(str, range(1, 1002))))
        found[match[1]] = (query, json.loads(match[3]), match[4])
    return found


@pytest.mark.proves("N16", "N20")
@pytest.mark.shared
@pytest.mark.parametrize("number", NUMBERS)
def test_the_contracts_query_gives_the_contracts_answer(number: str, shared: Path) -> None:
    text = (shared / "vendors" / "netsuite" / "SUITEQL.md").read_text(encoding="utf-8")
    query, params, expected = _queries(text)[number]
    engine = _engine(text)
    kind, _, what = expected.partition(" ")
    if kind == "error":
        with pytest.raises(Refused) as refused:
            engine.run(query, params)
        assert refused.value.detail.startswith(PREFIX + what)
        assert refused.value.where == {"o:errorQueryParam": "q"}
    elif kind == "rows":
        assert engine.run(query, params).rows == json.loads(what)
    else:
        assert kind == "property"
        _assert_rownum_cuts_before_ordering(engine, query)


def _assert_rownum_cuts_before_ordering(engine: QueryEngine, query: str) -> None:
    answers = [[int(row["id"]) for row in engine.run(query).rows] for _ in range(30)]
    for ids in answers:
        assert len(ids) == 2
        assert ids == sorted(ids, reverse=True)
        assert set(ids) <= set(range(101, 107))
    assert len({tuple(ids) for ids in answers}) > 3


@pytest.mark.shared
def test_all_queries_of_the_contract_are_read_from_it(shared: Path) -> None:
    text = (shared / "vendors" / "netsuite" / "SUITEQL.md").read_text(encoding="utf-8")
    assert sorted(_queries(text)) == NUMBERS
