"""What banks call the columns of their exports, in the languages of the marketplaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["FIELDS", "fields_of"]

#: Field → headings, folded; a heading that begins with one of them counts too where nothing fits exactly.
FIELDS: dict[str, tuple[str, ...]] = {
    "booked_on": (
        "date", "booking date", "posting date", "post date", "transaction date", "buchungstag", "buchungsdatum",
        "buchung", "datum", "date de comptabilisation", "date operation", "data contabile", "fecha", "fecha operacion",
        "fecha contable", "boekdatum", "data ksiegowania", "bokforingsdag", "details posting date",
    ),
    "value_on": (
        "value date", "valuta", "wertstellung", "wertstellungstag", "valutadatum", "date de valeur", "data valuta",
        "fecha valor", "rentedatum", "valutadag",
    ),
    "amount": (
        "amount", "betrag", "umsatz", "montant", "importo", "importe", "bedrag", "kwota", "belopp", "amount (usd)",
        "betrag (eur)", "transaction amount", "net amount",
    ),
    "credit": ("credit", "credit amount", "paid in", "money in", "deposits", "haben", "gutschrift", "entrate", "abono"),
    "debit": (
        "debit", "debit amount", "paid out", "money out", "withdrawals", "soll", "lastschrift", "uscite", "cargo",
    ),
    "side": ("credit/debit", "debit/credit", "soll/haben", "s/h", "af bij", "dr/cr", "cr/dr"),
    "currency": ("currency", "waehrung", "wahrung", "devise", "divisa", "moneda", "valuta code", "waluta", "ccy"),
    "text": (
        "description", "details", "memo", "verwendungszweck", "buchungstext", "narrative", "transaction description",
        "libelle", "descrizione", "concepto", "omschrijving", "opis", "text", "remittance information", "particulars",
    ),
    "counterparty": (
        "name", "payee", "counterparty", "beguenstigter/zahlungspflichtiger", "auftraggeber/empfaenger",
        "name zahlungsbeteiligter", "zahlungspflichtige*r", "naam / omschrijving", "payer", "beneficiary",
    ),
    "reference": (
        "reference", "transaction id", "fitid", "bank reference", "kundenreferenz (end-to-end)", "end-to-end-referenz",
        "kundenreferenz", "customer reference", "check number", "check or slip #", "mandatsreferenz", "trace number",
    ),
    "number": ("fitid", "transaction id", "unique id", "transaction number", "umsatz-id"),
    "balance": ("balance", "running balance", "running bal.", "saldo", "saldo nach buchung", "solde", "ledger balance"),
    "account_number": ("account", "account number", "auftragskonto", "iban", "konto", "iban auftragskonto"),
}  # fmt: skip


def fields_of(cells: Sequence[str]) -> dict[str, int]:
    """Return field → place of its column; the first heading that a field knows wins, exact ones before longer ones."""
    folded = [_folded(c) for c in cells]
    found: dict[str, int] = {}
    for field, names in FIELDS.items():
        place = next((folded.index(n) for n in names if n in folded), None)
        if place is None:
            place = next((i for n in names for i, f in enumerate(folded) if f.startswith(n + " (")), None)
        if place is not None:
            found[field] = place
    return found


def _folded(cell: str) -> str:
    text = cell.strip().strip('"').casefold().replace("ß", "ss")
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, plain)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", plain)
