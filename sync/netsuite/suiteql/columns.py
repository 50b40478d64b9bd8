"""Which columns this account has: asked once, remembered, told (contract §3, fault 21)."""

from __future__ import annotations

from collections.abc import Sequence

from sync.errors import ContractBroken, Rejected, Transient, VendorError
from sync.netsuite.rest.client import MOST_ROWS, NetSuiteClient, QueryPage
from sync.netsuite.suiteql.tables import Table

__all__ = ["Columns"]

# A bad column is answered with 400 or, in some accounts, with 500.
_MAY_BE_A_COLUMN = (ContractBroken, Rejected, Transient)


class Columns:
    """Runs queries over the tables of `tables.py` and leaves out the optional columns that an account lacks."""

    def __init__(self, client: NetSuiteClient) -> None:
        self._client = client
        self._missing: dict[tuple[str, str], frozenset[str]] = {}
        self._known: set[tuple[str, str]] = set()
        self._there: dict[tuple[str, str], bool] = {}

    def missing(self, table: Table) -> frozenset[str]:
        """Return the columns that were found missing, as far as the table has been read."""
        return self._missing.get(_key(table), frozenset())

    def note(self, table: Table) -> str:
        """Return a sentence on what could not be read, empty when all was."""
        missing = sorted(self.missing(table))
        return f"this account does not show {', '.join(missing)} of {table.name}" if missing else ""

    async def exists(self, table: Table) -> bool:
        """Return whether the table can be read at all (subsidiary: only in OneWorld); asked once.

        Raises:
            VendorError: for anything but a refusal of the query.
        """
        key = _key(table)
        if key not in self._there:
            try:
                await self._probe(table, ())
            except (ContractBroken, Rejected):
                self._there[key] = False
            else:
                self._there[key] = True
        return self._there[key]

    async def page(
        self, table: Table, rest: str, params: Sequence[str], *, limit: int = MOST_ROWS, offset: int = 0
    ) -> QueryPage:
        """Return one page of the table's select list followed by `rest` (WHERE, ORDER BY).

        Raises:
            VendorError: as `NetSuiteClient.suiteql`.
        """
        await self.prepare(table)
        query = f"{table.select(self.missing(table))} {rest}"
        return await self._client.suiteql(query, params, limit=limit, offset=offset)

    async def prepare(self, table: Table) -> None:
        """Find out once which columns of the table this account has; costs one call where it has all."""
        if _key(table) in self._known:
            return
        problem: VendorError | None = None
        try:
            await self._probe(table, [c.name for c in table.columns], tries=1)
        except _MAY_BE_A_COLUMN as refusal:
            problem = refusal
        if problem is not None:
            await self._find_missing(table, problem)
        self._known.add(_key(table))

    async def _find_missing(self, table: Table, problem: VendorError) -> None:
        """Try each optional column alone; re-raise `problem` when it has another cause."""
        try:
            await self._probe(table, ())
        except (ContractBroken, Rejected):
            raise problem from None
        missing = set()
        for column in table.columns:
            if not column.optional:
                continue
            try:
                await self._probe(table, (column.name,), tries=2)
            except _MAY_BE_A_COLUMN:
                missing.add(column.name)
        if not missing and not isinstance(problem, Transient):
            raise problem
        self._missing[_key(table)] = frozenset(missing)

    async def _probe(self, table: Table, wanted: Sequence[str], tries: int | None = None) -> None:
        key = table.columns[0].name
        others = {c.name for c in table.columns} - {key, *wanted}
        # No row has this id: only the names are checked.
        query = f"{table.select(others)} WHERE {table.alias}.{key} = ?"
        await self._client.suiteql(query, ["0"], limit=1, tries=tries)


def _key(table: Table) -> tuple[str, str]:
    return table.name, table.join
