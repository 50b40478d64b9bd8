"""The one redactor: nothing that leaves the transport carries a secret.

What is secret: the headers of `SECRET_HEADERS`, every value of a signed query (`X-Amz-Signature` and the like), the
tokens in the answer of a token call, and every value that was handed over by `learn`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from pydantic import SecretStr

from sync.errors import VendorError

__all__ = ["CUT", "SECRET_HEADERS", "Redactor"]

CUT = "[cut]"

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-amz-access-token",
        "x-amz-security-token",
        "wm_sec.access_token",
        "wm_sec.auth_signature",
    }
)
# Compared without case and punctuation; a match anywhere in the name is enough.
_SECRET_NAME = re.compile(r"token|secret|signature|credential|password|passwd|apikey|assertion|authorization|nonce")
_PAGING_NAME = re.compile(r"^(next|page|pagination|previous)token$")
_TOKEN_FIELDS = (
    "access_token",
    "refresh_token",
    "id_token",
    "accessToken",
    "restrictedDataToken",
    "client_assertion",
)
# Shorter values would cut ordinary words out of messages.
_SHORTEST = 6


class Redactor:
    """Knows the secrets of one vendor account and cuts them out of texts, paths and errors."""

    def __init__(self, secrets: Iterable[SecretStr | str] = ()) -> None:
        self._known: set[str] = set()
        self.learn(*secrets)

    def __repr__(self) -> str:
        return f"Redactor({len(self._known)} secrets)"

    def learn(self, *secrets: SecretStr | str) -> None:
        """Remember values that must never be shown, in each of the forms that a text may hold them."""
        for secret in secrets:
            value = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
            if len(value) >= _SHORTEST:
                self._known |= {value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1]}

    def learn_headers(self, headers: Mapping[str, str]) -> None:
        """Remember the values of secret headers, without their scheme (`Bearer`, `Basic`)."""
        for name, value in headers.items():
            if name.lower() in SECRET_HEADERS:
                self.learn(value, value.partition(" ")[2])

    def learn_tokens(self, body: bytes) -> None:
        """Remember the tokens in the answer of a token call; anything that is not JSON has none."""
        try:
            document = json.loads(body)
        except ValueError:
            return
        if isinstance(document, dict):
            self.learn(*(v for k in _TOKEN_FIELDS if isinstance(v := document.get(k), str)))

    def learn_form(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Remember the secret values of a token request's form."""
        self.learn(*(value for name, value in pairs if _is_secret_name(name) and not _is_type_name(name)))

    def text(self, text: str) -> str:
        """Return `text` with every known secret cut out, longest first."""
        for secret in sorted(self._known, key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, CUT)
        return text

    def path(self, path: str, query: str, *, signed: bool = False) -> str:
        """Return path and query for the call log: secret parameters lose their value (`signed`: all of them)."""
        if not query:
            return self.text(path)
        pairs = []
        for pair in query.split("&"):
            name, equals, value = pair.partition("=")
            secret = signed or _is_secret_name(unquote(name))
            if secret and _is_secret_name(unquote(name)):
                # A refusal may repeat the address it was asked for.
                self.learn(unquote(value))
            pairs.append(f"{name}{equals}{CUT}" if secret and equals else pair)
        return self.text(f"{path}?{'&'.join(pairs)}")

    def error(self, error: VendorError) -> VendorError:
        """Return the same error with known secrets cut out of its text and of what it keeps of the answer."""
        seen = error.reply
        error.reply = replace(
            seen, detail=self.text(seen.detail), code=self.text(seen.code) if seen.code else seen.code
        )
        error.hint = self.text(error.hint)
        error.args = tuple(self.text(a) if isinstance(a, str) else a for a in error.args)
        return error


def _is_type_name(name: str) -> bool:
    # client_assertion_type and the like name a format that everybody may read.
    return name.endswith("_type")


def _is_secret_name(name: str) -> bool:
    plain = re.sub(r"[^a-z]", "", name.lower())
    return bool(_SECRET_NAME.search(plain)) and not _PAGING_NAME.match(plain)
