"""Payouts that the bank confirms and the books do not have yet, with the journals that post them and what stops them.

A payout is judged where a booking pays it. What clearing holds for it is read from the settlement's posted documents,
so that it leaves at the rates at which it came in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from reconcile.bank.payout_share import share_of
from reconcile.bank.seen import see_bank
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.controls.payouts.payout_stops import booked_by, payout_stop
from reconcile.controls.payouts.unposted_payout import UnpostedPayout
from reconcile.controls.posting_days import Stop, chosen_day
from reconcile.controls.settlements.posted_documents import PostedDocument, account_sums, known_names, posted_documents
from reconcile.controls.settlements.settlement_parts import SettlementParts, settlement_parts
from reconcile.controls.settlements.unposted import pushed_names
from reconcile.fixes.rates import books_currency, rate_between
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.settlement.accounts import UNMAPPED_ACCOUNT, LedgerAccount
from reconcile.settlement.identity import current_name, payout_name, read_payout_name
from reconcile.settlement.payout_entry import Banked, Cleared, PayoutLeg, payout_legs

__all__ = ["PAYOUTS", "UnpostedPayouts", "bank_account", "find_payouts"]

#: What the external ids of payouts' legs hold.
PAYOUTS = "-PAYOUT-"


@dataclass(frozen=True, slots=True)
class UnpostedPayouts:
    """Payouts to judge, and how many wait for the ERP's mirror."""

    payouts: tuple[UnpostedPayout, ...]
    waiting: int
    waiting_for: str | None


def find_payouts(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> UnpostedPayouts:
    """Return the confirmed payouts that are not in the books: all, or the named (channel, name of the payout)."""
    horizon = covered(evidence)
    found: list[UnpostedPayout] = []
    waiting = 0
    candidates = list(_candidates(evidence, only))
    numbers = {(c.payout.channel, c.settlement_id): c for c in candidates}
    for parts in settlement_parts(evidence, numbers.keys()):
        one = numbers[parts.settlement.channel, parts.settlement.settlement_id]
        if not _is_read(one, horizon):
            waiting += 1
            continue
        sent = {name for name, at in pushed_names(evidence).items() if _is_of(name, one.name) and horizon.is_before(at)}
        waiting += bool(sent)
        if (unposted := _with_legs(evidence, one, parts, sent)) is not None:
            found.append(unposted)
    return UnpostedPayouts(tuple(found), waiting, horizon.waits_for() if waiting else None)


def bank_account(evidence: Evidence, books: ChannelBooks, statement: str, day: date) -> LedgerAccount:
    """Return the ledger account of a statement's bank account, by a person's word: key `bank:NAME`, else `bank`."""
    return _decided(evidence, books, (f"bank:{statement}", "bank"), day)


def _decided(evidence: Evidence, books: ChannelBooks, keys: Sequence[str], day: date) -> LedgerAccount:
    """Return the account of the first key that somebody decided: numbers that ship are no proof of a bank account."""
    said = evidence.decisions("account")
    for key in keys:
        if any(f"{scope}|{key}" in said for scope in (books.channel, books.channel.partition(".")[0], "default")):
            account = books.accounts.find(books.channel, key)
            if account is not None:
                return books.dimensions.on(account, None, books.policy, key=key, month=f"{day:%Y-%m}")
    return UNMAPPED_ACCOUNT


def _candidates(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> Iterator[UnpostedPayout]:
    seen = see_bank(evidence)
    for found in seen.matches.matched:
        for key in found.payouts:
            payout = seen.payouts[key]
            settlement_id = key.removeprefix(f"{payout.channel}/")
            name = payout_name(payout.channel, settlement_id)
            if settlement_id.startswith("payout ") or (only is not None and (payout.channel, name) not in only):
                continue
            books = channel_books(evidence, payout.channel)
            home = books_currency(evidence, books.dimensions.subsidiary_id) or payout.currency
            share = share_of(seen, found, payout)
            plain = payout.currency == home == share.currency
            if books.policy.payout == "ignore" or (books.policy.payout == "converted" and plain):
                continue
            live_from = go_live(evidence, "payout_not_posted", payout.channel)
            if live_from is not None and share.day < live_from.date():
                continue
            rate = rate_between(evidence, share.currency, home)
            day = chosen_day(evidence, name, share.day)
            yield UnpostedPayout(payout, settlement_id, books, name, share, day, home, rate, (), (), (), None)


def _is_read(one: UnpostedPayout, horizon: Horizon) -> bool:
    """Tell whether the ERP was read over the booking's day."""
    if horizon.until is None or horizon.since is None:
        return False
    return horizon.since.date() <= one.share.day <= horizon.until.date()


def _is_of(external_id: str, payout: str) -> bool:
    name = read_payout_name(external_id)
    return name is not None and name.base.startswith((f"{payout}-OUT", f"{payout}-IN"))


def _with_legs(
    evidence: Evidence, one: UnpostedPayout, parts: SettlementParts, sent: Collection[str]
) -> UnpostedPayout | None:
    """Return the payout with its journals, None where the books have it; what was `sent` and not read yet is there."""
    if booked_by(evidence, one) is not None:
        return None
    known = known_names(evidence)
    names = [current_name(j.external_id, known) for j in parts.journals]
    documents = posted_documents(evidence, [n for n in names if n in known])
    cleared = _cleared(one.books, documents)
    stop = payout_stop(evidence, one, [n for n in names if n not in known], cleared, _accounts(evidence, one))
    if stop is not None:
        return replace(one, cleared=cleared, stop=stop)
    legs = _legs(evidence, one, cleared)
    known = known_names(evidence, PAYOUTS)
    current = [(leg, current_name(leg.external_id, known)) for leg in legs]
    wrong = _wrong(evidence, one, {name: leg for leg, name in current if name in known}, known)
    due = tuple(replace(leg, external_id=name) for leg, name in current if name not in known and name not in sent)
    if wrong is None and not due:
        return None
    return replace(one, cleared=cleared, legs=legs, due=due, stop=wrong)


def _accounts(evidence: Evidence, one: UnpostedPayout) -> Mapping[str, LedgerAccount]:
    """Return the accounts that the journals need, by what a person has to decide."""
    banks = {f"bank:{s}": bank_account(evidence, one.books, s, one.day) for s, _, _ in one.share.bookings}
    is_plain = one.payout.currency == one.share.currency == one.home
    return banks if is_plain else {**banks, "fx": _decided(evidence, one.books, ("fx",), one.day)}


def _cleared(books: ChannelBooks, documents: Mapping[str, PostedDocument]) -> tuple[Cleared, ...]:
    account = books.accounts.find(books.channel, "clearing")
    clearing = account.account_id if account else None
    return tuple(
        Cleared(
            document.number,
            sum((x.amount for x in document.lines if x.account_id == clearing), Decimal(0)),
            document.exchange_rate or Decimal(1),
        )
        for document in documents.values()
    )


def _legs(evidence: Evidence, one: UnpostedPayout, cleared: Sequence[Cleared]) -> tuple[PayoutLeg, ...]:
    books = one.books
    held = books.accounts.account(books.channel, "clearing")
    clearing = books.dimensions.on(held, None, books.policy, key="clearing", month=f"{one.day:%Y-%m}")
    banked = [Banked(bank_account(evidence, books, s, one.day), amount, text) for s, amount, text in one.share.bookings]
    return payout_legs(
        one.name,
        (one.payout.currency, cleared),
        (one.share.currency, banked),
        one.home,
        (clearing, _decided(evidence, books, ("fx",), one.day)),
        bank_rate=one.bank_rate if books.policy.rate == "mirror" else None,
    )


def _counts(external_id: str, payout: str, known: Collection[str]) -> bool:
    """Tell whether a document is the one that counts now of a leg of this payout."""
    name = read_payout_name(external_id)
    if name is None or name.is_reversal or not _is_of(external_id, payout):
        return False
    return external_id == current_name(name.base, known)


def _wrong(
    evidence: Evidence, one: UnpostedPayout, posted: Mapping[str, PayoutLeg], known: Collection[str]
) -> Stop | None:
    """Return that a journal of the payout stands in the ERP and says something else than it should."""
    extra = [n for n in known if n not in posted and _counts(n, one.name, known)]
    for name, document in posted_documents(evidence, [*posted, *extra]).items():
        leg = posted.get(name)
        sums = account_sums(document.lines)
        at_rate = leg is None or leg.rate in (None, document.exchange_rate)
        if leg is None or sums != leg.sums() or document.currency != leg.currency or not at_rate:
            return (
                f"payout|{one.payout.channel}|{name}",
                f"{document.number} ({name}) posts the payout otherwise than its settlement and the bank say",
                f"`tieout settlement reverse {name}`; the payout is then due again",
            )
    return None
