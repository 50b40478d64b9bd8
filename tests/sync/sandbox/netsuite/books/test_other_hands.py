"""Records that refuse to be opened, scripts that change what was saved, and other users who are quicker."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company


@pytest.fixture
def order(company: Company) -> int:
    return company.books.create("salesOrder", company.order(externalId="AMZ-1"))


@pytest.mark.proves("N12", "N13")
@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("locked", "This record has been locked by a user defined workflow."),
        ("administrators", "only an administrator is allowed to edit an administrator record"),
    ],
)
def test_a_record_that_is_held_refuses_to_be_opened_and_is_there_all_the_same(
    company: Company, order: int, kept: str, words: str
) -> None:
    getattr(company.books, kept).add(("salesorder", order))
    with pytest.raises(Refused, match=words) as refused:
        company.books.open_record("salesOrder", order)
    assert (refused.value.status, refused.value.code) == (400, "USER_ERROR")
    assert company.books.get("salesOrder", order).text("externalId") == "AMZ-1"
    getattr(company.books, kept).clear()
    assert company.books.open_record("salesOrder", order).id == order


@pytest.mark.proves("N33")
def test_a_change_under_one_s_hands_is_a_conflict_and_the_other_user_s_stays(company: Company, order: int) -> None:
    def other_user(books: NetSuiteBooks, stored: Stored) -> None:
        books.meanwhile = None
        books.update("salesOrder", stored.id, {"memo": "theirs"})

    company.books.meanwhile = other_user
    with pytest.raises(Refused) as refused:
        company.books.update("salesOrder", order, {"memo": "ours"})
    assert (refused.value.status, refused.value.code) == (409, "RCRD_HAS_BEEN_CHANGED")
    assert company.books.get("salesOrder", order).text("memo") == "theirs"
    company.books.update("salesOrder", order, {"memo": "ours again"})
    assert company.books.get("salesOrder", order).text("memo") == "ours again"


def test_a_record_that_vanishes_while_it_is_edited_is_a_conflict(company: Company, order: int) -> None:
    company.books.meanwhile = lambda books, stored: books.delete("salesOrder", stored.id)
    with pytest.raises(Refused, match="RCRD_HAS_BEEN_CHANGED"):
        company.books.update("salesOrder", order, {"memo": "ours"})
    assert company.books.records("salesOrder") == []


@pytest.mark.proves("N32")
def test_a_script_changes_what_was_saved_and_does_not_start_itself(company: Company) -> None:
    seen: list[str] = []

    def stamp(books: NetSuiteBooks, stored: Stored) -> Mapping[str, object] | None:
        seen.append(stored.kind.name)
        return {"memo": "stamped", "shippingCost": 1} if stored.kind.name == "salesOrder" else None

    company.books.on_save = stamp
    made = company.books.create("salesOrder", company.order(memo="ours"))
    stored = company.books.get("salesOrder", made)
    assert (stored.text("memo"), str(stored.number("total"))) == ("stamped", "26.55")
    company.books.update("salesOrder", made, {"memo": "ours again"})
    assert company.books.get("salesOrder", made).text("memo") == "stamped"
    company.books.create("location", {"name": "East"})
    assert seen == ["salesOrder", "salesOrder", "location"]


def test_a_script_that_fails_leaves_the_record_saved(company: Company) -> None:
    company.books.on_save = lambda books, stored: {"nothing": 1}
    with pytest.raises(Refused, match="Unknown field name"):
        company.books.create("salesOrder", company.order(externalId="AMZ-2"))
    assert company.books.find_external("salesOrder", "AMZ-2") is not None
    assert company.books.on_save is not None


def test_a_record_that_others_refer_to_is_not_deleted(company: Company, order: int) -> None:
    company.books.create("cashSale", company.order())
    for record, name in (("location", "main"), ("account", "receivable"), ("currency", "usd"), ("subsidiary", "us")):
        if name == "receivable":
            company.books.create("invoice", company.order())
        with pytest.raises(Refused, match="dependent records"):
            company.books.delete(record, company.ids[name])
    free = company.books.create("location", {"name": "Spare"})
    company.books.delete("location", free)
    assert [note.name for note in company.books.deleted] == ["Spare"]
