"""The total effect, the bias by interference, and arms that act too early."""

import csv

import numpy as np
import pytest

from sim.customers import fold
from sim.errors import ConfigError
from sim.model.check import world
from sim.model.profiles import assign
from sim.play import play
from sim.studies.ab.analysis import Estimate, Finding
from sim.studies.ab.question import Question
from sim.studies.ab.reach import refuse_early
from sim.studies.ab.sample import observe
from sim.studies.ab.study import ab_test
from sim.studies.ab.truth import Replication, everybody_in, replicate, summary, total_effect
from tests import worlds

COUPON = {"channels.mail.odds.weigh.buy": 6.0}


def trial(raw, changes, **top):
    """Return the world with a test of these changes."""
    arms = {"control": {"share": 0.5}, "coupon": {"share": 0.5, "set": changes}}
    return worlds.made(raw, ab_test={"name": "coupon", "arms": arms}, **top)


def rationed(customers=1500):
    """Return a world in which the mails of a week are soon spent, and control gets none: what the test's arm uses, all would share."""
    mail = {"channels__mail__share": {"weigh": 0.0}, "channels__mail__odds__weigh__buy": 20.0, "channels__mail__engage": 1.0}
    raw = worlds.put(worlds.plain(customers), **mail, channels__mail__cost={"exposure": 1.0}, channels__mail__budget={"amount": 8, "per": "week"})
    return trial(raw, {"channels.mail.share.weigh": 0.5})


def test_everybody_in_an_arm_is_the_arm_as_a_scenario():
    """In a world without overlapping persona changes: the same customers as `assign` on the plain data, without a test."""
    one = trial(worlds.plain(300), COUPON)
    plain = world(assign(one.model_dump(exclude_unset=True), COUPON) | {"ab_test": None})

    ours, theirs = fold(play(everybody_in(one, "coupon"))), fold(play(plain))
    assert all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ("identity", "converted_at", "revenue", "cost", "margin"))


def test_the_total_effect_is_of_the_same_exposed_customers():
    """Nobody's exposure differs between the two worlds of an arm that acts from there on; the effect is the difference of two means."""
    one, question = trial(worlds.plain(800), COUPON), Question(stage="weigh", metrics=("conversion_rate_60d",))
    arms = question.arms(one)
    both = [observe(play(everybody_in(one, arm)), question, arms) for arm in arms]
    outcome = question.outcomes[0]

    assert np.array_equal(both[0].origin, both[1].origin, equal_nan=True)
    assert total_effect(both, outcome, 1)[1] == pytest.approx(both[1].values(outcome)[0].mean() - both[0].values(outcome)[0].mean())


def test_tests_of_customers_who_share_nothing_are_not_biased():
    """20 replications: |t| of the bias below 7.35 (Student's t with 19), and most intervals hold the truth."""
    question = Question(stage="weigh", metrics=("conversion_rate_60d", "value_60d"))
    for truth in summary(replicate(trial(worlds.plain(500), COUPON), question, range(20))):
        assert abs(truth.bias) < 7.35 / 2.093 * (truth.bias_high - truth.bias_low) / 2
        assert truth.covered >= 14
        assert truth.low < truth.effect < truth.high


def test_a_test_without_an_interval_is_not_one_that_misses():
    """Two runs: one test says .2 give or take .1 of a truth of .25, the other one has too few customers for an interval."""
    fair, empty = Estimate(0.2, 0.1, 0.3, 0.01), Estimate(0.5, np.nan, np.nan, np.nan)
    runs = [Replication((Finding("m", "arm", 9, 9, 0.1, 0.3, test, 0.01, empty, np.nan, ""),), (0.1,), (0.25,)) for test in (fair, empty)]
    (truth,) = summary(runs)

    assert (truth.covered, truth.replications, truth.rejected) == (1, 1, 1)


def test_a_shared_budget_makes_tests_promise_too_much():
    """The arm spends in the test what everybody would share: the tests' mean is above the total effect, clearly."""
    question = Question(stage="weigh", metrics=("conversion_rate_60d",))
    (truth,) = summary(replicate(rationed(), question, range(8)))

    assert truth.is_biased
    assert truth.bias > 0
    assert truth.estimate > 1.3 * truth.effect


@pytest.mark.parametrize(
    "changes",
    [
        {"stages.aware.gap.mean": 3.0},
        {"channels.ad.engage": 0.9},
        {"channels.ad.odds.aware.weigh": 3.0},
        {"personas.keen.pace": 0.5},
        {"personas.calm.entry": {"weigh": 1.0}},
        {"channels.ad.cost.touch": 3.0},
    ],
)
def test_an_arm_that_acts_before_the_exposure_is_refused_by_its_path(changes):
    """What happens in awareness decides who gets to weigh; so do costs where a budget binds."""
    raw = worlds.put(worlds.plain(10), channels__ad__budget={"amount": 5, "per": "day"})
    with pytest.raises(ConfigError) as error:
        refuse_early(trial(raw, changes), "weigh")

    (path,) = changes
    assert [problem.path for problem in error.value.problems] == [f"ab_test.arms.coupon.set.{path}"]


@pytest.mark.parametrize("changes", [COUPON, {"channels.mail.discount": 0.2}, {"stages.weigh.gap.mean": 2.0}, {"channels.call.cost.touch": 3.0}])
def test_an_arm_that_acts_from_the_exposure_on_or_on_money_alone_is_taken(changes):
    """Nobody's way to the stage is another one; from arrival anything is taken."""
    assert refuse_early(trial(worlds.plain(10), changes), "weigh") is None
    assert refuse_early(trial(worlds.plain(10), {"stages.aware.gap.mean": 3.0}), None) is None


def test_no_test_is_refused():
    """There are no arms to compare."""
    with pytest.raises(ConfigError, match="ab_test"):
        Question().arms(worlds.made(worlds.plain(10)))


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"boundary": "pocock", "replications": 3}, {"findings.csv", "splits.csv", "looks.csv", "power.csv", "truth.csv"}),
        ({"boundary": "always_valid", "replications": 2}, {"findings.csv", "splits.csv", "looks.csv", "power.csv", "truth.csv"}),
        ({"mode": "aa", "splits": 20}, {"aa.csv"}),
        ({"mode": "peeking", "splits": 20}, {"peeking.csv"}),
        ({"mode": "power", "replications": 3}, {"power.csv"}),
    ],
)
def test_every_mode_is_readable_and_written(options, written, tmp_path):
    """Text within 100 columns; one file a table, each with a row."""
    one = trial(worlds.plain(300), COUPON)
    question = Question.of({"stage": "weigh", "metrics": ["conversion_rate_60d", "value_60d", "orders_per_touch_60d"]} | options, one)
    result = ab_test(one, question)
    result.write(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == written
    assert max(map(len, result.text().splitlines())) <= 100
    for path in tmp_path.iterdir():
        with path.open(newline="") as file:
            assert len(list(csv.reader(file))) > 1


def test_looks_use_matured_outcomes_only():
    """The first of five looks comes when a fifth of the windows is over: its outcomes were exposed 60 days before it."""
    one = trial(worlds.plain(500), COUPON)
    result = ab_test(one, Question(stage="weigh", metrics=("conversion_rate_60d",), boundary="pocock", replications=2))
    looks = result.looks["coupon"]
    origin = observe(play(one), result.question, result.question.arms(one)).origin
    known = [np.count_nonzero((origin + 60 <= look.day) & (origin <= one.horizon - 60)) for look in looks]

    assert [look.n for look in looks] == known
    assert len(looks) == 5


def test_an_arm_that_acts_on_the_way_to_the_exposure_is_refused():
    """Nobody begins in buy, and whoever comes to love may have been there; from buy on it may act."""
    one = trial(worlds.plain(10), {"stages.buy.gap.mean": 3.0})
    with pytest.raises(ConfigError, match="acts in buy"):
        refuse_early(one, "love")

    refuse_early(one, "buy")
