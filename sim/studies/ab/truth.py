"""What the analyst can't see: everybody in one arm against everybody in control, and how far tests fall from it.

Total effect = mean of the outcome when the whole population is in the arm, minus when it is in control: same eligible and
exposed customers, same days, same window. Bias by interference = mean over replications of the test's estimate minus the
total effect; customers who share desks or budgets with the other arm make it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.log import Array, Log
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import t_interval
from sim.stats.proportions import wilson
from sim.stats.ratios import Totals
from sim.studies.ab.analysis import Finding, analyse
from sim.studies.ab.question import Outcome, Question
from sim.studies.ab.sample import Sample, observe
from sim.studies.replicate import over


class Truth(NamedTuple):
    """One metric in one arm: the total effect, the tests' estimates beside it, and what both come to over replications."""

    metric: str
    arm: str
    control: float
    effect: float
    low: float
    high: float
    estimate: float
    bias: float
    bias_low: float
    bias_high: float
    covered: int
    rejected: int
    replications: int

    @property
    def covers(self) -> tuple[float, float]:
        """Wilson's interval for the share of tests whose interval holds the total effect."""
        return wilson(self.covered / self.replications, self.replications) if self.replications else (float("nan"), float("nan"))

    @property
    def is_biased(self) -> bool:
        """Whether the interval of the bias leaves 0 out."""
        return self.bias_low > 0 or self.bias_high < 0


class Replication(NamedTuple):
    """One replication: the test's findings, and by finding the level under control and the total effect."""

    findings: tuple[Finding, ...]
    level: tuple[float, ...]
    effect: tuple[float, ...]


def everybody_in(world: World, arm: str) -> World:
    """Return the world in which all customers are in one arm, so that nothing else differs: not even what personas set."""
    assert world.ab_test is not None
    arms = {name: part.model_copy(update={"share": float(name == arm)}) for name, part in world.ab_test.arms.items()}
    return world.model_copy(update={"ab_test": world.ab_test.model_copy(update={"arms": arms})})


def total_effect(worlds: Sequence[Sample], outcome: Outcome, arm: int) -> tuple[float, float]:
    """Return the level when all are in control, and what it gains when all are in the arm; of customers who count in both worlds."""
    control, treated = worlds[0], worlds[arm]
    both = np.intersect1d(control.identity[control.counted(outcome)], treated.identity[treated.counted(outcome)])
    before, after = (_ratio(sample, outcome, both) for sample in (control, treated))
    return before, after - before


def replicate(world: World, question: Question, numbers: Iterable[int], progress: Progress | None = None) -> list[Replication]:
    """Return the test and its truth in each replication."""
    arms = question.arms(world)

    def task(own: World, number: int) -> Replication:
        found = analyse(observe(_log(own, number), question, arms), question.outcomes, question.alpha)
        worlds = [observe(_log(everybody_in(own, arm), number), question, arms) for arm in arms]
        pairs = [total_effect(worlds, outcome, arm) for outcome in question.outcomes for arm in range(1, len(arms))]
        return Replication(found, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))

    return over(task, world, numbers, progress)


def summary(runs: Sequence[Replication], alpha: float = 0.05) -> tuple[Truth, ...]:
    """Return the truth of every finding over all replications."""
    return tuple(_truth(runs, k, alpha) for k in range(len(runs[0].findings)))


def _truth(runs: Sequence[Replication], k: int, alpha: float) -> Truth:
    effects, levels = np.array([run.effect[k] for run in runs]), np.array([run.level[k] for run in runs])
    tests = [run.findings[k].plain for run in runs]
    estimates = np.array([test.difference for test in tests])
    known = np.isfinite(effects) & np.isfinite([test.low for test in tests])  # a test without an interval says nothing
    effect, low, high = t_interval(effects[known], 1 - alpha)
    bias, bias_low, bias_high = t_interval((estimates - effects)[known], 1 - alpha)
    covered = sum(test.low <= effect <= test.high for test in tests)
    rejected = sum(test.p < alpha for test in tests)
    first, estimate, level = runs[0].findings[k], t_interval(estimates[known])[0], t_interval(levels[known])[0]
    return Truth(first.metric, first.arm, level, effect, low, high, estimate, bias, bias_low, bias_high, covered, rejected, int(known.sum()))


def _log(world: World, number: int) -> Log:
    return play(world, clock="compiled", replication=number)


def _ratio(sample: Sample, outcome: Outcome, identity: Array) -> float:
    who = np.isin(sample.identity, identity)
    above, below = sample.kept(who).values(outcome)
    return Totals(above, below).ratio
