"""The bucket behind feed documents and product type schemas: presigned addresses for one key and one method.

An address is signed with what it allows; an upload's address also with its Content-Type. Vendor headers are refused,
as S3 refuses every header of its own kind that was not signed.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.front.refusals import bad_signature
from sync.sandbox.clock import SandboxClock

__all__ = ["BUCKET", "Storage"]

BUCKET = "/tortuga-catalog-na"


@dataclass(frozen=True, slots=True)
class _Stored:
    body: bytes
    content_type: str


class Storage:
    """Bytes by key, reached through presigned addresses."""

    def __init__(self, clock: SandboxClock, secret: bytes) -> None:
        self._clock, self._secret = clock, secret
        self._kept: dict[str, _Stored] = {}

    def keep(self, key: str, body: bytes, content_type: str) -> None:
        """Put bytes under a key from inside (an older body is replaced)."""
        self._kept[key] = _Stored(body, content_type)

    def body(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None where nothing was uploaded."""
        stored = self._kept.get(key)
        return None if stored is None else stored.body

    def address(
        self,
        request: Request,
        key: str,
        *,
        life_s: int,
        method: str = "GET",
        content_type: str = "",
        encoding: str = "",
        stale: bool = False,
    ) -> str:
        """Return a presigned address, good for `life_s` seconds; `stale` makes one whose time is over."""
        made = self._clock.now() - timedelta(seconds=life_s + 1 if stale else 0)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": f"{made:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(life_s),
            "X-Amz-SignedHeaders": "content-type;host" if method == "PUT" else "host",
        }
        if encoding:
            query["response-content-encoding"] = encoding
        query["X-Amz-Signature"] = self._sign(method, key, query, content_type)
        # The Host header may be anything (some clients cut it); the socket's own address is always right.
        host, port = request.scope["server"]
        return f"http://{host}:{port}{BUCKET}/{quote(key)}?{urlencode(query)}"

    def route(self) -> Route:
        """Return the route that serves and takes the bytes."""
        return Route(f"{BUCKET}/{{key:path}}", self._endpoint, methods=["GET", "PUT"])

    async def _endpoint(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        if (refused := self._refused(request, method)) is not None:
            return refused
        if method == "PUT":
            return await self._take(request)
        return self._serve(request)

    def _refused(self, request: Request, method: str) -> Response | None:
        """Return S3's refusal of headers, signature or time; None where the call may pass."""
        key = request.path_params["key"]
        unsigned = [name for name in request.headers if name.startswith("x-amz-") and name != "x-amz-date"]
        if "authorization" in request.headers:
            return _s3_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        if unsigned:
            text = "There were headers present in the request which were not signed"
            return _s3_error(403, "AccessDenied", text, f"<HeadersNotSigned>{', '.join(unsigned)}</HeadersNotSigned>")
        query = dict(request.query_params)
        given = query.pop("X-Amz-Signature", "")
        fault = request.scope.get("state", {}).get("fault")
        if fault is not None and fault.name == "upload_refused":
            return bad_signature()
        declared = request.headers.get("content-type", "") if method == "PUT" else ""
        if not hmac.compare_digest(given, self._sign(method, key, query, declared)):
            return bad_signature()
        now, expires = self._clock.now(), _expiry(query)
        if now >= expires:
            return _expired(expires, now, query["X-Amz-Expires"])
        return None

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        self.keep(request.path_params["key"], body, request.headers.get("content-type", ""))
        return Response(status_code=200, headers={"ETag": _etag(body), "x-amz-request-id": uuid.uuid4().hex[:16]})

    def _serve(self, request: Request) -> Response:
        stored = self._kept.get(request.path_params["key"])
        if stored is None:
            return _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        fault = request.scope.get("state", {}).get("fault")
        body = stored.body
        if fault is not None and fault.name in ("truncated_document", "truncated_gzip"):
            body = body[: len(body) // 2]
        encoding = request.query_params.get("response-content-encoding", "identity")
        headers = {"Content-Encoding": encoding, "ETag": _etag(body), "Content-Type": stored.content_type}
        return Response(body, headers=headers)

    def _sign(self, method: str, key: str, query: dict[str, str], content_type: str) -> str:
        text = "\n".join([method, key, content_type, *(f"{k}={v}" for k, v in sorted(query.items()))])
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def _expiry(query: dict[str, str]) -> datetime:
    made = datetime.strptime(query["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    return made + timedelta(seconds=int(query["X-Amz-Expires"]))


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _expired(expires: datetime, now: datetime, life: str) -> Response:
    extra = (
        f"<X-Amz-Expires>{life}</X-Amz-Expires><Expires>{zulu(expires)}</Expires><ServerTime>{zulu(now)}</ServerTime>"
    )
    return _s3_error(403, "AccessDenied", "Request has expired", extra)


def _s3_error(status: int, code: str, message: str, extra: str = "") -> Response:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{extra}'
        f"<RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId><HostId>{uuid.uuid4().hex}</HostId></Error>"
    )
    return Response(text, status_code=status, media_type="application/xml")
