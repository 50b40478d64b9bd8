"""One HTTP client core for all vendors: limits, retry by error class, call log, redaction, cancellation."""

from __future__ import annotations

from sync.transport.call import Call, Reply, encode_query, path_segment
from sync.transport.calls import CallLog, CallRecord, MemoryCallLog
from sync.transport.cancel import CancelToken, Waiting
from sync.transport.client import Classify, VendorClient
from sync.transport.exact_json import read_json, write_json
from sync.transport.gate import ConcurrencyGate
from sync.transport.limits import CountedWindow, Rate, TokenBuckets
from sync.transport.policy import NoLimit, Permit, RatePolicy
from sync.transport.redact import Redactor
from sync.transport.retry import RetrySettings, retry_after_s

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
