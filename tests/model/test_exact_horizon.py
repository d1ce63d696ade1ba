"""The exact solver: what becomes of customers by the horizon."""

import math
from copy import deepcopy

import numpy as np
import pytest

from sim.errors import UnsolvableError
from sim.model import known
from sim.model.check import world
from sim.model.exact import solve
from sim.model.exact.chain import chain
from sim.model.exact.clocks import Lattice, Uniformised
from sim.model.profiles import profiles

CLOSE = 1e-9
NUMERIC = 1e-6


def single(family="exponential", mean=10.0, cv=1.0, onward=1.0, **changes):
    """Return one prospect stage that converts with chance ``onward`` per occasion, else stays."""
    stages = {
        "looking": {"kind": "prospect", "entry": 1.0, "next": {"looking": 1 - onward, "client": onward}, "gap": {"mean": mean, "cv": cv, "family": family}},
        "client": {"kind": "customer", "next": {"left": 1.0}, "gap": {"mean": 50.0}},
        "left": {"kind": "churned"},
    }
    return {"customers": 500, "horizon": 60.0, "arrivals": {"days": 0.0}, "stages": stages} | deepcopy(changes)


def shop(family="exponential", cv=1.0, **changes):
    """Return `known.tiny` with discounted money, another family of gaps, and whatever else changes."""
    raw = known.tiny().world
    for name in ("looking", "buying"):
        raw["stages"][name]["gap"] |= {"family": family, "cv": cv}
    return raw | {"money": {"margin": 0.5, "discount_rate": 0.1}, "horizon": 200.0} | deepcopy(changes)


def timed(raw):
    """Return the by-horizon values of a world given as plain data."""
    return solve(world(raw)).by_horizon


def test_uniformised_occasions_are_those_of_the_matrix_exponential():
    """U(t) and its integrals against scipy.linalg.expm of the generator, bordered once for each integral (Van Loan 1978)."""
    from scipy.linalg import expm

    of = chain(profiles(world(shop()))[0])
    rates = np.array([1 / gap.mean for gap in of.gaps])
    size, generator = len(rates), rates[:, None] * (of.living - np.eye(len(rates)))
    bordered = np.kron(np.eye(4), np.zeros((size, size)))
    for block in range(4):
        bordered[block * size : (block + 1) * size, block * size : (block + 1) * size] = generator if block == 0 else 0
        if block:
            bordered[(block - 1) * size : block * size, block * size : (block + 1) * size] = np.eye(size)
    whole, clock = expm(bordered * 70.0), Uniformised(of, of.entry[None, :], 70.0, 8)

    for k in range(3):
        expected = of.entry @ whole[:size, (k + 1) * size : (k + 2) * size] * rates
        assert clock.count(np.array([70.0]), k)[0, 0] == pytest.approx(expected, rel=1e-8, abs=CLOSE)


def test_conversion_by_day_is_exponential_in_the_simplest_world():
    """Thinned exponential gaps: 1 - exp(-t / 50) for one in five of occasions every 10 days (Feller 1971, I.3)."""
    found = timed(single(onward=0.2))

    expected = [1 - math.exp(-t / 50) for t in (60, 30)]
    assert [found["conversion_rate"], found["conversion_rate_30d"]] == pytest.approx(expected, rel=CLOSE)


def test_arrivals_cut_at_the_horizon_have_lived_less():
    """Uniform over 60 days, cut at day 60: 1 - (1 - e^(-6)) / 6."""
    found = timed(single(arrivals={"days": 60.0}))

    assert found["conversion_rate"] == pytest.approx(1 - (1 - math.exp(-6)) / 6, rel=CLOSE)
    assert found["conversion_rate_30d"] == pytest.approx(1 - math.exp(-3), rel=CLOSE)


@pytest.mark.parametrize("customers", [7, 5000])
def test_equally_spaced_arrivals_are_summed(customers):
    """Arrivals at 0, s, 2 s ...: the mean of 1 - exp(-(60 - a) / 10)."""
    found = timed(single(customers=customers, arrivals={"days": 30.0, "shape": "even"}))
    ages = 60 - 30 / customers * np.arange(customers)

    assert found["conversion_rate"] == pytest.approx(np.mean(1 - np.exp(-ages / 10)), rel=CLOSE)
    assert found["days.looking"] == pytest.approx(np.mean(10 * (1 - np.exp(-ages / 10))), rel=CLOSE)


def test_arrivals_after_the_horizon_do_not_count():
    """Arrivals over 120 days and a horizon of 60 are arrivals over 60 days."""
    assert timed(single(arrivals={"days": 120.0}))["conversion_rate"] == pytest.approx(timed(single(arrivals={"days": 60.0}))["conversion_rate"], rel=CLOSE)


def test_who_is_where_at_the_horizon():
    """Two exponential stages in a row: b / (b - a) (e^(-a t) - e^(-b t)) are in the second (Bateman 1910)."""
    a, b, t = 1 / 10, 1 / 50, 60
    found = timed(single())

    assert found["present.client"] == pytest.approx(a / (b - a) * (math.exp(-a * t) - math.exp(-b * t)), rel=CLOSE)
    assert found["present.looking"] + found["present.client"] + found["present.left"] == pytest.approx(1.0, rel=CLOSE)


def test_churn_is_exits_over_months_at_risk():
    """Exponential stays of 50 days end at a rate of 365 / 12 / 50 a month, whatever the horizon."""
    found = solve(world(single(arrivals={"days": 45.0})))

    assert [found.ever["churn_rate_monthly"], found.by_horizon["churn_rate_monthly"]] == pytest.approx([365 / 12 / 50] * 2, rel=CLOSE)


def test_retention_is_survival_from_the_conversion():
    """Exponential stays of 50 days: e^(-30/50) are left after 30 days, of those who converted by day 30."""
    assert timed(single())["retention_30d"] == pytest.approx(math.exp(-30 / 50), rel=CLOSE)


def test_customer_value_is_cut_at_its_window():
    """By hand: contribution 5 at conversion; then alive with e^(-k u), k = .2 / 30, orders of 5 at .8 / 30 a day, to day 100, discounted."""
    force, leave = math.log(1.1) / 365, 0.2 / 30
    expected = 5 + 5 * 0.8 / 30 * (1 - math.exp(-(force + leave) * 100)) / (force + leave)

    found = timed(shop(money={"margin": 0.5, "discount_rate": 0.1, "clv_days": 100.0}))
    assert found["clv"] == pytest.approx(expected, rel=CLOSE)


def test_value_per_arrival_is_discounted_to_the_arrival():
    """By hand: looking for Exp(.4/5) days, three in four then order 5 and go on with .8 / 30 orders a day until Exp(.2/30)."""
    from scipy.integrate import quad

    force, convert, leave = math.log(1.1) / 365, 0.4 / 5, 0.2 / 30

    def flow(t):
        alive = 0.75 * convert / (leave - convert) * (math.exp(-convert * t) - math.exp(-leave * t))
        return math.exp(-force * t) * (5 * 0.75 * convert * math.exp(-convert * t) + 5 * 0.8 / 30 * alive)

    assert timed(shop(horizon=400.0))["value_365d"] == pytest.approx(quad(flow, 0, 365, epsabs=1e-12)[0], rel=CLOSE)


def test_a_gamma_rate_makes_the_first_gap_a_pareto():
    """Exponential gaps of 10 with a gamma(4) rate of mean 1: still looking with (1 + t / 40)^-4 (Lomax 1954)."""
    raw = single(personas={"all": {"traits": {"tempo": {"acts": "rate", "family": "gamma", "mean": 1.0, "cv": 0.5}}}}, arrivals={"days": 20.0})
    found = timed(raw)
    still = 40 / 3 * ((1 + 40 / 40) ** -3 - (1 + 60 / 40) ** -3) / 20

    assert [1 - found["conversion_rate"], 1 - found["conversion_rate_30d"]] == pytest.approx([still, 1.75**-4], abs=NUMERIC)


def test_customers_of_other_tempo_weigh_by_who_is_followed():
    """Retention with a rate trait: the mixture of those who converted in time, by integrating over the rate."""
    from scipy.integrate import quad
    from scipy.stats import gamma

    raw = single(personas={"all": {"traits": {"tempo": {"acts": "rate", "family": "gamma", "mean": 1.0, "cv": 0.5}}}})
    law = gamma(4, scale=0.25)
    stay, won = (quad(lambda r, k=k: law.pdf(r) * (1 - math.exp(-3 * r)) * math.exp(-k * r), 0, 12, epsabs=1e-12)[0] for k in (30 / 50, 0))

    assert timed(raw)["retention_30d"] == pytest.approx(stay / won, abs=NUMERIC)


@pytest.mark.parametrize("name", ["gamma", "weibull"])
def test_the_lattice_agrees_with_the_closed_form(name):
    """Gamma and Weibull gaps of variation 1 are exponential: every by-horizon value within its printed bound."""
    closed, answers = timed(shop(arrivals={"days": 90.0})), solve(world(shop(name, 1.0, arrivals={"days": 90.0})))

    assert max(answers.error_bound.values()) < 1e-5
    for quantity, value in closed.items():
        assert answers.by_horizon[quantity] == pytest.approx(value, abs=answers.error_bound[quantity] + 1e-10, rel=0)


def test_erlang_gaps_are_solved_as_phases():
    """A gamma gap of shape 2 is two exponential phases (Erlang 1917): conversion, presence and money agree within the bound."""
    raw = shop("gamma", math.sqrt(0.5), arrivals={"days": 90.0})
    phased = shop(arrivals={"days": 90.0})
    for name in ("looking", "buying"):
        stage = phased["stages"][name]
        phased["stages"][f"{name}_first"] = {"kind": stage["kind"], "next": {name: 1.0}, "gap": {"mean": stage["gap"]["mean"] / 2}}
        stage["gap"]["mean"] /= 2
        for row in (phased["stages"]["looking"]["next"], phased["stages"]["buying"]["next"]):
            if name in row:
                row[f"{name}_first"] = row.pop(name)
    phased["stages"]["looking"]["entry"], phased["stages"]["looking_first"]["entry"] = 0.0, 1.0
    phased["stages"]["buying_first"]["order"], phased["stages"]["buying"]["order"] = {"on_entry": 1.0}, {}
    found, expected = solve(world(raw)), timed(phased)

    for quantity in ("conversion_rate", "conversion_rate_90d", "churned", "lost", "orders", "revenue", "clv", "retention_30d", "retention_90d"):
        assert found.by_horizon[quantity] == pytest.approx(expected[quantity], abs=found.error_bound[quantity] + 1e-9, rel=0)


def test_the_error_of_the_lattice_falls_with_the_square_of_its_step():
    """Halving the step divides the error of U by four."""
    of = chain(profiles(world(shop("lognormal", 1.2)))[0])
    at = [Lattice(of, of.entry[None, :], 128.0, step).count(np.array([100.0]), 0)[0, 0] for step in (1.0, 0.5, 0.25, 1 / 64)]
    errors = [np.abs(found - at[3]).max() for found in at[:3]]

    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)


def test_fixed_gaps_are_counted_on_their_days():
    """A gap of 7 days until day 21: occasions on days 7 and 14, the one at the horizon does not happen."""
    raw = single("fixed", 7.0, onward=0.5, horizon=21.0)

    assert timed(raw)["conversion_rate"] == pytest.approx(0.75, abs=CLOSE)


def test_events_on_the_last_day_of_a_window_count():
    """A fixed gap of 30 days converts within 30 days."""
    assert timed(single("fixed", 30.0))["conversion_rate_30d"] == pytest.approx(1.0, abs=CLOSE)


def test_stages_without_a_gap_take_no_time():
    """A gap of 0: everybody converts at arrival, then stays Exp(50) days."""
    found = timed(single("fixed", 0.0))

    assert [found["conversion_rate"], found["present.client"]] == pytest.approx([1.0, math.exp(-60 / 50)], abs=NUMERIC)


def test_fixed_gaps_with_arrivals_over_time_are_averaged_exactly():
    """Gap 30, arrivals over 60 days, horizon 60: those who arrived before day 30 have converted."""
    assert timed(single("fixed", 30.0, arrivals={"days": 60.0}))["conversion_rate"] == pytest.approx(0.5, abs=CLOSE)


def test_a_fixed_gap_of_a_month_is_twelve_to_a_year():
    """365/12 days: the twelfth occasion is on day 365, the third only after 91 days."""
    raw = single("fixed", 365 / 12, onward=0.5, horizon=400.0)
    found = timed(raw)

    assert [found["conversion_rate_365d"], found["conversion_rate_90d"]] == pytest.approx([1 - 0.5**12, 1 - 0.5**2], abs=CLOSE)


def test_many_short_gaps_do_not_blur():
    """Gaps of a thousandth of a day beside one of 50 days: the closed form holds."""
    assert timed(single(mean=0.001))["present.client"] == pytest.approx(math.exp(-60 / 50), rel=1e-4)


def test_fixed_gaps_without_a_common_step_are_refused():
    """A gap of 355/113 days fits no lattice with a horizon of 997/7 days, and a varying rate fits none at all."""
    raw = single("fixed", 355 / 113, horizon=997 / 7)
    raw["personas"] = {"all": {"traits": {"tempo": {"acts": "rate", "family": "gamma", "cv": 0.5}}}}

    with pytest.raises(UnsolvableError) as refusal:
        solve(world(raw))
    assert [reason.split(":")[0] for reason in refusal.value.reasons] == ["personas.all.traits", "stages.*.gap"]
