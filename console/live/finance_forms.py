"""What the actions of finance have to ask: places of line types, accounts, payouts, statements, closes."""

from __future__ import annotations

from decimal import Decimal

from console.desk import ActionRequest, Choice, Form, FormField
from console.live.booked import booked_form
from console.live.details.bank import near_payouts
from console.live.finance import is_booking
from console.live.row_keys import split_type_key
from console.present.amounts import money
from reconcile.bank.seen import see_bank
from reconcile.controls.settlements.posted_documents import PostedDocument
from reconcile.line_types import unmapped_line_types
from reconcile.mapping.accounts import account_map, settlement_rules
from reconcile.reversal import posted_of
from reconcile.seen_at import evidence_at
from reconcile.settlement import CATEGORIES, AccountMap, LedgerAccount
from sync.store.store import Store

__all__ = ["finance_form"]

_PAYOUTS_AT_ONCE = 3


def finance_form(store: Store, request: ActionRequest) -> Form | None:
    """Return the questions of an action of finance, None where there is none."""
    match request.action:
        case "account" | "place" if request.keys:
            return _place_form(store, request)
        case "ledger" if request.keys:
            return _ledger_form(store, request.keys[0])
        case "match":
            return _match_form(store, request)
        case "import":
            return _import_form(store)
        case "reverse" if request.keys:
            return _reverse_form(store, request.keys[0])
        case "booked":
            return booked_form(store, request.keys[0])
        case "freeze" if request.keys:
            said = "A month with something open is closed only with a reason, which is kept with the close."
            reason = FormField(
                "reason", "Reason to close it anyway", required=False, hint="empty: only if nothing is open"
            )
            return Form(f"Close {request.keys[0]}?", (reason,), said)
        case "binder" if request.keys:
            folder = FormField("folder", "Folder", f"close-{request.keys[0]}", hint="one that does not exist yet")
            said = (
                "Workbook, tables, documents as received and a manifest with hashes; order numbers, no buyers' names."
            )
            return Form(f"Write the binder of {request.keys[0]}", (folder,), said)
        case _:
            return None


def _kind_of(key: str) -> tuple[str, str, list[str]]:
    """Return vendor, channel (empty: of all) and the three texts of a line type's key."""
    found = split_type_key(key)
    if found is None:
        return "", "", []
    vendor, settlement, kind = found
    return vendor, settlement.partition("/")[0], list(kind)


def _accounts(store: Store) -> AccountMap:
    with store.database.reading() as cursor:
        return account_map(cursor, store.decisions.current("account"))


def _place_form(store: Store, request: ActionRequest) -> Form | None:
    vendor, channel, kind = _kind_of(request.keys[0])
    if len(kind) != 3:
        return None
    accounts = _accounts(store)
    subject = "|".join((vendor, *kind))
    unknown = next((t for t in unmapped_line_types(store) if t.subject == subject), None)
    held = settlement_rules(store.decisions.current("line_type")).place(vendor, kind[0], kind[1], kind[2])
    known = unknown is None
    category = held.category if known else (unknown.proposed_category if unknown else None) or ""
    key = held.account_key if known else (unknown.proposed_account_key if unknown else None) or ""
    labels = [(k, accounts.find(channel or vendor, k)) for k in accounts.keys()]  # noqa: SIM118 - a map of our own
    choices = sorted((a.label if a else k, k) for k, a in labels)
    why = f"Proposed because {unknown.reason}." if unknown else "It holds for every settlement from now on."
    return Form(
        f"Where does {' / '.join(k for k in kind if k)} belong?",
        (
            FormField("category", "Category", category, tuple(Choice(c.key, c.label) for c in CATEGORIES)),
            FormField("account_key", "Account", key, tuple(Choice(k, label, k) for label, k in choices)),
        ),
        f"{why} What it restates is shown before it is saved.",
    )


def _ledger_form(store: Store, key: str) -> Form | None:
    vendor, channel, kind = _kind_of(key)
    if len(kind) != 3:
        return None
    placed = settlement_rules(store.decisions.current("line_type")).place(vendor, kind[0], kind[1], kind[2])
    now = _accounts(store).find(channel or vendor, placed.account_key)
    with store.database.reading() as cursor:
        chart = cursor.execute(
            "SELECT account_id, coalesce(number, ''), name, account_type FROM accounts WHERE NOT inactive"
            " ORDER BY number, name"
        ).fetchall()
    scopes = [s for s in dict.fromkeys((channel, vendor)) if s]
    return Form(
        f"Which ledger account is {placed.account_key.replace('_', ' ')}?",
        (
            FormField(
                "account",
                "Account",
                (now.account_id or "") if now else "",
                tuple(Choice(str(i), f"{number} {name}".strip(), kind_of or "") for i, number, name, kind_of in chart),
            ),
            FormField("scope", "For", scopes[0], tuple(Choice(s, s) for s in scopes)),
            *_dimension_fields(store, now),
        ),
        f"Now {now.label if now else 'none'}. Every line type with this account key moves with it; what it restates is"
        " shown before it is saved.",
    )


def _dimension_fields(store: Store, now: LedgerAccount | None) -> tuple[FormField, ...]:
    """Return a field for each dimension that NetSuite has records of; empty keeps what was decided."""
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT kind, segment_id, name FROM segments WHERE NOT inactive"
            " UNION ALL SELECT 'location', location_id, name FROM locations WHERE NOT inactive ORDER BY 1, 3"
        ).fetchall()
    fields = []
    for kind in ("department", "class", "location"):
        choices = tuple(Choice(str(i), str(name)) for k, i, name in rows if k == kind)
        if choices:
            held = (getattr(now, f"{kind}_id") if now else None) or ""
            fields.append(FormField(kind, kind.capitalize(), held, (Choice("", "as it is"), *choices), required=False))
    return tuple(fields)


def _match_form(store: Store, request: ActionRequest) -> Form | None:
    bookings = [key for key in request.keys if is_booking(key)]
    payouts = [key for key in request.keys if not is_booking(key)]
    if (bookings and payouts) or not request.keys:
        # Everything was marked already.
        return None
    with evidence_at(store) as evidence:
        seen = see_bank(evidence)
    if not bookings:
        choices = tuple(
            Choice(b.key, f"{b.day} {money(b.amount, b.currency)} {b.currency}", b.text)
            for b in seen.unmatched_bookings()
        )
        field = FormField("booking", "Booking", choices[0].value if choices else "", choices)
        return Form(f"Which booking pays {', '.join(payouts)}?", (field,)) if choices else None
    booking = seen.bookings.get(bookings[0])
    if booking is None:
        return None
    near = near_payouts(seen, booking)
    choices = tuple(Choice(p.key, p.key, f"{money(p.amount, p.currency)} {p.currency}, due {p.due}") for p in near)
    if not choices:
        return None
    none = Choice("", "no further payout")
    more = [
        FormField(f"payout_{n}", "And", "", (none, *choices), required=False) for n in range(2, _PAYOUTS_AT_ONCE + 1)
    ]
    title = f"Which payouts does {money(booking.amount, booking.currency)} {booking.currency} of {booking.day} pay?"
    said = f"{booking.text}\nMore than {_PAYOUTS_AT_ONCE}: mark the booking and its payouts with space, then m."
    return Form(title, (FormField("payout_1", "Payout", choices[0].value, choices), *more[: len(choices) - 1]), said)


def _import_form(store: Store) -> Form:
    with store.database.reading() as cursor:
        rows = cursor.execute("SELECT DISTINCT account FROM bank_lines ORDER BY account").fetchall()
    known = ", ".join(str(r[0]) for r in rows)
    return Form(
        "Import a bank statement",
        (
            FormField("file", "File", hint="statement.csv or .ofx; ~ is your folder"),
            FormField("account", "Account", str(rows[0][0]) if len(rows) == 1 else "", hint=known or "such as chase"),
            FormField("currency", "Currency", required=False, hint="where the file does not say, such as USD"),
            FormField("date_order", "Date order", required=False, hint="ymd, dmy or mdy, where no date proves it"),
        ),
        "CSV of any bank, or OFX. Known bookings are left alone; a file that cannot be trusted changes nothing.",
    )


def _reverse_form(store: Store, key: str) -> Form | None:
    """Return which posted document of the settlement to take back, why, and on which day; None where none is."""
    channel, _, settlement_id = key.partition("/")
    posted = posted_of(store, channel, settlement_id)
    if not posted:
        return None
    choices = tuple(Choice(d.name, d.name, _shown(d)) for d in posted)
    return Form(
        f"Reverse what is posted of {settlement_id}",
        (
            FormField("document", "Document", choices[-1].value, choices),
            FormField("reason", "Reason", hint="stands in the reversal's memo"),
            FormField("date", "Date", required=False, hint="2026-12-31; empty: its own day, or the first open one"),
        ),
        "A reversing document brings every account back to zero; its part is then due again as the next version.",
    )


def _shown(document: PostedDocument) -> str:
    debits = sum((line.amount for line in document.lines if line.amount > 0), Decimal(0))
    currency = document.currency or ""
    return f"{document.number} · {document.date} · {money(debits, currency)} {currency}"
