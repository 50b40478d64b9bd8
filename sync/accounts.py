"""The vendor accounts that a home's settings name: their streams and handlers, over shared clients.

Everything runs on the one event loop that `Accounts` was opened on.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

import sync.amazon as amazon
import sync.netsuite as netsuite
import sync.walmart as walmart
from sync.clients import ERP, Clients
from sync.clock import Clock
from sync.errors import BadInput
from sync.outbox.handlers import Handler
from sync.settings import Secrets, Settings
from sync.streams import Batch, Stream
from sync.transport import CallLog, CancelToken

__all__ = ["Accounts"]

#: Streams by vendor in which a write shows at once.
_SHOWS_WRITTEN = {
    ERP: ("netsuite.customers", "netsuite.transactions", "netsuite.links", "netsuite.parcels"),
    "amazon": ("amazon.orders",),
    "walmart": ("walmart.orders", "walmart.returns"),
}
_SUBSIDIARIES = "SELECT id FROM subsidiary ORDER BY id"


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _shown_by(channel: str) -> list[str]:
    vendor, _, account = channel.partition(".")
    return [f"{name}@{account}" for name in _SHOWS_WRITTEN.get(vendor, ())]


def _nothing_known(channel: str) -> Sequence[str]:
    return ()


@dataclass(slots=True)
class Accounts:
    """Opened lazily: a vendor whose credentials are missing hurts only its own streams.

    `known_settlements` gives the settlement ids that the mirror has of a channel.
    """

    settings: Settings
    secrets: Secrets
    calls: CallLog
    clock: Clock
    known_settlements: Callable[[str], Sequence[str]] = _nothing_known
    clients: Clients = field(init=False)
    #: Commands and jobs ask from several threads; two clients of one account would spend two budgets of calls.
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.clients = Clients(self.settings, self.secrets, self.calls, self.clock)

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
            for vendor in sorted(set(wanted), key=["amazon", "walmart", ERP].index):
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

    def streams_of_written(self, written: Iterable[tuple[str, str]]) -> list[str]:
        """Return the pulled streams that show what was written to these (vendor, channel of the operation).

        Only streams that are read in few calls: reports that a marketplace makes on request take their own time.
        """
        pulled = [s.name for s in self.streams()]
        wanted: list[str] = []
        for vendor, channel in sorted(set(written)):
            names = _SHOWS_WRITTEN[ERP] if vendor == ERP else _shown_by(channel)
            wanted += [s for s in pulled if any(_selects(n, s) for n in names)]
        return list(dict.fromkeys(wanted))

    def stream_names(self) -> list[str]:
        """Return the names of every configured stream."""
        return [s.name for s in self.streams()]

    def account_names(self) -> list[str]:
        """Return the accounts that `sign_in` takes: one a channel, and `netsuite`."""
        return [*self.settings.channels, *([ERP] if self.settings.erp is not None else [])]

    async def sign_in(self, account: str) -> str:
        """Make one harmless call and return in words what the account may see.

        Raises:
            BadInput: its credentials are missing.
            VendorError: the vendor refused or could not be asked.
        """
        if account == ERP:
            return f"signed in, {len(await self.netsuite_query(_SUBSIDIARIES))} subsidiaries"
        with self._lock:
            if self.settings.channels[account].vendor == "walmart":
                checked = walmart.sign_in(self.clients.walmart(account))
            else:
                checked = amazon.sign_in(self.clients.amazon(account))
        return await checked

    def handlers(self, *, cancel: CancelToken | None = None) -> dict[tuple[str, str], Handler]:
        """Return what can send each kind of operation, by (channel, kind), the ERP's by its name.

        An account without credentials has none.
        """
        with self._lock:
            return self._handlers(cancel or CancelToken())

    def _handlers(self, token: CancelToken) -> dict[tuple[str, str], Handler]:
        found: dict[tuple[str, str], Handler] = {}
        erp = self.settings.erp
        if erp is not None and self.secrets.netsuite is not None:
            client = netsuite.NetSuiteClient(self.clients.netsuite().under(token))
            tax = netsuite.TaxEngine(erp.tax_code_id, erp.tax_type_id) if erp.tax_code_id else None
            for handler in netsuite.handlers(client, netsuite.PushSettings(batch=erp.batch, tax=tax)):
                found[ERP, handler.kind] = handler
        for channel, account in self.settings.channels.items():
            if account.vendor == "walmart" and self.secrets.walmart is not None:
                seller = self.clients.walmart(channel).under(token)
                for handler in walmart.handlers(seller, channel=channel, clock=self.clock):
                    found[channel, handler.kind] = handler
        return found | self._amazon_handlers(token)

    def _amazon_handlers(self, token: CancelToken) -> dict[tuple[str, str], Handler]:
        held = self.secrets.amazon
        channels = [c for c, account in self.settings.channels.items() if account.vendor == "amazon"]
        if held is None or not channels:
            return {}
        clients = {c: self.clients.amazon(c).under(token) for c in channels}
        made = amazon.handlers(clients, clock=self.clock, seller_id=held.seller_id)
        return {(channel, handler.kind): handler for handler in made for channel in channels}

    async def netsuite_query(self, text: str, parameters: Sequence[str] = ()) -> list[Mapping[str, object]]:
        """Run a SuiteQL query and return its rows (for `doctor` and people).

        Raises:
            BadInput: no NetSuite account is configured.
        """
        with self._lock:
            client = netsuite.NetSuiteClient(self.clients.netsuite())
        page = await client.suiteql(text, list(parameters))
        return list(page.items)

    async def survey(self) -> netsuite.Survey:
        """Return what the ERP's account is like: features, custom fields, fields that we write and it lacks.

        Raises:
            BadInput: no NetSuite account is configured.
            VendorError: NetSuite refused or could not be asked.
        """
        with self._lock:
            client = netsuite.NetSuiteClient(self.clients.netsuite())
        return await netsuite.survey(client, self.clock, may_write=self.settings.safety.write)

    def waiting_for(self) -> str | None:
        """Return in words what calls wait for now, None when none waits."""
        texts = [t for client in self.clients.opened() if (t := client.waiting_for())]
        return "; ".join(texts) or None

    async def close(self) -> None:
        """Close every connection."""
        with self._lock:
            held = self.clients.forget()
        for client in held:
            await client.aclose()

    def _is_pulled(self, stream: str) -> bool:
        kinds, name = self.settings.pull.kinds, stream.partition("@")[0]
        kind = name.partition(".")[2]
        return not kinds or not kind or kind in kinds or name in kinds

    def _vendors(self) -> list[str]:
        erp = [ERP] if self.settings.erp is not None else []
        return [c.vendor for c in self.settings.channels.values()] + erp

    def _vendor_of(self, name: str) -> str:
        vendor = name.split(".")[0].split("@")[0]
        if vendor not in self._vendors():
            known = ", ".join(sorted(set(self._vendors()))) or "none"
            raise BadInput("no account of this vendor is configured", value=name, remedy=f"Configured: {known}")
        return vendor

    def _streams_of(self, vendor: str, cancel: CancelToken) -> list[Stream]:
        if vendor == ERP:
            assert self.settings.erp is not None
            client = netsuite.NetSuiteClient(self.clients.netsuite().under(cancel))
            since = _first_moment(self.settings.erp.first_day)
            return netsuite.streams(client, netsuite.PullSettings(since=since))
        if vendor == "walmart":
            found: list[Stream] = []
            for channel, account in self.settings.channels.items():
                if account.vendor == "walmart":
                    found += walmart.streams(
                        self.clients.walmart(channel).under(cancel),
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
                regions.setdefault(self.clients.amazon_address(channel), []).append(channel)
        seller_id = self.secrets.amazon.seller_id if self.secrets.amazon else ""
        found: list[Stream] = []
        for channels in regions.values():
            found += amazon.streams(
                self.clients.amazon(channels[0]).under(cancel),
                channels,
                clock=self.clock,
                since=_first_moment(min(self.settings.channels[c].first_day for c in channels)),
                kinds=amazon.ALL_KINDS,
                seller_id=seller_id,
                known_settlements=self.known_settlements,
            )
        return found


@dataclass(frozen=True, slots=True)
class _Unready:
    """Stands for the streams of a vendor that cannot be opened; pulling it says why."""

    name: str
    why: BadInput
    depends_on: Sequence[str] = ()

    def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        raise self.why


def _selects(name: str, stream: str) -> bool:
    kind, _, account = stream.partition("@")
    vendor = kind.split(".")[0]
    return name in (stream, kind, vendor, f"{vendor}.{account}")
