"""The cells of a workbook as its file holds them: values for a comparison, nothing is calculated.

A number of a workbook is a double by its format. The exact amounts are those of the close, compared as such beside it.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from sync.errors import BadInput

__all__ = ["Place", "cells_of"]

#: (sheet, cell such as F3)
Place = tuple[str, str]
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LARGEST = 1 << 30


def cells_of(path: Path) -> Mapping[Place, str | float]:
    """Return every cell that holds something: texts and numbers; a formula as the text `=…`.

    Raises:
        BadInput: it is no workbook.
    """
    try:
        with zipfile.ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > _LARGEST:
                raise BadInput("the workbook is too large", remedy="Take another copy of the binder", file=path.name)
            texts = _texts(book)
            return {
                (sheet, place): value for sheet, part in _sheets(book) for place, value in _cells(book, part, texts)
            }
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, OSError, ValueError) as error:
        raise BadInput(
            f"this is no workbook: {error!r}", remedy="Take another copy of the binder", file=path.name
        ) from error


def _texts(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in root.iter(f"{_MAIN}si")]


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Give each sheet's name and its part of the file."""
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    # A path from the root, or from the folder of the workbook's part.
    targets = {link.attrib["Id"]: posixpath.join("/xl", link.attrib["Target"])[1:] for link in links}
    root = ElementTree.fromstring(book.read("xl/workbook.xml"))
    for sheet in root.iter(f"{_MAIN}sheet"):
        yield sheet.attrib["name"], targets[sheet.attrib[_REL]]


def _cells(book: zipfile.ZipFile, part: str, texts: list[str]) -> Iterator[tuple[str, str | float]]:
    with book.open(part) as file:
        for _, cell in ElementTree.iterparse(file):
            if cell.tag != f"{_MAIN}c":
                continue
            formula, value = cell.find(f"{_MAIN}f"), cell.find(f"{_MAIN}v")
            said = value.text or "" if value is not None else ""
            kind = cell.attrib.get("t", "n")
            if formula is not None:
                yield cell.attrib["r"], f"={formula.text or ''}"
            elif kind == "inlineStr":
                yield cell.attrib["r"], "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
            elif said:
                yield cell.attrib["r"], texts[int(said)] if kind == "s" else said if kind == "str" else float(said)
            cell.clear()
