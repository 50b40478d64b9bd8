"""One door for statement files: the content decides which reader takes them."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from sync.bank.cells import DayOrder
from sync.bank.csv_statement import read_csv
from sync.bank.ofx_statement import read_ofx
from sync.bank.statement import BankStatement
from sync.errors import BadInput

__all__ = ["read_statement"]

_PACKED = {b"PK\x03\x04": "a ZIP or Excel file", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip file"}


def read_statement(
    data: bytes, *, name: str, account: str, currency: str | None = None, date_order: DayOrder | None = None
) -> BankStatement:
    """Return the statement in a file's bytes: OFX (1.x and 2.x), else CSV in any of the banks' forms.

    Raises:
        BadInput: it is neither, or something in it cannot be trusted; nothing of it is to be used then.
    """
    for magic, what in _PACKED.items():
        if data.startswith(magic):
            raise BadInput(f"this is {what}, not a statement", remedy="Export the statement as CSV or OFX", file=name)
    if not data.strip():
        raise BadInput("the file is empty", remedy="Export the statement again", file=name)
    document_hash = hashlib.sha256(data).hexdigest()
    data = data.removeprefix(b"\xef\xbb\xbf")
    head = data[:2000].lstrip().upper()
    if head.startswith(b"OFXHEADER") or b"<OFX>" in head or b"<?OFX" in head:
        return read_ofx(data, account=account, document_hash=document_hash, document_name=name)
    return read_csv(
        _text(data, name),
        account=account,
        currency=currency,
        date_order=date_order,
        document_hash=document_hash,
        document_name=name,
    )


def _text(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise BadInput(
                f"the text (UTF-16) breaks off at byte {error.start}", remedy="Export the statement again", file=name
            ) from None
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    try:
        # Banks outside the US still write Windows' own code page.
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"byte {error.start} is text in no encoding that banks use", remedy="Export it as UTF-8", file=name
        ) from None
