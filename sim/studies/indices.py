"""How much of a metric each input moves, by Morris (1991) and Sobol' (2001), and how much of it is luck.  Designs and estimators are SALib's."""

import warnings
from collections.abc import Mapping, Sequence
from math import hypot, isnan, nan, sqrt
from typing import Any, NamedTuple

import numpy as np

from sim.stats import Array
from sim.stats.bootstrap import generator
from sim.stats.means import student
from sim.studies.ranges import Range

LEVELS = 4  # of Morris's grid, as he recommends
RESAMPLES = 500
QUANTITIES = {"morris": ("mu_star", "mu", "sigma"), "sobol": ("first", "total")}
DECIDES = {"morris": "mu_star", "sobol": "total"}  # by which inputs are ranked
_SALIB = {"mu_star": "mu_star", "mu": "mu", "sigma": "sigma", "first": "S1", "total": "ST"}


class Index(NamedTuple):
    """One index of one input, with its 95 % interval (NaN where there is none).

    ``first``: the share of the variance that this input alone explains; ``total``: the share that would be left if all others were known.
    ``mu_star``, ``mu``: mean change of the metric, without and with its sign, over the whole range of the input; ``sigma``: how much that
    change depends on where the other inputs, and this one, are.
    """

    metric: str
    path: str
    quantity: str
    value: float
    low: float
    high: float


class Noise(NamedTuple):
    """What luck has of the variance over a design: of a ``single`` run's, and what is ``left`` of it in means on the same seeds."""

    single: float
    left: float


def design(method: str, inputs: Sequence[Range], size: int, seed: int) -> Array:
    """Return SALib's design, shape (points, inputs): ``size`` trajectories of Morris, or base points of Sobol' (a power of 2)."""
    if method == "morris":
        from SALib.sample.morris import sample

        return np.asarray(sample(_problem(inputs), size, num_levels=LEVELS, seed=_seed(seed, method)))
    from SALib.sample.sobol import sample as saltelli

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # SALib's own use of scipy
        return np.asarray(saltelli(_problem(inputs), size, calc_second_order=False, seed=_seed(seed, method)))


def block(method: str, count: int) -> int:
    """Return how many points of a design belong together: a trajectory, or a base point with its mixtures."""
    return count + 1 if method == "morris" else count + 2


def indices(method: str, metric: str, inputs: Sequence[Range], drawn: Array, values: Array, seed: int) -> tuple[Index, ...]:
    """Return the indices of each input from ``values`` (points, replications on the same seeds) of a design.

    Points without a value take their block with them.  The interval has two parts, added in squares: which points were drawn (SALib's
    bootstrap) and which seeds (the jackknife over replications).
    """
    whole = complete(values, block(method, len(inputs)))
    drawn, values = drawn[whole], values[whole]
    if len(values) < 2 * block(method, len(inputs)):
        return tuple(Index(metric, r.path, name, nan, nan, nan) for r in inputs for name in QUANTITIES[method])
    count = values.shape[1]
    found = _estimated(method, inputs, drawn, values.mean(axis=1), seed, RESAMPLES)
    without = [_estimated(method, inputs, drawn, np.delete(values, r, axis=1).mean(axis=1), seed, 2) for r in range(count)] if count > 1 else []
    out = []
    for k, r in enumerate(inputs):
        for name in QUANTITIES[method]:
            value, half = float(found[name][k]), float(found.get(f"{name}_half", [nan] * len(inputs))[k])
            half = hypot(half, _luck([one[name][k] for one in without]))
            out.append(Index(metric, r.path, name, value, value - half, value + half))
    return tuple(out)


def complete(values: Array, size: int) -> Array:
    """Return which points belong to blocks that have a value everywhere."""
    known = ~np.isnan(values).any(axis=1)
    return np.repeat(known.reshape(-1, size).all(axis=1), size)


def noise(values: Array) -> Noise:
    """Return the share of luck in ``values`` (points, replications on the same seeds).

    ``single``: mean variance within points over itself plus that between them.  ``left``: in a table of points by seeds, the interaction's
    mean square over R and over the variance of the points' means (two-way analysis of variance): luck that all points share moves none of them.
    """
    values = values[~np.isnan(values).any(axis=1)]
    points, count = values.shape
    if points < 2 or count < 2:
        return Noise(nan, nan)
    means = values.mean(axis=1)
    rest = values - means[:, None] - values.mean(axis=0)[None, :] + values.mean()
    left, between, within = (
        float(np.square(rest).sum()) / ((points - 1) * (count - 1)) / count,
        float(means.var(ddof=1)),
        float(values.var(axis=1, ddof=1).mean()),
    )
    if not between > 0:
        return Noise(nan, nan)
    true = max(0.0, between - left)
    return Noise(within / (within + true), min(1.0, left / between))


def ranked(found: Sequence[Index], method: str, metric: str) -> list[Index]:
    """Return the deciding index of every input, largest first."""
    rows = [row for row in found if row.metric == metric and row.quantity == DECIDES[method]]
    return sorted(rows, key=lambda row: (isnan(row.value), -row.value))


def _estimated(method: str, inputs: Sequence[Range], drawn: Array, means: Array, seed: int, resamples: int) -> dict[str, Array]:
    if not np.ptp(means) > 0:  # SALib divides by the spread
        return {name: np.zeros(len(inputs)) for name in (*QUANTITIES[method], *(f"{name}_half" for name in QUANTITIES[method]))}
    problem, chance = _problem(inputs), _seed(seed, "resamples")
    if method == "morris":
        from SALib.analyze.morris import analyze

        found: Mapping[str, Any] = analyze(problem, drawn, means, num_levels=LEVELS, num_resamples=resamples, seed=chance)
    else:
        from SALib.analyze.sobol import analyze as saltelli

        found = saltelli(problem, means, calc_second_order=False, num_resamples=resamples, seed=chance)
    out = {name: np.asarray(found[_SALIB[name]], dtype=float) for name in QUANTITIES[method]}
    return out | {f"{name}_half": np.asarray(found[f"{_SALIB[name]}_conf"], dtype=float) for name in out if f"{_SALIB[name]}_conf" in found}


def _luck(without: Sequence[float]) -> float:
    """Return the half-width of the jackknife's interval: t sqrt((R - 1) / R Σ (θ₋ᵣ - mean)²), Tukey (1958); 0 for one replication, which shows none."""
    count = len(without)
    return student(0.975, count - 1) * sqrt((count - 1) * float(np.var(without))) if count > 1 else 0.0


def _problem(inputs: Sequence[Range]) -> dict[str, Any]:
    return {"num_vars": len(inputs), "names": [r.path for r in inputs], "bounds": [[r.low, r.high] for r in inputs]}


def _seed(seed: int, purpose: str) -> int:
    return int(generator("sensitivity", str(seed), purpose).integers(1, 2**31))  # 0 would mean none
