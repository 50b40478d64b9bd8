"""A person takes back a posted document of a settlement or payout: decided, planned and left for review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reconcile.controls.control import Evidence
from reconcile.controls.payouts.payouts_unposted import PAYOUTS
from reconcile.controls.settlements.journal_not_reversed import CONTROL, REVERSAL
from reconcile.controls.settlements.posted_documents import PostedDocument, known_names, posted_documents
from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, stage
from reconcile.settlement.identity import prefix, read_name, read_payout_name, reversal_of
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["PlannedReversal", "plan_reversal", "posted_of"]


@dataclass(frozen=True, slots=True)
class PlannedReversal:
    """The plan of a reversal; `plan_id` is None where something is in its way (the plan's obstacles say what)."""

    external_id: str
    plan: Plan
    plan_id: str | None


def plan_reversal(store: Store, external_id: str, *, reason: str, by: str, day: date | None = None) -> PlannedReversal:
    """Decide that a posted journal is taken back and stage its reversal for review; nothing is sent yet.

    The reversal is dated `day`, else as the journal, else on the first open day after it. Once it is in the ERP the
    settlement's part counts as not posted and is due again as the next version (-v2).

    Raises:
        BadInput: no posted journal of a settlement has this external id, it is reversed already, or there is no reason.
    """
    if not reason.strip():
        raise BadInput("a reversal needs a reason", remedy="Say why with --reason")
    channel = _channel_of(store, external_id)
    value = {"date": day.isoformat()} if day else {}
    store.decisions.decide(REVERSAL, f"{channel}|{external_id}", value, by=by, reason=reason.strip())
    run_cycle(store, controls=[CONTROL.name])
    plan = build_plan(store, [f"{CONTROL.name}|{channel}|{external_id}"], title=f"Reverse {external_id}")
    return PlannedReversal(external_id, plan, stage(store, plan, by=by) if plan.operations else None)


def posted_of(store: Store, channel: str, settlement_id: str) -> tuple[PostedDocument, ...]:
    """Return what is posted of a settlement and its payout and not taken back, by name: what can be reversed."""
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        known = known_names(evidence) | known_names(evidence, PAYOUTS)
        names = [n for n in known if _is_of(n, channel, settlement_id) and reversal_of(n) not in known]
        return tuple(posted_documents(evidence, names).values())


def _is_of(external_id: str, channel: str, settlement_id: str) -> bool:
    name = read_name(external_id) or read_payout_name(external_id)
    return (
        name is not None
        and not name.is_reversal
        and (name.prefix, name.settlement_id)
        == (
            prefix(channel),
            settlement_id,
        )
    )


def _channel_of(store: Store, external_id: str) -> str:
    name = read_name(external_id) or read_payout_name(external_id)
    if name is None or name.is_reversal:
        raise BadInput(
            "this is no journal of a settlement or payout",
            value=external_id,
            remedy="Name one such as AMZ-SETTLE-18837465521-202611",
        )
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        known = known_names(evidence) | known_names(evidence, PAYOUTS)
        channels = [
            str(row[0])
            for row in cursor.execute(
                "SELECT DISTINCT channel FROM settlements WHERE settlement_id = $1 ORDER BY channel",
                [name.settlement_id],
            ).fetchall()
        ]
    if external_id not in known:
        posted = sorted(n for n in known if any(_is_of(n, c, name.settlement_id) for c in channels))
        standing = [n for n in posted if reversal_of(n) not in known]
        remedy = (
            f"Posted of its settlement: {', '.join(standing)}" if standing else "Nothing of its settlement is posted"
        )
        raise BadInput("no such journal is posted", value=external_id, remedy=remedy)
    if reversal_of(external_id) in known:
        raise BadInput("it is reversed already", value=external_id, remedy="The part is due under its next version")
    mine = [c for c in channels if prefix(c) == name.prefix]
    if not mine:
        raise BadInput("its settlement is not in the mirror", value=external_id, remedy="Import the settlement first")
    return mine[0]
