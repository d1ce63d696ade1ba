"""The exact solver: what becomes of customers in the end."""

import math
from copy import deepcopy

import numpy as np
import pytest

from sim.errors import UnsolvableError
from sim.model import known
from sim.model.check import world
from sim.model.exact import solve

CLOSE = 1e-9


def journey(**changes):
    """Return three stages with a way back and a way out of each, as plain data."""
    stages = {
        "aware": {"kind": "prospect", "entry": 0.75, "next": {"aware": 0.5, "deciding": 0.25, "lost": 0.25}, "gap": {"mean": 4.0}},
        "deciding": {"kind": "prospect", "entry": 0.25, "next": {"aware": 0.25, "deciding": 0.25, "client": 0.25, "lost": 0.25}, "gap": {"mean": 2.0}},
        "client": {"kind": "customer", "order": {"on_entry": 1.0, "on_stay": 0.5}, "next": {"client": 0.75, "left": 0.25}, "gap": {"mean": 10.0}},
        "lost": {"kind": "lost"},
        "left": {"kind": "churned"},
    }
    return {"horizon": 100.0, "arrivals": {"days": 0.0}, "stages": stages} | deepcopy(changes)


def priced(margin=0.5, rate=0.1):
    """Return `journey` with orders worth 8 each."""
    return journey(money={"margin": margin, "discount_rate": rate}, personas={"all": {"revenue": {"value": {"mean": 8.0, "cv": 0.5, "family": "lognormal"}}}})


def ever(raw):
    """Return the ever-values of a world given as plain data."""
    return solve(world(raw)).ever


def test_visits_solve_the_hand_written_equations():
    """By hand: a = 3/4 + a/2 + d/4 and d = 1/4 + a/4 + d/4, so a = 2 and d = 1; clients enter with d/4 and stay 4 occasions."""
    found = ever(journey())

    assert [found[f"visits.{s}"] for s in ("aware", "deciding", "client")] == pytest.approx([2.0, 1.0, 1.0], rel=CLOSE)


def test_customers_end_where_the_hand_written_equations_say():
    """By hand: d/4 = 1/4 convert and leave, the rest is lost."""
    found = ever(journey())

    assert [found[name] for name in ("conversion_rate", "churned", "lost", "stage_reach.left")] == pytest.approx([0.25, 0.25, 0.75, 0.25], rel=CLOSE)


def test_reach_counts_customers_once():
    """By hand: deciding is reached at the start (1/4) or from aware, which moves on with chance (1/4) / (1/2)."""
    found = ever(journey())

    assert found["stage_reach.deciding"] == pytest.approx(0.25 + 0.75 * 0.5, rel=CLOSE)


def test_entries_are_runs_of_occasions():
    """Every run in a stage has 1 / (1 - stay) occasions on average."""
    found = ever(journey())

    assert [found["entries.aware"], found["entries.deciding"]] == pytest.approx([2.0 * 0.5, 1.0 * 0.75], rel=CLOSE)


def test_the_number_of_steps_has_the_moments_of_its_distribution():
    """Mean and variance against the sum over k of P(steps > k), taken from start P^k."""
    answers = solve(world(journey()))
    alive = [sum(share for s, share in answers.after(k).items() if s in ("aware", "deciding", "client")) for k in range(400)]
    mean, square = sum(alive), sum((2 * k + 1) * p for k, p in enumerate(alive))

    assert [answers.ever["steps"], answers.ever["steps_variance"]] == pytest.approx([mean, square - mean**2], rel=CLOSE)


def test_the_distribution_after_two_steps_is_multiplied_by_hand():
    """Aware after 2: from aware 3/4 * (1/4 + 1/16), from deciding 1/4 * (1/8 + 1/16)."""
    assert solve(world(journey())).after(2)["aware"] == pytest.approx(0.75 * (0.25 + 1 / 16) + 0.25 * (1 / 8 + 1 / 16), rel=CLOSE)


def test_mean_times_are_visits_times_gaps():
    """Renewal rewards: 2 * 4 + 1 * 2 + 1 * 10 days in all, whatever the family of the gaps."""
    raw = journey()
    raw["stages"]["aware"]["gap"] = {"mean": 4.0, "cv": 1.3, "family": "lognormal"}

    assert ever(raw)["days"] == pytest.approx(20.0, rel=CLOSE)


def test_a_geometric_sum_of_exponential_gaps_is_exponential():
    """A run in aware is exponential with mean 4 / (1/2), so its variance is the mean squared (Feller 1971, II.4)."""
    found = ever(journey())

    assert [found["dwell_time.aware"], found["dwell_variance.aware"]] == pytest.approx([8.0, 64.0], rel=CLOSE)


def test_the_variance_of_days_is_that_of_independent_parts():
    """Fixed days before the order, exponential after: straight through two stages the variances add up."""
    raw = journey()
    raw["stages"]["aware"] |= {"entry": 1.0, "next": {"client": 1.0}, "gap": {"mean": 4.0, "cv": 0.5, "family": "gamma"}}
    raw["stages"]["deciding"] |= {"entry": 0.0}

    assert ever(raw)["days_variance"] == pytest.approx((4 * 0.5) ** 2 + 40.0**2, rel=CLOSE)


def test_a_rate_trait_stretches_days_by_its_inverse_moments():
    """Gamma rate with shape 4 and mean 1: E[1/r] = 4/3, E[1/r^2] = 16/6."""
    raw = journey(personas={"all": {"traits": {"tempo": {"acts": "rate", "family": "gamma", "mean": 1.0, "cv": 0.5}}}})
    found = ever(raw)

    assert [found["dwell_time.aware"], found["dwell_variance.aware"]] == pytest.approx([8 * 4 / 3, 2 * 64 * 16 / 6 - (8 * 4 / 3) ** 2], rel=CLOSE)


def test_orders_and_money_count_entries_and_stays():
    """1/4 enters with an order; 1 occasion in all as a client stays with 3/4 and orders half the time."""
    found = ever(priced())

    assert [found["orders"], found["revenue"], found["margin"]] == pytest.approx([0.25 + 0.375, 8 * 0.625, 4 * 0.625], rel=CLOSE)


def test_customer_value_without_discount_is_margin_per_customer_won():
    """One order at the conversion, then 4 occasions with 3/8 orders each."""
    assert ever(priced(rate=0.0))["clv"] == pytest.approx(4 * (1 + 4 * 0.375), rel=CLOSE)


def test_customer_value_is_discounted_gap_by_gap():
    """Exponential gaps of 10 days: E[e^(-d gap)] = 1 / (1 + 10 d) = f, value 4 (1 + 3/8 f / (1 - 3/4 f))."""
    shrink = 1 / (1 + 10 * math.log(1.1) / 365)

    assert ever(priced())["clv"] == pytest.approx(4 * (1 + 0.375 * shrink / (1 - 0.75 * shrink)), rel=CLOSE)


@pytest.mark.parametrize(("family", "cv"), [("lognormal", 1.2), ("weibull", 0.7), ("gamma", 2.0)])
def test_discounted_gaps_agree_with_adaptive_quadrature(family, cv):
    """E[e^(-d X)] against scipy.integrate.quad over the density."""
    from scipy.integrate import quad

    from sim.model.exact.spreads import _law, transform
    from sim.model.world import Spread

    spread = Spread(family=family, mean=30.0, cv=cv)
    law = _law(spread)
    expected = sum(quad(lambda u: math.exp(-0.01 * law.ppf(u)), a, b, epsabs=1e-13, limit=500)[0] for a, b in ((0, 0.5), (0.5, 1)))

    assert transform(spread, 0.01) == pytest.approx(expected, abs=1e-9)


def test_channels_are_mixed_after_the_race():
    """By hand: 0.3 of occasions see the ad, half engage, and the odds of 2 turn (.5, .25, .25) into (.4, .4, .2)."""
    raw = journey(channels={"ad": {"share": 0.3, "engage": 0.5, "odds": {"aware": {"deciding": 2.0}}}})
    raw["stages"]["deciding"]["next"] = {"client": 1.0}
    onward, out = 0.85 * 0.25 + 0.15 * 0.4, 0.85 * 0.25 + 0.15 * 0.2

    assert ever(raw)["conversion_rate"] == pytest.approx(0.25 + 0.75 * onward / (onward + out), rel=CLOSE)


def test_shares_are_scaled_by_affinity_and_intensity():
    """Share 0.2 times affinity 1.5 times intensity 2 is the 0.6 of occasions that cost 1 each, 0.5 of them engaged at 3 more."""
    channel = {"share": {"aware": 0.2}, "intensity": 2.0, "engage": 0.5, "cost": {"exposure": 1.0, "touch": 3.0}}
    found = ever(journey(channels={"ad": channel}, personas={"all": {"channels": {"ad": 1.5}}}))

    assert [found["exposures"], found["touches"], found["cost"]] == pytest.approx([2 * 0.6, 2 * 0.3, 2 * (0.6 + 0.9)], rel=CLOSE)


def test_a_discount_costs_margin():
    """Half the orders come through a coupon of 20 %: revenue 0.8 and contribution 0.5 - 0.2 of the value; an order costs 1."""
    raw = priced() | {"channels": {"coupon": {"share": 0.5, "discount": 0.2, "cost": {"order": 1.0}}}}
    found = ever(raw)

    assert [found["revenue"], found["margin"], found["cost"]] == pytest.approx([5 * 0.9, 5 * (0.5 + 0.3) / 2, 0.625 / 2], rel=CLOSE)


def test_personas_are_mixed_as_sums_over_sums():
    """Two personas of other value: the mean customer value weighs by customers won, not by arrivals."""
    raw = priced(rate=0.0)
    raw["personas"] = {
        "keen": {"share": 0.4, "entry": {"deciding": 1.0}, "revenue": {"value": {"family": "fixed", "mean": 20.0}}},
        "slow": {"share": 0.6, "entry": {"aware": 1.0}, "revenue": {"value": {"family": "fixed", "mean": 8.0}}},
    }
    answers = solve(world(raw))
    keen, slow = (answers.groups["persona", name].ever for name in ("keen", "slow"))
    won = [0.4 * keen["conversion_rate"], 0.6 * slow["conversion_rate"]]

    assert keen["conversion_rate"] == pytest.approx(0.4, rel=CLOSE)  # by hand: d = 1 + a/4 + d/4, a = d/2
    assert answers.ever["clv"] == pytest.approx(np.average([keen["clv"], slow["clv"]], weights=won), rel=CLOSE)


def test_arms_are_solved_apart():
    """In one arm deciding always leads to a client: there, who decides converts; the other arm stays as it was."""
    arms = {"a": {"share": 0.5}, "b": {"share": 0.5, "set": {"stages.deciding.next": {"client": 1.0}}}}
    answers = solve(world(journey(ab_test={"name": "t", "arms": arms})))

    assert answers.groups["arm", "b"].ever["conversion_rate"] == pytest.approx(answers.groups["arm", "b"].ever["stage_reach.deciding"], rel=CLOSE)
    assert answers.groups["arm", "a"].ever["conversion_rate"] == pytest.approx(0.25, rel=CLOSE)


def test_who_arrives_as_a_customer_converts_without_an_order():
    """Conversion at arrival: no occasion, no order, no money."""
    found = ever(known.subscription(renew=0.0, price=9.0, margin=1.0, rate=0.0).world)

    assert (found["conversion_rate"], found["orders"], found["clv"]) == (1.0, 0.0, 0.0)


def test_worlds_without_an_exact_answer_are_refused_with_every_reason():
    """Desk, budget, memory, traits on odds and two traits on gaps are named together."""
    raw = journey(
        channels={"ad": {"share": 0.1, "budget": {"amount": 1.0}, "desk": "sales"}},
        desks={"sales": {"people": 1, "service": {"mean": 1.0}}},
        drivers={"satisfaction": {"odds": {"client": {"left": 0.5}}}},
        personas={
            "all": {
                "traits": {
                    "a": {"acts": "rate", "family": "gamma", "cv": 0.5},
                    "b": {"acts": "rate", "family": "gamma", "cv": 0.5},
                    "c": {"acts": "odds", "of": {"client": {"left": 1.0}}, "family": "gamma"},
                }
            }
        },
    )
    with pytest.raises(UnsolvableError) as refusal:
        solve(world(raw))

    named = [reason.split(":")[0] for reason in refusal.value.reasons]
    assert named == ["desks.sales", "channels.ad.budget", "drivers.satisfaction.odds", "personas.all.traits.c", "personas.all.traits"]


def test_drivers_without_odds_change_nothing():
    """Satisfaction that bends nothing leaves the chain as it is."""
    raw = journey(drivers={"satisfaction": {"odds": {"client": {"left": 1.0}}}}, channels={"ad": {"share": 0.5, "experience": {"mean": 0.3}}})

    assert ever(raw)["conversion_rate"] == pytest.approx(0.25, rel=CLOSE)


def test_families_that_never_end_are_refused():
    """More than one referred customer per referred customer: no finite answer."""
    with pytest.raises(UnsolvableError) as refusal:
        solve(world(known.advocates(chance=0.5, leaves=0.4).world))

    assert "1.25" in refusal.value.reasons[0]


def test_stages_that_nobody_leaves_are_refused():
    """Without an exit the ever-values are infinite."""
    raw = journey()
    raw["stages"]["client"]["next"] = {"client": 1.0}

    with pytest.raises(UnsolvableError) as refusal:
        solve(world(raw))
    assert refusal.value.reasons[0].startswith("stages.client")


def test_the_table_has_both_kinds_side_by_side():
    """A quantity, its group, ever, by horizon, unit and error bound, in rows."""
    rows = {(row.quantity, row.by, row.group): row for row in solve(world(priced())).table()}

    row = rows["conversion_rate", "all", "all"]
    assert (row.ever, row.unit) == (pytest.approx(0.25, rel=CLOSE), "share")
    assert row.by_horizon == pytest.approx(0.25, abs=0.01)
    assert row.error_bound < 1e-6
    assert rows["visits", "stage", "aware"].ever == pytest.approx(2.0, rel=CLOSE)
