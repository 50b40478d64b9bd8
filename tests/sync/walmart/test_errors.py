from __future__ import annotations

import json
from typing import Any

import pytest

from sync.errors import ContractBroken, Credentials, Rejected, Throttled, Transient, VendorError
from sync.transport import Reply
from sync.walmart.errors import classify, complaint_of, is_already_further, is_no_rows, is_too_many

ERROR = {"code": "INVALID_REQUEST.GMP_ORDER_API", "description": "Invalid Date format value", "field": "from"}


def _classified(status: int, body: object) -> VendorError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(Reply(status, {}, raw, vendor="walmart", operation="getAllOrders"))


@pytest.mark.parametrize(
    "body",
    [
        {"errors": {"error": [ERROR]}},
        {"errors": {"error": ERROR}},
        {"error": [ERROR]},
        {"error": ERROR},
        {"errors": [ERROR]},
        ERROR,
        {"errors": [None, ERROR]},
    ],
)
def test_every_shape_of_an_error_gives_its_code_without_the_service_and_its_words(body: dict[str, Any]) -> None:
    found = complaint_of(json.dumps(body).encode())

    assert (found.code, found.detail) == ("INVALID_REQUEST", "Invalid Date format value (from)")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", ""),
        (b"<html><h1>Service</h1> Unavailable</html>", "Service Unavailable"),
        (b"{}", ""),
        (b"null", ""),
        (b'{"errors":[]}', "{'errors': []}"),
        (b'{"errors":"odd"}', "odd"),
        (b'{"title":"Bad","detail":"limit is wrong","status":400}', "limit is wrong"),
        (b"[" * 100_000, "[" * 400),
    ],
)
def test_a_body_without_a_code_gives_what_it_says(body: bytes, detail: str) -> None:
    assert complaint_of(body).detail == detail


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (302, b"", ContractBroken),
        (400, {"errors": {"error": [ERROR]}}, Rejected),
        (400, {"errors": [{"code": "INVALID_TOKEN.GMP_GATEWAY_API"}]}, Credentials),
        (400, {"errors": [{"code": "INVALID_REQUEST", "category": "SYSTEM"}]}, Transient),
        (400, {"errors": [{"code": "SYSTEM_ERROR.GMP_ORDER_API"}]}, Transient),
        (401, b"", Credentials),
        (403, b"<html>", Credentials),
        (404, {"errors": [{"code": "CONTENT_NOT_FOUND.GMP_ORDER_API"}]}, Rejected),
        (405, b"", ContractBroken),
        (406, b"", ContractBroken),
        (413, b"", ContractBroken),
        (415, b"", ContractBroken),
        (423, {"errors": [{"code": "RESOURCE_IS_LOCKED"}]}, Transient),
        (429, b"", Throttled),
        (429, {"errors": [{"code": "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API"}]}, Throttled),
        (500, {"errors": [{"code": "SYSTEM_ERROR"}]}, Transient),
        (503, b"<html>busy</html>", Transient),
        (520, b"", Transient),
    ],
)
def test_a_status_decides_what_to_do_next(status: int, body: object, expected: type[VendorError]) -> None:
    assert type(_classified(status, body)) is expected


@pytest.mark.parametrize(
    ("status", "code", "empty"),
    [
        (404, "CONTENT_NOT_FOUND.GMP_ORDER_API", True),
        (404, "NOT_FOUND", True),
        (404, "URI_NOT_FOUND.GMP_GATEWAY_API", False),
        (404, "", False),
        (400, "CONTENT_NOT_FOUND", False),
    ],
)
def test_only_content_not_found_means_no_rows(status: int, code: str, empty: bool) -> None:
    assert is_no_rows(_classified(status, {"errors": [{"code": code, "description": "x"}]})) is empty


@pytest.mark.parametrize(
    ("text", "too_many"),
    [("at most 10000 orders", True), ("More than 20,000 orders", True), ("order 110000 is bad", False), ("bad", False)],
)
def test_a_window_that_is_too_full_is_recognised(text: str, too_many: bool) -> None:
    assert is_too_many(_classified(400, {"errors": [{"code": "INVALID_REQUEST", "description": text}]})) is too_many


def test_an_order_that_is_further_already_is_recognised() -> None:
    text = "Some or all qty in higher status"

    assert is_already_further(_classified(400, {"errors": [{"code": "X", "description": text}]}))
    assert not is_already_further(_classified(400, {"errors": [{"code": "X", "description": "no"}]}))
    assert not is_already_further(_classified(500, {"errors": [{"code": "X", "description": text}]}))
