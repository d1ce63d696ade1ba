"""Tests of studies and reports on a world where somebody is there on day 0: they count in money and work, not among those who arrived."""

from functools import cache

import numpy as np
import pytest

from sim.errors import ConfigError
from sim.language import speaking
from sim.log import Log
from sim.metrics import METRICS, Metric, curves
from sim.metrics.arrivals import arrivals
from sim.metrics.attribution.paths import from_log
from sim.metrics.cohorts import cohorts
from sim.metrics.first_year import first_year
from sim.metrics.journey import Facts, facts
from sim.play import play
from sim.report import odd
from sim.report.figures import style
from sim.report.figures.gallery import drawers
from sim.report.html.report import Report
from sim.report.html.sections import churn, flow, funnel, linearity, paths
from sim.report.html.stored import Run
from sim.studies import moments
from sim.studies.ab.question import Question
from sim.studies.ab.sample import observe
from sim.studies.counterfactual import totals
from sim.studies.optimise import _value
from sim.studies.plan import month_by_month
from sim.studies.twins import Twins
from sim.studies.what_if import _play_all, what_if
from tests import worlds

START = {"love": {"keen": 200}, "weigh": {"calm": 100}}
REFERS = {"referral": {"chance": {"love": 0.1}, "enters": "aware"}}
ALONE, BESIDE = {"horizon": 500} | REFERS, {"horizon": 500, "start": START} | REFERS


@cache
def log(*, there: bool) -> Log:
    """Return the log of the world with those who are there on day 0, or without; nothing is shared, so nobody's life is another's."""
    return play(worlds.made(worlds.plain(1500, **(BESIDE if there else ALONE))), clock="compiled")


@cache
def found(*, there: bool) -> Facts:
    """Return the facts of either log."""
    return facts(log(there=there), intervals=False)


def equal(one: object, two: object) -> None:
    """Assert that two records of arrays and numbers hold the same bits."""
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, vars(two)[name], err_msg=name)


def test_the_two_worlds_differ_by_who_is_there_and_whom_they_bring():
    """Otherwise the other tests say nothing."""
    assert len(log(there=True).births) > len(log(there=False).births) + 300
    assert len(log(there=False).births) > 1500


@pytest.mark.parametrize("stage", [None, "weigh"])
def test_a_test_observes_those_who_arrived(stage):
    """Nobody else is eligible, exposed by arrival or by a stage."""
    asked = Question(stage=stage, metrics=("conversion_rate_30d", "value_30d"))
    alone, beside = (observe(log(there=there), asked, ("all",)) for there in (False, True))
    amounts = beside.amounts
    for key, values in alone.amounts.items():
        np.testing.assert_array_equal(amounts[key], values)
    for name in ("identity", "arm", "origin", "followed", "covariates"):
        np.testing.assert_array_equal(getattr(beside, name), getattr(alone, name))


def test_value_in_the_first_year_is_that_of_the_arrivals():
    """The number of the metric, and with it the touches and the arrivals that the moments of truth use."""
    alone, beside = first_year(log(there=False)), first_year(log(there=True))
    assert (beside[0], beside[2]) == (alone[0], alone[2])
    np.testing.assert_array_equal(beside[1], alone[1])
    metric = next(m.value for m in found(there=True).once("value_365d", METRICS["value_365d"]) if m.by == "all")
    assert beside[0] == pytest.approx(metric, rel=1e-12)


def test_moments_of_truth_and_the_best_split_read_the_arrivals():
    """One replication of the moments, and the goal of the search."""
    alone, beside = (worlds.made(worlds.plain(1500, **top)) for top in (ALONE, BESIDE))
    assert moments._played(beside, 0) == moments._played(alone, 0)
    assert _value(beside, log(there=True)) == _value(alone, log(there=False))


def test_a_plan_has_the_wins_of_the_arrivals_and_the_money_of_everybody():
    """Leads, pipeline and wins are the same; revenue and cost are more by what the others bring."""
    alone, beside = (month_by_month(found(there=there)) for there in (False, True))
    for line in ("leads", "pipeline", "wins"):
        np.testing.assert_array_equal(beside[line, "all"], alone[line, "all"])
    assert (beside["revenue", "all"] > alone["revenue", "all"])[:3].all()
    assert (beside["cost", "all"] > alone["cost", "all"])[:3].all()


def test_the_truth_of_a_channel_is_per_arrival():
    """Who arrived, was followed and converted, and their first year; what the run paid is everybody's."""
    alone, beside = (totals(log(there=there)) for there in (False, True))
    for name in ("arrived", "followed", "converted", "value", "paid_365d"):
        np.testing.assert_array_equal(getattr(beside, name), getattr(alone, name))
    assert beside.paid.sum() > alone.paid.sum()


def test_twins_are_those_who_arrived():
    """Who is there in both worlds, and their referred, are nobody's twins."""
    pairs: list[Twins] = []
    for top in (ALONE, BESIDE):
        first = worlds.made(worlds.plain(1500, **top))
        other = worlds.made(worlds.put(worlds.plain(1500, **top), channels__mail__odds__weigh__buy=3.0))
        pairs += _play_all({"base": first, "other": other}, first, 0).twins
    assert pairs[0] == pairs[1]


def test_paths_are_those_of_the_arrivals():
    """What attribution gives credit to: no path of who was there, no count of who was a customer already."""
    for seen in ("touches", "exposures"):
        equal(from_log(log(there=True), seen=seen), from_log(log(there=False), seen=seen))


def report(folder, *, there: bool) -> Report:
    """Return the report on either log, with one metric."""
    of = {"scenario": "x", "customers": 1500, "seed": 1, "replications": 1}
    rate = Metric("conversion_rate", "all", "all", 0.5, 0.4, 0.6, "share", 1500)
    return Report((Run(folder, log(there=there).terms, (rate,), (), of, worlds.plain(), kept=(log(there=there),)),))


def test_curves_and_cohorts_are_those_of_the_arrivals():
    """The tables that figures and sections are made of."""
    came = arrivals(log(there=True))
    assert came is not None
    for table in (curves.conversion_curve, curves.retention_curve, curves.funnel, cohorts):
        equal(table(came), table(log(there=False)))


def test_a_report_shows_the_curves_of_the_arrivals(tmp_path):
    """The sections of churn, paths and the funnel's counts, figures included, are to the letter those of the world without those who were there."""
    alone, beside = (report(tmp_path, there=there) for there in (False, True))
    assert list(map(str, churn.section(beside))) == list(map(str, churn.section(alone)))
    assert list(map(str, paths.section(beside))) == list(map(str, paths.section(alone)))
    assert linearity._sentence(beside) == linearity._sentence(alone)
    assert str(next(flow.section(beside))) == str(next(flow.section(alone)))
    assert str(next(funnel.section(beside))) == str(next(funnel.section(alone)))
    with style.sheet():
        one, two = (style.svg(drawers(made.run)["conversion"]()) for made in (alone, beside))
    assert one == two


def test_scenarios_begin_with_the_same_people():
    """A scenario with others on day 0 can't be compared: how they came is not known."""
    one, two = (worlds.made(worlds.plain(20, **top)) for top in (ALONE, BESIDE))
    with pytest.raises(ConfigError, match="start"):
        what_if({"base": one, "more": two})


@pytest.mark.parametrize(("code", "said"), [("en", "There on day 0: 300 (Love 200, Weigh 100)"), ("fi", "Jo päivänä 0 paikalla: 300 (Love 200, Weigh 100)")])
def test_the_description_says_who_is_there(code, said):
    """By stage; a world without them is empty."""
    with speaking(code):
        texts = [odd.described(worlds.made(worlds.plain(10, **top)).model_dump())["initial"][0] for top in (ALONE, BESIDE)]
    assert said not in texts[0]
    assert texts[1].startswith(said)
