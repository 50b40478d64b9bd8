"""Who may call: made-up credentials, OAuth 2.0 client credentials (CONTRACT §1.3), and the choice of scheme."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from sync.sandbox.netsuite.login.certificates import CertificateShelf, PublicKey
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import Now

__all__ = ["ALGORITHMS", "InvalidGrant", "TokenOffice", "invalid_login", "make_credentials"]

#: RS256 is no longer accepted.
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPES = frozenset({"rest_webservices", "restlets", "suite_analytics"})
_LONGEST = timedelta(minutes=60)
#: How far ahead of ours an assertion's clock may be.
_LEEWAY = timedelta(minutes=5)


class InvalidGrant(Exception):
    """The token endpoint refuses; `reason` is for the sandbox's own log only, the answer never says why."""

    def __init__(self, reason: str, error: str = "invalid_grant") -> None:
        self.reason, self.error = reason, error
        super().__init__(reason)


def make_credentials(
    settings: AccountSettings | None = None, *, seed: int | None = None, rsa_bits: int = 0
) -> dict[str, object]:
    """Return account_id, client_id, certificate_id, private_key (PEM), token_audience and tba{…} of one integration.

    The key is EC P-256 (ES256) because it is made in a millisecond; `rsa_bits` asks for RSA (PS256) instead. With a
    seed every value but an RSA key repeats.
    """
    account = settings or AccountSettings()
    draw = random.Random(f"netsuite-credentials-{seed}" if seed is not None else secrets.token_hex(16))
    key: PrivateKeyTypes
    if rsa_bits:
        key = rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    else:
        # Any number below the curve's order (about 2^256) is a private key.
        key = ec.derive_private_key(draw.getrandbits(250) + 2, ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    names = ("consumer_key", "consumer_secret", "token_id", "token_secret")
    return {
        "account_id": account.account_id,
        "client_id": f"{draw.getrandbits(256):064x}",
        "certificate_id": f"tieout-{draw.getrandbits(128):032x}",
        "private_key": pem,
        "token_audience": account.token_audience,
        "tba": {name: f"{draw.getrandbits(256):064x}" for name in names},
    }


def invalid_login() -> Refused:
    """Return the 401 that never says why (CONTRACT §1.4)."""
    return Refused(
        401,
        "INVALID_LOGIN",
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
        "Setup > Users/Roles > User Management > View Login Audit Trail.",
    )


@dataclass(slots=True)
class TokenOffice:
    """Issues access tokens for assertions signed with the registered certificate, and knows which are good."""

    clock: Now
    settings: AccountSettings
    credentials: Mapping[str, object]
    #: Login Audit Trail of the token endpoint: why it refused.
    trail: list[str] = field(default_factory=list)
    #: Set by faults: the login is locked, by failures of somebody else, until then.
    locked_until: datetime | None = None
    shelf: CertificateShelf = field(init=False)
    _tokens: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    _issued: int = 0

    def __post_init__(self) -> None:
        self.shelf = CertificateShelf.of(self.credentials, self.settings, self.clock.now())

    def issue(self, form: Mapping[str, str], *, ahead_s: float = 0) -> dict[str, object]:
        """Return the token answer for a client_credentials form; `ahead_s` is how far our clock is ahead of itself.

        Raises:
            InvalidGrant: for anything that NetSuite answers with 400.
        """
        try:
            scope = self._check(form, ahead_s)
        except InvalidGrant as refusal:
            self.trail.append(refusal.reason)
            raise
        now = self.clock.now()
        self._issued += 1
        life = self.settings.token_life_s
        payload = {
            "sub": "3;4",  # "role;entity"
            "scope": scope,
            "iss": "https://system.netsuite.com",
            "exp": int(now.timestamp()) + life,
            "iat": int(now.timestamp()),
            "jti": f"{self.settings.realm}.{self._issued}",
        }
        token = jwt.encode(payload, secrets.token_hex(32), algorithm="HS256")
        self._tokens[token] = (now + timedelta(seconds=life), frozenset(scope))
        expires: object = str(life) if self.settings.expires_in_text else life
        return {"access_token": token, "expires_in": expires, "token_type": "bearer"}

    def is_good(self, token: str, scope: str = "rest_webservices") -> bool:
        """Say whether a bearer token was issued here for `scope`, is not revoked and has not expired."""
        expiry, scopes = self._tokens.get(token, (None, frozenset[str]()))
        now = self.clock.now()
        return expiry is not None and now < expiry and scope in scopes and not self.is_locked()

    def is_locked(self) -> bool:
        """Say whether the login is locked for now."""
        return self.locked_until is not None and self.clock.now() < self.locked_until

    def revoke(self, token: str | None = None) -> None:
        """Make one token useless, or all."""
        if token is None:
            self._tokens.clear()
        else:
            self._tokens.pop(token, None)

    def _check(self, form: Mapping[str, str], ahead_s: float) -> list[str]:
        if self.is_locked():
            raise InvalidGrant("temporary_locked")
        if form.get("grant_type") != "client_credentials":
            raise InvalidGrant("grant_type is not client_credentials", "unsupported_grant_type")
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise InvalidGrant("client_assertion_type is not jwt-bearer", "invalid_request")
        assertion = form.get("client_assertion", "")
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.InvalidTokenError:
            raise InvalidGrant("the assertion is no JWT") from None
        if header.get("alg") not in ALGORITHMS:
            raise InvalidGrant(f"alg {header.get('alg')} is not accepted")
        key = self.shelf.key(header.get("kid"), self.clock.now())
        if key is None:
            raise InvalidGrant("kid is not a registered certificate")
        claims = self._claims(assertion, str(header["alg"]), key)
        self._check_times(claims, ahead_s)
        return _scopes(claims.get("scope"))

    def _claims(self, assertion: str, algorithm: str, public: PublicKey) -> dict[str, object]:
        options = {
            "verify_exp": False,
            "verify_iat": False,
            "verify_aud": False,
            "require": ["iss", "aud", "iat", "exp"],
        }
        try:
            claims: dict[str, object] = jwt.decode(assertion, public, algorithms=[algorithm], options=options)  # type: ignore[arg-type]
        except (jwt.InvalidTokenError, jwt.InvalidKeyError, TypeError, ValueError) as wrong:
            raise InvalidGrant(f"the assertion does not verify: {wrong}") from None
        if claims["iss"] != self.credentials["client_id"]:
            raise InvalidGrant("iss is not the client id")
        audience = claims["aud"]
        if audience != self.settings.token_audience and audience != [self.settings.token_audience]:
            raise InvalidGrant("aud is not the account's token address")
        return claims

    def _check_times(self, claims: Mapping[str, object], ahead_s: float) -> None:
        issued, expires = claims["iat"], claims["exp"]
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            raise InvalidGrant("iat and exp must be numbers")
        now = self.clock.now().timestamp() + ahead_s
        if expires - issued > _LONGEST.total_seconds():
            raise InvalidGrant("exp is more than 60 minutes after iat")
        if expires <= now:
            raise InvalidGrant("the assertion has expired")
        if issued > now + _LEEWAY.total_seconds():
            raise InvalidGrant("iat is in the future")


def _scopes(value: object) -> list[str]:
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not set(names) <= _SCOPES:
        raise InvalidGrant("scope is not one of NetSuite's", "invalid_scope")
    return names
