"""Looks before the end: at each one only customers whose window is over, and what a boundary makes of them."""

from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.stats.ratios import Totals
from sim.studies.ab import sequential
from sim.studies.ab.question import RATIO, SHARE, Outcome, Question
from sim.studies.ab.sample import Sample


class Look(NamedTuple):
    """One look: the day, how many outcomes were mature in both arms, the difference, its z, and whether the boundary stops the test.

    ``limit``: what |z| must reach; for always valid p values, alpha, which ``p`` must fall to.
    """

    number: int
    day: float
    n: int
    difference: float
    z: float
    p: float
    limit: float
    stops: bool


def matured(sample: Sample, outcome: Outcome) -> tuple[Array, Array]:
    """Return the customers who count, as indices in the order in which their outcomes became known, and the days."""
    who = np.flatnonzero(sample.counted(outcome))
    day = sample.origin[who] + outcome.days
    order = np.argsort(day, kind="stable")
    return who[order], day[order]


def edges(count: int, looks: int) -> Array:
    """Return how many outcomes are known at each of some looks that are equally far apart."""
    return np.unique(np.round(count * np.arange(1, looks + 1) / looks).astype(int))


def look(sample: Sample, question: Question, outcome: Outcome, arm: int) -> tuple[Look, ...]:
    """Return every look at one arm against control, at equal parts of the outcomes of the whole test."""
    who, day = matured(sample, outcome)
    keep = np.isin(sample.arm[who], (0, arm))
    who, day = who[keep], day[keep]
    ends = edges(len(who), question.looks)
    ends = ends[ends > 1]
    if not len(ends):
        return ()
    difference, variance = (np.array(x) for x in zip(*(_difference(sample, outcome, who[:end], arm) for end in ends), strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, difference / np.sqrt(variance), 0.0)
    p, limit, stops = _judged(question, z, difference, variance, ends / ends[-1], _scale(sample, question, outcome, who))
    rows = zip(ends, difference, z, p, limit, stops, strict=True)
    return tuple(
        Look(k, float(day[end - 1]), int(end), float(d), float(score), float(q), float(x), bool(at)) for k, (end, d, score, q, x, at) in enumerate(rows, 1)
    )


def _judged(question: Question, z: Array, difference: Array, variance: Array, fraction: Array, scale: float) -> tuple[Array, Array, Array]:
    from scipy.special import ndtr

    if question.boundary == "always_valid":
        p = sequential.always_valid(difference, variance, scale)
        return p, np.full(len(z), question.alpha), p <= question.alpha
    known = question.boundary != "none"
    limit = sequential.spent(question.boundary, fraction, question.alpha) if known else sequential.naive(len(z), question.alpha)
    return 2 * ndtr(-np.abs(z)), limit, np.abs(z) >= limit


def _scale(sample: Sample, question: Question, outcome: Outcome, who: Array) -> float:
    """Return the size of the differences looked for: `study.lift` of the overall level, which no arm's name moves."""
    above, below = _of(sample, outcome, who)
    level = abs(float(above.sum() / below.sum())) if below.sum() else 0.0
    return max(abs(question.lift) * level, 1e-12)


def _difference(sample: Sample, outcome: Outcome, who: Array, arm: int) -> tuple[float, float]:
    """Return arm minus control and its variance when there is no difference: pooled for shares, else each arm's own."""
    above, below = _of(sample, outcome, who)
    control, treated = (Totals(above[sample.arm[who] == k], below[sample.arm[who] == k]) for k in (0, arm))
    sizes = len(control.above), len(treated.above)
    if min(sizes) < 2 or not min(control.whole, treated.whole) > 0:
        return 0.0, float("inf")
    if outcome.kind == SHARE:
        share = (control.above.sum() + treated.above.sum()) / sum(sizes)
        return treated.ratio - control.ratio, float(share * (1 - share) * (1 / sizes[0] + 1 / sizes[1]))
    return treated.ratio - control.ratio, control.variance() + treated.variance()


def _of(sample: Sample, outcome: Outcome, who: Array) -> tuple[Array, Array]:
    below = sample.amounts[outcome.days, outcome.below][who] if outcome.kind == RATIO else np.ones(len(who))
    return sample.amounts[outcome.days, outcome.above][who], below
