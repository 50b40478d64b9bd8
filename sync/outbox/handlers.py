"""What a vendor's package must be able to do with one kind of operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from sync.errors import VendorError

__all__ = ["BatchHandler", "Found", "Handler", "Rendered", "Sent", "handler_for"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTTP request that an intent becomes; shown to people before they approve it."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True, slots=True)
class Found:
    """The target as the vendor has it, in our words."""

    target_id: str
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor said yes."""

    target_id: str
    status: int | None = None
    call_id: int | None = None


class Handler(Protocol):
    """One kind of operation at one vendor."""

    @property
    def kind(self) -> str:
        """Return the kind, such as `sales_order.create`."""
        ...

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request, without sending anything."""
        ...

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the target if the vendor has it already, by identity or by any reference to it.

        Raises:
            VendorError: the vendor could not be asked.
        """
        ...

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Make the write, once.

        Raises:
            VendorError: `InDoubt` where it may have taken effect.
        """
        ...

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the target as the vendor now has it, in our words."""
        ...

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the fields that differ: `{"field", "sent", "now"}` each; empty where they agree."""
        ...


@runtime_checkable
class BatchHandler(Handler, Protocol):
    """A kind of operation of which the vendor takes many in one call (NetSuite's batch, a feed of a marketplace).

    Where the outcome of an item comes later (a feed is worked off in minutes), `send_many` returns `Sent` as soon as
    the vendor holds the file, and `read_back` raises `Transient` with the time to wait until the outcome is there.
    """

    @property
    def most(self) -> int:
        """Return how many operations one call takes at most."""
        ...

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
        """Return for each what `look` would, in order, with few calls.

        Raises:
            VendorError: the vendor could not be asked.
        """
        ...

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Sent | VendorError]:
        """Write them all, once; return one outcome for each, in order.

        Raises:
            VendorError: what concerned the whole call; `InDoubt` where it may have taken effect, for every item.
        """
        ...

    async def read_back_many(self, target_ids: Sequence[str]) -> Sequence[Mapping[str, Any] | VendorError]:
        """Return for each what `read_back` would return or raise, in order, with few calls.

        Raises:
            VendorError: the vendor could not be asked.
        """
        ...


def handler_for(
    handlers: Mapping[tuple[str, str], Handler], vendor: str, channel: str | None, kind: str
) -> Handler | None:
    """Return who sends a kind: the vendor's, or the channel's where each channel has its own; None for nobody."""
    return handlers.get((vendor, kind)) or handlers.get((channel or "", kind))
