"""Enough runs? What one mean takes, and what is said of it."""

import csv
from math import inf, nan

import numpy as np
import pytest
from scipy import stats

from sim.errors import ConfigError
from sim.metrics import Metric
from sim.model.check import world
from sim.studies.precision import Replicated, to_precision
from sim.studies.replicate import replicate
from tests import worlds


def of(value, low, high, runs, precision=0.05):
    """Return a study of one metric."""
    metric = Metric("profit", "all", "all", value, low, high, "EUR", runs)
    return Replicated(world(worlds.plain(100)), (metric,), runs, "profit", precision, 100)


def interval(values):
    """Return mean and limits of a t interval."""
    return (np.mean(values), *stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values)))


@pytest.mark.parametrize(("precision", "runs"), [(0.05, 9), (0.02, 39), (0.01, 144)])
def test_the_interval_alone_says_how_many_runs_are_needed(precision, runs):
    """S14's sample (mean 100, s 6, nine values) from its interval: 9, 39 and 144 (Law 2015, 9.4.1)."""
    found = of(*interval([94.0] * 4 + [100.0] + [106.0] * 4), 9, precision)

    assert found.needed(found.chosen) == runs
    assert (runs <= 9) == found.answer.startswith("Enough runs")
    assert runs <= 9 or f"about {runs - 9} more" in found.answer


def test_a_mean_of_nothing_and_no_interval_are_said():
    """A relative precision of 0 never comes; without an interval nothing can be planned."""
    assert of(0.0, -1.0, 1.0, 10).needed(of(0.0, -1.0, 1.0, 10).chosen) == inf
    assert "no number of replications" in of(0.0, -1.0, 1.0, 10).answer
    assert "No interval" in of(5.0, nan, nan, 1).answer
    assert of(5.0, 5.0, 5.0, 10).answer.startswith("Enough runs")


def test_it_stops_where_the_mean_is_known_well_enough(tmp_path):
    """The replications are those of `replicate`; the interval is as short as asked, and files hold what the text says."""
    one = world(worlds.plain(300))
    found = to_precision(one, "revenue", 0.1, 60)
    values = [next(m.value for m in run if (m.metric, m.by) == ("revenue", "all")) for run in replicate(one, range(found.runs))]
    found.write(tmp_path)
    rows = [r for r in csv.DictReader((tmp_path / "replications.csv").open()) if (r["metric"], r["by"]) == ("revenue", "all")]

    assert (found.chosen.value, found.chosen.low, found.chosen.high) == pytest.approx(interval(values))
    assert (found.chosen.high - found.chosen.low) / 2 <= found.chosen.value * 0.1 / 1.1
    assert float(rows[0]["runs_needed"]) <= found.runs
    assert max(map(len, found.text().splitlines())) <= 100


def test_the_maximum_ends_it_and_says_how_many_more():
    """0.1 % of revenue is not to be had with ten runs."""
    found = to_precision(world(worlds.plain(100)), "revenue", 0.001, 10)

    assert found.runs == 10
    assert "more." in found.answer


def test_what_makes_no_sense_is_refused():
    """All problems at once, with near names."""
    with pytest.raises(ConfigError) as refused:
        to_precision(world(worlds.plain(100)), "profits", 0.0, 1)
    assert [p.path for p in refused.value.problems] == ["study.metric", "study.precision", "study.max"]
    assert "'profit'" in refused.value.problems[0].rule


def test_a_mean_without_an_interval_says_why():
    """A value that one replication of 12 has stands with that, not with an interval from nowhere to nowhere."""
    alone = Metric("profit", "all", "all", 5.0, nan, nan, "EUR", 1, "in 1 of 12 replications")
    text = Replicated(world(worlds.plain(100)), (alone,), 12, "profit", 0.05, 100).text()

    assert "in 1 of 12 replications" in text
    assert "- to -" not in text
