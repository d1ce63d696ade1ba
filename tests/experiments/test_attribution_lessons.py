"""The lessons about credit, run small, say what their pages say."""

import pytest

from tests.experiments.expected import command, full


def small(lesson):
    """Return the study of the small lesson."""
    maker = command().maker(lesson)
    return maker.found(*maker.SMALL)


def test_the_last_click_praises_who_meets_demand_not_who_makes_it():
    """Branded search gets most of the credit and causes next to nothing; video causes most; the split by last click loses money."""
    found = small("last_click_lesson")
    assert found.credit("last", "branded_search").share > 0.6
    assert found.found("branded_search", "conversions_caused").value < 0.05 * found.credit("last", "branded_search").conversions
    assert found.credit("last", "video").high < 0
    assert found.found("banner", "conversions_caused").value == 0
    assert {row.model: row.high for row in found.splits}["last"] < 0


def test_the_exposed_overstate_what_an_ad_does():
    """Each naive lift is above the true one by more than its interval; that of the placebo, truly 0, too."""
    found = small("naive_lift_lesson")
    for name in ("social_ads", "display", "placebo"):
        assert found.found(name, "naive_lift").low > found.found(name, "true_lift").high
    assert found.found("placebo", "true_lift").value == 0


@pytest.mark.parametrize("lesson", ["last_click_lesson", "naive_lift_lesson"])
def test_a_small_run_is_near_the_expected_numbers(lesson):
    """Shares of at least 1,500 conversions: 5 standard errors are at most 5 sqrt(0.25 / 1500) = 6.5 points."""
    whole = full(lesson)["channels"]
    found = small(lesson).headline()["channels"]
    for name, numbers in whole.items():
        assert found[name]["caused"] == pytest.approx(numbers["caused"], abs=0.065)
        for model in ("first", "last", "linear", "shapley"):
            assert found[name]["credit"][model] == pytest.approx(numbers["credit"][model], abs=0.065)
