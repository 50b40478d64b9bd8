"""Presigned addresses: good for five minutes, no Amazon header needed, gzip without saying so.

Whoever has documents offers a source: a function that returns the document of an id, or None where the id is not
its own.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_signature, expired_url
from sync.sandbox.amazon.reports.spoiled_documents import spoil_document
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault

__all__ = ["URL_LIFE_S", "Document", "Documents"]

URL_LIFE_S = 300
PATH = "/tortuga-prod-na/{document_id}"


@dataclass(frozen=True, slots=True)
class Document:
    """A document before compression; `zipped` says whether it is kept as gzip."""

    body: bytes
    zipped: bool = False
    content_type: str = "text/plain; charset=Cp1252"


Source = Callable[[str, Fault | None], Document | None]


class Documents:
    """Makes the addresses and serves the bytes behind them."""

    def __init__(self, clock: SandboxClock, key: bytes) -> None:
        self._clock, self._key = clock, key
        self._sources: list[Source] = []

    def add_source(self, source: Source) -> None:
        """Let `source` answer for its own document ids."""
        self._sources.append(source)

    def find(self, document_id: str, fault: Fault | None = None) -> Document:
        """Return a document; a fault may change how its source writes it.

        Raises:
            Refused: 404 when no source has it.
        """
        for source in self._sources:
            document = source(document_id, fault)
            if document is not None:
                return document
        raise Refused(404, "NotFound", "One or more of the provided ReportDocumentIds could not be found.")

    def address(self, request: Request, document_id: str, query: dict[str, str], *, stale: bool = False) -> str:
        """Return a presigned address with `query` added to it; `stale` makes one whose time is over."""
        made = self._clock.now() - timedelta(seconds=URL_LIFE_S + 1 if stale else 0)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": f"{made:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(URL_LIFE_S),
            **query,
        }
        query["X-Amz-Signature"] = self._sign(document_id, query)
        # The Host header may be anything (some clients cut it); the socket's own address is always right.
        host, port = request.scope["server"]
        return f"http://{host}:{port}/tortuga-prod-na/{quote(document_id, safe='')}?{urlencode(query)}"

    def describe(self, request: Request, document_id: str, id_name: str, *, stale: bool = False) -> dict[str, str]:
        """Return {id_name, url, compressionAlgorithm?} of a document (getReportDocument, getFeedDocument).

        Raises:
            Refused: 404 when there is no such document.
        """
        zipped = self.find(document_id).zipped
        query = {}
        if request.query_params.get("enableContentEncodingUrlHeader", "").lower() == "true":
            query["response-content-encoding"] = "gzip" if zipped else "identity"
        answer = {id_name: document_id, "url": self.address(request, document_id, query, stale=stale)}
        if zipped:
            answer["compressionAlgorithm"] = "GZIP"
        return answer

    def refuse_address(self, request: Request) -> Response | None:
        """Return S3's XML when the address of this call is altered or too old, None when it is good."""
        document_id = request.path_params["document_id"]
        query = dict(request.query_params)
        given = query.pop("X-Amz-Signature", "")
        if not hmac.compare_digest(given, self._sign(document_id, query)):
            return bad_signature()
        now = self._clock.now()
        made = datetime.strptime(query["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        expires = made + timedelta(seconds=URL_LIFE_S)
        return expired_url(expires, now) if now >= expires else None

    async def serve(self, request: Request) -> Response:
        """Answer the presigned address: the bytes, or S3's XML when it is too late or altered."""
        refused = self.refuse_address(request)
        if refused is not None:
            return refused
        fault: Fault | None = request.scope.get("state", {}).get("fault")
        try:
            document = self.find(request.path_params["document_id"], fault)
        except Refused as missing:
            return PlainTextResponse(missing.message, status_code=missing.status)
        encoding = request.query_params.get("response-content-encoding", "identity")
        served = spoil_document(document.body, document.zipped, document.content_type, encoding, fault)
        body = gzip.compress(served.body, mtime=0) if served.zipped else served.body
        if served.half:
            body = body[: len(body) // 2]
        headers = {
            "Content-Encoding": served.encoding,
            "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
            "Last-Modified": f"{self._clock.now():%a, %d %b %Y %H:%M:%S GMT}",
            "x-amz-request-id": zulu(self._clock.now()).replace(":", ""),
        }
        return Response(body, headers=headers, media_type=served.content_type)

    def _sign(self, document_id: str, query: dict[str, str]) -> str:
        text = document_id + "&".join(f"{k}={v}" for k, v in sorted(query.items()))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
