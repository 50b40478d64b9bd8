"""Presigned addresses: good for five minutes, no Amazon header needed, gzip without saying so."""

from __future__ import annotations

import gzip
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.amazon.parameters import zulu
from sync.sandbox.amazon.refusals import bad_signature, expired_url
from sync.sandbox.amazon.reports import ReportsApi
from sync.sandbox.clock import SandboxClock

__all__ = ["URL_LIFE_S", "Documents"]

URL_LIFE_S = 300


class Documents:
    """Makes the addresses and serves the bytes behind them."""

    def __init__(self, reports: ReportsApi, clock: SandboxClock, key: bytes) -> None:
        self._reports, self._clock, self._key = reports, clock, key

    def describe(self, request: Request, *, stale: bool = False) -> dict[str, str]:
        """Answer getReportDocument; `stale` hands out an address whose time is over.

        Raises:
            Refused: 404 when there is no such document.
        """
        document_id = request.path_params["document_id"]
        _, zipped = self._reports.document(document_id)
        made = self._clock.now() - timedelta(seconds=URL_LIFE_S + 1 if stale else 0)
        encoding = request.query_params.get("enableContentEncodingUrlHeader", "").lower() == "true"
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": f"{made:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(URL_LIFE_S),
        }
        if encoding:
            query["response-content-encoding"] = "gzip" if zipped else "identity"
        query["X-Amz-Signature"] = self._sign(document_id, query)
        # The Host header may be anything (some clients cut it); the socket's own address is always right.
        host, port = request.scope["server"]
        url = f"http://{host}:{port}/tortuga-prod-na/{quote(document_id, safe='')}?{urlencode(query)}"
        answer = {"reportDocumentId": document_id, "url": url}
        if zipped:
            answer["compressionAlgorithm"] = "GZIP"
        return answer

    def serve(self, request: Request, *, truncated: bool = False) -> Response:
        """Answer the presigned address: the bytes, or S3's XML when it is too late or altered."""
        document_id = request.path_params["document_id"]
        query = dict(request.query_params)
        given = query.pop("X-Amz-Signature", "")
        if not hmac.compare_digest(given, self._sign(document_id, query)):
            return bad_signature()
        now = self._clock.now()
        made = datetime.strptime(query["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        expires = made + timedelta(seconds=URL_LIFE_S)
        if now >= expires:
            return expired_url(expires, now)
        body, zipped = self._reports.document(document_id)
        if zipped:
            body = gzip.compress(body, mtime=0)
        if truncated:
            body = body[: len(body) // 2]
        headers = {
            "Content-Encoding": query.get("response-content-encoding", "identity"),
            "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
            "Last-Modified": f"{made:%a, %d %b %Y %H:%M:%S GMT}",
            "x-amz-request-id": zulu(now).replace(":", ""),
        }
        return Response(body, headers=headers, media_type="text/plain; charset=Cp1252")

    def _sign(self, document_id: str, query: dict[str, str]) -> str:
        text = document_id + "&".join(f"{k}={v}" for k, v in sorted(query.items()))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
