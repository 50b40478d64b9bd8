"""One bank statement into the mirror; what the command and the console's action share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from sync.errors import BadInput
from sync.records import BankLine
from sync.store.store import Store

__all__ = ["DateOrder", "import_file"]

#: Day, amount and currency of a booking.
_Said = tuple[date, Decimal, str]
DateOrder = Literal["ymd", "dmy", "mdy"]
_LARGEST = 256 << 20


def import_file(
    store: Store, path: Path, *, account: str, currency: str | None, date_order: DateOrder | None, who: str
) -> Mapping[str, object]:
    """Read one statement of an account into the mirror; bookings that are known are left alone. Returns its figures.

    Raises:
        BadInput: no account is named, a row cannot be read, balances do not follow, or a known booking differs;
            nothing of the file is taken then.
    """
    from sync.bank import read_statement
    from sync.streams import Batch, Document, RawPage

    if not account:
        raise BadInput("no account was named", remedy="Give the bank account a name, such as chase", column="account")
    data = _read(path)
    statement = read_statement(data, name=path.name, account=account, currency=currency, date_order=date_order)
    known = _known(store, account)
    told = _told_otherwise(known, statement.lines)
    fresh = []
    for line in statement.lines:
        before = known.get(line.line_id)
        if before is None and line.line_id not in told:
            fresh.append(line)
        elif before is None:
            continue
        elif before != (line.booked_on, line.amount, line.currency):
            raise BadInput(
                f"booking {line.line_id} is known with {before[1]} {before[2]} of {before[0]}, the file says"
                f" {line.amount} {line.currency} of {line.booked_on}",
                remedy="Ask the bank which is right; nothing of the file was taken",
                file=path.name,
                line=line.file_line,
                column="amount",
            )
    if fresh:
        documents = [Document(replace(line), ordinal=n) for n, line in enumerate(fresh)]
        store.mirror.commit(f"files.bank@{account}", Batch(RawPage(data, "text/plain"), documents, {}), "import")
        after: dict[str, object] = {"file": path.name, "sha256": statement.document_hash, "lines": len(fresh)}
        store.audit.record(who, "import bank statement", account, after=after)
    days = [line.booked_on for line in statement.lines]
    notes = [*statement.notes]
    if told:
        notes.append(f"{len(told)} bookings are known from another export of these days under another number")
    return {
        "account": account,
        "format": statement.format,
        "lines": len(statement.lines),
        "new": len(fresh),
        "from": min(days, default=None),
        "to": max(days, default=None),
        "closing": statement.closing,
        "notes": "; ".join(notes),
    }


def _told_otherwise(known: Mapping[str, _Said], lines: Sequence[BankLine]) -> set[str]:
    """Return the line ids that are known bookings in other words.

    A statement holds every booking of its days. Where one that is known is not in it, and one that is not known has its
    day, amount and currency, they are the same money: a bank's CSV and OFX name bookings differently.
    """
    own = {line.line_id for line in lines}
    absent = Counter(said for line_id, said in known.items() if line_id not in own)
    told = set()
    for line in lines:
        said = (line.booked_on, line.amount, line.currency)
        if line.line_id not in known and absent[said] > 0:
            absent[said] -= 1
            told.add(line.line_id)
    return told


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput("the file is larger than 256 MB", remedy="Export it by month", file=str(path))
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"the file cannot be read: {error.strerror}", remedy="Check its name and rights", file=str(path)
        ) from error


def _known(store: Store, account: str) -> dict[str, _Said]:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT line_id, booked_on, amount, currency FROM bank_lines WHERE account = $1", [account]
        ).fetchall()
    return {r[0]: (r[1], r[2], r[3]) for r in rows}
