"""Numbers that nobody knows: how they are drawn, where they are put, how the spread splits, what would turn the decision."""

import numpy as np
import pytest
from scipy import stats

from sim.errors import ConfigError
from sim.metrics.journey import facts
from sim.model.check import world
from sim.play import play
from sim.studies.difference import measured
from sim.studies.ranges import Range, assumed, draws, profit, put, ranges, regression, split
from tests import worlds

COST = Range("channels.mail.cost.exposure", 0.0, 12.0)


def both(customers=200):
    """Return a plain world, and one in which mail works better and costs something."""
    raw = worlds.plain(customers)
    change = {"channels.mail.odds.weigh.buy": 3.0, "channels.mail.cost.exposure": 0.5}
    better = worlds.put(raw, channels__mail__odds__weigh__buy=3.0, channels__mail__cost__exposure=0.5)
    return {"now": world(raw), "mail": world(better | {"scenario": {"name": "mail", "set": change}})}


def test_ranges_are_read_nested_and_dotted():
    """Two ways to write a path."""
    nested = {"channels": {"mail": {"engage": {"low": 0.1, "high": 0.5}}}, "desks.sales.people": {"low": 2, "high": 4}}

    assert ranges(nested) == (Range("channels.mail.engage", 0.1, 0.5), Range("desks.sales.people", 2.0, 4.0))
    assert ranges({}) == ()


@pytest.mark.parametrize("given", [3, {"low": 1}, {"low": 2, "high": 1}, {"low": 1, "high": True}, {"low": 0, "high": 1, "middle": 0.5}])
def test_what_is_no_range_is_refused_by_path(given):
    """Low and high, both numbers, in order."""
    with pytest.raises(ConfigError) as refused:
        ranges({"channels.mail.engage": given})
    assert refused.value.problems[0].path == "study.ranges.channels.mail.engage"


def test_every_slice_of_every_range_is_drawn_once():
    """A Latin hypercube (McKay, Beckman and Conover 1979), addressed: the same seed draws the same."""
    inputs = (Range("a", 0.0, 1.0), Range("b", 10.0, 30.0))
    drawn = draws(inputs, 20, 7)

    assert sorted(np.floor(drawn[:, 0] * 20)) == list(range(20))
    assert sorted(np.floor(drawn[:, 1] - 10)) == list(range(20))
    assert np.array_equal(drawn, draws(inputs, 20, 7))
    assert not np.array_equal(drawn, draws(inputs, 20, 8))


def test_what_a_scenario_sets_is_drawn_in_that_scenario_alone():
    """The baseline keeps its own cost; what nobody sets changes in all; people are whole."""
    made = put(both(), [COST, Range("channels.call.cost.touch", 10, 30)], [2.5, 21.0])
    desk = {"now": world(worlds.desk(100))}

    assert [one.channels["mail"].cost.exposure for one in made.values()] == [0.01, 2.5]
    assert [one.channels["call"].cost.touch for one in made.values()] == [21.0, 21.0]
    assert put(desk, [Range("desks.sales.people", 2, 4)], [2.6])["now"].desks["sales"].people == 3
    with pytest.raises(ConfigError, match=r"study\.ranges: channels\.mial"):
        put(both(), [Range("channels.mial.intensity", 0, 1)], [1.0])


def test_profit_is_the_metrics_profit():
    """The quick sum and `sim.metrics.value.profit` agree, fixed costs included."""
    log = play(world(worlds.desk(300)), clock="compiled")

    assert profit(log) == pytest.approx(measured(facts(log, intervals=False))["profit", "all", "all"].value)


def test_the_spread_splits_as_the_analysis_of_variance_says():
    """Two draws of two: means 1 and 5, within-variances 2 and 2: MSW 2, MSB 16, assumptions (16 - 2)/2 = 7, times 1 + 1/2; luck 2/4."""
    mean, luck, inputs = split(np.array([[0.0, 2.0], [4.0, 6.0]]))
    t = stats.t.ppf(0.975, 1)

    assert (mean, luck, inputs) == pytest.approx((3.0, t * np.sqrt(0.5), t * np.sqrt(7 * 1.5)))


def test_luck_alone_is_not_blamed_on_assumptions():
    """Draws that differ less than luck would: the variance of assumptions is 0, not negative."""
    assert split(np.array([[0.0, 2.0], [0.0, 2.0]]))[2] == 0.0


def test_the_interval_covers_a_world_within_the_ranges():
    """Normal assumptions (sd 2) and luck (sd 3), 20 draws of 4: a further world's mean lies inside in 95 % of 1,000 studies, give or take."""
    chance = np.random.Generator(np.random.Philox(3))
    inside = 0
    for _ in range(1000):
        mean, luck, inputs = split(2 * chance.standard_normal((20, 1)) + 3 * chance.standard_normal((20, 4)))
        inside += abs(2 * chance.standard_normal() - mean) <= np.hypot(luck, inputs)
    assert 0.90 <= inside / 1000 <= 0.98


def test_the_line_through_the_inputs_is_found():
    """An exact line: 5 halfway, slopes 2 and -1, nothing left over."""
    inputs = (Range("a", 0.0, 2.0), Range("b", 0.0, 10.0))
    drawn = draws(inputs, 12, 1)
    gains = (5 + 2 * (drawn[:, 0] - 1) - (drawn[:, 1] - 5))[:, None] + np.array([[-1.0, 1.0]])
    line = regression(drawn, gains, inputs)

    assert (line.middle, *line.slopes, line.explained) == pytest.approx((5.0, 2.0, -1.0, 1.0))


def test_slopes_have_the_standard_errors_of_least_squares():
    """Against scipy's regression on one input."""
    drawn = draws((COST,), 12, 1)
    gains = np.random.Generator(np.random.Philox(4)).standard_normal((12, 2)) + drawn
    line, known = regression(drawn, gains, (COST,)), stats.linregress(drawn[:, 0], gains.mean(axis=1))

    assert (line.slopes[0], line.errors[0], line.explained) == pytest.approx((known.slope, known.stderr, known.rvalue**2))


def test_the_break_even_is_where_the_money_is_gone():
    """Profit is linear in what an exposure costs: two prices, played on other luck, give the price at which it turns."""
    pair = both(1500)
    (found,) = assumed(pair, (COST,), 16, 2)
    free, dear = (gain(put(pair, [COST], [price]), range(20)) for price in (0.0, 12.0))
    turn = found.turns[0]

    assert turn.path == COST.path
    assert turn.is_confirmed
    assert turn.break_even == pytest.approx(12.0 * free / (free - dear), abs=0.9)  # five standard errors of 10 replications there and 20 here


def gain(pair, numbers):
    """Return the mean difference in profit."""
    return np.mean([np.diff([profit(play(one, clock="compiled", replication=n)) for one in pair.values()])[0] for n in numbers])


def test_too_few_draws_are_refused():
    """A line through two inputs and their spread takes more than four points."""
    with pytest.raises(ConfigError, match=r"study\.draws"):
        assumed(both(), (COST, Range("channels.call.cost.touch", 10, 30)), 5, 4)
