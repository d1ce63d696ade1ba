"""Credit beside truth: tables from the replications of the attribution study."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.metrics.attribution.models import Credit
from sim.stats.means import ratio_pseudo_values, t_interval, t_intervals
from sim.studies.counterfactual import Run, Totals

NOBODY = "(none)"  # conversions that a model gives to no channel
FREE = "costs nothing an exposure, a touch or an order"
SAME_COST = "its cost did not change"
SHORT = "nobody followed for 365 days"
PER_EURO = ("average_contribution_per_euro", "marginal_contribution_per_euro")
AGAINST = ("conversions_caused", *PER_EURO)


class Seen(NamedTuple):
    """Who was exposed before converting: journeys and conversions in all and, by channel, of the exposed."""

    journeys: float
    converted: float
    exposed: Array
    exposed_converted: Array


class Replication(NamedTuple):
    """What one replication says: every model's credit, who was exposed, and the truth."""

    credits: Mapping[str, Credit]
    seen: Seen
    run: Run


class Truth(NamedTuple):
    """One quantity of a channel, a replication's mean with its 95 % interval; ``note`` says why there is none, or how it was found."""

    channel: str
    quantity: str
    value: float
    low: float
    high: float
    unit: str
    note: str = ""


class Credited(NamedTuple):
    """What a model gives a channel, a replication's mean: conversions, their share, their contribution, and that per euro of its cost.

    ``bias``: conversions given less conversions caused (the holdout's truth), with its 95 % interval.
    """

    model: str
    channel: str
    conversions: float
    share: float
    contribution: float
    per_euro: float
    bias: float = nan
    low: float = nan
    high: float = nan


class Rank(NamedTuple):
    """How a model orders the channels beside a truth: pairs in the wrong order of all pairs, and Kendall's tau."""

    model: str
    against: str
    channels: int
    pairs: int
    inversions: int
    tau: float


def effect(run: Run, channel: str, column: str, code: int | None = None) -> float:
    """Return what the channel does to a column per arrival: the holdout's difference in means, less what the split does where both halves are alike.

    The randomised holdout compares two halves of one world. The twins of both halves differ by chance alone, by as much as is
    known from the world without a holdout: taking that off leaves the expectation as it is and takes most of the noise.
    """
    per = "followed" if column in ("value", "paid_365d") else "arrived"

    def mean(sums: Totals) -> Array:
        values, count = getattr(sums, column), getattr(sums, per)
        with np.errstate(invalid="ignore"):
            return np.asarray((values if code is None else values[:, code]) / count)

    rest, held_out = mean(run.held[channel]) - mean(run.base)
    return float(rest - held_out)


def truth(runs: Sequence[Replication], channels: Sequence[str], currency: str, by_budget: Mapping[str, float]) -> list[Truth]:
    """Return what each channel costs and causes, by holdout and at the margin, and its lift, naive and true."""
    return [row for code, name in enumerate(channels[1:], 1) for row in _truth(runs, name, code, currency, _how(by_budget.get(name)))]


def _how(binds: float | None) -> str:
    return "" if binds is None else f"its budget was thinned: it binds in {100 * binds:.0f} % of its periods"


def _truth(runs: Sequence[Replication], name: str, code: int, currency: str, how: str) -> Iterable[Truth]:
    found = [r.run for r in runs]
    whole = [run.base.all() for run in found]
    arrived = np.array([base.arrived for base in whole])
    conversions, contribution = (np.array([effect(run, name, column) for run in found]) * arrived for column in ("converted", "contribution"))
    yield Truth(name, "exposures", *t_interval(np.array([base.exposures[code] for base in whole])), "count")
    yield Truth(name, "cost", *t_interval(np.array([base.paid[code] for base in whole])), currency)
    yield Truth(name, "conversions_caused", *t_interval(conversions), "count")
    yield Truth(name, "contribution_caused", *t_interval(contribution), currency)
    has_cost = any(base.paid[code] > 0 for base in whole)
    for money, paid in (("value", "paid_365d"), ("contribution", "paid")):
        note = SHORT if money == "value" and not any(base.followed for base in whole) else ""
        title = "value_365d" if money == "value" else money
        average = [(effect(run, name, money), effect(run, name, paid, code)) for run in found]
        yield _ratio((name, f"average_{title}_per_euro"), np.array(average), note, has_cost=has_cost)
        saved = [
            (getattr(b, money) - getattr(run.thinned[name], money), getattr(b, paid)[code] - getattr(run.thinned[name], paid)[code])
            for b, run in zip(whole, found, strict=True)
        ]
        yield _ratio((name, f"marginal_{title}_per_euro"), np.array(saved), note or how, has_cost=has_cost)
    yield from _lifts(runs, name, code, conversions)


def _ratio(name: tuple[str, str], rows: Array, note: str, *, has_cost: bool) -> Truth:
    (channel, quantity), (above, below) = name, rows.T
    if not np.nansum(np.abs(below)) > 1e-9:
        return Truth(channel, quantity, nan, nan, nan, "ratio", note if note == SHORT else SAME_COST if has_cost else FREE)
    value, low, high = (float(x[0]) for x in t_intervals(ratio_pseudo_values(above[None], below[None])))
    return Truth(channel, quantity, value, low, high, "ratio", note)


def _lifts(runs: Sequence[Replication], name: str, code: int, caused: Array) -> Iterable[Truth]:
    """Yield the lift of the exposed over the unexposed, and the true one: over the exposed themselves without the channel."""
    exposed, won = (np.array([getattr(r.seen, column)[code] for r in runs]) for column in ("exposed", "exposed_converted"))
    journeys, all_won = (np.array([getattr(r.seen, column) for r in runs]) for column in ("journeys", "converted"))
    with np.errstate(divide="ignore", invalid="ignore"):
        naive = (won / exposed) / ((all_won - won) / (journeys - exposed)) - 1
        true = won / (won - caused) - 1
    yield Truth(name, "exposed", *t_interval(exposed / np.maximum(journeys, 1)), "share")
    for quantity, values in (("naive_lift", naive), ("true_lift", true)):
        known = bool(np.isfinite(values).all())
        yield Truth(name, quantity, *(t_interval(values) if known else (nan, nan, nan)), "share", "" if known else "nobody to compare with")


def credited(runs: Sequence[Replication], channels: Sequence[str]) -> list[Credited]:
    """Return what every model gives every channel, and nobody, beside what they caused."""
    rows = []
    for model in runs[0].credits:
        credit = [r.credits[model] for r in runs]
        total = np.array([c.conversions.sum() + c.unattributed for c in credit])
        for code, name in enumerate(channels):
            given, money = (np.array([getattr(c, column)[code] for c in credit]) for column in ("conversions", "value"))
            paid = sum(float(r.run.base.paid[:, code].sum()) for r in runs)
            per_euro = money.sum() / paid if paid > 0 else nan
            caused = np.zeros(len(runs)) if code == 0 else [effect(r.run, name, "converted") * r.run.base.arrived.sum() for r in runs]
            rows.append(Credited(model, name, given.mean(), _share(given, total), money.mean(), per_euro, *t_interval(given - np.asarray(caused))))
        nobody, worth = np.array([(c.unattributed, c.unattributed_value) for c in credit]).T
        rows.append(Credited(model, NOBODY, nobody.mean(), _share(nobody, total), worth.mean(), nan))
    return rows


def _share(part: Array, whole: Array) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() > 0 else nan


def ranks(rows: Sequence[Credited], truths: Sequence[Truth]) -> list[Rank]:
    """Return how every model orders the channels: conversions, and contribution per euro where channels cost something."""
    known = {(t.channel, t.quantity): t.value for t in truths}
    out = []
    for model in dict.fromkeys(row.model for row in rows):
        for against in AGAINST:
            column = "conversions" if against == AGAINST[0] else "per_euro"
            both = [(getattr(row, column), known.get((row.channel, against), nan)) for row in rows if row.model == model]
            out.append(_rank(model, against, [pair for pair in both if not any(map(isnan, pair))]))
    return out


def _rank(model: str, against: str, both: list[tuple[float, float]]) -> Rank:
    from scipy.stats import kendalltau

    pairs = list(combinations(both, 2))
    wrong = int(sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in pairs))
    tau = float(kendalltau(*zip(*both, strict=True)).statistic) if len(both) > 1 else nan
    return Rank(model, against, len(both), len(pairs), wrong, tau)
