"""The charges that differ from their schedule, with what the report says of each; what it explains is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.controls.control import Evidence
from reconcile.fees.charged import Charge, find_differing, uncategorised, unmeasured
from reconcile.fees.schedule import FEE_SCHEDULE, fee_rows, own_bands, sku_fees
from reconcile.fees.shipped import change_days, shipped_tables
from sync.errors import BadInput
from sync.mirror.archive import read_page
from sync.money import round_to_minor

if TYPE_CHECKING:
    from sync.walmart.settlements.terms import ChargeTerms

__all__ = ["DISPUTE", "DISPUTE_WINDOW", "Question", "Questions", "dispute_subject", "find_questions"]

#: Kind of the decisions; subject `channel|` and the question's subject, value {"case": "1234567"}.
DISPUTE = "dispute"
#: Walmart denies a referral-fee dispute filed later than this after the settlement (Marketplace Learn, 2025).
DISPUTE_WINDOW = timedelta(days=90)

# What a marketplace gave back after a dispute, by order: only lines that name the order can be tied to it.
_CREDITS = """
SELECT channel, order_id, sum(amount) FROM settlement_lines
WHERE lower(transaction_type) = 'dispute settlement' AND order_id IS NOT NULL GROUP BY channel, order_id
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One charge to be asked about. `terms` None: the report has no such columns, or is not in the archive."""

    charge: Charge
    terms: ChargeTerms | None
    #: What a Dispute Settlement line gave back for the order's charges, this one's share.
    credited: Decimal
    #: The case that a person filed, None before.
    filed: Mapping[str, object] | None

    @property
    def open_amount(self) -> Decimal:
        """Return what is still charged too much; below zero where too little was charged."""
        return self.charge.difference - self.credited

    @property
    def deadline(self) -> datetime | None:
        """Return until when it may be disputed; None where the marketplace has no such window."""
        if not self.charge.channel.startswith("walmart.") or self.charge.fee != "referral":
            return None
        return self.charge.period_end + DISPUTE_WINDOW

    @property
    def is_listed(self) -> bool:
        """Tell whether it is to be shown: it leaves when it is filed, and returns if it is settled short."""
        if self.filed is None:
            return self.open_amount != 0
        return self.credited != 0 and self.open_amount > 0


@dataclass(frozen=True, slots=True)
class Questions:
    """Every charge in question; `explained` counts those that an incentive explains."""

    found: tuple[Question, ...]
    explained: int
    #: (channel, SKUs sold of which nobody said the fee category).
    uncategorised: tuple[tuple[str, int], ...]
    #: (channel with a table by size and weight, SKUs charged by it that nobody measured or that fit no row).
    unmeasured: tuple[tuple[str, int], ...] = ()
    #: Days on which a channel's fulfilment table changed.
    changes: tuple[tuple[str, date], ...] = ()


def dispute_subject(charge: Charge) -> str:
    """Return the subject of a decision of kind `dispute`."""
    return f"{charge.channel}|{charge.subject}"


def find_questions(evidence: Evidence) -> Questions:
    """Return the charges that the schedule does not give and nothing explains, computed once a cycle.

    Raises:
        BadInput: a decision on fees cannot be used.
    """
    return evidence.once("fee questions", lambda: _find(evidence))


def _find(evidence: Evidence) -> Questions:
    decided = evidence.decisions(FEE_SCHEDULE)
    charges = find_differing(evidence.cursor, fee_rows(decided), sku_fees(decided))
    terms = _terms(evidence, charges)
    asked = [c for c in charges if not _is_explained(c, terms.get((c.page_id, c.file_line)))]
    given_back = {(c, o): Decimal(a) for c, o, a in evidence.cursor.execute(_CREDITS).fetchall()} if asked else {}
    filed = evidence.decisions(DISPUTE)
    found = []
    for charge in asked:
        key = (charge.channel, charge.order_id)
        credit = min(max(charge.difference, Decimal(0)), given_back.get(key, Decimal(0)))
        if credit:
            given_back[key] -= credit
        decision = filed.get(dispute_subject(charge))
        said = terms.get((charge.page_id, charge.file_line))
        found.append(Question(charge, said, credit, decision.value if decision else None))
    tabled: dict[str, date] = {}
    own = own_bands(decided)
    starts = [(b.channel, b.valid_from) for b in own] + [(t.channel, t.valid_from) for t in shipped_tables()]
    for channel, start in starts:
        tabled[channel] = min(tabled.get(channel, start), start)
    waiting = (tuple(uncategorised(evidence.cursor)), tuple(unmeasured(evidence.cursor, tabled)))
    return Questions(tuple(found), len(charges) - len(asked), *waiting, tuple(change_days(own)))


def _is_explained(charge: Charge, terms: ChargeTerms | None) -> bool:
    """Tell whether an incentive of the marketplace makes the charge smaller than the schedule."""
    if terms is None or charge.fee != "referral" or charge.difference > 0 or not (terms.original or terms.saving):
        return False
    before = terms.original or charge.charged + (terms.saving or Decimal(0))
    if charge.category is None:
        # Nobody said the category: the fee before the incentive has to be what the stated rate gives.
        return terms.rate is None or before >= charge.charged
    return before == round_to_minor(charge.expected, charge.currency)


def _terms(evidence: Evidence, charges: Sequence[Charge]) -> dict[tuple[int | None, int], ChargeTerms]:
    """Return the report's terms of the referral fees of Walmart; each report is opened once."""
    # The vendor's package takes a third of the program's start, and few lists show a question.
    from sync.walmart.settlements.terms import read_terms

    wanted: dict[int, tuple[str, set[int]]] = {}
    for charge in charges:
        if charge.page_id is not None and charge.fee == "referral" and charge.channel.startswith("walmart."):
            wanted.setdefault(charge.page_id, (charge.document_name, set()))[1].add(charge.file_line)
    found: dict[tuple[int | None, int], ChargeTerms] = {}
    for page_id, (name, lines) in wanted.items():
        page = read_page(evidence.cursor, page_id)
        if page is None:
            raise BadInput("the report is not in the archive", remedy="Import it again", file=name)
        for line, terms in read_terms(page[1], file=name, lines=lines).items():
            found[page_id, line] = terms
    return found
