"""The same world again and again with other luck: means over replications and honest intervals.

Where customers share desks or budgets, customers are not independent and one run has no interval; independent
replications have. They are played on the compiled clock, a thread a core (the clock releases the interpreter),
and leave nothing on disk.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil, isnan, nan
from typing import TypeVar

import numpy as np

from sim.metrics import Metric, measure
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import jackknife, t_interval


def replicate(world: World, numbers: Iterable[int] | None = None, progress: Progress | None = None) -> list[list[Metric]]:
    """Return the metrics of each replication (``numbers``; default 0 .. replications - 1), without intervals of their own."""
    return over(play_and_measure, world, range(world.replications) if numbers is None else numbers, progress)


def enough(world: World) -> int:
    """Return how many customers of a stratum must be followed in one replication, so that they are 30 in all replications together."""
    return max(1, ceil(30 / world.replications))


def play_and_measure(world: World, number: int) -> list[Metric]:
    """Play one replication on the compiled clock and measure it."""
    return measure(play(world, clock="compiled", replication=number), intervals=False, enough=enough(world))


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
    """Return means over replications with 95 % t intervals; ratios of totals are totals over totals, with a jackknife."""
    found: dict[tuple[str, str, str], list[Metric]] = {}
    for run in runs:
        for metric in run:
            found.setdefault((metric.metric, metric.by, metric.group), []).append(metric)
    return [_summary(values, len(runs)) for values in found.values()]


def _summary(values: list[Metric], runs: int) -> Metric:
    first = values[0]
    numbers = np.array([m.value for m in values])
    known = ~np.isnan(numbers)
    if not known.any():
        return first._replace(low=nan, high=nan, n=0)
    parts = np.array([(m.above, m.below) for m in values])
    if isnan(first.above):
        mean, low, high = t_interval(numbers[known])
    else:
        mean, low, high = jackknife(_ratio, parts)
    count = int(known.sum())
    note = f"in {count} of {runs} replications" if count < runs else "few" if count < 10 else ""
    return first._replace(value=mean, low=low, high=high, n=count, note=note)


def _ratio(parts: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    above, below = np.nansum(parts, axis=0)
    return float(above / below) if below else nan

