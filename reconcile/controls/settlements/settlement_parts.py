"""Settlements of the mirror turned into the journals that post them, by sums of their lines and not line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import chosen_day
from reconcile.controls.settlements.invoiced import apart_of
from reconcile.controls.settlements.line_sums import line_sums, sums_of
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.settlement import Classified, Journal, LineGroup, classify_groups, journals
from reconcile.settlement.groups import set_apart
from reconcile.settlement.identity import read_name
from sync.records import Settlement

__all__ = ["SettlementParts", "dated", "settlement_parts"]

#: Of fewer settlements than this share of all the lines are added up themselves.
_MANY = 0.25
_GROUPS = """
SELECT channel, settlement_id, transaction_type, amount_type, amount_description, fulfilled_by,
    strftime(first_posted, '%Y-%m'), amount, lines, first_ordinal, first_posted
FROM (
    SELECT channel, settlement_id, transaction_type, amount_type, amount_description, fulfilled_by, month,
        sum(amount) AS amount, CAST(sum(lines) AS BIGINT) AS lines, min(first_ordinal) AS first_ordinal,
        min(first_posted) AS first_posted
    FROM {sums} WHERE settlement_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY ALL
)
ORDER BY channel, settlement_id, first_ordinal
"""


@dataclass(frozen=True, slots=True)
class SettlementParts:
    """One settlement with its journals under the names of their first version, on the days that people chose."""

    settlement: Settlement
    classified: Classified
    books: ChannelBooks
    journals: tuple[Journal, ...]

    @property
    def groups(self) -> Sequence[LineGroup]:
        """Return the sums of its lines by type, fulfilment and month."""
        return self.classified.groups

    @property
    def added(self) -> Decimal:
        """Return what its lines add to."""
        return sum((g.amount for g in self.groups), Decimal(0))

    def pieces(self, period: str) -> list[Journal]:
        """Return the journals of one month (YYYY-MM): several where one would be too long."""
        return [j for j in self.journals if j.period == period]

    def figures(self, journal: Journal) -> tuple[Decimal, int]:
        """Return the sum (as the seller sees it) and the number of settlement lines of a journal.

        Lines that cancel out on every account belong to the first piece of their month.
        """
        shown = {key for line in journal.lines for key in line.groups}
        if journal.external_id == self.pieces(journal.period)[0].external_id:
            elsewhere = {k for j in self.pieces(journal.period)[1:] for line in j.lines for k in line.groups}
            shown = {g.key for g in self.groups if g.month == journal.period} - elsewhere
        mine = [g for g in self.groups if g.key in shown]
        return sum((g.amount for g in mine), Decimal(0)), sum(g.count for g in mine)


def settlement_parts(evidence: Evidence, keys: Collection[tuple[str, str]]) -> Iterator[SettlementParts]:
    """Give the settlements named by (channel, settlement id), by channel and end, each with its journals.

    Raises:
        BadInput: a decision on line types or on the settlement policy cannot be used.
    """
    if not keys:
        return
    numbers = [sorted({k[1] for k in keys})]
    names = ", ".join(f.name for f in fields(Settlement))
    heads = evidence.cursor.execute(
        f"SELECT {names} FROM settlements WHERE settlement_id IN (SELECT unnest($1::VARCHAR[]))"  # noqa: S608 - our names
        " ORDER BY channel, period_end, settlement_id",
        numbers,
    ).fetchall()
    groups: dict[tuple[str, str], list[LineGroup]] = {}
    sums = _sums(evidence, len(heads))
    for channel, settlement_id, *values in evidence.cursor.execute(_GROUPS.format(sums=sums), numbers).fetchall():
        groups.setdefault((channel, settlement_id), []).append(LineGroup(*values))
    for row in heads:
        settlement = Settlement(*row)
        key = (settlement.channel, settlement.settlement_id)
        if key in keys:
            yield _parts(evidence, settlement, groups.get(key, []))


def _sums(evidence: Evidence, asked: int) -> str:
    """Return what the sums are read from: of most settlements those that other controls read as well."""
    row = evidence.cursor.execute("SELECT count(*) FROM settlements").fetchone()
    if row is not None and asked >= _MANY * row[0]:
        return line_sums(evidence)
    return sums_of("settlement_id IN (SELECT unnest($1::VARCHAR[]))")


def _parts(evidence: Evidence, settlement: Settlement, groups: Sequence[LineGroup]) -> SettlementParts:
    books = channel_books(evidence, settlement.channel)
    parted = set_apart(groups, apart_of(evidence, settlement.channel, settlement.settlement_id))
    classified = classify_groups(settlement.channel.partition(".")[0], parted, books.rules)
    made = journals(settlement, classified, books.accounts, books.policy, books.dimensions)
    return SettlementParts(settlement, classified, books, tuple(dated(evidence, journal) for journal in made))


def dated(evidence: Evidence, journal: Journal) -> Journal:
    """Return the journal on the day that a person chose for it (decision of kind `posting_date`), else as it is.

    A version's own decision counts before that of the part.
    """
    name = read_name(journal.external_id)
    wider = (name.base,) if name else ()
    day = chosen_day(evidence, journal.external_id, journal.date, *wider)
    return journal if day == journal.date else replace(journal, date=day)
