"""Who is who among customers and buyers: candidates with evidence, history, and what a person says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from console.commands.options import Json
from console.session import Session, session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.customers.pairs import ScoredPair

__all__ = ["register"]


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="customers", help="Who is who: buyers who wait for a choice, customers that are probably one.")
    group.command(candidates)
    group.command(history)
    group.command(same)
    group.command(not_same, name="not-same")
    group.command(choose)
    group.command(weights)
    app.command(group)


def candidates(key: str, *, json: Json = False) -> int:
    """Show who a record may be, best first, and what each field says.

    Args:
        key: A customer's id, or the id of a waiting buyer, as `tieout list customers` shows it.
    """
    here = session()
    here.output.as_json = json
    rows = [_row(pair) for pair in _scored(here, key)]
    columns = ["candidate", "percent", "bits", "name", "email", "phone", "address", "automatic"]
    here.output.table(rows, columns, empty="Nobody in NetSuite is like it.")
    return 0


def _scored(here: Session, key: str) -> Sequence[ScoredPair]:
    from reconcile.customers.decide import is_customer
    from reconcile.customers.duplicates import buyer_candidates, customer_candidates
    from reconcile.customers.known import known_of
    from reconcile.customers.waiting import buyer_of_finding, candidates_of
    from reconcile.seen_at import evidence_at

    store = here.workspace.store
    found = candidates_of(store, key)
    with evidence_at(store) as evidence:
        if is_customer(key):
            return customer_candidates(evidence, key)
        buyer = buyer_of_finding(evidence, found)
        if buyer is None:
            raise BadInput("no order of such a buyer waits", value=key, remedy="See `tieout list customers`")
        return [p for p in buyer_candidates(evidence, buyer, known_of(evidence)) if p.right in found.ids]


def _row(pair: ScoredPair) -> dict[str, Any]:
    fields = {
        f.field: f"{f.level or 'not on both sides'} {f.bits:+.1f}: {f.left or '-'} | {f.right or '-'}"
        for f in pair.fields
    }
    return {
        "candidate": pair.right,
        "percent": pair.percent,
        "bits": f"{pair.bits:.1f}",
        **fields,
        "automatic": pair.may_link,
    }


def history(customer: str, *, json: Json = False) -> int:
    """Show what a customer bought over all channels, by channel and currency.

    Args:
        customer: The customer's id in NetSuite.
    """
    from dataclasses import asdict

    from reconcile.customers.history import history_of

    here = session()
    here.output.as_json = json
    with here.workspace.store.database.reading() as cursor:
        found = history_of(cursor, customer)
    rows = [asdict(c) for c in found.channels]
    columns = ["channel", "currency", "orders", "total", "refunded", "returns", "findings", "first_at", "last_at"]
    here.output.table(rows, columns, empty="No order of a channel is booked on this customer.")
    return 0


def same(
    one: str,
    other: str,
    *,
    keep: Annotated[str | None, Parameter(help="The customer to merge into; default: the first.")] = None,
    reason: str = "",
    json: Json = False,
) -> int:
    """Say that two customers are one; new orders go to the one that is kept, a person merges them in NetSuite."""
    from reconcile.customers.decide import say_same

    here = session()
    subject = say_same(here.workspace.store, one, other, keep=keep, by=here.who, reason=reason)
    return _decided(here, {"same_customer": subject, "keep": keep or one}, as_json=json)


def not_same(one: str, other: str, *, reason: str = "", json: Json = False) -> int:
    """Say that two records are not one; it is remembered for ever.

    Args:
        one: A customer's id, or a waiting buyer's.
        other: A customer's id.
    """
    from reconcile.customers.decide import say_not_same

    here = session()
    subject = say_not_same(here.workspace.store, one, other, by=here.who, reason=reason)
    return _decided(here, {"not_same": subject}, as_json=json)


def choose(buyer: str, customer: str, *, reason: str = "", json: Json = False) -> int:
    """Say which customer a waiting buyer is; his orders are free at once.

    Args:
        buyer: As `tieout list customers` shows it, AMZ-CUST-… or WMT-CUST-….
        customer: The customer's id in NetSuite.
    """
    from reconcile.customers.decide import choose_customer

    here = session()
    choose_customer(here.workspace.store, buyer, customer, by=here.who, reason=reason)
    return _decided(here, {"buyer": buyer, "customer": customer}, as_json=json)


def weights(*, json: Json = False) -> int:
    """Show what agreement of each field weighs, in bits, and from which score on it decides."""
    from reconcile.customers.weights import scoring_of

    here = session()
    here.output.as_json = json
    scoring = scoring_of(here.workspace.store.decisions.current("customer_matching"))
    rows = [
        {"field": key.partition("|")[0], "level": key.partition("|")[2], "bits": f"{bits:+.1f}"}
        for key, bits in scoring.weights.items()
    ]
    limits = {"before anything": scoring.prior, "shown to a person from": scoring.lower, "linked from": scoring.upper}
    rows += [{"field": "score", "level": name, "bits": f"{bits:+.1f}"} for name, bits in limits.items()]
    here.output.table(rows, ["field", "level", "bits"], empty="")
    return 0


def _decided(here: Session, facts: dict[str, object], *, as_json: bool) -> int:
    from reconcile.cycle import run_cycle

    here.output.as_json = as_json
    run_cycle(here.workspace.store, controls=["customer_differs", "customer_duplicate", "customer_unclear"])
    here.output.facts(facts)
    return 0
