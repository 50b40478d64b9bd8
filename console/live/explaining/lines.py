"""Settlement lines taken apart: a selection of lines by day, by runs of the file, line by line, down to the bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from console.blocks import Block, Explained, ExplainedPart, Facts, Jump, Passage
from console.live.explaining.orders import ordered_block
from console.live.received import LONGEST_LINE, line_at
from console.live.text import pairs
from reconcile.explain import LineExplained, explain_up
from reconcile.fees.charged import is_fulfilment_fee
from reconcile.fees.schedule import FEE_SCHEDULE
from reconcile.fees.told import told_about
from sync.store.store import Store

__all__ = ["MOST_PARTS", "Lines", "explain_line", "explain_lines", "lines_from_key", "type_name"]

#: More lines than this are shown by day, more of one day in runs of the file.
MOST_PARTS = 300


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of one settlement; None and empty select nothing away. `kind` is the type's three texts."""

    channel: str
    settlement_id: str
    kind: tuple[str, str, str] | None = None
    #: Fulfilled by, as a tuple of one, because None is a value of it.
    fulfilled: tuple[str | None] | None = None
    month: str = ""
    day: str = ""
    order_id: str = ""
    first: int = 0
    last: int = 0

    @property
    def key(self) -> str:
        """Return the text that `lines_from_key` reads back."""
        return json.dumps({k: v for k, v in asdict(self).items() if v}, ensure_ascii=False)

    def where(self) -> tuple[str, dict[str, object]]:
        """Return the condition on settlement_lines, and its parameters."""
        said: dict[str, tuple[str, object]] = {
            "channel": ("channel = $channel", self.channel),
            "settlement": ("settlement_id = $settlement", self.settlement_id),
        }
        for name, text in zip(("transaction_type", "amount_type", "amount_description"), self.kind or (), strict=False):
            said[name] = (f"{name} = ${name}", text)
        if self.fulfilled is not None:
            said["fulfilled"] = ("fulfilled_by IS NOT DISTINCT FROM $fulfilled", self.fulfilled[0])
        if self.month:
            said["month"] = ("strftime(posted_date, '%Y-%m') = $month", self.month)
        if self.day:
            said["day"] = ("posted_date = CAST($day AS DATE)", self.day)
        if self.order_id:
            said["order"] = ("order_id = $order", self.order_id)
        if self.last:
            said["first"] = ("ordinal >= $first", self.first)
            said["last"] = ("ordinal <= $last", self.last)
        return " AND ".join(c for c, _ in said.values()), {name: value for name, (_, value) in said.items()}


def lines_from_key(key: str) -> Lines | None:
    """Return the selection that a key names, None where it is none."""
    try:
        values = json.loads(key)
    except ValueError:
        return None
    if not isinstance(values, dict) or not {"channel", "settlement_id"} <= set(values) <= set(Lines.__slots__):
        return None
    kind, fulfilled = values.pop("kind", None), values.pop("fulfilled", None)
    return Lines(
        **values,
        kind=(kind[0], kind[1], kind[2]) if isinstance(kind, list) and len(kind) == 3 else None,
        fulfilled=(fulfilled[0],) if isinstance(fulfilled, list) and fulfilled else None,
    )


def type_name(kind: Sequence[str]) -> str:
    """Return the type as people read it; blank parts are left out."""
    return " / ".join(part for part in kind if part)


def explain_lines(store: Store, lines: Lines) -> Explained | None:
    """Return a selection's sum and its lines: each, or by day, or in runs of the file where they are many."""
    where, given = lines.where()
    with store.database.reading() as cursor:
        head = cursor.execute(
            f"SELECT count(*), sum(amount), min(currency), count(DISTINCT posted_date), min(ordinal), max(ordinal)"  # noqa: S608 - our conditions
            f" FROM settlement_lines WHERE {where}",
            given,
        ).fetchone()
        if head is None or not head[0]:
            return None
        count, total, currency, days, *_ = head
        if count <= MOST_PARTS:
            level, parts = (
                "lines of the file",
                _each(cursor.execute(_EACH.format(where=where), given).fetchall(), lines),
            )
        elif days > 1:
            level, parts = "days", _days(cursor.execute(_DAYS.format(where=where), given).fetchall(), lines)
        else:
            run = max(MOST_PARTS, -(-count // MOST_PARTS))
            rows = cursor.execute(_RUNS.format(where=where, run=run), given).fetchall()
            level, parts = "runs of the file", _runs(rows, lines)
    return Explained(lines.key, _title(lines), level, currency, total, tuple(parts))


_EACH = """
SELECT ordinal, file_line, byte_offset, posted_date, transaction_type, amount_type, amount_description, order_id, sku,
    amount
FROM settlement_lines WHERE {where} ORDER BY ordinal
"""
_DAYS = "SELECT posted_date, count(*), sum(amount) FROM settlement_lines WHERE {where} GROUP BY ALL ORDER BY ALL"
_RUNS = """
SELECT min(ordinal), max(ordinal), min(file_line), max(file_line), count(*), sum(amount) FROM (
    SELECT *, (row_number() OVER (ORDER BY ordinal) - 1) // {run} AS run FROM settlement_lines WHERE {where}
) GROUP BY run ORDER BY run
"""


def _title(lines: Lines) -> str:
    words = [f"{lines.channel} {lines.settlement_id}"]
    words += [type_name(lines.kind)] if lines.kind else []
    words += [word for word in (lines.month, lines.day, lines.order_id) if word]
    words += [f"lines {lines.first:,} to {lines.last:,}"] if lines.last else []
    return " · ".join(words)


def _each(rows: Sequence[tuple[object, ...]], lines: Lines) -> list[ExplainedPart]:
    parts = []
    for ordinal, file_line, _, posted, *rest in rows:
        *kind, order, sku, amount = rest
        named = type_name([str(k) for k in kind]) if lines.kind is None else ""
        label = " ".join(str(word) for word in (order, sku) if word) or named or "no order"
        where = f"line {file_line:,}"
        note = " · ".join(word for word in (str(posted), where, named if named != label else "") if word)
        leaf = replace(lines, first=int(str(ordinal)), last=int(str(ordinal)))
        jump = Jump("orders", key=f"{lines.channel}/{order}") if order else None
        parts.append(ExplainedPart(label, Decimal(str(amount)), None, leaf.key, note, jump))
    return parts


def _days(rows: Sequence[tuple[object, ...]], lines: Lines) -> list[ExplainedPart]:
    return [
        ExplainedPart(str(day), Decimal(str(amount)), int(str(count)), replace(lines, day=str(day)).key)
        for day, count, amount in rows
    ]


def _runs(rows: Sequence[tuple[object, ...]], lines: Lines) -> list[ExplainedPart]:
    return [
        ExplainedPart(
            f"file lines {start:,} to {end:,}",
            Decimal(str(amount)),
            int(str(count)),
            replace(lines, first=int(str(first)), last=int(str(last))).key,
        )
        for first, last, start, end, count, amount in rows
    ]


def explain_line(store: Store, lines: Lines, bank: Mapping[str, str]) -> Explained | None:
    """Return one line of the file: where its bytes are, and its way to category, account, journal, payout and bank.

    `bank` says of `channel/settlement` how it arrived at the bank.
    """
    where, given = lines.where()
    with store.database.reading() as cursor:
        row = cursor.execute(
            f"SELECT l.file_line, l.byte_offset, l.amount, l.currency, l.posted_date, l.order_id, l.sku, l.quantity,"  # noqa: S608 - our conditions
            f" l.transaction_type, l.amount_type, l.amount_description, s.document_name, s.page_id, s.encoding,"
            f" s.document_hash, l.ordinal, l.order_line_id"
            f" FROM (SELECT * FROM settlement_lines WHERE {where}) AS l JOIN settlements AS s"
            f" ON s.channel = l.channel AND s.settlement_id = l.settlement_id",
            given,
        ).fetchone()
    if row is None:
        return None
    (
        file_line,
        offset,
        amount,
        currency,
        posted,
        order,
        sku,
        quantity,
        *kind,
        name,
        page_id,
        encoding,
        digest,
        at,
        item,
    ) = row
    raw = _bytes_at(store, page_id, offset, encoding)
    found = explain_up(store, f"{lines.channel}/{lines.settlement_id}:{file_line}")
    up = next((one for one in found if one.line.ordinal == at), None)
    facts = Facts(
        "In the file",
        pairs(
            file=name, line=f"{file_line:,}", byte=f"{offset:,}", posted=str(posted), type=type_name(kind),
            order=order, sku=sku, quantity=quantity, sha256=digest,
        ),
    )  # fmt: skip
    preview = _preview(store, lines.channel, sku) if sku and is_fulfilment_fee(lines.channel, kind) else ()
    jump = Jump("orders", key=f"{lines.channel}/{order}") if order else None
    part = ExplainedPart(f"line {file_line:,} of {name}", amount, None, None, f"byte {offset:,}", jump)
    key = f"{lines.channel}/{lines.settlement_id}"
    whose = ordered_block(store, f"{lines.channel}/{order}", item, sku) if order else ()
    way_up = [_way_up(up, bank.get(key, ""))] if up else []
    blocks: tuple[Block, ...] = (facts, *whose, *preview, *way_up, *([raw] if raw else []))
    return Explained(lines.key, f"{name}, line {file_line:,}", "the line", currency, amount, (part,), blocks)


def _preview(store: Store, channel: str, sku: str) -> tuple[Facts, ...]:
    """Return what the channel itself told of the SKU's size and fee, and what people measured."""
    with store.database.reading() as cursor:
        told = told_about(cursor, store.decisions.current(FEE_SCHEDULE), channel, sku)
    return (Facts("Size and fee", pairs(**told)),) if told else ()


def _way_up(up: LineExplained, bank: str) -> Facts:
    line = f"line {up.journal_line}" if up.journal_line else "cancels out with others of its account"
    journal = f"{up.journal}, {line}" if up.journal else None
    return Facts(
        "Where it went",
        pairs(
            category=up.category.replace("_", " "),
            account=up.account,
            journal=journal,
            posted=f"as {up.posted_as}" if up.posted_as else "not yet",
            payout=f"{up.payout:,.2f} {up.line.currency}" + (f" on {up.deposit_date}" if up.deposit_date else ""),
            bank=bank,
        ),
    )


def _bytes_at(store: Store, page_id: object, offset: int, encoding: str) -> Passage | None:
    """Return the line as it stands in the document that was received, None where only something else was kept."""
    if not page_id:
        return None
    part = store.mirror.page_span(int(str(page_id)), offset, LONGEST_LINE)
    page = store.mirror.page(int(str(page_id))) if part is None else None
    text = line_at(part, 0, encoding) if part is not None else line_at(page[1], offset, encoding) if page else ""
    return Passage("As received", text, copied=True) if text else None
