"""Fee schedules: the rates in force, and what people decide of categories, rates and SKUs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from cyclopts import App, Parameter

from console.commands import fee_changes
from console.commands.fee_files import decide_fees, dimension_values, table_values
from console.commands.options import Json
from console.session import Session, session

__all__ = ["register"]

From = Annotated[str, Parameter(name="--from", help="First day, YYYY-MM-DD; default: always.")]
Until = Annotated[str, Parameter(name="--until", help="Last day, YYYY-MM-DD; default: for ever.")]
Channel = Annotated[str, Parameter(help="Such as amazon.US.")]


def register(app: App) -> None:
    """Add the commands."""
    group = App(
        name="fees",
        help="Fee schedules, categories and sizes of SKUs: what charged fees are held against; fees that rose.",
    )
    group.command(list_rates, name="list")
    group.command(category)
    group.command(product_type, name="product-type")
    group.command(rate)
    group.command(per_unit, name="per-unit")
    group.command(import_dimensions, name="import-dimensions")
    group.command(import_table, name="import-table")
    fee_changes.register_in(group)
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
    here = session()
    values = dimension_values(here.path(file), channel=channel)
    return _decide_all(here, values, file, as_json=json)


def import_table(
    file: str,
    *,
    channel: Channel,
    name: Annotated[str, Parameter(help="What the table is called; importing it again replaces it.")] = "fulfilment",
    json: Json = False,
) -> int:
    """Take a channel's fulfilment fees by size tier and weight from a CSV; on its days it stands above what ships.

    Args:
        file: Columns size_tier, longest_up_to, median_up_to, shortest_up_to, girth_up_to, length_unit, weight_above,
            weight_up_to, weight_unit, dimensional_divisor, amount, step, per_step, valid_from, valid_to, source,
            packing_weight, dimensional_from, least_side, price_from, price_below, surcharge_percent; the first row
            in order that a package fits decides.
    """
    here = session()
    values = table_values(here.path(file), channel=channel, name=name)
    return _decide_all(here, values, file, as_json=json)


def _decide_all(here: Session, values: Mapping[str, dict[str, object]], file: str, *, as_json: bool) -> int:
    here.output.as_json = as_json
    fresh = decide_fees(here.workspace.store, values, who=here.who, reason=f"from {file}")
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
    here = session()
    here.output.as_json = as_json
    decide_fees(here.workspace.store, {subject: value}, who=here.who, reason=reason)
    here.output.facts({"decided": subject, **value})
    return 0
