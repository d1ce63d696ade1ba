"""Tests in which nothing differs: how many false alarms the machinery raises, and how many peeking makes.

One world is played in which no arm sets anything, and its customers are split again and again under other test names.
As the arms do nothing, each split is exactly the log that the world would have left under that name.
"""

from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.proportions import wilson
from sim.studies.ab import sequential
from sim.studies.ab.analysis import SRM_ALARM
from sim.studies.ab.assignment import split
from sim.studies.ab.looks import edges, matured
from sim.studies.ab.question import SHARE, Outcome, Question
from sim.studies.ab.sample import Sample, observe

RULES = ("naive", "pocock", "obrien_fleming", "always_valid")
DOUBT = 1e-6  # of a band that a right tool leaves


class Scores(NamedTuple):
    """Arm minus control and its variance when there is no difference, (splits, looks), and the p values of the splits' sizes."""

    difference: Array
    variance: Array
    srm: Array

    @property
    def z(self) -> Array:
        """The difference in standard errors, 0 where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.variance > 0, self.difference / np.sqrt(self.variance), 0.0)


class AA(NamedTuple):
    """A/A tests of one metric: p values, and whether they are as uniform, and rejections as many, as they should be."""

    metric: str
    p: Array
    alpha: float
    srm_alarms: int

    @property
    def rejected(self) -> int:
        """How many tests found what is not there."""
        return int(np.count_nonzero(self.p < self.alpha))

    @property
    def band(self) -> tuple[int, int]:
        """How many may, but for one case in a million (exact binomial)."""
        from scipy.stats import binom

        return int(binom.ppf(DOUBT / 2, len(self.p), self.alpha)), int(binom.isf(DOUBT / 2, len(self.p), self.alpha))

    @property
    def distance(self) -> float:
        """Largest distance of the p values from uniform, sup |F_n(p) - p| (Kolmogorov)."""
        from scipy.stats import kstest

        return float(kstest(self.p, "uniform").statistic)

    @property
    def allowed(self) -> float:
        """The distance that a right tool exceeds in one case in a million: √(ln(2/10⁻⁶) / 2n), Massart (1990)."""
        return float(np.sqrt(np.log(2 / DOUBT) / (2 * len(self.p))))


class Peek(NamedTuple):
    """False alarms of one rule by a look: ``simulated`` of ``splits`` tests, with Wilson's interval, beside the exact chance (NaN: none known)."""

    rule: str
    look: int
    exact: float
    simulated: float
    low: float
    high: float
    splits: int


def untreated(world: World) -> World:
    """Return the world in which no arm sets anything."""
    assert world.ab_test is not None
    arms = {name: part.model_copy(update={"set": {}}) for name, part in world.ab_test.arms.items()}
    return world.model_copy(update={"ab_test": world.ab_test.model_copy(update={"arms": arms})})


def aa(world: World, question: Question, progress: Progress | None = None) -> tuple[AA, ...]:
    """Return the A/A tests of each metric, the first arm that is not control against control."""
    from scipy.special import ndtr

    sample, shares = _sample(world, question)
    out = []
    for outcome in question.outcomes:
        scores = resplit(sample, question, outcome, shares, world, 1, progress)
        out.append(AA(outcome.name, 2 * ndtr(-np.abs(scores.z[:, -1])), question.alpha, int(np.count_nonzero(scores.srm < SRM_ALARM))))
    return tuple(out)


def peeking(world: World, question: Question, progress: Progress | None = None) -> tuple[Peek, ...]:
    """Return the false alarms by look of every rule, of the first metric."""
    sample, shares = _sample(world, question)
    outcome = question.outcomes[0]
    scores = resplit(sample, question, outcome, shares, world, question.looks, progress)
    above, below = sample.values(outcome)
    scale = abs(question.lift) * abs(float(above.sum() / max(below.sum(), 1.0)))
    return tuple(peek for rule in RULES for peek in alarms(rule, scores, question.alpha, scale))


def alarms(rule: str, scores: Scores, alpha: float, scale: float) -> list[Peek]:
    """Return the share of tests that a rule stopped at some look up to each look."""
    looks = scores.z.shape[1]
    if rule == "always_valid":
        stopped = sequential.always_valid(scores.difference, scores.variance, max(scale, 1e-12)) <= alpha
        exact = np.full(looks, np.nan)
    else:
        limit = {"naive": sequential.naive, "pocock": sequential.pocock, "obrien_fleming": sequential.obrien_fleming}[rule](looks, alpha)
        stopped = np.logical_or.accumulate(np.abs(scores.z) >= limit, axis=1)
        exact = sequential.crossings(limit)
    found, splits = stopped.mean(axis=0), len(stopped)
    return [Peek(rule, k + 1, float(exact[k]), float(found[k]), *wilson(float(found[k]), splits), splits) for k in range(looks)]


def resplit(
    sample: Sample, question: Question, outcome: Outcome, shares: tuple[float, ...], world: World, looks: int, progress: Progress | None = None
) -> Scores:
    """Return the scores of the same customers split again, ``question.splits`` times, at equal parts of their outcomes."""
    from scipy.stats import chisquare

    who, _ = matured(sample, outcome)
    ends = edges(len(who), looks)
    moments = _moments(sample, outcome, who)
    name = world.ab_test.name if world.ab_test else ""
    shape = (question.splits, len(ends))
    difference, variance, counts = np.zeros(shape), np.full(shape, np.inf), np.zeros((question.splits, len(shares)))
    for k in range(question.splits):
        arm = split(sample.identity[who], shares, world.seed, 0, f"{name}, split {k}")
        sides = [np.add.reduceat(moments * (arm == side)[:, None], np.append(0, ends[:-1])).cumsum(axis=0) for side in (0, 1)]
        difference[k], variance[k] = _compared(outcome, *sides)
        counts[k] = np.bincount(arm, minlength=len(shares))
        if progress is not None:
            progress(1 / question.splits)
    planned = np.array(shares) * len(who)
    return Scores(difference, variance, np.asarray(chisquare(counts, planned[None, :], axis=1).pvalue))


def _sample(world: World, question: Question) -> tuple[Sample, tuple[float, ...]]:
    arms = question.arms(world)
    assert world.ab_test is not None
    shares = tuple(world.ab_test.arms[name].share for name in arms)
    return observe(play(untreated(world), clock="compiled"), question, arms), shares


def _moments(sample: Sample, outcome: Outcome, who: Array) -> Array:
    x = sample.amounts[outcome.days, outcome.above][who]
    y = sample.amounts[outcome.days, outcome.below][who] if outcome.below else np.ones(len(who))
    return np.column_stack([np.ones(len(who)), x, y, x * x, x * y, y * y])


def _compared(outcome: Outcome, control: Array, treated: Array) -> tuple[Array, Array]:
    """Return the difference of the ratios of totals and its variance; both arms need two customers and something below the line."""
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = treated[:, 1] / treated[:, 2] - control[:, 1] / control[:, 2]
        if outcome.kind == SHARE:
            share = (control[:, 1] + treated[:, 1]) / (control[:, 0] + treated[:, 0])
            variance = share * (1 - share) * (1 / control[:, 0] + 1 / treated[:, 0])
        else:
            variance = _variance(control) + _variance(treated)
    known = np.isfinite(difference) & np.isfinite(variance) & (np.minimum(control[:, 0], treated[:, 0]) >= 2)
    return np.where(known, difference, 0.0), np.where(known, variance, np.inf)


def _variance(side: Array) -> Array:
    """Return Σ (x - r y)² / (Σ y)² from the moments n, Σx, Σy, Σx², Σxy, Σy²."""
    ratio = side[:, 1] / side[:, 2]
    return np.asarray((side[:, 3] - 2 * ratio * side[:, 4] + ratio**2 * side[:, 5]) / side[:, 2] ** 2)
