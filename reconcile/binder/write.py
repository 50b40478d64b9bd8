"""A binder written: beside its place, whole, then moved there."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path

from reconcile.binder.originals import Original, original_bytes
from reconcile.binder.parquet import write_lines, write_table
from reconcile.binder.tables import tables_of
from reconcile.binder.workbook import WORKBOOK, write_workbook
from reconcile.close.canonical import SCHEMA, Content, content_of
from reconcile.close.lines import LINE_COLUMNS, Key, lines_digests
from reconcile.controls.control import Evidence
from reconcile.seen_at import evidence_at
from sync.errors import BadInput
from sync.mirror.settlement_notes import notes_of
from sync.ops.closes import Close
from sync.settlements import told
from sync.store.store import Store

__all__ = ["BINDER", "close_header", "write_binder"]

#: Names the shape of a binder's folder; the first one's workbook had its times as texts.
BINDER = 2
_HASH = re.compile(r"[0-9a-f]{64}")
_PERSONAL = (
    "Order numbers, and what the marketplaces' own reports name beside them (SKUs; Walmart's report also city, state"
    " and postal code of a delivery). No buyer's name, street, e-mail or telephone number is taken from the mirror."
)


def write_binder(store: Store, close: Close, folder: Path) -> Mapping[str, object]:
    """Write the binder of a close to a folder that does not exist yet; returns its manifest.

    Raises:
        BadInput: the folder exists or cannot be written, or the mirror no longer gives the lines that were closed.
    """
    if folder.exists():
        raise BadInput("there is something already", remedy="Name a folder that does not exist", file=str(folder))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        manifest = _fill(store, close, work)
        work.rename(folder)
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise _unwritable(folder, error) from error
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return manifest


def _unwritable(folder: Path, error: OSError) -> BadInput:
    why = f"the binder cannot be written: {error.strerror or error}"
    return BadInput(why, remedy="Choose another folder", file=str(folder))


def close_header(close: Close) -> dict[str, object]:
    """Return a close without its content, as `close.json` holds it."""
    return {
        "close_id": close.close_id,
        "period": close.period,
        "version": close.version,
        "closed_at": close.closed_at.isoformat(),
        "closed_by": close.closed_by,
        "reason": close.reason,
        "as_of": close.as_of.isoformat(),
        "previous_digest": close.previous_digest,
        "digest": close.digest,
    }


def _fill(store: Store, close: Close, work: Path) -> Mapping[str, object]:
    content = content_of(close.content)
    header = close_header(close)
    (work / "close.json").write_text(_pretty(header), encoding="utf-8")
    (work / "close-content.json").write_text(close.content, encoding="utf-8")
    tables = tables_of(content)
    (work / "tables").mkdir()
    for table in tables.values():
        write_table(table, work / "tables" / f"{table.name}.parquet")
    with evidence_at(store, close.as_of) as evidence:
        _write_lines(evidence, content, work / "tables" / "lines.parquet")
        documents = _write_originals(evidence, content, work)
    write_workbook(work / WORKBOOK, close, tables, documents)
    files = sorted(p for p in work.rglob("*") if p.is_file())
    manifest: dict[str, object] = {
        "binder": BINDER,
        "tool": f"tieout {version('tieout')}",
        "schema": SCHEMA,
        **header,
        "made_at": store.clock.now().isoformat(),
        "personal_data": _PERSONAL,
        "documents": [asdict(d) for d in documents],
        "files": {p.relative_to(work).as_posix(): {"sha256": _sha256(p), "bytes": p.stat().st_size} for p in files},
    }
    (work / "manifest.json").write_text(_pretty(manifest), encoding="utf-8")
    return manifest


def _pretty(values: Mapping[str, object]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _write_lines(evidence: Evidence, content: Content, path: Path) -> None:
    cursor = evidence.cursor
    keys: list[Key] = [(s["channel"], s["settlement_id"]) for s in content["settlements"]]
    now = lines_digests(cursor, keys)
    for settlement in content["settlements"]:
        key = (settlement["channel"], settlement["settlement_id"])
        if now.get(key) != settlement["lines_digest"]:
            raise BadInput(
                "the mirror no longer gives the lines that were closed",
                remedy="Restore the database of the close, or close the month again",
                value="/".join(key),
            )
    cursor.execute("CREATE OR REPLACE TEMP TABLE closed_keys (closed_channel VARCHAR, closed_id VARCHAR)")
    cursor.execute(
        "INSERT INTO temp.closed_keys SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[])",
        [[k[0] for k in keys], [k[1] for k in keys]],
    )
    write_lines(
        cursor,
        f"SELECT {', '.join(LINE_COLUMNS)} FROM settlement_lines JOIN temp.closed_keys"  # noqa: S608 - our names
        " ON channel = closed_channel AND settlement_id = closed_id ORDER BY channel, settlement_id, ordinal",
        path,
    )


def _write_originals(evidence: Evidence, content: Content, work: Path) -> Sequence[Original]:
    """Write each document that the archive still has as it came; of the others the record has no file."""
    (work / "originals").mkdir()
    found = []
    for number, settlement in enumerate(content["settlements"], 1):
        row = evidence.cursor.execute(
            "SELECT page_id FROM settlements WHERE channel = $1 AND settlement_id = $2",
            [settlement["channel"], settlement["settlement_id"]],
        ).fetchone()
        page = evidence.store.mirror.page(row[0]) if row and row[0] is not None else None
        digest = str(settlement["document_hash"])
        data = original_bytes(page[1], digest) if page and _HASH.fullmatch(digest) else None
        name = ""
        if data is not None:
            # Named by us: what a marketplace or a person calls a file is no path.
            name = f"originals/{number:04d}-{digest[:12]}.{'zip' if data.startswith(b'PK') else 'txt'}"
            (work / name).write_bytes(data)
        found.append(
            Original(
                name, settlement["channel"], settlement["settlement_id"], settlement["format"],
                settlement["document_name"], digest, page[0] if page else "",
                told(notes_of(evidence.cursor, settlement["channel"], settlement["settlement_id"], digest)),
            )
        )  # fmt: skip
    return found
