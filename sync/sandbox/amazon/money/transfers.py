"""Transfers API 2024-06-01: payouts made and expected, payment methods, and a payout on demand."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, body_of
from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, zulu
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.money.finances_view import currency, partner
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Payout, Settlement

__all__ = ["PLANS", "TransfersApi", "routes"]

PLANS: Plans = {
    "initiatePayout": (0.017, 2.0),
    "listPayouts": (0.5, 10.0),
    "getPaymentMethods": (0.5, 30.0),
    "listExpectedPayouts": (0.5, 10.0),
}
_PAGE = 20
_ACCOUNT = "Standard Orders"
_BETWEEN_PAYOUTS = timedelta(hours=24)
_TAILS = {"amazon.US": "417", "amazon.DE": "902"}
_REJECTED = "The bank has rejected the transfer."


class TransfersApi:
    """Answers from the world's payouts: one for each positive settlement, by the settlement's id."""

    def __init__(self, parts: Parts) -> None:
        self._world, self._clock, self._cursors = parts.world, parts.clock, parts.cursors
        self._seller_id = parts.seller_id

    def payouts(self, request: Request) -> dict[str, Any]:
        """Answer listPayouts: payouts begun by now, newest first.

        Raises:
            Refused: 400 for an unknown marketplace, or a token with other arguments.
        """
        now = self._clock.now()
        after, before = moment(request, "createdAfter"), moment(request, "createdBefore")
        wanted = request.query_params.get("payoutId")
        rows = []
        for channel in self._channels(request):
            for payout, settlement in self._begun(channel, now):
                created = settlement.end
                if (after and created < after) or (before and created >= before):
                    continue
                if wanted in (None, payout.payout_id):
                    rows.append((created, payout, settlement))
        rows.sort(key=lambda row: (row[0], row[1].payout_id), reverse=True)
        asked = [str(after), str(before), wanted, texts(request, "marketplaceIds")]
        token = request.query_params.get("nextToken")
        position = self._resume(token, asked, now) if token else 0
        page = rows[position : position + _PAGE]
        answer: dict[str, Any] = {"payouts": [self._show(payout, s, now) for _, payout, s in page]}
        if position + _PAGE < len(rows):
            answer["nextToken"] = self._cursors.write({"asked": asked, "from": position + _PAGE}, now)
        return answer

    def expected(self, request: Request) -> dict[str, Any]:
        """Answer listExpectedPayouts: one a marketplace, for the period that is open.

        Raises:
            Refused: 400 for an unknown marketplace.
        """
        now = self._clock.now()
        shown = []
        for channel in self._channels(request):
            running = self._world.open_period(channel, now)
            coming = running.total > 0
            one: dict[str, Any] = {
                "partnerMetadata": partner(self._seller_id, channel),
                "amount": currency(running.total, running.currency),
                "status": "SCHEDULED" if coming else "NO_PAYOUT_EXPECTED",
                "period": {"startDate": zulu(running.start), "endDate": zulu(running.end)},
                "paymentMethod": "BANK_ACCOUNT",
                "accountTail": _TAILS[channel],
                "relatedIdentifiers": _settlement_id(running.settlement_id),
            }
            shown.append(one | ({"scheduledDate": zulu(running.deposit_at)} if coming else {}))
        return {"expectedPayouts": shown}

    def payment_methods(self, request: Request) -> dict[str, Any]:
        """Answer getPaymentMethods: the bank account of a marketplace.

        Raises:
            Refused: 400 without a marketplace of the seller's.
        """
        if not request.query_params.get("marketplaceId"):
            raise bad_input("marketplaceId is required.")
        channel = self._channels(request, "marketplaceId")[0]
        kinds = choice_list(request, "paymentMethodTypes", ("BANK_ACCOUNT", "CARD", "SELLER_WALLET"))
        method = {
            "accountHolderName": "Acme Goods Inc.",
            "paymentMethodId": _number("method", channel),
            "tail": _TAILS[channel],
            "countryCode": channel.rpartition(".")[2],
            "paymentMethodType": "BANK_ACCOUNT",
            "assignmentType": "DEFAULT_DEPOSIT_METHOD",
        }
        return {"paymentMethods": [method] if not kinds or "BANK_ACCOUNT" in kinds else []}

    def initiate(self, body: dict[str, Any]) -> dict[str, str]:
        """Carry out initiatePayout: the running period closes now and is paid out.

        Raises:
            Refused: 400 for another account type or marketplace, or when nothing is there to pay out.
        """
        now = self._clock.now()
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        channel = known.get(str(body.get("marketplaceId")))
        if channel is None or body.get("accountType") != _ACCOUNT:
            raise bad_input(f"marketplaceId must be one of the seller's and accountType '{_ACCOUNT}'.")
        running = self._world.open_period(channel, now)
        if running.total <= 0:
            raise bad_input("There are no funds to pay out.")
        if now - running.start < _BETWEEN_PAYOUTS:
            raise bad_input("A payout can be initiated once in 24 hours.")
        settlement = self._world.ledger(channel).close_at(now)
        return {"payoutReferenceId": _number("payout", settlement.settlement_id)}

    def _begun(self, channel: str, now: datetime) -> list[tuple[Payout, Settlement]]:
        """Return the payouts of the periods that are over, with their settlements."""
        by_id = {s.settlement_id: s for s in self._world.closed_periods(channel, now)}
        found = self._world.payouts_of(channel, now)
        return [(p, by_id[p.settlement_id]) for p in found if p.settlement_id in by_id]

    def _show(self, payout: Payout, settlement: Settlement, now: datetime) -> dict[str, Any]:
        history = [{"status": "STARTED", "lastUpdatedDate": zulu(settlement.end)}]
        sent = settlement.end + timedelta(hours=6)
        if now >= sent:
            history.append({"status": "IN_TRANSIT", "lastUpdatedDate": zulu(sent)})
        if payout.state == "paid":
            history.append({"status": "PAID", "lastUpdatedDate": zulu(payout.paid_at)})
        elif payout.state == "failed":
            failed = {"status": "FAILED", "lastUpdatedDate": zulu(payout.paid_at), "failureReason": _REJECTED}
            history.append(failed)
        on_demand = settlement.end - settlement.start < timedelta(days=14)
        return {
            "id": payout.payout_id,
            "partnerMetadata": partner(self._seller_id, payout.channel),
            "currentStatus": history[-1]["status"],
            "statusHistory": history,
            "type": "ON_DEMAND" if on_demand else "SCHEDULED",
            "amount": currency(payout.amount, payout.currency),
            "accountTail": payout.account_tail,
            "paymentMethod": "BANK_ACCOUNT",
            "creationDate": zulu(settlement.end),
            "paymentRail": "ACH" if payout.currency == "USD" else "SEPA",
            "traceId": payout.trace_id,
            "period": {"startDate": zulu(settlement.start), "endDate": zulu(settlement.end)},
            "relatedIdentifiers": _settlement_id(payout.settlement_id),
        }

    def _resume(self, token: str, asked: object, now: datetime) -> int:
        state = self._cursors.read(token, now)
        if state.get("asked") != asked:
            raise bad_input("nextToken must come with the same arguments as the call that produced it.")
        return int(state["from"])

    def _channels(self, request: Request, name: str = "marketplaceIds") -> list[str]:
        wanted = texts(request, name)
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        for marketplace_id in wanted:
            if marketplace_id not in known:
                raise bad_input(f"Marketplace {marketplace_id} is not one of the seller's.")
        return [known[m] for m in wanted] or list(MARKETPLACES)


def _settlement_id(value: str) -> list[dict[str, str]]:
    return [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": value}]


def _number(kind: str, of: str) -> str:
    return hashlib.sha256(f"{kind}/{of}".encode()).hexdigest()[:43]


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Transfers API."""
    api = TransfersApi(parts)

    async def payouts(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.payouts(request)

    async def initiate(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.initiate(await body_of(request))

    async def expected(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.expected(request)

    async def methods(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.payment_methods(request)

    root = "/finances/transfers/2024-06-01"
    return [
        parts.op(f"{root}/payouts", "listPayouts", payouts),
        parts.op(f"{root}/payouts", "initiatePayout", initiate, "POST"),
        parts.op(f"{root}/payouts/expected", "listExpectedPayouts", expected),
        parts.op(f"{root}/paymentMethods", "getPaymentMethods", methods),
    ]
