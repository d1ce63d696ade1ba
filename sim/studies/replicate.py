"""The same world again and again with other luck: means over replications and honest intervals.

Where customers share desks or budgets, customers are not independent and one run has no interval; independent
replications have. They are played on the compiled clock, a thread a core (the clock releases the interpreter),
and leave nothing on disk.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from math import ceil, inf, nan
from typing import TypeVar

import numpy as np

from sim.metrics import Metric, measure
from sim.metrics.table import SHARE
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import ratio_pseudo_values, t_intervals
from sim.studies.processes import Crew

ENOUGH_RUNS = 10  # replications under which there is no interval


def replicate(world: World, numbers: Iterable[int] | None = None, progress: Progress | None = None) -> list[list[Metric]]:
    """Return the metrics of each replication (``numbers``; default 0 .. replications - 1), without intervals of their own."""
    return over(play_and_measure, world, range(world.replications) if numbers is None else numbers, progress)


def begun(world: World, numbers: Sequence[int], crew: Crew | None, progress: Progress | None = None) -> Callable[[], list[list[Metric]]]:
    """Let a crew begin with the replications, and return what finishes them and gives their metrics; without a crew nothing begins before that."""
    if crew is None:
        return lambda: replicate(world, numbers, progress)
    said = world.model_dump_json()
    tasks = crew.begin("replication", [[said, number] for number in numbers])
    return lambda: [[Metric(*metric) for metric in metrics] for metrics in tasks.results(progress)]


def told(given: tuple[str, int]) -> list[Metric]:
    """Play and measure the replication of a world that is told as JSON."""
    said, number = given
    return play_and_measure(_world(said), number)


@lru_cache(maxsize=1)
def _world(said: str) -> World:
    return World.model_validate(json.loads(said))


def enough(world: World) -> int:
    """Return how many customers of a stratum must be followed in one replication, so that they are 30 in all replications together."""
    return max(1, ceil(30 / world.replications))


def play_and_measure(world: World, number: int) -> list[Metric]:
    """Play one replication on the compiled clock and measure it."""
    return measure(play(world, clock="compiled", replication=number, threads=1), intervals=False, enough=enough(world))


T = TypeVar("T")


def over(task: Callable[[World, int], T], world: World, numbers: Iterable[int], progress: Progress | None = None) -> list[T]:
    """Return what the task makes of each replication, in order, on all cores."""
    out = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for result in pool.map(lambda number: task(world, number), numbers):
            out.append(result)
            if progress is not None:
                progress(1.0)
    return out


def summary(runs: Sequence[Sequence[Metric]]) -> list[Metric]:
    """Return means over replications with 95 % t intervals, from 10 replications on; ratios are totals over totals, with the jackknife's half-width."""
    found: dict[tuple[str, str, str], dict[int, Metric]] = {}
    for number, run in enumerate(runs):
        for metric in run:
            found.setdefault((metric.metric, metric.by, metric.group), {})[number] = metric
    value, above, below = np.full((3, len(found), len(runs)), nan)
    for row, metrics in enumerate(found.values()):
        for number, metric in metrics.items():
            value[row, number], above[row, number], below[row, number] = metric.value, metric.above, metric.below
    ratios = ~np.isnan(above).all(axis=1, keepdims=True)
    mean, low, high = t_intervals(np.where(ratios, ratio_pseudo_values(above, below), value))
    known = ~(np.isnan(above) | np.isnan(below))
    totals = [np.where(known, part, 0.0).sum(axis=1) for part in (above, below)]
    centre = np.where(ratios[:, 0], totals[0] / np.where(totals[1] == 0, nan, totals[1]), mean)
    counts = np.count_nonzero(~np.isnan(value), axis=1)
    columns = zip(found.values(), counts.tolist(), centre.tolist(), ((high - low) / 2).tolist(), strict=True)
    return [_summary(list(metrics.values()), count, len(runs), value, half) for metrics, count, value, half in columns]


def _summary(metrics: list[Metric], count: int, runs: int, value: float, half: float) -> Metric:
    first = metrics[0]
    if count == 0:
        return first._replace(low=nan, high=nan, n=0)
    notes = [f"in {count} of {runs} replications" if count < runs else "few" if count < ENOUGH_RUNS else "", _windows(metrics)]
    said = first._replace(value=value, low=nan, high=nan, n=count, note="; ".join(note for note in notes if note))
    if count < ENOUGH_RUNS:
        return said
    least, most = (0.0, 1.0) if first.unit == SHARE else (-inf, inf)
    return said._replace(low=max(least, value - half), high=min(most, value + half))


def _windows(metrics: list[Metric]) -> str:
    """Return what the replications' windows were, where a metric names one."""
    days = [int(match[1]) for m in metrics if (match := re.match(r"within (\d+) days", m.note))]
    if not days:
        return ""
    return f"within {min(days)} days" if min(days) == max(days) else f"within {min(days)} to {max(days)} days"
