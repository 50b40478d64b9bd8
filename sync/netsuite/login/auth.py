"""Who we are to NetSuite: OAuth 2.0 client credentials (the default) or OAuth 1.0a (contract §1.2, §1.3)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from sync.clock import Clock
from sync.errors import BadInput, ContractBroken, Credentials, Throttled, Transient, VendorError, VendorReply
from sync.netsuite.login.account import NetSuiteAccount
from sync.transport import read_json

__all__ = ["MachineLogin", "TokenLogin", "oauth1_signature"]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
_RSA = {"PS256", "PS384", "PS512"}
# NetSuite documents 2048 bits as the least for PS*; PyJWT itself would sign with any key.
_LEAST_RSA_BITS = 2048
_RENEW_BEFORE = timedelta(seconds=60)
# A token that was issued this recently and is refused is not stale: another one would be refused as well.
_FRESH = timedelta(seconds=30)
_SETUP_HINT = (
    "Check the certificate id, the client id and the mapping under Setup > Integration > "
    "OAuth 2.0 Client Credentials; a refresh of a sandbox account deletes that mapping"
)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    issued_at: datetime
    expires_at: datetime

    def is_usable(self, now: datetime) -> bool:
        return now < self.expires_at - _RENEW_BEFORE


class MachineLogin(httpx.Auth):
    """OAuth 2.0 client credentials with a signed assertion; one token for all calls, renewed before it expires.

    However many tasks wait, one of them asks for a token. On a 401 the token is renewed once and the call sent again.

    Raises:
        BadInput: if the private key cannot be read, is too short or does not fit `algorithm`.
    """

    requires_response_body = True

    def __init__(
        self,
        account: NetSuiteAccount,
        *,
        client_id: str,
        certificate_id: str,
        private_key: SecretStr,
        clock: Clock,
        algorithm: str = "PS256",
        scope: tuple[str, ...] = ("rest_webservices",),
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._account, self._clock, self._new_id = account, clock, new_id
        self._client_id, self._certificate_id = client_id, certificate_id
        self._key = _load_key(private_key, algorithm)
        self._algorithm, self._scope = algorithm, scope
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"MachineLogin({self._account.account_id})"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Refuse blocking clients: the one token is guarded by an asyncio lock."""
        raise RuntimeError("MachineLogin works with an asynchronous client only")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        used: _Token | None = None
        for attempt in (1, 2):
            async with self._lock:
                if self._must_renew(used):
                    answer = yield self._token_request()
                    await answer.aread()
                    self._token = self._read_token(answer)
                used = self._token
            if used is None:
                raise RuntimeError("a token was read but not kept")
            request.headers["Authorization"] = f"Bearer {used.value}"
            response = yield request
            if response.status_code != 401 or attempt == 2:
                return
            if self._token is used and self._clock.now() - used.issued_at < _FRESH:
                return

    def _must_renew(self, refused: _Token | None) -> bool:
        if self._token is None or not self._token.is_usable(self._clock.now()):
            return True
        # Somebody else may have renewed since `refused` was signed: then theirs is used.
        return refused is not None and self._token is refused

    def _token_request(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        headers = {"Accept": "application/json"}
        return httpx.Request("POST", self._account.token_url, data=form, headers=headers)

    def _assertion(self) -> str:
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "scope": list(self._scope),
            "aud": self._account.token_audience,
            "iat": now,
            "exp": now + 59 * 60,
            "jti": self._new_id(),
        }
        headers = {"kid": self._certificate_id, "typ": "JWT"}
        return jwt.encode(claims, self._key, algorithm=self._algorithm, headers=headers)

    def _read_token(self, answer: httpx.Response) -> _Token:
        document = _json_object(answer.content)
        if answer.status_code != 200:
            raise _token_refusal(answer.status_code, document)
        value, kind = document.get("access_token"), document.get("token_type")
        life_s = _whole_seconds(document.get("expires_in"))
        if not isinstance(value, str) or str(kind).lower() != "bearer" or life_s is None:
            raise ContractBroken(_seen(200, "the answer holds no bearer token with its life"))
        now = self._clock.now()
        return _Token(value, now, now + timedelta(seconds=life_s))


class TokenLogin(httpx.Auth):
    """Token-based authentication: OAuth 1.0a with HMAC-SHA256, signed anew for every attempt.

    NetSuite accepts a nonce and timestamp once, and clocks that differ by up to five minutes.
    """

    def __init__(
        self,
        account: NetSuiteAccount,
        *,
        consumer_key: str,
        consumer_secret: SecretStr,
        token_id: str,
        token_secret: SecretStr,
        clock: Clock,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._account, self._clock, self._nonce = account, clock, nonce
        self._consumer_key, self._consumer_secret = consumer_key, consumer_secret
        self._token_id, self._token_secret = token_id, token_secret

    def __repr__(self) -> str:
        return f"TokenLogin({self._account.account_id})"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        parameters = {
            "oauth_consumer_key": self._consumer_key,
            "oauth_token": self._token_id,
            "oauth_nonce": self._nonce(),
            "oauth_timestamp": str(int(self._clock.now().timestamp())),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_version": "1.0",
        }
        # The address as httpx has encoded it is what NetSuite verifies.
        parameters["oauth_signature"] = oauth1_signature(
            request.method, str(request.url), parameters, self._consumer_secret, self._token_secret
        )
        pairs = [("realm", self._account.realm), *((name, _encode(v)) for name, v in parameters.items())]
        request.headers["Authorization"] = "OAuth " + ", ".join(f'{name}="{value}"' for name, value in pairs)
        yield request


def oauth1_signature(
    method: str, url: str, parameters: dict[str, str], consumer_secret: SecretStr, token_secret: SecretStr
) -> str:
    """Return the base64 HMAC-SHA256 signature of RFC 5849 §3.4; JSON bodies take no part in it."""
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    encoded = "&".join(f"{name}={value}" for name, value in sorted((_encode(n), _encode(v)) for n, v in pairs))
    scheme, port = parts.scheme.lower(), parts.port
    has_port = port is not None and port != {"http": 80, "https": 443}.get(scheme)
    address = f"{scheme}://{(parts.hostname or '').lower()}{f':{port}' if has_port else ''}{parts.path or '/'}"
    text = "&".join(_encode(part) for part in (method.upper(), address, encoded))
    key = f"{_encode(consumer_secret.get_secret_value())}&{_encode(token_secret.get_secret_value())}"
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _encode(value: str) -> str:
    return quote(value, safe="")


def _load_key(private_key: SecretStr, algorithm: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    problem = "it cannot be read as a PEM private key without a passphrase"
    try:
        key = load_pem_private_key(private_key.get_secret_value().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, rsa.RSAPrivateKey) and algorithm in _RSA:
        if key.key_size >= _LEAST_RSA_BITS:
            return key
        problem = f"it has {key.key_size} bits, NetSuite wants {_LEAST_RSA_BITS} or more"
    elif isinstance(key, ec.EllipticCurvePrivateKey) and _CURVES.get(algorithm) == key.curve.name:
        return key
    elif key is not None:
        problem = f"it does not fit the algorithm {algorithm}"
    raise BadInput(
        f"the NetSuite private key cannot be used: {problem}",
        remedy="Give an RSA key of 4096 bits with PS256, or an EC P-256 key with ES256",
    )


def _token_refusal(status: int, document: dict[str, object]) -> VendorError:
    code = document.get("error")
    seen = _seen(status, "no token was issued", code if isinstance(code, str) else None)
    if status == 429:
        return Throttled(seen)
    if status >= 500 or status == 408:
        return Transient(seen)
    if status in {400, 401, 403}:
        return Credentials(seen, _SETUP_HINT)
    return ContractBroken(seen)


def _seen(status: int, detail: str, code: str | None = None) -> VendorReply:
    # Of a token answer nothing but status and error code is kept: the body may hold a token.
    return VendorReply("netsuite", "token", status=status, code=code, detail=detail, path="/auth/oauth2/v1/token")


def _json_object(body: bytes) -> dict[str, object]:
    try:
        document = read_json(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _whole_seconds(value: object) -> int | None:
    # Occurs as number and as string (contract §1.3).
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    return int(value) if isinstance(value, str) and value.isdecimal() and int(value) > 0 else None
