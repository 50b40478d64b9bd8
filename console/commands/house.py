"""The house itself: questions in SQL, and whether everything that is needed is in order."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from cyclopts import App

from console.commands.options import AsOf, Json, moment_of
from console.owner import owner_answers
from console.session import Session, session
from sync.errors import BadInput, StoreInUse, TieoutError, Transient, VendorReply

__all__ = ["doctor", "register", "sql", "suiteql"]

_READS = re.compile(r"^\s*(?:--[^\n]*\n\s*)*(select|with|from|describe|show|summarize|explain|values)\b", re.IGNORECASE)


def register(app: App) -> None:
    """Add the commands."""
    app.command(sql)
    app.command(suiteql)
    app.command(survey)
    app.command(doctor)


def sql(
    query: str,
    *,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Ask the local database in SQL (reading only).

    Args:
        query: One SELECT over the mirror (orders, order_lines, settlements, settlement_lines, transactions …) and ops.
    """
    import duckdb

    here = session()
    here.output.as_json = json
    if not _READS.match(query):
        raise BadInput("only questions can be asked", value=query, remedy="Write SELECT …; use commands for changes")
    with here.workspace.store.database.reading() as cursor:
        if (moment := moment_of(as_of)) is not None:
            here.workspace.store.mirror.as_of(cursor, moment)
        # A question must not change anything, whatever it says: it runs in a transaction that is thrown away.
        cursor.execute("BEGIN")
        try:
            statements = cursor.extract_statements(query)
            if len(statements) != 1:
                raise BadInput("this is more than one statement", value=query, remedy="Ask one question")
            cursor.execute(query)
            names = _distinct([d[0] for d in cursor.description or []])
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as error:
            raise BadInput(str(error).splitlines()[0], value=query, remedy="Correct the query") from None
        finally:
            cursor.execute("ROLLBACK")
    here.output.table(rows, names, empty="No row.")
    return 0


def _distinct(names: Sequence[str]) -> list[str]:
    """Number the names that come again, so that no column hides another (`id`, `id_1`)."""
    found: list[str] = []
    for name in names:
        given, count = name, 0
        while given in found:
            count += 1
            given = f"{name}_{count}"
        found.append(given)
    return found


def suiteql(query: str, *parameters: str, json: Json = False) -> int:
    """Ask NetSuite itself in SuiteQL (reading only), at most its first 1,000 rows.

    Args:
        query: One SELECT; `?` stands for a parameter.
        parameters: The values of the question marks, in order.
    """
    here = session()
    here.output.as_json = json
    workspace = here.workspace
    rows = workspace.wait(workspace.accounts.netsuite_query(query, parameters))
    shown = [{k: v for k, v in row.items() if k != "links"} for row in rows]
    here.output.table(shown, list(dict.fromkeys(k for row in shown for k in row)), empty="No row.")
    return 0


def survey(*, json: Json = False) -> int:
    """Show what the NetSuite account is like: features, its own fields, fields that we write and it does not show.

    Exit code 1 where a field that we write is missing. With `write = false` nothing is tried that writes.
    """
    here = session()
    here.output.as_json = json
    workspace = here.workspace
    found = workspace.wait(workspace.accounts.survey())
    here.output.facts(
        {
            "one_world": found.one_world,
            "suite_tax": found.suite_tax,
            "multi_currency": found.multi_currency,
            "multi_book": found.multi_book,
            "date_format": found.date_format,
            "takes_batches": found.takes_batches,
            "concurrency_limit": found.concurrency_limit,
            "clock_ahead_s": found.clock_ahead_s,
            "custom_fields": list(found.custom_fields),
            "notes": list(found.notes),
        }
    )
    rows = [
        {"record": r.record, "source": r.source, "fields": len(r.fields), "missing": ", ".join(r.missing)}
        for r in found.records.values()
    ]
    here.output.table(rows, ["record", "source", "fields", "missing"], empty="No record type is shown.")
    return 1 if any(r.missing for r in found.records.values()) else 0


def doctor(*, json: Json = False) -> int:
    """Check versions, terminal, settings, accounts that must agree, credentials, and each vendor with a call."""
    here = session()
    here.output.as_json = json
    checks = list(_checks(here))
    here.output.table(checks, ["check", "state", "detail"], empty="Nothing to check.")
    codes = [int(str(c["code"])) for c in checks if c["state"] == "failed"]
    return max(codes, default=0)


def _checks(here: Session) -> Iterator[dict[str, object]]:
    yield _good("python", platform.python_version())
    for name in ("tieout", "textual", "httpx", "duckdb", "polars", "pydantic"):
        yield _good(name, version(name))
    size = shutil.get_terminal_size()
    yield _good("terminal", f"{size.columns}x{size.lines}, {'a terminal' if sys.stdout.isatty() else 'not a terminal'}")
    yield _good("home", str(here.home))
    if owner_answers(here.home):
        yield _good("database", "another process owns it and answers on its socket")
        return
    try:
        workspace = here.workspace
    except StoreInUse as error:
        yield _bad("database", error)
        return
    except TieoutError as error:
        yield _bad("database" if error.exit_code == 3 else "settings", error)
        return
    yield _good("database", workspace.store.database.path)
    settings = workspace.settings
    accounts = [*settings.channels, *(["netsuite"] if settings.erp else [])]
    yield _good(
        "settings", f"{settings.environment}, {settings.company or 'no company'}: {', '.join(accounts) or 'none'}"
    )
    yield from _account_checks(here)
    yield from _vendor_checks(here)


def _account_checks(here: Session) -> Iterator[dict[str, object]]:
    """Check the accounts that must agree, or the same money is booked twice."""
    from reconcile.controls import Evidence
    from reconcile.controls.agreement import disagreements
    from reconcile.controls.credits_beside import credits_beside
    from reconcile.controls.settlements.invoice_stops import invoices_beside, undecided_stop

    store = here.workspace.store
    found, beside, invoiced = [], [], []
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        for channel in here.workspace.settings.channels:
            try:
                found += [d.stop for d in disagreements(evidence, channel)]
                found += [stop] if (stop := undecided_stop(evidence, channel)) is not None else []
                invoiced.append(invoices_beside(evidence, channel))
                beside.append(credits_beside(evidence, channel))
            except BadInput as error:
                yield _bad(f"accounts of {channel}", error)
    for _, cause, remedy in found:
        yield {"check": "accounts", "state": "failed", "detail": f"{cause}. {remedy}", "code": 1}
    for one in beside:
        if one is not None:
            # A company may have its own way of clearing these: to be looked at, not a failure.
            yield {"check": "credits", "state": "look", "detail": one.text, "code": 0}
    for other in invoiced:
        if other is not None:
            yield {"check": "invoices", "state": "look", "detail": other.text, "code": 0}
    if not found:
        yield _good("accounts", "settlements, refunds and invoices agree on their accounts")


def _vendor_checks(here: Session) -> Iterator[dict[str, object]]:
    workspace = here.workspace
    try:
        accounts = workspace.accounts
    except TieoutError as error:
        yield _bad("credentials", error)
        return
    for account in accounts.account_names():
        try:
            yield _good(account, workspace.submit(accounts.sign_in(account)).result(timeout=60))
        except TieoutError as error:
            yield _bad(account, error)
        except TimeoutError:
            reply = VendorReply(account, "sign in", detail="60 seconds without an answer")
            yield _bad(account, Transient(reply))


def _good(check: str, detail: str) -> dict[str, object]:
    return {"check": check, "state": "good", "detail": detail, "code": 0}


def _bad(check: str, error: TieoutError) -> dict[str, object]:
    return {"check": check, "state": "failed", "detail": str(error), "code": error.exit_code}
