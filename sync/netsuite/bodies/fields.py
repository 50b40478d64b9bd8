"""Parts that every request body is made of: references, addresses, lines of goods, tax."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sync.errors import BadInput
from sync.netsuite.intents import Address, CustomerReference, GoodsLine, LineTax
from sync.netsuite.intents.fields import Document, OwnDocument

__all__ = [
    "Body",
    "Context",
    "Currency",
    "TaxEngine",
    "goods",
    "goods_rows",
    "money_head",
    "own_head",
    "present",
    "ref",
    "tax_changes",
    "tax_details",
    "tax_position",
    "tax_references",
]

Body = dict[str, object]
#: How a body names a currency; None leaves it to NetSuite (an account with one currency).
Currency = Mapping[str, str] | None
# "Custom" price level: NetSuite would otherwise put its own price beside the amount.
_CUSTOM_PRICE = {"id": "-1"}
_TAX_RATE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class TaxEngine:
    """SuiteTax: the code (and type) that an amount of tax of the channel is written under."""

    tax_code_id: str
    tax_type_id: str | None = None


def _no_currency(code: str | None) -> Currency:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """What bodies need to know of the account: its currencies, its column for line ids, its tax."""

    currency: Callable[[str | None], Currency] = field(default=_no_currency)
    line_ref_field: str | None = None
    tax: TaxEngine | None = None


def ref(record_id: str | None) -> dict[str, str] | None:
    """Return a reference by internal id, None for None."""
    return None if record_id is None else {"id": record_id}


def present(fields: Mapping[str, object]) -> Body:
    """Return the fields that have a value: a null would clear one, what we do not know is left out."""
    return {name: value for name, value in fields.items() if value is not None}


def items(rows: Sequence[Mapping[str, object]]) -> Body | None:
    """Return a sublist, None without rows."""
    return {"items": list(rows)} if rows else None


def customer(reference: CustomerReference) -> Body:
    """Return how a body names a customer."""
    return {"id": reference.id} if reference.id else {"externalId": reference.external_id}


def address(given: Address | None) -> Body | None:
    """Return an address in the record service's names, None for None."""
    if given is None:
        return None
    return present(
        {
            "addressee": given.name,
            "addr1": given.address1,
            "addr2": given.address2,
            "city": given.city,
            "state": given.region,
            "zip": given.postal_code,
            "country": ref(given.country),
            "addrPhone": given.phone,
        }
    )


def own_head(intent: OwnDocument) -> Body:
    """Return what every new document has: our number (contract §5.6), the day, the period."""
    return {
        "externalId": intent.external_id,
        "tranDate": intent.date.isoformat(),
        "postingPeriod": ref(intent.period),
        "memo": intent.memo,
    }


def money_head(intent: Document, context: Context) -> Body:
    """Return the head of a document with dimensions and a currency."""
    return {
        **own_head(intent),
        "subsidiary": ref(intent.subsidiary_id),
        "location": ref(intent.location_id),
        "department": ref(intent.department_id),
        "class": ref(intent.class_id),
        "currency": context.currency(intent.currency),
        "exchangeRate": intent.exchange_rate,
    }


def goods(lines: Sequence[GoodsLine], context: Context) -> Body:
    """Return the `item` sublist with its tax details."""
    return {"item": items(goods_rows(lines, context)), **tax_details(lines, context.tax)}


def goods_rows(lines: Sequence[GoodsLine], context: Context) -> list[Body]:
    """Return the rows of an `item` sublist, without their tax details."""
    return [_goods_line(n, line, context.line_ref_field) for n, line in enumerate(lines, 1)]


def _goods_line(position: int, line: GoodsLine, line_ref_field: str | None) -> Body:
    # With a rate that does not multiply to the amount NetSuite would compute the amount anew and lose cents.
    rate = line.rate if line.rate is not None and line.rate * line.quantity == line.amount else None
    body = present(
        {
            "item": ref(line.item_id),
            "quantity": line.quantity,
            "price": _CUSTOM_PRICE,
            "rate": rate,
            "amount": line.amount,
            "description": line.description,
            "isTaxable": False if line.is_tax_exempt else None,
            "taxDetailsReference": _tax_reference(position) if line.tax_amount else None,
            "location": ref(line.location_id),
            "department": ref(line.department_id),
            "class": ref(line.class_id),
        }
    )
    if line_ref_field and line.line_ref:
        body[line_ref_field] = line.line_ref
    return body


def tax_details(lines: Sequence[GoodsLine], tax: TaxEngine | None) -> Body:
    """Return the tax of the lines as the channel charged it.

    Raises:
        BadInput: a line carries tax and `tax` is None: the REST service has no legacy tax (contract §2.3, fault 36).
    """
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
    details = [_tax_detail(n, line.amount, amount, tax) for n, line, amount in taxed]
    # The channel's tax is kept to the cent: NetSuite must not compute it anew.
    return {"taxDetailsOverride": True, "taxDetails": {"items": details}}


def tax_changes(taxes: Sequence[LineTax], tax: TaxEngine | None) -> Body:
    """Return the taxes of an order anew: the sublist has no key, so it is replaced as a whole (contract §2.3).

    Raises:
        BadInput: the account takes no tax over REST.
    """
    if not taxes:
        return {}
    if tax is None:
        raise BadInput(
            "an amount of tax cannot be changed in NetSuite over REST without SuiteTax",
            remedy="Correct the order's tax in NetSuite, or set tax_code_id of the ERP account",
            column="taxes",
            value=str(taxes[0].amount),
        )
    details = [_tax_detail(t.position, t.basis, t.amount, tax) for t in taxes]
    return {"taxDetailsOverride": True, "taxDetails": {"items": details}}


def tax_references(taxes: Sequence[LineTax]) -> list[Body]:
    """Return the rows that tell lines without a tax where theirs stands, merged by their key (contract §2.3)."""
    return [{"line": int(t.line_id), "taxDetailsReference": _tax_reference(t.position)} for t in taxes if t.line_id]


def tax_position(reference: object) -> int | None:
    """Return the line that a reference of ours is of, None for somebody else's."""
    number = str(reference or "").removeprefix("line-")
    return int(number) if number.isdecimal() and reference == _tax_reference(int(number)) else None


def _tax_detail(position: int, basis: Decimal, amount: Decimal, tax: TaxEngine) -> Body:
    percent = (amount / basis * 100).quantize(_TAX_RATE_STEP) if basis else Decimal(0)
    return present(
        {
            "taxDetailsReference": _tax_reference(position),
            "taxBasis": basis,
            "taxRate": percent,
            "taxAmount": amount,
            "taxCode": ref(tax.tax_code_id),
            "taxType": ref(tax.tax_type_id),
        }
    )


def _tax_reference(position: int) -> str:
    return f"line-{position}"
