"""Where orders that a marketplace ships for another shop were sold: orders of mirrored shops, sales orders of the ERP.

A shipping order carries two numbers, the seller's own and the one on the packing slip. An order of another channel is
named by its order number or the customer's, a sales order by external id, other reference or number. Nothing is
guessed: what is named twice, or not at all, waits for a person's word (`multichannel_order`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reconcile.documents import BARE_REFERENCE, NAMED_BY, link_from
from reconcile.multichannel.decided import KIND
from sync.mirror.keys import reference_key, strip_prefix

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["SoldOrder", "link_sold_orders"]

_REFERENCES = f"""
CREATE OR REPLACE TEMP TABLE multichannel_references AS
SELECT m.channel, m.order_id, m.order_key AS key, {BARE_REFERENCE.format("m.order_id")} AS reference
FROM multichannel_orders m SEMI JOIN temp.multichannel_undecided u ON u.channel = m.channel AND u.order_id = m.order_id
UNION
SELECT m.channel, m.order_id, m.display_key, {BARE_REFERENCE.format("m.display_id")}
FROM multichannel_orders m SEMI JOIN temp.multichannel_undecided u ON u.channel = m.channel AND u.order_id = m.order_id
"""  # noqa: S608 - our names
# What a person has named stands in `multichannel_named`: an order (its channel and number), or a document's reference.
_SOLD = """
CREATE OR REPLACE TEMP TABLE multichannel_sold AS
WITH named AS (
    SELECT r.channel, r.order_id, o.channel AS sold_channel, o.order_id AS sold_id
    FROM temp.multichannel_references r
    JOIN orders o ON o.order_key = r.key AND o.order_id = r.reference
    WHERE o.channel <> r.channel AND o.order_type <> 'multi_channel'
    UNION
    SELECT r.channel, r.order_id, o.channel, o.order_id
    FROM temp.multichannel_references r
    JOIN orders o ON o.alternate_key = r.key AND o.alternate_id = r.reference
    WHERE o.channel <> r.channel AND o.order_type <> 'multi_channel'
    UNION
    SELECT channel, order_id, sold_channel, reference FROM temp.multichannel_named WHERE sold_channel IS NOT NULL
)
SELECT n.channel, n.order_id, o.channel AS sold_channel, o.order_id AS sold_id, o.order_key AS sold_key,
    o.status, o.currency, o.ship_by
FROM named n JOIN orders o ON o.channel = n.sold_channel AND o.order_id = n.sold_id
"""
# A document names the shipping order, the order where it was sold, or is named by a person: by number or by its id.
_NAMED = " UNION ".join(
    f"SELECT r.channel, r.order_id, t.transaction_id FROM reference r JOIN transactions t"  # noqa: S608 - our names
    f" ON t.{key} = r.key AND {BARE_REFERENCE.format(f't.{column}')} = r.reference"
    " AND t.transaction_type IN ('SalesOrd', 'CashSale')"
    for key, column in NAMED_BY
)
_ROOTS = f"""
CREATE OR REPLACE TEMP TABLE multichannel_roots AS
WITH reference AS (
    SELECT channel, order_id, key, reference FROM temp.multichannel_references
    UNION SELECT channel, order_id, sold_key, sold_id FROM temp.multichannel_sold
    UNION SELECT channel, order_id, key, reference FROM temp.multichannel_named WHERE sold_channel IS NULL
)
{_NAMED}
UNION
SELECT n.channel, n.order_id, t.transaction_id FROM temp.multichannel_named n
JOIN transactions t ON t.transaction_id = n.reference AND t.transaction_type IN ('SalesOrd', 'CashSale')
WHERE n.sold_channel IS NULL
"""  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class SoldOrder:
    """The order of a mirrored shop that another marketplace ships."""

    channel: str
    order_id: str
    status: str
    currency: str
    ship_by: datetime | None


def link_sold_orders(
    evidence: Evidence, keys: Collection[tuple[str, str]], into: str
) -> dict[tuple[str, str], list[SoldOrder]]:
    """Return the orders of other channels that the shipping orders (channel, number) are for, by shipping order.

    Creates temp table `into`, in the form of `link_documents`: the ERP's documents of each shipping order, those that
    name it or the order where it was sold, and everything made from them.
    """
    cursor = evidence.cursor
    decided = {key: d for key in keys if (d := evidence.decisions(KIND).get("|".join(key))) is not None}
    free = [key for key in keys if key not in decided]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE multichannel_undecided AS"
        " SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS order_id",
        [[c for c, _ in free], [o for _, o in free]],
    )
    named = []
    for key, decision in decided.items():
        shop, _, number = str(decision.value.get("order") or "").partition("|")
        reference = number or strip_prefix(str(decision.value.get("document") or ""))
        named.append((*key, shop or None, reference, reference_key(reference)))
    columns = [list(column) for column in zip(*named, strict=True)] or [[], [], [], [], []]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE multichannel_named AS SELECT unnest($1::VARCHAR[]) AS channel,"
        " unnest($2::VARCHAR[]) AS order_id, unnest($3::VARCHAR[]) AS sold_channel,"
        " unnest($4::VARCHAR[]) AS reference, unnest($5::BIGINT[]) AS key",
        columns,
    )
    cursor.execute(_REFERENCES)
    cursor.execute(_SOLD)
    cursor.execute(_ROOTS)
    link_from(evidence, "multichannel_roots", into)
    found: dict[tuple[str, str], list[SoldOrder]] = {}
    rows = cursor.execute(
        "SELECT channel, order_id, sold_channel, sold_id, status, currency, ship_by FROM temp.multichannel_sold"
        " ORDER BY ALL"
    ).fetchall()
    for channel, order_id, *sold in rows:
        found.setdefault((channel, order_id), []).append(SoldOrder(*sold))
    return found
