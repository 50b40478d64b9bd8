"""The vendors' clients of a home: one a vendor account, opened when first needed, closed together.

Connections, tokens and rate limits live as long as the process: a second pull continues with the budget that the
first one left.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

import sync.amazon as amazon
import sync.netsuite as netsuite
import sync.walmart as walmart
from sync.clock import Clock
from sync.errors import BadInput
from sync.settings import ErpSettings, NetSuiteSecrets, Secrets, Settings
from sync.transport import CallLog, ConcurrencyGate, RatePolicy, VendorClient

__all__ = ["ERP", "Clients"]

ERP = "netsuite"
#: Calls at once where no pace is kept: enough that a sandbox on this machine never waits for us.
_UNPACED = 8


class Clients:
    """Opens a client when it is first asked for; not locked: its owner asks from one thread at a time.

    Raises:
        BadInput: from every method that opens, where credentials are missing.
    """

    def __init__(self, settings: Settings, secrets: Secrets, calls: CallLog, clock: Clock) -> None:
        self.settings, self.secrets, self.calls, self.clock = settings, secrets, calls, clock
        self._opened: dict[str, VendorClient] = {}

    def opened(self) -> list[VendorClient]:
        """Return the clients that are open."""
        return list(self._opened.values())

    def forget(self) -> list[VendorClient]:
        """Return the open clients, which are the caller's to close, and start anew."""
        held = self.opened()
        self._opened.clear()
        return held

    def amazon_address(self, channel: str) -> str:
        """Return the base URL of a channel: the configured one, else that of its region."""
        account = self.settings.channels[channel]
        return account.base_url or amazon.ENDPOINTS[amazon.marketplace_of(channel.partition(".")[2]).region]

    def amazon(self, channel: str) -> VendorClient:
        """Return the client of a channel; the channels of one seller and region share it."""
        url = self.amazon_address(channel)
        if url not in self._opened:
            held = self.secrets.amazon
            if held is None:
                raise _missing("amazon", "client_id, client_secret and refresh_token")
            account = self.settings.channels[channel]
            self._opened[url] = VendorClient(
                vendor="amazon",
                account=channel.partition(".")[2],
                base_url=url,
                auth=amazon.LoginWithAmazon(
                    client_id=held.client_id,
                    client_secret=held.client_secret,
                    refresh_token=held.refresh_token,
                    clock=self.clock,
                    token_url=account.token_url or amazon.LWA_TOKEN_URL,
                ),
                policy=self._paced(amazon.rate_policy()),
                classify=amazon.classify,
                calls=self.calls,
                clock=self.clock,
                secrets=[held.client_secret, held.refresh_token],
            )
        return self._opened[url]

    def walmart(self, channel: str) -> VendorClient:
        """Return the client of a channel."""
        if channel not in self._opened:
            held = self.secrets.walmart
            if held is None:
                raise _missing("walmart", "client_id and client_secret")
            url = self.settings.channels[channel].base_url or walmart.PRODUCTION
            self._opened[channel] = VendorClient(
                vendor="walmart",
                account=channel.partition(".")[2],
                base_url=url,
                auth=walmart.WalmartLogin(
                    client_id=held.client_id,
                    client_secret=held.client_secret,
                    clock=self.clock,
                    base_url=url,
                    market=self.settings.channels[channel].market_headers,
                ),
                policy=self._paced(walmart.rate_policy()),
                classify=walmart.classify,
                calls=self.calls,
                clock=self.clock,
                secrets=[held.client_secret],
            )
        return self._opened[channel]

    def netsuite(self) -> VendorClient:
        """Return the ERP's client."""
        if ERP not in self._opened:
            erp = self.settings.erp
            if erp is None:
                raise BadInput("no NetSuite account is configured", remedy="Write [erp] in config.toml")
            held = self.secrets.netsuite
            if held is None:
                raise _missing("netsuite", "client_id, certificate_id and private_key (or tba)")
            account = netsuite.NetSuiteAccount(erp.account_id, erp.base_url or None)
            auth, secrets = _netsuite_login(account, erp, held, self.clock)
            gate = ConcurrencyGate(erp.concurrency)
            opened = netsuite.connect(
                account, auth, calls=self.calls, clock=self.clock, gate=gate, secrets=tuple(secrets)
            )
            self._opened[ERP] = opened.transport
        return self._opened[ERP]

    def _paced(self, policy: RatePolicy) -> RatePolicy:
        unpaced = self.settings.environment == "sandbox" and not self.settings.pull.paced
        return ConcurrencyGate(_UNPACED) if unpaced else policy


def _netsuite_login(
    account: netsuite.NetSuiteAccount, erp: ErpSettings, held: NetSuiteSecrets, clock: Clock
) -> tuple[netsuite.MachineLogin | netsuite.TokenLogin, list[SecretStr]]:
    if erp.auth == "tba":
        if held.tba is None:
            raise _missing("netsuite.tba", "consumer_key, consumer_secret, token_id and token_secret")
        login = netsuite.TokenLogin(
            account,
            consumer_key=held.tba.consumer_key,
            consumer_secret=held.tba.consumer_secret,
            token_id=held.tba.token_id,
            token_secret=held.tba.token_secret,
            clock=clock,
        )
        return login, [held.tba.consumer_secret, held.tba.token_secret]
    if held.private_key is None:
        raise _missing("netsuite", "private_key, the PEM text of the certificate's key")
    machine = netsuite.MachineLogin(
        account,
        client_id=held.client_id,
        certificate_id=held.certificate_id,
        private_key=held.private_key,
        clock=clock,
        algorithm=_algorithm_of(held.private_key),
    )
    return machine, [held.private_key]


def _algorithm_of(private_key: SecretStr) -> str:
    """Return the signature algorithm that fits the key; a key that cannot be read is refused by the login itself."""
    try:
        key = load_pem_private_key(private_key.get_secret_value().encode(), password=None)
    except (ValueError, TypeError):
        return "PS256"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {256: "ES256", 384: "ES384", 521: "ES512"}.get(key.curve.key_size, "ES256")
    return "PS256"


def _missing(table: str, fields: str) -> BadInput:
    return BadInput(
        f"credentials for {table} are missing", remedy=f"Write {fields} under [{table}] in secrets.toml (mode 0600)"
    )
