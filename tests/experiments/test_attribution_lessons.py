"""The lessons about credit, run small, say what their pages say; the full size says what expected.json says."""

import json
from functools import cache
from pathlib import Path

import pytest

from sim.app.library import changed, load
from sim.studies.attribution import Options, attribution

FOLDER = Path(__file__).resolve().parents[2] / "experiments"
LESSONS = {
    "last_click_lesson": Options(replications=10, split_steps=10),
    "naive_lift_lesson": Options(replications=10, seen="exposures", split_channels=0),
}


def expected(lesson):
    """Return what the lesson's command wrote."""
    return json.loads((FOLDER / lesson / "expected.json").read_text())


@cache
def small(lesson, customers):
    """Return the lesson's study with fewer customers, 5 replications and a coarse grid."""
    options = LESSONS[lesson]
    asked = Options(replications=5, seen=options.seen, split_steps=2, split_channels=options.split_channels)
    return attribution(changed(load(f"+experiment={lesson}"), {"customers": customers}), asked)


def test_the_last_click_praises_who_meets_demand_not_who_makes_it():
    """Branded search gets most of the credit and causes next to nothing; video causes most; the split by last click loses money."""
    found = small("last_click_lesson", 3000)
    assert found.credit("last", "branded_search").share > 0.6
    assert found.found("branded_search", "conversions_caused").value < 0.05 * found.credit("last", "branded_search").conversions
    assert found.credit("last", "video").high < 0
    assert found.found("banner", "conversions_caused").value == 0
    assert {row.model: row.high for row in found.splits}["last"] < 0


def test_the_exposed_overstate_what_an_ad_does():
    """Each naive lift is above the true one by more than its interval; that of the placebo, truly 0, too."""
    found = small("naive_lift_lesson", 8000)
    for name in ("social_ads", "display", "placebo"):
        assert found.found(name, "naive_lift").low > found.found(name, "true_lift").high
    assert found.found("placebo", "true_lift").value == 0


@pytest.mark.parametrize(("lesson", "customers"), [("last_click_lesson", 3000), ("naive_lift_lesson", 8000)])
def test_a_small_run_is_near_the_expected_numbers(lesson, customers):
    """Shares of at least 1,500 conversions: 5 standard errors are at most 5 sqrt(0.25 / 1500) = 6.5 points."""
    whole = expected(lesson)["channels"]
    found = small(lesson, customers).headline()["channels"]
    for name, numbers in whole.items():
        assert found[name]["caused"] == pytest.approx(numbers["caused"], abs=0.065)
        for model in ("first", "last", "linear", "shapley"):
            assert found[name]["credit"][model] == pytest.approx(numbers["credit"][model], abs=0.065)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_the_full_lesson_gives_the_expected_numbers(lesson):
    """All of expected.json, to the last digit but one: pytest -m slow tests/experiments/test_attribution_lessons.py (a minute)."""
    found = attribution(load(f"+experiment={lesson}"), LESSONS[lesson]).headline()
    for name, numbers in expected(lesson)["channels"].items():
        for key, value in numbers.items():
            assert found["channels"][name][key] == pytest.approx(value, rel=1e-4), (name, key)
    assert found["misplaced"] == pytest.approx(expected(lesson)["misplaced"], rel=1e-4)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_expected_numbers_are_those_of_the_shipped_lesson(lesson):
    """The world and the options that expected.json was made of are those of configs/experiment."""
    world, said = load(f"+experiment={lesson}"), expected(lesson)
    assert (world.customers, world.seed) == (said["customers"], said["seed"])
    assert {"replications": LESSONS[lesson].replications, "seen": LESSONS[lesson].seen}.items() <= said["options"].items()
    assert set(world.channels) == set(said["channels"])
