"""What an analyst observes, counted by hand."""

import numpy as np
import pytest

from sim import log as L
from sim.errors import ConfigError
from sim.play import play
from sim.studies.ab.assignment import split
from sim.studies.ab.question import Question
from sim.studies.ab.sample import observe
from tests import worlds

TERMS = L.Terms(
    horizon=100.0,
    stages=("look", "weigh", "buy", "out"),
    kinds=("prospect", "prospect", "customer", "lost"),
    channels=("own", "ad"),
    arms=("a", "b"),
    margin=((1.0, 1.0),),
    discount=(((0.0, 0.0), (0.0, 0.0)),),
)
# customer, time, stage_from, stage_to, channel, flags (1 engaged, 2 order), revenue, cost
ROWS = [
    (0, 2, 0, 0, 1, 1, 0, 1),  # before exposure
    (0, 5, 0, 1, 1, 1, 0, 1),  # exposed on day 5
    (0, 20, 1, 0, 1, 0, 0, 1),
    (0, 30, 0, 1, 0, 0, 0, 0),  # comes back: no second exposure
    (0, 35, 1, 2, 1, 3, 50, 2),  # converts on day 30 after exposure, which counts
    (0, 36, 2, 2, 0, 2, 40, 0),  # a day too late
    (1, 3, 0, 2, 0, 2, 10, 0),  # converted before it weighed: no prospect of this test
    (1, 9, 2, 1, 0, 0, 0, 0),
    (2, 80, 0, 1, 0, 0, 0, 0),  # followed 20 days only
    (2, 81, 1, 2, 0, 2, 10, 0),
    (3, 1, 0, 3, 0, 0, 0, 0),  # never exposed
    (4, 50, 1, 3, 0, 0, 0, 0),  # begins there
]


@pytest.fixture(scope="module")
def log():
    """Five customers; the last one enters at the exposure stage."""
    births, rows = np.zeros(5, L.BIRTH), np.zeros(len(ROWS), L.ROW)
    births["customer"] = births["identity"] = np.arange(5)
    births["parent"], births["entry"][4], births["arrived"][4], births["arm"] = -1, 1, 40.0, [1, 0, 0, 1, 0]
    for name, column in zip(("customer", "time", "stage_from", "stage_to", "channel", "flags", "revenue", "cost"), zip(*ROWS, strict=True), strict=True):
        rows[name] = column
    for who in range(5):
        rows["number"][rows["customer"] == who] = np.arange(np.count_nonzero(rows["customer"] == who))
    return L.in_memory(TERMS, births, rows)


def seen(log, **changes):
    """Return the sample of a question about the log."""
    return observe(log, Question(**{"stage": "weigh", "metrics": ("conversion_rate_30d", "orders_per_touch_30d"), **changes}), ("a", "b"))


def test_exposure_is_the_first_entry_of_those_who_had_not_converted(log):
    """Customer 1 had; 0, 2 and 4 are exposed on days 5, 80 and 40; 3 is eligible and never exposed."""
    sample = seen(log)

    assert sample.identity.tolist() == [0, 2, 3, 4]
    assert sample.origin.tolist() == pytest.approx([5, 80, np.nan, 40], nan_ok=True)


def test_only_customers_followed_for_the_window_count_and_its_last_day_does(log):
    """Customer 2 was followed 20 days; customer 0 converts on day 30 of 30."""
    sample = seen(log)
    outcome = Question(metrics=("conversion_rate_30d",)).outcomes[0]

    assert sample.identity[sample.counted(outcome)].tolist() == [0, 4]
    assert sample.values(outcome)[0].tolist() == [1, 0]


def test_amounts_count_after_exposure_until_the_window_ends(log):
    """Customer 0: one exposure without touch and one with an order; 50 revenue, cost 1 + 2; day 36 is too late."""
    sample = seen(log)

    assert {name: sample.amounts[30.0, name][0] for name in ("orders", "touches", "exposures", "occasions", "revenue", "cost", "value")} == {
        "orders": 1, "touches": 1, "exposures": 2, "occasions": 3, "revenue": 50, "cost": 3, "value": 47,
    }  # fmt: skip


def test_covariates_come_from_before_exposure(log):
    """Customer 0: two occasions, exposures and touches up to and with the exposure, five days."""
    assert seen(log).covariates[0, :4].tolist() == [2, 2, 2, 5]


def test_arrival_is_an_exposure_and_the_test_has_a_time(log):
    """From arrival all five are exposed on the day they arrive; from day 10 to 50 only the last one."""
    assert seen(log, stage=None).origin.tolist() == [0, 0, 0, 0, 40]
    assert np.isfinite(seen(log, stage=None, start=10, end=50).origin).tolist() == [False] * 4 + [True]


def test_arms_are_numbered_with_control_first(log):
    """The same customers with b as control."""
    swapped = observe(log, Question(metrics=("conversion_rate_30d",)), ("b", "a"))

    assert swapped.arm.tolist() == [0, 1, 1, 0, 1]


def test_the_split_is_the_one_that_the_clocks_make():
    """Three arms and referred customers: the same hash of (seed, replication, test name, customer)."""
    arms = {"a": {"share": 0.2}, "b": {"share": 0.3}, "c": {"share": 0.5}}
    births = play(worlds.made(worlds.referral(500), ab_test={"name": "three", "arms": arms}), replication=3).births

    assert split(births["identity"], (0.2, 0.3, 0.5), 1, 3, "three").tolist() == births["arm"].tolist()


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"stage": "wiegh"}, "study.stage"),
        ({"stage": "lost"}, "study.stage"),
        ({"stage": "buy", "metrics": ["conversion_rate_30d"]}, "study.metrics"),
        ({"metrics": ["conversion"]}, "study.metrics"),
        ({"metrics": ["value_400d"]}, "study.metrics"),
        ({"metrics": []}, "study.metrics"),
        ({"mode": "test it"}, "study.mode"),
        ({"control": "nobody"}, "study.control"),
        ({"personas": ["keeen"]}, "study.personas"),
        ({"alpha": 5}, "study.alpha"),
        ({"looks": 0}, "study.looks"),
        ({"start": 9, "end": 9}, "study.end"),
        ({"look": 3}, "study.look"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_its_path(options, path):
    """Each with the path of the option."""
    with pytest.raises(ConfigError) as error:
        Question.of(options, worlds.made(worlds.arms(10), horizon=400.0))

    assert [problem.path for problem in error.value.problems] == [path]
