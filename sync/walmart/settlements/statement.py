"""`walmart.summaries@US`: the payment statement of the cycle that is open, a second witness beside the report.

It holds what the report lacks: opening balance, reserve and hold. Its identities (Walmart "Payment statement") are
checked to the cent. A broken one does not hide the statement: it is kept as Walmart gave it, and the identity is
quarantined by its name with both sides, so that it is counted and shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import SettlementSummary, SettlementSummaryAmount
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient
from sync.walmart.calls import statement_call
from sync.walmart.errors import is_no_rows
from sync.walmart.pages import account_of, mapping_of, member_of, page_of, stored

__all__ = ["StatementStream", "broken_identities", "decode_statement"]

_SALE_PARTS = (
    "productPrice",
    "shipping",
    "netTaxCollected",
    "netTaxWithheld",
    "netFeeCollected",
    "netFeeWithheld",
    "netComm",
    "wfsShipping",
    "wfsShipppingTax",
)
_CLOSING_PARTS = (
    "openingBalance",
    "orderActivity",
    "walmartFulfillmentServices",
    "otherActivities",
    "reserve",
    "paidToYou",
)


class StatementUnclear(ValueError):
    """A statement that no record can hold; the text is for a person."""


def decode_statement(payload: Mapping[str, object], channel: str, currency: str, now: datetime) -> Document:
    """Return the statement's document; `total` is its closing balance, each figure of it an amount by its path.

    The statement names no currency: `currency` is the market's. It names no id: `settlement_id` is the day on which
    Walmart means to pay, YYYYMMDD.

    Raises:
        StatementUnclear: no day, no closing balance, or a figure that is no number.
    """
    account = payload.get("accountSummary")
    if not isinstance(account, Mapping):
        raise StatementUnclear("the statement has no account summary")
    scheduled = _day(account.get("scheduledSettlementDate"))
    if scheduled is None:
        raise StatementUnclear("the statement does not say when it pays")
    closing = _amount(account, "closingBalance")
    if closing is None:
        raise StatementUnclear("the statement has no closing balance")
    updated = _day(account.get("lastUpdatedDate"))
    summary = SettlementSummary(
        channel=channel,
        settlement_id=f"{scheduled:%Y%m%d}",
        source="statement",
        currency=currency,
        period_start=None,
        period_end=None,
        opening=_amount(account, "openingBalance"),
        closing=closing,
        total=closing,
        state="open" if scheduled > now.date() else "closed",
        updated_at=datetime.combine(updated, time(), tzinfo=UTC) if updated else None,
    )
    leaves = [*_leaves("accountSummary", account), *_leaves("transactionDetails", payload.get("transactionDetails"))]
    lines = [
        SettlementSummaryAmount(channel, summary.settlement_id, "statement", i, path, amount, currency)
        for i, (path, amount) in enumerate(leaves, start=1)
    ]
    return Document(summary, tuple(lines))


def broken_identities(payload: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return name and both sides of every identity that does not hold exactly; one without figures is not checked."""
    account, details = payload.get("accountSummary"), payload.get("transactionDetails")
    sale, refund = member_of(details, "saleAggregate"), member_of(details, "refundDetails")
    adjustment, wfs = member_of(details, "adjustmentAggregate"), member_of(details, "wfs")
    orders = [_amount(part, "netPayable") or Decimal(0) for part in (sale, refund, adjustment)]
    wfs_parts = [amount for path, amount in _leaves("wfs", wfs) if path != "wfs/netPayable"]
    checks = [
        ("sales add to their net", _amount(sale, "netPayable"), _sum(sale, _SALE_PARTS)),
        ("refunds add to their net", _amount(refund, "netPayable"), _sum(refund, _SALE_PARTS)),
        ("commission of sales", _commission(sale), _sum(sale, ("totalBaseCommission", "commissionSavings"))),
        ("order activity", _amount(account, "orderActivity"), sum(orders, Decimal(0))),
        ("WFS adds to its net", _amount(wfs, "netPayable"), sum(wfs_parts, Decimal(0))),
        (
            "WFS net is WFS activity",
            _amount(account, "walmartFulfillmentServices"),
            _amount(wfs, "netPayable") or Decimal(0),
        ),
        ("closing balance", _amount(account, "closingBalance"), _sum(account, _CLOSING_PARTS)),
    ]
    return [
        (name, f"stated {stated}, its parts give {parts}, difference {stated - parts}")
        for name, stated, parts in checks
        if stated is not None and stated != parts
    ]


def _commission(sale: object) -> Decimal | None:
    """Return the sales' commission where its two parts are told as well."""
    return _amount(sale, "netComm") if _amount(sale, "totalBaseCommission") else None


def _sum(holder: object, names: Sequence[str]) -> Decimal:
    return sum((_amount(holder, name) or Decimal(0) for name in names), Decimal(0))


def _amount(holder: object, name: str) -> Decimal | None:
    value = holder.get(name) if isinstance(holder, Mapping) else None
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise StatementUnclear(f"{name} is no number: {value!r}")
    return Decimal(value)


def _leaves(path: str, value: object) -> Iterator[tuple[str, Decimal]]:
    """Yield every figure below a member with its path; texts and dates are no figures."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}/{name}", inner)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield path, Decimal(value)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class StatementStream:
    """The payment statement of one Walmart account, as it stands at each pull."""

    client: VendorClient
    channel: str
    clock: Clock
    currency: str = "USD"
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.summaries@US`."""
        return f"walmart.summaries@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the statement with its broken identities.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when the answer holds no statement.
        """
        now = self.clock.now()
        covered = Window(stored(cursor) or now, now)
        position = {"until": now.isoformat()}
        try:
            reply = await self.client.send(statement_call())
        except Rejected as error:
            if not is_no_rows(error):
                raise
            # A new seller has none before the first cycle.
            yield Batch(None, (), position, covered=covered)
            return
        document, bad = self._read(reply, now)
        yield Batch(
            page_of(reply),
            (document,) if document else (),
            position,
            bad,
            covered=covered,
            note="; ".join(f"{q.key}: {q.reason}" for q in bad),
        )

    def _read(self, reply: Reply, now: datetime) -> tuple[Document | None, list[Quarantined]]:
        payload = mapping_of(reply).get("payload")
        if not isinstance(payload, Mapping):
            raise ContractBroken(reply.seen(detail="the answer holds no payment statement"))
        try:
            document = decode_statement(payload, self.channel, self.currency, now)
            broken = broken_identities(payload)
        except StatementUnclear as error:
            return None, [Quarantined("payment statement", str(error))]
        return document, [Quarantined(f"payment statement: {name}", text, i) for i, (name, text) in enumerate(broken)]
