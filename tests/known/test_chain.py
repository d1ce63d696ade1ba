"""V2 and V3: 100,000 simulated customers against the embedded chain and the semi-Markov process, worked out here by linear algebra."""


import numpy as np
import pytest

from sim.customers import fold
from sim.model.check import world
from sim.model.exact import solve
from sim.play import play
from sim.studies.exact import StageSums
from tests.contracts.conservation import rows_of
from tests.known.distance import FAR, z, z_share

N = 100_000
STAGES = ("aware", "deciding", "client")
GAPS = np.array([3.0, 2.0, 8.0])
# Own and not engaged: the base. An engaged ad (0.3 x 0.5 of occasions in aware) has odds 2 on deciding: (.6, .2, .2) becomes (.5, 1/3, 1/6).
AWARE = 0.85 * np.array([0.6, 0.2, 0.0]) + 0.15 * np.array([0.5, 1 / 3, 0.0])
P = np.array([AWARE, [0.2, 0.4, 0.2], [0.0, 0.1, 0.7]])
LIVES = np.linalg.inv(np.eye(3) - P)  # the fundamental matrix N
WON = np.array([[1 - AWARE[0], -AWARE[1]], [-0.2, 0.6]])  # first passage from the two prospect stages into client


def raw(**changes):
    """Return the journey: two prospect stages, a customer stage with a way back, exponential gaps, one channel."""
    stages = {
        "aware": {"kind": "prospect", "entry": 1.0, "next": {"aware": 0.6, "deciding": 0.2, "lost": 0.2}, "gap": {"mean": GAPS[0]}},
        "deciding": {"kind": "prospect", "next": {"aware": 0.2, "deciding": 0.4, "client": 0.2, "lost": 0.2}, "gap": {"mean": GAPS[1]}},
        "client": {"kind": "customer", "next": {"deciding": 0.1, "client": 0.7, "left": 0.2}, "gap": {"mean": GAPS[2]}},
        "lost": {"kind": "lost"},
        "left": {"kind": "churned"},
    }
    channels = {"ad": {"share": {"aware": 0.3}, "engage": 0.5, "odds": {"aware": {"deciding": 2.0}}}}
    return {"customers": N, "arrivals": {"days": 0.0}, "horizon": 5000.0, "stages": stages, "channels": channels} | changes


def played(**changes):
    """Return a log of the journey and its exact answers."""
    one = world(raw(**changes))
    return play(one, clock="compiled"), solve(one)


@pytest.fixture(scope="module")
def ever():
    """Play until everybody has left."""
    log, answers = played()
    return fold(log), StageSums(log), rows_of(log), answers


def test_the_solver_agrees_with_the_matrix_written_here(ever):
    """Visits are the first row of N, times are visits times gaps, all to 1e-9."""
    answers = ever[3].ever

    assert [answers[f"visits.{s}"] for s in STAGES] == pytest.approx(LIVES[0], rel=1e-9)
    assert answers["days"] == pytest.approx(LIVES[0] @ GAPS, rel=1e-9)
    assert answers["conversion_rate"] == pytest.approx(np.linalg.solve(WON, [0, 0.2])[0], rel=1e-9)


def test_visits_have_the_mean_of_the_chain(ever):
    """Occasions per stage: variance N (2 N_dg - I) - N^2 (Kemeny and Snell 1960, theorem 3.3.3)."""
    _, sums, _, _ = ever
    mean = LIVES[0]
    variance = mean * (2 * np.diag(LIVES) - 1) - mean**2

    assert max(abs(z(sums.visits[:, k].mean(), mean[k], variance[k], N)) for k in range(3)) < FAR


def test_every_stage_is_reached_as_often_as_the_chain_says(ever):
    """Ever reached: N_0j / N_jj (Kemeny and Snell 1960, theorem 3.2.7)."""
    _, sums, _, answers = ever
    for k, stage in enumerate(STAGES):
        exact = LIVES[0, k] / LIVES[k, k]
        assert answers.ever[f"stage_reach.{stage}"] == pytest.approx(exact, rel=1e-9)
        assert abs(z_share((sums.visits[:, k] > 0).mean(), exact, N)) < FAR


def test_customers_convert_and_leave_as_the_chain_says(ever):
    """First entry into client; those who leave afterwards are churned, whichever exit; nobody is left."""
    customers, _, _, answers = ever
    won, left = ~np.isnan(customers["converted_at"]), ~np.isnan(customers["lost_at"])

    assert abs(z_share(won.mean(), np.linalg.solve(WON, [0, 0.2])[0], N)) < FAR
    assert abs(z_share(left.mean(), answers.ever["lost"], N)) < FAR
    for k, exit_stage in ((3, "lost"), (4, "left")):
        exact = LIVES[0] @ ([0.17 + 0.025, 0.2, 0.0] if k == 3 else [0.0, 0.0, 0.2])
        assert abs(z_share((customers["stage"] == k).mean(), exact, N)) < FAR, exit_stage


def test_the_number_of_steps_has_mean_and_variance_of_the_chain(ever):
    """Mean N 1, variance (2 N - I) t - t^2 (Kemeny and Snell 1960, theorem 3.3.5); the sample variance by its own fourth moment."""
    steps = ever[0]["occasions"].astype(float)
    t = LIVES.sum(1)
    mean, variance = t[0], ((2 * LIVES - np.eye(3)) @ t - t**2)[0]

    assert abs(z(steps.mean(), mean, variance, N)) < FAR
    squares = (steps - mean) ** 2
    assert abs(z(squares.mean(), variance, squares.var(), N)) < FAR


@pytest.mark.parametrize("k", [1, 5, 20])
def test_customers_are_spread_over_the_stages_after_k_steps(ever, k):
    """The k-th power of the chain; chi-square below its 1e-6 quantile."""
    from scipy.stats import chi2

    _, _, rows, answers = ever
    whole = np.zeros((5, 5))
    whole[:3, :3], whole[3, 3], whole[4, 4] = P, 1, 1
    whole[:3, 3:] = [[0.195, 0], [0.2, 0], [0, 0.2]]
    expected = np.linalg.matrix_power(whole, k)[0] * N
    last = rows[(rows["number"] == k - 1) | ((rows["stage_to"] >= 3) & (rows["number"] < k - 1))]
    found = np.bincount(last["stage_to"], minlength=5)

    assert list(answers.after(k).values()) == pytest.approx(expected / N, abs=1e-9)
    some = expected > 0
    assert ((found - expected)[some] ** 2 / expected[some]).sum() < chi2.isf(1e-6, some.sum() - 1)


def test_dwell_is_exponential_with_the_mean_of_a_run(ever):
    """Exponential gaps until a move: mean gap / (1 - stay), variance its square, fourth central moment 9 times that squared."""
    sums = ever[1]
    for k, gap in enumerate(GAPS):
        mean = gap / (1 - P[k, k])
        runs = sums.entries[:, k].sum()
        assert abs(z(sums.days[:, k].sum() / runs, mean, mean**2, runs)) < FAR
        once = sums.days[sums.entries[:, k] == 1, k]  # those with one run, whose days are that run
        assert abs(z(((once - mean) ** 2).mean(), mean**2, 8 * mean**4, len(once))) < FAR


def test_days_to_leave_have_the_variance_of_the_process(ever):
    """Mean N m; E[T^2] solves t2 = 2 m^2 + 2 m P t + P t2 for exponential gaps (Cinlar 1975, chapter 10)."""
    customers, _, _, answers = ever
    mean = LIVES @ GAPS
    square = LIVES @ (2 * GAPS**2 + 2 * GAPS * (P @ mean))
    days = np.fmax(customers["churned_at"], customers["lost_at"]) - customers["arrived"]

    assert answers.ever["days_variance"] == pytest.approx(square[0] - mean[0] ** 2, rel=1e-9)
    assert abs(z(days.mean(), mean[0], square[0] - mean[0] ** 2, N)) < FAR
    squares = (days - mean[0]) ** 2
    assert abs(z(squares.mean(), square[0] - mean[0] ** 2, squares.var(), N)) < FAR


def test_conversion_by_day_follows_the_matrix_exponential(ever):
    """Client made absorbing: P(converted by day t) = 1 - (still prospects) - (lost), from expm of the generator."""
    from scipy.linalg import expm

    customers, _, _, answers = ever
    generator = np.zeros((4, 4))
    generator[:2, :2] = (P[:2, :2] - np.eye(2)) / GAPS[:2, None]
    generator[1, 2], generator[:2, 3] = 0.2 / GAPS[1], [0.195 / GAPS[0], 0.2 / GAPS[1]]
    for day in (30, 90):
        exact = expm(generator * day)[0, 2]
        assert answers.by_horizon[f"conversion_rate_{day}d"] == pytest.approx(exact, rel=1e-9)
        assert abs(z_share((customers["converted_at"] <= day).mean(), exact, N)) < FAR


@pytest.mark.parametrize("family", ["exponential", "lognormal", "fixed"])
def test_arrivals_cut_at_the_horizon_are_not_the_whole_story(family):
    """Arrivals over 60 days, cut at day 60: conversion, presence and days in each stage are those by the horizon, far below ever."""
    changed = raw(arrivals={"days": 60.0}, horizon=60.0)
    for stage in STAGES:
        changed["stages"][stage]["gap"] |= {"family": family, "cv": 1.2}
    one = world(changed)
    log, answers = play(one, clock="compiled"), solve(one)
    customers, sums, exact = fold(log), StageSums(log), answers.by_horizon

    assert answers.ever["conversion_rate"] > 1.05 * exact["conversion_rate"]
    assert abs(z_share((~np.isnan(customers["converted_at"])).mean(), exact["conversion_rate"], N)) < FAR
    for k, stage in enumerate((*STAGES, "lost", "left")):
        assert abs(z_share((customers["stage"] == k).mean(), exact[f"present.{stage}"], N)) < FAR
    for k, stage in enumerate(STAGES):
        assert abs(z(sums.days[:, k].mean(), exact[f"days.{stage}"], sums.days[:, k].var(), N)) < FAR


def test_little_s_law_holds_for_the_population():
    """Steady arrivals, nobody left over from before: L = arrivals a day times mean days (Little 1961), on the last of 200 days."""
    log, _ = played(arrivals={"days": 200.0}, horizon=200.0)
    stage = fold(log)["stage"]
    for k in range(3):
        population = N / 200 * LIVES[0, k] * GAPS[k]
        share = population / N
        assert abs(z_share((stage == k).mean(), share, N)) < FAR  # who would live beyond 200 days does not count: 1e-4 of a standard error
