"""Enough runs? Replications until one mean is known well enough, and how many more every other would take."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from sim import files
from sim.errors import ConfigError, Problem, near
from sim.language import current
from sim.metrics import METRICS, Metric
from sim.metrics.table import COLUMNS, frame
from sim.model.world import World
from sim.output import HIDDEN
from sim.play import Progress
from sim.stats.means import student
from sim.studies.findings import number, played
from sim.studies.planner import LEAST, half_for, needed, until
from sim.studies.replicate import replicate, summary

if TYPE_CHECKING:
    import pandas as pd

HEADLINE = ("arrived", "conversion_rate", "churn_rate_monthly", "retention_365d", "value_365d", "profit", "revenue", "cost", "clv", "cac")


@dataclass(frozen=True)
class Replicated:
    """Means over ``runs`` replications, and whether they were enough for the ``precision`` asked of one metric's mean (a share of the truth)."""

    world: World
    metrics: tuple[Metric, ...]
    runs: int
    metric: str
    precision: float
    most: int

    def needed(self, metric: Metric) -> float:
        """Return how many replications this precision takes, judged by those played; NaN without an interval, infinite for a mean of 0."""
        if isnan(metric.low) or metric.n < 2:
            return nan
        half = (metric.high - metric.low) / 2
        deviation = half * sqrt(metric.n) / student(0.975, metric.n - 1)
        if not deviation > 0:
            return 2
        return needed(deviation, half_for(metric.value, self.precision)) if metric.value else inf

    @property
    def chosen(self) -> Metric:
        """The metric that decides when there are enough."""
        return next(m for m in self.metrics if (m.metric, m.by) == (self.metric, "all"))

    def frame(self) -> "pd.DataFrame":
        """Return the means as a tidy table."""
        return frame(self.metrics)

    def write(self, folder: Path) -> None:
        """Write replications.csv: metrics as in metrics.csv, and how many runs each needs."""
        folder.mkdir(parents=True, exist_ok=True)
        hidden = HIDDEN if self.world.student else ()
        rows = ((*m[: len(COLUMNS)], self.needed(m)) for m in self.metrics if m.metric not in hidden)
        cells = ([None if isinstance(x, float) and not isfinite(x) else x for x in row] for row in rows)
        files.write_csv(folder / "replications.csv", (*COLUMNS, "runs_needed"), cells)

    def text(self) -> str:
        """Return the answer to "enough runs?" and the headline with what each number needs, at most 100 columns wide."""
        line = "{:<22} {:>16} {:>34} {:>12}".format
        say = current()
        head = line(say.text("precision.mean"), "", say.text("what_if.interval"), say.text("precision.needed"))
        chosen = [m for m in self.metrics if m.by == "all" and m.metric in HEADLINE]
        body = [line(m.metric, number(m.value, m.unit), _interval(m), _count(self.needed(m))) for m in chosen]
        about = say.text("precision.about", **played(self.world), share=self._share)
        return "\n".join([*textwrap.wrap(self.answer, 100), "", head, "-" * len(head), *body, "", *textwrap.wrap(about, 100)])

    @property
    def answer(self) -> str:
        """Whether there are enough runs, in a sentence."""
        say, more = current(), self.needed(self.chosen)
        asked = say.text("precision.asked", metric=self.metric, share=self._share)
        if more <= self.runs:
            return say.text("precision.enough", runs=self.runs, asked=asked)
        if isnan(more):
            why = say.note(self.chosen.note) if self.chosen.note else say.text("precision.few")
            return say.text("precision.unknown", metric=self.metric, runs=self.runs, why=why)
        if more == inf:
            return say.text("precision.zero", metric=self.metric, share=self._share)
        return say.text("precision.not_enough", runs=self.runs, asked=asked, more=say.count(more - self.runs))

    @property
    def _share(self) -> str:
        return current().exactly(100 * self.precision, 6)


def to_precision(world: World, metric: str = "profit", precision: float = 0.05, most: int = 100, progress: Progress | None = None) -> Replicated:
    """Return replications played until the mean of a metric is within a share ``precision`` of the truth: at least 10, at most ``most``.

    Raise ConfigError for a metric that is none, a precision outside (0, 1) or fewer than 2 runs.
    """
    problems = [Problem("study.metric", f"no such metric {metric!r}", near(metric, METRICS))] if metric not in METRICS else []
    if not 0 < precision < 1:
        problems.append(Problem("study.precision", f"given {precision!r}", "must be a share between 0 and 1"))
    if most < 2:
        problems.append(Problem("study.max", f"given {most!r}", "must be 2 replications or more"))
    if problems:
        raise ConfigError(problems)

    def seen(runs: Sequence[list[Metric]]) -> Replicated:
        return Replicated(world, tuple(summary(runs)), len(runs), metric, precision, most)

    def enough(runs: list[list[Metric]]) -> bool:
        found = seen([[m for m in run if (m.metric, m.by) == (metric, "all")] for run in runs])
        return found.needed(found.chosen) <= len(runs)

    return seen(until(lambda numbers: replicate(world, numbers, progress), enough, LEAST, most))


def _interval(metric: Metric) -> str:
    """Return the interval, or why there is none."""
    if isnan(metric.low):
        return current().note(metric.note)
    return current().range(number(metric.low, metric.unit), number(metric.high, metric.unit))


def _count(value: float) -> str:
    return "-" if isnan(value) else current().text("precision.never") if value == inf else current().count(value)
