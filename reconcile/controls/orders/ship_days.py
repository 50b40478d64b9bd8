"""Documents of other people whose ship date is no word of theirs, and the decision that ends the flood.

Whoever books orders without a ship date leaves the one that NetSuite fills in: the day of the document. Every open
order then differs in its day. Where nearly all open documents of a channel that others booked are so, it is offered
not to compare the day; where their days are all nearly right, to allow for the difference.
"""

from __future__ import annotations

from collections.abc import Callable

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.posting_days import Offer, propose_later
from reconcile.mapping.compared import COMPARISON, Compared, compared_of
from sync.ops.decisions import Decision

__all__ = ["propose_comparison"]

_FEWEST = 5
_SHARE = 95
_NEAR_DAYS = 2
# Needs the temp tables of a judgement of all orders.
_HELD = """
SELECT count(*), count(*) FILTER (WHERE held = entered), count(*) FILTER (WHERE held <> day), max(abs(held - day))
FROM (
    SELECT t.ship_date AS held, t.transaction_date AS entered, CAST(timezone(z.time_zone, o.ship_by) AS DATE) AS day
    FROM temp.booked_pairs p
    JOIN transactions t ON t.transaction_id = p.transaction_id
    JOIN orders o ON o.order_key = p.order_key AND o.channel = p.channel AND o.order_id = p.order_id
    JOIN temp.delivery_zones z ON z.channel = p.channel
    WHERE p.channel = $1 AND p.is_open AND p.fulfilled_by = 'seller' AND NOT p.is_ours AND t.ship_date IS NOT NULL
        AND o.ship_by IS NOT NULL
)
"""


def propose_comparison(evidence: Evidence, channel: str, judge: Callable[[Evidence], Judgement]) -> None:
    """Note that it may be offered to compare the ship dates of a channel less closely; found out when it is asked for.

    `judge` finds everything that differs.
    """
    propose_later(evidence, COMPARISON, channel, lambda: _offer(evidence, channel, judge))


def _offer(evidence: Evidence, channel: str, judge: Callable[[Evidence], Judgement]) -> Offer | None:
    now = _blocks(judge(evidence))
    held = compared_of(channel, evidence.decisions(COMPARISON))
    found = _decision(evidence, channel, held)
    if found is None:
        return None
    value, words, because = found
    decided = Decision(0, COMPARISON, channel, value, evidence.now, evidence.now, "", "")
    then = _blocks(judge(evidence.assuming(COMPARISON, {**evidence.decisions(COMPARISON), channel: decided})))
    ended = sum(1 for one in now if one not in then)
    freed = sum(1 for one, is_blocked in now.items() if is_blocked and then.get(one) is False)
    said = [f"ends {ended} of {len(now)} discrepancies"] + ([f"and releases {freed}"] if freed else [])
    return Offer(COMPARISON, channel, value, f"{words} ({' '.join(said)})", because) if ended or freed else None


def _decision(evidence: Evidence, channel: str, held: Compared) -> tuple[dict[str, object], str, str] | None:
    row = evidence.cursor.execute(_HELD, [channel]).fetchone()
    documents, entered, other, days = row or (0, 0, 0, None)
    if documents < _FEWEST or not other or days is None:
        return None
    if entered * 100 >= documents * _SHARE:
        because = f"{entered} of {documents} open documents that others booked hold the day of the document"
        return held.without("ship_by"), f"the ship date of {channel} is not compared", because
    if days <= _NEAR_DAYS:
        off = f"{days} day{'s' if days > 1 else ''} off"
        because = f"the ship dates of {documents} open documents that others booked are at most {off}"
        return held.within(int(days)), f"the ship date of {channel} may be {off}", because
    return None


def _blocks(judged: Judgement) -> dict[str, bool]:
    return {f.discrepancy_id: f.blocked_by is not None for f in judged.findings}
