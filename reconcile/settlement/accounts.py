"""Which ledger account an account key means, by channel; decisions override what ships."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from sync.errors import BadInput

__all__ = ["UNMAPPED_ACCOUNT", "AccountMap", "InactiveAccount", "LedgerAccount", "load_accounts"]


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An ERP account with the dimensions that its lines carry.

    `number` and `name` are for people; `account_id` is the ERP's id, None until someone or something has matched it.
    """

    number: str
    name: str
    account_id: str | None = None
    department_id: str | None = None
    class_id: str | None = None
    location_id: str | None = None
    #: Customer or vendor that its lines name; receivables and payables need one.
    entity_id: str | None = None
    #: What a cash sale sells to post to this account.
    item_id: str | None = None

    @property
    def label(self) -> str:
        """Return `6110 Referral fees`."""
        return f"{self.number} {self.name}".strip()

    @property
    def is_usable(self) -> bool:
        """Tell whether the ERP has it and lets new documents post to it."""
        return self.account_id is not None


@dataclass(frozen=True, slots=True)
class InactiveAccount(LedgerAccount):
    """An account that nothing new may be posted to.

    It keeps its id: what was posted while it was active still stands on it, and differs from nothing.
    """

    @property
    def is_usable(self) -> bool:
        """Tell that no new document may post to it."""
        return False


UNMAPPED_ACCOUNT = LedgerAccount("", "unmapped")


@dataclass(frozen=True, slots=True)
class AccountMap:
    """Account key → ledger account. A channel's entry wins over its vendor's, a vendor's over the default."""

    #: Scope (`default`, `amazon`, `amazon.US`) → account key → account.
    scopes: Mapping[str, Mapping[str, LedgerAccount]] = field(default_factory=dict)

    def find(self, channel: str, key: str) -> LedgerAccount | None:
        """Return the account of a key in a channel, None where no scope has one."""
        for scope in (channel, channel.partition(".")[0], "default"):
            found = self.scopes.get(scope, {}).get(key)
            if found:
                return found
        return None

    def account(self, channel: str, key: str) -> LedgerAccount:
        """Return the account of a key in a channel.

        Raises:
            BadInput: no scope has the key.
        """
        found = self.find(channel, key)
        if found is None:
            raise BadInput(
                f"no ledger account for {key!r} in {channel}", remedy="Map it to an account of the chart", column=key
            )
        return found

    def with_account(self, scope: str, key: str, account: LedgerAccount) -> AccountMap:
        """Return this map with one entry set, for a channel (`amazon.US`), a vendor (`amazon`) or `default`."""
        return AccountMap({**self.scopes, scope: {**self.scopes.get(scope, {}), key: account}})

    def keys(self) -> list[str]:
        """Return every account key of any scope, sorted."""
        return sorted({key for scope in self.scopes.values() for key in scope})


def load_accounts(path: Path | None = None) -> AccountMap:
    """Return the accounts that ship with the program, or those of a TOML file of the same form.

    Raises:
        BadInput: not TOML, or an entry without number and name.
    """
    source = path or files("data").joinpath("accounts_default.toml")
    name = str(path or "accounts_default.toml")
    try:
        scopes = tomllib.loads(source.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"not valid TOML: {broken}", remedy="Correct the file", file=name) from broken
    return AccountMap(
        {
            scope: {key: _entry(name, scope, key, values) for key, values in entries.items()}
            for scope, entries in scopes.items()
        }
    )


def _entry(file: str, scope: str, key: str, values: object) -> LedgerAccount:
    allowed = set(LedgerAccount.__slots__)
    if not isinstance(values, dict) or not {"number", "name"} <= set(values) <= allowed:
        raise BadInput(
            "an account needs number and name, and may have " + ", ".join(sorted(allowed - {"number", "name"})),
            remedy="Correct the entry",
            file=file,
            column=f"{scope}.{key}",
            value=str(values),
        )
    return LedgerAccount(**{field_name: str(value) for field_name, value in values.items()})
