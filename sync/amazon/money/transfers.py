"""`amazon.payouts@…`: transfers to the seller's bank, made and expected (transfers 2024-06-01).

A payout changes its state for days, so a month is read again. An expected payout has no id of its own: there is one
for an account type, and the next one takes its place. initiatePayout is not offered: money is moved by people.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync.amazon.marketplaces import Marketplace
from sync.amazon.money.calls import expected_payouts_call, payouts_call
from sync.amazon.pages import Read, Unreadable, amount_of, page_of, read_rows, rows_of, time_of, token_of
from sync.amazon.settlements.ids import SettlementIds
from sync.amazon.window_stream import WindowRules, read_windows
from sync.clock import Clock
from sync.errors import ContractBroken
from sync.records import Payout
from sync.streams import Batch, Document, Window
from sync.transport import Call, Reply, VendorClient

__all__ = ["PayoutStream", "decode_expected", "decode_payout"]

_Decode = Callable[[Mapping[str, object], Marketplace], Payout]
_RULES = WindowRules(overlap=timedelta(days=30), longest=timedelta(days=180), oldest=timedelta(days=729))
_STATES = {"STARTED": "initiated", "IN_TRANSIT": "initiated", "PAID": "paid", "FAILED": "failed", "CANCELLED": "failed"}
_EXPECTED = {"SCHEDULED": "expected", "AT_RISK": "expected"}
_STANDARD = {"", "standardorders", "payable"}


@dataclass(frozen=True, slots=True)
class PayoutStream:
    """The payouts of one Amazon marketplace; `settlements` is told every settlement that a payout names."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    settlements: SettlementIds = field(default_factory=SettlementIds)
    depends_on: Sequence[str] = ()
    rules: WindowRules = _RULES

    @property
    def name(self) -> str:
        """Return `amazon.payouts@US`."""
        return f"amazon.payouts@{self.marketplace.country}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield what is expected now, then the payouts created since `cursor`.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        async for batch in self._expected(cursor):
            yield batch
        made = read_windows(
            self.client,
            self.clock,
            self.rules,
            cursor,
            since=self.since,
            until=until,
            ask=self._ask,
            read=lambda reply: self._told(_read(reply, "payouts", decode_payout, self.marketplace)),
        )
        async for batch in made:
            yield batch

    async def _expected(self, cursor: Mapping[str, object] | None) -> AsyncIterator[Batch]:
        token: str | None = None
        used: set[str] = set()
        while True:
            reply = await self.client.send(expected_payouts_call(self.marketplace.marketplace_id, token=token))
            read = self._told(_read(reply, "expectedPayouts", decode_expected, self.marketplace))
            if read.documents or read.quarantined:
                yield Batch(page_of(reply), read.documents, dict(cursor or {}), read.quarantined)
            token = read.token
            if token is None:
                return
            if token in used:
                raise ContractBroken(reply.seen(detail="the same page comes again and again"))
            used.add(token)

    def _ask(self, window: Window, token: str | None) -> Call:
        shop = self.marketplace.marketplace_id
        return payouts_call(shop, created_from=window.start, created_to=window.end, token=token)

    def _told(self, read: Read) -> Read:
        for document in read.documents:
            if isinstance(document.record, Payout) and document.record.settlement_id:
                self.settlements.add(self.marketplace.channel, document.record.settlement_id)
        return read


def _read(reply: Reply, name: str, decode: _Decode, shop: Marketplace) -> Read:
    token = token_of(reply, "nextToken")
    return read_rows(
        rows_of(reply, name), lambda row, ordinal: Document(decode(row, shop), (), ordinal), key="id", token=token
    )


def decode_payout(raw: Mapping[str, object], asked: Marketplace) -> Payout:
    """Return one payout; `amount` is positive towards the seller.

    Raises:
        Unreadable: no id, status or amount.
    """
    payout_id, status = raw.get("id"), str(raw.get("currentStatus") or "")
    if not isinstance(payout_id, str) or not payout_id or not status:
        raise Unreadable("the payout has no id or no status")
    if raw.get("amount") is None and status == "NO_PAYOUT":
        raw = {**raw, "amount": {"currencyCode": asked.currency, "currencyAmount": 0}}
    paid = _reached(raw, "PAID")
    return replace(
        _payout(raw, asked),
        payout_id=payout_id,
        state=_STATES.get(status, "unknown"),
        vendor_state=status,
        trace_id=str(raw["traceId"]) if raw.get("traceId") else None,
        paid_at=paid,
    )


def decode_expected(raw: Mapping[str, object], asked: Marketplace) -> Payout:
    """Return the expected payout of an account type.

    Raises:
        Unreadable: no status, or an amount that is none.
    """
    status = str(raw.get("status") or "")
    if not status:
        raise Unreadable("the expected payout has no status")
    if raw.get("amount") is None:
        raw = {**raw, "amount": {"currencyCode": asked.currency, "currencyAmount": 0}}
    scheduled = raw.get("scheduledDate")
    return replace(
        _payout(raw, asked),
        payout_id="expected" + _account(raw),
        state=_EXPECTED.get(status, "unknown"),
        vendor_state=status,
        expected_at=time_of(scheduled, "scheduledDate") if scheduled else None,
    )


def _payout(raw: Mapping[str, object], asked: Marketplace) -> Payout:
    amount, currency = amount_of(raw.get("amount"), "amount")
    method = raw.get("paymentMethod")
    return Payout(
        channel=asked.channel,
        payout_id="",
        settlement_id=_settlement(raw),
        state="unknown",
        vendor_state="",
        currency=currency,
        amount=amount,
        method=str(method).lower() if method else None,
        account_tail=str(raw["accountTail"]) if raw.get("accountTail") else None,
        trace_id=None,
        expected_at=None,
        paid_at=None,
    )


def _settlement(raw: Mapping[str, object]) -> str | None:
    held = raw.get("relatedIdentifiers")
    for entry in [held] if isinstance(held, Mapping) else held if isinstance(held, list) else []:
        if isinstance(entry, Mapping) and entry.get("relatedIdentifierName") == "SETTLEMENT_ID":
            return str(entry.get("relatedIdentifierValue") or "") or None
    return None


def _account(raw: Mapping[str, object]) -> str:
    """Return what tells the account types apart: nothing for the standard one."""
    held = raw.get("partnerMetadata")
    kind = str(held.get("accountType") or "") if isinstance(held, Mapping) else ""
    plain = kind.lower().replace(" ", "").replace("_", "")
    return "" if plain in _STANDARD else f" {kind.lower().replace('_', ' ')}"


def _reached(raw: Mapping[str, object], status: str) -> datetime | None:
    history = raw.get("statusHistory")
    for entry in [history] if isinstance(history, Mapping) else history if isinstance(history, list) else []:
        if isinstance(entry, Mapping) and entry.get("status") == status:
            return time_of(entry.get("lastUpdatedDate"), "statusHistory.lastUpdatedDate")
    return None
