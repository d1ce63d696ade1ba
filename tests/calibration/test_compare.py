"""Real beside simulated: distances by hand, and the noise that chance alone makes."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from sim.calibration import compare as comparing
from sim.calibration.events import EventLog
from tests.calibration import known


def log_of(journeys, until):
    """Return the log of journeys given as lists of (day, stage)."""
    rows = [(customer, day, stage) for customer, journey in enumerate(journeys) for day, stage in journey]
    customer, time, stage = (np.array(column) for column in zip(*rows, strict=True))
    stages = tuple(dict.fromkeys(stage.tolist()))
    size = len(rows)
    return EventLog(
        stages=stages,
        channels=("own",),
        personas=("everyone",),
        persona=np.zeros(len(journeys), int),
        until=np.full(len(journeys), float(until)),
        customer=customer,
        time=time.astype(float),
        stage=np.array([stages.index(name) for name in stage]),
        channel=np.zeros(size, int),
        revenue=np.zeros(size),
        engaged=np.ones(size, bool),
    )


A = log_of([[(0, "x"), (1, "y"), (2, "x")], [(0, "x"), (5, "y")], [(0, "x")], [(0, "y"), (3, "y")]], 10)
B = log_of([[(0, "x"), (1, "x")], [(0, "x"), (2, "y"), (4, "y")]], 10)


def row(rows, measure, stage=""):
    return next(found for found in rows if (found.measure, found.stage) == (measure, stage))


def test_distances_are_those_reckoned_by_hand():
    """Reach of y 3/4 and 1/2; moves x-y 2, y-x 1, y-y 1 of 4 against one x-x, x-y, y-y each of 3: total variation 1/3."""
    rows = comparing.compare(A, B, ["y"])

    assert row(rows, "reach of", "y")[2:5] == pytest.approx((0.75, 0.5, 0.25))
    assert row(rows, "transitions", "(all)").distance == pytest.approx((1 / 3 + abs(2 / 4 - 1 / 3) + 1 / 4 + abs(1 / 4 - 1 / 3)) / 2)
    assert row(rows, "mean occasions per customer")[2:4] == pytest.approx((1.0, 1.5))
    assert row(rows, "median days to", "y")[2:4] == pytest.approx((1.0, 2.0))


def test_never_getting_there_counts_in_the_curve():
    """Within a day 1/2 and 0 of the customers are in y (one starts there): Kolmogorov's distance is 1/2."""
    assert row(comparing.compare(A, B, ["y"]), "median days to", "y").distance == pytest.approx(0.5)


def test_both_logs_are_cut_at_the_same_follow_up():
    """A customer seen for 3 of 10 days lends that follow-up to a simulated one: what happens on day 4 is gone."""
    short = log_of([[(7, "x"), (8, "y")]], 10)

    real, simulated = comparing.same_follow_up(short, B)

    assert real.follow_up.tolist() == [3.0]
    assert simulated.follow_up.tolist() == [3.0, 3.0]
    assert simulated.age.tolist() == [0, 1, 0, 2]


def test_shorter_simulations_cut_both_at_what_half_were_followed():
    """Real customers seen 10 days, simulated ones 4: both are cut at day 4."""
    shorter = log_of([[(0, "x"), (1, "x")], [(0, "x"), (2, "y"), (4, "y")]], 4)

    real, simulated = comparing.same_follow_up(A, shorter)

    assert set(real.follow_up) == set(simulated.follow_up) == {4.0}
    assert real.age.max() <= 4
    assert simulated.age.tolist() == [0, 1, 0, 2, 4]  # what happens on day 4 itself is seen


def test_kolmogorovs_distance_is_scipys():
    """The statistic of the two-sample test, on numbers with ties."""
    chance = np.random.Generator(np.random.PCG64(1))
    a, b = chance.integers(0, 20, 300).astype(float), chance.integers(2, 20, 200).astype(float)

    assert ks_2samp(a, b).statistic == pytest.approx(comparing.kolmogorov(a, b))


def test_one_world_twice_differs_by_about_what_chance_makes():
    """Two seeds of one world: the distances scatter around the noise beside them; the mean of the ratios is near 1."""
    rows = comparing.compare(known.observed(seed=1), known.observed(seed=2), ["buying"])

    ratios = [found.distance / found.noise for found in rows if found.noise > 0]

    assert max(ratios) < 4.5
    assert 0.5 < np.mean(ratios) < 1.5


def test_another_world_is_seen_to_differ():
    """A coupon that doubles the way from deciding to buying moves reach and transitions by many times the noise."""
    stages = {**known.WORLD["stages"]}
    stages["deciding"] = {**stages["deciding"], "next": {"looking": 0.1, "buying": 0.8, "lost": 0.1}}
    rows = comparing.compare(known.observed(), known.observed(stages=stages), ["buying"])

    for found in (row(rows, "reach of", "buying"), row(rows, "transitions from", "deciding"), row(rows, "median days to", "buying")):
        assert found.distance > 5 * found.noise


def test_the_printed_table_fits_a_terminal():
    """At most 100 columns, whatever the stages are called."""
    long = log_of([[(0, "x" * 60), (1, "y" * 60)]] * 40, 5)

    assert max(map(len, comparing.lines(comparing.compare(long, long)))) <= 100
