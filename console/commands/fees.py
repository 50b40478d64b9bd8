"""Fee schedules: the rates in force, and what people decide of categories, rates and SKUs."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import Json
from console.session import session

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
