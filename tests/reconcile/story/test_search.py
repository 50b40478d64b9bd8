"""Every id that anyone has, to the order that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import (
    NOW,
    World,
    customer,
    line,
    order,
    ready_world,
    sales_order,
    settled,
    transaction_line,
    usd,
    walmart,
)

from reconcile.story import candidates, find_story
from sync.records import (
    ChannelReturn,
    ChannelReturnLine,
    ChannelShipment,
    ChannelTransaction,
    DocumentLink,
    ErpParcel,
    ErpParcels,
    Payout,
    Reimbursement,
)
from sync.streams import Document

AMAZON, WALMART, OTHER = "113-7702233-1180001", "1790012345678", "113-0000000-0000002"


def a_return(return_id: str, **changes: object) -> ChannelReturn:
    values: dict[str, object] = {
        "channel": "amazon.US",
        "order_id": AMAZON,
        "alternate_id": None,
        "requested_at": NOW - timedelta(hours=20),
        "updated_at": NOW - timedelta(hours=10),
        "status": "received",
        "vendor_status": "Unit returned",
        "fulfilled_by": "channel",
        "kind": "return",
        "rma": "RMA-55",
        "carrier": None,
        "tracking_number": "9400RETURN",
        "currency": "USD",
        "refund_total": usd("12.50"),
    }
    return ChannelReturn(return_id=return_id, **values | changes)  # type: ignore[arg-type]


def a_return_line(return_id: str, **changes: object) -> ChannelReturnLine:
    values: dict[str, object] = dict.fromkeys(ChannelReturnLine.__dataclass_fields__)
    values |= {"channel": "amazon.US", "return_id": return_id, "line_id": "1", "position": 1, "sku": "ACM-MUG-16"}
    values |= {"quantity": 1, "quantity_received": 1, "status": "received", "refund_amount": usd("12.50")}
    return ChannelReturnLine(**values | changes)  # type: ignore[arg-type]


def chain() -> list[Document]:
    """Order, fulfilment, invoice, payment, return authorisation, credit memo and refund, each made from one before."""
    kinds = [
        ("7002", "ItemShip", "IF88", "7001"),
        ("7003", "CustInvc", "INV89", "7001"),
        ("7004", "CustPymt", "PYMT90", "7003"),
        ("7005", "RtnAuth", "RA91", "7001"),
        ("7006", "CustCred", "CM92", "7005"),
        ("7007", "CustRfnd", "RF93", "7006"),
    ]
    documents = [Document(sales_order("7001", external_id=f"AMZ-{AMAZON}", number="SO7001"), ())]
    for place, (number_id, code, number, source) in enumerate(kinds):
        made = NOW - timedelta(hours=20 - place)
        record = sales_order(
            number_id,
            number=number,
            transaction_type=code,
            status=None,
            external_id=f"AMZ-RMA-{AMAZON}" if code == "RtnAuth" else None,
            created_at=made,
        )
        lines = () if code == "CustPymt" else (transaction_line(number_id, created_from=source),)
        documents.append(Document(record, lines))
    documents.append(Document(DocumentLink("7003", "7004", "Payment"), ()))
    return documents


@pytest.fixture(scope="module")
def told() -> Iterator[World]:
    """Two channels' orders with everything that can hang on them."""
    world = ready_world()
    world.put(
        order(updated_at=NOW, status="shipped", vendor_status="SHIPPED"),
        line(quantity_shipped=1, tracking_number="1Z999AA10123456784, 1Z999AA10000000002", carrier="UPS"),
    )
    world.put(
        walmart(WALMART, ship_name="Max Mustermann", buyer_name="Max Mustermann"), line(WALMART, channel="walmart.US")
    )
    world.put(
        order(OTHER, ordered_at=NOW - timedelta(days=9), buyer_name="Ann Lee", ship_name="Ann Lee"),
        line(OTHER, sku="X"),
    )
    world.put(customer("901", email="jane@example.com"))
    world.put_all(*chain(), Document(ErpParcels("7002", 1), (ErpParcel("7002", "ERPTRACK777"),)))
    world.put(sales_order("7900", number="INV-ALONE", transaction_type="CustInvc", customer_id=None))
    world.put(a_return(f"{AMAZON}/LPNRR123456"), a_return_line(f"{AMAZON}/LPNRR123456"))
    world.put_all(
        Document(ChannelShipment("amazon.US", "SHIP-1", AMAZON, NOW, "UPS", "TBA0099", None, None), ()),
        Document(
            ChannelTransaction(
                "amazon.US", "LEDGER-1", "Shipment", "deferred", None, AMAZON, NOW, NOW, None, None, "USD", usd("20")
            ),
            (),
        ),
        Document(
            Reimbursement(
                "amazon.US", "REIMB-1", "ACM-MUG-16", NOW, "CASE-77", AMAZON, "LOST", None, "USD", usd("1"), usd("1"),
                1, 0, None,
            ),
            (),
        ),
        Document(
            Payout(
                "amazon.US", "PAYOUT-1", "18837465521", "paid", "Paid", "USD", usd("1"), None, None, "TRACE-42", NOW,
                NOW,
            ),
            (),
        ),
    )  # fmt: skip
    record, lines = settled("18837465521", ("2026-11-01 Order|ItemPrice|Principal 24.99",))
    world.put(record, *lines)
    yield world
    world.store.close()


@pytest.mark.parametrize(
    "text",
    [
        "RMA-56", "LPN", "LPNRR12345", "ERPTRACK", "TRACE", "1Z999AA1012345678", "ACM-MUG-16 2026-11-19",
        "NO-SUCH 2026-11-18", "+1 503-555-0199", "Zoe Nobody 97201", "Jane Doe 10001", "INV", "AMZ-RMA-",
        "1Z999AA10123456784, 1Z", "x' OR '1'='1", "%", "113-7702233-118000",
    ],
)  # fmt: skip
def test_what_is_only_near_an_id_finds_nothing(told: World, text: str) -> None:
    with told.store.database.reading() as cursor:
        assert candidates(cursor, text) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#113 7702233 1180001", "order id"),
        ("113–7702233–1180001", "order id"),
        ("so 7001", "NetSuite document SO7001"),
        ("IF88", "NetSuite document IF88"),
        ("if88", "NetSuite document IF88"),
        ("INV89", "NetSuite document INV89"),
        ("invoice INV89", "NetSuite document INV89"),
        ("PYMT90", "NetSuite document PYMT90"),
        ("RA91", "NetSuite document RA91"),
        ("CM92", "NetSuite document CM92"),
        ("RF93", "NetSuite document RF93"),
        (f"AMZ-RMA-{AMAZON}", "NetSuite document RA91"),
        (f"amz-rma-{AMAZON}", "NetSuite document RA91"),
        ("7007", "NetSuite document RF93"),
        ("ERPTRACK777", "tracking number"),
        ("erptrack777", "tracking number"),
        ("1Z 999 AA1 0123 4567 84", "tracking number"),
        ("1z999aa10000000002", "tracking number"),
        ("TBA0099", "tracking number"),
        ("SHIP-1", "parcel"),
        ("RMA-55", "RMA of the return"),
        ("9400RETURN", "tracking number of the return"),
        (f"{AMAZON}/LPNRR123456", "return"),
        ("LPNRR123456", "licence plate (LPN)"),
        ("lpnrr123456", "licence plate (LPN)"),
        ("LEDGER-1", "ledger event"),
        ("REIMB-1", "reimbursement"),
        ("case-77", "case"),
        ("jane@example.com", "e-mail"),
        ("x1y2z3@MARKETPLACE.amazon.com", "e-mail"),
        ("+1 (503) 555 0101", "phone number"),
        ("Jane Doe 97201", "buyer's name and postal code"),
        ("ACM-MUG-16 2026-11-18", "ACM-MUG-16 ordered on 2026-11-18"),
        ("acm-mug-16 18.11.2026", "acm-mug-16 ordered on 2026-11-18"),
    ],
)
def test_an_order_is_found_by_every_id_that_anyone_has(told: World, text: str, why: str) -> None:
    with told.store.database.reading() as cursor:
        found = [c for c in candidates(cursor, text) if c.subject == AMAZON]
    assert [(c.kind, c.why) for c in found] == [("order", why)]


@pytest.mark.parametrize(
    ("text", "why"),
    [("PO 1790012345678", "order id"), ("200011122233344", "customer order id"), ("WMT-1790012345678", "order id")],
)
def test_a_walmart_order_is_found_by_both_its_numbers(told: World, text: str, why: str) -> None:
    found = find_story(told.store, text)
    assert found is not None
    assert (found.channel, found.subject, found.why) == ("walmart.US", WALMART, why)


@pytest.mark.parametrize(
    ("text", "why"), [("settlement 18837465521", "settlement"), ("PAYOUT-1", "payout"), ("trace-42", "payout")]
)
def test_a_settlement_is_found_by_its_payout(told: World, text: str, why: str) -> None:
    found = find_story(told.store, text)
    assert found is not None
    assert (found.kind, found.subject, found.why) == ("settlement", "18837465521", why)


def test_a_document_of_no_order_has_a_page_of_its_own(told: World) -> None:
    found = find_story(told.store, "INV-ALONE")
    assert found is not None
    assert (found.kind, found.subject) == ("document", "INV-ALONE")
    assert dict(found.where)["Channel"] == "no mirrored order is named by it"


def test_a_phone_that_several_orders_share_gives_a_list_newest_first(told: World) -> None:
    with told.store.database.reading() as cursor:
        found = candidates(cursor, "503 555 0101")
    assert {c.subject for c in found} == {AMAZON, WALMART, OTHER}
    assert [c.at for c in found] == sorted((c.at for c in found), reverse=True)
    assert {c.why for c in found} == {"phone number"}


def test_the_whole_chain_of_documents_is_on_the_page(told: World) -> None:
    found = find_story(told.store, AMAZON)
    assert found is not None
    assert [(d.number, d.depth) for d in found.documents] == [
        ("SO7001", 0), ("IF88", 1), ("INV89", 1), ("PYMT90", 2), ("RA91", 1), ("CM92", 2), ("RF93", 3),
    ]  # fmt: skip
    texts = [e.text for e in found.events]
    assert "refund RF93 made, 29.98 USD" in texts
    assert "Shipment posted, deferred, 20.00 USD until 2026-11-20" in texts
    assert {link.section for link in found.links} >= {"documents", "returns"}


def test_parcels_of_every_system_stand_once_and_returns_go_to_their_line(told: World) -> None:
    found = find_story(told.store, AMAZON)
    assert found is not None
    assert {p.number: p.source for p in found.parcels} == {
        "TBA0099": "amazon.US",
        "1Z999AA10123456784": "amazon.US",
        "1Z999AA10000000002": "amazon.US",
        "ERPTRACK777": "NetSuite",
    }
    (one,) = found.lines
    assert (one.ordered, one.shipped, one.returned, one.return_open) == (1, 1, 1, 0)
    assert found.answer_state == "shipped, refund_under_way"
    assert "Your refund of 12.50 USD is under way" in found.customer_answer
    assert not any(secret in found.customer_answer for secret in ("Jane", "Oak", "@", "555", "RMA", "SO7001"))


def test_what_the_ledger_holds_is_told_with_its_day(told: World) -> None:
    found = find_story(told.store, AMAZON)
    assert found is not None
    assert (found.money.held, found.money.held_until) == (usd("20"), NOW)
    assert ("marketplace", "pay out what it holds", NOW) in [(t.who, t.what, t.by) for t in found.turns]


def test_of_many_the_newest_are_shown_and_the_rest_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        at = NOW - timedelta(hours=n + 12)
        world.put(
            order(f"113-000000{n}-0000000", ordered_at=at, buyer_name="Zoë Müller"), line(f"113-000000{n}-0000000")
        )
    with world.store.database.reading() as cursor:
        by_sku = candidates(cursor, "ACM-MUG-16 2026-11-19", limit=2)
        by_name = candidates(cursor, "zoe muller", limit=2)
        monkeypatch.setattr("reconcile.story.search_buyer._NEWEST", 3)
        lately = candidates(cursor, "Müller", limit=2)
        monkeypatch.setattr("reconcile.story.search_buyer._NEWEST", 1)
        world.put(order("113-9999999-0000000"), line("113-9999999-0000000"))
        older = candidates(cursor, "Müller", limit=9)
    assert [c.why for c in by_sku] == ["ACM-MUG-16 ordered on 2026-11-19, the newest 2 of 6"] * 2
    assert [(c.subject, c.why) for c in by_name] == [
        (f"113-000000{n}-0000000", "buyer's name, the newest 2 of 6") for n in range(2)
    ]
    assert lately[0].why == "buyer's name, the newest 2 of 3 (of the newest 3; add the postal code to look in all)"
    assert [c.why for c in older] == ["buyer's name"] * 6
