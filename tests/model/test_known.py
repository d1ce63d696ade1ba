"""The worlds with known answers, and the formulas of queues and families."""

import math

import numpy as np
import pytest

from sim.model import known
from sim.model.check import world
from sim.model.exact import solve

CLOSE = 1e-9
WORLDS = {
    "tiny": known.tiny(),
    "tiny, other numbers": known.tiny(0.2, 0.1, 0.55),
    "ruin, unfair": known.gamblers_ruin(3, 10, 0.45),
    "ruin, fair": known.gamblers_ruin(3, 10, 0.5),
    "subscription": known.subscription(renew=0.8, price=100.0, margin=0.5, rate=0.1),
    **{policy: known.full_funnel(policy) for policy in known.POLICIES},
}


@pytest.mark.parametrize("case", WORLDS.values(), ids=WORLDS.keys())
def test_the_solver_finds_the_known_answers(case):
    """Every known world has the answers of its source."""
    ever = solve(world(case.world)).ever

    assert case.answers == pytest.approx({name: ever[name] for name in case.answers}, rel=CLOSE)


def test_the_full_funnel_policies_are_ordered_as_published():
    """Yang (HBS 525-065): performance alone and two visits of each differ by 0.03 points, the full funnel is best."""
    found = {policy: solve(world(known.full_funnel(policy).world)).ever["conversion_rate"] for policy in known.POLICIES}

    assert sorted(found, key=lambda policy: found[policy]) == ["nothing", "branding", "performance", "branding_then_performance", "full_funnel"]


def test_odds_turn_one_chance_into_another():
    """From 1 in 10 to 4 in 10 is odds of (2/3) / (1/9) = 6."""
    assert known.odds_ratio(0.1, 0.4) == pytest.approx(6.0, rel=CLOSE)


def test_erlang_b_is_the_published_table():
    """Erlang B tables (Cooper 1981, appendix): 5 Erlang on 5 lines 0.2849, on 10 lines 0.0184."""
    assert [round(known.erlang_b(lines, 5.0), 4) for lines in (5, 10)] == [0.2849, 0.0184]


def test_erlang_c_is_the_eye_clinic():
    """Gross, Shortle, Thompson and Harris (2008), example 2.2: 3 doctors, 6 arrivals and 3 services an hour: p0 = 1/9, so C = 4/9 and Wq = 4/27 hours."""
    queue = known.erlang_c(people=3, load=2 / 3, service=1 / 3)

    assert (queue.waits, queue.mean_wait) == pytest.approx((4 / 9, 4 / 27), rel=CLOSE)


def test_erlang_c_with_one_server_is_the_m_m_1_queue():
    """M/M/1: C = load and Wq = load service / (1 - load)."""
    queue = known.erlang_c(people=1, load=0.8, service=2.0)

    assert (queue.waits, queue.mean_wait) == pytest.approx((0.8, 8.0), rel=CLOSE)


def test_erlang_a_with_patience_like_service_is_poisson():
    """With equal rates of service and abandonment the number present is M/M/infinity: Poisson(a) (Palm 1957)."""
    from scipy.stats import poisson

    people, load = 5, 1.2
    queue, present = known.erlang_a(people, load, 1.0, 1.0), poisson(people * load)
    waiting = sum((n - people) * present.pmf(n) for n in range(people, 200))

    assert (queue.waits, queue.gives_up) == pytest.approx((present.sf(people - 1), waiting / (people * load)), rel=CLOSE)


def test_erlang_a_without_end_of_patience_is_erlang_c():
    """Patience that never ends leaves Erlang C."""
    patient, plain = known.erlang_a(4, 0.75, 1.0, 1e12), known.erlang_c(4, 0.75)

    assert (patient.waits, patient.mean_wait, patient.utilisation) == pytest.approx((plain.waits, plain.mean_wait, plain.utilisation), rel=CLOSE)


def test_all_who_wait_are_served_or_give_up_in_proportion_to_their_waiting():
    """Little's law on the queue: the share that gives up is E[wait of all] / patience."""
    queue = known.erlang_a(people=1, load=0.5, service=1.0, patience=2.0)
    # one person: weights of n present by hand, n falls at rate 1 + (n - 1) / 2
    weights = [math.prod(0.5 / (1 + j / 2) for j in range(n)) for n in range(60)]
    length = sum((n - 1) * w for n, w in enumerate(weights) if n > 1) / sum(weights)

    assert queue.gives_up == pytest.approx(length / 0.5 / 2.0, rel=CLOSE)


def test_a_family_that_dies_out_is_the_smaller_fixed_point():
    """Poisson children of mean 1.5: the root below 1 of s = exp(1.5 (s - 1))."""
    chance = known.extinction(lambda s: math.exp(1.5 * (s - 1)))

    assert chance < 0.5
    assert math.log(chance) == pytest.approx(1.5 * (chance - 1), rel=CLOSE)


def test_families_without_bound_are_infinite():
    """From one child per customer on, the expected family is infinite (Harris 1963)."""
    assert (known.family_mean(1.0), known.family_variance(1.2, 1.0)) == (math.inf, math.inf)


def test_the_variance_of_a_family_is_that_of_its_parts():
    """T = 1 + sum of Z independent families: var T = (s^2 E[T]^2) / (1 - m), conditioning on the children."""
    mean, variance = 0.4, 0.56

    assert known.family_variance(mean, variance) == pytest.approx(variance * known.family_mean(mean) ** 2 / (1 - mean), rel=CLOSE)


def test_the_solver_knows_the_size_of_families():
    """Advocates: chance / leaves children each, 1 / (1 - m) in all."""
    case = known.advocates(chance=0.1, leaves=0.25)

    assert case.answers["family"] == pytest.approx(solve(world(case.world)).family, rel=CLOSE)


def test_bg_nbd_has_the_published_expectations():
    """CDNOW: 1.197 orders in 39 weeks, 1.861 in 78; the chances of all numbers of orders sum to 1 and to the same mean (equations 8 and 9)."""
    assert [round(known.CDNOW.orders(weeks), 3) for weeks in (39, 78)] == [1.197, 1.861]
    chances = known.CDNOW.chances(5000, 39.0)
    assert (chances.sum(), chances @ np.arange(5001)) == pytest.approx((1.0, known.CDNOW.orders(39)), rel=CLOSE)
    assert chances[0] == pytest.approx((4.414 / 43.414) ** 0.243, rel=CLOSE)  # nobody leaves before they have ordered


def test_renewal_follows_the_recursion_of_the_paper():
    """Fader and Hardie 2007, equation 7: of those renewed k - 1 times (b + k - 1) / (a + b + k - 1) renew again."""
    for a, b in (known.REGULAR, known.HIGH_END):
        steps = [known.renewed(a, b, k) / known.renewed(a, b, k - 1) for k in range(1, 13)]
        assert steps == pytest.approx([(b + k - 1) / (a + b + k - 1) for k in range(1, 13)], rel=CLOSE)


def test_an_average_counts_the_more_the_more_orders_it_has():
    """Fader and Hardie 2013: without orders everybody's mean p gamma / (q - 1), with very many the own average; one order of CDNOW counts 6.25 / 8.99."""
    spend = known.CDNOW_SPEND

    assert spend.expected(0, 100.0) == spend.mean == pytest.approx(6.25 * 15.45 / 2.74, rel=CLOSE)
    assert spend.expected(1, 100.0) - spend.mean == pytest.approx(6.25 / 8.99 * (100.0 - spend.mean), rel=CLOSE)
    assert spend.expected(1e12, 100.0) == pytest.approx(100.0, rel=1e-9)
