"""Amazon's own recorded answers (token service, reports, errors, documents) through the connector."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from sync.amazon import LoginWithAmazon, classify, rate_policy
from sync.amazon.calls import document_call, report_document_call, settlement_reports_call
from sync.amazon.reports.documents import unpacked
from sync.clock import ManualClock
from sync.errors import Credentials, Rejected, Throttled, VendorError
from sync.transport import MemoryCallLog, Reply, VendorClient


@dataclass(frozen=True)
class Recorded:
    """One recorded exchange."""

    uri: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def response(self) -> httpx.Response:
        gone = {"content-length", "transfer-encoding"}
        return httpx.Response(
            self.status, headers=[h for h in self.headers if h[0].lower() not in gone], content=self.body
        )

    def reply(self) -> Reply:
        return Reply(self.status, {k.lower(): v for k, v in self.headers}, self.body, vendor="amazon", operation="x")


def exchanges(shared: Path, name: str) -> list[Recorded]:
    """Return the exchanges of one cassette; reads just the YAML that the recorder writes."""
    text = (shared / "vendors/amazon/http_cassettes/Peddler" / f"{name}.yml").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^ *- request:\n", text, flags=re.MULTILINE)[1:]:
        asked, answered = part.split("response:\n", 1)
        uri = re.search(r"uri: (\S+)", asked)
        status = re.search(r"code: (\d+)", answered)
        assert uri
        assert status
        head, body = re.split(r"^ +body:\n", answered, maxsplit=1, flags=re.MULTILINE)
        headers = re.findall(r"^ +([A-Za-z][\w-]*):\n +- (.*)$", head, flags=re.MULTILINE)
        found.append(Recorded(uri[1], int(status[1]), [(k, v.strip("'\"")) for k, v in headers], _body(body)))
    assert found
    return found


def _body(block: str) -> bytes:
    start = re.search(r"^( +)(string|base64_string): ?(.*)$", block, flags=re.MULTILINE)
    assert start
    indent, kind, first = start[1], start[2], start[3]
    lines = []
    for line in block[start.end() + 1 :].split("\n"):
        if line.strip() and not line.startswith(indent + " "):
            break
        lines.append(line.strip())
    value = "\n".join(lines) if first.startswith("|") else _quoted(" ".join([first, *lines]).strip())
    return base64.b64decode(value) if kind == "base64_string" else value.encode()


def _quoted(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'").strip()
    return str(json.loads(text)) if text.startswith('"') else text


async def replay(recorded: list[Recorded], asked: list[httpx.Request]) -> VendorClient:
    """Return a client whose requests get the recorded answers, in order."""
    answers = iter(recorded)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return next(answers).response()

    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    login = LoginWithAmazon(
        client_id="client", client_secret=SecretStr("secret-1"), refresh_token=SecretStr("secret-2"), clock=clock
    )
    return VendorClient(
        vendor="amazon",
        account="EU",
        base_url="https://sellingpartnerapi-eu.amazon.com",
        auth=login,
        policy=rate_policy(),
        classify=classify,
        calls=MemoryCallLog(),
        clock=clock,
        wire=httpx.MockTransport(answer),
    )


@pytest.mark.parametrize(
    ("name", "place", "expected", "code"),
    [
        ("Errors/NotFoundTest/test_not_found", 1, Rejected, "NotFound"),
        ("Errors/QuotaExceededTest/test_quota_exceeded", 1, Throttled, "QuotaExceeded"),
        ("Errors/QuotaExceededTest/test_quota_exceeded", 3, Throttled, "QuotaExceeded"),
        ("APITest/test_client_error", 0, Credentials, "Unauthorized"),
        ("APITest/test_body_to_json_conversion", 0, Credentials, "Unauthorized"),
        ("APIs/ApplicationIntegrations20240401Test/test_create_notification", -1, Credentials, "Unauthorized"),
    ],
)
def test_recorded_refusals_are_classified(
    shared: Path, name: str, place: int, expected: type[VendorError], code: str
) -> None:
    error = classify(exchanges(shared, name)[place].reply())

    assert type(error) is expected
    assert error.reply.code == code
    assert error.reply.request_id


@pytest.mark.proves("A10")
@pytest.mark.parametrize("name", ["test_token_error", "test_bad_LWAToken", "test_bad_authorization"])
async def test_recorded_refusals_of_the_token_service_keep_its_words(shared: Path, name: str) -> None:
    async with await replay(exchanges(shared, f"LWATest/{name}"), []) as client:
        with pytest.raises(Credentials, match="unsupported_grant_type: The authorization grant type is not supported"):
            await client.send(report_document_call("x"))


@pytest.mark.parametrize("name", ["test_request", "test_request_expires_in", "test_request_token_type"])
async def test_a_recorded_token_is_used(shared: Path, name: str) -> None:
    (token,) = exchanges(shared, f"LWATest/{name}")
    (_, document, _) = exchanges(shared, "Helpers/Reports20210630Test/test_download_report_document_with_document_id")
    asked: list[httpx.Request] = []
    async with await replay([token, document], asked) as client:
        reply = await client.send(report_document_call("amzn1.spdoc.1.4.eu.123456"))

    assert reply.json() == json.loads(document.body)
    assert asked[0].url == token.uri
    assert (
        asked[0].content == b"grant_type=refresh_token&refresh_token=secret-2&client_id=client&client_secret=secret-1"
    )
    assert asked[1].url == document.uri
    assert asked[1].headers["x-amz-access-token"] == "FILTERED"


async def test_the_recorded_list_of_reports_is_read(shared: Path) -> None:
    token, listed = exchanges(shared, "APIs/Reports20210630Test/test_get_reports")
    async with await replay([token, listed], []) as client:
        reply = await client.send(settlement_reports_call("A1F83G8C2ARO7P", created_since=None))

    body = reply.json()
    assert isinstance(body, dict)
    assert [r["reportId"] for r in body["reports"]] == ["ReportId1"]
    assert body["nextToken"]


@pytest.mark.proves("A22")
async def test_a_recorded_expired_address_is_told_from_a_refused_login(shared: Path) -> None:
    expired, _ = exchanges(shared, "Helpers/Reports20210630Test/test_download_report_document_client_error")
    asked: list[httpx.Request] = []
    async with await replay([expired], asked) as client:
        with pytest.raises(Rejected, match="Request has expired"):
            await client.send(document_call(expired.uri))

    assert len(asked) == 1
    assert "x-amz-access-token" not in asked[0].headers


@pytest.mark.proves("A24", "A25")
async def test_a_recorded_packed_document_is_unpacked_once(shared: Path) -> None:
    _, packed = exchanges(shared, "Helpers/Reports20210630Test/test_download_compressed_report_document")
    async with await replay([packed], []) as client:
        reply = await client.send(document_call(packed.uri))

    assert reply.body.startswith(b"\x1f\x8b")
    assert reply.headers["content-type"] == "text/plain; charset=Cp1252"
    assert unpacked(reply.body).decode("cp1252").count("\t") > 10
