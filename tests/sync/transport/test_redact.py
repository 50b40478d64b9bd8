"""No secret leaves the transport: not by the call log, not by an error, not by a reply's words, not by a traceback."""

from __future__ import annotations

import logging
import random
import traceback

import httpx
import pytest
from pydantic import SecretStr

from sync.clock import ManualClock
from sync.errors import Rejected, TieoutError, VendorError, VendorReply
from sync.transport import Call, MemoryCallLog, NoLimit, Redactor, Reply, VendorClient

SECRETS = {
    "client_secret": "amzn1.oa2-cs.v1.seeded/+=",
    "refresh_token": "Atzr|seeded-refresh",
    "access_token": "Atza|seeded-access-token",
    "assertion": "eyJhbGciOi.seeded.assertion",
    "signature": "5eeded51gnature",
    "key": "seeded-key-in-query",
    "bearer": "seeded-bearer",
    "echoed": "seeded-secret-echoed",
}


class Login(httpx.Auth):
    """Fetches a token with a form, then sends it in a header."""

    requires_response_body = True

    def auth_flow(self, request):
        form = {"client_secret": SECRETS["client_secret"], "refresh_token": SECRETS["refresh_token"]}
        answer = yield httpx.Request(
            "POST", "https://vendor.test/token", data={**form, "client_assertion": SECRETS["assertion"]}
        )
        request.headers["x-amz-access-token"] = answer.json()["access_token"]
        yield request


def echo(request: httpx.Request) -> httpx.Response:
    """Answer with everything that was received, as bad gateways do."""
    if request.url.path == "/token":
        return httpx.Response(200, json={"access_token": SECRETS["access_token"]})
    everything = f"{request.headers.raw} {request.url} {list(SECRETS.values())}"
    status = int(request.url.params.get("status", "400"))
    if status == 0:
        raise httpx.ReadError(f"reset while reading {everything}")
    return httpx.Response(status, text=everything, headers={"x-request-id": SECRETS["access_token"]})


def classify(reply: Reply) -> VendorError:
    seen = reply.seen(code=SECRETS["access_token"], detail=reply.text())
    return Rejected(seen, f"hint with {SECRETS['access_token']}")


def careless(reply: Reply) -> VendorError:
    """A connector that does not ask the reply to redact."""
    return Rejected(VendorReply("acme", "op", detail=reply.text(), code=SECRETS["refresh_token"]), reply.text())


@pytest.mark.parametrize("how", [classify, careless])
@pytest.mark.parametrize("status", ["0", "301", "400", "401", "503"])
async def test_no_seeded_secret_is_in_any_artefact(how, status, calls: MemoryCallLog, clock: ManualClock, caplog):
    caplog.set_level(logging.DEBUG)
    client = VendorClient(
        vendor="acme",
        account="US",
        base_url="https://vendor.test",
        auth=Login(),
        policy=NoLimit(),
        classify=how,
        calls=calls,
        clock=clock,
        rng=random.Random(1),
        secrets=[SecretStr(SECRETS["echoed"])],
        wire=httpx.MockTransport(echo),
    )
    query = [("status", status), ("X-Amz-Signature", SECRETS["signature"]), ("api_key", SECRETS["key"])]
    async with client:
        with pytest.raises(TieoutError) as caught:
            await client.send(
                Call("op", "GET", "/x", query=query, headers={"Authorization": f"Bearer {SECRETS['bearer']}"})
            )
    error = caught.value
    shown = "\n".join(
        [
            str(error),
            repr(error),
            repr(error.args),
            repr(vars(error)),
            "".join(traceback.format_exception(error)),
            repr(calls.records),
            repr(client.redactor),
            caplog.text,
        ]
    )
    assert calls.records
    for name, secret in SECRETS.items():
        assert secret not in shown, name
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("a=1&b=2", "/p?a=1&b=2"),
        ("nextToken=abc&pageToken=d", "/p?nextToken=abc&pageToken=d"),
        ("X-Amz-Signature=abc&X-Amz-Credential=d&x=1", "/p?X-Amz-Signature=[cut]&X-Amz-Credential=[cut]&x=1"),
        ("oauth_token=abc&oauth_nonce=n", "/p?oauth_token=[cut]&oauth_nonce=[cut]"),
        ("client%5Fsecret=abc", "/p?client%5Fsecret=[cut]"),
        ("access_token", "/p?access_token"),
        ("", "/p"),
    ],
)
def test_secret_parameters_lose_their_value_and_cursors_keep_it(query, shown):
    assert Redactor().path("/p", query) == shown


def test_a_secret_is_cut_in_each_form_it_may_be_written_in():
    redactor = Redactor([SecretStr('a/b+c"d=')])
    for form in ('a/b+c"d=', "a%2Fb%2Bc%22d%3D", 'a/b+c\\"d='):
        assert redactor.text(f"x {form} y") == "x [cut] y"


def test_a_very_short_value_is_not_learned_because_it_would_cut_words():
    assert Redactor(["an"]).text("an order") == "an order"
