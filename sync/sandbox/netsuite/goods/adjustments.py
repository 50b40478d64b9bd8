"""Stock adjustments: pieces found or lost at a place, at a cost, against an account."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.ledger.currencies import fill_currency, home_code
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Move, Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, user_error

__all__ = ["complete"]

_ZERO = Decimal(0)


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one adjustment; a new quantity counts from what is on hand when it is saved."""
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    check_period(books, stored, late=late)
    if not stored.rows("inventory"):
        raise user_error("You must enter at least one line item for this transaction.")
    numbering.number_lines(books, stored, "inventory", first=1)
    code, before = home_code(books, stored), {move.line: move for move in stored.moves}
    stored.moves = [
        _adjust(books, stored, row, index, code, before) for index, row in enumerate(stored.rows("inventory"))
    ]
    stored.fields |= {"estimatedTotalValue": sum((m.value for m in stored.moves), _ZERO), "status": "Y"}
    numbering.give_number(books, stored)


def _adjust(books: Books, stored: Stored, row: Line, index: int, code: str, before: dict[int, Move]) -> Move:
    path = f"inventory.items[{index}]"
    item = books.look("item", row.get("item"))
    line, place = row.get("line"), row.get("location", stored.fields.get("adjLocation"))
    if item is None or not isinstance(line, int) or item.kind.item_type not in ("InvtPart", "Assembly"):
        raise invalid_value(row.get("item"), "item", f"{path}.item")
    if not isinstance(place, int):
        raise user_error("Please enter value(s) for: Location.", path)
    known = before.get(line)
    hand = books.stock.on_hand.get((item.id, place), _ZERO)
    if known is not None and (known.item, known.location) == (item.id, place):
        hand -= known.quantity
    wanted, quantity = row.pop("newQuantity", None), row.get("adjustQtyBy")
    if isinstance(wanted, Decimal):
        quantity = wanted - hand
    if not isinstance(quantity, Decimal) or not quantity:
        raise user_error("Please enter value(s) for: Adjust Qty. By.", path)
    cost = row.get("unitCost")
    if not isinstance(cost, Decimal):
        cost = stock.unit_cost(books, item)
    if cost < 0:
        raise invalid_value(cost, "unitCost", f"{path}.unitCost")
    row |= {"location": place, "adjustQtyBy": quantity, "unitCost": cost, "quantityOnHand": hand}
    row["currentValue"] = round_to_minor(hand * cost, code)
    return Move(line, item.id, place, quantity, round_to_minor(quantity * cost, code))
