"""What a connector asks for and what it gets: a call and its reply, in no HTTP library's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from sync.errors import ContractBroken, VendorReply
from sync.transport.exact_json import read_json, write_json

__all__ = ["Call", "Reply", "encode_query", "path_segment"]


def path_segment(value: str) -> str:
    """Return `value` percent-encoded for one segment of a path (also `/`, so that data is never a path)."""
    return quote(value, safe="")


def encode_query(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the pairs as a query string, a space as %20 and never as `+`."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor.

    `path` starts with `/` and is appended to the client's base URL; with `auth=False` it is an absolute URL that is
    fetched without any header of the vendor (a presigned document). `query` is encoded with %20; `raw_query`
    (a cursor) is appended byte for byte and excludes `query`. `safe` says that the call may be repeated after a
    lost answer.

    Raises:
        ValueError: if two of the parts contradict each other, or the path holds what a path must not hold.
    """

    operation: str
    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    raw_query: str | None = None
    json: object | None = None
    content: bytes | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/json"
    safe: bool = True
    auth: bool = True
    #: At most this many tries for passing faults, None for the client's own number.
    tries: int | None = None

    def __post_init__(self) -> None:
        if self.query and self.raw_query is not None:
            raise ValueError(f"{self.operation}: query and raw_query exclude each other")
        if self.json is not None and self.content is not None:
            raise ValueError(f"{self.operation}: json and content exclude each other")
        if any(c.isspace() or ord(c) < 0x20 for c in self.path + (self.raw_query or "")):
            raise ValueError(f"{self.operation}: spaces and control characters must be percent-encoded in a path")
        if self.auth and (not self.path.startswith("/") or self.path.startswith("//") or "?" in self.path):
            raise ValueError(f"{self.operation}: a path starts with one / and has no query")
        if self.auth and any(segment in {".", ".."} for segment in self.path.split("/")):
            raise ValueError(f"{self.operation}: a path has no dot segments")

    @property
    def is_write(self) -> bool:
        """Return whether the call may change something at the vendor."""
        return self.method not in {"GET", "HEAD"} and not (self.method == "POST" and self.safe)

    def body(self) -> bytes | None:
        """Return the bytes to send; Decimals in `json` are written digit by digit.

        Raises:
            TypeError: if `json` holds a float or something that JSON has no word for.
        """
        return write_json(self.json) if self.json is not None else self.content

    def query_string(self) -> str:
        """Return what follows the question mark, empty for nothing."""
        return self.raw_query if self.raw_query is not None else encode_query(self.query)


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Header names are lower case; `path` is redacted; `elapsed_s` counts to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    call_id: int | None = None
    elapsed_s: float = 0.0
    vendor: str = ""
    operation: str = ""
    path: str = ""
    redact: Callable[[str], str] = field(default=_as_it_is, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Return whether the status is 2xx; the body has no say in it."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """Return the body as text, unreadable bytes replaced: for people, not for parsing."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """Return the parsed body, numbers with a point as Decimal.

        Raises:
            ContractBroken: if the body is not JSON.
        """
        try:
            return read_json(self.body)
        except (ValueError, RecursionError):
            problem = self.seen(detail=f"the answer is not JSON: {self.text()[:200]!r}")
        raise ContractBroken(problem)

    def seen(self, *, code: str | None = None, detail: str = "", request_id: str | None = None) -> VendorReply:
        """Return what may be kept of this answer, with known secrets cut out of `detail`."""
        return VendorReply(
            vendor=self.vendor,
            operation=self.operation,
            status=self.status,
            code=code,
            detail=self.redact(detail),
            request_id=request_id,
            path=self.path,
            call_id=self.call_id,
        )
