"""One balanced journal for each month part of a settlement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from reconcile.settlement import (
    AccountMap,
    Journal,
    JournalPolicy,
    break_down,
    chunk,
    classify,
    journals,
    lines_behind,
    load_accounts,
    load_rules,
    split_months,
    summarise,
)
from sync.settlements import ParsedSettlement

SettlementOf = Callable[..., ParsedSettlement]
RULES, ACCOUNTS = load_rules(), load_accounts()


def posted(parsed: ParsedSettlement, policy: JournalPolicy | None = None) -> tuple[Journal, ...]:
    return journals(parsed.settlement, classify(parsed.lines, RULES), ACCOUNTS, policy)


def entries(journal: Journal) -> dict[str, Decimal]:
    """Account and memo → debit less credit."""
    return {f"{line.account.number} {line.memo}": line.debit - line.credit for line in journal.lines}


def test_an_unmapped_line_blocks_the_journal_and_is_still_shown(settlement_of: SettlementOf) -> None:
    (journal,) = posted(
        settlement_of(
            """
            2026-11-01  Order / ItemPrice / Principal                             25.00
            2026-11-01  AmazonFees / Peak Season Handling Surcharge / Base fee    -2.00
            """
        )
    )
    assert journal.blocked
    assert journal.blocked_by == (
        "no rule for 'AmazonFees / Peak Season Handling Surcharge / Base fee': 1 line, -2.00 USD",
    )
    assert entries(journal)[" AmazonFees / Peak Season Handling Surcharge / Base fee"] == Decimal("2.00")
    assert journal.balanced


def test_a_chosen_suspense_account_unblocks_it(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of("2026-11-01  A / B / C  -2.00"), JournalPolicy(suspense_key="other_fees"))
    assert not journal.blocked
    assert entries(journal)["6900 A / B / C"] == Decimal("2.00")


def test_an_account_key_without_account_blocks(settlement_of: SettlementOf) -> None:
    parsed = settlement_of("2026-11-01  Order / ItemPrice / Principal  25.00")
    (journal,) = journals(parsed.settlement, classify(parsed.lines, RULES), AccountMap())
    assert journal.blocked_by == (
        "no ledger account for 'sales' in amazon.US: 1 line, 25.00 USD",
        "no ledger account for 'clearing' in amazon.US",
    )
    assert journal.balanced


def test_no_lines_give_no_journal(settlement_of: SettlementOf) -> None:
    assert posted(settlement_of("")) == ()


def test_a_part_that_nets_to_nothing_on_every_account_gives_no_journal(settlement_of: SettlementOf) -> None:
    assert (
        posted(
            settlement_of(
                """
                2026-11-01  Order / ItemPrice / Principal   5.00
                2026-11-02  Order / ItemPrice / Principal  -5.00
                """
            )
        )
        == ()
    )


def test_sales_are_credited_fees_debited_and_the_payout_debited_to_clearing(settlement_of: SettlementOf) -> None:
    (journal,) = posted(
        settlement_of(
            """
            2026-11-01  Order / ItemPrice / Principal                       25.00
            2026-11-01  Order / ItemFees / Commission                       -3.75
            2026-11-02  Refund / ItemPrice / Principal                      -5.00
            2026-11-02  Refund / ItemFees / Commission                       0.75
            2026-11-03  other-transaction / x / Current Reserve Amount      -4.00
            """
        )
    )
    assert entries(journal) == {
        "1150 Payout 700": Decimal("13.00"),
        "1155 Reserves": Decimal("4.00"),
        "4000 Sales": Decimal("-25.00"),
        "4100 Refunds": Decimal("5.00"),
        "6110 Referral fees": Decimal("3.00"),
    }
    assert (journal.debits, journal.credits) == (Decimal("25.00"), Decimal("25.00"))
    assert journal.external_id == "AMZ-SETTLE-700-202611"
    assert (journal.period, journal.date) == ("2026-11", date(2026, 11, 3))


def test_a_negative_settlement_credits_clearing(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of("2026-11-01  other-transaction / other-transaction / Subscription Fee  -39.99"))
    assert entries(journal) == {"1150 Payout 700": Decimal("-39.99"), "6300 Subscription": Decimal("39.99")}


def test_a_charge_to_the_card_cancels_what_was_payable_within_clearing(settlement_of: SettlementOf) -> None:
    assert (
        posted(
            settlement_of(
                """
                2026-11-01  other-transaction / other-transaction / Payable to Amazon   -321.69
                2026-11-01  other-transaction / other-transaction / Successful charge    321.69
                """
            )
        )
        == ()
    )


def test_a_settlement_over_three_months_gives_three_journals_that_balance_alone(settlement_of: SettlementOf) -> None:
    parsed = settlement_of(
        """
        2026-11-01  Order / ItemPrice / Principal   25.00
        2026-08-31  Order / ItemPrice / Principal   10.00
        2026-09-30  Order / ItemFees / Commission   -1.50
        2026-10-01  Order / ItemPrice / Principal    7.00
        2026-10-31  Order / ItemFees / Commission   -7.50
        """,
        end="2026-10-31",
    )
    made = posted(parsed)
    assert [(j.external_id, j.date) for j in made] == [
        ("AMZ-SETTLE-700-202608", date(2026, 8, 31)),
        ("AMZ-SETTLE-700-202609", date(2026, 9, 30)),
        ("AMZ-SETTLE-700-202610", date(2026, 10, 31)),
        ("AMZ-SETTLE-700-202611", date(2026, 11, 1)),
    ]
    assert all(j.balanced for j in made)
    assert [entries(j).get("1150 Payout 700") for j in made] == [
        Decimal("10.00"),
        Decimal("-1.50"),
        Decimal("-0.50"),
        Decimal("25.00"),
    ]


def test_walmart_journals_have_walmarts_prefix_and_clearing(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of("2026-11-01  Sale / Product Price / Purchase  5.00", channel="walmart.US"))
    assert journal.external_id == "WMT-SETTLE-700-202611"
    assert entries(journal) == {"1160 Payout 700": Decimal("5.00"), "4000 Sales": Decimal("-5.00")}


TAXED = """
    2026-11-01  Order / ItemPrice / Principal                                       25.00
    2026-11-01  Order / ItemPrice / Tax                                              2.00
    2026-11-01  Order / ItemWithheldTax / MarketplaceFacilitatorTax-Principal       -2.00
    """


def test_facilitator_tax_nets_out_by_default(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of(TAXED))
    assert not any(key.startswith("2200") for key in entries(journal))


def test_facilitator_tax_is_posted_to_the_liability_by_policy(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of(TAXED), JournalPolicy(facilitator_tax="liability"))
    assert entries(journal)["2200 Tax"] == Decimal("-2.00")
    assert entries(journal)["2200 Marketplace tax withheld"] == Decimal("2.00")


def test_tax_that_the_marketplace_did_not_withhold_stays_owed(settlement_of: SettlementOf) -> None:
    (journal,) = posted(settlement_of("2026-11-01  Order / ItemPrice / Tax  3.19"))
    assert entries(journal)["2200 Tax"] == Decimal("-3.19")


def test_dimensions_of_an_account_keep_lines_apart(settlement_of: SettlementOf) -> None:
    parsed = settlement_of(
        """
        2026-11-01  Order / ItemFees / Commission         -1.00
        2026-11-01  Order / ItemFees / DigitalServicesFee  -0.10
        """
    )
    fees = ACCOUNTS.account("amazon.US", "referral_fees")
    accounts = ACCOUNTS.with_account("amazon.US", "digital_services_fees", fees)
    (together,) = journals(parsed.settlement, classify(parsed.lines, RULES), accounts)
    assert len(together.lines) == 2


def test_a_journal_line_leads_back_to_its_settlement_lines(settlement_of: SettlementOf) -> None:
    parsed = settlement_of(
        """
        2026-10-31  Order / ItemFees / Commission        -1.00
        2026-11-01  Order / ItemFees / Commission        -2.00
        2026-11-01  Refund / ItemFees / Commission        0.50
        2026-11-01  Order / ItemPrice / Principal        20.00
        """
    )
    november = posted(parsed)[1]
    fees = next(line for line in november.lines if line.account.number == "6110")
    behind = lines_behind(fees, parsed.lines)
    assert [line.ordinal for line in behind] == [2, 3]
    assert sum(line.amount for line in behind) == fees.credit - fees.debit
    assert fees.count == 2


def test_chunks_balance_alone_and_together_say_what_the_journal_says(settlement_of: SettlementOf) -> None:
    (journal,) = posted(
        settlement_of(
            """
            2026-11-01  Order / ItemPrice / Principal                                     25.00
            2026-11-01  Order / ItemPrice / Shipping                                       5.00
            2026-11-01  Order / ItemFees / Commission                                     -3.75
            2026-11-01  ServiceFee / Cost of Advertising / TransactionTotalAmount         -9.00
            2026-11-01  other-transaction / other-transaction / Storage Fee               -1.00
            """
        )
    )
    clearing = ACCOUNTS.account("amazon.US", "clearing")
    parts = chunk(journal, 3, clearing)
    assert [p.external_id for p in parts] == [f"AMZ-SETTLE-700-202611{end}" for end in ("", "-2", "-3")]
    assert all(p.balanced and len(p.lines) <= 3 for p in parts)
    assert sum(entries(p).get("1150 Payout 700", Decimal(0)) for p in parts) == Decimal("16.25")
    whole: dict[str, Decimal] = {}
    for part in parts:
        for key, amount in entries(part).items():
            whole[key] = whole.get(key, Decimal(0)) + amount
    assert whole == entries(journal)
    assert chunk(journal, 6, clearing) == (journal,)
    with pytest.raises(ValueError, match="at least two"):
        chunk(journal, 1, clearing)


def test_the_summary_has_texts_for_amounts_and_everything_the_command_line_prints(settlement_of: SettlementOf) -> None:
    parsed = settlement_of(
        """
        2026-10-31  Order / ItemPrice / Principal     25.00
        2026-11-01  Order / ItemFees / Commission     -3.75
        2026-11-01  New / Thing / Unknown             -1.00
        """
    )
    assert summarise(parsed, RULES, ACCOUNTS) == {
        "file": "s.txt",
        "format": "amazon-v2",
        "settlement_id": "700",
        "account": "amazon.US",
        "currency": "USD",
        "lines": 3,
        "total": "20.25",
        "sum": "20.25",
        "residual": "0.00",
        "footed": True,
        "unmapped_lines": 1,
        "notes": [],
        "journals": [
            {
                "external_id": "AMZ-SETTLE-700-202610",
                "period": "2026-10",
                "debits": "25.00",
                "credits": "25.00",
                "lines": 2,
            },
            {
                "external_id": "AMZ-SETTLE-700-202611",
                "period": "2026-11",
                "debits": "4.75",
                "credits": "4.75",
                "lines": 3,
            },
        ],
        "categories": [
            {"category": "sales", "account": "4000 Sales", "lines": 1, "amount": "25.00"},
            {"category": "referral_fees", "account": "6110 Referral fees", "lines": 1, "amount": "-3.75"},
            {"category": "unmapped", "account": "unmapped", "lines": 1, "amount": "-1.00"},
        ],
    }


def test_parts_and_breakdown_add_to_the_same_total(settlement_of: SettlementOf) -> None:
    parsed = settlement_of(TAXED)
    classified = classify(parsed.lines, RULES)
    assert sum(p.amount for p in split_months(classified)) == break_down(classified).total == parsed.settlement.total
