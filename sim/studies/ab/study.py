"""The A/B test study: what an analyst would conclude from the observed log, and beside it what is true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from sim import files
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.proportions import wilson
from sim.studies.ab.analysis import Finding, Split, analyse, splits
from sim.studies.ab.lessons import AA, Peek, aa, peeking
from sim.studies.ab.looks import Look, look
from sim.studies.ab.power import Plan, plan, power_at
from sim.studies.ab.question import Question
from sim.studies.ab.reach import refuse_early
from sim.studies.ab.sample import observe
from sim.studies.ab.truth import Truth, replicate, summary

_FINDING = ("metric", "arm", "n_control", "n_arm", "control", "arm_value", "method", "difference", "low", "high", "p", "p_holm", "variance_kept", "note")


@dataclass(frozen=True)
class Test:
    """A test analysed, planned and set beside the truth (empty for students); ``looks`` holds every look at the first metric, by arm."""

    __test__ = False  # not a class of tests
    question: Question
    name: str
    exposed: int
    splits: tuple[Split, ...]
    findings: tuple[Finding, ...]
    looks: dict[str, tuple[Look, ...]]
    plans: tuple[Plan, ...]
    truths: tuple[Truth, ...]

    def write(self, folder: Path) -> None:
        """Write findings.csv, splits.csv, looks.csv, power.csv, and truth.csv where the truth is told."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "findings.csv", _FINDING, (row for finding in self.findings for row in _finding_rows(finding)))
        files.write_csv(folder / "splits.csv", ("of", "customers", "p", "alarm"), ((s.of, " ".join(map(str, s.counts)), s.p, s.alarms) for s in self.splits))
        _write(folder / "looks.csv", ("arm", *Look._fields), ((arm, *one) for arm, looks in self.looks.items() for one in looks))
        _write(folder / "power.csv", Plan._fields, self.plans)
        if self.truths:
            _write(folder / "truth.csv", Truth._fields, self.truths)

    def text(self) -> str:
        """Return the test as text of at most 100 columns."""
        from sim.studies.ab.words import test

        return test(self)


@dataclass(frozen=True)
class Falses:
    """A/A tests of every metric."""

    question: Question
    name: str
    metrics: tuple[AA, ...]

    def write(self, folder: Path) -> None:
        """Write aa.csv: every p value."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "aa.csv", ("metric", "split", "p"), ((one.metric, k, float(p)) for one in self.metrics for k, p in enumerate(one.p)))

    def text(self) -> str:
        """Return the A/A tests as text of at most 100 columns."""
        from sim.studies.ab.words import falses

        return falses(self)


@dataclass(frozen=True)
class Peeking:
    """False alarms by look, of every rule."""

    question: Question
    name: str
    peeks: tuple[Peek, ...]

    def write(self, folder: Path) -> None:
        """Write peeking.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "peeking.csv", Peek._fields, self.peeks)

    def text(self) -> str:
        """Return the false alarms as text of at most 100 columns."""
        from sim.studies.ab.words import peeks

        return peeks(self)


@dataclass(frozen=True)
class Power:
    """Power by formula beside power by simulation, at the total effect."""

    question: Question
    name: str
    plans: tuple[Plan, ...]
    truths: tuple[Truth, ...]
    by_formula: tuple[float, ...]

    def simulated(self, k: int) -> tuple[float, float, float]:
        """Return the share of tests that found a difference, with Wilson's interval."""
        truth = self.truths[k]
        share = truth.rejected / truth.replications if truth.replications else nan
        return (share, *wilson(share, truth.replications))

    def write(self, folder: Path) -> None:
        """Write power.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        header = (*Plan._fields, "total_effect", "power_at_total_effect", "simulated", "simulated_low", "simulated_high", "replications")
        rows = ((*p, t.effect, f, *self.simulated(k), t.replications) for k, (p, t, f) in enumerate(zip(self.plans, self.truths, self.by_formula, strict=True)))
        _write(folder / "power.csv", header, rows)

    def text(self) -> str:
        """Return the powers as text of at most 100 columns."""
        from sim.studies.ab.words import power

        return power(self)


Result = Test | Falses | Peeking | Power


def ab_test(world: World, question: Question, progress: Progress | None = None) -> Result:
    """Return what the study was asked for (`Question.mode`); raise ConfigError where an arm acts before the exposure."""
    name = world.ab_test.name if world.ab_test else ""
    question.arms(world)
    refuse_early(world, question.stage)
    if question.mode == "aa":
        return Falses(question, name, aa(world, question, progress))
    if question.mode == "peeking":
        return Peeking(question, name, peeking(world, question, progress))
    return _power(world, question, name, progress) if question.mode == "power" else _test(world, question, name, progress)


def _test(world: World, question: Question, name: str, progress: Progress | None) -> Test:
    arms = question.arms(world)
    assert world.ab_test is not None
    sample = observe(play(world), question, arms)
    pairs = [(outcome, arm) for outcome in question.outcomes for arm in range(1, len(arms))]
    looks = {arms[k]: look(sample, question, question.outcomes[0], k) for k in range(1, len(arms))} if question.boundary != "none" else {}
    return Test(
        question,
        name,
        int(np.isfinite(sample.origin).sum()),
        splits(sample, [world.ab_test.arms[arm].share for arm in arms]),
        analyse(sample, question.outcomes, question.alpha),
        looks,
        tuple(plan(sample, question, outcome, arm) for outcome, arm in pairs),
        () if world.student else summary(replicate(world, question, range(question.replications), progress), question.alpha),
    )


def _power(world: World, question: Question, name: str, progress: Progress | None) -> Power:
    arms = question.arms(world)
    sample = observe(play(world), question, arms)
    pairs = [(outcome, arm) for outcome in question.outcomes for arm in range(1, len(arms))]
    plans = tuple(plan(sample, question, outcome, arm) for outcome, arm in pairs)
    truths = summary(replicate(world, question, range(question.replications), progress), question.alpha)
    chances = [power_at(sample, question, outcome, arm)(truth.effect, one.n) for (outcome, arm), truth, one in zip(pairs, truths, plans, strict=True)]
    return Power(question, name, plans, truths, tuple(chances))


def _finding_rows(finding: Finding) -> Iterable[Sequence[Any]]:
    head = (finding.metric, finding.arm, finding.n_control, finding.n_arm, finding.control, finding.treated)
    for method, estimate, p_holm, kept in (("plain", finding.plain, finding.p_holm, 1.0), ("cuped", finding.cuped, nan, finding.kept)):
        if method == "plain" or not isnan(estimate.difference):
            yield _blank((*head, method, *estimate, p_holm, kept, finding.note))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    files.write_csv(path, header, (_blank(row) for row in rows))


def _blank(row: Sequence[Any]) -> list[Any]:
    return [None if isinstance(value, float) and isnan(value) else value for value in row]
