"""The fix of a payout that the books do not have: its journals, out of clearing first and then into the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.mapping.posting import period_of
from reconcile.settlement.payout_entry import PayoutLeg
from sync.money import round_to_minor, total_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.payouts.unposted_payout import UnpostedPayout

__all__ = ["exchange_of", "payout_operations"]


def payout_operations(evidence: Evidence, one: UnpostedPayout, discrepancy_id: str) -> list[PlannedOperation]:
    """Return the journals that the ERP lacks of a payout that nothing stops; the bank's waits for those of clearing."""
    operations: list[PlannedOperation] = []
    for leg in one.due:
        waits = tuple(o.identity for o in operations)
        operations.append(_operation(evidence, one, leg, discrepancy_id, waits))
    return operations


def exchange_of(one: UnpostedPayout) -> dict[str, str]:
    """Return what the payout gains or loses in the books' currency, in figures; empty where that is not known."""
    if one.bank_rate is None or not one.cleared or one.payout.currency == one.home == one.share.currency:
        return {}
    owed = total_of(round_to_minor(c.amount * c.rate, one.home) for c in one.cleared)
    arrived = total_of(round_to_minor(a * one.bank_rate, one.home) for _, a, _ in one.share.bookings)
    rate = f"{one.bank_rate.normalize():f}, NetSuite's of the mirror"
    word = "gain" if arrived >= owed else "loss"
    return {
        "owed": f"{amount_text(owed, one.home)} {one.home}",
        "arrived": f"{amount_text(arrived, one.home)} {one.home} at {rate}",
        word: f"{amount_text(abs(arrived - owed), one.home)} {one.home}",
    }


def _operation(
    evidence: Evidence, one: UnpostedPayout, leg: PayoutLeg, discrepancy_id: str, depends_on: tuple[str, ...]
) -> PlannedOperation:
    if total_of(line.amount for line in leg.lines):
        raise ValueError(f"{leg.external_id} does not balance")
    period = period_of(evidence, one.day)
    shown = {"date": one.day.isoformat(), "period": period.name if period else f"{one.day:%Y-%m}"}
    if leg.rate is not None:
        shown["rate"] = f"1 {leg.currency} = {leg.rate.normalize():f} {one.home}"
    for n, line in enumerate(leg.lines, 1):
        side = "debit" if line.amount > 0 else "credit"
        shown[f"line {n}"] = f"{line.account.label}, {line.memo}: {side} {amount_text(abs(line.amount), leg.currency)}"
    verb = "into the bank" if leg.external_id.startswith(f"{one.name}-IN") else "out of clearing"
    return PlannedOperation(
        identity=leg.external_id,
        vendor="netsuite",
        kind="journal_entry.create",
        channel=one.payout.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"Payout of settlement {one.settlement_id} {verb}",
        intent=_intent(one, leg),
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in (shown | exchange_of(one)).items()],
        amount=leg.debits,
        currency=leg.currency,
        period=f"{one.day:%Y-%m}",
    )


def _intent(one: UnpostedPayout, leg: PayoutLeg) -> dict[str, Any]:
    intent: dict[str, Any] = {
        "external_id": leg.external_id,
        "date": one.day.isoformat(),
        "subsidiary_id": one.books.dimensions.subsidiary_id,
        "currency": leg.currency,
        "memo": f"{one.payout.channel} payout of settlement {one.settlement_id}",
        "lines": [
            {
                "account_id": line.account.account_id,
                "debit": amount_text(line.amount, leg.currency) if line.amount > 0 else None,
                "credit": amount_text(-line.amount, leg.currency) if line.amount < 0 else None,
                "memo": line.memo,
                "department_id": line.account.department_id,
                "class_id": line.account.class_id,
                "location_id": line.account.location_id,
                "entity_id": line.account.entity_id,
            }
            for line in leg.lines
        ],
    }
    return intent if leg.rate is None else intent | {"exchange_rate": str(leg.rate)}
