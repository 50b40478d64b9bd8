"""Faults that change the account before a call is served: a limit, a format, a lock, a record (CONTRACT §7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.login.auth import TokenOffice
from sync.sandbox.netsuite.login.token_signature import SignatureDesk
from sync.sandbox.netsuite.settings import DATE_FORMATS, AccountSettings

__all__ = ["EFFECTS", "Account", "take_effect"]


@dataclass(frozen=True, slots=True)
class Account:
    """What a fault may change."""

    books: NetSuiteBooks
    settings: AccountSettings
    office: TokenOffice
    desk: SignatureDesk


def _limit_falls(account: Account, fault: Fault) -> None:
    account.settings.concurrency_limit = int(fault.options.get("to", "1"))


def _locked_out(account: Account, fault: Fault) -> None:
    del fault
    account.office.locked_until = account.desk.lock()


def _date_format(account: Account, fault: Fault) -> None:
    wanted = fault.options.get("format", "DD.MM.YYYY")
    if wanted not in DATE_FORMATS:
        raise ValueError(f"date_format must be one of {', '.join(DATE_FORMATS)}, not {wanted!r}")
    account.settings.date_format = wanted


def _row_cap(account: Account, fault: Fault) -> None:
    account.settings.rows_reachable = int(fault.options.get("rows", "2000"))


def _record_deleted(account: Account, fault: Fault) -> None:
    account.books.delete(fault.options.get("record", ""), int(fault.options.get("id", "0")))


def _locked_record(account: Account, fault: Fault) -> None:
    if "id" in fault.options:
        account.books.locked.add((fault.options.get("record", "").lower(), int(fault.options["id"])))


def _administrator_record(account: Account, fault: Fault) -> None:
    if "id" in fault.options:
        account.books.administrators.add((fault.options.get("record", "").lower(), int(fault.options["id"])))


#: Word → the change.
EFFECTS: Mapping[str, Callable[[Account, Fault], None]] = {
    "limit_falls": _limit_falls,
    "locked_out": _locked_out,
    "date_format": _date_format,
    "row_cap": _row_cap,
    "record_deleted": _record_deleted,
    "locked_record": _locked_record,
    "administrator_record": _administrator_record,
}


def take_effect(account: Account, fault: Fault, name: str) -> None:
    """Change the account as the fault says; nothing for a fault of another kind.

    Raises:
        ValueError: if an option cannot be read.
        Refused: if the record that somebody is to delete is not there or has followers.
    """
    change = EFFECTS.get(name)
    if change is not None:
        change(account, fault)
