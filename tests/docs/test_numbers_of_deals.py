"""Prices, contracts, returns, owners, saturation and rewards: the pages that show them run as they stand, and their numbers are what runs and theory give."""

import math
import re
from functools import cache

import numpy as np
import pytest

from sim.app.compose import study_options
from sim.app.library import load
from sim.customers import fold
from sim.log import ordered
from sim.metrics import METRICS
from sim.metrics.journey import facts
from sim.play import play
from sim.studies.replicate import summary
from sim.studies.warm_up import Asked, warm_up
from tests.configs.test_how_to import PAGES, write_files
from tests.contracts.conservation import rows_of
from tests.docs import test_numbers_of_pages as pages
from tests.docs.test_numbers_of_pages import percent, says
from tests.known.distance import FAR, t

COMMANDS = {
    "set_a_price": 3,
    "plan_a_year": 4,
    "give_money_back": 3,
    "sell_more": 4,
    "let_reps_own_accounts": 2,
    "saturate_a_channel": 4,
    "reward_referrals": 2,
}


@cache
def worlds(page):
    """Return the worlds of all commands of a page."""
    return pages.worlds(page, 0, COMMANDS[page])


@cache
def runs(page, command):
    """Return the facts of every replication that a command plays."""
    world = worlds(page)[command]
    return [facts(play(world, clock="compiled", replication=k, threads=1), intervals=False) for k in range(world.replications if world.couples else 1)]


def every(page, command, metric, by="all", group="all"):
    """Return one metric of every replication."""
    return [[m for m in run.once(metric, METRICS[metric]) if (m.by, m.group) == (by, group)] for run in runs(page, command)]


def number(page, command, metric, by="all", group="all"):
    """Return one number as the command prints it."""
    found = every(page, command, metric, by, group)
    return summary(found)[0].value if len(found) > 1 else found[0][0].value


@pytest.mark.parametrize("page", COMMANDS)
def test_a_page_of_a_deal_runs_as_shown_and_is_short(page):
    """Each `polku` line composes; under 40 lines."""
    text = (PAGES / f"{page}.md").read_text().splitlines()

    assert len(worlds(page)) == sum(line.startswith("    polku") for line in text)
    assert len(text) < 40


def test_a_chance_of_ones_own_and_a_reason_for_leaving_compose(tmp_path):
    """The one line each on the pages of personas and of competitors."""
    (trait,) = re.findall(r"`heart: (.*?)`", (PAGES / "describe_a_persona.md").read_text())
    (reason,) = re.findall(r"`reason: (.*?)`", (PAGES / "lose_to_a_competitor.md").read_text())
    for page in ("describe_a_persona", "lose_to_a_competitor"):
        write_files(page, tmp_path)

    student = load("personas=student", "journey=four_stage", f"+personas.student.traits.heart={trait}", config_dir=tmp_path).personas["student"]
    rivals = load("+experiment=rivals", f"+stages.to_competitor.reason={reason}", config_dir=tmp_path)
    assert student.traits["heart"].acts == "probability"
    assert rivals.stages["to_competitor"].reason == "rival"


def priced(price):
    """Return the profit of 10,000 at a price: the converted share, times orders on entry and on every second of the stays, times what is left of 40."""
    buys, stays = 0.2 * price**-5, 0.8 * price**-3
    orders = buys / (buys + 0.1) * (1 + 0.5 * stays / 0.2)
    return 10_000 * orders * (50 * price - 40)


def test_the_best_price_is_inside():
    """Three prices over the same luck, beside the chain's answer; five standard errors of each customer's profit."""
    found, exact = [number("set_a_price", k, "profit") for k in range(3)], [priced(price) for price in (1, 1.1, 1.2)]

    assert says("set_a_price", *(f"{profit:,.0f}" for profit in found), "200,000", *(f"{profit:,.0f}" for profit in exact[1:]))
    assert found[1] > max(found[0], found[2])
    for world, profit, truth in zip(worlds("set_a_price"), found, exact, strict=True):
        each = fold(play(world, clock="compiled"))["revenue"]
        assert abs(profit - truth) < FAR * math.sqrt(10_000) * each.std() * profit / each.sum()


def test_a_tenth_off_is_worth_the_odds_that_the_page_says():
    """0.9^-5, the price to the power of the sensitivity."""
    assert worlds("set_a_price")[0].personas["buyer"].revenue.sensitivity["looking"]["buying"] == -5
    assert f"0.9^-5 = {0.9**-5:.2f}" in (PAGES / "set_a_price.md").read_text()


def test_a_firm_with_customers_earns_from_the_first_month_on():
    """Fees of the first and the last month, with the steady state of Little's law on day 0 and without anybody."""
    months = [number("plan_a_year", command, "revenue", "month", month) for command in (0, 1) for month in ("0", "11")]
    day = 10_000 / 365

    assert says("plan_a_year", *(f"{money:,.0f}" for money in months))
    assert worlds("plan_a_year")[0].start == {"looking": {"member": round(day * 10 / 0.3)}, "buying": {"member": round(day * 2 / 3 * 150)}}
    for metric in ("conversion_rate", "value_365d", "cac", "clv", "retention_365d"):
        assert number("plan_a_year", 0, metric) == pytest.approx(number("plan_a_year", 1, metric), nan_ok=True)


def test_a_warm_up_finds_who_is_there():
    """What the study writes is what the page shows, and what Little's law says: each mean five of its standard errors around it (counts are Poisson)."""
    asked = Asked(**{name: value for name, value in study_options("warm_up").items() if name in Asked._fields})
    found, page = warm_up(worlds("plan_a_year")[2], asked), (PAGES / "plan_a_year.md").read_text()
    looking, buying = (found.start[stage]["member"] for stage in ("looking", "buying"))

    assert f"It says {looking:,} looking and {buying:,} buying" in page
    assert found.start == worlds("plan_a_year")[3].start
    assert found.is_warm
    assert abs(looking - 913) < FAR * math.sqrt(913 / found.runs)
    assert abs(buying - 2740) < FAR * math.sqrt(2740 / found.runs)


def test_a_year_that_begins_warm_earns_what_the_page_says():
    """The first and the last month."""
    first, last = (number("plan_a_year", 3, "revenue", "month", month) for month in ("0", "11"))

    assert f"(then EUR {first:,.0f} and {last:,.0f})" in (PAGES / "plan_a_year.md").read_text()


def test_returns_and_parts_move_money_and_no_order():
    """The same orders; 0.3 of them sent back, within five binomial standard errors; in parts a tenth and a little in the first month."""
    whole, back, parts = (number("give_money_back", k, "revenue") for k in range(3))
    first = [number("give_money_back", k, "revenue", "month", "0") for k in (2, 0)]
    orders = [int(np.count_nonzero(ordered(rows_of(play(world, clock="compiled"))))) for world in worlds("give_money_back")]

    assert says("give_money_back", f"{whole:,.0f}", f"{back:,.0f}", percent(1 - back / whole), *(f"{money:,.0f}" for money in first), f"{parts:,.0f}")
    assert len(set(orders)) == 1
    assert abs(1 - back / whole - 0.3) < FAR * math.sqrt(0.21 / orders[0])


def test_upgrades_and_a_club_bring_what_the_page_says():
    """The dearer stage against one fee; the club's profit, its revenue, and what its gifts cost: four a touch."""
    dear, plain = (number("sell_more", k, "revenue") for k in (0, 1))
    club, none = (number("sell_more", k, "profit") for k in (2, 3))
    more, gifts = number("sell_more", 2, "revenue") - number("sell_more", 3, "revenue"), number("sell_more", 2, "cost")

    assert says("sell_more", f"{dear:,.0f}", f"{plain:,.0f}", f"{club:,.0f}", f"{none:,.0f}", f"{more:,.0f}", f"{gifts:,.0f}")
    assert gifts == 4 * round(number("sell_more", 2, "exposures") * number("sell_more", 2, "engagement_rate"))
    assert club - none == pytest.approx(0.4 * more - gifts)


def test_four_queues_wait_longer_than_one():
    """Mean waits of M/M/1 and (Erlang C) M/M/4 at a load of 0.685: the journey is an open network with exponential service (Jackson 1957)."""
    a, servers, service = 10_000 / 365 / 0.3 * 0.1 * 0.3, 4, 0.3
    rho = a / servers
    late = a**servers / math.factorial(servers) / (1 - rho)
    waits = rho * service / (1 - rho), late / (sum(a**k / math.factorial(k) for k in range(servers)) + late) * service / (servers * (1 - rho))

    assert says("let_reps_own_accounts", *(f"{number('let_reps_own_accounts', k, 'queue_wait'):.3f}" for k in (0, 1)), *(f"{wait:.3f}" for wait in waits))
    for command, wait in enumerate(waits):
        found = [wait_found.value for (wait_found,) in every("let_reps_own_accounts", command, "queue_wait")]
        assert abs(t(found, wait)) < 13  # the tail of five normal ones, 9 degrees of freedom


def test_twice_the_money_does_not_buy_twice_the_touches():
    """Engagement at half and full intensity, and the ratio of touches: by frequency, and by spend over 20 replications."""
    rates = [number("saturate_a_channel", k, "engagement_rate", "channel", "ad") for k in range(4)]
    touches = [rate * number("saturate_a_channel", k, "exposures", "channel", "ad") for k, rate in enumerate(rates)]
    more = [f"{touches[k + 1] / touches[k]:.2f} times" for k in (0, 2)]

    assert says("saturate_a_channel", percent(rates[0]), percent(rates[1]), more[0], percent(rates[2]), percent(rates[3]), more[1])


def test_rewards_are_paid_for_the_referred_who_convert():
    """Ten each; as many are referred as the branching process says, 0.067 / (1 - 0.067) of founders, within five roots of the count."""
    money = [number("reward_referrals", k, metric) for k in (0, 1) for metric in ("cost", "profit")]
    customers = fold(play(worlds("reward_referrals")[0], clock="compiled"))
    referred = customers["parent"] >= 0
    chance = 2 / 3 * 5 * 0.02

    assert says("reward_referrals", *(f"{sum_:,.0f}" for sum_ in money))
    assert money[0] == 10 * np.count_nonzero(~np.isnan(customers["converted_at"][referred]))
    assert abs(referred.sum() - 10_000 * chance / (1 - chance)) < FAR * math.sqrt(10_000 * chance / (1 - chance) ** 3)
    assert f"0.067 / (1 - 0.067) = {percent(chance / (1 - chance))}" in (PAGES / "reward_referrals.md").read_text()
