"""The ERP's documents of the channels' orders: what names an order, and everything that was made from it.

Controls choose their candidates first (the few orders that may differ) and link only those: what this costs follows
what changed, not what is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["BARE_REFERENCE", "NAMED_BY", "link_documents", "link_from", "make_edges"]

#: A reference of ours carries a prefix; other connectors and people write the bare number.
BARE_REFERENCE = "CASE WHEN left({0}, 4) IN ('AMZ-', 'WMT-') THEN substr({0}, 5) ELSE {0} END"
#: Order to fulfilment, invoice, payment, return, receipt, credit and refund: nothing of an order lies deeper.
_DEEPEST = 6
_EDGES = """
CREATE OR REPLACE TEMP TABLE document_edges AS
SELECT created_from AS previous_id, transaction_id AS next_id FROM transaction_lines WHERE created_from IS NOT NULL
UNION
SELECT previous_id, next_id FROM document_links
"""
#: What names an order on a document of the ERP: (join key, reference).
NAMED_BY = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
_NAMED = " UNION ".join(
    f"SELECT c.channel, c.order_id, t.transaction_id FROM candidate_orders c"  # noqa: S608 - our names
    f" JOIN transactions t ON t.{key} = c.order_key AND {BARE_REFERENCE.format(f't.{column}')} = c.order_id"
    for key, column in NAMED_BY
)
# A deposit is made from the cash sales of many orders: it is none of the order's own documents.
_CHAIN = f"""
CREATE OR REPLACE TEMP TABLE {{into}} AS
WITH RECURSIVE {{candidates}} chain (channel, order_id, transaction_id, made_from, depth) AS (
    SELECT channel, order_id, transaction_id, CAST(NULL AS VARCHAR), 0 FROM {{roots}}
    UNION
    SELECT c.channel, c.order_id, e.next_id, c.transaction_id, c.depth + 1
    FROM chain c JOIN temp.document_edges e ON e.previous_id = c.transaction_id
    JOIN transactions t ON t.transaction_id = e.next_id AND t.transaction_type <> 'Deposit'
    WHERE c.depth < {_DEEPEST}
)
SELECT c.channel, c.order_id, c.made_from, c.depth, t.transaction_id, t.transaction_type, t.number, t.status,
    t.external_id, t.other_reference, t.customer_id, t.currency, t.total, t.transaction_date, t.period_id,
    t.created_at, t.updated_at
FROM chain c JOIN transactions t ON t.transaction_id = c.transaction_id
QUALIFY row_number() OVER (
    PARTITION BY c.channel, c.order_id, c.transaction_id ORDER BY c.depth, c.made_from
) = 1
"""  # noqa: S608 - our names
_CANDIDATES = """
candidate_orders AS MATERIALIZED (
    SELECT DISTINCT o.channel, o.order_id, o.order_key FROM temp.{candidates} c
    JOIN orders o ON o.channel = c.channel AND o.order_id = c.order_id
),
"""


def make_edges(evidence: Evidence) -> None:
    """Make temp table `document_edges` (previous_id, next_id): what was made from what; once within one evidence."""
    evidence.once("document edges", lambda: evidence.cursor.execute(_EDGES) and True)


def link_documents(evidence: Evidence, candidates: str, into: str) -> None:
    """Create temp table `into` with the documents of the orders in temp table `candidates` (channel, order_id).

    One row a document and order: `channel`, `order_id`, `transaction_id`, `transaction_type`, `number`, `status`,
    `external_id`, `other_reference`, `customer_id`, `currency`, `total` (positive on sales, as mirrored),
    `transaction_date`, `period_id`, `created_at`, `updated_at`, and how it belongs to the order: `depth` 0 names it by
    external id, other reference or number; above 0 it was made from `made_from`, one of the order's documents.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check_names(candidates, into)
    make_edges(evidence)
    chosen = _CANDIDATES.format(candidates=candidates)
    evidence.cursor.execute(_CHAIN.format(candidates=chosen, roots=f"({_NAMED})", into=into))


def link_from(evidence: Evidence, roots: str, into: str) -> None:
    """Create temp table `into`, as `link_documents` does, from documents that are known to belong to an order.

    Temp table `roots` holds them: channel, order_id, transaction_id. The order may be one that `orders` does not have.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check_names(roots, into)
    make_edges(evidence)
    evidence.cursor.execute(_CHAIN.format(candidates="", roots=f"temp.{roots}", into=into))


def _check_names(*names: str) -> None:
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no table's name")
