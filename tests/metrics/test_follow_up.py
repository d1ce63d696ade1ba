"""Follow-up depends on who you are: what pooling gets wrong, and strata get right (estimators 3 and 19)."""

import numpy as np
import pytest

from sim.metrics.funnel import conversion_rate_90d
from sim.metrics.journey import facts
from sim.metrics.retention import retention_365d
from sim.metrics.value import clv_365d, value_365d
from sim.stats import survival
from tests.metrics.populations import B2B, B2C, converts_by, two_personas

HORIZON = 500.0


@pytest.fixture(scope="module")
def known():
    return facts(two_personas(1, 20_000, HORIZON), intervals=True)


def shares(known):
    """Return how much of the converted each persona is."""
    return np.bincount(known.customers["persona"][known.won], minlength=2) / len(known.won)


def overall(metrics):
    return next(m for m in metrics if m.by == "all")


def error(metric):
    return (metric.high - metric.low) / (2 * 1.96)


def test_retention_is_right_and_pooled_kaplan_meier_is_not(known):
    """Truth: exp(-365/400) and exp(-365/1100), in the proportions of those who converted in the run."""
    truth = shares(known) @ [B2C.retained(365), B2B.retained(365)]
    found = overall(retention_365d(known))
    pooled = survival.curves(known.leaving_days, (known.leaving_days < known.followed_won).astype(int), np.zeros(len(known.won), np.int16), 1)
    wrong = 1 - survival.scores(pooled, known.leaving_days <= 365).mean()

    assert abs(found.value - truth) <= 5 * error(found)
    assert wrong < truth - 5 * error(found)


def test_lifetime_value_is_right_and_the_pooled_flow_mean_is_not(known):
    """Truth: 20 or 150 at each of the days 0, 30 ... 360 to which one stays."""
    truth = shares(known) @ [B2C.worth(365), B2B.worth(365)]
    found = overall(clv_365d(known))
    age = known.flows.age
    longer = len(known.won) - np.searchsorted(np.sort(known.followed_won), age, side="right")
    wrong = (known.flows.contribution / longer)[age < 365].sum()

    assert abs(found.value - truth) <= 5 * error(found)
    assert wrong < truth - 5 * error(found)


def test_value_per_arrival_is_right(known):
    """Everybody arrives; F >= 135 for all, and persona is independent of arrival: worth of the year after conversion, cut by the wait for it."""
    chance, size = np.random.default_rng(9), 400_000
    truth = 0.0
    for persona in (B2C, B2B):
        wait, stay = persona.to_convert * chance.exponential(size=size), persona.to_leave * chance.exponential(size=size)
        truth += persona.order * np.maximum(0, np.ceil(np.minimum(stay, 365 - wait) / 30)).mean() / 2
    found = overall(value_365d(known))

    assert abs(found.value - truth) <= 5 * error(found)


def test_conversion_is_neither_that_of_all_arrived_nor_inflated(known):
    """Truth: half 1 - exp(-90/20), half 1 - exp(-90/200); at the horizon of 500 days everybody is followed for 90."""
    truth = 1 - (np.exp(-90 / 20) + np.exp(-90 / 200)) / 2
    found = overall(conversion_rate_90d(known))

    assert abs(found.value - truth) <= 5 * error(found)
    assert found.n == 20_000


def test_those_who_leave_are_not_just_out_of_sight():
    """Half leave on day 10, half of the rest convert on day 20: the share is 1/4; with leaving as censoring it is 1/2."""
    times, kind = np.repeat([10.0, 20.0, 50.0], [50, 25, 25]), np.repeat([2, 1, 0], [50, 25, 25])
    cell = np.zeros(100, np.int16)

    assert survival.scores(survival.curves(times, kind, cell, 1), times <= 30).mean() == pytest.approx(0.25)
    assert survival.scores(survival.curves(times, np.where(kind == 2, 0, kind), cell, 1), times <= 30).mean() == pytest.approx(0.5)


def test_intervals_cover():
    """150 worlds of 300 customers: conversion within 90 days, and clv_365d of skewed orders, 95 % ± 5 standard errors."""
    weights = np.array([converts_by(persona, 800.0) for persona in (B2C, B2B)])
    worth = weights @ [B2C.worth(365), B2B.worth(365)] / weights.sum()
    rate = 1 - (np.exp(-90 / 20) + np.exp(-90 / 200)) / 2
    hits = np.zeros(2)
    for seed in range(150):
        known = facts(two_personas(seed, 300, 800.0, spread=1.0), intervals=True)
        first = known.groupings("persona")[0]
        object.__setattr__(known, "groupings", lambda *_, only=first: [only])  # the one group that is looked at
        for i, (found, truth) in enumerate([(conversion_rate_90d(known)[0], rate), (clv_365d(known)[0], worth)]):
            hits[i] += found.low <= truth <= found.high

    assert hits / 150 == pytest.approx([0.95, 0.95], abs=5 * np.sqrt(0.95 * 0.05 / 150))
