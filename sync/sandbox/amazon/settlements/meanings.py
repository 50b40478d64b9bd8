"""Settlements with other lines: new names, reversed signs, orders that are none. Each still adds to its total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement

__all__ = ["FAILED_TRANSFER", "MEANINGS", "UNKNOWN_ORDER", "UNKNOWN_TRIPLE"]

UNKNOWN_TRIPLE = ("AmazonFees", "Orbital Delivery Surcharge", "Fee of tomorrow")
UNKNOWN_ORDER = "999-0000000-0000001"
FAILED_TRANSFER = (
    "Transfer of funds unsuccessful: the bank has rejected the transfer because the account holder's name differs "
    "from the name on file; please check your deposit method"
)
_LONG_TYPE = "Regulatory compliance and extended producer responsibility pass-on"
_LONG_TEXT = (
    "Eco-contribution for packaging, electrical equipment, batteries and furniture, paid on behalf of the seller under "
    "the rules of the country of delivery"
)
_OLD_NAMES = {"FBA Inventory Storage Fee": "Storage Fee", "FBA Long Term Storage Fee": "StorageRenewalBilling"}
_Lines = tuple[LedgerLine, ...]


def _where(
    fits: Callable[[LedgerLine], bool], change: Callable[[LedgerLine], LedgerLine]
) -> Callable[[Settlement], Settlement]:
    """Return a change of every line that fits."""

    def changed(settlement: Settlement) -> Settlement:
        return replace(settlement, lines=tuple(change(x) if fits(x) else x for x in settlement.lines))

    return changed


def _triple(line: LedgerLine, texts: tuple[str, str, str]) -> LedgerLine:
    return replace(line, transaction_type=texts[0], amount_type=texts[1], description=texts[2])


def _first_account_line(change: Callable[[LedgerLine], LedgerLine]) -> Callable[[Settlement], Settlement]:
    """Return a change of the first line that belongs to no order and is no reserve or transfer."""

    def fits(line: LedgerLine) -> bool:
        return line.order_id is None and line.transaction_type != "other-transaction"

    def changed(settlement: Settlement) -> Settlement:
        at = next((number for number, line in enumerate(settlement.lines) if fits(line)), None)
        if at is None:
            return settlement
        rows = list(settlement.lines)
        rows[at] = change(rows[at])
        return replace(settlement, lines=tuple(rows))

    return changed


def _first_order_lines(change: Callable[[LedgerLine], LedgerLine]) -> Callable[[Settlement], Settlement]:
    """Return a change of all lines of the settlement's first order."""

    def changed(settlement: Settlement) -> Settlement:
        order_id = next((x.order_id for x in settlement.lines if x.order_id), None)
        return settlement if order_id is None else _where(lambda x: x.order_id == order_id, change)(settlement)

    return changed


def _halved(settlement: Settlement) -> Settlement:
    """Serve the first order line of an even number of cents as two equal halves."""
    rows: list[LedgerLine] = []
    done = False
    for line in settlement.lines:
        if not done and line.order_id and line.amount and (line.amount * 100) % 2 == 0:
            rows += [replace(line, amount=line.amount / 2)] * 2
            done = True
        else:
            rows.append(line)
    return replace(settlement, lines=tuple(rows))


def _account_pair(settlement: Settlement, texts: tuple[str, str], amount: Decimal) -> _Lines:
    at = settlement.start + timedelta(minutes=1)
    kind = "other-transaction"
    return (
        LedgerLine(kind, kind, texts[0], -amount, at),
        LedgerLine(kind, kind, texts[1], amount, at + timedelta(minutes=79)),
    )


def _charged(settlement: Settlement) -> Settlement:
    pair = _account_pair(settlement, ("Payable to Amazon", "Successful charge"), Decimal("321.69"))
    return replace(settlement, lines=pair + settlement.lines)


def _failed_transfer(settlement: Settlement) -> Settlement:
    """Add the sentence, with the amount that came back and went into the reserve of the account again."""
    pair = _account_pair(settlement, ("Current Reserve Amount", FAILED_TRANSFER), Decimal("100.00"))
    return replace(settlement, lines=pair + settlement.lines)


def _reversed(settlement: Settlement) -> Settlement:
    """Add a refund's commission with the sign that it should not have, and the same amount the usual way."""
    like = next((x for x in settlement.lines if x.order_id), None)
    if like is None:
        return settlement
    line = replace(
        like, transaction_type="Refund", amount_type="ItemFees", description="Commission", amount=Decimal("-1.50")
    )
    return replace(settlement, lines=(*settlement.lines, line, replace(line, amount=Decimal("1.50"))))


def _broken_carry(settlement: Settlement) -> Settlement:
    """Let the previous reserve be 1.00 more than what was withheld, and this one's reserve 1.00 more as well."""
    one = Decimal("1.00")
    kind = "other-transaction"
    lines = list(settlement.lines)
    for text, more in (("Previous Reserve Amount Balance", one), ("Current Reserve Amount", -one)):
        at = next((n for n, x in enumerate(lines) if x.description == text), None)
        if at is None:
            lines.append(LedgerLine(kind, kind, text, more, settlement.end - timedelta(seconds=1)))
        else:
            lines[at] = replace(lines[at], amount=lines[at].amount + more)
    return replace(settlement, lines=tuple(lines))


def _old_name(line: LedgerLine) -> LedgerLine:
    return _triple(line, ("other-transaction", "other-transaction", _OLD_NAMES.get(line.amount_type, line.amount_type)))


def _as_shipment(line: LedgerLine) -> LedgerLine:
    return replace(line, order_id="FBA19CD9HGQ8")


#: Fault -> the settlement that it serves.
MEANINGS: dict[str, Callable[[Settlement], Settlement]] = {
    "long_descriptions": _first_account_line(lambda x: replace(x, amount_type=_LONG_TYPE, description=_LONG_TEXT)),
    "equal_lines": _halved,
    "unknown_triple": _first_account_line(lambda x: _triple(x, UNKNOWN_TRIPLE)),
    "old_fee_names": _where(lambda x: x.transaction_type == "FBAFees", _old_name),
    "sign_reversed": _reversed,
    "reserve_not_carried": _broken_carry,
    "charged_card": _charged,
    "failed_transfer": _failed_transfer,
    "no_marketplace": _where(lambda x: True, lambda x: replace(x, marketplace=None)),
    "non_amazon_order": _first_order_lines(lambda x: replace(x, marketplace="Non-Amazon")),
    "shipment_as_order": _where(lambda x: x.transaction_type == "FBAFees", _as_shipment),
    "unknown_order": _first_order_lines(lambda x: replace(x, order_id=UNKNOWN_ORDER, merchant_order_id=None)),
}
