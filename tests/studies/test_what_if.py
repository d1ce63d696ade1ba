"""Scenarios against a baseline: what is compared, how well it is known, and twins."""

import csv
from math import isnan

import numpy as np
import pytest
from scipy import stats

from sim.customers import fold
from sim.errors import ConfigError
from sim.metrics.journey import facts
from sim.model.check import world
from sim.play import play
from sim.studies.difference import differences, measured
from sim.studies.planner import LEAST
from sim.studies.twins import Twins, added, twins
from sim.studies.what_if import Asked, what_if
from tests import worlds

ASKED = Asked(matters=150.0, most=10)
BEFORE, AFTER = 0.045 / 0.417, 0.054 / 0.441  # .107914 and .122449, the values of S13: a c / ((1 - s)(1 - t) - a r), worked out by hand


def check(stays, goes, customers):
    """Return the check's world: a change of 3 points in one transition out of the first stage."""
    stages = {
        "aware": {"kind": "prospect", "entry": 1.0, "next": {"aware": stays, "weigh": goes, "lost": 0.33}, "gap": {"mean": 2}},
        "weigh": {"kind": "prospect", "next": {"aware": 0.1, "weigh": 0.1, "buy": 0.3, "lost": 0.5}, "gap": {"mean": 2}},
        "buy": {"kind": "customer", "next": {"gone": 1.0}, "gap": {"mean": 2}},
        "lost": {"kind": "lost"},
        "gone": {"kind": "churned"},
    }
    return world({"customers": customers, "arrivals": {"days": 30}, "horizon": 2000.0, "stages": stages})


def pair(customers):
    """Return the check's world without and with the change."""
    return {"before": check(0.52, 0.15, customers), "after": check(0.49, 0.18, customers)}


@pytest.fixture(scope="module")
def found():
    """Compare a plain world with one whose mail works better, and one that is the same."""
    raw = worlds.plain(400)
    better = worlds.put(raw, channels__mail__odds__weigh__buy=3.0)
    return what_if({"now": world(raw), "mail": world(better), "same": world(raw)}, Asked(matters=5000.0, most=25))


def test_the_same_world_differs_by_nothing(found):
    """Common luck: every difference is exactly 0, and nothing that matters."""
    rows = [row for row in found.rows if row.scenario == "same" and not isnan(row.low)]

    assert rows
    assert all(row.difference == pytest.approx(0.0, abs=1e-9) and row.half < 1e-9 for row in rows)
    assert "same makes no difference that matters" in found.text()


def test_differences_are_paired_means_with_students_interval(found):
    """Profit against scipy on replications played here; 20 of them, as there are three worlds."""
    played = [[play(one, clock="compiled", replication=n) for n in range(found.precise)] for one in list(found.worlds.values())[:2]]
    profit = [[measured(facts(log, intervals=False))["profit", "all", "all"].value for log in logs] for logs in played]
    gains = np.diff(profit, axis=0)[0]
    row = found.whole("mail")["profit"]

    assert found.precise == 20
    assert (row.low, row.high) == pytest.approx(stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains)))
    assert row.p_better == pytest.approx(stats.t.cdf(gains.mean() / stats.sem(gains), len(gains) - 1))


def test_ratios_are_of_totals():
    """Two replications of different size: 1/10 and 9/30 are 10/40 together, never the mean of .1 and .3; jackknifed."""
    runs = [what_if_measured(1, 10), what_if_measured(9, 30)]
    row = differences("b", [what_if_measured(0, 10), what_if_measured(0, 30)], runs)[0]

    assert row.value == 0.25
    assert row.difference == pytest.approx(2 * 0.25 - (0.3 + 0.1) / 2)  # Tukey's: n θ - (n - 1) mean of θ without one


def what_if_measured(above, below):
    """Return one replication's conversion rate."""
    from sim.metrics import Metric

    return {("conversion_rate", "all", "all"): Metric("conversion_rate", "all", "all", above / below, np.nan, np.nan, "share", below, "", above, below)}


def test_everything_comes_for_all_by_persona_and_by_month(found):
    """Seven metrics; lifetime value describes and says so."""
    seen = {(row.metric, row.by) for row in found.rows if row.scenario == "mail"}
    clv = found.whole("mail").get("clv")

    assert {(m, by) for m in ("profit", "conversion_rate") for by in ("all", "persona", "month")} <= seen
    assert clv is None or (isnan(clv.p_better) and "other customers" in clv.note)


def test_it_stops_at_what_matters_or_at_the_maximum():
    """A difference that matters little takes many; one of a million none but the least."""
    raw = worlds.plain(300)
    both = {"now": world(raw), "mail": world(worlds.put(raw, channels__mail__odds__weigh__buy=3.0))}

    assert what_if(both, Asked(1e6, 30)).runs == LEAST
    assert what_if(both, Asked(0.01, 12)).runs == 12


def test_worlds_that_have_other_luck_are_refused():
    """Another seed, or other arrivals, and there are no twins; a baseline alone says nothing."""
    with pytest.raises(ConfigError) as refused:
        what_if({"a": world(worlds.plain()), "b": world(worlds.plain(seed=2, horizon=100))})
    assert [p.path for p in refused.value.problems] == ["seed", "horizon"]
    with pytest.raises(ConfigError, match=r"study\.scenarios"):
        what_if({"a": world(worlds.plain())})
    with pytest.raises(ConfigError, match=r"study\.matters"):
        what_if({"a": world(worlds.plain()), "b": world(worlds.plain())}, Asked(0.0))


def test_twins_are_joined_by_identity():
    """Referred customers change their number between worlds, never their identity."""
    raw = worlds.referral(500)
    logs = [play(world(r), clock="compiled") for r in (raw, worlds.put(raw, channels__mail__odds__weigh__buy=3.0))]
    joined = twins(*map(fold, logs))

    assert joined.size == len(np.intersect1d(*(log.births["identity"] for log in logs)))
    assert added([joined, joined]) == Twins(*(2 * n for n in joined))


def test_twins_are_worth_at_least_eight_strangers():
    """S13: variance ratio >= 8 on the check's world, and >= 60 % of the bound (estimators 18)."""
    logs = [fold(play(one, clock="compiled")) for one in pair(40_000).values()]
    joined = twins(*logs)

    assert Twins(107_914, 14_535, 0, 877_551).bound == pytest.approx(14.22, abs=0.01)  # (p0q0 + p1q1) / (d (1 - d)); 14.7 for .108 -> .122, rounded
    assert joined.variance_ratio >= 8
    assert joined.variance_ratio >= 0.6 * joined.bound


def test_the_difference_of_twins_is_unbiased():
    """S13 at cut size: 40 pairs of 500 customers; mean difference .122449 - .107914, |t| <= 7.35 and closer than 5 exact standard errors."""
    both = pair(500)
    counts = [twins(*(fold(play(one, clock="compiled", replication=n)) for one in both.values())) for n in range(40)]
    all_ = added(counts)
    error = np.sqrt((all_.only_with + all_.only_without) / all_.size / all_.size)

    assert abs((all_.only_with - all_.only_without) / all_.size - (AFTER - BEFORE)) <= 5 * error
    assert abs(all_.shares[0] - BEFORE) <= 5 * np.sqrt(BEFORE * (1 - BEFORE) / all_.size)


def test_twins_are_told_only_where_nothing_is_shared(found, tmp_path):
    """Their shares are labelled as one possible twin's; desks have none."""
    desk = worlds.desk(300)
    shared = what_if({"now": world(desk), "more": world(worlds.put(desk, desks__sales__people=3))}, ASKED)
    found.write(tmp_path)

    assert "one possible twin" in found.text()
    assert "one possible twin" in (tmp_path / "twins.csv").read_text()
    assert not shared.twins
    assert "twin" not in shared.text()


def test_the_plan_adds_up(found, tmp_path):
    """Wins of all months are converted customers, money is the metrics', the pipeline is leads less closed ones."""
    found.write(tmp_path)
    rows = [r for r in csv.DictReader((tmp_path / "plan.csv").open()) if r["scenario"] == "now"]
    total = {line: sum(float(r["value"]) for r in rows if (r["line"], r["of"]) == (line, "all")) for line in ("revenue", "contribution", "cost", "wins")}
    whole = found.whole("mail")

    assert total["revenue"] == pytest.approx(whole["revenue"].baseline)
    assert total["cost"] == pytest.approx(whole["cost"].baseline)
    assert total["contribution"] - total["cost"] == pytest.approx(whole["profit"].baseline)
    assert sum(float(r["value"]) for r in rows if r["line"] == "cost" and r["of"] != "all") == pytest.approx(total["cost"])


def test_the_text_fits_the_terminal(found):
    """100 columns, whatever the names."""
    assert max(map(len, found.text().splitlines())) <= 100


def test_the_forest_shows_every_difference(found, tmp_path):
    """PNG and SVG; each metric with an interval stands under its scenario's name, the verdict in the title."""
    from sim.report.figures import draw_differences

    paths = draw_differences(found, tmp_path)
    drawn = paths[1].read_text()

    assert [path.name for path in paths] == ["forest.png", "forest.svg"]
    assert all(text in drawn for text in ("Mail", "Same", "Profit", "Converted by the end", "no difference that matters"))
