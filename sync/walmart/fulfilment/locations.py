"""`walmart.locations@US`: the places that orders leave from (GET /v3/settings/shipping/shipnodes), read whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import ChannelLocation
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient
from sync.walmart.account_calls import ship_nodes_call
from sync.walmart.errors import is_no_rows
from sync.walmart.orders.decode import COUNTRIES
from sync.walmart.pages import account_of, page_of, refuse_hidden_errors, sorted_out, stored
from sync.walmart.wire_types import Filled, Shape, key_of, why

__all__ = ["LocationStream", "decode_location"]

_KINDS = {"PHYSICAL": "seller", "VIRTUAL": "seller", "3PL": "third_party", "WFS": "channel"}


class _Address(Shape):
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None


class _Node(Shape):
    ship_node: str
    node_type: str | None = None
    ship_node_name: str | None = None
    status: str | None = None
    postal_address: Filled[_Address] = _Address()


def decode_location(raw: object, channel: str, *, ordinal: int = 0) -> Document | Quarantined:
    """Return one ship node's document, or why it cannot be read; a kind that is new to us is the seller's."""
    try:
        node = _Node.model_validate(raw)
    except ValidationError as error:
        return Quarantined(key_of(raw, "shipNode", ordinal), why(error), ordinal)
    address = node.postal_address
    location = ChannelLocation(
        channel=channel,
        location_id=node.ship_node,
        name=node.ship_node_name or node.ship_node,
        kind=_KINDS.get((node.node_type or "").upper(), "seller"),
        status="active" if (node.status or "").upper() == "ACTIVE" else "inactive",
        postal_code=address.postal_code,
        region=address.state,
        country=COUNTRIES.get(address.country or "", address.country),
    )
    return Document(location, (), ordinal)


@dataclass(frozen=True, slots=True)
class LocationStream:
    """The ship nodes of one Walmart account."""

    client: VendorClient
    channel: str
    clock: Clock
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.locations@US`."""
        return f"walmart.locations@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield all places in one batch.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when the answer is no list of places.
        """
        now = self.clock.now()
        covered = Window(stored(cursor) or now, now)
        position = {"until": now.isoformat()}
        try:
            reply = await self.client.send(ship_nodes_call())
        except Rejected as error:
            if not is_no_rows(error):
                raise
            yield Batch(None, (), position, covered=covered)
            return
        rows = _rows(reply)
        documents, bad = sorted_out([decode_location(row, self.channel, ordinal=i) for i, row in enumerate(rows)])
        yield Batch(page_of(reply), documents, position, bad, covered=covered, expected=len(rows))


def _rows(reply: Reply) -> list[object]:
    body = reply.json()
    if isinstance(body, Mapping):
        refuse_hidden_errors(reply, body)
        body = [body] if "shipNode" in body else None
    if not isinstance(body, list):
        raise ContractBroken(reply.seen(detail="the answer is no list of ship nodes"))
    return body
