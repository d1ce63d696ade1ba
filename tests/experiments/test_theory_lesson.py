"""Customers who are born different do what the formulas say; the average customer does not."""

import pytest

from sim.app.library import load
from sim.model import known
from sim.model.check import world
from tests.experiments.expected import full
from tests.known.distance import FAR

LINES = [("survival", "regular"), ("survival", "high_end"), ("orders",), ("no_order",), ("next_order",)]


def line(*path):
    """Return the values of one line of the page, by year, week or fifth."""
    found = full("theory_lesson")
    for name in path:
        found = found[name]
    return found


@pytest.mark.parametrize("path", LINES, ids=".".join)
def test_the_simulated_customers_do_what_the_formulas_say(path):
    """Every year, week and fifth within five standard errors."""
    assert all(abs(row["simulated"] - row["exact"]) < FAR * row["error"] for row in line(*path).values())


@pytest.mark.parametrize(
    ("case", "persona"),
    [(known.repeat_buyers(), "shopper"), (known.subscribers(*known.REGULAR), "regular"), (known.subscribers(*known.HIGH_END), "high_end")],
    ids=["shopper", "regular", "high_end"],
)
def test_the_experiment_s_file_is_the_known_world(case, persona):
    """Stages but for where one enters, traits and order values are those of `sim.model.known`."""
    composed, exact = load("+experiment=theory_lesson"), world(case.world)
    (theirs,) = exact.personas.values()
    mine = composed.personas[persona]

    for name, stage in exact.stages.items():
        assert composed.stages[name].model_dump(exclude={"entry"}) == stage.model_dump(exclude={"entry"})
    assert mine.traits == theirs.traits
    assert mine.revenue.value.mean == pytest.approx(theirs.revenue.value.mean, rel=1e-12)
    assert mine.revenue.value.cv == theirs.revenue.value.cv


def test_the_average_customer_is_far_off():
    """By hand: .62672^12 = .0037; exp(-.243 / 4.414 x 39) = .117; and 3.6 renewals are worth more than twice 1.7."""
    regular = line("survival", "regular")

    assert regular["12"]["average"] == pytest.approx((1.182 / 1.886) ** 12, rel=1e-5)
    assert line("no_order")["39"]["average"] == pytest.approx(0.117, abs=0.0005)
    assert sum(row["exact"] for row in regular.values()) == pytest.approx(3.58, abs=0.01)
    assert sum(row["average"] for row in regular.values()) == pytest.approx(1.67, abs=0.01)
    assert line("orders")["78"]["average"] / line("orders")["78"]["exact"] == pytest.approx(1.42, abs=0.01)


def test_the_forecast_of_the_last_five_years_holds():
    """Fader and Hardie 2007: parameters from seven years, within two points of what was observed in the next five."""
    for persona in ("regular", "high_end"):
        rows = line("survival", persona)
        assert all(abs(rows[str(year)]["exact"] - rows[str(year)]["observed"]) < 0.02 for year in range(8, 13))


def test_who_spends_most_spends_less_next():
    """Largest fifth: 81 becomes 67, and the smallest 11 becomes 18 (weight 6.25 / 8.99 on the own order)."""
    rows = line("next_order")

    assert rows["5"]["simulated"] < 0.85 * rows["5"]["average"]
    assert rows["1"]["simulated"] > 1.5 * rows["1"]["average"]
