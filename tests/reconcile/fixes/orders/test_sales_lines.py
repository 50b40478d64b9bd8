"""The lines of a sales order: every cent of the order, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from factories import ORDER_ID, SKU, line, order, usd
from hypothesis import given
from hypothesis import strategies as st

from reconcile.fixes.orders.sales_lines import Charge, order_charges
from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import Member, Resolution
from sync.money import total_of
from sync.records import Order, OrderLine

SKUS = {("amazon.US", SKU): Resolution("amazon.US", SKU, "501", SKU)}
CENTS = st.integers(0, 500_00).map(lambda n: Decimal(n) / 100)


def routing(policy: str = "separate", **changes: object) -> Routing:
    return Routing.model_validate({"subsidiary_id": "1", "tax_policy": policy} | changes)


def whole(*lines: OrderLine) -> Order:
    """An order whose total is what its lines add to."""
    total = sum((_sum(x) for x in lines), Decimal(0))
    return order(total=total)


def _sum(x: OrderLine) -> Decimal:
    goods = x.item_price + x.shipping_price + x.gift_price - x.discount
    return goods + x.item_tax + x.shipping_tax + x.gift_tax - x.discount_tax


def added(charges: list[Charge]) -> Decimal:
    return total_of(c.net + (c.tax or Decimal(0)) for c in charges)


def test_cancelled_units_leave_with_their_share_of_a_price_that_was_for_all_units() -> None:
    three = line(quantity=3, quantity_cancelled=1, item_price=usd("10.00"), item_tax=usd("0"))
    (goods, shipping) = order_charges(whole(three), [three], routing(), SKUS)
    assert (goods.quantity, goods.net, shipping.net) == (Decimal(2), usd("6.67"), usd("3.33"))


def test_cancelled_units_change_nothing_where_the_channel_has_cut_the_price_already() -> None:
    three = line(quantity=3, quantity_cancelled=1, item_price=usd("6.67"), item_tax=usd("0"))
    record = replace(whole(three), total=usd("99.00"))
    assert order_charges(record, [three], routing(), SKUS)[0].net == usd("6.67")


def test_a_line_that_was_cancelled_whole_is_not_booked() -> None:
    gone = line(line_id="2", quantity_cancelled=1)
    charges = order_charges(whole(line(), gone), [line(), gone], routing(), SKUS)
    assert [c.line_ref for c in charges] == ["1", None]


def test_tax_that_the_marketplace_remits_stays_out() -> None:
    charges = order_charges(whole(line()), [line()], routing("facilitator"), SKUS)
    assert [(c.net, c.tax) for c in charges] == [(usd("24.99"), None), (usd("4.99"), None)]


def test_a_bundle_books_its_items_at_the_price_of_the_bundle() -> None:
    skus = {("amazon.US", SKU): Resolution("amazon.US", SKU, "501", SKU, factor=Decimal(12))}
    two = line(quantity=2)
    assert order_charges(whole(two), [two], routing(), skus)[0].quantity == Decimal(24)


def test_gift_wrap_discount_and_shipping_stand_alone_where_an_item_is_routed() -> None:
    rich = line(gift_price=usd("3.99"), discount=usd("5.00"))
    own = routing(shipping_item_id="61", discount_item_id="62", gift_wrap_item_id="63")
    found = {c.item_id: c.net for c in order_charges(whole(rich), [rich], own, SKUS)}
    assert found == {"501": usd("24.99"), "63": usd("3.99"), "62": usd("-5.00"), "61": usd("4.99")}


def test_without_items_gift_wrap_and_discount_change_the_lines_amount() -> None:
    rich = line(gift_price=usd("3.99"), discount=usd("5.00"))
    goods, shipping = order_charges(whole(rich), [rich], routing(), SKUS)
    assert (goods.net, shipping.net, shipping.is_shipping_cost) == (usd("23.98"), usd("4.99"), True)


def test_tax_is_a_line_of_its_own_where_an_item_is_routed() -> None:
    charges = order_charges(whole(line()), [line()], routing(tax_item_id="70"), SKUS)
    assert [(c.item_id, c.net, c.tax) for c in charges][-1] == ("70", usd("2.00"), None)


def test_tax_on_shipping_goes_to_the_first_line_where_tax_stands_beside_the_lines() -> None:
    taxed = line(shipping_tax=usd("0.40"))
    goods, shipping = order_charges(whole(taxed), [taxed], routing(), SKUS)
    assert (goods.tax, shipping.tax) == (usd("2.40"), None)


MONEY = dict.fromkeys(
    ("item_price", "item_tax", "shipping_price", "shipping_tax", "gift_price", "gift_tax", "discount", "discount_tax"),
    CENTS,
)


@st.composite
def lines(draw: st.DrawFn) -> list[OrderLine]:
    count = draw(st.integers(1, 5))
    return [
        line(
            ORDER_ID, line_id=str(n), position=n, quantity=draw(st.integers(1, 9)), **draw(st.fixed_dictionaries(MONEY))
        )
        for n in range(count)
    ]


@given(
    rows=lines(),
    policy=st.sampled_from(["separate", "gross"]),
    items=st.fixed_dictionaries(
        {},
        optional={
            "shipping_item_id": st.just("61"),
            "discount_item_id": st.just("62"),
            "gift_wrap_item_id": st.just("63"),
            "tax_item_id": st.just("64"),
        },
    ),
)
def test_the_charges_add_to_what_the_buyer_pays(rows: list[OrderLine], policy: str, items: dict[str, str]) -> None:
    record = whole(*rows)
    assert added(order_charges(record, rows, routing(policy, **items), SKUS)) == record.total


@given(rows=lines())
def test_without_the_remitted_tax_the_charges_add_to_the_rest(rows: list[OrderLine]) -> None:
    record = whole(*rows)
    tax = total_of(x.item_tax + x.shipping_tax + x.gift_tax - x.discount_tax for x in rows)
    assert added(order_charges(record, rows, routing("facilitator"), SKUS)) == record.total - tax


MEMBERS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 99)), min_size=2, max_size=5)


@given(CENTS, CENTS, CENTS, st.integers(1, 9), MEMBERS)
def test_a_set_is_booked_by_its_items_which_add_to_its_price_tax_and_units(
    price: Decimal, tax: Decimal, shipping: Decimal, units: int, made_of: list[tuple[int, int]]
) -> None:
    members = tuple(Member(str(n), None, Decimal(f), Decimal(w)) for n, (f, w) in enumerate(made_of))
    skus = {("amazon.US", SKU): Resolution("amazon.US", SKU, members=members)}
    sold = line(quantity=units, item_price=price, item_tax=tax, shipping_price=shipping)
    goods = [c for c in order_charges(whole(sold), [sold], routing(), skus) if c.line_ref]
    assert [(c.item_id, c.quantity) for c in goods] == [(m.item_id, units * m.factor) for m in members]
    assert total_of(c.net for c in goods) == price
    assert total_of(c.tax or Decimal(0) for c in goods) == tax
    whole_weight = sum(m.weight for m in members)
    assert all(
        abs(c.net - price * m.weight / whole_weight) < Decimal("0.01") for c, m in zip(goods, members, strict=True)
    )
