"""Fee schedules: the rates in force, and what people decide of categories, rates and SKUs."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import Json
from console.session import Session, session

__all__ = ["register"]

From = Annotated[str, Parameter(name="--from", help="First day, YYYY-MM-DD; default: always.")]
Until = Annotated[str, Parameter(name="--until", help="Last day, YYYY-MM-DD; default: for ever.")]
Channel = Annotated[str, Parameter(help="Such as amazon.US.")]


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="fees", help="Fee schedules, and the categories of SKUs: what charged fees are held against.")
    group.command(list_rates, name="list")
    group.command(category)
    group.command(product_type, name="product-type")
    group.command(rate)
    group.command(per_unit, name="per-unit")
    group.command(import_dimensions, name="import-dimensions")
    group.command(import_table, name="import-table")
    app.command(group)


def list_rates(channel: str | None = None, *, json: Json = False) -> int:
    """Show the rates in force by channel and category, with their source."""
    from reconcile.fees.schedule import FEE_SCHEDULE, fee_rows

    here = session()
    here.output.as_json = json
    rows = [
        {
            "channel": r.channel,
            "category": r.category,
            "above": r.above,
            "percent": r.rate * 100,
            "basis": r.basis,
            "minimum": r.minimum,
            "from": r.valid_from,
            "until": r.valid_to if r.valid_to.year < 2999 else None,
            "source": r.source,
        }
        for r in fee_rows(here.workspace.store.decisions.current(FEE_SCHEDULE))
        if channel in (None, r.channel)
    ]
    rows.sort(key=lambda r: (r["channel"], r["category"], r["from"], r["above"]))
    columns = ["channel", "category", "above", "percent", "basis", "minimum", "from", "until", "source"]
    here.output.table(rows, columns, empty="No rate is known of this channel.")
    return 0


def category(channel: Channel, sku: str, category: str, *, reason: str = "", json: Json = False) -> int:
    """Decide the fee category of a SKU; `*` is every SKU that nothing else names."""
    return _decide(f"category|{channel}|{sku}", {"category": _known(channel, category)}, reason, as_json=json)


def product_type(channel: Channel, listed_as: str, category: str, *, reason: str = "", json: Json = False) -> int:
    """Decide the fee category of all SKUs that the channel lists under a product type."""
    subject = f"product_type|{channel}|{listed_as}"
    return _decide(subject, {"category": _known(channel, category)}, reason, as_json=json)


def rate(
    channel: Channel,
    category: str,
    percent: str,
    *,
    minimum: str = "0",
    since: From = "",
    until: Until = "",
    reason: str = "",
    json: Json = False,
) -> int:
    """Decide the referral rate of a category, in percent, such as 12 or 8.5."""
    value = {"rate": percent, "minimum": minimum, "from": since, "until": until}
    return _decide(f"rate|{channel}|{category}", _given(value), reason, as_json=json)


def per_unit(
    channel: Channel,
    sku: str,
    amount: str,
    *,
    since: From = "",
    until: Until = "",
    reason: str = "",
    json: Json = False,
) -> int:
    """Decide what the channel may charge to fulfil one unit of a SKU."""
    value = {"amount": amount, "from": since, "until": until}
    return _decide(f"per_unit|{channel}|{sku}", _given(value), reason, as_json=json)


def import_dimensions(
    file: str,
    *,
    channel: Annotated[str, Parameter(help="Such as amazon.US; default: all channels.")] = "*",
    json: Json = False,
) -> int:
    """Take size and weight of SKUs from a CSV, for fulfilment fees by size tier; a wrong row changes nothing.

    Args:
        file: Columns sku, length, width, height, length_unit (in, cm), weight, weight_unit (oz, lb, g, kg), of one
            unit as it is shipped.
    """
    from reconcile.fees.packages import read_packages

    here = session()
    found = read_packages(_text(here, file), file=file)
    values = {f"package|{channel}|{sku}": dict[str, object](value) for sku, value in found}
    return _decide_all(here, values, file, as_json=json)


def import_table(
    file: str,
    *,
    channel: Channel,
    name: Annotated[str, Parameter(help="What the table is called; importing it again replaces it.")] = "fulfilment",
    json: Json = False,
) -> int:
    """Take a channel's fulfilment fees by size tier and weight from a CSV; no such figures ship with the program.

    Args:
        file: Columns size_tier, longest_up_to, median_up_to, shortest_up_to, girth_up_to, length_unit, weight_above,
            weight_up_to, weight_unit, dimensional_divisor, amount, step, per_step, valid_from, valid_to, source;
            the first row in order that a package fits decides.
    """
    from reconcile.fees.packages import table_rows

    here = session()
    rows = table_rows(_text(here, file), file=file)
    return _decide_all(here, {f"table|{channel}|{name}": {"rows": rows}}, file, as_json=json)


def _text(here: Session, file: str) -> str:
    from sync.errors import BadInput

    try:
        return here.path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"the file cannot be read: {error.strerror}", remedy="Check its name", file=file) from error
    except UnicodeDecodeError as error:
        raise BadInput("the file is not UTF-8", remedy="Save it as CSV in UTF-8", file=file) from error


def _decide_all(here: Session, values: dict[str, dict[str, object]], file: str, *, as_json: bool) -> int:
    """Decide what is new or different, all or nothing, and judge the fees anew."""
    from reconcile.cycle import run_cycle
    from reconcile.fees.schedule import FEE_SCHEDULE, check_decision

    here.output.as_json = as_json
    store = here.workspace.store
    for subject, value in values.items():
        check_decision(subject, value)
    held = store.decisions.current(FEE_SCHEDULE)
    fresh = {s: v for s, v in values.items() if s not in held or dict(held[s].value) != v}
    with store.database.transaction():
        for subject, value in fresh.items():
            store.decisions.decide(FEE_SCHEDULE, subject, value, by=here.who, reason=f"from {file}")
    run_cycle(store, controls=["fee_differs"])
    here.output.facts({"file": file, "decided": len(fresh), "unchanged": len(values) - len(fresh)})
    return 0


def _given(value: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in value.items() if v}


def _known(channel: str, category: str) -> str:
    from reconcile.fees.schedule import FEE_SCHEDULE, fee_rows
    from sync.errors import BadInput

    names = {
        r.category for r in fee_rows(session().workspace.store.decisions.current(FEE_SCHEDULE)) if r.channel == channel
    }
    if category not in names:
        raise BadInput(
            f"{channel} has no fee category {category}",
            remedy=f"Use one of {', '.join(sorted(names))}; or decide a rate with `tieout fees rate` first",
        )
    return category


def _decide(subject: str, value: dict[str, str], reason: str, *, as_json: bool) -> int:
    from reconcile.cycle import run_cycle
    from reconcile.fees.schedule import FEE_SCHEDULE, check_decision

    here = session()
    here.output.as_json = as_json
    store = here.workspace.store
    check_decision(subject, value)
    store.decisions.decide(FEE_SCHEDULE, subject, value, by=here.who, reason=reason)
    run_cycle(store, controls=["fee_differs"])
    here.output.facts({"decided": subject, **value})
    return 0
