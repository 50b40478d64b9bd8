"""Token-based authentication: an own check of OAuth 1.0a signatures (RFC 5849, HMAC-SHA256; CONTRACT §1.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from sync.sandbox.netsuite.settings import AccountSettings

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import Now

__all__ = ["Passport", "SignatureDesk", "base_string", "parse_passport", "sign"]

_WINDOW_S = 300
_LOCK = timedelta(minutes=30)
_FAILURES = 5
_PARAMETER = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"\s*\Z')


@dataclass(frozen=True, slots=True)
class Passport:
    """The parameters of an `Authorization: OAuth …` header, percent-decoded."""

    realm: str
    parameters: Mapping[str, str]


def parse_passport(header: str) -> Passport | None:
    """Return the header's parameters, None where it is no OAuth header."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return None
    found: dict[str, str] = {}
    for part in rest.split(","):
        match = _PARAMETER.match(part)
        if match is None:
            return None
        found[match[1]] = unquote(match[2])
    return Passport(found.pop("realm", ""), found)


def _enc(text: str) -> str:
    return quote(text, safe="~")


def base_string(method: str, url: str, parameters: Mapping[str, str]) -> str:
    """Return RFC 5849's signature base string: query parameters are in, JSON bodies are not."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    host = (parts.hostname or "").lower()
    if parts.port is not None and parts.port != default:
        host = f"{host}:{parts.port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs += [(name, value) for name, value in parameters.items() if name != "oauth_signature"]
    encoded = sorted((_enc(name), _enc(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in encoded)
    address = f"{parts.scheme.lower()}://{host}{parts.path or '/'}"
    return f"{method.upper()}&{_enc(address)}&{_enc(joined)}"


def sign(text: str, consumer_secret: str, token_secret: str) -> str:
    """Return the HMAC-SHA256 of a base string, base64."""
    key = f"{_enc(consumer_secret)}&{_enc(token_secret)}".encode()
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


@dataclass(slots=True)
class SignatureDesk:
    """Checks every signed call; `trail` is the Login Audit Trail, the only place that says why one was refused."""

    clock: Now
    settings: AccountSettings
    secrets: Mapping[str, str]
    trail: list[str] = field(default_factory=list)
    _used: dict[tuple[str, str], None] = field(default_factory=dict)
    _failures: int = 0
    _locked_until: datetime | None = None

    def lock(self) -> datetime:
        """Lock the login as if it had failed five times; return until when."""
        self._locked_until = self.clock.now() + _LOCK
        return self._locked_until

    def accepts(self, method: str, url: str, header: str, *, ahead_s: float = 0) -> bool:
        """Say whether the call is signed as it must be; counts failures and locks for 30 minutes after five.

        `ahead_s` is how far the account's clock is ahead of itself (a fault).
        """
        now = self.clock.now()
        if self._locked_until is not None:
            if now < self._locked_until:
                self.trail.append("temporary_locked")
                return False
            self._locked_until, self._failures = None, 0
        reason = self._why_not(method, url, header, ahead_s)
        if reason is None:
            self._failures = 0
            return True
        self.trail.append(reason)
        self._failures += 1
        if self._failures >= _FAILURES:
            self._locked_until = now + _LOCK
        return False

    def _why_not(self, method: str, url: str, header: str, ahead_s: float) -> str | None:
        passport = parse_passport(header)
        needed = ("consumer_key", "token", "nonce", "timestamp", "signature_method", "signature")
        if passport is None or any(f"oauth_{name}" not in passport.parameters for name in needed):
            return "MissingTokenPassportRequiredFields"
        said = passport.parameters
        checks = [
            (passport.realm != self.settings.realm, "permission_denied"),
            (said["oauth_consumer_key"] != self.secrets["consumer_key"], "consumer_key_unknown"),
            (said["oauth_token"] != self.secrets["token_id"], "token_rejected"),
            (said["oauth_signature_method"] != "HMAC-SHA256", "UnknownAlgorithm"),
            (said.get("oauth_version", "1.0") != "1.0", "VersionRejected"),
            (not self._is_timely(said["oauth_timestamp"], ahead_s), "InvalidTimestamp"),
            (len(said["oauth_nonce"]) < 6, "NonceUsed"),
        ]
        for wrong, reason in checks:
            if wrong:
                return reason
        expected = sign(base_string(method, url, said), self.secrets["consumer_secret"], self.secrets["token_secret"])
        if not hmac.compare_digest(expected, said["oauth_signature"]):
            return "InvalidSignature"
        return self._spend_nonce(said["oauth_nonce"], said["oauth_timestamp"])

    def _is_timely(self, timestamp: str, ahead_s: float) -> bool:
        return timestamp.isdigit() and abs(int(timestamp) - self.clock.now().timestamp() - ahead_s) <= _WINDOW_S

    def _spend_nonce(self, nonce: str, timestamp: str) -> str | None:
        if (nonce, timestamp) in self._used:
            return "NonceUsed"
        self._used[(nonce, timestamp)] = None
        while len(self._used) > 20_000:  # older ones are outside the time window anyway
            self._used.pop(next(iter(self._used)))
        return None
