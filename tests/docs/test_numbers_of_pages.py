"""The number that proves a how-to page is what its commands give."""

import math
import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from sim.app.library import load
from sim.metrics import METRICS
from sim.metrics.attribution.paths import from_log
from sim.metrics.journey import facts
from sim.play import play
from sim.studies.replicate import summary
from tests.configs.test_how_to import PAGES, shown, write_files


def worlds(page, first=0, last=2):
    """Return the worlds of some of the page's commands, in order."""
    lines = [line for block in shown(page) for line in block.splitlines() if line.startswith("polku")]
    with TemporaryDirectory() as folder:
        write_files(page, Path(folder))
        return [load(*(word for word in shlex.split(line)[1:] if word not in {"-cd", "my"}), config_dir=folder) for line in lines[first:last]]


def measured(world, metric, by="all", group="all"):
    """Return one number as a run prints it: of the log, or over the replications where customers share something."""

    def of(number):
        log = play(world, clock="compiled", replication=number, threads=1)
        return [m for m in METRICS[metric](facts(log, intervals=False)) if (m.by, m.group) == (by, group)]

    return summary([of(number) for number in range(world.replications)])[0].value if world.couples else of(0)[0].value


def percent(share, digits=1):
    """Return a share as pages write it."""
    return f"{100 * share:.{digits}f} %"


def says(page, *numbers):
    """Return whether the paragraph of the page that proves it has these numbers in this order."""
    proof = (PAGES / f"{page}.md").read_text().split("The number that proves it")[1].split("\n\n")[0]
    return re.search(".*".join(re.escape(number) for number in numbers), proof, re.DOTALL) is not None


def test_the_tired_read_fewer_letters():
    """Each letter adds a quarter of a unit of fatigue, whose unit leaves a fifth of the odds; four in ten read where nobody tires."""
    tired, fresh = (measured(world, "engagement_rate", "channel", "letter") for world in worlds("describe_a_driver"))

    assert says("describe_a_driver", percent(tired), percent(fresh))
    assert fresh == pytest.approx(0.4, abs=5 * np.sqrt(0.24 / 30_000))


def test_twice_as_many_newsletters_do_not_reach_twice_as_many():
    """The tired withdraw their permission."""
    once, twice = (measured(world, "exposures", "channel", "newsletter") for world in worlds("ask_for_permission"))

    assert says("ask_for_permission", f"{once:,.0f}", f"{twice:,.0f}", percent(twice / once - 1, 0))


def test_a_content_out_of_place_hurts():
    """The same contents, each in its stage and then everywhere."""
    placed, everywhere = (measured(world, "conversion_rate") for world in worlds("plan_flights_and_caps"))

    assert says("plan_flights_and_caps", percent(placed, 2), percent(everywhere, 2))


def test_word_of_mouth_alone_follows_bass():
    """Bass (1969): F(t) = (1 - exp(-(p + q) t)) / (1 + q / p exp(-(p + q) t)) with p .03, q .4 a year, after five years."""
    (world,) = worlds("add_word_of_mouth", 1)
    still = math.exp(-0.43 * 5)

    assert says("add_word_of_mouth", percent((1 - still) / (1 + 0.4 / 0.03 * still)), percent(measured(world, "conversion_rate")))


def test_a_season_moves_revenue_within_the_year():
    """December against October, with the season and without."""
    (december, october), (flat, even) = ([measured(world, "revenue", "month", month) for month in ("23", "21")] for world in worlds("follow_a_calendar"))

    assert says("follow_a_calendar", f"{december:,.0f}", f"{october:,.0f}", f"{december / october:.1f} times", f"{flat / even:.2f} times")


def test_fewer_give_up_where_people_are_hired():
    """The same year, with four more people from day 90 on."""
    before, after = (measured(world, "gave_up_rate") for world in worlds("hire_people"))

    assert says("hire_people", percent(before), percent(after))


def test_targeting_flatters_an_ad_that_does_nothing():
    """Exposed against unexposed over the replications of the study; the truth is 0, since nobody's journey knows of the ad."""
    targeted, anybody = worlds("target_an_audience")

    assert says("target_an_audience", percent(naive_lift(targeted)), percent(-naive_lift(anybody)))
    assert measured(targeted, "conversion_rate") == measured(anybody, "conversion_rate")


def naive_lift(world):
    """Return the lift of the exposed over the unexposed as the study finds it: the mean of ten replications."""
    found = []
    for number in range(10):
        paths = from_log(play(world, clock="compiled", replication=number, threads=1), seen="exposures", lookback=None)
        exposed = np.isin(np.arange(len(paths.won)), paths.of)
        found.append(paths.won[exposed].mean() / paths.won[~exposed].mean() - 1)
    return np.mean(found)


def test_long_terms_bring_fees_of_customers_who_have_left():
    """The same journeys under both terms; leaving in the middle of a year pays the rest of it."""
    yearly, monthly = worlds("sell_a_contract")
    long, short = (measured(world, "revenue") for world in (yearly, monthly))

    assert says("sell_a_contract", f"EUR {long / 1e6:.2f} million", f"{short / 1e6:.2f} million")
    assert measured(yearly, "churn_rate_monthly") == measured(monthly, "churn_rate_monthly")
