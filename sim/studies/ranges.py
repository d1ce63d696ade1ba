"""Numbers that nobody knows: ranges in a world, draws from them times luck, and which of them could turn the decision.

The spread of a difference is split by a nested analysis of variance: D draws of the inputs, r replications of each, no luck
used twice.  With MSB and MSW the mean squares between and within draws, the assumptions' variance is (MSB - MSW) / r and that
of luck MSW (one-way random effects; Searle, Casella and McCulloch 1992, 3.6).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import isfinite, sqrt
from typing import Any, NamedTuple

import numpy as np

from sim.customers import fold
from sim.errors import ConfigError, Problem
from sim.log import Log
from sim.model import check
from sim.model.profiles import assign
from sim.model.world import World
from sim.play import Progress, play
from sim.stats import Array
from sim.stats.bootstrap import generator
from sim.stats.means import student, t_interval
from sim.studies.planner import LEAST
from sim.studies.replicate import over

DRAWS, EACH, NAMED_INPUTS, CORRECTIONS = 30, 4, 3, 2


class Range(NamedTuple):
    """An input that lies between two numbers, evenly likely."""

    path: str
    low: float
    high: float

    @property
    def middle(self) -> float:
        """The number halfway."""
        return (self.low + self.high) / 2


class Turn(NamedTuple):
    """Where one input, the others halfway, makes a scenario as profitable as the baseline: found by regression, played again there."""

    scenario: str
    path: str
    low: float
    high: float
    effect: float  # change of the difference from one end of the range to the other
    break_even: float
    difference_low: float  # 95 % interval of the difference when played there
    difference_high: float

    @property
    def is_confirmed(self) -> bool:
        """Whether the difference played at the break-even may be 0."""
        return self.difference_low <= 0 <= self.difference_high


class Assumed(NamedTuple):
    """A scenario's difference in profit over the ranges: its mean, half-widths of the 95 % interval by cause, and what could turn it."""

    scenario: str
    mean: float
    luck: float
    assumptions: float
    draws: int
    each: int
    explained: float  # R² of the regression on the inputs
    turns: tuple[Turn, ...]

    @property
    def half(self) -> float:
        """Half-width by both causes: they add up in squares."""
        return sqrt(self.luck**2 + self.assumptions**2)


def ranges(given: Mapping[str, Any], option: str = "study.ranges") -> tuple[Range, ...]:
    """Return the ranges of ``{dotted.path: {low: , high: }}``, nested or dotted; raise ConfigError with every one that is none."""
    found = list(_flat("", given))
    problems = [
        Problem(f"{option}.{path}", f"given {value!r}", "must be {low: NUMBER, high: a larger NUMBER}") for path, value in found if not _is_range(value)
    ]
    if problems:
        raise ConfigError(problems)
    return tuple(Range(path, float(value["low"]), float(value["high"])) for path, value in found)


def draws(inputs: Sequence[Range], count: int, seed: int) -> Array:
    """Return a Latin hypercube of the inputs, shape (count, inputs): every ``count``-th of every range is hit once (McKay et al. 1979)."""
    from scipy.stats import qmc

    address = generator("ranges", str(seed), ",".join(r.path for r in inputs), str(count))
    unit = qmc.LatinHypercube(len(inputs), rng=int(address.integers(2**63))).random(count)  # it wants a seed that can be split
    return np.asarray(qmc.scale(unit, [r.low for r in inputs], [r.high for r in inputs]))


def put(worlds: Mapping[str, World], inputs: Sequence[Range], values: Sequence[float]) -> dict[str, World]:
    """Return the worlds with these values; what a scenario sets is set in the scenarios that set it, anything else in all worlds."""
    return {
        name: _with(world, {r.path: value for r, value in zip(inputs, values, strict=True) if _concerns(world, r.path, worlds)})
        for name, world in worlds.items()
    }


def assumed(
    worlds: Mapping[str, World], inputs: Sequence[Range], count: int = DRAWS, each: int = EACH, progress: Progress | None = None
) -> tuple[Assumed, ...]:
    """Return what each scenario's difference in profit is over the ranges; the first world is the baseline."""
    if count < 3 * len(inputs) or each < 2:
        raise ConfigError([Problem("study.draws", f"given {count} draws of {each} replications", f"must be {3 * len(inputs)} (three an input) of 2 or more")])
    first = next(iter(worlds.values()))
    drawn = draws(inputs, count, first.seed)
    made = [put(worlds, inputs, values.tolist()) for values in drawn]
    gains = np.array(over(lambda _, n: _gains(made[n // each], n), first, range(count * each), progress))
    again = partial(_again, worlds, inputs, count * each)
    return tuple(_assumed(name, drawn, gains[:, k].reshape(count, each), inputs, partial(again, k)) for k, name in enumerate(list(worlds)[1:]))


def split(gains: Array) -> tuple[float, float, float]:
    """Return the mean of ``gains`` (draws, replications) and the half-widths of its 95 % interval by luck and by assumptions.

    For the true world, somewhere in the ranges: variance σ² (1 + 1/D) by assumptions, MSW / (D r) by luck, t with D - 1 degrees of freedom.
    """
    count, each = gains.shape
    within = float(gains.var(axis=1, ddof=1).mean())
    between = max(0.0, float(gains.mean(axis=1).var(ddof=1)) - within / each)
    t = student(0.975, count - 1)
    return float(gains.mean()), t * sqrt(within / (count * each)), t * sqrt(between * (1 + 1 / count))


class Line(NamedTuple):
    """Least squares of the draws' means on the inputs: the difference halfway in all ranges, slopes, their standard errors, and R²."""

    middle: float
    slopes: Array
    errors: Array
    explained: float


def regression(drawn: Array, gains: Array, inputs: Sequence[Range]) -> Line:
    """Return the straight line through the draws; more draws than inputs and one are needed."""
    design = np.column_stack([np.ones(len(drawn)), drawn - np.array([r.middle for r in inputs])])
    means = gains.mean(axis=1)
    found, *_ = np.linalg.lstsq(design, means, rcond=None)
    left, total = (float(np.square(x).sum()) for x in (means - design @ found, means - means.mean()))
    variances = np.diag(np.linalg.inv(design.T @ design)) * left / (len(drawn) - len(found))
    return Line(float(found[0]), found[1:], np.sqrt(variances[1:]), 1 - left / total if total > 0 else 1.0)


def profit(log: Log) -> float:
    """Return the run's contribution less all its costs (`sim.metrics.value.profit`), without the other metrics."""
    customers = fold(log)
    return float(customers["margin"].sum() - customers["cost"].sum() - sum(money for _, _, money in log.ledger))


def _assumed(name: str, drawn: Array, gains: Array, inputs: Sequence[Range], again: Any) -> Assumed:
    line, (count, each) = regression(drawn, gains, inputs), gains.shape
    seen = np.abs(line.slopes) > student(0.975, count - len(inputs) - 1) * line.errors  # a slope that may be luck turns nothing
    effects = np.abs(line.slopes) * [r.high - r.low for r in inputs]
    turns: list[Turn] = []
    for k in np.argsort(-effects):
        at = inputs[k].middle - line.middle / line.slopes[k] if seen[k] else np.inf
        if inputs[k].low <= at <= inputs[k].high and len(turns) < NAMED_INPUTS:
            turns.append(_turn(name, inputs[k], float(line.slopes[k]), float(at), partial(again, int(k))))
    return Assumed(name, *split(gains), count, each, line.explained, tuple(turns))


def _turn(name: str, r: Range, slope: float, at: float, again: Any) -> Turn:
    """Play at the break-even of the straight line; where the difference there is not 0, follow the slope, twice at most."""
    mean, low, high = again(at)
    for _ in range(CORRECTIONS):
        better = at - mean / slope
        if low <= 0 <= high or not r.low <= better <= r.high:
            break
        at = better
        mean, low, high = again(at)
    return Turn(name, r.path, r.low, r.high, slope * (r.high - r.low), at, low, high)


def _again(worlds: Mapping[str, World], inputs: Sequence[Range], used: int, scenario: int, which: int, at: float) -> tuple[float, float, float]:
    """Return the difference of a scenario with one input at a value and the others halfway, on luck not used before."""
    made = put(worlds, inputs, [at if k == which else r.middle for k, r in enumerate(inputs)])
    first = next(iter(worlds.values()))
    return t_interval(np.array(over(lambda _, n: _gains(made, n)[scenario], first, range(used, used + LEAST))))


def _gains(worlds: Mapping[str, World], number: int) -> list[float]:
    first, *others = (profit(play(world, clock="compiled", replication=number)) for world in worlds.values())
    return [other - first for other in others]


def _concerns(world: World, path: str, worlds: Mapping[str, World]) -> bool:
    setters = [one for one in worlds.values() if path in one.scenario.set]
    return not setters or path in world.scenario.set


def _with(world: World, values: Mapping[str, float]) -> World:
    raw = world.model_dump(exclude_unset=True)
    try:
        return check.world(assign(raw, {path: whole(world, path, value) for path, value in values.items()}))
    except ConfigError as error:
        raise ConfigError(p._replace(path=f"study.ranges: {p.path}") for p in error.problems) from None


def whole(world: World, path: str, value: float) -> float:
    """Return the value, rounded where the world counts (people)."""
    node: Any = world.model_dump()
    for key in path.split("."):
        node = node.get(key) if isinstance(node, Mapping) else None
    return round(value) if isinstance(node, int) and not isinstance(node, bool) else value


def _flat(path: str, node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping) and node and not {"low", "high"} & set(node):
        for key, inner in node.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif path:
        yield path, node


def _is_range(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"low", "high"}:
        return False
    numbers = [x for x in value.values() if isinstance(x, int | float) and not isinstance(x, bool) and isfinite(x)]
    return len(numbers) == 2 and value["low"] < value["high"]
