"""Which of the numbers that nobody knows matter: one at a time (tornado), all at once (Morris or Sobol'), and the two strongest together.

Every point is played on the same seeds, so what differs between points is what the inputs do, and an input that does nothing gets exactly 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem, near
from sim.model.world import World
from sim.play import Progress
from sim.stats import Array
from sim.stats.means import t_interval
from sim.studies import sweep as sweeps
from sim.studies.design import MOST, Point, rounded, world_at
from sim.studies.executor import Executor
from sim.studies.indices import Index, Noise, block, design, indices, noise, ranked
from sim.studies.ranges import Range
from sim.studies.store import Store
from sim.studies.sweep import FAILED, Spot, Sweep, Tried

METHODS = {"morris": 20, "sobol": 64}  # and how many trajectories or base points they take if nobody says otherwise
STEPS, LINES = 5, 3  # points of the interaction: of the strongest input, of the second


class Asked(NamedTuple):
    """How the inputs are tried (see `indices.design`), which metrics are watched, the first one deciding, and how often each point is played."""

    method: str = "morris"
    size: int | None = None
    metrics: tuple[str, ...] = ("value_365d", "profit")
    replications: int = 10

    @property
    def blocks(self) -> int:
        """Trajectories, or base points."""
        return METHODS[self.method] if self.size is None else self.size


class End(NamedTuple):
    """A metric with one input at an end of its range and all else as written; the difference from ``base`` is paired, with its 95 % interval."""

    metric: str
    path: str
    end: str  # low | high
    input: float
    value: float
    base: float
    difference: float
    low: float
    high: float


class Together(NamedTuple):
    """What the strongest input does from end to end, ``at_low`` and ``at_high`` of the second; their difference is their interaction, with its interval."""

    path: str
    other: str
    at_low: float
    at_high: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sensitivity:
    """What the inputs do: indices and noise by metric, ``ends`` of the tornado, ``spots`` of the two strongest and what they do ``together``."""

    base: World
    inputs: tuple[Range, ...]
    asked: Asked
    indices: tuple[Index, ...]
    noises: dict[str, Noise]
    ends: tuple[End, ...]
    spots: tuple[Spot, ...]
    together: Together | None
    played: Sweep
    units: dict[str, str]

    @property
    def deciding(self) -> str:
        """The metric that ranks the inputs."""
        return self.asked.metrics[0]

    def ranked(self, metric: str) -> list[Index]:
        """Return the deciding index of each input, largest first."""
        return ranked(self.indices, self.asked.method, metric)

    def swings(self, metric: str) -> list[tuple[str, dict[str, End]]]:
        """Return path and ends of each input, the widest swing first."""
        bars: dict[str, dict[str, End]] = {}
        for row in self.ends:
            if row.metric == metric and not isnan(row.difference):
                bars.setdefault(row.path, {})[row.end] = row
        return sorted(bars.items(), key=lambda bar: -_swing(list(bar[1].values())))

    def write(self, folder: Path) -> None:
        """Write indices.csv, tornado.csv, interaction.csv, noise.csv, and the table of all points as a sweep does."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, fields, rows in (("indices", Index._fields, self.indices), ("tornado", End._fields, self.ends), ("interaction", Spot._fields, self.spots)):
            files.write_csv(folder / f"{name}.csv", fields, ([_cell(x) for x in row] for row in rows))
        files.write_csv(folder / "noise.csv", ("metric", *Noise._fields), ((name, *map(_cell, one)) for name, one in self.noises.items()))
        self.played.write(folder)

    def text(self) -> str:
        """Return what decides, the indices, how much of it is luck, and every failure, at most 100 columns wide."""
        from sim.studies.sensitivity_words import text

        return text(self)


def sensitivity(
    base: World, inputs: Sequence[Range], asked: Asked, store: Store, executor: Executor | None = None, progress: Progress | None = None
) -> Sensitivity:
    """Return how much each input moves each metric; raise ConfigError for a study that makes no sense, before anything is played or written."""
    _check(inputs, asked)
    play = partial(sweeps.sweep, partial(world_at, base), asked=sweeps.Asked(asked.replications, asked.metrics, asked.metrics[0]), store=store)
    alone: list[Point] = [{}, *(rounded(base, [r.path], [end]) for r in inputs for end in (r.low, r.high))]
    drawn = design(asked.method, inputs, asked.blocks, base.seed)
    points = [*alone, *(rounded(base, [r.path for r in inputs], row) for row in drawn.tolist())]
    played = play(points=points, executor=executor, progress=progress)
    values = {metric: _by_point(played, metric) for metric in asked.metrics}
    found = [row for metric in asked.metrics for row in indices(asked.method, metric, inputs, drawn, values[metric][len(alone) :], base.seed)]
    ends = [row for metric in asked.metrics for row in _ends(metric, inputs, alone[1:], values[metric][: len(alone)])]
    noises = {metric: noise(values[metric][len(alone) :]) for metric in asked.metrics}
    pair = [next(r for r in inputs if r.path == row.path) for row in ranked(found, asked.method, asked.metrics[0])[:2]]
    crossed = play(points=_grid(base, pair), executor=executor, progress=progress)
    at_grid = _by_point(crossed, asked.metrics[0])
    both, seen = _together(pair, at_grid), tuple(_spots(asked.metrics[0], pair, crossed, at_grid))
    return Sensitivity(base, tuple(inputs), asked, tuple(found), noises, tuple(ends), seen, both, _joined(played, crossed), _units(played, asked.metrics))


def count(inputs: Sequence[Range], asked: Asked) -> int:
    """Return how many points are played."""
    return 1 + 2 * len(inputs) + asked.blocks * block(asked.method, len(inputs)) + STEPS * LINES


def _check(inputs: Sequence[Range], asked: Asked) -> None:
    if asked.method not in METHODS:
        raise ConfigError([Problem("study.method", f"no such method {asked.method!r}", near(str(asked.method), METHODS))])
    problems = []
    if len(inputs) < 2:
        problems.append(Problem("study.ranges", f"given {len(inputs)}", "give two inputs or more; study=sweep draws the curve of one"))
    if asked.replications < 2:
        problems.append(Problem("study.replications", f"given {asked.replications!r}", "must be 2 or more: one shows no luck"))
    if not asked.metrics:
        problems.append(Problem("study.metrics", "given none", "name at least one"))
    if asked.blocks < 2 or (asked.method == "sobol" and asked.blocks & (asked.blocks - 1)):
        rule = "must be a power of 2, such as 64: a Sobol' sequence is even only there" if asked.method == "sobol" else "must be 2 trajectories or more"
        problems.append(Problem("study.size", f"given {asked.size!r}", rule))
    elif count(inputs, asked) > MOST:
        problems.append(Problem("study.size", f"{count(inputs, asked):,} points", f"must be at most {MOST:,}"))
    if problems:
        raise ConfigError(problems)


def _grid(base: World, pair: Sequence[Range]) -> list[Point]:
    """Return the points of two inputs together, those of the first changing fastest."""
    across, along = (np.linspace(r.low, r.high, size).tolist() for r, size in zip(pair, (STEPS, LINES), strict=True))
    return [rounded(base, [r.path for r in pair], [x, y]) for y in along for x in across]


def _spots(metric: str, pair: Sequence[Range], played: Sweep, values: Array) -> Iterator[Spot]:
    first, second = (r.path for r in pair)
    for one, row in zip(played.tried, values, strict=True):
        yield Spot(metric, first, one.values[first], second, one.values[second], *t_interval(row))


def _by_point(played: Sweep, metric: str) -> Array:
    """Return a metric, shape (points, replications), NaN where the point failed."""
    sound = np.array([one.state != FAILED for one in played.tried])
    out = np.full((len(sound), played.asked.replications), nan)
    out[sound] = played.values(metric)
    return out


def _ends(metric: str, inputs: Sequence[Range], points: Sequence[Point], values: Array) -> list[End]:
    base, out = values[0], []
    for k, (point, row) in enumerate(zip(points, values[1:], strict=True)):
        path = inputs[k // 2].path
        out.append(End(metric, path, ("low", "high")[k % 2], point[path], float(row.mean()), float(base.mean()), *t_interval(row - base)))
    return out


def _together(pair: Sequence[Range], values: Array) -> Together | None:
    """Return what the corners say: the interaction is y(1, 1) - y(0, 1) - y(1, 0) + y(0, 0)."""
    corners = values.reshape(LINES, STEPS, -1)[[0, -1]][:, [0, -1]]
    at_low, at_high = corners[:, 1] - corners[:, 0]
    found = t_interval(at_high - at_low)
    return None if isnan(found[0]) else Together(pair[0].path, pair[1].path, float(at_low.mean()), float(at_high.mean()), *found)


def _joined(first: Sweep, second: Sweep) -> Sweep:
    """Return two sweeps of the same base and store as one."""
    more = [Tried(len(first.tried) + one.number, *one[1:]) for one in second.tried]
    return Sweep(first.base, first.asked, (*first.tried, *more), first.store, first.changed)


def _units(played: Sweep, metrics: Sequence[str]) -> dict[str, str]:
    found = {metric: next((mean for mean in played.means(metric) if mean is not None), None) for metric in metrics}
    return {metric: mean.unit if mean is not None else "" for metric, mean in found.items()}


def _swing(ends: Sequence[End]) -> float:
    values = [0.0, *(end.difference for end in ends)]
    return max(values) - min(values)


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
