"""Files that are made to hurt: every reader takes them or refuses them in words, and soon."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable

import pytest

from sync.amazon.reports.documents import unpacked
from sync.amazon.settlements.file import read_settlement
from sync.bank.reading import read_statement
from sync.errors import BadInput
from sync.walmart.settlements.file import read_recon
from sync.walmart.settlements.rows import recon_csv_of
from tests.sync.amazon.settlements.texts import FEE, SALE, SUMMARY, text
from tests.sync.walmart.settlements.test_file import FEE as W_FEE
from tests.sync.walmart.settlements.test_file import SALE as W_SALE
from tests.sync.walmart.settlements.test_file import SUMMARY as W_SUMMARY
from tests.sync.walmart.settlements.test_file import report

V1 = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\t"
    "order-id\tmarketplace-name\tposted-date\tsku\tprice-type\tprice-amount\titem-related-fee-type\titem-related-fee-amount\tother-amount\n"
    "700\t2026-10-20 00:00:00 UTC\t2026-11-03 00:00:00 UTC\t2026-11-05 00:00:00 UTC\t25.00\tUSD\t\t\t\t\t\t\t\t\t\t\n"
    "700\t\t\t\t\t\tOrder\t111-1\tAmazon.com\t2026-10-31 00:00:00 UTC\tMUG-1\tPrincipal\t25.00\t\t\t\n"
)
CSV = "Date,Description,Amount\n2026-11-03,AMAZON MUG-1,25.00\n2026-11-14,RENT,-5.00\n"
OFX = (
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
    "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
    "<DTSERVER>20261118<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0"
    "<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>2<ACCTTYPE>CHECKING</BANKACCTFROM>"
    "<BANKTRANLIST><DTSTART>20261101<DTEND>20261118<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261103<TRNAMT>25.00<FITID>A"
    "<NAME>MUG-1</STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>1<DTASOF>20261118</LEDGERBAL></STMTRS></STMTTRNRS>"
    "</BANKMSGSRSV1></OFX>"
)
#: The rows as a saved answer of the API.
JSON = json.dumps({"reportData": [W_SUMMARY, W_SALE | {"Partner Item Id": "MUG-1"}, W_FEE], "nextOffset": -1})


def amazon(data: bytes) -> object:
    return read_settlement(data, channel=None, document_name="f")


def walmart(data: bytes) -> object:
    return read_recon(recon_csv_of(data, file="f"), channel=None, document_name="f")


def bank(data: bytes) -> object:
    return read_statement(data, name="f", account="chase", currency="USD")


def _amount(data: bytes, other: bytes) -> bytes:
    """The file with another amount of its sale."""
    return data.replace(b"25.00", other).replace(b"31.96", other)


FILES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "amazon V2": (amazon, text(SUMMARY, SALE, FEE).encode()),
    "amazon V1": (amazon, V1.encode()),
    "walmart CSV": (walmart, report(W_SUMMARY, W_SALE | {"Partner Item Id": "MUG-1"}, W_FEE).encode()),
    "walmart JSON": (walmart, JSON.encode()),
    "bank CSV": (bank, CSV.encode()),
    "bank OFX": (bank, OFX.encode()),
}
HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "NUL in a cell": lambda data: data.replace(b"MUG-1", b"M\x00UG"),
    "NULs at the end": lambda data: data + b"\x00" * 5000,
    "NULs at the start": lambda data: b"\x00" * 5000 + data,
    "nothing but NULs": lambda _: b"\x00" * 5000,
    "a line of 2 MB": lambda data: data.replace(b"MUG-1", b"M" * 2_000_000),
    "2 MB of separators": lambda data: data.replace(b"MUG-1", b"\t," * 1_000_000),
    "2 MB without a line end": lambda data: data.replace(b"\n", b" ") + b"x" * 2_000_000,
    "a quote that never ends": lambda data: data.replace(b"MUG-1", b'"MUG-1'),
    "terminal escapes": lambda data: data.replace(b"MUG-1", b"\x1b[2J\x1b]0;x\x07"),
    "marks from right to left": lambda data: data.replace(b"MUG-1", "M\u202eUG".encode()),
    "half a character": lambda data: data.replace(b"MUG-1", b"M\xc3"),
    "an amount with an exponent": lambda data: _amount(data, b"1e999999999"),
    "an amount of 5,000 digits": lambda data: _amount(data, b"9" * 5000 + b".00"),
    "an amount that is none": lambda data: _amount(data, b"NaN"),
    "foreign digits": lambda data: _amount(data, "٢٥.00".encode()),
    "brackets in brackets": lambda _: b'{"reportData": ' + b"[" * 200_000,
    "objects in objects": lambda _: b'{"reportData":' * 100_000,
    "elements in elements": lambda _: b"OFXHEADER:100\n\n<OFX>" + b"<A>" * 100_000,
    "entities of entities": lambda _: (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY a%d "&a%s;&a%s;">' % (n, b"%d" % (n - 1) if n else b"", b"") for n in range(30))
        + b']><?OFX OFXHEADER="200"?><OFX>&a29;</OFX>'
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", FILES)
def test_what_is_made_to_hurt_is_read_or_refused_in_words(name: str, hostile: str) -> None:
    read, data = FILES[name]
    began, said = time.process_time(), "it is read"
    try:
        read(HOSTILE[hostile](data))
    except BadInput as error:
        said = str(error)
    assert 0 < len(said) < 1_500
    assert time.process_time() - began < 10


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_hostile_is_read(name: str) -> None:
    read, data = FILES[name]
    read(data)


def test_a_report_that_unpacks_to_a_thousand_times_its_size_is_refused() -> None:
    bomb = gzip.compress(b"\x00" * 65_000_000, 1)
    with pytest.raises(BadInput, match="too large"):
        unpacked(bomb)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("r.csv", b"0" * 65_000_000)
    with pytest.raises(BadInput, match="65000000 bytes"):
        walmart(packed.getvalue())


@pytest.mark.parametrize(
    ("name", "hostile", "said"),
    [
        ("amazon V2", "a line of 2 MB", "longer than 1,000,000 bytes"),
        ("amazon V1", "a line of 2 MB", "longer than 1,000,000 bytes"),
        ("walmart CSV", "a line of 2 MB", "the CSV is broken"),
        ("walmart JSON", "a line of 2 MB", "the CSV is broken"),
        ("bank CSV", "a line of 2 MB", "the CSV is broken"),
        ("bank OFX", "a line of 2 MB", "larger than any of a bank"),
        ("bank OFX", "an amount with an exponent", "larger than any of a bank"),
        ("bank CSV", "an amount of 5,000 digits", "larger than any of a bank"),
        ("amazon V2", "an amount of 5,000 digits", "larger than any that is paid"),
        ("walmart CSV", "an amount of 5,000 digits", "larger than any that is paid"),
        ("walmart JSON", "brackets in brackets", "nested too deeply"),
    ],
)
def test_what_no_mirror_holds_is_refused_before_it_gets_there(name: str, hostile: str, said: str) -> None:
    read, data = FILES[name]
    with pytest.raises(BadInput, match=said):
        read(HOSTILE[hostile](data))
