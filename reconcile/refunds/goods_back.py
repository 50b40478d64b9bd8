"""The goods of one return: the authorization that they have or need in the ERP, and what of them is to be received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.mapping.skus import Resolution
from reconcile.refunds.cases import Case
from reconcile.refunds.dispositions import Placed, place_goods
from reconcile.refunds.documents import ErpDocument
from reconcile.refunds.returned import Return
from reconcile.refunds.terms import Terms

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop

__all__ = ["Arrival", "GoodsBack", "Units", "goods_back", "kept_back", "rma_identity"]

_STATUSES = {"requested", "approved", "in_transit", "received", "completed", "cancelled"}
#: Letters of a sales order of which something has left: a return can be made from it.
_SHIPPED = "DEFG"
_SOURCE_KINDS = {"CustInvc": "invoice", "CashSale": "cash_sale", "SalesOrd": "sales_order"}


@dataclass(frozen=True, slots=True)
class Units:
    """Units of one ERP item: to come back by the channel, come in by the channel, and received in the ERP."""

    item_id: str
    expected: Decimal
    came: Decimal
    received: Decimal

    @property
    def missing(self) -> Decimal:
        """Return what has come in and is not received."""
        return max(self.came - self.received, Decimal(0))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One receipt to be made: units of items that go to one place, on the shelf or not."""

    identity: str
    placed: Placed
    units: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """One return in the ERP. `rma` is the document where there is one; `source` what a new one is made from."""

    back: Return
    identity: str
    rma: ErpDocument | None
    #: (source kind, document) of an authorization that is to be made, None where there is one or none is needed.
    source: tuple[str, ErpDocument] | None
    units: tuple[Units, ...]
    arrivals: tuple[Arrival, ...]
    is_due: bool
    stop: Stop | None = None

    @property
    def needs_rma(self) -> bool:
        """Tell whether an authorization is to be made."""
        return self.is_due and self.rma is None

    @property
    def is_open(self) -> bool:
        """Tell whether anything is to be written for the goods."""
        return self.needs_rma or bool(self.arrivals)


def rma_identity(terms: Terms, case: Case, back: Return) -> str:
    """Return the external id of a return's authorization: `AMZ-RMA-113-…-D123RRMA`."""
    return f"{terms.prefix}-RMA-{case.order_id}-{back.key}"


def goods_back(
    evidence: Evidence, terms: Terms, case: Case, skus: Mapping[tuple[str, str], Resolution]
) -> list[GoodsBack]:
    """Return the returns of an order whose goods come back, oldest first, each with what is left to write."""
    returns = sorted((b for b in case.returns if b.brings_goods), key=lambda b: (b.requested_at, b.return_id))
    held = _authorized(terms, case, returns, skus)
    found: list[GoodsBack] = []
    for back in returns:
        found.append(_one(evidence, terms, case, back, held.get(back.return_id), skus, found))
    return found


def kept_back(terms: Terms, case: Case, found: Sequence[GoodsBack]) -> list[GoodsBack]:
    """Return the returns that bring nothing (kept by the buyer, taken back) although the ERP has authorized them."""
    taken = {g.rma.transaction_id for g in found if g.rma is not None}
    free = [d for d in case.documents.of("RtnAuth") if d.transaction_id not in taken]
    kept: list[GoodsBack] = []
    for back in sorted(case.returns, key=lambda b: (b.requested_at, b.return_id)):
        if back.brings_goods or back.status not in _STATUSES:
            continue
        identity = rma_identity(terms, case, back)
        named = (identity, back.rma) if back.rma else (identity,)
        rma = next((d for d in free if d.external_id in named or d.number in named[1:]), None)
        if rma is not None:
            free.remove(rma)
            kept.append(GoodsBack(back, identity, rma, None, (), (), is_due=False))
    return kept


def _one(
    evidence: Evidence,
    terms: Terms,
    case: Case,
    back: Return,
    rma: ErpDocument | None,
    skus: Mapping[tuple[str, str], Resolution],
    before: Sequence[GoodsBack],
) -> GoodsBack:
    identity = rma_identity(terms, case, back)
    stop = _said_stop(back) or _sku_stop(back, skus)
    if stop is not None:
        return GoodsBack(back, identity, rma, None, (), (), rma is None or back.received > 0, stop)
    units = _units(case, back, rma, skus)
    is_due = (
        back.received > 0
        or any(p.return_id == back.return_id for p in case.portions)
        or (terms.policy.rma_at == "approved" and back.status not in ("requested", "cancelled"))
    )
    source = None
    if rma is None and is_due:
        source = _source(case, units)
        stop = _source_stop(case, back, units, source, before)
    arrivals, problem = _arrivals(evidence, terms, case, back, units, skus)
    return GoodsBack(back, identity, rma, source, tuple(units), tuple(arrivals), is_due, stop or problem)


def _said_stop(back: Return) -> Stop | None:
    if back.status not in _STATUSES:
        return (
            f"return_status|{back.channel}|{back.vendor_status}",
            f"status {back.vendor_status} of returns of {back.channel} is not known",
            "Look at the return in the channel; the program must learn this status",
        )
    if back.units <= 0 or any(line.quantity <= 0 or line.received < 0 for line in back.lines):
        return (
            f"return_units|{back.channel}|{back.return_id}",
            f"return {back.return_id} names no units that come back",
            "Look at the return in the channel, and pull the returns again",
        )
    return None


def _sku_stop(back: Return, skus: Mapping[tuple[str, str], Resolution]) -> Stop | None:
    for line in back.lines:
        resolution = skus[back.channel, line.sku]
        if resolution.problem:
            return (resolution.cause_id, resolution.cause, f"Map {line.sku} to an item")
    return None


def _units(
    case: Case, back: Return, rma: ErpDocument | None, skus: Mapping[tuple[str, str], Resolution]
) -> list[Units]:
    expected: dict[str, list[Decimal]] = {}
    for line in back.lines:
        for part in skus[back.channel, line.sku].parts:
            sums = expected.setdefault(part.item_id, [Decimal(0), Decimal(0)])
            sums[0] += line.quantity * part.factor
            sums[1] += line.received * part.factor
    return [Units(i, want, came, _received(case, rma, i)) for i, (want, came) in expected.items()]


def _received(case: Case, rma: ErpDocument | None, item_id: str) -> Decimal:
    """Return what the ERP has received of an authorization: by its lines, or by its receipts where those show none."""
    if rma is None:
        return Decimal(0)
    lines = [x for x in rma.lines if x.item_id == item_id]
    if lines and all(x.moved is not None for x in lines):
        return sum((x.moved or Decimal(0) for x in lines), Decimal(0))
    receipts = [d for d in case.documents.of("ItemRcpt") if d.made_from == rma.transaction_id]
    return sum((d.units(item_id) for d in receipts), Decimal(0))


def _authorized(
    terms: Terms, case: Case, returns: Sequence[Return], skus: Mapping[tuple[str, str], Resolution]
) -> dict[str, ErpDocument]:
    """Return the authorization of each return: ours, one that names its number, else one that holds its goods."""
    free = case.documents.of("RtnAuth")
    found: dict[str, ErpDocument] = {}

    def take(back: Return, document: ErpDocument | None) -> None:
        if document is not None:
            found[back.return_id] = document
            free.remove(document)

    for back in returns:
        own = rma_identity(terms, case, back)
        take(back, next((d for d in free if d.external_id == own), None))
    ours = f"{terms.prefix}-RMA-"
    for back in returns:
        if back.return_id not in found and back.rma:
            named = (d for d in free if back.rma in (d.number, d.other_reference, d.external_id))
            take(back, next(named, None))
    for back in returns:
        if back.return_id not in found and all(skus[back.channel, x.sku].parts for x in back.lines):
            others = (d for d in free if not (d.external_id or "").startswith(ours))
            take(back, next((d for d in others if _holds(d, back, skus)), None))
    return found


def _holds(document: ErpDocument, back: Return, skus: Mapping[tuple[str, str], Resolution]) -> bool:
    wanted: dict[str, Decimal] = {}
    for line in back.lines:
        for item_id, units in skus[back.channel, line.sku].items(line.quantity).items():
            wanted[item_id] = wanted.get(item_id, Decimal(0)) + units
    return all(document.units(item_id) == units for item_id, units in wanted.items())


def _source(case: Case, units: Sequence[Units]) -> tuple[str, ErpDocument] | None:
    """Return the sale that a return is made from: a bill that holds its goods, else a sales order that has left."""
    orders = [d for d in case.documents.of("SalesOrd") if (d.status or "") in _SHIPPED]
    for document in (*case.documents.bills, *orders):
        if all(document.units(u.item_id) >= u.expected for u in units):
            return (_SOURCE_KINDS[document.kind], document)
    return None


def _source_stop(
    case: Case,
    back: Return,
    units: Sequence[Units],
    source: tuple[str, ErpDocument] | None,
    before: Sequence[GoodsBack],
) -> Stop | None:
    if source is None:
        return _no_source(case, back)
    for u in units:
        held = sum((d.units(u.item_id) for d in case.documents.of("RtnAuth")), Decimal(0))
        planned = sum(
            (x.expected for g in before if g.needs_rma for x in g.units if x.item_id == u.item_id), Decimal(0)
        )
        if held + planned + u.expected > source[1].units(u.item_id):
            return (
                f"over_returned|{case.channel}|{case.order_id}",
                f"more units of item {u.item_id} come back than {source[1].label} has left",
                f"Compare the returns of {case.order_id} with the authorizations of {source[1].label} in NetSuite",
            )
    return None


def _no_source(case: Case, back: Return) -> Stop:
    if case.documents.of("SalesOrd", "CustInvc", "CashSale"):
        return (
            f"return_item|{case.channel}|{case.order_id}",
            f"no sale of {case.order_id} that has left holds what return {back.return_id} brings back",
            "Ship and bill the order in NetSuite, or map the SKU to the item that was sold",
        )
    return (
        f"return_order|{case.channel}|{'old' if case.order is None else 'unbooked'}",
        f"goods of {case.channel} come back for orders that are not in NetSuite",
        "Book the order first; goods of an order older than the books come in by a stock adjustment: waive this then",
    )


def _arrivals(
    evidence: Evidence,
    terms: Terms,
    case: Case,
    back: Return,
    units: Sequence[Units],
    skus: Mapping[tuple[str, str], Resolution],
) -> tuple[list[Arrival], Stop | None]:
    """Return the receipts that are missing, one for each place, and the first disposition that nobody has placed."""
    missing = {u.item_id: u.missing for u in units if u.missing > 0}
    if not missing:
        return [], None
    groups: dict[tuple[bool, str | None], tuple[Placed, dict[str, Decimal]]] = {}
    for line in back.lines:
        if line.received <= 0:
            continue
        for item_id, count in skus[back.channel, line.sku].items(line.received).items():
            placed = place_goods(back, line, terms.routing, evidence.decisions("disposition"), item_id)
            if placed.problem is not None:
                cause_id = f"disposition|{back.channel}|{placed.name}"
                return [], (cause_id, placed.problem, f"Decide whether {placed.name} is restocked, and where")
            _, sums = groups.setdefault((placed.restock, placed.location_id), (placed, {}))
            sums[item_id] = sums.get(item_id, Decimal(0)) + count
    base = f"{terms.prefix}-RCPT-{case.order_id}-{back.key}-{back.received}"
    mixed = _mixed(case, base, units, [sums for _, sums in groups.values()])
    if mixed is not None:
        return [], mixed
    found = []
    for number, (placed, sums) in enumerate(groups.values(), 1):
        identity = base if len(groups) == 1 else f"{base}-{number}"
        if case.documents.named(identity) is not None:
            continue
        taken = {i: min(n, missing.get(i, Decimal(0))) for i, n in sums.items()}
        for item_id, count in taken.items():
            missing[item_id] = missing.get(item_id, Decimal(0)) - count
        lines = tuple((i, n) for i, n in sorted(taken.items()) if n > 0)
        if lines:
            found.append(Arrival(identity, placed, lines))
    return found, None


def _mixed(case: Case, base: str, units: Sequence[Units], groups: Sequence[Mapping[str, Decimal]]) -> Stop | None:
    """Return that an item came back in two conditions and one of them was received before: which, nobody can tell."""
    if any(case.documents.named(f"{base}-{n}") for n in range(1, len(groups) + 1)):
        return None
    for u in units:
        if u.received > 0 and sum(u.item_id in sums for sums in groups) > 1:
            return (
                f"return_mixed|{case.channel}|{case.order_id}",
                f"units of item {u.item_id} came back in two conditions, and some are received already",
                "Receive the rest by hand in NetSuite: nothing says which units came first",
            )
    return None
