"""Field tables of payments, refunds, deposits, journals and stock adjustments (CONTRACT §4)."""

from __future__ import annotations

from sync.sandbox.netsuite.fields.sales import DIMENSIONS, STAMPS, apply_sublist
from sync.sandbox.netsuite.fields.types import RecordType, SublistSpec, parse_fields

__all__ = ["MONEY"]

_BODY = f"""
tranDate:d tranId:s externalId:s memo:s subsidiary:R(subsidiary) currency:R(currency) exchangeRate:n
postingPeriod:R(accountingPeriod) status:E(status)~ customForm:s {DIMENSIONS} {STAMPS}
"""
_PARTY = """
customer:R(customer)! aracct:R(account) paymentMethod:R(paymentMethod) undepFunds:b cleared:b total:n~
createdFrom:R(transaction)
"""


def _kind(name: str, code: str, prefix: str, body: str, sublists: dict[str, SublistSpec]) -> RecordType:
    fields = parse_fields(body)
    return RecordType(name, "transaction", "transaction", fields, sublists, code, number_prefix=prefix, title="tranId")


MONEY = [
    _kind(
        "customerPayment",
        "CustPymt",
        "PYMT",
        f"{_BODY} {_PARTY} account:R(account) payment:n applied:n~ unapplied:n~",
        {"apply": apply_sublist()},
    ),
    _kind(
        "customerRefund",
        "CustRfnd",
        "RFND",
        # Oracle marks both as required, and nothing of the source document says them.
        f"{_BODY} {_PARTY.replace('paymentMethod:R(paymentMethod)', 'paymentMethod:R(paymentMethod)!')}"
        " account:R(account)!",
        {
            "apply": apply_sublist(),
            "deposit": SublistSpec("deposit", parse_fields("doc:R(transaction) apply:b amount:n"), computed=True),
        },
    ),
    _kind(
        "journalEntry",
        "Journal",
        "JE",
        f"{_BODY.replace('subsidiary:R(subsidiary)', 'subsidiary:R(subsidiary)!')} approved:b"
        " approvalStatus:E(approvalStatus) reversalDate:d reversalDefer:b isReversal:b"
        " toSubsidiary:R(subsidiary) accountingBook:R(accountingBook)",
        {
            "line": SublistSpec(
                "line",
                parse_fields(
                    f"account:R(account)! debit:n credit:n memo:s entity:R(customer) line:i eliminate:b {DIMENSIONS}"
                ),
                key=("line",),
            )
        },
    ),
    _kind(
        "deposit",
        "Deposit",
        "DEP",
        f"{_BODY} account:R(account)! total:n~ cleared:b",
        {
            "payment": SublistSpec(
                "payment",
                parse_fields(
                    "id:i! deposit:b paymentAmount:n~ type:s~ docDate:d~ docNumber:s~ entity:R(customer)~ currency:s~"
                ),
                key=("id",),
            ),
            "other": SublistSpec(
                "other",
                parse_fields(
                    f"account:R(account)! amount:n! entity:R(customer) memo:s paymentMethod:R(paymentMethod) refNum:s"
                    f" line:i {DIMENSIONS}"
                ),
                key=("line",),
            ),
            "cashback": SublistSpec(
                "cashback", parse_fields(f"account:R(account)! amount:n! memo:s line:i {DIMENSIONS}"), key=("line",)
            ),
        },
    ),
    _kind(
        "inventoryAdjustment",
        "InvAdjst",
        "IA",
        f"{_BODY} account:R(account)! adjLocation:R(location) customer:R(customer) estimatedTotalValue:n~",
        {
            "inventory": SublistSpec(
                "inventory",
                parse_fields(
                    "item:R(item)! location:R(location) adjustQtyBy:n newQuantity:n unitCost:n quantityOnHand:n~"
                    " currentValue:n~ memo:s description:s line:i department:R(department) class:R(classification)"
                ),
                key=("line",),
            )
        },
    ),
]
