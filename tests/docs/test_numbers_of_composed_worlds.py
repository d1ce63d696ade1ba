"""Worlds composed of what the schema has: the pages that show them run as they stand, and their numbers are what runs and theory give."""

from functools import cache

import pytest

from sim.customers import fold
from sim.metrics import METRICS
from sim.metrics.journey import facts
from sim.model.exact.answers import mixed
from sim.model.exact.chain import chain
from sim.model.exact.ever import ever
from sim.model.profiles import profiles
from sim.play import play
from tests.configs.test_how_to import PAGES
from tests.docs import test_numbers_of_pages as pages
from tests.docs.test_numbers_of_pages import percent, says
from tests.known.distance import FAR, z_share

worlds = cache(pages.worlds)
COMPOSED = ("enter_and_leave_the_market", "lose_to_a_competitor", "wake_cooled_leads", "say_why_they_come", "serve_after_the_sale")


@pytest.mark.parametrize("page", COMPOSED)
def test_a_page_of_a_composed_world_runs_as_shown_and_is_short(page):
    """Each `polku` line composes; under 40 lines."""
    assert len(worlds(page)) == 2
    assert len((PAGES / f"{page}.md").read_text().splitlines()) < 40


def measured(world, metric, by):
    """Return one metric of a run by group, as metrics.csv has it."""
    log = play(world, clock="compiled")
    return {m.group: m.value for m in METRICS[metric](facts(log, intervals=False)) if m.by == by}


def ended(world):
    """Return the share of customers who are in each stage at the horizon."""
    stage = fold(play(world, clock="compiled"))["stage"]
    return {name: (stage == number).mean() for number, name in enumerate(world.stages)}


def test_as_many_are_in_the_market_as_the_renewal_theorem_says():
    """Alternating renewal: mean time in over mean time in and out, 50 / 950, whether needs come by chance or by contract."""
    found = [ended(world)["looking"] for world in worlds("enter_and_leave_the_market")]

    assert says("enter_and_leave_the_market", percent(50 / 950, 2), *(percent(share, 2) for share in found))
    assert max(abs(z_share(share, 50 / 950, 20_000)) for share in found) < FAR


@pytest.mark.parametrize(("rival", "odds"), [(0, 1), (1, 2)])
def test_deals_are_won_lost_and_left_undecided_by_their_odds(rival, odds):
    """Independent occasions until one decides: shares are weights over their sum; the odds of the rival weigh on all others alike."""
    world = worlds("lose_to_a_competitor")[rival]
    reach = measured(world, "stage_reach", "stage")
    found = [reach[stage] for stage in ("client", "to_competitor", "no_decision")]
    weights = [0.09, 0.06 * odds, 0.15]

    assert says("lose_to_a_competitor", *(f"{100 * share:.1f}" for share in found))
    assert max(abs(z_share(share, weight / sum(weights), 10_000)) for share, weight in zip(found, weights, strict=True)) < FAR


def test_customers_switch_and_stop_by_their_odds():
    """At a renewal .12 : .08 switch and stop, with odds of 2 on the rival .24 : .08."""
    for world, share in zip(worlds("lose_to_a_competitor"), (0.6, 0.75), strict=True):
        found = ended(world)
        renewed_no_more = found["switched"] + found["no_need"]
        assert abs(z_share(found["switched"] / renewed_no_more, share, 10_000 * renewed_no_more)) < FAR


def test_a_rule_wakes_cooled_leads():
    """0.05 / (0.5 - 0.4 c), c = 0.2, and with the rule 0.6 x 0.2 + 0.4 x (0.8 / 1.6)."""
    cold, woken = (measured(world, "conversion_rate", "all")["all"] for world in worlds("wake_cooled_leads"))

    assert says("wake_cooled_leads", percent(cold), percent(woken))
    assert abs(z_share(cold, 0.05 / (0.5 - 0.4 * 0.2), 10_000)) < FAR
    assert abs(z_share(woken, 0.05 / (0.5 - 0.4 * 0.32), 10_000)) < FAR


def test_why_they_come_shows_in_how_many_buy_and_how_soon():
    """The chain's conversion of each persona in the end (after three years nobody is left), and the days that the run took."""
    (world, _) = worlds("say_why_they_come")
    rates, days = (measured(world, metric, "persona") for metric in ("conversion_rate", "time_to_convert_mean"))
    exact = {profile.persona: mixed((profile,), [ever(profile, chain(profile))])["all", "all"]["conversion_rate"] for profile in profiles(world)}

    assert says("say_why_they_come", *(f"{100 * rate:.1f}" for rate in [*exact.values(), *rates.values()]), *(f"{mean:.0f}" for mean in days.values()))
    for name, persona in world.personas.items():
        assert abs(z_share(rates[name], exact[name], 10_000 * persona.share)) < FAR


def test_help_brings_the_second_product():
    """From owner s = .03 + .85 s + .1 h s, so s = .03 / (.15 - .1 h), h the chance to be an owner again after needing help."""
    helped, alone = (measured(world, "stage_reach", "stage")["second_product"] for world in worlds("serve_after_the_sale"))

    assert says("serve_after_the_sale", percent(helped), percent(alone))
    assert abs(z_share(helped, 0.03 / (0.15 - 0.1 * 0.7 / 0.76), 10_000)) < FAR
    assert abs(z_share(alone, 0.03 / (0.15 - 0.1 * 0.7), 10_000)) < FAR
