"""The analyst's tests: each arm against control, by assignment, of the customers who were exposed and followed long enough.

    share   two-proportion z test (pooled) with Newcombe's interval
    mean    Welch's t test
    ratio   delta method: the ratio of totals, linearised (Deng, Lu and Litz 2017)
    cuped   Welch's test after regression on what was known before exposure (Deng, Xu, Kohavi and Walker 2013)
    srm     chi-squared test of the split itself (Fabijan et al. 2019)

p values of all metrics and arms together are corrected by Holm's method.
"""

from collections.abc import Sequence
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.stats.ratios import Totals
from sim.studies.ab.question import RATIO, SHARE, Outcome
from sim.studies.ab.sample import Sample

SRM_ALARM = 0.0005
FEW_EVENTS, FEW_VALUES = 5, 30


class Estimate(NamedTuple):
    """A difference (arm minus control) with its interval and two-sided p value; NaN where there is none."""

    difference: float
    low: float
    high: float
    p: float


class Finding(NamedTuple):
    """One metric in one arm against control. ``cuped`` is the same difference with less noise; ``kept`` the share of variance left."""

    metric: str
    arm: str
    n_control: int
    n_arm: int
    control: float
    treated: float
    plain: Estimate
    p_holm: float
    cuped: Estimate
    kept: float
    note: str


class Split(NamedTuple):
    """Customers by arm where shares were planned: a split that chance does not make means that the data are broken."""

    of: str
    counts: tuple[int, ...]
    p: float

    @property
    def alarms(self) -> bool:
        """Whether nothing should be concluded."""
        return self.p < SRM_ALARM


NOTHING = Estimate(nan, nan, nan, nan)


def analyse(sample: Sample, outcomes: Sequence[Outcome], alpha: float = 0.05) -> tuple[Finding, ...]:
    """Return every metric in every arm against control."""
    found = [_finding(sample, outcome, arm, alpha) for outcome in outcomes for arm in range(1, len(sample.arms))]
    corrected = holm([finding.plain.p for finding in found])
    return tuple(finding._replace(p_holm=p) for finding, p in zip(found, corrected, strict=True))


def two_proportions(won: tuple[int, int], of: tuple[int, int], alpha: float = 0.05) -> Estimate:
    """Return the difference of two shares, control first: pooled z test, interval of Newcombe (1998, method 10)."""
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    if not min(of):
        return NOTHING
    difference = won[1] / of[1] - won[0] / of[0]
    low, high = confint_proportions_2indep(won[1], of[1], won[0], of[0], method="newcomb", compare="diff", alpha=alpha)
    p = proportions_ztest(np.array(won), np.array(of))[1] if 0 < sum(won) < sum(of) else 1.0
    return Estimate(difference, float(low), float(high), float(p))


def welch(control: Array, treated: Array, alpha: float = 0.05) -> Estimate:
    """Return the difference of two means with Welch's test and interval."""
    from scipy.stats import ttest_ind

    if min(len(control), len(treated)) < 2:
        return NOTHING
    difference = float(np.mean(treated) - np.mean(control))
    if np.ptp(control) == np.ptp(treated) == 0:
        return Estimate(difference, nan, nan, nan)
    test = ttest_ind(treated, control, equal_var=False)
    interval = test.confidence_interval(1 - alpha)
    return Estimate(difference, float(interval.low), float(interval.high), float(test.pvalue))


def delta(control: Totals, treated: Totals, alpha: float = 0.05) -> Estimate:
    """Return the difference of two ratios of totals, normal with the variances of their linearisation."""
    from scipy.special import ndtr, ndtri

    difference, error = treated.ratio - control.ratio, np.sqrt(control.variance() + treated.variance())
    if not error > 0:
        return Estimate(difference, nan, nan, nan)
    half = float(ndtri(1 - alpha / 2)) * error
    return Estimate(difference, float(difference - half), float(difference + half), float(2 * ndtr(-abs(difference) / error)))


def adjusted(values: Array, covariates: Array) -> Array:
    """Return y - θ'(x - mean x), θ by least squares over all arms together: as true on average, and less noisy.

    Whatever x predicts of y can't be the arm's doing, because x was known before exposure.
    """
    centred = covariates - covariates.mean(axis=0)
    theta = np.linalg.lstsq(centred, values - values.mean(), rcond=None)[0]
    return np.asarray(values - centred @ theta)


def holm(p: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, Holm (1979); NaN stays and does not count."""
    from statsmodels.stats.multitest import multipletests

    known = [value for value in p if not isnan(value)]
    corrected = iter(multipletests(known, method="holm")[1] if known else [])
    return [nan if isnan(value) else float(next(corrected)) for value in p]


def srm(of: str, counts: Array | Sequence[int], shares: Sequence[float]) -> Split:
    """Return whether the counts fit the planned shares, by Pearson's chi-squared test."""
    from scipy.stats import chisquare

    planned = np.array(shares) / sum(shares) * sum(counts)
    used = planned > 0
    p = float(chisquare(np.array(counts)[used], planned[used]).pvalue) if sum(counts) and used.sum() > 1 else nan
    return Split(of, tuple(int(count) for count in counts), p)


def splits(sample: Sample, shares: Sequence[float]) -> tuple[Split, Split]:
    """Return the split of the assigned and of the exposed; ``shares`` in the order of the sample's arms."""
    exposed = sample.arm[~np.isnan(sample.origin)]
    size = len(sample.arms)
    return srm("assigned", np.bincount(sample.arm, minlength=size), shares), srm("exposed", np.bincount(exposed, minlength=size), shares)


def _finding(sample: Sample, outcome: Outcome, arm: int, alpha: float) -> Finding:
    above, below = sample.values(outcome)
    of, covariates = sample.arm[sample.counted(outcome)], sample.covariates[sample.counted(outcome)]
    control, treated = (Totals(above[of == k], below[of == k]) for k in (0, arm))
    sizes = len(control.above), len(treated.above)
    plain, cuped, kept = _plain(outcome, control, treated, alpha), NOTHING, nan
    if outcome.kind != RATIO and min(sizes) > 2 * covariates.shape[1] and np.ptp(above) > 0:
        better = adjusted(above, covariates)
        cuped, kept = welch(better[of == 0], better[of == arm], alpha), float(better.var() / above.var())
    note = _note(outcome, control, treated)
    return Finding(outcome.name, sample.arms[arm], *sizes, control.ratio, treated.ratio, plain, nan, cuped, kept, note)


def _plain(outcome: Outcome, control: Totals, treated: Totals, alpha: float) -> Estimate:
    if outcome.kind == SHARE:
        won, of = (int(control.above.sum()), int(treated.above.sum())), (len(control.above), len(treated.above))
        return two_proportions(won, of, alpha)
    return delta(control, treated, alpha) if outcome.kind == RATIO else welch(control.above, treated.above, alpha)


def _note(outcome: Outcome, control: Totals, treated: Totals) -> str:
    sizes = [len(side.above) for side in (control, treated)]
    if not min(sizes):
        return "nobody was followed that long"
    events = [min(np.count_nonzero(side.above), len(side.above) - np.count_nonzero(side.above)) for side in (control, treated)]
    few = min(events) < FEW_EVENTS if outcome.kind == SHARE else min(sizes) < FEW_VALUES
    return "few" if few else ""
