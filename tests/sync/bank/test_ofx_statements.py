"""OFX statements, the old SGML and the XML form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sync.bank import BankStatement, read_statement
from sync.errors import BadInput

_HEAD = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
_BODY = """<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261120120000<LANGUAGE>ENG
</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>021000021<ACCTID>000123456789<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261101<DTEND>20261120
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261116120000<TRNAMT>2310.44<FITID>9001<NAME>AMAZON.COM SVCS<MEMO>PAYMENTS A1B2
</STMTTRN><STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261118<TRNAMT>-1500.00<FITID>9002<NAME>RENT</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>9310.44<DTASOF>20261120</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def read(text: str) -> BankStatement:
    return read_statement(text.encode("utf-8" if text[0] == "\ufeff" else "cp1252"), name="bank.ofx", account="Chase")


@pytest.mark.parametrize(
    "text",
    [
        _HEAD + _BODY[: len(_BODY) // 2],
        _HEAD + "<OFX></OFX>",
        _HEAD + _BODY.replace("2310.44", "many"),
        _HEAD + _BODY.replace("<FITID>9002", ""),
        _HEAD + _BODY.replace("20261118", "20261399"),
    ],
    ids=["cut", "empty", "no amount", "no number", "no date"],
)
def test_a_file_that_is_cut_or_wrong_is_refused_whole(text: str) -> None:
    with pytest.raises(BadInput, match=r"bank\.ofx"):
        read(text)


def test_the_bookings_keep_the_banks_own_numbers_and_exact_amounts() -> None:
    statement = read(_HEAD + _BODY)
    assert [(x.line_id, x.booked_on, x.amount, x.currency, x.counterparty) for x in statement.lines] == [
        ("9001", date(2026, 11, 16), Decimal("2310.44"), "USD", "AMAZON.COM SVCS"),
        ("9002", date(2026, 11, 18), Decimal("-1500.00"), "USD", "RENT"),
    ]
    assert statement.account_number == "000123456789"
    assert statement.closing == Decimal("9310.44")


def test_a_booking_late_in_the_evening_is_of_the_banks_day() -> None:
    late = _BODY.replace("20261118", "20261031233000[-8:PST]")
    assert late != _BODY
    assert read(_HEAD + late).lines[1].booked_on == date(2026, 10, 31)


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert [(x.line_id, x.amount) for x in read("\ufeff" + _HEAD + _BODY).lines] == [
        (x.line_id, x.amount) for x in read(_HEAD + _BODY).lines
    ]


def test_the_xml_form_reads_the_same() -> None:
    closed = _BODY
    for tag in (
        "CODE SEVERITY DTSERVER LANGUAGE TRNUID CURDEF BANKID ACCTID ACCTTYPE DTSTART DTEND TRNTYPE DTPOSTED TRNAMT"
        " FITID NAME MEMO BALAMT DTASOF"
    ).split():
        parts = closed.split(f"<{tag}>")
        closed = parts[0] + "".join(
            f"<{tag}>{p.partition('<')[0].strip()}</{tag}><{p.partition('<')[2]}" for p in parts[1:]
        )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?><?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"'
        f' OLDFILEUID="NONE" NEWFILEUID="NONE"?>{closed}'
    )
    for form in (xml, "\ufeff" + xml):
        assert [(x.line_id, x.amount) for x in read(form).lines] == [
            (x.line_id, x.amount) for x in read(_HEAD + _BODY).lines
        ]
