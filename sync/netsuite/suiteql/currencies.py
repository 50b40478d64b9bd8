"""Currencies: NetSuite stores an internal id, we speak ISO codes."""

from __future__ import annotations

from datetime import UTC, tzinfo

from sync.errors import BadInput, ContractBroken, Rejected
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.decode import Row, Unreadable
from sync.netsuite.suiteql.tables import CURRENCIES

__all__ = ["Currencies"]


class Currencies:
    """The account's currency list, loaded once; empty in accounts with a single currency.

    `single` is the ISO code of such an account. `zone` is the account's time zone, in which SuiteQL writes times.
    """

    def __init__(self, columns: Columns, *, single: str | None = None, zone: tzinfo = UTC) -> None:
        self._columns, self._single = columns, single
        self.zone = zone
        self._code_of: dict[str, str] = {}
        self._loaded = False

    @property
    def is_loaded(self) -> bool:
        """Return whether the list has been read."""
        return self._loaded

    async def load(self, *, again: bool = False) -> None:
        """Read the list, once unless `again`.

        Raises:
            VendorError: as `NetSuiteClient.suiteql`; a refused table means that the account has one currency.
        """
        if self._loaded and not again:
            return
        try:
            page = await self._columns.page(CURRENCIES, "ORDER BY c.id", ())
        except (ContractBroken, Rejected):
            self._loaded = True
            return
        self._code_of = {row.need_text("id"): _code(row) for row in map(Row, page.items)}
        self._loaded = True

    def code(self, currency_id: str | None) -> str | None:
        """Return the ISO code of an internal id, the single currency's for None.

        Raises:
            Unreadable: if the account's list does not have the id.
        """
        if currency_id is None:
            return self._single
        if not self._code_of:
            return self._single
        if currency_id not in self._code_of:
            raise Unreadable("currency", "an id of the currency list", currency_id)
        return self._code_of[currency_id]

    def knows(self, currency_id: str) -> bool:
        """Return whether the id is in the list as it was read."""
        return not self._code_of or currency_id in self._code_of

    def reference(self, code: str) -> dict[str, str] | None:
        """Return how a body names the currency, None when the account has only that one.

        Raises:
            BadInput: if the account has no such currency.
        """
        if not self._code_of and self._single in {None, code}:
            return None
        for number, known in self._code_of.items():
            if known == code:
                return {"id": number}
        raise BadInput(
            f"NetSuite has no currency {code}",
            remedy="Add it under Lists > Accounting > Currencies, or post in another currency",
            value=code,
        )


def _code(row: Row) -> str:
    # `symbol` is the ISO code; an account that does not show it usually names its currencies by code.
    return row.text("symbol") or row.text("name") or row.need_text("id")
