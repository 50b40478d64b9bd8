"""What a call sends, what counts as an answer, and what an error means for the call."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import httpx
import pytest

from sync.clock import ManualClock
from sync.errors import ContractBroken, Credentials, InDoubt, Rejected, Transient
from sync.transport import Call, MemoryCallLog, RetrySettings

GET = Call("getThing", "GET", "/things/1")
CREATE = Call("createThing", "POST", "/things", json={"a": 1}, safe=False)


class Script:
    """A vendor that gives the listed answers one by one, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = list(answers), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b""),
        (400, b"<html><body>no</body></html>"),
        (404, b'<?xml version="1.0"?><error/>'),
        (400, b'{"message":"no"}'),
        (409, b'{"status":"OK"}'),
    ],
)
async def test_any_status_but_2xx_is_an_error_whatever_its_body(client_of, status, body):
    async with client_of(Script(httpx.Response(status, content=body))) as client:
        with pytest.raises(Rejected) as caught:
            await client.send(GET)
    assert caught.value.reply.status == status


@pytest.mark.parametrize("status", [301, 302, 304])
async def test_a_redirect_is_an_error_and_is_not_followed(client_of, status):
    vendor = Script(httpx.Response(status, headers={"location": "https://elsewhere.test/"}))
    async with client_of(vendor) as client:
        with pytest.raises(ContractBroken):
            await client.send(GET)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"a": NaN}', b"{", b"\xff\xfe\x00"])
async def test_a_2xx_body_that_is_not_json_breaks_the_contract_when_read(client_of, body):
    async with client_of(Script(httpx.Response(200, content=body))) as client:
        reply = await client.send(GET)
        with pytest.raises(ContractBroken):
            reply.json()


async def test_numbers_with_a_point_are_read_as_decimals(client_of):
    async with client_of(Script(httpx.Response(200, content=b'{"a": 19.90, "n": 3}'))) as client:
        document = (await client.send(GET)).json()
    assert document == {"a": Decimal("19.90"), "n": 3}
    assert str(document["a"]) == "19.90"


async def test_a_transient_fault_is_repeated_with_growing_waits_and_then_raised(client_of, clock: ManualClock, calls):
    vendor = Script(httpx.Response(503, content=b"busy"))
    async with client_of(vendor, retry=RetrySettings(tries=4, first_wait_s=1)) as client:
        with pytest.raises(Transient):
            await client.send(GET)
    assert len(vendor.requests) == 4
    for wait_s, ceiling_s in zip(clock.slept, (1, 2, 4), strict=True):
        assert ceiling_s / 2 <= wait_s <= ceiling_s
    assert [(r.attempt, r.status, r.error_kind) for r in calls.records] == [(n, 503, "transient") for n in (1, 2, 3, 4)]


async def test_a_rejected_record_is_never_repeated(client_of):
    vendor = Script(httpx.Response(400, content=b"bad sku"))
    async with client_of(vendor) as client:
        with pytest.raises(Rejected, match="bad sku"):
            await client.send(GET)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout("no answer"),
        httpx.RemoteProtocolError("closed"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.Response(502, content=b"bad gateway"),
        httpx.Response(500),
    ],
)
async def test_an_unsafe_call_without_a_clear_answer_is_in_doubt_and_not_repeated(client_of, lost):
    vendor = Script(lost, httpx.Response(204))
    async with client_of(vendor) as client:
        with pytest.raises(InDoubt) as caught:
            await client.send(CREATE)
    assert len(vendor.requests) == 1
    assert caught.value.reply.call_id == 1


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
async def test_an_unsafe_call_that_never_left_is_repeated(client_of, fault):
    vendor = Script(fault, httpx.Response(204))
    async with client_of(vendor) as client:
        assert (await client.send(CREATE)).status == 204
    assert len(vendor.requests) == 2


async def test_a_throttled_unsafe_call_was_refused_and_is_repeated(client_of, clock: ManualClock):
    vendor = Script(httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(204))
    async with client_of(vendor) as client:
        assert (await client.send(CREATE)).status == 204
    assert clock.slept == [7.0]


async def test_a_lost_answer_to_a_safe_call_is_repeated(client_of):
    vendor = Script(httpx.ReadTimeout("no answer"), httpx.Response(200, content=b"{}"))
    async with client_of(vendor) as client:
        assert (await client.send(GET)).status == 200


async def test_after_two_refused_logins_nothing_more_is_sent_until_a_person_has_looked(client_of):
    vendor = Script(httpx.Response(401, content=b"who?"))
    async with client_of(vendor) as client:
        for _ in range(5):
            with pytest.raises(Credentials):
                await client.send(GET)
        assert len(vendor.requests) == 2
        client.circuit.close()
        vendor.answers = [httpx.Response(200, content=b"{}")]
        assert (await client.send(GET)).status == 200


async def test_twenty_workers_with_a_wrong_key_try_it_twice_in_all(client_of):
    vendor = Script(httpx.Response(401))
    async with client_of(vendor) as client:
        results = await asyncio.gather(*(client.send(GET) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(r, Credentials) for r in results)
    assert len(vendor.requests) == 2


async def test_a_rejection_between_two_refused_logins_starts_the_count_anew(client_of):
    vendor = Script(httpx.Response(401), httpx.Response(404), httpx.Response(401), httpx.Response(200, content=b"{}"))
    async with client_of(vendor) as client:
        for error in (Credentials, Rejected, Credentials):
            with pytest.raises(error):
                await client.send(GET)
        assert (await client.send(GET)).status == 200


async def test_a_space_is_sent_as_percent_20_and_a_plus_as_percent_2b(client_of):
    vendor = Script(httpx.Response(200, content=b"{}"))
    async with client_of(vendor) as client:
        await client.send(Call("find", "GET", "/items", query=[("sku", "A B+C/D&é"), ("x", "")]))
    assert vendor.requests[0].url.raw_path == b"/api/items?sku=A%20B%2BC%2FD%26%C3%A9&x="


async def test_a_raw_query_is_appended_byte_for_byte(client_of):
    raw = "a=%2B%253D&b=1|2&c=[x]&d=%zz&e=2019-09-17T18:47:03.703Z+x"
    vendor = Script(httpx.Response(200, content=b"{}"))
    async with client_of(vendor) as client:
        await client.send(Call("find", "GET", "/items", raw_query=raw))
    request = vendor.requests[0]
    assert request.extensions.get("target", request.url.raw_path) == f"/api/items?{raw}".encode()


async def test_decimals_are_sent_digit_by_digit_and_floats_are_refused(client_of):
    vendor = Script(httpx.Response(204))
    async with client_of(vendor) as client:
        await client.send(
            Call("put", "PUT", "/x", json={"amount": Decimal("1234567890123456.1200"), "é": [None, True]})
        )
        with pytest.raises(TypeError, match="float"):
            await client.send(Call("put", "PUT", "/x", json={"amount": 1.1}))
    assert vendor.requests[0].content == '{"amount":1234567890123456.1200,"é":[null,true]}'.encode()
    assert vendor.requests[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "https://elsewhere.test/x"},
        {"path": "//elsewhere.test/x"},
        {"path": "/a b"},
        {"path": "/a?b=c"},
        {"path": "/a/../b"},
        {"path": "/a", "query": [("a", "b")], "raw_query": "c=d"},
        {"path": "/a", "json": {}, "content": b""},
        {"path": "/a", "raw_query": "a=b\r\nX: y"},
    ],
)
def test_a_call_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError, match="op:"):
        Call("op", "GET", **wrong)


async def test_a_presigned_document_gets_no_header_of_the_vendor_and_no_trip_of_the_circuit(
    client_of, calls: MemoryCallLog
):
    class Key(httpx.Auth):
        def auth_flow(self, request):
            request.headers["x-amz-access-token"] = "Atza|seeded-token"
            yield request

    vendor = Script(httpx.Response(200, content=b"{}"), httpx.Response(200, content=b"file"), httpx.Response(403))
    address = "https://files.test/doc?X-Amz-Signature=abcdef123456&expires=60"
    async with client_of(vendor, auth=Key()) as client:
        await client.send(GET)
        reply = await client.send(Call("getDocument", "GET", address, auth=False, accept="*/*"))
        assert reply.body == b"file"
        for _ in range(3):
            with pytest.raises(Rejected, match="new one"):
                await client.send(Call("getDocument", "GET", address, auth=False))
        assert not client.circuit.is_open
    assert "x-amz-access-token" in vendor.requests[0].headers
    assert set(vendor.requests[1].headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert "abcdef123456" not in repr(calls.records)


async def test_a_document_address_without_tls_is_refused(client_of):
    vendor = Script(httpx.Response(200))
    async with client_of(vendor) as client:
        with pytest.raises(ContractBroken, match="http"):
            await client.send(Call("getDocument", "GET", "http://files.test/doc", auth=False))
    assert vendor.requests == []


async def test_cookies_of_one_answer_are_not_sent_with_the_next_call(client_of):
    vendor = Script(httpx.Response(200, headers={"set-cookie": "JSESSIONID=abc; Path=/"}, content=b"{}"))
    async with client_of(vendor) as client:
        await client.send(GET)
        await client.send(GET)
    assert "cookie" not in vendor.requests[1].headers


async def test_each_attempt_has_its_entry_in_the_call_log(client_of, calls: MemoryCallLog):
    vendor = Script(httpx.Response(503), httpx.Response(200, headers={"x-request-id": "r-2"}, content=b'{"a":1}'))
    async with client_of(vendor) as client:
        reply = await client.send(Call("find", "GET", "/items", query=[("nextToken", "n1"), ("apiKey", "k-secret")]))
    first, second = calls.records
    assert (first.status, first.error_kind, first.attempt) == (503, "transient", 1)
    assert (second.status, second.error_kind, second.request_id, second.bytes_in) == (200, None, "r-2", 7)
    assert second.path == "/items?nextToken=n1&apiKey=[cut]"
    assert reply.call_id == 2
