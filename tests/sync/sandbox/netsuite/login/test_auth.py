"""Who is let in: client assertions, tokens, and OAuth 1 signatures made by somebody else's library."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import oauthlib.oauth1
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sync.sandbox.netsuite.login.auth import make_credentials
from tests.sync.sandbox.netsuite.conftest import ASSERTION_TYPE, TOKEN_PATH, Served

CUSTOMER = "/services/rest/record/v1/customer"
INVALID_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)


def trail(served: Served) -> list[str]:
    """Return the audit trail of signed calls."""
    found: list[str] = served.app.state.desk.trail
    return found


def test_a_call_without_credentials_meets_the_envelope_that_never_says_why(served: Served) -> None:
    answer = httpx.get(served.url + CUSTOMER)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"
    assert answer.json() == {
        "type": "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.2",
        "title": "Unauthorized",
        "status": 401,
        "o:errorDetails": [{"detail": INVALID_LOGIN, "o:errorCode": "INVALID_LOGIN"}],
    }


@pytest.mark.proves("N08")
def test_the_older_type_address_is_a_switch(served: Served) -> None:
    served.company.settings.modern_type_urls = False
    body = httpx.get(served.url + CUSTOMER).json()
    assert body["type"] == "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "https://elsewhere.example/token"}, "aud is not the account's token address"),
        ({"iss": "somebody"}, "iss is not the client id"),
        ({"exp": 1}, "the assertion has expired"),
        ({"exp": None}, "the assertion does not verify"),
        ({"scope": ["everything"]}, "scope is not one of NetSuite's"),
    ],
)
def test_a_wrong_assertion_is_refused_without_a_reason(served: Served, changes: dict[str, Any], reason: str) -> None:
    answer = served.ask_token(served.assertion(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_scope")
    assert reason in served.app.state.office.trail[-1]


@pytest.mark.parametrize(("seconds", "status"), [(3600, 200), (3601, 400)])
def test_an_assertion_lives_sixty_minutes_at_most(served: Served, seconds: int, status: int) -> None:
    now = int(served.company.clock.now().timestamp())
    assert served.ask_token(served.assertion(iat=now, exp=now + seconds)).status_code == status


def test_rs256_and_an_unknown_certificate_and_a_foreign_key_are_refused(served: Served) -> None:
    claims = jwt.decode(served.assertion(), options={"verify_signature": False})
    kid = served.credentials["certificate_id"]
    own = served.credentials["private_key"]
    rsa = str(make_credentials(rsa_bits=2048)["private_key"])
    foreign = ec.generate_private_key(ec.SECP256R1())
    bad = [
        jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": kid}),
        jwt.encode(claims, own, algorithm="ES256", headers={"kid": "another"}),
        jwt.encode(claims, foreign, algorithm="ES256", headers={"kid": kid}),
        "no token at all",
    ]
    assert [served.ask_token(assertion).json() for assertion in bad] == [{"error": "invalid_grant"}] * 4


def test_another_grant_is_refused(served: Served) -> None:
    form = {"grant_type": "password", "client_assertion_type": ASSERTION_TYPE, "client_assertion": "x"}
    assert httpx.post(served.url + TOKEN_PATH, data=form).json() == {"error": "unsupported_grant_type"}


@pytest.mark.proves("N07")
def test_a_token_expires_and_can_be_revoked(served: Served) -> None:
    assert served.http.get(CUSTOMER).status_code == 200
    served.company.clock.advance(3599)
    assert served.http.get(CUSTOMER).status_code == 200
    served.company.clock.advance(1)
    assert served.http.get(CUSTOMER).status_code == 401
    token = served.ask_token(served.assertion()).json()["access_token"]
    served.http.headers["Authorization"] = f"Bearer {token}"
    assert served.http.get(CUSTOMER).status_code == 200
    served.app.state.office.revoke(token)
    assert served.http.get(CUSTOMER).status_code == 401


@pytest.mark.parametrize(("as_text", "expected"), [(False, 3600), (True, "3600")])
def test_expires_in_is_a_number_or_a_text(served: Served, as_text: bool, expected: object) -> None:
    served.company.settings.expires_in_text = as_text
    body = served.ask_token(served.assertion()).json()
    assert (body["expires_in"], body["token_type"]) == (expected, "bearer")
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["sub"] == "3;4"


def signed(served: Served, method: str, url: str, **changes: Any) -> dict[str, str]:
    """Return the headers of a call signed by oauthlib."""
    tba = served.credentials["tba"]
    settings = {
        "client_key": tba["consumer_key"],
        "client_secret": tba["consumer_secret"],
        "resource_owner_key": tba["token_id"],
        "resource_owner_secret": tba["token_secret"],
        "signature_method": oauthlib.oauth1.SIGNATURE_HMAC_SHA256,
        "realm": "TIEOUT_SB1",
        "timestamp": str(int(served.company.clock.now().timestamp())),
    }
    _, headers, _ = oauthlib.oauth1.Client(**(settings | changes)).sign(url, method)
    return dict(headers)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"realm": "tieout-sb1"}, "permission_denied"),
        ({"client_key": "someone"}, "consumer_key_unknown"),
        ({"resource_owner_key": "someone"}, "token_rejected"),
        ({"client_secret": "guess"}, "InvalidSignature"),
        ({"signature_method": oauthlib.oauth1.SIGNATURE_HMAC_SHA1}, "UnknownAlgorithm"),
        ({"nonce": "short"}, "NonceUsed"),
    ],
)
def test_a_wrong_signature_is_refused_and_only_the_trail_says_why(
    served: Served, changes: dict[str, Any], reason: str
) -> None:
    url = served.url + CUSTOMER
    answer = httpx.get(url, headers=signed(served, "GET", url, **changes))
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["detail"]) == (401, INVALID_LOGIN)
    assert trail(served) == [reason]


@pytest.mark.proves("N06")
@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 200), (300, 200), (301, 401)])
def test_a_timestamp_may_be_five_minutes_off(served: Served, seconds: int, status: int) -> None:
    url = served.url + CUSTOMER
    timestamp = str(int(served.company.clock.now().timestamp()) + seconds)
    assert httpx.get(url, headers=signed(served, "GET", url, timestamp=timestamp)).status_code == status


@pytest.mark.proves("N06")
def test_a_signed_header_is_good_for_one_call(served: Served) -> None:
    url = served.url + CUSTOMER
    headers = signed(served, "GET", url)
    assert [httpx.get(url, headers=headers).status_code for _ in range(2)] == [200, 401]
    assert trail(served) == ["NonceUsed"]


@pytest.mark.proves("N05")
def test_five_failures_lock_the_login_for_half_an_hour(served: Served) -> None:
    url = served.url + CUSTOMER
    for _ in range(5):
        httpx.get(url, headers=signed(served, "GET", url, client_secret="guess"))
    assert httpx.get(url, headers=signed(served, "GET", url)).status_code == 401
    assert trail(served)[-1] == "temporary_locked"
    served.company.clock.advance(30 * 60)
    assert httpx.get(url, headers=signed(served, "GET", url)).status_code == 200


def test_query_parameters_are_signed_and_json_bodies_are_not(served: Served) -> None:
    url = served.url + CUSTOMER + "?q=email%20CONTAIN%20%22a%26b%3Dc%22&limit=5"
    assert httpx.get(url, headers=signed(served, "GET", url)).status_code == 200
    changed = url.replace("limit=5", "limit=6")
    assert httpx.get(changed, headers=signed(served, "GET", url)).status_code == 401
    query = served.url + "/services/rest/query/v1/suiteql?limit=10&offset=0"
    headers = signed(served, "POST", query) | {"Prefer": "transient"}
    assert httpx.post(query, headers=headers, json={"q": "SELECT id FROM item"}).status_code == 200


def test_credentials_repeat_with_their_seed() -> None:
    assert make_credentials(seed=3) == make_credentials(seed=3)
    assert make_credentials(seed=3) != make_credentials(seed=4)
    assert make_credentials()["client_id"] != make_credentials()["client_id"]
