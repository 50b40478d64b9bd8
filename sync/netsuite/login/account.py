"""Which NetSuite account: one canonical id, from which host and realm are derived (contract §1.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync.errors import BadInput

__all__ = ["NetSuiteAccount"]


@dataclass(frozen=True, slots=True)
class NetSuiteAccount:
    """An account id as NetSuite shows it under Setup > Company Information, such as 1234567 or 1234567_SB1.

    `base_url` replaces the public address (a stand-in on this machine, a proxy of the customer).

    Raises:
        BadInput: if the id has characters that no account id has.
    """

    account_id: str
    base_url: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)*", self.account_id):
            raise BadInput(
                "the NetSuite account id is not one",
                remedy="Copy it from Setup > Company > Company Information, such as 1234567 or 1234567_SB1",
                value=self.account_id,
            )

    @property
    def realm(self) -> str:
        """Return the id as OAuth 1 wants it: upper case, with every dash as underscore."""
        return self.account_id.upper().replace("-", "_")

    @property
    def public_url(self) -> str:
        """Return the address of the REST services at NetSuite, without a slash at the end."""
        host = self.account_id.lower().replace("_", "-")
        return f"https://{host}.suitetalk.api.netsuite.com/services/rest"

    @property
    def rest_url(self) -> str:
        """Return the address that is called."""
        return self.base_url.rstrip("/") if self.base_url else self.public_url

    @property
    def restlet_url(self) -> str:
        """Return the address of the account's scripts, a host of its own (contract §1.1)."""
        if self.base_url:
            return self.rest_url.removesuffix("/services/rest")
        host = self.account_id.lower().replace("_", "-")
        return f"https://{host}.restlets.api.netsuite.com"

    @property
    def token_url(self) -> str:
        """Return the address that tokens are asked from."""
        return f"{self.rest_url}/auth/oauth2/v1/token"

    @property
    def token_audience(self) -> str:
        """Return the audience of an assertion: always the public token address, whatever address is called."""
        return f"{self.public_url}/auth/oauth2/v1/token"
