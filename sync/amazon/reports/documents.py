"""Documents behind presigned addresses: asked for just before they are fetched, unpacked by their first two bytes.

An address lives five minutes and is fetched without any header of ours; S3 says `Content-Encoding: identity` and a
charset also where the bytes are gzip, and with enableContentEncodingUrlHeader httpx has unpacked them already, so
headers do not decide. A second address costs a token of a slow bucket, so there is only one second try.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sync.amazon.calls import document_call
from sync.errors import BadInput, ContractBroken, Rejected
from sync.settlements import most_unpacked
from sync.transport import Call, Reply, VendorClient

__all__ = ["Fetched", "download_of", "fetch_document", "unpacked"]

_GZIP = b"\x1f\x8b"
# No document comes near; a crafted file must not fill the memory.
_LARGEST = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Fetched:
    """One document: the answer as received, and its bytes unpacked (None: they are damaged, `problem` says how)."""

    reply: Reply
    data: bytes | None
    problem: str = ""


async def fetch_document(client: VendorClient, ask: Call) -> Fetched:
    """Send `ask` (getReportDocument, getFeedDocument) and fetch what its answer points to, twice at most.

    Raises:
        Rejected: the address has expired, twice.
        ContractBroken: the answer names no address.
        VendorError: Amazon could not be asked.
    """
    problem = ""
    for may_repeat in (True, False):
        held = await client.send(ask)
        try:
            reply = await client.send(download_of(held))
        except Rejected:
            if not may_repeat:
                raise
            continue
        try:
            return Fetched(reply, unpacked(reply.body))
        except BadInput as error:
            problem = str(error)
    return Fetched(reply, None, problem)


def download_of(reply: Reply) -> Call:
    """Return the download that an answer with a presigned `url` asks for.

    Raises:
        ContractBroken: it names no address.
    """
    body = reply.json()
    url = body.get("url") if isinstance(body, Mapping) else None
    if not isinstance(url, str) or not url:
        raise ContractBroken(reply.seen(detail="the answer names no address of the document"))
    try:
        return document_call(url)
    except ValueError as error:
        raise ContractBroken(reply.seen(detail=f"the address of the document is none: {error}")) from error


def unpacked(body: bytes) -> bytes:
    """Return the document's bytes, unpacked when they are gzip by their first two bytes (headers do not say it).

    Raises:
        BadInput: if the packed bytes are damaged, cut short, or far larger when unpacked than any report.
    """
    if not body.startswith(_GZIP):
        return body
    remedy = "Pull the report again; if it stays damaged, download it in Seller Central and import the file."
    reader = zlib.decompressobj(wbits=31)
    try:
        data = reader.decompress(body, most_unpacked(len(body), _LARGEST))
    except zlib.error as error:
        raise BadInput(f"the packed document is damaged: {error}", remedy=remedy) from error
    if not reader.eof:
        raise BadInput("the packed document is cut short or too large", remedy=remedy)
    return data
