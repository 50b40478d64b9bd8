"""What can be wrong with the bytes of a document, whatever it says: encoding, compression, cut, cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.sandbox.faults import Fault

__all__ = ["Served", "spoil_document"]

_CP1252 = "cp1252"


@dataclass(frozen=True, slots=True)
class Served:
    """What goes over the wire: the bytes before compression, whether to compress them, and what the headers say."""

    body: bytes
    zipped: bool
    content_type: str
    encoding: str
    half: bool = False


def spoil_document(body: bytes, zipped: bool, content_type: str, encoding: str, fault: Fault | None) -> Served:
    """Return what to serve: as it is, or changed as the fault says."""
    served = Served(body, zipped, content_type, encoding)
    change = _CHANGES.get(fault.name) if fault else None
    return served if change is None else change(served)


def _cells(served: Served, change: Callable[[list[list[str]]], list[list[str]]]) -> Served:
    """Return the document with its tab-separated cells changed."""
    rows = [line.split("\t") for line in served.body.decode(_CP1252).split("\n")]
    return replace(served, body="\n".join("\t".join(row) for row in change(rows)).encode(_CP1252))


def _nul(rows: list[list[str]]) -> list[list[str]]:
    return [row if len(row) == 1 else [cell or "\0\0" for cell in row] for row in rows]


def _new_column(rows: list[list[str]]) -> list[list[str]]:
    head, *rest = rows
    return [[*head, "column-of-tomorrow"], *(row if row == [""] else [*row, "new"] for row in rest)]


def _in(charset: str, said: str) -> Callable[[Served], Served]:
    def change(served: Served) -> Served:
        text = served.body.decode(_CP1252)
        return replace(served, body=text.encode(charset), content_type=f"text/plain; charset={said}")

    return change


_CHANGES: dict[str, Callable[[Served], Served]] = {
    "truncated_document": lambda served: replace(served, half=True),
    "truncated_gzip": lambda served: replace(served, zipped=True, half=True),
    "gzip_behind_identity": lambda served: replace(served, zipped=True, encoding="identity"),
    "gzip_declared": lambda served: replace(served, zipped=True, encoding="gzip"),
    "utf8_document": _in("utf-8", "UTF-8"),
    "byte_order_mark": _in("utf-8-sig", "UTF-8"),
    "wrong_charset": _in("utf-16", "Cp1252"),
    "nul_cells": lambda served: _cells(served, _nul),
    "new_column": lambda served: _cells(served, _new_column),
}
