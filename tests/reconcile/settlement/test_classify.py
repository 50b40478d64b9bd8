"""Which rule decides where a line belongs, and what becomes of lines that no rule knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.settlement import Rule, Rules, break_down, classify, group_lines, load_accounts, load_rules
from sync.errors import BadInput
from sync.settlements import ParsedSettlement

SettlementOf = Callable[..., ParsedSettlement]
HEADER = "vendor,transaction_type,amount_type,amount_description,category,account_key\n"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@pytest.mark.parametrize(
    "rows",
    [
        "vendor,category\n",
        HEADER + "amazon,Order,ItemPrice,Principal,profits,sales\n",
        HEADER + "amazon,Order,ItemPrice,Principal,sales,\n",
        HEADER + "amazon,Order,ItemPrice,Principal,sales,sales\namazon,order,Item_Price,PRINCIPAL,sales,refunds\n",
        HEADER + "amazon,*,*,Shipping,shipping,shipping_income\n",
        HEADER + "amazon,Order,*,Principal,sales,sales\n",
    ],
)
def test_rules_that_cannot_be_trusted_are_refused(rows: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(rows, encoding="utf-8")
    with pytest.raises(BadInput):
        load_rules(path)


def test_an_unknown_type_is_unmapped_with_amount_count_first_day_and_a_proposal(
    settlement_of: SettlementOf, rules: Rules
) -> None:
    parsed = settlement_of(
        """
        2026-10-31  FBAFees / FBA Inventory Storage Fees / Base fee   -4.00
        2026-10-30  FBAFees / FBA Inventory Storage Fees / Base fee   -1.50
        2026-10-30  Order / ItemPrice / Principal                     20.00
        """
    )
    classified = classify(parsed.lines, rules)
    (unknown,) = classified.unmapped
    assert (unknown.amount, unknown.count, unknown.first_posted) == (Decimal("-5.50"), 2, date(2026, 10, 30))
    assert unknown.proposed_account_key == "storage_fees"
    assert classified.unmapped_lines == 2
    assert classified.of(parsed.lines[0]).category == "unmapped"


@pytest.mark.parametrize(
    ("line_type", "account_key"),
    [
        ("other-transaction / other-transaction / WAREHOUSE_LOST_AGAIN", "reimbursements"),
        ("FBAFees / Low-inventory-level fee / Base fee", "fba_fulfilment_fees"),
        ("Order / ItemPrice / GiftMessage", "gift_wrap_income"),
        ("AmazonFees / Peak Season Handling Surcharge / Base fee", "referral_fees"),
    ],
)
def test_a_new_name_is_proposed_the_account_of_the_most_like_it(
    settlement_of: SettlementOf, rules: Rules, line_type: str, account_key: str
) -> None:
    (unknown,) = classify(settlement_of(f"2026-10-31  {line_type}  -1.00").lines, rules).unmapped
    assert unknown.proposed_account_key == account_key
    assert unknown.nearest


def test_nothing_near_gives_no_proposal(settlement_of: SettlementOf, rules: Rules) -> None:
    (unknown,) = classify(settlement_of("2026-10-31  Qq / Zz / Xx  1.00").lines, rules).unmapped
    assert unknown.nearest is None


def test_a_description_alone_never_decides_but_for_reserves_and_transfers(rules: Rules) -> None:
    assert rules.place("amazon", "Odd", "Odd", "Shipping").category == "unmapped"
    assert rules.place("amazon", "Odd", "Odd", "Principal").category == "unmapped"
    assert rules.place("amazon", "Transfer", "other-transaction", "Current Reserve Amount").category == "reserves"
    assert rules.place("amazon", "", "", "Payable to Amazon").rule == "description"


def test_the_order_of_rules_is_triple_then_type_then_amount_then_description() -> None:
    rows = [
        Rule("amazon", "*", "*", "D", "reserves", "four"),
        Rule("amazon", "*", "A", "D", "other", "three"),
        Rule("amazon", "T", "A", "*", "other", "two"),
        Rule("amazon", "T", "A", "D", "other", "one"),
    ]
    for count, expected in ((4, "one"), (3, "two"), (2, "three"), (1, "four")):
        assert Rules(rows[:count]).place("amazon", "T", "A", "D").account_key == expected
    assert Rules(rows).place("walmart", "T", "A", "D").category == "unmapped"


def test_a_later_rule_replaces_one_with_the_same_key(rules: Rules) -> None:
    changed = rules.with_rules([Rule("amazon", "order", "item price", "PRINCIPAL", "sales", "eu_sales")])
    assert changed.place("amazon", "Order", "ItemPrice", "Principal").account_key == "eu_sales"
    assert rules.place("amazon", "Order", "ItemPrice", "Principal").account_key == "sales"


def test_a_later_rule_for_the_start_of_a_description_wins_and_holds_for_its_vendor_only(rules: Rules) -> None:
    text = "Transfer of funds unsuccessful: whatever"
    changed = rules.with_rules([Rule("amazon", "*", "*", "Transfer of funds unsucc*", "transfers", "returned")])
    assert changed.place("amazon", "x", "y", text).account_key == "returned"
    assert rules.place("amazon", "x", "y", text).account_key == "clearing"
    assert rules.place("walmart", "x", "y", text).category == "unmapped"


def test_a_group_knows_its_first_line_and_its_earliest_day(settlement_of: SettlementOf) -> None:
    (group,) = group_lines(
        settlement_of(
            """
            2026-10-31  Order / ItemPrice / Principal  1.00
            2026-10-02  Order / ItemPrice / Principal  2.00
            2026-10-31  Order / ItemPrice / Principal  3.00
            2026-10-15  Order / ItemPrice / Principal  4.00
            """
        ).lines
    )
    assert (group.first_ordinal, group.first_posted, group.count) == (1, date(2026, 10, 2), 4)
    assert (group.amount, group.month) == (Decimal("10.00"), "2026-10")


@pytest.mark.parametrize(
    ("kind", "amount_type", "description"),
    [("ORDER", "ITEMPRICE", "PRINCIPAL"), ("order", "item_price", "principal"), ("Order ", "Item Price", " Principal")],
)
def test_names_are_the_same_without_case_blanks_and_underscores(
    rules: Rules, kind: str, amount_type: str, description: str
) -> None:
    assert rules.place("amazon", kind, amount_type, description).category == "sales"


@pytest.mark.parametrize(
    ("line_type", "category", "account_key"),
    [
        ("Order / ItemPrice / Shipping", "shipping", "shipping_income"),
        ("Order / Promotion / Shipping", "promotions", "promotions"),
        ("Order / ShipmentFees / Shipping", "fulfilment_fees", "fba_fulfilment_fees"),
        ("Order / ItemPrice / Tax", "tax", "tax_collected"),
        ("other-transaction / Capacity Reservation Fee / Tax", "storage", "storage_fees"),
        ("Order / ItemWithheldTax / MarketplaceFacilitatorTax-Principal", "marketplace_tax_withheld", "tax_withheld"),
        ("Order / ItemWithheldTax / MarketplaceFacilitatorVAT-Shipping", "marketplace_tax_withheld", "tax_withheld"),
        ("Order / ItemWithheldTax / LowValueGoodsTax-Other", "marketplace_tax_withheld", "tax_withheld"),
        ("Order / ItemFees / DigitalServicesFee", "referral_fees", "digital_services_fees"),
        ("Refund / ItemFees / RefundCommission", "referral_fees", "refund_admin_fees"),
        ("Refund / ItemPrice / Principal", "refunds", "refunds"),
        ("ServiceFee / Cost of Advertising / TransactionTotalAmount", "advertising", "advertising"),
        ("ServiceFee / ItemFees / Cost of Advertising", "advertising", "advertising"),
        ("ServiceFee / OtherFees / TaxAmount", "advertising", "advertising"),
        ("FBAFees / FBA Long Term Storage Fee / Tax on fee", "storage", "storage_fees"),
        ("FBAFees / Inbound Defect Fee / Base fee", "fulfilment_fees", "inbound_fees"),
        ("AmazonFees / Vine Enrollment Fee / Discount on fee", "advertising", "deal_fees"),
        ("other-transaction / other-transaction / Storage Fee", "storage", "storage_fees"),
        ("other-transaction / other-transaction / Subscription Fee", "subscription", "subscription"),
        ("other-transaction / FBA Inventory Reimbursement / WAREHOUSE_LOST", "reimbursements", "reimbursements"),
        ("other-transaction / other-transaction / Previous Reserve Amount Balance", "reserves", "reserve"),
        ("other-transaction / other-transaction / Successful charge", "transfers", "clearing"),
        (
            "other-transaction / other-transaction / Transfer of funds unsuccessful: We could not transfer funds",
            "transfers",
            "clearing",
        ),
    ],
)
def test_amazons_line_types_have_their_place(rules: Rules, line_type: str, category: str, account_key: str) -> None:
    place = rules.place("amazon", *line_type.split(" / "))
    assert (place.category, place.account_key) == (category, account_key)


@pytest.mark.parametrize(
    ("kind", "description", "amount_type", "category"),
    [
        ("Sale", "Purchase", "Product Price", "sales"),
        ("Sale", "Purchase", "Product tax withheld", "marketplace_tax_withheld"),
        ("Refund", "Return Refund", "Commission on Product", "referral_fees"),
        ("Refund", "Whatever Walmart calls it next", "Product Price", "refunds"),
        ("Adjustment", '"WFS Return Shipping fee "', "WFS Fee/Reimbursement", "fulfilment_fees"),
        ("", "WFS RC_InventoryDisposalFee", "", "fulfilment_fees"),
        ("Service Fee", "WFS StorageFee", "WFS Fee/Reimbursement", "storage"),
        ("Campaigns", "SEM Marketing", "SEM Marketing Fee", "advertising"),
        ("Reserve", "Funds withheld to cover future refunds", "", "reserves"),
        ("Instant Transfer", "", "", "transfers"),
        ("Dispute Settlement", "Dispute won", "Fee/Reimbursement", "reimbursements"),
    ],
)
def test_walmarts_line_types_have_their_place(
    rules: Rules, kind: str, description: str, amount_type: str, category: str
) -> None:
    assert rules.place("walmart", kind, amount_type, description).category == category


def test_every_account_key_of_the_rules_has_an_account_for_its_vendor(rules: Rules) -> None:
    accounts = load_accounts()
    for rule in rules.all:
        assert accounts.account(f"{rule.vendor}.US", rule.account_key).number


def test_a_channels_account_wins_over_its_vendors_and_that_over_the_default() -> None:
    accounts = load_accounts()
    own = accounts.with_account("amazon.DE", "sales", accounts.account("amazon.US", "refunds"))
    assert own.account("amazon.DE", "sales").number == "4100"
    assert own.account("amazon.US", "sales").number == "4000"
    assert own.account("amazon.US", "clearing").number == "1150"
    assert own.account("walmart.US", "clearing").number == "1160"
    with pytest.raises(BadInput, match="no ledger account"):
        own.account("amazon.US", "petty_cash")


@pytest.mark.parametrize("text", ["[default", "[default]\nsales = 4000\n", '[default]\nsales = { number = "1" }\n'])
def test_a_broken_accounts_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput):
        load_accounts(path)


def test_the_breakdown_names_categories_in_display_order_and_types_by_size(
    settlement_of: SettlementOf, rules: Rules
) -> None:
    parsed = settlement_of(
        """
        2026-10-31  Order / ItemFees / Commission                -3.75
        2026-10-31  Order / ItemFees / ShippingHB                -0.25
        2026-10-31  Order / ItemPrice / Principal                25.00
        2026-11-01  Refund / ItemFees / Commission                1.00
        """
    )
    broken = break_down(classify(parsed.lines, rules))
    assert [(c.label, c.lines, c.amount) for c in broken.categories] == [
        ("Sales", 1, Decimal("25.00")),
        ("Referral fees", 3, Decimal("-3.00")),
    ]
    assert [t.amount for t in broken.categories[1].types] == [Decimal("-3.75"), Decimal("1.00"), Decimal("-0.25")]
    assert broken.total == parsed.settlement.total
