"""JSON straight into the attributes of a pydantic model, for the many documents that have nothing unusual.

A struct is made of each model: the same names, read by msgspec in a fraction of the time. It takes less than the model
does (no coercion, no single element for a list, no amount or time that is written oddly) and never anything else:
what it refuses is read by the model, which also says what is wrong.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, TypeVar, Union, cast

import msgspec
from pydantic import AwareDatetime, BaseModel

__all__ = ["Refused", "quick_reader"]

M = TypeVar("M", bound=BaseModel)
#: Makes a time of what stands on the wire, ValueError where the model has to look at it.
ReadTime = Callable[[Any], datetime]


class Refused(ValueError):
    """Not a plain document: the model has to read it."""


def quick_reader(model: type[M], read_time: ReadTime) -> Callable[[bytes | msgspec.Raw], M]:
    """Return what reads one JSON document into an object with the model's attributes; it raises Refused.

    `read_time` reads the model's times; a list that is null is empty, and so is a filled member.
    """
    decoder = msgspec.json.Decoder(_Structs(read_time).of(model))

    def read(document: bytes | msgspec.Raw) -> M:
        try:
            return cast("M", decoder.decode(document))
        except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as problem:
            raise Refused(str(problem)) from None

    return read


class _Structs:
    """The structs of a model and of those that it holds."""

    def __init__(self, read_time: ReadTime) -> None:
        self._read_time = read_time
        self._made: dict[type[BaseModel], type[msgspec.Struct]] = {}

    def of(self, model: type[BaseModel]) -> type[msgspec.Struct]:
        if model not in self._made:
            self._made[model] = self._make(model)
        return self._made[model]

    def _make(self, model: type[BaseModel]) -> type[msgspec.Struct]:
        hints = typing.get_type_hints(model, include_extras=True)
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        after = _After(self._read_time)
        for name, info in model.model_fields.items():
            wire = self._wire(hints[name], name, after)
            default = None if name in after.made_later else info.get_default()
            fields.append((name, wire) if info.is_required() else (name, wire, default))
        alias = {name: str(info.alias or name) for name, info in model.model_fields.items()}
        return msgspec.defstruct(
            model.__name__,
            fields,
            rename=alias,
            gc=False,
            kw_only=True,
            namespace={"__post_init__": after.finish} if after else None,
        )

    def _wire(self, hint: Any, name: str, after: _After) -> Any:
        """Return the wire type of a field, noting what is to be done once it is read."""
        plain = typing.get_args(hint)[0] if typing.get_origin(hint) is Annotated else hint
        is_annotated = plain is not hint
        if typing.get_origin(plain) in (Union, types.UnionType):
            options = [o for o in typing.get_args(plain) if o is not type(None)]
            return self._wire(options[0], name, after) | None
        if plain in (datetime, AwareDatetime):
            after.times.append(name)
            return int | str
        if plain is Decimal:
            after.amounts.append(name)
            return Decimal
        if typing.get_origin(plain) is list:
            after.lists.append(name)
            inner = self._wire(typing.get_args(plain)[0], name, _After(self._read_time))
            return list[inner] | None  # type: ignore[valid-type]
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            struct = self.of(plain)
            if is_annotated:
                after.filled.append((name, struct))
                return struct | None
            return struct
        return plain


class _After:
    """What is done to a struct once its fields are read."""

    def __init__(self, read_time: ReadTime) -> None:
        self._read_time = read_time
        self.times: list[str] = []
        self.amounts: list[str] = []
        self.lists: list[str] = []
        self.filled: list[tuple[str, type[msgspec.Struct]]] = []

    def __bool__(self) -> bool:
        return bool(self.times or self.amounts or self.lists or self.filled)

    @property
    def made_later(self) -> set[str]:
        """Return the fields that are filled where they are null or absent."""
        return {*self.lists, *(name for name, _ in self.filled)}

    @property
    def finish(self) -> Callable[[Any], None]:
        read_time = self._read_time
        times, amounts, lists, filled = self.times, self.amounts, self.lists, self.filled
        if len(amounts) + len(times) + len(lists) + len(filled) == 1:
            # Money is the most of what is read, windows of time and lists the most of the rest.
            if amounts:
                return _finite(amounts[0])
            if lists:
                return _listed(lists[0])
            if times:
                return _timed(times[0], read_time)

        def finish(struct: Any) -> None:
            for name in amounts:
                amount = getattr(struct, name)
                if amount is not None and not amount.is_finite():
                    raise ValueError(f"{name} is no amount")
            for name in times:
                if (written := getattr(struct, name)) is not None:
                    setattr(struct, name, read_time(written))
            for name in lists:
                if getattr(struct, name) is None:
                    setattr(struct, name, [])
            for name, kind in filled:
                if getattr(struct, name) is None:
                    setattr(struct, name, kind())

        return finish


def _finite(name: str) -> Callable[[Any], None]:
    amount_of = attrgetter(name)

    def finish(struct: Any) -> None:
        amount = amount_of(struct)
        if amount is not None and not amount.is_finite():
            raise ValueError(f"{name} is no amount")

    return finish


def _listed(name: str) -> Callable[[Any], None]:
    list_of = attrgetter(name)

    def finish(struct: Any) -> None:
        if list_of(struct) is None:
            setattr(struct, name, [])

    return finish


def _timed(name: str, read_time: ReadTime) -> Callable[[Any], None]:
    time_of = attrgetter(name)

    def finish(struct: Any) -> None:
        if (written := time_of(struct)) is not None:
            setattr(struct, name, read_time(written))

    return finish
