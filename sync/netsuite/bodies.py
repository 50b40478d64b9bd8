"""Request bodies of the record service, made from checked intents: pure, so that a plan can show what will be sent.

Field names: contract §4 and the record list of the vendor's reference. Amounts stay Decimals and are written digit by
digit; references are `{"id": …}` or `{"externalId": …}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync.errors import BadInput
from sync.netsuite.intents import (
    Address,
    CustomerIntent,
    CustomerReference,
    JournalIntent,
    JournalLine,
    SalesOrderIntent,
    SalesOrderLine,
)

__all__ = ["Body", "TaxEngine", "customer_body", "journal_body", "sales_order_body"]

Body = dict[str, object]
#: How a body names a currency; None leaves it to NetSuite (an account with one currency).
Currency = Mapping[str, str] | None
# "Custom" price level: NetSuite would otherwise put its own price beside the amount.
_CUSTOM_PRICE = {"id": "-1"}
_TAX_RATE_STEP = Decimal("0.0001")


def customer_body(intent: CustomerIntent, currency: Currency) -> Body:
    """Return the body of a customer."""
    is_person = intent.kind == "person"
    body = _present(
        {
            "externalId": intent.external_id,
            "entityId": intent.entity_id,
            "isPerson": is_person,
            "firstName": intent.first_name if is_person else None,
            "lastName": intent.last_name if is_person else None,
            "companyName": intent.company_name,
            "email": intent.email,
            "phone": intent.phone,
            "subsidiary": _ref(intent.subsidiary_id),
            "currency": currency,
        }
    )
    if intent.address is not None:
        entry = {"defaultShipping": True, "defaultBilling": True, "addressBookAddress": _address(intent.address)}
        body["addressBook"] = {"items": [entry]}
    return body


@dataclass(frozen=True, slots=True)
class TaxEngine:
    """SuiteTax: the code (and type) that an amount of tax of the channel is written under."""

    tax_code_id: str
    tax_type_id: str | None = None


def sales_order_body(
    intent: SalesOrderIntent, currency: Currency, *, line_ref_field: str | None = None, tax: TaxEngine | None = None
) -> Body:
    """Return the body of a sales order in status Pending Fulfillment; `line_ref_field` is a custom column or None.

    Raises:
        BadInput: if a line carries an amount of tax and `tax` is None: the REST service has no legacy tax
            (contract §2.3, fault 36).
    """
    return _present(
        {
            "externalId": intent.external_id,
            "entity": _customer(intent.customer),
            "tranDate": intent.date.isoformat(),
            "otherRefNum": intent.other_reference,
            "orderStatus": {"id": "B"},
            "subsidiary": _ref(intent.subsidiary_id),
            "location": _ref(intent.location_id),
            "department": _ref(intent.department_id),
            "class": _ref(intent.class_id),
            "currency": currency,
            "memo": intent.memo,
            "shipMethod": _ref(intent.ship_method),
            "shipDate": intent.ship_by.isoformat() if intent.ship_by else None,
            "shippingAddress": _address(intent.address) if intent.address else None,
            "shippingCost": intent.shipping_cost,
            "discountItem": _ref(intent.discount_item_id) if intent.discount_amount else None,
            "discountRate": -intent.discount_amount if intent.discount_amount else None,
            "item": {"items": [_order_line(n, line, line_ref_field) for n, line in enumerate(intent.lines, 1)]},
            **_tax_details(intent.lines, tax),
        }
    )


def journal_body(intent: JournalIntent, currency: Currency) -> Body:
    """Return the body of a journal entry."""
    return _present(
        {
            "externalId": intent.external_id,
            "tranDate": intent.date.isoformat(),
            "subsidiary": _ref(intent.subsidiary_id),
            "currency": currency,
            "exchangeRate": intent.exchange_rate,
            "memo": intent.memo,
            "postingPeriod": _ref(intent.period),
            "line": {"items": [_journal_line(line) for line in intent.lines]},
        }
    )


def _order_line(position: int, line: SalesOrderLine, line_ref_field: str | None) -> Body:
    # With a rate that does not multiply to the amount NetSuite would compute the amount anew and lose cents.
    rate = line.rate if line.rate is not None and line.rate * line.quantity == line.amount else None
    body = _present(
        {
            "item": _ref(line.item_id),
            "quantity": line.quantity,
            "price": _CUSTOM_PRICE,
            "rate": rate,
            "amount": line.amount,
            "description": line.description,
            "isTaxable": False if line.is_tax_exempt else None,
            "taxDetailsReference": _tax_reference(position) if line.tax_amount else None,
            "location": _ref(line.location_id),
            "department": _ref(line.department_id),
            "class": _ref(line.class_id),
        }
    )
    if line_ref_field and line.line_ref:
        body[line_ref_field] = line.line_ref
    return body


def _tax_details(lines: Sequence[SalesOrderLine], tax: TaxEngine | None) -> Body:
    taxed = [(n, line, line.tax_amount) for n, line in enumerate(lines, 1) if line.tax_amount]
    if not taxed:
        return {}
    if tax is None:
        raise BadInput(
            "an amount of tax cannot be written to a NetSuite line over REST without SuiteTax",
            remedy="Choose a tax policy that leaves the tax out or gives it an item of its own, or set a tax code",
            column=f"lines.{taxed[0][0] - 1}.tax_amount",
            value=str(taxed[0][2]),
        )
    items = [_tax_detail(n, line.amount, amount, tax) for n, line, amount in taxed]
    # The channel's tax is kept to the cent: NetSuite must not compute it anew.
    return {"taxDetailsOverride": True, "taxDetails": {"items": items}}


def _tax_detail(position: int, basis: Decimal, amount: Decimal, tax: TaxEngine) -> Body:
    percent = (amount / basis * 100).quantize(_TAX_RATE_STEP) if basis else Decimal(0)
    return _present(
        {
            "taxDetailsReference": _tax_reference(position),
            "taxBasis": basis,
            "taxRate": percent,
            "taxAmount": amount,
            "taxCode": _ref(tax.tax_code_id),
            "taxType": _ref(tax.tax_type_id),
        }
    )


def _tax_reference(position: int) -> str:
    return f"line-{position}"


def _journal_line(line: JournalLine) -> Body:
    return _present(
        {
            "account": _ref(line.account_id),
            "debit": line.debit,
            "credit": line.credit,
            "memo": line.memo,
            "entity": _ref(line.entity_id),
            "department": _ref(line.department_id),
            "class": _ref(line.class_id),
            "location": _ref(line.location_id),
        }
    )


def _address(address: Address) -> Body:
    return _present(
        {
            "addressee": address.name,
            "addr1": address.address1,
            "addr2": address.address2,
            "city": address.city,
            "state": address.region,
            "zip": address.postal_code,
            "country": _ref(address.country),
            "addrPhone": address.phone,
        }
    )


def _customer(customer: CustomerReference) -> Body:
    return {"id": customer.id} if customer.id else {"externalId": customer.external_id}


def _ref(record_id: str | None) -> dict[str, str] | None:
    return None if record_id is None else {"id": record_id}


def _present(fields: Mapping[str, object]) -> Body:
    # A null would clear the field; what we do not know is left out.
    return {name: value for name, value in fields.items() if value is not None}
