"""An OFX file (1.x SGML and 2.x XML), as banks and QuickBooks downloads have it; parsed by ofxtools."""

from __future__ import annotations

import io
import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.bank.statement import BankStatement, Booking, bank_lines
from sync.errors import BadInput

__all__ = ["read_ofx"]


def read_ofx(data: bytes, *, account: str, document_hash: str, document_name: str) -> BankStatement:
    """Return the bank statement of an OFX file; FITID is the booking's number (OFX 2.2, 11.4.4).

    Raises:
        BadInput: it is no OFX, holds no bank statement, or several accounts.
    """
    statement, days = _parsed(data, document_name)
    bookings = [_booking(t, statement.curdef, d) for t, d in zip(statement.banktranlist or (), days, strict=True)]
    return BankStatement(
        account,
        "ofx",
        document_hash,
        document_name,
        bank_lines(bookings, account=account, document_hash=document_hash, document_name=document_name),
        statement.account.acctid,
        Decimal(statement.balance.balamt) if statement.balance is not None else None,
    )


def _parsed(data: bytes, document_name: str) -> tuple[Any, list[date]]:
    """Return the one statement of a file, and the bank's own days of its bookings."""
    from ofxtools.Parser import OFXTree, ParseError
    from ofxtools.Types import OFXTypeWarning

    try:
        tree = OFXTree()
        tree.parse(io.BytesIO(data))
        with warnings.catch_warnings():
            # Banks write longer names than the standard has: they are kept, and nothing is written to the terminal.
            warnings.simplefilter("ignore", OFXTypeWarning)
            statements: list[Any] = [s for s in tree.convert().statements if hasattr(s, "banktranlist")]
        # Read before the parser turns them into UTC: a statement is of the bank's own days (OFX 2.2, 3.2.8.2).
        root = tree.getroot()
        days = [_day(x) for x in root.findall(".//BANKTRANLIST/STMTTRN/DTPOSTED")] if root is not None else []
    except (
        ParseError,
        ValueError,
        ArithmeticError,
        SyntaxError,
        IndexError,
        KeyError,
        AttributeError,
        RecursionError,
    ) as error:
        raise BadInput(
            f"the OFX file cannot be read: {' '.join(str(error).split())[:200]}",
            remedy="Download it again from the bank; nothing was taken",
            file=document_name,
        ) from None
    if len(statements) != 1:
        raise BadInput(
            f"the file holds {len(statements)} bank statements",
            remedy="Download each account in a file of its own",
            file=document_name,
        )
    return statements[0], days


def _day(element: Any) -> date:
    """Return the calendar day that the bank writes, whatever its offset from UTC; raises ValueError for none."""
    return datetime.strptime(str(element.text).strip()[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


def _booking(transaction: Any, currency: str, booked: date) -> Booking:
    # The account's currency holds unless the bank says that the booking itself is in another (11.4.4.1, CURRENCY).
    own, payee, available = transaction.currency, transaction.payee, transaction.dtavail
    name = transaction.name or (payee.name if payee is not None else None)
    return Booking(
        booked,
        available.astimezone(UTC).date() if available is not None else None,
        Decimal(transaction.trnamt),
        own.cursym if own is not None else currency,
        name,
        " ".join((transaction.memo or name or "").split()),
        transaction.refnum or transaction.checknum or None,
        transaction.fitid,
        None,
    )
