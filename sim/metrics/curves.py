"""Tables behind figures, studies and calibration: curves over days, counts between stages, time in stages."""

from dataclasses import dataclass
from math import nan

import numpy as np

from sim.customers import fold
from sim.log import Array, Log, Terms
from sim.metrics.groups import strata
from sim.metrics.path import Path, PathCollector, exits
from sim.metrics.rows import blocks, days
from sim.stats import survival
from sim.stats.proportions import Z95


@dataclass(frozen=True)
class ConversionCurve:
    """The share of arrivals that has converted ``days`` after arrival; both of shape (points,)."""

    days: Array
    share: Array


@dataclass(frozen=True)
class RetentionCurve:
    """The share of converted customers that has not left ``days`` after conversion, with 95 % limits (NaN in coupled logs); all of shape (points,)."""

    days: Array
    share: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Transitions:
    """How often customers went from one stage to another at an occasion or on giving up; ``counts`` has shape (stages, stages), staying on the diagonal."""

    stages: tuple[str, ...]
    counts: Array


@dataclass(frozen=True)
class Occasions:
    """How many occasions a channel had in a stage, and how many were engaged; both of shape (channels, stages), channel 0 is ``own``."""

    channels: tuple[str, ...]
    stages: tuple[str, ...]
    counts: Array
    engaged: Array


@dataclass(frozen=True)
class Dwell:
    """Days in a stage per visit, by stage that is no exit: mean within ``window`` days, and quartiles (NaN where so few left that there is none)."""

    stages: tuple[str, ...]
    visits: Array
    mean: Array
    quartiles: Array  # (stages, 3)
    window: Array


@dataclass(frozen=True)
class Funnel:
    """Customers by stage that is no exit: who entered it at least once, who left the journey from it; and steps back out of it."""

    stages: tuple[str, ...]
    entered: Array
    dropped: Array
    moved_back: Array


def conversion_curve(log: Log, persona: str | None = None, folded: Array | None = None) -> ConversionCurve:
    """Return the cumulative incidence of conversion by whole days, within strata, up to the longest day that 30 customers of each were followed.

    ``folded`` are the customers of the log, where they are at hand.
    """
    customers = _of_persona(log.terms, fold(log) if folded is None else folded, persona)
    cell, cells = strata(log.terms, customers)
    followed = days(log.terms.horizon, customers["arrived"])
    converted, lost = (days(customers[name], customers["arrived"]) for name in ("converted_at", "lost_at"))
    kind = np.where(~np.isnan(converted), survival.EVENT, np.where(~np.isnan(lost), survival.OTHER, survival.STAYED))
    times = np.fmin(np.fmin(converted, lost), followed)
    curve = survival.curves(times, kind, cell, cells)
    grid = _grid(followed, cell, cells)
    return ConversionCurve(grid, _cumulated(times, survival.scores(curve, np.ones(len(times))), grid) / max(1, len(times)))


def retention_curve(log: Log, persona: str | None = None, folded: Array | None = None) -> RetentionCurve:
    """Return the share retained by whole days from conversion: Kaplan-Meier within strata, limits from Greenwood's variance; ``folded`` as above."""
    customers = _of_persona(log.terms, fold(log) if folded is None else folded, persona)
    won = customers[~np.isnan(customers["converted_at"])]
    cell, cells = strata(log.terms, won)
    left = days(won["churned_at"], won["converted_at"])
    followed = days(log.terms.horizon, won["converted_at"])
    times = np.fmin(left, followed)
    curve = survival.curves(times, np.where(np.isnan(left), survival.STAYED, survival.EVENT), cell, cells)
    grid, count = _grid(followed, cell, cells), max(1, len(won))
    share = 1.0 - _cumulated(times, survival.scores(curve, np.ones(len(times))), grid) / count
    half = np.full(len(grid), nan) if log.terms.coupled or not len(won) else Z95 * np.sqrt(_variance(curve, grid, share, count))
    return RetentionCurve(grid, share if len(won) else np.full(len(grid), nan), np.clip(share - half, 0, 1), np.clip(share + half, 0, 1))


def transitions(log: Log) -> Transitions:
    """Return the counts from stage to stage."""
    size = len(log.terms.stages)
    counts = np.zeros((size, size), np.int64)
    for rows in blocks(log):
        moves = (rows.stage_from * size + rows.stage_to)[rows.step]
        counts += np.bincount(moves, minlength=size * size).reshape(size, size)
    return Transitions(log.terms.stages, counts)


def occasions(log: Log) -> Occasions:
    """Return the counts of occasions (whoever gave up in a queue had one too) and of messages of rules, by channel and stage; a bill is none."""
    shape = (len(log.terms.channels), len(log.terms.stages))
    counts, engaged = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for rows in blocks(log):
        key, width = rows.channel * shape[1] + rows.stage_from, shape[0] * shape[1]
        counts += np.bincount(key[rows.step | rows.exposure], minlength=width).reshape(shape)
        engaged += np.bincount(key[rows.touch], minlength=width).reshape(shape)
    return Occasions(log.terms.channels, log.terms.stages, counts, engaged)


def occasions_per_customer(log: Log) -> Array:
    """Return how many customers had 0, 1, 2 ... occasions."""
    return np.bincount(fold(log)["occasions"])


def dwell(log: Log) -> Dwell:
    """Return the days in a stage per visit: Kaplan-Meier within strata, combined with their counts."""
    path = _path(log)
    cell, cells = strata(log.terms, log.births)
    stages = np.flatnonzero(~exits(log.terms))
    found = [_dwell(log.terms.horizon, path, cell, cells, int(stage)) for stage in stages]
    visits, mean, quartiles, window = (np.array(column) for column in zip(*found, strict=True))
    return Dwell(tuple(log.terms.stages[s] for s in stages), visits, mean, quartiles, window)


def funnel(log: Log) -> Funnel:
    """Return who entered each stage, who left the journey from it, and how many moves went back out of it."""
    path = _path(log)
    stages = np.flatnonzero(~exits(log.terms))
    entered = np.isfinite(path.reached).sum(axis=0)[stages]
    dropped = np.bincount(path.left_from[path.left_from >= 0], minlength=len(log.terms.stages))[stages]
    back = np.bincount(path.steps_by_stage.stage, weights=path.steps_by_stage.steps[:, 1], minlength=len(log.terms.stages))[stages]
    return Funnel(tuple(log.terms.stages[s] for s in stages), entered, dropped, back.astype(np.int64))


def _of_persona(terms: Terms, customers: Array, persona: str | None) -> Array:
    return customers if persona is None else customers[customers["persona"] == terms.personas.index(persona)]


def _grid(followed: Array, cell: Array, cells: int) -> Array:
    """Return the whole days up to the longest window of the strata that hold more than 1 %."""
    sizes = np.bincount(cell, minlength=cells)
    window = survival.longest_window(followed, cell, cells)[sizes > 0.01 * len(cell)]
    return np.arange(int(window.min(initial=np.inf)) + 1 if len(window) else 1, dtype=float)


def _cumulated(times: Array, amounts: Array, grid: Array) -> Array:
    """Return Σ amounts up to and with each point of the grid."""
    order = np.argsort(times, kind="stable")
    return np.concatenate([[0.0], np.cumsum(amounts[order])])[np.searchsorted(times[order], grid, side="right")]


def _variance(curve: survival.Curves, grid: Array, share: Array, count: int) -> Array:
    """Return the variance of the combined curve: Greenwood's within strata, and that of the strata's own shares of the customers."""
    out = np.zeros(len(grid))
    for cell in np.flatnonzero(curve.sizes):
        some = curve.cell == cell
        risk, gone = curve.at_risk[some].astype(float), curve.leaving[some]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(risk > gone, gone / (risk * (risk - gone)), 0.0)
        stays = np.concatenate([[1.0], curve.before[some] * (1 - gone / risk)])
        at = np.searchsorted(curve.time[some], grid, side="right")
        weight = curve.sizes[cell] / count
        out += weight**2 * stays[at] ** 2 * np.concatenate([[0.0], np.cumsum(terms)])[at] + weight * (stays[at] - share) ** 2 / count
    return out


def _path(log: Log) -> Path:
    collector = PathCollector(log.terms, log.births)
    for rows in blocks(log):
        collector.add(rows)
    return collector.done()


def _dwell(horizon: float, path: Path, cell: Array, cells: int, stage: int) -> tuple[int, float, list[float], float]:
    some = path.visit_stage == stage
    times, ended, of = path.visit_days[some], path.visit_ended[some], cell[path.visit_customer[some]]
    if not len(times):
        return 0, nan, [nan] * 3, 0.0
    curve = survival.curves(times, ended.astype(np.intp), of, cells)
    window = float(_grid(days(horizon, path.visit_start[some]), of, cells)[-1])
    left = survival.scores(curve, (times <= window).astype(float)) / len(times)
    mean = window + float(survival.scores(curve, survival.restricted(times, window)).mean())
    return len(times), mean, [_reaches(times, left, share) for share in (0.25, 0.5, 0.75)], window


def _reaches(times: Array, left: Array, share: float) -> float:
    order = np.argsort(times, kind="stable")
    at = np.flatnonzero(np.cumsum(left[order]) >= share * (1 - 1e-12))
    return float(times[order][at[0]]) if len(at) else nan
