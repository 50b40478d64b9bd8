"""Which ERP documents belong to an order: those that name it, and everything that was made from them."""

from __future__ import annotations

import pytest
from factories import NOW, ORDER_ID, World, order, sales_order, walmart

from reconcile.controls.control import Evidence
from reconcile.documents import link_documents
from sync.records import DocumentLink, Transaction


def document(transaction_id: str, kind: str, **changes: object) -> Transaction:
    return sales_order(transaction_id, transaction_type=kind, record_type=kind.lower(), **changes)


def linked(world: World, *orders: tuple[str, str]) -> list[tuple[object, ...]]:
    with world.store.database.reading() as cursor:
        cursor.execute("CREATE OR REPLACE TEMP TABLE wanted (channel VARCHAR, order_id VARCHAR)")
        cursor.executemany("INSERT INTO temp.wanted VALUES ($1, $2)", [list(o) for o in orders])
        link_documents(Evidence(world.store, cursor, NOW), "wanted", "found")
        return cursor.execute(
            "SELECT order_id, transaction_id, made_from, depth FROM temp.found ORDER BY order_id, depth, transaction_id"
        ).fetchall()


@pytest.mark.parametrize(
    "names",
    [
        {"external_id": f"AMZ-{ORDER_ID}"},
        {"other_reference": ORDER_ID},
        {"number": ORDER_ID},
        {"external_id": f"AMZ-{ORDER_ID}", "other_reference": ORDER_ID},
    ],
)
def test_a_document_that_names_the_order_by_any_reference_is_its_own_once(world: World, names: dict[str, str]) -> None:
    world.put(order())
    world.put(sales_order("7001", **names))
    assert linked(world, ("amazon.US", ORDER_ID)) == [(ORDER_ID, "7001", None, 0)]


def test_what_was_made_from_it_follows_to_the_refund_but_not_into_a_deposit(world: World) -> None:
    world.put(order())
    world.put(sales_order("7001", other_reference=ORDER_ID))
    for number, kind in [("7002", "ItemShip"), ("7003", "CustInvc"), ("7004", "RtnAuth"), ("7005", "CustCred")]:
        world.put(document(number, kind))
    world.put(document("7006", "CustRfnd"))
    world.put(document("7007", "Deposit"))
    links = [("7001", "7002"), ("7001", "7003"), ("7003", "7004"), ("7004", "7005"), ("7005", "7006"), ("7003", "7007")]
    for previous, following in links:
        world.put(DocumentLink(previous, following, "OrdBill"))
    assert linked(world, ("amazon.US", ORDER_ID)) == [
        (ORDER_ID, "7001", None, 0),
        (ORDER_ID, "7002", "7001", 1),
        (ORDER_ID, "7003", "7001", 1),
        (ORDER_ID, "7004", "7003", 2),
        (ORDER_ID, "7005", "7004", 3),
        (ORDER_ID, "7006", "7005", 4),
    ]


def test_documents_that_link_to_each_other_in_a_circle_end(world: World) -> None:
    world.put(order())
    world.put(sales_order("7001", other_reference=ORDER_ID))
    world.put(document("7002", "CustInvc"))
    for previous, following in [("7001", "7002"), ("7002", "7001")]:
        world.put(DocumentLink(previous, following, "OrdBill"))
    assert [row[1] for row in linked(world, ("amazon.US", ORDER_ID))] == ["7001", "7002"]


def test_the_same_number_in_two_channels_keeps_its_documents_and_a_stranger_has_none(world: World) -> None:
    world.put(order("1790012345678"))
    world.put(walmart("1790012345678"))
    world.put(sales_order("7001", external_id="WMT-1790012345678"))
    assert linked(world, ("walmart.US", "1790012345678"), ("amazon.US", "no such order")) == [
        ("1790012345678", "7001", None, 0)
    ]


def test_a_table_name_that_is_more_than_a_name_is_refused(world: World) -> None:
    with world.store.database.reading() as cursor, pytest.raises(ValueError, match="no table's name"):
        link_documents(Evidence(world.store, cursor, NOW), "wanted; DROP TABLE orders", "found")
