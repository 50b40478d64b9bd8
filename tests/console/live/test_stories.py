"""The story as the screens are given it, and the records that open over a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.blocks import Facts, Passage, Timeline
from console.live.desk import LiveDesk
from tests.console.homes import Home


@pytest.fixture
def desk(pulled: Home) -> Iterator[LiveDesk]:
    made = LiveDesk(pulled.workspace(), "ann")
    yield made
    made.close(10)


def test_the_story_says_where_who_is_next_and_what_to_answer(desk: LiveDesk, pulled: Home) -> None:
    (order_id,) = pulled.query("SELECT order_id FROM orders WHERE channel = 'amazon.US' ORDER BY ordered_at LIMIT 1")[0]
    detail = desk.detail("orders", f"amazon.US/{order_id}", "story")
    assert detail is not None
    titles = [b.title for b in detail.blocks if isinstance(b, (Facts, Passage))]
    assert titles[:2] == ["Where it is", "Who is next"]
    assert next(b for b in detail.blocks if isinstance(b, Timeline)).entries
    (customer,) = [b for b in detail.blocks if isinstance(b, Passage) and b.copied]
    (internal,) = [b for b in detail.blocks if isinstance(b, Passage) and b.internal]
    assert str(order_id) in customer.text
    assert internal.text.startswith(f"Order {order_id}")
    for tab in ("lines", "diff", "raw"):
        assert desk.detail("orders", f"amazon.US/{order_id}", tab) is not None


def test_a_document_opens_with_its_lines_and_leads_back_to_the_order(desk: LiveDesk, pulled: Home) -> None:
    number, name = pulled.query(
        "SELECT t.transaction_id, t.number FROM transactions t JOIN orders o ON t.other_key = o.order_key"
        " WHERE t.transaction_type = 'SalesOrd' ORDER BY 1 LIMIT 1"
    )[0]
    detail = desk.detail("documents", str(number), "")
    assert detail is not None
    assert detail.title == f"sales order {name}"
    (found,) = desk.find(str(name), 5)
    assert found.jump.section == "orders"
    assert [j.key for j in detail.jumps if j.section == "orders"] == [found.jump.key]


def test_what_is_gone_is_none(desk: LiveDesk) -> None:
    assert desk.detail("documents", "no", "") is None
    assert desk.detail("returns", "amazon.US|no|no", "") is None
    assert desk.detail("orders", "amazon.US/no", "story") is None
