"""One intent or more of each kind that Tieout writes to NetSuite, with every field that the kind knows."""

from __future__ import annotations

from typing import Any

__all__ = ["INTENTS"]

_LINE = {"item_id": "11", "quantity": "3", "rate": "11.11", "amount": "33.33", "description": "Widget",
         "line_ref": "L-1", "tax_amount": "2.75", "location_id": "5", "department_id": "6",
         "class_id": "7"}  # fmt: skip
_PLAIN = {"item_id": "11", "quantity": "7", "rate": "14.2857142857", "amount": "100.00", "is_tax_exempt": True}
_ADDRESS = {"name": "Zoë", "address1": "1 Main St", "address2": "Apt 2", "city": "Reno", "region": "NV",
            "postal_code": "89501", "country": "US", "phone": "555-0100"}  # fmt: skip
_HEAD = {"external_id": "AMZ-113-1", "date": "2026-11-18", "subsidiary_id": "2", "location_id": "5",
         "department_id": "6", "class_id": "7", "currency": "USD", "exchange_rate": "1.0917", "memo": "m",
         "period": "9"}  # fmt: skip
_SALE = {**_HEAD, "customer": {"id": "9"}, "other_reference": "113-1", "ship_method": "77", "address": _ADDRESS,
         "shipping_cost": "4.99", "discount_amount": "2.50", "discount_item_id": "31",
         "lines": [_LINE, _PLAIN]}  # fmt: skip
_ORDER = {k: v for k, v in _SALE.items() if k not in ("exchange_rate", "period")}
_GIVEN = {**_HEAD, "customer": {"external_id": "C-1"}, "other_reference": "113-1", "lines": [_LINE]}
_OWN = {"external_id": "AMZ-113-1", "date": "2026-11-18", "memo": "m", "period": "9"}
_TAKEN = [{"line_id": "4", "quantity": "2", "location_id": "5"}, {"item_id": "12"}]
_BACK = [{"line_id": "4", "quantity": "1", "amount": "11.11", "rate": "11.11", "description": "torn"}]
_JOURNAL = {"external_id": "AMZ-SETTLE-1-202611", "date": "2026-11-15", "subsidiary_id": "2", "currency": "USD",
            "exchange_rate": "1.0917", "memo": "m", "period": "9", "lines": [
                {"account_id": "40", "debit": "85.27", "memo": "payout", "entity_id": "9", "department_id": "6"},
                {"account_id": "50", "debit": "14.73", "class_id": "7", "location_id": "5"},
                {"account_id": "60", "credit": "100.00"}]}  # fmt: skip
_REVERSE = {**_JOURNAL, "reverses_id": "77", "reverses_number": "JE-7"}


_LEAVE = {"source_lines": _BACK, "period": None}


def _from(kind: str, **more: Any) -> dict[str, Any]:
    return {**_OWN, "source": {"kind": kind, "id": "647"}, **more}


INTENTS: list[tuple[str, dict[str, Any]]] = [
    ("customer.create", {"external_id": "C-1", "kind": "person", "entity_id": "Zoë M", "first_name": "Zoë",
                         "last_name": "Müller", "email": "z@example.com", "phone": "555-0100", "subsidiary_id": "2",
                         "currency": "USD", "address": _ADDRESS}),
    ("customer.create", {"external_id": "C-2", "kind": "company", "company_name": "Acme"}),
    ("sales_order.create", {**_ORDER, "ship_by": "2026-11-21"}),
    ("cash_sale.create", {**_SALE, "payment_method_id": "3", "to_undeposited_funds": True}),
    ("cash_sale.create", _from("sales_order", source_lines=_TAKEN, account_id="40")),
    ("invoice.create", {**_SALE, "due_date": "2026-12-18", "terms_id": "4", "account_id": "40"}),
    ("invoice.create", {**_OWN, "source": {"kind": "sales_order", "external_id": "AMZ-1"}}),
    ("fulfillment.create", _from("sales_order", lines=_TAKEN, location_id="5", status="shipped", ship_method="77",
                                 shipping_cost="3.10", shipped_on="2026-11-19",
                                 parcels=[{"tracking_number": "1Z9", "weight": "1.5", "description": "box"}])),
    ("customer_payment.create", _from("invoice", amount="33.33", account_id="40", payment_method_id="3")),
    ("customer_payment.create", _from("invoice", amount="33.33", to_undeposited_funds=True, exchange_rate="1.09")),
    ("customer_payment.create", _from("invoice", amount="35.00", applied="33.33", to_undeposited_funds=True)),
    ("return_authorization.create", _from("sales_order", **_LEAVE)),
    ("return_authorization.create", _from("invoice", **_LEAVE)),
    ("return_authorization.create", _from("cash_sale", **_LEAVE)),
    ("return_authorization.create", {**_GIVEN, "period": None}),
    ("item_receipt.create", _from("return_authorization", lines=[{"line_id": "4", "restock": False}],
                                  location_id="5", when_over="cap")),
    ("item_receipt.create", _from("transfer_order", lines=_TAKEN)),
    ("item_receipt.create", _from("purchase_order", lines=_TAKEN)),
    ("credit_memo.create", _from("return_authorization")),
    ("credit_memo.create", _from("invoice", applies_to=[{"document_id": "5", "amount": "33.33", "line": 0}])),
    ("credit_memo.create", {**_GIVEN, "account_id": "40"}),
    ("cash_refund.create", _from("cash_sale", source_lines=_BACK, payment_method_id="3", account_id="40")),
    ("cash_refund.create", _from("return_authorization")),
    ("cash_refund.create", _GIVEN),
    ("customer_refund.create", {**_HEAD, "customer": {"id": "9"}, "account_id": "40", "payment_method_id": "3",
                                "applies_to": [{"document_id": "5", "amount": "11.11"}]}),
    ("deposit.create", {**_HEAD, "account_id": "40", "total": "95.00",
                        "payments": [{"document_id": "5", "amount": "100.00"}],
                        "others": [{"account_id": "50", "amount": "1.00", "memo": "m", "entity_id": "9",
                                    "payment_method_id": "3", "reference": "r", "department_id": "6",
                                    "class_id": "7", "location_id": "5"}],
                        "cash_back": [{"account_id": "60", "amount": "6.00", "memo": "fees", "department_id": "6",
                                       "class_id": "7", "location_id": "5"}]}),
    ("inventory_adjustment.create", {**{k: v for k, v in _HEAD.items() if k not in ("currency", "exchange_rate")},
                                     "account_id": "40", "lines": [
                                         {"item_id": "11", "location_id": "5", "quantity": "-4", "memo": "lost",
                                          "department_id": "6", "class_id": "7"},
                                         {"item_id": "12", "location_id": "5", "quantity": "4",
                                          "unit_cost": "3.20"}]}),
    ("journal_entry.create", _JOURNAL),
    ("journal_entry.reverse", _REVERSE),
    ("document.void", {**_REVERSE, "document_kind": "customer_payment"}),
    ("sales_order.update", {"id": "647", "other_reference": "113-1", "memo": "m", "ship_by": "2026-11-21",
                            "ship_method": "77", "location_id": "5", "department_id": "6", "class_id": "7",
                            "shipping_cost": "4.99", "address": _ADDRESS, "status": "pending_fulfillment",
                            "lines": [{"line_id": "4", "quantity": "2", "amount": "22.22", "rate": "11.11",
                                       "description": "d", "location_id": "5"}]}),
    ("sales_order.update", {"id": "647", "replace_lines": [_PLAIN]}),
    ("sales_order.close_lines", {"id": "647", "line_ids": ["1", "4"]}),
    ("sales_order.update", {"id": "647", "taxes": [{"position": 1, "basis": "25.00", "amount": "2.10"}]}),
    ("sales_order.update", {"id": "647", "taxes": [
        {"position": 1, "basis": "25.00", "amount": "2.10"},
        {"position": 2, "basis": "10.00", "amount": "0.80", "line_id": "2"}]}),
    ("return_authorization.close_lines", {"id": "651", "line_ids": ["1", "4"]}),
    ("item.update", {"id": "11", "item_type": "InvtPart", "set": {
        "external_id": "I-1", "display_name": "Widget", "description": "d", "upc": "012345678905",
        "manufacturer_number": "W-1", "weight": "1.5", "inactive": False}}),
    ("item.update", {"id": "12", "item_type": "Kit", "set": {"description": "d"}}),
    ("customer.update", {"id": "9", "set": {"external_id": "C-9", "first_name": "Zoë", "last_name": "M",
                                            "company_name": "Acme", "email": "z@example.com", "phone": "555-0100",
                                            "inactive": True}}),
    ("customer.update", {"id": "9", "set": {"phone": "555-0100"}, "add_address": _ADDRESS}),
]  # fmt: skip
