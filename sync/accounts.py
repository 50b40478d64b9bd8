"""The vendor accounts that a home's settings name: opened once, shared by pulls and pushes.

Connections, tokens and rate limits live as long as the process: a second pull continues with the budget that the
first one left. Everything runs on the one event loop that `Accounts` was opened on.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

import sync.amazon as amazon
import sync.netsuite as netsuite
import sync.walmart as walmart
from sync.clock import Clock
from sync.errors import BadInput
from sync.outbox.handlers import Handler
from sync.settings import ErpSettings, NetSuiteSecrets, Secrets, Settings
from sync.streams import Batch, Stream
from sync.transport import CallLog, CancelToken, ConcurrencyGate, VendorClient

__all__ = ["Accounts"]

_ERP = "netsuite"
_SUBSIDIARIES = "SELECT id FROM subsidiary ORDER BY id"


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


@dataclass(slots=True)
class Accounts:
    """One client an account. Opened lazily: a vendor whose credentials are missing hurts only its own streams."""

    settings: Settings
    secrets: Secrets
    calls: CallLog
    clock: Clock
    _clients: dict[str, VendorClient] = field(default_factory=dict)
    #: Commands and jobs ask from several threads; two clients of one account would spend two budgets of calls.
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def streams(self, names: Sequence[str] = (), *, cancel: CancelToken | None = None) -> list[Stream]:
        """Return the streams of all accounts, or those that a name selects (`amazon`, `amazon.orders`, `…@US`).

        Without names they are those of the kinds that the settings list (`[pull] kinds`), all where they list none.
        Where everything is wanted and a vendor's credentials are missing, one stream of the vendor's name stands for
        its streams and says so when it is pulled.

        Raises:
            BadInput: nothing is configured, a name selects nothing, or credentials of a named vendor are missing.
        """
        wanted = [self._vendor_of(n) for n in names] or self._vendors()
        if not wanted:
            raise BadInput(
                "no account is configured", remedy="Run `tieout demo`, or write config.toml (see the README)"
            )
        found: list[Stream] = []
        with self._lock:
            for vendor in sorted(set(wanted), key=["amazon", "walmart", _ERP].index):
                try:
                    found.extend(self._streams_of(vendor, cancel or CancelToken()))
                except BadInput as error:
                    if names:
                        raise
                    found.append(_Unready(vendor, error))
        if not names:
            return [s for s in found if self._is_pulled(s.name)]
        chosen = [s for s in found if any(_selects(n, s.name) for n in names)]
        unknown = [n for n in names if not any(_selects(n, s.name) for s in found)]
        if unknown:
            known = ", ".join(s.name for s in found)
            raise BadInput("there is no such stream", value=unknown[0], remedy=f"Known here: {known}")
        return chosen

    def stream_names(self) -> list[str]:
        """Return the names of every configured stream."""
        return [s.name for s in self.streams()]

    def account_names(self) -> list[str]:
        """Return the accounts that `sign_in` takes: one a channel, and `netsuite`."""
        return [*self.settings.channels, *([_ERP] if self.settings.erp is not None else [])]

    async def sign_in(self, account: str) -> str:
        """Make one harmless call and return in words what the account may see.

        Raises:
            BadInput: its credentials are missing.
            VendorError: the vendor refused or could not be asked.
        """
        if account == _ERP:
            return f"signed in, {len(await self.netsuite_query(_SUBSIDIARIES))} subsidiaries"
        with self._lock:
            if self.settings.channels[account].vendor == "walmart":
                checked = walmart.sign_in(self._walmart(account))
            else:
                checked = amazon.sign_in(self._amazon(self._amazon_url(account), account))
        return await checked

    def handlers(self, *, cancel: CancelToken | None = None) -> dict[tuple[str, str], Handler]:
        """Return what can send each (vendor, kind) of operation; an account without credentials has none."""
        with self._lock:
            return self._handlers(cancel or CancelToken())

    def _handlers(self, token: CancelToken) -> dict[tuple[str, str], Handler]:
        found: dict[tuple[str, str], Handler] = {}
        if self.settings.erp is not None and self.secrets.netsuite is not None:
            erp = netsuite.NetSuiteClient(self._netsuite(self.settings.erp).under(token))
            for handler in netsuite.handlers(erp):
                found[_ERP, handler.kind] = handler
        for channel, account in self.settings.channels.items():
            if account.vendor == "walmart" and self.secrets.walmart is not None:
                for handler in walmart.handlers(self._walmart(channel).under(token), channel=channel):
                    found["walmart", handler.kind] = handler
        return found

    async def netsuite_query(self, text: str, parameters: Sequence[str] = ()) -> list[Mapping[str, object]]:
        """Run a SuiteQL query and return its rows (for `doctor` and people)."""
        if self.settings.erp is None:
            raise BadInput("no NetSuite account is configured", remedy="Write [erp] in config.toml")
        with self._lock:
            client = netsuite.NetSuiteClient(self._netsuite(self.settings.erp))
        page = await client.suiteql(text, list(parameters))
        return list(page.items)

    def waiting_for(self) -> str | None:
        """Return in words what calls wait for now, None when none waits."""
        texts = [t for client in self._clients.values() if (t := client.waiting_for())]
        return "; ".join(texts) or None

    async def close(self) -> None:
        """Close every connection."""
        with self._lock:
            held = list(self._clients.values())
            self._clients.clear()
        for client in held:
            await client.aclose()

    def _is_pulled(self, stream: str) -> bool:
        kinds, kind = self.settings.pull.kinds, stream.partition("@")[0].partition(".")[2]
        return not kinds or not kind or kind in kinds

    def _vendors(self) -> list[str]:
        erp = [_ERP] if self.settings.erp is not None else []
        return [c.vendor for c in self.settings.channels.values()] + erp

    def _vendor_of(self, name: str) -> str:
        vendor = name.split(".")[0].split("@")[0]
        if vendor not in self._vendors():
            known = ", ".join(sorted(set(self._vendors()))) or "none"
            raise BadInput("no account of this vendor is configured", value=name, remedy=f"Configured: {known}")
        return vendor

    def _streams_of(self, vendor: str, cancel: CancelToken) -> list[Stream]:
        if vendor == _ERP:
            assert self.settings.erp is not None
            client = self._netsuite(self.settings.erp).under(cancel)
            first = _first_moment(self.settings.erp.first_day)
            return netsuite.streams(netsuite.NetSuiteClient(client), netsuite.PullSettings(since=first))
        if vendor == "walmart":
            found: list[Stream] = []
            for channel, account in self.settings.channels.items():
                if account.vendor == "walmart":
                    found += walmart.streams(
                        self._walmart(channel).under(cancel),
                        [channel],
                        clock=self.clock,
                        since=_first_moment(account.first_day),
                        charge_basis=account.charge_basis,
                    )
            return found
        return self._amazon_streams(cancel)

    def _amazon_streams(self, cancel: CancelToken) -> list[Stream]:
        regions: dict[str, list[str]] = {}
        for channel, account in self.settings.channels.items():
            if account.vendor == "amazon":
                regions.setdefault(self._amazon_url(channel), []).append(channel)
        found: list[Stream] = []
        for url, channels in regions.items():
            first = min(self.settings.channels[c].first_day for c in channels)
            client = self._amazon(url, channels[0]).under(cancel)
            found += amazon.streams(client, channels, clock=self.clock, since=_first_moment(first))
        return found

    def _amazon_url(self, channel: str) -> str:
        account = self.settings.channels[channel]
        return account.base_url or amazon.ENDPOINTS[amazon.marketplace_of(channel.partition(".")[2]).region]

    def _amazon(self, url: str, channel: str) -> VendorClient:
        if url not in self._clients:
            held = self.secrets.amazon
            if held is None:
                raise _missing("amazon", "client_id, client_secret and refresh_token")
            account = self.settings.channels[channel]
            self._clients[url] = VendorClient(
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
                policy=amazon.rate_policy(),
                classify=amazon.classify,
                calls=self.calls,
                clock=self.clock,
                secrets=[held.client_secret, held.refresh_token],
            )
        return self._clients[url]

    def _walmart(self, channel: str) -> VendorClient:
        if channel not in self._clients:
            held = self.secrets.walmart
            if held is None:
                raise _missing("walmart", "client_id and client_secret")
            url = self.settings.channels[channel].base_url or walmart.PRODUCTION
            self._clients[channel] = VendorClient(
                vendor="walmart",
                account=channel.partition(".")[2],
                base_url=url,
                auth=walmart.WalmartLogin(
                    client_id=held.client_id, client_secret=held.client_secret, clock=self.clock, base_url=url
                ),
                policy=walmart.rate_policy(),
                classify=walmart.classify,
                calls=self.calls,
                clock=self.clock,
                secrets=[held.client_secret],
            )
        return self._clients[channel]

    def _netsuite(self, erp: ErpSettings) -> VendorClient:
        if _ERP not in self._clients:
            held = self.secrets.netsuite
            if held is None:
                raise _missing("netsuite", "client_id, certificate_id and private_key (or tba)")
            account = netsuite.NetSuiteAccount(erp.account_id, erp.base_url or None)
            auth, secrets = _netsuite_login(account, erp, held, self.clock)
            gate = ConcurrencyGate(erp.concurrency)
            opened = netsuite.connect(
                account, auth, calls=self.calls, clock=self.clock, gate=gate, secrets=tuple(secrets)
            )
            self._clients[_ERP] = opened.transport
        return self._clients[_ERP]


@dataclass(frozen=True, slots=True)
class _Unready:
    """Stands for the streams of a vendor that cannot be opened; pulling it says why."""

    name: str
    why: BadInput
    depends_on: Sequence[str] = ()

    def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        raise self.why


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


def _selects(name: str, stream: str) -> bool:
    kind, _, account = stream.partition("@")
    vendor = kind.split(".")[0]
    return name in (stream, kind, vendor, f"{vendor}.{account}")


def _missing(table: str, fields: str) -> BadInput:
    return BadInput(
        f"credentials for {table} are missing", remedy=f"Write {fields} under [{table}] in secrets.toml (mode 0600)"
    )
