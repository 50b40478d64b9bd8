"""One step of the cash bridge: its waterfall, how the bank booked it, what is open after the last one."""

from __future__ import annotations

from datetime import datetime

from console.blocks import Block, Detail, Facts, Jump, Passage, Steps, WaterfallStep
from console.live.text import pairs
from console.present.amounts import money
from reconcile.bank.seen import BankSeen, see_bank
from reconcile.bridge import Bridge, BridgeStep, bridge_currencies, see_bridge
from reconcile.seen_at import evidence_at
from reconcile.settlement import category
from sync.store.store import Store

__all__ = ["read"]


def read(store: Store, key: str, tab: str, as_of: datetime | None) -> Detail | None:
    """Return one tab of a bridge row (channel/currency/settlement): waterfall, bank or open."""
    channel, _, rest = key.partition("/")
    currency, _, settlement_id = rest.partition("/")
    with evidence_at(store, as_of) as evidence:
        if currency not in bridge_currencies(evidence, channel):
            return None
        bridge, bank = see_bridge(evidence, channel, currency), see_bank(evidence)
    step = next((s for s in bridge.steps if s.settlement_id == settlement_id), None)
    title = f"{channel} {currency} · {settlement_id}"
    if step is None or tab == "open":
        return Detail(title, _open(bridge))
    blocks = (_in_bank(bridge, step, bank),) if tab == "bank" else _waterfall(bridge, step)
    return Detail(title, blocks, (Jump("settlements", key=f"{channel}/{settlement_id}"),))


def _waterfall(bridge: Bridge, step: BridgeStep) -> tuple[Block, ...]:
    steps = [WaterfallStep("Opening", step.opening, "total")]
    steps += [WaterfallStep(category(key).label, amount) for key, amount in step.activity.items()]
    steps.append(WaterfallStep("Payout", -step.payout))
    steps.append(WaterfallStep("Break", step.break_amount, "gap"))
    steps.append(WaterfallStep("Closing", step.closing, "total"))
    why = (Passage("Break", f"{step.broken}."),) if step.broken else ()
    return (Steps(bridge.currency, tuple(steps)), *why)


def _in_bank(bridge: Bridge, step: BridgeStep, bank: BankSeen) -> Facts:
    payout = f"{money(step.payout, bridge.currency)} {bridge.currency}"
    booked = [bank.bookings[key] for key in step.bookings if key in bank.bookings]
    if not booked:
        why = bank.unbooked(f"{bridge.channel}/{step.settlement_id}")
        return Facts("Payout beside the bank", pairs(payout=payout, bank=why))
    found = bank.matches.of_payout(f"{bridge.channel}/{step.settlement_id}")
    rows = [("bank", f"{b.day}  {money(b.amount, b.currency)} {b.currency}  {b.text}") for b in booked]
    rate = [("rate", str(step.rate))] if step.rate else []
    because = [("because", found.why)] if found else []
    return Facts("Payout beside the bank", (("payout", payout), *rows, *rate, *because))


def _open(bridge: Bridge) -> tuple[Block, ...]:
    after, currency = bridge.after, bridge.currency
    held = bridge.steps[-1].closing if bridge.steps else None
    return (
        Facts(
            "After the last settlement",
            pairs(
                held_back=f"{money(held, currency)} {currency}",
                released=f"{money(after.released, currency)} {currency} in {after.released_events} events",
                deferred=f"{money(after.deferred, currency)} {currency} in {after.deferred_events} events",
            ),
        ),
        Passage("", "Released money goes into the next settlement; deferred money is held until it matures."),
    )
