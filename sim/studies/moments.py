"""Moments of truth: where a slightly better experience causes more value, and how much more.

One moment is a cell, a channel in a stage.  The mean experience of its engaged touches is raised by 0.1 in a world that is otherwise the
same, with the same customers' luck.  The best of many cells would look good by luck alone (of 55 cells that do nothing, the best one's usual
interval leaves out zero in 63 % of trials), so cells are chosen on one half of the replications and their effects estimated on the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.metrics.first_year import first_year
from sim.metrics.journey import facts
from sim.metrics.table import TOO_SHORT
from sim.metrics.value import value_365d
from sim.model import check
from sim.model.profiles import assign
from sim.model.world import World, by_stage
from sim.play import Progress, play
from sim.stats.means import jackknife, t_interval
from sim.studies.replicate import over

ADDED = 0.1  # to the mean experience of the engaged touches of one cell
TOUCHES = 100  # a replication, that a cell must have
LEVEL = 0.95  # of all intervals of the chosen cells together
LEAST = 10  # replications in each half
Key = tuple[str, str]


class Moment(NamedTuple):
    """What 0.1 more satisfaction at every engaged touch of a cell causes: money of the first year per arrival, and per 1,000 touches.

    The limits hold for all chosen cells together (Bonferroni), from replications that had no part in the choice.
    """

    stage: str
    channel: str
    touches: float  # a replication
    effect: float
    low: float
    high: float
    per_thousand: float
    per_thousand_low: float
    per_thousand_high: float
    runs: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return isfinite(self.low) and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Moments:
    """The chosen cells by their effect per arrival, the largest first, and how many cells were tried; ``reason`` says why there is none."""

    chosen: tuple[Moment, ...]
    tried: int
    currency: str
    reason: str = ""

    @property
    def found(self) -> tuple[Moment, ...]:
        """The chosen cells whose effect is beyond doubt; none is a result too."""
        return tuple(moment for moment in self.chosen if moment.is_sure)

    def write(self, folder: Path) -> None:
        """Write moments.csv: every chosen cell."""
        rows = ([*(None if isinstance(value, float) and isnan(value) else value for value in one), one.is_sure] for one in self.chosen)
        files.write_csv(folder / "moments.csv", (*Moment._fields, "is_sure"), rows)


def moments(world: World, runs: int, most: int = 5, progress: Progress | None = None) -> Moments:
    """Return the moments of truth among all cells with enough touches: half of the replications choose at most ``most``, the others estimate.

    Raise ConfigError where half of the replications are fewer than `LEAST`.
    """
    if runs < 2 * LEAST:
        rule = f"at least {2 * LEAST}, half to choose and half to estimate; 0: not sought"
        raise ConfigError([Problem("study.moments", f"given {runs!r} replications", rule)])
    choosing, judging = range(runs // 2), range(runs // 2, runs)
    if not _followed(world):
        return Moments((), 0, world.money.currency, TOO_SHORT)
    base = over(_played, world, choosing, progress)
    cells = [key for key in _cells(world) if np.mean([run.touches.get(key, 0.0) for run in base]) >= TOUCHES]
    seen = {key: np.mean(_effects(base, over(_played, raised(world, *key), choosing, progress))) for key in cells}
    likely = sorted((key for key in cells if seen[key] != 0), key=lambda key: -abs(seen[key]))[:most]
    later = over(_played, world, judging, progress) if likely else []
    level = 1 - (1 - LEVEL) / max(1, len(likely))
    found = [_moment(key, later, over(_played, raised(world, *key), judging, progress), level) for key in likely]
    return Moments(tuple(sorted(found, key=lambda moment: -moment.effect)), len(cells), world.money.currency)


def raised(world: World, stage: str, channel: str, more: float = ADDED) -> World:
    """Return the world with a better mean experience of a channel in one stage."""
    usual = by_stage(world.channels[channel].experience.mean, stage, 0.0)
    return check.world(assign(world.model_dump(), {f"channels.{channel}.experience.mean.{stage}": usual + more}))


def _followed(world: World) -> bool:
    """Return whether customers are followed for a year, so that there is a value of the first one."""
    found = facts(play(world, clock="compiled", threads=1), intervals=False, enough=3)
    return all(isfinite(metric.value) for metric in found.once("value_365d", value_365d) if metric.by == "all")


def _cells(world: World) -> list[Key]:
    """Return all cells: stages that customers live in, by channel."""
    return [(name, channel) for name, stage in world.stages.items() if not stage.is_exit for channel in world.channels]


class _Run(NamedTuple):
    """One replication: value in the first year per arrival, arrivals, and touches by (stage, channel)."""

    value: float
    arrived: int
    touches: dict[Key, float]


def _played(world: World, number: int) -> _Run:
    log = play(world, clock="compiled", replication=number, threads=1)
    value, touches, arrived = first_year(log)
    names = [(stage, channel) for stage in log.terms.stages for channel in log.terms.channels]
    return _Run(value, arrived, dict(zip(names, touches.ravel().tolist(), strict=True)))


def _effects(base: Sequence[_Run], other: Sequence[_Run]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([two.value - one.value for one, two in zip(base, other, strict=True)])


def _moment(key: Key, base: Sequence[_Run], other: Sequence[_Run], level: float) -> Moment:
    effects = _effects(base, other)
    touches = np.array([run.touches.get(key, 0.0) for run in base])
    money = effects * np.array([run.arrived for run in base])
    apiece = jackknife(_per_thousand, np.column_stack([money, touches]), level) if touches.all() else (nan, nan, nan)
    return Moment(*key, float(touches.mean()), *t_interval(effects, level), *apiece, len(base))


def _per_thousand(parts: "np.ndarray[Any, np.dtype[np.float64]]") -> float:
    money, touches = parts.sum(axis=0)
    return float(1000 * money / touches) if touches else nan
