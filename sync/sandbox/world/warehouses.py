"""Where goods lie: the company's two warehouses, and those of the channels."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Warehouse", "warehouses_of"]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place that ships. `kind` is `seller`, `channel` (the marketplace's own) or `3pl`."""

    channel: str
    warehouse_id: str
    name: str
    kind: str
    line1: str
    city: str
    region: str
    postal_code: str
    country: str


# channel, id, name, kind, street, city, region, postal code, country
_ROWS = """
amazon.US|DEFAULT|Acme Goods Main|seller|1200 Harbor Way|Oakland|CA|94607|US
amazon.US|PHX7|Phoenix fulfillment center|channel|800 N 75th Ave|Phoenix|AZ|85043|US
amazon.US|TEB9|Teterboro fulfillment center|channel|601 Randolph Rd|Somerset|NJ|08873|US
amazon.DE|DEFAULT|Acme Goods Hamburg|seller|Am Sandtorkai 12|Hamburg|Hamburg|20457|DE
amazon.DE|LEJ1|Leipzig|channel|Amazonstraße 1|Leipzig|Sachsen|04347|DE
amazon.DE|DTM2|Dortmund|channel|Kaltbandstraße 4|Dortmund|Nordrhein-Westfalen|44145|DE
walmart.US|84955660770217985|Acme Goods Main|seller|1200 Harbor Way|Oakland|CA|94607|US
walmart.US|84955660770217986|Acme Goods East|seller|48 Foundry Street|Newark|NJ|07105|US
walmart.US|84955660770217990|Lakeside Logistics|3pl|310 Dock Road|Joliet|IL|60436|US
walmart.US|WFS-PHL1|Bethlehem fulfillment center|channel|2785 Commerce Center Blvd|Bethlehem|PA|18015|US
walmart.US|WFS-LAX2|Colton fulfillment center|channel|1575 W Valley Blvd|Colton|CA|92324|US
"""


def warehouses_of(channel: str) -> list[Warehouse]:
    """Return the warehouses that a channel's orders can leave from; the first is the seller's default one."""
    rows = [line.split("|") for line in _ROWS.strip().splitlines()]
    return [Warehouse(*row) for row in rows if row[0] == channel]
