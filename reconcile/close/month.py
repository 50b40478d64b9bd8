"""Everything that makes a month's settlements and books what they are, at one moment, as canonical content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, time
from functools import partial

from reconcile.bank.seen import BankSeen, see_bank
from reconcile.bridge import see_bridge
from reconcile.close.books import books_at
from reconcile.close.canonical import SCHEMA, Content, plain
from reconcile.close.erp import accruals_of, documents_of
from reconcile.close.lines import Key, days_of, groups_of, keys_of, lines_digests
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import known_streams
from reconcile.settlement import Classified, Journal, LineGroup, Placement, split_months
from sync.errors import BadInput
from sync.money import total_of
from sync.records import Settlement

__all__ = ["DECISION_KINDS", "journal_content", "month_end", "month_of", "part_content", "see_month"]

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
#: Kinds of decisions that a month's money depends on.
DECISION_KINDS = ("account", "bank_match", "dimensions", "go_live", "line_type", "policy", "posting_date", "routing")


def month_of(text: str) -> str:
    """Return the month as YYYY-MM.

    Raises:
        BadInput: it is none.
    """
    if not _MONTH.fullmatch(text):
        raise BadInput("this is no month", value=text, remedy="Write it as 2026-10")
    return text


def month_end(period: str) -> datetime:
    """Return the moment at which the month is over (UTC)."""
    return datetime.combine(days_of(period)[1], time(), tzinfo=UTC)


def see_month(evidence: Evidence, period: str, *, digests: bool = True) -> Content:
    """Return what a close of the month freezes, but for the open discrepancies.

    `digests` False leaves out the hash over every line, which costs a read of all lines.

    Raises:
        BadInput: a decision that the journals need cannot be used.
    """
    keys = keys_of(evidence.cursor, period)
    heads = _heads(evidence, keys)
    groups = groups_of(evidence.cursor, keys)
    hashes = lines_digests(evidence.cursor, keys) if digests else {}
    books = books_at(evidence, keys)
    settlements, journals = [], []
    for key in keys:
        classified, made = books.derive(heads[key], groups[key])
        settlements.append(_settlement(heads[key], classified, hashes.get(key, "")))
        journals += [journal_content(heads[key], j) for j in made if j.period == period]
    return {
        "schema": SCHEMA,
        "period": period,
        "as_of": plain(evidence.at),
        "settlements": settlements,
        "journals": journals,
        "documents": documents_of(
            evidence.cursor, [*(str(j["external_id"]) for j in journals), *accruals_of(evidence.cursor, period)]
        ),
        "bridge": _bridge(evidence, heads),
        "bank": _bank(see_bank(evidence), heads),
        "decisions": _decisions(evidence),
        "coverage": _coverage(evidence),
        "books": books.as_content(),
    }


def _heads(evidence: Evidence, keys: Sequence[Key]) -> dict[Key, Settlement]:
    names = ", ".join(f.name for f in fields(Settlement))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM settlements WHERE settlement_id IN (SELECT unnest($1::VARCHAR[]))",  # noqa: S608
        [[k[1] for k in keys]],
    ).fetchall()
    found = (Settlement(*row) for row in rows)
    return {(s.channel, s.settlement_id): s for s in found}


def _settlement(head: Settlement, classified: Classified, digest: str) -> Content:
    return {
        **plain(head),
        "sum": plain(total_of(g.amount for g in classified.groups)),
        "lines_digest": digest,
        "parts": [
            {"month": part.month, "amount": plain(part.amount), "lines": part.lines}
            for part in split_months(classified)
        ],
        "groups": [part_content(group, placement) for group, placement in classified],
    }


def part_content(group: LineGroup, placement: Placement) -> Content:
    """Return the lines of one type, fulfilment and month with where they belong."""
    held: Content = plain(group)
    if group.paid_on is None:
        # As it was before invoices were set apart: what is closed stays what it is.
        del held["paid_on"]
    return {**held, "category": placement.category, "account_key": placement.account_key}


def journal_content(settlement: Settlement, journal: Journal) -> Content:
    """Return a journal with all that its lines carry."""
    return {"channel": settlement.channel, "settlement_id": settlement.settlement_id, **plain(journal)}


def _bridge(evidence: Evidence, heads: Mapping[Key, Settlement]) -> list[Content]:
    steps = []
    for channel, currency in sorted({(s.channel, s.currency) for s in heads.values()}):
        # Closed months are compared in one cycle: the chain is walked once for all of them.
        name, wanted = f"bridge {channel} {currency}", partial(see_bridge, evidence, channel, currency)
        for step in evidence.once(name, wanted).steps:
            if (channel, step.settlement_id) in heads:
                steps.append({"channel": channel, "currency": currency, **plain(step)})
    return steps


def _bank(seen: BankSeen, heads: Mapping[Key, Settlement]) -> list[Content]:
    """Return each payout with the bookings that pay it; of a booking only what proves it, never its text."""
    found = []
    for channel, settlement_id in sorted(heads):
        expected = seen.payouts.get(f"{channel}/{settlement_id}")
        if expected is None:
            continue
        match = seen.matches.of_payout(expected.key)
        bookings = [seen.bookings[b] for b in match.bookings] if match else []
        found.append(
            {
                "channel": channel,
                "settlement_id": settlement_id,
                "amount": plain(expected.amount),
                "currency": expected.currency,
                "due": plain(expected.due),
                "how": match.how if match else None,
                "rate": plain(match.rate) if match else None,
                "also_pays": [p for p in match.payouts if p != expected.key] if match else [],
                "bookings": [
                    {"booking": b.key, "amount": plain(b.amount), "currency": b.currency, "day": plain(b.day)}
                    for b in bookings
                ],
            }
        )
    return found


def _decisions(evidence: Evidence) -> list[Content]:
    return [plain(d) for kind in DECISION_KINDS for _, d in sorted(evidence.decisions(kind).items())]


def _coverage(evidence: Evidence) -> list[Content]:
    until = {s: evidence.store.mirror.covered_until(s, evidence.cursor) for s in known_streams(evidence)}
    return [{"stream": stream, "until": plain(end)} for stream, end in sorted(until.items())]
