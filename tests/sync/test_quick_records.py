"""A record that is made quickly is the record that its class makes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.quick_records import quick_maker
from sync.streams import Document


@dataclass(frozen=True, slots=True)
class Parcel:
    number: str
    weight: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    number: str

    def __post_init__(self) -> None:
        assert self.number


@pytest.mark.parametrize(
    "made", [Checked, str, dataclass(frozen=True)(type("Open", (), {"__annotations__": {"a": int}}))]
)
def test_a_class_that_does_more_than_set_its_fields_is_refused(made: type) -> None:
    with pytest.raises(TypeError, match="only sets its fields"):
        quick_maker(made)


def test_arguments_that_the_class_does_not_take_are_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        quick_maker(Parcel)("1", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="number"):
        quick_maker(Parcel)()  # type: ignore[call-arg]


def test_it_stays_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        quick_maker(Parcel)("1").weight = 3  # type: ignore[misc]


@given(st.text(), st.integers(), st.lists(st.text()))
def test_it_is_equal_to_what_the_class_makes_in_every_way(number: str, weight: int, notes: list[str]) -> None:
    make = quick_maker(Parcel)
    for quick, plain in (
        (make(number, weight, notes), Parcel(number, weight, notes)),
        (make(number=number), Parcel(number=number)),
    ):
        assert type(quick) is Parcel
        assert quick == plain
        assert repr(quick) == repr(plain)
        assert dataclasses.replace(quick, weight=1) == dataclasses.replace(plain, weight=1)
    assert make(number).notes is not make(number).notes


def test_documents_are_hashed_alike() -> None:
    assert hash(quick_maker(Document)("r", (), 3)) == hash(Document("r", (), 3))  # type: ignore[arg-type]
