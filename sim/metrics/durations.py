"""How long it takes: days and touches until conversion, days in a stage."""

import math
from collections.abc import Sequence

import numpy as np

from sim.log import Array
from sim.metrics.estimate import FEW_BELOW, NONE, NONE_BELOW, Measure, Records, by_bootstrap, ratios
from sim.metrics.groups import Grouping, group_windows
from sim.metrics.journey import Facts
from sim.metrics.path import exits
from sim.metrics.rows import days
from sim.metrics.table import COUNT, DAYS, FEW, NO_CONVERSION, Metric
from sim.stats import survival
from sim.stats.proportions import Z95
from sim.stats.ratios import Totals, per_unit

GROUPS = ("persona", "channel", "source")


def time_to_convert(facts: Facts) -> list[Metric]:
    """Median days from arrival to conversion of those who convert within W days, W the longest window followed (see the note).

    From the Aalen-Johansen curve within strata; interval by inverting the curve's (Woodruff 1952).
    """
    return _medians(facts, "time_to_convert", DAYS, facts.to_convert)


def time_to_convert_mean(facts: Facts) -> list[Metric]:
    """Mean days from arrival to conversion of those who convert within W days, as time_to_convert."""
    return _means(facts, "time_to_convert_mean", DAYS, facts.to_convert)


def touches_to_convert(facts: Facts) -> list[Metric]:
    """Median touches (engaged, not own) up to and with the conversion, of those who convert within W days; as time_to_convert."""
    return _medians(facts, "touches_to_convert", COUNT, facts.customers["touches_to_convert"].astype(float))


def touches_to_convert_mean(facts: Facts) -> list[Metric]:
    """Mean touches up to and with the conversion of those who convert within W days, as time_to_convert."""
    return _means(facts, "touches_to_convert_mean", COUNT, facts.customers["touches_to_convert"].astype(float))


def dwell_time(facts: Facts) -> list[Metric]:
    """Mean days in a stage per visit, restricted to W days, W the longest window that visits were followed: Kaplan-Meier within strata, by stage."""
    path, part = facts.path, facts.partitions["persona"]
    stages = len(facts.terms.stages)
    cell = path.visit_stage.astype(np.int16) * part.cells + part.code[path.visit_customer]
    curve = survival.curves(path.visit_days, path.visit_ended.astype(np.intp), cell, stages * part.cells)
    longest = survival.longest_window(days(facts.terms.horizon, path.visit_start), cell, stages * part.cells, facts.enough)
    by_stage = Grouping("stage", facts.terms.stages, np.arange(stages * part.cells) // part.cells)
    window = group_windows(longest, curve.sizes, by_stage)
    mean = window[path.visit_stage] + facts.linear(curve, survival.restricted(path.visit_days, window[path.visit_stage]))
    ones, out = np.ones(len(mean)), []
    for stage in np.flatnonzero(~exits(facts.terms)):
        records = Records(path.visit_customer, np.where(path.visit_stage == stage, 0, -1), mean, ones)
        measure = Measure("dwell_time", DAYS, by_bootstrap, "nobody entered", f"within {window[stage]:.0f} days")
        out += ratios(facts, measure, "stage", (facts.terms.stages[stage],), records)
    return out


def _windows(facts: Facts) -> list[tuple[str, Grouping, Array, Array]]:
    """Return (partition, grouping, group of each customer, window by group)."""
    return [(name, grouping, group, facts.window(name, grouping)) for name, grouping, group in facts.groupings(*GROUPS)]


def _notes(window: Array) -> list[str]:
    return [f"within {longest:.0f} days" for longest in window]


def _means(facts: Facts, name: str, unit: str, marks: Array) -> list[Metric]:
    out = []
    everybody = np.arange(len(facts.customers))
    for partition, grouping, group, window in _windows(facts):
        curve, inside = facts.conversion[partition], (facts.to_convert <= window[group]).astype(float)
        records = Records(everybody, group, facts.linear(curve, marks * inside), facts.linear(curve, inside), _converted(facts, group, inside, len(window)))
        found = ratios(facts, Measure(name, unit, by_bootstrap, NO_CONVERSION), grouping.by, grouping.names, records)
        out += [_noted(metric, note) for metric, note in zip(found, _notes(window), strict=True)]
    return out


def _converted(facts: Facts, group: Array, inside: Array, groups: int) -> Array:
    return np.bincount(group[facts.won], weights=inside[facts.won], minlength=groups).astype(int)


def _noted(metric: Metric, note: str) -> Metric:
    return metric if math.isnan(metric.value) else metric._replace(note="; ".join(filter(None, (note, metric.note))))


def _medians(facts: Facts, name: str, unit: str, marks: Array) -> list[Metric]:
    out = []
    for partition, grouping, group, window in _windows(facts):
        curve, inside = facts.conversion[partition], (facts.to_convert <= window[group]).astype(float)
        weights = survival.scores(curve, inside)[facts.won]
        of, mark = group[facts.won], marks[facts.won]
        members = [of == g for g in range(len(window))]
        medians = np.array([survival.weighted_quantile(mark[some], weights[some], 0.5) for some in members])
        limits = _woodruff(facts, curve, inside, group, marks, medians) if facts.intervals else [(0.5, 0.5)] * len(window)
        counts = _converted(facts, group, inside, len(window))
        for g, some in enumerate(members):
            if math.isnan(medians[g]):
                out.append(Metric(name, grouping.by, grouping.names[g], math.nan, *NONE, unit, 0, NO_CONVERSION))
                continue
            shown = facts.intervals and counts[g] >= NONE_BELOW
            low, high = (survival.weighted_quantile(mark[some], weights[some], share) for share in limits[g]) if shown else NONE
            metric = Metric(name, grouping.by, grouping.names[g], float(medians[g]), low, high, unit, int(counts[g]), FEW if counts[g] < FEW_BELOW else "")
            out.append(_noted(metric, _notes(window)[g]))
    return out


def _woodruff(facts: Facts, curve: survival.Curves, inside: Array, group: Array, marks: Array, medians: Array) -> Sequence[tuple[float, float]]:
    """Return, by group, the shares of the curve between which the median lies: 0.5 ± 1.96 standard errors of the curve there."""
    below, whole = facts.linear(curve, inside * (marks <= medians[group])), facts.linear(curve, inside)
    out = []
    for g in range(len(medians)):
        some = np.flatnonzero(group == g)
        unit = None if facts.family is None else np.unique(facts.family[some], return_inverse=True)[1]
        units = 0 if unit is None else int(unit.max(initial=-1)) + 1
        half = Z95 * math.sqrt(max(0.0, Totals(per_unit(below[some], unit, units), per_unit(whole[some], unit, units)).variance())) if len(some) else math.nan
        half = 0.0 if math.isnan(half) else half
        out.append((max(0.0, 0.5 - half), min(1.0, 0.5 + half)))
    return out
