"""Normal forms of names, e-mails, phones and addresses as SQL, the same for a hundred thousand customers and one buyer.

Text of buyers is hostile: it is cut, freed of invisible characters, and letters of other scripts that look like Latin
ones are read as those; that they were there is told (`has_mixed_script`).
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import duckdb

__all__ = ["EMAIL", "RELAY", "SHARED_MAILBOX", "define_forms", "nicknames"]

#: What is read of a name or a street; longer ones are no names.
_LONGEST = 160
#: Cyrillic and Greek letters, in lower case and without accents, that look like Latin ones; full-width forms.
_LOOKALIKES = {
    **dict(zip("авекмнорстухіјѕԁһԛԝ", "abekmhopctyxijsdhqw", strict=True)),
    **dict(zip("αβεικνορτυχ", "abeiknoptux", strict=True)),
    **{chr(ord("ａ") + n): chr(ord("a") + n) for n in range(26)},
    **{chr(ord("０") + n): str(n) for n in range(10)},
    **dict(zip("øłđı", "oldi", strict=True)),
}
#: Addresses that marketplaces make up for one buyer or one order.
RELAY = r"@([\w-]+\.)*(marketplace\.amazon\.[a-z]{2,3}(\.[a-z]{2})?|relay\.walmart\.com)$"
#: Mailboxes that stand for an office or a household, and what people type to get past a form.
SHARED_MAILBOX = (
    "^(info|sales|office|contact|admin|accounts?|accounting|billing|orders?|purchas(e|ing)|shop|store|service|support"
    "|help|mail|hello|team|post|kontakt|buero|einkauf|no-?reply|noreply|none|na|n/a|test|unknown|nobody|customer)@"
)
EMAIL = r"^[a-z0-9._%+'-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}$"
_ABBREVIATIONS = {
    "street": "st", "str": "st", "strasse": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr",
    "lane": "ln", "court": "ct", "boulevard": "blvd", "place": "pl", "terrace": "ter", "highway": "hwy",
    "parkway": "pkwy", "square": "sq", "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne",
    "northwest": "nw", "southeast": "se", "southwest": "sw", "saint": "st",
    "apartment": "", "apt": "", "suite": "", "ste": "", "unit": "", "floor": "fl", "no": "",
}  # fmt: skip
#: Country calling codes of the marketplaces' countries.
_CALLING = {
    "US": "1", "USA": "1", "CA": "1", "CAN": "1", "MX": "52", "MEX": "52", "GB": "44", "UK": "44", "DE": "49",
    "DEU": "49", "FR": "33", "IT": "39", "ES": "34", "NL": "31", "BE": "32", "AT": "43", "CH": "41", "SE": "46",
    "PL": "48", "IE": "353", "TR": "90", "JP": "81", "IN": "91", "AU": "61", "BR": "55", "SG": "65", "AE": "971",
}  # fmt: skip
_TITLES = "mr|mrs|ms|miss|dr|prof|sir|herr|frau|sr ing|mme|mlle"
_SUFFIXES = "jr|sr|ii|iii|iv|junior|senior"
_COMPANY = (
    "inc|incorporated|llc|ltd|limited|corp|corporation|company|gmbh|ag|kg|ohg|bv|nv|plc|llp|lp|sarl|sas|spa|srl|church"
    "|school|university|hospital|clinic|foundation|associates|enterprises|industries"
)


def _map(pairs: dict[str, str]) -> str:
    quoted = ", ".join(f"'{k}': '{v}'" for k, v in pairs.items())
    return f"MAP {{{quoted}}}"


def _shortened(text: str) -> str:
    """Return SQL that abbreviates whole words: replacing texts is ten times as fast as looking words up in a map."""
    made = f"' ' || replace({text}, ' ', '  ') || ' '"
    for long, short in _ABBREVIATIONS.items():
        made = f"replace({made}, ' {long} ', ' {short} ')"
    return made


# Order matters: case and accents first, then look-alikes, then everything that is neither letter nor digit. Nearly all
# texts need little of it: words of Latin letters and single blanks none, and texts without other letters half.
_PLAIN = f"""
CREATE OR REPLACE TEMP MACRO tieout_plain(t) AS CASE
    WHEN length(t) <= {_LONGEST} AND regexp_full_match(t, '[A-Za-z0-9]+( [A-Za-z0-9]+)*') THEN lower(t)
    WHEN length(t) = strlen(t) THEN trim(regexp_replace(lower(regexp_replace(regexp_replace(
        left(t, {_LONGEST}), '[\\t\\r\\n]', ' ', 'g'), '[\\p{{Cc}}''`]', '', 'g')), '[^a-z0-9]+', ' ', 'g'))
    ELSE trim(regexp_replace(translate(
    replace(lower(strip_accents(regexp_replace(regexp_replace(
        left(t, {_LONGEST}), '[\\t\\r\\n]', ' ', 'g'), '[\\p{{Cf}}\\p{{Cc}}''’`´]', '', 'g'))), 'ß', 'ss'),
    '{"".join(_LOOKALIKES)}', '{"".join(_LOOKALIKES.values())}'), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')) END
"""
_WORDS = r"""regexp_replace(regexp_replace(
    tieout_plain(concat_ws(' ', a, b)), '\bp ?o ?box\b', 'pobox'), '(\w)(strasse|str)\b', '\1 st', 'g')"""
_STREET = f"nullif(trim(regexp_replace({_shortened(_WORDS)}, ' +', ' ', 'g')), '')"
_FORMS = (
    _PLAIN,
    r"""
    CREATE OR REPLACE TEMP MACRO tieout_mixed(t) AS CASE WHEN length(t) = strlen(t) THEN false ELSE
        regexp_matches(left(t, 160), '\p{Latin}') AND regexp_matches(left(t, 160), '\p{Cyrillic}|\p{Greek}') END
    """,
    # "Doe, Jane" is Jane Doe; "Acme, Inc." and "Doe, Jr." are not.
    rf"""
    CREATE OR REPLACE TEMP MACRO tieout_name(t) AS trim(regexp_replace(tieout_plain(CASE
        WHEN regexp_matches(left(t, 160), '^[^,]+,\s*[^,]+$')
            AND NOT regexp_matches(lower(left(t, 160)), ',\s*({_SUFFIXES}|{_COMPANY})\b')
        THEN regexp_replace(left(t, 160), '^([^,]+),\s*([^,]+)$', '\2 \1') ELSE t END), '^({_TITLES}) ', ''))
    """,
    rf"""
    CREATE OR REPLACE TEMP MACRO tieout_suffix(n) AS
        replace(replace(nullif(regexp_extract(n, ' ({_SUFFIXES})$', 1), ''), 'junior', 'jr'), 'senior', 'sr')
    """,
    rf"CREATE OR REPLACE TEMP MACRO tieout_unsuffixed(n) AS regexp_replace(n, ' ({_SUFFIXES})$', '')",
    rf"CREATE OR REPLACE TEMP MACRO tieout_is_company(n) AS regexp_matches(n, '\b({_COMPANY})\b')",
    rf"CREATE OR REPLACE TEMP MACRO tieout_company(n) AS trim(regexp_replace(n, '\b({_COMPANY})\b', '', 'g'))",
    # Relay addresses, masked and broken ones are nobody's.
    rf"""
    CREATE OR REPLACE TEMP MACRO tieout_email(e) AS CASE
        WHEN length(e) <= 254 AND regexp_matches(lower(trim(e)), '{EMAIL.replace("'", "''")}')
            AND NOT regexp_matches(lower(trim(e)), '{RELAY}') THEN lower(trim(e)) END
    """,
    rf"CREATE OR REPLACE TEMP MACRO tieout_is_shared(e) AS regexp_matches(e, '{SHARED_MAILBOX}')",
    f"CREATE OR REPLACE TEMP MACRO tieout_street(a, b) AS {_STREET}",
    r"""
    CREATE OR REPLACE TEMP MACRO tieout_postal(p) AS nullif(regexp_replace(
        regexp_replace(upper(left(p, 16)), '[^A-Z0-9]', '', 'g'), '^(\d{5})\d{4}$', '\1'), '')
    """,
    r"""
    CREATE OR REPLACE TEMP MACRO tieout_dialled(p) AS regexp_replace(regexp_replace(
        regexp_replace(lower(left(p, 40)), '(ext|x|#).*$', ''), '[^0-9+]', '', 'g'), '^00', '+')
    """,
    # With its country code where that can be told, else as it was dialled; fillers are no numbers.
    rf"""
    CREATE OR REPLACE TEMP MACRO tieout_international(d, country) AS CASE
        WHEN length(replace(d, '+', '')) NOT BETWEEN 7 AND 15
            OR replace(replace(d, '+', ''), right(d, 1), '') = ''
            OR right(d, 10) IN ('1234567890', '0123456789') OR right(d, 9) = '000000000' THEN NULL
        WHEN starts_with(d, '+') THEN replace(d, '+', '')
        WHEN coalesce(nullif(upper(country), ''), 'US') IN ('US', 'USA', 'CA', 'CAN') THEN CASE
            WHEN length(d) = 10 THEN '1' || d ELSE d END
        ELSE CASE
            WHEN starts_with(d, '0') THEN coalesce({_map(_CALLING)}[upper(country)], '0') || substr(d, 2)
            WHEN starts_with(d, {_map(_CALLING)}[upper(country)]) AND length(d) >= 11 THEN d
            ELSE coalesce({_map(_CALLING)}[upper(country)], '') || d END
        END
    """,
    "CREATE OR REPLACE TEMP MACRO tieout_phone(p, country) AS tieout_international(tieout_dialled(p), country)",
)


def define_forms(cursor: duckdb.DuckDBPyConnection) -> None:
    """Define the macros `tieout_…` and the table `nicknames` (name, root) on this cursor."""
    for macro in _FORMS:
        cursor.execute(macro)
    names, roots = zip(*nicknames().items(), strict=True)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE nicknames AS SELECT unnest($1::VARCHAR[]) AS name, unnest($2::VARCHAR[]) AS root",
        [list(names), list(roots)],
    )


@cache
def nicknames() -> dict[str, str]:
    """Return nickname → the name that it stands for, in lower case; a name of several is left as it is."""
    text = resources.files("data").joinpath("nicknames.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in text.splitlines()[1:]:
        root, *shorts = row.split(",")
        found |= {short: root for short in shorts if short}
    return found
