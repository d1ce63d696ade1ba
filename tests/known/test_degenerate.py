"""V10: degenerate and extreme worlds whose runs can be told to the last digit, on both clocks."""

from copy import deepcopy

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of

N = 40
DAY = {"mean": 1.0, "family": "fixed"}


@pytest.fixture(params=["simpy", "compiled"])
def run(request):
    """Return a function that plays plain data and returns (log, rows, customers)."""

    def played(raw, replication=0):
        log = play(world(raw), clock=request.param, replication=replication)
        return log, rows_of(log), fold(log)

    return played


def line(**changes):
    """Return a straight line: seen on day 1, bought on day 2, gone on day 3, everybody, all on day 0; one order of 10."""
    stages = {
        "new": {"kind": "prospect", "entry": 1.0, "next": {"warm": 1.0}, "gap": DAY},
        "warm": {"kind": "prospect", "next": {"client": 1.0}, "gap": DAY},
        "client": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"left": 1.0}, "gap": DAY},
        "lost": {"kind": "lost"},
        "left": {"kind": "churned"},
    }
    value = {"revenue": {"value": {"mean": 10.0, "family": "fixed"}}}
    return deepcopy({"customers": N, "arrivals": {"days": 0.0}, "horizon": 10.0, "stages": stages, "personas": {"all": value}} | changes)


def with_channel(**channel):
    """Return the line with one channel that holds every occasion unless told otherwise."""
    return line(channels={"ad": {"share": 1.0} | channel})


def with_desk(people, service, **desk):
    """Return the line with every occasion of the first stage at a desk."""
    fixed = {"mean": service, "family": "fixed"}
    sales = {"people": people, "service": fixed, "gives_up_to": "lost"} | desk
    return line(channels={"call": {"share": {"new": 1.0}, "desk": "sales"}}, desks={"sales": sales})


def test_a_sure_way_forward_is_walked_by_everybody(run):
    """All probabilities 1: converted on day 2, left on day 3, three occasions."""
    _, rows, customers = run(line())

    assert (customers["converted_at"] == 2.0).all()
    assert (customers["churned_at"] == 3.0).all()
    assert len(rows) == 3 * N


def test_equal_gaps_tick_together(run):
    """Gaps without spread: the k-th occasion is on day k."""
    _, rows, _ = run(line())

    assert (rows["time"] == rows["number"] + 1).all()


@pytest.mark.parametrize("family", ["gamma", "lognormal", "weibull"])
def test_a_variation_of_zero_is_a_fixed_gap(run, family):
    """Any family with cv 0 is its mean."""
    raw = line()
    raw["stages"]["new"]["gap"] = {"mean": 1.0, "cv": 0.0, "family": family}

    assert np.allclose(run(raw)[1]["time"], run(line())[1]["time"], rtol=1e-12)


def test_one_customer_is_a_world(run):
    """One customer, three rows."""
    log, rows, customers = run(line(customers=1))

    assert (len(log.births), len(rows), customers["orders"].sum()) == (1, 3, 1)


def test_a_day_without_arrivals_leaves_an_empty_log(run):
    """Poisson with mean 1: some of 20 replications have nobody, and then nothing happens."""
    counts = []
    for replication in range(20):
        log, rows, _ = run(line(customers=1, arrivals={"days": 5.0, "shape": "poisson"}), replication)
        counts.append(len(log.births))
        assert len(rows) == np.clip(np.ceil(10.0 - log.births["arrived"]) - 1, 0, 3).sum()

    assert 0 in counts


def test_a_persona_without_share_never_arrives(run):
    """A share of 0 has no customers."""
    personas = {"all": {"share": 1.0}, "nobody": {"share": 0.0}}

    assert not run(line(personas=personas))[0].births["persona"].any()


def test_equally_spaced_arrivals_are_on_their_days(run):
    """Forty customers over 20 days: one every half day from day 0."""
    log, _, _ = run(line(arrivals={"days": 20.0, "shape": "even"}, horizon=30.0))

    assert np.array_equal(log.births["arrived"], np.arange(N) / 2)


def test_nothing_happens_at_the_horizon(run):
    """Horizon day 3: the third occasion, due on that day, does not happen; until day 1 nothing does."""
    assert len(run(line(horizon=3.0))[1]) == 2 * N
    assert len(run(line(horizon=1.0))[1]) == 0


def test_who_starts_as_a_customer_converts_without_an_order(run):
    """Entry at a customer stage: converted on arrival, no row for it, no order."""
    raw = line(personas={"all": {"entry": {"client": 1.0}}})
    _, rows, customers = run(raw)

    assert (customers["converted_at"] == customers["arrived"]).all()
    assert (len(rows), customers["orders"].sum()) == (N, 0)


def test_without_discount_value_to_date_is_margin(run):
    """Rate 0: one order of 10 at margin 0.4."""
    _, _, customers = run(line(money={"margin": 0.4, "discount_rate": 0.0}))

    assert customers["clv_to_date"] == pytest.approx([4.0] * N, rel=1e-12)


def test_orders_of_chance_zero_and_one_are_sure(run):
    """No order without a chance; with 1 everybody who enters orders."""
    raw = line()
    raw["stages"]["client"]["order"] = {"on_entry": 0.0}

    assert (run(line())[2]["orders"].sum(), run(raw)[2]["orders"].sum()) == (N, 0)


def test_a_channel_that_holds_everything_leaves_nothing_to_own(run):
    """Share 1: three exposures each, all engaged; each costs 2 and 3 more, the order 5."""
    _, rows, customers = run(with_channel(cost={"exposure": 2.0, "touch": 3.0, "order": 5.0}))

    assert (rows["channel"] == 1).all()
    assert customers["cost"] == pytest.approx([20.0] * N, rel=1e-12)


NEVER_THERE = {"share": {"share": 0.0}, "intensity": {"intensity": 0.0}, "budget": {"budget": {"amount": 0.0}, "cost": {"touch": 1.0}}}


@pytest.mark.parametrize("channel", NEVER_THERE.values(), ids=NEVER_THERE.keys())
def test_a_channel_that_is_never_there_is_own(run, channel):
    """No share, no intensity or no money: every occasion is a plain own one, free of charge."""
    _, rows, customers = run(with_channel(**channel))

    assert not rows["channel"].any()
    assert not customers["cost"].any()


def test_a_channel_that_engages_nobody_is_only_shown(run):
    """Engage 0: exposures without touches; odds never act."""
    raw = with_channel(engage=0.0, odds={"new": {"lost": 1e12}})
    raw["stages"]["new"]["next"] = {"warm": 1.0 - 1e-12, "lost": 1e-12}
    _, _, customers = run(raw)

    assert (customers["exposures"].sum(), customers["touches"].sum()) == (3 * N, 0)
    assert not np.isnan(customers["converted_at"]).any()


def test_overwhelming_odds_decide_every_race(run):
    """Odds of 1e15 turn a chance of one half into certainty."""
    raw = with_channel(odds={"new": {"lost": 1e15}})
    raw["stages"]["new"]["next"] = {"warm": 0.5, "lost": 0.5}

    assert (run(raw)[2]["lost_at"] == 1.0).all()


def test_a_pace_and_a_fixed_rate_stretch_time(run):
    """Half the pace halves the days; a rate of 4 quarters them."""
    paced = run(line(personas={"all": {"pace": 0.5}}))[1]["time"]
    rated = run(line(personas={"all": {"traits": {"tempo": {"acts": "rate", "family": "fixed", "mean": 4.0}}}}))[1]["time"]

    assert np.array_equal(paced, run(line())[1]["time"] / 2)
    assert np.array_equal(rated, run(line())[1]["time"] / 4)


def test_a_fixed_spend_multiplies_orders(run):
    """A spend trait of 3: orders of 30."""
    raw = line()
    raw["personas"]["all"]["traits"] = {"wallet": {"acts": "spend", "family": "fixed", "mean": 3.0}}

    assert run(raw)[2]["revenue"] == pytest.approx([30.0] * N, rel=1e-12)


def test_a_discount_comes_off_revenue_and_margin(run):
    """Order of 10 at 20 % off with margin 0.5: 8 paid, 3 earned."""
    _, _, customers = run(with_channel(discount=0.2) | {"money": {"margin": 0.5}})

    assert customers["revenue"] == pytest.approx([8.0] * N, rel=1e-7)
    assert customers["margin"] == pytest.approx([3.0] * N, rel=1e-7)


def test_enough_people_let_nobody_wait(run):
    """As many people as customers: no wait, everything half a day later."""
    _, rows, customers = run(with_desk(people=N, service=0.5))

    assert not rows["waited"].any()
    assert (customers["converted_at"] == 2.5).all()


def test_one_person_serves_in_the_order_of_numbers(run):
    """All ask on day 1 and take a tenth of a day: the k-th waits k tenths (ties are broken by customer)."""
    _, rows, _ = run(with_desk(people=1, service=0.1))
    first = rows[rows["number"] == 0]

    assert first["waited"] == pytest.approx(first["customer"] * 0.1, abs=1e-6)


def test_without_patience_only_who_is_called_at_once_is_served(run):
    """Patience 0 and two people: two of all who ask on day 1 are served, the others are lost that day."""
    _, rows, customers = run(with_desk(people=2, service=0.5, patience={"mean": 0.0, "family": "fixed"}))

    assert np.count_nonzero(L.kind(rows) == L.GAVE_UP) == N - 2
    assert np.count_nonzero(customers["lost_at"] == 1.0) == N - 2


def test_a_sure_referral_brings_one_each(run):
    """Chance 1 in the first stage, entering after it: N children, no grandchildren."""
    log, _, _ = run(line(referral={"chance": {"new": 1.0}, "enters": "warm"}))

    assert len(log.births) == 2 * N
    assert np.bincount(log.births["parent"][N:]).tolist() == [1] * N


def test_satisfaction_stays_in_its_range(run):
    """An experience of 2 is cut at 1, one of -2 at -1."""
    best, worst = (run(with_channel(experience={"mean": mean}) | {"drivers": {"satisfaction": {}}})[1]["satisfaction"] for mean in (2.0, -2.0))

    assert (best == 1).all()
    assert (worst == -1).all()


def test_an_arm_with_all_the_customers_is_the_world(run):
    """Shares 0 and 1: everybody is in the second arm, whose discount of half is everybody's."""
    arms = {"a": {"share": 0.0}, "b": {"share": 1.0, "set": {"channels.ad.discount": 0.5}}}
    log, _, customers = run(with_channel() | {"ab_test": {"name": "t", "arms": arms}})

    assert (log.births["arm"] == 1).all()
    assert customers["revenue"] == pytest.approx([5.0] * N, rel=1e-7)
