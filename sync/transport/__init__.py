"""One HTTP client core for all vendors: limits, retry by error class, call log, redaction, cancellation."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sync.transport.call import Call, Reply, encode_query, path_segment
from sync.transport.calls import CallLog, CallRecord, MemoryCallLog
from sync.transport.cancel import CancelToken, Waiting
from sync.transport.exact_json import read_json, write_json
from sync.transport.gate import ConcurrencyGate
from sync.transport.limits import CountedWindow, Rate, TokenBuckets
from sync.transport.policy import NoLimit, Permit, RatePolicy
from sync.transport.retry import RetrySettings, retry_after_s

if TYPE_CHECKING:
    from sync.transport.client import Classify, VendorClient
    from sync.transport.redact import Redactor

__all__ = [
    "Call",
    "CallLog",
    "CallRecord",
    "CancelToken",
    "Classify",
    "ConcurrencyGate",
    "CountedWindow",
    "MemoryCallLog",
    "NoLimit",
    "Permit",
    "Rate",
    "RatePolicy",
    "Redactor",
    "Reply",
    "RetrySettings",
    "TokenBuckets",
    "VendorClient",
    "Waiting",
    "encode_query",
    "path_segment",
    "read_json",
    "retry_after_s",
    "write_json",
]

# httpx and pydantic are loaded with the first client, not when a screen needs a CancelToken (time to first frame).
_LOADED_LATE = {"Classify": "client", "VendorClient": "client", "Redactor": "redact"}


def __getattr__(name: str) -> object:
    if name not in _LOADED_LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LOADED_LATE[name]}"), name)
