from __future__ import annotations

import json

import pytest

from sync.amazon.errors import classify, complaint_of
from sync.errors import ContractBroken, Credentials, Rejected, Throttled, Transient, VendorError
from sync.transport import Reply


def _envelope(code: str, message: str = "words", **more: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message, **more}]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (301, b"", ContractBroken),
        (400, _envelope("InvalidInput"), Rejected),
        (401, b"", Credentials),
        (403, _envelope("Unauthorized"), Credentials),
        (403, b'{"message":"Missing Authentication Token"}', Rejected),
        (403, b"", Rejected),
        (404, _envelope("NotFound"), Rejected),
        (405, b"", ContractBroken),
        (408, b"", Transient),
        (413, b"", ContractBroken),
        (415, b"", ContractBroken),
        (418, b"", ContractBroken),
        (429, _envelope("QuotaExceeded"), Throttled),
        (429, b"", Throttled),
        (500, b"", Transient),
        (500, _envelope("InternalFailure"), Transient),
        (502, b"<html><body>Bad gateway</body></html>", Transient),
        (503, b"<html><h1>503</h1></html>", Transient),
        (504, b"\n\n  ", Transient),
        (529, b"", Transient),
    ],
)
def test_a_status_decides_what_to_do_next(status: int, body: bytes, expected: type[VendorError]) -> None:
    error = classify(Reply(status, {}, body, vendor="amazon", operation="searchOrders"))

    assert type(error) is expected


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        (b"", None, ""),
        (b"\n\n", None, ""),
        (b"[]", None, ""),
        (b"null", None, ""),
        (b'{"errors":[]}', None, ""),
        (b'{"errors":null}', None, ""),
        (b'{"errors":[null]}', None, ""),
        (b'\n{"errors":[{"code":"NotFound","message":"gone"}]}\n', "NotFound", "gone"),
        (b'{"errors":[{"code":"A","message":"b","details":"c"}]}', "A", "b. c"),
        (b'{"errors":{"code":"A","message":"b"}}', "A", "b"),
        (b'{"message":"Forbidden"}', None, "Forbidden"),
        (b'{"error":"invalid_grant","error_description":"old"}', "invalid_grant", "old"),
        (
            b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "AccessDenied",
            "Request has expired",
        ),
        (b"<html><body><h1>503</h1> try later</body></html>", None, "503 try later"),
        (b"\xff\xfe\x00", None, "\ufffd\ufffd\x00"),
        (b"[" * 100_000, None, "[" * 400),
    ],
)
def test_every_shape_of_an_error_body_gives_its_code_and_words(body: bytes, code: str | None, detail: str) -> None:
    found = complaint_of(body)

    assert (found.code, found.detail) == (code, detail)


def test_an_error_keeps_the_request_id_for_the_vendors_support() -> None:
    headers = {"x-amzn-requestid": "req-7", "x-amz-rid": "rid-7"}

    assert classify(Reply(500, headers, b"")).reply.request_id == "req-7"
    assert classify(Reply(403, {"x-amz-rid": "rid-7"}, b"")).reply.request_id == "rid-7"
