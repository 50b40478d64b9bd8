"""Every line type that is known of either vendor has its place, or stands in the committed table of exceptions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile.settlement import Placement, Rules, load_rules
from reconcile.settlement.classify import folded

Kind = tuple[str, str, str]
EXCEPTIONS = Path(__file__).with_name("expected") / "taxonomy_exceptions.csv"
NAMES = ("transaction_type", "amount_type", "amount_description")
#: What a general ledger category of Walmart's types means in ours.
WALMART = {
    "revenue_product": "sales",
    "revenue_shipping": "shipping",
    "tax_collected": "tax",
    "tax_other": "tax",
    "tax_withheld": "marketplace_tax_withheld",
    "fee_commission": "referral_fees",
    "refund_commission": "referral_fees",
    "fee_fulfillment": "fulfilment_fees",
    "fee_returns": "fulfilment_fees",
    "fee_inbound": "fulfilment_fees",
    "fee_removal": "fulfilment_fees",
    "fee_shipping_label": "fulfilment_fees",
    "fee_storage": "storage",
    "fee_advertising": "advertising",
    "fee_marketing": "advertising",
    "fee_other": "other",
    "promotion": "promotions",
    "promotion_seller": "promotions",
    "walmart_funded_savings": "promotions",
    "refund_product": "refunds",
    "refund_shipping": "refunds",
    "inventory_reimbursement": "reimbursements",
    "reimbursement_other": "reimbursements",
    "reserve_held": "reserves",
    "payout_early": "transfers",
}
#: An adjustment is booked as what it adjusts: of a refund, or of what Walmart's own service paid out.
ADJUSTED = {"Refund": "refunds", "Adjustment": "reimbursements"}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def exceptions(vendor: str) -> dict[Kind, str]:
    with EXCEPTIONS.open(encoding="utf-8", newline="") as text:
        return {
            (row["transaction_type"], row["amount_type"], row["amount_description"]): row["reason"]
            for row in csv.DictReader(text)
            if row["vendor"] == vendor
        }


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def as_read(row: dict[str, str]) -> Kind:
    """The words in which our readers give a type: V1's columns in V2's words, a transaction type that was left out."""
    kind, amount_type, description = (row[name] for name in NAMES)
    if amount_type == "v1:other-amount":
        return "other-transaction", "other-transaction", kind
    if amount_type == "v1:other-fee-amount":
        return kind, "OtherFees", description
    if amount_type and not kind:
        return ("other-transaction" if amount_type == "other-transaction" else "Order"), amount_type, description
    return kind, amount_type, description


def placed(rules: Rules, kind: Kind) -> bool:
    """Whether a rule places the type; a bare description counts as known where some rule names it."""
    if rules.place("amazon", *kind).rule != "none":
        return True
    if kind[0] or kind[1]:
        return False
    named = {
        folded(text)
        for rule in rules.all
        if rule.vendor == "amazon"
        for text in (rule.transaction_type, rule.amount_type, rule.amount_description)
    }
    return folded(kind[2]) in named


def test_every_exception_gives_its_reason() -> None:
    assert all(len(reason) > 10 for vendor in ("amazon", "walmart") for reason in exceptions(vendor).values())


@pytest.mark.proves("A55", "A56", "A60", "A61", "A68")
@pytest.mark.shared
def test_every_known_type_of_amazon_has_its_place_or_is_an_exception(shared: Path, rules: Rules) -> None:
    rows = list(rows_of(shared / "vendors/amazon/fee_taxonomy.csv"))
    assert len(rows) == 507
    missing = {tuple(row[name] for name in NAMES) for row in rows if not placed(rules, as_read(row))}
    # Both ways: nothing unknown beyond the table, and no exception that has a rule by now.
    assert missing == set(exceptions("amazon"))


@pytest.mark.shared
def test_every_complete_triple_seen_in_real_data_has_a_rule(shared: Path, rules: Rules) -> None:
    rows = [r for r in rows_of(shared / "vendors/amazon/fee_taxonomy.csv") if r["evidence"].startswith("observed-in")]
    assert len(rows) == 47
    assert [as_read(r) for r in rows if rules.place("amazon", *as_read(r)).rule == "none"] == []


@pytest.mark.proves("W29", "W37")
@pytest.mark.shared
def test_every_known_type_of_walmart_has_the_place_of_its_ledger_category(shared: Path, rules: Rules) -> None:
    rows = list(rows_of(shared / "vendors/walmart/recon/fee_taxonomy.csv"))
    assert len(rows) == 69
    missing, wrong = set(), []
    for row in rows:
        description = row["transaction_description"].strip('" ')
        kind = (row["transaction_type"], row["amount_type"], description)
        found = rules.place("walmart", *kind)
        wanted = WALMART.get(row["gl_category"]) or ADJUSTED.get(row["transaction_type"])
        if found.rule == "none":
            missing.add(kind)
        elif found.category != wanted:
            wrong.append((kind, found.category, wanted))
    assert wrong == []
    assert missing == set(exceptions("walmart"))


@pytest.mark.parametrize(
    ("kind", "category", "account_key"),
    [
        (("FBAFees", "FBA Inventory Storage Fee", "Tax on fee"), "storage", "storage_fees"),
        (("Order", "ItemFees", "DigitalServicesFee"), "referral_fees", "digital_services_fees"),
        (
            ("Order", "ItemWithheldTax", "MarketplaceFacilitatorVAT-Principal"),
            "marketplace_tax_withheld",
            "tax_withheld",
        ),
        (("Order_Retrocharge", "ItemPrice", "BaseTax"), "tax", "tax_collected"),
        (("Refund_Retrocharge", "ItemPrice", "BaseTax"), "tax", "tax_collected"),
        (("Order", "ItemPrice", "TCS-IGST"), "marketplace_tax_withheld", "tax_withheld"),
        (("Commingling VAT", "other-transaction", "Commingling VAT"), "tax", "tax_collected"),
        (("other-transaction", "other-transaction", "REVERSAL_REIMBURSEMENT"), "reimbursements", "reimbursements"),
        (("other-transaction", "other-transaction", "Current Reserve Amount"), "reserves", "reserve"),
        (("other-transaction", "other-transaction", "Previous Reserve Amount Balance"), "reserves", "reserve"),
        (("other-transaction", "other-transaction", "Payable to Amazon"), "transfers", "clearing"),
        (("other-transaction", "other-transaction", "Successful charge"), "transfers", "clearing"),
        (("other-transaction", "other-transaction", "Amazon Capital Services"), "other", "loan"),
        (("other-transaction", "other-transaction", "LightningDealFee Special"), "advertising", "deal_fees"),
    ],
)
def test_kinds_that_must_never_fall_to_suspense_have_their_own_rule(
    rules: Rules, kind: Kind, category: str, account_key: str
) -> None:
    found = rules.place("amazon", *kind)
    assert isinstance(found, Placement)
    assert (found.category, found.account_key) == (category, account_key)
