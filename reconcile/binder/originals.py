"""The documents of a close as they were received, read again by the vendors' readers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from email.message import Message
from hashlib import sha256

from sync.errors import BadInput
from sync.settlements import ParsedSettlement

__all__ = ["Original", "changed_lines", "original_bytes", "read_original"]

_NUMBER = re.compile(rb"[+-]?[0-9]+(?:[.,][0-9]+)?")
_LARGEST = 2 << 30


@dataclass(frozen=True, slots=True)
class Original:
    """Which settlement a document is, and how it has to be read."""

    file: str
    channel: str
    settlement_id: str
    format: str
    document_name: str
    document_hash: str
    content_type: str
    #: What its reader skipped, guessed or mended; none where it was read before such notes were kept.
    notes: Sequence[str] = ()


def original_bytes(body: bytes, document_hash: str) -> bytes | None:
    """Return the document that a stored answer holds, unpacked as it was hashed; None: it is another."""
    if sha256(body).hexdigest() == document_hash:
        return body
    from sync.amazon.reports.documents import unpacked

    try:
        data = unpacked(body)
    except BadInput:
        return None
    return data if sha256(data).hexdigest() == document_hash else None


def read_original(data: bytes, original: Original) -> ParsedSettlement:
    """Return the settlement that a document holds.

    Raises:
        BadInput: the reader refuses it, or no reader knows its format.
    """
    if original.format.startswith("amazon-"):
        from sync.amazon.settlements.file import read_settlement

        return read_settlement(
            data,
            channel=original.channel,
            document_name=original.document_name,
            declared_charset=_charset(original.content_type),
        )
    if original.format.startswith("walmart-"):
        from sync.walmart.settlements.file import read_recon

        return read_recon(data, channel=original.channel, document_name=original.document_name)
    raise BadInput("no reader knows this format", remedy="Use the program that wrote it", value=original.format)


def _charset(content_type: str) -> str | None:
    header = Message()
    header["content-type"] = content_type
    return header.get_content_charset()


def changed_lines(data: bytes, amounts: Iterable[tuple[int, int, Decimal]]) -> Iterator[tuple[int, int, Decimal]]:
    """Yield the (ordinal, file line, amount) whose file line does not name the amount: what a tamper looks like."""
    lines = _text(data).splitlines()
    for ordinal, file_line, amount in amounts:
        text = lines[file_line - 1] if 0 < file_line <= len(lines) else b""
        named = {abs(Decimal(found.decode().replace(",", "."))) for found in _NUMBER.findall(text)}
        if abs(amount) not in named:
            yield ordinal, file_line, amount


def _text(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            first = packed.infolist()[0]
            return packed.read(first) if first.file_size <= _LARGEST else b""
    except (zipfile.BadZipFile, IndexError, OSError, ValueError):
        return b""
