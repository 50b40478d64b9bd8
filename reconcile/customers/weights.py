"""What agreement of a field says about two records being one person, in bits, and from which score on it decides."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from math import log2

from sync.ops.decisions import Decision

__all__ = ["FIELDS", "Scoring", "scoring_of", "scoring_problem"]

FIELDS = ("name", "email", "phone", "address")
#: Odds that two records that share a block are one person, in bits (measured on made-up files, tests/bench).
_PRIOR = -9.0
#: From here on a link is made without a person / is shown to one: bits after the prior.
_UPPER, _LOWER = 12.0, 2.0
#: Another candidate so close behind keeps the best one from being taken.
_MARGIN = 8.0


@cache
def _file() -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Read m (share among pairs that are one person) and u (among pairs that are two) of each level."""
    text = resources.files("data").joinpath("customer_weights.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    weights = {f"{r['field']}|{r['level']}": log2(float(r["m"]) / float(r["u"])) for r in rows}
    names = [r for r in rows if r["field"] == "name"]
    return weights, {r["level"]: float(r["m"]) for r in names}, {r["level"]: float(r["u"]) for r in names}


@dataclass(frozen=True, slots=True)
class Scoring:
    """Weights by "field|level" and the thresholds, all in bits.

    A name's weight counts how rare the name is: `name_u` is the least share of the file that a level's weight assumes.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: _file()[0])
    name_m: Mapping[str, float] = field(default_factory=lambda: _file()[1])
    name_u: Mapping[str, float] = field(default_factory=lambda: _file()[2])
    prior: float = _PRIOR
    upper: float = _UPPER
    lower: float = _LOWER
    margin: float = _MARGIN


def scoring_of(decisions: Mapping[str, Decision]) -> Scoring:
    """Return the scoring in force: the file's, with what decision kind `customer_matching` (subject `*`) says."""
    held = decisions.get("*")
    if held is None or scoring_problem(held.value):
        return Scoring()
    said = held.value
    usual = Scoring()
    return Scoring(
        weights={**usual.weights, **{str(k): float(v) for k, v in said.get("weights", {}).items()}},
        upper=float(said.get("upper", usual.upper)),
        lower=float(said.get("lower", usual.lower)),
        margin=float(said.get("margin", usual.margin)),
    )


def scoring_problem(value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision of kind `customer_matching`, None for nothing."""
    usual = Scoring()
    numbers = {name: value.get(name, getattr(usual, name)) for name in ("upper", "lower", "margin")}
    weights = value.get("weights", {})
    if not isinstance(weights, Mapping):
        return "weights is a table of field|level = bits"
    for name, said in {**numbers, **weights}.items():
        try:
            float(str(said))
        except ValueError:
            return f"{name} {said!r} is no number of bits"
    unknown = sorted(set(weights) - {k for k in usual.weights if not k.startswith("name|")})
    if unknown:
        return f"there is no level {', '.join(unknown)}; a name's weight follows from how rare it is"
    if float(str(numbers["lower"])) > float(str(numbers["upper"])):
        return "lower is above upper"
    if float(str(numbers["upper"])) < usual.upper:
        return f"upper is below {usual.upper:g}: links that nobody sees would be wrong too often"
    return None
